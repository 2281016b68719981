//! Finds the cause of a drift: of its Plug, Socket and Interface the one that was changed
//! last.

use super::Couplings;
use crate::api::API_VERSION;
use crate::couple::{BinderId, PlugId};
use crate::drift::DriftCause;
use crate::drift::cluster::Integration;
use crate::drift::object_key::{ObjectId, ObjectKey};
use crate::drift::workload::{Coupled, Workload};

/// An Interface, Plug or Socket of the cluster.
#[derive(Clone, Copy)]
pub(super) struct LiveIntegration<'c> {
    pub(super) key: &'c ObjectKey,
    pub(super) integration: &'c Integration,
}

impl LiveIntegration<'_> {
    /// The cause that it is, where it was changed.
    pub(super) fn cause(self) -> DriftCause {
        DriftCause {
            object: self.id(),
            change: self.integration.change.clone(),
        }
    }

    fn id(self) -> ObjectId {
        let key = self.key.clone();
        ObjectId {
            api_version: API_VERSION,
            kind: key.kind.kind,
            namespace: key.namespace,
            name: key.name,
            uid: self.integration.uid.clone(),
        }
    }

    /// When it was last changed; empty: this is not recorded.
    pub(super) fn changed(&self) -> &str {
        let change = self.integration.change.as_ref();
        change.map(|change| &*change.at).unwrap_or_default()
    }
}

impl<'c> Couplings<'c> {
    /// When what a coupling is judged by was last changed: the workload, the Plug, the Socket, the
    /// Interface.
    pub(super) fn last_change(&self, workload: &Workload, coupled: &Coupled) -> Box<str> {
        let sources = match self.find(workload, coupled) {
            Some(BinderId::Plug(index)) => self.sources_of(coupled, index),
            Some(BinderId::Socket(_) | BinderId::ServiceBinding(_)) | None => Vec::new(),
        };
        let changes = sources.iter().map(LiveIntegration::changed);
        let last = changes.chain([&*workload.changed]).max();
        last.unwrap_or_default().into()
    }

    /// The Plug of a coupling, its Socket and its Interface, as far as they are in the cluster.
    fn sources_of(&self, coupled: &Coupled, index: PlugId) -> Vec<LiveIntegration<'c>> {
        let plug = &self.ours[index];
        let coupling = self.couplings.get(&index);
        let socket = coupling.map_or_else(
            || self.sockets.get(&*coupled.socket).copied(),
            |coupling| self.source(&self.ours[coupling.socket].meta),
        );
        let interface = self.interfaces.get(&plug.interface.value).copied();
        let all = [self.source(&plug.meta), interface, socket];
        all.into_iter().flatten().collect()
    }

    /// The cause of a drift: of Plug, Socket and Interface the one that was changed last,
    /// if it was after the workload was rendered; else the Socket, without a change.
    pub(super) fn cause(
        &self,
        workload: &Workload,
        coupled: &Coupled,
        index: PlugId,
    ) -> DriftCause {
        let sources = self.sources_of(coupled, index);
        let later = |source: &&LiveIntegration<'_>| {
            !workload.recorded.is_empty() && source.changed() > &*workload.recorded
        };
        let last = sources.iter().filter(later).max_by_key(|one| one.changed());
        last.map_or_else(
            || DriftCause {
                object: of_record("Socket", &coupled.socket),
                change: None,
            },
            |source| source.cause(),
        )
    }
}

/// An object that is known by the name in a record only, `namespace/name` or `name`.
pub(super) fn of_record(kind: &'static str, name: &str) -> ObjectId {
    let (namespace, name) = name.split_once('/').unwrap_or(("", name));
    ObjectId {
        api_version: API_VERSION,
        kind,
        namespace: namespace.into(),
        name: name.into(),
        uid: Box::default(),
    }
}
