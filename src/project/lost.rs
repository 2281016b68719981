//! Finds entries of a record in a place where the kind has no pods now: the mapping that they were
//! written with was changed or removed.

use std::collections::{BTreeMap, BTreeSet};

use super::digest;
use super::slot::Slot;
use super::workload::WorkloadNode;
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::{Kind, NodeId};

/// Entries of a record that are not in the collection that it names.
#[derive(Default)]
pub(super) struct Lost<'r> {
    /// By the field that has the key, and the key.
    entries: BTreeMap<Option<&'static str>, BTreeMap<&'r str, Vec<LostEntry<'r>>>>,
}

/// An entry that is not in the collection that a record names.
struct LostEntry<'r> {
    slot: &'r Slot,
    /// Its digest.
    recorded: &'r str,
}

/// Where one of them is.
struct StrayEntry<'r> {
    node: NodeId,
    slot: &'r Slot,
    key: &'r str,
}

impl<'r> Lost<'r> {
    /// Adds an entry.
    pub(super) fn add(&mut self, slot: &'r Slot, key: &'r str, recorded: &'r str) {
        if slot.is_of_pods() {
            let by_key = self.entries.entry(slot.item_key()).or_default();
            let same = by_key.entry(key).or_default();
            same.push(LostEntry { slot, recorded });
        }
    }

    /// Adds all entries of a collection.
    pub(super) fn add_all(&mut self, slot: &'r Slot, entries: &'r BTreeMap<String, String>) {
        for (key, recorded) in entries {
            self.add(slot, key, recorded);
        }
    }

    /// The error about those that are in no collection of the workload: they could not be removed
    /// again.
    pub(super) fn elsewhere(&self, workload: &WorkloadNode<'_>) -> Option<Diagnostic> {
        if self.entries.is_empty() {
            return None;
        }
        let collections = workload.collections.iter();
        let known: BTreeSet<NodeId> = collections
            .flat_map(|collection| collection.entries.as_deref().unwrap_or_default())
            .map(|entry| entry.node)
            .collect();
        let StrayEntry { node, slot, key } = self.below(workload, &known, workload.root)?;
        let message = format!(
            "{} is in the record, in a place where {} has no pods",
            slot.entry(key),
            workload.called()
        );
        let error = Diagnostic::error(Code::UnsupportedWorkload, message)
            .at(workload.at(node), "written by coupler")
            .help(
                "render with the same `ClusterWorkloadResourceMapping` as before; to change the \
                 mapping, decouple the workload first",
            );
        Some(workload.about(error))
    }

    /// The first of them below a node.
    fn below(
        &self,
        workload: &WorkloadNode<'_>,
        known: &BTreeSet<NodeId>,
        node: NodeId,
    ) -> Option<StrayEntry<'r>> {
        let tree = workload.tree;
        tree.children(node).find_map(|child| {
            let found = match known.contains(&child) {
                true => None,
                false => self.entry(workload, tree.kind(node), child),
            };
            found.or_else(|| self.below(workload, known, child))
        })
    }

    /// The one that an element of a collection is.
    fn entry(
        &self,
        workload: &WorkloadNode<'_>,
        collection: Kind,
        element: NodeId,
    ) -> Option<StrayEntry<'r>> {
        let tree = workload.tree;
        let fields = match collection {
            Kind::Sequence => &[Some("name"), Some("mountPath")][..],
            _ => &[None],
        };
        fields.iter().find_map(|&field| {
            let key = match field {
                Some(field) => tree.read_text(element, &[field]).shown()?,
                None => tree.key(element)?,
            };
            let (&key, lost) = self.entries.get(&field)?.get_key_value(key)?;
            let digest = digest::of_entry(tree, lost.first()?.slot, element);
            let same = lost.iter().find(|one| one.recorded == digest)?;
            Some(StrayEntry {
                node: element,
                slot: same.slot,
                key,
            })
        })
    }
}
