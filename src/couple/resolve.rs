//! Resolves a Plug to its Socket and the version: the named one, by labels, or the only one that
//! fits; never one of several.

use std::collections::BTreeMap;

use super::admission::allow_help;
use super::converted_names::{self, ConvertedNamed};
use super::evaluate::namespace_help;
use super::fit::{allows, highest};
use super::index::{DefinedInterface, DefinedVersion, Index};
use super::near_misses::{self, NearMisses};
use super::offers::{NamespaceScope, Offers};
use super::provided::subject;
use super::request::PlugRequest;
use super::version_mismatch::{no_version, undefined_versions};
use super::{CouplingInput, NotOffered, PlugId, SocketId, service_version};
use crate::api::{
    Discovery, Plug, Socket, SocketRef, Spanned, TooManyLooks, library_names, suggest,
};
use crate::diagnostic::{
    Code, CommonCause, Diagnostic, Findings, Help, Paste, Setting, Subject, lines, list, words,
};
use crate::limits;
use crate::manifest::Place;

/// What became of a Plug.
pub(super) enum Resolved<'i> {
    /// A Socket, and the version that counts.
    To(SocketId, &'i DefinedVersion<'i>),
    /// There is none, and the Plug is optional.
    Absent,
    /// An error, which was reported or follows from one that was.
    Failed,
}

/// The adapted Socket of a name.
enum AdaptedNamed<'i> {
    None,
    One(SocketId),
    /// Several that offer the Interface.
    Several(Vec<&'i Socket>),
}

/// Resolves the Plugs of one run.
pub(super) struct Resolver<'i> {
    /// Everything of ours.
    pub integrations: &'i CouplingInput,
    /// The same, in order.
    pub index: &'i Index<'i>,
    offers: Offers<'i>,
    /// How many more requests that failed get near misses.
    near: usize,
    /// The Sockets that come close to what failed Plugs ask for.
    near_misses: BTreeMap<PlugRequest, Vec<&'i Socket>>,
    /// The Interfaces that were probably meant by names that none has.
    near_interfaces: BTreeMap<&'i str, Option<&'i str>>,
    /// Whether it was reported that labels choose among too many Sockets.
    too_many: bool,
}

impl<'i> Resolver<'i> {
    /// A resolver that has seen no Plug yet.
    pub(super) fn new(integrations: &'i CouplingInput, index: &'i Index<'i>) -> Self {
        let offers = Offers::new(integrations, index);
        Self {
            integrations,
            index,
            offers,
            near: limits::NEAR_MISSES,
            near_misses: BTreeMap::new(),
            near_interfaces: BTreeMap::new(),
            too_many: false,
        }
    }

    /// Finds the Socket of a Plug.
    pub(super) fn resolve(
        &mut self,
        id: PlugId,
        plug: &'i Plug,
        out: &mut Findings,
    ) -> Resolved<'i> {
        let Some(definition) = self.index.interfaces.get(plug.interface.value.as_str()) else {
            return self.no_interface(plug, out);
        };
        let resolved = match &plug.socket {
            SocketRef::Named { name, namespace } => {
                self.named(plug, definition, name, namespace.as_ref(), out)
            }
            SocketRef::Any => self.only(plug, definition, None, out),
            SocketRef::Labels(labels, _) => self.only(plug, definition, Some(labels), out),
            SocketRef::Service(_) => Ok(service(id, plug, definition, out)),
        };
        resolved.unwrap_or_else(|TooManyLooks| {
            if !std::mem::replace(&mut self.too_many, true) {
                out.report(too_many_looks(plug));
            }
            Resolved::Failed
        })
    }

    /// Finds the Socket that a Plug of the catalogue names.
    pub(super) fn resolve_named(&mut self, plug: &'i Plug, out: &mut Findings) -> Resolved<'i> {
        let SocketRef::Named { name, namespace } = &plug.socket else {
            return Resolved::Failed;
        };
        let Some(definition) = self.index.interfaces.get(plug.interface.value.as_str()) else {
            return self.no_interface(plug, out);
        };
        let named = self.named(plug, definition, name, namespace.as_ref(), out);
        named.unwrap_or(Resolved::Failed)
    }

    fn socket(&self, id: SocketId) -> &'i Socket {
        &self.integrations[id]
    }

    fn no_interface(&mut self, plug: &'i Plug, out: &mut Findings) -> Resolved<'i> {
        let near = self.near_interface(&plug.interface.value);
        let of = subject("Plug", &plug.meta);
        let mut diagnostic = interface_not_found(&plug.interface, "asked for here", of, near);
        if plug.optional && near.is_none() {
            // the provider may bring it along one day, but a typing mistake would look the same
            diagnostic.severity = crate::diagnostic::Severity::Warning;
            out.report(diagnostic);
            return Resolved::Absent;
        }
        out.report(diagnostic);
        Resolved::Failed
    }

    fn named(
        &mut self,
        plug: &'i Plug,
        definition: &'i DefinedInterface<'i>,
        name: &'i Spanned<String>,
        namespace: Option<&'i Spanned<String>>,
        out: &mut Findings,
    ) -> Result<Resolved<'i>, TooManyLooks> {
        let home = namespace.map_or(plug.meta.namespace.as_deref(), |namespace| {
            Some(namespace.value.as_str())
        });
        let key = (home, name.value.as_str());
        let found = self.index.sockets.get(&key).copied();
        let i = match (found, self.adapted(key, &plug.interface.value)) {
            (Some(written), _) => written,
            (None, AdaptedNamed::One(adapted)) => adapted,
            (None, AdaptedNamed::Several(sockets)) => {
                out.report(near_misses::one_name(plug, name, &sockets));
                return Ok(Resolved::Failed);
            }
            (None, AdaptedNamed::None) => {
                let is_absent = !self.is_named_elsewhere(home, &name.value)
                    && self.near_offers(plug).is_empty();
                if plug.optional && is_absent {
                    return Ok(Resolved::Absent);
                }
                return Ok(self.not_found(plug, definition, name.at, out));
            }
        };
        let i = match converted_names::find(
            self.integrations,
            self.index,
            i,
            key,
            &plug.interface.value,
        ) {
            ConvertedNamed::None => i,
            ConvertedNamed::One(converted) => converted,
            ConvertedNamed::Several(sockets) => {
                out.report_all(converted_names::several(plug, name, &sockets));
                return Ok(Resolved::Failed);
            }
        };
        let socket = self.socket(i);
        if socket.meta.broken || definition.broken {
            return Ok(Resolved::Failed);
        }
        let error = |code, message: String| {
            Diagnostic::error(code, message)
                .at(name.at, "named here")
                .on(subject("Plug", &plug.meta))
        };
        if socket.interface.value != plug.interface.value {
            let (offered, asked) = (&socket.interface.value, &plug.interface.value);
            let message = format!(
                "Socket `{}` offers Interface `{offered}`, and the Plug asks for `{asked}`",
                name.value
            );
            let fitting = self.offers.fitting(plug, definition, None)?;
            let help: Help = match &fitting.first[..] {
                [] => format!(
                    "a Plug fits only a Socket of its own Interface: name a Socket that \
                         offers `{asked}`"
                )
                .into(),
                some => {
                    let names = list(some.iter().map(|&i| &self.socket(i).name.value));
                    format!("name one that offers `{asked}`: {names}").into()
                }
            };
            let help = match converted_names::other_version(self.integrations, socket, asked) {
                Some(why) => help.and(why),
                None => help,
            };
            out.report(
                error(Code::InterfaceMismatch, message)
                    .because(CommonCause::Object(subject("Socket", &socket.meta)))
                    .at(plug.interface.at, format!("asks for `{asked}`"))
                    .at(socket.interface.at, format!("offers `{offered}`"))
                    .help(help),
            );
            return Ok(Resolved::Failed);
        }
        let allowed = allows(socket, plug);
        if allowed != Some(true) {
            out.report(refused(plug, socket, allowed, error));
        }
        Ok(match highest(socket, definition, plug.version.as_ref()) {
            Some(version) if allowed == Some(true) => Resolved::To(i, version),
            Some(_) => Resolved::Failed,
            None => {
                self.no_version(plug, i, definition, name.at, out);
                Resolved::Failed
            }
        })
    }

    /// The adapted Socket of a name: that which offers the Interface, else any other.
    fn adapted(&self, key: (Option<&'i str>, &'i str), interface: &str) -> AdaptedNamed<'i> {
        let all = self.index.adapted.get(&key).map_or(&[][..], Vec::as_slice);
        let offers = |id: &&SocketId| self.socket(**id).interface.value == interface;
        let mut fitting = all.iter().filter(offers).copied();
        let Some(first) = fitting.next() else {
            return all
                .first()
                .map_or(AdaptedNamed::None, |&id| AdaptedNamed::One(id));
        };
        // what is in the stream counts before the catalogue
        let is_equal =
            |id: &SocketId| self.socket(*id).meta.catalogue == self.socket(first).meta.catalogue;
        let mut several = vec![self.socket(first)];
        several.extend(fitting.filter(is_equal).map(|id| self.socket(id)));
        match several.len() {
            1 => AdaptedNamed::One(first),
            _ => AdaptedNamed::Several(several),
        }
    }

    /// The objects that could be the Socket that a Plug asks for, and are not.
    fn near_offers(&self, plug: &'i Plug) -> Vec<&'i NotOffered> {
        let key = (plug.socket_namespace(), plug.interface.value.as_str());
        let all = self
            .index
            .not_offered
            .get(&key)
            .map_or(&[][..], Vec::as_slice);
        let is_near = |one: &&&NotOffered| match &plug.socket {
            SocketRef::Service(_) => false,
            SocketRef::Any => true,
            SocketRef::Labels(labels, _) => labels
                .iter()
                .all(|(key, value)| one.labels.get(key) == Some(value)),
            SocketRef::Named { name, .. } => one.object.name == name.value,
        };
        all.iter()
            .filter(is_near)
            .take(limits::CANDIDATES)
            .copied()
            .collect()
    }

    /// The objects of the stream whose state decides what a Plug without a name would get: where
    /// one could be a Socket and is none, no other takes its place.
    fn blocking(&self, plug: &'i Plug) -> Vec<&'i NotOffered> {
        let home = plug.meta.namespace.as_deref();
        if self
            .index
            .written
            .contains(&(home, plug.interface.value.as_str()))
        {
            return Vec::new();
        }
        let mut near = self.near_offers(plug);
        near.retain(|one| !one.catalogue && one.found == Discovery::Offered);
        near
    }

    fn only(
        &mut self,
        plug: &'i Plug,
        definition: &'i DefinedInterface<'i>,
        labels: Option<&'i BTreeMap<String, String>>,
        out: &mut Findings,
    ) -> Result<Resolved<'i>, TooManyLooks> {
        if definition.broken {
            return Ok(Resolved::Failed);
        }
        let fitting = self.offers.fitting(plug, definition, labels)?;
        let blocking = self.blocking(plug);
        if fitting.count > 0 && !blocking.is_empty() {
            let first: Vec<&Socket> = fitting.first.iter().map(|&i| self.socket(i)).collect();
            out.report(near_misses::blocked(plug, &first, &blocking));
            return Ok(Resolved::Failed);
        }
        match (fitting.count, &fitting.first[..]) {
            (0, _) => self.none(plug, definition, labels, out),
            (1, &[i]) if self.socket(i).meta.broken => Ok(Resolved::Failed),
            (1, &[i]) => Ok(
                match highest(self.socket(i), definition, plug.version.as_ref()) {
                    Some(version) => Resolved::To(i, version),
                    None => Resolved::Failed,
                },
            ),
            (count, first) => {
                let first: Vec<&Socket> = first.iter().map(|&i| self.socket(i)).collect();
                out.report(near_misses::ambiguous(plug, count, &first));
                Ok(Resolved::Failed)
            }
        }
    }

    /// No Socket of the Plug's namespace fits.
    fn none(
        &mut self,
        plug: &'i Plug,
        definition: &'i DefinedInterface<'i>,
        labels: Option<&'i BTreeMap<String, String>>,
        out: &mut Findings,
    ) -> Result<Resolved<'i>, TooManyLooks> {
        let at = match &plug.socket {
            SocketRef::Labels(_, at) => *at,
            SocketRef::Any | SocketRef::Named { .. } | SocketRef::Service(_) => plug.interface.at,
        };
        if self.offers.may_be_broken(plug, definition, labels)? {
            return Ok(Resolved::Failed);
        }
        let home = plug.meta.namespace.as_deref();
        // of this Interface, and of no version that fits
        let misfits =
            self.offers
                .offering(NamespaceScope::Namespace(home), plug, definition, labels)?;
        if let (1, &[socket]) = (misfits.count, &misfits.first[..]) {
            self.no_version(plug, socket, definition, at, out);
            return Ok(Resolved::Failed);
        }
        // it may be the same namespace, if somebody named it
        let elsewhere = if home.is_some() {
            NamespaceScope::Namespace(None)
        } else {
            NamespaceScope::AnyKnown
        };
        let unknown = self
            .offers
            .offering(elsewhere, plug, definition, labels)?
            .count
            > 0;
        if plug.optional && misfits.count == 0 && !unknown && self.blocking(plug).is_empty() {
            return Ok(Resolved::Absent);
        }
        Ok(self.not_found(plug, definition, at, out))
    }

    fn no_version(
        &self,
        plug: &Plug,
        socket: SocketId,
        definition: &DefinedInterface<'_>,
        at: Place,
        out: &mut Findings,
    ) {
        let socket = self.socket(socket);
        if socket
            .versions
            .iter()
            .any(|version| definition.versions.contains_key(&version.value))
        {
            out.report(no_version(plug, socket, at));
        } else {
            out.extend(undefined_versions(socket, definition));
        }
    }

    /// Whether there is a Socket of this name of which it is not known whether it is in the same
    /// namespace.
    fn is_named_elsewhere(&self, home: Option<&str>, name: &str) -> bool {
        match home {
            Some(_) => self
                .index
                .sockets
                .get(&(None, name))
                .is_some_and(|&i| !self.socket(i).meta.catalogue),
            None => self.offers.has_name(name),
        }
    }

    fn not_found(
        &mut self,
        plug: &'i Plug,
        definition: &'i DefinedInterface<'i>,
        at: Place,
        out: &mut Findings,
    ) -> Resolved<'i> {
        let request = PlugRequest::of(plug);
        let converters = &self.integrations.converters;
        let near = match self.near_misses.get(&request) {
            Some(known) => NearMisses::of(plug, definition, converters, known.clone()),
            None if self.near == 0 => NearMisses::of(plug, definition, converters, Vec::new()),
            None => {
                self.near -= 1;
                let near = NearMisses::new(plug, definition, self.integrations);
                self.near_misses.insert(request, near.sockets.clone());
                near
            }
        };
        let offers = self.near_offers(plug);
        out.report(near_misses::not_found(&near, &offers, at));
        Resolved::Failed
    }

    /// The Interface that was probably meant by a name that none has.
    fn near_interface(&mut self, name: &'i str) -> Option<&'i str> {
        if let Some(&known) = self.near_interfaces.get(name) {
            return known;
        }
        self.near = self.near.checked_sub(1)?;
        let near = likely_interface(name, self.index);
        self.near_interfaces.insert(name, near);
        near
    }
}

/// The Service that a Plug names in place of a Socket.
fn service<'i>(
    id: PlugId,
    plug: &Plug,
    definition: &'i DefinedInterface<'i>,
    out: &mut Findings,
) -> Resolved<'i> {
    if definition.broken {
        return Resolved::Failed;
    }
    match service_version::version(plug, definition) {
        Ok(version) => Resolved::To(SocketId::Service(id), version),
        Err(error) => {
            out.report(*error);
            Resolved::Failed
        }
    }
}

fn too_many_looks(plug: &Plug) -> Diagnostic {
    let at = match &plug.socket {
        SocketRef::Labels(_, at) => *at,
        SocketRef::Any | SocketRef::Named { .. } | SocketRef::Service(_) => plug.interface.at,
    };
    let message = format!(
        "the `matchLabels` of all Plugs together select from more than {} Sockets",
        limits::LABEL_LOOKS
    );
    Diagnostic::error(Code::LimitExceeded, message)
        .at(at, "this is one of them")
        .help("name the Sockets: write `name` in place of `matchLabels`")
        .on(subject("Plug", &plug.meta))
}

/// The name of an Interface that was probably meant.
pub(super) fn likely_interface<'i>(name: &str, index: &'i Index<'_>) -> Option<&'i str> {
    let mut names: Vec<&str> = library_names().collect();
    names.extend(index.interfaces.keys());
    suggest(name, names)
}

/// No Interface has this name.
pub(super) fn no_interface(name: &str) -> CommonCause {
    CommonCause::no_object("Interface", name)
}

/// A Socket offers an Interface that is not defined.
pub(super) fn offers_no_interface(socket: &Socket, near: Option<&str>) -> Diagnostic {
    let of = subject("Socket", &socket.meta);
    interface_not_found(&socket.interface, "offered here", of, near)
}

fn interface_not_found(
    interface: &Spanned<String>,
    label: &'static str,
    of: Subject,
    near: Option<&str>,
) -> Diagnostic {
    let name = &interface.value;
    let message = format!("no Interface is called `{name}`");
    Diagnostic::error(Code::InterfaceNotFound, message)
        .at(interface.at, label)
        .help(interface_help(of.clone(), near))
        .because(no_interface(name))
        .on(of)
}

/// What to do where no Interface has the name that an object asks for.
pub(super) fn interface_help(asks: Subject, near: Option<&str>) -> Help {
    match near {
        Some(name) => {
            let lines = lines![("spec:"), ("  interface:"), ("    name: {name}")];
            Help::from(format!("did you mean `{name}`?")).paste(Paste::merge(asks, lines))
        }
        None => words![
            "add its manifest to the input, or the catalogue that has it: ",
            Setting::Catalogue,
            "; an Interface is found by its `spec.name`"
        ],
    }
}

fn refused(
    plug: &Plug,
    socket: &Socket,
    allowed: Option<bool>,
    error: impl Fn(Code, String) -> Diagnostic,
) -> Diagnostic {
    let name = &socket.name.value;
    let (Some(home), Some(false)) = (&plug.meta.namespace, allowed) else {
        let message = format!(
            "whether Socket `{name}` allows the Plug depends on a namespace that is not known"
        );
        let unknown = if plug.meta.namespace.is_none() {
            plug.meta.name.at
        } else {
            socket.meta.name.at
        };
        let cause = match plug.meta.namespace {
            None => CommonCause::NoNamespace,
            Some(_) => CommonCause::Object(subject("Socket", &socket.meta)),
        };
        return error(Code::NamespaceUnknown, message)
            .because(cause)
            .at(unknown, "has no `metadata.namespace`")
            .help(namespace_help());
    };
    let message = format!("Socket `{name}` does not allow Plugs of namespace `{home}`");
    let (place, text) = match &socket.allow {
        Some(globs) => (
            globs.first().map_or(socket.meta.name.at, |glob| glob.at),
            "allows these",
        ),
        None => (socket.meta.name.at, "allows its own namespace only"),
    };
    error(Code::NamespaceNotAllowed, message)
        .because(CommonCause::Object(subject("Socket", &socket.meta)))
        .at(place, text)
        .help(allow_help(socket, home))
}
