//! Keeps the present drifts, since when each lasts, and what must be published about it. It is
//! pure: the time is an argument.
//!
//! A drift is published once it has lasted for the settle window, refreshed while it lasts, and
//! forgotten when it heals.

mod observe;
mod settle;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;

use super::event::{Identity, Report};
use super::limit::Limit;
use super::queue::{Queue, Turn, Waiting};
use crate::drift::{Drift, ObjectId};
use crate::project::OwnerKey;

/// How often the series of an Event is refreshed while its cause lasts.
pub const REFRESH: Duration = Duration::from_secs(30 * 60);
/// From how many couplings on one Event is made for all of them: those that one cause takes down,
/// or those of one workload.
pub const SUMMARY: usize = 10;
/// Seconds before a drift appears within which a change of its objects is its cause; a
/// replica may lag by as much.
const RECENT: i64 = 600;
/// How long an Event is there at most after it was last refreshed: the server's default, and what
/// it may be set to.
const EVENT_LIFE: Duration = Duration::from_secs(2 * 60 * 60);
/// How long after a failure an Event is tried again, at first and at most.
const RETRY: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(60)];

/// What there is to be published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Work {
    /// A new Event.
    Fire {
        /// Which.
        report: Report,
        /// What an Event must be younger than, to be of this episode; `None`: any is.
        since: Option<Timestamp>,
    },
    /// A sign that it lasts.
    Refresh {
        /// Which.
        report: Report,
        /// The name that the Event has.
        name: String,
        /// When it was refreshed last, as far as this process knows; who finds another time leaves
        /// it to whoever was faster.
        seen: Option<Timestamp>,
        /// What shows the drift was changed then: whatever else, it must have been refreshed since.
        changed: Option<Timestamp>,
    },
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PublishOutcome {
    /// This process made the Event of this name.
    Made(String),
    /// The Event of this name was there already.
    There {
        /// Which.
        name: String,
        /// When it was refreshed last.
        refreshed: Option<Timestamp>,
    },
    /// Nobody is left to read it: its namespace goes.
    Unread,
    /// It cannot be made and never will be.
    Refused,
    /// The server did not take it this time.
    Failed,
}

/// A drift that lasts.
#[derive(Debug)]
struct OpenDrift {
    drift: Drift,
    since: Duration,
    /// The same on the wall's clock; `None`: it was there at the first judgement.
    appeared: Option<Timestamp>,
    /// The Event that reports it.
    event: Option<Identity>,
}

/// What an Event reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    /// One drift.
    Drift,
    /// All that one cause outside the workloads takes down.
    Cause,
    /// All of one workload.
    Workload,
    /// What a namespace has beyond its limit.
    Rest,
    /// Something that happened once, and does not last.
    Happening,
}

impl Scope {
    /// The message of an Event about these drifts; `None`: it is not about drifts.
    fn report(self, identity: Identity, drifts: &[&Drift]) -> Option<Report> {
        match self {
            Self::Drift => drifts.first().map(|drift| Report::of(identity, drift)),
            Self::Cause => Report::of_cause(identity, drifts),
            Self::Workload => Report::of_workload(identity, drifts),
            Self::Rest | Self::Happening => None,
        }
    }
}

/// An Event that is wanted or there.
#[derive(Debug)]
struct Told {
    scope: Scope,
    /// Its message, if it does not follow from the drifts.
    report: Option<Report>,
    namespace: Box<str>,
    /// The drifts that it reports.
    members: BTreeSet<Identity>,
    since: Option<Timestamp>,
    whose: String,
    /// Its name, once it is there.
    name: Option<String>,
    /// When it was refreshed last, as far as is known.
    refreshed: Option<Timestamp>,
    tries: u32,
    /// Its place in the queue; `None`: it is under way, or never tried again.
    waiting: Option<Waiting>,
}

/// Drifts of one namespace beyond the limit of what is held one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Rest {
    drifts: usize,
    since: Duration,
}

/// When the cause of an Event healed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Healed {
    wall: Timestamp,
    now: Duration,
}

/// Everything that is apart.
#[derive(Debug)]
pub(super) struct Ledger {
    settle: Duration,
    open: BTreeMap<Identity, OpenDrift>,
    /// What has no Event yet, by when it appeared.
    ripening: BTreeSet<(Duration, Identity)>,
    rest: BTreeMap<Box<str>, Rest>,
    told: BTreeMap<Identity, Told>,
    /// Events whose cause healed while this process watched, and when: what comes again is another
    /// episode.
    healed: BTreeMap<Identity, Healed>,
    queue: Queue,
    /// Couplings that count as decoupled: from the settle window's end until nothing of them is
    /// apart.
    decoupled: BTreeSet<(ObjectId, Option<OwnerKey>)>,
    /// Whether what [`Self::news`] gives is another than it gave last.
    news: bool,
    limit: Limit,
    judged: bool,
    /// Events that were wanted and became pointless before they could be made.
    pub(super) suppressed: u64,
}

impl Ledger {
    /// A ledger that has seen nothing.
    pub(super) fn new(settle: Duration) -> Self {
        Self {
            settle,
            open: BTreeMap::new(),
            ripening: BTreeSet::new(),
            rest: BTreeMap::new(),
            told: BTreeMap::new(),
            healed: BTreeMap::new(),
            queue: Queue::default(),
            decoupled: BTreeSet::new(),
            news: true,
            limit: Limit::new(),
            judged: false,
            suppressed: 0,
        }
    }

    /// What is due now. Whatever is given out is under way until [`Self::done`] says what became of
    /// it.
    pub(super) fn due(&mut self, now: Duration) -> Vec<(Identity, Work)> {
        self.settled(now);
        let mut all = Vec::new();
        while let Some(waiting) = self.queue.take(now, &self.limit) {
            let Some(told) = self.told.get_mut(&waiting.identity) else {
                continue;
            };
            let own = self.limit.own(&told.whose);
            if waiting.turn == Turn::New && own > now {
                let later = Waiting {
                    due: own,
                    ..waiting
                };
                told.waiting = Some(later);
                self.queue.push(&told.namespace, later);
                continue;
            }
            told.waiting = None;
            self.limit.take(&told.namespace, now);
            if waiting.turn == Turn::New {
                self.limit.take_own(&told.whose, now);
            }
            let told = &self.told[&waiting.identity];
            if let Some(report) = self.report(waiting.identity, told) {
                let changed = self.changed(told);
                all.push((waiting.identity, told.work(report, changed)));
            }
        }
        all
    }

    /// The message of an Event, by the present state.
    fn report(&self, identity: Identity, told: &Told) -> Option<Report> {
        match told.scope {
            Scope::Drift | Scope::Cause | Scope::Workload => {
                let drifts: Vec<&Drift> = told
                    .members
                    .iter()
                    .filter_map(|member| Some(&self.open.get(member)?.drift))
                    .collect();
                told.scope.report(identity, &drifts)
            }
            Scope::Happening => told.report.clone(),
            Scope::Rest => Some(Report::of_rest(
                identity,
                &told.namespace,
                self.rest.get(&told.namespace)?.drifts,
            )),
        }
    }

    /// When what shows the drifts of an Event was last changed.
    fn changed(&self, told: &Told) -> Option<Timestamp> {
        let drifts = told.members.iter();
        drifts
            .filter_map(|member| super::event::changed(&self.open.get(member)?.drift))
            .max()
    }

    /// What became of a piece of work.
    pub(super) fn done(&mut self, identity: Identity, outcome: PublishOutcome, now: Duration) {
        let Some(told) = self.told.get_mut(&identity) else {
            return;
        }; // it healed meanwhile
        let was_there = matches!(
            outcome,
            PublishOutcome::There { .. } | PublishOutcome::Unread
        );
        if was_there && told.name.is_none() {
            self.limit.give_back(&told.namespace, &told.whose);
        }
        if told.scope == Scope::Happening && outcome != PublishOutcome::Failed {
            self.told.remove(&identity);
            return;
        }
        let again = match outcome {
            PublishOutcome::Made(name) => {
                told.is_there(name, None);
                Some((Turn::Refresh, now + REFRESH))
            }
            PublishOutcome::There { name, refreshed } => {
                told.is_there(name, refreshed);
                Some((Turn::Refresh, now + REFRESH))
            }
            PublishOutcome::Unread => Some((told.turn(), now + REFRESH)),
            PublishOutcome::Refused => None,
            PublishOutcome::Failed => {
                let pause = RETRY[1].min(RETRY[0] * 2u32.saturating_pow(told.tries));
                told.tries = told.tries.saturating_add(1);
                Some((told.turn(), now + pause))
            }
        };
        told.waiting = again.map(|(turn, due)| Waiting {
            turn,
            due,
            identity,
        });
        if let Some(waiting) = told.waiting {
            self.queue.push(&told.namespace, waiting);
        }
    }

    /// When there may be something due next.
    pub(super) fn wake(&self) -> Option<Duration> {
        let ripe = self.ripening.first().map(|(since, _)| *since + self.settle);
        let untold = self
            .rest
            .iter()
            .filter(|(namespace, _)| !self.told.contains_key(&Report::rest(namespace)));
        let rest = untold.map(|(_, rest)| rest.since + self.settle).min();
        ripe.into_iter()
            .chain(rest)
            .chain(self.queue.wake(&self.limit))
            .min()
    }

    /// The couplings that count as decoupled, each with the codes of its causes; `None`: as given
    /// before.
    pub(super) fn news(&mut self) -> Option<Vec<(&Drift, &'static str)>> {
        if !std::mem::take(&mut self.news) {
            return None;
        }
        Some(self.decoupled().collect())
    }

    /// By namespace, how many drifts are counted only.
    pub(super) fn beyond_the_limit(&self) -> impl Iterator<Item = (&str, usize)> {
        self.rest
            .iter()
            .map(|(namespace, rest)| (&**namespace, rest.drifts))
    }

    fn decoupled(&self) -> impl Iterator<Item = (&Drift, &'static str)> {
        let counts = |open: &&OpenDrift| self.decoupled.contains(&coupling(open));
        self.open
            .values()
            .filter(counts)
            .map(|open| (&open.drift, open.drift.diagnostic.code.as_str()))
    }
}

impl OpenDrift {
    /// The time after which an Event must have been created to report this drift: the time in the
    /// objects, as every replica and every restart reads it. A deletion leaves no time; then it is
    /// the time at which this process saw it.
    fn since(&self) -> Option<Timestamp> {
        let changed = super::event::changed(&self.drift);
        match (changed, self.appeared) {
            (Some(changed), Some(appeared))
                if appeared.as_second() - changed.as_second() > RECENT =>
            {
                Some(appeared)
            }
            (changed, appeared) => changed.or(appeared),
        }
    }
}

impl Told {
    /// What it waits for, if it waits.
    fn turn(&self) -> Turn {
        if self.name.is_some() {
            Turn::Refresh
        } else {
            Turn::New
        }
    }

    fn is_there(&mut self, name: String, refreshed: Option<Timestamp>) {
        self.name = Some(name);
        self.refreshed = refreshed;
        self.tries = 0;
    }

    fn work(&self, report: Report, changed: Option<Timestamp>) -> Work {
        match &self.name {
            Some(name) => Work::Refresh {
                report,
                name: name.clone(),
                seen: self.refreshed,
                changed,
            },
            None => Work::Fire {
                report,
                since: self.since,
            },
        }
    }
}

fn coupling(open: &OpenDrift) -> (ObjectId, Option<OwnerKey>) {
    (open.drift.workload.clone(), open.drift.owner.clone())
}

#[cfg(test)]
mod tests;
