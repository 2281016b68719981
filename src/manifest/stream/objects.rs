//! Finds the objects of one document, and reads the kind of each.

use std::borrow::Cow;

use crate::manifest::{Kind, NodeId, Reading, Tree};

/// The list of a `List`, `DeploymentList`, `ResourceList`…: any kind so named whose `items` is a
/// list, as kyaml does it.
pub fn items(tree: &Tree<'_>, root: NodeId) -> Option<NodeId> {
    let kind = tree
        .written_member(root, "kind")
        .and_then(|kind| tree.str(kind))?;
    let list = tree.written_member(root, "items")?;
    (kind.ends_with("List") && tree.kind(list) == Kind::Sequence).then_some(list)
}

/// The objects of a document, in order: the root, or the items of a list, of lists in it too.
pub fn objects(tree: &Tree<'_>) -> Vec<NodeId> {
    let mut found = Vec::new();
    let mut open: Vec<NodeId> = tree.root().into_iter().collect();
    while let Some(node) = open.pop() {
        match items(tree, node) {
            Some(list) => {
                let before = open.len();
                open.extend(tree.children(list));
                open[before..].reverse();
            }
            None => found.push(node),
        }
    }
    found
}

/// The kind that an object declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectType<'a> {
    /// `apiVersion`
    pub api_version: Cow<'a, str>,
    /// `kind`
    pub kind: Cow<'a, str>,
}

/// The kind that an object declares. An item of a `DeploymentList` without a kind is a Deployment
/// of the list's version.
///
/// <https://github.com/kubernetes/apimachinery/blob/master/pkg/apis/meta/v1/unstructured/helpers.go>
pub fn type_of<'a>(tree: &Tree<'a>, object: NodeId) -> Option<ObjectType<'a>> {
    let text = |node, key| {
        tree.written_member(node, key)
            .and_then(|value| tree.cow(value))
    };
    match (text(object, "apiVersion"), text(object, "kind")) {
        (Some(api_version), Some(kind)) => Some(ObjectType { api_version, kind }),
        (None, None) if tree.opaque(object).is_none() => {
            let list = tree.parent(object).and_then(|list| tree.parent(list))?;
            let kind = text(list, "kind")?;
            let kind = kind
                .strip_suffix("List")
                .filter(|kind| !["", "Resource"].contains(kind))?
                .to_owned();
            Some(ObjectType {
                api_version: text(list, "apiVersion")?,
                kind: kind.into(),
            })
        }
        _ => None,
    }
}

/// The scalar under `metadata` of an object.
pub fn metadata<'t>(tree: &'t Tree<'_>, object: NodeId, key: &str) -> Reading<&'t str> {
    tree.read_text(object, &["metadata", key])
        .then(|text| match text {
            "" => Reading::Absent,
            text => Reading::Value(text),
        })
}

/// The group of an `apiVersion`; that of the core kinds is empty.
pub fn group(api_version: &str) -> &str {
    api_version.split_once('/').map_or("", |(group, _)| group)
}
