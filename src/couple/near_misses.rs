//! Makes the error of a Plug without a Socket: the closest matches, why each does not fit, and the
//! lines to paste.

use std::rc::Rc;

use super::adapt::taking_over;
use super::admission::allow_help;
use super::evaluate::namespace_help;
use super::fit::{allows, has, highest, versions};
use super::index::DefinedInterface;
use super::provided::subject;
use super::{CouplingInput, NotOffered};
use crate::api::{Converter, Discovery, Plug, Socket, SocketRef, Spanned, renamed, suggest};
use crate::diagnostic::{Code, CommonCause, Diagnostic, Help, Paste, Setting, lines, list, words};
use crate::limits;
use crate::manifest::Place;

/// The Sockets that come close to what a Plug asks for, the nearest first.
pub(super) struct NearMisses<'a> {
    plug: &'a Plug,
    definition: &'a DefinedInterface<'a>,
    converters: &'a [Rc<Converter>],
    pub(super) sockets: Vec<&'a Socket>,
}

impl<'a> NearMisses<'a> {
    /// These, which another Plug that asks for the same found; none for one of too many.
    pub(super) fn of(
        plug: &'a Plug,
        definition: &'a DefinedInterface<'a>,
        converters: &'a [Rc<Converter>],
        sockets: Vec<&'a Socket>,
    ) -> Self {
        Self {
            plug,
            definition,
            converters,
            sockets,
        }
    }

    /// Looks at every Socket.
    pub(super) fn new(
        plug: &'a Plug,
        definition: &'a DefinedInterface<'a>,
        input: &'a CouplingInput,
    ) -> Self {
        let sockets = &input.sockets;
        let mut near = Self::of(plug, definition, &input.converters, Vec::new());
        let here = sockets
            .iter()
            .filter(|socket| near.here(socket))
            .map(|socket| socket.name.value.as_str());
        let alike = near.plug.socket_name().and_then(|name| suggest(name, here));
        let readable = sockets
            .iter()
            .filter(|socket| !socket.interface.value.is_empty());
        let mut ranked: Vec<_> = readable
            .filter_map(|s| Some((near.rank(s, alike)?, s)))
            .collect();
        ranked.sort_by_key(|(rank, s)| {
            (
                *rank,
                !near.by_name(s),
                &s.meta.namespace,
                &s.name.value,
                s.meta.at,
            )
        });
        near.sockets = ranked.into_iter().map(|(_, socket)| socket).collect();
        near
    }

    fn here(&self, socket: &Socket) -> bool {
        socket.meta.namespace.as_deref() == self.plug.socket_namespace()
    }

    fn offers(&self, socket: &Socket) -> bool {
        socket.interface.value == self.plug.interface.value
    }

    fn version(&self, socket: &Socket) -> bool {
        highest(socket, self.definition, self.plug.version.as_ref()).is_some()
    }

    /// What would convert it, if the Plug named it.
    fn converter(&self, socket: &Socket) -> Option<&'a Converter> {
        if self.plug.socket_name().is_some() {
            return None;
        }
        let mut converters = self.converters.iter();
        let found = converters.find(|converter| {
            converter.source.is_of(socket) && converter.entry(&self.plug.interface.value).is_some()
        });
        found.map(|converter| &**converter)
    }

    /// Whether naming it would be enough, as what a converter makes of it is what the Plug wants.
    fn by_name_of_source(&self, socket: &Socket) -> bool {
        self.here(socket) && self.converter(socket).is_some()
    }

    /// Whether naming it would be enough.
    fn by_name(&self, socket: &Socket) -> bool {
        self.offers(socket)
            && self.version(socket)
            && (socket.meta.namespace == self.plug.meta.namespace
                || allows(socket, self.plug) == Some(true))
    }

    /// The only Socket that would do if it were named and allowed the Plug.
    fn only_candidate(&self) -> Option<&&'a Socket> {
        let mut would_do = self.sockets.iter().filter(|socket| {
            let is_refused = allows(socket, self.plug) == Some(false);
            self.offers(socket) && self.version(socket) && is_refused
        });
        match (would_do.next(), would_do.next()) {
            (Some(only), None) => Some(only),
            _ => None,
        }
    }

    /// The Socket that had the name before a build renamed it.
    fn renamed(&self) -> Option<&'a Socket> {
        let is_candidate = |socket: &&&'a Socket| {
            self.here(socket) && self.offers(socket) && socket.name.at == socket.meta.name.at
        };
        let here = || self.sockets.iter().filter(is_candidate);
        let names = here().map(|socket| socket.name.value.as_str());
        let now = renamed(self.plug.socket_name()?, &self.plug.meta.name.value, names)?;
        here().copied().find(|socket| socket.name.value == now)
    }

    /// Whether one in the place where the Plug looks would do if it were named.
    fn is_named_only(&self) -> bool {
        let mut sockets = self.sockets.iter();
        sockets.any(|socket| self.here(socket) && self.by_name(socket) && socket.meta.catalogue)
    }

    /// Whether it would do, if it were known where it is.
    fn unknown(&self, socket: &Socket) -> bool {
        socket.meta.namespace.is_none() != self.plug.socket_namespace().is_none()
            && self.offers(socket)
            && self.version(socket)
            && self
                .plug
                .socket_name()
                .is_none_or(|name| socket.name.value == name)
    }

    /// How near: the least is the nearest.
    fn rank(&self, socket: &Socket, alike: Option<&str>) -> Option<u8> {
        let is = |name: &str| self.plug.socket_name() == Some(name);
        let here = self.here(socket);
        let mistyped = here && alike == Some(socket.name.value.as_str());
        match self.offers(socket) {
            true if mistyped || is(&socket.meta.name.value) => Some(0),
            true if is(&socket.name.value) => Some(1),
            true if here => Some(2),
            true => Some(3),
            false if here && self.converter(socket).is_some() => Some(3),
            false if here && (self.plug.socket_name().is_none() || mistyped) => Some(4),
            false => None,
        }
    }

    fn reason(&self, socket: &Socket) -> String {
        let mut reasons = Vec::new();
        if !self.offers(socket) {
            reasons.push(format!("offers Interface `{}`", socket.interface.value));
            if let Some(converter) = self.converter(socket).filter(|_| self.here(socket)) {
                let name = &converter.meta.name.value;
                reasons.push(format!(
                    "which Adapter `{name}` converts for a Plug that names it"
                ));
            }
        } else if !self.version(socket) {
            reasons.push(format!("satisfies version {}", versions(socket)));
        }
        if let Some(name) = self.plug.socket_name() {
            if name != socket.name.value {
                reasons.push(match name == socket.meta.name.value {
                    true => format!("has the `spec.name` `{}`", socket.name.value),
                    false => "has another name".to_owned(),
                });
            }
        } else if let SocketRef::Labels(labels, _) = &self.plug.socket
            && !has(socket, labels)
        {
            reasons.push("has other labels".to_owned());
        }
        if !self.here(socket) {
            reasons.push(match &socket.meta.namespace {
                Some(namespace) => format!("is in namespace `{namespace}`"),
                None => "is in no namespace".to_owned(),
            });
            if self.offers(socket) && allows(socket, self.plug) == Some(false) {
                reasons.push("does not allow the Plug's namespace".to_owned());
            }
        }
        if self.plug.socket_name().is_none() && self.offers(socket) {
            let found = socket.adapted.as_ref().map(|adapted| adapted.found);
            if socket.is_adapted() && found == Some(Discovery::Named) && self.here(socket) {
                reasons.push("is only for a Plug that names it".to_owned());
            } else if socket.meta.catalogue {
                reasons.push("is in the catalogue, so it must be named".to_owned());
            } else if !self.here(socket) {
                reasons.push("so it must be named".to_owned());
            }
        }
        reasons.join(", ")
    }
}

/// The error of a Plug without a Socket.
pub(super) fn not_found(
    near: &NearMisses<'_>,
    not_offered: &[&NotOffered],
    at: Place,
) -> Diagnostic {
    let plug = near.plug;
    let interface = &plug.interface.value;
    let place = |namespace: Option<&str>| {
        namespace.map_or_else(
            || " in the Plug's namespace".to_owned(),
            |namespace| format!(" in namespace `{namespace}`"),
        )
    };
    let message = match &plug.socket {
        SocketRef::Named { name, .. } => {
            format!(
                "no Socket is called `{}`{}",
                name.value,
                place(near.plug.socket_namespace())
            )
        }
        SocketRef::Labels(..) => {
            format!(
                "no Socket{} offers Interface `{interface}` and has these labels",
                place(near.plug.socket_namespace())
            )
        }
        SocketRef::Any if near.is_named_only() => format!(
            "the Plug names no Socket, and a Socket of the catalogue that offers Interface `{interface}` must be named"
        ),
        SocketRef::Any | SocketRef::Service(_) => format!(
            "no Socket{} offers Interface `{interface}`",
            place(near.plug.socket_namespace())
        ),
    };
    if let Some(socket) = near.sockets.iter().find(|socket| near.unknown(socket)) {
        let (lost, known, namespace) = match (&socket.meta.namespace, near.plug.socket_namespace())
        {
            (Some(namespace), _) => (plug.meta.name.at, socket.meta.name.at, namespace.as_str()),
            (None, home) => (
                socket.meta.name.at,
                plug.meta.name.at,
                home.unwrap_or_default(),
            ),
        };
        let message = format!(
            "{message}: coupler cannot know whether Socket `{}` is in that namespace, because one \
             of the two has no namespace",
            socket.name.value
        );
        let cause = match socket.meta.namespace {
            Some(_) => CommonCause::NoNamespace,
            None => CommonCause::Object(subject("Socket", &socket.meta)),
        };
        return Diagnostic::error(Code::NamespaceUnknown, message)
            .because(cause)
            .at(at, "asked for here")
            .at(lost, "has no `metadata.namespace`")
            .at(known, format!("is for namespace `{namespace}`"))
            .help(namespace_help())
            .on(subject("Plug", &plug.meta));
    }
    let mut diagnostic = Diagnostic::error(Code::SocketNotFound, message)
        .because(CommonCause::no_object("Socket", interface))
        .at(at, "asked for here")
        .on(subject("Plug", &plug.meta));
    if !not_offered.is_empty() {
        diagnostic = with_reasons(diagnostic, not_offered);
        if near.sockets.is_empty() {
            return diagnostic.help(reasons_help(not_offered));
        }
    }
    let Some(first) = near.sockets.first() else {
        return diagnostic.help(words![
            format!("add a Socket that offers `{interface}`, read the catalogue that has one ("),
            Setting::Catalogue,
            ") and name it, or write `optional: true` if the application can run without it"
        ]);
    };
    diagnostic = diagnostic.at_candidate(
        first.interface.at,
        format!("`{}` {}", first.name.value, near.reason(first)),
    );
    let mut help = match not_offered {
        [] => Help::from("closest matches:"),
        some => reasons_help(some).and("closest matches:"),
    };
    for socket in near.sockets.iter().take(limits::CANDIDATES) {
        help = help.and(format!("  {} {}", called(socket), near.reason(socket)));
    }
    if near.sockets.len() > limits::CANDIDATES {
        let more = near.sockets.len() - limits::CANDIDATES;
        help = help.and(format!("  and {more} more"));
    }
    if let Some(socket) = near.renamed() {
        let name = near.plug.socket_name().unwrap_or_default();
        let lines = lines![("spec:"), ("  name: {name}")];
        let help = Help::from(format!(
            "the Socket is called `{}` here: a build, such as one with a `namePrefix` of \
             kustomize, renamed it, and did not change `spec.socket` of the Plug; give the Socket \
             a `spec.name`, which no build changes:",
            socket.name.value
        ));
        let paste = Paste::merge(subject("Socket", &socket.meta), lines);
        return diagnostic.help(help.paste(paste));
    }
    let mut sockets = near.sockets.iter();
    let named = sockets
        .clone()
        .find(|socket| near.by_name(socket))
        .or_else(|| sockets.find(|socket| near.by_name_of_source(socket)));
    let help = match named.or_else(|| near.only_candidate()) {
        Some(socket) => {
            let name = &socket.name.value;
            let help = help
                .and(lines![(""), ("to use `{name}`, write in the Plug:")])
                .paste(naming(plug, socket));
            match (&plug.meta.namespace, named) {
                (Some(home), None) => help.and(allow_help(socket, home)),
                _ => help,
            }
        }
        None => help
            .and("")
            .and(words![
                format!("add a Socket that offers `{interface}`, or name one of another namespace or of the catalogue ("),
                Setting::Catalogue,
                "):"
            ])
            .paste(socket_paste(plug, "{name: …, namespace: …}")),
    };
    diagnostic.help(help)
}

/// A Socket as a message names it, with the object that it is made of.
fn called(socket: &Socket) -> String {
    let name = &socket.name.value;
    match &socket.adapted {
        Some(adapted) if socket.is_adapted() => {
            format!(
                "Socket `{name}` ({} `{}`)",
                adapted.object.kind, adapted.object.name
            )
        }
        _ => format!("Socket `{name}`"),
    }
}

/// Points at objects that could be Sockets and are none.
fn with_reasons(diagnostic: Diagnostic, not_offered: &[&NotOffered]) -> Diagnostic {
    not_offered.iter().fold(diagnostic, |diagnostic, one| {
        let reason = format!("is not a Socket: {}", one.reason);
        let diagnostic = match one.at == Place::default() {
            true => diagnostic,
            false => diagnostic.at_candidate(one.at, reason),
        };
        match one.decided {
            Some(at) => diagnostic.at(at, "this is the reason"),
            None => diagnostic,
        }
    })
}

fn reasons_help(not_offered: &[&NotOffered]) -> Help {
    let lines = not_offered.iter().map(|one| {
        let object = &one.object;
        format!(
            "{} `{}` does not offer `{}`: {}",
            object.kind, object.name, one.interface, one.reason
        )
    });
    Help::of_lines(lines)
}

/// The error of a Plug that names no Socket where an object could be one and is none.
pub(super) fn blocked(plug: &Plug, first: &[&Socket], not_offered: &[&NotOffered]) -> Diagnostic {
    let interface = &plug.interface.value;
    let names = list(not_offered.iter().map(|one| &one.object.name));
    let message = format!(
        "the Plug names no Socket, and {names} could offer Interface `{interface}`, but does not"
    );
    let diagnostic = Diagnostic::error(Code::AmbiguousSocket, message)
        .at(plug.interface.at, "which of them?")
        .on(subject("Plug", &plug.meta));
    let mut diagnostic = with_reasons(diagnostic, not_offered);
    let mut help = reasons_help(not_offered).and("correct this, or name the Socket in the Plug:");
    for socket in first {
        diagnostic = diagnostic.at(socket.name.at, "this one fits");
        help = help.paste(naming(plug, socket));
    }
    diagnostic.help(help)
}

/// The error of a name that several objects have.
pub(super) fn one_name(plug: &Plug, name: &Spanned<String>, sockets: &[&Socket]) -> Diagnostic {
    let interface = &plug.interface.value;
    let message = format!(
        "{} Sockets of different objects are called `{}` and offer Interface `{interface}`",
        sockets.len(),
        name.value
    );
    let error = Diagnostic::error(Code::AmbiguousSocket, message)
        .at(name.at, "which of them?")
        .on(subject("Plug", &plug.meta));
    let shown = sockets.iter().take(limits::CANDIDATES);
    let error = shown.clone().fold(error, |error, socket| {
        error.at(socket.name.at, "this one fits")
    });
    let mut help = Help::from("give one of them another name, and write that name in the Plug:");
    for socket in shown {
        help = help.paste(taking_over(socket, &format!("{}-1", name.value)));
    }
    error.help(help)
}

/// The error of a Plug that found several: `count`, of which these are the first.
pub(super) fn ambiguous(plug: &Plug, count: usize, first: &[&Socket]) -> Diagnostic {
    let message = format!(
        "{count} Sockets offer Interface `{}`, and the Plug names none",
        plug.interface.value
    );
    let mut diagnostic = Diagnostic::error(Code::AmbiguousSocket, message)
        .at(plug.interface.at, "which of them?")
        .on(subject("Plug", &plug.meta));
    for socket in first {
        let text = match socket.is_adapted() {
            true => format!("{} fits", called(socket)),
            false => "this one fits".to_owned(),
        };
        diagnostic = diagnostic.at(socket.name.at, text);
    }
    if first.is_empty() {
        let help = Help::from("name one of them in the Plug:");
        return diagnostic.help(help.paste(socket_paste(plug, "{name: …}")));
    }
    let mut help = Help::from("name one of them in the Plug:");
    for socket in first {
        help = help.paste(naming(plug, socket));
    }
    if count > first.len() {
        help = help.and(format!("and {} more", count - first.len()));
    }
    diagnostic.help(help)
}

/// The lines that name a Socket.
fn naming(plug: &Plug, socket: &Socket) -> Paste {
    let name = &socket.name.value;
    match &socket.meta.namespace {
        Some(namespace) if socket.meta.namespace != plug.meta.namespace => {
            socket_paste(plug, &format!("{{name: {name}, namespace: {namespace}}}"))
        }
        _ => socket_paste(plug, &format!("{{name: {name}}}")),
    }
}

/// The lines that give a Plug another `socket` than it has.
fn socket_paste(plug: &Plug, socket: &str) -> Paste {
    let lines = lines![("spec:"), ("  socket: {socket}")];
    Paste::replace(subject("Plug", &plug.meta), "spec.socket", lines)
}
