//! Decodes an Adapter.

use std::rc::Rc;

use serde_json::Value;

use super::adapter::{
    AdaptedKind, Adapter, AdapterExample, ConditionalConfigFrom, ENTRIES, LocalName, RelatedBy,
    RelatedObject, SecretTemplate, ServiceTemplate, SocketTemplate, Switch,
};
use super::config::SourceNodes;
use super::converter_reader::ConverterNodes;
use super::reader::ObjectReader;
use super::rules::{
    DESCRIPTION, GROUP_NAME, INTERFACE_NAME, LOCAL_NAME, REMARK, SHORT_NAME, TEMPLATE,
};
use super::{ConfigEntry, Meta, OwnObject, Spanned};
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::scalar::Scalar;
use crate::manifest::{Kind, NodeId};

/// Names that templates have anyway.
const RESERVED: [&str; 14] = [
    "object",
    "item",
    "it",
    "plug",
    "socket",
    "source",
    "interface",
    "svc",
    "true",
    "false",
    "none",
    "True",
    "False",
    "None",
];

/// Manifests of one example.
const OBJECTS: usize = 16;

/// The two kinds of entry that `sockets` has: templates, and what an example expects.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum EntryKind {
    Template,
    Expected,
}

/// The members of an example, of an Adapter of objects or of a converter.
pub(super) struct ExampleNodes {
    pub(super) objects: Option<NodeId>,
    pub(super) plug: Option<NodeId>,
    pub(super) source: Option<NodeId>,
    pub(super) sockets: Option<NodeId>,
    pub(super) secrets: Option<NodeId>,
}

/// What they hold.
pub(super) struct WrittenExample {
    objects: Vec<Value>,
    pub(super) plug: Vec<ConfigEntry>,
    pub(super) source: Option<SocketTemplate>,
    pub(super) sockets: Vec<SocketTemplate>,
    secrets: Vec<SecretTemplate>,
}

impl ObjectReader<'_> {
    /// An Adapter of objects, or a converter.
    pub(super) fn adapter(&mut self, meta: Option<Meta>, spec: NodeId) -> Option<OwnObject> {
        let fields = [
            "description",
            "object",
            "source",
            "plug",
            "related",
            "let",
            "sockets",
            "secrets",
            "examples",
        ];
        let [
            description,
            object,
            source,
            plug,
            related,
            locals,
            sockets,
            secrets,
            examples,
        ] = self.fields(spec, fields)?;
        let description = description.and_then(|id| self.text(id, &DESCRIPTION));
        self.exactly_one(spec, &[("object", object), ("source", source)]);
        if let (None, Some(source)) = (object, source) {
            let nodes = ConverterNodes {
                spec,
                description: description.map(|text| text.value),
                source,
                plug,
                sockets,
                examples,
                of_objects: [related, locals, secrets],
            };
            let converter = self.converter(meta, nodes)?;
            return Some(OwnObject::Converter(Box::new(converter)));
        }
        if source.is_none() && plug.is_some() {
            self.config(plug);
            if object.is_some() {
                self.missing(spec, "source");
            }
        }
        let object = object.and_then(|id| self.adapted_kind(id));
        if sockets.is_none() && secrets.is_none() {
            self.exactly_one(spec, &[("sockets", sockets), ("secrets", secrets)]);
        }
        let related = match related {
            Some(list) => self.each(list, 0, ENTRIES, Self::related_object),
            None => Vec::new(),
        };
        let locals = self.locals(locals);
        let names = related.iter().map(|related| related.name.clone());
        let names = names.chain(locals.iter().map(|local| local.name.clone()));
        self.once(&names.collect::<Vec<_>>());
        let sockets = self.socket_templates(sockets, EntryKind::Template);
        let secrets = self.secret_templates(secrets, EntryKind::Template);
        let examples = match examples {
            Some(list) => self.each(list, 0, ENTRIES, Self::adapter_example),
            None => Vec::new(),
        };
        Some(OwnObject::Adapter(Box::new(Adapter {
            meta: meta?,
            description: description.map(|text| text.value),
            object: object?,
            related,
            locals,
            sockets,
            secrets,
            examples,
            text: Rc::from(self.tree.slice(self.tree.span(spec))),
        })))
    }

    fn adapted_kind(&mut self, id: NodeId) -> Option<AdaptedKind> {
        let [group, kind, condition] = self.fields(id, ["group", "kind", "if"])?;
        let kinds = self.foreign_kind(id, group, kind);
        let condition = self.template(condition);
        let (group, kind) = kinds?;
        Some(AdaptedKind {
            group,
            kind,
            condition,
        })
    }

    /// The group and kind of an object of others; never of a Secret, nor of our own.
    pub(super) fn foreign_kind(
        &mut self,
        holder: NodeId,
        group: Option<NodeId>,
        kind: Option<NodeId>,
    ) -> Option<(Spanned<String>, Spanned<String>)> {
        for (given, field) in [(group, "group"), (kind, "kind")] {
            if given.is_none() {
                self.missing(holder, field);
            }
        }
        let group = group.and_then(|id| self.text(id, &GROUP_NAME));
        let kind = kind.and_then(|id| self.text(id, &SHORT_NAME));
        let (group, kind) = (group?, kind?);
        if group.value.is_empty() && kind.value == "Secret" {
            let error = Diagnostic::error(Code::InvalidField, "an Adapter cannot read a Secret")
                .at(kind.at, "a Secret")
                .help("refer to its keys: `secretRef` in `configFrom`");
            self.report(error);
            return None;
        }
        if group.value == super::GROUP {
            let message = format!(
                "an Adapter cannot be for objects of the group `{}`",
                super::GROUP
            );
            let error = Diagnostic::error(Code::InvalidField, message).at(group.at, "this group");
            self.report(error);
            return None;
        }
        Some((group, kind))
    }

    fn related_object(&mut self, item: NodeId) -> Option<RelatedObject> {
        let names = [
            "as",
            "group",
            "kind",
            "name",
            "where",
            "matchLabels",
            "namespace",
            "required",
        ];
        let [
            alias,
            group,
            kind,
            name,
            condition,
            labels,
            namespace,
            required,
        ] = self.fields(item, names)?;
        if alias.is_none() {
            self.missing(item, "as");
        }
        let alias = alias.and_then(|id| self.local_name(id));
        let kinds = self.foreign_kind(item, group, kind);
        let ways = [
            ("name", name),
            ("where", condition),
            ("matchLabels", labels),
        ];
        let one = self.exactly_one(item, &ways);
        let by_name = self.template(name).map(RelatedBy::Name);
        let by_condition = self.template(condition).map(RelatedBy::Where);
        let by_labels = labels.map(|id| RelatedBy::Labels(self.map(id, 1, 16, &TEMPLATE)));
        let namespace = self.template(namespace);
        let required = required.is_none() || self.boolean(required);
        let (group, kind) = kinds?;
        Some(RelatedObject {
            name: alias?,
            group,
            kind,
            by: by_name.or(by_condition).or(by_labels).filter(|_| one)?,
            namespace,
            required,
        })
    }

    /// Entries of `let`.
    fn locals(&mut self, list: Option<NodeId>) -> Vec<LocalName> {
        let Some(list) = list else { return Vec::new() };
        self.each(list, 0, ENTRIES, |reader, item| {
            let [name, value] = reader.fields(item, ["name", "value"])?;
            for (given, field) in [(name, "name"), (value, "value")] {
                if given.is_none() {
                    reader.missing(item, field);
                }
            }
            let name = name.and_then(|id| reader.local_name(id));
            let value = reader.template(value);
            Some(LocalName {
                name: name?,
                value: value?,
            })
        })
    }

    fn local_name(&mut self, id: NodeId) -> Option<Spanned<String>> {
        let name = self.text(id, &LOCAL_NAME)?;
        if RESERVED.contains(&name.value.as_str()) {
            let must = "a name that no other value has";
            self.invalid(id, must, None);
            return None;
        }
        Some(name)
    }

    fn template(&mut self, id: Option<NodeId>) -> Option<Spanned<String>> {
        id.and_then(|id| self.text(id, &TEMPLATE))
    }

    fn switch(&mut self, id: Option<NodeId>, default: bool) -> Switch {
        let Some(id) = id else {
            return Switch::Fixed(default);
        };
        match self.scalar(id) {
            Some(Scalar::Bool(value)) => Switch::Fixed(value),
            Some(Scalar::Str(_)) => match self.text(id, &TEMPLATE) {
                Some(text) => Switch::Template(text),
                None => Switch::Fixed(default),
            },
            _ => {
                self.misshapen(id, "`true`, `false` or a template");
                Switch::Fixed(default)
            }
        }
    }

    pub(super) fn socket_templates(
        &mut self,
        list: Option<NodeId>,
        kind: EntryKind,
    ) -> Vec<SocketTemplate> {
        let Some(list) = list else { return Vec::new() };
        self.each(list, 0, ENTRIES, |reader, item| {
            reader.socket_template(item, kind)
        })
    }

    pub(super) fn socket_template(
        &mut self,
        item: NodeId,
        kind: EntryKind,
    ) -> Option<SocketTemplate> {
        let names = [
            "name",
            "default",
            "if",
            "each",
            "let",
            "reason",
            "interface",
            "provider",
            "service",
            "config",
            "configFrom",
            "secretNamespace",
        ];
        let [
            name,
            default,
            condition,
            each,
            locals,
            reason,
            interface,
            provider,
            service,
            config,
            config_from,
            secrets,
        ] = self.fields(item, names)?;
        self.refuse_in_example(kind, [condition, each, locals, reason]);
        if kind == EntryKind::Expected && name.is_none() {
            self.missing(item, "name");
        }
        let name = self.template(name);
        let default = self.switch(default, true);
        let (interface, versions) = self.offered_interface(item, interface, &INTERFACE_NAME);
        let provider = provider.and_then(|id| self.text(id, &SHORT_NAME));
        let service = service.and_then(|id| self.service_template(id));
        let config = self.config(config);
        let config_from = match config_from {
            Some(list) => self.each(list, 0, 32, |reader, item| {
                reader.conditional_config_from(item, kind)
            }),
            None => Vec::new(),
        };
        let secret_namespace = self.secret_namespace(secrets);
        let condition = self.template(condition);
        let each = self.template(each);
        let locals = self.locals(locals);
        self.once(
            &locals
                .iter()
                .map(|local| local.name.clone())
                .collect::<Vec<_>>(),
        );
        let reason = reason.and_then(|id| self.text(id, &REMARK));
        Some(SocketTemplate {
            name,
            default,
            condition,
            each,
            locals,
            reason: reason.map(|text| text.value),
            interface: interface?,
            versions,
            provider,
            service,
            config,
            config_from,
            secret_namespace,
            position: self.position(item),
            at: self.at(item),
        })
    }

    /// Refuses what has no meaning in an example, which lists what comes out.
    fn refuse_in_example<const N: usize>(&mut self, kind: EntryKind, fields: [Option<NodeId>; N]) {
        if kind == EntryKind::Template {
            return;
        }
        for id in fields.into_iter().flatten() {
            let message = format!("`{}` has no meaning in an example", self.path(id));
            let error = Diagnostic::error(Code::InvalidField, message).at(self.at(id), "here");
            self.report(error.help("remove it: an example lists only the result"));
        }
    }

    fn service_template(&mut self, id: NodeId) -> Option<ServiceTemplate> {
        let [name, port] = self.fields(id, ["name", "port"])?;
        if name.is_none() {
            self.missing(id, "name");
        }
        let name = self.template(name);
        let port = port.and_then(|id| {
            let value = match self.scalar(id) {
                Some(Scalar::Int(number @ 1..=65_535)) => number.into(),
                Some(Scalar::Str(_)) => self.text(id, &TEMPLATE)?.value.into(),
                _ => {
                    self.misshapen(id, super::rules::PORT_NAME.must);
                    return None;
                }
            };
            let at = self.at(id);
            Some(Spanned { value, at })
        });
        Some(ServiceTemplate { name: name?, port })
    }

    fn conditional_config_from(
        &mut self,
        item: NodeId,
        kind: EntryKind,
    ) -> Option<ConditionalConfigFrom> {
        let names = [
            "secretRef",
            "configMapRef",
            "objectRef",
            "literal",
            "keys",
            "urlSafe",
            "if",
        ];
        let [
            secret,
            config_map,
            object,
            literal,
            keys,
            url_safe,
            condition,
        ] = self.fields(item, names)?;
        self.refuse_in_example(kind, [condition]);
        let condition = self.template(condition);
        let from = SourceNodes {
            secret,
            config_map,
            object,
            literal,
        };
        let entry = self.config_from_of(item, from, keys, url_safe)?;
        Some(ConditionalConfigFrom { condition, entry })
    }

    fn secret_templates(&mut self, list: Option<NodeId>, kind: EntryKind) -> Vec<SecretTemplate> {
        let Some(list) = list else { return Vec::new() };
        self.each(list, 0, ENTRIES, |reader, item| {
            let names = ["name", "keys", "complete", "if", "each"];
            let [name, keys, complete, condition, each] = reader.fields(item, names)?;
            for (given, field) in [(name, "name"), (keys, "keys")] {
                if given.is_none() {
                    reader.missing(item, field);
                }
            }
            reader.refuse_in_example(kind, [condition, each]);
            let name = reader.template(name);
            let keys = match keys {
                Some(list) => reader.each(list, 0, 256, |reader, id| reader.text(id, &TEMPLATE)),
                None => Vec::new(),
            };
            let complete = reader.switch(complete, true);
            let condition = reader.template(condition);
            let each = reader.template(each);
            Some(SecretTemplate {
                name: name?,
                keys,
                complete,
                condition,
                each,
                position: reader.position(item),
                at: reader.at(item),
            })
        })
    }

    fn adapter_example(&mut self, item: NodeId) -> Option<AdapterExample> {
        let nodes = self.example_nodes(item)?;
        let example = self.written_example(&nodes);
        if let (Some(_), None) = (nodes.objects, nodes.source) {
            return Some(AdapterExample {
                objects: example.objects,
                sockets: example.sockets,
                secrets: example.secrets,
                at: self.at(item),
            });
        }
        if let (None, Some(source)) = (nodes.objects, nodes.source) {
            self.refuse_beside(
                &[Some(source)],
                "object",
                "list the `objects` that are Sockets",
            );
        }
        None
    }

    /// The members of an example, of which objects and a source exclude each other.
    pub(super) fn example_nodes(&mut self, item: NodeId) -> Option<ExampleNodes> {
        let [objects, plug, source, sockets, secrets] =
            self.fields(item, ["objects", "plug", "source", "sockets", "secrets"])?;
        self.exactly_one(item, &[("objects", objects), ("source", source)]);
        if plug.is_some() && source.is_none() {
            self.missing(item, "source");
        }
        if secrets.is_some() && objects.is_none() {
            self.missing(item, "objects");
        }
        Some(ExampleNodes {
            objects,
            plug,
            source,
            sockets,
            secrets,
        })
    }

    /// What an example has.
    pub(super) fn written_example(&mut self, nodes: &ExampleNodes) -> WrittenExample {
        let objects = match nodes.objects {
            Some(list) => self.each(list, 1, OBJECTS, |reader, id| {
                if reader.tree.kind(id) != Kind::Mapping {
                    reader.misshapen(id, "an object: a manifest");
                    return None;
                }
                reader.json(id)
            }),
            None => Vec::new(),
        };
        let source = nodes.source;
        WrittenExample {
            objects,
            plug: self.config(nodes.plug),
            source: source.and_then(|id| self.socket_template(id, EntryKind::Expected)),
            sockets: self.socket_templates(nodes.sockets, EntryKind::Expected),
            secrets: self.secret_templates(nodes.secrets, EntryKind::Expected),
        }
    }

    /// Refuses what has no meaning beside another member.
    pub(super) fn refuse_beside(
        &mut self,
        fields: &[Option<NodeId>],
        beside: &str,
        help: &'static str,
    ) {
        for &id in fields.iter().flatten() {
            let message = format!("`{}` has no meaning beside `{beside}`", self.path(id));
            let error = Diagnostic::error(Code::InvalidField, message).at(self.at(id), "here");
            self.report(error.help(help));
        }
    }
}
