//! Defines the key of an object of a cluster, by which the comparison and the watcher look it up.

use std::fmt;

use crate::manifest::stream::group;

/// An object of a cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct ObjectId {
    /// `apiVersion`
    pub api_version: &'static str,
    /// `kind`
    pub kind: &'static str,
    /// `metadata.namespace`
    pub namespace: Box<str>,
    /// `metadata.name`
    pub name: Box<str>,
    /// `metadata.uid`
    pub uid: Box<str>,
}

/// A kind and its group: kinds of one name are of different groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GroupKind {
    /// `kind`
    pub kind: &'static str,
    /// The group of its `apiVersion`; that of `v1` is empty.
    pub group: &'static str,
}

impl GroupKind {
    /// Of an `apiVersion` and a `kind`.
    pub fn new(api_version: &'static str, kind: &'static str) -> Self {
        Self {
            kind,
            group: group(api_version),
        }
    }
}

impl fmt::Display for GroupKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.group {
            "" => f.write_str(self.kind),
            group => write!(f, "{}.{group}", self.kind),
        }
    }
}

/// Kind, namespace and name of an object; in this order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ObjectKey {
    /// The kind.
    pub kind: GroupKind,
    /// `metadata.namespace`; empty: it is in none.
    pub namespace: Box<str>,
    /// `metadata.name`
    pub name: Box<str>,
}

impl ObjectKey {
    /// Of an object of this kind.
    pub fn new(kind: GroupKind, namespace: &str, name: &str) -> Self {
        Self {
            kind,
            namespace: namespace.into(),
            name: name.into(),
        }
    }

    /// Of an object that is known.
    pub fn of(id: &ObjectId) -> Self {
        let kind = GroupKind::new(id.api_version, id.kind);
        Self::new(kind, &id.namespace, &id.name)
    }
}
