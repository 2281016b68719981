//! Keeps which workloads are looked up for the Plugs and Sockets that name them, the time of the next
//! look-up, and the result.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::look::Found;
use crate::drift::{Cluster, ObjectKey, Selector, WorkloadNaming};

/// How often a workload is looked up that has no record or is not there: nothing else reports when
/// it comes.
const BY_NAME: Duration = Duration::from_secs(60);
/// How often workloads with labels are looked up: those that lose their record are known at once.
const BY_LABELS: Duration = Duration::from_secs(30 * 60);

/// The look-ups of one naming.
#[derive(Debug, Default)]
struct Looks {
    next: Duration,
    /// What the last one found without a record.
    found: Vec<ObjectKey>,
}

/// All that is looked up.
#[derive(Debug, Default)]
pub(super) struct LookUps {
    looks: BTreeMap<WorkloadNaming, Looks>,
}

impl LookUps {
    /// Takes in what a judgement wants to have looked up; what is no longer named is forgotten.
    pub(super) fn wanted(&mut self, namings: BTreeSet<WorkloadNaming>, cluster: &mut Cluster) {
        let before = std::mem::take(&mut self.looks);
        let (kept, over): (BTreeMap<_, _>, BTreeMap<_, _>) = before
            .into_iter()
            .partition(|(naming, _)| namings.contains(naming));
        self.looks = kept;
        for naming in namings {
            self.looks.entry(naming).or_default();
        }
        let found: BTreeSet<&ObjectKey> =
            self.looks.values().flat_map(|looks| &looks.found).collect();
        for key in over
            .values()
            .flat_map(|looks| &looks.found)
            .filter(|key| !found.contains(key))
        {
            cluster.drop_unrecorded(key);
        }
    }

    /// What is to be looked up now.
    pub(super) fn due(&mut self, now: Duration) -> Vec<WorkloadNaming> {
        let mut due = Vec::new();
        for (naming, looks) in self.looks.iter_mut().filter(|(_, looks)| looks.next <= now) {
            looks.next = Duration::MAX; // until it is found
            due.push(naming.clone());
        }
        due
    }

    /// When something is to be looked up next.
    pub(super) fn wake(&self) -> Option<Duration> {
        self.looks
            .values()
            .map(|looks| looks.next)
            .min()
            .filter(|next| *next < Duration::MAX)
    }

    /// A workload lost its record: who names workloads of its kind by labels may mean it.
    pub(super) fn left(&mut self, key: &ObjectKey, now: Duration) {
        let may_mean = |naming: &WorkloadNaming| {
            naming.group_kind() == key.kind
                && naming.namespace == key.namespace
                && matches!(naming.selector, Selector::Labels(_))
        };
        self.looks
            .iter_mut()
            .filter(|(naming, _)| may_mean(naming))
            .for_each(|(_, looks)| looks.next = now);
    }

    /// What a look-up found; whether the couplings are to be judged again.
    pub(super) fn found(
        &mut self,
        naming: &WorkloadNaming,
        found: Found,
        cluster: &mut Cluster,
        now: Duration,
    ) -> bool {
        let Some(looks) = self.looks.get_mut(naming) else {
            return false;
        };
        looks.next = now
            + match naming.selector {
                Selector::Name(_) => BY_NAME,
                Selector::Labels(_) => BY_LABELS,
            };
        let before = std::mem::take(&mut looks.found);
        before.iter().for_each(|key| cluster.drop_unrecorded(key));
        if let Found::Unrecorded(found) = found {
            for unrecorded in found {
                looks.found.push(ObjectKey::of(&unrecorded.id));
                cluster.put_unrecorded(unrecorded);
            }
        }
        looks.found != before
    }
}
