//! Defines a resource as a coupling has it: its templates are evaluated, and references are still
//! references.

use std::rc::Rc;

use super::value::ResolvedValue;
use crate::api::{ManifestNode, ManifestValue};
use crate::manifest::Place;

/// A manifest that exists while coupled.
#[derive(Clone, Debug, PartialEq)]
pub struct CoupledResource {
    /// Whose `resources` it is of.
    pub owner: ResourceOwner,
    /// What distinguishes it from the others of its owner.
    pub name: String,
    /// Where it is.
    pub home: HomeNamespace,
    /// The manifest, as written for its owner and the Plug; null is left out.
    pub manifest: ManifestNode<ResourceLeaf>,
    /// What the names of variables begin with that a text needs: the Plug's `spec.name`.
    pub prefix: Rc<str>,
    /// Where it is written.
    pub at: Place,
}

impl CoupledResource {
    /// The `kind` of its manifest, which is no template.
    pub fn kind(&self) -> &str {
        let kind = self.manifest.member("kind").map(|node| &node.value);
        match kind {
            Some(ManifestValue::Leaf(ResourceLeaf::Written(kind))) => {
                kind.as_str().unwrap_or_default()
            }
            _ => "",
        }
    }
}

/// Whose `resources` a resource is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ResourceOwner {
    /// The Plug's.
    Plug,
    /// The Socket's.
    Socket,
}

impl ResourceOwner {
    /// Its kind.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Plug => "Plug",
            Self::Socket => "Socket",
        }
    }
}

/// Where a resource is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HomeNamespace {
    /// In the Plug's namespace; `None` is the unknown one.
    OfPlug(Option<String>),
    /// In the Socket's namespace; `None` is the unknown one.
    OfSocket(Option<String>),
    /// In none: it is of the cluster.
    Cluster,
}

impl HomeNamespace {
    /// The namespace, where it is in one that is known.
    pub fn namespace(&self) -> Option<&str> {
        match self {
            Self::OfPlug(namespace) | Self::OfSocket(namespace) => namespace.as_deref(),
            Self::Cluster => None,
        }
    }
}

/// A scalar of a manifest.
#[derive(Clone, Debug, PartialEq)]
pub enum ResourceLeaf {
    /// As its author wrote it.
    Written(serde_json::Value),
    /// What a template gives.
    Evaluated(ResolvedValue),
    /// The name of the object that a reference points into, which others may change after us.
    ObjectName(String),
}
