//! What is known of a cluster, kept up to date one object at a time.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::workload::{ObjectId, Workload};
use crate::api::API_VERSION;
use crate::project::plug_key;
use crate::render::{Role, Source};

/// Kind, namespace and name.
pub type Key = (&'static str, String, String);

/// An Interface, Plug or Socket of the cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Integration {
    /// `metadata.uid`
    pub(super) uid: Box<str>,
    /// The name that others use: `spec.name`, where there is one, of an Interface or a Socket; else `metadata.name`.
    called: Box<str>,
    /// What is decoded of it, as a document.
    pub(super) text: Box<str>,
}

/// What is known of a cluster at one moment.
#[derive(Clone, Debug, Default)]
pub struct Cluster {
    pub(super) integrations: BTreeMap<Key, Integration>,
    pub(super) services: BTreeMap<(String, String), Vec<(String, u16)>>,
    pub(super) workloads: BTreeMap<Key, Workload>,
    gone: BTreeSet<Key>,
    unlisted: BTreeSet<&'static str>,
}

impl Cluster {
    /// An Interface, Plug or Socket appeared or changed.
    pub fn put_integration(&mut self, kind: &'static str, object: &Value) {
        let metadata = &object["metadata"];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let (namespace, name) = (text(&metadata["namespace"]), text(&metadata["name"]));
        let own = object["spec"]["name"].as_str().filter(|_| kind != "Plug");
        let called = own.unwrap_or(&name).to_owned();
        let kept: Map<String, Value> = ["name", "namespace", "labels"]
            .into_iter()
            .filter_map(|key| Some((key.to_owned(), metadata.get(key)?.clone())))
            .collect();
        let document = serde_json::json!({
            "apiVersion": API_VERSION, "kind": kind, "metadata": kept, "spec": object["spec"],
        });
        self.gone.remove(&(kind, namespace.clone(), called.clone()));
        let integration = Integration {
            uid: text(&metadata["uid"]).into(),
            called: called.into(),
            text: format!("{document:#}\n").into(),
        };
        self.integrations.insert((kind, namespace, name), integration);
    }

    /// An Interface, Plug or Socket is gone.
    pub fn drop_integration(&mut self, key: &Key) {
        if let Some(integration) = self.integrations.remove(key) {
            self.gone.insert((key.0, key.1.clone(), integration.called.into()));
        }
    }

    /// A Service appeared or changed: of it only the named ports are known.
    pub fn put_service(&mut self, object: &Value) {
        let text = |key| object["metadata"][key].as_str().unwrap_or_default().to_owned();
        let port =
            |port: &Value| Some((port["name"].as_str()?.to_owned(), u16::try_from(port["port"].as_u64()?).ok()?));
        let ports = object["spec"]["ports"].as_array().into_iter().flatten().filter_map(port).collect();
        self.services.insert((text("namespace"), text("name")), ports);
    }

    /// A Service is gone.
    pub fn drop_service(&mut self, namespace: String, name: String) {
        self.services.remove(&(namespace, name));
    }

    /// A coupled workload appeared or changed; whether anything that is judged did.
    pub fn put_workload(&mut self, workload: Workload) -> bool {
        let ObjectId { kind, namespace, name, .. } = &workload.id;
        let key = (*kind, namespace.to_string(), name.to_string());
        let same = self.workloads.get(&key) == Some(&workload);
        if !same {
            self.workloads.insert(key, workload);
        }
        !same
    }

    /// A workload is gone: nothing of it is judged any more.
    pub fn drop_workload(&mut self, key: &Key) {
        self.workloads.remove(key);
    }

    /// A workload is there, and has lost its record.
    pub fn strip_workload(&mut self, key: &Key) {
        if let Some(workload) = self.workloads.get_mut(key) {
            *workload = workload.stripped();
        }
    }

    /// Whether a kind can be listed: what stands there of one that cannot is unknown. Whether that is news.
    pub fn list(&mut self, kind: &'static str, can: bool) -> bool {
        if can { self.unlisted.remove(kind) } else { self.unlisted.insert(kind) }
    }

    /// The workloads that are judged.
    pub fn workloads(&self) -> impl Iterator<Item = (&Key, &Workload)> {
        self.workloads.iter()
    }

    /// The Interfaces, Plugs and Sockets.
    pub fn integrations(&self) -> impl Iterator<Item = &Key> {
        self.integrations.keys()
    }

    /// How many Services are known.
    pub fn services(&self) -> usize {
        self.services.len()
    }

    /// The Services.
    pub fn service_keys(&self) -> impl Iterator<Item = &(String, String)> {
        self.services.keys()
    }

    /// The documents that the labels of a judgement's diagnostics count.
    pub fn sources(&self) -> Vec<Source> {
        let source = |((kind, namespace, name), integration): (&Key, &Integration)| Source {
            name: format!("{namespace}/{kind}/{name}"),
            text: integration.text.to_string(),
            role: Role::Stream,
        };
        self.integrations.iter().map(source).collect()
    }

    /// Whether a kind can be listed, as far as is known.
    pub fn can_list(&self, kind: &str) -> bool {
        !self.unlisted.contains(kind)
    }

    /// Whether couplings can be judged: Interfaces, Plugs and Sockets can all be listed.
    pub(super) fn knows_integrations(&self) -> bool {
        ["Interface", "Plug", "Socket"].into_iter().all(|kind| self.can_list(kind))
    }

    /// Whether an object that others call so stood here once. One that never did is unknown, not gone.
    pub(super) fn gone(&self, kind: &'static str, namespace: &str, name: &str) -> bool {
        self.gone.contains(&(kind, namespace.to_owned(), name.to_owned()))
    }

    /// Whether a Plug stood here once, by the name of its annotation.
    pub(super) fn plug_gone(&self, namespace: &str, plug: &str) -> bool {
        self.gone.iter().any(|(kind, ns, name)| *kind == "Plug" && ns == namespace && plug_key(name) == plug)
    }

    /// Whether an Interface of this name stood here once, wherever.
    pub(super) fn interface_gone(&self, name: &str) -> bool {
        self.gone.iter().any(|(kind, _, gone)| *kind == "Interface" && gone == name)
    }

    /// Forgets what is gone and no record names: the memory of a cluster that changes for months is bounded.
    pub fn forget(&mut self) {
        if self.gone.is_empty() {
            return;
        }
        let records =
            || self.workloads.values().flat_map(|w| w.plugs().iter().map(move |coupled| (&*w.id.namespace, coupled)));
        let sockets: BTreeSet<&str> = records().map(|(_, coupled)| &*coupled.socket).collect();
        let plugs: BTreeSet<(&str, &str)> = records().map(|(namespace, coupled)| (namespace, &*coupled.plug)).collect();
        let interface =
            |text: &'_ str| text.split_once('@').map_or_else(|| text.to_owned(), |(name, _)| name.to_owned());
        let interfaces: BTreeSet<String> = records().map(|(_, coupled)| interface(&coupled.interface)).collect();
        self.gone.retain(|(kind, namespace, name)| match *kind {
            "Plug" => plugs.contains(&(namespace.as_str(), plug_key(name).as_str())),
            "Socket" => sockets.contains(format!("{namespace}/{name}").as_str()),
            _ => interfaces.contains(name),
        });
    }
}
