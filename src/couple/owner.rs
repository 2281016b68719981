//! Defines who gives the keys of a side: a Plug, a Socket, or a converter in place of either.

use super::template::{Side, Syntax};
use crate::api::suggest;
use crate::api::{
    AdaptedSocket, ConfigEntry, ConfigFrom, ConfigSource, Converter, Meta, NamedValue, Plug,
    ReferencePresence, SecretNamespace, Service, Socket, SocketOrigin, Spanned,
};
use crate::diagnostic::{
    Code, CommonCause, Diagnostic, Findings, Help, Paste, Subject, lines, list,
};
use crate::manifest::{Place, emit};

/// Who gives the keys of a side.
#[derive(Clone, Copy)]
pub(super) struct Owner<'a> {
    /// Which side.
    pub side: Side,
    /// Its name in templates.
    pub name: &'a str,
    /// What names of variables begin with that are made of its keys.
    pub prefix: &'a str,
    /// The object.
    pub meta: &'a Meta,
    /// `config`.
    pub config: &'a [ConfigEntry],
    /// `configFrom`.
    pub from: &'a [ConfigFrom],
    /// `service`.
    pub service: Option<&'a Service>,
    /// What a Socket is.
    pub origin: SocketOrigin,
    /// Where its Secrets and ConfigMaps are.
    pub secrets: SecretNamespace,
    /// What it is made of, where an Adapter made it.
    pub adapted: Option<&'a AdaptedSocket>,
    /// The converter whose texts its keys are.
    pub converter: Option<&'a Converter>,
}

impl<'a> Owner<'a> {
    /// A Plug.
    pub(super) fn plug(plug: &'a Plug) -> Self {
        Self {
            side: Side::Plug,
            name: plug.template_name(),
            prefix: plug.prefix(),
            meta: &plug.meta,
            config: &plug.config,
            from: &plug.config_from,
            service: None,
            origin: SocketOrigin::Written,
            secrets: SecretNamespace::Plug,
            adapted: None,
            converter: None,
        }
    }

    /// What a converter hands to its source in place of a Plug.
    pub(super) fn converted_plug(plug: &'a Plug, converter: &'a Converter) -> Self {
        Self {
            config: &converter.plug,
            from: &[],
            converter: Some(converter),
            ..Self::plug(plug)
        }
    }

    /// A Socket.
    pub(super) fn socket(socket: &'a Socket) -> Self {
        Self {
            side: Side::Socket,
            name: &socket.name.value,
            prefix: &socket.name.value,
            meta: &socket.meta,
            config: &socket.config,
            from: &socket.config_from,
            service: socket.service.as_ref(),
            origin: socket.origin,
            secrets: socket.secret_namespace,
            adapted: socket.adapted.as_deref(),
            converter: socket.converter.as_deref(),
        }
    }

    /// What its templates see beside the two sides.
    pub(super) fn names(&self) -> &'a [NamedValue] {
        self.adapted.map_or(&[], |adapted| &adapted.names)
    }

    /// What is syntax in the texts of its `config`.
    pub(super) fn config_syntax(&self) -> Syntax {
        match (self.side, self.converter) {
            (Side::Socket, Some(_)) => Syntax::Converter,
            _ => Syntax::Full,
        }
    }

    /// As a message names it.
    pub(super) fn words(&self) -> String {
        if let Some(converter) = self.converter {
            return format!("Adapter `{}`", converter.meta.name.value);
        }
        match (self.side, self.origin) {
            (Side::Plug, _) => format!("Plug `{}`", self.meta.name.value),
            (_, SocketOrigin::Written) => format!("Socket `{}`", self.name),
            (_, SocketOrigin::Service) => format!("Service `{}`", self.name),
        }
    }

    /// Where whoever gives its keys has a name.
    pub(super) fn named_at(&self) -> Place {
        let converter = self.converter.map(|converter| converter.meta.name.at);
        converter.unwrap_or(self.meta.name.at)
    }

    /// It gives no value for a key.
    pub(super) fn no_key(&self, key: String) -> CommonCause {
        let of = self.subject();
        CommonCause::NoKey { of, key }
    }

    /// Which item of `spec.configFrom` has a key of another object at this place.
    pub(super) fn config_from_position(&self, at: Place) -> Option<usize> {
        let has = |from: &ConfigFrom| from.keys.iter().any(|(_, theirs)| theirs.at == at);
        self.from.iter().position(has)
    }

    /// The entry of `spec.configFrom` that gives a key.
    pub(super) fn config_from_of(&self, key: &str) -> Option<ConfigFromEntry<'a>> {
        let gives = |from: &ConfigFrom| from.keys.iter().any(|(own, _)| own.value == key);
        let position = self.from.iter().position(gives)?;
        Some(ConfigFromEntry {
            entry: &self.from[position],
            position,
        })
    }

    /// As a diagnostic's subject.
    pub(super) fn subject(&self) -> Subject {
        if let Some(converter) = self.converter {
            return subject("Adapter", &converter.meta);
        }
        let kind = match (self.side, self.origin) {
            (Side::Plug, _) | (_, SocketOrigin::Service) => "Plug",
            (_, SocketOrigin::Written) => "Socket",
        };
        subject(kind, self.meta)
    }
}

/// An entry of `spec.configFrom`.
pub(super) struct ConfigFromEntry<'a> {
    pub(super) entry: &'a ConfigFrom,
    /// Which item it is.
    pub(super) position: usize,
}

impl ConfigFromEntry<'_> {
    /// The lines by which its object must be there.
    pub(super) fn required(&self, owner: Subject) -> Help {
        let reference = match &self.entry.from {
            ConfigSource::Secret(_) => "secretRef",
            ConfigSource::ConfigMap(_) => "configMapRef",
            ConfigSource::Object(_) => "objectRef",
        };
        let path = format!("spec.configFrom[{}]", self.position);
        let lines = lines![("{reference}:"), ("  optional: false")];
        Help::from("if the object is always there, write:").paste(Paste::item(owner, path, lines))
    }

    /// The lines by which the text of a ConfigMap is read while rendering.
    pub(super) fn literal(&self, owner: Subject) -> Help {
        let lines = match &self.entry.from {
            ConfigSource::ConfigMap(map) if map.presence == ReferencePresence::Optional => {
                lines![("configMapRef:"), ("  optional: false"), ("literal: true")]
            }
            _ => lines![("literal: true")],
        };
        let path = format!("spec.configFrom[{}]", self.position);
        Help::from(
            "if the value may be written into the output, read it from the ConfigMap of the input:",
        )
        .paste(Paste::item(owner, path, lines))
    }

    /// The member that promises that a URL can have these keys as they are too.
    pub(super) fn promise(&self, owner: Subject, keys: &[&str]) -> Paste {
        let before = self.entry.url_safe.iter().map(|key| key.value.as_str());
        let mut all: Vec<&str> = before.chain(keys.iter().copied()).collect();
        all.sort_unstable();
        all.dedup();
        let all: Vec<_> = all.into_iter().map(emit::flow_string).collect();
        let path = format!("spec.configFrom[{}]", self.position);
        Paste::item(owner, path, lines![("urlSafe: [{}]", all.join(", "))])
    }
}

/// An object of ours as a diagnostic's subject.
pub fn subject(kind: &str, meta: &Meta) -> Subject {
    meta.subject(kind)
}

impl<'a> Owner<'a> {
    /// Refuses a promise about a key that the entry does not give.
    pub(super) fn refuse_promises(&self, from: &ConfigFrom, out: &mut Findings) {
        let gives =
            |safe: &&Spanned<String>| from.keys.iter().any(|(key, _)| key.value == safe.value);
        for safe in from.url_safe.iter().filter(|safe| !gives(safe)) {
            let message = format!(
                "`urlSafe` of {} lists `{}`, which this entry does not give",
                self.words(),
                safe.value
            );
            let names = || from.keys.iter().map(|(key, _)| key.value.as_str());
            let help = match suggest(&safe.value, names()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("it gives {}", list(names())),
            };
            let error = Diagnostic::error(Code::UndeclaredKey, message)
                .at(safe.at, "no such key")
                .at(from.at, "of this entry");
            out.report(error.help(help).on(self.subject()));
        }
    }

    pub(super) fn config_text(&self, entry: &'a ConfigEntry) -> Option<&'a str> {
        entry.value.value.as_str()
    }
}
