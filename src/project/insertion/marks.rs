//! Marks an object as coupled: with a label, and the annotations of its record.

use super::{Baked, Marked, refusal};
use crate::edit::{self, Insertion, Member, Refusal, Value};
use crate::manifest::{Kind, NodeId, Tree};
use crate::project::record::COUPLED;
use crate::project::slot::Slot;

impl<'w> Baked<'w> {
    /// The label and the annotations. The record is finished first, since it is what they hold.
    pub(super) fn marks(
        &mut self,
        tree: &Tree<'_>,
        root: NodeId,
        more: Marked<'w>,
    ) -> Result<(), Refusal> {
        let Some(metadata) = tree
            .read_member(root, "metadata")
            .shown()
            .filter(|&m| tree.kind(m) == Kind::Mapping)
        else {
            return Err(refusal(tree, root, "the object has no `metadata`"));
        };
        let slots = [(Slot::Labels, "labels"), (Slot::Annotations, "annotations")];
        for (slot, key) in &slots {
            match tree.read_member(metadata, key).shown() {
                None => {
                    self.record.created.insert(slot.clone());
                }
                Some(node) => self.fill(tree, slot, node)?,
            }
        }
        let label = tree.read_at(metadata, &["labels", COUPLED]).shown();
        if let Some(label) = label {
            if !edit::is_text(tree, label, "true") {
                return Err(refusal(
                    tree,
                    label,
                    &format!("the label `{COUPLED}` is coupler's own"),
                ));
            }
            self.record.labelled = true;
        }
        let mut labels = more.labels;
        if label.is_none() {
            labels.push((COUPLED.into(), Value::Text("true".into())));
        }
        let annotations = self.record.write();
        self.written = annotations
            .iter()
            .map(|(key, value)| key.len() + value.len())
            .sum();
        let own = annotations
            .into_iter()
            .map(|(key, value)| (key.into(), Value::Json(value)));
        let annotations: Vec<Member<'w>> = more.annotations.into_iter().chain(own).collect();
        let mut created = Vec::new();
        for ((_, key), members) in slots.iter().zip([labels, annotations]) {
            match tree.read_member(metadata, key).shown() {
                _ if members.is_empty() => {}
                None => created.push(((*key).into(), Value::Map(members))),
                Some(map) if tree.kind(map) == Kind::Mapping => {
                    self.insertions.push(Insertion::Members {
                        map,
                        before: None,
                        members,
                    });
                }
                Some(node) => self.insertions.push(Insertion::Set {
                    node,
                    value: Value::Map(members),
                }),
            }
        }
        if !created.is_empty() {
            self.insertions.push(Insertion::Members {
                map: metadata,
                before: None,
                members: created,
            });
        }
        Ok(())
    }
}
