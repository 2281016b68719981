//! A workload against its own record: it needs nothing else of the cluster.

use std::collections::BTreeMap;

use super::workload::{Apart, Coupled, Record, RecordedEntry, Workload};
use super::{Drift, list};
use crate::diagnostic::{Code, Diagnostic, Subject};
use crate::project::EntryState;

/// The drift of a workload whose record is gone or cannot be read.
pub(super) fn record(workload: &Workload) -> Option<Drift> {
    let called = workload.called();
    let (diagnostic, detail) = match &workload.record {
        Record::Stripped => {
            let message = format!(
                "{called} has no record of its couplings any more: a manifest that was not rendered was applied over the \
                 rendered one"
            );
            let help = "apply what `coupler render` gives, and look for a second pipeline that applies the source as it is";
            (
                Diagnostic::error(Code::RecordStripped, message).help(help),
                String::new(),
            )
        }
        Record::Invalid(why) => {
            let message = format!("what {called} says of its couplings cannot be read: {why}");
            let help = "render the workload from its source, and apply it again";
            (
                Diagnostic::error(Code::ProvenanceInvalid, message).help(help),
                why.to_string(),
            )
        }
        Record::Omitted(_) | Record::Kept { .. } => return None,
    };
    Some(drift(workload, None, diagnostic, detail))
}

/// The drifts of one coupling's entries, one for each way to come apart.
pub(super) fn entries(workload: &Workload, coupled: &Coupled) -> Vec<Drift> {
    let apart = coupled
        .entries
        .iter()
        .filter_map(|entry| Some((entry, entry.apart.as_deref()?)));
    let mut by_code: BTreeMap<Code, Vec<_>> = BTreeMap::new();
    for (entry, apart) in apart {
        let code = match apart.state {
            EntryState::Same => continue,
            EntryState::Edited(_) => Code::BakedEntryEdited,
            EntryState::Missing => Code::BakedEntryMissing,
            EntryState::Shadowed(_) => Code::BakedEntryShadowed,
        };
        by_code.entry(code).or_default().push((entry, apart));
    }
    by_code
        .into_iter()
        .map(|(code, these)| of_code(workload, coupled, code, &these))
        .collect()
}

fn of_code(
    workload: &Workload,
    coupled: &Coupled,
    code: Code,
    these: &[(&RecordedEntry, &Apart)],
) -> Drift {
    let names = list(these.iter().map(|(entry, _)| entry.slot.place(&entry.key)));
    let several = these.len() > 1;
    let noun = these
        .first()
        .map_or("entry", |(entry, _)| entry.slot.noun());
    let noun = if several {
        format!("{noun}s")
    } else {
        noun.to_owned()
    };
    let verb = |one: &'static str, many: &'static str| if several { many } else { one };
    let what = match code {
        Code::BakedEntryMissing => verb("was baked, and is gone", "were baked, and are gone"),
        Code::BakedEntryShadowed => verb(
            "is hidden by a second one of its name, which stands after it",
            "are hidden by second ones of their names, which stand after them",
        ),
        _ => verb("does not hold what was baked", "do not hold what was baked"),
    };
    let mut message = format!("{noun} {names} of {} {what}", workload.called());
    let mut managers: Vec<&str> = these
        .iter()
        .filter_map(|(_, apart)| apart.by.as_deref())
        .collect();
    managers.sort_unstable();
    managers.dedup();
    if !managers.is_empty() {
        let by = list(managers.iter().map(|manager| format!("`{manager}`")));
        message.push_str(&format!("; changed by field manager {by}"));
    }
    let diagnostic = Diagnostic::error(code, message)
        .help("apply what was rendered again; a change that is wanted belongs into the Plug or the Socket, or under another name");
    let detail = these.iter().map(|(entry, apart)| {
        let now = match &apart.state {
            EntryState::Edited(digest) | EntryState::Shadowed(digest) => digest.as_str(),
            EntryState::Same | EntryState::Missing => "",
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

/// A drift that the workload itself shows; who finds its Plug in the cluster says so.
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
        plug: coupled
            .map(|coupled| coupled.plug.clone())
            .unwrap_or_default(),
        regarding: None,
        socket: coupled
            .map(|coupled| coupled.socket.clone())
            .unwrap_or_default(),
        detail,
        changed: workload.changed.clone(),
        shared: false,
    }
}
