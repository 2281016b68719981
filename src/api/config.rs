//! Decodes `config` and `configFrom`, which Sockets and Plugs share.

use super::reader::ObjectReader;
use super::rules::{NAME, SHORT_NAME, SOURCE_KEY};
use super::{
    ConfigEntry, ConfigFrom, ConfigSource, KeyHolder, ObjectRef, ReferencePresence, Spanned,
};
use crate::manifest::{Kind, NodeId};

/// Where an entry of `configFrom` names its object.
#[derive(Clone, Copy)]
pub(super) struct SourceNodes {
    pub(super) secret: Option<NodeId>,
    pub(super) config_map: Option<NodeId>,
    pub(super) object: Option<NodeId>,
}

impl ObjectReader<'_> {
    /// Values as written, in key order.
    pub(super) fn config(&mut self, config: Option<NodeId>) -> Vec<ConfigEntry> {
        let Some(config) = config else {
            return Vec::new();
        };
        if self.tree.kind(config) != Kind::Mapping {
            self.misshapen(config, "an object");
            return Vec::new();
        }
        let mut entries = Vec::with_capacity(self.tree.children(config).count());
        for id in self.tree.children(config) {
            if let Some(value) = self.json(id) {
                entries.push(ConfigEntry {
                    key: self.key(id),
                    value: Spanned {
                        value,
                        at: self.at(id),
                    },
                });
            }
        }
        entries.sort_by(|a, b| a.key.cmp(&b.key));
        entries
    }

    /// One entry per object, as written.
    pub(super) fn config_from(&mut self, list: Option<NodeId>) -> Vec<ConfigFrom> {
        let Some(list) = list else { return Vec::new() };
        self.each(list, 0, 32, Self::config_from_one)
    }

    fn config_from_one(&mut self, item: NodeId) -> Option<ConfigFrom> {
        let names = ["secretRef", "configMapRef", "objectRef", "keys", "urlSafe"];
        let [secret, config_map, object, keys, url_safe] = self.fields(item, names)?;
        let from = SourceNodes {
            secret,
            config_map,
            object,
        };
        self.config_from_of(item, from, keys, url_safe)
    }

    /// The entry at `item` of which these are the members.
    pub(super) fn config_from_of(
        &mut self,
        item: NodeId,
        from: SourceNodes,
        keys: Option<NodeId>,
        url_safe: Option<NodeId>,
    ) -> Option<ConfigFrom> {
        let SourceNodes {
            secret,
            config_map,
            object,
        } = from;
        let one = self.exactly_one(
            item,
            &[
                ("secretRef", secret),
                ("configMapRef", config_map),
                ("objectRef", object),
            ],
        );
        let secret = secret
            .and_then(|id| self.key_holder(id))
            .map(ConfigSource::Secret);
        let config_map = config_map
            .and_then(|id| self.key_holder(id))
            .map(ConfigSource::ConfigMap);
        let object = object
            .and_then(|id| self.object_ref(id))
            .map(ConfigSource::Object);
        let keys = match keys {
            Some(keys) => self.map(keys, 1, 64, &SOURCE_KEY),
            None => {
                self.missing(item, "keys");
                Vec::new()
            }
        };
        let url_safe = match url_safe {
            Some(list) => self.texts(list, 0, 64, &NAME),
            None => Vec::new(),
        };
        let from = secret
            .or(config_map)
            .or(object)
            .filter(|_| one && !keys.is_empty())?;
        Some(ConfigFrom {
            from,
            keys,
            url_safe,
            at: self.at(item),
        })
    }

    /// `{name: …, optional: …}`
    fn key_holder(&mut self, id: NodeId) -> Option<KeyHolder> {
        let [name, optional] = self.fields(id, ["name", "optional"])?;
        if name.is_none() {
            self.missing(id, "name");
        }
        let presence = match self.boolean(optional) {
            true => ReferencePresence::Optional,
            false => ReferencePresence::Required,
        };
        let name = self.text(name?, &NAME)?;
        Some(KeyHolder { name, presence })
    }

    /// `{name: …}`
    pub(super) fn named(&mut self, id: NodeId) -> Option<Spanned<String>> {
        let [name] = self.fields(id, ["name"])?;
        if name.is_none() {
            self.missing(id, "name");
        }
        self.text(name?, &NAME)
    }

    /// `{apiVersion: …, kind: …, name: …}`
    pub(super) fn object_ref(&mut self, id: NodeId) -> Option<ObjectRef> {
        let [api_version, kind, name] = self.fields(id, ["apiVersion", "kind", "name"])?;
        for (given, field) in [(api_version, "apiVersion"), (kind, "kind"), (name, "name")] {
            if given.is_none() {
                self.missing(id, field);
            }
        }
        let api_version = api_version.and_then(|id| self.text(id, &NAME));
        let kind = kind.and_then(|id| self.text(id, &SHORT_NAME));
        let name = name.and_then(|id| self.text(id, &NAME));
        Some(ObjectRef {
            api_version: api_version?.value,
            kind: kind?.value,
            name: name?,
            at: self.at(id),
        })
    }
}
