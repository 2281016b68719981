//! Kinds of workload that not every cluster has, on a server that has one of them: they are watched
//! where they are named, by the Role that the watcher prints.

use coupler::drift::LiveKind;
use coupler::project::{BUILT_IN, WorkloadKinds};
use coupler::watch::{Purpose, role};

use super::{Watcher, all, causes, events, rendered, rights};
use crate::cluster::{Cluster, install};
use crate::kubelet;

/// Argo's Rollout, with as much of a schema as the server needs.
const CRD: &str = "apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: rollouts.argoproj.io}
spec:
  group: argoproj.io
  scope: Namespaced
  names: {kind: Rollout, listKind: RolloutList, plural: rollouts, singular: rollout, shortNames: [ro]}
  versions:
    - name: v1alpha1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec: {type: object, x-kubernetes-preserve-unknown-fields: true}
            status: {type: object, x-kubernetes-preserve-unknown-fields: true}
";

fn rollouts() -> Vec<&'static LiveKind> {
    vec![kind("argoproj.io/v1alpha1", "Rollout", &BUILT_IN)]
}

pub(super) fn kind(
    api_version: &'static str,
    kind: &'static str,
    known: &'static WorkloadKinds,
) -> &'static LiveKind {
    Box::leak(Box::new(LiveKind::known(api_version, kind, known).unwrap()))
}

/// The application as a Rollout; rendered, or as its author wrote it.
fn rollout(namespace: &str) -> String {
    all(namespace)
        .replace(
            "apiVersion: apps/v1\nkind: Deployment",
            "apiVersion: argoproj.io/v1alpha1\nkind: Rollout",
        )
        .replace("{name: express}]", "{kind: Rollout, name: express}]")
}

/// A server with the watcher's account; of the kinds only ours are installed.
pub(super) fn installed() -> Option<Cluster> {
    let base = install::built("resources: [../cluster]\n")?;
    let cluster = Cluster::own()?;
    let crds: Vec<_> = base
        .split("---\n")
        .filter(|one| one.contains("kind: CustomResourceDefinition"))
        .collect();
    cluster.apply(&crds.join("---\n"));
    established(&cluster);
    cluster.apply(&base);
    Some(cluster)
}

pub(super) fn established(cluster: &Cluster) {
    cluster
        .kubectl(&["wait", "--for=condition=Established", "crd", "--all"])
        .good();
}

#[test]
fn a_rollout_is_watched_where_it_is_named_by_the_role_that_is_printed() {
    let Some(cluster) = installed() else { return };
    cluster.apply(CRD);
    established(&cluster);
    let ns = &cluster.namespace();
    cluster.apply(&rendered(&rollout(ns), true));
    let config = rights::account(&cluster, "coupler");

    // not named, it is none of the watcher's
    let watcher = Watcher::begin(config.path(), None, "watcher-0");
    watcher.until("it is ready", || watcher.get("/readyz").starts_with("ok"));
    assert!(
        !watcher.counts("plugs", ""),
        "{:?}",
        watcher.metric("plugs")
    );
    drop(watcher);

    // named, it must be allowed
    let watcher = Watcher::begin_with(config.path(), None, "watcher-0", &rollouts());
    watcher.until("the right is missed", || {
        watcher
            .get("/readyz")
            .lines()
            .any(|line| line.starts_with("Rollout.argoproj.io: ") && line.contains("is forbidden"))
    });
    cluster.apply(&role(Purpose::Watch, None, &rollouts()));
    watcher.until("it is ready", || watcher.get("/readyz").starts_with("ok"));
    watcher.until("it is coupled", || watcher.counts("plugs", "\"coupled\""));
    assert!(watcher.counts("store_objects", "\"Rollout.argoproj.io\""));

    let patch = r#"[{"op": "remove", "path": "/spec/template/spec/containers/0/env/1"}]"#;
    let words = [
        "-n",
        ns,
        "patch",
        "rollout",
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
    assert_eq!(event["regarding"]["kind"], "Plug");
    assert_eq!(event["related"]["kind"], "Rollout");
    assert_eq!(event["related"]["apiVersion"], "argoproj.io/v1alpha1");

    // one look at it, by the right to get it
    let source = rollout(ns);
    let source = source.split("---\n").next().unwrap();
    cluster.kubectl_with(&["replace", "-f", "-"], source).good();
    watcher.until("what is not rendered is reported", || {
        watcher.step();
        causes(&cluster, ns) == ["baked-entry-missing", "record-stripped"]
    });
}

#[test]
fn a_kind_that_is_named_and_not_installed_is_waited_for() {
    let Some(cluster) = installed() else { return };
    cluster.apply(&role(Purpose::Watch, None, &rollouts()));
    let config = rights::account(&cluster, "coupler");
    let watcher = Watcher::begin_with(config.path(), None, "watcher-0", &rollouts());
    watcher.until("it says what is missing", || {
        let reasons = watcher.get("/readyz");
        reasons.starts_with("Rollout.argoproj.io: ") && reasons.lines().count() == 1
    });
    cluster.apply(CRD);
    established(&cluster);
    watcher.until("it is ready", || watcher.get("/readyz").starts_with("ok"));
}

#[test]
fn the_role_for_looking_once_is_enough_for_that() {
    let Some(cluster) = installed() else { return };
    cluster.apply(CRD);
    established(&cluster);
    let ns = &cluster.namespace();
    cluster.apply(&rendered(&rollout(ns), true));
    cluster.apply(&role(Purpose::Once, None, &rollouts()));
    let config = rights::account(&cluster, "coupler");
    let once = |more: &[&str]| {
        let done = std::process::Command::new(env!("CARGO_BIN_EXE_coupler"))
            .args(["watch", "--once"])
            .args(more)
            .env("KUBECONFIG", config.path())
            .output()
            .unwrap();
        String::from_utf8(done.stderr).unwrap()
    };
    assert_eq!(
        once(&["--kind", "rollouts.argoproj.io"]),
        "1 coupled, 0 decoupled, 0 unknown\n"
    );
    assert_eq!(once(&[]), "0 coupled, 0 decoupled, 0 unknown\n");
    let twice = ["--kind", "rollouts.argoproj.io"].repeat(2);
    assert_eq!(once(&twice), "1 coupled, 0 decoupled, 0 unknown\n");
}

#[test]
fn the_role_that_is_printed_is_a_patch_of_the_shipped_one() {
    let printed = role(Purpose::Watch, None, &rollouts());
    let indented: String = printed
        .lines()
        .map(|line| format!("      {line}\n"))
        .collect();
    let overlay = format!(
        "resources: [../cluster]\npatches:\n  - patch: |\n{indented}  \
         - target: {{kind: Deployment, name: coupler-watch}}\n    patch: |-\n      \
         - {{op: add, path: /spec/template/spec/containers/0/args/-, value: --kind=rollouts.argoproj.io}}\n"
    );
    let Some(built) = install::built(&overlay) else {
        return;
    };
    let only = |kind: &str| {
        let mut found = kubelet::documents(&built);
        found.retain(|object| object["kind"] == kind);
        assert_eq!(found.len(), 1, "{kind}");
        found.remove(0)
    };
    let wanted: serde_yaml::Value = serde_yaml::from_str(&printed).unwrap();
    assert_eq!(only("ClusterRole")["rules"], wanted["rules"]);
    let containers = &only("Deployment")["spec"]["template"]["spec"]["containers"];
    let args: Vec<String> = serde_yaml::from_value(containers[0]["args"].clone()).unwrap();
    assert_eq!(args.last().unwrap(), "--kind=rollouts.argoproj.io");
}

#[test]
fn the_shipped_roles_are_those_that_are_printed() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/krm-fn/cluster/");
    let read = |name: &str| {
        let text = std::fs::read_to_string(format!("{path}{name}")).unwrap();
        text.split_once("---\n").unwrap().0.to_owned()
    };
    assert_eq!(read("role.yaml"), role(Purpose::Watch, None, &[]));
    let rules = |text: &str| -> serde_json::Value {
        let role: serde_json::Value = serde_yaml::from_str(text).unwrap();
        role["rules"].clone()
    };
    let namespaced = role(Purpose::Watch, Some("shop"), &[]);
    assert_eq!(rules(&read("namespaced/role.yaml")), rules(&namespaced));
}
