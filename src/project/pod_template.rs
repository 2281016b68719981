//! Reads the containers of a pod template and their variables, for every kind of workload.

use super::key_path::KeyPath;
use super::workload_kind::Mapping;
use super::workload_kinds::WorkloadKinds;
use crate::manifest::{NodeId, NotReadable, Reading, Tree};

/// One container of a pod template, init containers included: they share one space of names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Container<'t> {
    /// `name`
    pub name: Reading<&'t str>,
    /// The container's mapping.
    pub node: NodeId,
    /// Where its variables are.
    pub env: &'t KeyPath,
    /// Where its volume mounts are.
    pub mounts: &'t KeyPath,
    /// Whether it is under `initContainers`.
    pub init: bool,
}

/// The containers of the workload at `root`: first the pod's own, then its init containers, as
/// written. An object of a kind that is not known has none.
///
/// # Errors
/// What is in the way of reading which there are.
pub fn containers<'t>(
    tree: &'t Tree<'_>,
    root: NodeId,
    kinds: &'t WorkloadKinds,
) -> Result<Vec<Container<'t>>, NotReadable> {
    match kinds.of_object(tree, root) {
        Some(known) => containers_at(tree, root, known.mapping),
        None => Ok(Vec::new()),
    }
}

/// The same, where it is known where the kind has them.
///
/// # Errors
/// What is in the way of reading which there are.
pub fn containers_at<'t>(
    tree: &'t Tree<'_>,
    root: NodeId,
    mapping: &'t Mapping,
) -> Result<Vec<Container<'t>>, NotReadable> {
    let mut found = Vec::new();
    for path in &*mapping.containers {
        let nodes = path.nodes(tree, root)?;
        let default_name = path.default_name.as_deref().filter(|_| nodes.len() == 1);
        let name = |node| {
            let own = path.name.as_ref().map(|name| name.text(tree, node));
            match (own.unwrap_or(Reading::Absent), default_name) {
                (Reading::Absent, Some(name)) => Reading::Value(name),
                (name, _) => name,
            }
        };
        found.extend(nodes.into_iter().map(|node| Container {
            name: name(node),
            node,
            env: &path.env,
            mounts: &path.mounts,
            init: path.init,
        }));
    }
    Ok(found)
}

impl<'t> Container<'t> {
    /// Its name, where that is read.
    pub fn known_name(&self) -> Option<&'t str> {
        match self.name {
            Reading::Value(name) => Some(name),
            Reading::Absent | Reading::NotReadable(_) => None,
        }
    }
}

/// Whether the object at `root` has a pod template where its kind has one.
pub(super) fn has_pods(tree: &Tree<'_>, root: NodeId, mapping: &Mapping) -> bool {
    mapping
        .containers
        .iter()
        .any(|path| path.is_held(tree, root))
}

/// Whether the pods of a Knative Service at `root` are of a revision with a fixed name.
pub fn names_its_revision(tree: &Tree<'_>, root: NodeId) -> bool {
    tree.read_at(root, &["spec", "template", "metadata", "name"]) != Reading::Absent
}

/// The text under a key, for a message.
pub(super) fn text<'t>(tree: &'t Tree<'_>, node: NodeId, key: &str) -> Option<&'t str> {
    tree.read_text(node, &[key]).shown()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::BUILT_IN;

    fn names(text: &str) -> Vec<(String, bool)> {
        let tree = Tree::read(text).unwrap();
        let root = tree.root().unwrap();
        let all = containers(&tree, root, &BUILT_IN).unwrap();
        all.iter()
            .map(|c| (c.known_name().unwrap_or("-").to_owned(), c.init))
            .collect()
    }

    #[test]
    fn every_kind_has_its_path() {
        let spec = "containers: [{name: a}, {image: b}], initContainers: [{name: c}]";
        let all = vec![
            ("a".to_owned(), false),
            ("-".to_owned(), false),
            ("c".to_owned(), true),
        ];
        for (api, kind) in [
            ("apps/v1", "Deployment"),
            ("apps/v1", "StatefulSet"),
            ("apps/v1beta2", "DaemonSet"),
            ("apps/v1", "ReplicaSet"),
            ("batch/v1", "Job"),
            ("v1", "ReplicationController"),
            ("argoproj.io/v1alpha1", "Rollout"),
            ("apps.openshift.io/v1", "DeploymentConfig"),
            ("apps.kruise.io/v1alpha1", "CloneSet"),
        ] {
            let text = format!(
                "apiVersion: {api}\nkind: {kind}\nspec: {{template: {{spec: {{{spec}}}}}}}\n"
            );
            assert_eq!(names(&text), all, "{kind}");
        }
        assert_eq!(
            names(&format!("apiVersion: v1\nkind: Pod\nspec: {{{spec}}}\n")),
            all
        );
        let cron =
            "apiVersion: batch/v1\nkind: CronJob\nspec: {jobTemplate: {spec: {template: {spec: {";
        assert_eq!(names(&format!("{cron}{spec}}}}}}}}}}}\n")), all);
    }
}
