//! Keeps the parts of a coupled workload that the next check needs: its record, and the state of
//! its entries; never a value.

use std::collections::BTreeMap;

use super::ObjectChange;
use super::live::{Live, Variable};
use super::live_kind::LiveKind;
use super::object_key::ObjectId;
use crate::limits::RECORD_BYTES;
use crate::manifest::{Place, Tree};
use crate::project::{
    self, DocumentRef, EntryState, EntryStatus, Mapping, OwnerKey, Slot, Sources, Supplied,
};

/// A workload whose label declares that it is coupled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workload {
    /// Its kind.
    pub kind: &'static LiveKind,
    /// Which.
    pub id: ObjectId,
    /// Its record.
    pub record: RecordState,
    /// When anything of it that is judged was last changed, by the server's clock.
    pub changed: Box<str>,
    /// When whoever wrote its record last wrote to it; empty: this is not recorded.
    pub recorded: Box<str>,
}

/// The record of a workload about its couplings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordState {
    /// Nothing, although it once did, or has the label.
    Stripped,
    /// Nothing that can be read, and why.
    Invalid(Box<str>),
    /// Its Plugs were left out of the output on purpose: the entries that are not as they were
    /// recorded.
    Omitted(Box<[Coupled]>),
    /// Its Plugs may be in the cluster: all entries, and what decides whether a Plug still means
    /// it.
    Kept {
        /// By Plug.
        plugs: Box<[Coupled]>,
        /// `metadata.labels` without what coupler wrote
        labels: Box<[(Box<str>, Box<str>)]>,
        /// The names of all containers.
        containers: Box<[Box<str>]>,
    },
}

/// The part of a record of one Plug or Socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coupled {
    /// The Plug or the Socket.
    pub owner: OwnerKey,
    /// `namespace/name` of the Socket.
    pub socket: Box<str>,
    /// `name@version`
    pub interface: Box<str>,
    /// What of it never was in the cluster, since a catalogue supplied it.
    pub catalogue: Box<[Supplied]>,
    /// Its entries.
    pub entries: Box<[RecordedEntry]>,
}

/// One recorded entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedEntry {
    /// The collection, as the record names it.
    pub slot: Slot,
    /// Its key.
    pub key: Box<str>,
    /// The digest of what was baked, or kept.
    pub recorded: Box<str>,
    /// The objects that it refers to now, if it is as it was recorded otherwise.
    pub referred: Option<Box<Referred>>,
    /// What is wrong with it.
    pub apart: Option<Box<Apart>>,
}

/// The objects that an entry refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Referred {
    /// Their names, in the entry's own order.
    pub names: Box<[Box<str>]>,
    /// The field manager that owns the references, and when that wrote to the workload last.
    pub change: Option<ObjectChange>,
}

/// How an entry differs from what was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Apart {
    /// How.
    pub fault: Fault,
    /// The field manager that did it.
    pub by: By,
    /// When, by the server's clock.
    pub at: Box<str>,
}

/// What is wrong with an entry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// It has other content, of this digest.
    Edited(String),
    /// It is gone.
    Missing,
    /// It is there, but a later entry of its key, of this digest, takes its place.
    Shadowed(String),
    /// It is before this one, which it uses: the kubelet expands only what is defined before.
    Early(Box<str>),
}

/// Who changed an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    /// This field manager, which owns the content.
    Owner(Box<str>),
    /// It is not on record, as for a removal and an order; this one wrote to the workload last.
    Last(Box<str>),
    /// The object does not record it.
    Nobody,
}

impl ObjectId {
    /// Of a live object.
    pub(super) fn of(kind: &LiveKind, live: &Live) -> Self {
        let metadata = &live.metadata;
        Self {
            api_version: kind.api_version,
            kind: kind.kind,
            namespace: metadata.namespace.as_str().into(),
            name: metadata.name.as_str().into(),
            uid: metadata.uid.as_str().into(),
        }
    }
}

impl Workload {
    /// What there is to keep of a live object that has the label.
    pub fn read(kind: &'static LiveKind, live: &Live) -> Self {
        Self {
            kind,
            id: ObjectId::of(kind, live),
            record: record(kind, live),
            changed: live.changed(),
            recorded: live.recorded(),
        }
    }

    /// Its couplings.
    pub fn plugs(&self) -> &[Coupled] {
        match &self.record {
            RecordState::Stripped | RecordState::Invalid(_) => &[],
            RecordState::Omitted(plugs) | RecordState::Kept { plugs, .. } => plugs,
        }
    }

    /// `Deployment `shop/web``, for a message.
    pub(super) fn called(&self) -> String {
        let ObjectId {
            kind,
            namespace,
            name,
            ..
        } = &self.id;
        match namespace.is_empty() {
            true => format!("{kind} `{name}`"),
            false => format!("{kind} `{namespace}/{name}`"),
        }
    }
}

fn record(kind: &LiveKind, live: &Live) -> RecordState {
    // it was written whole: nothing was baked into it
    if live.metadata.annotations.contains_key(project::RESOURCE) {
        return RecordState::Omitted(Box::default());
    }
    let size: usize = live
        .metadata
        .annotations
        .iter()
        .map(|(key, value)| key.len() + value.len())
        .sum();
    if size > RECORD_BYTES {
        let why = format!("it has {size} bytes, and coupler writes {RECORD_BYTES} at most");
        return RecordState::Invalid(why.into());
    }
    let text = live.manifest(kind);
    let tree = match Tree::read(&text) {
        Ok(tree) => tree,
        Err(error) => return RecordState::Invalid(error.message.into()),
    };
    let Some(root) = tree.root() else {
        return RecordState::Stripped;
    };
    let record = match project::record(&tree, root) {
        None => return RecordState::Stripped,
        Some(Err(invalid)) => return RecordState::Invalid(invalid.message.into()),
        Some(Ok(record)) => record,
    };
    let document = DocumentRef {
        tree: &tree,
        start: Place::default(),
        kinds: kind.kinds,
    };
    let statuses = project::statuses(document, root, &record);
    let omitted = record.sources == Sources::Omitted;
    // a Plug of its own may have wanted such an order: where no Plug is, it is not known
    let early = match omitted {
        true => BTreeMap::new(),
        false => early(live, kind.mapping, &statuses),
    };
    let plugs = record.owners.iter().map(|(owner, said)| {
        let mine = statuses
            .iter()
            .filter(|one| one.owner == owner && is_seen(one));
        Coupled {
            owner: owner.clone(),
            socket: said.socket.as_str().into(),
            interface: said.interface.as_str().into(),
            catalogue: said.catalogue.as_slice().into(),
            entries: mine
                .map(|one| entry(one, early.get(&(one.slot, one.key)).copied(), live))
                .filter(|entry| !omitted || entry.apart.is_some())
                .collect(),
        }
    });
    let plugs = plugs.collect();
    if omitted {
        return RecordState::Omitted(plugs);
    }
    let labels = record.authors_labels(&live.metadata.labels);
    RecordState::Kept {
        plugs,
        labels: labels
            .map(|(key, value)| (key.into(), value.into()))
            .collect(),
        containers: live.containers(kind.mapping).map(Into::into).collect(),
    }
}

/// Whether an entry is a part of what is kept of a live object: of a field nothing is, and so
/// nothing is known of it.
fn is_seen(status: &EntryStatus<'_>) -> bool {
    match status.slot {
        Slot::Env(_) | Slot::Mounts(_) | Slot::Volumes | Slot::PodMetadata => true,
        Slot::PodAnnotations | Slot::Annotations => project::is_file_annotation(status.key),
        Slot::Labels | Slot::Members(_) | Slot::Items(_) | Slot::Appended(_) | Slot::Found(_) => {
            false
        }
    }
}

/// Entries that are before what they use, each with the first that it uses.
fn early<'s>(
    live: &Live,
    mapping: &Mapping,
    statuses: &'s [EntryStatus<'_>],
) -> BTreeMap<(&'s Slot, &'s str), &'s str> {
    let mut by_slot: BTreeMap<&Slot, BTreeMap<&str, &EntryStatus<'_>>> = BTreeMap::new();
    for status in statuses {
        let recorded = by_slot.entry(status.slot).or_default();
        recorded.insert(status.key, status);
    }
    let mut early = BTreeMap::new();
    for (slot, recorded) in by_slot {
        let Slot::Env(container) = slot else {
            continue;
        };
        let variables = live.variables(mapping, container);
        for (at, Variable { name, value }) in variables.iter().enumerate() {
            let Some(user) = recorded.get(name).filter(|user| !user.kept) else {
                continue;
            };
            let is_late = |used: &&&EntryStatus<'_>| {
                let first = variables.iter().position(|one| one.name == used.key);
                first.is_some_and(|first| first > at)
            };
            let mut used = project::references(value).filter_map(|name| recorded.get(name));
            if let Some(used) = used.find(is_late) {
                early.insert((slot, user.key), used.key);
            }
        }
    }
    early
}

fn entry(status: &EntryStatus<'_>, early: Option<&str>, live: &Live) -> RecordedEntry {
    let fault = match (&status.state, early) {
        (EntryState::Same, None) => None,
        (EntryState::Same, Some(used)) => Some(Fault::Early(used.into())),
        (EntryState::Edited(digest), _) => Some(Fault::Edited(digest.clone())),
        (EntryState::Missing, _) => Some(Fault::Missing),
        (EntryState::Shadowed(digest), _) => Some(Fault::Shadowed(digest.clone())),
    };
    let owner = live.owner(status.slot, status.key);
    let is_referring = fault.is_none() && !status.objects.is_empty();
    let referred = is_referring.then(|| {
        let change = owner.map(|owner| ObjectChange {
            by: owner.manager.as_str().into(),
            at: owner.time.as_str().into(),
        });
        let names = status.objects.iter();
        Box::new(Referred {
            names: names.map(|name| name.as_str().into()).collect(),
            change,
        })
    });
    let apart = fault.map(|fault| {
        let owner = owner.filter(|_| !matches!(fault, Fault::Early(_)));
        let (by, at) = match (owner, live.last_writer()) {
            (Some(owner), _) => (By::Owner(owner.manager.as_str().into()), &*owner.time),
            (None, Some(last)) => (By::Last(last.manager.as_str().into()), &*last.time),
            (None, None) => (By::Nobody, ""),
        };
        let at = at.into();
        Box::new(Apart { fault, by, at })
    });
    RecordedEntry {
        slot: status.slot.clone(),
        key: status.key.into(),
        recorded: status.recorded.into(),
        referred,
        apart,
    }
}
