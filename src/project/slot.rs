//! Names the collections of an object that entries go into, with names that do not change if the
//! object is renamed or indented again.

use std::fmt;
use std::str::FromStr;

use serde::de::{Deserialize, Deserializer, Error, Visitor};

use super::service_binding::BINDING_ROOT;
use crate::manifest::Kind;
use crate::manifest::path::{self, Path, Step};

/// A collection of one object. Its text is what the record has.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slot {
    /// The variables of a container, by the container's name.
    Env(String),
    /// The metadata of the pods, which holds their annotations.
    PodMetadata,
    /// The annotations of the pods.
    PodAnnotations,
    /// The volumes of the pods.
    Volumes,
    /// The volume mounts of a container, by the container's name.
    Mounts(String),
    /// `metadata.labels`
    Labels,
    /// `metadata.annotations`
    Annotations,
    /// The members of the mapping at a path.
    Members(Vec<Step>),
    /// The items of the list at a path, distinguished by their position: `[2]`.
    Items(Vec<Step>),
    /// The same items, distinguished by their content.
    Appended(Vec<Step>),
    /// Parts of the text at a path, told apart by what they were before.
    Found(Vec<Step>),
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(container) => write!(f, "env/{container}"),
            Self::PodMetadata => f.write_str("pod.metadata"),
            Self::PodAnnotations => f.write_str("pod.annotations"),
            Self::Volumes => f.write_str("pod.volumes"),
            Self::Mounts(container) => write!(f, "mounts/{container}"),
            Self::Labels => f.write_str("metadata.labels"),
            Self::Annotations => f.write_str("metadata.annotations"),
            Self::Members(path) => write!(f, "fields/{}", Path(path)),
            Self::Items(path) => write!(f, "items/{}", Path(path)),
            Self::Appended(path) => write!(f, "appended/{}", Path(path)),
            Self::Found(path) => write!(f, "found/{}", Path(path)),
        }
    }
}

/// The steps of a path as a record has it.
fn steps(text: &str) -> Result<Vec<Step>, UnknownSlot> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let steps = path::parse(text).map_err(|_| UnknownSlot)?;
    if Path(&steps).to_string() == text {
        Ok(steps)
    } else {
        Err(UnknownSlot)
    }
}

/// A text that names no slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownSlot;

impl FromStr for Slot {
    type Err = UnknownSlot;

    fn from_str(text: &str) -> Result<Self, UnknownSlot> {
        match text {
            "pod.metadata" => Ok(Self::PodMetadata),
            "pod.annotations" => Ok(Self::PodAnnotations),
            "pod.volumes" => Ok(Self::Volumes),
            "metadata.labels" => Ok(Self::Labels),
            "metadata.annotations" => Ok(Self::Annotations),
            _ => match text.split_once('/') {
                Some(("env", container)) => Ok(Self::Env(container.to_owned())),
                Some(("mounts", container)) => Ok(Self::Mounts(container.to_owned())),
                Some(("fields", path)) => steps(path).map(Self::Members),
                Some(("items", path)) => steps(path).map(Self::Items),
                Some(("appended", path)) => steps(path).map(Self::Appended),
                Some(("found", path)) => steps(path).map(Self::Found),
                _ => Err(UnknownSlot),
            },
        }
    }
}

impl<'de> Deserialize<'de> for Slot {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl Visitor<'_> for Text {
            type Value = Slot;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a collection")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Slot, E> {
                text.parse()
                    .map_err(|UnknownSlot| E::custom("there is no collection with this name"))
            }
        }

        deserializer.deserialize_str(Text)
    }
}

impl Slot {
    /// The container that it belongs to.
    pub fn container(&self) -> Option<&str> {
        match self {
            Self::Env(container) | Self::Mounts(container) => Some(container),
            Self::PodMetadata
            | Self::PodAnnotations
            | Self::Volumes
            | Self::Labels
            | Self::Annotations
            | Self::Members(_)
            | Self::Items(_)
            | Self::Appended(_)
            | Self::Found(_) => None,
        }
    }

    /// Whether it is a part of the pods that a workload makes.
    pub(super) fn is_of_pods(&self) -> bool {
        match self {
            Self::Env(_)
            | Self::PodMetadata
            | Self::PodAnnotations
            | Self::Volumes
            | Self::Mounts(_) => true,
            Self::Labels
            | Self::Annotations
            | Self::Members(_)
            | Self::Items(_)
            | Self::Appended(_)
            | Self::Found(_) => false,
        }
    }

    /// The collection under the name of what it is, and not how its entries are distinguished.
    pub(super) fn collection(&self) -> Self {
        match self {
            Self::Appended(path) => Self::Items(path.clone()),
            other => other.clone(),
        }
    }

    /// The collection at a path whose next step is this one; without one, a mapping.
    pub(super) fn at(path: &[Step], next: Option<&Step>) -> Self {
        match next {
            Some(Step::Match { .. } | Step::Index(_) | Step::Append) => Self::Items(path.to_vec()),
            Some(Step::Key(_)) | None => Self::Members(path.to_vec()),
        }
    }

    /// The collection that it is an element of, where a record may name that.
    pub(super) fn holder(&self) -> Option<Self> {
        match self {
            Self::PodAnnotations => Some(Self::PodMetadata),
            Self::Members(path) | Self::Items(path) | Self::Appended(path) => {
                let (last, above) = path.split_last()?;
                Some(Self::at(above, Some(last)))
            }
            Self::Env(_)
            | Self::PodMetadata
            | Self::Volumes
            | Self::Mounts(_)
            | Self::Labels
            | Self::Annotations
            | Self::Found(_) => None,
        }
    }

    /// The member that distinguishes it from the other items of its list, where it is an item.
    pub(super) fn own_key(&self) -> Option<&str> {
        match self {
            Self::Members(path) => match path.last() {
                Some(Step::Match { key, .. }) => Some(key),
                Some(Step::Key(_) | Step::Index(_) | Step::Append) | None => None,
            },
            _ => None,
        }
    }

    /// The field that distinguishes the items of the list; `None`: it is a mapping, distinguished
    /// by its keys.
    pub fn item_key(&self) -> Option<&'static str> {
        match self {
            Self::Env(_) | Self::Volumes => Some("name"),
            Self::Mounts(_) => Some("mountPath"),
            Self::PodMetadata
            | Self::PodAnnotations
            | Self::Labels
            | Self::Annotations
            | Self::Members(_)
            | Self::Items(_)
            | Self::Appended(_)
            | Self::Found(_) => None,
        }
    }

    /// What a collection of it is in YAML.
    pub(super) fn kind(&self) -> Kind {
        if matches!(self, Self::Found(_)) {
            Kind::Scalar
        } else if self.item_key().is_some() || matches!(self, Self::Items(_) | Self::Appended(_)) {
            Kind::Sequence
        } else {
            Kind::Mapping
        }
    }

    /// Whether several Plugs write an entry together: see [`Conflict::Common`].
    ///
    /// [`Conflict::Common`]: super::Conflict::Common
    pub(super) fn is_common(&self, key: &str) -> bool {
        matches!(self, Self::Env(_)) && key == BINDING_ROOT
    }

    /// What an entry of it is called.
    pub fn noun(&self) -> &'static str {
        match self {
            Self::Env(_) => "variable",
            Self::Volumes => "volume",
            Self::Mounts(_) => "volume mount",
            Self::PodAnnotations | Self::Annotations => "annotation",
            Self::Labels => "label",
            Self::PodMetadata => "member",
            Self::Members(_) => "field",
            Self::Items(_) | Self::Appended(_) => "item",
            Self::Found(_) => "text",
        }
    }

    /// What the collection belongs to, in words: `container web`, or the object's part.
    pub fn owner(&self) -> String {
        match self {
            Self::Env(container) | Self::Mounts(container) => format!("container {container}"),
            Self::PodMetadata | Self::PodAnnotations | Self::Volumes => "pods".to_owned(),
            Self::Labels => "labels".to_owned(),
            Self::Annotations => "annotations".to_owned(),
            Self::Members(_) | Self::Items(_) | Self::Appended(_) | Self::Found(_) => {
                "fields".to_owned()
            }
        }
    }

    /// The key of an entry in words, with the collection that holds it.
    pub fn place(&self, key: &str) -> String {
        match self {
            Self::Env(container) | Self::Mounts(container) => {
                format!("`{key}` of container `{container}`")
            }
            Self::PodAnnotations | Self::PodMetadata | Self::Volumes => {
                format!("`{key}` of the pods")
            }
            Self::Labels | Self::Annotations => format!("`{key}`"),
            Self::Members(_) | Self::Items(_) | Self::Appended(_) => {
                format!("`{}`", self.named(key))
            }
            Self::Found(path) => format!("`{key}` in `{}`", Path(path)),
        }
    }

    /// An entry as it is named where it is asked for: a field by its whole path.
    pub fn named(&self, key: &str) -> String {
        match self {
            Self::Members(path) => {
                let mut steps = path.clone();
                steps.push(Step::Key(key.to_owned()));
                Path(&steps).to_string()
            }
            Self::Items(path) => format!("{}[{key}]", Path(path)),
            Self::Appended(path) => format!("{}[+]", Path(path)),
            Self::Found(path) => format!("{} ({key})", Path(path)),
            _ => key.to_owned(),
        }
    }

    /// An entry in words, with the collection that holds it.
    pub(super) fn entry(&self, key: &str) -> String {
        format!("the {} {}", self.noun(), self.place(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_every_slot_names_it() {
        let slots = [
            Slot::Env("a/b".to_owned()),
            Slot::PodMetadata,
            Slot::PodAnnotations,
            Slot::Volumes,
            Slot::Mounts("a/b".to_owned()),
            Slot::Labels,
            Slot::Annotations,
            Slot::Members(Vec::new()),
            Slot::Members(path::parse("spec.values['a.b/c'].x").unwrap()),
            Slot::Items(path::parse("spec.users[0].roles[name='a b']").unwrap()),
            Slot::Appended(path::parse("spec.args").unwrap()),
            Slot::Found(path::parse("data['app.conf']").unwrap()),
        ];
        for slot in slots {
            assert_eq!(slot.to_string().parse(), Ok(slot));
        }
        for text in [
            "volumes",
            "fields",
            "fields/a.",
            "fields/['a']",
            "items/a[00]",
        ] {
            assert_eq!(text.parse::<Slot>(), Err(UnknownSlot), "{text}");
        }
    }
}
