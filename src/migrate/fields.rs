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
        let message = "`data` is written out where templates use it";
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

const RESULT_HELP: &str = "a value that is known beforehand is a key of `config`; one that another controller writes is read there by \
     whoever needs it, such as an ExternalSecret or the object's own Secret";

fn report_field(party: &OldParty, field: &Spanned<String>, report: &mut MigrationReport) {
    use MigrationOutcome::{Changed, NoCounterpart};
    let (outcome, why, help) = match field.value.as_str() {
        "epoch" => (Changed, "it only made the operator run again", None),
        "limit" => (
            Changed,
            "no version of the operator has ever read it",
            Some("in coupler, `limit` of a Socket is in force: add it if it is meant"),
        ),
        "serviceAccountName" => (Changed, "coupler needs no ServiceAccount", None),
        "apparatus" => (
            NoCounterpart,
            "coupler calls no apparatus",
            Some(
                "write the keys that only it gave into `config`; what it did besides is the work of a Job, which can be a resource",
            ),
        ),
        "dataSecretName" | "dataConfigMapName" => (
            NoCounterpart,
            "coupler reads no `data`",
            Some("hand what it holds over as keys of `config` and `configFrom`"),
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
        _ => (Changed, "the operator does not know it", None),
    };
    let message = format!("`{}` is left out: {why}", field.value);
    report.add(outcome, &party.subject, field.at, message);
    if let Some(help) = help {
        report.help(help);
    }
}
