//! What came apart between what was baked and what stands in a cluster: judged by the objects' own
//! records, and by the same coupling as a render where Plugs and Sockets are in the cluster too.
//!
//! Names and digests only, never a value.

mod behind;
mod cluster;
mod couplings;
mod kept;
mod live;
mod named;
mod own;
mod service;
mod workload;

use std::collections::BTreeSet;

use crate::diagnostic::Diagnostic;
pub use cluster::{Cluster, Key};
use couplings::Couplings;
pub use live::{Live, Manager, Metadata, Spec};
pub use named::{Naming, Selector, Unrecorded};
pub use workload::{Apart, Coupled, ObjectId, Record, RecordedEntry, Workload};

/// One workload that is not coupled any more as its record says.
#[derive(Clone, Debug, PartialEq)]
pub struct Drift {
    /// The cause, and the way out. Its labels count in [`Cluster::sources`].
    pub diagnostic: Diagnostic,
    /// The workload.
    pub workload: ObjectId,
    /// The Plug, as the record's annotation names it; empty where there is no record.
    pub plug: Box<str>,
    /// The Plug, where it is in the cluster.
    pub regarding: Option<ObjectId>,
    /// The Socket that was coupled, `namespace/name`.
    pub socket: Box<str>,
    /// What tells two drifts of one code apart.
    pub detail: String,
    /// When the objects that show it were last changed, by the server's clock; empty: they do not
    /// say. An Event that was made before then is of an earlier time that it came apart.
    pub changed: Box<str>,
    /// Whether the cause is outside the workload: then one cause may take many Plugs down.
    pub shared: bool,
}

/// How the couplings of a cluster stand.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Judgement {
    /// What came apart, by workload, then Plug.
    pub drifts: Vec<Drift>,
    /// How many couplings stand as they were baked.
    pub coupled: usize,
    /// How many do not.
    pub decoupled: usize,
    /// How many cannot be judged: a Plug or Socket that was never seen, a value that is not read.
    pub unknown: usize,
    /// Workloads that Plugs name, and that are not known: whoever looks them up again and again
    /// knows all that is apart.
    pub look_up: BTreeSet<Naming>,
}

/// What became of one coupling.
enum Verdict {
    Coupled,
    Decoupled(Vec<Drift>),
    Unknown,
}

/// Judges every coupling that a workload's record names.
pub fn judge(cluster: &Cluster) -> Judgement {
    let mut drifts = Vec::new();
    let judgement = judge_each(cluster, |drift| drifts.push(drift));
    Judgement {
        drifts,
        ..judgement
    }
}

/// The same, without a list of all drifts: each goes to `take`, since forged records may make any
/// number of them.
pub fn judge_each(cluster: &Cluster, mut take: impl FnMut(Drift)) -> Judgement {
    let mut judgement = Judgement::default();
    let couplings = Couplings::new(cluster);
    for workload in cluster.workloads.values() {
        if let Some(drift) = own::record(workload) {
            judgement.decoupled += 1;
            take(drift);
        }
        for coupled in workload.plugs() {
            match verdict(&couplings, workload, coupled) {
                Verdict::Coupled => judgement.coupled += 1,
                Verdict::Unknown => judgement.unknown += 1,
                Verdict::Decoupled(drifts) => {
                    judgement.decoupled += 1;
                    drifts.into_iter().for_each(&mut take);
                }
            }
        }
    }
    let mut unrecorded = 0;
    judgement.look_up = couplings.unrecorded(|drift| {
        unrecorded += 1;
        take(drift);
    });
    judgement.decoupled += unrecorded;
    judgement
}

fn verdict(couplings: &Couplings<'_>, workload: &Workload, coupled: &Coupled) -> Verdict {
    let mut drifts = own::entries(workload, coupled);
    let mut unknown = false;
    if let Record::Kept { .. } = workload.record {
        match couplings.judge(workload, coupled) {
            Verdict::Coupled => {}
            Verdict::Unknown => unknown = true,
            Verdict::Decoupled(more) => drifts.extend(more),
        }
        let regarding = couplings.plug(workload, coupled);
        drifts
            .iter_mut()
            .filter(|drift| drift.regarding.is_none())
            .for_each(|drift| drift.regarding.clone_from(&regarding));
    }
    match (drifts.is_empty(), unknown) {
        (false, _) => Verdict::Decoupled(drifts),
        (true, true) => Verdict::Unknown,
        (true, false) => Verdict::Coupled,
    }
}

/// `a`, `b` and 3 more
fn list(names: impl ExactSizeIterator<Item = String>) -> String {
    let more = names.len().saturating_sub(crate::limits::CANDIDATES);
    let mut shown: Vec<_> = names.take(crate::limits::CANDIDATES).collect();
    if more > 0 {
        return format!("{} and {more} more", shown.join(", "));
    }
    let last = shown.pop().unwrap_or_default();
    if shown.is_empty() {
        last
    } else {
        format!("{} and {last}", shown.join(", "))
    }
}
