//! What is read of a live workload, as the API server gives it: names, our own annotations, the containers' variables, and who set them.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::project::{COUPLED, PLUG_PREFIX};

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

/// What is read of `spec`, and of the pod template in it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Spec {
    #[serde(default)]
    containers: Vec<Container>,
    #[serde(default)]
    init_containers: Vec<Container>,
    #[serde(default)]
    template: Option<Box<Template>>,
    #[serde(default)]
    job_template: Option<Box<Template>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
struct Template {
    #[serde(default)]
    spec: Spec,
}

#[derive(Clone, Debug, Deserialize)]
struct Container {
    name: String,
    #[serde(default)]
    env: Vec<Value>,
}

/// One entry of `managedFields`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manager {
    #[serde(default)]
    manager: String,
    #[serde(default)]
    time: String,
    /// Container and variable of each value that it owns.
    #[serde(default, rename = "fieldsV1", deserialize_with = "values")]
    owns: Vec<(String, String)>,
}

impl Live {
    /// The names of all containers, init containers last.
    pub(super) fn containers(&self) -> impl Iterator<Item = &str> {
        let spec = self.spec.pod();
        spec.containers.iter().chain(&spec.init_containers).map(|container| container.name.as_str())
    }

    /// The field manager that last set a variable.
    pub(super) fn manager(&self, container: &str, variable: &str) -> Option<&str> {
        let owns = |manager: &&Manager| manager.owns.iter().any(|(c, v)| c == container && v == variable);
        let last = self.metadata.managed_fields.iter().filter(owns).max_by_key(|manager| &manager.time)?;
        Some(&last.manager)
    }

    /// The same object as a manifest, with no more in it than was read.
    pub(super) fn manifest(&self, api_version: &str, kind: &str) -> String {
        let pod = self.spec.pod();
        let list = |containers: &[Container]| -> Value {
            containers.iter().map(|c| serde_json::json!({"name": c.name, "env": c.env})).collect()
        };
        let pod =
            serde_json::json!({"containers": list(&pod.containers), "initContainers": list(&pod.init_containers)});
        let path = crate::project::pod_path(api_version, kind).unwrap_or(&["spec"]);
        let mut manifest = path.iter().rev().fold(pod, |inner, key| serde_json::json!({*key: inner}));
        manifest["apiVersion"] = api_version.into();
        manifest["kind"] = kind.into();
        manifest["metadata"] = serde_json::json!({"annotations": self.metadata.annotations});
        manifest.to_string()
    }
}

impl Spec {
    fn pod(&self) -> &Self {
        let inner = self.job_template.as_ref().or(self.template.as_ref());
        inner.map_or(self, |template| template.spec.pod())
    }
}

fn ours<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error> {
    let mut all = BTreeMap::deserialize(deserializer)?;
    all.retain(|key: &String, _: &mut String| key == COUPLED || key.starts_with(PLUG_PREFIX));
    Ok(all)
}

/// `f:…` are fields, `k:{…}` list items by key: <https://kubernetes.io/docs/reference/using-api/server-side-apply/>.
fn values<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<(String, String)>, D::Error> {
    let mut fields = Value::deserialize(deserializer)?;
    let mut spec = &mut fields["f:spec"];
    for inner in ["f:jobTemplate", "f:template"] {
        if spec.get(inner).is_some() {
            spec = &mut spec[inner]["f:spec"];
        }
    }
    let mut owned = Vec::new();
    for list in ["f:containers", "f:initContainers"] {
        for (container, fields) in members(&spec[list]) {
            let held = members(&fields["f:env"])
                .filter(|(_, fields)| fields.get("f:value").is_some() || fields.get("f:valueFrom").is_some());
            owned.extend(held.map(|(variable, _)| (container.clone(), variable)));
        }
    }
    Ok(owned)
}

/// The items of a list that has `name` as its key.
fn members(list: &Value) -> impl Iterator<Item = (String, &Value)> {
    list.as_object().into_iter().flatten().filter_map(|(key, fields)| {
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
                {"manager": "kubelet", "subresource": "status", "fieldsV1": {"f:status": {}}},
                {"manager": "other"},
            ]},
        });
        let live: Live = serde_json::from_value(json).unwrap();
        assert_eq!(live.manager("c", "A"), Some("kubectl-set"));
        assert_eq!(live.manager("c", "B"), None, "it owns the entry, not its value");
        assert_eq!(live.manager("d", "A"), None);
    }

    #[test]
    fn every_workload_that_is_coupled_is_judged() {
        let kinds = crate::render::drift::WORKLOADS;
        assert_eq!(kinds.map(|(_, kind)| kind), crate::project::KINDS);
        assert!(kinds.iter().all(|(api_version, kind)| crate::project::pod_path(api_version, kind).is_some()));
    }

    #[test]
    fn every_kind_comes_back_as_a_manifest_of_what_was_read() {
        let pod = serde_json::json!({"containers": [{"name": "c", "image": "i", "env": [{"name": "A"}]}], "initContainers": [{"name": "i"}]});
        let template = serde_json::json!({"template": {"metadata": {}, "spec": pod}});
        for (api, kind, spec) in [
            ("v1", "Pod", pod.clone()),
            ("apps/v1", "Deployment", template.clone()),
            ("batch/v1", "CronJob", serde_json::json!({"schedule": "* * * * *", "jobTemplate": {"spec": template}})),
        ] {
            let live: Live = serde_json::from_value(serde_json::json!({"metadata": {
                "annotations": {"x": "y", COUPLED: "{}"}}, "spec": spec}))
            .unwrap();
            assert_eq!(live.containers().collect::<Vec<_>>(), ["c", "i"]);
            let text = live.manifest(api, kind);
            assert!(!text.contains("image") && !text.contains("\"x\""), "{text}");
            let tree = crate::manifest::Tree::read(&text).unwrap();
            let names: Vec<_> =
                crate::project::containers(&tree, tree.root().unwrap()).iter().map(|c| c.name).collect();
            assert_eq!(names, [Some("c"), Some("i")], "{kind}");
        }
    }
}
