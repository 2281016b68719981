//! Resources through the real hosts: kustomize as a filter and inside its build, kpt in place and
//! twice, Helm with a post-renderer and before a pipe, Argo CD's plugin server.

use std::fs;

use crate::argocd;
use crate::build::Desk;
use crate::host;
use crate::kustomization::{APP, BUILD, DATABASE, EXEC, SECRET, directory, transformer, well};

/// A resource of a Plug, which uses the Secret.
const RESOURCE: &str = "  resources:
    - name: migrate
      manifest:
        apiVersion: batch/v1
        kind: Job
        metadata: {name: migrate}
        spec:
          template:
            spec:
              restartPolicy: Never
              containers:
                - name: migrate
                  image: example/migrate:1
                  env:
                    - {name: PGHOST, value: <% socket.config.host %>}
                    - {name: PGPASSWORD, value: <% socket.config.password %>}
";

fn objects(text: &str) -> Vec<serde_json::Value> {
    let documents = crate::kubelet::documents(text).into_iter();
    documents
        .map(|document| serde_json::to_value(document).unwrap())
        .collect()
}

/// The one Job of a text.
#[track_caller]
fn job(text: &str) -> serde_json::Value {
    let mut jobs = objects(text);
    jobs.retain(|object| object["kind"] == "Job");
    assert_eq!(jobs.len(), 1, "{text}");
    jobs.remove(0)
}

#[track_caller]
fn uses_the_secret(built: &str) {
    let secrets = objects(built);
    let secret = secrets
        .iter()
        .find(|object| object["kind"] == "Secret")
        .unwrap();
    let job = job(built);
    let env = &job["spec"]["template"]["spec"]["containers"][0]["env"];
    assert_eq!(
        env[1]["valueFrom"]["secretKeyRef"]["name"], secret["metadata"]["name"],
        "{built}"
    );
    assert_eq!(env[0]["value"], "pg");
    assert!(!built.contains("kind: Plug"), "{built}");
    assert!(!built.contains("internal.config.kubernetes.io"), "{built}");
}

#[test]
fn kustomize_with_a_resource_as_a_filter_and_inside() {
    if host::kustomize().is_none() {
        return;
    }
    let app = format!("{APP}{RESOURCE}");
    let base = |lines: &str| {
        let kustomization =
            format!("namespace: shop\nresources: [app.yaml, database.yaml]\n{SECRET}{lines}");
        directory(&[
            ("app.yaml", &app),
            ("database.yaml", DATABASE),
            ("kustomization.yaml", &kustomization),
            ("exec.yaml", &transformer(EXEC, "")),
        ])
    };
    let dir = base("components: [names]\n");
    let filtered = well(&dir, &format!("{BUILD} . | coupler render -"));
    uses_the_secret(&filtered);
    fs::write(dir.path("once.yaml"), &filtered).unwrap();
    assert_eq!(well(&dir, "coupler render once.yaml"), filtered);
    let dir = base("transformers: [exec.yaml]\n");
    let inside = well(&dir, &format!("{BUILD} ."));
    uses_the_secret(&inside);
    assert_eq!(job(&inside)["metadata"]["name"], "migrate");
}

#[test]
fn kpt_writes_a_resource_into_the_file_of_its_plug_once() {
    if host::kpt().is_none() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
    let read = |name: &str| fs::read_to_string(dir.path().join(name)).unwrap();
    let app = format!("{APP}{RESOURCE}");
    write("app.yaml", &app);
    write("database.yaml", DATABASE);
    write(
        "Kptfile",
        "apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: shop\npipeline:\n  mutators:\n  - exec: coupler-fn\n",
    );
    let render = || {
        let said = host::sh(dir.path(), "kpt fn render --allow-exec");
        assert_eq!(said.status, Some(0), "{said:#?}");
    };
    render();
    let once = read("app.yaml");
    assert_eq!(job(&once)["metadata"]["name"], "migrate");
    assert!(!once.contains("internal.config"), "{once}");
    render();
    assert_eq!(read("app.yaml"), once);
    // somebody labels all objects, and the Plug does not want it any more
    let labelled = once.replace(
        "  labels:\n    integration",
        "  labels:\n    team: shop\n    integration",
    );
    assert_ne!(labelled, once);
    write("app.yaml", &labelled);
    render();
    assert_eq!(read("app.yaml"), labelled);
    write(
        "app.yaml",
        &labelled.replace(
            "    - name: migrate\n      manifest:",
            "    - name: migrate\n      if: <% false %>\n      manifest:",
        ),
    );
    render();
    let gone = read("app.yaml");
    let left: Vec<_> = objects(&gone);
    assert!(left.iter().all(|object| object["kind"] != "Job"), "{gone}");
    assert_eq!(left.len(), 2, "{gone}");
}

#[test]
fn helm_with_a_resource_as_a_post_renderer_and_in_a_pipe() {
    let Some(helm) = host::helm() else { return };
    let app = format!("{APP}{RESOURCE}");
    let dir = directory(&[
        ("Chart.yaml", "apiVersion: v2\nname: shop\nversion: 1.0.0\n"),
        ("templates/app.yaml", &app),
        ("templates/database.yaml", DATABASE),
    ]);
    let root = env!("CARGO_MANIFEST_DIR");
    let build = format!(
        "HELM_PLUGINS={root}/krm-fn/helm {} template shop . -n shop",
        helm.display()
    );
    let post = format!("{build} --post-renderer coupler --post-renderer-args --namespace=shop");
    let rendered = well(&dir, &post);
    let piped = well(&dir, &format!("{build} | coupler render - -n shop"));
    for built in [&rendered, &piped] {
        let job = job(built);
        assert_eq!(job["metadata"]["name"], "migrate", "{built}");
        assert_eq!(job["metadata"]["namespace"], "shop", "{built}");
        let env = &job["spec"]["template"]["spec"]["containers"][0]["env"];
        assert_eq!(env[0]["value"], "pg", "{built}");
        assert!(!built.contains("kind: Plug"), "{built}");
        assert!(!built.contains("postrenderer.helm.sh"), "{built}");
    }
    let count = |text: &str| objects(text).len();
    assert_eq!(count(&rendered), count(&piped));
    fs::write(dir.path("once.yaml"), &rendered).unwrap();
    assert_eq!(well(&dir, "coupler render once.yaml -n shop"), rendered);
}

/// A resource of the Socket, which exists beside each Plug; Argo CD runs it before all else.
const RESOURCE_OF_SOCKET: &str = "  resources:
    - name: grant
      namespace: Plug
      manifest:
        apiVersion: v1
        kind: ConfigMap
        metadata:
          name: grant-<% plug.object %>
          annotations:
            argocd.argoproj.io/hook: PreSync
            argocd.argoproj.io/hook-delete-policy: BeforeHookCreation
            argocd.argoproj.io/sync-wave: \"-1\"
        data: {database: <% plug.config.database %>}
";

#[test]
fn argo_cds_own_server_with_resources() {
    let app = format!("{APP}{RESOURCE}");
    let database = format!("{DATABASE}{RESOURCE_OF_SOCKET}");
    let desk = Desk::with(
        &[
            (
                "app/coupler.yaml",
                "apiVersion: integration.rock8s.com/v1\nkind: Coupler\n",
            ),
            ("app/app.yaml", &app),
            ("app/database.yaml", &database),
        ],
        &[],
    );
    let (root, directory) = (desk.0.path(""), desk.0.path("app"));
    let words = [
        root.to_str().unwrap(),
        directory.to_str().unwrap(),
        "ARGOCD_APP_NAME=shop",
        "ARGOCD_APP_NAMESPACE=shop",
        "ARGOCD_APP_SOURCE_PATH=app",
    ];
    let Some(answer) = argocd::ask(&desk, &words) else {
        return;
    };
    assert_eq!(answer.get("error"), None, "{answer:#}");
    // what the server answers is what the Application manages: each object once, and no other
    let texts: Vec<&str> = answer["manifests"]
        .as_array()
        .unwrap()
        .iter()
        .map(|text| text.as_str().unwrap())
        .collect();
    let manifests: Vec<serde_json::Value> = texts
        .iter()
        .map(|text| serde_json::from_str(text).unwrap())
        .collect();
    let names: Vec<String> = manifests
        .iter()
        .map(|one| {
            let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
            format!("{} {}", text(&one["kind"]), text(&one["metadata"]["name"]))
        })
        .collect();
    // each follows its owner
    let expected = [
        "Deployment express",
        "Job migrate",
        "Service pg",
        "ConfigMap grant-db",
    ];
    assert_eq!(names, expected, "{answer:#}");
    for manifest in &manifests {
        let annotations = manifest["metadata"]["annotations"].as_object();
        let keys = annotations.into_iter().flat_map(|all| all.keys());
        let foreign = ["tracking-id", "internal.config", "local-config"];
        for key in keys {
            assert!(!foreign.iter().any(|text| key.contains(text)), "{key}");
        }
    }
    let (job, grant) = (&manifests[1], &manifests[3]);
    for resource in [job, grant] {
        assert_eq!(resource["metadata"]["namespace"], "shop", "{resource:#}");
        assert!(resource["metadata"].get("ownerReferences").is_none());
    }
    let env = &job["spec"]["template"]["spec"]["containers"][0]["env"];
    assert_eq!(env[0]["value"], "pg", "{job:#}");
    assert_eq!(env[1]["valueFrom"]["secretKeyRef"]["name"], "pg-auth");
    let annotations = &grant["metadata"]["annotations"];
    assert_eq!(annotations["argocd.argoproj.io/hook"], "PreSync");
    assert_eq!(annotations["argocd.argoproj.io/sync-wave"], "-1");
    assert_eq!(grant["data"]["database"], "shop");
    // Argo CD compares by bytes, and caches
    let again = argocd::ask(&desk, &words).unwrap();
    assert_eq!(again["manifests"], answer["manifests"]);
}
