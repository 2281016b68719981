//! What a tenant of the cluster can do to the watcher by the objects of his own namespace.

use std::fmt::Write as _;

use serde_json::Value;

use super::{APPLICATION, Stop, Watcher, all, causes, events, rendered, set_env};
use crate::cluster::Cluster;

#[test]
fn an_event_that_somebody_else_put_under_the_name_silences_nothing() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let ns = &cluster.namespace();
    cluster.apply(&rendered(&all(ns), false));
    set_env(cluster, ns, "MONGO_HOST=localhost");
    let mut watcher = Watcher::start(cluster, Some(ns));
    watcher.until_decoupled(&["baked-entry-edited"]);
    watcher.until("it is reported", || {
        causes(cluster, ns) == ["baked-entry-edited"]
    });
    watcher.end(Stop::Gently);

    // the same again, from another who knows the name, dated after every episode that can come
    let mut forged = events(cluster, ns).remove(0);
    let name = forged["metadata"]["name"].as_str().unwrap().to_owned();
    forged["eventTime"] = "2999-01-01T00:00:00.000000Z".into();
    forged["metadata"] = serde_json::json!({"name": name, "namespace": ns});
    cluster
        .kubectl(&["-n", ns, "delete", "events.v1.events.k8s.io", &name])
        .good();
    cluster
        .kubectl_with(&["create", "-f", "-"], &forged.to_string())
        .good();
    let watcher = Watcher::start(cluster, Some(ns));
    watcher.until_decoupled(&["baked-entry-edited"]);
    watcher.until("it is reported again", || events(cluster, ns).len() == 2);
    let ours = |event: &&Value| !event["eventTime"].as_str().unwrap().starts_with("2999");
    assert_eq!(events(cluster, ns).iter().filter(ours).count(), 1);
}

/// A Deployment whose record lists for so many Plugs a variable which is not there.
fn forged(name: &str, plugs: usize) -> String {
    let mut annotations =
        "integration.rock8s.com/coupled: '{\"v\":1,\"sources\":\"omitted\"}'".to_owned();
    for plug in 0..plugs {
        let record =
            r#"{"socket":"a/b","interface":"c@1.0.0","entries":{"env/express":{"A":"0"}}}"#;
        write!(
            annotations,
            ", coupled.integration.rock8s.com/p{plug}: '{record}'"
        )
        .unwrap();
    }
    let metadata = format!(
        "{{name: {name}, labels: {{integration.rock8s.com/coupled: 'true'}}, annotations: {{{annotations}}}, namespace: <ns>}}"
    );
    APPLICATION.replace("{name: express, namespace: <ns>}", &metadata)
}

#[test]
fn one_namespace_with_forged_records_keeps_no_other_waiting() {
    let Some(cluster) = Cluster::own() else {
        return;
    };
    let evil = &cluster.namespace();
    let others: Vec<String> = (0..20).map(|_| cluster.namespace()).collect();
    let (workloads, plugs) = (8, 500);
    let records: Vec<String> = (0..workloads)
        .map(|i| forged(&format!("evil-{i}"), plugs))
        .collect();
    cluster
        .kubectl_with(
            &["create", "-f", "-"],
            &records.join("---\n").replace("<ns>", evil),
        )
        .good();
    let text: Vec<String> = others.iter().map(|ns| rendered(&all(ns), false)).collect();
    cluster
        .kubectl_with(&["create", "-f", "-"], &text.join("---\n"))
        .good();
    let watcher = Watcher::start(&cluster, None);
    let apart = |n: usize| {
        let line = format!("coupler_plugs{{state=\"decoupled\"}} {n}");
        watcher.until(&line, || watcher.metric("plugs").contains(&line));
    };
    apart(workloads * plugs);
    let edited = text
        .join("---\n")
        .replace("value: mongo\n", "value: elsewhere\n");
    cluster
        .kubectl_with(&["replace", "-f", "-"], &edited)
        .good();
    apart(workloads * plugs + others.len());
    // the settle window and a little; then no time passes but that of the machine
    watcher.pass_window();
    watcher.until("all others are reported", || {
        others
            .iter()
            .all(|ns| causes(&cluster, ns) == ["baked-entry-edited"])
    });
    watcher.pass(600);
    let beyond = workloads * plugs - coupler::limits::NAMESPACE_DRIFTS;
    let line = format!("coupler_decoupled_beyond_limit{{namespace=\"{evil}\"}} {beyond}");
    assert_eq!(watcher.metric("decoupled_beyond_limit"), [line]);
    watcher.until("what is beyond is counted", || {
        causes(&cluster, evil).contains(&"limit-exceeded".to_owned())
    });
    assert!(
        events(&cluster, evil).len() <= workloads + 1,
        "one of each workload, and one of the rest"
    );
}
