//! Defines what one object of a document is to look like: its couplings, and what is known of it.

use super::entry::Entry;
use super::env_from::EnvFromVars;
use super::owner::EntryOwner;
use super::record::{Invalid, Record, Sources, Supplied};
use super::slot::Slot;
use crate::couple::DefaultEnv;
use crate::manifest::{NodeId, Place};

/// What one object of a document is to look like.
#[derive(Debug)]
pub struct Desired<'a> {
    /// The object's root in the document's tree.
    pub object: NodeId,
    /// The entry of its record, if it has one.
    pub record: Option<Result<Record, Invalid>>,
    /// Its couplings. Empty: decoupled.
    pub couplings: Vec<DesiredCoupling<'a>>,
    /// What the containers' `envFrom` adds, as far as the input knows it.
    pub brought: Vec<EnvFromVars>,
    /// Whether the Plugs leave the output with this run.
    pub sources: Sources,
}

impl Desired<'_> {
    /// The collections that its entries go into, and those of its record.
    pub(super) fn collections(&self) -> impl Iterator<Item = &Slot> {
        let entries = self.couplings.iter().flat_map(|coupling| &coupling.entries);
        let record = self.record.iter().flatten();
        entries
            .map(|entry| &entry.slot)
            .chain(record.flat_map(Record::collections))
    }
}

/// One coupling of one object.
#[derive(Debug)]
pub struct DesiredCoupling<'a> {
    /// The Plug or the Socket: the record's annotation is named after it.
    pub owner: EntryOwner<'a>,
    /// `namespace/name` of the Socket (its `spec.name`); only the name where the namespace is
    /// unknown.
    pub socket: String,
    /// `name@version`.
    pub interface: String,
    /// What a catalogue supplied.
    pub catalogue: Vec<Supplied>,
    /// Its entries; those of one collection in their order.
    pub entries: Vec<Entry<'a>>,
    /// What the Plug binds, where it lists no variables.
    pub default_env: Option<&'a DefaultEnv>,
    /// Where the Plug or the Socket is.
    pub at: Place,
}

impl DesiredCoupling<'_> {
    /// Whether it is to be written into pods: it has an entry of theirs, or none at all.
    pub(super) fn wants_pods(&self) -> bool {
        let mut entries = self.entries.iter();
        entries.len() == 0 || entries.any(|entry| entry.slot.is_of_pods())
    }
}
