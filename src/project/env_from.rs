//! Reads which variables `envFrom` defines in a container, as far as the input shows: `env` takes
//! precedence, and Kubernetes reports nothing.

use std::rc::Rc;

use super::pod_template::containers;
use super::workload_kinds::WorkloadKinds;
use crate::couple::{KeyNames, ReferenceKind};
use crate::manifest::{NodeId, NotReadable, Reading, Span, Tree};

/// One entry of a container's `envFrom`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvFrom<'t> {
    /// The container.
    pub container: &'t str,
    /// What it takes; absent: the entry has no form that we know.
    pub object: Reading<EnvFromObject<'t>>,
    /// The entry.
    pub node: NodeId,
}

/// The object of an entry of `envFrom`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EnvFromObject<'t> {
    /// Its kind.
    pub kind: ReferenceKind,
    /// Its name.
    pub name: &'t str,
    /// What is put before each of its keys.
    pub prefix: &'t str,
}

/// The variables that one entry of `envFrom` adds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvFromVars {
    /// The container.
    pub container: String,
    /// The entry, relative to the document.
    pub span: Span,
    /// What is known of the variables.
    pub names: BroughtNames,
}

/// What is known of the variables that an entry of `envFrom` adds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BroughtNames {
    /// All their names.
    Known {
        /// What is put before each key.
        prefix: String,
        /// The object's keys.
        keys: Rc<KeyNames>,
    },
    /// Nothing: the object, or some of its keys, are not in the input.
    Unseen,
    /// Nothing: the entry cannot be read.
    NotReadable(NotReadable),
}

impl EnvFromVars {
    /// Whether it is known to define this variable.
    pub(super) fn defines(&self, name: &str) -> bool {
        match &self.names {
            BroughtNames::Known { prefix, keys } => name
                .strip_prefix(prefix.as_str())
                .is_some_and(|key| keys.names.contains(key)),
            BroughtNames::Unseen | BroughtNames::NotReadable(_) => false,
        }
    }
}

/// Every entry of `envFrom` in the workload at `root`. A list that cannot be read is one entry that
/// cannot be.
///
/// # Errors
/// What is in the way of reading which containers there are.
pub fn env_from<'t>(
    tree: &'t Tree<'_>,
    root: NodeId,
    kinds: &'t WorkloadKinds,
) -> Result<Vec<EnvFrom<'t>>, NotReadable> {
    let mut found = Vec::new();
    for container in containers(tree, root, kinds)? {
        let Some(name) = container.known_name() else {
            continue;
        };
        match tree.read_items(container.node, &["envFrom"]) {
            Reading::Value(items) => {
                found.extend(items.into_iter().map(|node| EnvFrom {
                    container: name,
                    object: object(tree, node),
                    node,
                }));
            }
            Reading::Absent => {}
            Reading::NotReadable(why) => {
                found.push(EnvFrom {
                    container: name,
                    object: Reading::NotReadable(why),
                    node: container.node,
                });
            }
        }
    }
    Ok(found)
}

fn object<'t>(tree: &'t Tree<'_>, entry: NodeId) -> Reading<EnvFromObject<'t>> {
    let named = |key, kind| {
        tree.read_text(entry, &[key, "name"])
            .map(|name| (kind, name))
    };
    let found = match named("secretRef", ReferenceKind::Secret) {
        Reading::Absent => named("configMapRef", ReferenceKind::ConfigMap),
        found => found,
    };
    found.then(|(kind, name)| match tree.read_text(entry, &["prefix"]) {
        Reading::NotReadable(why) => Reading::NotReadable(why),
        Reading::Absent => Reading::Value(EnvFromObject {
            kind,
            name,
            prefix: "",
        }),
        Reading::Value(prefix) => Reading::Value(EnvFromObject { kind, name, prefix }),
    })
}
