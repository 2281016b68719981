//! Projects onto one document: if it is up to date, it is kept as it is; if not, entries are
//! removed and inserted, and both steps are proved.

use super::change::change;
use super::desired::Desired;
use super::judge::judge;
use super::ownership::{EditPolicy, OwnedEntries};
use super::proof::relocated;
use super::record::Record;
use super::removal::remove;
use super::workload::WorkloadNode;
use super::{DocumentRef, Projected};
use crate::diagnostic::has_errors;
use crate::edit::{self, Removals};
use crate::manifest::{NodeId, Tree};

/// The bytes of a document whose objects are coupled as desired, and nothing else changed.
///
/// `desired` has one entry for each such object of the document; those that it leaves out keep what
/// they have.
pub fn project(
    document: DocumentRef<'_>,
    desired: &[Desired<'_>],
    discard_edits: bool,
) -> Projected {
    let edits = if discard_edits {
        EditPolicy::Discarded
    } else {
        EditPolicy::Refused
    };
    let mut out = Projected::default();
    let mut jobs = Vec::new();
    for desired in desired {
        jobs.extend(judge(document, desired, edits, &mut out));
    }
    if jobs.is_empty() || has_errors(&out.diagnostics) {
        return out;
    }
    match change(document, &mut jobs) {
        Ok(text) => out.text = text.filter(|text| text != document.tree.text()),
        Err(error) => {
            out.diagnostics.report(error);
        }
    }
    out
}

/// Reads an object as its author wrote it, without what its record lists; `None`: what is left is
/// no YAML any more.
pub fn as_written<T>(
    document: DocumentRef<'_>,
    root: NodeId,
    record: &Record,
    read: impl FnOnce(&Tree<'_>, NodeId) -> T,
) -> Option<T> {
    let workload = WorkloadNode::read(document, root, record.collections()).ok()?;
    let owned = OwnedEntries::find(&workload, record, &[], EditPolicy::Discarded);
    let mut removals = Removals::new(document.tree);
    remove(&workload, record, &owned, &mut removals);
    let (edits, removed) = removals.finish();
    let text = edits.apply(document.tree.text());
    let new = Tree::read(&text)
        .ok()
        .filter(|new| edit::is_removed(document.tree, new, &removed))?;
    let root = *relocated(document.tree, &[root], &new)?.first()?;
    Some(read(&new, root))
}
