//! Reads one object of a document for all steps of projecting: its collections, their entries, its
//! place.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::BTreeMap;

use super::key_path::KeyPath;
use super::owner::EntryOwner;
use super::place::place;
use super::record::Record;
use super::slot::Slot;
use super::workload_kind::Mapping;
use super::workload_kinds::KnownWorkload;
use super::{DocumentRef, digest, pod_template};
use crate::diagnostic::{Diagnostic, Subject};
use crate::manifest::path::Path;
use crate::manifest::path::walk;
use crate::manifest::stream::type_of;
use crate::manifest::{Kind, NodeId, NotReadable, Place, Reading, Span, Tree};

/// A collection of the object, where it is or would be.
#[derive(Debug)]
pub(super) struct Collection<'t> {
    pub(super) slot: Slot,
    /// The mapping that has it as a member, if that is there.
    pub(super) holder: Option<NodeId>,
    /// Its key there.
    pub(super) key: Cow<'static, str>,
    /// What is under that key.
    pub(super) node: Option<NodeId>,
    /// Its entries, in order, items without a key left out; or what is in the way of reading which
    /// there are.
    pub(super) entries: Result<Vec<StandingEntry<'t>>, NotReadable>,
    /// Positions in `entries`, in order of their keys, built on first use.
    by_key: OnceCell<Vec<usize>>,
}

impl<'t> Collection<'t> {
    /// The entries of a key, in order; none where they cannot be read.
    pub(super) fn of_key(&self, key: &str) -> impl Iterator<Item = &StandingEntry<'t>> {
        let entries = self.entries.as_deref().unwrap_or_default();
        let by_key = self.by_key.get_or_init(|| {
            let mut positions: Vec<usize> = (0..entries.len()).collect();
            positions.sort_by(|&one, &other| entries[one].key.cmp(&entries[other].key));
            positions
        });
        let key_of = |position: usize| &*entries[position].key;
        let start = by_key.partition_point(|&position| key_of(position) < key);
        let count = by_key[start..].partition_point(|&position| key_of(position) == key);
        by_key[start..start + count]
            .iter()
            .map(|&position| &entries[position])
    }
}

/// An entry as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StandingEntry<'t> {
    /// Its position in the collection.
    pub(super) index: usize,
    pub(super) node: NodeId,
    /// What distinguishes it from its neighbours.
    pub(super) key: Cow<'t, str>,
}

/// A workload.
#[derive(Debug)]
pub(super) struct WorkloadNode<'t> {
    pub(super) tree: &'t Tree<'t>,
    pub(super) root: NodeId,
    /// What is known of its kind, where it is a workload.
    pub(super) known: Option<KnownWorkload<'t>>,
    /// The collections that entries can go into, those of containers first.
    pub(super) collections: Vec<Collection<'t>>,
    /// The first position of each slot in `collections`.
    by_slot: BTreeMap<Slot, usize>,
    /// Where byte 0 of the tree's text is.
    start: Place,
}

impl<'t> WorkloadNode<'t> {
    /// Reads the object at `root`: the variables and annotations of its kind, those for files where
    /// one of them is named, and others that are named.
    ///
    /// # Errors
    /// What is in the way of reading which containers there are.
    pub(super) fn read<'s>(
        document: DocumentRef<'t>,
        root: NodeId,
        named: impl Iterator<Item = &'s Slot>,
    ) -> Result<Self, NotReadable> {
        let tree = document.tree;
        let by_slot = BTreeMap::new();
        let known = document.kinds.of_object(tree, root);
        let mut workload = Self {
            tree,
            root,
            known,
            collections: Vec::new(),
            by_slot,
            start: document.start,
        };
        let mut named: Vec<&Slot> = named.collect();
        named.dedup();
        if let Some(KnownWorkload { mapping, .. }) = known {
            workload.add_known(mapping)?;
            let mut slots = named.iter();
            if slots.any(|slot| matches!(slot, Slot::Volumes | Slot::Mounts(_))) {
                workload.add_for_files(mapping)?;
            }
        }
        for slot in named {
            workload.add_named(slot);
        }
        Ok(workload)
    }

    /// Adds the collections of a kind of workload that variables and annotations go into.
    fn add_known(&mut self, mapping: &'t Mapping) -> Result<(), NotReadable> {
        let (tree, root) = (self.tree, self.root);
        for container in pod_template::containers_at(tree, root, mapping)? {
            if let Some(name) = container.known_name() {
                self.add_at(Slot::Env(name.to_owned()), container.node, container.env);
            }
        }
        let annotations = &mapping.annotations;
        if annotations.is(&["metadata", "annotations"]) {
            // the object is the pod
            self.add_at(Slot::Annotations, root, annotations);
            return Ok(());
        }
        if let Some(metadata) = annotations.parent().filter(|parent| !parent.is_empty()) {
            self.add_at(Slot::PodMetadata, root, &metadata);
        }
        self.add_at(Slot::PodAnnotations, root, annotations);
        Ok(())
    }

    /// Adds the collections of a kind of workload that files go into: of every container, since one
    /// that a record names may have another name by now.
    fn add_for_files(&mut self, mapping: &'t Mapping) -> Result<(), NotReadable> {
        let (tree, root) = (self.tree, self.root);
        for container in pod_template::containers_at(tree, root, mapping)? {
            if let Some(name) = container.known_name() {
                self.add_at(
                    Slot::Mounts(name.to_owned()),
                    container.node,
                    container.mounts,
                );
            }
        }
        self.add_at(Slot::Volumes, root, &mapping.volumes);
        Ok(())
    }

    /// Adds the collection at a path from a node.
    fn add_at(&mut self, slot: Slot, from: NodeId, path: &KeyPath) {
        if let Some(key) = path.last_key() {
            self.add(slot, path.holder(self.tree, from), key);
        }
    }

    /// Adds a collection that any object may have, unless it is there.
    fn add_named(&mut self, slot: &Slot) {
        if self.position(slot).is_some() {
            return;
        }
        let (tree, root) = (self.tree, self.root);
        let metadata = || tree.read_at(root, &["metadata"]);
        match slot {
            Slot::Labels => self.add(Slot::Labels, metadata(), "labels".into()),
            Slot::Annotations => self.add(Slot::Annotations, metadata(), "annotations".into()),
            Slot::Members(path) | Slot::Items(path) | Slot::Appended(path) | Slot::Found(path) => {
                let node = walk(tree, root, path)
                    .map(|walked| Some(walked.deepest).filter(|_| walked.matched == path.len()));
                let key = Path(path).to_string();
                self.push(slot.clone(), None, key.into(), node);
            }
            Slot::Env(_)
            | Slot::PodMetadata
            | Slot::PodAnnotations
            | Slot::Volumes
            | Slot::Mounts(_) => {}
        }
    }

    fn add(&mut self, slot: Slot, holder: Reading<NodeId>, key: Cow<'static, str>) {
        let (holder, node) = match holder.known() {
            Ok(holder) => (
                holder,
                holder.map_or(Ok(None), |holder| {
                    self.tree.read_member(holder, &key).known()
                }),
            ),
            Err(why) => (None, Err(why)),
        };
        self.push(slot, holder, key, node);
    }

    fn push(
        &mut self,
        slot: Slot,
        holder: Option<NodeId>,
        key: Cow<'static, str>,
        node: Result<Option<NodeId>, NotReadable>,
    ) {
        let (node, entries) = match node {
            Ok(node) => (
                node,
                node.map_or(Ok(Vec::new()), |node| entries(self.tree, &slot, node)),
            ),
            Err(why) => (None, Err(why)),
        };
        self.by_slot
            .entry(slot.clone())
            .or_insert(self.collections.len());
        self.collections.push(Collection {
            slot,
            holder,
            key,
            node,
            entries,
            by_key: OnceCell::new(),
        });
    }

    /// The first collection of a slot.
    pub(super) fn position(&self, slot: &Slot) -> Option<usize> {
        self.by_slot.get(self.own_name(slot)).copied()
    }

    /// The slot under its one name: the annotations of a pod that is the object are the object's.
    fn own_name<'s>(&self, slot: &'s Slot) -> &'s Slot {
        if *slot == Slot::PodAnnotations && !self.by_slot.contains_key(slot) {
            &Slot::Annotations
        } else {
            slot
        }
    }

    /// A span of the tree as a place of the run.
    pub(super) fn place(&self, span: Span) -> Place {
        place(self.start, span)
    }

    /// The place of an entry or a key.
    pub(super) fn at(&self, id: NodeId) -> Place {
        self.place(self.tree.span(id))
    }

    /// The object, for a diagnostic.
    pub(super) fn subject(&self) -> Subject {
        let text = |id, key| {
            pod_template::text(self.tree, id, key)
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
        };
        let meta = self.tree.read_member(self.root, "metadata").shown();
        // a name that the cluster makes is known by its beginning
        let name = meta.and_then(|meta| text(meta, "name").or_else(|| text(meta, "generateName")));
        let known = type_of(self.tree, self.root);
        let (api_version, kind) = known
            .map(|known| (known.api_version, known.kind))
            .unwrap_or_default();
        Subject {
            api_version: api_version.into_owned(),
            kind: kind.into_owned(),
            namespace: meta.and_then(|meta| text(meta, "namespace")),
            name: name.unwrap_or_default(),
        }
    }

    /// `Deployment `web``, for a message.
    pub(super) fn called(&self) -> String {
        let subject = self.subject();
        format!("{} `{}`", subject.kind, subject.name)
    }

    /// The error about a collection that cannot be read.
    pub(super) fn not_readable(
        &self,
        collection: &Collection<'_>,
        why: &NotReadable,
    ) -> Diagnostic {
        let owner = match collection.slot.container() {
            Some(container) => format!("container `{container}` of {}", self.called()),
            None => self.called(),
        };
        let what = format!("`{}` of {owner}", collection.key);
        self.about(Diagnostic::not_readable(&what, why, |span| {
            self.place(span)
        }))
    }

    /// An object that writes into it: it is of the same namespace.
    pub(super) fn owner(&self, owner: EntryOwner<'_>) -> Subject {
        Subject {
            api_version: owner.api_version.to_owned(),
            kind: owner.kind.word().to_owned(),
            namespace: self.subject().namespace,
            name: owner.name.to_owned(),
        }
    }

    /// The same diagnostic, about this object.
    pub(super) fn about(&self, diagnostic: Diagnostic) -> Diagnostic {
        diagnostic.on(self.subject())
    }
}

/// The entries of a collection; those without a key are left out.
fn entries<'t>(
    tree: &'t Tree<'_>,
    slot: &Slot,
    collection: NodeId,
) -> Result<Vec<StandingEntry<'t>>, NotReadable> {
    let nodes = match slot.kind() {
        // which parts of a text are entries, only a record or a Plug tells
        Kind::Scalar => return Ok(Vec::new()),
        Kind::Sequence => tree.read_items(collection, &[]),
        _ => tree.read_members(collection, &[]),
    };
    let mut found = Vec::new();
    for (index, node) in nodes.known()?.unwrap_or_default().into_iter().enumerate() {
        let key: Option<Cow<'t, str>> = match (slot.item_key(), slot) {
            (Some(field), _) => {
                if let Some(why) = tree.opaque(node) {
                    return Err(why);
                }
                tree.read_text(node, &[field]).known()?.map(Cow::Borrowed)
            }
            (None, Slot::Items(_)) => Some(index.to_string().into()),
            (None, Slot::Appended(_)) => Some(digest::of_entry(tree, slot, node).into()),
            (None, _) => tree.key(node).map(Cow::Borrowed),
        };
        found.extend(key.map(|key| StandingEntry { index, node, key }));
    }
    Ok(found)
}

/// The entries of one collection: key and node, in order.
pub struct CollectionEntries<'t> {
    /// The collection.
    pub slot: Slot,
    /// What is in it.
    pub entries: Vec<(Cow<'t, str>, NodeId)>,
}

/// The entries of every collection of the object at `root` and of its record as far as they can be
/// read: key and node, in order.
pub fn entries_of<'t>(
    document: DocumentRef<'t>,
    root: NodeId,
    record: &Record,
) -> Vec<CollectionEntries<'t>> {
    let Ok(workload) = WorkloadNode::read(document, root, record.collections()) else {
        return Vec::new();
    };
    let mut all = Vec::new();
    for collection in workload.collections {
        let entries = collection
            .entries
            .unwrap_or_default()
            .into_iter()
            .map(|entry| (entry.key, entry.node));
        all.push(CollectionEntries {
            slot: collection.slot,
            entries: entries.collect(),
        });
    }
    all
}
