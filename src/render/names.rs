//! Finds the object of a kind, a namespace and a name, with an index of one kind that is built on
//! first use.

use std::borrow::Cow;
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use memchr::memmem::Finder;

use super::affixes::{AffixIndex, Affixes};
use crate::api::{LabelIndex, LabelPair, LabelSelector, LookRoom, TooManyLooks};
use crate::manifest::peek::{Called, peek};
use crate::manifest::stream::{DocumentSearch, Object, Stream, StreamObject, metadata};
use crate::manifest::{NodeId, NotReadable, Place, Reading, SourceId, Span, Tree};
use crate::project::{self, DocumentRef, WorkloadKinds};

type NameText<'a> = Cow<'a, str>;

/// The objects of one kind.
#[derive(Debug, Default)]
pub(super) struct ObjectsOfKind<'r, 'a> {
    /// By namespace, then name; those of the stream before those of the catalogue.
    pub(super) named:
        BTreeMap<Option<NameText<'a>>, BTreeMap<NameText<'a>, Vec<&'r StreamObject<'a>>>>,
    /// Those of the stream whose names the cluster makes.
    pub(super) generated: Vec<Generated<'r, 'a>>,
    /// Those of the stream of which it cannot be read what they are called.
    pub(super) not_readable: Vec<(Object, NotReadable)>,
}

/// An object with `generateName`.
#[derive(Debug)]
pub(super) struct Generated<'r, 'a> {
    pub(super) entry: &'r StreamObject<'a>,
    pub(super) namespace: Option<NameText<'a>>,
    /// What its name will begin with.
    pub(super) prefix: String,
}

/// The objects of one kind and namespace by their labels.
#[derive(Debug, Default)]
pub(super) struct ObjectsByLabels<'r> {
    pub(super) index: LabelIndex<'r, Object>,
    /// Those whose labels, or whose names, cannot be read.
    pub(super) not_readable: Vec<(Object, NotReadable)>,
}

/// A kind and a namespace.
type Group = (String, Option<String>);

/// Where kustomize writes the names that an object had before its prefix and suffix: while its
/// transformers run, others still refer to it by these.
const PREVIOUS_NAMES: &str = "internal.config.kubernetes.io/previousNames";

/// Where it writes that it will put a hash behind an object's name.
pub(super) const NEEDS_HASH: &str = "internal.config.kubernetes.io/needsHashSuffix";

/// What was added to an object's name, innermost first.
const PREFIXES: &str = "internal.config.kubernetes.io/prefixes";
const SUFFIXES: &str = "internal.config.kubernetes.io/suffixes";

/// Objects of one name that are looked through each time.
const FEW: usize = 4;

/// What a reference by name asks for.
#[derive(Clone, Copy, Debug)]
pub(super) struct NameQuery<'n> {
    pub(super) kind: &'n str,
    pub(super) namespace: Option<&'n str>,
    pub(super) name: &'n str,
    /// The `apiVersion`, where one is asked for.
    pub(super) asked: Option<&'n str>,
}

/// The same, kept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct NamedKey {
    kind: String,
    namespace: Option<String>,
    name: String,
    asked: Option<String>,
}

impl NameQuery<'_> {
    fn to_key(self) -> NamedKey {
        NamedKey {
            kind: self.kind.to_owned(),
            namespace: self.namespace.map(str::to_owned),
            name: self.name.to_owned(),
            asked: self.asked.map(str::to_owned),
        }
    }
}

/// The objects that one reference by name fits, in order.
#[derive(Debug)]
pub(super) struct Namesakes<'r> {
    pub(super) objects: Vec<Object>,
    by_affixes: OnceCell<AffixIndex<'r>>,
}

/// The index.
#[derive(Debug)]
pub(super) struct Names<'r, 'a> {
    pub(super) stream: &'r Stream<'a>,
    namespace: Option<&'r str>,
    /// The kinds of workload of the run.
    pub(super) workload_kinds: &'r WorkloadKinds,
    kinds: RefCell<BTreeMap<String, Rc<ObjectsOfKind<'r, 'a>>>>,
    labelled: RefCell<BTreeMap<Group, Rc<ObjectsByLabels<'r>>>>,
    unreadable: RefCell<BTreeSet<usize>>,
    renamed: OnceCell<bool>,
    ordered: OnceCell<bool>,
    in_build: OnceCell<bool>,
    namesakes: RefCell<BTreeMap<NamedKey, Rc<Namesakes<'r>>>>,
    /// What was added to the names of Plugs, by where they begin, built on first use.
    plugs: OnceCell<BTreeMap<(SourceId, u32), Affixes<'r>>>,
    /// How many Plugs got suggestions of objects with similar names.
    pub(super) said_near: Cell<usize>,
    /// How many workloads Plugs may still look at.
    pub(super) room: LookRoom,
}

impl<'r, 'a> Names<'r, 'a> {
    /// An index in which objects without a namespace are in `namespace`.
    pub(super) fn new(
        stream: &'r Stream<'a>,
        namespace: Option<&'r str>,
        workload_kinds: &'r WorkloadKinds,
    ) -> Self {
        Self {
            stream,
            namespace,
            workload_kinds,
            kinds: RefCell::default(),
            labelled: RefCell::default(),
            unreadable: RefCell::default(),
            renamed: OnceCell::new(),
            namesakes: RefCell::default(),
            ordered: OnceCell::new(),
            in_build: OnceCell::new(),
            plugs: OnceCell::new(),
            said_near: Cell::new(0),
            room: LookRoom::default(),
        }
    }

    /// A document of the run, for what is projected onto it.
    pub(super) fn document<'d>(&'d self, index: usize, tree: &'d Tree<'d>) -> DocumentRef<'d> {
        DocumentRef {
            tree,
            start: self.stream.place(index, Span::default()),
            kinds: self.workload_kinds,
        }
    }

    /// Whether some object records that a host renamed it.
    pub(super) fn renamed(&self) -> bool {
        *self
            .renamed
            .get_or_init(|| self.has_word(&[PREVIOUS_NAMES]))
    }

    /// Whether some object shows that kustomize runs coupler within a build, and may rename objects
    /// after it.
    pub(super) fn is_in_build(&self) -> bool {
        *self
            .in_build
            .get_or_init(|| self.has_word(&[PREVIOUS_NAMES, NEEDS_HASH]))
    }

    /// Whether some object may declare when it is created: a hook, or a sync wave.
    pub(super) fn has_order(&self) -> bool {
        *self
            .ordered
            .get_or_init(|| self.has_word(&["helm.sh/hook", "argocd.argoproj.io/"]))
    }

    /// Whether the text of some document has one of these words.
    fn has_word(&self, words: &[&str]) -> bool {
        DocumentSearch::new(words).has_any(self.stream)
    }

    /// The objects of a kind.
    pub(super) fn kind(&self, kind: &str) -> Rc<ObjectsOfKind<'r, 'a>> {
        if let Some(known) = self.kinds.borrow().get(kind) {
            return Rc::clone(known);
        }
        let read = Rc::new(self.read(kind));
        self.kinds
            .borrow_mut()
            .insert(kind.to_owned(), Rc::clone(&read));
        read
    }

    /// The objects of a kind and a namespace that `fits` accepts, by their labels. It must return
    /// the same in every call.
    pub(super) fn labelled(
        &self,
        kind: &str,
        namespace: Option<&str>,
        fits: impl Fn(&StreamObject<'_>) -> bool,
    ) -> Rc<ObjectsByLabels<'r>> {
        let key = (kind.to_owned(), namespace.map(str::to_owned));
        if let Some(known) = self.labelled.borrow().get(&key) {
            return Rc::clone(known);
        }
        let mut labelled = ObjectsByLabels::default();
        let all = self.kind(kind);
        labelled.not_readable.clone_from(&all.not_readable);
        let namespace = namespace.map(Cow::Borrowed);
        let named = all
            .named
            .get(&namespace)
            .into_iter()
            .flat_map(BTreeMap::values)
            .flatten()
            .copied();
        let generated = all
            .generated
            .iter()
            .filter(|generated| generated.namespace == namespace);
        let fitting = named
            .chain(generated.map(|generated| generated.entry))
            .filter(|entry| fits(entry));
        // one that has two names is one object
        let objects: BTreeSet<Object> = fitting.map(|entry| entry.object).collect();
        for object in objects {
            let Some(tree) = self.tree(object) else {
                continue;
            };
            match self.labels(tree, object) {
                Ok(labels) => labelled.index.push(object, labels),
                Err(why) => labelled.not_readable.push((object, why)),
            }
        }
        let labelled = Rc::new(labelled);
        self.labelled.borrow_mut().insert(key, Rc::clone(&labelled));
        labelled
    }

    /// The labels of an object as its author wrote them: with those that coupler wrote another
    /// workload would be chosen than at the first render.
    fn labels(
        &self,
        tree: &'r Tree<'a>,
        object: Object,
    ) -> Result<Vec<LabelPair<'r>>, NotReadable> {
        let mut found = match project::record(tree, object.node) {
            Some(Ok(record)) if record.has_fields() => {
                return self.as_written(tree, object, |written| {
                    let found = labels(written.tree(), written.node)?;
                    let owned = |label: Cow<'_, str>| Cow::Owned(label.into_owned());
                    let found = found.into_iter();
                    Ok(found
                        .map(|(key, value)| (owned(key), owned(value)))
                        .collect())
                });
            }
            Some(Ok(record)) if !record.labelled => labels(tree, object.node)?,
            Some(Ok(_) | Err(_)) | None => return labels(tree, object.node),
        };
        found.retain(|(key, _)| key != project::COUPLED);
        Ok(found)
    }

    /// Whether the labels of an object are what a selector asks for; labels that cannot be read are
    /// not.
    pub(super) fn is_accepted(&self, object: Object, selector: &LabelSelector) -> bool {
        let labels = self.tree(object).map(|tree| self.labels(tree, object));
        let Some(Ok(labels)) = labels else {
            return false;
        };
        selector.accepts(|key| {
            let found = labels.iter().find(|(own, _)| own == key);
            found.map(|(_, value)| &**value)
        })
    }

    fn read(&self, wanted: &str) -> ObjectsOfKind<'r, 'a> {
        let mut kind = ObjectsOfKind::default();
        let found = &mut kind.named;
        let mut renamed = Vec::new();
        let previous = Finder::new(PREVIOUS_NAMES);
        for catalogue in [false, true] {
            for entry in self
                .stream
                .of_kind(wanted)
                .filter(|e| e.catalogue == catalogue)
            {
                let document = self.stream.document(entry.object.document);
                let alone = entry.object.node == NodeId::ROOT
                    && previous.find(document.text.as_bytes()).is_none();
                let called = match peek(document).filter(|_| alone) {
                    Some(Called { name, namespace }) => Reading::Value(ReferenceTarget {
                        name: Name::Given(Cow::Borrowed(name)),
                        namespace: namespace.map(Cow::Borrowed),
                        former: BTreeSet::new(),
                    }),
                    None => match self.tree(entry.object) {
                        Some(tree) => identity(tree, entry.object.node),
                        None => continue,
                    },
                };
                let ReferenceTarget {
                    name,
                    namespace,
                    former,
                } = match called {
                    Reading::Value(identity) => identity,
                    Reading::NotReadable(why) if !catalogue => {
                        kind.not_readable.push((entry.object, why));
                        continue;
                    }
                    Reading::Absent | Reading::NotReadable(_) => continue,
                };
                let namespace =
                    namespace.or_else(|| self.namespace.map(|text| Cow::Owned(text.to_owned())));
                let name = match name {
                    Name::Given(name) => name,
                    Name::Generated(prefix) if !catalogue => {
                        kind.generated.push(Generated {
                            entry,
                            namespace,
                            prefix,
                        });
                        continue;
                    }
                    Name::Generated(_) => continue,
                };
                renamed.extend(
                    former
                        .into_iter()
                        .map(|former| (namespace.clone(), Cow::Owned(former), entry)),
                );
                found
                    .entry(namespace)
                    .or_default()
                    .entry(name)
                    .or_default()
                    .push(entry);
            }
        }
        if renamed.is_empty() {
            return kind;
        }
        let current: BTreeMap<_, BTreeSet<_>> = found
            .iter()
            .map(|(namespace, names)| (namespace.clone(), names.keys().cloned().collect()))
            .collect();
        for (namespace, former, entry) in renamed {
            if !current
                .get(&namespace)
                .is_some_and(|names| names.contains(&former))
            {
                found
                    .entry(namespace)
                    .or_default()
                    .entry(former)
                    .or_default()
                    .push(entry);
            }
        }
        kind
    }

    /// The objects of the stream that have a name, or had it, and are wanted. The answer must be
    /// the same whenever it is asked of one name and `asked`.
    ///
    /// # Errors
    /// The run has looked at too many objects.
    pub(super) fn namesakes(
        &self,
        named: NameQuery<'_>,
        is_wanted: impl Fn(&StreamObject<'_>) -> bool,
    ) -> Result<Rc<Namesakes<'r>>, TooManyLooks> {
        let kind = self.kind(named.kind);
        let here = kind
            .named
            .get(&named.namespace.map(Cow::Borrowed))
            .and_then(|here| here.get(named.name));
        let entries = here.map_or(&[][..], Vec::as_slice);
        let wanted = || {
            let wanted = entries.iter().filter(|entry| is_wanted(entry));
            Rc::new(Namesakes {
                objects: wanted.map(|entry| entry.object).collect(),
                by_affixes: OnceCell::new(),
            })
        };
        if entries.len() <= FEW {
            return Ok(wanted());
        }
        let key = named.to_key();
        if let Some(known) = self.namesakes.borrow().get(&key) {
            return Ok(Rc::clone(known));
        }
        self.room.take(entries.len())?;
        let namesakes = wanted();
        self.namesakes
            .borrow_mut()
            .insert(key, Rc::clone(&namesakes));
        Ok(namesakes)
    }

    /// The first two of those that the Plug or the Socket at `plug` means. Of several that one reference fits by
    /// former names it means those to whose names the same was added as to its own: one base under
    /// two prefixes. kustomize distinguishes them in this way.
    ///
    /// # Errors
    /// The run has looked at too many objects.
    pub(super) fn meant(
        &self,
        plug: Place,
        namesakes: &Namesakes<'r>,
    ) -> Result<Vec<Object>, TooManyLooks> {
        let objects = &namesakes.objects;
        let first_two = || objects.iter().copied().take(2).collect();
        if objects.len() < 2 || !self.renamed() {
            return Ok(first_two());
        }
        let plugs = self.plugs.get_or_init(|| {
            let plugs = self.stream.of_kind("Plug");
            let all = plugs.chain(self.stream.of_kind("Socket"));
            let all = all.map(|entry| entry.object);
            all.filter_map(|object| Some((self.start(object)?, self.affixes(object)?)))
                .collect()
        });
        let Some(own) = plugs.get(&(plug.source, plug.span.start)) else {
            return Ok(first_two());
        };
        let by_affixes = namesakes.by_affixes.get_or_init(|| {
            let mut index = AffixIndex::default();
            for object in objects {
                index.push(*object, self.affixes(*object));
            }
            index
        });
        by_affixes.meant(*own, &self.room)
    }

    /// What kustomize added to the name of an object.
    fn affixes(&self, object: Object) -> Option<Affixes<'r>> {
        let tree = self.tree(object)?;
        let list = |key| annotation(tree, object.node, key).unwrap_or_default();
        Some(Affixes {
            prefixes: list(PREFIXES),
            suffixes: list(SUFFIXES),
        })
    }

    /// Where an object begins: its source, and the offset in it.
    pub(super) fn start(&self, object: Object) -> Option<(SourceId, u32)> {
        let place = self
            .stream
            .place(object.document, self.tree(object)?.span(object.node));
        Some((place.source, place.span.start))
    }

    /// The tree that an object is in, kept for further uses; one that cannot be read is
    /// taken note of.
    pub(super) fn tree(&self, object: Object) -> Option<&'r Tree<'a>> {
        let tree = self.stream.tree(object.document);
        if tree.is_err() {
            self.unreadable.borrow_mut().insert(object.document);
        }
        tree.ok()
    }

    /// The same for a single use.
    pub(super) fn once<T>(&self, document: usize, read: impl FnOnce(&Tree<'a>) -> T) -> Option<T> {
        let read = self.stream.once(document, read);
        if read.is_err() {
            self.unreadable.borrow_mut().insert(document);
        }
        read.ok()
    }

    /// Where an object is: its own namespace, or the run's.
    ///
    /// # Errors
    /// What is in the way of reading it.
    pub(super) fn namespace_of(
        &self,
        tree: &Tree<'_>,
        object: NodeId,
    ) -> Result<Option<String>, NotReadable> {
        Ok(metadata(tree, object, "namespace")
            .known()?
            .or(self.namespace)
            .map(str::to_owned))
    }

    /// Where an object's name is, or else the object.
    pub(super) fn place(&self, object: Object) -> Place {
        match self.tree(object) {
            Some(tree) => self.place_in(tree, object),
            None => self.stream.place(object.document, Span::default()),
        }
    }

    /// The same of an object in this tree.
    pub(super) fn place_in(&self, tree: &Tree<'_>, object: Object) -> Place {
        let named = |key| tree.read_at(object.node, &["metadata", key]).shown();
        let node = named("name")
            .or_else(|| named("generateName"))
            .unwrap_or(object.node);
        self.stream.place(object.document, tree.span(node))
    }

    /// The documents that were needed and could not be read.
    pub(super) fn unreadable(&self) -> BTreeSet<usize> {
        self.unreadable.borrow().clone()
    }
}

/// What references find an object by.
struct ReferenceTarget<'a> {
    name: Name<'a>,
    namespace: Option<NameText<'a>>,
    /// The other names that references may still have for it.
    former: BTreeSet<String>,
}

/// The name of an object.
enum Name<'a> {
    Given(NameText<'a>),
    /// The cluster makes it, with this at its beginning.
    Generated(String),
}

/// What references find an object by; absent: nothing.
fn identity<'a>(tree: &Tree<'_>, object: NodeId) -> Reading<ReferenceTarget<'a>> {
    let owned = |text: &str| Cow::Owned(text.to_owned());
    let name = match metadata(tree, object, "name") {
        Reading::Value(name) => {
            Reading::Value((Name::Given(owned(name)), former_names(tree, object, name)))
        }
        Reading::Absent => metadata(tree, object, "generateName")
            .map(|prefix| (Name::Generated(prefix.to_owned()), BTreeSet::new())),
        Reading::NotReadable(why) => Reading::NotReadable(why),
    };
    name.then(|(name, former)| match metadata(tree, object, "namespace") {
        Reading::Value(namespace) => Reading::Value(ReferenceTarget {
            name,
            namespace: Some(owned(namespace)),
            former,
        }),
        Reading::Absent => Reading::Value(ReferenceTarget {
            name,
            namespace: None,
            former,
        }),
        Reading::NotReadable(why) => Reading::NotReadable(why),
    })
}

/// The other names that references may still have for an object, each once.
fn former_names(tree: &Tree<'_>, object: NodeId, name: &str) -> BTreeSet<String> {
    let names = annotation(tree, object, PREVIOUS_NAMES);
    names
        .into_iter()
        .flat_map(|names| names.split(','))
        .filter(|other| *other != name)
        .map(str::to_owned)
        .collect()
}

/// What kustomize noted on an object; it writes no alias and no merge key.
fn annotation<'t>(tree: &'t Tree<'_>, object: NodeId, key: &str) -> Option<&'t str> {
    tree.read_text(object, &["metadata", "annotations", key])
        .shown()
}

/// The labels of an object, as they are.
fn labels<'t>(tree: &'t Tree<'_>, object: NodeId) -> Result<Vec<LabelPair<'t>>, NotReadable> {
    let members = tree
        .read_members(object, &["metadata", "labels"])
        .known()?
        .unwrap_or_default();
    let mut labels = Vec::new();
    for member in members {
        let (Some(key), Some(value)) = (tree.key(member), tree.read_text(member, &[]).known()?)
        else {
            continue;
        };
        labels.push((key.into(), value.into()));
    }
    Ok(labels)
}
