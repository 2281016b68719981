//! Lists the Plugs and Sockets of an input, each with what it is coupled to.

use std::collections::{BTreeMap, BTreeSet};

use super::{ListedName, ListedPlug, ListedReason, ListedSocket, PlugState, ReadFrom, reason};
use crate::api::{FieldBinding, Meta, Plug, Socket, SocketOrigin, WorkloadRef, WorkloadSelector};
use crate::couple::{CoupledResource, Coupling, Directory, SocketCoupling, SocketId};
use crate::diagnostic::Diagnostic;
use crate::manifest::path::Path;
use crate::render::couplings::CoupledInput;

/// The Plugs, by namespace and name.
pub(super) fn plugs(coupled: &CoupledInput) -> Vec<ListedPlug> {
    let coupling_of: BTreeMap<_, _> = coupled
        .couplings
        .iter()
        .map(|coupling| (coupling.plug, coupling))
        .collect();
    let mut listed: Vec<ListedPlug> = coupled
        .integrations
        .plugs()
        .map(|(id, plug)| plug_of(coupled, plug, coupling_of.get(&id).copied()))
        .collect();
    listed.sort_by(|a, b| a.name.cmp(&b.name));
    listed
}

fn plug_of(coupled: &CoupledInput, plug: &Plug, coupling: Option<&Coupling>) -> ListedPlug {
    let name = object_name(&plug.meta);
    let why = reason("Plug", &name, &coupled.diagnostics);
    let state = state(plug, coupling.is_some(), why);
    let variables = coupling.into_iter().flat_map(Coupling::variables);
    let directories = coupling.into_iter().flat_map(Coupling::directories);
    let files = directories.flat_map(|directory| {
        let root = match &*directory.directory {
            Directory::At(path) => path.clone(),
            Directory::BelowRoot(name) => format!("$SERVICE_BINDING_ROOT/{name}"),
        };
        let files = directory.files.iter();
        files.map(move |file| format!("{root}/{}", file.path))
    });
    let fields = plug.fields.iter().filter(|_| coupling.is_some());
    let coupled_socket = coupling.map(|coupling| &coupled.integrations[coupling.socket]);
    ListedPlug {
        name,
        interface: plug.interface.value.clone(),
        version: coupling.map(|coupling| coupling.version.to_string()),
        socket: coupled_socket
            .filter(|socket| socket.origin == SocketOrigin::Written)
            .map(socket_name),
        service: coupled_socket
            .filter(|socket| socket.origin == SocketOrigin::Service)
            .map(socket_name),
        workloads: plug.workloads.iter().map(workload).collect(),
        variables: variables.map(|variable| variable.name.clone()).collect(),
        files: files.collect(),
        fields: fields.map(field).collect(),
        resources: coupling
            .into_iter()
            .flat_map(|coupling| &coupling.resources)
            .map(resource)
            .collect(),
        secrets_not_bound: coupling
            .map(|coupling| coupling.secrets_not_bound.clone())
            .unwrap_or_default(),
        state,
    }
}

fn state(plug: &Plug, is_coupled: bool, why: Option<ListedReason>) -> PlugState {
    match why {
        _ if plug.suspend => PlugState::Suspended,
        Some(why) => PlugState::Failed(Some(why)),
        None if is_coupled => PlugState::Coupled,
        None if plug.optional && !plug.meta.broken => PlugState::Absent,
        // the error is one of the Socket or of the Interface
        None => PlugState::Failed(None),
    }
}

/// `HelmRelease/app spec.values.host`, `ConfigMap/settings data.url (localhost)`
fn field(binding: &FieldBinding) -> String {
    let (object, path) = (&binding.object, Path(&binding.path.value));
    let place = format!("{}/{} {path}", object.kind, object.name.value);
    match &binding.find {
        Some(find) => format!("{place} ({})", find.value),
        None => place,
    }
}

/// `Job migrate`
fn resource(resource: &CoupledResource) -> String {
    format!("{} {}", resource.kind(), resource.name)
}

/// `Deployment/web`, `Deployment[app=web]`
fn workload(wanted: &WorkloadRef) -> String {
    match &wanted.selector {
        WorkloadSelector::Name(name) => format!("{}/{}", wanted.kind, name.value),
        WorkloadSelector::Labels(labels) => {
            let labels: Vec<_> = labels
                .iter()
                .map(|(key, value)| format!("{key}={value}"))
                .collect();
            format!("{}[{}]", wanted.kind, labels.join(","))
        }
        WorkloadSelector::Matching(selector) => format!("{}[{selector}]", wanted.kind),
    }
}

/// The Sockets, by namespace and name. One of the catalogue that the stream has too is left out.
pub(super) fn sockets(coupled: &CoupledInput) -> Vec<ListedSocket> {
    let mut plugs_of: BTreeMap<SocketId, Vec<ListedName>> = BTreeMap::new();
    for coupling in &coupled.couplings {
        let plug = object_name(&coupled.integrations[coupling.plug].meta);
        let socket = coupled.integrations.source_of(coupling.socket);
        plugs_of.entry(socket).or_default().push(plug);
    }
    let written_by = coupled.sockets.iter();
    let written_by: BTreeMap<SocketId, &SocketCoupling> = written_by
        .map(|coupling| (coupling.socket, coupling))
        .collect();
    let all = &coupled.integrations.sockets;
    let written = all.iter().filter(|socket| !socket.meta.catalogue);
    let written: BTreeSet<ListedName> = written.map(socket_name).collect();
    let mut listed = Vec::new();
    for (id, socket) in coupled.integrations.sockets() {
        let name = socket_name(socket);
        if socket.meta.catalogue && written.contains(&name) {
            continue;
        }
        let mut plugs = plugs_of.remove(&id).unwrap_or_default();
        plugs.sort();
        let coupling = written_by.get(&id).copied();
        let bind = socket.bind.iter().filter(|_| coupling.is_some());
        let fields = bind.flat_map(|bind| &bind.fields);
        listed.push(ListedSocket {
            interface: socket.interface.value.clone(),
            versions: texts(socket),
            from: read_from(&socket.meta),
            adapted: adapted(socket),
            failed: failed(socket, &coupled.diagnostics),
            name,
            plugs,
            workloads: socket.workloads.iter().map(workload).collect(),
            variables: coupling
                .into_iter()
                .flat_map(|coupling| coupling.written.variables())
                .map(|variable| variable.name.clone())
                .collect(),
            fields: fields.map(field).collect(),
        });
    }
    listed.sort_by(|a, b| a.name.cmp(&b.name));
    listed
}

fn adapted(socket: &Socket) -> Option<String> {
    let object = &socket.adapted.as_ref()?.object;
    Some(format!("{}/{}", object.kind, object.name))
}

fn texts(socket: &Socket) -> Vec<String> {
    let versions = socket.versions.iter();
    versions.map(|version| version.value.to_string()).collect()
}

fn failed(socket: &Socket, all: &[Diagnostic]) -> Option<ListedReason> {
    reason("Socket", &object_name(&socket.meta), all)
}

/// Where an object of the input was read.
pub(super) fn read_from(meta: &Meta) -> ReadFrom {
    if meta.catalogue {
        ReadFrom::Catalogue
    } else {
        ReadFrom::Stream
    }
}

fn object_name(meta: &Meta) -> ListedName {
    ListedName {
        namespace: meta.namespace.clone(),
        name: meta.name.value.clone(),
    }
}

fn socket_name(socket: &Socket) -> ListedName {
    ListedName {
        namespace: socket.meta.namespace.clone(),
        name: socket.name.value.clone(),
    }
}
