//! Writes a value as the schema of its field wants it: a value in another shape is changed to it,
//! and a missing member is added, with `…` for a value that only its author knows.

use serde_json::Value;

use super::reader::ObjectReader;
use super::shape::{BLANK, Shape, example, flow, needed, property, words};
use super::suggest;
use crate::manifest::scalar::Scalar;
use crate::manifest::{Kind, NodeId, emit};

impl ObjectReader<'_> {
    /// A value in the shape of a schema; `None`: what is given does not show what was meant.
    pub(super) fn mended(&self, id: NodeId, schema: &Value) -> Option<String> {
        match (Shape::of(schema), self.tree.kind(id)) {
            (_, Kind::Alias) => None,
            (Shape::Any, _) | (Shape::AnyObject, Kind::Mapping) => self.as_written(id),
            (Shape::List(items), _) => {
                let items = self.mended_items(id, schema, items)?;
                Some(format!("[{}]", items.join(", ")))
            }
            (Shape::Text, Kind::Scalar) => self.mended_text(id, schema),
            (Shape::Boolean, Kind::Scalar) => self.mended_boolean(id),
            (Shape::NumberOrText, Kind::Scalar) => self.mended_number(id),
            (Shape::Map, Kind::Mapping) => {
                let members = self.tree.children(id).map(|member| {
                    let text = schema.get("additionalProperties")?;
                    self.member_line(member, &self.mended_or_blank(member, text))
                });
                Some(flow(members.collect::<Option<Vec<_>>>()?.into_iter()))
            }
            (Shape::Map, Kind::Sequence) if self.tree.key(id) == Some("keys") => {
                // a key that is only named has the same name over there
                let members = self.tree.children(id).map(|item| {
                    let text = emit::flow_string(self.text_of(item)?);
                    Some(format!("{text}: {text}"))
                });
                Some(flow(members.collect::<Option<Vec<_>>>()?.into_iter()))
            }
            (Shape::Object, Kind::Mapping) => self.mended_members(id, schema, None),
            (Shape::Object, Kind::Sequence) => self.mended_list(id, schema),
            (Shape::Object, Kind::Scalar) => self.mended_name(self.text_of(id)?, schema),
            _ => None,
        }
    }

    /// The same of a part of a value; the blank keeps the other parts.
    fn mended_or_blank(&self, id: NodeId, schema: &Value) -> String {
        let mended = self.mended(id, schema);
        mended.unwrap_or_else(|| example(schema))
    }

    fn text_of(&self, id: NodeId) -> Option<&str> {
        match self.scalar(id) {
            Some(Scalar::Str(text)) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    fn mended_text(&self, id: NodeId, schema: &Value) -> Option<String> {
        match self.scalar(id)? {
            Scalar::Null => None,
            Scalar::Str(text) => {
                let mut values = words(schema, "enum").peekable();
                if values.peek().is_none() {
                    return Some(emit::flow_string(text).into_owned());
                }
                suggest(text, values).map(str::to_owned)
            }
            _ => Some(emit::json_string(self.tree.slice(self.tree.span(id)))),
        }
    }

    fn mended_boolean(&self, id: NodeId) -> Option<String> {
        match self.scalar(id)? {
            Scalar::Bool(value) => Some(value.to_string()),
            Scalar::Str("true" | "yes" | "on") => Some("true".to_owned()),
            Scalar::Str("false" | "no" | "off") => Some("false".to_owned()),
            _ => None,
        }
    }

    fn mended_number(&self, id: NodeId) -> Option<String> {
        match self.scalar(id)? {
            Scalar::Int(number) => Some(number.to_string()),
            Scalar::Str(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
                Some(text.parse::<u16>().ok()?.to_string())
            }
            Scalar::Str(text) => Some(emit::flow_string(text).into_owned()),
            _ => None,
        }
    }

    /// An object of a text: its name, behind it a port where it has one, before it a namespace.
    fn mended_name(&self, text: &str, schema: &Value) -> Option<String> {
        property(schema, "name")?;
        let has = |name| property(schema, name).is_some();
        let mut members = Vec::new();
        match (text.split_once('/'), text.rsplit_once(':')) {
            (Some((namespace, name)), _) if has("namespace") => {
                members.push(("name", name));
                members.push(("namespace", namespace));
            }
            (_, Some((name, port))) if has("port") && port.parse::<u16>().is_ok() => {
                members.push(("name", name));
                members.push(("port", port));
            }
            _ => members.push(("name", text)),
        }
        let given = |name: &str| members.iter().any(|(given, _)| *given == name);
        let missing = needed(schema, given);
        let written = members.iter().map(|(name, value)| {
            let is_number = *name == "port";
            let value = match is_number {
                true => (*value).to_owned(),
                false => emit::flow_string(value).into_owned(),
            };
            format!("{name}: {value}")
        });
        let missing = missing
            .into_iter()
            .filter_map(|name| Some(format!("{name}: {}", example(property(schema, name)?))));
        Some(flow(written.chain(missing)))
    }

    /// An object of a list: its only item, or the list as the first member that can hold it.
    fn mended_list(&self, id: NodeId, schema: &Value) -> Option<String> {
        let mut items = self.tree.children(id);
        if let (Some(only), None) = (items.next(), items.next())
            && self.has_fields_of(only, schema)
        {
            return self.mended_members(only, schema, None);
        }
        let properties = schema.get("properties")?.as_object()?;
        let mut lists = properties.iter().filter_map(|(name, below)| {
            let Shape::List(items) = Shape::of(below) else {
                return None;
            };
            let fits = |item| match Shape::of(items) {
                Shape::Object => self.has_fields_of(item, items),
                _ => self.tree.kind(item) == Kind::Scalar,
            };
            if !self.tree.children(id).all(fits) {
                return None;
            }
            let items = self.mended_items(id, below, items)?;
            Some(format!("{{{name}: [{}]}}", items.join(", ")))
        });
        lists.next()
    }

    /// Whether each member of a mapping is a field of a schema.
    fn has_fields_of(&self, id: NodeId, schema: &Value) -> bool {
        let is_field = |member| {
            let key = self.tree.key(member).unwrap_or_default();
            property(schema, key).is_some()
        };
        self.tree.kind(id) == Kind::Mapping && self.tree.children(id).all(is_field)
    }

    pub(super) fn mended_items(
        &self,
        id: NodeId,
        schema: &Value,
        items: &Value,
    ) -> Option<Vec<String>> {
        match self.tree.kind(id) {
            Kind::Sequence => {
                let item = |item| self.mended_or_blank(item, items);
                Some(self.tree.children(id).map(item).collect())
            }
            Kind::Mapping if self.has_fields_of(id, items) => {
                Some(vec![self.mended_members(id, items, None)?])
            }
            Kind::Mapping => {
                let key = words(schema, "x-kubernetes-list-map-keys").next()?;
                let item = |member| self.keyed_item(member, key, items);
                self.tree.children(id).map(item).collect()
            }
            Kind::Scalar if self.scalar(id) == Some(Scalar::Null) => None,
            Kind::Scalar => match Shape::of(items) {
                Shape::Object => Some(vec![self.mended_name(self.text_of(id)?, items)?]),
                _ => Some(vec![self.mended(id, items)?]),
            },
            Kind::Alias => None,
        }
    }

    /// An item of a member of a mapping, whose key is the item's name.
    fn keyed_item(&self, member: NodeId, key: &str, items: &Value) -> Option<String> {
        let name = emit::flow_string(self.tree.key(member)?);
        let first = format!("{key}: {name}");
        if self.tree.kind(member) == Kind::Mapping {
            return self.mended_members(member, items, Some((key, first)));
        }
        let text = self.text_of(member)?;
        let role = if text.contains("<%") { "value" } else { "key" };
        property(items, role)?;
        Some(format!("{{{first}, {role}: {}}}", emit::flow_string(text)))
    }

    /// An object with its members in shape, behind one that is given, and a blank for each that it
    /// lacks.
    fn mended_members(
        &self,
        id: NodeId,
        schema: &Value,
        first: Option<(&str, String)>,
    ) -> Option<String> {
        let mut members = Vec::new();
        let mut names = Vec::new();
        if let Some((name, line)) = first {
            names.push(name);
            members.push(line);
        }
        for member in self.tree.children(id) {
            let key = self.tree.key(member)?;
            names.push(key);
            let value = match property(schema, key) {
                Some(below) => self.mended_or_blank(member, below),
                None => self.as_written(member)?,
            };
            members.push(self.member_line(member, &value)?);
        }
        for name in needed(schema, |name| names.contains(&name)) {
            let value = property(schema, name).map_or_else(|| BLANK.to_owned(), example);
            members.push(format!("{name}: {value}"));
        }
        Some(flow(members.into_iter()))
    }

    fn member_line(&self, member: NodeId, value: &str) -> Option<String> {
        let key = emit::flow_string(self.tree.key(member)?);
        Some(format!("{key}: {value}"))
    }

    /// A value as it is, on one line.
    fn as_written(&self, id: NodeId) -> Option<String> {
        match self.tree.kind(id) {
            Kind::Mapping => {
                let members = self.tree.children(id).map(|member| {
                    let value = self.as_written(member)?;
                    self.member_line(member, &value)
                });
                Some(flow(members.collect::<Option<Vec<_>>>()?.into_iter()))
            }
            Kind::Sequence => {
                let items = self.tree.children(id).map(|item| self.as_written(item));
                Some(format!(
                    "[{}]",
                    items.collect::<Option<Vec<_>>>()?.join(", ")
                ))
            }
            Kind::Scalar => match self.scalar(id)? {
                Scalar::Str(text) => Some(emit::flow_string(text).into_owned()),
                Scalar::Null => Some("null".to_owned()),
                _ => Some(self.tree.slice(self.tree.span(id)).to_owned()),
            },
            Kind::Alias => None,
        }
    }
}
