//! Defines the kinds that are watched, and the parts of them that are read: no Secret, no
//! ConfigMap, and little more of a workload than its variables.

use std::borrow::Cow;
use std::fmt::Debug;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::Resource;
use kube::core::{ApiResource, DynamicResourceScope};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::api::{API_VERSION, GROUP};
use crate::drift::{Cluster, GroupKind, Live, LiveKind, kind_label};
use crate::project::{COUPLED, plural};

/// A kind that is watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct WatchedKind {
    pub(super) api_version: &'static str,
    pub(super) kind: &'static str,
    pub(super) what: What,
}

/// What it is to a judgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum What {
    Integration,
    Service,
    Workload(&'static LiveKind),
}

impl WatchedKind {
    /// Every kind that is watched, where these are named.
    pub(super) fn all(named: &[&'static LiveKind]) -> Vec<Self> {
        let ours = ["Interface", "Plug", "Socket"];
        let ours = ours.map(|kind| Self {
            api_version: API_VERSION,
            kind,
            what: What::Integration,
        });
        let service = Self {
            api_version: "v1",
            kind: "Service",
            what: What::Service,
        };
        let cluster = Cluster::watching(named);
        let workloads = cluster.watched().map(Self::of);
        let others = ours.into_iter().chain([service]);
        others.chain(workloads).collect()
    }

    /// A kind of workload.
    pub(super) fn of(kind: &'static LiveKind) -> Self {
        Self {
            api_version: kind.api_version,
            kind: kind.kind,
            what: What::Workload(kind),
        }
    }

    /// The plural, by which the API server has it.
    pub(super) fn plural(self) -> String {
        match self.what {
            What::Workload(kind) => kind.plural.clone().into_owned(),
            What::Integration | What::Service => plural(self.kind),
        }
    }

    /// Its kind and group.
    pub(super) fn group_kind(self) -> GroupKind {
        GroupKind::new(self.api_version, self.kind)
    }

    /// What it is called in logs and metrics.
    pub(super) fn label(self) -> String {
        match self.what {
            What::Workload(kind) => kind_label(kind.api_version, kind.kind),
            What::Integration | What::Service => self.kind.to_owned(),
        }
    }

    /// As the client names it.
    pub(super) fn resource(self) -> ApiResource {
        let (group, version) = self
            .api_version
            .split_once('/')
            .unwrap_or(("", self.api_version));
        ApiResource {
            group: group.to_owned(),
            version: version.to_owned(),
            api_version: self.api_version.to_owned(),
            kind: self.kind.to_owned(),
            plural: self.plural(),
        }
    }

    /// Workloads are watched by the label that a render gives them.
    pub(super) fn selector(self) -> Option<String> {
        matches!(self.what, What::Workload(_)).then(|| format!("{COUPLED}=true"))
    }

    /// Whether the server need not know it: our own kinds are there only where somebody wants them.
    pub(super) fn is_optional(self) -> bool {
        self.api_version.starts_with(GROUP)
    }
}

/// A live object, read as `B`.
#[derive(Clone, Debug)]
pub(super) struct Seen<B> {
    meta: ObjectMeta,
    pub(super) body: B,
}

impl<B> Seen<B> {
    /// `metadata.resourceVersion`
    pub(super) fn version(&self) -> Option<String> {
        self.meta
            .resource_version
            .clone()
            .filter(|version| !version.is_empty())
    }
}

/// What is read of an object, and its identity.
pub(super) trait Body: Clone + Debug + DeserializeOwned + Send + 'static {
    /// Namespace, name, uid, resourceVersion.
    fn names(&self) -> [Option<String>; 4];
}

impl Body for Live {
    fn names(&self) -> [Option<String>; 4] {
        let metadata = &self.metadata;
        let text = |text: &str| Some(text.to_owned());
        let version = metadata.resource_version.clone();
        [
            text(&metadata.namespace),
            text(&metadata.name),
            text(&metadata.uid),
            version,
        ]
    }
}

impl Body for Value {
    fn names(&self) -> [Option<String>; 4] {
        ["namespace", "name", "uid", "resourceVersion"]
            .map(|key| self["metadata"][key].as_str().map(str::to_owned))
    }
}

impl<'de, B: Body> Deserialize<'de> for Seen<B> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let body = B::deserialize(deserializer)?;
        let [namespace, name, uid, resource_version] = body.names();
        Ok(Self {
            meta: ObjectMeta {
                namespace,
                name,
                uid,
                resource_version,
                ..ObjectMeta::default()
            },
            body,
        })
    }
}

impl<B> Resource for Seen<B> {
    type DynamicType = ApiResource;
    type Scope = DynamicResourceScope;

    fn kind(resource: &ApiResource) -> Cow<'_, str> {
        resource.kind.as_str().into()
    }

    fn group(resource: &ApiResource) -> Cow<'_, str> {
        resource.group.as_str().into()
    }

    fn version(resource: &ApiResource) -> Cow<'_, str> {
        resource.version.as_str().into()
    }

    fn plural(resource: &ApiResource) -> Cow<'_, str> {
        resource.plural.as_str().into()
    }

    fn meta(&self) -> &ObjectMeta {
        &self.meta
    }

    fn meta_mut(&mut self) -> &mut ObjectMeta {
        &mut self.meta
    }
}
