//! Names an object of a cluster: by its key the judgement and the watcher find what is known of it.

use super::workload::ObjectId;

/// Kind, namespace and name of an object; in this order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ObjectKey {
    /// `kind`
    pub kind: &'static str,
    /// `metadata.namespace`; empty: it is in none.
    pub namespace: Box<str>,
    /// `metadata.name`
    pub name: Box<str>,
}

impl ObjectKey {
    /// Of an object of this kind.
    pub fn new(kind: &'static str, namespace: &str, name: &str) -> Self {
        Self {
            kind,
            namespace: namespace.into(),
            name: name.into(),
        }
    }

    /// Of an object that is known.
    pub fn of(id: &ObjectId) -> Self {
        Self::new(id.kind, &id.namespace, &id.name)
    }
}
