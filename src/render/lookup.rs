//! The rest of the input as coupling sees it: Services, ConfigMaps, the key names of Secrets, read when a path names them.

use std::borrow::Cow;
use std::cell::RefCell;

use super::names::Names;
use crate::couple::{Lookup, Objects, Target};
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::path::{self, Missed, Step};
use crate::manifest::stream::{Entry, Object, metadata};
use crate::manifest::{Kind, NodeId, Tree};

/// Answers `couple` from the documents.
#[derive(Debug)]
pub(super) struct Finder<'n, 'r, 'a> {
    names: &'n Names<'r, 'a>,
    twice: RefCell<Vec<Diagnostic>>,
}

impl<'n, 'r, 'a> Finder<'n, 'r, 'a> {
    /// A finder over this index.
    pub(super) fn new(names: &'n Names<'r, 'a>) -> Self {
        Self { names, twice: RefCell::default() }
    }

    /// The errors about objects that were looked for and stand in the input twice.
    pub(super) fn into_diagnostics(self) -> Vec<Diagnostic> {
        self.twice.into_inner()
    }

    fn find(&self, target: &Target<'_>) -> Option<(&'r Tree<'a>, Object)> {
        let kind = self.names.kind(target.kind);
        let found = kind.get(&target.namespace.map(Cow::Borrowed))?.get(target.name)?;
        // what cannot be read is not there; that is said elsewhere
        let fits =
            |entry: &&&Entry<'_>| entry.api_version == target.api_version && self.names.tree(entry.object).is_some();
        let mut fitting = found.iter().filter(fits);
        let first = fitting.next()?;
        if let Some(second) = fitting.find(|entry| entry.catalogue == first.catalogue) {
            self.report_twice(target, first.object, second.object);
        }
        Some((self.names.tree(first.object)?, first.object))
    }

    fn report_twice(&self, target: &Target<'_>, first: Object, second: Object) {
        let message =
            format!("{} `{}` stands in the input twice, and a Socket or Plug refers to it", target.kind, target.name);
        let diagnostic = Diagnostic::error(Code::DuplicateObject, message)
            .at(self.names.place(second), "again here")
            .at(self.names.place(first), "first here")
            .help("remove one of them, or give each a name or namespace of its own");
        let mut twice = self.twice.borrow_mut();
        if !twice.contains(&diagnostic) {
            twice.push(diagnostic);
        }
    }
}

impl Objects for Finder<'_, '_, '_> {
    fn read(&self, target: &Target<'_>, path: &str) -> Lookup {
        let steps = match path::parse(path) {
            Ok(steps) => steps,
            Err(why) => return Lookup::BadPath(why),
        };
        let Some((tree, object)) = self.find(target) else { return Lookup::NoObject };
        match path::find(tree, object.node, &steps) {
            Ok(node) => match tree.json(node) {
                Ok(value) => Lookup::Value(value, self.names.stream.place(object.document, tree.span(node))),
                Err(_) => Lookup::BadPath("it ends in an alias, a merge key or a tag".to_owned()),
            },
            Err(Missed { matched, deepest }) => Lookup::NoPath(names(tree, deepest, steps.get(matched))),
        }
    }

    fn key_names(&self, target: &Target<'_>) -> Option<Vec<String>> {
        let (tree, object) = self.find(target)?;
        let kind = tree.get(object.node, "type").and_then(|node| tree.str(node));
        if kind == Some("kubernetes.io/service-account-token") {
            return None; // a controller fills it: https://kubernetes.io/docs/concepts/configuration/secret/
        }
        let maps = ["data", "stringData", "binaryData"].into_iter().filter_map(|key| tree.get(object.node, key));
        let names: Vec<_> = maps.flat_map(|map| keys(tree, map)).collect();
        let known = !names.is_empty() && !names.iter().any(|name| name == "<<");
        known.then_some(names) // one without keys is a placeholder that somebody else fills
    }

    fn current_name(&self, target: &Target<'_>) -> Option<String> {
        if !self.names.renamed() {
            return None; // as nearly always: nothing is read for it
        }
        let (tree, object) = self.find(target)?;
        metadata(tree, object.node, "name").map(str::to_owned)
    }

    fn ports(&self, namespace: Option<&str>, name: &str) -> Option<Vec<(String, u16)>> {
        let (tree, object) = self.find(&Target { api_version: "v1", kind: "Service", namespace, name })?;
        let port = |item| {
            let text = |key| tree.get(item, key).and_then(|node| tree.str(node));
            Some((text("name")?.to_owned(), text("port")?.parse().ok()?))
        };
        let ports = tree.at(object.node, &["spec", "ports"]);
        Some(ports.into_iter().flat_map(|ports| tree.children(ports)).filter_map(port).collect())
    }
}

/// What could have been asked for at a node, where a step led nowhere.
fn names(tree: &Tree<'_>, node: NodeId, step: Option<&Step>) -> Vec<String> {
    match step {
        Some(Step::Match { key, .. }) => tree
            .children(node)
            .filter_map(|item| Some(format!("[{key}={}]", tree.str(tree.get(item, key)?)?)))
            .collect(),
        _ => keys(tree, node),
    }
}

fn keys(tree: &Tree<'_>, node: NodeId) -> Vec<String> {
    if tree.kind(node) != Kind::Mapping {
        return Vec::new();
    }
    tree.children(node).filter_map(|child| tree.key(child).map(str::to_owned)).collect()
}
