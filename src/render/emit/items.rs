//! Edits the items of a list: resources are added to a ResourceList and removed from any list, and
//! coupler's own objects are removed or marked.

use std::collections::BTreeSet;

use super::{DocumentEdits, EditObstacle};
use crate::api::Integrations;
use crate::diagnostic::{Setting, words};
use crate::edit::{self, Insertion, Member, Value};
use crate::manifest::stream::{items, objects};
use crate::manifest::{NodeId, Reading, Tree};

/// The host's mark for objects that are not for the cluster.
const LOCAL_CONFIG: &str = "config.kubernetes.io/local-config";

/// Where hosts that write items back to files say which file an item is from.
pub(in crate::render) const HOST_PATHS: [&str; 2] = [
    "internal.config.kubernetes.io/path",
    "config.kubernetes.io/path",
];

/// New items, and the position among the objects of the document that they precede.
struct NewItems {
    position: usize,
    count: usize,
}

impl DocumentEdits<'_, '_> {
    /// Whether new resources become items of this document.
    pub(super) fn inserts_items(&self) -> bool {
        let is_list = |tree: &Tree<'_>| {
            tree.read_text(NodeId::ROOT, &["kind"]) == Reading::Value("ResourceList")
        };
        !self.resources.new.is_empty() && self.stream.tree(self.index).is_ok_and(is_list)
    }

    /// The document with its items edited; `None`: nothing of it changes.
    pub(super) fn edited_items(&self, text: &str) -> Result<Option<String>, EditObstacle> {
        let changed: Vec<NodeId> = self
            .resources
            .changed
            .iter()
            .map(|(node, _)| *node)
            .collect();
        let gone = self.resources.gone.iter().chain(&changed).copied();
        let gone: BTreeSet<NodeId> = gone.collect();
        let (Some(mut ours), Some(mut gone)) = (
            self.positions(self.ours),
            self.positions(&gone.into_iter().collect::<Vec<_>>()),
        ) else {
            return Ok(None);
        };
        let mut edited = None;
        if !changed.is_empty() || self.inserts_items() {
            let (new, added) = self.with_new_items(text)?;
            edited = Some(new);
            // each new item before an object moves it by one
            for position in ours.iter_mut().chain(&mut gone) {
                let before = added.iter().filter(|new| new.position <= *position);
                *position += before.map(|new| new.count).sum::<usize>();
            }
        }
        if self.integrations == Integrations::LocalConfig && !ours.is_empty() {
            let text = edited.as_deref().unwrap_or(text);
            edited = mark(text, &ours)?.or(edited);
        }
        if self.integrations == Integrations::Drop {
            gone.extend(ours);
        }
        if !gone.is_empty() {
            let text = edited.as_deref().unwrap_or(text);
            edited = without(text, &gone)?.or(edited);
        }
        Ok(edited)
    }

    /// Where objects are among those of the document: projecting moves none.
    fn positions(&self, nodes: &[NodeId]) -> Option<Vec<usize>> {
        match nodes {
            [] => return Some(Vec::new()),
            [NodeId::ROOT] => return Some(vec![0]),
            _ => {}
        }
        let tree = self.stream.tree(self.index).ok()?;
        let all = objects(tree).into_iter().enumerate();
        Some(
            all.filter(|(_, object)| nodes.binary_search(object).is_ok())
                .map(|(position, _)| position)
                .collect(),
        )
    }

    /// The text with the resources that are new or written again, and where they are.
    fn with_new_items(&self, text: &str) -> Result<(String, Vec<NewItems>), EditObstacle> {
        let tree = Tree::read(text).map_err(|_| cannot_insert())?;
        let all = objects(&tree);
        let here = |node: NodeId| {
            let position = self.positions(&[node])?.first().copied()?;
            all.get(position).copied()
        };
        let mut insertions: Vec<Insertion<'_>> = Vec::new();
        let mut added = Vec::new();
        for (node, value) in &self.resources.changed {
            let node = here(*node).ok_or_else(cannot_insert)?;
            let list = tree.parent(node).ok_or_else(cannot_insert)?;
            insertions.push(Insertion::Items {
                list,
                before: Some(node),
                items: vec![value.clone()],
            });
            added.push(NewItems {
                position: position_of(&tree, &all, Some(node)),
                count: 1,
            });
        }
        let list = items(&tree, NodeId::ROOT).filter(|_| self.inserts_items());
        for new in self.resources.new.iter().filter(|_| list.is_some()) {
            let (Some(list), Some(owner)) = (list, here(new.owner)) else {
                return Err(cannot_insert());
            };
            let item = std::iter::successors(Some(owner), |&node| tree.parent(node))
                .find(|&node| tree.parent(node) == Some(list))
                .ok_or_else(cannot_insert)?;
            let next = tree
                .children(list)
                .skip_while(|&other| other != item)
                .nth(1);
            insertions.push(Insertion::Items {
                list,
                before: next,
                items: vec![with_path(&new.value, &tree, owner)],
            });
            added.push(NewItems {
                position: position_of(&tree, &all, next),
                count: 1,
            });
        }
        match edit::inserted(&tree, &insertions) {
            Ok(text) => Ok((text, added)),
            Err(_) => Err(cannot_insert()),
        }
    }
}

/// The position of the first object that an item is or holds; behind all of them for none.
fn position_of(tree: &Tree<'_>, all: &[NodeId], item: Option<NodeId>) -> usize {
    let Some(item) = item else { return all.len() };
    let is_within = |object: &NodeId| {
        std::iter::successors(Some(*object), |&node| tree.parent(node)).any(|node| node == item)
    };
    all.iter().position(is_within).unwrap_or(all.len())
}

/// A resource with the file of its owner, and no position in it: the host puts it last.
fn with_path(value: &Value<'static>, tree: &Tree<'_>, owner: NodeId) -> Value<'static> {
    let path = |key: &str| {
        let path = tree.read_text(owner, &["metadata", "annotations", key]);
        path.shown().map(str::to_owned)
    };
    let paths = HOST_PATHS.iter().filter_map(|key| {
        let path = path(key)?;
        Some(((*key).into(), Value::Text(path.into())))
    });
    let paths: Vec<Member<'static>> = paths.collect();
    let mut value = value.clone();
    if let Some(annotations) =
        member(&mut value, "metadata").and_then(|metadata| member(metadata, "annotations"))
        && let Value::Map(members) = annotations
    {
        members.extend(paths);
    }
    value
}

fn member<'v>(value: &'v mut Value<'static>, key: &str) -> Option<&'v mut Value<'static>> {
    let Value::Map(members) = value else {
        return None;
    };
    let found = members.iter_mut().find(|(known, _)| known == key);
    found.map(|(_, value)| value)
}

/// The document without the objects at some positions.
fn without(text: &str, positions: &[usize]) -> Result<Option<String>, EditObstacle> {
    let Ok(tree) = Tree::read(text) else {
        return Ok(None);
    };
    let all = objects(&tree);
    let positions = positions.iter();
    let left_out: BTreeSet<NodeId> = positions
        .filter_map(|&position| all.get(position).copied())
        .collect();
    let mut gone = Vec::new();
    match tree
        .root()
        .map(|root| leaves(&tree, root, &left_out, &mut gone))
    {
        None => return Ok(None),
        Some(true) => return Ok(Some(String::new())),
        Some(false) => {}
    }
    let without = edit::without(&tree, gone);
    without.map(Some).ok_or_else(|| EditObstacle {
        message: "this item cannot be removed from its list safely".to_owned(),
        label: "an alias elsewhere, or the way it is written, prevents it",
        help: words![
            "write it as a document of its own, or keep it: ",
            Setting::IntegrationsKeep
        ],
    })
}

/// The document with the objects at some positions marked as not for the cluster.
fn mark(text: &str, positions: &[usize]) -> Result<Option<String>, EditObstacle> {
    let Ok(tree) = Tree::read(text) else {
        return Ok(None);
    };
    let all = objects(&tree);
    let ours: Vec<NodeId> = positions
        .iter()
        .filter_map(|&position| all.get(position).copied())
        .collect();
    edit::annotate(&tree, &ours, LOCAL_CONFIG, "true").map_err(|_| EditObstacle {
        message: "this object cannot be marked `config.kubernetes.io/local-config` safely"
            .to_owned(),
        label: "an alias, an anchor, a merge key or a tag prevents it",
        help: "write the annotation yourself: `config.kubernetes.io/local-config: \"true\"`".into(),
    })
}

/// Whether a node goes or is a list of nothing else; of any other list the items that go are added
/// to `gone`.
fn leaves(
    tree: &Tree<'_>,
    node: NodeId,
    left_out: &BTreeSet<NodeId>,
    gone: &mut Vec<NodeId>,
) -> bool {
    let Some(list) = items(tree, node) else {
        return left_out.contains(&node);
    };
    let before = gone.len();
    let (mut count, mut left) = (0, 0);
    for item in tree.children(list) {
        count += 1;
        if leaves(tree, item, left_out, gone) {
            gone.push(item);
            left += 1;
        }
    }
    let is_emptied = count > 0 && left == count;
    if is_emptied {
        gone.truncate(before);
    }
    is_emptied
}

fn cannot_insert() -> EditObstacle {
    EditObstacle {
        message: "a resource cannot be added to this list safely".to_owned(),
        label: "the way it is written prevents it",
        help: "write the items of the list as a block, one below the other".into(),
    }
}
