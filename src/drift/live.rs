//! Reads a live workload from the API server: names, coupler's own annotations, the containers'
//! variables, and who set them.

use std::collections::BTreeMap;
use std::io;
use std::sync::LazyLock;

use serde::de::DeserializeSeed;
use serde::{Deserialize, Deserializer};
use serde_json::ser::Formatter;
use serde_json::{Map, Value};

use super::kept::{ITEM, Kept, Paths};
use super::live_kind::LiveKind;
use super::managers::{self, Manager};
use crate::project::{
    self, COUPLED, ContainerPath, KeyPath, Mapping, OwnerKey, RESOURCE, Slot, WorkloadKind,
};

/// A live object of a kind that has containers; all else of it is skipped while it is read.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Live {
    /// `metadata`
    #[serde(default)]
    pub metadata: Metadata,
    /// What is read of the rest.
    #[serde(default, rename = "spec")]
    pub content: LiveContent,
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
    /// `annotations`: our own, and those that hold files.
    #[serde(default, deserialize_with = "ours")]
    pub annotations: BTreeMap<String, String>,
    /// `managedFields`, as far as they are about variables.
    #[serde(default)]
    pub managed_fields: Vec<Manager>,
}

/// What is read of an object besides `metadata`, from its root. Where it is read by parts, that is
/// of every container that the table of kinds knows, its name, its variables and its volume mounts;
/// of the pods, their volumes and the annotations that hold files.
#[derive(Clone, Debug, Default)]
pub struct LiveContent(Value);

static KEPT: LazyLock<Paths> = LazyLock::new(|| {
    let mut paths = Paths::new();
    for Mapping {
        annotations,
        volumes,
        containers,
        ..
    } in mappings()
    {
        for path in &**containers {
            let items = path
                .lists
                .iter()
                .flat_map(|list| in_spec(list).chain([ITEM]));
            let parts = path.name.iter().chain([&path.env, &path.mounts]);
            paths.extend(parts.map(|part| items.clone().chain(part.keys()).collect()));
        }
        let items = in_spec(volumes).chain([ITEM]);
        paths.extend(["name", "projected"].map(|part| items.clone().chain([part]).collect()));
        if annotations.keys().next() == Some("spec") {
            paths.push(in_spec(annotations).collect());
        }
    }
    paths.sort_unstable();
    paths.dedup();
    paths
});

/// Where the parts of each kind are that may be watched.
fn mappings() -> impl Iterator<Item = &'static Mapping> {
    let kinds = WorkloadKind::watched().chain(WorkloadKind::watched_when_named());
    kinds.map(|known| known.mapping)
}

/// A path below `spec`, which it begins with.
fn in_spec(path: &KeyPath) -> impl Iterator<Item = &str> + Clone {
    path.keys().skip(1)
}

impl<'de> Deserialize<'de> for LiveContent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut spec = Kept::of(&KEPT).deserialize(deserializer)?;
        for mapping in mappings() {
            let annotations = in_spec(&mapping.annotations)
                .try_fold(&mut spec, |value, key| value.get_mut(key))
                .and_then(Value::as_object_mut);
            if let Some(annotations) = annotations {
                annotations.retain(|name, _| project::is_file_annotation(name));
            }
        }
        let content = Map::from_iter([("spec".to_owned(), spec)]);
        Ok(Self(content.into()))
    }
}

impl Live {
    /// An object of which everything is read.
    pub fn whole(object: Value) -> Self {
        let metadata = Metadata::deserialize(&object["metadata"]).unwrap_or_default();
        let Value::Object(mut content) = object else {
            return Self::default();
        };
        for key in ["apiVersion", "kind", "status"] {
            content.remove(key);
        }
        if let Some(metadata) = content.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.retain(|key, _| key == "annotations" || key == "labels");
        }
        Self {
            metadata,
            content: LiveContent(content.into()),
        }
    }

    /// The names of all containers, init containers last.
    pub(super) fn containers<'l>(&'l self, mapping: &'l Mapping) -> impl Iterator<Item = &'l str> {
        let paths = mapping.containers.iter();
        paths.flat_map(|path| self.items(path).filter_map(|item| name(path, item)))
    }

    /// The field manager that last set an entry.
    pub(super) fn owner(&self, slot: &Slot, key: &str) -> Option<&Manager> {
        let managers = self.metadata.managed_fields.iter();
        managers
            .filter(|manager| manager.owns(slot, key))
            .max_by_key(|manager| &manager.time)
    }

    /// The field manager that last wrote anything that is judged.
    pub(super) fn last_writer(&self) -> Option<&Manager> {
        managers::last(&self.metadata.managed_fields)
    }

    /// When anything that is judged was last changed, by the server's clock. Empty: this is not
    /// recorded.
    pub(super) fn changed(&self) -> Box<str> {
        self.last_writer()
            .map(|writer| writer.time.as_str().into())
            .unwrap_or_default()
    }

    /// When whoever wrote the record last wrote anything; empty: this is not recorded.
    pub(super) fn recorded(&self) -> Box<str> {
        let managers = self.metadata.managed_fields.iter();
        let records = managers.filter(|manager| manager.records());
        let last = records.map(|manager| manager.time.as_str()).max();
        last.unwrap_or_default().into()
    }

    /// The variables of a container in their order; none where they cannot be read.
    pub(super) fn variables(&self, mapping: &Mapping, container: &str) -> Vec<Variable<'_>> {
        let lists = mapping.containers.iter();
        let found = lists.flat_map(|path| {
            self.items(path)
                .filter(|item| name(path, item) == Some(container))
                .filter_map(|item| at(item, path.env.keys())?.as_array())
        });
        found
            .flatten()
            .map(|variable| Variable {
                name: variable["name"].as_str().unwrap_or_default(),
                value: variable["value"].as_str().unwrap_or_default(),
            })
            .collect()
    }

    /// The containers at a path.
    fn items(&self, path: &ContainerPath) -> impl Iterator<Item = &Value> {
        let mut nodes = vec![&self.content.0];
        for list in &*path.lists {
            let lists = nodes.into_iter().filter_map(|node| at(node, list.keys()));
            nodes = lists.filter_map(Value::as_array).flatten().collect();
        }
        let containers = nodes.into_iter();
        containers.filter_map(|node| at(node, path.inner.keys()))
    }

    /// The same object as a manifest, with no more in it than was read: as the fast parser reads
    /// it.
    pub(super) fn manifest(&self, kind: &LiveKind) -> String {
        let LiveKind {
            api_version, kind, ..
        } = kind;
        if let Value::Object(whole) = &self.content.0
            && whole.contains_key("metadata")
        {
            let mut object = whole.clone();
            object.insert("apiVersion".to_owned(), (*api_version).into());
            object.insert("kind".to_owned(), (*kind).into());
            return line(&object);
        }
        let annotations = line(&self.metadata.annotations);
        let spec = line(&self.content.0["spec"]);
        format!(
            "apiVersion: {api_version}\nkind: {kind}\nmetadata: {{\"annotations\": {annotations}}}\nspec: {spec}\n"
        )
    }
}

/// The value that keys lead to.
fn at<'v, 'k>(value: &'v Value, mut keys: impl Iterator<Item = &'k str>) -> Option<&'v Value> {
    keys.try_fold(value, |value, key| value.get(key))
}

/// The name of a container, or the one that it has where it is given none.
fn name<'v>(path: &'v ContainerPath, container: &'v Value) -> Option<&'v str> {
    let name = path.name.as_ref();
    match name.and_then(|name| at(container, name.keys())) {
        Some(name) => name.as_str(),
        None => path.default_name.as_deref(),
    }
}

/// One variable.
pub(super) struct Variable<'l> {
    pub(super) name: &'l str,
    /// Its text; empty: it has none.
    pub(super) value: &'l str,
}

/// JSON on one line, with a blank after each colon.
fn line(value: &impl serde::Serialize) -> String {
    let mut text = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut text, Blanks);
    // neither a map of texts nor JSON itself fails
    let _ = value.serialize(&mut serializer);
    String::from_utf8(text).unwrap_or_default()
}

struct Blanks;

impl Formatter for Blanks {
    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }
}

fn ours<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error> {
    let mut all = BTreeMap::deserialize(deserializer)?;
    all.retain(|key: &String, _: &mut String| {
        key == COUPLED
            || key == RESOURCE
            || OwnerKey::of_annotation(key).is_some()
            || project::is_file_annotation(key)
    });
    Ok(all)
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
        let owner = |container: &str, key: &str| {
            live.owner(&env(container), key)
                .map(|manager| manager.manager.as_str())
        };
        assert_eq!(owner("c", "A"), Some("kubectl-set"));
        assert_eq!(owner("c", "B"), None, "it owns the entry, not its value");
        assert_eq!(owner("d", "A"), None, "what is not there has no owner");
        assert_eq!(
            &*live.changed(),
            "2026-11-25T11:00:00Z",
            "the status is not judged"
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
            let known = WorkloadKind::of(api, kind).unwrap();
            assert_eq!(
                live.containers(known.mapping).collect::<Vec<_>>(),
                ["c", "i"]
            );
            let text = live.manifest(&LiveKind::built_in(known));
            assert!(!text.contains("image") && !text.contains("\"x\""), "{text}");
            let tree = crate::manifest::Tree::read_fast(&text).expect("ten times as fast");
            let all = project::containers(&tree, tree.root().unwrap(), &project::BUILT_IN).unwrap();
            let names: Vec<_> = all.iter().map(project::Container::known_name).collect();
            assert_eq!(names, [Some("c"), Some("i")], "{kind}");
        }
    }
}
