//! The cluster as one stream of changes: a watch for each kind, resumed by the client whatever happens to it.

use futures_util::stream::{BoxStream, SelectAll, StreamExt as _, select_all};
use kube::runtime::watcher::{self, Event};
use kube::runtime::{WatchStreamExt as _, watcher as watch};
use kube::{Api, Client};
use serde_json::Value;

use super::object::{Body, Kind, Seen, What};
use super::{said, status};
use crate::render::drift::{Key, Live, Workload};

/// Objects of a page of a listing: a page is in memory as a whole, with all that is not kept of it.
const PAGE: u32 = 100;

/// One thing that happened.
#[derive(Debug)]
pub(super) enum Change {
    /// A kind is about to be listed.
    Listing(Kind),
    /// An object appeared or changed; or it is listed.
    Put(Kind, Key, Object),
    /// An object is gone; or, of a workload, it does not bear the label any more.
    Gone(Kind, Key),
    /// A kind is listed: what was not among it is not there.
    Listed(Kind),
    /// A kind cannot be watched at the moment.
    Failed(Kind, Failure),
}

/// What is read of an object.
#[derive(Debug)]
pub(super) enum Object {
    Integration(Value),
    Service(Value),
    Workload(Workload),
}

/// Why a kind cannot be watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// The server does not know it (404), or does not let us (403): it stays so until somebody changes it.
    Unlisted(String),
    /// Anything else: it may pass by itself.
    Passing(String),
}

/// All kinds, in `namespace` or in all of them.
pub(super) fn feed(client: &Client, namespace: Option<&str>) -> SelectAll<BoxStream<'static, Change>> {
    select_all(Kind::all().map(|kind| match kind.what {
        What::Workload => changes::<Live>(client, namespace, kind, |kind, live| {
            Object::Workload(Workload::read(kind.api_version, kind.kind, &live))
        }),
        What::Integration => changes::<Value>(client, namespace, kind, |_, value| Object::Integration(value)),
        What::Service => changes::<Value>(client, namespace, kind, |_, value| Object::Service(value)),
    }))
}

/// The objects of a kind.
pub(super) fn api<B: Body>(client: &Client, namespace: Option<&str>, kind: Kind) -> Api<Seen<B>> {
    match namespace {
        Some(namespace) => Api::namespaced_with(client.clone(), namespace, &kind.resource()),
        None => Api::all_with(client.clone(), &kind.resource()),
    }
}

fn changes<B: Body>(
    client: &Client,
    namespace: Option<&str>,
    kind: Kind,
    object: fn(Kind, B) -> Object,
) -> BoxStream<'static, Change> {
    // the default, ListWatch, is what every server can do; an older etcd has no streaming lists
    let config = watcher::Config { label_selector: kind.selector(), ..watcher::Config::default() }.page_size(PAGE);
    let put = move |seen: Seen<B>| {
        let key = key(kind, &seen.body);
        Change::Put(kind, key, object(kind, seen.body))
    };
    let changes = watch(api(client, namespace, kind), config).default_backoff().map(move |event| match event {
        Ok(Event::Init) => Change::Listing(kind),
        Ok(Event::InitApply(seen) | Event::Apply(seen)) => put(seen),
        Ok(Event::Delete(seen)) => Change::Gone(kind, key(kind, &seen.body)),
        Ok(Event::InitDone) => Change::Listed(kind),
        Err(error) => Change::Failed(kind, failure(&error)),
    });
    changes.boxed()
}

/// Who an object is.
pub(super) fn key<B: Body>(kind: Kind, body: &B) -> Key {
    let [namespace, name, ..] = body.names();
    (kind.kind, namespace.unwrap_or_default(), name.unwrap_or_default())
}

fn failure(error: &watcher::Error) -> Failure {
    use watcher::Error::{InitialListFailed, WatchError, WatchFailed, WatchStartFailed};
    let (status, why) = match error {
        InitialListFailed(error) | WatchStartFailed(error) | WatchFailed(error) => (status(error), said(error)),
        WatchError(status) => (Some(&**status), status.message.clone()),
        error @ watcher::Error::NoResourceVersion => (None, error.to_string()),
    };
    if status.is_some_and(|status| matches!(status.code, 403 | 404)) {
        Failure::Unlisted(why)
    } else {
        Failure::Passing(why)
    }
}

#[cfg(test)]
mod tests;
