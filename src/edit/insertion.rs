//! Defines additions to a tree.

use std::borrow::Cow;

use super::splice::Splice;
use super::value::{Member, Value};
use crate::manifest::{NodeId, Tree};

/// One addition.
#[derive(Clone, Debug)]
pub enum Insertion<'a> {
    /// New items of a list, before one of its items or last in it.
    Items {
        /// The list.
        list: NodeId,
        /// The item that they precede.
        before: Option<NodeId>,
        /// The items.
        items: Vec<Value<'a>>,
    },
    /// New members of a mapping, before one of its members or last in it.
    Members {
        /// The mapping.
        map: NodeId,
        /// The member that they precede.
        before: Option<NodeId>,
        /// The members.
        members: Vec<Member<'a>>,
    },
    /// A value in place of a scalar, of a collection on one line, or of nothing.
    Set {
        /// What is there.
        node: NodeId,
        /// What is to be there.
        value: Value<'a>,
    },
    /// Texts in the place of parts of a scalar, in its own style.
    Splice {
        /// The scalar.
        node: NodeId,
        /// The parts, in order.
        splices: Vec<Splice>,
        /// All that it is to be.
        text: Cow<'a, str>,
    },
    /// A member in place of another, under its own key or a new one.
    Replace {
        /// What is there.
        member: NodeId,
        /// What is to be there.
        with: Member<'a>,
    },
}

impl Insertion<'_> {
    /// How many nodes a document of `nodes` has with it.
    pub fn grown(&self, tree: &Tree<'_>, nodes: usize) -> usize {
        match self {
            Self::Items { items, .. } => nodes + items.iter().map(Value::nodes).sum::<usize>(),
            Self::Members { members, .. } => {
                nodes
                    + members
                        .iter()
                        .map(|(_, value)| value.nodes())
                        .sum::<usize>()
            }
            Self::Set { node, value } => (nodes + value.nodes()).saturating_sub(tree.size(*node)),
            Self::Splice { .. } => nodes,
            Self::Replace { member, with } => {
                (nodes + with.1.nodes()).saturating_sub(tree.size(*member))
            }
        }
    }

    /// The node that it changes.
    pub fn target(&self) -> NodeId {
        match self {
            Self::Items { list, .. } => *list,
            Self::Members { map, .. } => *map,
            Self::Set { node, .. } | Self::Splice { node, .. } => *node,
            Self::Replace { member, .. } => *member,
        }
    }
}
