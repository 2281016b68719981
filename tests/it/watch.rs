//! The watcher against a real API server: each test has a namespace of its own, and a watcher that
//! sees no other.
//!
//! Windows and limits are not waited for: the watchers' clock is put forward.

mod binary;
mod causes;
mod cluster_wide;
mod hostile;
mod many;
mod mapped_kinds;
mod named_kinds;
mod outage;
mod rights;
mod rules;
mod shared;
mod soak;
mod sockets;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use coupler::drift::LiveKind;
use coupler::watch::{Clock, LogFormat, Options};
use serde_json::Value;

use crate::cluster::Cluster;

/// The watcher's settle window; a test's clock passes it in a step.
///
/// It is longer than any test waits: however slow a machine is, the window passes only where a test
/// puts the clock forward.
const SETTLE: Duration = Duration::from_secs(300);
/// How far the clock is put forward while a test waits for what comes after the window.
const STEP: Duration = Duration::from_secs(15);
/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(240);

/// A watcher in a thread of its own.
pub(crate) struct Watcher {
    clock: Clock,
    port: u16,
    stop: Option<tokio::sync::oneshot::Sender<Stop>>,
    thread: Option<JoinHandle<()>>,
}

enum Stop {
    /// As SIGTERM does.
    Gently,
    /// As SIGKILL does: nothing that is under way is finished.
    AtOnce,
}

impl Watcher {
    /// Starts one as an administrator, and waits until it is ready.
    fn start(cluster: &Cluster, namespace: Option<&str>) -> Self {
        let watcher = Self::begin(cluster.kubeconfig(), namespace, "watcher-0");
        watcher.until("it is ready", || watcher.get("/readyz").starts_with("ok"));
        watcher
    }

    fn begin(kubeconfig: &Path, namespace: Option<&str>, instance: &str) -> Self {
        Self::begin_with(kubeconfig, namespace, instance, &[])
    }

    /// The same, where these kinds are named to it.
    fn begin_with(
        kubeconfig: &Path,
        namespace: Option<&str>,
        instance: &str,
        named: &[&'static LiveKind],
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let options = Options {
            namespace: namespace.map(str::to_owned),
            kinds: named.to_vec(),
            settle: SETTLE,
            log: LogFormat::Text,
            book: None,
            instance: instance.to_owned(),
            tick: Duration::from_millis(50),
        };
        let (kubeconfig, clock) = (kubeconfig.to_owned(), Clock::start());
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let its = clock.clone();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let config = kube::config::Kubeconfig::read_from(kubeconfig).unwrap();
                let config = kube::Config::from_custom_kubeconfig(config, &Default::default()).await.unwrap();
                let client = kube::Client::try_from(config).unwrap();
                let (gently, at_once) = (tokio::sync::Notify::new(), tokio::sync::Notify::new());
                let told = async {
                    match stopped.await {
                        Ok(Stop::Gently) => gently.notify_one(),
                        _ => at_once.notify_one(),
                    }
                    std::future::pending::<()>().await;
                };
                tokio::select! {
                    done = coupler::watch::watch_with(client, listener, options, its, gently.notified()) => done.unwrap(),
                    () = told => {}
                    () = at_once.notified() => {}
                }
            });
        });
        Self {
            clock,
            port,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    fn end(&mut self, how: Stop) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(how);
        }
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }

    /// A page of it; empty where nobody answers.
    fn get(&self, path: &str) -> String {
        page(self.port, path)
    }

    /// The lines of one metric.
    fn metric(&self, name: &str) -> Vec<String> {
        let is = |line: &&str| {
            line.starts_with(&format!("coupler_{name}{{"))
                || line.starts_with(&format!("coupler_{name} "))
        };
        self.get("/metrics")
            .lines()
            .filter(is)
            .map(str::to_owned)
            .collect()
    }

    /// Whether a line of a metric that has this in it counts anything.
    fn counts(&self, name: &str, part: &str) -> bool {
        let lines = self.metric(name);
        lines
            .iter()
            .any(|line| line.contains(part) && !line.ends_with(" 0"))
    }

    /// Puts the clock forward.
    fn pass(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// Lets the settle window pass.
    fn pass_window(&self) {
        self.clock.advance(SETTLE + STEP);
    }

    /// Lets a part of the settle window pass, or of the limit that holds an Event back: for what is
    /// waited for, again and again until it comes.
    fn step(&self) {
        self.clock.advance(STEP);
    }

    fn until(&self, what: &str, mut is: impl FnMut() -> bool) {
        let start = Instant::now();
        while !is() {
            assert!(
                start.elapsed() < PATIENCE,
                "it never came that {what}\n{}",
                self.get("/metrics")
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Puts the clock forward until the gauge has exactly these causes.
    fn until_decoupled(&self, causes: &[&str]) {
        self.until(&format!("the causes are {causes:?}"), || {
            // what heals, heals at once; and a window begins once something is apart
            if !causes.is_empty() && self.counts("plugs", "\"decoupled\"") {
                self.step();
            }
            let mut now: Vec<_> = self
                .metric("decoupled")
                .iter()
                .map(|line| label(line, "cause"))
                .collect();
            now.sort();
            now == causes
        });
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.end(Stop::AtOnce);
    }
}

/// A page of the watcher that listens at this port; empty where nobody answers.
fn page(port: u16, path: &str) -> String {
    let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) else {
        return String::new();
    };
    let mut answer = String::new();
    let asked = write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    );
    // a slow machine may close a connection before it has answered: then it is asked again
    if asked
        .and_then(|()| stream.read_to_string(&mut answer))
        .is_err()
    {
        return String::new();
    }
    answer
        .split_once("\r\n\r\n")
        .map(|(_, body)| body.to_owned())
        .unwrap_or_default()
}

/// A label of a metric's line.
fn label(line: &str, key: &str) -> String {
    line.split_once(&format!("{key}=\""))
        .unwrap()
        .1
        .split('"')
        .next()
        .unwrap()
        .to_owned()
}

/// Sets a variable of the application (`NAME=value`), or removes it (`NAME-`), as the field manager
/// `kubectl-set`.
fn set_env(cluster: &Cluster, namespace: &str, variable: &str) {
    let target = ["-n", namespace, "set", "env", "deployment/express"];
    let words = [&target[..], &[variable]].concat();
    cluster.kubectl(&words).good();
}

/// The Events of what differs in a namespace.
fn events(cluster: &Cluster, namespace: &str) -> Vec<Value> {
    events_of(cluster, namespace, "Decoupled")
}

/// The Events of coupler in a namespace that have this reason.
fn events_of(cluster: &Cluster, namespace: &str, reason: &str) -> Vec<Value> {
    let said = cluster
        .kubectl(&[
            "get",
            "events.v1.events.k8s.io",
            "-n",
            namespace,
            "-o",
            "json",
        ])
        .good();
    let list: Value = serde_json::from_str(&said).unwrap();
    let all = list["items"].as_array().unwrap().iter();
    all.filter(|event| event["reportingController"] == "integration.rock8s.com/coupler")
        .filter(|event| event["reason"] == reason)
        .cloned()
        .collect()
}

/// The causes of the Events, sorted.
fn causes(cluster: &Cluster, namespace: &str) -> Vec<String> {
    let cause = |event: &Value| {
        event["note"]
            .as_str()
            .unwrap()
            .split(':')
            .next()
            .unwrap()
            .to_owned()
    };
    let mut causes: Vec<_> = events(cluster, namespace).iter().map(cause).collect();
    causes.sort();
    causes
}

/// An application and what it is coupled to; `<ns>` is the namespace.
const APPLICATION: &str = r#"apiVersion: apps/v1
kind: Deployment
metadata: {name: express, namespace: <ns>}
spec:
  selector: {matchLabels: {app: express}}
  template:
    metadata: {labels: {app: express}}
    spec:
      containers:
        - name: express
          image: example/express:1
          env:
            - {name: NODE_ENV, value: production}
"#;
const PLUG: &str = r#"apiVersion: integration.rock8s.com/v1
kind: Plug
metadata: {name: mongo, namespace: <ns>}
spec:
  interface: {name: mongodb, version: "1"}
  workloads: [{name: express}]
  config: {database: shop}
  bind:
    env: [{name: MONGO_URL, key: uri}, {name: MONGO_HOST, key: host}]
"#;
const SOCKET: &str = r#"apiVersion: integration.rock8s.com/v1
kind: Socket
metadata: {name: mongo, namespace: <ns>}
spec:
  interface: {name: mongodb, versions: [1.0.0]}
  service: {name: mongo}
  config:
    database: <% plug.config.database %>
    uri: mongodb://<% socket.config.username %>:<% socket.config.password %>@<% socket.config.host %>/<% socket.config.database %>
  configFrom:
    - {secretRef: {name: mongo-auth}, keys: {username: username, password: password}}
"#;

fn all(namespace: &str) -> String {
    [APPLICATION, PLUG, SOCKET]
        .join("---\n")
        .replace("<ns>", namespace)
}

/// The application as a render writes it; with its Plug and Socket, or without.
fn rendered(input: &str, keep: bool) -> String {
    use coupler::api::{AllPlugs, Integrations, Settings};
    use coupler::render::{Input, Role, Source, render};

    let source = Source {
        name: "input.yaml".into(),
        text: input.to_owned(),
        role: Role::Stream,
    };
    let integrations = if keep {
        Integrations::Keep
    } else {
        Integrations::Drop
    };
    let input = Input {
        sources: vec![source],
        settings: Settings {
            integrations,
            plugs: AllPlugs::Stream,
            ..Settings::default()
        },
    };
    let output = render(&input);
    assert!(
        !coupler::diagnostic::has_errors(&output.diagnostics),
        "{:?}",
        output.diagnostics
    );
    output
        .rendered
        .iter()
        .flat_map(|source| &source.pieces)
        .map(ToString::to_string)
        .collect()
}
