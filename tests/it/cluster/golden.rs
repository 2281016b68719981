//! What is rendered can be created on a real API server.

use super::Cluster;
use crate::case::{Case, documents};

/// What passes as it came and no server takes: a chart's template is no YAML, and a Widget has no
/// CRD.
const LEFT_OUT: [&str; 2] = [
    "an-unrendered-chart-template-passes-through--0",
    "what-nobody-asks-for-passes-as-it-is--4",
];

/// A kind that is no workload, as open as Flux's own is where charts take their values.
const HELM_RELEASES: &str = "
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: helmreleases.helm.toolkit.fluxcd.io}
spec:
  group: helm.toolkit.fluxcd.io
  scope: Namespaced
  names: {kind: HelmRelease, plural: helmreleases}
  versions:
    - name: v2
      served: true
      storage: true
      schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
";

/// The Applications of Argo CD, as open.
const APPLICATIONS: &str = "
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: applications.argoproj.io}
spec:
  group: argoproj.io
  scope: Namespaced
  names: {kind: Application, plural: applications}
  versions:
    - name: v1alpha1
      served: true
      storage: true
      schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
";

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
    cluster.share(HELM_RELEASES);
    cluster.share(APPLICATIONS);
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
