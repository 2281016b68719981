//! All documents of a run, each read only when somebody asks, and the objects in them: a `List` is
//! unwrapped.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::BTreeMap;

use super::scan::{Document, Head, documents, starts};
use super::{Flaw, Kind, NodeId, NotReadable, Place, ReadError, Reading, SourceId, Span, Tree};
use crate::limits;

/// One object: the root of a document, or an item of a `List`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Object {
    /// The document, by its position in the run.
    pub document: usize,
    /// Its node in that document's tree.
    pub node: NodeId,
}

/// An object that the scan or a `List` showed, and what it says it is.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
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
    documents: Vec<Slot<'a>>,
    entries: Vec<Entry<'a>>,
    kinds: BTreeMap<Cow<'a, str>, Vec<usize>>,
    unread: Vec<usize>,
    opaque: Vec<(usize, NotReadable)>,
}

#[derive(Debug)]
struct Slot<'a> {
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
            self.documents.push(Slot {
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
            // reading it took the careful road, or it holds very many objects: nobody reads it
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
        self.entries.push(Entry {
            object,
            api_version,
            kind,
            catalogue,
        });
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

    /// Whether a document only stands in the catalogue.
    pub fn is_catalogue(&self, index: usize) -> bool {
        self.documents[index].catalogue
    }

    /// A document's tree; read at the first call.
    ///
    /// # Errors
    /// What [`Tree::read`] says; and where a tag makes it doubtful what an object is.
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

    /// What `read` makes of a document's tree, which is not kept if nobody has asked for it before.
    ///
    /// # Errors
    /// What [`Tree::read`] says.
    pub fn once<T>(&self, index: usize, read: impl FnOnce(&Tree<'a>) -> T) -> Result<T, ReadError> {
        let slot = &self.documents[index];
        match slot.tree.get() {
            Some(Ok(tree)) => Ok(read(tree)),
            Some(Err(error)) => Err((**error).clone()),
            None => self::read(slot.document.text).map(|tree| read(&tree)),
        }
    }

    /// Every object, in the order of the input.
    pub fn entries(&self) -> &[Entry<'a>] {
        &self.entries
    }

    /// The objects of a kind, in the order of the input.
    pub fn of_kind(&self, kind: &str) -> impl Iterator<Item = &Entry<'a>> + '_ {
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
        "a tag on what an object is known by, which not every reader obeys in the same way"
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

/// The list of a `List`, `DeploymentList`, `ResourceList`…: any kind so named whose `items` is a
/// list, as kyaml does it.
pub fn items(tree: &Tree<'_>, root: NodeId) -> Option<NodeId> {
    let kind = tree.get(root, "kind").and_then(|kind| tree.str(kind))?;
    let list = tree.get(root, "items")?;
    (kind.ends_with("List") && tree.kind(list) == Kind::Sequence).then_some(list)
}

/// The objects of a document, in order: the root, or the items of a list, of lists in it too.
pub fn objects(tree: &Tree<'_>) -> Vec<NodeId> {
    let mut found = Vec::new();
    let mut open: Vec<NodeId> = tree.root().into_iter().collect();
    while let Some(node) = open.pop() {
        match items(tree, node) {
            Some(list) => {
                let before = open.len();
                open.extend(tree.children(list));
                open[before..].reverse();
            }
            None => found.push(node),
        }
    }
    found
}

/// What an object says it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectType<'a> {
    /// `apiVersion`
    pub api_version: Cow<'a, str>,
    /// `kind`
    pub kind: Cow<'a, str>,
}

/// What an object says it is. An item of a `DeploymentList` that says nothing is a Deployment of
/// the list's version.
///
/// <https://github.com/kubernetes/apimachinery/blob/master/pkg/apis/meta/v1/unstructured/helpers.go>
pub fn type_of<'a>(tree: &Tree<'a>, object: NodeId) -> Option<ObjectType<'a>> {
    let text = |node, key| tree.get(node, key).and_then(|value| tree.cow(value));
    match (text(object, "apiVersion"), text(object, "kind")) {
        (Some(api_version), Some(kind)) => Some(ObjectType { api_version, kind }),
        (None, None) if tree.opaque(object).is_none() => {
            let list = tree.parent(object).and_then(|list| tree.parent(list))?;
            let kind = text(list, "kind")?;
            let kind = kind
                .strip_suffix("List")
                .filter(|kind| !["", "Resource"].contains(kind))?
                .to_owned();
            Some(ObjectType {
                api_version: text(list, "apiVersion")?,
                kind: kind.into(),
            })
        }
        _ => None,
    }
}

/// The scalar under `metadata` of an object.
pub fn metadata<'t>(tree: &'t Tree<'_>, object: NodeId, key: &str) -> Reading<&'t str> {
    tree.read_text(object, &["metadata", key])
        .then(|text| match text {
            "" => Reading::Absent,
            text => Reading::Value(text),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# head\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: a}\n---\napiVersion: v1\nkind: List\nitems:\n- \
                        apiVersion: v1\n  kind: Service\n  metadata: {name: b}\n- {apiVersion: apps/v1, kind: Deployment}\n---\n- : {{\n";

    fn stream() -> Stream<'static> {
        let mut stream = Stream::default();
        stream.add(0, TEXT, false);
        stream.add(
            1,
            "apiVersion: v1\nkind: Service\nmetadata: {name: c}\n",
            true,
        );
        stream
    }

    #[test]
    fn objects_are_found_by_kind_in_lists_and_out_of_them() {
        let stream = stream();
        let kinds: Vec<_> = stream
            .entries()
            .iter()
            .map(|e| (&*e.kind, e.catalogue))
            .collect();
        assert_eq!(
            kinds,
            [
                ("Secret", false),
                ("Service", false),
                ("Deployment", false),
                ("Service", true)
            ]
        );
        let names: Vec<_> = stream
            .of_kind("Service")
            .map(|e| {
                metadata(
                    stream.tree(e.object.document).unwrap(),
                    e.object.node,
                    "name",
                )
                .known()
                .unwrap()
                .unwrap()
            })
            .collect();
        assert_eq!(names, ["b", "c"]);
        assert_eq!(stream.of_kind("Ingress").count(), 0);
    }

    #[test]
    fn lists_in_lists_are_looked_into() {
        let text = "kind: List\napiVersion: v1\nitems:\n- {kind: List, items: [{kind: A, apiVersion: v1}, {kind: List, \
                    items: []}]}\n- {kind: B, apiVersion: v1}\n- {kind: CList, apiVersion: c/v1, items: [{}, {kind: D}]}\n- \
                    <<: {kind: E}\n";
        let mut stream = Stream::default();
        stream.add(0, text, false);
        let types: Vec<_> = stream
            .entries()
            .iter()
            .map(|e| (&*e.kind, &*e.api_version))
            .collect();
        assert_eq!(types, [("A", "v1"), ("B", "v1"), ("C", "c/v1")]);
        assert_eq!(stream.opaque().len(), 1);
    }

    #[test]
    fn what_cannot_be_read_is_known_and_nothing_else_is_parsed() {
        let stream = stream();
        assert_eq!(stream.unread(), [3]);
        assert!(
            stream.documents[1].tree.get().is_none(),
            "a Secret is not read unless somebody asks"
        );
    }

    #[test]
    fn a_place_is_absolute() {
        let stream = stream();
        let tree = stream.tree(1).unwrap();
        let name = tree.at(NodeId::ROOT, &["metadata", "name"]).unwrap();
        assert_eq!(&TEXT[stream.place(1, tree.span(name)).span.range()], "a");
    }

    #[test]
    fn what_an_object_is_known_by_has_no_doubtful_tag() {
        for text in [
            "kind: A\napiVersion: v1\nmetadata: {name: !!binary QUJD}\n",
            "kind: A\napiVersion: v1\nmetadata:\n  labels: {!!binary QUJD: b}\n",
            "kind: !x A\napiVersion: v1\n",
            "kind: A\napiVersion: v1\nmetadata: !x\n  name: a\n",
            "kind: A\napiVersion: v1\n!!merge \"<<\": {kind: B}\n",
            "kind: List\napiVersion: v1\nitems:\n- {kind: A, apiVersion: v1, metadata: {labels: {a: !!set b}}}\n",
        ] {
            let mut stream = Stream::default();
            stream.add(0, text, false);
            assert_eq!(stream.tree(0).unwrap_err().flaw, Flaw::Tag, "{text}");
        }
        for text in [
            "kind: A\napiVersion: v1\nmetadata: {name: !!str a, labels: !!map {! b: ! c}}\n",
            "kind: A\napiVersion: v1\nmetadata: {name: a}\ndata: {a: !!binary QUJD, !x b: c}\n",
            "kind: A\napiVersion: v1\n&k metadata: {name: a}\n",
        ] {
            let mut stream = Stream::default();
            stream.add(0, text, false);
            assert!(stream.tree(0).is_ok(), "{text}");
        }
    }
}
