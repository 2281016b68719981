//! Collects what is written for each Plug, Socket and ServiceBinding, and which objects of it a
//! catalogue supplied.

use std::collections::{BTreeMap, BTreeSet};

use super::own_objects::OwnObjects;
use crate::api::Binder;
use crate::couple::{BinderId, Bindings, CouplingNames, CouplingResult, SocketId};
use crate::project::{EntryOwner, Sources, Supplied};

/// What is written for one of them.
pub(super) struct BoundBy<'o> {
    /// It, as a record names it.
    pub(super) owner: EntryOwner<'o>,
    /// How a record names its coupling.
    pub(super) names: &'o CouplingNames,
    /// What is written.
    pub(super) written: &'o Bindings,
    /// What a catalogue supplied of it, where its sources go into the cluster.
    pub(super) supplied: Vec<Supplied>,
}

/// What is written for all that is coupled.
pub(super) fn bound_by<'o>(
    ours: &'o OwnObjects,
    coupled: &'o CouplingResult,
    sources: Sources,
) -> BTreeMap<BinderId, BoundBy<'o>> {
    let only_in_catalogue = only_in_catalogue(ours);
    let supplied = |socket: SocketId, has_catalogue_plugs: bool| {
        if sources == Sources::Omitted {
            return Vec::new();
        }
        let socket = &ours.integrations[socket];
        let is_of_catalogue = only_in_catalogue.contains(socket.interface.value.as_str());
        // an object of another kind is no Socket in the cluster, and an Adapter does nothing there
        let is_made = socket.adapted.is_some() || socket.converter.is_some();
        let is_elsewhere = socket.meta.catalogue || is_made;
        [
            (is_of_catalogue, Supplied::Interface),
            (is_elsewhere, Supplied::Socket),
            (has_catalogue_plugs, Supplied::Plugs),
        ]
        .into_iter()
        .filter_map(|(is_supplied, supplied)| is_supplied.then_some(supplied))
        .collect()
    };
    let owner = |id, names: &'o CouplingNames| {
        let Binder {
            kind, api_version, ..
        } = ours.integrations.binder(id);
        EntryOwner {
            kind,
            api_version,
            name: &names.binder,
        }
    };
    let plugs = coupled.couplings.iter().map(|coupling| {
        let id = BinderId::Plug(coupling.plug);
        let bound = BoundBy {
            owner: owner(id, &coupling.names),
            names: &coupling.names,
            written: &coupling.written,
            supplied: supplied(coupling.socket, false),
        };
        (id, bound)
    });
    let sockets = coupled.sockets.iter().map(|coupling| {
        let id = BinderId::Socket(coupling.socket);
        let bound = BoundBy {
            owner: owner(id, &coupling.names),
            names: &coupling.names,
            written: &coupling.written,
            supplied: supplied(coupling.socket, coupling.has_catalogue_plugs),
        };
        (id, bound)
    });
    let service_bindings = coupled.service_bindings.iter().map(|coupling| {
        let id = BinderId::ServiceBinding(coupling.binding);
        let bound = BoundBy {
            owner: owner(id, &coupling.names),
            names: &coupling.names,
            written: &coupling.written,
            supplied: Vec::new(),
        };
        (id, bound)
    });
    plugs.chain(sockets).chain(service_bindings).collect()
}

/// The names of Interfaces that a catalogue defines and the stream does not; one that nobody
/// defines is built in.
fn only_in_catalogue(ours: &OwnObjects) -> BTreeSet<&str> {
    let (catalogue, stream): (Vec<_>, Vec<_>) = ours
        .integrations
        .interfaces
        .iter()
        .partition(|one| one.meta.catalogue);
    let mut names: BTreeSet<&str> = catalogue
        .into_iter()
        .map(|one| one.name.value.as_str())
        .collect();
    for one in stream {
        names.remove(one.name.value.as_str());
    }
    names
}
