//! Runs the watcher's loop: reads changes, checks, and sends Events. Only this file waits.

use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use jiff::Timestamp;
use kube::Client;

use super::Options;
use super::departed::{Departed, Departures};
use super::event::{Identity, Reason, Report, Reporter, changed_at};
use super::feed::{Change, Failure, feed};
use super::ledger::{Ledger, PublishOutcome, Work};
use super::log::Log;
use super::look::{Found, Looker};
use super::metrics::{self, Decoupled, Metrics, Pulse};
use super::publish::{Done, Publisher};
use super::server::{Shared, Status};
use super::world::{Watched, World};
use crate::drift::{Finding, Judgement, Unknown, WorkloadNaming, judge_each};

/// How long changes are gathered before they are judged.
const GATHER: Duration = Duration::from_secs(1);
/// How long the Events that are under way may take once the watcher is to stop.
const DRAIN: Duration = Duration::from_secs(5);
/// Changes that are taken in one go, before anything else gets its turn.
const AT_ONCE: usize = 1_000;

/// The time since the watcher's start, as windows and limits count it.
#[derive(Clone, Debug)]
pub struct Clock {
    start: Instant,
    ahead: Arc<AtomicU64>,
}

impl Clock {
    /// A clock that starts now.
    pub fn start() -> Self {
        Self {
            start: Instant::now(),
            ahead: Arc::default(),
        }
    }

    /// The time since then.
    pub fn now(&self) -> Duration {
        self.start.elapsed() + Duration::from_millis(self.ahead.load(Ordering::Relaxed))
    }

    /// Puts it forward, for all its clones: for tests, which wait for no window.
    pub fn advance(&self, by: Duration) {
        self.ahead.fetch_add(
            u64::try_from(by.as_millis()).unwrap_or(u64::MAX),
            Ordering::Relaxed,
        );
    }
}

/// The parts of a running watcher.
struct Watch {
    options: Options,
    clock: Clock,
    status: Shared,
    log: Log,
    world: World,
    ledger: Ledger,
    departures: Departures,
    /// When what is known was last judged, and whether it changed since.
    judged: Option<Duration>,
    changed: bool,
}

/// Watches until `stop`.
pub(super) async fn run(
    client: Client,
    options: Options,
    clock: Clock,
    status: Shared,
    stop: impl Future<Output = ()>,
) {
    let publisher = Publisher::new(
        client.clone(),
        Reporter {
            instance: options.instance.clone(),
            book: options.book.clone(),
        },
    );
    let mut changes = feed(&client, options.namespace.as_deref(), &options.kinds);
    let looker = Looker::new(client);
    let mut looks = FuturesUnordered::new();
    let mut publishing = FuturesUnordered::new();
    let mut stop = std::pin::pin!(stop);
    let mut watch = Watch::new(options, clock, status);
    loop {
        let now = watch.clock.now();
        watch.judge(now);
        watch.depart(now);
        for (identity, work) in watch.ledger.due(now) {
            let publisher = publisher.clone();
            publishing.push(async move {
                let done = publisher.publish(&work).await;
                (identity, work, done)
            });
        }
        for naming in watch.world.named.due(now) {
            looks.push(looker.clone().look(naming));
        }
        watch.show(now);
        tokio::select! {
            change = changes.next() => {
                let Some(change) = change else { break }; // a watch never ends
                let more = std::iter::from_fn(|| changes.next().now_or_never().flatten()).take(AT_ONCE);
                for change in std::iter::once(change).chain(more) {
                    for naming in watch.take(change, now) {
                        looks.push(looker.clone().look(naming));
                    }
                }
            }
            Some((naming, found)) = looks.next(), if !looks.is_empty() => {
                watch.found(&naming, found, now);
            }
            Some((identity, work, done)) = publishing.next(), if !publishing.is_empty() => {
                watch.published(identity, &work, done);
            }
            () = tokio::time::sleep(watch.pause(now)) => {}
            () = &mut stop => break,
        }
    }
    watch.log.info(
        "stopping",
        &[("events_under_way", &publishing.len().to_string())],
    );
    let drain = async {
        while let Some((identity, work, done)) = publishing.next().await {
            watch.published(identity, &work, done);
        }
    };
    if tokio::time::timeout(DRAIN, drain).await.is_err() {
        watch
            .log
            .warn("stopped before all Events were created", &[]);
    }
}

impl Watch {
    fn new(options: Options, clock: Clock, status: Shared) -> Self {
        *status
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .metrics_mut() = Metrics::at_zero(&options.kinds);
        Self {
            log: Log(options.log),
            ledger: Ledger::new(options.settle),
            departures: Departures::default(),
            world: World::new(&options.kinds),
            options,
            clock,
            status,
            judged: None,
            changed: true,
        }
    }

    /// Takes one change in; the workloads that are to be looked up.
    fn take(&mut self, change: Change, now: Duration) -> Vec<WorkloadNaming> {
        let effect = self.world.apply(change, now);
        self.changed |= effect.changed;
        match effect.watch {
            Some(Watched::Failed {
                kind,
                failure,
                news,
            }) => {
                let label = kind.label();
                let fields = [("kind", label.as_str()), ("why", failure.why())];
                *self
                    .status()
                    .metrics_mut()
                    .watch_errors
                    .entry(label.clone())
                    .or_default() += 1;
                match failure {
                    _ if !news => {}
                    Failure::Absent(_) if !self.world.cluster.can_list(kind.group_kind()) => {
                        self.log.info("not in this cluster", &fields);
                    }
                    _ => self.log.warn("cannot watch", &fields),
                }
            }
            Some(Watched::Back(kind)) => {
                self.log.info("watching again", &[("kind", &kind.label())]);
            }
            None => {}
        }
        effect.left
    }

    /// Judges what is known, if it changed and changes were gathered for long enough.
    fn judge(&mut self, now: Duration) {
        let gathered = self.judged.is_none_or(|judged| now >= judged + GATHER);
        if !(self.changed && gathered && self.world.is_synced()) {
            return;
        }
        if self.judged.is_none() {
            let objects = self.world.objects().values().sum::<usize>().to_string();
            self.log.info("ready", &[("objects", &objects)]);
        }
        (self.changed, self.judged) = (false, Some(now));
        let wall = Timestamp::now();
        let mut observation = self.ledger.observe(now, wall);
        let judgement = judge_each(&self.world.cluster, |finding| match finding {
            Finding::Apart(drift) => observation.take(*drift),
            Finding::Coupled(workload, coupled) => {
                observation.is_coupled(&workload.id, &coupled.owner);
            }
        });
        observation.end();
        let Judgement {
            coupled,
            decoupled,
            unknown,
            look_up,
            ..
        } = judgement;
        self.world.named.wanted(look_up, &mut self.world.cluster);
        let mut status = self.status();
        let metrics = status.metrics_mut();
        metrics.plugs = [
            ("coupled", coupled),
            ("decoupled", decoupled),
            ("unknown", unknown.values().sum()),
        ]
        .into();
        metrics.unknown = Unknown::ALL
            .map(|why| (why.as_str(), unknown.get(&why).copied().unwrap_or_default()))
            .into();
        metrics.last_evaluation = u64::try_from(wall.as_second()).unwrap_or_default();
        metrics.objects = self.world.objects();
        metrics.beyond_the_limit = self
            .ledger
            .beyond_the_limit()
            .map(|(name, n)| (name.to_owned(), n))
            .collect();
    }

    fn found(&mut self, naming: &WorkloadNaming, found: Found, now: Duration) {
        let found = self.world.found(naming, found, now);
        self.changed |= found.changed;
        if let Some(workload) = found.unrecorded {
            self.departures.add(workload, now);
        }
    }

    /// Workloads that lost their record, and that no Plug names: that may be meant.
    fn depart(&mut self, now: Duration) {
        for Departed { workload, .. } in
            self.departures
                .settled(self.options.settle, now, &self.world.cluster)
        {
            let since = changed_at(&workload.changed);
            self.ledger
                .happened(Report::departed(&workload), since, now);
        }
    }

    fn published(&mut self, identity: Identity, work: &Work, done: Done) {
        let made = matches!(done.outcome, PublishOutcome::Made(_));
        let result = match done.outcome {
            PublishOutcome::Made(_) => "made",
            PublishOutcome::There { .. } | PublishOutcome::Unread => "there",
            PublishOutcome::Refused => "refused",
            PublishOutcome::Failed => "failed",
        };
        *self
            .status()
            .metrics_mut()
            .published
            .entry(result)
            .or_default() += 1;
        let (Work::Fire { report, .. } | Work::Refresh { report, .. }) = work;
        let fields = [
            ("namespace", report.namespace.as_str()),
            ("kind", report.regarding.kind),
            ("name", &*report.regarding.name),
            ("note", report.note.as_str()),
        ];
        match &done.error {
            Some(why) => self.log.warn(
                "an Event was not created",
                &[&fields[..], &[("why", why.as_str())]].concat(),
            ),
            None if made && report.reason == Reason::Coupled => self.log.info("coupled", &fields),
            None if made => self.log.info("decoupled", &fields),
            None => {}
        }
        self.ledger.done(identity, done.outcome, self.clock.now());
    }

    fn status(&self) -> MutexGuard<'_, Status> {
        self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What probes and Prometheus see from now on.
    fn show(&mut self, now: Duration) {
        let news = self.ledger.news();
        let news = news.map(metrics::decoupled);
        let mut status = self.status();
        status.not_ready = self.world.not_ready(now);
        status.ticked = Some(Instant::now());
        status.pulse = Pulse {
            heartbeat: u64::try_from(Timestamp::now().as_second()).unwrap_or_default(),
            is_ready: status.not_ready.is_empty(),
        };
        if status.metrics().suppressed != self.ledger.suppressed {
            status.metrics_mut().suppressed = self.ledger.suppressed;
        }
        let Some(now) = news else { return };
        for one in status.metrics().decoupled.difference(&now) {
            let Decoupled {
                namespace,
                plug,
                workload,
                cause,
                ..
            } = one;
            let fields = [
                ("namespace", &**namespace),
                ("plug", plug),
                ("workload", workload),
                ("cause", cause),
            ];
            self.log.info("healed", &fields);
        }
        status.metrics_mut().decoupled = now;
    }

    /// How long there is nothing to do, unless something happens.
    fn pause(&self, now: Duration) -> Duration {
        let judge = self
            .judged
            .filter(|_| self.changed)
            .map(|judged| judged + GATHER);
        let next = self
            .ledger
            .wake()
            .into_iter()
            .chain(judge)
            .chain(self.world.named.wake());
        let next = next.chain(self.departures.wake(self.options.settle)).min();
        next.map_or(self.options.tick, |next| {
            next.saturating_sub(now).min(self.options.tick)
        })
    }
}
