//! Finds out where a container has the directories of its bindings: its own `SERVICE_BINDING_ROOT`,
//! or the usual one.

use std::collections::BTreeMap;

use super::DocumentRef;
use super::env_content::references;
use super::place::place;
use super::pod_template::{Container, containers};
use super::service_binding::{BINDING_ROOT, DEFAULT_BINDING_ROOT, with_root_known};
use crate::api::Binder;
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::NodeId;

/// The directory of all bindings of each of these containers of the workload at `root`.
///
/// It does not matter who wrote the variable: what coupler wrote itself is the usual directory, and
/// what somebody made of that since is his own.
///
/// # Errors
/// A container's own cannot be known before it runs.
pub fn binding_roots(
    document: DocumentRef<'_>,
    root: NodeId,
    names: &[&str],
    binder: Binder<'_>,
) -> Result<Vec<String>, Box<Diagnostic>> {
    // what cannot be read here is reported once the variables are planned
    let all = containers(document.tree, root, document.kinds).unwrap_or_default();
    let mut by_name: BTreeMap<&str, &Container<'_>> = BTreeMap::new();
    for container in &all {
        if let Some(name) = container.known_name() {
            by_name.entry(name).or_insert(container);
        }
    }
    let root = |name: &&str| match by_name.get(name) {
        Some(container) => own_root(document, container, name, binder),
        None => Ok(DEFAULT_BINDING_ROOT.to_owned()),
    };
    names.iter().map(root).collect()
}

fn own_root(
    document: DocumentRef<'_>,
    container: &Container<'_>,
    name: &str,
    binder: Binder<'_>,
) -> Result<String, Box<Diagnostic>> {
    let tree = document.tree;
    let is_root = |item: &NodeId| tree.read_text(*item, &["name"]).shown() == Some(BINDING_ROOT);
    let variables = container.env.items(tree, container.node).shown();
    let Some(variable) = variables.into_iter().flatten().find(is_root) else {
        return Ok(DEFAULT_BINDING_ROOT.to_owned());
    };
    let value = tree.read_text(variable, &["value"]).shown();
    let is_known = |value: &&str| value.starts_with('/') && references(value).next().is_none();
    if let Some(value) = value.filter(is_known) {
        return Ok(value.to_owned());
    }
    let message = format!(
        "the directory of the bindings of container `{name}` is known only when it runs: its own `{BINDING_ROOT}` is not an absolute \
         path"
    );
    let at = place(document.start, tree.span(variable));
    Err(Box::new(
        Diagnostic::error(Code::FilesCollision, message)
            .at(at, "defined here")
            .help(with_root_known(binder.kind, binder.subject())),
    ))
}
