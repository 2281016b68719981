//! Tells what is in the way of writing a field of an object.

use super::slot::Slot;
use super::workload::WorkloadNode;
use crate::diagnostic::{Code, Diagnostic};
use crate::edit::is_nothing;
use crate::manifest::path::{self, Path, Step, Walked, walk};
use crate::manifest::{Kind, Place};

/// The error of a collection that cannot have fields, or cannot be made; `at`: what asks for one.
pub(super) fn obstacle(workload: &WorkloadNode<'_>, slot: &Slot, at: Place) -> Option<Diagnostic> {
    let Slot::Members(path) = slot else {
        return None;
    };
    let tree = workload.tree;
    // what cannot be read is reported with the collection
    let walked = walk(tree, workload.root, path).ok()?;
    let Walked { matched, deepest } = walked;
    let kind = tree.kind(deepest);
    let nothing = is_nothing(tree, deepest);
    let here = Path(&path[..matched]);
    let problem = match path.get(matched) {
        Some(Step::Key(_)) | None if kind == Kind::Mapping || nothing => None,
        Some(Step::Match { key, value }) if kind == Kind::Sequence => {
            path::is_repeated(tree, deepest, key, value)
                .then(|| format!("several items of `{here}` have the {key} `{value}`"))
        }
        Some(Step::Match { .. }) if nothing => None,
        Some(Step::Index(index)) => Some(format!("`{here}` has no item `[{index}]`")),
        Some(Step::Key(_)) | None => Some(format!("`{here}` is no mapping")),
        Some(Step::Match { .. }) => Some(format!("`{here}` is no list")),
    };
    let later = path.get(matched + 1..).unwrap_or_default();
    let unmade = later.iter().any(|step| matches!(step, Step::Index(_)));
    let problem = problem.or_else(|| {
        unmade.then(|| {
            format!(
                "`{}` is not there, and an item with a number is not made",
                Path(path)
            )
        })
    })?;
    let message = format!(
        "{} has no place for this field: {problem}",
        workload.called()
    );
    let error = Diagnostic::error(Code::FieldNotWritable, message)
        .at(at, "asked for here")
        .at(workload.at(deepest), "the path leads here");
    let help = "correct the path: `a.b` is a field, `['a.b/c']` one with dots in its key, `[name=x]` an item of a list, which is \
                made where it is not there, and `[0]` one that must be there";
    Some(workload.about(error.help(help)))
}
