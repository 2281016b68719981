//! `krm-fn/cluster`: a real server takes what is shipped to run the watcher, and allows it what it
//! needs and no more.

use std::path::Path;

use serde_json::{Deserializer, Value, json};

use super::Cluster;
use crate::cli::Dir;
use crate::{host, kubelet};

/// What kustomize builds of this kustomization, beside which `krm-fn/cluster` is as `cluster`.
pub(crate) fn built(kustomization: &str) -> Option<String> {
    host::kustomize()?;
    let dir = Dir::with(&[("overlay/kustomization.yaml", kustomization)]);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("krm-fn/cluster");
    Some(
        host::sh(
            &dir.path(""),
            &format!("cp -r '{}' . && $KUSTOMIZE build overlay", root.display()),
        )
        .good(),
    )
}

/// The only object of this kind.
fn only(stream: &str, kind: &str) -> Value {
    let mut found = kubelet::documents(stream);
    found.retain(|object| object["kind"] == kind);
    assert_eq!(found.len(), 1, "{kind}");
    serde_json::to_value(found.remove(0)).unwrap()
}

const VERBS: [&str; 7] = [
    "create", "delete", "get", "list", "patch", "update", "watch",
];

/// Of a resource (`group/resource`), what the watcher may do.
const MAY: [(&str, &[&str]); 18] = [
    ("/configmaps", &[]),
    ("/events", &[]),
    ("/namespaces", &[]),
    ("/pods", &["get", "list", "watch"]),
    ("/replicationcontrollers", &["get", "list", "watch"]),
    ("/secrets", &[]),
    ("/serviceaccounts", &[]),
    ("/services", &["list", "watch"]),
    ("apps/daemonsets", &["get", "list", "watch"]),
    ("apps/deployments", &["get", "list", "watch"]),
    ("apps/replicasets", &["get", "list", "watch"]),
    ("apps/statefulsets", &["get", "list", "watch"]),
    ("batch/cronjobs", &["get", "list", "watch"]),
    ("batch/jobs", &["get", "list", "watch"]),
    ("events.k8s.io/events", &["create", "patch"]),
    ("integration.rock8s.com/interfaces", &["list", "watch"]),
    ("integration.rock8s.com/plugs", &["list", "watch"]),
    ("integration.rock8s.com/sockets", &["list", "watch"]),
];

/// The same as the server reports it, of the ServiceAccount in `home` about objects in `namespace`.
fn may(cluster: &Cluster, home: &str, namespace: &str) -> Vec<(&'static str, Vec<&'static str>)> {
    let user = format!("system:serviceaccount:{home}:coupler-watch");
    let groups = [
        "system:authenticated",
        "system:serviceaccounts",
        &format!("system:serviceaccounts:{home}"),
    ];
    let mut reviews = String::new();
    for (resource, verb) in MAY
        .iter()
        .flat_map(|(resource, _)| VERBS.map(|verb| (resource, verb)))
    {
        let (group, resource) = resource.split_once('/').unwrap();
        let asked =
            json!({ "verb": verb, "group": group, "resource": resource, "namespace": namespace });
        let review = json!({
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SubjectAccessReview",
            "spec": { "user": user, "groups": groups, "resourceAttributes": asked },
        });
        reviews.push_str(&format!("---\n{review}\n"));
    }
    let said = cluster
        .kubectl_with(&["create", "-o", "json", "-f", "-"], &reviews)
        .good();
    let answers: Vec<Value> = Deserializer::from_str(&said)
        .into_iter()
        .map(Result::unwrap)
        .collect();
    assert_eq!(answers.len(), MAY.len() * VERBS.len());
    let allowed = |answers: &[Value]| {
        let yes = |(_, answer): &(&&str, &Value)| answer["status"]["allowed"] == true;
        VERBS
            .iter()
            .zip(answers)
            .filter(yes)
            .map(|(verb, _)| *verb)
            .collect()
    };
    MAY.iter()
        .zip(answers.chunks(VERBS.len()))
        .map(|((resource, _), some)| (*resource, allowed(some)))
        .collect()
}

/// Fails unless the ServiceAccount may do there what it needs and no more, once the server has
/// heard of its roles.
fn may_what_is_needed(cluster: &Cluster, home: &str, namespace: &str) {
    let needed: Vec<_> = MAY
        .iter()
        .map(|(resource, verbs)| (*resource, verbs.to_vec()))
        .collect();
    let none = |found: &Vec<(_, Vec<_>)>| found.iter().all(|(_, verbs)| verbs.is_empty());
    let mut found = may(cluster, home, namespace);
    for _ in 0..60 {
        if !none(&found) {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
        found = may(cluster, home, namespace);
    }
    assert_eq!(found, needed);
}

#[test]
fn the_watcher_of_a_cluster_may_look_and_write_events() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let Some(stream) = built("resources: [../cluster]\n") else {
        return;
    };
    cluster.share(&stream);
    may_what_is_needed(cluster, "coupler", "default");
}

#[test]
fn the_watcher_of_a_namespace_may_do_the_same_there_alone() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let namespace = cluster.namespace();
    let kustomization = format!("namespace: {namespace}\nresources: [../cluster/namespaced]\n");
    let Some(stream) = built(&kustomization) else {
        return;
    };
    cluster.share(&stream);
    may_what_is_needed(cluster, &namespace, &namespace);
    assert!(
        may(cluster, &namespace, "default")
            .iter()
            .all(|(_, verbs)| verbs.is_empty())
    );
    let container = &only(&stream, "Deployment")["spec"]["template"]["spec"]["containers"][0];
    let args = container["args"].as_array().unwrap();
    assert!(
        args.contains(&json!("--namespace=$(POD_NAMESPACE)")),
        "{container:#}"
    );
}

#[test]
fn the_watchers_pod_is_admitted_where_the_restricted_standard_is_enforced() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let Some(stream) = built("resources: [../cluster]\n") else {
        return;
    };
    cluster.share(&stream);
    let template = &only(&stream, "Deployment")["spec"]["template"];
    let metadata = json!({ "name": "watch", "namespace": "coupler" });
    let mut pod = json!({ "apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"] });
    let good = ("good".to_owned(), pod.to_string());
    pod["spec"]["containers"][0]["securityContext"]["capabilities"] = json!({});
    let bad = ("bad".to_owned(), pod.to_string());
    let refusals = cluster.refusals(&[good, bad]);
    assert_eq!(
        refusals.keys().collect::<Vec<_>>(),
        ["bad"],
        "{refusals:#?}"
    );
    assert!(
        refusals["bad"].contains("violates PodSecurity \"restricted:latest\""),
        "{refusals:#?}"
    );
}

#[test]
fn no_pod_may_connect_to_the_watcher_but_prometheus() {
    let policies = |stream: &str| -> Vec<Value> {
        let mut found = kubelet::documents(stream);
        found.retain(|object| object["kind"] == "NetworkPolicy");
        found
            .into_iter()
            .map(|policy| serde_json::to_value(policy).unwrap())
            .collect()
    };
    for base in ["../cluster", "../cluster/namespaced"] {
        let Some(stream) = built(&format!("namespace: coupler\nresources: [{base}]\n")) else {
            return;
        };
        let pod = &only(&stream, "Deployment")["spec"]["template"];
        let policy = policies(&stream).remove(0);
        assert_eq!(
            policy["spec"]["podSelector"]["matchLabels"],
            pod["metadata"]["labels"]
        );
        assert_eq!(
            (&policy["spec"]["policyTypes"], &policy["spec"]["ingress"]),
            (&json!(["Ingress"]), &Value::Null)
        );

        let kustomization = format!(
            "namespace: coupler\nresources: [{base}]\ncomponents: [../cluster/monitoring]\n"
        );
        let stream = built(&kustomization).unwrap();
        let [all, metrics] = &policies(&stream)[..] else {
            panic!("{stream}")
        };
        assert_eq!(all["spec"]["podSelector"], metrics["spec"]["podSelector"]);
        let container = &only(&stream, "Deployment")["spec"]["template"]["spec"]["containers"][0];
        assert_eq!(
            metrics["spec"]["ingress"][0]["ports"],
            json!([{ "port": container["ports"][0]["name"] }])
        );
    }
    let (Some(cluster), Some(stream)) = (Cluster::shared(), built("resources: [../cluster]\n"))
    else {
        return;
    };
    cluster.share(&stream);
}

#[test]
fn monitoring_lands_where_the_watcher_does_and_can_be_labelled() {
    let cluster_wide = [
        "Namespace",
        "CustomResourceDefinition",
        "ClusterRole",
        "ClusterRoleBinding",
    ];
    let patch = "patches:\n  - target: {group: monitoring.coreos.com, name: coupler-watch}\n    patch: |\n      \
                 - {op: replace, path: /metadata/labels/release, value: mine}\n";
    for (base, namespace, home) in [
        ("../cluster", "", "coupler"),
        ("../cluster", "namespace: ops\n", "ops"),
        ("../cluster/namespaced", "namespace: shop\n", "shop"),
    ] {
        let overlay =
            format!("{namespace}resources: [{base}]\ncomponents: [../cluster/monitoring]\n{patch}");
        let Some(stream) = built(&overlay) else {
            return;
        };
        for object in stream.split("---\n") {
            let kind = object.lines().find_map(|line| line.strip_prefix("kind: "));
            let is_there = object.contains(&format!("\n  namespace: {home}\n"));
            assert!(
                is_there || cluster_wide.contains(&kind.unwrap()),
                "{object}"
            );
        }
        // the ServiceMonitor and the PrometheusRule
        assert_eq!(stream.matches("\n    release: mine\n").count(), 2);
    }
}

#[test]
fn prometheus_finds_the_watcher_by_its_port() {
    let Some(stream) = built("resources: [../cluster]\ncomponents: [../cluster/monitoring]\n")
    else {
        return;
    };
    let (service, monitor) = (only(&stream, "Service"), only(&stream, "ServiceMonitor"));
    let pod = &only(&stream, "Deployment")["spec"]["template"];
    assert_eq!(service["spec"]["selector"], pod["metadata"]["labels"]);
    assert_eq!(
        service["spec"]["ports"][0]["targetPort"],
        pod["spec"]["containers"][0]["ports"][0]["name"]
    );
    assert_eq!(
        monitor["spec"]["selector"]["matchLabels"],
        service["metadata"]["labels"]
    );
    assert_eq!(
        monitor["spec"]["endpoints"][0]["port"],
        service["spec"]["ports"][0]["name"]
    );
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    cluster.share(
        &stream
            .split("---\n")
            .filter(|one| !one.contains("monitoring.coreos.com"))
            .collect::<Vec<_>>()
            .join("---\n"),
    );
}

#[test]
fn the_crds_and_the_rules_are_the_same_everywhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("krm-fn/cluster");
    let read = |name: &str| std::fs::read_to_string(root.join(name)).unwrap();
    assert_eq!(
        read("crds.yaml"),
        coupler::api::crds(),
        "coupler crds >krm-fn/cluster/crds.yaml"
    );
    assert_eq!(
        only(&read("role.yaml"), "ClusterRole")["rules"],
        only(&read("namespaced/role.yaml"), "Role")["rules"]
    );
}
