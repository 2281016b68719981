//! The program itself: `--once` for CI, and the signal that ends a pod.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use super::{Watcher, all, events, page, rendered, set_env};
use crate::cluster::Cluster;

fn coupler(cluster: &Cluster, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_coupler"));
    command
        .args(words)
        .env("KUBECONFIG", cluster.kubeconfig())
        .stdin(Stdio::null());
    command
}

#[test]
fn once_says_what_is_apart_as_check_would_and_exits_so() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let ns = &cluster.namespace();
    cluster.apply(&rendered(&all(ns), true));
    let once = |more: &[&str]| {
        let done = coupler(
            cluster,
            &[&["watch", "--once", "-n", ns.as_str()], more].concat(),
        )
        .output()
        .unwrap();
        assert!(done.stdout.is_empty());
        (done.status.code(), String::from_utf8(done.stderr).unwrap())
    };
    assert_eq!(
        once(&[]),
        (Some(0), "1 coupled, 0 decoupled, 0 unknown\n".to_owned())
    );

    cluster
        .kubectl(&["-n", ns, "delete", "socket", "mongo"])
        .good();
    set_env(cluster, ns, "MONGO_HOST=localhost");
    let (status, said) = once(&[]);
    assert_eq!(status, Some(1), "{said}");
    for line in [
        &format!(
            "error[baked-entry-edited]: variable `MONGO_HOST` of container `express` of Deployment `{ns}/express` differs from what was rendered"
        ),
        &format!("error[socket-gone]: Socket `{ns}/mongo` is gone"),
        &format!("  --> {ns}/Plug/mongo:"),
        "0 coupled, 1 decoupled, 0 unknown",
    ] {
        assert!(said.contains(line), "{line}\n{said}");
    }
    assert!(!said.contains("localhost"), "{said}");
    let (status, said) = once(&["--format", "json"]);
    let codes: Vec<_> = said
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .collect();
    assert_eq!((status, codes.len()), (Some(1), 2), "{said}");
    assert!(events(cluster, ns).is_empty(), "it only says");
}

#[test]
fn every_line_names_the_namespace_and_one_that_does_not_exist_is_an_error() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let ns = &cluster.namespace();
    cluster.apply(&rendered(&all(ns), true));
    set_env(cluster, ns, "MONGO_HOST=x");
    for format in ["json", "github"] {
        let words = ["watch", "--once", "-n", ns, "--format", format];
        let done = coupler(cluster, &words).output().unwrap();
        let said = String::from_utf8([done.stdout, done.stderr].concat()).unwrap();
        let lines: Vec<_> = said
            .lines()
            .filter(|line| line.contains("baked-entry-edited"))
            .collect();
        assert!(
            !lines.is_empty() && lines.iter().all(|line| line.contains(ns.as_str())),
            "{said}"
        );
    }
    for more in [&["--once"][..], &["--listen", "127.0.0.1:0"]] {
        let words = [&["watch", "-n", "no-such-namespace"], more].concat();
        let done = coupler(cluster, &words).output().unwrap();
        let said = String::from_utf8(done.stderr).unwrap();
        assert_eq!(done.status.code(), Some(2), "{said}");
        assert!(
            said.contains("namespace `no-such-namespace` does not exist"),
            "{said}"
        );
    }
}

#[test]
fn the_signal_that_ends_a_pod_ends_it_well() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let ns = &cluster.namespace();
    let words = [
        "watch",
        "-n",
        ns,
        "--listen",
        "127.0.0.1:0",
        "--log-format",
        "json",
    ];
    let mut watcher = coupler(cluster, &words)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut log = std::io::BufReader::new(watcher.stderr.take().unwrap());
    let mut said = String::new();
    while !said.contains("\"message\":\"ready\"") {
        assert_ne!(
            std::io::BufRead::read_line(&mut log, &mut said).unwrap(),
            0,
            "{said}"
        );
    }
    assert!(
        Command::new("kill")
            .arg(watcher.id().to_string())
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(watcher.wait().unwrap().code(), Some(0));
    std::io::Read::read_to_string(&mut log, &mut said).unwrap();
    assert!(
        said.lines()
            .all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()),
        "{said}"
    );
}

/// A replica that is a program of its own, so that it can be stopped as a node that hangs stops it.
struct Replica {
    process: Child,
    port: u16,
}

impl Replica {
    /// Starts one with a window of a second, and gives it once it is ready.
    fn start(cluster: &Cluster, namespace: &str, other: &Watcher) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let address = format!("127.0.0.1:{port}");
        let words = [
            "watch", "-n", namespace, "--settle", "1", "--listen", &address,
        ];
        let process = coupler(cluster, &words)
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        other.until("the replica is ready", || {
            page(port, "/readyz").starts_with("ok")
        });
        Self { process, port }
    }

    fn signal(&self, signal: &str) {
        let id = self.process.id().to_string();
        let sent = Command::new("kill").args(["-s", signal, &id]).status();
        assert!(sent.unwrap().success());
    }

    /// Whether it found an Event that another made.
    fn knows_an_event(&self) -> bool {
        let metrics = page(self.port, "/metrics");
        let there = "coupler_events_published_total{result=\"there\"} ";
        let mut lines = metrics.lines();
        lines.any(|line| line.starts_with(there) && !line.ends_with(" 0"))
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn a_replica_that_was_stopped_beyond_the_window_doubles_nothing() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let ns = &cluster.namespace();
    cluster.apply(&rendered(&all(ns), false));
    let running = Watcher::start(cluster, Some(ns));
    let stopped = Replica::start(cluster, ns, &running);
    stopped.signal("STOP");
    for times in 1..3 {
        set_env(cluster, ns, "MONGO_HOST=localhost");
        running.until_decoupled(&["baked-entry-edited"]);
        running.until("the other reports it", || {
            running.step();
            events(cluster, ns).len() == times
        });
        if times == 1 {
            set_env(cluster, ns, "MONGO_HOST=mongo");
            running.until_decoupled(&[]);
        }
    }
    stopped.signal("CONT");
    running.until("the replica knows it too", || stopped.knows_an_event());
    running.pass(600);
    assert_eq!(events(cluster, ns).len(), 2);
}
