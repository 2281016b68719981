//! Defines how Plugs name workloads that have no record, and the parts that are kept of those that
//! are found.

use std::collections::BTreeMap;

use super::live::Live;
use super::object_key::{GroupKind, ObjectKey};
use super::workload::ObjectId;

/// How a Plug names workloads.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WorkloadNaming {
    /// `apiVersion`
    pub api_version: &'static str,
    /// `kind`
    pub kind: &'static str,
    /// The namespace.
    pub namespace: Box<str>,
    /// Which of that kind.
    pub selector: Selector,
}

impl WorkloadNaming {
    /// The kind.
    pub fn group_kind(&self) -> GroupKind {
        GroupKind::new(self.api_version, self.kind)
    }

    /// The workload of this name.
    pub fn key(&self, name: &str) -> ObjectKey {
        ObjectKey::new(self.group_kind(), &self.namespace, name)
    }
}

/// Which workloads of a kind.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Selector {
    /// The one of this name.
    Name(Box<str>),
    /// All with these labels.
    Labels(BTreeMap<String, String>),
}

/// A workload without the label of a record, as a look-up found it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unrecorded {
    /// Which.
    pub id: ObjectId,
    /// `metadata.labels`
    pub labels: BTreeMap<String, String>,
    /// When it was last changed, by the server's clock.
    pub changed: Box<str>,
}

impl Unrecorded {
    /// What there is to keep of a live object.
    pub fn of(api_version: &'static str, kind: &'static str, live: &Live) -> Self {
        Self {
            id: ObjectId::of(api_version, kind, live),
            labels: live.metadata.labels.clone(),
            changed: live.changed(),
        }
    }
}
