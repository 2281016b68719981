//! Decodes `config` and `configFrom`, which Sockets and Plugs share.

use std::borrow::Cow;

use super::reader::ObjectReader;
use super::rules::{NAME, SHORT_NAME, SOURCE_KEY};
use super::{
    ConfigEntry, ConfigFrom, ConfigSource, KeyHolder, ObjectForm, ObjectRef, ReferencePresence,
    Spanned,
};
use crate::diagnostic::{Code, Diagnostic, Help, Paste, lines};
use crate::manifest::path::{self, Path, Step};
use crate::manifest::stream::group;
use crate::manifest::{Kind, NodeId, emit};

/// An object that is read while rendering.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiteralSource {
    /// The object.
    pub object: ObjectRef,
    /// How the entry names it.
    pub form: ObjectForm,
}

impl LiteralSource {
    /// The path in the object of what `keys` names.
    pub fn path<'k>(&self, named: &'k str) -> Cow<'k, str> {
        match self.form {
            ObjectForm::Object => Cow::Borrowed(named),
            ObjectForm::ConfigMap => {
                let steps = ["data", named].map(|key| Step::Key(key.to_owned()));
                Cow::Owned(Path(&steps).to_string())
            }
        }
    }
}

/// Where an entry of `configFrom` names its object.
#[derive(Clone, Copy)]
pub(super) struct SourceNodes {
    pub(super) secret: Option<NodeId>,
    pub(super) config_map: Option<NodeId>,
    pub(super) object: Option<NodeId>,
    pub(super) literal: Option<NodeId>,
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
        let names = [
            "secretRef",
            "configMapRef",
            "objectRef",
            "literal",
            "keys",
            "urlSafe",
        ];
        let [secret, config_map, object, literal, keys, url_safe] = self.fields(item, names)?;
        let from = SourceNodes {
            secret,
            config_map,
            object,
            literal,
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
            literal,
        } = from;
        let one = self.exactly_one(
            item,
            &[
                ("secretRef", secret),
                ("configMapRef", config_map),
                ("objectRef", object),
            ],
        );
        let literal = literal.filter(|&id| self.boolean(Some(id)));
        let secret = secret.and_then(|id| {
            if let Some(literal) = literal {
                let why = "coupler never reads a Secret";
                self.refuse_literal(literal, id, why, "remove `literal: true`");
            }
            self.key_holder(id).map(ConfigSource::Secret)
        });
        let config_map = config_map.and_then(|id| match literal {
            Some(literal) => self.config_map_texts(id, literal),
            None => self.key_holder(id).map(ConfigSource::ConfigMap),
        });
        let object = object.and_then(|id| {
            if let Some(literal) = literal {
                let why = "an `objectRef` is always read";
                self.refuse_literal(literal, id, why, "remove `literal: true`");
            }
            let object = self.object_ref(id)?;
            let form = ObjectForm::Object;
            Some(LiteralSource { object, form })
        });
        let keys = match keys {
            Some(keys) => self.map(keys, 1, 64, &SOURCE_KEY),
            None => {
                self.missing(item, "keys");
                Vec::new()
            }
        };
        if let (Some(id), Some(LiteralSource { object, .. })) = (from.object, &object)
            && object.kind == "ConfigMap"
            && group(&object.api_version).is_empty()
        {
            self.refuse_config_map(item, id, &object.name.value, &keys);
        }
        let url_safe = match url_safe {
            Some(list) => self.texts(list, 0, 64, &NAME),
            None => Vec::new(),
        };
        let from = secret
            .or(config_map)
            .or(object.map(ConfigSource::Object))
            .filter(|_| one && !keys.is_empty())?;
        Some(ConfigFrom {
            from,
            keys,
            url_safe,
            at: self.at(item),
        })
    }

    /// A `configMapRef` beside `literal: true`.
    fn config_map_texts(&mut self, id: NodeId, literal: NodeId) -> Option<ConfigSource> {
        let KeyHolder { name, presence } = self.key_holder(id)?;
        if presence == ReferencePresence::Optional {
            let why = "what is read while rendering must be there";
            self.refuse_literal(
                literal,
                id,
                why,
                "remove `optional: true` or `literal: true`",
            );
        }
        let object = self.config_map(id, name);
        let form = ObjectForm::ConfigMap;
        Some(ConfigSource::Object(LiteralSource { object, form }))
    }

    /// Reports a `literal: true` that cannot be beside another member.
    fn refuse_literal(
        &mut self,
        literal: NodeId,
        other: NodeId,
        why: &'static str,
        help: &'static str,
    ) {
        let message = format!("`{}` cannot be `true`: {why}", self.path(literal));
        let error = Diagnostic::error(Code::InvalidField, message)
            .at(self.at(literal), "asked for here")
            .at(self.at(other), "beside this");
        self.report(error.help(help));
    }

    /// Refuses an `objectRef` to a ConfigMap: kustomize would not follow its name there, or would
    /// take it for that of another object.
    fn refuse_config_map(
        &mut self,
        item: NodeId,
        reference: NodeId,
        name: &str,
        keys: &[SourceKey],
    ) {
        let texts: Option<Vec<_>> = keys
            .iter()
            .map(|(key, path)| Some((key, data_key(&path.value)?)))
            .collect();
        let message = format!(
            "`{}` is a ConfigMap, which `configMapRef` names",
            self.path(reference)
        );
        let error = Diagnostic::error(Code::InvalidField, message);
        let error = error.at(self.at(reference), "asked for here");
        self.report(match texts {
            Some(texts) => {
                let key = |(key, theirs): (&Spanned<String>, String)| {
                    let (key, theirs) = (emit::flow_string(&key.value), emit::flow_string(&theirs));
                    format!("{key}: {theirs}")
                };
                let keys: Vec<_> = texts.into_iter().map(key).collect();
                let lines = lines![
                    ("configMapRef: {{name: {}}}", emit::flow_string(name)),
                    ("literal: true"),
                    ("keys: {{{}}}", keys.join(", "))
                ];
                let paste = Paste::item(self.subject(), self.path(item), lines);
                let paste = paste.in_place_of(self.path(reference));
                error.help(Help::from("read its texts by their keys:").paste(paste))
            }
            None => error.help(
                "of a ConfigMap, only the texts in `data` are read, by their keys: write another value in `config`",
            ),
        });
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

    /// The ConfigMap of a `configMapRef`.
    pub(super) fn config_map(&self, id: NodeId, name: Spanned<String>) -> ObjectRef {
        ObjectRef {
            api_version: "v1".to_owned(),
            kind: "ConfigMap".to_owned(),
            name,
            at: self.at(id),
        }
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

/// Our key, and what it is in the other object.
type SourceKey = (Spanned<String>, Spanned<String>);

/// The key of a ConfigMap that a path leads to.
pub fn data_key(path: &str) -> Option<String> {
    match &path::parse(path).ok()?[..] {
        [Step::Key(data), Step::Key(key)] if data == "data" => Some(key.clone()),
        _ => None,
    }
}
