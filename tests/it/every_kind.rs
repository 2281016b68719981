//! The command line on a workload of each kind: what `init` writes couples, `check` finds no
//! mistake in it, `list` and `diff` name the workload.

use coupler::project::WORKLOAD_KINDS;
use serde_json::Value;

use crate::cli::Dir;

const SOCKET: &str = "apiVersion: integration.rock8s.com/v1
kind: Socket
metadata: {name: cache, namespace: shop}
spec:
  interface: {name: redis, versions: [1.0.0]}
  service: {name: cache, port: 6379}
";

/// A mapping, where a kind needs one.
const MAPPING: &str = "apiVersion: servicebinding.io/v1
kind: ClusterWorkloadResourceMapping
metadata: {name: workers.example.com}
spec:
  versions:
    - version: \"*\"
      annotations: .spec.pods.metadata.annotations
      containers: [{path: \".spec.pods.containers[*]\", name: .name}]
      volumes: .spec.pods.volumes
";

/// The same behind settings.
const SETTINGS: &str = "apiVersion: integration.rock8s.com/v1
kind: Coupler
spec: {strict: true}
---
apiVersion: servicebinding.io/v1
kind: ClusterWorkloadResourceMapping
metadata: {name: workers.example.com}
spec:
  versions:
    - version: \"*\"
      annotations: .spec.pods.metadata.annotations
      containers: [{path: \".spec.pods.containers[*]\", name: .name}]
      volumes: .spec.pods.volumes
";

/// A kind of the table.
struct Row {
    api_version: &'static str,
    kind: &'static str,
    /// A workload of one container.
    manifest: String,
    /// What says where its pods are.
    mapping: Option<MappingFile>,
}

/// A file with a mapping.
#[derive(Clone, Copy)]
struct MappingFile {
    name: &'static str,
    text: &'static str,
}

fn rows() -> Vec<Row> {
    let container = "{name: web, image: example/web:1}";
    let pod = |indent: &str| format!("{indent}spec:\n{indent}  containers: [{container}]\n");
    let mut rows: Vec<Row> = WORKLOAD_KINDS
        .iter()
        .map(|known| {
            let body = match known.kind {
                "Pod" => pod(""),
                "PodTemplate" => format!("template:\n{}", pod("  ")),
                "CronJob" => format!(
                    "spec:\n  schedule: 0 3 * * *\n  jobTemplate:\n    spec:\n      template:\n{}",
                    pod("        ")
                ),
                // its only container needs no name
                "Service" => {
                    let text = format!("spec:\n  template:\n{}", pod("    "));
                    text.replace("name: web, ", "")
                }
                _ => format!("spec:\n  template:\n{}", pod("    ")),
            };
            let (api_version, kind) = (known.api_version(), known.kind);
            Row {
                api_version,
                kind,
                manifest: manifest(api_version, kind, &body),
                mapping: None,
            }
        })
        .collect();
    let body = format!("spec:\n  pods:\n    containers: [{container}]\n");
    let mappings = [("mapping.yaml", MAPPING), ("coupler.yaml", SETTINGS)];
    rows.extend(mappings.map(|(name, text)| Row {
        api_version: "example.com/v1",
        kind: "Worker",
        manifest: manifest("example.com/v1", "Worker", &body),
        mapping: Some(MappingFile { name, text }),
    }));
    rows
}

fn manifest(api_version: &str, kind: &str, body: &str) -> String {
    format!(
        "apiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: web, namespace: shop}}\n{body}"
    )
}

#[test]
fn what_init_writes_for_a_workload_of_any_kind_couples_it() {
    for row in rows() {
        let called = format!("{} of {}", row.kind, row.api_version);
        let dir = Dir::with(&[
            ("app/web.yaml", &row.manifest),
            ("app/socket.yaml", SOCKET),
            ("base/web.yaml", &row.manifest),
            ("base/socket.yaml", SOCKET),
        ]);
        if let Some(MappingFile { name, text }) = row.mapping {
            for directory in ["app", "base"] {
                std::fs::write(dir.path(&format!("{directory}/{name}")), text).unwrap();
            }
        }
        let workload = format!("{}/web", row.kind);
        let words = [
            "init",
            "app",
            "--interface",
            "redis",
            "--workload",
            &workload,
        ];
        let plug = dir.run(&[&words[..], &["--output", "app/plug.yaml"]].concat());
        assert_eq!(plug.status, Some(0), "{called}: {}", plug.err);

        let check = dir.run(&["check", "app"]);
        assert_eq!(check.status, Some(0), "{called}: {}", check.err);
        let list = dir.run(&["list", "app", "-o", "json"]);
        let listed: Value = serde_json::from_str(&list.out).unwrap();
        let plug = &listed["plugs"][0];
        assert_eq!(plug["status"], "Coupled", "{called}: {}", list.out);
        let text = plug.to_string();
        assert!(text.contains(&workload), "{called}: {text}");

        let diff = dir.run(&["diff", "base", "app"]);
        assert_eq!(diff.status, Some(1), "{called}: {}", diff.err);
        let changed = diff
            .out
            .lines()
            .any(|line| line.contains(row.kind) && line.contains("web"));
        assert!(changed, "{called}: {}", diff.out);

        let once = dir.run(&["render", "app", "--integrations", "keep"]);
        assert!(once.out.contains("REDIS_HOST"), "{called}: {}", once.out);
        std::fs::create_dir(dir.path("once")).unwrap();
        std::fs::write(dir.path("once/all.yaml"), &once.out).unwrap();
        if let Some(MappingFile {
            name: name @ "coupler.yaml",
            text,
        }) = row.mapping
        {
            std::fs::write(dir.path(&format!("once/{name}")), text).unwrap();
        }
        let twice = dir.run(&["render", "once", "--integrations", "keep"]);
        assert_eq!(twice.out, once.out, "{called}");
    }
}
