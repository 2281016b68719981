//! Keeps one document as an arena tree with byte spans, the same for both parsers.
//!
//! Spans are of tokens: a scalar's quotes and a flow collection's brackets are inside, comments and
//! line ends are not. A block collection reaches from its first key or dash to the end of its last
//! leaf. A value that is not written (`key:`) is an empty span directly after the colon or the
//! dash. A block scalar reaches from its indicator to the end of its last content line, without
//! that line's newline; with `+`, to the end of its last blank line.

use std::borrow::Cow;

use super::Span;
use super::scalar::{Scalar, resolve};
use crate::limits;

mod member_index;
mod node;

use member_index::MemberIndex;
pub(super) use node::{Alias, NONE, inner};
pub use node::{Kind, Node, NodeId, Style};

/// One document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree<'a> {
    pub(super) text: &'a str,
    /// Parents before their members, in the order they are written.
    pub(super) nodes: Vec<Node>,
    /// Texts that differ from the bytes they are written with: escapes, folding, indentation.
    pub(super) decoded: Vec<Box<str>>,
    /// Indices of collections with very many members, built on first use.
    index: MemberIndex,
    /// The keys and values whose tags not every reader obeys in the same way, in the order they are
    /// written.
    pub(super) doubtful: Vec<Span>,
    /// The keys with an anchor.
    pub(super) anchored_keys: Vec<Span>,
    /// The aliases, in the order they are written.
    pub(super) aliases: Vec<Alias>,
}

impl<'a> Tree<'a> {
    /// A tree of this text with room for the nodes that it probably has.
    pub(super) fn empty(text: &'a str) -> Self {
        let nodes = match text.len() {
            // a node takes 20 to 40 bytes of what people write, a little less where they write
            // `{…}`
            few @ ..=0xffff => few / 24,
            // worth a closer look: it may be one scalar, or all commas
            many => many / 64 + memchr::memchr3_iter(b',', b'{', b'[', text.as_bytes()).count(),
        };
        Self {
            text,
            nodes: Vec::with_capacity((nodes + 16).min(limits::NODES)),
            decoded: Vec::new(),
            index: MemberIndex::default(),
            doubtful: Vec::new(),
            anchored_keys: Vec::new(),
            aliases: Vec::new(),
        }
    }

    /// Adds a node. The list grows by a quarter, not to its double: a large one is most of what a
    /// run holds.
    pub(super) fn push(&mut self, node: Node) {
        if self.nodes.len() == self.nodes.capacity() {
            self.nodes.reserve_exact(self.nodes.len() / 4 + 16);
        }
        self.nodes.push(node);
    }

    /// The same tree without most of the room that it turned out not to need.
    pub(super) fn kept(mut self) -> Self {
        if self.nodes.capacity() > self.nodes.len() * 2 {
            self.nodes.shrink_to_fit();
        }
        self
    }

    /// The document's bytes, which every span indexes.
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// The root, unless the document is empty.
    pub fn root(&self) -> Option<NodeId> {
        if self.nodes.is_empty() {
            None
        } else {
            Some(NodeId(0))
        }
    }

    /// A node.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// What a node is.
    pub fn kind(&self, id: NodeId) -> Kind {
        self.node(id).kind
    }

    /// A node's span.
    pub fn span(&self, id: NodeId) -> Span {
        self.node(id).span
    }

    /// A node's bytes.
    pub fn slice(&self, span: Span) -> &'a str {
        &self.text[span.range()]
    }

    /// The collection that holds it.
    pub fn parent(&self, id: NodeId) -> Option<NodeId> {
        some(self.node(id).parent)
    }

    /// The members of a mapping or a list, in order.
    pub fn children(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        let first = some(self.node(id).last).map(|_| NodeId(id.0 + 1));
        std::iter::successors(first, |&c| some(self.node(c).next))
    }

    /// The last member.
    pub fn last_child(&self, id: NodeId) -> Option<NodeId> {
        some(self.node(id).last)
    }

    /// How many nodes there are from here on down.
    pub fn size(&self, id: NodeId) -> usize {
        let mut last = id;
        while let Some(child) = self.last_child(last) {
            last = child;
        }
        (last.0 - id.0) as usize + 1
    }

    /// Whether the decoded key of a mapping's member is this one. Most are not, by their lengths.
    fn has_key(&self, id: NodeId, key: &str) -> bool {
        let node = self.node(id);
        let Some(token) = node.key else { return false };
        let length = (token.end - token.start) as usize;
        let may_be = node.key_text != NONE || length == key.len() || length == key.len() + 2;
        may_be && self.text_of(token, node.key_text) == key
    }

    /// The scalar that a node is, or that it repeats as an alias.
    pub fn scalar(&self, id: NodeId) -> Option<NodeId> {
        let target = if self.kind(id) == Kind::Alias {
            self.repeated(id)?
        } else {
            id
        };
        (self.kind(target) == Kind::Scalar).then_some(target)
    }

    /// What an alias repeats.
    pub fn repeated(&self, alias: NodeId) -> Option<NodeId> {
        let found = self
            .aliases
            .binary_search_by_key(&alias, |known| known.alias)
            .ok()?;
        Some(self.aliases[found].target)
    }

    /// The first alias that repeats a node.
    pub fn alias_of(&self, target: NodeId) -> Option<NodeId> {
        let found = self.aliases.iter().find(|known| known.target == target);
        found.map(|known| known.alias)
    }

    /// The decoded key of a mapping's member.
    pub fn key(&self, id: NodeId) -> Option<&str> {
        let node = self.node(id);
        node.key.map(|span| self.text_of(span, node.key_text))
    }

    /// The decoded text of a scalar or of an alias of one, whatever type it resolves to; `None` for
    /// anything else.
    pub fn str(&self, id: NodeId) -> Option<&str> {
        let node = self.node(self.scalar(id)?);
        Some(self.text_of(node.span, node.text))
    }

    /// The same, resolved to its type.
    pub fn resolved(&self, id: NodeId) -> Option<Scalar<'_>> {
        let node = self.node(self.scalar(id)?);
        Some(resolve(self.text_of(node.span, node.text), node.style))
    }

    /// The same, borrowed from the document where it is there as it is.
    pub fn cow(&self, id: NodeId) -> Option<Cow<'a, str>> {
        let node = self.node(self.scalar(id)?);
        Some(match self.decoded.get(node.text as usize) {
            Some(text) => Cow::Owned(text.to_string()),
            None => Cow::Borrowed(&self.text[inner(self.text, node.span).range()]),
        })
    }

    /// The first key or value of the document whose tag not every reader obeys in the same way.
    ///
    /// Of the core schema's tags (YAML 1.2 §10.3.2) and of `!` every reader makes the same, on a
    /// value of their own kind and on a key that is text. Any other may make a merge of it, other
    /// text, or nothing.
    pub fn doubtful(&self) -> Option<Span> {
        self.doubtful.first().copied()
    }

    /// The first key with an anchor: an edit could take away what an alias repeats.
    pub fn anchored_key(&self) -> Option<Span> {
        self.anchored_keys.first().copied()
    }

    /// The first of the doubtful ones that begins within a span.
    pub fn doubtful_within(&self, span: Span) -> Option<Span> {
        let next = self
            .doubtful
            .partition_point(|doubtful| doubtful.start < span.start);
        self.doubtful
            .get(next)
            .copied()
            .filter(|doubtful| doubtful.start <= span.end)
    }

    /// Whether the key of a member is doubtful.
    pub fn has_doubtful_key(&self, member: NodeId) -> bool {
        self.node(member)
            .key
            .is_some_and(|key| self.doubtful.binary_search(&key).is_ok())
    }

    /// The member of a mapping that is written under a key: for edits. Whoever decides by it asks
    /// [`Tree::read_member`], since one may be behind an alias or a merge key.
    pub fn written_member(&self, id: NodeId, key: &str) -> Option<NodeId> {
        if self.kind(id) != Kind::Mapping {
            return None;
        }
        let mut members = self.children(id);
        match members
            .by_ref()
            .take(member_index::NARROW)
            .find(|&member| self.has_key(member, key))
        {
            Some(found) => Some(found),
            None => members
                .next()
                .and_then(|_| self.index.member(self, id, key)),
        }
    }

    /// An item of a list, counted from zero.
    pub fn item(&self, id: NodeId, index: usize) -> Option<NodeId> {
        if self.kind(id) != Kind::Sequence {
            return None;
        }
        let mut items = self.children(id);
        match index < member_index::NARROW {
            true => items.nth(index),
            false => self.index.item(self, id, index),
        }
    }

    /// The items of a list whose `key` is this text: the first two.
    pub fn items_with(&self, id: NodeId, key: &str, value: &str) -> [Option<NodeId>; 2] {
        if self.kind(id) != Kind::Sequence {
            return [None; 2];
        }
        let is_narrow = self.children(id).nth(member_index::NARROW).is_none();
        if !is_narrow {
            return self.index.items_with(self, id, key, value);
        }
        let fits = |item: &NodeId| {
            self.written_member(*item, key).and_then(|v| self.str(v)) == Some(value)
        };
        let mut found = self.children(id).filter(fits);
        [found.next(), found.next()]
    }

    /// The node that is written at a path of keys, in the same way.
    pub fn written_at(&self, id: NodeId, path: &[&str]) -> Option<NodeId> {
        path.iter()
            .try_fold(id, |node, key| self.written_member(node, key))
    }

    fn text_of(&self, token: Span, decoded: u32) -> &str {
        match self.decoded.get(decoded as usize) {
            Some(text) => text,
            None => &self.text[inner(self.text, token).range()],
        }
    }
}

fn some(id: u32) -> Option<NodeId> {
    (id != NONE).then_some(NodeId(id))
}
