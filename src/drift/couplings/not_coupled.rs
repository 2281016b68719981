//! Finds why a Plug of the cluster is not coupled, as coupling itself reports it.

use super::Couplings;
use super::objects::ServicePorts;
use crate::api::{Plug, SocketRef};
use crate::couple::{CouplingInput, PlugId, couple};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::drift::Unknown;
use crate::drift::object_key::ObjectKey;
use crate::drift::reasons::because;
use crate::drift::workload::Coupled;
use crate::project::Supplied;

/// What a Plug asks for. Plugs that ask for the same have the same errors, which a run reports
/// once.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct PlugRequest {
    namespace: String,
    interface: String,
    version: String,
    socket: RequestedSocket,
}

/// The Socket that a Plug asks for, without where it is written.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum RequestedSocket {
    Any,
    Labels(String),
    Named {
        name: String,
        namespace: Option<String>,
    },
}

impl PlugRequest {
    fn of(plug: &Plug) -> Self {
        let version = plug.version.as_ref();
        let socket = match &plug.socket {
            SocketRef::Any => RequestedSocket::Any,
            SocketRef::Labels(labels, _) => RequestedSocket::Labels(format!("{labels:?}")),
            SocketRef::Named { name, namespace } => RequestedSocket::Named {
                name: name.value.clone(),
                namespace: namespace.as_ref().map(|namespace| namespace.value.clone()),
            },
        };
        Self {
            namespace: plug.meta.namespace.clone().unwrap_or_default(),
            interface: plug.interface.value.clone(),
            version: version
                .map(|version| version.value.text.clone())
                .unwrap_or_default(),
            socket,
        }
    }
}

impl Couplings<'_> {
    /// Why there is no coupling, as coupling itself gives it.
    ///
    /// # Errors
    /// It cannot be known: it may only be that something never was in the cluster.
    pub(super) fn why_not(&self, index: PlugId, coupled: &Coupled) -> Result<Diagnostic, Unknown> {
        let plug = &self.ours[index];
        let errors = self.errors(index).ok_or(Unknown::Limit)?;
        let has = |code| errors.iter().find(|error| error.code == code).cloned();
        // what a catalogue supplied never was in the cluster; all else came into it with the Plug
        let was_here = |supplied| !coupled.catalogue.contains(&supplied);
        if let Some(error) = has(Code::InterfaceNotFound) {
            let message = format!("Interface `{}` is gone", plug.interface.value);
            return was_here(Supplied::Interface)
                .then(|| because(Code::InterfaceGone, &message, error))
                .ok_or(Unknown::Catalogue);
        }
        if has(Code::ObjectNotFound).is_some() {
            return Err(Unknown::NotRead); // only Services are known here
        }
        let absent = has(Code::SocketNotFound).or_else(|| {
            let message = format!(
                "Plug `{}` can do without a Socket, and has none",
                plug.meta.name.value
            );
            errors
                .is_empty()
                .then(|| Diagnostic::error(Code::SocketNotFound, message))
        });
        if let Some(error) = absent {
            let message = format!("Socket `{}` is gone", coupled.socket);
            return was_here(Supplied::Socket)
                .then(|| because(Code::SocketGone, &message, error))
                .ok_or(Unknown::Catalogue);
        }
        errors.into_iter().next().ok_or(Unknown::Limit)
    }

    /// What keeps one Plug from being coupled: its own errors, or else those of what it asks for,
    /// which a run says once. `None`: too many Plugs of its namespace ask for different things that
    /// cannot be had.
    pub(super) fn errors(&self, index: PlugId) -> Option<Vec<Diagnostic>> {
        let plug = &self.ours[index];
        let namespace = plug.meta.namespace.as_deref().unwrap_or_default();
        let key = ObjectKey::new("Plug", namespace, &plug.meta.name.value);
        if let Some(own) = self.own.get(&key) {
            return Some(own.clone());
        }
        let request = PlugRequest::of(plug);
        if let Some(known) = self.shared.borrow().get(&request) {
            return Some(known.clone());
        }
        if !self.allows(&request.namespace, |allowance| &mut allowance.causes) {
            return None;
        }
        let alone = CouplingInput {
            interfaces: self.ours.interfaces.clone(),
            sockets: self.ours.sockets.clone(),
            plugs: vec![plug.clone()],
        };
        let mut errors = couple(&alone, &ServicePorts(self.cluster)).diagnostics;
        errors.retain(|diagnostic| diagnostic.severity == Severity::Error);
        if !errors.is_empty() {
            self.shared.borrow_mut().insert(request, errors.clone());
        }
        Some(errors)
    }
}
