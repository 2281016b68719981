//! Refuses a Socket's resource that would be the same object for a Plug of the catalogue, which
//! another run couples.

use std::collections::{BTreeMap, BTreeSet};

use super::collision::ResourceIds;
use super::{ResourceRun, WantedResource};
use crate::api::{Plug, SocketOrigin};
use crate::couple::{
    Coupling, CouplingInput, CouplingResult, PlugKey, ResourceOwner, SocketId, convert, couple,
    plug_key,
};
use crate::diagnostic::Findings;
use crate::project;
use crate::render::lookup::Finder;

/// Couples the Plugs of the catalogue that name a Socket with a wanted resource, and compares what
/// they would write there with what this run writes.
pub(super) fn judge(
    run: &ResourceRun<'_, '_, '_, '_>,
    wanted: &[WantedResource<'_>],
    ids: &ResourceIds,
    out: &mut Findings,
) {
    let integrations = &run.ours.integrations;
    let of_socket = wanted.iter();
    let of_socket = of_socket.filter(|one| one.resource.owner == ResourceOwner::Socket);
    let sockets = of_socket.map(|one| integrations.source_of(one.coupling.socket));
    let sockets: BTreeSet<SocketId> = sockets.collect();
    let by_name: BTreeMap<_, _> = sockets
        .iter()
        .map(|&id| &integrations[id])
        .filter(|socket| socket.origin == SocketOrigin::Written)
        .map(|socket| {
            let namespace = socket.meta.namespace.as_deref();
            ((namespace, socket.name.value.as_str()), socket)
        })
        .collect();
    if by_name.is_empty() {
        return;
    }
    let stream: BTreeSet<PlugKey<'_>> = integrations
        .plugs()
        .map(|(_, plug)| plug_key(&plug.meta))
        .collect();
    let names_one = |plug: &&Plug| {
        let name = plug.socket_name();
        name.is_some_and(|name| by_name.contains_key(&(plug.socket_namespace(), name)))
    };
    let is_elsewhere = |plug: &&Plug| {
        !plug.meta.broken && !plug.suspend && !stream.contains(&plug_key(&plug.meta))
    };
    let plugs = integrations.catalogue_plugs.iter();
    let plugs: Vec<Plug> = plugs
        .filter(is_elsewhere)
        .filter(names_one)
        .cloned()
        .collect();
    if plugs.is_empty() {
        return;
    }
    let mut other = CouplingInput {
        interfaces: integrations.interfaces.clone(),
        sockets: by_name.into_values().cloned().collect(),
        plugs,
        adapters: integrations.adapters.clone(),
        converters: integrations.converters.clone(),
        ..CouplingInput::default()
    };
    convert(&mut other);
    // what is wrong there is for the run that has these Plugs
    let CouplingResult { couplings, .. } = couple(&other, &Finder::new(run.names));
    for coupling in &couplings {
        report(run, &other, coupling, ids, out);
    }
}

fn report(
    run: &ResourceRun<'_, '_, '_, '_>,
    other: &CouplingInput,
    coupling: &Coupling,
    ids: &ResourceIds,
    out: &mut Findings,
) {
    let resources = coupling.resources.iter();
    for resource in resources.filter(|one| one.owner == ResourceOwner::Socket) {
        let Ok(lowered) = project::lower_resource(resource, run.names.workload_kinds) else {
            continue;
        };
        let plug = other[coupling.plug].meta.name.at;
        let subject = crate::couple::subject("Socket", &other[coupling.socket].meta);
        out.report_all(
            ids.elsewhere(&lowered, resource.home.namespace(), plug)
                .map(|error| error.on(subject)),
        );
    }
}
