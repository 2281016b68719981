//! Reports fields of Plugs and Sockets of `v1beta1` that `v1` does not have.

use super::old_object::OldParty;
use super::report::{MigrationOutcome, MigrationReport};
use crate::api::Spanned;

/// Reports all fields that are not translated.
pub(super) fn report_others(party: &OldParty, report: &mut MigrationReport) {
    for field in &party.others {
        report_field(party, field, report);
    }
    if let Some(datum) = party.data.first() {
        let message = "templates that use `data` contain its values now";
        let at = datum.key.at;
        report.add(MigrationOutcome::CarriedOver, &party.subject, at, message);
    }
    if let Some(at) = party
        .interface
        .as_ref()
        .and_then(|interface| interface.result)
    {
        let message = "`interface.result` is left out: a result is known only in the cluster";
        report.add(MigrationOutcome::NoCounterpart, &party.subject, at, message);
        report.help(RESULT_HELP);
    }
}

const RESULT_HELP: &str = "if the value is known in advance, write it into `config`; if another \
 controller writes it, read it from that controller's object, for example from its Secret";

fn report_field(party: &OldParty, field: &Spanned<String>, report: &mut MigrationReport) {
    use MigrationOutcome::{Changed, NoCounterpart};
    let (outcome, why, help) = match field.value.as_str() {
        "epoch" => (Changed, "it only made the operator run again", None),
        "limit" => (
            Changed,
            "no version of the operator has ever read it",
            Some("in coupler, `limit` of a Socket has an effect: add it if you want it"),
        ),
        "serviceAccountName" => (Changed, "coupler needs no ServiceAccount", None),
        "apparatus" => (
            NoCounterpart,
            "coupler does not call an apparatus",
            Some(
                "write the keys that only the apparatus gave into `config`; if it did other work, \
                 let a Job do it, which can be a resource",
            ),
        ),
        "dataSecretName" | "dataConfigMapName" => (
            NoCounterpart,
            "coupler does not read `data`",
            Some("give its values as keys of `config` and `configFrom`"),
        ),
        "result"
        | "resultTemplate"
        | "resultVars"
        | "resultSecretName"
        | "resultConfigMapName"
        | "resultResources" => (
            NoCounterpart,
            "a result is known only in the cluster",
            Some(RESULT_HELP),
        ),
        _ => (Changed, "the operator has no such field", None),
    };
    let message = format!("`{}` is left out: {why}", field.value);
    report.add(outcome, &party.subject, field.at, message);
    if let Some(help) = help {
        report.help(help);
    }
}
