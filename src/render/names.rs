//! Which object is meant by a kind, a namespace and a name: an index of one kind, made when first asked for.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::manifest::stream::{Object, Stream, metadata};
use crate::manifest::{NodeId, Place, Tree};

/// The objects of one kind, by namespace, then name; those of the stream before those of the catalogue.
pub(super) type Kind = BTreeMap<Option<String>, BTreeMap<String, Vec<Object>>>;

/// The index.
#[derive(Debug)]
pub(super) struct Names<'r, 'a> {
    pub(super) stream: &'r Stream<'a>,
    namespace: Option<&'r str>,
    kinds: RefCell<BTreeMap<String, Rc<Kind>>>,
    unreadable: RefCell<BTreeSet<usize>>,
}

impl<'r, 'a> Names<'r, 'a> {
    /// An index in which objects without a namespace stand in `namespace`.
    pub(super) fn new(stream: &'r Stream<'a>, namespace: Option<&'r str>) -> Self {
        Self { stream, namespace, kinds: RefCell::default(), unreadable: RefCell::default() }
    }

    /// The objects of a kind.
    pub(super) fn kind(&self, kind: &str) -> Rc<Kind> {
        if let Some(known) = self.kinds.borrow().get(kind) {
            return Rc::clone(known);
        }
        let read = Rc::new(self.read(kind));
        self.kinds.borrow_mut().insert(kind.to_owned(), Rc::clone(&read));
        read
    }

    fn read(&self, kind: &str) -> Kind {
        let mut found = Kind::new();
        for catalogue in [false, true] {
            for entry in self.stream.of_kind(kind).filter(|e| e.catalogue == catalogue) {
                let Ok(tree) = self.stream.tree(entry.object.document) else {
                    self.unreadable.borrow_mut().insert(entry.object.document);
                    continue;
                };
                let Some(name) = metadata(tree, entry.object.node, "name") else { continue };
                let namespace = self.namespace_of(tree, entry.object.node);
                found.entry(namespace).or_default().entry(name.to_owned()).or_default().push(entry.object);
            }
        }
        found
    }

    /// Where an object stands: its own namespace, or the run's.
    pub(super) fn namespace_of(&self, tree: &Tree<'_>, object: NodeId) -> Option<String> {
        metadata(tree, object, "namespace").or(self.namespace).map(str::to_owned)
    }

    /// Where an object's name stands, or else the object.
    pub(super) fn place(&self, object: Object) -> Place {
        let span = self.stream.tree(object.document).map(|tree| {
            let node = tree.at(object.node, &["metadata", "name"]).unwrap_or(object.node);
            tree.span(node)
        });
        self.stream.place(object.document, span.unwrap_or_default())
    }

    /// The documents that had to be read for an index, and could not be.
    pub(super) fn unreadable(&self) -> BTreeSet<usize> {
        self.unreadable.borrow().clone()
    }
}
