//! Reads and writes the content of an entry, as each slot has it.

use super::env_content;
use super::slot::Slot;
use crate::edit::{Member, Value};
use crate::manifest::{NodeId, Span, Tree};

impl Slot {
    /// A new element of the collection: an item with its key, or the value of a member.
    pub(super) fn element<'v>(&self, key: &'v str, content: &Value<'v>) -> Value<'v> {
        match (self.item_key(), content) {
            (Some(field), Value::Map(members)) => {
                let own = (field.into(), Value::Text(key.into()));
                Value::Map(
                    std::iter::once(own)
                        .chain(members.iter().cloned())
                        .collect(),
                )
            }
            (_, content) => content.clone(),
        }
    }

    /// The nodes that hold the content of an entry: all of an item but its key, or the value of a
    /// member.
    pub(super) fn content(&self, tree: &Tree<'_>, entry: NodeId) -> Vec<NodeId> {
        match self.item_key() {
            Some(field) => tree
                .children(entry)
                .filter(|&member| tree.key(member) != Some(field))
                .collect(),
            None => vec![entry],
        }
    }

    /// Whether an entry has this content already, however it is written.
    pub(super) fn has(&self, tree: &Tree<'_>, entry: NodeId, content: &Value<'_>) -> bool {
        match (self, content) {
            (Self::Env(_), Value::Map(members)) => {
                env_content::holds(tree, &self.content(tree, entry), members)
            }
            (Self::Volumes | Self::Mounts(_), Value::Map(members)) => {
                let nodes = self.content(tree, entry);
                let has = |(key, value): &Member<'_>| {
                    let node = nodes.iter().find(|&&node| tree.key(node) == Some(key));
                    node.is_some_and(|&node| value.is(tree, node))
                };
                nodes.len() == members.len() && members.iter().all(has)
            }
            _ => content.is(tree, entry),
        }
    }

    /// Whether something can have been the content of an entry before coupler replaced it.
    pub(super) fn admits(&self, original: &serde_json::Value) -> bool {
        match self {
            Self::Env(_) => env_content::is_content(original),
            Self::PodAnnotations | Self::Labels | Self::Annotations => original.is_string(),
            Self::Members(_) | Self::Items(_) => true,
            Self::PodMetadata
            | Self::Volumes
            | Self::Mounts(_)
            | Self::Appended(_)
            | Self::Found(_) => false,
        }
    }

    /// The text that a content is; `None`: it is no text.
    pub(super) fn text_of(&self, content: &serde_json::Value) -> Option<String> {
        let value = match (self, content.as_object()) {
            (Self::Env(_), Some(members)) if members.is_empty() => return Some(String::new()),
            (Self::Env(_), Some(members)) => members.get("value")?,
            _ => content,
        };
        match value {
            serde_json::Value::String(text) => Some(text.clone()),
            serde_json::Value::Bool(_) | serde_json::Value::Number(_) => Some(value.to_string()),
            _ => None,
        }
    }

    /// The content of an entry as a value.
    pub(super) fn content_json(
        &self,
        tree: &Tree<'_>,
        entry: NodeId,
    ) -> Result<serde_json::Value, Span> {
        if self.item_key().is_none() {
            return tree.json(entry);
        }
        let mut members = serde_json::Map::new();
        for node in self.content(tree, entry) {
            members.insert(
                tree.key(node).unwrap_or_default().to_owned(),
                tree.json(node)?,
            );
        }
        Ok(members.into())
    }
}
