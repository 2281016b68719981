//! Records a judgement, one drift at a time, as new, lasting or ended, up to the limit of each
//! namespace.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;

use super::{EVENT_LIFE, Healed, Ledger, OpenDrift, Rest, coupling};
use crate::drift::{Drift, ObjectId};
use crate::limits::NAMESPACE_DRIFTS;
use crate::project::OwnerKey;
use crate::watch::event::{self, Identity};
use crate::watch::queue::Waiting;

/// A judgement that is being taken in.
pub(in crate::watch) struct Observation<'l> {
    ledger: &'l mut Ledger,
    /// What was apart before, and is not among the drifts so far.
    before: BTreeMap<Identity, OpenDrift>,
    new: BTreeMap<Box<str>, New>,
    /// Couplings that were reported, and are as they were baked.
    coupled: BTreeSet<(ObjectId, Option<OwnerKey>)>,
    now: Duration,
    wall: Timestamp,
}

/// What is new of one namespace.
#[derive(Default)]
struct New {
    drifts: BTreeMap<Identity, Drift>,
    /// Those beyond the limit.
    more: usize,
}

impl Ledger {
    /// Begins to take a new judgement in. `wall` is when, as Events count time.
    pub(in crate::watch) fn observe(&mut self, now: Duration, wall: Timestamp) -> Observation<'_> {
        let before = std::mem::take(&mut self.open);
        Observation {
            ledger: self,
            before,
            new: BTreeMap::new(),
            coupled: BTreeSet::new(),
            now,
            wall,
        }
    }
}

impl Observation<'_> {
    /// One drift of the judgement.
    pub(in crate::watch) fn take(&mut self, drift: Drift) {
        let identity = event::identity(&drift);
        if let Some(open) = self.before.remove(&identity) {
            if let Some(event) = open.event.filter(|_| open.drift.changed != drift.changed) {
                self.ledger.still_apart(event, self.now);
            }
            self.ledger
                .open
                .insert(identity, OpenDrift { drift, ..open });
            return;
        }
        let new = match self.new.get_mut(&drift.workload.namespace) {
            Some(new) => new,
            None => self
                .new
                .entry(drift.workload.namespace.clone())
                .or_default(),
        };
        if new.drifts.len() < NAMESPACE_DRIFTS {
            new.drifts.insert(identity, drift);
        } else {
            new.more += 1;
        }
    }

    /// One coupling that is as it was baked.
    pub(in crate::watch) fn is_coupled(&mut self, workload: &ObjectId, owner: &OwnerKey) {
        if self.ledger.decoupled.is_empty() {
            return;
        }
        // of a record that could not be read no owner is known
        for owner in [Some(owner.clone()), None] {
            let coupling = (workload.clone(), owner);
            if self.ledger.decoupled.contains(&coupling) {
                self.coupled.insert(coupling);
            }
        }
    }

    /// That was all.
    pub(in crate::watch) fn end(mut self) {
        let mut held: BTreeMap<Box<str>, usize> = BTreeMap::new();
        for open in self.ledger.open.values() {
            match held.get_mut(&open.drift.workload.namespace) {
                Some(count) => *count += 1,
                None => _ = held.insert(open.drift.workload.namespace.clone(), 1),
            }
        }
        let appeared = self.ledger.judged.then_some(self.wall);
        let mut rest = BTreeMap::new();
        for (namespace, New { drifts, more }) in std::mem::take(&mut self.new) {
            let room =
                NAMESPACE_DRIFTS.saturating_sub(held.get(&namespace).copied().unwrap_or_default());
            let more = more + drifts.len().saturating_sub(room);
            for (identity, drift) in drifts.into_iter().take(room) {
                self.ledger.open.insert(
                    identity,
                    OpenDrift {
                        drift,
                        since: self.now,
                        appeared,
                        event: None,
                    },
                );
            }
            if more > 0 {
                let since = self
                    .ledger
                    .rest
                    .get(&namespace)
                    .map_or(self.now, |rest| rest.since);
                rest.insert(
                    namespace,
                    Rest {
                        drifts: more,
                        since,
                    },
                );
            }
        }
        self.ledger.rest = rest;
        self.ledger.judged = true;
        self.ledger.news = true;
        let healed = Healed {
            wall: self.wall,
            now: self.now,
        };
        let gone = std::mem::take(&mut self.before);
        self.ledger.coupled_again(&gone, &self.coupled, self.now);
        self.ledger.forget_healed(&gone, healed);
    }
}

impl Ledger {
    /// What shows a drift was changed, and the drift is still there: its Event is refreshed, so
    /// that whoever comes later does not take it for one of an earlier time.
    fn still_apart(&mut self, event: Identity, now: Duration) {
        let Some(told) = self.told.get_mut(&event).filter(|told| told.name.is_some()) else {
            return;
        };
        let Some(waiting) = told.waiting else { return };
        self.queue.remove(&told.namespace, &waiting);
        let refresh = Waiting {
            due: now,
            ..waiting
        };
        told.waiting = Some(refresh);
        self.queue.push(&told.namespace, refresh);
    }

    /// An Event of which nothing is apart any more is followed by one that says so, if all that it
    /// reported is coupled: not if it is gone, or cannot be judged.
    fn coupled_again(
        &mut self,
        gone: &BTreeMap<Identity, OpenDrift>,
        coupled: &BTreeSet<(ObjectId, Option<OwnerKey>)>,
        now: Duration,
    ) {
        let mut by_event: BTreeMap<Identity, Vec<&OpenDrift>> = BTreeMap::new();
        for open in gone.values() {
            if let Some(event) = open.event {
                by_event.entry(event).or_default().push(open);
            }
        }
        for (event, opens) in by_event {
            let Some(told) = self.told.get(&event) else {
                continue;
            };
            let lasts = told.members.iter().any(|one| self.open.contains_key(one));
            let all = opens.iter().all(|open| coupled.contains(&coupling(open)));
            let (Some(name), false, true) = (&told.name, lasts, all) else {
                continue;
            };
            let drifts: Vec<&Drift> = opens.iter().map(|open| &open.drift).collect();
            if let Some(report) = told.scope.report(event, &drifts) {
                let report = report.coupled(name);
                self.happened(report, None, now);
            }
        }
    }

    /// Forgets what is not apart any more, and the Events that reported nothing else.
    fn forget_healed(&mut self, gone: &BTreeMap<Identity, OpenDrift>, healed: Healed) {
        for (identity, open) in gone {
            if let Some(told) = open.event.and_then(|event| self.told.get_mut(&event)) {
                told.members.remove(identity);
            }
        }
        let rest = &self.rest;
        let is_over = |told: &super::Told| match told.scope {
            super::Scope::Happening => false,
            super::Scope::Rest => !rest.contains_key(&told.namespace),
            _ => told.members.is_empty(),
        };
        let over: Vec<Identity> = self
            .told
            .iter()
            .filter(|(_, told)| is_over(told))
            .map(|(identity, _)| *identity)
            .collect();
        self.healed
            .retain(|_, before| healed.now.saturating_sub(before.now) < EVENT_LIFE);
        for (identity, told) in over
            .iter()
            .filter_map(|identity| Some((*identity, self.told.remove(identity)?)))
        {
            if told.name.is_some() {
                self.healed.insert(identity, healed);
            }
            self.suppressed += u64::from(told.name.is_none());
            if let Some(waiting) = told.waiting {
                self.queue.remove(&told.namespace, &waiting);
            }
        }
        let unreported = self.open.iter().filter(|(_, open)| open.event.is_none());
        self.ripening = unreported
            .map(|(identity, open)| (open.since, *identity))
            .collect();
        let apart: BTreeSet<_> = self.open.values().map(coupling).collect();
        self.decoupled.retain(|one| apart.contains(one));
    }
}
