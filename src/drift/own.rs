//! Compares a workload with its own record only, and with no other object of the cluster.

use std::collections::{BTreeMap, BTreeSet};

use super::workload::{Apart, By, Coupled, Fault, RecordState, RecordedEntry, Workload};
use super::{Drift, list};
use crate::diagnostic::{Code, Diagnostic, Subject};

/// The drift of a workload whose record is gone or cannot be read.
pub(super) fn record(workload: &Workload) -> Option<Drift> {
    let called = workload.called();
    let (diagnostic, detail) = match &workload.record {
        RecordState::Stripped => {
            let message = format!(
                "{called} has lost the record of its couplings: a manifest that was not rendered \
                 was applied over the rendered one"
            );
            let help = "apply the output of `coupler render`, and look for another pipeline that applies the unrendered source";
            (
                Diagnostic::error(Code::RecordStripped, message).help(help),
                String::new(),
            )
        }
        RecordState::Invalid(why) => {
            let message = format!("the record of {called} cannot be read: {why}");
            let help = "render the workload from its source, and apply it again";
            (
                Diagnostic::error(Code::ProvenanceInvalid, message).help(help),
                why.to_string(),
            )
        }
        RecordState::Omitted(_) | RecordState::Kept { .. } => return None,
    };
    Some(drift(workload, None, diagnostic, detail))
}

/// The drifts of one coupling's entries, one for each way to differ. `keeps_order`: whether a
/// render puts an entry after the one that it uses.
pub(super) fn entries(
    workload: &Workload,
    coupled: &Coupled,
    keeps_order: impl Fn(&str, &str) -> bool,
) -> Vec<Drift> {
    let counts = |entry: &RecordedEntry, apart: &Apart| match &apart.fault {
        Fault::Early(used) => keeps_order(&entry.key, used),
        _ => true,
    };
    let apart = coupled
        .entries
        .iter()
        .filter_map(|entry| Some((entry, entry.apart.as_deref()?)))
        .filter(|(entry, apart)| counts(entry, apart));
    let mut by_way: BTreeMap<Way, Vec<_>> = BTreeMap::new();
    for (entry, apart) in apart {
        by_way
            .entry(Way::of(&apart.fault))
            .or_default()
            .push((entry, apart));
    }
    by_way
        .into_iter()
        .map(|(way, these)| of_way(workload, coupled, way, &these))
        .collect()
}

/// A way in which entries differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    Edited,
    Missing,
    Shadowed,
    Early,
}

impl Way {
    fn of(fault: &Fault) -> Self {
        match fault {
            Fault::Edited(_) => Self::Edited,
            Fault::Missing => Self::Missing,
            Fault::Shadowed(_) => Self::Shadowed,
            Fault::Early(_) => Self::Early,
        }
    }

    fn code(self) -> Code {
        match self {
            Self::Edited | Self::Early => Code::BakedEntryEdited,
            Self::Missing => Code::BakedEntryMissing,
            Self::Shadowed => Code::BakedEntryShadowed,
        }
    }

    /// What happened to one entry, and to several.
    fn what(self) -> [&'static str; 2] {
        match self {
            Self::Edited => [
                "differs from what was rendered",
                "differ from what was rendered",
            ],
            Self::Missing => [
                "was rendered, and is missing",
                "were rendered, and are missing",
            ],
            Self::Shadowed => [
                "is hidden by a later one of the same name",
                "are hidden by later ones of the same names",
            ],
            Self::Early => [
                "is now before a variable that it uses, which the kubelet then does not expand",
                "are now before variables that they use, which the kubelet then does not expand",
            ],
        }
    }
}

fn of_way(
    workload: &Workload,
    coupled: &Coupled,
    way: Way,
    these: &[(&RecordedEntry, &Apart)],
) -> Drift {
    let [one, several] = way.what();
    let what = match these.len() {
        0 | 1 => one,
        _ => several,
    };
    let names = named(these.iter().map(|(entry, _)| *entry));
    let by = changed_by(these.iter().map(|(_, apart)| &apart.by));
    let message = format!("{names} of {} {what}{by}", workload.called());
    let diagnostic = Diagnostic::error(way.code(), message).help(
        "apply the rendered manifest again; make an intended change in the Plug or the \
         Socket, or under another name",
    );
    let detail = these.iter().map(|(entry, apart)| {
        let now = match &apart.fault {
            Fault::Edited(digest) | Fault::Shadowed(digest) => digest.clone(),
            Fault::Missing => String::new(),
            Fault::Early(used) => format!("before {used}"),
        };
        format!("{}/{}={now}\n", entry.slot, entry.key)
    });
    let drift = drift(workload, Some(coupled), diagnostic, detail.collect());
    let changed = these
        .iter()
        .map(|(_, apart)| &*apart.at)
        .max()
        .unwrap_or_default();
    Drift {
        changed: changed.into(),
        ..drift
    }
}

/// Entries in words: `variables A and B of container web`, each kind of entry by itself.
fn named<'e>(entries: impl Iterator<Item = &'e RecordedEntry>) -> String {
    let mut by_noun: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for entry in entries {
        let names = by_noun.entry(entry.slot.noun()).or_default();
        names.push(entry.slot.place(&entry.key));
    }
    let groups = by_noun.into_iter().map(|(noun, names)| {
        let plural = if names.len() > 1 { "s" } else { "" };
        format!("{noun}{plural} {}", list(names.into_iter()))
    });
    list(groups)
}

/// Who did it, for the end of a sentence.
pub(super) fn changed_by<'a>(all: impl Iterator<Item = &'a By>) -> String {
    let (mut owners, mut last) = (BTreeSet::new(), None);
    for by in all {
        match by {
            By::Owner(manager) => _ = owners.insert(&**manager),
            By::Last(manager) => last = Some(manager),
            By::Nobody => {}
        }
    }
    if !owners.is_empty() {
        let owners = list(owners.into_iter().map(|manager| format!("`{manager}`")));
        return format!("; changed by field manager {owners}");
    }
    last.map(|manager| {
        format!(
            "; the cluster does not record who did it; field manager `{manager}` wrote to it \
         last"
        )
    })
    .unwrap_or_default()
}

/// A drift that the workload itself shows; whoever finds its Plug in the cluster adds it.
pub(super) fn drift(
    workload: &Workload,
    coupled: Option<&Coupled>,
    diagnostic: Diagnostic,
    detail: String,
) -> Drift {
    let id = &workload.id;
    let subject = Subject {
        api_version: id.api_version.to_owned(),
        kind: id.kind.to_owned(),
        namespace: Some(id.namespace.to_string()),
        name: id.name.to_string(),
    };
    Drift {
        diagnostic: diagnostic.on(subject),
        workload: id.clone(),
        owner: coupled.map(|coupled| coupled.owner.clone()),
        regarding: None,
        socket: coupled
            .map(|coupled| coupled.socket.clone())
            .unwrap_or_default(),
        detail,
        interface: coupled
            .map(|coupled| coupled.interface.clone())
            .unwrap_or_default(),
        changed: workload.changed.clone(),
        cause: None,
    }
}
