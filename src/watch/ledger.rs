//! What is apart at the moment, since when, and what is to be said of it: pure, its time comes from outside.
//!
//! A drift is fired once it has lasted for the settle window, refreshed while it lasts, and forgotten when it heals.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;

use super::event::{self, Report};
use super::limit::Limit;
use crate::render::drift::{Drift, ObjectId};

/// How often the series of an Event is refreshed while its cause lasts.
pub const REFRESH: Duration = Duration::from_secs(30 * 60);
/// From how many couplings on that one cause takes down at once one Event speaks for all.
pub const SUMMARY: usize = 10;
/// How long after a failure an Event is tried again, at first and at most.
const RETRY: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(60)];

/// What there is to be published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Work {
    /// A new Event.
    Fire {
        /// Which.
        report: Report,
        /// When the cause appeared to this process; `None`: it was there when the process came.
        since: Option<Timestamp>,
    },
    /// A sign that it lasts.
    Refresh {
        /// Which.
        report: Report,
        /// The name that the Event has.
        name: String,
        /// How often it was seen.
        count: u32,
    },
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The Event of this name is there.
    Published(String),
    /// It cannot be made and never will be.
    Refused,
    /// The server did not take it this time.
    Failed,
}

/// A drift that lasts.
#[derive(Debug)]
struct Open {
    drift: Drift,
    since: Duration,
    /// The same on the wall's clock; `None`: it was there at the first judgement.
    appeared: Option<Timestamp>,
    /// The Event that speaks for it.
    event: Option<String>,
}

/// An Event that is wanted or there, by its identity.
#[derive(Debug)]
struct Told {
    report: Report,
    since: Option<Timestamp>,
    whose: String,
    /// Its name, once it is there.
    name: Option<String>,
    count: u32,
    due: Duration,
    tries: u32,
    under_way: bool,
}

/// Everything that is apart.
#[derive(Debug)]
pub(super) struct Ledger {
    settle: Duration,
    open: BTreeMap<String, Open>,
    told: BTreeMap<String, Told>,
    /// Couplings that count as decoupled: from the settle window's end until nothing of them is apart.
    decoupled: BTreeSet<(ObjectId, Box<str>)>,
    /// Whether what [`Self::news`] tells is another than it told last.
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
            told: BTreeMap::new(),
            decoupled: BTreeSet::new(),
            news: true,
            limit: Limit::new(),
            judged: false,
            suppressed: 0,
        }
    }

    /// Takes a new judgement in. `wall` is when, as Events count time.
    pub(super) fn observe(&mut self, drifts: Vec<Drift>, now: Duration, wall: Timestamp) {
        self.news = true;
        let mut before = std::mem::take(&mut self.open);
        for drift in drifts {
            let identity = event::identity(&drift);
            let open = match before.remove(&identity) {
                Some(open) => Open { drift, ..open },
                None => Open { drift, since: now, appeared: self.judged.then_some(wall), event: None },
            };
            self.open.insert(identity, open);
        }
        self.judged = true;
        let spoken: BTreeSet<&String> = self.open.values().filter_map(|open| open.event.as_ref()).collect();
        let (kept, healed): (BTreeMap<_, _>, BTreeMap<_, _>) =
            std::mem::take(&mut self.told).into_iter().partition(|(identity, _)| spoken.contains(identity));
        self.told = kept;
        self.suppressed += healed.values().filter(|told| told.name.is_none()).count() as u64;
        let apart: BTreeSet<_> = self.open.values().map(coupling).collect();
        self.decoupled.retain(|one| apart.contains(one));
    }

    /// What is due now. Whatever is given out is under way until [`Self::done`] says what became of it.
    pub(super) fn due(&mut self, now: Duration) -> Vec<(String, Work)> {
        self.settled(now);
        let mut all = Vec::new();
        for (identity, told) in &mut self.told {
            if told.under_way || told.due > now {
                continue;
            }
            let work = match &told.name {
                Some(name) => Work::Refresh { report: told.report.clone(), name: name.clone(), count: told.count + 1 },
                None => {
                    let at = self.limit.at(&told.whose, now);
                    if at > now {
                        told.due = at;
                        continue;
                    }
                    self.limit.take(&told.whose, now);
                    Work::Fire { report: told.report.clone(), since: told.since }
                }
            };
            told.under_way = true;
            all.push((identity.clone(), work));
        }
        all
    }

    /// What has lasted for the settle window gets an Event, alone or together with what has the same cause.
    fn settled(&mut self, now: Duration) {
        let settle = self.settle;
        let ripe = |open: &&mut Open| open.event.is_none() && now >= open.since + settle;
        let mut alone = Vec::new();
        let mut shared: BTreeMap<_, Vec<(&String, &mut Open)>> = BTreeMap::new();
        for (identity, open) in self.open.iter_mut().filter(|(_, open)| ripe(open)) {
            self.news |= self.decoupled.insert(coupling(open));
            if open.drift.shared {
                let drift = &open.drift;
                let cause = (drift.diagnostic.code, drift.socket.clone(), drift.workload.namespace.clone());
                shared.entry(cause).or_default().push((identity, open));
            } else {
                alone.push((identity, open));
            }
        }
        for group in shared.into_values() {
            let drifts: Vec<&Drift> = group.iter().map(|(_, open)| &open.drift).collect();
            let summary = if group.len() >= SUMMARY { Report::summary(&drifts) } else { None };
            let Some(report) = summary else {
                alone.extend(group);
                continue;
            };
            let since = group.iter().map(|(_, open)| open.appeared).min().flatten();
            let identity = report.identity.clone();
            for (_, open) in group {
                open.event = Some(identity.clone());
            }
            let whose = report.identity.clone();
            self.told.entry(identity).or_insert_with(|| Told::new(report, since, whose, now));
        }
        for (identity, open) in alone {
            open.event = Some(identity.clone());
            let report = Report::of(&open.drift);
            let (workload, plug) = coupling(open);
            let since = open.appeared;
            let whose = format!("{} {plug}", workload.uid);
            self.told.insert(identity.clone(), Told::new(report, since, whose, now));
        }
    }

    /// What became of a piece of work.
    pub(super) fn done(&mut self, identity: &str, outcome: Outcome, now: Duration) {
        let Some(told) = self.told.get_mut(identity) else { return }; // it healed meanwhile
        told.under_way = false;
        match outcome {
            Outcome::Published(name) => {
                told.name = Some(name);
                told.count += 1;
                told.tries = 0;
                told.due = now + REFRESH;
            }
            Outcome::Refused => {
                told.name.get_or_insert_default();
                told.due = Duration::MAX;
            }
            Outcome::Failed => {
                told.due = now + RETRY[1].min(RETRY[0] * 2u32.saturating_pow(told.tries));
                told.tries = told.tries.saturating_add(1);
            }
        }
    }

    /// When there may be something due next.
    pub(super) fn wake(&self) -> Option<Duration> {
        let ripe = self.open.values().filter(|open| open.event.is_none()).map(|open| open.since + self.settle);
        let due = self.told.values().filter(|told| !told.under_way).map(|told| told.due);
        ripe.chain(due).min()
    }

    /// The couplings that count as decoupled, each with the codes of its causes; `None`: as told before.
    pub(super) fn news(&mut self) -> Option<Vec<(&Drift, &'static str)>> {
        if !std::mem::take(&mut self.news) {
            return None;
        }
        Some(self.decoupled().collect())
    }

    fn decoupled(&self) -> impl Iterator<Item = (&Drift, &'static str)> {
        let counts = |open: &&Open| self.decoupled.contains(&coupling(open));
        self.open.values().filter(counts).map(|open| (&open.drift, open.drift.diagnostic.code.as_str()))
    }
}

impl Told {
    fn new(report: Report, since: Option<Timestamp>, whose: String, now: Duration) -> Self {
        Self { report, since, whose, name: None, count: 0, due: now, tries: 0, under_way: false }
    }
}

fn coupling(open: &Open) -> (ObjectId, Box<str>) {
    (open.drift.workload.clone(), open.drift.plug.clone())
}

#[cfg(test)]
mod tests;
