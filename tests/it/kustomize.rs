//! The real kustomize: after its build, and as a transformer inside it, with every name that it changes.

use std::fs;
use std::path::Path;

use crate::host::{self, Said};

const BASE: &str = "\
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
apiVersion: v1
kind: Service
metadata: {name: pg}
spec:
  selector: {app: pg}
  ports: [{port: 5432}]
---
apiVersion: integration.rock8s.com/v1
kind: Plug
metadata: {name: db}
spec:
  interface: {name: postgresql, version: \"1\"}
  workloads: [{name: express}]
  config: {database: shop}
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
";

const TRANSFORMER: &str = "\
apiVersion: integration.rock8s.com/v1
kind: Coupler
metadata:
  name: render
  annotations:
    config.kubernetes.io/function: |
";

/// A base and an overlay that changes every name, with these lines in the overlay.
fn overlay(lines: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let names = Path::new(env!("CARGO_MANIFEST_DIR")).join("krm-fn/kustomize");
    for name in ["kustomization.yaml", "names.yaml"] {
        write(&format!("names/{name}"), &fs::read_to_string(names.join(name)).unwrap());
    }
    write("base/app.yaml", BASE);
    write(
        "base/kustomization.yaml",
        "resources: [app.yaml]\nsecretGenerator:\n- name: pg-auth\n  literals: [username=shop, password=dev]\n",
    );
    write(
        "dev/kustomization.yaml",
        &format!("namePrefix: dev-\nnameSuffix: -x\nnamespace: shop-dev\nresources: [../base]\n{lines}"),
    );
    write("dev/exec.yaml", &format!("{TRANSFORMER}      exec: {{path: coupler-fn}}\n"));
    write("dev/image.yaml", &format!("{TRANSFORMER}      container: {{image: example.org/coupler-fn:v0.1.0}}\n"));
    write("bin/docker", host::DOCKER);
    host::sh(dir.path(), "chmod +x bin/docker");
    dir
}

#[track_caller]
fn well(said: Said) -> String {
    assert_eq!(said.status, Some(0), "{said:#?}");
    said.out
}

const BUILD: &str = "PATH=$PWD/bin:$PATH $KUSTOMIZE build --enable-alpha-plugins --enable-exec dev";

/// The final name of the generated Secret in a build.
fn secret(built: &str) -> &str {
    let at = built.find("name: dev-pg-auth-x-").unwrap() + "name: ".len();
    built[at..].lines().next().unwrap()
}

#[track_caller]
fn is_coupled(built: &str) {
    let secret = secret(built);
    for part in [
        "value: dev-pg-x\n",
        "value: shop\n",
        "value: \"5432\"\n",
        &format!("key: password\n              name: {secret}\n"),
    ] {
        let quoted = part.replace("\"5432\"", "'5432'");
        let turned = format!("name: {secret}\n              key: password\n");
        let found =
            built.contains(part) || built.contains(&quoted) || (part.contains("password") && built.contains(&turned));
        assert!(found, "{part}\n{built}");
    }
    assert_eq!(built.matches(secret).count(), 3, "the Secret, and two references to it\n{built}");
    assert!(!built.contains("kind: Plug") && !built.contains("kind: Socket"), "{built}");
    assert!(!built.contains("internal.config.kubernetes.io"), "{built}");
    assert!(built.contains("\"sources\":\"omitted\""), "what left the build is written down\n{built}");
}

#[test]
fn kustomize_then_the_filter() {
    if host::kustomize().is_none() {
        return;
    }
    let dir = overlay("components: [../names]\n");
    let built = well(host::sh(dir.path(), &format!("{BUILD} | coupler render -")));
    is_coupled(&built);
    fs::write(dir.path().join("once.yaml"), &built).unwrap();
    assert_eq!(well(host::sh(dir.path(), "coupler render once.yaml")), built, "a second pass leaves it alone");
}

#[test]
fn kustomize_with_a_transformer_by_exec_and_by_image() {
    if host::kustomize().is_none() {
        return;
    }
    for how in ["exec", "image"] {
        let dir = overlay(&format!("transformers: [{how}.yaml]\n"));
        is_coupled(&well(host::sh(dir.path(), BUILD)));
    }
}

#[test]
fn the_filter_and_the_transformer_bake_the_same() {
    if host::kustomize().is_none() {
        return;
    }
    let dir = overlay("components: [../names]\n");
    let filter = well(host::sh(dir.path(), &format!("{BUILD} | coupler render -")));
    let dir = overlay("transformers: [exec.yaml]\n");
    let inside = well(host::sh(dir.path(), BUILD));
    // kustomize writes what it carries anew: keys sorted, plain where it can be; reading both by one reader shows the rest
    let values = |text: &str| {
        let documents = serde_yaml::Deserializer::from_str(text);
        let mut all: Vec<String> = documents
            .map(|document| {
                let value: serde_json::Value = serde::Deserialize::deserialize(document).unwrap();
                // inside, every object has annotations of kustomize's own, so that the map is not coupler's to take away
                value.to_string().replace(",\\\"metadata.annotations\\\"", "")
            })
            .collect();
        all.sort();
        all
    };
    assert_eq!(values(&filter), values(&inside));
}

#[test]
fn kustomize_fails_where_the_function_does_and_shows_why() {
    if host::kustomize().is_none() {
        return;
    }
    let dir = overlay("transformers: [exec.yaml]\nbuildMetadata: [originAnnotations]\n");
    fs::write(dir.path().join("base/app.yaml"), BASE.replace("[{name: express}]", "[{name: expres}]")).unwrap();
    let said = host::sh(dir.path(), BUILD);
    assert!(said.status != Some(0) && said.out.is_empty(), "{said:#?}");
    for part in
        ["error[workload-not-found]: Plug shop-dev/dev-db-x", "base/app.yaml", "spec.workloads[0].name", "express"]
    {
        assert!(said.err.contains(part), "{part}\n{}", said.err);
    }
}

#[test]
fn our_kinds_reach_the_cluster_where_they_are_wanted() {
    if host::kustomize().is_none() {
        return;
    }
    let dir = overlay("transformers: [exec.yaml]\n");
    fs::write(
        dir.path().join("dev/exec.yaml"),
        format!("{TRANSFORMER}      exec: {{path: coupler-fn}}\nspec: {{integrations: keep}}\n"),
    )
    .unwrap();
    let built = well(host::sh(dir.path(), BUILD));
    assert!(built.contains("kind: Plug") && built.contains("kind: Socket") && !built.contains("omitted"), "{built}");
}
