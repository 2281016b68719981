//! What is rendered can be created on a real API server.

use coupler::project::{WORKLOAD_KINDS, WatchedWhen, plural};

use super::Cluster;
use crate::case::{Case, documents};

/// What passes as it came and no server takes: a chart's template is no YAML, and a Widget and the
/// Plugs of other groups have no CRD.
const LEFT_OUT: [&str; 4] = [
    "a-group-that-is-nearly-ours-is-pointed-out--0",
    "a-group-that-is-nearly-ours-is-pointed-out--1",
    "an-unrendered-chart-template-passes-through--0",
    "what-nobody-asks-for-passes-as-it-is--4",
];

/// The definition of a kind that is not built in, as open as Flux's own is where charts take their
/// values.
fn definition(api_version: &str, kind: &str) -> String {
    let (group, version) = api_version.split_once('/').unwrap();
    let plural = plural(kind);
    format!(
        "---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {{name: {plural}.{group}}}
spec:
  group: {group}
  scope: Namespaced
  names: {{kind: {kind}, plural: {plural}}}
  versions:
    - name: {version}
      served: true
      storage: true
      schema: {{openAPIV3Schema: {{type: object, x-kubernetes-preserve-unknown-fields: true}}}}
"
    )
}

/// Kinds that are no workloads, and the workloads of other controllers.
fn definitions() -> String {
    let mut text = definition("helm.toolkit.fluxcd.io/v2", "HelmRelease");
    text.push_str(&definition("argoproj.io/v1alpha1", "Application"));
    let extensions = WORKLOAD_KINDS
        .iter()
        .filter(|known| known.watch != WatchedWhen::Always);
    for known in extensions.filter(|known| known.api_version().contains('.')) {
        text.push_str(&definition(known.api_version(), known.kind));
    }
    for kind in ["Cluster", "Pooler"] {
        text.push_str(&definition("postgresql.cnpg.io/v1", kind));
    }
    text.push_str(&definition("external-secrets.io/v1", "ExternalSecret"));
    text.push_str(&definition("servicebinding.io/v1", "ServiceBinding"));
    for kind in ["Worker", "Fleet", "Queue", "Broker", "Database", "Cache"] {
        text.push_str(&definition("example.com/v1", kind));
    }
    let mapping = definition("servicebinding.io/v1", "ClusterWorkloadResourceMapping");
    text.push_str(&mapping.replace("scope: Namespaced", "scope: Cluster"));
    text
}

#[test]
fn what_golden_cases_render_to_can_be_created() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let mut files = Vec::new();
    for case in Case::all() {
        let outcome = case.run();
        let texts = outcome.texts.iter().filter(|_| !outcome.failed);
        for (i, text) in texts.flat_map(|text| documents(text)).enumerate() {
            files.push((format!("{}--{i}", case.name()), text));
        }
    }
    cluster.has_namespaces_of(&files);
    cluster.share(&definitions());
    cluster
        .kubectl(&["wait", "--for=condition=Established", "crd", "--all"])
        .good();
    let mut refusals = cluster.refusals(&files);
    for name in LEFT_OUT {
        let why = refusals
            .remove(name)
            .unwrap_or_else(|| panic!("{name} is taken"));
        eprintln!("left out: {name}: {why}");
    }
    let faults: Vec<_> = refusals
        .iter()
        .map(|(name, why)| format!("{name}: {why}"))
        .collect();
    assert!(
        faults.is_empty(),
        "{} of {}\n{}",
        faults.len(),
        files.len(),
        faults.join("\n")
    );
}
