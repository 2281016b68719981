//! Reports variables that would hide one of the author's, which `envFrom` defines.

use super::desired::DesiredCoupling;
use super::entry::Conflict;
use super::env_from::{BroughtNames, EnvFromVars};
use super::planned::{CollectionPlan, EntryPosition, PlannedEntry};
use super::service_binding::with_root_known;
use super::workload::WorkloadNode;
use crate::api::BinderKind;
use crate::couple::{DefaultEnv, DefaultVar, DefaultVarEdit};
use crate::diagnostic::{Code, Diagnostic, Help, lines};

/// The diagnostics of a container's plan: an error for a variable that would hide one of the
/// author's, once an info if that cannot be known.
pub(super) fn judge(
    workload: &WorkloadNode<'_>,
    plan: &CollectionPlan<'_>,
    brought: &[EnvFromVars],
    couplings: &[DesiredCoupling<'_>],
) -> Vec<Diagnostic> {
    let collection = &workload.collections[plan.collection];
    let Some(container) = collection.slot.container() else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let mut unseen = None;
    for from in brought.iter().filter(|from| from.container == container) {
        match &from.names {
            BroughtNames::Known { .. } => {}
            BroughtNames::Unseen => unseen = unseen.or(Some(from.span)),
            BroughtNames::NotReadable(why) if collection.entries.as_ref().err() == Some(why) => {} // reported once
            BroughtNames::NotReadable(why) => {
                let what = format!(
                    "what `envFrom` adds to container `{container}` of {}",
                    workload.called()
                );
                let error = Diagnostic::not_readable(&what, why, |span| workload.place(span));
                found.push(workload.about(error));
            }
        }
        for planned in &plan.new {
            let is_new = matches!(
                planned.position,
                EntryPosition::Before(_) | EntryPosition::Last
            );
            let hides = is_new
                && planned.entry.conflict != Conflict::Replace
                && from.defines(&planned.entry.key);
            if hides {
                let mut of_plug = couplings.iter();
                let coupling = of_plug.find(|coupling| coupling.owner == planned.owner);
                let default_env = coupling.and_then(|coupling| coupling.default_env);
                let error = hidden(workload, container, planned, from, default_env);
                found.push(workload.about(error));
            }
        }
    }
    found.extend(unseen.map(|span| {
        let message = format!(
            "container `{container}` of {} takes variables from keys that are not in the input",
            workload.called()
        );
        let info =
            Diagnostic::info(Code::EnvFromUnseen, message).at(workload.place(span), "from here");
        let info = info.with_topic([container.to_owned()]);
        workload.about(
            info.help("a variable that coupler writes takes precedence over one of the same name from `envFrom`"),
        )
    }));
    found
}

fn hidden(
    workload: &WorkloadNode<'_>,
    container: &str,
    planned: &PlannedEntry<'_>,
    from: &EnvFromVars,
    default_env: Option<&DefaultEnv>,
) -> Diagnostic {
    let name = &planned.entry.key;
    let message = format!(
        "container `{container}` of {} has a variable `{name}` from its `envFrom`, and {} writes one too",
        workload.called(),
        planned.owner
    );
    let help = if planned.entry.conflict == Conflict::Common {
        with_root_known(planned.owner.kind, workload.owner(planned.owner))
    } else if planned.entry.conflict == Conflict::Share {
        lines![(
            "`{name}` is a part of another variable's text: give {} another `spec.name`",
            planned.owner.kind.the()
        )]
    } else if let Some(default_env) = default_env {
        let edit = |variable: &DefaultVar| match from.defines(&variable.name) {
            true => DefaultVarEdit::Replace,
            false => DefaultVarEdit::Same,
        };
        Help::from("to let the Plug replace it, list what the Plug binds:")
            .paste(default_env.paste(edit))
            .and("or give the Plug another `spec.name`, which is the prefix of its variables")
    } else {
        match planned.owner.kind {
            BinderKind::Plug | BinderKind::Socket => lines![(
                "to let {} replace it, add `replace: true` to `{name}` in its `bind.env`; or rename one of the two",
                planned.owner.kind.the()
            )],
            BinderKind::ServiceBinding => {
                lines![("give `{name}` another name in `spec.env` of the ServiceBinding")]
            }
        }
    };
    Diagnostic::error(Code::EnvCollision, message)
        .with_topic([container.to_owned(), name.to_string()])
        .at(workload.place(from.span), "defines the workload's own")
        .at(planned.entry.at, format!("{}'s", planned.owner.kind.the()))
        .help(help)
}
