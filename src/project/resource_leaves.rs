//! Finds the leaves of a manifest, each by its path. The record of a resource lists them, so that
//! fields that others add are kept.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::digest::hash;
use crate::limits;
use crate::manifest::path::{Path, Step};

/// Digits of a digest.
const DIGITS: usize = 10;
/// What is recorded of a leaf that is the name of an object, which hosts change.
const OBJECT_NAME: &str = "name";
/// The member that tells the items of a list apart.
const ITEM: &str = "name";

/// A leaf: a scalar, an empty collection, or a list whose items have no names.
pub(super) struct Leaf<'j> {
    pub(super) path: Vec<Step>,
    pub(super) value: &'j Json,
}

/// The leaves of a manifest, in order of their keys; without its name and its namespace.
pub(super) fn leaves(manifest: &Json) -> Vec<Leaf<'_>> {
    let mut found = Vec::new();
    add(manifest, &mut Vec::new(), &mut found);
    found.retain(|leaf| !is_identity(&leaf.path));
    found
}

fn is_identity(path: &[Step]) -> bool {
    let is = |step: &Step, key: &str| matches!(step, Step::Key(own) if own == key);
    match path {
        [metadata, key] => is(metadata, "metadata") && (is(key, "name") || is(key, "namespace")),
        _ => false,
    }
}

fn add<'j>(value: &'j Json, path: &mut Vec<Step>, found: &mut Vec<Leaf<'j>>) {
    match value {
        Json::Object(members) if !members.is_empty() => {
            let is_item = matches!(path.last(), Some(Step::Match { .. }));
            for (key, member) in members {
                if is_item && key == ITEM {
                    continue;
                }
                path.push(Step::Key(key.clone()));
                add(member, path, found);
                path.pop();
            }
        }
        Json::Array(items) if has_names(items) => {
            for item in items {
                path.push(Step::Match {
                    key: ITEM.to_owned(),
                    value: name_of(item).unwrap_or_default().to_owned(),
                });
                add(item, path, found);
                path.pop();
            }
        }
        leaf => found.push(Leaf {
            path: path.clone(),
            value: leaf,
        }),
    }
}

/// The name of an item.
pub(super) fn name_of(item: &Json) -> Option<&str> {
    item.get(ITEM)?.as_str().filter(|name| !name.is_empty())
}

/// Whether the items of a list are distinguished by their names, and have more than these.
pub(super) fn has_names(items: &[Json]) -> bool {
    let mut seen = BTreeSet::new();
    let is_named = |item: &Json| {
        let has_more = item.as_object().is_some_and(|members| members.len() > 1);
        has_more && name_of(item).is_some_and(|name| seen.insert(name.to_owned()))
    };
    !items.is_empty() && items.iter().all(is_named)
}

/// The digests of a manifest's leaves by their paths; `names`: those that are names of objects.
pub(super) fn digests(manifest: &Json, names: &BTreeSet<String>) -> BTreeMap<String, String> {
    let mut digests = BTreeMap::new();
    for Leaf { path, value } in leaves(manifest) {
        let text = Path(&path).to_string();
        // one that no path can name is not recorded
        if text.len() > limits::PATH_BYTES || path.len() > limits::DEPTH {
            continue;
        }
        let digest = match names.contains(&text) || is_object_name(&path) {
            true => OBJECT_NAME.to_owned(),
            false => digest(value, holder(&path)),
        };
        digests.insert(text, digest);
    }
    digests
}

/// Whether a leaf is as it was recorded.
pub(super) fn is_recorded(path: &[Step], value: &Json, recorded: &str) -> bool {
    if recorded == OBJECT_NAME {
        return value.as_str().is_some_and(|name| !name.is_empty());
    }
    digest(value, holder(path)) == recorded
}

fn digest(value: &Json, holder: &str) -> String {
    hash(&without_names(value, holder).to_string(), DIGITS)
}

/// The key that a leaf is under.
fn holder(path: &[Step]) -> &str {
    let keys = path.iter().rev();
    let mut keys = keys.filter_map(|step| match step {
        Step::Key(key) => Some(key.as_str()),
        Step::Index(_) | Step::Match { .. } | Step::Append => None,
    });
    keys.next().unwrap_or_default()
}

/// A value without the names of other objects, which hosts change.
fn without_names(value: &Json, holder: &str) -> Json {
    match value {
        Json::Object(members) => {
            let kept = members.iter().filter(|(key, _)| {
                !(is_name_key(key) || (refers(holder) && is_part_of_reference(key)))
            });
            let kept = kept.map(|(key, value)| (key.clone(), without_names(value, key)));
            Json::Object(kept.collect())
        }
        Json::Array(items) => {
            let items = items.iter().map(|item| without_names(item, holder));
            Json::Array(items.collect())
        }
        scalar => scalar.clone(),
    }
}

/// Whether a leaf is the name of another object.
fn is_object_name(path: &[Step]) -> bool {
    let [.., Step::Key(last)] = path else {
        return false;
    };
    is_name_key(last) || is_part_of_reference(last) && refers(holder(&path[..path.len() - 1]))
}

fn is_part_of_reference(key: &str) -> bool {
    matches!(key, "name" | "namespace")
}

/// Whether a key holds a reference to another object, or several.
fn refers(key: &str) -> bool {
    const OTHERS: [&str; 6] = [
        "secret",
        "configMap",
        "service",
        "persistentVolumeClaim",
        "subjects",
        "imagePullSecrets",
    ];
    key.ends_with("Ref") || OTHERS.contains(&key)
}

/// Whether a key holds the name of another object.
fn is_name_key(key: &str) -> bool {
    const NAMES: [&str; 5] = [
        "secretName",
        "serviceAccountName",
        "serviceAccount",
        "claimName",
        "serviceName",
    ];
    NAMES.contains(&key)
}

/// The value at a path.
pub(super) fn find<'j>(manifest: &'j Json, path: &[Step]) -> Option<&'j Json> {
    path.iter().try_fold(manifest, |value, step| match step {
        Step::Key(key) => value.get(key),
        Step::Index(index) => value.get(index),
        Step::Match { key, value: text } => {
            let mut items = value.as_array()?.iter();
            items.find(|item| item.get(key).and_then(Json::as_str) == Some(text))
        }
        Step::Append => None,
    })
}

/// Takes the leaf at a path out of a value, and each collection above it that is empty then.
/// Whether nothing is left of the value.
pub(super) fn take_out(value: &mut Json, path: &[Step]) -> bool {
    let Some((step, below)) = path.split_first() else {
        return true;
    };
    match (step, value) {
        (Step::Key(key), Json::Object(members)) => {
            let is_gone = members
                .get_mut(key)
                .is_some_and(|member| take_out(member, below));
            if is_gone {
                members.remove(key);
            }
            is_gone && members.is_empty()
        }
        (Step::Match { key, value: text }, Json::Array(items)) => {
            let is_meant = |item: &Json| item.get(key).and_then(Json::as_str) == Some(text);
            let Some(position) = items.iter().position(is_meant) else {
                return false;
            };
            take_out(&mut items[position], below);
            let is_left = |item: &Json| {
                let members = item.as_object();
                members.is_none_or(|members| members.keys().any(|key| key != ITEM))
            };
            let is_gone = !is_left(&items[position]);
            if is_gone {
                items.remove(position);
            }
            is_gone && items.is_empty()
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::path::parse;
    use serde_json::json;

    fn manifest() -> Json {
        json!({
            "kind": "Job",
            "metadata": {"name": "a", "namespace": "b", "labels": {"x/y": "1"}},
            "spec": {
                "containers": [{
                    "name": "psql",
                    "command": ["a", "b"],
                    "env": [
                        {"name": "A", "value": "1"},
                        {"name": "B", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}
                    ],
                    "envFrom": [{"secretRef": {"name": "s"}, "prefix": "P"}]
                }],
                "volumes": [{"name": "v", "emptyDir": {}}],
                "imagePullSecrets": [{"name": "pull"}]
            }
        })
    }

    fn paths(manifest: &Json) -> Vec<String> {
        let paths = leaves(manifest);
        paths
            .iter()
            .map(|leaf| Path(&leaf.path).to_string())
            .collect()
    }

    #[test]
    fn items_with_names_are_gone_into_and_other_lists_are_leaves() {
        assert_eq!(
            paths(&manifest()),
            [
                "kind",
                "metadata.labels.x/y",
                "spec.containers[name=psql].command",
                "spec.containers[name=psql].env[name=A].value",
                "spec.containers[name=psql].env[name=B].valueFrom.secretKeyRef.key",
                "spec.containers[name=psql].env[name=B].valueFrom.secretKeyRef.name",
                "spec.containers[name=psql].envFrom",
                "spec.imagePullSecrets",
                "spec.volumes[name=v].emptyDir",
            ]
        );
    }

    #[test]
    fn the_names_of_other_objects_do_not_count() {
        let before = manifest();
        let recorded = digests(&before, &["metadata.labels.x/y".to_owned()].into());
        let renamed = before
            .to_string()
            .replace("\"s\"", "\"s-5kf2h\"")
            .replace("\"pull\"", "\"dev-pull\"")
            .replace("\"1\"},\"name\":\"a\"", "\"2\"},\"name\":\"a\"");
        let after: Json = serde_json::from_str(&renamed).unwrap();
        assert_ne!(before, after);
        for (text, digest) in &recorded {
            let path = parse(text).unwrap();
            let value = find(&after, &path).unwrap();
            assert!(is_recorded(&path, value, digest), "{text}");
        }
        let edited: Json =
            serde_json::from_str(&before.to_string().replace("\"k\"", "\"l\"")).unwrap();
        let changed = recorded.iter().filter(|(text, digest)| {
            let path = parse(text).unwrap();
            !is_recorded(&path, find(&edited, &path).unwrap(), digest)
        });
        let changed: Vec<_> = changed.map(|(text, _)| text.as_str()).collect();
        assert_eq!(
            changed,
            ["spec.containers[name=psql].env[name=B].valueFrom.secretKeyRef.key"]
        );
    }

    #[test]
    fn without_its_leaves_what_others_added_is_left() {
        let mut json = manifest();
        let all: Vec<Vec<Step>> = leaves(&json).into_iter().map(|leaf| leaf.path).collect();
        json["metadata"]["labels"]["team"] = "shop".into();
        json["spec"]["containers"][0]["env"]
            .as_array_mut()
            .unwrap()
            .push(json!({"name": "C", "value": "3"}));
        for path in &all {
            take_out(&mut json, path);
        }
        assert_eq!(
            json,
            json!({
                "metadata": {"name": "a", "namespace": "b", "labels": {"team": "shop"}},
                "spec": {"containers": [{"name": "psql", "env": [{"name": "C", "value": "3"}]}]}
            })
        );
    }
}
