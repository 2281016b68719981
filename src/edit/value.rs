//! Writes a new value in the style of its place, and finds it again when the result is read.

use std::borrow::Cow;

use crate::manifest::scalar::{Scalar, resolve};
use crate::manifest::{Kind, NodeId, Style, Tree, emit};

/// A value that a document is to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// A string.
    Text(Cow<'a, str>),
    /// A string of ASCII JSON: single-quoted, so that diffs stay readable.
    Json(String),
    /// Null, a boolean or a number, as JSON writes it.
    Scalar(String),
    /// A mapping.
    Map(Vec<Member<'a>>),
    /// A list.
    List(Vec<Value<'a>>),
}

/// A key and its value.
pub type Member<'a> = (Cow<'a, str>, Value<'a>);

impl From<&serde_json::Value> for Value<'static> {
    fn from(json: &serde_json::Value) -> Self {
        match json {
            serde_json::Value::String(text) => Self::Text(text.clone().into()),
            serde_json::Value::Array(items) => Self::List(items.iter().map(Self::from).collect()),
            serde_json::Value::Object(members) => Self::Map(
                members
                    .iter()
                    .map(|(key, value)| (key.clone().into(), Self::from(value)))
                    .collect(),
            ),
            scalar => Self::Scalar(scalar.to_string()),
        }
    }
}

impl Value<'_> {
    /// How many nodes it is once it is read again.
    pub fn nodes(&self) -> usize {
        match self {
            Self::Text(_) | Self::Json(_) | Self::Scalar(_) => 1,
            Self::Map(members) => {
                1 + members
                    .iter()
                    .map(|(_, value)| value.nodes())
                    .sum::<usize>()
            }
            Self::List(items) => 1 + items.iter().map(Self::nodes).sum::<usize>(),
        }
    }

    /// Whether a node has the same value, however it is written.
    pub fn is(&self, tree: &Tree<'_>, id: NodeId) -> bool {
        let node = tree.node(id);
        if node.tagged {
            return false;
        }
        match self {
            Self::Text(text) => is_text(tree, id, text),
            Self::Json(text) => is_text(tree, id, text),
            Self::Scalar(token) => tree.resolved(id) == Some(resolve(token, Style::Plain)),
            Self::Map(members) => {
                node.kind == Kind::Mapping
                    && tree.children(id).count() == members.len()
                    && members.iter().all(|(key, value)| {
                        tree.written_member(id, key)
                            .is_some_and(|v| value.is(tree, v))
                    })
            }
            Self::List(items) => {
                node.kind == Kind::Sequence
                    && tree.children(id).count() == items.len()
                    && tree
                        .children(id)
                        .zip(items)
                        .all(|(id, item)| item.is(tree, id))
            }
        }
    }

    /// Whether it takes lines of its own in a block.
    pub(super) fn has_lines(&self) -> bool {
        match self {
            Self::Map(members) => !members.is_empty(),
            Self::List(items) => !items.is_empty(),
            Self::Text(_) | Self::Json(_) | Self::Scalar(_) => false,
        }
    }

    /// Writes it on one line.
    pub(super) fn inline(&self, out: &mut String, json: bool) {
        match self {
            Self::Text(text) if json => out.push_str(&emit::json_string(text)),
            Self::Text(text) => out.push_str(&emit::flow_string(text)),
            Self::Json(text) if json => out.push_str(&emit::json_string(text)),
            Self::Json(text) => out.push_str(&emit::single(text)),
            Self::Scalar(token) => out.push_str(token),
            Self::Map(members) => {
                out.push('{');
                for (index, member) in members.iter().enumerate() {
                    if index > 0 {
                        out.push_str(", ");
                    }
                    inline_member(member, out, json);
                }
                out.push('}');
            }
            Self::List(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push_str(", ");
                    }
                    item.inline(out, json);
                }
                out.push(']');
            }
        }
    }

    /// Writes it as what follows `key:` in a block, lines at a column, without the last line's end.
    pub(super) fn block(&self, out: &mut String, column: usize, dash: usize, newline: &str) {
        match self {
            Self::Map(members) if self.has_lines() => {
                for member in members {
                    indent(out, column + 2, newline);
                    block_member(member, out, column + 2, dash, newline);
                }
            }
            Self::List(items) if self.has_lines() => {
                for item in items {
                    indent(out, column + dash, newline);
                    block_item(item, out, column + dash, dash, newline);
                }
            }
            one_line => {
                out.push(' ');
                one_line.inline(out, false);
            }
        }
    }
}

/// Whether a node is a string of this text.
pub fn is_text(tree: &Tree<'_>, id: NodeId, text: &str) -> bool {
    matches!(tree.resolved(id), Some(Scalar::Str(found)) if found == text)
}

/// Whether nothing is there, or null.
pub fn is_nothing(tree: &Tree<'_>, id: NodeId) -> bool {
    let node = tree.node(id);
    let null = matches!(tree.slice(node.span), "" | "~" | "null" | "Null" | "NULL");
    node.kind == Kind::Scalar && node.style == Style::Plain && null
}

/// Writes `key: value` on one line.
pub(super) fn inline_member((key, value): &Member<'_>, out: &mut String, json: bool) {
    if json {
        out.push_str(&emit::json_string(key));
    } else {
        out.push_str(&emit::flow_string(key));
    }
    out.push_str(": ");
    value.inline(out, json);
}

/// Writes `key: value` as lines at a column, without the first line's indentation and the last
/// line's end.
pub(super) fn block_member(
    (key, value): &Member<'_>,
    out: &mut String,
    column: usize,
    dash: usize,
    newline: &str,
) {
    out.push_str(&emit::string(key));
    out.push(':');
    value.block(out, column, dash, newline);
}

/// Writes `- value` as lines, the dash at a column.
pub(super) fn block_item(
    item: &Value<'_>,
    out: &mut String,
    column: usize,
    dash: usize,
    newline: &str,
) {
    out.push_str("- ");
    match item {
        Value::Map(members) if item.has_lines() => {
            for (index, member) in members.iter().enumerate() {
                if index > 0 {
                    indent(out, column + 2, newline);
                }
                block_member(member, out, column + 2, dash, newline);
            }
        }
        other => other.inline(out, false),
    }
}

fn indent(out: &mut String, column: usize, newline: &str) {
    out.push_str(newline);
    out.extend(std::iter::repeat_n(' ', column));
}

/// Whether a document is JSON: then what is added to it is JSON too.
pub fn is_json(tree: &Tree<'_>) -> bool {
    tree.root().is_some_and(|root| {
        let keys = |id| {
            tree.children(id).all(|c| {
                tree.node(c)
                    .key
                    .is_none_or(|k| tree.slice(k).starts_with('"'))
            })
        };
        tree.node(root).style == Style::Flow && keys(root)
    })
}
