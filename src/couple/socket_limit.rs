//! Checks whether all Plugs of a Socket are known, if it needs them, and whether they are more than
//! its `limit` allows; it never chooses among them.

use std::collections::{BTreeMap, BTreeSet};

use super::socket_plugs::{NamingPlug, PlugKey, naming_plugs, needs_all, plug_key};
use super::{CouplingInput, ResolvedPlug, SocketId, subject};
use crate::api::{Plug, Socket, SocketRef};
use crate::diagnostic::{
    Code, CommonCause, Diagnostic, Findings, Paste, Setting, lines, list, words,
};
use crate::limits;
use crate::manifest::Place;

/// Which Plugs of the Sockets of a stream a run has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlugsInInput {
    /// All of them: there is a catalogue, or the settings declare that all are in the stream.
    All,
    /// Perhaps not all.
    Some,
}

/// Judges every Socket of the stream that has a `limit` or a `bind`: the Plugs of the stream that
/// were resolved to it, and those of the catalogue that name it.
pub fn judge_plugs(
    integrations: &CouplingInput,
    resolved: &[ResolvedPlug],
    plugs: PlugsInInput,
    out: &mut Findings,
) {
    let mut judged: BTreeMap<SocketId, JudgedSocket<'_>> = BTreeMap::new();
    for (id, socket) in integrations.sockets() {
        if needs_all(socket) {
            judged.insert(id, JudgedSocket::new(socket));
        }
    }
    if judged.is_empty() {
        return;
    }
    let mut stream: BTreeSet<PlugKey<'_>> = BTreeSet::new();
    for &ResolvedPlug { plug, socket } in resolved {
        let plug = &integrations[plug];
        if stream.insert(plug_key(&plug.meta))
            && let Some(socket) = judged.get_mut(&integrations.source_of(socket))
        {
            socket.add(plug);
        }
    }
    for NamingPlug { plug, socket } in naming_plugs(integrations) {
        let Some(socket) = judged.get_mut(&socket) else {
            continue;
        };
        match plug.meta.broken {
            true => _ = out.report(not_decoded(plug, socket)),
            false => socket.add(plug),
        }
    }
    for socket in judged.values() {
        if plugs == PlugsInInput::Some {
            out.report(unseen(socket));
        }
        let limit = socket.socket.limit.as_ref();
        if limit.is_some_and(|limit| socket.number() > limit.value as usize) {
            out.extend(exceeded(socket));
        }
    }
}

/// A Socket that needs all its Plugs, and those that couple to it.
struct JudgedSocket<'i> {
    socket: &'i Socket,
    /// Those that name it: they hold their places.
    naming: Vec<&'i Plug>,
    /// Those that it was found for: they get what is left.
    others: Vec<&'i Plug>,
}

impl<'i> JudgedSocket<'i> {
    fn new(socket: &'i Socket) -> Self {
        Self {
            socket,
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

    /// What of it needs all its Plugs.
    fn reasons(&self) -> String {
        let limit = self.socket.limit.as_ref().map(|_| "`limit`");
        let bind = self.socket.bind.as_ref().map(|_| "`bind`");
        let all: Vec<_> = limit.into_iter().chain(bind).collect();
        format!("a {}", all.join(" and a "))
    }

    /// Where the first of that is.
    fn at(&self) -> Place {
        let limit = self.socket.limit.as_ref().map(|limit| limit.at);
        let bind = self.socket.bind.as_ref().map(|bind| bind.at);
        limit.or(bind).unwrap_or(self.socket.meta.name.at)
    }
}

/// `namespace/name`, in order.
fn names(plugs: &[&Plug]) -> String {
    let mut keys: Vec<_> = plugs.iter().map(|plug| plug_key(&plug.meta)).collect();
    keys.sort();
    let written = keys.into_iter().map(|(namespace, name)| match namespace {
        Some(namespace) => format!("{namespace}/{name}"),
        None => name.to_owned(),
    });
    list(written)
}

fn exceeded(judged: &JudgedSocket<'_>) -> Option<Diagnostic> {
    let limit = judged.socket.limit.as_ref()?;
    let number = judged.number();
    let name = &judged.socket.name.value;
    let who = match (&judged.naming[..], &judged.others[..]) {
        (naming, []) => names(naming),
        ([], others) => names(others),
        (naming, others) => format!(
            "{} by name, and {} because it fits",
            names(naming),
            names(others)
        ),
    };
    let message = format!(
        "{number} Plugs couple to Socket `{name}`, and its `limit` is {}: {who}",
        limit.value
    );
    let into = subject("Socket", &judged.socket.meta);
    let raised = lines![("spec:"), ("  limit: {number}")];
    let mut error = Diagnostic::error(Code::SocketLimitExceeded, message)
        .because(CommonCause::Object(into.clone()))
        .at(limit.at, "the limit");
    let plugs = judged.others.iter().chain(&judged.naming);
    for plug in plugs
        .filter(|plug| !plug.meta.catalogue)
        .take(limits::CANDIDATES)
    {
        error = error.at(plug.meta.name.at, "couples to it");
    }
    let help = words!["couple some of them to another Socket, or raise the limit:"]
        .paste(Paste::merge(into.clone(), raised));
    Some(error.help(help).on(into))
}

fn unseen(judged: &JudgedSocket<'_>) -> Diagnostic {
    let message = format!(
        "Socket `{}` has {}, and the input may not have all Plugs that couple to it",
        judged.socket.name.value,
        judged.reasons()
    );
    let label = match judged.socket.limit {
        Some(_) => "cannot be checked",
        None => "needs all Plugs",
    };
    Diagnostic::error(Code::PlugsUnseen, message)
        .at(judged.at(), label)
        .help(words![
            "pass the directory with the Plugs of other repositories with ",
            Setting::Catalogue,
            ", or, if there are none, set ",
            Setting::PlugsInStream
        ])
        .on(subject("Socket", &judged.socket.meta))
}

fn not_decoded(plug: &Plug, judged: &JudgedSocket<'_>) -> Diagnostic {
    let message = format!(
        "Plug `{}` of the catalogue names Socket `{}`, which has {}, and has mistakes",
        plug.meta.name.value,
        judged.socket.name.value,
        judged.reasons()
    );
    Diagnostic::error(Code::PlugsUnseen, message)
        .at(plug.meta.name.at, "this Plug")
        .help("correct the Plug: until then, coupler cannot know whether it couples")
        .on(subject("Socket", &judged.socket.meta))
}
