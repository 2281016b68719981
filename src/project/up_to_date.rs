//! Decides whether an object is already as it would be baked: its bytes are then not changed.

use std::collections::BTreeMap;

use super::env_content::references;
use super::ownership::OwnedEntries;
use super::planned::{CollectionPlan, Plan, PlannedEntry};
use super::pod_template::text;
use super::record::{COUPLED, Record};
use super::workload::{Collection, StandingEntry, WorkloadNode};
use crate::edit;

/// Whether the same entries are there, by content and reference, in an order that works, under the
/// same record.
pub(super) fn is_up_to_date(
    workload: &WorkloadNode<'_>,
    record: &Record,
    owned: &OwnedEntries<'_>,
    plan: &Plan<'_>,
) -> bool {
    let label = workload
        .tree
        .read_at(workload.root, &["metadata", "labels", COUPLED])
        .shown();
    !plan.record.owners.is_empty()
        && record.agrees(&plan.record)
        && label.is_some_and(|label| edit::is_text(workload.tree, label, "true"))
        && plan
            .collections
            .iter()
            .all(|plan| collection_is(workload, owned, plan))
}

fn collection_is(
    workload: &WorkloadNode<'_>,
    owned: &OwnedEntries<'_>,
    plan: &CollectionPlan<'_>,
) -> bool {
    let collection = &workload.collections[plan.collection];
    let Ok(standing) = &collection.entries else {
        return false;
    };
    if let Some(text) = &plan.text {
        let node = collection.node;
        return node.is_some_and(|node| edit::is_text(workload.tree, node, text));
    }
    let order = Order::new(workload, owned, collection, standing);
    let mut ours = BTreeMap::new();
    for entry in standing {
        if let Some(owned) = owned.of(entry.node) {
            ours.insert(&*entry.key, (entry, owned.original.is_some()));
        }
    }
    plan.new
        .iter()
        .filter(|planned| !planned.is_kept())
        .all(|planned| {
            ours.get(&*planned.entry.key)
                .is_some_and(|&(entry, replaced)| {
                    replaced == planned.replaces()
                        && collection
                            .slot
                            .has(workload.tree, entry.node, planned.content())
                        && order.admits(planned, entry.index)
                })
        })
}

/// The positions of a collection's entries, by key.
struct Order<'s> {
    /// The last of each.
    last: BTreeMap<&'s str, usize>,
    /// The first of the author's that uses it.
    used: BTreeMap<&'s str, usize>,
}

impl<'s> Order<'s> {
    fn new(
        workload: &WorkloadNode<'s>,
        owned: &OwnedEntries<'_>,
        collection: &Collection<'_>,
        standing: &'s [StandingEntry<'_>],
    ) -> Self {
        let mut order = Self {
            last: BTreeMap::new(),
            used: BTreeMap::new(),
        };
        if collection.slot.item_key().is_none() {
            return order;
        }
        for entry in standing {
            order.last.insert(&entry.key, entry.index);
            if owned.of(entry.node).is_none() {
                for name in references(text(workload.tree, entry.node, "value").unwrap_or_default())
                {
                    order.used.entry(name).or_insert(entry.index);
                }
            }
        }
        order
    }

    /// Whether an entry is after all that it uses and before all of the author's that use it.
    fn admits(&self, planned: &PlannedEntry<'_>, index: usize) -> bool {
        let is_before_users = self
            .used
            .get(&*planned.entry.key)
            .is_none_or(|&user| index < user);
        let is_after_parts = planned
            .entry
            .uses
            .iter()
            .all(|name| self.last.get(name).is_none_or(|&part| part <= index));
        is_before_users && is_after_parts
    }
}
