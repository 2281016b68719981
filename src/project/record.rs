//! Defines what is written down on the object itself about what was baked.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::digest;
use super::slot::Slot;
use crate::edit::Emptiness;
use crate::manifest::Span;

/// The label and the object's own annotation.
pub const COUPLED: &str = "integration.rock8s.com/coupled";
/// What a Plug's annotation begins with.
pub const PLUG_PREFIX: &str = "coupled.integration.rock8s.com/";
/// Kubernetes allows 63 characters after the slash of an annotation's name.
const NAME: usize = 63;

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
    /// By annotation, without its prefix: see [`plug_key`].
    pub plugs: BTreeMap<String, PlugRecord>,
}

/// A side of a coupling that a catalogue supplied: it never was in the cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Supplied {
    /// The Interface.
    Interface,
    /// The Socket.
    Socket,
}

impl Supplied {
    /// As the record has it.
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Interface => "interface",
            Self::Socket => "socket",
        }
    }
}

/// What was written for one Plug. An entry is made, replaced or kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlugRecord {
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

/// The name of a Plug's annotation, without its prefix: the Plug's own name, or as much of it as
/// fits and a hash.
pub fn plug_key(plug: &str) -> String {
    annotation_key(plug).into_owned()
}

/// The same, borrowed where the Plug's own name fits.
pub(super) fn annotation_key(plug: &str) -> Cow<'_, str> {
    let fits = plug.len() <= NAME
        && plug
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b));
    let ends = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphanumeric);
    if fits && ends(plug.as_bytes().first()) && ends(plug.as_bytes().last()) {
        return plug.into();
    }
    let head: String = plug
        .chars()
        .take(46)
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '-' || c == '.' {
                c
            } else {
                'x'
            }
        })
        .collect();
    format!("{head}-{}", digest::hash(plug, 16)).into()
}

impl PlugRecord {
    /// What was in place of an entry.
    pub(super) fn original(&self, slot: &Slot, key: &str) -> Option<&Original> {
        self.originals.get(slot)?.get(key)
    }
}

impl Record {
    /// The collections of its entries.
    pub(super) fn collections(&self) -> impl Iterator<Item = &Slot> {
        let plugs = self.plugs.values();
        plugs.flat_map(|plug| plug.entries.keys().chain(plug.kept.keys()))
    }

    /// Whether fields are among what coupler wrote, or labels or annotations of the object.
    pub fn has_fields(&self) -> bool {
        let mut slots = self.plugs.values().flat_map(|plug| plug.entries.keys());
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
            let is_listed = |plug: &&PlugRecord| {
                let listed = plug.entries.get(&Slot::Labels);
                listed.is_some_and(|listed| listed.contains_key(key))
            };
            match self.plugs.values().find(is_listed) {
                None => Some((key.as_str(), value.as_str())),
                Some(plug) => {
                    let original = plug.original(&Slot::Labels, key)?;
                    Some((key.as_str(), original.content.as_str()?))
                }
            }
        };
        labels.iter().filter_map(author)
    }

    /// Whether another one records the same entries, whatever was there before.
    pub(super) fn agrees(&self, other: &Self) -> bool {
        let same = |((one, a), (other, b)): ((&String, &PlugRecord), (&String, &PlugRecord))| {
            let socket =
                (&a.socket, &a.interface, &a.catalogue) == (&b.socket, &b.interface, &b.catalogue);
            let entries = (&a.entries, &a.kept, &a.found) == (&b.entries, &b.kept, &b.found);
            one == other && socket && entries
        };
        self.sources == other.sources
            && self.plugs.len() == other.plugs.len()
            && self.plugs.iter().zip(&other.plugs).all(same)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_or_odd_name_is_cut_and_hashed() {
        assert_eq!(plug_key("mongo"), "mongo");
        assert_eq!(plug_key(&"a".repeat(63)), "a".repeat(63));
        let long = plug_key(&"a".repeat(64));
        assert_eq!(long.len(), NAME);
        assert!(long.starts_with(&format!("{}-", "a".repeat(46))));
        assert_ne!(long, plug_key(&"a".repeat(65)));
        assert!(
            plug_key("a b: c")
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
        );
    }
}
