//! Compares what lists the kinds of workload outside of the crate with the table that it has.

use std::collections::BTreeSet;
use std::path::Path;

use coupler::api::NAME_REFERENCES_ANNOTATION;
use coupler::project::{KnownNames, WORKLOAD_KINDS, WorkloadKind};
use serde_json::Value;

/// The first document of a file.
fn document(path: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let text = std::fs::read_to_string(path).unwrap();
    serde_yaml::from_str(text.split("\n---\n").next().unwrap()).unwrap()
}

fn texts(list: &Value) -> Vec<&str> {
    let items = list.as_array().into_iter().flatten();
    items.map(|item| item.as_str().unwrap()).collect()
}

/// `apps/deployments`, or `/pods` of the core group.
fn resource(group: &str, plural: &str) -> String {
    format!("{group}/{plural}")
}

/// The group of an `apiVersion`; that of `v1` is empty.
fn group(api_version: &str) -> &str {
    api_version.split_once('/').map_or("", |(group, _)| group)
}

#[test]
fn the_watcher_may_read_each_kind_of_workload_and_get_no_other() {
    let kinds: BTreeSet<String> = WorkloadKind::watched()
        .map(|known| {
            let plural = format!("{}s", known.kind.to_lowercase());
            resource(group(known.api_versions[0]), &plural)
        })
        .collect();
    for path in [
        "krm-fn/cluster/role.yaml",
        "krm-fn/cluster/namespaced/role.yaml",
    ] {
        let role = document(path);
        let mut allowed = BTreeSet::new();
        for rule in role["rules"].as_array().unwrap() {
            if texts(&rule["verbs"]) != ["get", "list", "watch"] {
                continue;
            }
            for group in texts(&rule["apiGroups"]) {
                let resources = texts(&rule["resources"]);
                allowed.extend(resources.iter().map(|plural| resource(group, plural)));
            }
        }
        assert_eq!(allowed, kinds, "{path}");
    }
}

#[test]
fn the_readme_of_the_watcher_lists_the_kinds_that_may_be_named_to_it() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("krm-fn/cluster/README.md");
    let readme = std::fs::read_to_string(path).unwrap();
    for known in WorkloadKind::watched_when_named() {
        let resource = format!("`{}`", known.resource());
        assert!(readme.contains(&resource), "{resource}");
    }
}

#[test]
fn kustomize_follows_the_name_of_each_kind_of_workload() {
    let names = document("krm-fn/kustomize/names.yaml");
    let followed: BTreeSet<String> = names["nameReference"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|reference| {
            let fields = || reference["fieldSpecs"].as_array().into_iter().flatten();
            let names_it = |kind: &str| {
                fields()
                    .any(|field| field["kind"] == kind && field["path"] == "spec/workloads/name")
            };
            names_it("Plug") && names_it("Socket")
        })
        .map(|reference| {
            let group = reference["group"].as_str().unwrap_or_default();
            resource(group, reference["kind"].as_str().unwrap())
        })
        .collect();
    let kinds: BTreeSet<String> = WORKLOAD_KINDS
        .iter()
        .map(|known| resource(group(known.api_versions[0]), known.kind))
        .collect();
    assert_eq!(followed, kinds);
}

#[test]
fn the_component_notes_the_kinds_whose_names_it_makes_kustomize_follow() {
    let component = document("krm-fn/kustomize/kustomization.yaml");
    let transformer = component["transformers"][0].as_str().unwrap();
    let transformer: Value = serde_yaml::from_str(transformer).unwrap();
    let noted = transformer["annotations"][NAME_REFERENCES_ANNOTATION].as_str();
    let noted: Vec<&str> = noted.unwrap().split(',').map(str::trim).collect();
    let others = WORKLOAD_KINDS
        .iter()
        .filter(|known| known.names != KnownNames::All);
    let kinds: Vec<String> = others.clone().map(WorkloadKind::resource).collect();
    // kustomize follows names by kind, whatever the group
    let noted_only = noted
        .iter()
        .filter(|resource| !kinds.contains(&(**resource).to_owned()));
    let noted_only: Vec<_> = noted_only.copied().collect();
    assert_eq!(
        noted_only,
        ["statefulsets.apps.kruise.io", "daemonsets.apps.kruise.io"]
    );
    assert!(
        kinds.iter().all(|kind| noted.contains(&kind.as_str())),
        "{noted:?}"
    );
    let names = document("krm-fn/kustomize/names.yaml");
    for reference in names["nameReference"].as_array().unwrap() {
        let forms = match reference["kind"].as_str().unwrap() {
            "Secret" => [
                "env/valueFrom/secretKeyRef/name",
                "volumes/projected/sources/secret/name",
            ],
            "ConfigMap" => [
                "env/valueFrom/configMapKeyRef/name",
                "volumes/projected/sources/configMap/name",
            ],
            _ => continue,
        };
        let fields = reference["fieldSpecs"].as_array().unwrap();
        for known in others.clone() {
            for form in forms {
                let is_listed = fields.iter().any(|field| {
                    let path = field["path"].as_str().unwrap();
                    field["kind"] == known.kind && path.ends_with(form)
                });
                assert!(is_listed, "{} {form}", known.kind);
            }
        }
    }
}

#[test]
fn the_page_on_unsupported_workloads_names_each_kind_that_is_supported() {
    let path = "src/diagnostic/explain/unsupported-workload.md";
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let page = std::fs::read_to_string(page).unwrap();
    for known in WORKLOAD_KINDS {
        assert!(
            page.contains(&format!("`{}`", known.kind)),
            "{}",
            known.kind
        );
    }
}
