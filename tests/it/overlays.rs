//! One base, two overlays through the real kustomize: `dev` runs its own database under a prefix,
//! `prod` uses one outside the cluster, which is a Socket without Service and workload. The
//! workload gets the same names in both, with other values.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use coupler::project::{KnownNames, WORKLOAD_KINDS};
use serde_yaml::Value;

use crate::cli::Dir;
use crate::kustomization::{APP, BUILD, DATABASE, EXEC, SECRET, directory, transformer, well};
use crate::{host, kubelet};

/// An overlay: its name, the kustomization, what it adds to the base, and what the container is
/// given.
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
    resources: DATABASE,
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

/// The base and the overlay, as `filter` and as `inside`.
fn write(overlay: &Overlay) -> Dir {
    let with = |lines: &str| format!("{}{lines}", overlay.kustomization);
    directory(&[
        ("base/app.yaml", APP),
        ("base/kustomization.yaml", "resources: [app.yaml]\n"),
        (
            "filter/kustomization.yaml",
            &with("components: [../names]\n"),
        ),
        ("filter/more.yaml", overlay.resources),
        (
            "inside/kustomization.yaml",
            &with("transformers: [render.yaml]\n"),
        ),
        ("inside/more.yaml", overlay.resources),
        ("inside/render.yaml", &transformer(EXEC, "")),
        ("again/kustomization.yaml", "resources: [filter.yaml]\n"),
    ])
}

/// The variables of each workload's first container, as the manifest has them, by the workload's
/// name.
fn envs(text: &str) -> BTreeMap<String, Value> {
    let env = |object: &Value| {
        let spec = match object["kind"].as_str() {
            Some("CronJob") => &object["spec"]["jobTemplate"]["spec"],
            Some(_) if object["spec"]["template"]["spec"]["containers"].is_sequence() => {
                &object["spec"]
            }
            _ => return None,
        };
        let name = object["metadata"]["name"].as_str()?.to_owned();
        Some((
            name,
            spec["template"]["spec"]["containers"][0]["env"].clone(),
        ))
    };
    kubelet::documents(text).iter().filter_map(env).collect()
}

/// The same of the one workload that there is.
fn env(text: &str) -> Value {
    let envs = envs(text);
    assert_eq!(envs.len(), 1, "{text}");
    envs.into_values().next().unwrap()
}

#[test]
fn two_overlays_are_given_what_is_theirs_and_the_same_by_both_ways() {
    if host::kustomize().is_none() {
        return;
    }
    for overlay in [DEV, PROD] {
        let dir = write(&overlay);
        let filter = well(&dir, "$KUSTOMIZE build filter | coupler render -");
        let inside = well(&dir, &format!("{BUILD} inside"));
        let given: Value = serde_yaml::from_str(overlay.env).unwrap();
        assert_eq!(env(&filter), given, "{}, by the filter", overlay.name);
        assert_eq!(env(&inside), given, "{}, by the transformer", overlay.name);
        // kustomize sorts and quotes anew whatever it writes: what the filter gave must come out of
        // it as the transformer's
        fs::write(dir.path("again/filter.yaml"), &filter).unwrap();
        let again = well(&dir, "$KUSTOMIZE build again");
        let own = ",\"metadata.annotations\"";
        assert_eq!(
            again.matches(own).count(),
            1,
            "the filter made the annotations\n{again}"
        );
        assert_eq!(again.replace(own, ""), inside, "{}", overlay.name);
        fs::write(dir.path("inside.yaml"), &inside).unwrap();
        assert_eq!(
            well(&dir, "coupler render - < inside.yaml"),
            inside,
            "a second pass leaves it alone"
        );
    }
}

#[test]
fn the_filter_gives_the_bytes_of_the_golden_case() {
    if host::kustomize().is_none() {
        return;
    }
    let case = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("testdata/render/the-output-of-a-kustomize-overlay-couples");
    let dir = write(&DEV);
    let built = well(&dir, "$KUSTOMIZE build filter");
    assert_eq!(
        built,
        fs::read_to_string(case.join("input.yaml")).unwrap(),
        "the case is what kustomize builds"
    );
    let filter = well(&dir, "$KUSTOMIZE build filter | coupler render -");
    assert_eq!(
        filter,
        fs::read_to_string(case.join("expected.yaml")).unwrap()
    );
}

/// kustomize knows no pod template of these kinds: the Component declares where names are.
#[test]
fn a_hashed_name_reaches_the_pods_of_other_controllers() {
    if host::kustomize().is_none() {
        return;
    }
    let others = WORKLOAD_KINDS.iter();
    for known in others.filter(|known| known.names != KnownNames::All) {
        let (api_version, kind) = (known.api_version(), known.kind);
        let app = APP
            .replace("apps/v1", api_version)
            .replace("kind: Deployment", &format!("kind: {kind}"))
            .replace(
                "[{name: express}]",
                &format!("[{{apiVersion: {api_version}, kind: {kind}, name: express}}]"),
            );
        let kustomization = format!(
            "{}components: [../names]\ntransformers: [render.yaml]\n",
            DEV.kustomization
        );
        let dir = directory(&[
            ("base/app.yaml", &app),
            ("base/kustomization.yaml", "resources: [app.yaml]\n"),
            ("inside/kustomization.yaml", &kustomization),
            ("inside/more.yaml", DATABASE),
            ("inside/render.yaml", &transformer(EXEC, "")),
        ]);
        let inside = well(&dir, &format!("{BUILD} inside"));
        let given: Value = serde_yaml::from_str(DEV.env).unwrap();
        assert_eq!(env(&inside), given, "{kind} of {api_version}");
        // without the Component, the name would lead nowhere, unless kustomize knows this one
        let alone = fs::read_to_string(dir.path("inside/kustomization.yaml")).unwrap();
        let alone = alone.replace("components: [../names]\n", "");
        fs::write(dir.path("inside/kustomization.yaml"), alone).unwrap();
        let said = host::sh(&dir.path(""), &format!("{BUILD} inside"));
        match known.names {
            KnownNames::SecretsOfVariables => assert_eq!(env(&said.good()), given, "{kind}"),
            KnownNames::All | KnownNames::None => {
                assert_ne!(said.status, Some(0), "{said:#?}");
                assert!(said.err.contains("name-not-followed"), "{said:#?}");
                assert!(
                    said.err.contains("components: [krm-fn/kustomize]"),
                    "{said:#?}"
                );
            }
        }
    }
}

/// Two instances of one base, each under its own prefix, and one database for both, under another;
/// the namespace is the outermost's. Former names alone do not distinguish the instances, and no
/// former namespace is the one that they are in.
#[test]
fn one_base_under_two_prefixes_couples_each_with_its_own() {
    if host::kustomize().is_none() {
        return;
    }
    let outermost =
        |lines: &str| format!("namespace: shop\nresources: [../a, ../b, ../db]\n{lines}");
    let dir = directory(&[
        (
            "base/app.yaml",
            &format!(
                "{APP}  bind: {{env: [{{name: HOST, key: host}}, {{name: PASSWORD, key: password}}]}}\n"
            ),
        ),
        ("base/kustomization.yaml", "resources: [app.yaml]\n"),
        (
            "a/kustomization.yaml",
            "namePrefix: a-\nresources: [../base]\n",
        ),
        (
            "b/kustomization.yaml",
            "namePrefix: b-\nnameSuffix: -x\nresources: [../base]\n",
        ),
        ("db/db.yaml", DATABASE),
        (
            "db/kustomization.yaml",
            &format!("namePrefix: inner-\nresources: [db.yaml]\n{SECRET}"),
        ),
        (
            "filter/kustomization.yaml",
            &outermost("components: [../names]\n"),
        ),
        (
            "inside/kustomization.yaml",
            &outermost("transformers: [render.yaml]\n"),
        ),
        ("inside/render.yaml", &transformer(EXEC, "")),
    ]);
    let filter = well(&dir, "$KUSTOMIZE build filter | coupler render -");
    let inside = well(&dir, &format!("{BUILD} inside"));
    let baked = envs(&inside);
    assert_eq!(envs(&filter), baked);
    assert_eq!(
        baked.keys().collect::<Vec<_>>(),
        ["a-express", "b-express-x"]
    );
    for env in baked.values() {
        assert_eq!(env[0]["value"], "inner-pg");
        let secret = env[1]["valueFrom"]["secretKeyRef"]["name"]
            .as_str()
            .unwrap();
        assert!(secret.starts_with("inner-pg-auth-"), "{secret}");
    }
}

const MANY: &str = "\
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: api}
spec: {serviceName: api, template: {spec: {containers: [{name: api, image: a}, {name: side, image: b}]}}}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly}
spec: {schedule: 0 0 * * *, jobTemplate: {spec: {template: {spec: {containers: [{name: nightly, image: a}]}}}}}
---
apiVersion: v1
kind: Service
metadata: {name: pg}
spec: {ports: [{name: sql, port: 5432}]}
---
apiVersion: integration.rock8s.com/v1
kind: Socket
metadata: {name: pg}
spec:
  interface: {name: postgresql, versions: [1.0.0]}
  service: {name: pg}
  configFrom:
    - {objectRef: {apiVersion: v1, kind: Service, name: pg}, keys: {port: 'spec.ports[name=sql].port'}}
    - {configMapRef: {name: settings}, literal: true, keys: {database: database}}
    - {configMapRef: {name: settings}, keys: {version: version}}
    - {secretRef: {name: pg-auth}, keys: {username: username, password: password}}
---
apiVersion: integration.rock8s.com/v1
kind: Plug
metadata: {name: db}
spec:
  interface: {name: postgresql}
  workloads: [{kind: StatefulSet, name: api, containers: [api]}, {kind: CronJob, name: nightly}]
  config: {database: shop}
  bind: {env: [{name: DB, value: '<% socket.config.host %>:<% socket.config.port %>/<% socket.config.database %>'}, {name: VERSION, key: version}]}
---
apiVersion: integration.rock8s.com/v1
kind: Plug
metadata: {name: direct}
spec:
  interface: {name: tcp}
  socket: {service: {name: pg, port: sql}}
  workloads: [{kind: StatefulSet, name: api, containers: [api]}, {kind: CronJob, name: nightly}]
  bind: {env: [{name: ADDRESS, key: address}]}
";

/// Each kind of reference that a Socket may hold, to objects whose names all change.
#[test]
fn whatever_a_socket_refers_to_is_found_under_its_new_name() {
    if host::kustomize().is_none() {
        return;
    }
    let generated =
        "configMapGenerator: [{name: settings, literals: [database=shop, version=17]}]\n";
    let overlay =
        |lines: &str| format!("namePrefix: p-\nnamespace: prod\nresources: [../base]\n{lines}");
    let dir = directory(&[
        ("base/app.yaml", MANY),
        (
            "base/kustomization.yaml",
            &format!("resources: [app.yaml]\n{SECRET}{generated}"),
        ),
        (
            "filter/kustomization.yaml",
            &overlay("components: [../names]\n"),
        ),
        (
            "inside/kustomization.yaml",
            &overlay("transformers: [render.yaml]\n"),
        ),
        ("inside/render.yaml", &transformer(EXEC, "")),
    ]);
    for line in [
        "$KUSTOMIZE build filter | coupler render -",
        &format!("{BUILD} inside"),
    ] {
        let envs = envs(&well(&dir, line));
        assert_eq!(envs.len(), 2);
        for env in envs.values() {
            assert_eq!(env[2]["value"], "p-pg:5432", "{line}");
            assert_eq!(env[0]["value"], "p-pg:5432/shop", "{line}");
            let map = env[1]["valueFrom"]["configMapKeyRef"]["name"]
                .as_str()
                .unwrap();
            assert!(map.starts_with("p-settings-"), "{line}: {map}");
        }
    }
}
