//! Takes a judgement in, one drift at a time: what is new, what lasts, what has healed; so many of each namespace and no more.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;

use super::{Ledger, Open, Rest, coupling};
use crate::limits::NAMESPACE_DRIFTS;
use crate::render::drift::Drift;
use crate::watch::event::{self, Identity};

/// A judgement that is being taken in.
pub(in crate::watch) struct Observation<'l> {
    ledger: &'l mut Ledger,
    /// What was apart before, and is not among the drifts so far.
    before: BTreeMap<Identity, Open>,
    new: BTreeMap<Box<str>, New>,
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
        Observation { ledger: self, before, new: BTreeMap::new(), now, wall }
    }
}

impl Observation<'_> {
    /// One drift of the judgement.
    pub(in crate::watch) fn take(&mut self, drift: Drift) {
        let identity = event::identity(&drift);
        if let Some(open) = self.before.remove(&identity) {
            self.ledger.open.insert(identity, Open { drift, ..open });
            return;
        }
        let new = match self.new.get_mut(&drift.workload.namespace) {
            Some(new) => new,
            None => self.new.entry(drift.workload.namespace.clone()).or_default(),
        };
        if new.drifts.len() < NAMESPACE_DRIFTS {
            new.drifts.insert(identity, drift);
        } else {
            new.more += 1;
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
            let room = NAMESPACE_DRIFTS.saturating_sub(held.get(&namespace).copied().unwrap_or_default());
            let more = more + drifts.len().saturating_sub(room);
            for (identity, drift) in drifts.into_iter().take(room) {
                self.ledger.open.insert(identity, Open { drift, since: self.now, appeared, event: None });
            }
            if more > 0 {
                let since = self.ledger.rest.get(&namespace).map_or(self.now, |rest| rest.since);
                rest.insert(namespace, Rest { drifts: more, since });
            }
        }
        self.ledger.rest = rest;
        self.ledger.judged = true;
        self.ledger.news = true;
        self.ledger.forget_healed(&std::mem::take(&mut self.before));
    }
}

impl Ledger {
    /// Forgets what is not apart any more, and the Events that reported nothing else.
    fn forget_healed(&mut self, healed: &BTreeMap<Identity, Open>) {
        for (identity, open) in healed {
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
        let over: Vec<Identity> =
            self.told.iter().filter(|(_, told)| is_over(told)).map(|(identity, _)| *identity).collect();
        for told in over.iter().filter_map(|identity| self.told.remove(identity)) {
            self.suppressed += u64::from(told.name.is_none());
            if let Some(waiting) = told.waiting {
                self.queue.remove(&told.namespace, &waiting);
            }
        }
        let unreported = self.open.iter().filter(|(_, open)| open.event.is_none());
        self.ripening = unreported.map(|(identity, open)| (open.since, *identity)).collect();
        let apart: BTreeSet<_> = self.open.values().map(coupling).collect();
        self.decoupled.retain(|one| apart.contains(one));
    }
}
