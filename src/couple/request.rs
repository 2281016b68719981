//! Compares what Plugs ask for: those that ask for the same find, or miss, the same.

use crate::api::{Plug, SocketRef};

/// What a Plug asks for, wherever it is written.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PlugRequest {
    /// The Plug's namespace.
    pub(crate) namespace: String,
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
    Service {
        name: String,
        port: String,
    },
}

impl PlugRequest {
    pub(crate) fn of(plug: &Plug) -> Self {
        let version = plug.version.as_ref();
        let socket = match &plug.socket {
            SocketRef::Any => RequestedSocket::Any,
            SocketRef::Labels(labels, _) => RequestedSocket::Labels(format!("{labels:?}")),
            SocketRef::Named { name, namespace } => RequestedSocket::Named {
                name: name.value.clone(),
                namespace: namespace.as_ref().map(|namespace| namespace.value.clone()),
            },
            SocketRef::Service(socket) => {
                let port = socket
                    .service
                    .as_ref()
                    .and_then(|service| service.port.as_ref());
                RequestedSocket::Service {
                    name: socket.name.value.clone(),
                    port: port.map_or_else(String::new, |port| port.value.to_string()),
                }
            }
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
