//! Replaces parts of a text with other texts.

use super::{Baked, refusal};
use crate::edit::{self, Insertion, Refusal, Value};
use crate::project::planned::{EntryPosition, PlannedEntry};
use crate::project::workload::{Collection, WorkloadNode};

impl<'w> Baked<'w> {
    /// Replaces the parts of a text, which then is `text`.
    pub(super) fn splice(
        &mut self,
        workload: &WorkloadNode<'_>,
        collection: &Collection<'_>,
        planned: &[PlannedEntry<'w>],
        text: &str,
    ) -> Result<(), Refusal> {
        let tree = workload.tree;
        let (mut parts, mut texts) = (Vec::new(), Vec::new());
        for one in planned {
            if let (EntryPosition::Within { start }, Value::Text(with)) =
                (one.position, one.content())
            {
                parts.push(start..start + one.entry.key.len());
                texts.push(&**with);
            }
        }
        let Some(node) = collection.node.filter(|_| !parts.is_empty()) else {
            return Ok(());
        };
        let Some(splices) = edit::splices(tree, node, &parts, &texts) else {
            let message = "a part of this text cannot be replaced in its style";
            let help = "write it in quotes on one line, or as lines behind `|`".into();
            return Err(Refusal {
                help,
                ..refusal(tree, node, message)
            });
        };
        self.insertions.push(Insertion::Splice {
            node,
            splices,
            text: text.to_owned().into(),
        });
        Ok(())
    }
}
