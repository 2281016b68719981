//! Removes the entries of the record from the bytes, and restores what they replaced. In coupler's
//! own output, the result has the original bytes.

use std::collections::{BTreeMap, BTreeSet};

use super::ownership::OwnedEntries;
use super::record::{COUPLED, Original, Record};
use super::record_annotations::is_own;
use super::slot::Slot;
use super::workload::{Collection, WorkloadNode};
use crate::edit::{self, Removals, Value};
use crate::manifest::{Kind, NodeId, Reading, Tree};

/// Takes everything of ours out of one object.
pub(super) fn remove<'t, 'r>(
    workload: &WorkloadNode<'t>,
    record: &'r Record,
    owned: &OwnedEntries<'r>,
    removals: &mut Removals<'t, 'r>,
) {
    let tree = workload.tree;
    let mut gone: BTreeMap<NodeId, Gone> = BTreeMap::new();
    for (&entry, owned_entry) in &owned.entries {
        let collection = &workload.collections[owned_entry.collection];
        match (owned_entry.original, collection.node) {
            (Some(original), _) => put_back(tree, collection, entry, original, removals),
            (None, Some(node)) => {
                let gone = gone.entry(node).or_default();
                let slot = owned.recorded.get(&owned_entry.collection);
                gone.slots.extend(slot.map(|slot| slot.collection()));
                gone.members.insert(entry);
            }
            (None, None) => {}
        }
    }
    for (&node, text) in &owned.texts {
        let key = tree.key(node).unwrap_or_default().to_owned();
        let original = (key.into(), Value::Text(text.original.clone().into()));
        match edit::splices(tree, node, &text.parts, &text.texts) {
            Some(splices) => removals.splice(node, splices, original),
            None => removals.restore(node, original, None),
        }
    }
    if let Reading::Value(metadata) = tree.read_member(workload.root, "metadata") {
        marks(tree, metadata, record, &mut gone);
    }
    remove_all(tree, gone, record, removals);
}

/// Members of one collection that are ours.
#[derive(Default)]
struct Gone {
    /// The collection's names in the record.
    slots: BTreeSet<Slot>,
    members: BTreeSet<NodeId>,
}

impl Gone {
    /// Whether nothing else is in the collection: of an item that was made, what distinguishes it
    /// was made with it.
    fn is_all(&self, tree: &Tree<'_>, node: NodeId) -> bool {
        let is_own = |member: NodeId| {
            let mut keys = self.slots.iter().filter_map(Slot::own_key);
            keys.any(|key| tree.key(member) == Some(key))
        };
        tree.children(node)
            .all(|member| self.members.contains(&member) || is_own(member))
    }
}

/// Takes members out; of a collection that coupler created or filled and that would be empty,
/// itself, and so on outwards.
fn remove_all<'t>(
    tree: &Tree<'t>,
    mut gone: BTreeMap<NodeId, Gone>,
    record: &Record,
    removals: &mut Removals<'t, '_>,
) {
    // a collection comes after what holds it
    while let Some((node, one)) = gone.pop_last() {
        let slots = || one.slots.iter().filter(|_| one.is_all(tree, node));
        let created = slots().find(|slot| record.created.contains(*slot));
        let filled = slots().find_map(|slot| record.filled.get(slot));
        match (created, filled) {
            (Some(created), _) => {
                let named =
                    |slot: &Slot| record.created.contains(slot) || record.filled.contains_key(slot);
                let holder = created.holder().filter(named);
                match (holder, tree.parent(node)) {
                    (Some(slot), Some(parent)) => {
                        let outer = gone.entry(parent).or_default();
                        outer.slots.insert(slot);
                        outer.members.insert(node);
                    }
                    (_, _) => removals.member(node),
                }
            }
            (None, Some(emptiness)) => removals.empty(node, emptiness.clone()),
            (None, None) => one
                .members
                .into_iter()
                .for_each(|member| removals.member(member)),
        }
    }
}

/// The label and the annotations of the record itself.
fn marks(tree: &Tree<'_>, metadata: NodeId, record: &Record, gone: &mut BTreeMap<NodeId, Gone>) {
    for slot in [Slot::Labels, Slot::Annotations] {
        let key = if slot == Slot::Labels {
            "labels"
        } else {
            "annotations"
        };
        let Some(node) = tree
            .read_member(metadata, key)
            .shown()
            .filter(|&node| tree.kind(node) == Kind::Mapping)
        else {
            continue;
        };
        let is_mark = |member: &NodeId| {
            let key = tree.key(*member).unwrap_or_default();
            if slot == Slot::Labels {
                key == COUPLED && !record.labelled
            } else {
                is_own(key)
            }
        };
        let members: BTreeSet<NodeId> = tree.children(node).filter(is_mark).collect();
        if !members.is_empty() {
            let all = gone.entry(node).or_default();
            all.slots.insert(slot);
            all.members.extend(members);
        }
    }
}

/// Puts what the author wrote in place of ours.
fn put_back<'t, 'r>(
    tree: &Tree<'t>,
    collection: &Collection<'_>,
    entry: NodeId,
    original: &'r Original,
    removals: &mut Removals<'t, 'r>,
) {
    if collection.slot.item_key().is_none() {
        let key = tree.key(entry).unwrap_or_default().to_owned();
        removals.restore(
            entry,
            (key.into(), Value::from(&original.content)),
            original.bytes.clone(),
        );
        return;
    }
    let content = collection.slot.content(tree, entry);
    let member = original
        .content
        .as_object()
        .and_then(|members| members.iter().next());
    let others = match (&content[..], member) {
        ([first, others @ ..], Some((key, value))) => {
            removals.restore(
                *first,
                (key.as_str().into(), Value::from(value)),
                original.bytes.clone(),
            );
            others
        }
        (all, _) => all,
    };
    others.iter().for_each(|&other| removals.member(other));
}
