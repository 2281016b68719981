use super::*;

const HEAD: &str = "apiVersion: servicebinding.io/v1\nkind: ServiceBinding\nmetadata: {name: orders-db, namespace: shop}\n";
const SERVICE: &str = "service: {apiVersion: v1, kind: Secret, name: pg}";
const WORKLOAD: &str = "workload: {apiVersion: apps/v1, kind: Deployment, name: web}";

fn decoded(spec: &str) -> (Option<ServiceBinding>, Vec<String>) {
    let text = format!("{HEAD}spec: {{{spec}}}\n");
    let tree = Tree::read(&text).unwrap();
    let mut out = Findings::new();
    let (at, defaults) = (Place::default(), Defaults::default());
    let binding = decode_service_binding(&tree, NodeId::ROOT, at, &defaults, &mut out);
    let found = out.into_vec().into_iter();
    let found = found.map(|one| format!("{}: {}", one.code.as_str(), one.message));
    (binding, found.collect())
}

/// Of what is decoded without a mistake.
fn sound(spec: &str) -> ServiceBinding {
    match decoded(spec) {
        (Some(binding), found) if found.is_empty() => binding,
        other => panic!("{spec}: {other:?}"),
    }
}

fn mistakes(spec: &str) -> Vec<String> {
    let (_, found) = decoded(spec);
    assert!(!found.is_empty(), "{spec}");
    found
}

#[test]
fn all_fields_are_read() {
    let binding = sound(
        "name: db, type: postgresql, provider: cnpg, service: {apiVersion: v1, kind: Secret, name: pg}, \
         workload: {apiVersion: apps/v1, kind: Deployment, name: web, containers: [app]}, env: [{name: PGPASSWORD, key: password}]",
    );
    assert_eq!(binding.name.value, "db");
    assert_eq!(binding.own_text("type").unwrap().value, "postgresql");
    assert_eq!(binding.own_text("provider").unwrap().value, "cnpg");
    assert_eq!(binding.own_text("password"), None);
    assert_eq!(binding.service.name.value, "pg");
    let workload = &binding.workloads[0];
    assert_eq!(workload.api_version.as_deref(), Some("apps/v1"));
    assert_eq!(workload.containers[0].value, "app");
    assert_eq!(binding.env[0].key.value, "password");
    assert_eq!(binding.subject().api_version, "servicebinding.io/v1");
}

#[test]
fn the_directory_has_the_name_of_the_object_and_all_containers_are_meant() {
    for empty in ["", ", name: \"\"", ", env: []"] {
        let binding = sound(&format!("{SERVICE}, {WORKLOAD}{empty}"));
        assert_eq!(binding.name.value, "orders-db");
        assert_eq!(binding.workloads[0].containers[0].value, "*");
    }
    let none = "workload: {apiVersion: apps/v1, kind: Deployment, name: web, containers: []}";
    let binding = sound(&format!("{SERVICE}, {none}"));
    assert_eq!(binding.workloads[0].containers[0].value, "*");
}

#[test]
fn a_name_that_leaves_the_root_is_refused() {
    for name in ["-foo", "foo-", "foo..bar", "foo.", "0"] {
        let binding = sound(&format!("name: \"{name}\", {SERVICE}, {WORKLOAD}"));
        assert_eq!(binding.name.value, name);
    }
    for name in ["Foo", "foo_bar", "../../etc", "..", ".", "a/b"] {
        let found = mistakes(&format!("name: \"{name}\", {SERVICE}, {WORKLOAD}"));
        assert!(found[0].contains("`spec.name` must be"), "{found:?}");
    }
}

#[test]
fn a_workload_has_a_name_or_a_selector() {
    let workload = |selector: &str| {
        format!("{SERVICE}, workload: {{apiVersion: apps/v1, kind: Deployment{selector}}}")
    };
    let selected = |selector: &str| sound(&workload(selector)).workloads[0].selector.clone();
    let labels = selected(", selector: {matchLabels: {app: web}}");
    assert!(matches!(labels, WorkloadSelector::Labels(labels) if labels.len() == 1));
    for (selector, shown) in [
        (", selector: {}", ""),
        (
            ", selector: {matchLabels: {app: web}, matchExpressions: [{key: tier, operator: NotIn, values: [b, a]}]}",
            "app=web,tier notin (a,b)",
        ),
        (
            ", name: \"\", selector: {matchExpressions: [{key: tier, operator: Exists, values: []}]}",
            "tier",
        ),
    ] {
        let WorkloadSelector::Matching(selector) = selected(selector) else {
            panic!("{selector}");
        };
        assert_eq!(selector.to_string(), shown);
    }
    for wrong in [
        "",
        ", name: web, selector: {}",
        ", selector: {matchExpressions: [{key: tier, operator: In}]}",
        ", selector: {matchExpressions: [{key: tier, operator: In, values: []}]}",
        ", selector: {matchExpressions: [{key: tier, operator: Exists, values: [a]}]}",
        ", selector: {matchExpressions: [{key: tier, operator: Is, values: [a]}]}",
        ", selector: {app: web}",
    ] {
        assert_eq!(mistakes(&workload(wrong)).len(), 1, "{wrong}");
    }
}

#[test]
fn what_is_missing_or_unknown_is_an_error() {
    for spec in [
        SERVICE,
        WORKLOAD,
        "service: {kind: Secret, name: pg}, workload: {apiVersion: apps/v1, kind: Deployment, name: web}",
        "service: {apiVersion: v1, kind: Secret, name: pg}, workload: {kind: Deployment, name: web}",
        "service: {apiVersion: v1, kind: Secret, name: pg}, workload: {apiVersion: apps/v1, kind: Deployment, name: web, container: [a]}",
    ] {
        assert_eq!(mistakes(spec).len(), 1, "{spec}");
    }
    let twice = mistakes(&format!(
        "{SERVICE}, {WORKLOAD}, env: [{{name: A, key: a}}, {{name: A, key: b}}]"
    ));
    assert_eq!(twice, ["invalid-field: `A` is listed twice"]);
    let alias = mistakes("service: &s {apiVersion: v1, kind: Secret, name: pg}, workload: *s");
    assert!(
        alias[0].contains("an alias in a ServiceBinding"),
        "{alias:?}"
    );
}
