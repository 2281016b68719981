//! Finds out why a field of an object cannot be written.

use super::entry::Entry;
use super::slot::Slot;
use super::workload::WorkloadNode;
use crate::diagnostic::{Code, Diagnostic};
use crate::edit::is_nothing;
use crate::manifest::path::{self, Path, Step, Walked, walk};
use crate::manifest::{Kind, NodeId, Place};

/// The error of a collection that cannot have fields or items, or cannot be made; `at`: what asks
/// for one.
pub(super) fn obstacle(workload: &WorkloadNode<'_>, slot: &Slot, at: Place) -> Option<Diagnostic> {
    let (Slot::Members(path) | Slot::Items(path) | Slot::Appended(path)) = slot else {
        return None;
    };
    let tree = workload.tree;
    // what cannot be read is reported with the collection
    let walked = walk(tree, workload.root, path).ok()?;
    let Walked { matched, deepest } = walked;
    let kind = tree.kind(deepest);
    let nothing = is_nothing(tree, deepest);
    let here = Path(&path[..matched]);
    let is_list = matches!(slot, Slot::Items(_) | Slot::Appended(_));
    let problem = match path.get(matched) {
        None if is_list && (kind == Kind::Sequence || nothing) => None,
        None if is_list => Some(format!("`{here}` is not a list")),
        Some(Step::Key(_)) | None if kind == Kind::Mapping || nothing => None,
        Some(Step::Match { key, value }) if kind == Kind::Sequence => {
            path::is_repeated(tree, deepest, key, value)
                .then(|| format!("several items of `{here}` have the {key} `{value}`"))
        }
        Some(Step::Match { .. }) if nothing => None,
        Some(Step::Index(index)) => Some(format!("`{here}` has no item `[{index}]`")),
        Some(Step::Key(_)) | None => Some(format!("`{here}` is not a mapping")),
        Some(Step::Match { .. } | Step::Append) => Some(format!("`{here}` is not a list")),
    };
    let later = path.get(matched + 1..).unwrap_or_default();
    let unmade = later.iter().any(|step| matches!(step, Step::Index(_)));
    let problem = problem.or_else(|| {
        unmade.then(|| {
            format!(
                "`{}` does not exist, and an item with an index is not added",
                Path(path)
            )
        })
    })?;
    Some(no_place(workload, &problem, deepest, at))
}

/// The error of an item that must be there and is not.
pub(super) fn no_item(workload: &WorkloadNode<'_>, entry: &Entry<'_>) -> Diagnostic {
    let (Slot::Members(path) | Slot::Items(path) | Slot::Appended(path)) = &entry.slot else {
        return no_place(workload, "there is no item", workload.root, entry.at);
    };
    let walked = walk(workload.tree, workload.root, path);
    let deepest = walked.map_or(workload.root, |walked| walked.deepest);
    let problem = format!("`{}` has no item `[{}]`", Path(path), entry.key);
    no_place(workload, &problem, deepest, entry.at)
}

fn no_place(workload: &WorkloadNode<'_>, problem: &str, deepest: NodeId, at: Place) -> Diagnostic {
    let message = format!(
        "this field cannot be written into {}: {problem}",
        workload.called()
    );
    let error = Diagnostic::error(Code::FieldNotWritable, message)
        .at(at, "asked for here")
        .at(workload.at(deepest), "the path leads here");
    let help = "correct the path: `a.b` is a field, `['a.b/c']` a field with dots in its key, \
     `[name=x]` an item of a list, which is added if it does not exist, `[0]` an item that must \
     exist, and `[+]` a new item";
    workload.about(error.help(help))
}
