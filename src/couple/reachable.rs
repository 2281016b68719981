//! Checks that a workload can refer to what a coupling refers to: a Secret or a ConfigMap must be
//! in its namespace.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::evaluate::{Evaluation, NoValue, namespace_help};
use super::value::{Reference, ReferenceKind};
use crate::diagnostic::{Code, Diagnostic, Help, Paste};

/// Reports each object that the workloads of the Plug cannot refer to; `used`: the references that
/// are written, by their addresses.
pub(super) fn check(
    evaluation: &mut Evaluation<'_, '_>,
    used: &BTreeSet<*const Reference>,
) -> Result<(), NoValue> {
    if evaluation
        .origins
        .iter()
        .all(|origin| origin.reachable == Some(true))
    {
        return Ok(());
    }
    let is_used = |reference: &Rc<Reference>| used.contains(&Rc::as_ptr(reference));
    let mut seen = BTreeSet::new();
    let mut errors = Vec::new();
    for origin in evaluation
        .origins
        .iter()
        .filter(|origin| is_used(&origin.reference))
    {
        let kind = origin.reference.kind.object();
        let name = &origin.reference.name;
        let owner = evaluation
            .provided(origin.side)
            .map_or(evaluation.socket.owner, |provided| provided.owner);
        let used_in = evaluation.consumer.namespace();
        let plug = used_in.and_then(|namespace| namespace.as_deref());
        match (origin.reachable, &owner.meta.namespace) {
            (Some(false), Some(home)) => {
                let message = format!(
                    "{kind} `{name}` is in namespace `{home}`, and a workload of `{}` cannot refer to it",
                    plug.unwrap_or_default()
                );
                if !seen.insert(message.clone()) {
                    continue; // several keys of one object
                }
                let mut help = Help::from(
                    "if it is in the Plug's namespace under that name too (created there, or replicated), write in the \
                     Socket:",
                )
                .paste(Paste::merge(
                    owner.subject(),
                    "spec:\n  secretNamespace: Plug".into(),
                ));
                if origin.reference.kind == ReferenceKind::ConfigMap {
                    help = help.and(evaluation.literal_help(&origin.reference));
                }
                errors.push(
                    Diagnostic::error(Code::ReferenceUnreachable, message)
                        .at(origin.at, "given here")
                        .at(
                            evaluation
                                .plug
                                .map_or(owner.meta.name.at, |plug| plug.owner.meta.name.at),
                            "needed here",
                        )
                        .help(help),
                );
            }
            (Some(true), _) => {}
            (_, home) => {
                let unknown = if home.is_none() {
                    owner
                } else {
                    evaluation.plug.map_or(owner, |plug| plug.owner)
                };
                let message = format!(
                    "whether {kind} `{name}` can be referred to depends on the namespace of {}, which is not known",
                    unknown.words()
                );
                errors.push(
                    Diagnostic::error(Code::NamespaceUnknown, message)
                        .at(origin.at, "given here")
                        .at(unknown.meta.name.at, "has no `metadata.namespace`")
                        .help(namespace_help()),
                );
            }
        }
    }
    evaluation.report_all(errors)
}
