//! Finds the objects that read a Secret by its name.

use std::collections::BTreeMap;

use super::old_objects::OldName;
use crate::manifest::stream::{ObjectType, objects, type_of};
use crate::manifest::{Kind, NodeId, Tree};

/// Who reads which Secret.
#[derive(Debug, Default)]
pub(super) struct SecretReaders(BTreeMap<OldName, Vec<SecretReader>>);

/// An object that names a Secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SecretReader {
    /// Its kind.
    pub kind: String,
    /// Its name.
    pub name: String,
}

impl SecretReader {
    /// Whether a Plug can give it variables: its kind is one of those with containers.
    pub(super) fn is_workload(&self) -> bool {
        matches!(
            self.kind.as_str(),
            "CronJob" | "DaemonSet" | "Deployment" | "Job" | "Pod" | "ReplicaSet" | "StatefulSet"
        )
    }
}

impl SecretReaders {
    /// Those among these documents; `namespace` is that of objects that name none.
    pub(super) fn of<'d>(
        documents: impl IntoIterator<Item = &'d str>,
        namespace: Option<&str>,
    ) -> Self {
        let mut readers = Self::default();
        for text in documents {
            if !text.contains("secret") {
                continue;
            }
            // what cannot be read reads nothing that is known
            if let Ok(tree) = Tree::read(text) {
                for object in objects(&tree) {
                    readers.object(&tree, object, namespace);
                }
            }
        }
        readers
    }

    /// Those of a Secret.
    pub(super) fn find(&self, namespace: Option<&str>, name: &str) -> &[SecretReader] {
        let name = OldName {
            namespace: namespace.map(str::to_owned),
            name: name.to_owned(),
        };
        self.0.get(&name).map_or(&[], Vec::as_slice)
    }

    fn object(&mut self, tree: &Tree<'_>, object: NodeId, namespace: Option<&str>) {
        let Some(ObjectType { kind, .. }) = type_of(tree, object) else {
            return;
        };
        let text = |path: &[&str]| tree.read_text(object, path).shown();
        let reader = SecretReader {
            kind: kind.into_owned(),
            name: text(&["metadata", "name"]).unwrap_or_default().to_owned(),
        };
        let namespace = text(&["metadata", "namespace"]).or(namespace);
        let mut open = vec![object];
        while let Some(node) = open.pop() {
            if matches!(tree.kind(node), Kind::Mapping | Kind::Sequence) {
                open.extend(tree.children(node));
            }
            let found = match tree.key(node) {
                Some("secretRef" | "secretKeyRef") => tree.read_text(node, &["name"]).shown(),
                Some("secretName") => tree.str(node),
                _ => None,
            };
            let Some(name) = found else { continue };
            let name = OldName {
                namespace: namespace.map(str::to_owned),
                name: name.to_owned(),
            };
            let readers = self.0.entry(name).or_default();
            if !readers.contains(&reader) {
                readers.push(reader.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_object_that_names_a_secret_is_found_once() {
        let deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n    spec:\n      \
                          volumes: [{name: v, secret: {secretName: login}}]\n      containers:\n        - envFrom: [{secretRef: {name: login}}]\n";
        let release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: r, namespace: b}\nspec: {values: {secretName: login}}\n";
        let readers = SecretReaders::of([deployment, release], Some("a"));
        let names = |namespace| -> Vec<&str> {
            let found = readers.find(Some(namespace), "login").iter();
            found.map(|reader| reader.name.as_str()).collect()
        };
        assert_eq!(names("a"), ["web"]);
        assert_eq!(names("b"), ["r"]);
        assert!(readers.find(Some("a"), "login")[0].is_workload());
        assert!(!readers.find(Some("b"), "login")[0].is_workload());
    }
}
