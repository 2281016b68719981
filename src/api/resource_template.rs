//! Defines an entry of `resources`: a manifest as its author wrote it, with a place for each value.

use serde_json::Value;

use super::Spanned;
use crate::manifest::Place;

/// One entry of `resources`: a manifest that exists while coupled.
#[derive(Clone, Debug, PartialEq)]
pub struct ResourceTemplate {
    /// `name`: what distinguishes it from the others of its owner.
    pub name: Spanned<String>,
    /// `namespace`
    pub home: ResourceHome,
    /// `if`: a template; without it, the resource always exists.
    pub condition: Option<Spanned<String>>,
    /// `manifest`, a mapping; texts in it are templates.
    pub manifest: ManifestNode<Value>,
    /// Which item of `spec.resources` it is.
    pub position: usize,
    /// Where the entry is.
    pub at: Place,
}

/// Where a resource is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ResourceHome {
    /// In its owner's namespace.
    #[default]
    Owner,
    /// In the Socket's namespace.
    Socket,
    /// In the Plug's namespace.
    Plug,
    /// In no namespace: it is of the cluster.
    Cluster,
}

/// A value of a manifest: its members in the order in which they are written, each with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestNode<T> {
    /// Where it is.
    pub at: Place,
    /// What it is.
    pub value: ManifestValue<T>,
}

/// What a value of a manifest is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ManifestValue<T> {
    /// A scalar.
    Leaf(T),
    /// A list.
    List(Vec<ManifestNode<T>>),
    /// A mapping.
    Map(Vec<ManifestMember<T>>),
}

/// A member of a mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestMember<T> {
    /// Its key.
    pub key: String,
    /// Its value.
    pub node: ManifestNode<T>,
}

impl<T> ManifestNode<T> {
    /// The member of a mapping under a key.
    pub fn member(&self, key: &str) -> Option<&Self> {
        let ManifestValue::Map(members) = &self.value else {
            return None;
        };
        let found = members.iter().find(|member| member.key == key);
        found.map(|member| &member.node)
    }

    /// The value at a path of keys.
    pub fn at_keys<'k>(&self, keys: impl IntoIterator<Item = &'k str>) -> Option<&Self> {
        let mut keys = keys.into_iter();
        keys.try_fold(self, |node, key| node.member(key))
    }
}
