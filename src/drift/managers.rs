//! Reads `managedFields`: which field manager owns which variable, and when it wrote what is
//! judged.
//!
//! `f:…` are fields, `k:{…}` list items by key:
//! <https://kubernetes.io/docs/reference/using-api/server-side-apply/>. All else is skipped while
//! it is read: of a live object it is the largest part.

use std::sync::LazyLock;

use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::project::{COUPLED, Slot, WorkloadKind};

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
    /// Something below `spec`, or labels.
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
    Judged,
    Record,
}

/// A path of fields, without `f:`.
struct FieldPath {
    path: Vec<&'static str>,
    target: FieldTarget,
}

static PATHS: LazyLock<Vec<FieldPath>> = LazyLock::new(|| {
    let mut lists: Vec<_> = WorkloadKind::watched()
        .flat_map(|known| known.mapping.containers.iter())
        .flat_map(|containers| containers.lists.first())
        .map(|list| list.keys().collect::<Vec<_>>())
        .collect();
    lists.sort_unstable();
    lists.dedup();
    let containers = lists.into_iter().map(|list| FieldPath {
        path: list,
        target: FieldTarget::Containers,
    });
    let others = [
        (&["spec"][..], FieldTarget::Judged),
        (&["metadata", "labels"], FieldTarget::Judged),
        (&["metadata", "annotations", COUPLED], FieldTarget::Record),
    ];
    let others = others.map(|(path, target)| FieldPath {
        path: path.to_vec(),
        target,
    });
    containers.chain(others).collect()
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
    /// In the variables of a container.
    Variables(String),
    /// In one variable.
    Variable,
}

/// A walk through the fields; what it gives is whether the content of a variable was there.
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
    /// An item of a list by its name.
    Item(String),
    /// The variables of a container.
    Variables,
    /// The content of a variable.
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
        let item = || {
            let name: Option<NamedItem> = serde_json::from_str(key.strip_prefix("k:")?).ok();
            Some(FieldStep::Item(name?.name))
        };
        Ok(match self.0 {
            FieldPosition::Paths { on, depth } => key
                .strip_prefix("f:")
                .map_or(FieldStep::Other, |key| on_paths(*on, *depth, key)),
            FieldPosition::Containers | FieldPosition::Variables(_) => {
                item().unwrap_or(FieldStep::Other)
            }
            FieldPosition::Container(_) if key == "f:env" => FieldStep::Variables,
            FieldPosition::Variable if matches!(key, "f:value" | "f:valueFrom") => {
                FieldStep::Content
            }
            FieldPosition::Container(_) | FieldPosition::Variable => FieldStep::Other,
        })
    }
}

/// The key of a list item that has a name.
#[derive(Deserialize)]
struct NamedItem {
    name: String,
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
                    self.owned.record |= ends.contains(&FieldTarget::Record);
                    let depth = depth + 1;
                    match ends.contains(&FieldTarget::Containers) {
                        true => Some(FieldPosition::Containers),
                        false => (on != 0).then_some(FieldPosition::Paths { on, depth }),
                    }
                }
                (FieldStep::Item(container), FieldPosition::Containers) => {
                    Some(FieldPosition::Container(container))
                }
                (FieldStep::Variables, FieldPosition::Container(name)) => {
                    Some(FieldPosition::Variables(name.clone()))
                }
                (FieldStep::Item(key), FieldPosition::Variables(container)) => {
                    let variable = Walk {
                        at: FieldPosition::Variable,
                        owned: &mut *self.owned,
                    };
                    if map.next_value_seed(variable)? {
                        let slot = Slot::Env(container.clone());
                        self.owned.entries.push(OwnedEntry { slot, key });
                    }
                    continue;
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
    use serde_json::{Value, json};

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
