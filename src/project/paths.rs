//! Checks the paths of an object's entries: two that lead to one place, or one below the other, are
//! an error.

use std::collections::BTreeMap;

use super::desired::Desired;
use super::entry::Entry;
use super::nesting::nested;
use super::owner::EntryOwner;
use super::ownership::OwnedEntries;
use super::slot::Slot;
use super::workload::WorkloadNode;
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::path::{Path, Step, path_of, walk};

/// An entry, and the path that it is at.
struct Placed<'p> {
    path: Vec<Step>,
    owner: EntryOwner<'p>,
    entry: &'p Entry<'p>,
}

/// The errors of entries at one place, and of items that are named by a number which other entries
/// change. Where an object has no fields, its collections are apart.
pub(super) fn judge(
    workload: &WorkloadNode<'_>,
    owned: &OwnedEntries<'_>,
    desired: &Desired<'_>,
) -> Vec<Diagnostic> {
    let entries = desired.couplings.iter().flat_map(|coupling| {
        let owner = coupling.owner;
        coupling.entries.iter().map(move |entry| (owner, entry))
    });
    if entries.clone().all(|(_, entry)| entry.slot.is_of_pods()) {
        return Vec::new();
    }
    let placed = entries.filter_map(|(owner, entry)| {
        let path = path(workload, owned, entry)?;
        Some(Placed { path, owner, entry })
    });
    let mut all: Vec<Placed<'_>> = placed.collect();
    all.sort_by(|one, other| (&one.path, one.entry.at).cmp(&(&other.path, other.entry.at)));
    let is_in = |inner: &Placed<'_>, outer: &Placed<'_>| inner.path.starts_with(&outer.path);
    let collisions = nested(&all, is_in)
        .into_iter()
        .filter(|[outer, inner]| !is_one(outer.entry, inner.entry))
        .map(|[outer, inner]| workload.about(collision(workload, outer, inner)));
    let mut errors: Vec<Diagnostic> = collisions.collect();
    errors.extend(two_kinds(workload, &all));
    errors.extend(miscounted(workload, &all));
    errors
}

/// The errors of one place that is a mapping to one entry and a list to another.
fn two_kinds(workload: &WorkloadNode<'_>, all: &[Placed<'_>]) -> Vec<Diagnostic> {
    let mut errors = Vec::new();
    // of what is below one place, keys are before items
    for pair in all.windows(2) {
        let [one, other] = pair else { continue };
        let steps = one.path.iter().zip(&other.path);
        let shared = steps.take_while(|(one, other)| one == other).count();
        let is_key = |placed: &Placed<'_>| {
            let step = placed.path.get(shared)?;
            Some(matches!(step, Step::Key(_)))
        };
        if let (Some(true), Some(false)) = (is_key(one), is_key(other)) {
            let place = Path(&one.path[..shared]);
            let message = format!(
                "`{place}` of {} would be a mapping and a list at once",
                workload.called()
            );
            let error = Diagnostic::error(Code::FieldCollision, message)
                .at(other.entry.at, format!("a list, from {}", other.owner))
                .at(one.entry.at, format!("a mapping, from {}", one.owner))
                .help("correct the path of one of the two");
            errors.push(workload.about(error));
        }
    }
    errors
}

/// The errors of items that are named by their number in a list of the pods' that gets new items:
/// elsewhere these go behind all others.
fn miscounted(workload: &WorkloadNode<'_>, all: &[Placed<'_>]) -> Vec<Diagnostic> {
    let mut grown: BTreeMap<&[Step], &Placed<'_>> = BTreeMap::new();
    for placed in all {
        let is_item = placed.entry.slot.item_key().is_some();
        // what is there is named by its number by now
        if let Some((Step::Match { .. }, list)) = placed.path.split_last().filter(|_| is_item) {
            grown.entry(list).or_insert(placed);
        }
    }
    let mut errors = Vec::new();
    for placed in all {
        let mut lists = numbered_lists(&placed.entry.slot);
        let found = lists.find_map(|length| grown.get(placed.path.get(..length)?));
        errors.extend(found.map(|other| workload.about(miscount(workload, placed, other))));
    }
    errors
}

/// The lengths of the paths to lists of which a slot names an item by its number.
fn numbered_lists(slot: &Slot) -> impl Iterator<Item = usize> {
    let (path, is_itself) = match slot {
        Slot::Items(path) => (&path[..], true),
        Slot::Members(path) | Slot::Appended(path) | Slot::Found(path) => (&path[..], false),
        _ => (&[][..], false),
    };
    let steps = path.iter().enumerate();
    let within = steps.filter(|(_, step)| matches!(step, Step::Index(_)));
    let itself = is_itself.then_some(path.len());
    within.map(|(length, _)| length).chain(itself)
}

/// Whether two entries are one of their collection, which judges that itself, or new items.
fn is_one(one: &Entry<'_>, other: &Entry<'_>) -> bool {
    let is_same_key =
        one.key == other.key || matches!(one.slot, Slot::Appended(_) | Slot::Found(_));
    one.slot == other.slot && is_same_key
}

/// The path of an entry, the author's items by their position.
fn path(
    workload: &WorkloadNode<'_>,
    owned: &OwnedEntries<'_>,
    entry: &Entry<'_>,
) -> Option<Vec<Step>> {
    let tree = workload.tree;
    let collection = &workload.collections[workload.position(&entry.slot)?];
    let mut path = match (&entry.slot, collection.node, collection.holder) {
        (_, Some(node), _) => path_of(tree, workload.root, node),
        (
            Slot::Members(steps) | Slot::Items(steps) | Slot::Appended(steps) | Slot::Found(steps),
            None,
            _,
        ) => {
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
    if matches!(collection.slot, Slot::Found(_)) {
        return Some(path);
    }
    path.push(match (&collection.slot, collection.slot.item_key()) {
        (Slot::Items(_), _) => Step::Index(entry.key.parse().ok()?),
        (Slot::Appended(_), _) => Step::Append,
        (_, None) => Step::Key(entry.key.clone().into_owned()),
        (_, Some(field)) => match collection.of_key(&entry.key).next() {
            Some(standing) if owned.is_authors(standing.node) => Step::Index(standing.index),
            _ => Step::Match {
                key: field.to_owned(),
                value: entry.key.clone().into_owned(),
            },
        },
    });
    Some(path)
}

fn miscount(workload: &WorkloadNode<'_>, placed: &Placed<'_>, other: &Placed<'_>) -> Diagnostic {
    let [one, other_entry] = [placed, other].map(|one| one.entry.slot.entry(&one.entry.key));
    let message = format!(
        "{one} of {} is named by an index, and {other_entry} is a new item of that list",
        workload.called()
    );
    Diagnostic::error(Code::FieldNotWritable, message)
        .at(placed.entry.at, format!("from {}", placed.owner))
        .at(other.entry.at, format!("from {}", other.owner))
        .help("name the item by its name: `[name=X]`")
}

fn collision(workload: &WorkloadNode<'_>, above: &Placed<'_>, below: &Placed<'_>) -> Diagnostic {
    let [one, other] = [above, below].map(|placed| placed.entry.slot.entry(&placed.entry.key));
    let called = workload.called();
    let message = if above.path == below.path {
        format!("{one} of {called} is the same place as {other}")
    } else {
        format!("{one} of {called} would be written, and also {other}, which is a part of it")
    };
    Diagnostic::error(Code::FieldCollision, message)
        .at(below.entry.at, format!("from {}", below.owner))
        .at(above.entry.at, format!("from {}", above.owner))
        .help("only one Plug can write a field: remove one of the two")
}
