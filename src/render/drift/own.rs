//! A workload against its own record: it needs nothing else of the cluster.

use std::collections::BTreeMap;

use super::workload::{Apart, Coupled, Record, Variable, Workload};
use super::{Drift, list};
use crate::diagnostic::{Code, Diagnostic, Subject};
use crate::project::Fate;

/// The drift of a workload whose record is gone or cannot be read.
pub(super) fn record(workload: &Workload) -> Option<Drift> {
    let called = workload.called();
    let (diagnostic, detail) = match &workload.record {
        Record::Stripped => {
            let message = format!(
                "{called} has no record of its couplings any more: a manifest that was not rendered was applied over the \
                 rendered one"
            );
            let help =
                "apply what `coupler render` gives, and look for a second pipeline that applies the source as it is";
            (Diagnostic::error(Code::RecordStripped, message).help(help), String::new())
        }
        Record::Invalid(why) => {
            let message = format!("what {called} says of its couplings cannot be read: {why}");
            let help = "render the workload from its source, and apply it again";
            (Diagnostic::error(Code::ProvenanceInvalid, message).help(help), why.to_string())
        }
        Record::Omitted(_) | Record::Kept { .. } => return None,
    };
    Some(drift(workload, None, diagnostic, detail))
}

/// The drifts of one coupling's variables, one for each way to come apart.
pub(super) fn variables(workload: &Workload, coupled: &Coupled) -> Vec<Drift> {
    let apart = coupled.variables.iter().filter_map(|variable| Some((variable, variable.apart.as_deref()?)));
    let mut by_code: BTreeMap<Code, Vec<_>> = BTreeMap::new();
    for (variable, apart) in apart {
        let code = match apart.fate {
            Fate::Same => continue,
            Fate::Edited(_) => Code::BakedEntryEdited,
            Fate::Missing => Code::BakedEntryMissing,
            Fate::Shadowed(_) => Code::BakedEntryShadowed,
        };
        by_code.entry(code).or_default().push((variable, apart));
    }
    by_code.into_iter().map(|(code, these)| entries(workload, coupled, code, &these)).collect()
}

fn entries(workload: &Workload, coupled: &Coupled, code: Code, these: &[(&Variable, &Apart)]) -> Drift {
    let names =
        list(these.iter().map(|(variable, _)| format!("`{}` of container `{}`", variable.name, variable.container)));
    let several = these.len() > 1;
    let noun = if several { "variables" } else { "variable" };
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
    let mut managers: Vec<&str> = these.iter().filter_map(|(_, apart)| apart.by.as_deref()).collect();
    managers.sort_unstable();
    managers.dedup();
    if !managers.is_empty() {
        let by = list(managers.iter().map(|manager| format!("`{manager}`")));
        message.push_str(&format!("; changed by field manager {by}"));
    }
    let diagnostic = Diagnostic::error(code, message)
        .help("apply what was rendered again; a change that is wanted belongs into the Plug or the Socket, or under another name");
    let detail = these.iter().map(|(variable, apart)| {
        let now = match &apart.fate {
            Fate::Edited(digest) | Fate::Shadowed(digest) => digest.as_str(),
            Fate::Same | Fate::Missing => "",
        };
        format!("{}/{}={now}\n", variable.container, variable.name)
    });
    drift(workload, Some(coupled), diagnostic, detail.collect())
}

/// A drift that the workload itself shows; who finds its Plug in the cluster says so.
pub(super) fn drift(workload: &Workload, coupled: Option<&Coupled>, diagnostic: Diagnostic, detail: String) -> Drift {
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
        plug: coupled.map(|coupled| coupled.plug.clone()).unwrap_or_default(),
        regarding: None,
        socket: coupled.map(|coupled| coupled.socket.clone()).unwrap_or_default(),
        detail,
        shared: false,
    }
}
