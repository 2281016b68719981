//! What is kept of a coupled workload between two judgements: its record, and what became of its
//! entries; never a value.

use super::live::Live;
use crate::limits::RECORD_BYTES;
use crate::manifest::Tree;
use crate::project::{self, EntryState, EntryStatus, Slot, Sources, Supplied, WorkloadKind};

/// An object of a cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct ObjectId {
    /// `apiVersion`
    pub api_version: &'static str,
    /// `kind`
    pub kind: &'static str,
    /// `metadata.namespace`
    pub namespace: Box<str>,
    /// `metadata.name`
    pub name: Box<str>,
    /// `metadata.uid`
    pub uid: Box<str>,
}

/// A workload that says that it is coupled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workload {
    /// Which.
    pub id: ObjectId,
    /// What it says.
    pub record: Record,
    /// When it was last changed, by the server's clock.
    pub changed: Box<str>,
}

/// What a workload says of its couplings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// Nothing, although it once did, or bears the label.
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
        /// `metadata.labels`
        labels: Box<[(Box<str>, Box<str>)]>,
        /// The names of all containers.
        containers: Box<[Box<str>]>,
    },
}

/// One Plug's part of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coupled {
    /// The Plug's annotation, without its prefix.
    pub plug: Box<str>,
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
    /// The object that it refers to now.
    pub object: Option<Box<str>>,
    /// What is wrong with it.
    pub apart: Option<Box<Apart>>,
}

/// How an entry came apart from what was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Apart {
    /// How.
    pub state: EntryState,
    /// The field manager that did it, where the object says so.
    pub by: Option<Box<str>>,
    /// When, by the server's clock.
    pub at: Box<str>,
}

impl ObjectId {
    /// Of a live object.
    pub(super) fn of(api_version: &'static str, kind: &'static str, live: &Live) -> Self {
        let metadata = &live.metadata;
        Self {
            api_version,
            kind,
            namespace: metadata.namespace.as_str().into(),
            name: metadata.name.as_str().into(),
            uid: metadata.uid.as_str().into(),
        }
    }
}

impl Workload {
    /// What there is to keep of a live object that bears the label.
    pub fn read(api_version: &'static str, kind: &'static str, live: &Live) -> Self {
        let id = ObjectId::of(api_version, kind, live);
        Self {
            id,
            record: record(api_version, kind, live),
            changed: live.changed(),
        }
    }

    /// Its couplings.
    pub fn plugs(&self) -> &[Coupled] {
        match &self.record {
            Record::Stripped | Record::Invalid(_) => &[],
            Record::Omitted(plugs) | Record::Kept { plugs, .. } => plugs,
        }
    }

    /// `Deployment `web``, for a message.
    pub(super) fn called(&self) -> String {
        format!("{} `{}`", self.id.kind, self.id.name)
    }
}

fn record(api_version: &str, kind: &str, live: &Live) -> Record {
    let size: usize = live
        .metadata
        .annotations
        .iter()
        .map(|(key, value)| key.len() + value.len())
        .sum();
    if size > RECORD_BYTES {
        let why = format!("it has {size} bytes, and coupler writes {RECORD_BYTES} at most");
        return Record::Invalid(why.into());
    }
    let text = live.manifest(api_version, kind);
    let tree = match Tree::read(&text) {
        Ok(tree) => tree,
        Err(error) => return Record::Invalid(error.message.into()),
    };
    let Some(root) = tree.root() else {
        return Record::Stripped;
    };
    let record = match project::record(&tree, root) {
        None => return Record::Stripped,
        Some(Err(invalid)) => return Record::Invalid(invalid.message.into()),
        Some(Ok(record)) => record,
    };
    let statuses = project::statuses(&tree, root, &record);
    let omitted = record.sources == Sources::Omitted;
    let plugs = record.plugs.iter().map(|(plug, said)| {
        let mine = statuses.iter().filter(|one| one.plug == plug);
        let mine = mine.filter(|one| !omitted || one.state != EntryState::Same);
        Coupled {
            plug: plug.as_str().into(),
            socket: said.socket.as_str().into(),
            interface: said.interface.as_str().into(),
            catalogue: said.catalogue.as_slice().into(),
            entries: mine.map(|one| entry(one, live)).collect(),
        }
    });
    let plugs = plugs.collect();
    if omitted {
        return Record::Omitted(plugs);
    }
    let labels = &live.metadata.labels;
    let mapping = WorkloadKind::of(api_version, kind).map(|known| known.mapping);
    Record::Kept {
        plugs,
        labels: labels
            .iter()
            .map(|(key, value)| (key.as_str().into(), value.as_str().into()))
            .collect(),
        containers: mapping
            .into_iter()
            .flat_map(|mapping| live.containers(mapping))
            .map(Into::into)
            .collect(),
    }
}

fn entry(status: &EntryStatus<'_>, live: &Live) -> RecordedEntry {
    let apart = (status.state != EntryState::Same).then(|| {
        let by = live.manager(status.slot, status.key).map(Into::into);
        let at = live.set(status.slot, status.key);
        Box::new(Apart {
            state: status.state.clone(),
            by,
            at,
        })
    });
    RecordedEntry {
        slot: status.slot.clone(),
        key: status.key.into(),
        recorded: status.recorded.into(),
        object: status.object.as_deref().map(Into::into),
        apart,
    }
}
