//! Adds nodes to the tree with their relations and decoded texts, and refuses a key that is written
//! twice.

use std::borrow::Cow;

use super::FullParser;
use crate::limits;
use crate::manifest::tree::{Kind, NONE, Node, NodeId, Style, inner};
use crate::manifest::{Flaw, ReadError, Span};

impl<'a> FullParser<'a> {
    /// Where a text is kept that is not what is between the quotes.
    pub(super) fn decoded(&mut self, value: Cow<'a, str>, span: Span) -> u32 {
        if self.text.get(inner(self.text, span).range()) == Some(&*value) {
            return NONE;
        }
        self.tree.decoded.push(value.into());
        self.tree.decoded.len() as u32 - 1
    }

    /// Adds a node, as a member of the innermost open collection.
    pub(super) fn push(
        &mut self,
        kind: Kind,
        style: Style,
        span: Span,
    ) -> Result<NodeId, ReadError> {
        if self.tree.nodes.len() >= limits::NODES {
            let message = format!("a document of more than {} values", limits::NODES);
            return Err(ReadError {
                flaw: Flaw::Limit,
                span,
                message,
            });
        }
        let id = NodeId(self.tree.nodes.len() as u32);
        let Some(open) = self.open.last_mut() else {
            self.tree.push(Node::new(kind, style, span, NONE));
            return Ok(id);
        };
        let mut node = Node::new(kind, style, span, open.id.0);
        if let Some((key, text)) = open.key.take() {
            (node.key, node.key_text) = (Some(key), text);
        }
        self.tree.push(node);
        let nodes = &mut self.tree.nodes;
        let before = std::mem::replace(&mut nodes[open.id.0 as usize].last, id.0);
        if before != NONE {
            nodes[before as usize].next = id.0;
        }
        Ok(id)
    }

    /// Refuses a mapping that has a key twice.
    pub(super) fn unique_keys(&self, mapping: NodeId) -> Result<(), ReadError> {
        let mut keys: Vec<_> = self
            .tree
            .children(mapping)
            .map(|id| (self.tree.key(id), id))
            .collect();
        keys.sort_unstable();
        match keys.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            None => Ok(()),
            Some(pair) => Err(ReadError {
                flaw: Flaw::DuplicateKey,
                span: self.tree.node(pair[1].1).key.unwrap_or_default(),
                message: format!(
                    "the key `{}` is written twice",
                    pair[1].0.unwrap_or_default()
                ),
            }),
        }
    }
}
