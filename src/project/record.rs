//! Defines the record of what was baked, which is written on the object itself.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::owner::OwnerKey;
use super::slot::Slot;
use crate::edit::Emptiness;
use crate::manifest::Span;

/// The label and the object's own annotation.
pub const COUPLED: &str = "integration.rock8s.com/coupled";

/// Entries by collection and key, and what is known of each.
pub type Entries<T> = BTreeMap<Slot, BTreeMap<String, T>>;

/// Where the Plugs of an object are after a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sources {
    /// In the output.
    #[default]
    Kept,
    /// They are left out on purpose (`"sources":"omitted"`).
    Omitted,
}

/// Everything that coupler knows about what it did to one object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// Where the Plugs were after the run.
    pub sources: Sources,
    /// Collections that coupler created.
    pub created: BTreeSet<Slot>,
    /// Collections that were there, and empty.
    pub filled: BTreeMap<Slot, Emptiness>,
    /// Whether the label was there before.
    pub labelled: bool,
    /// What was written for each Plug and Socket.
    pub owners: BTreeMap<OwnerKey, OwnerRecord>,
}

/// A side of a coupling that a catalogue supplied: it never was in the cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Supplied {
    /// The Interface.
    Interface,
    /// The Socket.
    Socket,
    /// Plugs of a Socket that writes something.
    Plugs,
}

impl Supplied {
    /// As the record has it.
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Interface => "interface",
            Self::Socket => "socket",
            Self::Plugs => "plugs",
        }
    }
}

/// What was written for one Plug or Socket. An entry is made, replaced or kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnerRecord {
    /// `namespace/name` of the Socket.
    pub socket: String,
    /// `name@version`.
    pub interface: String,
    /// What a catalogue supplied.
    pub catalogue: Vec<Supplied>,
    /// The entries that coupler wrote, each with the digest of its content.
    pub entries: Entries<String>,
    /// The author's own entries that have the content that would be written, each with its digest.
    pub kept: Entries<String>,
    /// Of entries that took the place of the author's: what was there.
    pub originals: Entries<Original>,
    /// Of parts of texts: what took their place, and where.
    pub found: Entries<FoundText>,
}

/// What took the place of a part of a text.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FoundText {
    /// Its offset in the whole text, in bytes.
    pub at: usize,
    /// The bytes behind it.
    pub behind: usize,
    /// The text.
    pub with: String,
}

/// What was in place of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Original {
    /// Its content: of an item of a list, all members but the key.
    pub content: serde_json::Value,
    /// The bytes of it, where coupler would write it otherwise: the first line, the others relative
    /// to where it begins.
    pub bytes: Option<String>,
}

/// Why a record cannot be used, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// The annotation, relative to the document.
    pub span: Span,
    /// The fact.
    pub message: String,
}

impl OwnerRecord {
    /// What was in place of an entry.
    pub(super) fn original(&self, slot: &Slot, key: &str) -> Option<&Original> {
        self.originals.get(slot)?.get(key)
    }
}

impl Record {
    /// The collections of its entries.
    pub(super) fn collections(&self) -> impl Iterator<Item = &Slot> {
        let owners = self.owners.values();
        owners.flat_map(|owner| owner.entries.keys().chain(owner.kept.keys()))
    }

    /// Whether fields are among what coupler wrote, or labels or annotations of the object.
    pub fn has_fields(&self) -> bool {
        let mut slots = self.owners.values().flat_map(|owner| owner.entries.keys());
        slots.any(|slot| !slot.is_of_pods())
    }

    /// The labels of an object as its author wrote them: those that coupler wrote decide nothing.
    pub fn authors_labels<'l>(
        &'l self,
        labels: &'l BTreeMap<String, String>,
    ) -> impl Iterator<Item = (&'l str, &'l str)> {
        let author = |(key, value): (&'l String, &'l String)| {
            if key == COUPLED {
                return self.labelled.then_some((key.as_str(), value.as_str()));
            }
            let is_listed = |owner: &&OwnerRecord| {
                let listed = owner.entries.get(&Slot::Labels);
                listed.is_some_and(|listed| listed.contains_key(key))
            };
            match self.owners.values().find(is_listed) {
                None => Some((key.as_str(), value.as_str())),
                Some(owner) => {
                    let original = owner.original(&Slot::Labels, key)?;
                    Some((key.as_str(), original.content.as_str()?))
                }
            }
        };
        labels.iter().filter_map(author)
    }

    /// Whether another one records the same entries, whatever was there before.
    pub(super) fn agrees(&self, other: &Self) -> bool {
        let same =
            |((one, a), (other, b)): ((&OwnerKey, &OwnerRecord), (&OwnerKey, &OwnerRecord))| {
                let socket = (&a.socket, &a.interface, &a.catalogue)
                    == (&b.socket, &b.interface, &b.catalogue);
                let entries = (&a.entries, &a.kept, &a.found) == (&b.entries, &b.kept, &b.found);
                one == other && socket && entries
            };
        self.sources == other.sources
            && self.owners.len() == other.owners.len()
            && self.owners.iter().zip(&other.owners).all(same)
    }
}
