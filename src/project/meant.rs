//! New content as data: written in the style of the place it goes to, and looked for again when the result is read.

use std::borrow::Cow;

use crate::couple::{EnvEntry, EnvSource};
use crate::manifest::scalar::{Scalar, resolve};
use crate::manifest::{Kind, NodeId, Style, Tree, emit};

/// A value that is to stand in a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Meant<'a> {
    /// A string.
    Text(Cow<'a, str>),
    /// A string of ASCII JSON: single-quoted, so that diffs stay readable.
    Json(String),
    /// A mapping.
    Map(Vec<Member<'a>>),
    /// A list.
    List(Vec<Meant<'a>>),
}

/// A key and its value.
pub(super) type Member<'a> = (Cow<'a, str>, Meant<'a>);

impl<'a> Meant<'a> {
    /// A variable as an entry of `env`.
    pub(super) fn entry(entry: &'a EnvEntry) -> Self {
        Self::Map(vec![("name".into(), Self::Text(entry.name.as_str().into())), Self::content(&entry.source)])
    }

    /// What a variable holds: `value` or `valueFrom`.
    pub(super) fn content(source: &'a EnvSource) -> Member<'a> {
        match source {
            EnvSource::Value(value) => ("value".into(), Self::Text(value.as_str().into())),
            EnvSource::Reference(reference) => {
                let target = vec![
                    ("name".into(), Self::Text(reference.name.as_str().into())),
                    ("key".into(), Self::Text(reference.key.as_str().into())),
                ];
                let form = super::digest::form(reference.kind);
                ("valueFrom".into(), Self::Map(vec![(form.into(), Self::Map(target))]))
            }
        }
    }

    /// Whether a node says the same, however it is written.
    pub(super) fn is(&self, tree: &Tree<'_>, id: NodeId) -> bool {
        let node = tree.node(id);
        match self {
            Self::Text(text) => is_text(tree, id, text),
            Self::Json(text) => is_text(tree, id, text),
            Self::Map(members) => {
                node.kind == Kind::Mapping
                    && tree.children(id).count() == members.len()
                    && members.iter().all(|(key, value)| tree.get(id, key).is_some_and(|v| value.is(tree, v)))
            }
            Self::List(items) => {
                node.kind == Kind::Sequence
                    && tree.children(id).count() == items.len()
                    && tree.children(id).zip(items).all(|(id, item)| item.is(tree, id))
            }
        }
    }

    /// Writes it on one line.
    pub(super) fn inline(&self, out: &mut String, json: bool) {
        match self {
            Self::Text(text) if json => out.push_str(&emit::json_string(text)),
            Self::Text(text) => out.push_str(&emit::flow_string(text)),
            Self::Json(text) if json => out.push_str(&emit::json_string(text)),
            Self::Json(text) => out.push_str(&emit::single(text)),
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
}

pub(super) fn is_text(tree: &Tree<'_>, id: NodeId, text: &str) -> bool {
    let style = tree.node(id).style;
    tree.str(id) == Some(text) && matches!(resolve(text, style), Scalar::Str(_))
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

/// Writes `key: value` as lines at a column, without the first line's indentation and the last line's end.
pub(super) fn block_member((key, value): &Member<'_>, out: &mut String, column: usize, dash: usize, newline: &str) {
    out.push_str(&emit::string(key));
    out.push(':');
    match value {
        Meant::Text(text) => {
            out.push(' ');
            out.push_str(&emit::string(text));
        }
        Meant::Json(text) => {
            out.push(' ');
            out.push_str(&emit::single(text));
        }
        Meant::Map(members) => {
            for member in members {
                indent(out, column + 2, newline);
                block_member(member, out, column + 2, dash, newline);
            }
        }
        Meant::List(items) => {
            for item in items {
                indent(out, column + dash, newline);
                block_item(item, out, column + dash, dash, newline);
            }
        }
    }
}

/// Writes `- value` as lines, the dash at a column.
pub(super) fn block_item(item: &Meant<'_>, out: &mut String, column: usize, dash: usize, newline: &str) {
    out.push_str("- ");
    match item {
        Meant::Map(members) => {
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
pub(super) fn is_json(tree: &Tree<'_>) -> bool {
    tree.root().is_some_and(|root| {
        let keys = |id| tree.children(id).all(|c| tree.node(c).key.is_none_or(|k| tree.slice(k).starts_with('"')));
        tree.node(root).style == Style::Flow && keys(root)
    })
}
