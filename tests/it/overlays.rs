//! One base, two overlays through the real kustomize: `dev` runs its own database under a prefix, `prod` uses one outside the
//! cluster, which is a Socket without Service and workload. The workload is told the same names in both, with other values.

use std::fs;
use std::path::Path;

use serde_yaml::Value;

use crate::{host, kubelet};

const APP: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: express
  labels: {app: express}
spec:
  selector: {matchLabels: {app: express}}
  template:
    metadata: {labels: {app: express}}
    spec:
      containers:
        - {name: express, image: example/express:1}
---
apiVersion: integration.rock8s.com/v1
kind: Plug
metadata: {name: db}
spec:
  interface: {name: postgresql, version: \"1\"}
  workloads: [{name: express}]
  config: {database: shop}
";

/// An overlay: its name, the kustomization, what it adds to the base, and what the container is given.
struct Overlay {
    name: &'static str,
    kustomization: &'static str,
    resources: &'static str,
    env: &'static str,
}

const DEV: Overlay = Overlay {
    name: "dev",
    kustomization: "\
namePrefix: dev-
namespace: shop-dev
resources: [../base, more.yaml]
secretGenerator: [{name: pg-auth, literals: [username=shop, password=dev]}]
",
    resources: "\
apiVersion: v1
kind: Service
metadata: {name: pg}
spec:
  selector: {app: pg}
  ports: [{port: 5432}]
---
apiVersion: integration.rock8s.com/v1
kind: Socket
metadata: {name: pg}
spec:
  interface: {name: postgresql, versions: [1.0.0]}
  service: {name: pg}
  config: {database: <% plug.config.database %>}
  configFrom:
    - {secretRef: {name: pg-auth}, keys: {username: username, password: password}}
",
    env: "\
- {name: POSTGRESQL_DATABASE, value: shop}
- {name: POSTGRESQL_HOST, value: dev-pg}
- {name: POSTGRESQL_PASSWORD, valueFrom: {secretKeyRef: {name: dev-pg-auth-mb9b9k4ctc, key: password}}}
- {name: POSTGRESQL_PORT, value: \"5432\"}
- {name: POSTGRESQL_USERNAME, valueFrom: {secretKeyRef: {name: dev-pg-auth-mb9b9k4ctc, key: username}}}
",
};

const PROD: Overlay = Overlay {
    name: "prod",
    kustomization: "namespace: shop\nresources: [../base, more.yaml]\n",
    resources: "\
apiVersion: integration.rock8s.com/v1
kind: Socket
metadata: {name: rds}
spec:
  interface: {name: postgresql, versions: [1.0.0]}
  config: {database: <% plug.config.database %>, host: shop.abc123.eu-west-1.rds.amazonaws.com}
  configFrom:
    - {secretRef: {name: shop-rds}, keys: {username: username, password: password}}
",
    env: "\
- {name: POSTGRESQL_DATABASE, value: shop}
- {name: POSTGRESQL_HOST, value: shop.abc123.eu-west-1.rds.amazonaws.com}
- {name: POSTGRESQL_PASSWORD, valueFrom: {secretKeyRef: {name: shop-rds, key: password}}}
- {name: POSTGRESQL_PORT, value: \"5432\"}
- {name: POSTGRESQL_USERNAME, valueFrom: {secretKeyRef: {name: shop-rds, key: username}}}
",
};

const TRANSFORMER: &str = "\
apiVersion: integration.rock8s.com/v1
kind: Coupler
metadata:
  name: render
  annotations:
    config.kubernetes.io/function: |
      exec: {path: coupler-fn}
";

/// The base and the overlay, as `filter` and as `inside`.
fn write(overlay: &Overlay) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: String, text: &str| {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("base/app.yaml".into(), APP);
    write("base/kustomization.yaml".into(), "resources: [app.yaml]\n");
    for (how, lines) in [("filter", "components: [../names]\n"), ("inside", "transformers: [render.yaml]\n")] {
        write(format!("{how}/kustomization.yaml"), &format!("{}{lines}", overlay.kustomization));
        write(format!("{how}/more.yaml"), overlay.resources);
    }
    write("inside/render.yaml".into(), TRANSFORMER);
    write("again/kustomization.yaml".into(), "resources: [filter.yaml]\n");
    let names = Path::new(env!("CARGO_MANIFEST_DIR")).join("krm-fn/kustomize");
    for name in ["kustomization.yaml", "names.yaml"] {
        write(format!("names/{name}"), &fs::read_to_string(names.join(name)).unwrap());
    }
    dir
}

#[track_caller]
fn sh(dir: &Path, line: &str) -> String {
    let said = host::sh(dir, line);
    assert_eq!((said.status, said.err.as_str()), (Some(0), ""), "{line}\n{said:#?}");
    said.out
}

/// The variables of the one container, as the manifest has them.
fn env(text: &str) -> Value {
    let workload = kubelet::documents(text).into_iter().find(|object| object["kind"] == "Deployment").unwrap();
    workload["spec"]["template"]["spec"]["containers"][0]["env"].clone()
}

#[test]
fn two_overlays_are_given_what_is_theirs_and_the_same_by_both_ways() {
    if host::kustomize().is_none() {
        return;
    }
    for overlay in [DEV, PROD] {
        let dir = write(&overlay);
        let filter = sh(dir.path(), "$KUSTOMIZE build filter | coupler render -");
        let inside = sh(dir.path(), "$KUSTOMIZE build --enable-alpha-plugins --enable-exec inside");
        let given: Value = serde_yaml::from_str(overlay.env).unwrap();
        assert_eq!(env(&filter), given, "{}, by the filter", overlay.name);
        assert_eq!(env(&inside), given, "{}, by the transformer", overlay.name);
        // kustomize sorts and quotes anew whatever it writes: what the filter gave must come out of it as the transformer's
        fs::write(dir.path().join("again/filter.yaml"), &filter).unwrap();
        let again = sh(dir.path(), "$KUSTOMIZE build again");
        let own = ",\"metadata.annotations\"";
        assert_eq!(again.matches(own).count(), 1, "the filter made the annotations\n{again}");
        assert_eq!(again.replace(own, ""), inside, "{}", overlay.name);
        fs::write(dir.path().join("inside.yaml"), &inside).unwrap();
        assert_eq!(sh(dir.path(), "coupler render - < inside.yaml"), inside, "a second pass leaves it alone");
    }
}

#[test]
fn the_filter_gives_the_bytes_of_the_golden_case() {
    if host::kustomize().is_none() {
        return;
    }
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/render/the-output-of-a-kustomize-overlay-couples");
    let dir = write(&DEV);
    let built = sh(dir.path(), "$KUSTOMIZE build filter");
    assert_eq!(built, fs::read_to_string(case.join("input.yaml")).unwrap(), "the case is what kustomize builds");
    let filter = sh(dir.path(), "$KUSTOMIZE build filter | coupler render -");
    assert_eq!(filter, fs::read_to_string(case.join("expected.yaml")).unwrap());
}
