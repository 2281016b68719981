//! Keeps the workloads that lost their record until it is known whether that is a mistake: it is
//! one if a Plug names the workload.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::drift::{Cluster, ObjectKey, Workload};
use crate::limits::NAMESPACE_DRIFTS;

/// A workload that lost its record.
#[derive(Debug)]
pub(super) struct Departed {
    /// As it was before.
    pub(super) workload: Workload,
    since: Duration,
}

/// All of them, for the settle window.
#[derive(Debug, Default)]
pub(super) struct Departures {
    all: BTreeMap<ObjectKey, Departed>,
}

impl Departures {
    /// A workload lost its record just now.
    pub(super) fn add(&mut self, workload: Workload, now: Duration) {
        let key = ObjectKey::of(&workload.id);
        let first = ObjectKey::new(key.kind, &key.namespace, "");
        let held = self
            .all
            .range(first..)
            .take_while(|(other, _)| other.kind == key.kind && other.namespace == key.namespace)
            .count();
        if held < NAMESPACE_DRIFTS {
            self.all.insert(
                key,
                Departed {
                    workload,
                    since: now,
                },
            );
        }
    }

    /// Those that have been without a record for `settle`, and that no Plug names.
    pub(super) fn settled(
        &mut self,
        settle: Duration,
        now: Duration,
        cluster: &Cluster,
    ) -> Vec<Departed> {
        self.all.retain(|key, _| !cluster.has_record(key));
        let settled: Vec<ObjectKey> = self
            .all
            .iter()
            .filter(|(_, one)| now >= one.since + settle)
            .map(|(key, _)| key.clone())
            .collect();
        let settled = settled
            .into_iter()
            .filter_map(|key| Some((self.all.remove(&key)?, key)));
        settled
            .filter(|(_, key)| !cluster.is_unrecorded(key))
            .map(|(one, _)| one)
            .collect()
    }

    /// When the next has been without a record for `settle`.
    pub(super) fn wake(&self, settle: Duration) -> Option<Duration> {
        self.all.values().map(|one| one.since + settle).min()
    }
}
