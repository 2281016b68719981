//! What a Plug that found no Socket is told: who came close, why each does not fit, and the very lines to paste.

use super::evaluate::NAMESPACE_HELP;
use super::index::Contract;
use super::keys::subject;
use super::resolve::{allows, has, highest, versions};
use crate::api::{Plug, Socket, SocketRef, suggest};
use crate::diagnostic::{Code, Diagnostic};
use crate::limits;
use crate::manifest::Place;

/// A Socket that does not fit, and why.
pub(super) struct Near<'a> {
    /// How near: the least is the nearest.
    rank: u8,
    socket: &'a Socket,
    reason: String,
    /// Naming it would be enough.
    by_name: bool,
    /// Whether it is only unclear if it stands in the same namespace.
    unknown: bool,
}

/// The Sockets that come close, the nearest first.
pub(super) fn near<'a>(plug: &Plug, contract: &Contract<'_>, sockets: &'a [Socket]) -> Vec<Near<'a>> {
    let (name, home) = match &plug.socket {
        SocketRef::Named { name, namespace } => {
            let home =
                namespace.as_ref().map_or(plug.meta.namespace.as_deref(), |namespace| Some(namespace.value.as_str()));
            (Some(name.value.as_str()), home)
        }
        SocketRef::Any | SocketRef::Labels(..) => (None, plug.meta.namespace.as_deref()),
    };
    let here = |socket: &Socket| socket.meta.namespace.as_deref() == home;
    let alike = name.and_then(|name| suggest(name, sockets.iter().filter(|s| here(s)).map(|s| s.name.value.as_str())));
    let mut near: Vec<Near<'a>> = Vec::new();
    for socket in sockets {
        let offers = socket.interface.value == plug.interface.value;
        let named = name.is_some_and(|name| name == socket.name.value);
        let object = name.is_some_and(|name| name == socket.meta.name.value);
        let version = highest(socket, contract, plug.version.as_ref()).is_some();
        let unknown = socket.meta.namespace.is_none() != home.is_none();
        let mut reasons = Vec::new();
        if !offers {
            reasons.push(format!("offers Interface `{}`", socket.interface.value));
        } else if !version {
            reasons.push(format!("keeps version {}", versions(socket)));
        }
        if !here(socket) {
            reasons.push(match &socket.meta.namespace {
                Some(namespace) => format!("stands in namespace `{namespace}`"),
                None => "stands in no namespace".to_owned(),
            });
            if offers && allows(socket, plug) == Some(false) {
                reasons.push("does not allow the Plug's namespace".to_owned());
            }
        }
        if socket.meta.catalogue && name.is_none() {
            reasons.push("stands in the catalogue, so it must be named".to_owned());
        } else if !here(socket) && name.is_none() && !unknown {
            reasons.push("so it must be named".to_owned());
        }
        if let SocketRef::Labels(labels, _) = &plug.socket
            && !has(socket, labels)
        {
            reasons.push("has other labels".to_owned());
        }
        if name.is_some() && !named {
            reasons.push(if object {
                format!("has the `spec.name` `{}`", socket.name.value)
            } else {
                "has another name".to_owned()
            });
        }
        let mistyped = here(socket) && alike == Some(socket.name.value.as_str());
        let rank = match (offers, here(socket)) {
            (true, _) if mistyped || object => 0,
            (true, _) if named => 1,
            (true, true) => 2,
            (true, false) => 3,
            (false, true) if name.is_none() || mistyped || named => 4,
            _ => continue,
        };
        let by_name = offers && version && (here(socket) || allows(socket, plug) == Some(true));
        near.push(Near { rank, socket, reason: reasons.join(", "), by_name, unknown: unknown && offers && version });
    }
    near.sort_by(|a, b| {
        let key = |n: &Near<'_>| {
            (n.rank, !n.by_name, n.socket.meta.namespace.clone(), n.socket.name.value.clone(), n.socket.meta.at)
        };
        key(a).cmp(&key(b))
    });
    near
}

/// The error of a Plug that found nobody.
pub(super) fn not_found(plug: &Plug, at: Place, near: &[Near<'_>]) -> Diagnostic {
    let interface = &plug.interface.value;
    let place = |namespace: Option<&str>| {
        namespace
            .map_or_else(|| " where the Plug stands".to_owned(), |namespace| format!(" in namespace `{namespace}`"))
    };
    let own = plug.meta.namespace.as_deref();
    let (message, wanted) = match &plug.socket {
        SocketRef::Named { name, namespace } => {
            let home = namespace.as_ref().map_or(own, |namespace| Some(namespace.value.as_str()));
            (format!("no Socket is called `{}`{}", name.value, place(home)), Some(name.value.as_str()))
        }
        SocketRef::Labels(..) => {
            (format!("no Socket{} offers Interface `{interface}` and has these labels", place(own)), None)
        }
        SocketRef::Any => (format!("no Socket{} offers Interface `{interface}`", place(own)), None),
    };
    let same_name = |near: &&Near<'_>| near.unknown && wanted.is_none_or(|name| near.socket.name.value == name);
    if let Some(near) = near.iter().find(same_name) {
        let socket = near.socket;
        let (lost, known) = if socket.meta.namespace.is_none() {
            (socket.meta.at, plug.meta.at)
        } else {
            (plug.meta.at, socket.meta.at)
        };
        let message = format!(
            "{message}: whether Socket `{}` stands there cannot be told, since one of the two has no namespace",
            socket.name.value
        );
        return Diagnostic::error(Code::NamespaceUnknown, message)
            .at(at, "asked for here")
            .at(lost, "has no `metadata.namespace`")
            .at(
                known,
                format!("stands in namespace `{}`", socket.meta.namespace.as_deref().or(own).unwrap_or_default()),
            )
            .help(NAMESPACE_HELP)
            .on(subject("Plug", &plug.meta));
    }
    let mut diagnostic =
        Diagnostic::error(Code::SocketNotFound, message).at(at, "asked for here").on(subject("Plug", &plug.meta));
    let Some(first) = near.first() else {
        return diagnostic.help(format!(
            "add a Socket that offers `{interface}`, read the catalogue that has one (`--catalog PATH`) and name it, \
             or say `optional: true` if the application can do without"
        ));
    };
    diagnostic = diagnostic.at(first.socket.interface.at, format!("`{}` {}", first.socket.name.value, first.reason));
    let mut help = "these come close:".to_owned();
    for near in near.iter().take(limits::CANDIDATES) {
        help.push_str(&format!("\n  Socket `{}` {}", near.socket.name.value, near.reason));
    }
    if near.len() > limits::CANDIDATES {
        help.push_str(&format!("\n  and {} more", near.len() - limits::CANDIDATES));
    }
    if let Some(near) = near.iter().find(|near| near.by_name) {
        help.push_str(&format!(
            "\n\nto take `{}`, write in the Plug:\n\n{}",
            near.socket.name.value,
            lines(plug, near.socket)
        ));
    }
    diagnostic.help(help)
}

/// The error of a Plug that found several.
pub(super) fn ambiguous(plug: &Plug, sockets: &[&Socket]) -> Diagnostic {
    let message =
        format!("{} Sockets offer Interface `{}`, and the Plug names none", sockets.len(), plug.interface.value);
    let mut diagnostic = Diagnostic::error(Code::AmbiguousSocket, message)
        .at(plug.interface.at, "which of them?")
        .on(subject("Plug", &plug.meta));
    for socket in sockets.iter().take(limits::CANDIDATES) {
        diagnostic = diagnostic.at(socket.name.at, "this one fits");
    }
    let mut help = "name one of them in the Plug:\n".to_owned();
    for socket in sockets.iter().take(limits::CANDIDATES) {
        help.push_str(&format!("\n{}", lines(plug, socket)));
    }
    if sockets.len() > limits::CANDIDATES {
        help.push_str(&format!("\nand {} more", sockets.len() - limits::CANDIDATES));
    }
    diagnostic.help(help)
}

/// The lines that name a Socket.
fn lines(plug: &Plug, socket: &Socket) -> String {
    let name = &socket.name.value;
    match &socket.meta.namespace {
        Some(namespace) if socket.meta.namespace != plug.meta.namespace => {
            format!("spec:\n  socket: {{name: {name}, namespace: {namespace}}}")
        }
        _ => format!("spec:\n  socket: {{name: {name}}}"),
    }
}
