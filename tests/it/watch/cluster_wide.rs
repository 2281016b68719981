//! What concerns the server as a whole: kinds that come later, and a server that goes and comes back.

use super::{Watcher, all, causes, rendered};
use crate::cluster::Cluster;

#[test]
fn kinds_that_come_later_are_found() {
    let Some(cluster) = Cluster::own() else { return };
    let ns = &cluster.namespace();
    let text = rendered(&all(ns), true);
    let workload = text.split("---\n").find(|document| document.contains("kind: Deployment")).unwrap();
    cluster.apply(workload);
    // ready without our kinds: the workload's own record is judged, its Plug is unknown
    let watcher = Watcher::start(&cluster, None);
    let state = |line: &str| watcher.metric("plugs").contains(&format!("coupler_plugs{{state={line}"));
    watcher.until("it is judged", || state("\"unknown\"} 1"));
    cluster.apply(&coupler::api::crds());
    cluster.kubectl(&["wait", "--for=condition=Established", "crd", "--all"]).good();
    cluster.apply(&text);
    watcher.until("its Plug and Socket are known", || state("\"coupled\"} 1"));
    cluster.kubectl(&["-n", ns, "delete", "socket", "mongo"]).good();
    watcher.until_decoupled(&["socket-gone"]);
}

#[test]
fn a_server_that_goes_and_comes_back_costs_nothing_and_hides_nothing() {
    let Some(mut cluster) = Cluster::own() else { return };
    let ns = &cluster.namespace();
    cluster.apply(&rendered(&all(ns), false));
    let watcher = Watcher::start(&cluster, None);
    cluster.kill();
    watcher.until("it is missed", || !watcher.metric("watch_errors_total").is_empty());
    assert!(watcher.get("/livez").starts_with("ok"));
    cluster.start();
    cluster.kubectl(&["-n", ns, "set", "env", "deployment/express", "MONGO_HOST=localhost"]).good();
    watcher.until_decoupled(&["baked-entry-edited"]);
    watcher.until("it is told", || causes(&cluster, ns) == ["baked-entry-edited"]);
}
