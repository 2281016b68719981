//! What is read of a live workload, as the API server gives it: names, our own annotations, the
//! containers' variables, and who set them.

use std::collections::BTreeMap;

use serde::de::DeserializeSeed;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::kept::{ITEM, Kept};
use crate::project::{COUPLED, Mapping, PLUG_PREFIX, Path, Slot, WORKLOAD_KINDS};

/// A live object of a kind that has containers; all else of it is skipped while it is read.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Live {
    /// `metadata`
    #[serde(default)]
    pub metadata: Metadata,
    /// `spec`
    #[serde(default)]
    pub spec: Spec,
}

/// What is read of `metadata`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Metadata {
    /// `name`
    #[serde(default)]
    pub name: String,
    /// `namespace`
    #[serde(default)]
    pub namespace: String,
    /// `uid`
    #[serde(default)]
    pub uid: String,
    /// `resourceVersion`
    #[serde(default)]
    pub resource_version: Option<String>,
    /// `labels`
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// `annotations`, ours alone.
    #[serde(default, deserialize_with = "ours")]
    pub annotations: BTreeMap<String, String>,
    /// `managedFields`, as far as it speaks of variables.
    #[serde(default)]
    pub managed_fields: Vec<Manager>,
}

/// What is read of `spec`: of every container that the table of kinds knows, its name and its
/// variables.
#[derive(Clone, Debug, Default)]
pub struct Spec(Value);

impl<'de> Deserialize<'de> for Spec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let paths = WORKLOAD_KINDS
            .iter()
            .flat_map(|known| known.mapping.containers)
            .flat_map(|containers| {
                let list = containers.list[1..].iter().copied().chain([ITEM]);
                [containers.name, containers.env].map(|part| list.clone().chain([part]).collect())
            });
        Kept {
            paths: paths.collect(),
        }
        .deserialize(deserializer)
        .map(Self)
    }
}

/// One entry of `managedFields`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manager {
    #[serde(default)]
    manager: String,
    /// By the server's clock.
    #[serde(default)]
    time: String,
    #[serde(default)]
    subresource: String,
    /// Collection and key of each entry whose content it owns.
    #[serde(default, rename = "fieldsV1", deserialize_with = "values")]
    owns: Vec<(Slot, String)>,
}

impl Live {
    /// The names of all containers, init containers last.
    pub(super) fn containers(&self, mapping: &Mapping) -> impl Iterator<Item = &str> {
        mapping.containers.iter().flat_map(|path| {
            let list = path.list[1..]
                .iter()
                .try_fold(&self.spec.0, |value, key| value.get(*key));
            let items = list.and_then(Value::as_array).into_iter().flatten();
            items.filter_map(|container| container[path.name].as_str())
        })
    }

    /// The field manager that last set an entry.
    pub(super) fn manager(&self, slot: &Slot, key: &str) -> Option<&str> {
        Some(&self.owner(slot, key)?.manager)
    }

    /// When an entry was last set, as far as its owner's entry tells; else when the object was last
    /// changed.
    pub(super) fn set(&self, slot: &Slot, key: &str) -> Box<str> {
        self.owner(slot, key)
            .map_or_else(|| self.changed(), |owner| owner.time.as_str().into())
    }

    /// When the object was last changed, by the server's clock; its status does not count. Empty:
    /// it does not say.
    pub(super) fn changed(&self) -> Box<str> {
        let writers = self
            .metadata
            .managed_fields
            .iter()
            .filter(|manager| manager.subresource.is_empty());
        writers
            .map(|manager| manager.time.as_str())
            .max()
            .unwrap_or_default()
            .into()
    }

    fn owner(&self, slot: &Slot, key: &str) -> Option<&Manager> {
        let owns = |manager: &&Manager| {
            manager
                .owns
                .iter()
                .any(|(owned, entry)| owned == slot && entry == key)
        };
        self.metadata
            .managed_fields
            .iter()
            .filter(owns)
            .max_by_key(|manager| &manager.time)
    }

    /// The same object as a manifest, with no more in it than was read.
    pub(super) fn manifest(&self, api_version: &str, kind: &str) -> String {
        let annotations = &self.metadata.annotations;
        let manifest = serde_json::json!({
            "apiVersion": api_version, "kind": kind, "metadata": {"annotations": annotations}, "spec": self.spec.0,
        });
        manifest.to_string()
    }
}

fn ours<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error> {
    let mut all = BTreeMap::deserialize(deserializer)?;
    all.retain(|key: &String, _: &mut String| key == COUPLED || key.starts_with(PLUG_PREFIX));
    Ok(all)
}

/// `f:…` are fields, `k:{…}` list items by key:
/// <https://kubernetes.io/docs/reference/using-api/server-side-apply/>.
fn values<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<(Slot, String)>, D::Error> {
    let fields = Value::deserialize(deserializer)?;
    let mut owned = Vec::new();
    let mut lists: Vec<Path> = WORKLOAD_KINDS
        .iter()
        .flat_map(|known| known.mapping.containers)
        .map(|c| c.list)
        .collect();
    lists.sort_unstable();
    lists.dedup();
    for path in lists {
        let list = path
            .iter()
            .try_fold(&fields, |value, key| value.get(format!("f:{key}")));
        for (container, fields) in list.into_iter().flat_map(members) {
            let held = members(&fields["f:env"]).filter(|(_, fields)| {
                fields.get("f:value").is_some() || fields.get("f:valueFrom").is_some()
            });
            owned.extend(held.map(|(variable, _)| (Slot::Env(container.clone()), variable)));
        }
    }
    Ok(owned)
}

/// The items of a list that has `name` as its key.
fn members(list: &Value) -> impl Iterator<Item = (String, &Value)> {
    list.as_object()
        .into_iter()
        .flatten()
        .filter_map(|(key, fields)| {
            let key: Value = serde_json::from_str(key.strip_prefix("k:")?).ok()?;
            Some((key["name"].as_str()?.to_owned(), fields))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_manager_of_a_value_is_named() {
        let json = serde_json::json!({
            "metadata": {"name": "w", "managedFields": [
                {"manager": "argocd", "time": "2026-11-25T10:00:00Z", "fieldsV1": {"f:spec": {"f:template": {"f:spec": {
                    "f:containers": {"k:{\"name\":\"c\"}": {".": {}, "f:env": {
                        "k:{\"name\":\"A\"}": {".": {}, "f:name": {}, "f:value": {}},
                        "k:{\"name\":\"B\"}": {".": {}, "f:name": {}}}}}}}}}},
                {"manager": "kubectl-set", "time": "2026-11-25T11:00:00Z", "fieldsV1": {"f:spec": {"f:template": {"f:spec": {
                    "f:containers": {"k:{\"name\":\"c\"}": {"f:env": {"k:{\"name\":\"A\"}": {"f:value": {}}}}}}}}}},
                {"manager": "kubelet", "time": "2026-11-25T12:00:00Z", "subresource": "status", "fieldsV1": {"f:status": {}}},
                {"manager": "other"},
            ]},
        });
        let live: Live = serde_json::from_value(json).unwrap();
        let env = |container: &str| Slot::Env(container.to_owned());
        assert_eq!(live.manager(&env("c"), "A"), Some("kubectl-set"));
        assert_eq!(
            live.manager(&env("c"), "B"),
            None,
            "it owns the entry, not its value"
        );
        assert_eq!(live.manager(&env("d"), "A"), None);
        assert_eq!(&*live.set(&env("c"), "A"), "2026-11-25T11:00:00Z");
        assert_eq!(
            live.set(&env("d"), "A"),
            live.changed(),
            "what is not there has no owner"
        );
    }

    #[test]
    fn every_kind_comes_back_as_a_manifest_of_what_was_read() {
        let pod = serde_json::json!({"containers": [{"name": "c", "image": "i", "env": [{"name": "A"}]}], "initContainers": [{"name": "i"}]});
        let template = serde_json::json!({"template": {"metadata": {}, "spec": pod}});
        for (api, kind, spec) in [
            ("v1", "Pod", pod.clone()),
            ("apps/v1", "Deployment", template.clone()),
            (
                "batch/v1",
                "CronJob",
                serde_json::json!({"schedule": "* * * * *", "jobTemplate": {"spec": template}}),
            ),
        ] {
            let live: Live = serde_json::from_value(serde_json::json!({"metadata": {
                "annotations": {"x": "y", COUPLED: "{}"}}, "spec": spec}))
            .unwrap();
            let known = crate::project::WorkloadKind::of(api, kind).unwrap();
            assert_eq!(
                live.containers(known.mapping).collect::<Vec<_>>(),
                ["c", "i"]
            );
            let text = live.manifest(api, kind);
            assert!(!text.contains("image") && !text.contains("\"x\""), "{text}");
            let tree = crate::manifest::Tree::read(&text).unwrap();
            let all = crate::project::containers(&tree, tree.root().unwrap()).unwrap();
            let names: Vec<_> = all
                .iter()
                .map(crate::project::Container::known_name)
                .collect();
            assert_eq!(names, [Some("c"), Some("i")], "{kind}");
        }
    }
}
