//! A Socket that writes into a workload of its own: who applies that workload as it was before
//! rendering is reported, before and after a restart.

use super::{Stop, Watcher, causes, events, rendered};
use crate::cluster::Cluster;

/// What the Socket writes into.
const REGISTRY: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: registry, namespace: <ns>}
spec:
  selector: {matchLabels: {app: registry}}
  template:
    metadata: {labels: {app: registry}}
    spec:
      containers:
        - {name: registry, image: example/registry:1}
";
const REST: &str = r#"apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: <ns>}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - {name: web, image: example/web:1}
---
apiVersion: integration.rock8s.com/v1
kind: Interface
metadata: {name: sso-client, namespace: <ns>}
spec:
  name: sso-client
  versions:
    - version: 1.0.0
      plug: {type: object, required: [redirectUrl], properties: {redirectUrl: {type: string}}}
      socket: {type: object, required: [issuer], properties: {issuer: {type: string}}}
---
apiVersion: integration.rock8s.com/v1
kind: Socket
metadata: {name: sso, namespace: <ns>}
spec:
  interface: {name: sso-client, versions: [1.0.0]}
  config: {issuer: https://sso.example.com}
  workloads: [{name: registry}]
  bind:
    env:
      - {name: REDIRECT_URLS, value: "<% plugs | map(attribute='config.redirectUrl') | join(',') %>"}
---
apiVersion: integration.rock8s.com/v1
kind: Plug
metadata: {name: web, namespace: <ns>}
spec:
  interface: {name: sso-client}
  workloads: [{name: web}]
  config: {redirectUrl: https://shop.example.com/cb}
"#;

#[test]
fn a_workload_of_a_socket_without_a_record_is_reported_before_and_after_a_restart() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let ns = &cluster.namespace();
    let coupled = rendered(&[REGISTRY, REST].join("---\n").replace("<ns>", ns), true);
    cluster.apply(&coupled);
    let mut watcher = Watcher::start(cluster, Some(ns));
    watcher.until("both are coupled", || {
        watcher
            .metric("plugs")
            .contains(&"coupler_plugs{state=\"coupled\"} 2".to_owned())
    });

    cluster.apply(&REGISTRY.replace("<ns>", ns));
    watcher.until_decoupled(&["record-stripped"]);
    watcher.until("it is reported", || {
        causes(cluster, ns) == ["record-stripped"]
    });
    let event = events(cluster, ns).remove(0);
    assert_eq!(event["regarding"]["kind"], "Socket");
    assert_eq!(event["related"]["name"], "registry");
    let note = event["note"].as_str().unwrap();
    assert!(note.contains("Socket `sso` names it"), "{note}");

    watcher.end(Stop::AtOnce);
    let watcher = Watcher::start(cluster, Some(ns));
    watcher.until_decoupled(&["record-stripped"]);
    cluster.apply(&coupled);
    watcher.until_decoupled(&[]);
    assert_eq!(causes(cluster, ns), ["record-stripped"]);
}
