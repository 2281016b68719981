//! Judges whether more Plugs couple to a Socket than its `limit` allows; it never chooses among
//! them.

use std::collections::{BTreeMap, BTreeSet};

use super::fit::allows;
use super::{CouplingInput, ResolvedPlug, SocketId, subject};
use crate::api::{Meta, Plug, Socket, SocketRef, Spanned};
use crate::diagnostic::{
    Code, CommonCause, Diagnostic, Findings, Paste, Setting, lines, list, words,
};
use crate::limits;

/// Which Plugs of the Sockets of a stream a run has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlugsInInput {
    /// All of them: there is a catalogue, or the settings declare that all are in the stream.
    All,
    /// Perhaps not all.
    Some,
}

/// Judges every Socket of the stream that has a `limit`: the Plugs of the stream that were resolved
/// to it, and those of the catalogue that name it.
pub fn judge_limits(
    integrations: &CouplingInput,
    resolved: &[ResolvedPlug],
    plugs: PlugsInInput,
    out: &mut Findings,
) {
    let mut limited: BTreeMap<SocketId, LimitedSocket<'_>> = BTreeMap::new();
    for (id, socket) in integrations.sockets() {
        if let Some(limit) = &socket.limit
            && !socket.meta.catalogue
            && !socket.meta.broken
        {
            limited.insert(id, LimitedSocket::new(socket, limit));
        }
    }
    if limited.is_empty() {
        return;
    }
    let mut stream = BTreeSet::new();
    for &ResolvedPlug { plug, socket } in resolved {
        let plug = &integrations[plug];
        if stream.insert(key(&plug.meta))
            && let Some(socket) = limited.get_mut(&socket)
        {
            socket.add(plug);
        }
    }
    add_catalogue(integrations, &mut limited, &stream, out);
    for socket in limited.values() {
        if plugs == PlugsInInput::Some {
            out.report(unseen(socket));
        }
        if socket.number() > socket.limit.value as usize {
            out.report(exceeded(socket));
        }
    }
}

/// Adds the Plugs of the catalogue that name a Socket; one that is in the stream too counts there.
fn add_catalogue<'i>(
    integrations: &'i CouplingInput,
    limited: &mut BTreeMap<SocketId, LimitedSocket<'i>>,
    stream: &BTreeSet<PlugKey<'_>>,
    out: &mut Findings,
) {
    let mut by_name = BTreeMap::new();
    for (&id, limited) in &*limited {
        let namespace = limited.socket.meta.namespace.as_deref();
        by_name.insert((namespace, limited.socket.name.value.as_str()), id);
    }
    let mut plugs: Vec<&Plug> = integrations.catalogue_plugs.iter().collect();
    plugs.sort_by_key(|plug| (key(&plug.meta), plug.meta.at));
    plugs.dedup_by_key(|plug| key(&plug.meta));
    for plug in plugs {
        let SocketRef::Named { name, namespace } = &plug.socket else {
            continue;
        };
        let own = plug.meta.namespace.as_deref();
        let namespace = namespace
            .as_ref()
            .map_or(own, |one| Some(one.value.as_str()));
        let named = by_name.get(&(namespace, name.value.as_str()));
        let Some(socket) = named.and_then(|id| limited.get_mut(id)) else {
            continue;
        };
        if stream.contains(&key(&plug.meta)) || plug.suspend {
            continue;
        }
        if plug.meta.broken {
            out.report(not_decoded(plug, socket.socket));
        } else if plug.interface.value == socket.socket.interface.value
            && allows(socket.socket, plug) != Some(false)
        {
            socket.add(plug);
        }
    }
}

/// What distinguishes a Plug from another: its namespace and name.
type PlugKey<'i> = (Option<&'i str>, &'i str);

fn key(meta: &Meta) -> PlugKey<'_> {
    (meta.namespace.as_deref(), &meta.name.value)
}

/// A Socket with a `limit`, and the Plugs that couple to it.
struct LimitedSocket<'i> {
    socket: &'i Socket,
    limit: &'i Spanned<u32>,
    /// Those that name it: they hold their places.
    naming: Vec<&'i Plug>,
    /// Those that it was found for: they get what is left.
    others: Vec<&'i Plug>,
}

impl<'i> LimitedSocket<'i> {
    fn new(socket: &'i Socket, limit: &'i Spanned<u32>) -> Self {
        Self {
            socket,
            limit,
            naming: Vec::new(),
            others: Vec::new(),
        }
    }

    fn add(&mut self, plug: &'i Plug) {
        match plug.socket {
            SocketRef::Named { .. } => self.naming.push(plug),
            SocketRef::Any | SocketRef::Labels(..) | SocketRef::Service(_) => {
                self.others.push(plug);
            }
        }
    }

    fn number(&self) -> usize {
        self.naming.len() + self.others.len()
    }
}

/// `namespace/name`, in order.
fn names(plugs: &[&Plug]) -> String {
    let mut keys: Vec<_> = plugs.iter().map(|plug| key(&plug.meta)).collect();
    keys.sort();
    let written = keys.into_iter().map(|(namespace, name)| match namespace {
        Some(namespace) => format!("{namespace}/{name}"),
        None => name.to_owned(),
    });
    list(written)
}

fn exceeded(limited: &LimitedSocket<'_>) -> Diagnostic {
    let (number, limit) = (limited.number(), limited.limit.value);
    let name = &limited.socket.name.value;
    let who = match (&limited.naming[..], &limited.others[..]) {
        (naming, []) => names(naming),
        ([], others) => names(others),
        (naming, others) => format!(
            "{} by name, and {} because it fits",
            names(naming),
            names(others)
        ),
    };
    let message =
        format!("{number} Plugs couple to Socket `{name}`, and its `limit` is {limit}: {who}");
    let into = subject("Socket", &limited.socket.meta);
    let raised = lines![("spec:"), ("  limit: {number}")];
    let mut error = Diagnostic::error(Code::SocketLimitExceeded, message)
        .because(CommonCause::Object(into.clone()))
        .at(limited.limit.at, "the limit");
    let plugs = limited.others.iter().chain(&limited.naming);
    for plug in plugs
        .filter(|plug| !plug.meta.catalogue)
        .take(limits::CANDIDATES)
    {
        error = error.at(plug.meta.name.at, "couples to it");
    }
    error
        .help(
            words!["couple some of them to another Socket, or raise the limit:"]
                .paste(Paste::merge(into.clone(), raised)),
        )
        .on(into)
}

fn unseen(limited: &LimitedSocket<'_>) -> Diagnostic {
    let name = &limited.socket.name.value;
    let message = format!(
        "Socket `{name}` has a `limit`, and the input may not have all Plugs that couple to it"
    );
    Diagnostic::error(Code::PlugsUnseen, message)
        .at(limited.limit.at, "cannot be checked")
        .help(words![
            "pass the directory of the Plugs of other repositories with ",
            Setting::Catalogue,
            ", or, if there are none, set ",
            Setting::PlugsInStream
        ])
        .on(subject("Socket", &limited.socket.meta))
}

fn not_decoded(plug: &Plug, socket: &Socket) -> Diagnostic {
    let message = format!(
        "Plug `{}` of the catalogue names Socket `{}`, which has a `limit`, and has mistakes",
        plug.meta.name.value, socket.name.value
    );
    Diagnostic::error(Code::PlugsUnseen, message)
        .at(plug.meta.name.at, "this Plug")
        .help("correct the Plug: it is not known whether it couples")
        .on(subject("Socket", &socket.meta))
}
