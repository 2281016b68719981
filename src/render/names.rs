//! Which object is meant by a kind, a namespace and a name: an index of one kind, made when first asked for.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::manifest::stream::{Object, Stream, metadata};
use crate::manifest::{NodeId, Place, Tree};

/// The objects of one kind, by namespace, then name; those of the stream before those of the catalogue.
pub(super) type Kind = BTreeMap<Option<String>, BTreeMap<String, Vec<Object>>>;

/// Where kustomize writes the names that an object had before its prefix and suffix: while its transformers run, others
/// still refer to it by these.
const PREVIOUS_NAMES: &str = "internal.config.kubernetes.io/previousNames";

/// The index.
#[derive(Debug)]
pub(super) struct Names<'r, 'a> {
    pub(super) stream: &'r Stream<'a>,
    namespace: Option<&'r str>,
    kinds: RefCell<BTreeMap<String, Rc<Kind>>>,
    unreadable: RefCell<BTreeSet<usize>>,
    renamed: OnceCell<bool>,
}

impl<'r, 'a> Names<'r, 'a> {
    /// An index in which objects without a namespace stand in `namespace`.
    pub(super) fn new(stream: &'r Stream<'a>, namespace: Option<&'r str>) -> Self {
        Self { stream, namespace, kinds: RefCell::default(), unreadable: RefCell::default(), renamed: OnceCell::new() }
    }

    /// Whether some object says that a host renamed it.
    pub(super) fn renamed(&self) -> bool {
        let holds =
            |index| memchr::memmem::find(self.stream.document(index).text.as_bytes(), PREVIOUS_NAMES.as_bytes());
        *self.renamed.get_or_init(|| (0..self.stream.len()).any(|index| holds(index).is_some()))
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
        let mut renamed = Vec::new();
        for catalogue in [false, true] {
            for entry in self.stream.of_kind(kind).filter(|e| e.catalogue == catalogue) {
                let Ok(tree) = self.stream.tree(entry.object.document) else {
                    self.unreadable.borrow_mut().insert(entry.object.document);
                    continue;
                };
                let Some(name) = metadata(tree, entry.object.node, "name") else { continue };
                let namespace = self.namespace_of(tree, entry.object.node);
                for former in former_names(tree, entry.object.node, name) {
                    renamed.push((namespace.clone(), former, entry.object));
                }
                found.entry(namespace).or_default().entry(name.to_owned()).or_default().push(entry.object);
            }
        }
        let current: BTreeMap<_, BTreeSet<String>> =
            found.iter().map(|(namespace, names)| (namespace.clone(), names.keys().cloned().collect())).collect();
        for (namespace, former, object) in renamed {
            if !current.get(&namespace).is_some_and(|names| names.contains(&former)) {
                found.entry(namespace).or_default().entry(former).or_default().push(object);
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

/// The other names that references may still have for an object, each once.
fn former_names(tree: &Tree<'_>, object: NodeId, name: &str) -> BTreeSet<String> {
    let names = tree.at(object, &["metadata", "annotations", PREVIOUS_NAMES]).and_then(|node| tree.str(node));
    names.into_iter().flat_map(|names| names.split(',')).filter(|other| *other != name).map(str::to_owned).collect()
}
