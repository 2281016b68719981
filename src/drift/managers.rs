//! Reads `managedFields`: which field manager owns which variable, volume, volume mount and
//! annotation, and when it wrote the fields that are compared.
//!
//! `f:…` are fields, `k:{…}` list items by key:
//! <https://kubernetes.io/docs/reference/using-api/server-side-apply/>. All else is skipped while
//! it is read: of a live object it is the largest part.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::project::{COUPLED, Slot, WorkloadKind, is_file_annotation};

/// One entry of `managedFields`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manager {
    /// Its name.
    #[serde(default)]
    pub(super) manager: String,
    /// By the server's clock.
    #[serde(default)]
    pub(super) time: String,
    #[serde(default)]
    subresource: String,
    #[serde(default, rename = "fieldsV1")]
    owns: OwnedFields,
}

/// What a field manager owns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct OwnedFields {
    /// The entries whose content it owns.
    entries: Vec<OwnedEntry>,
    /// Something below `spec`, labels, or an annotation that holds a file.
    judged: bool,
    /// The record of the couplings.
    record: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct OwnedEntry {
    slot: Slot,
    key: String,
}

impl Manager {
    /// Whether it wrote anything that is judged; the status is not.
    pub(super) fn writes(&self) -> bool {
        self.subresource.is_empty() && (self.owns.judged || self.owns.record)
    }

    /// Whether it wrote the record of the couplings.
    pub(super) fn records(&self) -> bool {
        self.subresource.is_empty() && self.owns.record
    }

    /// Whether it owns the content of an entry.
    pub(super) fn owns(&self, slot: &Slot, key: &str) -> bool {
        let same = |owned: &OwnedEntry| owned.slot == *slot && owned.key == key;
        self.owns.entries.iter().any(same)
    }
}

/// The last that wrote anything that is judged.
pub(super) fn last(managers: &[Manager]) -> Option<&Manager> {
    let writers = managers.iter().filter(|manager| manager.writes());
    writers.max_by_key(|manager| &manager.time)
}

/// What a path of fields leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FieldTarget {
    Containers,
    Volumes,
    /// The annotations of the pods, or of the object: where these are one, the object's.
    Annotations(AnnotationsOf),
    Judged,
}

/// What annotations belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AnnotationsOf {
    Object,
    Pods,
}

impl AnnotationsOf {
    fn slot(self) -> Slot {
        match self {
            Self::Object => Slot::Annotations,
            Self::Pods => Slot::PodAnnotations,
        }
    }
}

/// The annotations of an object.
const OBJECT_ANNOTATIONS: [&str; 2] = ["metadata", "annotations"];

/// A path of fields, without `f:`.
struct FieldPath {
    path: Vec<&'static str>,
    target: FieldTarget,
}

static PATHS: LazyLock<Vec<FieldPath>> = LazyLock::new(|| {
    let mut paths = Vec::new();
    let mut add = |path: Vec<&'static str>, target| {
        let is_known = |known: &FieldPath| known.path == path && known.target == target;
        if !paths.iter().any(is_known) {
            paths.push(FieldPath { path, target });
        }
    };
    let of_object = FieldTarget::Annotations(AnnotationsOf::Object);
    add(OBJECT_ANNOTATIONS.to_vec(), of_object);
    add(vec!["metadata", "labels"], FieldTarget::Judged);
    add(vec!["spec"], FieldTarget::Judged);
    for known in WorkloadKind::watched().chain(WorkloadKind::watched_when_named()) {
        let mapping = known.mapping;
        for containers in &*mapping.containers {
            if let Some(list) = containers.lists.first() {
                add(list.keys().collect(), FieldTarget::Containers);
            }
        }
        add(mapping.volumes.keys().collect(), FieldTarget::Volumes);
        if !mapping.annotations.is(&OBJECT_ANNOTATIONS) {
            let of_pods = FieldTarget::Annotations(AnnotationsOf::Pods);
            add(mapping.annotations.keys().collect(), of_pods);
        }
    }
    paths
});

/// Where in the fields a walk is.
#[derive(Clone)]
enum FieldPosition {
    /// On these of the paths, this deep.
    Paths { on: u32, depth: usize },
    /// In a list of containers.
    Containers,
    /// In a container.
    Container(String),
    /// In a list of entries.
    Entries(Slot),
    /// In one entry of a list, which has its key in this field.
    Entry(&'static str),
    /// In annotations.
    Annotations(AnnotationsOf),
}

/// A walk through the fields; what it gives is whether the content of an entry was there.
struct Walk<'o> {
    at: FieldPosition,
    owned: &'o mut OwnedFields,
}

impl<'de> Deserialize<'de> for OwnedFields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut owned = Self::default();
        let at = FieldPosition::Paths {
            on: u32::MAX,
            depth: 0,
        };
        let walk = Walk {
            at,
            owned: &mut owned,
        };
        walk.deserialize(deserializer)?;
        Ok(owned)
    }
}

/// A key, as text; what is not on a path is not copied.
struct FieldKey<'a>(&'a FieldPosition);

/// What a key leads to.
enum FieldStep {
    /// Nothing that is kept.
    Other,
    /// Further on these paths; these end here.
    Paths { on: u32, ends: Vec<FieldTarget> },
    /// An item of a list by its key.
    Item(String),
    /// A list of entries.
    Entries(Slot),
    /// An annotation.
    Annotation(String),
    /// The content of an entry.
    Content,
}

impl<'de> DeserializeSeed<'de> for FieldKey<'_> {
    type Value = FieldStep;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<FieldStep, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for FieldKey<'_> {
    type Value = FieldStep;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<FieldStep, E> {
        let item = |field: &str| {
            let key: Option<BTreeMap<String, Value>> =
                serde_json::from_str(key.strip_prefix("k:")?).ok();
            let key = key?.get(field)?.as_str()?.to_owned();
            Some(FieldStep::Item(key))
        };
        let field = key.strip_prefix("f:");
        let step = match self.0 {
            FieldPosition::Paths { on, depth } => field.map(|key| on_paths(*on, *depth, key)),
            FieldPosition::Containers => item("name"),
            FieldPosition::Container(name) => match field {
                Some("env") => Some(FieldStep::Entries(Slot::Env(name.clone()))),
                Some("volumeMounts") => Some(FieldStep::Entries(Slot::Mounts(name.clone()))),
                _ => None,
            },
            FieldPosition::Entries(slot) => slot.item_key().and_then(item),
            FieldPosition::Entry(own) => {
                field.and_then(|field| (field != *own).then_some(FieldStep::Content))
            }
            FieldPosition::Annotations(_) => {
                let held = field.filter(|key| *key == COUPLED || is_file_annotation(key));
                held.map(|key| FieldStep::Annotation(key.to_owned()))
            }
        };
        Ok(step.unwrap_or(FieldStep::Other))
    }
}

fn on_paths(on: u32, depth: usize, key: &str) -> FieldStep {
    let (mut further, mut ends) = (0, Vec::new());
    for (bit, fields) in PATHS.iter().enumerate() {
        if on & (1 << bit) == 0 || fields.path.get(depth) != Some(&key) {
            continue;
        }
        if fields.path.len() == depth + 1 {
            ends.push(fields.target);
        } else {
            further |= 1 << bit;
        }
    }
    if further == 0 && ends.is_empty() {
        return FieldStep::Other;
    }
    FieldStep::Paths { on: further, ends }
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = bool;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("fields")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
        let (mut content, mut empty) = (false, true);
        while let Some(step) = map.next_key_seed(FieldKey(&self.at))? {
            empty = false;
            let next = match (step, &self.at) {
                (FieldStep::Paths { on, ends }, FieldPosition::Paths { depth, .. }) => {
                    self.owned.judged |= ends.contains(&FieldTarget::Judged);
                    let depth = depth + 1;
                    let further = (on != 0).then_some(FieldPosition::Paths { on, depth });
                    let mut within = ends.iter().filter_map(|end| match end {
                        FieldTarget::Containers => Some(FieldPosition::Containers),
                        FieldTarget::Volumes => Some(FieldPosition::Entries(Slot::Volumes)),
                        FieldTarget::Annotations(of) => Some(FieldPosition::Annotations(*of)),
                        FieldTarget::Judged => None,
                    });
                    within.next().or(further)
                }
                (FieldStep::Item(container), FieldPosition::Containers) => {
                    Some(FieldPosition::Container(container))
                }
                (FieldStep::Entries(slot), _) => Some(FieldPosition::Entries(slot)),
                (FieldStep::Item(key), FieldPosition::Entries(slot)) => {
                    let own = slot.item_key().unwrap_or_default();
                    let entry = Walk {
                        at: FieldPosition::Entry(own),
                        owned: &mut *self.owned,
                    };
                    if map.next_value_seed(entry)? {
                        let slot = slot.clone();
                        self.owned.entries.push(OwnedEntry { slot, key });
                    }
                    continue;
                }
                (FieldStep::Annotation(key), FieldPosition::Annotations(of)) => {
                    if key == COUPLED {
                        self.owned.record |= *of == AnnotationsOf::Object;
                    } else {
                        self.owned.judged = true;
                        let slot = of.slot();
                        self.owned.entries.push(OwnedEntry { slot, key });
                    }
                    None
                }
                (FieldStep::Content, _) => {
                    content = true;
                    None
                }
                _ => None,
            };
            match next {
                Some(at) => {
                    let owned = &mut *self.owned;
                    map.next_value_seed(Walk { at, owned })?;
                }
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        // of an item that is there twice, whoever owns it owns the whole
        Ok(content || empty)
    }

    // nothing else is ever there; what somebody made up is skipped

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<bool, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(false)
    }

    fn visit_unit<E>(self) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_bool<E>(self, _: bool) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_i64<E>(self, _: i64) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_u64<E>(self, _: u64) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_f64<E>(self, _: f64) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_str<E>(self, _: &str) -> Result<bool, E> {
        Ok(false)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn owned(fields: &Value) -> OwnedFields {
        serde_json::from_str(&fields.to_string()).unwrap()
    }

    fn template(container: &Value) -> Value {
        json!({"f:spec": {"f:template": {"f:spec": {"f:containers": {"k:{\"name\":\"c\"}": container}}}}})
    }

    #[test]
    fn the_content_of_a_variable_is_owned_and_not_its_name() {
        let env = json!({"f:env": {
            ".": {},
            "k:{\"name\":\"A\"}": {".": {}, "f:name": {}, "f:value": {}},
            "k:{\"name\":\"B\"}": {".": {}, "f:name": {}},
            "k:{\"name\":\"TWICE\"}": {},
        }});
        let owned = owned(&template(&env));
        let keys: Vec<_> = owned.entries.iter().map(|entry| &*entry.key).collect();
        assert_eq!(keys, ["A", "TWICE"]);
        assert!(owned.judged && !owned.record);
        assert_eq!(owned.entries[0].slot, Slot::Env("c".to_owned()));
    }

    #[test]
    fn who_owns_a_volume_a_mount_and_an_annotation_of_the_pods_is_known() {
        let file = "f:db.binding.integration.rock8s.com/host";
        let fields = json!({"f:spec": {"f:template": {
            "f:metadata": {"f:annotations": {file: {}, "f:other": {}}},
            "f:spec": {
                "f:containers": {"k:{\"name\":\"c\"}": {"f:volumeMounts": {
                    "k:{\"mountPath\":\"/bindings/db\"}": {".": {}, "f:mountPath": {}, "f:name": {}},
                    "k:{\"mountPath\":\"/other\"}": {".": {}, "f:mountPath": {}}}}},
                "f:volumes": {
                    "k:{\"name\":\"binding-db\"}": {".": {}, "f:name": {}, "f:projected": {"f:sources": {}}},
                    "k:{\"name\":\"other\"}": {".": {}, "f:name": {}}}}}}});
        let owned = owned(&fields);
        let mut entries: Vec<String> = owned
            .entries
            .iter()
            .map(|entry| format!("{} {}", entry.slot, entry.key))
            .collect();
        entries.sort();
        let expected = [
            "mounts/c /bindings/db",
            "pod.annotations db.binding.integration.rock8s.com/host",
            "pod.volumes binding-db",
        ];
        assert_eq!(entries, expected);
        // a bare Pod has them in its own annotations
        let pod = json!({"f:metadata": {"f:annotations": {file: {}}}});
        let owned = self::owned(&pod);
        assert_eq!(owned.entries[0].slot, Slot::Annotations);
        assert!(owned.judged && !owned.record);
    }

    #[test]
    fn what_is_judged_is_told_from_what_is_not() {
        let annotation =
            |key: &str| json!({"f:metadata": {"f:annotations": {format!("f:{key}"): {}}}});
        assert!(owned(&annotation(COUPLED)).record);
        assert_eq!(
            owned(&annotation("deployment.kubernetes.io/revision")),
            OwnedFields::default()
        );
        assert_eq!(
            owned(&json!({"f:status": {"f:spec": {}}})),
            OwnedFields::default()
        );
        assert!(owned(&json!({"f:metadata": {"f:labels": {"f:app": {}}}})).judged);
    }

    #[test]
    fn what_somebody_made_up_is_skipped() {
        for fields in [
            json!(null),
            json!([{"f:spec": {}}]),
            json!("f:spec"),
            json!(1.5),
            json!(true),
        ] {
            assert_eq!(owned(&fields), OwnedFields::default());
        }
        let odd = json!({"f:env": [1], "k:": {}, "": -1});
        assert_eq!(owned(&template(&odd)).entries, []);
    }
}
