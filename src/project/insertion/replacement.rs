//! Replaces an entry of the author's, and keeps the old content in the record.

use super::{Baked, refusal};
use crate::edit::{self, Insertion, Refusal, Value, repeated};
use crate::manifest::{NodeId, Tree};
use crate::project::planned::PlannedEntry;
use crate::project::record::Original;
use crate::project::slot::Slot;
use crate::project::workload::WorkloadNode;

impl<'w> Baked<'w> {
    pub(super) fn replace(
        &mut self,
        workload: &WorkloadNode<'_>,
        slot: &Slot,
        entry: NodeId,
        planned: &PlannedEntry<'w>,
    ) -> Result<(), Refusal> {
        let tree = workload.tree;
        let content = slot.content_json(tree, entry).map_err(|span| {
            let message = "the entry to be replaced contains an alias or a merge key".to_owned();
            Refusal {
                span,
                message,
                help: "write the content in this place".into(),
                alias: None,
            }
        })?;
        let nodes = slot.content(tree, entry);
        if nodes.len() > 1 {
            return Err(refusal(
                tree,
                entry,
                "the entry to be replaced has more than one value",
            ));
        }
        if !slot.admits(&content) {
            return Err(refusal(
                tree,
                entry,
                "the entry to be replaced contains something other than a value",
            ));
        }
        let shared = nodes.first().and_then(|&node| used_elsewhere(tree, node));
        if let Some(shared) = shared {
            return Err(repeated(tree, shared, "what is to be replaced"));
        }
        let bytes = match nodes.first() {
            Some(&node) => edit::bytes(tree, node).map_err(|_| {
                refusal(
                    tree,
                    entry,
                    "the value to be replaced is indented irregularly",
                )
            })?,
            None => None,
        };
        self.insertions
            .push(match (nodes.first(), planned.content()) {
                (Some(&member), Value::Map(new)) if slot.item_key().is_some() => {
                    let Some(with) = new.first().cloned() else {
                        return Err(refusal(
                            tree,
                            entry,
                            "there is nothing to write in place of the entry",
                        ));
                    };
                    Insertion::Replace { member, with }
                }
                (None, Value::Map(new)) => Insertion::Members {
                    map: entry,
                    before: None,
                    members: new.clone(),
                },
                // a value of several lines has what is behind it on its line behind the last of
                // them
                (_, new) if matches!(slot, Slot::Members(_)) => Insertion::Replace {
                    member: entry,
                    with: (planned.entry.key.clone(), new.clone()),
                },
                (_, new) => Insertion::Set {
                    node: entry,
                    value: new.clone(),
                },
            });
        let owner = self.record.owners.entry(planned.owner.key()).or_default();
        let originals = owner.originals.entry(slot.clone()).or_default();
        originals.insert(
            planned.entry.key.clone().into_owned(),
            Original { content, bytes },
        );
        Ok(())
    }
}

/// The first node from here on down that an alias elsewhere repeats.
fn used_elsewhere(tree: &Tree<'_>, node: NodeId) -> Option<NodeId> {
    if tree.node(node).anchored {
        return Some(node);
    }
    tree.children(node)
        .find_map(|child| used_elsewhere(tree, child))
}
