//! Finds the place of a field in an object: how far its path leads, and what is in the way of
//! writing it.

use super::slot::Slot;
use super::workload::WorkloadNode;
use crate::diagnostic::{Code, Diagnostic};
use crate::edit::is_nothing;
use crate::manifest::path::{Path, Step};
use crate::manifest::{Kind, NodeId, NotReadable, Place, Tree};

/// How far a path leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Walked {
    /// How many of its steps are there.
    pub(super) matched: usize,
    /// The node at the end of these.
    pub(super) deepest: NodeId,
}

/// Follows a path as far as it leads.
///
/// # Errors
/// Whether a step is there cannot be read.
pub(super) fn walk(tree: &Tree<'_>, root: NodeId, path: &[Step]) -> Result<Walked, NotReadable> {
    let mut walked = Walked {
        matched: 0,
        deepest: root,
    };
    for step in path {
        match down(tree, walked.deepest, step)? {
            Some(deepest) => walked.deepest = deepest,
            None => break,
        }
        walked.matched += 1;
    }
    Ok(walked)
}

fn down(tree: &Tree<'_>, node: NodeId, step: &Step) -> Result<Option<NodeId>, NotReadable> {
    match step {
        Step::Key(key) => tree.read_member(node, key).known(),
        Step::Index(index) => match tree.opaque(node) {
            Some(why) if tree.kind(node) != Kind::Mapping => Err(why),
            _ => Ok(tree.item(node, *index)),
        },
        Step::Match { key, value } => match tree.items_with(node, key, value) {
            [Some(one), None] => Ok(Some(one)),
            [_, Some(_)] => Ok(None),
            [None, None] => {
                let items = tree.children(node).filter_map(|item| tree.opaque(item));
                match tree.opaque(node).into_iter().chain(items).next() {
                    Some(why) => Err(why),
                    None => Ok(None),
                }
            }
        },
    }
}

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
            let is_several = tree.items_with(deepest, key, value)[1].is_some();
            is_several.then(|| format!("several items of `{here}` have the {key} `{value}`"))
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

/// The path of a node from the root, items by their position.
pub(super) fn path_of(tree: &Tree<'_>, root: NodeId, node: NodeId) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut at = node;
    while at != root
        && let Some(parent) = tree.parent(at)
    {
        steps.push(match tree.key(at) {
            Some(key) => Step::Key(key.to_owned()),
            None => {
                let position = tree.children(parent).position(|item| item == at);
                Step::Index(position.unwrap_or_default())
            }
        });
        at = parent;
    }
    steps.reverse();
    steps
}
