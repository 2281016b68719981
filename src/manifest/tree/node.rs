//! Defines the parts of a tree: nodes, and the spans of their tokens.

use crate::manifest::Span;

/// A node of one [`Tree`](super::Tree).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NodeId(pub(crate) u32);

impl NodeId {
    /// The root of every tree that is not empty.
    pub const ROOT: Self = Self(0);
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text, quoted or not.
    Scalar,
    /// Keys and values.
    Mapping,
    /// A list.
    Sequence,
    /// `*name`.
    Alias,
}

/// How a node is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// A scalar without quotes, or one that is not written at all (its span is empty).
    Plain,
    /// `'…'`
    Single,
    /// `"…"`
    Double,
    /// `|`
    Literal,
    /// `>`
    Folded,
    /// A collection by indentation.
    Block,
    /// `[…]` or `{…}`.
    Flow,
}

/// One node. Its relations are ids into the same tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// How it is written.
    pub style: Style,
    /// Whether `!tag` is before it.
    pub tagged: bool,
    /// Whether `&name` is before it *and* some alias of the document uses it.
    pub anchored: bool,
    /// The token, or the collection.
    pub span: Span,
    /// In a mapping: the key's token.
    pub key: Option<Span>,
    /// In a mapping: where the key's text is among the decoded ones, or [`NONE`].
    pub(in crate::manifest) key_text: u32,
    /// The same of a scalar.
    pub(in crate::manifest) text: u32,
    pub(in crate::manifest) parent: u32,
    pub(in crate::manifest) last: u32,
    pub(in crate::manifest) next: u32,
}

/// No node, or no decoded text: what is meant is in the document as it is.
pub(in crate::manifest) const NONE: u32 = u32::MAX;

impl Node {
    pub(in crate::manifest) fn new(kind: Kind, style: Style, span: Span, parent: u32) -> Self {
        Self {
            kind,
            style,
            tagged: false,
            anchored: false,
            span,
            key: None,
            key_text: NONE,
            text: NONE,
            parent,
            last: NONE,
            next: NONE,
        }
    }
}

/// An alias, and what it repeats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::manifest) struct Alias {
    pub(in crate::manifest) alias: NodeId,
    pub(in crate::manifest) target: NodeId,
}

/// What is between the quotes of a token, or all of it.
pub(in crate::manifest) fn inner(text: &str, token: Span) -> Span {
    match text.as_bytes().get(token.start as usize) {
        Some(b'"' | b'\'') if token.end - token.start >= 2 => Span {
            start: token.start + 1,
            end: token.end - 1,
        },
        _ => token,
    }
}
