//! Finds out why a Plug of the cluster is not coupled, from the diagnostics of coupling.

use super::cause::of_record;
use super::objects::ServicePorts;
use super::{Couplings, PLUG};
use crate::couple::{CouplingInput, PlugId, PlugRequest, couple};
use crate::diagnostic::{Code, CommonCause, Diagnostic, Severity};
use crate::drift::object_key::ObjectKey;
use crate::drift::workload::Coupled;
use crate::drift::{DriftCause, Unknown};
use crate::project::Supplied;

/// Why there is no coupling.
pub(super) struct WhyNot {
    pub(super) diagnostic: Diagnostic,
    /// What is not in the cluster any more; `None`: all is there, and something was changed.
    pub(super) gone: Option<DriftCause>,
}

impl WhyNot {
    /// An object that the record names is gone: coupling's error under that name.
    fn gone(code: Code, kind: &'static str, name: &str, error: Diagnostic) -> Self {
        let message = format!("{kind} `{name}` is gone: {}", error.message);
        let gone = DriftCause {
            object: of_record(kind, name),
            change: None,
        };
        Self {
            diagnostic: Diagnostic {
                message,
                code,
                ..error
            },
            gone: Some(gone),
        }
    }
}

/// The error that an object of a kind is not there.
fn no_object<'e>(errors: &'e [Diagnostic], wanted: &str) -> Option<&'e Diagnostic> {
    errors.iter().find(
        |error| matches!(error.cause.as_deref(), Some(CommonCause::NoObject { kind, .. }) if kind == wanted),
    )
}

impl Couplings<'_> {
    /// Why there is no coupling, as coupling itself gives it.
    ///
    /// # Errors
    /// It cannot be known: it may only be that something never was in the cluster.
    pub(super) fn why_not(&self, index: PlugId, coupled: &Coupled) -> Result<WhyNot, Unknown> {
        let plug = &self.ours[index];
        let errors = self.errors(index).ok_or(Unknown::Limit)?;
        // what a catalogue supplied never was in the cluster; all else came into it with the Plug
        let was_here = |supplied| !coupled.catalogue.contains(&supplied);
        if let Some(error) = no_object(&errors, "Interface") {
            let name = &plug.interface.value;
            return was_here(Supplied::Interface)
                .then(|| WhyNot::gone(Code::InterfaceGone, "Interface", name, error.clone()))
                .ok_or(Unknown::Catalogue);
        }
        let is_of_object = |error: &Diagnostic| match error.cause.as_deref() {
            Some(CommonCause::NoObject { kind, .. }) => kind != "Socket",
            Some(CommonCause::Object(subject)) => subject.kind == "Service",
            _ => false,
        };
        if errors.iter().any(is_of_object) {
            return Err(Unknown::NotRead); // only Services are known here
        }
        let absent = no_object(&errors, "Socket").cloned().or_else(|| {
            let message = format!(
                "Plug `{}` is optional, and has no Socket",
                plug.meta.name.value
            );
            errors
                .is_empty()
                .then(|| Diagnostic::error(Code::SocketNotFound, message))
        });
        if let Some(error) = absent {
            return was_here(Supplied::Socket)
                .then(|| WhyNot::gone(Code::SocketGone, "Socket", &coupled.socket, error))
                .ok_or(Unknown::Catalogue);
        }
        let first = errors.into_iter().next().ok_or(Unknown::Limit)?;
        Ok(WhyNot {
            diagnostic: first,
            gone: None,
        })
    }

    /// What keeps one Plug from being coupled: its own errors, or else those of what it asks for,
    /// which a run reports once. `None`: too many Plugs of its namespace ask for different things
    /// that cannot be had.
    pub(super) fn errors(&self, index: PlugId) -> Option<Vec<Diagnostic>> {
        let plug = &self.ours[index];
        let namespace = plug.meta.namespace.as_deref().unwrap_or_default();
        let key = ObjectKey::new(PLUG, namespace, &plug.meta.name.value);
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
            ..CouplingInput::default()
        };
        let mut errors = couple(&alone, &ServicePorts(self.cluster)).diagnostics;
        errors.retain(|diagnostic| diagnostic.severity == Severity::Error);
        if !errors.is_empty() {
            self.shared.borrow_mut().insert(request, errors.clone());
        }
        Some(errors)
    }
}
