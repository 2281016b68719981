//! Finds the fields that couplings write into an object and that its author did not write.

use super::DocumentRef;
use super::desired::Desired;
use super::digest;
use super::owner::EntryOwner;
use super::ownership::{EditPolicy, OwnedEntries};
use super::plan::plan;
use super::planned::Authorship;
use super::slot::Slot;
use super::workload::WorkloadNode;
use crate::manifest::path::Step;

/// A field that is written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WrittenField<'d> {
    /// The Plug or the Socket that writes it.
    pub owner: EntryOwner<'d>,
    /// The collection that it is in.
    pub slot: &'d Slot,
    /// What tells it from its neighbours.
    pub key: &'d str,
    /// The digest of what it holds.
    pub digest: String,
}

impl WrittenField<'_> {
    /// Whether it is in the `data` of a ConfigMap.
    pub fn is_data(&self) -> bool {
        let (Slot::Members(path) | Slot::Found(path)) = self.slot else {
            return false;
        };
        matches!(path.first(), Some(Step::Key(key)) if key == "data")
    }
}

/// The fields that are written; one that the author wrote in the same way is not. What cannot be
/// planned is reported once the object is projected onto.
pub fn written_fields<'d>(
    document: DocumentRef<'_>,
    desired: &'d Desired<'_>,
) -> Vec<WrittenField<'d>> {
    let workload = WorkloadNode::read(document, desired.object, desired.collections());
    let Ok(workload) = workload else {
        return Vec::new();
    };
    let record = desired
        .record
        .as_ref()
        .and_then(|record| record.as_ref().ok());
    let owned = record.map(|record| {
        OwnedEntries::find(&workload, record, &desired.couplings, EditPolicy::Discarded)
    });
    let plan = plan(
        &workload,
        &owned.unwrap_or_default(),
        desired,
        Authorship::Known,
    );
    let planned = plan
        .collections
        .iter()
        .flat_map(|collection| &collection.new);
    let written = planned.filter(|planned| !planned.is_kept());
    let mut fields: Vec<_> = written
        .map(|planned| WrittenField {
            owner: planned.owner,
            slot: &planned.entry.slot,
            key: &planned.entry.key,
            digest: digest::of_planned(planned.entry, planned.content()),
        })
        .collect();
    fields.sort();
    fields
}
