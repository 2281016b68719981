//! Writes the diagnostics about an entry that coupler wrote and that somebody edited or removed.

use super::entry::Entry;
use super::slot::Slot;
use super::workload::WorkloadNode;
use crate::api::BinderKind;
use crate::diagnostic::{Code, Diagnostic, Setting, words};
use crate::edit::Value;
use crate::manifest::Place;

pub(super) fn edited(workload: &WorkloadNode<'_>, slot: &Slot, key: &str, at: Place) -> Diagnostic {
    let message = format!(
        "{} of {}, which coupler wrote, was edited by hand",
        slot.entry(key),
        workload.called()
    );
    Diagnostic::error(Code::BakedEntryEdited, message)
        .with_topic([slot.entry(key)])
        .at(at, "edited here")
}

/// Shows both: what somebody wrote, and what coupling wants.
pub(super) fn with_desired(
    error: Diagnostic,
    slot: &Slot,
    owner: BinderKind,
    coupling: Option<Place>,
    desired: Option<&Entry<'_>>,
) -> Diagnostic {
    let at = desired.map(|entry| entry.at).or(coupling);
    let (error, remedy) = match at {
        Some(at) => {
            let wanted =
                desired.map_or_else(|| "nothing".to_owned(), |entry| in_words(&entry.content));
            (
                error.at(at, format!("coupler would write {wanted}")),
                match owner {
                    BinderKind::Plug | BinderKind::Socket => {
                        "put the value into the Plug or the Socket"
                    }
                    BinderKind::ServiceBinding => "put the value into the ServiceBinding",
                },
            )
        }
        None => (
            error,
            match owner {
                BinderKind::Plug => "keep the Plug",
                BinderKind::Socket => "keep the Socket",
                BinderKind::ServiceBinding => "keep the ServiceBinding",
            },
        ),
    };
    let help = words![
        format!("revert the edit, or {remedy}, or overwrite the edit: "),
        Setting::DiscardEdits
    ];
    let keep = match slot {
        Slot::Labels
        | Slot::Annotations
        | Slot::Members(_)
        | Slot::Items(_)
        | Slot::Appended(_)
        | Slot::Found(_) => {
            format!(
                "to keep it as your own, remove the entry from {}'s `bind.fields`, overwrite the edit, and edit it again",
                owner.the()
            )
        }
        _ => format!(
            "to keep the {} as your own, give it another name",
            slot.noun()
        ),
    };
    error.help(help.and(keep))
}

fn in_words(content: &Value<'_>) -> String {
    let member = match content {
        Value::Map(members) => members.first().map(|(_, value)| value),
        other => Some(other),
    };
    match member {
        Some(Value::Text(text)) if text.len() <= 64 => format!("`{}`", text.escape_debug()),
        Some(Value::Scalar(token)) => format!("`{token}`"),
        Some(Value::Map(from)) => match &from[..] {
            [(form, Value::Map(target))] => {
                let text = |wanted: &str| match target.iter().find(|(key, _)| key == wanted) {
                    Some((_, Value::Text(text))) => text.to_string(),
                    _ => String::new(),
                };
                let kind = if form == "secretKeyRef" {
                    "Secret"
                } else {
                    "ConfigMap"
                };
                format!("the key `{}` of {kind} `{}`", text("key"), text("name"))
            }
            _ => "another value".to_owned(),
        },
        _ => "another value".to_owned(),
    }
}

pub(super) fn missing(
    workload: &WorkloadNode<'_>,
    owner: BinderKind,
    entry: &Entry<'_>,
) -> Diagnostic {
    let message = format!(
        "{}, which coupler wrote into {}, was removed; it is added again",
        entry.slot.entry(&entry.key),
        workload.called()
    );
    let info = Diagnostic::info(Code::BakedEntryMissing, message)
        .with_topic([entry.slot.entry(&entry.key)])
        .at(entry.at, "asked for here");
    let lists = match entry.slot {
        Slot::Env(_) if owner == BinderKind::ServiceBinding => "`spec.env` lists the variables",
        Slot::Env(_) => "`bind.env` lists the variables",
        _ if owner == BinderKind::ServiceBinding => "`spec.workload` names what it binds",
        _ => "`bind` lists what is written",
    };
    workload.about(info.help(format!(
        "if you do not want it, change {}: {lists}",
        owner.the()
    )))
}
