//! Finds differences between what was baked and what is in a cluster: by the objects' own records
//! and, if Plugs and Sockets are in the cluster too, by the same coupling as in a render.
//!
//! Names and digests only, never a value.

mod behind;
mod block_style;
mod cluster;
mod couplings;
mod kept;
mod live;
mod live_kind;
mod managers;
mod named;
mod object_key;
mod own;
mod reasons;
mod service;
mod unrecorded;
mod workload;

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::{Diagnostic, list_all};
use crate::project::OwnerKey;
pub use cluster::Cluster;
use couplings::Couplings;
pub use live::{Live, LiveContent, Metadata};
pub use live_kind::{LiveKind, ReadExtent, kind_label};
pub use managers::Manager;
pub use object_key::{GroupKind, ObjectId, ObjectKey};
pub use unrecorded::{Selector, Unrecorded, WorkloadNaming};
pub use workload::{Apart, By, Coupled, Fault, RecordState, RecordedEntry, Referred, Workload};

/// One workload that is no longer coupled as its record lists.
#[derive(Clone, Debug, PartialEq)]
pub struct Drift {
    /// The cause, and the way out. Its labels count in [`Cluster::sources`].
    pub diagnostic: Diagnostic,
    /// The workload.
    pub workload: ObjectId,
    /// The Plug or the Socket that the record has it of; `None`: there is no record.
    pub owner: Option<OwnerKey>,
    /// That object, where it is in the cluster.
    pub regarding: Option<ObjectId>,
    /// The Socket that was coupled, `namespace/name`.
    pub socket: Box<str>,
    /// The Interface that it was coupled by, `name@version`.
    pub interface: Box<str>,
    /// What distinguishes two drifts of one code.
    pub detail: String,
    /// When the objects that show it were last changed, by the server's clock; empty: this is not
    /// recorded. An Event that was created before then reports an earlier drift.
    pub changed: Box<str>,
    /// What outside the workload caused it: one cause may affect many Plugs.
    pub cause: Option<DriftCause>,
}

impl Drift {
    /// The owner as lists of Plugs show it; empty: there is no record.
    pub fn owner_name(&self) -> String {
        self.owner.as_ref().map(OwnerKey::short).unwrap_or_default()
    }
}

/// An object whose change or absence causes drifts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DriftCause {
    /// Which.
    pub object: ObjectId,
    /// Its change since the workload was rendered; `None`: there is no evidence of one.
    pub change: Option<ObjectChange>,
}

/// A change of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectChange {
    /// The field manager.
    pub by: Box<str>,
    /// When, by the server's clock.
    pub at: Box<str>,
}

impl DriftCause {
    /// The object, and who changed it when: for a message.
    pub fn described(&self) -> String {
        let ObjectId {
            kind,
            namespace,
            name,
            ..
        } = &self.object;
        let object = match namespace.is_empty() {
            true => format!("{kind} `{name}`"),
            false => format!("{kind} `{namespace}/{name}`"),
        };
        match &self.change {
            None => object,
            Some(ObjectChange { by, at }) => {
                format!("{object}, which field manager `{by}` changed at {at}")
            }
        }
    }
}

/// Why a coupling cannot be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unknown {
    /// Interfaces, Plugs or Sockets cannot be listed.
    NotListed,
    /// A catalogue supplied what is not in the cluster.
    Catalogue,
    /// A Socket reads a value of an object that is not read here.
    NotRead,
    /// Too much would have to be compared for one namespace.
    Limit,
}

impl Unknown {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::NotListed, Self::Catalogue, Self::NotRead, Self::Limit];

    /// As a label has it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotListed => "not-listed",
            Self::Catalogue => "catalogue",
            Self::NotRead => "not-read",
            Self::Limit => "limit",
        }
    }
}

/// The state of the couplings of a cluster.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Judgement {
    /// What differs, by workload, then Plug.
    pub drifts: Vec<Drift>,
    /// How many couplings are as they were baked.
    pub coupled: usize,
    /// How many do not.
    pub decoupled: usize,
    /// How many cannot be judged, by reason.
    pub unknown: BTreeMap<Unknown, usize>,
    /// Workloads that Plugs and Sockets name, and that are not known: whoever looks them up again
    /// and again knows all that is apart.
    pub look_up: BTreeSet<WorkloadNaming>,
}

/// What became of one coupling.
enum Verdict {
    Coupled,
    Decoupled(Vec<Drift>),
    Unknown(Unknown),
}

/// What a judgement finds, one at a time.
#[derive(Debug)]
pub enum Finding<'c> {
    /// A coupling, or a workload's record, that differs.
    Apart(Box<Drift>),
    /// A coupling that is as it was baked.
    Coupled(&'c Workload, &'c Coupled),
}

/// Judges every coupling that a workload's record names.
pub fn judge(cluster: &Cluster) -> Judgement {
    let mut drifts = Vec::new();
    let judgement = judge_each(cluster, |finding| {
        if let Finding::Apart(drift) = finding {
            drifts.push(*drift);
        }
    });
    Judgement {
        drifts,
        ..judgement
    }
}

/// The same, without a list of all drifts: each finding goes to `take`, since forged records may
/// make any number of them.
pub fn judge_each<'c>(cluster: &'c Cluster, mut take: impl FnMut(Finding<'c>)) -> Judgement {
    let mut judgement = Judgement::default();
    let couplings = Couplings::new(cluster);
    for workload in cluster.workloads.values() {
        if let Some(drift) = own::record(workload) {
            judgement.decoupled += 1;
            take(Finding::Apart(Box::new(drift)));
        }
        for coupled in workload.plugs() {
            match verdict(&couplings, workload, coupled) {
                Verdict::Coupled => {
                    judgement.coupled += 1;
                    take(Finding::Coupled(workload, coupled));
                }
                Verdict::Unknown(why) => *judgement.unknown.entry(why).or_default() += 1,
                Verdict::Decoupled(drifts) => {
                    judgement.decoupled += 1;
                    let drifts = drifts.into_iter().map(Box::new);
                    drifts.map(Finding::Apart).for_each(&mut take);
                }
            }
        }
    }
    let mut unrecorded = 0;
    judgement.look_up = couplings.unrecorded(|drift| {
        unrecorded += 1;
        take(Finding::Apart(Box::new(drift)));
    });
    judgement.decoupled += unrecorded;
    judgement
}

fn verdict(couplings: &Couplings<'_>, workload: &Workload, coupled: &Coupled) -> Verdict {
    let mut drifts = own::entries(workload, coupled, |key, used| {
        couplings.keeps_order(workload, coupled, key, used)
    });
    let mut unknown = None;
    if let RecordState::Kept { .. } = workload.record {
        match couplings.judge(workload, coupled) {
            Verdict::Coupled => {}
            Verdict::Unknown(why) => unknown = Some(why),
            Verdict::Decoupled(more) => drifts.extend(more),
        }
        let regarding = couplings.owner(workload, coupled);
        drifts
            .iter_mut()
            .filter(|drift| drift.regarding.is_none())
            .for_each(|drift| drift.regarding.clone_from(&regarding));
    }
    match (drifts.is_empty(), unknown) {
        (false, _) => Verdict::Decoupled(drifts),
        (true, Some(why)) => Verdict::Unknown(why),
        (true, None) => Verdict::Coupled,
    }
}

/// `a`, `b` and 3 more
fn list(names: impl ExactSizeIterator<Item = String>) -> String {
    let more = names.len().saturating_sub(crate::limits::CANDIDATES);
    let shown: Vec<_> = names.take(crate::limits::CANDIDATES).collect();
    if more > 0 {
        return format!("{} and {more} more", shown.join(", "));
    }
    list_all(&shown)
}
