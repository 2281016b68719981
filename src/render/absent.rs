//! Decides why a coupled workload has no Plug now: the Plug was removed, left out on purpose, or
//! forgotten.

use std::collections::BTreeSet;

use super::own_objects::OwnObjects;
use super::service_bindings;
use crate::api::{BinderKind, Orphans, Plug, ServiceBinding, ServiceBindings, Settings, Socket};
use crate::couple;
use crate::diagnostic::{Code, Diagnostic, Findings, Setting, words};
use crate::manifest::Place;
use crate::manifest::stream::Stream;
use crate::project::{OwnerKey, Record, Sources};

/// Who is there.
pub(super) struct Absent<'r> {
    /// What writes into objects, by namespace and annotation.
    present: BTreeSet<(Option<&'r String>, OwnerKey)>,
    /// Whether nothing of ours is in the stream.
    sourceless: bool,
    /// The Sockets of the catalogue, as records name them.
    catalogue: BTreeSet<String>,
    orphans: Orphans,
    /// Whether ServiceBindings are there and are not coupled.
    passes_bindings: bool,
}

impl<'r> Absent<'r> {
    pub(super) fn new(ours: &'r OwnObjects, stream: &Stream<'_>, settings: &Settings) -> Self {
        let plugs = ours.integrations.plugs.iter().map(Plug::binder);
        let writing = ours.integrations.sockets.iter();
        let writing = writing.filter(|socket| socket.writes()).map(Socket::binder);
        let bindings = ours.integrations.service_bindings.iter();
        let bindings = bindings.map(ServiceBinding::binder);
        let present = plugs.chain(writing).chain(bindings).map(|binder| {
            let key = OwnerKey::of(binder.kind, &binder.meta.name.value);
            (binder.meta.namespace.as_ref(), key)
        });
        let sockets = ours.integrations.sockets.iter();
        let catalogue = sockets.filter(|socket| socket.meta.catalogue);
        Self {
            present: present.collect(),
            sourceless: ours.objects.is_empty(),
            catalogue: catalogue.map(couple::socket_name).collect(),
            orphans: settings.orphans,
            passes_bindings: settings.service_bindings == ServiceBindings::Pass
                && service_bindings::of_stream(stream).next().is_some(),
        }
    }

    /// Whether a workload with this record is left as it is. `alone`: nobody couples it now.
    pub(super) fn leave(
        &self,
        record: &Record,
        namespace: Option<&String>,
        alone: bool,
        at: Place,
        out: &mut Findings,
    ) -> bool {
        let (here, absent): (Vec<_>, Vec<_>) = record
            .owners
            .keys()
            .map(|owner| (namespace, owner.clone()))
            .partition(|owner| self.present.contains(owner));
        let absent: Vec<_> = absent.into_iter().map(|(_, owner)| owner).collect();
        if absent.is_empty() {
            false
        } else if record.sources == Sources::Omitted {
            let alone = here.is_empty() && alone;
            let undo = self.orphans == Orphans::Undo;
            if alone {
                out.report(omitted(&absent, at));
            } else if !undo {
                out.report(torn(&absent, at));
            }
            alone || !undo
        } else if self.sourceless
            && !self.is_of_catalogue(record, &absent)
            && !self.are_passed(&absent)
        {
            if self.orphans == Orphans::Refuse {
                out.report(sourceless(&absent, at));
            }
            self.orphans != Orphans::Undo
        } else {
            out.report(match self.are_passed(&absent) {
                true => passed(&absent, at),
                false => decoupled(&absent, at),
            });
            false
        }
    }

    /// Whether every Socket of these is in the catalogue: then the last Plug was removed, and the
    /// sources were not forgotten.
    fn is_of_catalogue(&self, record: &Record, owners: &[OwnerKey]) -> bool {
        let mut records = owners.iter().map(|owner| record.owners.get(owner));
        records.all(|owner| owner.is_some_and(|owner| self.catalogue.contains(&owner.socket)))
    }
}

impl Absent<'_> {
    /// Whether these are ServiceBindings that another program binds from now on.
    fn are_passed(&self, owners: &[OwnerKey]) -> bool {
        let is_binding = |owner: &OwnerKey| owner.kind == BinderKind::ServiceBinding;
        self.passes_bindings && owners.iter().all(is_binding)
    }
}

/// What was coupled by coupler alone, and is left to another program from now on.
fn passed(owners: &[OwnerKey], at: Place) -> Diagnostic {
    let (verb, they) = match owners.len() {
        1 => ("is", "it"),
        _ => ("are", "them"),
    };
    let message = format!(
        "{} {verb} no longer coupled: what was written for {they} is removed",
        names(owners)
    );
    Diagnostic::info(Code::Decoupled, message).at(at, "coupled by an earlier run")
}

fn decoupled(owners: &[OwnerKey], at: Place) -> Diagnostic {
    let (verb, they) = match owners.len() {
        1 => ("is", "it"),
        _ => ("are", "them"),
    };
    let message = format!(
        "{} {verb} no longer in the input: what was written for {they} is removed",
        names(owners)
    );
    Diagnostic::info(Code::Decoupled, message).at(at, "coupled by an earlier run")
}

fn torn(plugs: &[OwnerKey], at: Place) -> Diagnostic {
    let message = format!(
        "{} left out when this workload was coupled, and now other Plugs couple it too",
        were(plugs)
    );
    Diagnostic::error(Code::IntegrationsMissing, message)
        .at(at, "coupled by an earlier run")
        .help(words![
            "render it once, from its source, together with all its Plugs; or undo the earlier \
             coupling: ",
            Setting::OrphansUndo
        ])
}

fn omitted(plugs: &[OwnerKey], at: Place) -> Diagnostic {
    let message = format!(
        "{} left out of this input on purpose: the couplings are not changed",
        were(plugs)
    );
    Diagnostic::info(Code::SourcesOmitted, message).at(at, "coupled by an earlier run")
}

fn sourceless(owners: &[OwnerKey], at: Place) -> Diagnostic {
    let message = "the input has a coupled workload, and no Plug, Socket or Interface";
    let error = Diagnostic::error(Code::IntegrationsMissing, message).at(
        at,
        format!("{} in the input when it was coupled", were(owners)),
    );
    let are_bindings = owners
        .iter()
        .all(|owner| owner.kind == BinderKind::ServiceBinding);
    error.help(match are_bindings {
        true => words![
            "render it together with its ServiceBinding (",
            Setting::CoupleServiceBindings,
            "); or, if that was deleted, remove its coupled variables with ",
            Setting::OrphansUndo,
            ", or keep them with ",
            Setting::OrphansKeep
        ],
        false => words![
            "render it together with its Plug and Socket; or, if they were deleted, remove its coupled variables with ",
            Setting::OrphansUndo,
            ", or keep them with ",
            Setting::OrphansKeep
        ],
    })
}

fn were(owners: &[OwnerKey]) -> String {
    match owners.len() {
        1 => format!("{} was", names(owners)),
        _ => format!("{} were", names(owners)),
    }
}

/// ``Plug `a` ``, ``the Plugs `a`, `b` ``, ``the Plugs `a`, `b` and Socket `c` ``.
fn names(owners: &[OwnerKey]) -> String {
    let of_kind = |wanted: BinderKind| {
        let of_kind = owners.iter().filter(move |owner| owner.kind == wanted);
        let names: Vec<_> = of_kind.map(|owner| format!("`{}`", owner.name)).collect();
        let word = wanted.word();
        match &names[..] {
            [] => None,
            [only] => Some(format!("{word} {only}")),
            many => Some(format!("the {word}s {}", many.join(", "))),
        }
    };
    let all: Vec<_> = BinderKind::ALL.into_iter().filter_map(of_kind).collect();
    all.join(" and ")
}
