//! Defines the built-in Interfaces, as text that is read when a Plug or a Socket names one. A
//! published version never changes: its hash is in the test below.

use super::{Defaults, Interface, OwnObject, decode};
use crate::diagnostic::Findings;
use crate::manifest::{Place, Tree};

/// A built-in Interface.
struct BuiltIn {
    name: &'static str,
    /// The version of coupler since which it is there.
    since: &'static str,
    /// Its manifest, without a namespace.
    manifest: &'static str,
}

/// By name.
static LIBRARY: [BuiltIn; 24] = [
    BuiltIn {
        name: "amqp",
        since: "0.1.0",
        manifest: include_str!("library/amqp.yaml"),
    },
    BuiltIn {
        name: "cassandra",
        since: "0.1.0",
        manifest: include_str!("library/cassandra.yaml"),
    },
    BuiltIn {
        name: "clickhouse",
        since: "0.1.0",
        manifest: include_str!("library/clickhouse.yaml"),
    },
    BuiltIn {
        name: "elasticsearch",
        since: "0.1.0",
        manifest: include_str!("library/elasticsearch.yaml"),
    },
    BuiltIn {
        name: "grpc",
        since: "0.1.0",
        manifest: include_str!("library/grpc.yaml"),
    },
    BuiltIn {
        name: "http",
        since: "0.1.0",
        manifest: include_str!("library/http.yaml"),
    },
    BuiltIn {
        name: "ingress",
        since: "0.1.0",
        manifest: include_str!("library/ingress.yaml"),
    },
    BuiltIn {
        name: "kafka",
        since: "0.1.0",
        manifest: include_str!("library/kafka.yaml"),
    },
    BuiltIn {
        name: "ldap",
        since: "0.1.0",
        manifest: include_str!("library/ldap.yaml"),
    },
    BuiltIn {
        name: "memcached",
        since: "0.1.0",
        manifest: include_str!("library/memcached.yaml"),
    },
    BuiltIn {
        name: "mongodb",
        since: "0.1.0",
        manifest: include_str!("library/mongodb.yaml"),
    },
    BuiltIn {
        name: "mysql",
        since: "0.1.0",
        manifest: include_str!("library/mysql.yaml"),
    },
    BuiltIn {
        name: "nats",
        since: "0.1.0",
        manifest: include_str!("library/nats.yaml"),
    },
    BuiltIn {
        name: "oidc",
        since: "0.1.0",
        manifest: include_str!("library/oidc.yaml"),
    },
    BuiltIn {
        name: "opensearch",
        since: "0.1.0",
        manifest: include_str!("library/opensearch.yaml"),
    },
    BuiltIn {
        name: "otlp",
        since: "0.1.0",
        manifest: include_str!("library/otlp.yaml"),
    },
    BuiltIn {
        name: "postgresql",
        since: "0.1.0",
        manifest: include_str!("library/postgresql.yaml"),
    },
    BuiltIn {
        name: "prometheus-remote-write",
        since: "0.1.0",
        manifest: include_str!("library/prometheus-remote-write.yaml"),
    },
    BuiltIn {
        name: "redis",
        since: "0.1.0",
        manifest: include_str!("library/redis.yaml"),
    },
    BuiltIn {
        name: "s3",
        since: "0.1.0",
        manifest: include_str!("library/s3.yaml"),
    },
    BuiltIn {
        name: "smtp",
        since: "0.1.0",
        manifest: include_str!("library/smtp.yaml"),
    },
    BuiltIn {
        name: "tcp",
        since: "0.1.0",
        manifest: include_str!("library/tcp.yaml"),
    },
    BuiltIn {
        name: "temporal",
        since: "0.1.0",
        manifest: include_str!("library/temporal.yaml"),
    },
    BuiltIn {
        name: "vault",
        since: "0.1.0",
        manifest: include_str!("library/vault.yaml"),
    },
];

/// The built-in Interface of this name, of which nothing was read yet.
fn built_in(name: &str) -> Option<&'static BuiltIn> {
    let position = LIBRARY.binary_search_by_key(&name, |known| known.name);
    position.ok().map(|position| &LIBRARY[position])
}

/// The manifest of the built-in Interface of this name. Reading it is the caller's, once somebody
/// asks for it.
pub fn library(name: &str) -> Option<&'static str> {
    built_in(name).map(|known| known.manifest)
}

/// The version of coupler since which the Interface of this name is built in.
pub fn library_since(name: &str) -> Option<&'static str> {
    built_in(name).map(|known| known.since)
}

/// The built-in Interface of this name.
pub fn library_interface(name: &str) -> Option<Interface> {
    let tree = Tree::read(library(name)?).ok()?;
    let decoded = decode(
        &tree,
        tree.root()?,
        Place::default(),
        &Defaults::default(),
        &mut Findings::new(),
    );
    match decoded? {
        OwnObject::Interface(interface) => Some(interface),
        OwnObject::Socket(_)
        | OwnObject::Plug(_)
        | OwnObject::Adapter(_)
        | OwnObject::Converter(_)
        | OwnObject::Settings(_) => None,
    }
}

/// The names of all built-in Interfaces, sorted.
pub fn library_names() -> impl Iterator<Item = &'static str> {
    LIBRARY.iter().map(|known| known.name)
}

#[cfg(test)]
mod tests;
