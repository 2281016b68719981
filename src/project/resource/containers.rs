//! Finds the containers of a manifest's pod template: where their variables are, and the texts in
//! which the kubelet expands variables.

use std::collections::BTreeSet;
use std::ptr;

use super::ResourceNode;
use crate::api::ManifestValue;
use crate::project::workload_kind::ContainerPath;
use crate::project::workload_kinds::WorkloadKinds;

/// Parts of pod templates, by the nodes that they are.
#[derive(Debug, Default)]
pub(super) struct PodParts {
    variables: BTreeSet<*const ResourceNode>,
    expanded: BTreeSet<*const ResourceNode>,
}

impl PodParts {
    /// The parts of the pod template that a manifest of this kind has; none where it has none.
    pub(super) fn find(
        manifest: &ResourceNode,
        api_version: &str,
        kind: &str,
        kinds: &WorkloadKinds,
    ) -> Self {
        let mut parts = Self::default();
        let Some(known) = kinds.of(api_version, kind) else {
            return parts;
        };
        for path in &*known.mapping.containers {
            for container in containers(manifest, path) {
                let env = container.at_keys(path.env.keys());
                parts.variables.extend(env.map(ptr::from_ref));
                for key in ["command", "args"] {
                    if let Some(list) = container.member(key) {
                        parts.add_expanded(list);
                    }
                }
            }
        }
        parts
    }

    fn add_expanded(&mut self, list: &ResourceNode) {
        if let ManifestValue::List(items) = &list.value {
            self.expanded.extend(items.iter().map(ptr::from_ref));
        }
    }

    /// Whether a node is the list of a container's variables.
    pub(super) fn has_variables(&self, node: &ResourceNode) -> bool {
        self.variables.contains(&ptr::from_ref(node))
    }

    /// Whether the kubelet expands `$(NAME)` in a text.
    pub(super) fn is_expanded(&self, node: &ResourceNode) -> bool {
        self.expanded.contains(&ptr::from_ref(node))
    }
}

fn containers<'m>(manifest: &'m ResourceNode, path: &ContainerPath) -> Vec<&'m ResourceNode> {
    let mut found = vec![manifest];
    for list in &*path.lists {
        let lists = found
            .into_iter()
            .filter_map(|from| from.at_keys(list.keys()));
        found = lists
            .filter_map(|list| match &list.value {
                ManifestValue::List(items) => Some(items),
                ManifestValue::Leaf(_) | ManifestValue::Map(_) => None,
            })
            .flatten()
            .collect();
    }
    let inner = found.into_iter();
    inner
        .filter_map(|from| from.at_keys(path.inner.keys()))
        .collect()
}
