//! Keeps the known state of a cluster up to date, one object at a time.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize as _;
use serde_json::{Map, Value};

use super::live_kind::LiveKind;
use super::managers::{self, Manager};
use super::object_key::{GroupKind, ObjectKey};
use super::service::live_ports;
use super::unrecorded::Unrecorded;
use super::workload::Workload;
use super::{ObjectChange, block_style};
use crate::api::API_VERSION;
use crate::couple::Ports;
use crate::render::{Role, Source};

/// An Interface, Plug or Socket of the cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Integration {
    /// `metadata.uid`
    pub(super) uid: Box<str>,
    /// When and by whom anything of it that is judged was last changed.
    pub(super) change: Option<ObjectChange>,
    /// What is decoded of it, as a document.
    pub(super) text: Box<str>,
}

/// What is known of a cluster at one moment.
#[derive(Clone, Debug, Default)]
pub struct Cluster {
    pub(super) integrations: BTreeMap<ObjectKey, Integration>,
    pub(super) services: BTreeMap<ObjectKey, Ports>,
    pub(super) workloads: BTreeMap<ObjectKey, Workload>,
    pub(super) unrecorded: BTreeMap<ObjectKey, Unrecorded>,
    unlisted: BTreeSet<GroupKind>,
    /// The kinds that are watched only since they were named.
    named_kinds: Vec<&'static LiveKind>,
}

impl Cluster {
    /// A cluster of which these kinds of workload are watched too.
    pub fn watching(named_kinds: &[&'static LiveKind]) -> Self {
        Self {
            named_kinds: named_kinds.to_vec(),
            ..Self::default()
        }
    }

    /// The kinds of workload that are watched.
    pub fn watched(&self) -> impl Iterator<Item = &'static LiveKind> {
        let named = self.named_kinds.iter().copied();
        // what is named takes the place of what is built in, and is watched once
        let always = LiveKind::always().filter(|kind| !self.named_kinds.contains(kind));
        let is_first = |(n, kind): &(usize, &LiveKind)| !self.named_kinds[..*n].contains(kind);
        let named = named.enumerate().filter(is_first).map(|(_, kind)| kind);
        always.chain(named)
    }

    /// An Interface, Plug or Socket appeared or changed.
    pub fn put_integration(&mut self, kind: &'static str, object: &Value) {
        let metadata = &object["metadata"];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let kept: Map<String, Value> = ["name", "namespace", "labels"]
            .into_iter()
            .filter_map(|key| Some((key.to_owned(), metadata.get(key)?.clone())))
            .collect();
        let members = [
            ("apiVersion", API_VERSION.into()),
            ("kind", kind.into()),
            ("metadata", kept.into()),
            ("spec", object["spec"].clone()),
        ];
        let members = members.map(|(key, value)| (key.to_owned(), value));
        let document = block_style::manifest(&members.into_iter().collect());
        let managers = Vec::<Manager>::deserialize(&metadata["managedFields"]).unwrap_or_default();
        let change = managers::last(&managers).map(|last| ObjectChange {
            by: last.manager.as_str().into(),
            at: last.time.as_str().into(),
        });
        let integration = Integration {
            uid: text(&metadata["uid"]).into(),
            change,
            text: document.into(),
        };
        let key = key_of(API_VERSION, kind, object);
        self.integrations.insert(key, integration);
    }

    /// An Interface, Plug or Socket is gone.
    pub fn drop_integration(&mut self, key: &ObjectKey) {
        self.integrations.remove(key);
    }

    /// A Service appeared or changed: of it only the ports are known.
    pub fn put_service(&mut self, object: &Value) {
        let ports = live_ports(&object["spec"]);
        self.services.insert(key_of("v1", "Service", object), ports);
    }

    /// A Service is gone.
    pub fn drop_service(&mut self, key: &ObjectKey) {
        self.services.remove(key);
    }

    /// A coupled workload appeared or changed; whether anything that is judged did.
    pub fn put_workload(&mut self, workload: Workload) -> bool {
        let key = ObjectKey::of(&workload.id);
        self.unrecorded.remove(&key);
        let same = self.workloads.get(&key) == Some(&workload);
        if !same {
            self.workloads.insert(key, workload);
        }
        !same
    }

    /// A workload is gone, or has no record any more: nothing of it is judged any more; what was
    /// known of it.
    pub fn drop_workload(&mut self, key: &ObjectKey) -> Option<Workload> {
        self.workloads.remove(key)
    }

    /// A workload without a record was found.
    pub fn put_unrecorded(&mut self, unrecorded: Unrecorded) {
        self.unrecorded
            .insert(ObjectKey::of(&unrecorded.id), unrecorded);
    }

    /// Whether a workload has a record.
    pub fn has_record(&self, key: &ObjectKey) -> bool {
        self.workloads.contains_key(key)
    }

    /// Whether a workload was found without a record, although a Plug names it.
    pub fn is_unrecorded(&self, key: &ObjectKey) -> bool {
        self.unrecorded.contains_key(key)
    }

    /// It is not there any more.
    pub fn drop_unrecorded(&mut self, key: &ObjectKey) {
        self.unrecorded.remove(key);
    }

    /// Whether a kind can be listed: what is there of one that cannot is unknown. Whether that
    /// is news.
    pub fn list(&mut self, kind: GroupKind, can: bool) -> bool {
        if can {
            self.unlisted.remove(&kind)
        } else {
            self.unlisted.insert(kind)
        }
    }

    /// The workloads that are judged.
    pub fn workloads(&self) -> impl Iterator<Item = (&ObjectKey, &Workload)> {
        self.workloads.iter()
    }

    /// The Interfaces, Plugs and Sockets.
    pub fn integrations(&self) -> impl Iterator<Item = &ObjectKey> {
        self.integrations.keys()
    }

    /// The Services.
    pub fn services(&self) -> impl ExactSizeIterator<Item = &ObjectKey> {
        self.services.keys()
    }

    /// The documents that the labels of a judgement's diagnostics count.
    pub fn sources(&self) -> Vec<Source> {
        let source = |(key, integration): (&ObjectKey, &Integration)| Source {
            name: format!("{}/{}/{}", key.namespace, key.kind.kind, key.name),
            text: integration.text.to_string(),
            role: Role::Stream,
        };
        self.integrations.iter().map(source).collect()
    }

    /// Whether a kind can be listed, as far as is known.
    pub fn can_list(&self, kind: GroupKind) -> bool {
        !self.unlisted.contains(&kind)
    }

    /// Whether couplings can be judged: Interfaces, Plugs and Sockets can all be listed.
    pub(super) fn knows_integrations(&self) -> bool {
        ["Interface", "Plug", "Socket"]
            .into_iter()
            .all(|kind| self.can_list(GroupKind::new(API_VERSION, kind)))
    }
}

/// Who a live object is.
fn key_of(api_version: &'static str, kind: &'static str, object: &Value) -> ObjectKey {
    let text = |key| object["metadata"][key].as_str().unwrap_or_default();
    let kind = GroupKind::new(api_version, kind);
    ObjectKey::new(kind, text("namespace"), text("name"))
}
