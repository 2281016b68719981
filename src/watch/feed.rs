//! Turns the cluster into one stream of changes: each kind is listed, then watched from there, and
//! resumed after every failure.
//!
//! The client's own watcher does not report that a watch succeeds again, nor that a connection is
//! silent: both decide whether the watcher is ready.

use std::time::Duration;

use futures_util::stream::{BoxStream, SelectAll, StreamExt as _, iter, select_all, unfold};
use kube::api::{ListParams, WatchEvent, WatchParams};
use kube::{Api, Client, Error};
use serde_json::Value;
use tokio::time::{Instant, sleep, timeout};

use super::object::{Body, Seen, WatchedKind, What};
use super::{said, status};
use crate::drift::{Live, LiveKind, ObjectKey, ReadExtent, Workload};

/// Objects of a page of a listing: a page is in memory as a whole, with all that is not kept of it.
pub(super) const PAGE: u32 = 100;

/// How a listing is requested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Paging {
    /// Page by page.
    Pages,
    /// In one answer: the server forgot a version before all pages of it were read, and would do so
    /// again.
    Whole,
}

impl Paging {
    /// The objects that one answer may have.
    pub(super) fn limit(self) -> Option<u32> {
        (self == Self::Pages).then_some(PAGE)
    }
}

/// How long things may take.
#[derive(Clone, Copy, Debug)]
struct Timing {
    /// Until a request is answered.
    answer: Duration,
    /// A watch, before it is started again: that it can be is the sign that the server is there and
    /// lets us.
    watch: Duration,
    /// Beyond that, until a connection that is silent counts as lost.
    silence: Duration,
    /// The pause after a failure, at first and at most.
    pause: [Duration; 2],
}

const TIMING: Timing = Timing {
    answer: Duration::from_secs(15),
    watch: Duration::from_secs(20),
    silence: Duration::from_secs(4),
    pause: [Duration::from_secs(1), Duration::from_secs(5)],
};

/// One thing that happened.
#[derive(Debug)]
pub(super) enum Change {
    /// A kind is about to be listed.
    Listing(WatchedKind),
    /// An object appeared or changed; or it is listed.
    Put(WatchedKind, ObjectKey, WatchedObject),
    /// An object is gone; or, of a workload, it does not have the label any more.
    Gone(WatchedKind, ObjectKey),
    /// A kind is listed: what was not among it is not there.
    Listed(WatchedKind),
    /// A watch of a kind has begun, from where the last one ended.
    Watching(WatchedKind),
    /// A kind cannot be watched at the moment.
    Failed(WatchedKind, Failure),
}

/// What is read of an object.
#[derive(Debug)]
pub(super) enum WatchedObject {
    Integration(Value),
    Service(Value),
    Workload(Workload),
}

/// Why a kind cannot be watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// The server does not know the kind (404).
    Absent(String),
    /// We may not see it (403).
    Forbidden(String),
    /// Anything else.
    Passing(String),
}

impl Failure {
    /// The answer of the server, or why there is none.
    pub(super) fn why(&self) -> &str {
        let (Self::Absent(why) | Self::Forbidden(why) | Self::Passing(why)) = self;
        why
    }
}

/// All kinds, with those that are named, in `namespace` or in all of them.
pub(super) fn feed(
    client: &Client,
    namespace: Option<&str>,
    named: &[&'static LiveKind],
) -> SelectAll<BoxStream<'static, Change>> {
    let kinds = WatchedKind::all(named).into_iter();
    select_all(kinds.map(|kind| match kind.what {
        What::Workload(read) if read.extent == ReadExtent::Pods => {
            let workload = move |live: Live| WatchedObject::Workload(Workload::read(read, &live));
            changes(api(client, namespace, kind), kind, TIMING, workload)
        }
        What::Workload(read) => {
            let workload = move |whole: Value| {
                WatchedObject::Workload(Workload::read(read, &Live::whole(whole)))
            };
            changes(api(client, namespace, kind), kind, TIMING, workload)
        }
        What::Integration => {
            let api = api(client, namespace, kind);
            changes(api, kind, TIMING, WatchedObject::Integration)
        }
        What::Service => {
            let api = api(client, namespace, kind);
            changes(api, kind, TIMING, WatchedObject::Service)
        }
    }))
}

/// The objects of a kind.
pub(super) fn api<B: Body>(
    client: &Client,
    namespace: Option<&str>,
    kind: WatchedKind,
) -> Api<Seen<B>> {
    match namespace {
        Some(namespace) => Api::namespaced_with(client.clone(), namespace, &kind.resource()),
        None => Api::all_with(client.clone(), &kind.resource()),
    }
}

fn changes<B: Body>(
    api: Api<Seen<B>>,
    kind: WatchedKind,
    timing: Timing,
    object: impl Fn(B) -> WatchedObject + Send + 'static,
) -> BoxStream<'static, Change> {
    let object = Box::new(object);
    let feed = Feed {
        api,
        kind,
        timing,
        object,
        state: State::Start,
        paging: Paging::Pages,
        failures: 0,
        pause: None,
    };
    unfold(feed, |mut feed| async { Some((feed.next().await, feed)) })
        .flat_map(iter)
        .boxed()
}

/// The feed of one kind.
struct Feed<B: Body> {
    api: Api<Seen<B>>,
    kind: WatchedKind,
    timing: Timing,
    object: Box<dyn Fn(B) -> WatchedObject + Send>,
    state: State<B>,
    paging: Paging,
    /// Failures in a row.
    failures: u32,
    /// How long to wait before the next request.
    pause: Option<Duration>,
}

/// What a feed does next.
enum State<B: Body> {
    /// It lists again.
    Start,
    /// It requests a page of the listing.
    Listing { token: Option<String> },
    /// It begins to watch, from this version on.
    Listed { version: String },
    /// It waits for what a watch reports.
    Watching {
        version: String,
        began: Instant,
        events: BoxStream<'static, Result<WatchEvent<Seen<B>>, Error>>,
    },
}

impl<B: Body> Feed<B> {
    /// The next changes: none, where it only gets on.
    async fn next(&mut self) -> Vec<Change> {
        if let Some(pause) = self.pause.take() {
            sleep(pause).await;
        }
        match std::mem::replace(&mut self.state, State::Start) {
            State::Start => {
                self.state = State::Listing { token: None };
                vec![Change::Listing(self.kind)]
            }
            State::Listing { token } => self.page(token).await,
            State::Listed { version } => self.begin(version).await,
            State::Watching {
                version,
                began,
                mut events,
            } => {
                let silence =
                    (self.timing.watch + self.timing.silence).saturating_sub(began.elapsed());
                match timeout(silence, events.next()).await {
                    Ok(Some(Ok(event))) => self.happened(version, began, events, event),
                    Ok(Some(Err(error))) => self.failed(State::Listed { version }, &error),
                    Ok(None) => {
                        self.state = State::Listed { version };
                        // a server that ends each watch at once gets no request without a pause
                        self.pause = (began.elapsed() < self.timing.pause[0])
                            .then_some(self.timing.pause[0]);
                        Vec::new()
                    }
                    Err(_) => self.silent(State::Listed { version }),
                }
            }
        }
    }

    async fn page(&mut self, token: Option<String>) -> Vec<Change> {
        // pages, ended by a watch, are what every server can do; an older etcd has no streaming
        // lists
        let params = ListParams {
            label_selector: self.kind.selector(),
            limit: self.paging.limit(),
            continue_token: token.clone(),
            ..ListParams::default()
        };
        let page = match timeout(self.timing.answer, self.api.list(&params)).await {
            Ok(Ok(page)) => page,
            Ok(Err(error)) => {
                if token.is_some() && is_forgotten(&error) {
                    self.paging = Paging::Whole;
                }
                return self.failed(State::Start, &error);
            }
            Err(_) => return self.silent(State::Start),
        };
        let mut changes: Vec<_> = page.items.into_iter().map(|seen| self.put(seen)).collect();
        self.state = match page.metadata.continue_.filter(|token| !token.is_empty()) {
            Some(token) => State::Listing { token: Some(token) },
            None => {
                self.paging = Paging::Pages;
                changes.push(Change::Listed(self.kind));
                State::Listed {
                    version: page.metadata.resource_version.unwrap_or_default(),
                }
            }
        };
        changes
    }

    async fn begin(&mut self, version: String) -> Vec<Change> {
        let params = WatchParams {
            label_selector: self.kind.selector(),
            timeout: Some(u32::try_from(self.timing.watch.as_secs()).unwrap_or(u32::MAX)),
            ..WatchParams::default()
        };
        match timeout(self.timing.answer, self.api.watch(&params, &version)).await {
            Ok(Ok(events)) => {
                self.failures = 0;
                self.state = State::Watching {
                    version,
                    began: Instant::now(),
                    events: events.boxed(),
                };
                vec![Change::Watching(self.kind)]
            }
            Ok(Err(error)) => self.failed(State::Listed { version }, &error),
            Err(_) => self.silent(State::Listed { version }),
        }
    }

    fn happened(
        &mut self,
        before: String,
        began: Instant,
        events: BoxStream<'static, Result<WatchEvent<Seen<B>>, Error>>,
        event: WatchEvent<Seen<B>>,
    ) -> Vec<Change> {
        let (version, change) = match event {
            WatchEvent::Added(seen) | WatchEvent::Modified(seen) => {
                (seen.version(), Some(self.put(seen)))
            }
            WatchEvent::Deleted(seen) => (
                seen.version(),
                Some(Change::Gone(self.kind, key(self.kind, &seen.body))),
            ),
            WatchEvent::Bookmark(bookmark) => (Some(bookmark.metadata.resource_version), None),
            WatchEvent::Error(status) => {
                return self.failed(State::Listed { version: before }, &Error::Api(status));
            }
        };
        self.state = State::Watching {
            version: version.unwrap_or(before),
            began,
            events,
        };
        change.into_iter().collect()
    }

    fn put(&self, seen: Seen<B>) -> Change {
        let key = key(self.kind, &seen.body);
        Change::Put(self.kind, key, (self.object)(seen.body))
    }

    /// A request failed; after a pause it goes on from `state`, or lists again where the server has
    /// forgotten that version.
    fn failed(&mut self, state: State<B>, error: &Error) -> Vec<Change> {
        self.wait();
        match status(error).map(|status| status.code) {
            Some(410) => {
                self.state = State::Start;
                Vec::new()
            }
            code => {
                self.state = state;
                let why = said(error);
                let failure = match code {
                    Some(404) => Failure::Absent(why),
                    Some(403) => Failure::Forbidden(why),
                    _ => Failure::Passing(why),
                };
                vec![Change::Failed(self.kind, failure)]
            }
        }
    }

    /// The server does not answer, or a connection is lost without a sign.
    fn silent(&mut self, state: State<B>) -> Vec<Change> {
        self.wait();
        self.state = state;
        vec![Change::Failed(
            self.kind,
            Failure::Passing("the server does not answer".to_owned()),
        )]
    }

    fn wait(&mut self) {
        let [first, most] = self.timing.pause;
        self.pause = Some(most.min(first * 2u32.saturating_pow(self.failures)));
        self.failures = self.failures.saturating_add(1);
    }
}

/// Whether the server no longer has the requested version (410).
pub(super) fn is_forgotten(error: &Error) -> bool {
    status(error).is_some_and(|status| status.code == 410)
}

/// Who an object is.
pub(super) fn key<B: Body>(kind: WatchedKind, body: &B) -> ObjectKey {
    let [namespace, name, ..] = body.names();
    let text = |text: &'_ Option<String>| text.as_deref().unwrap_or_default().into();
    ObjectKey {
        kind: kind.group_kind(),
        namespace: text(&namespace),
        name: text(&name),
    }
}

#[cfg(test)]
mod tests;
