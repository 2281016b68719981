//! Collects the keys of one side as its owner writes them: each given once, by `service`, `config`
//! or `configFrom`, or by default.

use std::rc::Rc;

use serde_json::Value as Json;

use super::foreign_template;
use super::key_facts::{KeyFacts, KeyText};
pub(super) use super::owner::Owner;
pub use super::owner::subject;
use super::provided_service::{PortChoice, ProvidedService};
use super::schema::SideSchema;
use super::template::SyntaxError;
pub(super) use super::template_node::{
    Expr, TemplateNode, read_as, read_in, read_text, read_text_as, within,
};
use super::value::ReferenceKind;
use crate::api::suggest;
use crate::api::{
    ConfigFrom, ConfigSource, LiteralSource, ReferencePresence, SocketOrigin, Spanned,
};
use crate::diagnostic::{Code, Diagnostic, Findings, Reported};
use crate::manifest::Place;

/// All keys of one side, sorted.
pub(super) struct ProvidedKeys<'a> {
    /// Who gives them.
    pub owner: Owner<'a>,
    /// One per key.
    pub slots: Vec<ProvidedKey<'a>>,
    /// The Service that clients connect to.
    pub service: Option<Rc<ProvidedService<'a>>>,
    /// What the Interface declares.
    pub side_schema: &'a SideSchema<'a>,
}

/// One key of a side.
pub(super) struct ProvidedKey<'a> {
    /// The key.
    pub key: &'a str,
    /// What gives it.
    pub at: Place,
    /// How it is given.
    pub source: KeySource<'a>,
    /// What counts where it turns out not to be given.
    pub fallback: Fallback<'a>,
}

/// What the Interface has for a key that nobody gives.
#[derive(Clone, Copy)]
pub(super) enum Fallback<'a> {
    /// Nothing.
    Nothing,
    /// Its `default`.
    Value(&'a Json),
    /// Texts of other keys, its `x-value`.
    Texts(&'a [KeyText]),
}

impl<'a> Fallback<'a> {
    fn of(facts: &'a KeyFacts) -> Self {
        match &facts.default {
            Some(default) => Self::Value(default),
            None if facts.texts.is_empty() => Self::Nothing,
            None => Self::Texts(&facts.texts),
        }
    }
}

/// How a key is given.
pub(super) enum KeySource<'a> {
    /// A value of `config`.
    Config(Expr<'a>),
    /// A key of a Secret or a ConfigMap.
    Reference(KeyReference<'a>),
    /// A value in an object.
    Object(ObjectValue<'a>),
    /// The Service's host.
    Host(Rc<ProvidedService<'a>>),
    /// The Service's port.
    Port(Rc<ProvidedService<'a>>, PortChoice<'a>),
    /// Nobody gives it: the schema's default counts.
    Default,
    /// Nobody gives it: the schema makes it of other keys. It is evaluated when somebody asks.
    Composed,
    /// A mistake.
    Broken(Reported),
}

/// A key of a Secret or a ConfigMap, as its owner refers to it.
pub(super) struct KeyReference<'a> {
    /// Which of the two.
    pub kind: ReferenceKind,
    /// The object's name.
    pub name: Expr<'a>,
    /// The object's key.
    pub key: &'a Spanned<String>,
    /// Whether it must be there.
    pub presence: ReferencePresence,
    /// Whether a URL can have its value as it is.
    pub in_url: InUrl,
}

/// A value in an object, which is read while rendering.
pub(super) struct ObjectValue<'a> {
    /// The object.
    pub source: &'a LiteralSource,
    /// Its name.
    pub name: Expr<'a>,
    /// The path in it, or the key of a ConfigMap.
    pub named: &'a Spanned<String>,
}

/// What the owner of a reference promises about its value in a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum InUrl {
    /// Nothing: it may hold what a URL must encode.
    Unknown,
    /// `urlSafe`: it holds nothing that a URL must encode.
    Safe,
}

impl InUrl {
    fn of(from: &ConfigFrom, key: &Spanned<String>) -> Self {
        match from.url_safe.iter().any(|safe| safe.value == key.value) {
            true => Self::Safe,
            false => Self::Unknown,
        }
    }
}

impl<'a> ProvidedKeys<'a> {
    /// Collects the keys of a side; `others` are the further versions that the side must keep.
    pub(super) fn new(
        owner: Owner<'a>,
        side_schema: &'a SideSchema<'a>,
        others: &[&SideSchema<'_>],
        out: &mut Findings,
    ) -> Self {
        let mut provided = Self {
            owner,
            slots: Vec::new(),
            service: None,
            side_schema,
        };
        for entry in owner.config {
            let Spanned { value, at } = &entry.value;
            let warning = foreign_template::warning(value, &entry.key.value, *at);
            out.report_all(warning.map(|warning| warning.on(owner.subject())));
            let read = read_in(&entry.value.value, owner.config_syntax(), owner.names());
            let source = match read {
                Ok(TemplateNode::Literal(Json::Null)) => continue,
                Ok(node) => KeySource::Config(Expr {
                    at: entry.value.at,
                    node,
                }),
                Err(error) => provided.broken(
                    &error,
                    &entry.key.value,
                    entry.value.at,
                    owner.config_text(entry),
                    out,
                ),
            };
            provided.slots.push(ProvidedKey {
                key: &entry.key.value,
                at: entry.key.at,
                source,
                fallback: Fallback::Nothing,
            });
        }
        for from in owner.from {
            owner.refuse_promises(from, out);
            for (key, wanted) in &from.keys {
                let source = provided.from(from, key, wanted, out);
                provided.slots.push(ProvidedKey {
                    key: &key.value,
                    at: key.at,
                    source,
                    fallback: Fallback::Nothing,
                });
            }
        }
        let declared = |key: &str| {
            std::iter::once(side_schema)
                .chain(others.iter().copied())
                .any(|f| f.keys.contains_key(key))
        };
        provided.service(&declared, out);
        // stable: the first that gives a key counts
        provided.slots.sort_by_key(|slot| slot.key);
        provided.refuse_twice(out);
        let open = side_schema.open || others.iter().any(|f| f.open);
        if side_schema.refused.is_none() && !open {
            provided.refuse_undeclared(&declared, others, out);
        }
        let mut not_given = Vec::new();
        for (key, facts) in &side_schema.keys {
            let fallback = Fallback::of(facts);
            let (source, at) = match fallback {
                Fallback::Nothing => continue,
                Fallback::Value(_) => (KeySource::Default, owner.meta.at),
                Fallback::Texts(_) => (KeySource::Composed, owner.meta.name.at),
            };
            match provided.find(key) {
                Some(i) => provided.slots[i].fallback = fallback,
                None => not_given.push(ProvidedKey {
                    key,
                    at,
                    source,
                    fallback,
                }),
            }
        }
        if !not_given.is_empty() {
            provided.slots.append(&mut not_given);
            provided.slots.sort_by_key(|slot| slot.key);
        }
        provided
    }

    /// The keys that the Service gives.
    fn service(&mut self, declared: &dyn Fn(&str) -> bool, out: &mut Findings) {
        let Some(written) = self.owner.service else {
            return;
        };
        let name = &written.name;
        let service = match read_text(&name.value) {
            Ok(node) => Ok(Rc::new(ProvidedService {
                written,
                name: Expr { at: name.at, node },
            })),
            Err(error) => {
                let place = within(name.at, &name.value, &error.span);
                let error = error.diagnostic("service.name", place);
                Err(out.report(error.on(self.owner.subject())))
            }
        };
        let mut give = |key, at, source: &dyn Fn(Rc<ProvidedService<'a>>) -> KeySource<'a>| {
            if declared(key) {
                self.slots.push(ProvidedKey {
                    key,
                    at,
                    source: match &service {
                        Ok(service) => source(Rc::clone(service)),
                        Err(reported) => KeySource::Broken(*reported),
                    },
                    fallback: Fallback::Nothing,
                });
            }
        };
        give("host", name.at, &KeySource::Host);
        match &written.port {
            Some(port) => give("port", port.at, &|service| {
                KeySource::Port(service, PortChoice::Written(port))
            }),
            // of an object of ours, the Interface's default counts
            None if self.owner.origin == SocketOrigin::Service => {
                give("port", name.at, &|service| {
                    KeySource::Port(service, PortChoice::OfInterface)
                });
            }
            None => {}
        }
        self.service = service.ok();
    }

    /// The slot of a key.
    pub(super) fn find(&self, key: &str) -> Option<usize> {
        self.slots.binary_search_by_key(&key, |slot| slot.key).ok()
    }

    fn from(
        &self,
        from: &'a ConfigFrom,
        key: &Spanned<String>,
        wanted: &'a Spanned<String>,
        out: &mut Findings,
    ) -> KeySource<'a> {
        let name = match &from.from {
            ConfigSource::Secret(holder) | ConfigSource::ConfigMap(holder) => &holder.name,
            ConfigSource::Object(source) => &source.object.name,
        };
        let expr = match read_text(&name.value) {
            Ok(node) => Expr { at: name.at, node },
            Err(error) => return self.broken(&error, &key.value, name.at, Some(&name.value), out),
        };
        match &from.from {
            ConfigSource::Secret(secret) => KeySource::Reference(KeyReference {
                kind: ReferenceKind::Secret,
                name: expr,
                key: wanted,
                presence: secret.presence,
                in_url: InUrl::of(from, key),
            }),
            ConfigSource::ConfigMap(map) => KeySource::Reference(KeyReference {
                kind: ReferenceKind::ConfigMap,
                name: expr,
                key: wanted,
                presence: map.presence,
                in_url: InUrl::of(from, key),
            }),
            ConfigSource::Object(source) => KeySource::Object(ObjectValue {
                source,
                name: expr,
                named: wanted,
            }),
        }
    }

    fn broken(
        &self,
        error: &SyntaxError,
        key: &str,
        at: Place,
        text: Option<&str>,
        out: &mut Findings,
    ) -> KeySource<'a> {
        let place = text.map_or(at, |text| within(at, text, &error.span));
        let reported = out.report(error.diagnostic(key, place).on(self.owner.subject()));
        KeySource::Broken(reported)
    }

    fn refuse_twice(&mut self, out: &mut Findings) {
        let owner = self.owner;
        self.slots.dedup_by(|second, first| {
            let twice = second.key == first.key;
            if twice {
                out.report(
                    Diagnostic::error(Code::KeyGivenTwice, format!("{} gives `{}` twice", owner.words(), first.key))
                        .at(second.at, "given again here")
                        .at(first.at, "given here")
                        .help(
                            "a key is given once: by `service`, by `config` or by `configFrom`; remove one of the two",
                        )
                        .on(owner.subject()),
                );
            }
            twice
        });
    }

    fn refuse_undeclared(
        &mut self,
        declared: &dyn Fn(&str) -> bool,
        others: &[&SideSchema<'_>],
        out: &mut Findings,
    ) {
        let (owner, side_schema) = (self.owner, self.side_schema);
        let mut unknown = 0;
        self.slots.retain(|slot| {
            let known = declared(slot.key);
            if !known {
                unknown += 1;
                let all = std::iter::once(side_schema)
                    .chain(others.iter().copied())
                    .flat_map(|f| f.keys.keys());
                let all = all.filter(|_| unknown <= crate::limits::NEAR_MISSES);
                let message = format!(
                    "{} gives `{}`, which the Interface does not declare",
                    owner.words(),
                    slot.key
                );
                let near = suggest(slot.key, all.map(String::as_str));
                let error = Diagnostic::error(Code::UndeclaredKey, message)
                    .at(slot.at, "no such key")
                    .help(undeclared_help(slot.key, side_schema, near.into_iter()))
                    .on(owner.subject());
                // what was meant is not given only because it is misspelt
                let meant = near.map(|near| owner.no_key(near.to_owned()));
                out.report(meant.into_iter().fold(error, Diagnostic::explains));
            }
            known
        });
    }
}

/// What to do about a key that is not declared.
pub(super) fn undeclared_help<'n>(
    key: &str,
    side_schema: &SideSchema<'_>,
    names: impl Iterator<Item = &'n str>,
) -> String {
    match suggest(key, names) {
        Some(name) => format!("did you mean `{name}`?"),
        None if side_schema.keys.is_empty() => {
            "the Interface declares no keys on this side".to_owned()
        }
        None => {
            const SHOWN: usize = 16;
            let mut keys: Vec<_> = side_schema
                .keys
                .keys()
                .take(SHOWN)
                .map(|key| format!("`{key}`"))
                .collect();
            if side_schema.keys.len() > SHOWN {
                keys.push(format!("and {} more", side_schema.keys.len() - SHOWN));
            }
            format!("the Interface declares {}", keys.join(", "))
        }
    }
}
