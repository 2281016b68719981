//! Keeps the cluster as the feed reports it: the kinds that are listed, the objects that a new
//! listing leaves out, and the workloads that lost their label.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::feed::{Change, Failure, WatchedObject};
use super::look::Found;
use super::named::LookUps;
use super::object::{WatchedKind, What};
use crate::drift::{Cluster, GroupKind, LiveKind, ObjectKey, Selector, Workload, WorkloadNaming};

/// How long a kind that was listed may fail before the watcher reports that it is not ready.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is known of a kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Known {
    /// Nothing yet.
    #[default]
    Nothing,
    /// That it cannot be listed: the server does not know it, or does not let us see it.
    Unlisted,
    /// Its objects, as they were when the server last answered. An error changes nothing of that.
    Objects,
}

/// The watch of a kind.
#[derive(Debug, Default)]
struct Store {
    known: Known,
    /// The objects of the listing that is under way.
    listing: Option<BTreeSet<ObjectKey>>,
    failing: Option<Failing>,
}

/// A watch that fails.
#[derive(Debug)]
struct Failing {
    since: Duration,
    why: String,
}

/// What a change comes to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Effect {
    /// Whether the couplings are to be judged again.
    pub(super) changed: bool,
    /// Workloads that do not have the label any more, or are gone: a look-up of each finds out
    /// which.
    pub(super) left: Vec<WorkloadNaming>,
    /// What became of a kind's watch.
    pub(super) watch: Option<Watched>,
}

/// What became of the watch of a kind.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Watched {
    /// It failed; `news`: it had not failed before.
    Failed {
        /// The kind.
        kind: WatchedKind,
        /// Why.
        failure: Failure,
        /// Whether it is to be logged.
        news: bool,
    },
    /// It is there again.
    Back(WatchedKind),
}

/// What a look-up comes to.
#[derive(Debug, Default)]
pub(super) struct LookUpOutcome {
    /// Whether the couplings are to be judged again.
    pub(super) changed: bool,
    /// A workload that is still there and has lost its record: as it was before, changed when it
    /// lost it.
    pub(super) unrecorded: Option<Workload>,
}

/// Everything that is known.
#[derive(Debug)]
pub(super) struct World {
    pub(super) cluster: Cluster,
    stores: BTreeMap<WatchedKind, Store>,
    /// Workloads that are looked up. One that the watch reports meanwhile is not what the look-up
    /// saw.
    left: BTreeSet<ObjectKey>,
    /// What is looked up since Plugs name it.
    pub(super) named: LookUps,
}

impl World {
    /// A world in which nothing was listed yet, where these kinds are named.
    pub(super) fn new(named: &[&'static LiveKind]) -> Self {
        let stores = WatchedKind::all(named)
            .into_iter()
            .map(|kind| (kind, Store::default()))
            .collect();
        Self {
            cluster: Cluster::watching(named),
            stores,
            left: BTreeSet::new(),
            named: LookUps::default(),
        }
    }

    /// Takes one change in.
    pub(super) fn apply(&mut self, change: Change, now: Duration) -> Effect {
        let mut effect = Effect::default();
        match change {
            Change::Listing(kind) => self.store(kind).listing = Some(BTreeSet::new()),
            Change::Put(kind, key, object) => {
                self.left.remove(&key);
                if let Some(listing) = &mut self.store(kind).listing {
                    listing.insert(key);
                }
                effect.changed = self.put(kind, object);
            }
            Change::Gone(kind, key) => self.gone(kind, key, &mut effect),
            Change::Listed(kind) => {
                let store = self.store(kind);
                let listed = store.listing.take().unwrap_or_default();
                store.known = Known::Objects;
                self.cluster.list(kind.group_kind(), true);
                effect.changed = true;
                for key in self
                    .keys(kind)
                    .into_iter()
                    .filter(|key| !listed.contains(key))
                {
                    self.gone(kind, key, &mut effect);
                }
            }
            Change::Watching(kind) => {
                let back = self.store(kind).failing.take();
                effect.watch = back.map(|_| Watched::Back(kind));
            }
            Change::Failed(kind, failure) => self.failed(kind, failure, now, &mut effect),
        }
        effect
    }

    /// What was known stays, unless nothing is: then a kind that cannot be listed is none of ours.
    fn failed(&mut self, kind: WatchedKind, failure: Failure, now: Duration, effect: &mut Effect) {
        let uninstalled = matches!(failure, Failure::Absent(_)) && self.keys(kind).is_empty();
        let store = self.store(kind);
        let refused = matches!(failure, Failure::Absent(_) | Failure::Forbidden(_));
        let before = store.failing.take();
        let since = before.as_ref().map_or(now, |failing| failing.since);
        store.failing = Some(Failing {
            since,
            why: failure.why().to_owned(),
        });
        if refused && store.known != Known::Objects || uninstalled {
            let news = std::mem::replace(&mut store.known, Known::Unlisted) != Known::Unlisted;
            effect.changed = self.cluster.list(kind.group_kind(), false) || news;
        }
        effect.watch = Some(Watched::Failed {
            kind,
            failure,
            news: before.is_none(),
        });
    }

    fn store(&mut self, kind: WatchedKind) -> &mut Store {
        self.stores.entry(kind).or_default()
    }

    fn put(&mut self, kind: WatchedKind, object: WatchedObject) -> bool {
        match object {
            WatchedObject::Integration(value) => self.cluster.put_integration(kind.kind, &value),
            WatchedObject::Service(value) => self.cluster.put_service(&value),
            WatchedObject::Workload(workload) => return self.cluster.put_workload(workload),
        }
        true
    }

    fn gone(&mut self, kind: WatchedKind, key: ObjectKey, effect: &mut Effect) {
        match kind.what {
            What::Integration => self.cluster.drop_integration(&key),
            What::Service => self.cluster.drop_service(&key),
            What::Workload(kind) => {
                self.left.insert(key.clone());
                let selector = Selector::Name(key.name);
                return effect.left.push(WorkloadNaming {
                    kind,
                    namespace: key.namespace,
                    selector,
                });
            }
        }
        effect.changed = true;
    }

    /// What a look-up found.
    pub(super) fn found(
        &mut self,
        naming: &WorkloadNaming,
        found: Found,
        now: Duration,
    ) -> LookUpOutcome {
        let mut outcome = LookUpOutcome::default();
        if let Selector::Name(name) = &naming.selector {
            let key = naming.key(name);
            if found != Found::Labelled && self.left.remove(&key) {
                outcome.changed = true;
                let workload = self.cluster.drop_workload(&key);
                if let (Some(workload), Found::Unrecorded(now)) = (workload, &found) {
                    let changed = now.first().map(|now| now.changed.clone());
                    outcome.unrecorded = Some(Workload {
                        changed: changed.unwrap_or_default(),
                        ..workload
                    });
                }
                self.named.left(&key, now);
            }
        }
        outcome.changed |= self.named.found(naming, found, &mut self.cluster, now);
        outcome
    }

    fn keys(&self, kind: WatchedKind) -> Vec<ObjectKey> {
        match kind.what {
            What::Integration => self
                .cluster
                .integrations()
                .filter(|key| key.kind == kind.group_kind())
                .cloned()
                .collect(),
            What::Service => self.cluster.services().cloned().collect(),
            What::Workload(_) => self
                .cluster
                .workloads()
                .map(|(key, _)| key)
                .filter(|key| key.kind == kind.group_kind())
                .cloned()
                .collect(),
        }
    }

    /// Whether every kind is listed, or known not to be: before that nothing is judged.
    pub(super) fn is_synced(&self) -> bool {
        self.stores
            .values()
            .all(|store| store.known != Known::Nothing)
    }

    /// What keeps the watcher from being ready; empty: nothing.
    pub(super) fn not_ready(&self, now: Duration) -> String {
        let reasons = self.stores.iter().filter_map(|(kind, store)| {
            let why = store.failing.as_ref().map(|failing| failing.why.as_str());
            let reason = match store.known {
                Known::Nothing => why.unwrap_or("not listed yet"),
                Known::Unlisted if kind.is_optional() => return None,
                Known::Unlisted => why.unwrap_or("cannot be listed"),
                Known::Objects => {
                    let failing = store.failing.as_ref()?;
                    (now.saturating_sub(failing.since) >= PATIENCE)
                        .then_some(failing.why.as_str())?
                }
            };
            Some(format!("{}: {reason}", kind.label()))
        });
        reasons.collect::<Vec<_>>().join("\n")
    }

    /// How many objects of each kind are known.
    pub(super) fn objects(&self) -> BTreeMap<String, usize> {
        let mut counts: BTreeMap<GroupKind, usize> = BTreeMap::new();
        let keys = self
            .cluster
            .integrations()
            .chain(self.cluster.workloads().map(|(key, _)| key))
            .chain(self.cluster.services());
        for key in keys {
            *counts.entry(key.kind).or_default() += 1;
        }
        let count = |kind: &WatchedKind| counts.get(&kind.group_kind()).copied();
        let kinds = self.stores.keys();
        kinds
            .map(|kind| (kind.label(), count(kind).unwrap_or_default()))
            .collect()
    }
}

#[cfg(test)]
mod restarts;
#[cfg(test)]
mod tests;
