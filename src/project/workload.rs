//! One workload object of a document, as every step of projecting it sees it: containers, their variables, its place.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use super::lens::{self, Variable};
use super::{DocumentRef, WantedCoupling};
use crate::diagnostic::{Diagnostic, Subject};
use crate::manifest::{NodeId, Place, Span, Tree};

/// A container and its variables.
#[derive(Debug)]
pub(super) struct Held<'t> {
    pub(super) name: &'t str,
    pub(super) node: NodeId,
    pub(super) variables: Vec<Variable<'t>>,
    /// Positions in `variables`, in order of their names, once somebody asks.
    by_name: OnceCell<Vec<usize>>,
}

impl<'t> Held<'t> {
    /// The variables of a name, in order.
    pub(super) fn named(&self, name: &str) -> impl Iterator<Item = &Variable<'t>> {
        let by_name = self.by_name.get_or_init(|| {
            let mut positions: Vec<usize> = (0..self.variables.len()).collect();
            positions.sort_by_key(|&position| self.variables[position].name);
            positions
        });
        let name_of = |position: usize| self.variables[position].name;
        let start = by_name.partition_point(|&position| name_of(position) < name);
        let count = by_name[start..].partition_point(|&position| name_of(position) == name);
        by_name[start..start + count].iter().map(|&position| &self.variables[position])
    }
}

/// A workload.
#[derive(Debug)]
pub(super) struct Workload<'t> {
    pub(super) tree: &'t Tree<'t>,
    pub(super) root: NodeId,
    pub(super) containers: Vec<Held<'t>>,
    /// The first position of each name in `containers`.
    by_name: BTreeMap<&'t str, usize>,
    /// Where byte 0 of the tree's text stands.
    start: Place,
}

impl<'t> Workload<'t> {
    /// Reads the object at `root`.
    pub(super) fn read(document: DocumentRef<'t>, root: NodeId) -> Self {
        let tree = document.tree;
        let mut containers: Vec<Held<'t>> = Vec::new();
        let mut by_name = BTreeMap::new();
        for container in lens::containers(tree, root) {
            let Some(name) = container.name else { continue };
            by_name.entry(name).or_insert(containers.len());
            let variables = lens::variables(tree, container.node);
            containers.push(Held { name, node: container.node, variables, by_name: OnceCell::new() });
        }
        Self { tree, root, containers, by_name, start: document.start }
    }

    /// A span of the tree as a place of the run.
    pub(super) fn place(&self, span: Span) -> Place {
        place(self.start, span)
    }

    /// The place of an entry or a key.
    pub(super) fn at(&self, id: NodeId) -> Place {
        self.place(self.tree.span(id))
    }

    /// The first container of a name.
    pub(super) fn container(&self, name: &str) -> Option<usize> {
        self.by_name.get(name).copied()
    }

    /// The object, for a diagnostic.
    pub(super) fn subject(&self) -> Subject {
        let text = |id, key| lens::text(self.tree, id, key).unwrap_or_default().to_owned();
        let meta = self.tree.get(self.root, "metadata");
        Subject {
            api_version: text(self.root, "apiVersion"),
            kind: text(self.root, "kind"),
            namespace: meta.and_then(|m| lens::text(self.tree, m, "namespace")).map(str::to_owned),
            name: meta.map(|m| text(m, "name")).unwrap_or_default(),
        }
    }

    /// `Deployment `web``, for a message.
    pub(super) fn called(&self) -> String {
        let subject = self.subject();
        format!("{} `{}`", subject.kind, subject.name)
    }

    /// The same diagnostic, about this object.
    pub(super) fn about(&self, diagnostic: Diagnostic) -> Diagnostic {
        diagnostic.on(self.subject())
    }
}

/// A span of a document that begins at `start` as a place of the run.
pub(super) fn place(start: Place, span: Span) -> Place {
    let base = start.span.start;
    Place { source: start.source, span: Span { start: base + span.start, end: base + span.end } }
}

/// The couplings of a workload by Plug name: the order in which they are written.
pub(super) fn sorted<'c, 'a>(couplings: &'c [WantedCoupling<'a>]) -> Vec<&'c WantedCoupling<'a>> {
    let mut all: Vec<_> = couplings.iter().collect();
    all.sort_by_key(|c| c.plug);
    all
}
