//! Kinds of workload that a mapping adds, on a server that has one of them: they are watched where
//! they are named, with the mapping behind the settings.

use std::path::Path;
use std::process::Command;

use coupler::manifest::stream::Stream;
use coupler::project::WorkloadKinds;

use super::named_kinds::{established, installed, kind};
use super::{PLUG, SOCKET, Watcher, causes, events, rendered, rights};

/// A kind whose pods are where no built-in kind has them.
const CRD: &str = "apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: workers.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Worker, listKind: WorkerList, plural: workers, singular: worker}
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            pods: {type: object, x-kubernetes-preserve-unknown-fields: true}
";
const SETTINGS: &str = "apiVersion: integration.rock8s.com/v1
kind: Coupler
---
";
const MAPPING: &str = "apiVersion: servicebinding.io/v1
kind: ClusterWorkloadResourceMapping
metadata: {name: workers.example.com}
spec:
  versions:
    - version: \"*\"
      annotations: .pods.annotations
      volumes: .pods.volumes
      containers: [{path: '.pods.groups[*].run[*]', name: .name, env: .env}]
";
const WORKER: &str = "apiVersion: example.com/v1
kind: Worker
metadata: {name: express, namespace: <ns>}
pods:
  groups:
    - run:
        - name: express
          env:
            - {name: NODE_ENV, value: production}
";

/// The Worker with its Plug and Socket, rendered; the mapping is for coupler alone.
fn worker(ns: &str) -> String {
    let plug = PLUG.replace("{name: express}]", "{kind: Worker, name: express}]");
    let all = [WORKER, &plug, SOCKET, MAPPING].join("---\n");
    let text = rendered(&all.replace("<ns>", ns), true);
    let documents = text.split("---\n");
    let kept: Vec<&str> = documents
        .filter(|one| !one.contains("kind: ClusterWorkloadResourceMapping"))
        .collect();
    kept.join("---\n")
}

fn mappings() -> &'static WorkloadKinds {
    let mut stream = Stream::default();
    stream.add(0, MAPPING, true);
    Box::leak(Box::new(WorkloadKinds::read(&stream)))
}

/// What the command prints, on both streams.
fn coupler(config: &Path, words: &[&str]) -> String {
    let done = Command::new(env!("CARGO_BIN_EXE_coupler"))
        .arg("watch")
        .args(words)
        .env("KUBECONFIG", config)
        .output()
        .unwrap();
    String::from_utf8([done.stdout, done.stderr].concat()).unwrap()
}

#[test]
fn a_kind_of_a_mapping_is_watched_where_it_is_named_by_the_role_that_is_printed() {
    let Some(cluster) = installed() else { return };
    cluster.apply(CRD);
    established(&cluster);
    let ns = &cluster.namespace();
    cluster.apply(&worker(ns));
    let config = rights::account(&cluster, "coupler");
    let dir = tempfile::tempdir().unwrap();
    let settings = dir.path().join("coupler.yaml");
    std::fs::write(&settings, [SETTINGS, MAPPING].concat()).unwrap();
    let named = [
        "--kind",
        "Worker.v1.example.com",
        "--settings",
        settings.to_str().unwrap(),
    ];

    let printed = coupler(config.path(), &[&named[..], &["--print-role"]].concat());
    assert!(
        printed.contains("- apiGroups: [example.com]\n    resources: [workers]\n"),
        "{printed}"
    );
    cluster.apply(&printed);
    let once = coupler(config.path(), &[&named[..], &["--once"]].concat());
    assert_eq!(once, "1 coupled, 0 decoupled, 0 unknown\n");

    let workers = kind("example.com/v1", "Worker", mappings());
    let watcher = Watcher::begin_with(config.path(), None, "watcher-0", &[workers]);
    watcher.until("it is ready", || watcher.get("/readyz").starts_with("ok"));
    watcher.until("it is coupled", || watcher.counts("plugs", "\"coupled\""));
    assert!(watcher.counts("store_objects", "\"Worker.example.com\""));

    let patch = r#"[{"op": "remove", "path": "/pods/groups/0/run/0/env/1"}]"#;
    let words = [
        "-n",
        ns,
        "patch",
        "worker",
        "express",
        "--type=json",
        "-p",
        patch,
    ];
    cluster.kubectl(&words).good();
    watcher.until("what is missing is reported", || {
        watcher.step();
        causes(&cluster, ns) == ["baked-entry-missing"]
    });
    let event = events(&cluster, ns).remove(0);
    assert_eq!(event["related"]["kind"], "Worker");
    assert_eq!(event["related"]["apiVersion"], "example.com/v1");

    let source = WORKER.replace("<ns>", ns);
    cluster
        .kubectl_with(&["replace", "-f", "-"], &source)
        .good();
    watcher.until("what is not rendered is reported", || {
        watcher.step();
        causes(&cluster, ns) == ["baked-entry-missing", "record-stripped"]
    });
}

#[test]
fn a_kind_whose_pods_are_not_known_cannot_be_named() {
    let none = Path::new("/dev/null");
    let named = ["--kind", "Worker.v1.example.com", "--print-role"];
    let printed = coupler(none, &named);
    assert!(
        printed.contains("where a `Worker` of `example.com/v1` has its pods is not known")
            && printed.contains("metadata: {name: workers.example.com}"),
        "{printed}"
    );
    let dir = tempfile::tempdir().unwrap();
    let settings = dir.path().join("coupler.yaml");
    let wrong = MAPPING.replace(".pods.volumes", ".pods.volumes[0]");
    std::fs::write(&settings, [SETTINGS, &wrong].concat()).unwrap();
    let with = ["--settings", settings.to_str().unwrap()];
    let printed = coupler(none, &[&named[..], &with[..]].concat());
    assert!(
        printed.contains("coupler.yaml:") && printed.contains("volumes"),
        "{printed}"
    );
    // a built-in kind is read by the mapping of the settings too
    let jobs = MAPPING.replace("workers.example.com", "cronjobs.batch");
    std::fs::write(&settings, [SETTINGS, &jobs].concat()).unwrap();
    let printed = coupler(none, &[&with[..], &["--print-role"]].concat());
    assert!(printed.contains("resources: [cronjobs, jobs]"), "{printed}");
}
