//! A server that refuses, is silent, or does not know who asks: what was known stays, and the
//! watcher is not ready.

use coupler::project::WorkloadKind;

use super::{Watcher, all, causes, rendered, rights};
use crate::cluster::{Cluster, install};

/// A cluster with one coupling that is apart and one that is not, and a watcher of the shipped
/// account that has reported it.
struct Told {
    cluster: Cluster,
    namespaces: [String; 2],
    watcher: Watcher,
    _config: tempfile::NamedTempFile,
}

fn told() -> Option<Told> {
    let base = install::built("resources: [../cluster]\n")?;
    let cluster = Cluster::own()?;
    let crds: Vec<_> = base
        .split("---\n")
        .filter(|one| one.contains("kind: CustomResourceDefinition"))
        .collect();
    cluster.apply(&crds.join("---\n"));
    cluster
        .kubectl(&["wait", "--for=condition=Established", "crd", "--all"])
        .good();
    cluster.apply(&base);
    let namespaces = [cluster.namespace(), cluster.namespace()];
    namespaces
        .iter()
        .for_each(|ns| cluster.apply(&rendered(&all(ns), true)));
    let config = rights::account(&cluster, "coupler");
    let watcher = Watcher::begin(config.path(), None, "watcher-0");
    watcher.until("it is ready", || watcher.get("/readyz").starts_with("ok"));
    cluster
        .kubectl(&["-n", &namespaces[0], "delete", "socket", "mongo"])
        .good();
    watcher.until_decoupled(&["socket-gone"]);
    watcher.until("it is reported", || {
        causes(&cluster, &namespaces[0]) == ["socket-gone"]
    });
    Some(Told {
        cluster,
        namespaces,
        watcher,
        _config: config,
    })
}

impl Told {
    /// Nothing was forgotten, and nothing more is reported.
    fn is_as_before(&self) {
        let states = ["coupled", "decoupled", "unknown"].map(|state| {
            let line = self
                .watcher
                .metric("plugs")
                .into_iter()
                .find(|line| line.contains(&format!("\"{state}\"")));
            line.unwrap().rsplit_once(' ').unwrap().1.to_owned()
        });
        assert_eq!(states, ["1", "1", "0"]);
        self.watcher.until_decoupled(&["socket-gone"]);
        assert_eq!(causes(&self.cluster, &self.namespaces[0]), ["socket-gone"]);
        assert_eq!(causes(&self.cluster, &self.namespaces[1]), [] as [&str; 0]);
    }

    /// Waits until the watcher gives this reason why it is not ready, for every kind that it
    /// watches.
    fn until_not_ready(&self, why: &str) {
        // of our own kinds three, the Service, and the workloads
        let kinds = 4 + WorkloadKind::watched().count();
        self.watcher.until(why, || {
            let reasons = self.watcher.get("/readyz");
            reasons.lines().filter(|line| line.contains(why)).count() == kinds
        });
        assert!(self.watcher.get("/livez").starts_with("ok"));
    }

    fn until_ready(&self) {
        self.watcher.until("it is ready again", || {
            self.watcher.get("/readyz").starts_with("ok")
        });
    }
}

/// How long rights are gone.
#[derive(Clone, Copy, Debug)]
enum Gone {
    /// Until the first watch is refused; the watcher is still ready.
    ForAMoment,
    /// Until no kind can be watched.
    UntilNotReady,
}

#[test]
fn rights_that_are_taken_away_for_a_while_heal_nothing() {
    let Some(told) = told() else { return };
    let binding = ["get", "clusterrolebinding", "coupler-watch", "-o", "json"];
    let binding = told.cluster.kubectl(&binding).good();
    let mut binding: serde_json::Value = serde_json::from_str(&binding).unwrap();
    binding["metadata"] = serde_json::json!({"name": "coupler-watch"});
    for gone in [Gone::ForAMoment, Gone::UntilNotReady] {
        told.cluster
            .kubectl(&["delete", "clusterrolebinding", "coupler-watch"])
            .good();
        match gone {
            Gone::ForAMoment => told.watcher.until("a watch is refused", || {
                told.watcher.counts("watch_errors_total", "")
            }),
            Gone::UntilNotReady => told.until_not_ready("is forbidden"),
        }
        told.cluster
            .kubectl_with(&["create", "-f", "-"], &binding.to_string())
            .good();
        told.until_ready();
        told.watcher.pass(600);
        told.is_as_before();
    }
}

#[test]
fn a_server_that_freezes_is_noticed_and_heals_nothing() {
    let Some(told) = told() else { return };
    told.cluster.freeze();
    told.until_not_ready("the server does not answer");
    told.cluster.thaw();
    told.until_ready();
    told.watcher.pass(600);
    told.is_as_before();
}

#[test]
fn a_token_that_the_server_does_not_know_any_more_is_named() {
    let Some(mut told) = told() else { return };
    told.cluster.kill();
    told.cluster.forget_signing_key();
    told.cluster.start();
    told.until_not_ready("Unauthorized");
    told.watcher.pass(600);
    told.is_as_before();
}
