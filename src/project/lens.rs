//! The lens: where a workload's containers are, whatever its kind; nothing else of it is read.

use crate::manifest::{Kind, NodeId, Tree};

/// One container of a pod template, init containers included: they share one space of names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Container<'t> {
    /// `name`, where it is written.
    pub name: Option<&'t str>,
    /// The container's mapping.
    pub node: NodeId,
    /// Whether it stands under `initContainers`.
    pub init: bool,
}

/// The kinds that [`pod_path`] knows.
pub const KINDS: [&str; 7] = ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob", "Pod"];

/// The path from a workload's root to its pod spec, if the kind has one that we know.
pub fn pod_path(api_version: &str, kind: &str) -> Option<&'static [&'static str]> {
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    match (group, kind) {
        ("apps" | "extensions", "Deployment" | "DaemonSet" | "ReplicaSet")
        | ("apps", "StatefulSet")
        | ("batch", "Job") => Some(&["spec", "template", "spec"]),
        ("batch", "CronJob") => Some(&["spec", "jobTemplate", "spec", "template", "spec"]),
        ("", "Pod") => Some(&["spec"]),
        _ => None,
    }
}

/// The pod spec of the object at `root`.
pub fn pod_spec(tree: &Tree<'_>, root: NodeId) -> Option<NodeId> {
    let path = pod_path(text(tree, root, "apiVersion")?, text(tree, root, "kind")?)?;
    tree.at(root, path)
}

/// The containers of the workload at `root`: first the pod's own, then its init containers, as written.
pub fn containers<'t>(tree: &'t Tree<'_>, root: NodeId) -> Vec<Container<'t>> {
    let Some(spec) = pod_spec(tree, root) else { return Vec::new() };
    let list = |key, init| {
        let items = tree.get(spec, key).filter(|&list| tree.kind(list) == Kind::Sequence);
        items.into_iter().flat_map(|list| tree.children(list)).map(move |node| Container {
            name: tree.get(node, "name").and_then(|name| tree.str(name)),
            node,
            init,
        })
    };
    list("containers", false).chain(list("initContainers", true)).collect()
}

/// The text under a key.
pub(super) fn text<'t>(tree: &'t Tree<'_>, node: NodeId, key: &str) -> Option<&'t str> {
    tree.get(node, key).and_then(|value| tree.str(value))
}

/// Variables of a container, as its `env` lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Variable<'t> {
    /// Its place in the list.
    pub(super) index: usize,
    /// The entry.
    pub(super) node: NodeId,
    /// Its name.
    pub(super) name: &'t str,
}

/// The variables of a container, in order; entries without a name are left out.
pub(super) fn variables<'t>(tree: &'t Tree<'_>, container: NodeId) -> Vec<Variable<'t>> {
    let list = tree.get(container, "env").filter(|&env| tree.kind(env) == Kind::Sequence);
    let entries = list.into_iter().flat_map(|env| tree.children(env)).enumerate();
    entries.filter_map(|(index, node)| Some(Variable { index, node, name: text(tree, node, "name")? })).collect()
}

/// The members of an entry that say what it holds: all but its name.
pub(super) fn content<'t>(tree: &'t Tree<'_>, entry: NodeId) -> impl Iterator<Item = NodeId> + 't {
    let tree: &'t Tree<'_> = tree;
    tree.children(entry).filter(|&member| tree.key(member) != Some("name"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<(String, bool)> {
        let tree = Tree::read(text).unwrap();
        let root = tree.root().unwrap();
        containers(&tree, root).iter().map(|c| (c.name.unwrap_or("-").to_owned(), c.init)).collect()
    }

    #[test]
    fn every_kind_has_its_path() {
        let spec = "containers: [{name: a}, {image: b}], initContainers: [{name: c}]";
        let all = vec![("a".to_owned(), false), ("-".to_owned(), false), ("c".to_owned(), true)];
        for (api, kind) in [
            ("apps/v1", "Deployment"),
            ("apps/v1", "StatefulSet"),
            ("apps/v1beta2", "DaemonSet"),
            ("apps/v1", "ReplicaSet"),
            ("batch/v1", "Job"),
        ] {
            let text = format!("apiVersion: {api}\nkind: {kind}\nspec: {{template: {{spec: {{{spec}}}}}}}\n");
            assert_eq!(names(&text), all, "{kind}");
        }
        assert_eq!(names(&format!("apiVersion: v1\nkind: Pod\nspec: {{{spec}}}\n")), all);
        let cron = "apiVersion: batch/v1\nkind: CronJob\nspec: {jobTemplate: {spec: {template: {spec: {";
        assert_eq!(names(&format!("{cron}{spec}}}}}}}}}}}\n")), all);
    }

    #[test]
    fn another_group_of_the_same_kind_is_not_ours() {
        assert_eq!(pod_path("serving.knative.dev/v1", "Deployment"), None);
        assert_eq!(pod_path("v1", "Deployment"), None);
        assert_eq!(pod_path("apps/v1", "Pod"), None);
    }
}
