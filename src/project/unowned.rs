//! Finds the entry that a record means among those of its key, each once.

use std::collections::{BTreeMap, BTreeSet};

use super::digest;
use super::slot::Slot;
use super::workload::{Collection, StandingEntry};
use crate::manifest::{NodeId, Tree};

/// The entries of one collection that nothing of a record owns yet.
pub(super) struct Unowned<'h, 't> {
    tree: &'t Tree<'t>,
    collection: &'h Collection<'t>,
    /// By key, once the record asks for it.
    by_key: BTreeMap<&'h str, OfKey>,
}

/// An entry, and the digest of its content.
pub(super) struct Digested {
    pub(super) node: NodeId,
    pub(super) digest: String,
}

/// The entries of one key that are not taken yet.
enum OfKey {
    /// The usual case.
    One(Option<Digested>),
    Several {
        /// In order.
        all: BTreeMap<NodeId, String>,
        by_digest: BTreeMap<String, BTreeSet<NodeId>>,
    },
}

impl OfKey {
    fn new(mut entries: impl Iterator<Item = Digested>) -> Self {
        let first = entries.next();
        let Some(second) = entries.next() else {
            return Self::One(first);
        };
        let mut all = BTreeMap::new();
        let mut by_digest: BTreeMap<String, BTreeSet<NodeId>> = BTreeMap::new();
        for Digested { node, digest } in first.into_iter().chain([second]).chain(entries) {
            by_digest.entry(digest.clone()).or_default().insert(node);
            all.insert(node, digest);
        }
        Self::Several { all, by_digest }
    }

    /// Takes the first entry of this digest, or else the first.
    fn take(&mut self, recorded: &str) -> Option<Digested> {
        let (all, by_digest) = match self {
            Self::One(entry) => return entry.take(),
            Self::Several { all, by_digest } => (all, by_digest),
        };
        let same = by_digest
            .get(recorded)
            .and_then(|nodes| nodes.first())
            .copied();
        let node = same.or_else(|| all.keys().next().copied())?;
        let digest = all.remove(&node)?;
        if let Some(nodes) = by_digest.get_mut(&digest) {
            nodes.remove(&node);
        }
        Some(Digested { node, digest })
    }
}

impl<'h, 't> Unowned<'h, 't> {
    /// None is taken yet.
    pub(super) fn new(tree: &'t Tree<'t>, collection: &'h Collection<'t>) -> Self {
        Self {
            tree,
            collection,
            by_key: BTreeMap::new(),
        }
    }

    /// Takes the first entry of this key and digest, or else the first of the key; of what was put
    /// behind all others, the last.
    pub(super) fn take(&mut self, key: &'h str, recorded: &str) -> Option<Digested> {
        let (tree, collection) = (self.tree, self.collection);
        let digested = |entry: &StandingEntry<'_>| Digested {
            node: entry.node,
            digest: digest::of_entry(tree, &collection.slot, entry.node),
        };
        let of_key = self.by_key.entry(key).or_insert_with(|| {
            let entries = collection.of_key(key);
            match &collection.slot {
                Slot::Appended(_) => OfKey::One(entries.last().map(digested)),
                _ => OfKey::new(entries.map(digested)),
            }
        });
        let Digested { node, digest } = of_key.take(recorded)?;
        let digest = digest::as_recorded(tree, node, digest, recorded);
        Some(Digested { node, digest })
    }
}
