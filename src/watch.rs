//! Runs the watcher of `coupler watch`, which writes Events when a cluster differs from what was
//! coupled, and changes nothing else.
//!
//! Changes come in by `feed`, `world` keeps of them what a judgement needs, the judgement is the
//! pure engine's ([`crate::drift`]), `ledger` decides what is to be said and when,
//! `publish` says it. It reads no Secret and no ConfigMap, and writes nothing but Events.
#![expect(clippy::disallowed_methods, reason = "a shell has clocks")]

mod departed;
mod event;
mod feed;
mod ledger;
mod limit;
mod log;
mod look;
mod metrics;
mod named;
mod object;
mod once;
mod publish;
mod queue;
mod role;
mod run;
#[cfg(test)]
mod scripted;
mod server;
mod world;

use std::future::Future;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use hyper::header::{HeaderValue, USER_AGENT};
use kube::Api;
use kube::api::DynamicObject;
use kube::core::ApiResource;

pub use ledger::{REFRESH, SUMMARY};
pub use limit::{
    EVENTS_AT_ONCE, EVENTS_PER_SECOND, NAMESPACE_EVENTS_AT_ONCE, NAMESPACE_EVENTS_PER_SECOND,
    PLUG_INTERVAL,
};
pub use log::LogFormat;
pub use role::{Purpose, role};
pub use run::Clock;
pub use server::TICK;

use crate::drift::{Cluster, Drift, LiveKind, judge_each};
use event::{Naming, Report, Reporter};
use jiff::Timestamp;
use look::{Found, look_once};

/// How to watch.
#[derive(Clone, Debug)]
pub struct Options {
    /// This namespace only.
    pub namespace: Option<String>,
    /// The kinds that are named.
    pub kinds: Vec<&'static LiveKind>,
    /// How long a coupling must be apart before an Event is fired.
    pub settle: Duration,
    /// How to log.
    pub log: LogFormat,
    /// The Events' `reportingInstance`: the pod's name.
    pub instance: String,
    /// The address of the pages on causes, to whose end a cause is put.
    pub book: Option<String>,
    /// The longest pause of the loop.
    pub tick: Duration,
}

/// Every Event that these drifts can become: one for each, and one for all of a Socket, of a
/// workload and of a namespace.
pub fn events(drifts: &[Drift], instance: &str) -> Vec<serde_json::Value> {
    let all: Vec<&Drift> = drifts.iter().collect();
    let mut reports: Vec<Report> = Vec::new();
    for drift in drifts {
        reports.push(Report::of(event::identity(drift), drift));
        let namespace = &drift.workload.namespace;
        reports.push(Report::of_rest(
            Report::rest(namespace),
            namespace,
            drifts.len(),
        ));
    }
    if let Some(first) = all.first() {
        reports.extend(Report::of_cause(Report::cause(first), &all));
        reports.extend(Report::of_workload(Report::workload(first), &all));
    }
    let reporter = Reporter {
        instance: instance.to_owned(),
        book: None,
    };
    let event =
        |report: &Report| report.event(Naming::Episode(0), &reporter, Timestamp::UNIX_EPOCH);
    reports.iter().map(event).collect()
}

/// Why there is no watching.
#[derive(Debug)]
pub enum Broken {
    /// No cluster is configured, or it cannot be reached.
    Cluster(String),
    /// The namespace does not exist.
    Namespace(String),
    /// The address cannot be listened at.
    Listen(std::io::Error),
}

/// A client of the cluster that `KUBECONFIG`, `~/.kube/config` or the pod's ServiceAccount names.
/// `again`: whether it tries again by itself what the server is too busy for.
async fn client(again: bool) -> Result<kube::Client, Broken> {
    let mut config = kube::Config::infer()
        .await
        .map_err(|error| Broken::Cluster(said(&kube::Error::InferConfig(error))))?;
    config.default_retry = again;
    let agent = HeaderValue::from_static(concat!("coupler/", env!("CARGO_PKG_VERSION")));
    config.headers.push((USER_AGENT, agent));
    kube::Client::try_from(config).map_err(|error| Broken::Cluster(said(&error)))
}

/// Whether a namespace is there, as far as we may know: a mistyped one has nothing in it that could
/// differ.
async fn exists(client: &kube::Client, namespace: Option<&str>) -> Result<(), Broken> {
    let Some(namespace) = namespace else {
        return Ok(());
    };
    let resource = ApiResource {
        group: String::new(),
        version: "v1".to_owned(),
        api_version: "v1".to_owned(),
        kind: "Namespace".to_owned(),
        plural: "namespaces".to_owned(),
    };
    let api: Api<DynamicObject> = Api::all_with(client.clone(), &resource);
    match api.get_opt(namespace).await {
        Ok(None) => Err(Broken::Namespace(namespace.to_owned())),
        // a Role that suffices for the rest may not let us look
        Ok(Some(_)) | Err(_) => Ok(()),
    }
}

/// Watches that cluster until `stop`; probes and metrics are served at `listen`.
///
/// # Errors
/// No cluster is configured, or the address is taken. What goes wrong later is logged, and tried
/// again.
pub async fn watch(
    listen: SocketAddr,
    options: Options,
    clock: Clock,
    stop: impl Future<Output = ()>,
) -> Result<(), Broken> {
    // feed, ledger and look try again, each in its own way
    let client = client(false).await?;
    exists(&client, options.namespace.as_deref()).await?;
    let listener = TcpListener::bind(listen).map_err(Broken::Listen)?;
    watch_with(client, listener, options, clock, stop).await
}

/// The same with a client of one's own, and a port that is bound already.
///
/// # Errors
/// The port cannot be used.
pub async fn watch_with(
    client: kube::Client,
    listener: TcpListener,
    options: Options,
    clock: Clock,
    stop: impl Future<Output = ()>,
) -> Result<(), Broken> {
    listener.set_nonblocking(true).map_err(Broken::Listen)?;
    let listener = tokio::net::TcpListener::from_std(listener).map_err(Broken::Listen)?;
    let status = server::Shared::default();
    let server = tokio::spawn(server::serve(listener, status.clone()));
    run::run(client, options, clock, status, stop).await;
    server.abort();
    Ok(())
}

/// Everything that is in that cluster now, with the kinds that are named, and a line
/// for each kind that could not be listed.
///
/// # Errors
/// No cluster is configured, it cannot be reached, or no kind of workload can be listed.
pub async fn list(
    namespace: Option<&str>,
    kinds: &[&'static LiveKind],
) -> Result<(Cluster, Vec<String>), Broken> {
    let client = client(true).await?;
    exists(&client, namespace).await?;
    let listed = once::list(&client, namespace, kinds)
        .await
        .map_err(|error| Broken::Cluster(said(&error)))?;
    let (mut cluster, unlisted) = listed;
    // what Plugs and Sockets name and has no record is not among what is listed by its label
    let mut unseen = None;
    for naming in judge_each(&cluster, drop).look_up {
        match look_once(&client, &naming).await {
            Ok(Found::Unrecorded(found)) => {
                found
                    .into_iter()
                    .for_each(|unrecorded| cluster.put_unrecorded(unrecorded));
            }
            Ok(Found::Gone | Found::Labelled) => {}
            Err(error) => {
                unseen = Some(format!(
                    "workloads that Plugs and Sockets name cannot be looked up: {}",
                    said(&error)
                ));
            }
        }
    }
    // a cluster that does not know our kinds is judged by the workloads' own records
    let missed = unlisted.into_iter().filter(|(kind, _)| !kind.is_optional());
    let missed =
        missed.map(|(kind, why)| format!("kind `{}` cannot be listed: {why}", kind.label()));
    let missed: Vec<_> = missed.chain(unseen).collect();
    if cluster
        .watched()
        .all(|kind| !cluster.can_list(kind.group_kind()))
    {
        return Err(Broken::Cluster(missed.join("; ")));
    }
    Ok((cluster, missed))
}

/// What the server said, if it is the server that said no.
fn status(error: &kube::Error) -> Option<&kube::core::Status> {
    match error {
        kube::Error::Api(status) => Some(status),
        _ => None,
    }
}

/// What the server said; else the error with its causes, each once.
fn said(error: &kube::Error) -> String {
    if let Some(status) = status(error) {
        return status.message.clone();
    }
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        cause = error.source();
    }
    text
}
