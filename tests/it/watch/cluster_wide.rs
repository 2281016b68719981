//! What concerns the server as a whole: kinds that come later, and a server that goes and comes
//! back.

use super::{Watcher, all, causes, rendered, set_env};
use crate::cluster::Cluster;

#[test]
fn kinds_that_come_later_are_found() {
    let Some(cluster) = Cluster::own() else {
        return;
    };
    let ns = &cluster.namespace();
    let text = rendered(&all(ns), true);
    let workload = text
        .split("---\n")
        .find(|document| document.contains("kind: Deployment"))
        .unwrap();
    cluster.apply(workload);
    // ready without our kinds: the workload's own record is judged, its Plug is unknown
    let watcher = Watcher::start(&cluster, None);
    let state = |line: &str| {
        watcher
            .metric("plugs")
            .contains(&format!("coupler_plugs{{state={line}"))
    };
    watcher.until("it is judged", || state("\"unknown\"} 1"));
    cluster.apply(&coupler::api::crds());
    cluster
        .kubectl(&["wait", "--for=condition=Established", "crd", "--all"])
        .good();
    cluster.apply(&text);
    watcher.until("its Plug and Socket are known", || state("\"coupled\"} 1"));
    cluster
        .kubectl(&["-n", ns, "delete", "socket", "mongo"])
        .good();
    watcher.until_decoupled(&["socket-gone"]);
}

#[test]
fn a_server_that_goes_and_comes_back_costs_nothing_and_hides_nothing() {
    let Some(mut cluster) = Cluster::own() else {
        return;
    };
    let ns = &cluster.namespace();
    cluster.apply(&rendered(&all(ns), false));
    let watcher = Watcher::start(&cluster, None);
    cluster.kill();
    watcher.until("it is missed", || watcher.counts("watch_errors_total", ""));
    assert!(watcher.get("/livez").starts_with("ok"));
    cluster.start();
    set_env(&cluster, ns, "MONGO_HOST=localhost");
    watcher.until_decoupled(&["baked-entry-edited"]);
    watcher.until("it is told", || {
        causes(&cluster, ns) == ["baked-entry-edited"]
    });
}

/// The words of a text, without what is another each time: times, ages, versions, uids.
fn words(text: &str) -> Vec<Vec<&str>> {
    let lines = text.lines().map(|line| {
        let mut words: Vec<_> = line.split_whitespace().collect();
        match words[..] {
            ["Creation", "Timestamp:", ..] | ["Resource", "Version:", ..] => words.truncate(2),
            ["UID:", ..] => words.truncate(1),
            ["Warning", "Decoupled", ..] => _ = words.remove(2),
            _ => {}
        }
        words
    });
    lines.collect()
}

#[test]
fn the_page_shows_what_kubectl_says() {
    let Some(cluster) = Cluster::own() else {
        return;
    };
    let read = |path: &str| {
        std::fs::read_to_string(format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap()
    };
    cluster.apply(&coupler::api::crds());
    cluster
        .kubectl(&["wait", "--for=condition=Established", "crd", "--all"])
        .good();
    cluster.kubectl(&["create", "namespace", "shop"]).good();
    let example = ["express", "interface", "mongo"]
        .map(|name| read(&format!("examples/express-mongo/{name}.yaml")));
    cluster.apply(&rendered(&example.join("---\n"), true));
    let watcher = Watcher::start(&cluster, None);
    cluster
        .kubectl(&["-n", "shop", "delete", "socket", "mongo"])
        .good();
    watcher.until_decoupled(&["socket-gone"]);
    watcher.until("it is told", || causes(&cluster, "shop") == ["socket-gone"]);
    let page = read("krm-fn/cluster/README.md");
    let shown = page
        .split("```text\nName:")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    let said = cluster
        .kubectl(&["describe", "plug", "mongo", "-n", "shop"])
        .good();
    assert_eq!(words(&format!("Name:{shown}")), words(&said), "{said}");
    assert_eq!(
        watcher.metric("decoupled"),
        [page
            .lines()
            .find(|line| line.starts_with("coupler_decoupled{"))
            .unwrap()]
    );
}
