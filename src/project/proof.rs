//! Proves a change before it is used: the result, read again and undone, must be the bytes that
//! were read.

use super::DocumentRef;
use super::judge::Job;
use super::ownership::{EditPolicy, OwnedEntries};
use super::place::place;
use super::record_annotations::record;
use super::removal::remove;
use super::workload::WorkloadNode;
use crate::diagnostic::{Code, Diagnostic};
use crate::edit::Removals;
use crate::manifest::stream::objects;
use crate::manifest::{Flaw, NodeId, Place, Span, Tree};

/// Proves that what was inserted, removed again by its record, is the bytes that were read.
pub(super) fn prove_reversible(
    document: DocumentRef<'_>,
    jobs: &[Job<'_, '_>],
    roots: &[NodeId],
    before: &str,
) -> Result<(), Diagnostic> {
    let failed = |what| failed(document.start, what);
    let mut records = Vec::new();
    for (job, &root) in jobs.iter().zip(roots) {
        match record(document.tree, root) {
            Some(Ok(record)) => records.push((root, record)),
            _ if job.desired.couplings.is_empty() => {}
            _ => return Err(failed("the result has no record")),
        }
    }
    let mut removals = Removals::new(document.tree);
    for (root, record) in &records {
        let workload = WorkloadNode::read(document, *root, record.collections())
            .map_err(|_| failed("the result cannot be read"))?;
        let owned = OwnedEntries::find(&workload, record, &[], EditPolicy::Refused);
        remove(&workload, record, &owned, &mut removals);
    }
    if removals.finish().0.apply(document.tree.text()) != before {
        return Err(failed("the result, undone, differs from the input"));
    }
    Ok(())
}

/// What an edit gives, read again; it may be larger than a limit allows.
pub(super) fn reread<'t>(
    document: DocumentRef<'_>,
    text: &'t str,
    what: &str,
) -> Result<Tree<'t>, Diagnostic> {
    Tree::read(text).map_err(|error| match error.flaw {
        Flaw::Limit => too_large(document, &error.message),
        Flaw::Syntax
        | Flaw::Braces
        | Flaw::ByteOrderMark
        | Flaw::Directive
        | Flaw::DuplicateKey
        | Flaw::Tag => failed(document.start, what),
    })
}

/// The document is within the limits as it was read, and would not be with what is baked into it.
pub(super) fn too_large(document: DocumentRef<'_>, what: &str) -> Diagnostic {
    let first = document
        .tree
        .root()
        .map_or_else(Span::default, |root| document.tree.span(root));
    let message = format!("with what is written, this would be {what}");
    Diagnostic::error(Code::LimitExceeded, message)
        .at(
            place(
                document.start,
                Span {
                    end: first.start,
                    ..first
                },
            ),
            "this document",
        )
        .help("split the document; a List can be split into several Lists")
}

pub(super) fn failed(start: Place, what: &str) -> Diagnostic {
    Diagnostic::error(
        Code::VerifyFailed,
        format!("coupler's own check failed: {what}"),
    )
    .at(place(start, Span { start: 0, end: 0 }), "this document")
    .help("nothing was written; this is a bug of coupler: please report it with this document")
}

/// The same objects in another tree of the same document: an edit moves none.
pub(super) fn relocated(tree: &Tree<'_>, ids: &[NodeId], other: &Tree<'_>) -> Option<Vec<NodeId>> {
    let mut wanted = ids.iter().peekable();
    let pairs = objects(tree).into_iter().zip(objects(other));
    let found: Vec<_> = pairs
        .filter(|(here, _)| wanted.next_if(|&id| id == here).is_some())
        .map(|(_, there)| there)
        .collect();
    (found.len() == ids.len()).then_some(found)
}
