//! Defines what removals remove from a tree, and what remains in its place.

use std::collections::{BTreeMap, BTreeSet};

use super::refusal::{Refusal, repeated};
use super::value::Member;
use crate::manifest::{NodeId, Tree};

/// The text of an empty collection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Emptiness {
    /// A token after the colon, perhaps none at all: null.
    Null(String),
    /// `[]` or `{}`.
    Collection,
}

/// What removals take out of a tree: what is left must be all the rest.
#[derive(Debug, Default)]
pub struct Removed<'v> {
    /// Members that are not there any more.
    pub(super) members: BTreeSet<NodeId>,
    /// Members that are empty now.
    pub(super) emptied: BTreeSet<NodeId>,
    /// Members that hold again what they held before.
    pub(super) restored: BTreeMap<NodeId, Member<'v>>,
}

impl Removed<'_> {
    /// Refuses to take out what an alias elsewhere repeats: an anchor goes with its value.
    ///
    /// # Errors
    /// What is repeated.
    pub fn alone(&self, tree: &Tree<'_>) -> Result<(), Refusal> {
        let members = self
            .members
            .iter()
            .chain(&self.emptied)
            .chain(self.restored.keys());
        let inside = members.flat_map(|member| (member.0..).take(tree.size(*member)).map(NodeId));
        let Some(shared) = inside.into_iter().find(|&id| tree.node(id).anchored) else {
            return Ok(());
        };
        Err(repeated(
            tree,
            shared,
            "the content that would be removed with the coupling",
        ))
    }

    /// All of these members, in order.
    pub(super) fn nodes(&self) -> Vec<NodeId> {
        let all = self
            .members
            .iter()
            .chain(&self.emptied)
            .chain(self.restored.keys());
        let all: BTreeSet<NodeId> = all.copied().collect();
        all.into_iter().collect()
    }

    /// Whether a member is not there any more.
    pub(super) fn has(&self, id: NodeId) -> bool {
        self.members.contains(&id)
    }

    /// Whether a member is empty now.
    pub(super) fn is_emptied(&self, id: NodeId) -> bool {
        self.emptied.contains(&id)
    }

    /// What a member holds again.
    pub(super) fn restored(&self, id: NodeId) -> Option<&Member<'_>> {
        self.restored.get(&id)
    }
}
