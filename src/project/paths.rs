//! Judges the paths of an object's entries: of two that lead to one place, or one below the other,
//! none may be written.

use super::desired::Desired;
use super::entry::Entry;
use super::nesting::nested;
use super::slot::Slot;
use super::workload::WorkloadNode;
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::path::{Step, path_of, walk};

/// An entry, and the path that it is at.
struct Placed<'p> {
    path: Vec<Step>,
    plug: &'p str,
    entry: &'p Entry<'p>,
}

/// The errors of entries at one place. Where an object has no fields, its collections are apart.
pub(super) fn judge(workload: &WorkloadNode<'_>, desired: &Desired<'_>) -> Vec<Diagnostic> {
    let entries = desired.couplings.iter().flat_map(|coupling| {
        let plug = coupling.plug;
        coupling.entries.iter().map(move |entry| (plug, entry))
    });
    if entries.clone().all(|(_, entry)| entry.slot.is_of_pods()) {
        return Vec::new();
    }
    let placed = entries.filter_map(|(plug, entry)| {
        let path = path(workload, entry)?;
        Some(Placed { path, plug, entry })
    });
    let mut all: Vec<Placed<'_>> = placed.collect();
    all.sort_by(|one, other| (&one.path, one.entry.at).cmp(&(&other.path, other.entry.at)));
    let is_in = |inner: &Placed<'_>, outer: &Placed<'_>| inner.path.starts_with(&outer.path);
    let errors = nested(&all, is_in)
        .into_iter()
        .filter(|[outer, inner]| !is_one(outer.entry, inner.entry))
        .map(|[outer, inner]| workload.about(collision(workload, outer, inner)));
    errors.collect()
}

/// Whether two entries are one of their collection, which judges that itself.
fn is_one(one: &Entry<'_>, other: &Entry<'_>) -> bool {
    one.slot == other.slot && one.key == other.key
}

/// The path of an entry, items by their position where they are there.
fn path(workload: &WorkloadNode<'_>, entry: &Entry<'_>) -> Option<Vec<Step>> {
    let tree = workload.tree;
    let collection = &workload.collections[workload.position(&entry.slot)?];
    let mut path = match (&entry.slot, collection.node, collection.holder) {
        (_, Some(node), _) => path_of(tree, workload.root, node),
        (Slot::Members(steps), None, _) => {
            let walked = walk(tree, workload.root, steps).ok()?;
            let mut path = path_of(tree, workload.root, walked.deepest);
            path.extend_from_slice(&steps[walked.matched..]);
            path
        }
        (_, None, Some(holder)) => {
            let mut path = path_of(tree, workload.root, holder);
            path.push(Step::Key(collection.key.clone().into_owned()));
            path
        }
        (_, None, None) => return None,
    };
    path.push(match collection.slot.item_key() {
        None => Step::Key(entry.key.clone().into_owned()),
        Some(field) => match collection.of_key(&entry.key).next() {
            Some(standing) => Step::Index(standing.index),
            None => Step::Match {
                key: field.to_owned(),
                value: entry.key.clone().into_owned(),
            },
        },
    });
    Some(path)
}

fn collision(workload: &WorkloadNode<'_>, above: &Placed<'_>, below: &Placed<'_>) -> Diagnostic {
    let [one, other] = [above, below].map(|placed| placed.entry.slot.entry(&placed.entry.key));
    let called = workload.called();
    let message = if above.path == below.path {
        format!("{one} of {called} would be written as {other}, too")
    } else {
        format!("{one} of {called} would be written, and {other}, which is in it, too")
    };
    Diagnostic::error(Code::FieldCollision, message)
        .at(below.entry.at, format!("from Plug `{}`", below.plug))
        .at(above.entry.at, format!("from Plug `{}`", above.plug))
        .help("one place has one owner: remove one of the two")
}
