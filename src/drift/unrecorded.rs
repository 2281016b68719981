//! Defines how Plugs and Sockets name workloads that have no record, and the parts that are kept of
//! those that are found.

use std::collections::BTreeMap;

use super::live::Live;
use super::live_kind::LiveKind;
use super::object_key::{GroupKind, ObjectId, ObjectKey};

/// How a Plug or a Socket names workloads.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WorkloadNaming {
    /// The kind.
    pub kind: &'static LiveKind,
    /// The namespace.
    pub namespace: Box<str>,
    /// Which of that kind.
    pub selector: Selector,
}

impl WorkloadNaming {
    /// Kind and group.
    pub fn group_kind(&self) -> GroupKind {
        self.kind.group_kind()
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
    pub fn of(kind: &'static LiveKind, live: &Live) -> Self {
        Self {
            id: ObjectId::of(kind, live),
            labels: live.metadata.labels.clone(),
            changed: live.changed(),
        }
    }
}
