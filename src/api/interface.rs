//! Decodes an Interface.

use std::collections::BTreeMap;

use super::reader::ObjectReader;
use super::rules::{DESCRIPTION, INTERFACE_NAME, POINTER, REMARK};
use super::{Example, Interface, InterfaceVersion, Meta, Schema, Spanned};
use crate::limits;
use crate::manifest::{Kind, NodeId, Place, emit};

impl ObjectReader<'_> {
    pub(super) fn interface(&mut self, meta: Option<Meta>, spec: NodeId) -> Option<Interface> {
        let [name, description, versions] =
            self.fields(spec, ["name", "description", "versions"])?;
        let description = description.and_then(|id| self.text(id, &DESCRIPTION));
        if name.is_none() {
            let given = meta
                .as_ref()
                .map(|meta| emit::flow_string(&meta.name.value));
            self.missing_value(spec, "name", given.as_deref());
        }
        let name = name.and_then(|name| self.text(name, &INTERFACE_NAME));
        let versions = match versions {
            Some(list) => self.each(list, 1, 64, Self::interface_version),
            None => {
                self.missing(spec, "versions");
                Vec::new()
            }
        };
        let written = |v: &InterfaceVersion| Spanned {
            value: v.version.value.to_string(),
            at: v.version.at,
        };
        self.once(&versions.iter().map(written).collect::<Vec<_>>());
        let meta = meta?;
        // a broken Interface is still known by the name it probably has
        let name = name.unwrap_or_else(|| meta.name.clone());
        Some(Interface {
            meta,
            name,
            description: description.map(|text| text.value),
            versions,
        })
    }

    fn interface_version(&mut self, item: NodeId) -> Option<InterfaceVersion> {
        let [version, deprecated, plug, socket, examples] = self.fields(
            item,
            ["version", "deprecated", "plug", "socket", "examples"],
        )?;
        if version.is_none() {
            self.missing(item, "version");
        }
        let version = version.and_then(|version| self.version(version));
        let deprecated = deprecated
            .and_then(|text| self.text(text, &REMARK))
            .map(|text| text.value);
        let fallback = self.at(item);
        let plug = self.schema(plug, fallback);
        let socket = self.schema(socket, fallback);
        let examples = match examples {
            Some(list) => self.each(list, 0, 64, Self::example),
            None => Vec::new(),
        };
        Some(InterfaceVersion {
            version: version?,
            deprecated,
            plug,
            socket,
            examples,
        })
    }

    fn schema(&mut self, schema: Option<NodeId>, fallback: Place) -> Schema {
        let nothing = Schema {
            value: serde_json::json!({}),
            at: fallback,
            places: BTreeMap::new(),
        };
        let Some(id) = schema else { return nothing };
        if self.tree.kind(id) != Kind::Mapping {
            self.misshapen(id, "an object: a JSON Schema");
            return nothing;
        }
        let mut places = BTreeMap::new();
        let mut room = limits::SCHEMA_POINTERS;
        self.places(id, String::new(), &mut places, &mut room);
        if room == 0 {
            let pointers = limits::SCHEMA_POINTERS;
            self.too_large(
                id,
                format!("the JSON pointers of its values have more than {pointers} bytes together"),
            );
            return nothing;
        }
        self.json(id).map_or(nothing, |value| Schema {
            value,
            at: self.at(id),
            places,
        })
    }

    /// Every value's place by its JSON pointer (RFC 6901).
    fn places(
        &self,
        id: NodeId,
        pointer: String,
        places: &mut BTreeMap<String, Place>,
        room: &mut usize,
    ) {
        for (index, child) in self.tree.children(id).enumerate() {
            let step = match self.tree.key(child) {
                Some(key) => key.replace('~', "~0").replace('/', "~1"),
                None => index.to_string(),
            };
            *room = room.saturating_sub(pointer.len() + step.len() + 1);
            if *room == 0 {
                return;
            }
            self.places(child, format!("{pointer}/{step}"), places, room);
        }
        places.insert(pointer, self.at(id));
    }

    fn example(&mut self, item: NodeId) -> Option<Example> {
        let [plug, socket, invalid] = self.fields(item, ["plug", "socket", "invalid"])?;
        let mut side = |side: Option<NodeId>| {
            let id = side?;
            if self.tree.kind(id) != Kind::Mapping {
                self.misshapen(id, "an object: the keys that this side gives");
                return None;
            }
            self.json(id)
        };
        let (plug, socket) = (side(plug), side(socket));
        let invalid = invalid.and_then(|pointer| self.text(pointer, &POINTER));
        Some(Example {
            plug,
            socket,
            invalid,
            at: self.at(item),
        })
    }
}
