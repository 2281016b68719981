//! Finds the author's entries of a collection: those that coupler does not own.

use std::collections::BTreeMap;

use super::ownership::OwnedEntries;
use super::workload::StandingEntry;
use crate::manifest::NodeId;

/// One of the author's entries: one that we do not own, or that took the place of one of his.
pub(super) struct AuthorEntry<'r> {
    pub(super) index: usize,
    pub(super) node: NodeId,
    /// What he wrote, where ours is in its place.
    pub(super) original: Option<&'r serde_json::Value>,
}

/// The author's entries of one collection.
pub(super) struct Author<'s, 'r> {
    /// In their order.
    pub(super) all: Vec<AuthorEntry<'r>>,
    /// Positions in `all` by key.
    by_key: BTreeMap<&'s str, Vec<usize>>,
}

impl<'s, 'r> Author<'s, 'r> {
    /// The first entry of a key, and how many there are.
    pub(super) fn of_key(&self, key: &str) -> Option<(&AuthorEntry<'r>, usize)> {
        let positions = self.by_key.get(key)?;
        Some((&self.all[*positions.first()?], positions.len()))
    }

    /// Those of these entries that are the author's.
    pub(super) fn of(standing: &'s [StandingEntry<'_>], owned: &OwnedEntries<'r>) -> Self {
        let mut author = Self {
            all: Vec::new(),
            by_key: BTreeMap::new(),
        };
        for standing in standing {
            let own = owned.of(standing.node);
            let original = own
                .and_then(|own| own.original)
                .map(|original| &original.content);
            if own.is_none() || original.is_some() {
                author
                    .by_key
                    .entry(&standing.key)
                    .or_default()
                    .push(author.all.len());
                author.all.push(AuthorEntry {
                    index: standing.index,
                    node: standing.node,
                    original,
                });
            }
        }
        author
    }
}
