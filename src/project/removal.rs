//! Removes what the record lists from the bytes again, and puts back what it replaced; in what we
//! wrote ourselves, to the byte.

use std::collections::{BTreeMap, BTreeSet};

use super::ownership::OwnedEntries;
use super::record::{COUPLED, Original, Record};
use super::record_annotations::is_own;
use super::slot::Slot;
use super::workload::{Collection, WorkloadNode};
use crate::edit::{Removals, Value};
use crate::manifest::{Kind, NodeId, Reading, Tree};

/// Takes everything of ours out of one object.
pub(super) fn remove<'t, 'r>(
    workload: &WorkloadNode<'t>,
    record: &'r Record,
    owned: &OwnedEntries<'r>,
    removals: &mut Removals<'t, 'r>,
) {
    let tree = workload.tree;
    let mut gone: BTreeMap<NodeId, Gone<'r>> = BTreeMap::new();
    for (&entry, owned_entry) in &owned.entries {
        let collection = &workload.collections[owned_entry.collection];
        match (owned_entry.original, collection.node) {
            (Some(original), _) => put_back(tree, collection, entry, original, removals),
            (None, Some(node)) => {
                let slot = owned.recorded.get(&owned_entry.collection).copied();
                gone.entry(node)
                    .or_insert_with(|| Gone {
                        slot,
                        members: BTreeSet::new(),
                    })
                    .members
                    .insert(entry);
            }
            (None, None) => {}
        }
    }
    if let Reading::Value(metadata) = tree.read_member(workload.root, "metadata") {
        marks(tree, metadata, record, &mut gone);
    }
    for (node, gone) in gone {
        gone.remove(tree, node, record, removals);
    }
}

/// Members of one collection that are ours.
struct Gone<'r> {
    /// The collection's name in the record.
    slot: Option<&'r Slot>,
    members: BTreeSet<NodeId>,
}

impl Gone<'_> {
    /// Takes them out; of a collection that coupler created or filled and that would be empty,
    /// itself.
    fn remove<'t>(
        self,
        tree: &Tree<'t>,
        node: NodeId,
        record: &Record,
        removals: &mut Removals<'t, '_>,
    ) {
        let all = tree
            .children(node)
            .all(|member| self.members.contains(&member));
        let slot = self.slot.filter(|_| all);
        match slot {
            Some(slot) if record.created.contains(slot) => {
                removals.member(outermost(tree, node, slot, record));
            }
            Some(slot) if record.filled.contains_key(slot) => {
                removals.empty(node, record.filled[slot].clone());
            }
            _ => self
                .members
                .into_iter()
                .for_each(|member| removals.member(member)),
        }
    }
}

/// What of a created collection goes: the mapping that holds it too, where that was created for it
/// and holds nothing else.
fn outermost(tree: &Tree<'_>, node: NodeId, slot: &Slot, record: &Record) -> NodeId {
    let holder = tree
        .parent(node)
        .filter(|&holder| tree.children(holder).count() == 1);
    match holder {
        Some(holder)
            if *slot == Slot::PodAnnotations && record.created.contains(&Slot::PodMetadata) =>
        {
            holder
        }
        _ => node,
    }
}

/// The label and the annotations of the record itself.
fn marks<'r>(
    tree: &Tree<'_>,
    metadata: NodeId,
    record: &'r Record,
    gone: &mut BTreeMap<NodeId, Gone<'r>>,
) {
    for slot in [&Slot::Labels, &Slot::Annotations] {
        let key = if *slot == Slot::Labels {
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
            if *slot == Slot::Labels {
                key == COUPLED && !record.labelled
            } else {
                is_own(key)
            }
        };
        let members: BTreeSet<NodeId> = tree.children(node).filter(is_mark).collect();
        if !members.is_empty() {
            let all = gone.entry(node).or_insert_with(|| Gone {
                slot: None,
                members: BTreeSet::new(),
            });
            all.slot = Some(slot);
            all.members.extend(members);
        }
    }
}

/// Puts what the author wrote in the place of ours.
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
