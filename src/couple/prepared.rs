//! Reads what is the same for all Plugs of a Socket: the versions that it satisfies, its keys, and
//! its name.

use std::collections::{BTreeMap, BTreeSet};

use semver::Version;

use super::index::{DefinedVersion, Index};
use super::provided::{Owner, ProvidedKeys};
use super::schema::SideSchema;
use super::template::Side;
use super::version_mismatch::undefined_versions;
use super::{CouplingInput, SocketId, resource_rules};
use crate::api::{self, Interface, Socket, SocketOrigin};
use crate::diagnostic::Findings;

/// The built-in Interfaces that are asked for.
pub(super) fn library<'n>(names: impl Iterator<Item = &'n str>) -> Vec<Interface> {
    let names: BTreeSet<&str> = names.collect();
    names
        .into_iter()
        .filter_map(api::library_interface)
        .collect()
}

/// What is read of a Socket once, for all Plugs.
#[derive(Default)]
pub(super) struct PreparedSockets<'i> {
    provided: BTreeMap<(SocketId, &'i Version), ProvidedKeys<'i>>,
    seen: BTreeSet<SocketId>,
    /// Those whose resources have errors.
    refused: BTreeSet<SocketId>,
}

impl<'i> PreparedSockets<'i> {
    /// Reads the keys of a Socket for one version, and reports what is wrong whoever couples to it.
    pub(super) fn prepare(
        &mut self,
        integrations: &'i CouplingInput,
        index: &'i Index<'i>,
        id: SocketId,
        version: &'i DefinedVersion<'i>,
        out: &mut Findings,
    ) {
        let key = (id, version.number);
        if self.provided.contains_key(&key) {
            return;
        }
        let socket = &integrations[id];
        let kept = satisfied(index, socket, version);
        let is_new = self.seen.insert(id);
        if is_new && let Some(definition) = index.interfaces.get(socket.interface.value.as_str()) {
            out.extend(undefined_versions(socket, definition));
            kept.iter().for_each(|version| version.flaws(out));
        }
        let others = other_schemas(&kept, version);
        let provided = ProvidedKeys::new(
            Owner::socket(socket),
            version.side_schema(Side::Socket),
            &others,
            out,
        );
        if is_new && resource_rules::judge(&provided, &socket.resources, out).is_some() {
            self.refused.insert(id);
        }
        self.provided.insert(key, provided);
    }

    /// Whether the resources of a Socket have errors.
    pub(super) fn is_refused(&self, id: SocketId) -> bool {
        self.refused.contains(&id)
    }

    /// What [`Self::prepare`] read.
    pub(super) fn provided(
        &self,
        id: SocketId,
        version: &'i DefinedVersion<'i>,
    ) -> Option<&ProvidedKeys<'i>> {
        self.provided.get(&(id, version.number))
    }
}

/// The versions that a Socket lists and its Interface defines.
pub(super) fn kept<'i>(index: &'i Index<'i>, socket: &Socket) -> Vec<&'i DefinedVersion<'i>> {
    let definition = index.interfaces.get(socket.interface.value.as_str());
    let version = |number: &api::Spanned<Version>| definition?.versions.get(&number.value);
    socket.versions.iter().filter_map(version).collect()
}

/// What the versions that a Socket satisfies, except for one, have on its side.
pub(super) fn other_schemas<'i>(
    kept: &[&'i DefinedVersion<'i>],
    version: &DefinedVersion<'_>,
) -> Vec<&'i SideSchema<'i>> {
    let others = kept.iter().filter(|other| other.number != version.number);
    others
        .map(|other| other.side_schema(Side::Socket))
        .collect()
}

/// The versions that a Socket satisfies: a Service the one that counts.
pub(super) fn satisfied<'i>(
    index: &'i Index<'i>,
    socket: &Socket,
    version: &'i DefinedVersion<'i>,
) -> Vec<&'i DefinedVersion<'i>> {
    match socket.origin {
        SocketOrigin::Written => kept(index, socket),
        SocketOrigin::Service => vec![version],
    }
}

/// A Socket as a record names it: `namespace/name`, or `name` where the namespace is not known; a
/// Service that is one as `namespace/Service/name`.
pub fn socket_name(socket: &Socket) -> String {
    let name = &socket.name.value;
    let name = match socket.origin {
        SocketOrigin::Written => name.clone(),
        SocketOrigin::Service => format!("Service/{name}"),
    };
    match &socket.meta.namespace {
        Some(namespace) => format!("{namespace}/{name}"),
        None => name,
    }
}
