//! Writes the diagnostics of couplings that differ from their record.

use super::DriftCause;
use super::behind::OtherObjects;
use super::own::changed_by;
use super::workload::{By, Coupled, Workload};
use crate::api::BinderKind;
use crate::diagnostic::{Code, Diagnostic};

pub(super) fn owner_gone(workload: &Workload, coupled: &Coupled) -> Diagnostic {
    let message = format!(
        "{} is gone, and {} still has what was written for it",
        coupled.owner,
        workload.called()
    );
    let kind = coupled.owner.kind;
    let code = match kind {
        BinderKind::Plug => Code::PlugGone,
        BinderKind::Socket | BinderKind::ServiceBinding => Code::SocketGone,
    };
    let (the, word) = (kind.the(), kind.word());
    Diagnostic::error(code, message).help(format!(
        "render without {the} and apply the workload, or apply the {word} again"
    ))
}

pub(super) fn behind(workload: &Workload, cause: &DriftCause, what: &str) -> Diagnostic {
    let of = match cause.change {
        Some(_) => cause.described(),
        None => "its Plug, Socket or Interface".to_owned(),
    };
    let message = format!("{} is behind {of}: {what}", workload.called());
    Diagnostic::error(Code::WorkloadBehind, message)
        .help("render again, and apply the workload together with its Plug and Socket")
}

/// Variables that were made to refer to other objects after the workload was rendered; `None`:
/// there is no evidence of that.
pub(super) fn redirected(workload: &Workload, objects: &OtherObjects<'_>) -> Option<Diagnostic> {
    let changes = objects
        .referred
        .iter()
        .map(|referred| referred.change.as_ref());
    let by: Option<Vec<By>> = changes
        .map(|change| {
            let later = !workload.recorded.is_empty() && change?.at > workload.recorded;
            later.then_some(By::Owner(change?.by.clone()))
        })
        .collect();
    let by = changed_by(by?.iter());
    let message = format!("{} of {}{by}", objects.what, workload.called());
    let help =
        "apply the rendered manifest again; make an intended change in the Plug or the Socket";
    Some(Diagnostic::error(Code::BakedEntryEdited, message).help(help))
}

pub(super) fn after_render(workload: &Workload, was: &str, now: &str) -> Diagnostic {
    let message = format!(
        "the record of {} names {was}, which is called {now} here",
        workload.called()
    );
    Diagnostic::error(Code::RenamedAfterRender, message).help(
        "render after the tool that renames objects: `kustomize build DIR | coupler render -`",
    )
}
