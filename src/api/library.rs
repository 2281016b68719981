//! Defines the built-in Interfaces. A published version never changes: its hash is in
//! the test below.

use super::{Defaults, Interface, OwnObject, decode};
use crate::diagnostic::Findings;
use crate::manifest::{Place, Tree};

/// By name, each one manifest of an Interface without a namespace.
const LIBRARY: [(&str, &str); 10] = [
    ("amqp", include_str!("library/amqp.yaml")),
    ("http", include_str!("library/http.yaml")),
    ("kafka", include_str!("library/kafka.yaml")),
    ("mongodb", include_str!("library/mongodb.yaml")),
    ("mysql", include_str!("library/mysql.yaml")),
    ("oidc", include_str!("library/oidc.yaml")),
    ("postgresql", include_str!("library/postgresql.yaml")),
    ("redis", include_str!("library/redis.yaml")),
    ("s3", include_str!("library/s3.yaml")),
    ("smtp", include_str!("library/smtp.yaml")),
];

/// The manifest of the built-in Interface of this name. Reading it is the caller's, once somebody
/// asks for it.
pub fn library(name: &str) -> Option<&'static str> {
    LIBRARY
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, text)| *text)
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
        OwnObject::Socket(_) | OwnObject::Plug(_) | OwnObject::Settings(_) => None,
    }
}

/// The names of all built-in Interfaces, sorted.
pub fn library_names() -> impl Iterator<Item = &'static str> {
    LIBRARY.iter().map(|(name, _)| *name)
}

#[cfg(test)]
mod tests;
