//! Defines the Service of a Socket, and the Socket that is made of a Service which a Plug names.

use std::fmt;

use super::{Meta, SecretNamespace, Socket, Spanned};

/// What a Socket is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SocketOrigin {
    /// An object of ours.
    Written,
    /// A Service that a Plug names in place of a Socket. Its object is the Plug, and it satisfies
    /// each version whose required keys it gives.
    Service,
}

impl Socket {
    /// The Socket that a Service of a Plug's namespace is.
    pub(crate) fn of_service(service: Service, meta: &Meta, interface: &Spanned<String>) -> Self {
        Self {
            meta: meta.clone(),
            name: service.name.clone(),
            interface: interface.clone(),
            versions: Vec::new(),
            provider: None,
            service: Some(service),
            config: Vec::new(),
            config_from: Vec::new(),
            allow: None,
            secret_namespace: SecretNamespace::Socket,
            limit: None,
            workloads: [].into(),
            bind: None,
            resources: Vec::new(),
            origin: SocketOrigin::Service,
            from: None,
            adapted: None,
            converter: None,
        }
    }
}

/// The Service that gives `host`, and `port` if one is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// `name`: of a Socket, a template.
    pub name: Spanned<String>,
    /// `port`.
    pub port: Option<Spanned<ServicePort>>,
}

/// A Service's port as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServicePort {
    /// The number itself.
    Number(u16),
    /// A port's name, looked up in the stream.
    Name(String),
}

impl fmt::Display for ServicePort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Name(name) => name.fmt(f),
        }
    }
}
