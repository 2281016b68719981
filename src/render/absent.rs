//! Decides what it means that a coupled workload has no Plug any more: removed, left out on
//! purpose, or forgotten.

use std::collections::BTreeSet;

use super::own_objects::OwnObjects;
use crate::api::Orphans;
use crate::couple;
use crate::diagnostic::{Code, Diagnostic, Findings, Setting, words};
use crate::manifest::Place;
use crate::project::{self, Record, Sources};

/// Who is there.
pub(super) struct Absent<'r> {
    /// The Plugs by namespace and by the name of their annotation.
    present: BTreeSet<(Option<&'r String>, String)>,
    /// Whether nothing of ours is in the stream.
    sourceless: bool,
    /// The Sockets of the catalogue, as records name them.
    catalogue: BTreeSet<String>,
    orphans: Orphans,
}

impl<'r> Absent<'r> {
    pub(super) fn new(ours: &'r OwnObjects, orphans: Orphans) -> Self {
        let plugs = ours.integrations.plugs.iter().map(|plug| &plug.meta);
        let present = plugs
            .map(|meta| (meta.namespace.as_ref(), project::plug_key(&meta.name.value)))
            .collect();
        let sockets = ours.integrations.sockets.iter();
        let catalogue = sockets.filter(|socket| socket.meta.catalogue);
        Self {
            present,
            sourceless: ours.objects.is_empty(),
            catalogue: catalogue.map(couple::socket_name).collect(),
            orphans,
        }
    }

    /// Whether a workload with this record is left as it is. `alone`: no Plug couples it now.
    pub(super) fn leave(
        &self,
        record: &Record,
        namespace: Option<&String>,
        alone: bool,
        at: Place,
        out: &mut Findings,
    ) -> bool {
        let (here, absent): (Vec<_>, Vec<_>) = record
            .plugs
            .keys()
            .map(|plug| (namespace, plug.clone()))
            .partition(|plug| self.present.contains(plug));
        let absent: Vec<_> = absent.into_iter().map(|(_, plug)| plug).collect();
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
        } else if self.sourceless && !self.is_of_catalogue(record, &absent) {
            if self.orphans == Orphans::Refuse {
                out.report(sourceless(&absent, at));
            }
            self.orphans != Orphans::Undo
        } else {
            out.report(decoupled(&absent, at));
            false
        }
    }

    /// Whether every Socket of these Plugs is in the catalogue: then the last Plug was removed, and
    /// the sources were not forgotten.
    fn is_of_catalogue(&self, record: &Record, plugs: &[String]) -> bool {
        let mut sockets = plugs.iter().map(|plug| record.plugs.get(plug));
        sockets.all(|plug| plug.is_some_and(|plug| self.catalogue.contains(&plug.socket)))
    }
}

fn decoupled(plugs: &[String], at: Place) -> Diagnostic {
    let names: Vec<_> = plugs.iter().map(|plug| format!("`{plug}`")).collect();
    let (noun, verb, they) = match names.len() {
        1 => ("Plug", "is", "it"),
        _ => ("the Plugs", "are", "them"),
    };
    let message = format!(
        "{noun} {} {verb} no longer in the input: what was written for {they} is removed",
        names.join(", ")
    );
    Diagnostic::info(Code::Decoupled, message).at(at, "coupled by an earlier run")
}

fn torn(plugs: &[String], at: Place) -> Diagnostic {
    let message = format!(
        "{} left out when this workload was coupled, and now other Plugs couple it too",
        were(plugs)
    );
    Diagnostic::error(Code::IntegrationsMissing, message)
        .at(at, "coupled by an earlier run")
        .help(words![
            "render it once, from its own manifest, together with all its Plugs; or undo the earlier coupling: ",
            Setting::OrphansUndo
        ])
}

fn omitted(plugs: &[String], at: Place) -> Diagnostic {
    let message = format!(
        "{} left out of this input on purpose: what was coupled is not changed",
        were(plugs)
    );
    Diagnostic::info(Code::SourcesOmitted, message).at(at, "coupled by an earlier run")
}

fn sourceless(plugs: &[String], at: Place) -> Diagnostic {
    let message = "the input has a coupled workload, and no Plug, Socket or Interface";
    Diagnostic::error(Code::IntegrationsMissing, message)
        .at(at, format!("{} there when it was coupled", were(plugs)))
        .help(words![
            "render it together with its Plug and Socket; or, if they were deleted, remove its coupled variables with ",
            Setting::OrphansUndo,
            ", or keep them with ",
            Setting::OrphansKeep
        ])
}

fn were(plugs: &[String]) -> String {
    let names: Vec<_> = plugs.iter().map(|plug| format!("`{plug}`")).collect();
    match &names[..] {
        [only] => format!("Plug {only} was"),
        many => format!("the Plugs {} were", many.join(", ")),
    }
}
