//! Couples a Socket to all its Plugs at once: its own `bind` uses the list of them.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use minijinja::Value;
use minijinja::value::Serde;
use semver::Version;

use super::conversion::ConversionSource;
use super::evaluate::{CouplingRun, Evaluation, KeyState, NoValue};
use super::index::{DefinedVersion, Index};
use super::prepared::{PreparedSockets, kept, socket_name};
use super::provided::{Owner, ProvidedKeys, subject};
use super::resolve::{Resolved, Resolver, offers_no_interface};
use super::socket_plugs::{NamingPlug, naming_plugs, plug_key};
use super::template::Side;
use super::template_plugs::{SocketPlug, SocketPlugKey};
use super::value::{ResolvedValue, size};
use super::{
    Binding, Bindings, CouplingInput, CouplingNames, Delivery, PlugId, SocketCoupling, SocketId,
    bind, consumer, fields, validate,
};
use crate::api::{Plug, Socket};
use crate::diagnostic::{self, Code, Diagnostic, Findings, Severity};
use crate::limits;

/// What is known of the Plugs of Sockets that write something.
pub(super) struct SocketCouplings<'i> {
    integrations: &'i CouplingInput,
    sockets: BTreeMap<SocketId, SocketPlugs<'i>>,
    /// How many bytes the values of all Plugs may still have.
    room: usize,
}

/// The Plugs of one Socket.
#[derive(Default)]
struct SocketPlugs<'i> {
    listed: BTreeMap<(Option<&'i str>, &'i str), SocketPlug>,
    /// Whether some of them are of the catalogue.
    has_catalogue: bool,
    /// Whether one of them has an error, which was reported: then what is made of all is not known.
    is_incomplete: bool,
}

impl<'i> SocketCouplings<'i> {
    /// Nothing is known of any Plug.
    pub(super) fn new(integrations: &'i CouplingInput) -> Self {
        let sockets = integrations.sockets();
        let writing = sockets.filter(|(_, socket)| socket.writes() && !socket.meta.broken);
        Self {
            integrations,
            sockets: writing
                .map(|(id, _)| (id, SocketPlugs::default()))
                .collect(),
            room: limits::SOCKET_PLUG_BYTES,
        }
    }

    /// A Plug of a Socket has an error.
    pub(super) fn lack(&mut self, socket: SocketId) {
        if let Some(of_socket) = self.sockets.get_mut(&socket) {
            of_socket.is_incomplete = true;
        }
    }

    /// A Plug of the stream whose keys were evaluated.
    pub(super) fn add(&mut self, plug: PlugId, socket: SocketId, evaluation: &Evaluation<'_, '_>) {
        self.list(&self.integrations[plug], socket, evaluation);
    }

    fn list(&mut self, plug: &'i Plug, socket: SocketId, evaluation: &Evaluation<'_, '_>) {
        let Some(of_socket) = self.sockets.get_mut(&socket) else {
            return;
        };
        let listed = listed(plug, evaluation, &mut self.room);
        of_socket.has_catalogue |= plug.meta.catalogue;
        of_socket.listed.insert(plug_key(&plug.meta), listed);
    }

    /// What every Socket writes, once all Plugs of the stream were coupled.
    pub(super) fn couple(
        mut self,
        run: &mut CouplingRun<'i>,
        index: &'i Index<'i>,
        resolver: &mut Resolver<'i>,
        prepared: &mut PreparedSockets<'i>,
    ) -> Vec<SocketCoupling> {
        if self.sockets.is_empty() {
            return Vec::new();
        }
        for naming in naming_plugs(self.integrations) {
            if self.sockets.contains_key(&naming.socket) {
                self.add_of_catalogue(&naming, run, index, resolver, prepared);
            }
        }
        if self.room == 0 {
            let first = self.sockets.keys().next().map(|&id| &self.integrations[id]);
            run.out.report_all(first.map(too_large));
            return Vec::new();
        }
        let integrations = self.integrations;
        let mut couplings = Vec::new();
        for (id, plugs) in self.sockets {
            let socket = &integrations[id];
            let Some(version) = version(socket, index, &mut run.out) else {
                continue;
            };
            prepared.prepare(integrations, index, id, version, &mut run.out);
            let Some(provided) = prepared.provided(id, version) else {
                continue;
            };
            if !plugs.is_incomplete {
                couplings.extend(couple_one(run, id, socket, plugs, provided, version));
            }
        }
        couplings
    }

    /// Evaluates what a Plug of the catalogue hands over. It couples in another run; here, its
    /// mistakes are those of the Socket.
    fn add_of_catalogue(
        &mut self,
        naming: &NamingPlug<'i>,
        run: &mut CouplingRun<'i>,
        index: &'i Index<'i>,
        resolver: &mut Resolver<'i>,
        prepared: &mut PreparedSockets<'i>,
    ) {
        let NamingPlug { plug, socket } = *naming;
        if plug.meta.broken {
            return self.lack(socket); // it is reported where all Plugs of a Socket are judged
        }
        let before = std::mem::replace(&mut run.out, Findings::new());
        let resolved = resolver.resolve_named(plug, &mut run.out);
        if let Resolved::To(found, version) = resolved
            && self.integrations.source_of(found) == socket
        {
            let coupled = PlugOfCatalogue {
                plug,
                socket: found,
                version,
            };
            self.evaluate(&coupled, run, index, prepared);
        } else {
            self.lack(socket);
        }
        let found = std::mem::replace(&mut run.out, before);
        let mut errors = found.iter().filter(|one| one.severity == Severity::Error);
        if let Some(error) = errors.next() {
            self.lack(socket);
            let error = not_conforming(plug, &self.integrations[socket], error);
            run.out.report(error);
        }
    }

    fn evaluate(
        &mut self,
        coupled: &PlugOfCatalogue<'i>,
        run: &mut CouplingRun<'i>,
        index: &'i Index<'i>,
        prepared: &mut PreparedSockets<'i>,
    ) {
        let &PlugOfCatalogue {
            plug,
            socket,
            version,
        } = coupled;
        let all = self.integrations;
        prepared.prepare(all, index, socket, version, &mut run.out);
        let source = ConversionSource::prepare(all, index, prepared, plug, socket, &mut run.out);
        let Some(provided_by_socket) = prepared.provided(socket, version) else {
            return;
        };
        let provided = ProvidedKeys::new(
            Owner::plug(plug),
            version.side_schema(Side::Plug),
            &[],
            &mut run.out,
        );
        let mut evaluation = Evaluation::new(run, Some(&provided), provided_by_socket, version);
        match consumer::find(evaluation.run.objects, plug.binder()) {
            Ok(consumer) => evaluation.consumer = consumer,
            Err(error) => _ = evaluation.report(*error),
        }
        if let ConversionSource::Converted(conversion) = &source {
            conversion.convert(all, index, prepared, &mut evaluation);
        }
        evaluation.evaluate_side(Side::Plug);
        validate::check(&mut evaluation, Side::Plug, version, &[]);
        let listed = match &source {
            ConversionSource::None => {
                self.list(plug, socket, &evaluation);
                Some(())
            }
            ConversionSource::Converted(conversion) => {
                evaluation.with_source(|inner| self.list(plug, conversion.source, inner))
            }
            ConversionSource::Failed => None,
        };
        if listed.is_none() {
            self.lack(all.source_of(socket));
        }
    }
}

/// A Plug of the catalogue, the Socket that it resolved to, and the version that counts.
struct PlugOfCatalogue<'i> {
    plug: &'i Plug,
    socket: SocketId,
    version: &'i DefinedVersion<'i>,
}

/// A Plug as the Socket's `bind` sees it; `room`: how many bytes its values may have.
fn listed(plug: &Plug, evaluation: &Evaluation<'_, '_>, room: &mut usize) -> SocketPlug {
    let namespace = plug.meta.namespace.clone();
    let name = &plug.meta.name.value;
    let mut config = BTreeMap::new();
    let provided = evaluation.plug.into_iter();
    let slots = provided.flat_map(|provided| &provided.slots);
    for (slot, state) in slots.zip(evaluation.states(Side::Plug)) {
        let facts = evaluation
            .version
            .side_schema(Side::Plug)
            .keys
            .get(slot.key);
        let is_secret = facts.is_some_and(|facts| facts.secret);
        let key = match state {
            KeyState::Done(ResolvedValue::Literal(json)) if !is_secret => {
                *room = room.saturating_sub(size(json) + slot.key.len());
                SocketPlugKey::Literal(Value::from(Serde(json)))
            }
            KeyState::Done(_) => SocketPlugKey::Opaque,
            KeyState::Pending | KeyState::InProgress | KeyState::Absent | KeyState::Failed(_) => {
                continue;
            }
        };
        config.insert(slot.key.to_owned(), key);
    }
    SocketPlug {
        called: match &namespace {
            Some(namespace) => format!("{namespace}/{name}"),
            None => name.clone(),
        },
        name: plug.template_name().to_owned(),
        namespace,
        config,
    }
}

/// The version by which the Socket's own templates are evaluated: the highest that it satisfies.
fn version<'i>(
    socket: &Socket,
    index: &'i Index<'i>,
    out: &mut Findings,
) -> Option<&'i DefinedVersion<'i>> {
    let name = socket.interface.value.as_str();
    let Some(definition) = index.interfaces.get(name) else {
        out.report(offers_no_interface(socket, None));
        return None;
    };
    if definition.broken {
        return None;
    }
    let highest = kept(index, socket)
        .into_iter()
        .max_by_key(|version| version.number);
    if highest.is_none() {
        out.extend(super::version_mismatch::undefined_versions(
            socket, definition,
        ));
    }
    highest
}

fn couple_one<'i>(
    run: &mut CouplingRun<'i>,
    id: SocketId,
    socket: &'i Socket,
    plugs: SocketPlugs<'i>,
    provided: &ProvidedKeys<'i>,
    version: &'i DefinedVersion<'i>,
) -> Option<SocketCoupling> {
    let before = run.out.mark();
    let all: Arc<[SocketPlug]> = plugs.listed.into_values().collect();
    let mut evaluation = Evaluation::of_all(run, provided, version, all);
    match consumer::find(evaluation.run.objects, socket.binder()) {
        Ok(consumer) => evaluation.consumer = consumer,
        Err(error) => {
            evaluation.report(*error);
            return None;
        }
    }
    let fields = fields::bind(&mut evaluation, socket.binder());
    let written = fields.as_deref().unwrap_or_default();
    let variables = bind::bind_socket(&mut evaluation, socket, written);
    let failed = [fields.as_ref().err(), variables.as_ref().err()];
    if failed.contains(&Some(&NoValue::NoPlug)) {
        let error = one_plug(socket, &evaluation);
        evaluation.report(error);
    }
    if failed.contains(&Some(&NoValue::Required)) {
        // no Plug of the stream had it reported
        evaluation.evaluate();
        validate::check(&mut evaluation, Side::Socket, version, &[]);
    }
    let (Ok(variables), Ok(fields)) = (variables, fields) else {
        return None;
    };
    run.out.without_repeats_since(before);
    if diagnostic::has_errors(run.out.since(before)) {
        return None;
    }
    let delivery = Delivery {
        targets: Rc::clone(&socket.workloads),
        bindings: variables.into_iter().map(Binding::Env).collect(),
    };
    Some(SocketCoupling {
        socket: id,
        names: CouplingNames {
            binder: socket.meta.name.value.clone(),
            socket: socket_name(socket),
            interface: interface_name(socket, version.number),
            at: socket.meta.name.at,
            default_env: None,
        },
        written: Bindings {
            deliveries: vec![delivery],
            fields,
        },
        has_catalogue_plugs: plugs.has_catalogue,
    })
}

fn interface_name(socket: &Socket, version: &Version) -> String {
    format!("{}@{version}", socket.interface.value)
}

/// Something in a Socket's `bind` is another one for each Plug.
fn one_plug(socket: &Socket, evaluation: &Evaluation<'_, '_>) -> Diagnostic {
    let message = format!(
        "`bind` of Socket `{}` is written once for all Plugs, and uses a value that differs from \
         Plug to Plug",
        socket.name.value
    );
    let at = socket
        .bind
        .as_ref()
        .map_or(socket.meta.name.at, |bind| bind.at);
    let error = Diagnostic::error(Code::TemplateFailed, message).at(at, "in this `bind`");
    let slots = evaluation.socket.slots.iter();
    let of_plug = slots
        .zip(evaluation.states(Side::Socket))
        .filter(|(_, state)| **state == KeyState::Failed(NoValue::NoPlug));
    let error = of_plug.fold(error, |error, (slot, _)| {
        error.at(slot.at, "differs from Plug to Plug")
    });
    error.help(
        "use the config of the Plugs, in the list `plugs`, or a key of the Socket that \
     does not depend on the Plug",
    )
}

/// A Plug of the catalogue would not couple to the Socket that it names.
fn not_conforming(plug: &Plug, socket: &Socket, why: &Diagnostic) -> Diagnostic {
    let message = format!(
        "Plug `{}` of the catalogue names Socket `{}`, which has a `bind`, and has mistakes: {}",
        plug.meta.name.value, socket.name.value, why.message
    );
    Diagnostic::error(Code::PlugsUnseen, message)
        .at(plug.meta.name.at, "this Plug")
        .help("correct the Plug: the Socket's `bind` needs all its Plugs")
        .on(subject("Socket", &socket.meta))
}

fn too_large(socket: &Socket) -> Diagnostic {
    let message = format!(
        "the Plugs of Sockets with a `bind` give more than {} MiB of config",
        limits::SOCKET_PLUG_BYTES >> 20
    );
    Diagnostic::error(Code::LimitExceeded, message)
        .at(socket.meta.name.at, "this Socket is one of them")
        .help("render fewer at a time, or give smaller values")
        .on(subject("Socket", &socket.meta))
}
