//! Decides which Event reports a drift that has lasted for the settle window: its own, or one for
//! all drifts of a cause, a workload or a namespace.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;

use super::{Ledger, OpenDrift, SUMMARY, Scope, Told, coupling};
use crate::watch::event::{Identity, Report};
use crate::watch::queue::{Turn, Waiting};

/// What has the same cause, or is of the same workload.
type Groups = BTreeMap<Identity, Vec<Identity>>;

impl Ledger {
    /// What has lasted for the settle window gets an Event.
    pub(super) fn settled(&mut self, now: Duration) {
        let mut by_cause = Groups::new();
        let mut alone = Vec::new();
        while let Some(&(since, identity)) = self.ripening.first()
            && now >= since + self.settle
        {
            self.ripening.pop_first();
            let Some(open) = self.open.get(&identity) else {
                continue;
            };
            self.news |= self.decoupled.insert(coupling(open));
            if open.drift.cause.is_some() {
                by_cause
                    .entry(Report::cause(&open.drift))
                    .or_default()
                    .push(identity);
            } else {
                alone.push(identity);
            }
        }
        let alone = self.grouped(by_cause, Scope::Cause, alone, now);
        let mut by_workload = Groups::new();
        for identity in alone {
            by_workload
                .entry(Report::workload(&self.open[&identity].drift))
                .or_default()
                .push(identity);
        }
        for identity in self.grouped(by_workload, Scope::Workload, Vec::new(), now) {
            self.tell(identity, Scope::Drift, vec![identity], now);
        }
        self.settled_rest(now);
    }

    /// Makes one Event for each group that is large enough or has one already, and gives back the
    /// others.
    fn grouped(
        &mut self,
        groups: Groups,
        scope: Scope,
        mut alone: Vec<Identity>,
        now: Duration,
    ) -> Vec<Identity> {
        for (event, members) in groups {
            if members.len() >= SUMMARY || self.told.contains_key(&event) {
                self.tell(event, scope, members, now);
            } else {
                alone.extend(members);
            }
        }
        alone
    }

    /// What a namespace has beyond its limit is one Event.
    fn settled_rest(&mut self, now: Duration) {
        let settle = self.settle;
        let ripe = self
            .rest
            .iter()
            .filter(|(_, rest)| now >= rest.since + settle);
        let ripe: Vec<_> = ripe.map(|(namespace, _)| namespace.clone()).collect();
        for namespace in ripe {
            let event = Report::rest(&namespace);
            if !self.told.contains_key(&event) {
                let told = Told::new(Scope::Rest, namespace, event.to_string());
                self.enqueue(event, told, now);
            }
        }
    }

    /// Something that happened once is to be reported.
    ///
    /// An Event that was made before `since` is of another time; `None`: its name shows it.
    pub(in crate::watch) fn happened(
        &mut self,
        report: Report,
        since: Option<Timestamp>,
        now: Duration,
    ) {
        let identity = report.identity;
        let namespace = report.namespace.as_str().into();
        let told = Told::new(Scope::Happening, namespace, identity.to_string());
        if !self.told.contains_key(&identity) {
            self.enqueue(
                identity,
                Told {
                    report: Some(report),
                    since,
                    ..told
                },
                now,
            );
        }
    }

    /// Reports these drifts by this Event.
    fn tell(&mut self, event: Identity, scope: Scope, members: Vec<Identity>, now: Duration) {
        let Some(first) = members.first().and_then(|first| self.open.get(first)) else {
            return;
        };
        let whose = match scope {
            Scope::Drift => format!("{} {}", first.drift.workload.uid, first.drift.owner_name()),
            Scope::Cause | Scope::Workload | Scope::Rest | Scope::Happening => event.to_string(),
        };
        let namespace = first.drift.workload.namespace.clone();
        // who is new to a group that was reported is not reported again
        let since = members
            .iter()
            .filter_map(|member| self.open.get(member).map(OpenDrift::since))
            .min()
            .flatten();
        let since = since.max(self.healed.get(&event).map(|healed| healed.wall));
        for member in &members {
            if let Some(open) = self.open.get_mut(member) {
                open.event = Some(event);
            }
        }
        if let Some(told) = self.told.get_mut(&event) {
            told.members.extend(members);
            return;
        }
        let told = Told {
            members: BTreeSet::from_iter(members),
            since,
            ..Told::new(scope, namespace, whose)
        };
        self.enqueue(event, told, now);
    }

    fn enqueue(&mut self, event: Identity, told: Told, now: Duration) {
        let waiting = Waiting {
            turn: Turn::New,
            due: now,
            identity: event,
        };
        self.queue.push(&told.namespace, waiting);
        self.told.insert(
            event,
            Told {
                waiting: Some(waiting),
                ..told
            },
        );
    }
}

impl Told {
    fn new(scope: Scope, namespace: Box<str>, whose: String) -> Self {
        Self {
            scope,
            report: None,
            namespace,
            members: BTreeSet::new(),
            since: None,
            whose,
            name: None,
            refreshed: None,
            tries: 0,
            waiting: None,
        }
    }
}
