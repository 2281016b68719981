//! Keeps all documents of a run, each parsed on first use, and the objects in them; a `List` is
//! unwrapped.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use super::scan::{Document, Head, documents, starts};
use super::{Flaw, NodeId, NotReadable, Place, ReadError, SourceId, Span, Tree};
use crate::limits;

mod document_search;
mod objects;

pub use document_search::DocumentSearch;
pub use objects::{ObjectType, group, items, metadata, objects, type_of};

/// One object: the root of a document, or an item of a `List`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Object {
    /// The document, by its position in the run.
    pub document: usize,
    /// Its node in that document's tree.
    pub node: NodeId,
}

/// An object that the scan or a `List` showed, and the kind that it declares.
#[derive(Clone, Debug)]
pub struct StreamObject<'a> {
    /// Where.
    pub object: Object,
    /// `apiVersion`.
    pub api_version: Cow<'a, str>,
    /// `kind`.
    pub kind: Cow<'a, str>,
    /// Whether its source is read for what others refer to, never rendered.
    pub catalogue: bool,
}

/// The documents of every source.
#[derive(Debug, Default)]
pub struct Stream<'a> {
    documents: Vec<ReadOnce<'a>>,
    entries: Vec<StreamObject<'a>>,
    kinds: BTreeMap<Cow<'a, str>, Vec<usize>>,
    unread: Vec<usize>,
    opaque: Vec<(usize, NotReadable)>,
}

/// A document, parsed on first use.
#[derive(Debug)]
struct ReadOnce<'a> {
    document: Document<'a>,
    catalogue: bool,
    tree: OnceCell<Result<Box<Tree<'a>>, Box<ReadError>>>,
}

impl<'a> Stream<'a> {
    /// Adds one source, up to one document more than [`limits::DOCUMENTS`]. Only what the scan
    /// cannot classify, and every `List`, is parsed here.
    pub fn add(&mut self, source: SourceId, text: &'a str, catalogue: bool) {
        let room = (limits::DOCUMENTS + 1).saturating_sub(self.len());
        let starts = starts(text);
        self.documents.reserve(starts.len().min(room));
        self.entries.reserve(starts.len().min(room));
        for document in documents(source, text, starts).take(room) {
            let index = self.documents.len();
            self.documents.push(ReadOnce {
                document,
                catalogue,
                tree: OnceCell::new(),
            });
            match document.head {
                Head::Empty => {}
                Head::Read { api_version, kind } if !kind.ends_with("List") => {
                    let object = Object {
                        document: index,
                        node: NodeId::ROOT,
                    };
                    self.enter(
                        object,
                        Cow::Borrowed(api_version),
                        Cow::Borrowed(kind),
                        catalogue,
                    );
                }
                _ => self.unwrap(index, catalogue),
            }
        }
    }

    fn unwrap(&mut self, index: usize, catalogue: bool) {
        let text = self.documents[index].document.text;
        let tree = match read(text) {
            Ok(tree) => tree,
            Err(error) => {
                self.documents[index].tree = OnceCell::from(Err(Box::new(error)));
                return self.unread.push(index);
            }
        };
        let known = self.entries.len();
        for node in objects(&tree) {
            let Some(ObjectType { api_version, kind }) = type_of(&tree, node) else {
                self.opaque
                    .extend(tree.opaque(node).map(|why| (index, why)));
                continue;
            };
            self.enter(
                Object {
                    document: index,
                    node,
                },
                api_version,
                kind,
                catalogue,
            );
        }
        if self.entries.len() > known {
            // reading it took the full parser, or it contains very many objects: it is not read
            // twice
            self.documents[index].tree = OnceCell::from(Ok(Box::new(tree.kept())));
        }
    }

    fn enter(
        &mut self,
        object: Object,
        api_version: Cow<'a, str>,
        kind: Cow<'a, str>,
        catalogue: bool,
    ) {
        self.kinds
            .entry(kind.clone())
            .or_default()
            .push(self.entries.len());
        self.entries.push(StreamObject {
            object,
            api_version,
            kind,
            catalogue,
        });
    }

    /// Takes objects out of the run: nobody finds them any more. Their documents stay.
    pub fn withdraw(&mut self, gone: &BTreeSet<Object>) {
        self.entries.retain(|entry| !gone.contains(&entry.object));
        self.kinds.clear();
        for (position, entry) in self.entries.iter().enumerate() {
            let of_kind = self.kinds.entry(entry.kind.clone()).or_default();
            of_kind.push(position);
        }
    }

    /// How many documents there are.
    pub fn len(&self) -> usize {
        self.documents.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.documents.is_empty()
    }

    /// A document as scanned.
    pub fn document(&self, index: usize) -> &Document<'a> {
        &self.documents[index].document
    }

    /// Whether a document is only in the catalogue.
    pub fn is_catalogue(&self, index: usize) -> bool {
        self.documents[index].catalogue
    }

    /// How many trees are kept.
    #[cfg(test)]
    pub(crate) fn kept(&self) -> usize {
        let slots = self.documents.iter();
        slots.filter(|slot| slot.tree.get().is_some()).count()
    }

    /// A document's tree; read at the first call.
    ///
    /// # Errors
    /// The result of [`Tree::read`]; and where a tag makes it doubtful what an object is.
    pub fn tree(&self, index: usize) -> Result<&Tree<'a>, &ReadError> {
        let slot = &self.documents[index];
        let read = || {
            read(slot.document.text)
                .map(|tree| Box::new(tree.kept()))
                .map_err(Box::new)
        };
        slot.tree
            .get_or_init(read)
            .as_deref()
            .map_err(|error| &**error)
    }

    /// What `read` makes of a document's tree, which is not kept if it was not used before.
    ///
    /// # Errors
    /// The result of [`Tree::read`].
    pub fn once<T>(&self, index: usize, read: impl FnOnce(&Tree<'a>) -> T) -> Result<T, ReadError> {
        let slot = &self.documents[index];
        match slot.tree.get() {
            Some(Ok(tree)) => Ok(read(tree)),
            Some(Err(error)) => Err((**error).clone()),
            None => self::read(slot.document.text).map(|tree| read(&tree)),
        }
    }

    /// Every object, in the order of the input.
    pub fn entries(&self) -> &[StreamObject<'a>] {
        &self.entries
    }

    /// The objects of a kind, in the order of the input.
    pub fn of_kind(&self, kind: &str) -> impl Iterator<Item = &StreamObject<'a>> + '_ {
        self.kinds
            .get(kind)
            .into_iter()
            .flatten()
            .map(|&i| &self.entries[i])
    }

    /// The documents that had to be read to know what they are, and could not be.
    pub fn unread(&self) -> &[usize] {
        &self.unread
    }

    /// Documents, and what in them may be an object and cannot be read: an alias or a merge key has
    /// its kind.
    pub fn opaque(&self) -> &[(usize, NotReadable)] {
        &self.opaque
    }

    /// A span of a document as a place in its source.
    pub fn place(&self, document: usize, span: Span) -> Place {
        let document = &self.documents[document].document;
        let shift = |offset| offset + document.start;
        Place {
            source: document.source,
            span: Span {
                start: shift(span.start),
                end: shift(span.end),
            },
        }
    }
}

/// A document's tree, if every reader knows its objects by the same kinds, names and labels.
fn read(text: &str) -> Result<Tree<'_>, ReadError> {
    let tree = Tree::read(text)?;
    let Some(span) = tree
        .root()
        .filter(|_| tree.doubtful().is_some())
        .and_then(|root| unsure(&tree, root))
    else {
        return Ok(tree);
    };
    let message =
        "a tag on a field that identifies an object, which readers treat in different ways"
            .to_owned();
    Err(ReadError {
        flaw: Flaw::Tag,
        span,
        message,
    })
}

/// What makes it doubtful what an object is, or an item of a list.
fn unsure(tree: &Tree<'_>, root: NodeId) -> Option<Span> {
    let mut members = [root]
        .into_iter()
        .chain(objects(tree))
        .flat_map(|object| tree.children(object));
    members.find_map(|member| match tree.key(member) {
        _ if tree.has_doubtful_key(member) => tree.node(member).key,
        Some("apiVersion" | "kind" | "metadata") => tree.doubtful_within(tree.span(member)),
        _ => None,
    })
}

#[cfg(test)]
mod tests;
