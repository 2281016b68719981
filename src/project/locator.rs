//! Finds the collections that a record names, by name or, if a container was renamed, by their
//! content.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use super::digest;
use super::record::Record;
use super::slot::Slot;
use super::workload::WorkloadNode;

/// Finds collections of one object for one record.
pub(super) struct Locator<'w, 't> {
    workload: &'w WorkloadNode<'t>,
    record: &'w Record,
    /// Collections that the record does not know: key and digest of an entry → the first position.
    /// Built on first use.
    by_entry: OnceCell<BTreeMap<(&'w str, String), usize>>,
}

impl<'w, 't> Locator<'w, 't> {
    /// A locator for the collections of this record.
    pub(super) fn new(workload: &'w WorkloadNode<'t>, record: &'w Record) -> Self {
        Self {
            workload,
            record,
            by_entry: OnceCell::new(),
        }
    }

    /// The collection of a record: of that name, or, where there is none, one of a container that
    /// the record does not know and that holds one of the listed entries.
    pub(super) fn find(&self, slot: &Slot, listed: &BTreeMap<String, String>) -> Option<usize> {
        self.workload.position(slot).or_else(|| {
            slot.container()?;
            let by_entry = self.by_entry.get_or_init(|| self.entries());
            listed
                .iter()
                .filter_map(|(key, digest)| by_entry.get(&(key.as_str(), digest.clone())).copied())
                .min()
        })
    }

    fn entries(&self) -> BTreeMap<(&'w str, String), usize> {
        let known: BTreeSet<&Slot> = self.record.collections().collect();
        let mut entries = BTreeMap::new();
        for (position, collection) in self.workload.collections.iter().enumerate() {
            if collection.slot.container().is_none() || known.contains(&collection.slot) {
                continue;
            }
            for entry in collection.entries.iter().flatten() {
                let digest = digest::of_entry(self.workload.tree, &collection.slot, entry.node);
                entries.entry((&*entry.key, digest)).or_insert(position);
            }
        }
        entries
    }
}
