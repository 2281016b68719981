//! The rights that are shipped are enough, and no more is tried than they allow.

use super::{APPLICATION, Watcher, all, causes, rendered};
use crate::cluster::{Cluster, install};

/// A kubeconfig of the shipped ServiceAccount.
pub(super) fn account(cluster: &Cluster, namespace: &str) -> tempfile::NamedTempFile {
    let token = cluster
        .kubectl(&["-n", namespace, "create", "token", "coupler-watch"])
        .good();
    let admin = std::fs::read_to_string(cluster.kubeconfig()).unwrap();
    let mut config: serde_yaml::Value = serde_yaml::from_str(&admin).unwrap();
    config["users"][0]["user"] =
        serde_yaml::from_str(&format!("{{token: {}}}", token.trim())).unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), serde_yaml::to_string(&config).unwrap()).unwrap();
    file
}

/// A drift of every kind that needs another right: an Event of a Plug, one look at a workload, an
/// Event of that.
fn works(cluster: &Cluster, ns: &str, watcher: &Watcher) {
    watcher.until("it is ready", || watcher.get("/readyz").starts_with("ok"));
    cluster
        .kubectl(&["-n", ns, "delete", "socket", "mongo"])
        .good();
    watcher.until("it is told", || {
        watcher.step();
        causes(cluster, ns) == ["socket-gone"]
    });
    cluster.apply(&APPLICATION.replace("<ns>", ns));
    watcher.until("it is told", || {
        watcher.step();
        causes(cluster, ns) == ["record-stripped", "socket-gone"]
    });
    // refreshing is another right than making
    watcher.pass(1800);
    watcher.until("it is refreshed", || {
        let series = [
            "get",
            "events.v1.events.k8s.io",
            "-n",
            ns,
            "-o",
            "jsonpath={.items[*].series.count}",
        ];
        cluster.kubectl(&series).good().contains('2')
    });
    assert!(
        !watcher.counts("watch_errors_total", ""),
        "nothing was tried that is not allowed"
    );
}

#[test]
fn the_account_of_the_whole_cluster_can_do_all_that_is_needed() {
    let Some(base) = install::built("resources: [../cluster]\n") else {
        return;
    };
    // it sees every namespace: on a server that others share it would report their drifts too
    let Some(cluster) = Cluster::own() else {
        return;
    };
    let crds: Vec<_> = base
        .split("---\n")
        .filter(|one| one.contains("kind: CustomResourceDefinition"))
        .collect();
    cluster.apply(&crds.join("---\n"));
    cluster
        .kubectl(&["wait", "--for=condition=Established", "crd", "--all"])
        .good();
    cluster.apply(&base);
    let ns = &cluster.namespace();
    cluster.apply(&rendered(&all(ns), true));
    let config = account(&cluster, "coupler");
    works(
        &cluster,
        ns,
        &Watcher::begin(config.path(), None, "watcher-0"),
    );
}

#[test]
fn the_account_of_one_namespace_can_do_all_that_is_needed_there() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let ns = &cluster.namespace();
    let overlay = format!("namespace: {ns}\nresources: [../cluster/namespaced]\n");
    let Some(base) = install::built(&overlay) else {
        return;
    };
    cluster.apply(&base);
    cluster.apply(&rendered(&all(ns), true));
    let config = account(cluster, ns);
    works(
        cluster,
        ns,
        &Watcher::begin(config.path(), Some(ns), "watcher-0"),
    );
}
