//! Finds workloads that have no pods of their own, and use those of another workload.

use super::names::Names;
use super::workload_remedy;
use crate::api::{Binder, WorkloadRef};
use crate::diagnostic::{Code, Diagnostic, Help};
use crate::manifest::Span;
use crate::manifest::stream::Object;

/// The workload whose pods another one takes over.
struct PodsOf {
    kind: String,
    name: String,
    /// Where it is named.
    span: Span,
}

/// The error about a workload that takes over the pods of another one.
pub(super) fn error(
    names: &Names<'_, '_>,
    binder: Binder<'_>,
    wanted: &WorkloadRef,
    object: Object,
) -> Option<Diagnostic> {
    let tree = names.tree(object)?;
    let known = names.workload_kinds.of_object(tree, object.node)?;
    let workload_ref = known.mapping.workload_ref.as_ref()?;
    let PodsOf { kind, name, span } = names.as_written(tree, object, |written| {
        let tree = written.tree();
        let other = workload_ref.find(tree, written.node).shown()?;
        let text = |key| tree.read_text(other, &[key]).shown().unwrap_or("…");
        Some(PodsOf {
            kind: text("kind").to_owned(),
            name: text("name").to_owned(),
            span: written.span(tree.span(other)),
        })
    })?;
    let message = format!(
        "the {} has no pods of its own: it uses those of the {kind} `{name}`",
        wanted.kind
    );
    let in_place = WorkloadRef {
        api_version: None,
        kind,
        ..wanted.clone()
    };
    let help = Help::from("name that one instead:").paste(workload_remedy::selected_by(
        binder,
        &in_place,
        &format!("name: {name}"),
    ));
    let at = names.stream.place(object.document, span);
    let error = Diagnostic::error(Code::UnsupportedWorkload, message)
        .at(at, "these are the pods")
        .at(wanted.at, "named here");
    Some(error.help(help))
}
