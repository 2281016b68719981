//! Checks fields in the lists of a workload's containers, variables, volumes and mounts. Couplings
//! choose by the items of these lists and their names, so no field may change them.

use super::desired::Desired;
use super::entry::Entry;
use super::key_path::KeyPath;
use super::slot::Slot;
use super::workload::WorkloadNode;
use super::workload_kind::{ContainerPath, Mapping};
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::path::{Path, Step, walk};

/// The name of a variable or a volume.
const NAME: KeyPath = KeyPath::Fixed(&["name"]);
/// What distinguishes a mount from the others of its container.
const MOUNT_PATH: KeyPath = KeyPath::Fixed(&["mountPath"]);

/// What the items of a list are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PodPart {
    Container,
    Variable,
    Volume,
    Mount,
}

/// A step on the way to an item.
#[derive(Clone, Debug, PartialEq, Eq)]
enum WayStep<'m> {
    Key(&'m str),
    /// Any item of a list.
    Item,
}

/// A list whose items are distinguished.
struct PodList<'m> {
    part: PodPart,
    /// From the object to an item.
    way: Vec<WayStep<'m>>,
    /// From an item to what distinguishes it from the others, where anything does.
    key: Option<&'m KeyPath>,
}

/// What a field would do to a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ListChange {
    /// Its path ends at the list, at an item, or above them.
    Written,
    /// The item is not there.
    Made,
    /// It is what distinguishes the item from the others.
    Renamed,
}

/// The errors of fields that would change which containers, variables, volumes or mounts there are.
pub(super) fn judge(workload: &WorkloadNode<'_>, desired: &Desired<'_>) -> Vec<Diagnostic> {
    let Some(known) = workload.known else {
        return Vec::new();
    };
    let entries = desired
        .couplings
        .iter()
        .flat_map(|coupling| &coupling.entries);
    let fields = entries.filter_map(|entry| Some((entry, field_path(entry)?)));
    let mut errors = Vec::new();
    let mut lists = Vec::new();
    for (entry, path) in fields {
        if lists.is_empty() {
            lists = lists_of(known.mapping);
        }
        let change = lists
            .iter()
            .find_map(|list| Some((list.part, list.changed_by(workload, &path)?)));
        if let Some((part, change)) = change {
            errors.push(refused(workload, entry, &path, part, change));
        }
    }
    errors
}

/// The whole path of an entry that is a field.
fn field_path(entry: &Entry<'_>) -> Option<Vec<Step>> {
    let (above, last) = match &entry.slot {
        Slot::Found(path) => return Some(path.clone()),
        Slot::Members(path) => (path, Step::Key(entry.key.clone().into_owned())),
        Slot::Items(path) => (path, Step::Index(entry.key.parse().ok()?)),
        Slot::Appended(path) => (path, Step::Append),
        Slot::Env(_)
        | Slot::PodMetadata
        | Slot::PodAnnotations
        | Slot::Volumes
        | Slot::Mounts(_)
        | Slot::Labels
        | Slot::Annotations => return None,
    };
    let mut path = above.clone();
    path.push(last);
    Some(path)
}

/// Every such list of a kind of workload, those of the containers before those in them.
fn lists_of(mapping: &Mapping) -> Vec<PodList<'_>> {
    let mut lists = vec![PodList {
        part: PodPart::Volume,
        way: item_of(Vec::new(), &mapping.volumes),
        key: Some(&NAME),
    }];
    for containers in &*mapping.containers {
        lists.push(PodList {
            part: PodPart::Container,
            way: way_to(containers),
            key: containers.name.as_ref(),
        });
    }
    for containers in &*mapping.containers {
        let parts = [
            (PodPart::Variable, &containers.env, &NAME),
            (PodPart::Mount, &containers.mounts, &MOUNT_PATH),
        ];
        lists.extend(parts.map(|(part, list, key)| PodList {
            part,
            way: item_of(way_to(containers), list),
            key: Some(key),
        }));
    }
    lists
}

/// The way to a container.
fn way_to(containers: &ContainerPath) -> Vec<WayStep<'_>> {
    let lists = containers.lists.iter();
    let mut way = lists.fold(Vec::new(), item_of);
    way.extend(containers.inner.keys().map(WayStep::Key));
    way
}

/// The way to an item of a list that is below the end of another way.
fn item_of<'m>(mut way: Vec<WayStep<'m>>, list: &'m KeyPath) -> Vec<WayStep<'m>> {
    way.extend(list.keys().map(WayStep::Key));
    way.push(WayStep::Item);
    way
}

impl PodList<'_> {
    fn changed_by(&self, workload: &WorkloadNode<'_>, path: &[Step]) -> Option<ListChange> {
        let is_on_way = |(step, way): (&Step, &WayStep<'_>)| match (step, way) {
            (Step::Key(key), WayStep::Key(own)) => key == own,
            (Step::Index(_) | Step::Match { .. } | Step::Append, WayStep::Item) => true,
            (_, _) => false,
        };
        if !path.iter().zip(&self.way).all(is_on_way) {
            return None;
        }
        let below = match path.get(self.way.len()..) {
            None | Some([]) => return Some(ListChange::Written),
            Some(below) => below,
        };
        // what cannot be read is reported with the collection
        let walked = walk(workload.tree, workload.root, &path[..self.way.len()]).ok()?;
        if walked.matched < self.way.len() {
            return Some(ListChange::Made);
        }
        let key = self.key.map(KeyPath::keys);
        let is_key = key.is_some_and(|key| {
            key.map(|key| Step::Key(key.to_owned()))
                .eq(below.iter().cloned())
        });
        is_key.then_some(ListChange::Renamed)
    }
}

impl PodPart {
    fn noun(self) -> &'static str {
        match self {
            Self::Container => "container",
            Self::Variable => "variable",
            Self::Volume => "volume",
            Self::Mount => "volume mount",
        }
    }

    /// How there is one more of it.
    fn help(self) -> &'static str {
        match self {
            Self::Container => {
                "write the container in the workload itself; a field can only set a value in an \
                 existing container"
            }
            Self::Variable => "to set a variable, list it in `bind.env`",
            Self::Volume | Self::Mount => {
                "to mount files, use `bind.files` of a Plug; a field can only set a value in an \
                 existing volume"
            }
        }
    }
}

fn refused(
    workload: &WorkloadNode<'_>,
    entry: &Entry<'_>,
    path: &[Step],
    part: PodPart,
    change: ListChange,
) -> Diagnostic {
    let (path, noun, called) = (Path(path), part.noun(), workload.called());
    let message = match change {
        ListChange::Written => format!(
            "the field `{path}` of {called} cannot be written: it would replace a list of \
             {noun}s, or a whole {noun}"
        ),
        ListChange::Made => {
            format!("the field `{path}` of {called} cannot be written: it would add a {noun}")
        }
        ListChange::Renamed => {
            format!("the field `{path}` of {called} cannot be written: it identifies a {noun}")
        }
    };
    let error = Diagnostic::error(Code::FieldNotWritable, message).at(entry.at, "asked for here");
    workload.about(error.help(part.help()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::path::parse_written;
    use crate::manifest::{Place, Tree};
    use crate::project::{BUILT_IN, DocumentRef, WORKLOAD_KINDS};

    fn changed(tree: &Tree<'_>, path: &str) -> Option<(PodPart, ListChange)> {
        let document = DocumentRef {
            tree,
            start: Place::default(),
            kinds: &BUILT_IN,
        };
        let root = tree.root().unwrap();
        let workload = WorkloadNode::read(document, root, std::iter::empty()).unwrap();
        let steps = parse_written(path).unwrap();
        let lists = lists_of(workload.known.unwrap().mapping);
        lists
            .iter()
            .find_map(|list| Some((list.part, list.changed_by(&workload, &steps)?)))
    }

    const DEPLOYMENT: &str = "apiVersion: apps/v1\nkind: Deployment\nspec: {template: {spec: {containers: \
                              [{name: web, env: [{name: A, value: b}]}], volumes: [{name: v}]}}}\n";

    #[test]
    fn what_a_pod_is_made_of_is_not_changed_by_a_field() {
        let tree = Tree::read(DEPLOYMENT).unwrap();
        let pod = "spec.template.spec";
        for (path, part, change) in [
            ("spec", PodPart::Volume, ListChange::Written),
            ("spec.template", PodPart::Volume, ListChange::Written),
            (".containers", PodPart::Container, ListChange::Written),
            (".initContainers", PodPart::Container, ListChange::Written),
            (
                ".initContainers[+]",
                PodPart::Container,
                ListChange::Written,
            ),
            (
                ".initContainers[name=x].image",
                PodPart::Container,
                ListChange::Made,
            ),
            (
                ".containers[name=x].image",
                PodPart::Container,
                ListChange::Made,
            ),
            (
                ".containers[name=web].name",
                PodPart::Container,
                ListChange::Renamed,
            ),
            (
                ".containers[0].name",
                PodPart::Container,
                ListChange::Renamed,
            ),
            (".containers[0].env", PodPart::Variable, ListChange::Written),
            (
                ".containers[0].env[+]",
                PodPart::Variable,
                ListChange::Written,
            ),
            (
                ".containers[0].env[name=B].value",
                PodPart::Variable,
                ListChange::Made,
            ),
            (
                ".containers[0].env[name=A].name",
                PodPart::Variable,
                ListChange::Renamed,
            ),
            (
                ".containers[0].volumeMounts[+]",
                PodPart::Mount,
                ListChange::Written,
            ),
            (
                ".volumes[name=w].secret.secretName",
                PodPart::Volume,
                ListChange::Made,
            ),
        ] {
            let path = match path.strip_prefix('.') {
                Some(path) => format!("{pod}.{path}"),
                None => path.to_owned(),
            };
            assert_eq!(changed(&tree, &path), Some((part, change)), "{path}");
        }
        for path in [
            "spec.replicas",
            "spec.template.metadata.labels.x",
            "spec.template.spec.nodeSelector.x",
            "spec.template.spec.containers[0].image",
            "spec.template.spec.containers[name=web].env[name=A].value",
            "spec.template.spec.containers[name=web].args[+]",
            "spec.template.spec.containers[name=web].envFrom[+]",
            "spec.template.spec.volumes[name=v].secret.secretName",
            "spec.containers[name=x].image",
        ] {
            assert_eq!(changed(&tree, path), None, "{path}");
        }
    }

    #[test]
    fn every_kind_of_workload_keeps_its_containers() {
        for kind in &WORKLOAD_KINDS {
            let text = format!("apiVersion: {}\nkind: {}\n", kind.api_version(), kind.kind);
            let tree = Tree::read(&text).unwrap();
            for containers in &*kind.mapping.containers {
                let keys: Vec<&str> = containers.lists[0].keys().collect();
                let list = keys.join(".");
                let made = changed(&tree, &format!("{list}[name=x].image"));
                assert_eq!(made, Some((PodPart::Container, ListChange::Made)), "{list}");
                let whole = changed(&tree, &list);
                assert_eq!(
                    whole,
                    Some((PodPart::Container, ListChange::Written)),
                    "{list}"
                );
            }
        }
    }
}
