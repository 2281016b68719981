//! `cargo bench --features watch --bench watch`: what `coupler watch` costs beside 10,000
//! Deployments on a real API server.
//!
//! Memory is the resident set of the real program; latency runs from an edit to its Event, beyond
//! the window; idle is CPU time over wall-clock time while nothing happens. The aims are printed,
//! not asserted: machines differ.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench reads clocks, starts programs, and may fail loudly"
)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use coupler::api::{Integrations, Settings};
use coupler::render::{Input, Role, Source, render};
use futures_util::StreamExt as _;
use kube::Client;
use kube::api::{Api, DynamicObject, ListParams, Patch, PatchParams, PostParams};
use kube::core::{ApiResource, ObjectList};
use serde_json::{Value, json};

const DEPLOYMENTS: usize = 10_000;
/// The watcher's window; latency is what comes on top of it.
const SETTLE: Duration = Duration::from_secs(2);

fn main() {
    if !std::env::args().any(|word| word == "--bench") {
        return;
    }
    let Some(program) = server() else {
        println!(
            "skipped: there is no API server (tests/rigs/apiserver.sh builds it; COUPLER_APISERVER names another)"
        );
        return;
    };
    let (mut server, kubeconfig) = start(&program);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(measure(&kubeconfig));
    server.kill().unwrap();
    server.wait().unwrap();
}

fn server() -> Option<PathBuf> {
    let named = std::env::var_os("COUPLER_APISERVER").map(PathBuf::from);
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")));
    let rig = cache.map(|cache| cache.join("coupler-rigs/apiserver-1.36.3/apiserver"));
    named.or(rig).filter(|path| path.is_file())
}

/// The server, and its kubeconfig, which it prints once it is ready. It ends when its standard
/// input does.
fn start(program: &PathBuf) -> (Child, PathBuf) {
    let mut server = Command::new(program)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(server.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    (server, PathBuf::from(line.trim()))
}

async fn measure(kubeconfig: &PathBuf) {
    let config = kube::config::Kubeconfig::read_from(kubeconfig).unwrap();
    let config =
        kube::Config::from_custom_kubeconfig(config, &kube::config::KubeConfigOptions::default())
            .await
            .unwrap();
    let client = Client::try_from(config).unwrap();
    let resource = ApiResource {
        group: "apps".into(),
        version: "v1".into(),
        api_version: "apps/v1".into(),
        kind: "Deployment".into(),
        plural: "deployments".into(),
    };
    let api: Api<DynamicObject> = Api::namespaced_with(client.clone(), "default", &resource);
    let deployment: Value = serde_yaml::from_str(&rendered()).unwrap();
    let bytes = serde_json::to_string(&deployment).unwrap().len();
    let started = Instant::now();
    let made = futures_util::stream::iter(0..DEPLOYMENTS).map(|index| {
        let mut one = deployment.clone();
        one["metadata"]["name"] = format!("web-{index}").into();
        let (api, one) = (api.clone(), serde_json::from_value(one).unwrap());
        async move { api.create(&PostParams::default(), &one).await }
    });
    made.buffer_unordered(32)
        .for_each(|made| async { drop(made.unwrap()) })
        .await;
    println!(
        "{DEPLOYMENTS} Deployments of {bytes} bytes, 8 variables baked in each, made in {:.0?}",
        started.elapsed()
    );

    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let started = Instant::now();
    let mut watcher = Command::new(env!("CARGO_BIN_EXE_coupler"))
        .args([
            "watch",
            "--settle",
            &SETTLE.as_secs().to_string(),
            "--listen",
            &format!("127.0.0.1:{port}"),
        ])
        .env("KUBECONFIG", kubeconfig)
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while !get(port, "/metrics").contains(&format!(
        "coupler_plugs{{state=\"coupled\"}} {DEPLOYMENTS}\n"
    )) {
        assert!(
            started.elapsed() < Duration::from_secs(300),
            "it never got ready"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    row(
        "listed and judged",
        &format!("{:.1} s", started.elapsed().as_secs_f64()),
        "",
    );
    row(
        "CPU time until then",
        &format!("{:.1} s", cpu(&watcher).as_secs_f64()),
        "1.5 s",
    );
    row(
        "resident",
        &format!("{:.1} MiB", memory(&watcher, "VmRSS")),
        "30 MiB",
    );
    row(
        "resident, peak",
        &format!("{:.1} MiB", memory(&watcher, "VmHWM")),
        "",
    );

    let (before, began) = (cpu(&watcher), Instant::now());
    tokio::time::sleep(Duration::from_secs(20)).await;
    let idle = (cpu(&watcher) - before).as_secs_f64() / began.elapsed().as_secs_f64();
    row("idle, of a core", &format!("{:.2} %", idle * 100.0), "1 %");

    let events = ApiResource {
        group: "events.k8s.io".into(),
        version: "v1".into(),
        api_version: "events.k8s.io/v1".into(),
        kind: "Event".into(),
        plural: "events".into(),
    };
    let events: Api<DynamicObject> = Api::namespaced_with(client, "default", &events);
    let name = |index: usize| format!("web-{}", index * 997 % DEPLOYMENTS);
    let mut latencies = Vec::new();
    for index in 0..5 {
        let container = &deployment["spec"]["template"]["spec"]["containers"][0]["name"];
        let patch = json!({"spec": {"template": {"spec": {"containers": [
            {"name": container, "env": [{"name": "MONGODB_HOST", "value": "elsewhere"}]}]}}}});
        let edited = Instant::now();
        api.patch(
            &name(index),
            &PatchParams::default(),
            &Patch::Strategic(patch),
        )
        .await
        .unwrap();
        let told = |events: &ObjectList<DynamicObject>| {
            events
                .iter()
                .filter(|event| event.data["reason"] == "Decoupled")
                .count()
        };
        // the server has Events of its own to send
        while told(&events.list(&ListParams::default()).await.unwrap()) <= index {
            assert!(
                edited.elapsed() < Duration::from_secs(60),
                "it was never told"
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        latencies.push(edited.elapsed() - SETTLE);
    }
    latencies.sort();
    row(
        "from an edit to its Event, beyond the window",
        &format!("{:.2} s", latencies[2].as_secs_f64()),
        "1 s",
    );
    watcher.kill().unwrap();
    watcher.wait().unwrap();
}

fn row(name: &str, value: &str, aim: &str) {
    println!("{name:46}{value:>12}   {aim}");
}

/// A Deployment of two containers, coupled, as it is where nobody keeps the Plugs in the
/// cluster.
fn rendered() -> String {
    let filler: String = (0..12)
        .map(|i| {
            format!("            - {{name: SETTING_{i}, value: a value of the author's own}}\n")
        })
        .collect();
    let text = format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web, namespace: default}}\nspec:\n  selector: {{matchLabels: {{app: web}}}}\n  \
         template:\n    metadata: {{labels: {{app: web}}}}\n    spec:\n      containers:\n        - name: web\n          image: example/web:1\n          \
         env:\n{filler}        - name: sidecar\n          image: example/sidecar:1\n          env:\n{filler}---\n\
         apiVersion: integration.rock8s.com/v1\nkind: Plug\nmetadata: {{name: mongo, namespace: default}}\nspec:\n  \
         interface: {{name: mongodb}}\n  workloads: [{{name: web, containers: [web]}}]\n---\n\
         apiVersion: integration.rock8s.com/v1\nkind: Socket\nmetadata: {{name: mongo, namespace: default}}\nspec:\n  \
         interface: {{name: mongodb, versions: [1.0.0]}}\n  service: {{name: mongo}}\n  config: {{database: shop}}\n  configFrom:\n    \
         - {{secretRef: {{name: mongo-auth}}, keys: {{username: username, password: password}}}}\n"
    );
    let source = Source {
        name: "input".into(),
        text,
        role: Role::Stream,
    };
    let input = Input {
        sources: vec![source],
        settings: Settings {
            integrations: Integrations::Drop,
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

fn get(port: u16, path: &str) -> String {
    let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) else {
        return String::new();
    };
    let mut answer = String::new();
    let asked = write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    );
    let _ = asked.and_then(|()| stream.read_to_string(&mut answer));
    answer
}

/// A line of `/proc/PID/status`, in MiB.
fn memory(process: &Child, key: &str) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", process.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with(key)).unwrap();
    line.split_whitespace()
        .nth(1)
        .unwrap()
        .parse::<f64>()
        .unwrap()
        / 1024.0
}

/// User and system time, which `/proc` counts in hundredths of a second.
fn cpu(process: &Child) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", process.id())).unwrap();
    let fields: Vec<&str> = stat.rsplit_once(") ").unwrap().1.split(' ').collect();
    let ticks: u64 = fields[11..13]
        .iter()
        .map(|ticks| ticks.parse::<u64>().unwrap())
        .sum();
    Duration::from_millis(ticks * 10)
}
