//! Reads and writes the record of a resource: one annotation of compact JSON, which names its owner
//! and lists a digest for each leaf of its manifest.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::record::{Invalid, Sources};
use crate::couple::{HomeNamespace, ResourceOwner};
use crate::manifest::{NodeId, Reading, Tree, emit};

/// The annotation of a resource.
pub const RESOURCE: &str = "integration.rock8s.com/resource";
/// The format that this coupler writes and reads.
const VERSION: u32 = 1;

/// Everything that coupler knows about a resource that it wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceRecord {
    /// Where the Plugs were after the run.
    pub sources: Sources,
    /// Whose `resources` it is of.
    pub owner: ResourceOwner,
    /// What distinguishes it from the others of its owner.
    pub resource: String,
    /// Whose namespace it is in.
    pub home: RecordedHome,
    /// The Plug: `namespace/name`, or `name` where it is in the resource's own namespace, which
    /// hosts change.
    pub plug: String,
    /// The Socket: `namespace/name`, or `name` where the namespace is not known.
    pub socket: String,
    /// `name@version`.
    pub interface: String,
    /// The object's name as it was written.
    pub object: String,
    /// The leaves of the manifest by their paths, each with the digest of its content.
    pub leaves: BTreeMap<String, String>,
}

/// Whose namespace a resource is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RecordedHome {
    /// The Plug's.
    Plug,
    /// The Socket's.
    Socket,
    /// Nobody's: it is of the cluster.
    None,
}

impl From<&HomeNamespace> for RecordedHome {
    fn from(home: &HomeNamespace) -> Self {
        match home {
            HomeNamespace::OfPlug(_) => Self::Plug,
            HomeNamespace::OfSocket(_) => Self::Socket,
            HomeNamespace::Cluster => Self::None,
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ResourceText {
    v: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sources: Option<String>,
    owner: String,
    resource: String,
    namespace: RecordedHome,
    plug: String,
    socket: String,
    interface: String,
    object: String,
    leaves: BTreeMap<String, String>,
}

impl ResourceRecord {
    /// The text of the annotation.
    pub fn write(&self) -> String {
        let text = ResourceText {
            v: VERSION,
            sources: (self.sources == Sources::Omitted).then(|| "omitted".to_owned()),
            owner: self.owner.kind().to_owned(),
            resource: self.resource.clone(),
            namespace: self.home,
            plug: self.plug.clone(),
            socket: self.socket.clone(),
            interface: self.interface.clone(),
            object: self.object.clone(),
            leaves: self.leaves.clone(),
        };
        // texts and numbers alone: nothing of it can fail
        let json = serde_json::to_string(&text).unwrap_or_default();
        emit::ascii(&json)
    }

    /// Reads the text of an annotation.
    fn read(text: &str) -> Result<Self, String> {
        let json: serde_json::Value =
            serde_json::from_str(text).map_err(|_| "this record is not JSON".to_owned())?;
        match json.get("v").and_then(serde_json::Value::as_u64) {
            Some(v) if v == u64::from(VERSION) => {}
            Some(v) => {
                return Err(format!(
                    "this record is of format {v}; this coupler knows format {VERSION}"
                ));
            }
            None => return Err("this record has no format version `v`".to_owned()),
        }
        let unknown = || "this record is not in the form that coupler writes".to_owned();
        let text: ResourceText = serde_json::from_value(json).map_err(|_| unknown())?;
        let sources = match text.sources.as_deref() {
            None => Sources::Kept,
            Some("omitted") => Sources::Omitted,
            Some(_) => return Err("`sources` of this record is not `omitted`".to_owned()),
        };
        let owners = [ResourceOwner::Plug, ResourceOwner::Socket];
        let owner = owners.into_iter().find(|owner| owner.kind() == text.owner);
        Ok(Self {
            sources,
            owner: owner.ok_or_else(unknown)?,
            resource: text.resource,
            home: text.namespace,
            plug: text.plug,
            socket: text.socket,
            interface: text.interface,
            object: text.object,
            leaves: text.leaves,
        })
    }
}

/// The record of the resource at `root`; `None`: it is none that coupler wrote.
///
/// # Errors
/// A record of another version, or not what coupler writes.
pub fn resource_record(tree: &Tree<'_>, root: NodeId) -> Option<Result<ResourceRecord, Invalid>> {
    let at = |node| {
        move |message: String| Invalid {
            span: tree.span(node),
            message,
        }
    };
    let node = match tree.read_at(root, &["metadata", "annotations", RESOURCE]) {
        Reading::Value(node) => node,
        Reading::Absent | Reading::NotReadable(_) => return None,
    };
    let text = tree.str(node).ok_or("this record is not text".to_owned());
    Some(
        text.and_then(ResourceRecord::read)
            .map_err(|message| at(node)(message)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> ResourceRecord {
        ResourceRecord {
            sources: Sources::Omitted,
            owner: ResourceOwner::Socket,
            resource: "create".to_owned(),
            home: RecordedHome::Socket,
            plug: "shop/db".to_owned(),
            socket: "data/pg".to_owned(),
            interface: "postgresql@1.0.0".to_owned(),
            object: "create-shop-db".to_owned(),
            leaves: [("spec['é']".to_owned(), "0b34ea7644".to_owned())].into(),
        }
    }

    fn read(text: &str) -> Result<ResourceRecord, String> {
        let text = format!(
            "metadata: {{annotations: {{{RESOURCE}: {}}}}}\n",
            emit::single(text)
        );
        let tree = Tree::read(&text).unwrap();
        let found = resource_record(&tree, NodeId::ROOT).unwrap();
        found.map_err(|invalid| invalid.message)
    }

    #[test]
    fn it_is_written_in_a_fixed_order_and_read_again() {
        let text = record().write();
        assert_eq!(
            text,
            r#"{"v":1,"sources":"omitted","owner":"Socket","resource":"create","namespace":"Socket","plug":"shop/db","socket":"data/pg","interface":"postgresql@1.0.0","object":"create-shop-db","leaves":{"spec['\u00E9']":"0b34ea7644"}}"#
        );
        assert_eq!(read(&text), Ok(record()));
    }

    #[test]
    fn what_cannot_be_used_says_why() {
        let text = record().write();
        for (text, why) in [
            ("{".to_owned(), "not JSON"),
            ("{}".to_owned(), "no format version"),
            (text.replace("\"v\":1", "\"v\":2"), "format 2"),
            (
                text.replace("Socket\",\"resource", "Plugs\",\"resource"),
                "not in the form",
            ),
            (text.replace("omitted", "here"), "not `omitted`"),
            (text.replace("\"leaves\"", "\"leafs\""), "not in the form"),
        ] {
            let found = read(&text).unwrap_err();
            assert!(found.contains(why), "{text}: {found}");
        }
        let tree = Tree::read("metadata: {annotations: {a: b}}\n").unwrap();
        assert_eq!(resource_record(&tree, NodeId::ROOT), None);
    }
}
