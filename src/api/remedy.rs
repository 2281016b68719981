//! Writes the lines to paste for a value that is missing, or has another shape than its field.

use serde_json::Value;

use super::reader::ObjectReader;
use super::shape::{BLANK, SCHEMAS, Shape, example, example_lines, property};
use crate::diagnostic::{Help, Paste};
use crate::limits;
use crate::manifest::scalar::Scalar;
use crate::manifest::{Kind, NodeId, emit};

/// A value, as it is written behind its key.
enum ValueLines {
    /// On the line of the key.
    Inline(String),
    /// On lines below it.
    Below(Vec<String>),
}

/// Lines that give a value at a path of mappings.
fn nested(keys: &[String], value: ValueLines) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for (depth, key) in keys.iter().enumerate() {
        lines.push(format!("{}{key}:", "  ".repeat(depth)));
    }
    match (value, lines.last_mut()) {
        (ValueLines::Inline(value), Some(line)) => {
            line.push(' ');
            line.push_str(&value);
        }
        (ValueLines::Inline(value), None) => lines.push(value),
        (ValueLines::Below(below), _) => {
            let indent = "  ".repeat(keys.len());
            lines.extend(below.into_iter().map(|line| format!("{indent}{line}")));
        }
    }
    lines
}

impl ObjectReader<'_> {
    /// How to write a value that has another shape than its field.
    pub(super) fn shape_help(&self, id: NodeId) -> Option<Help> {
        let Some(schema) = self.wanted(id) else {
            let text = self.tree.str(id).filter(|text| !text.is_empty())?;
            return Some(self.token_help("write it in quotes:", id, &emit::json_string(text)));
        };
        let shape = Shape::of(schema);
        let advice = match (&shape, self.scalar(id)) {
            (Shape::Text, Some(Scalar::Null)) | (_, None) => shape.advice(),
            (Shape::Text, Some(_)) => "write it in quotes:",
            _ => shape.advice(),
        };
        Some(Help::from(advice).paste(self.shape_paste(id)?))
    }

    /// What to do, with the lines that write a token in place of a node.
    pub(super) fn token_help(&self, advice: impl Into<Help>, id: NodeId, token: &str) -> Help {
        match self.token_paste(id, token) {
            Some(paste) => advice.into().paste(paste),
            None => advice.into().and(format!("`{token}`")),
        }
    }

    /// The lines that write a token in place of a node.
    pub(super) fn token_paste(&self, id: NodeId, text: &str) -> Option<Paste> {
        self.paste(id, &[], ValueLines::Inline(text.to_owned()))
    }

    /// The lines that give a member which is not there; `value` is a token.
    pub(super) fn member_paste(
        &self,
        holder: NodeId,
        name: &str,
        value: Option<&str>,
    ) -> Option<Paste> {
        let schema = self
            .wanted(holder)
            .and_then(|schema| property(schema, name));
        let value = match (value, schema) {
            (Some(token), _) => ValueLines::Inline(token.to_owned()),
            (None, Some(schema)) if holder == self.root => ValueLines::Below(example_lines(schema)),
            (None, Some(schema)) => ValueLines::Inline(example(schema)),
            (None, None) => ValueLines::Inline(BLANK.to_owned()),
        };
        self.paste(holder, &[name], value)
    }

    /// The lines that give a misspelt member its right name. What may be any value, such as
    /// `config`, is not printed: it may be long, and may have a password in it.
    pub(super) fn renamed_paste(
        &self,
        holder: NodeId,
        member: NodeId,
        name: &str,
    ) -> Option<Paste> {
        let is_there = |child| self.tree.key(child) == Some(name);
        if holder == self.root
            || self.tree.size(member) > limits::REMEDY_NODES
            || self.tree.children(holder).any(is_there)
        {
            return None;
        }
        let schema = property(self.wanted(holder)?, name)?;
        if matches!(Shape::of(schema), Shape::Any | Shape::AnyObject) {
            return None;
        }
        let value = self.in_shape(member, schema)?;
        let paste = self.paste(holder, &[name], value)?;
        Some(paste.in_place_of(self.path(member)))
    }

    /// The lines that give a value in the shape of its field.
    fn shape_paste(&self, id: NodeId) -> Option<Paste> {
        if self.tree.size(id) > limits::REMEDY_NODES {
            return None;
        }
        let schema = self.wanted(id)?;
        let value = self.in_shape(id, schema);
        let value = value.unwrap_or_else(|| ValueLines::Inline(example(schema)));
        self.paste(id, &[], value)
    }

    /// A value in the shape of a schema; `None`: what is given does not show what was meant.
    fn in_shape(&self, id: NodeId, schema: &Value) -> Option<ValueLines> {
        let listed = match Shape::of(schema) {
            Shape::List(items) if matches!(Shape::of(items), Shape::Object) => {
                self.mended_items(id, schema, items)
            }
            _ => None,
        };
        match listed {
            Some(items) => {
                let items = items.into_iter().map(|item| format!("- {item}"));
                Some(ValueLines::Below(items.collect()))
            }
            None => self.mended(id, schema).map(ValueLines::Inline),
        }
    }

    /// The lines that give a value at a node, or at a member that it lacks; where that is in a
    /// list, in the item.
    fn paste(&self, id: NodeId, member: &[&str], value: ValueLines) -> Option<Paste> {
        let item = self.list_item(id);
        let mut keys = self.keys(id, item)?;
        keys.extend(member.iter().map(|name| (*name).to_owned()));
        let is_item = keys.is_empty();
        let mut lines = nested(&keys, value);
        if is_item {
            lines = lines.into_iter().map(|line| format!("- {line}")).collect();
        }
        let lines = Help::of_lines(lines);
        Some(match item {
            Some(item) => Paste::item(self.subject(), self.path(item), lines),
            None => Paste::merge(self.subject(), lines),
        })
    }

    /// The innermost item of a list that a node is, or is in.
    fn list_item(&self, id: NodeId) -> Option<NodeId> {
        self.way_up(id).find(|&node| {
            let holder = self.tree.parent(node);
            holder.is_some_and(|holder| self.tree.kind(holder) == Kind::Sequence)
        })
    }

    /// A node and what it is in, without the root.
    fn way_up(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        std::iter::successors(Some(id), |&node| self.tree.parent(node))
            .take_while(|&node| node != self.root)
    }

    /// The keys down to a node, as they are written, from an item of a list or from the root.
    fn keys(&self, id: NodeId, item: Option<NodeId>) -> Option<Vec<String>> {
        let key = |node| Some(emit::string(self.tree.key(node)?).into_owned());
        let way = self.way_up(id).take_while(|&node| Some(node) != item);
        let mut keys: Vec<_> = way.map(key).collect::<Option<_>>()?;
        keys.reverse();
        Some(keys)
    }

    /// The schema of a node's field.
    fn wanted(&self, id: NodeId) -> Option<&'static Value> {
        let mut schema = SCHEMAS.get(self.kind.as_str())?;
        let mut way: Vec<_> = self.way_up(id).collect();
        way.reverse();
        for node in way {
            schema = match self.tree.key(node) {
                Some(key) => property(schema, key).or_else(|| schema.get("additionalProperties")),
                None => schema.get("items"),
            }?;
        }
        Some(schema)
    }
}
