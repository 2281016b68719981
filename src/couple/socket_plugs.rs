//! Finds the Plugs of the catalogue that name a Socket of the stream: other runs couple them.

use std::collections::{BTreeMap, BTreeSet};

use super::fit::allows;
use super::{CouplingInput, SocketId};
use crate::api::{Meta, Plug, Socket};

/// A Plug of the catalogue, and the Socket of the stream that it names.
pub(super) struct NamingPlug<'i> {
    pub(super) plug: &'i Plug,
    pub(super) socket: SocketId,
}

/// What distinguishes a Plug from another: its namespace and name.
pub(crate) type PlugKey<'i> = (Option<&'i str>, &'i str);

/// The key of a Plug.
pub(crate) fn plug_key(meta: &Meta) -> PlugKey<'_> {
    (meta.namespace.as_deref(), &meta.name.value)
}

/// Whether a Socket needs all its Plugs: it is of the stream, and has a `limit` or a `bind`.
pub(super) fn needs_all(socket: &Socket) -> bool {
    let asks = socket.limit.is_some() || socket.bind.is_some();
    asks && !socket.meta.catalogue && !socket.meta.broken
}

/// The Plugs of the catalogue that name a Socket which needs all its Plugs, in order of namespace
/// and name. One that is in the stream too counts there, and one that the Socket does not offer its
/// Interface, also by no converter, or does not allow, is refused in its own run.
pub(super) fn naming_plugs(integrations: &CouplingInput) -> Vec<NamingPlug<'_>> {
    let mut by_name = BTreeMap::new();
    for (id, socket) in integrations
        .sockets()
        .filter(|(_, socket)| needs_all(socket))
    {
        let namespace = socket.meta.namespace.as_deref();
        by_name.insert((namespace, socket.name.value.as_str()), id);
    }
    if by_name.is_empty() {
        return Vec::new();
    }
    let stream = integrations.plugs.iter().map(|plug| plug_key(&plug.meta));
    let stream: BTreeSet<PlugKey<'_>> = stream.collect();
    let mut plugs: Vec<&Plug> = integrations.catalogue_plugs.iter().collect();
    plugs.sort_by_key(|plug| (plug_key(&plug.meta), plug.meta.at));
    plugs.dedup_by_key(|plug| plug_key(&plug.meta));
    let converted = integrations.converted.iter();
    let converted: BTreeSet<(SocketId, &str)> = converted
        .map(|one| (one.source, one.socket.interface.value.as_str()))
        .collect();
    let mut naming = Vec::new();
    for plug in plugs {
        let Some(name) = plug.socket_name() else {
            continue;
        };
        let Some(&socket) = by_name.get(&(plug.socket_namespace(), name)) else {
            continue;
        };
        if plug.suspend || stream.contains(&plug_key(&plug.meta)) {
            continue;
        }
        let named = &integrations[socket];
        let fits = named.interface.value == plug.interface.value
            || converted.contains(&(socket, plug.interface.value.as_str()));
        if plug.meta.broken || fits && allows(named, plug) != Some(false) {
            naming.push(NamingPlug { plug, socket });
        }
    }
    naming
}
