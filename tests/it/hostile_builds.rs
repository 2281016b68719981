//! What an Application, a chart and a kustomization may reach through `argocd` and `build`: attacks
//! through Argo CD's own server, real Helm and real kustomize.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::argocd::ask;
use crate::build::Desk;
use crate::cli::Ran;
use crate::host;

/// What no output may hold.
const SECRET: &str = "poison-5f1c";
const SETTINGS: &str = "apiVersion: integration.rock8s.com/v1\nkind: Coupler\n";
const CHART: &str = "apiVersion: v2\nname: shop\nversion: 1.0.0\n";
const TEMPLATE: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}}\ndata: {{ .Values | toJson }}\n";
/// A program that leaves a mark.
const EVIL: (&str, &str) = ("evil", ": > \"${0%/*}/../mark\"; exec /bin/cat");

/// A repository with a chart in `repo/app`, and beside it a file of somebody else's.
fn desk() -> Desk {
    let files = [
        ("repo/app/Chart.yaml", CHART),
        ("repo/app/coupler.yaml", SETTINGS),
        ("repo/app/templates/a.yaml", TEMPLATE),
        ("repo/shared/values.yaml", "shared: 'yes'\n"),
        ("secret.yaml", &format!("secret: {SECRET}\n")),
    ];
    let desk = Desk::with(&files, &[EVIL]);
    if let Some(helm) = host::helm() {
        symlink(helm, desk.0.path("bin/helm")).unwrap();
    }
    desk
}

/// What Argo CD's server answers for the application with these parameters.
fn answer(desk: &Desk, name: &str, parameters: &str) -> Option<serde_json::Value> {
    let (repo, app) = (desk.0.path("repo"), desk.0.path("repo/app"));
    let words = [
        repo.to_str().unwrap().to_owned(),
        app.to_str().unwrap().to_owned(),
        format!("ARGOCD_APP_NAME={name}"),
        "ARGOCD_APP_SOURCE_PATH=app".to_owned(),
        format!("ARGOCD_APP_PARAMETERS={parameters}"),
    ];
    let answer = ask(desk, &words.iter().map(String::as_str).collect::<Vec<_>>())?;
    assert!(!answer.to_string().contains(SECRET), "{answer:#}");
    assert!(!desk.0.path("mark").exists(), "a program was run");
    Some(answer)
}

#[test]
fn a_release_of_an_application_is_no_option_of_helm() {
    if host::helm().is_none() {
        return;
    }
    let desk = desk();
    let secret = desk.0.path("secret.yaml");
    let written = desk.0.path("written");
    for release in [
        format!("--set-file=x={}", secret.display()),
        format!("--values={}", secret.display()),
        format!("--output-dir={}", written.display()),
        "--post-renderer=evil".to_owned(),
        "-f".to_owned(),
        "{{ env \"HOME\" }}".to_owned(),
        "Shop".to_owned(),
        String::new(),
        "a".repeat(54),
    ] {
        let parameters = serde_json::json!([{"name": "release", "string": release}]).to_string();
        let Some(answer) = answer(&desk, "shop", &parameters) else {
            return;
        };
        let error = answer["error"].as_str().unwrap_or_default();
        assert!(
            error.contains("the release's name is"),
            "{release}: {answer:#}"
        );
        assert!(!written.exists());
    }
    let good = answer(&desk, "shop", r#"[{"name":"release","string":"web-1"}]"#).unwrap();
    assert!(
        good["manifests"][0].as_str().unwrap().contains("web-1"),
        "{good:#}"
    );
}

#[test]
fn an_application_of_any_namespace_has_a_release() {
    if host::helm().is_none() {
        return;
    }
    let desk = desk();
    let Some(found) = answer(&desk, "team-a_shop", "null") else {
        return;
    };
    let manifest: serde_json::Value =
        serde_json::from_str(found["manifests"][0].as_str().unwrap()).unwrap();
    assert_eq!(manifest["metadata"]["name"], "shop");
    assert_eq!(found["parameters"][0]["string"], "shop");
}

#[test]
fn values_of_an_application_are_files_of_its_repository() {
    if host::helm().is_none() {
        return;
    }
    let desk = desk();
    let secret = desk.0.path("secret.yaml");
    for path in [
        format!("Chart.yaml,{}", secret.display()),
        format!("\"Chart.yaml\",\"{}\"", secret.display()),
        secret.display().to_string(),
        format!("file://{}", secret.display()),
        "../../secret.yaml".to_owned(),
        "https://127.0.0.1:1/values.yaml".to_owned(),
        "-".to_owned(),
        String::new(),
        "templates".to_owned(),
    ] {
        let parameters = serde_json::json!([{"name": "values", "array": [path]}]).to_string();
        let Some(answer) = answer(&desk, "shop", &parameters) else {
            return;
        };
        let error = answer["error"].as_str().unwrap_or_default();
        let is_refused = ["leads out of", "no such file", "is a directory"]
            .iter()
            .any(|text| error.contains(text));
        assert!(is_refused && !error.contains("`helm"), "{path}: {answer:#}");
    }
    // a name that Helm would split or take for something else is a name
    fs::write(desk.0.path("repo/app/a,\"b\".yaml"), "comma: 'yes'\n").unwrap();
    symlink("../shared/values.yaml", desk.0.path("repo/app/-")).unwrap();
    let parameters = r#"[{"name":"values","array":["a,\"b\".yaml","-"]}]"#;
    let found = answer(&desk, "shop", parameters).unwrap();
    let manifest = found["manifests"][0]
        .as_str()
        .unwrap_or_else(|| panic!("{found:#}"));
    assert!(
        manifest.contains("\"comma\":\"yes\"") && manifest.contains("\"shared\":\"yes\""),
        "{found:#}"
    );
}

/// Argo CD itself refuses a repository whose links lead out of it, unless it is configured not to:
/// so this is without its server.
#[test]
fn links_to_values_stay_in_the_repository() {
    let desk = Desk::with(
        &[
            ("repo/app/Chart.yaml", CHART),
            ("repo/shared/values.yaml", ""),
            ("secret.yaml", SECRET),
        ],
        &[("helm", ": > ../../mark; echo 'kind: Made'")],
    );
    symlink("../shared/values.yaml", desk.0.path("repo/app/good.yaml")).unwrap();
    let generate = |path: &str| {
        let parameters = serde_json::json!([{"name": "values", "array": [path]}]).to_string();
        let mut command = desk.command(&["argocd", "generate"]);
        command
            .env("ARGOCD_APP_SOURCE_PATH", "app")
            .env("ARGOCD_APP_PARAMETERS", parameters);
        Ran::of(command.current_dir(desk.0.path("repo/app")))
    };
    generate("good.yaml").status(0);
    fs::remove_file(desk.0.path("mark")).unwrap();
    symlink(
        desk.0.path("secret.yaml"),
        desk.0.path("repo/shared/link.yaml"),
    )
    .unwrap();
    symlink("/dev/zero", desk.0.path("repo/shared/zero.yaml")).unwrap();
    symlink("../..", desk.0.path("repo/shared/up")).unwrap();
    for path in [
        "../shared/link.yaml",
        "../shared/zero.yaml",
        "../shared/up/secret.yaml",
    ] {
        let ran = generate(path).status(2).says(&["leads out of"]);
        assert!(
            !ran.err.contains(SECRET) && !desk.0.path("mark").exists(),
            "{ran:?}"
        );
    }
}

#[test]
fn a_link_in_a_chart_stays_in_the_repository() {
    if host::helm().is_none() {
        return;
    }
    let desk = desk();
    let print = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {x: {{ .Files.Get \"files/x\" | quote }}}\n";
    fs::write(desk.0.path("repo/app/templates/a.yaml"), print).unwrap();
    fs::create_dir_all(desk.0.path("repo/app/files")).unwrap();
    fs::create_dir_all(desk.0.path("repo/.git")).unwrap();
    let link = desk.0.path("repo/app/files/x");
    symlink("../../shared/values.yaml", &link).unwrap();
    assert!(
        desk.run(&["build", "repo/app"])
            .status(0)
            .out
            .contains("shared")
    );
    let refused = |says: &str| {
        let ran = desk.run(&["build", "repo/app"]).status(2).says(&[says]);
        assert!(!ran.err.contains(SECRET), "{ran:?}");
    };
    fs::remove_file(&link).unwrap();
    symlink(desk.0.path("secret.yaml"), &link).unwrap();
    refused("`repo/app/files/x` leads out of");
    // by way of a directory that is linked within
    fs::remove_file(&link).unwrap();
    symlink(desk.0.path("secret.yaml"), desk.0.path("repo/shared/x")).unwrap();
    fs::remove_dir(desk.0.path("repo/app/files")).unwrap();
    symlink("../shared", desk.0.path("repo/app/files")).unwrap();
    refused("/shared/x` leads out of");
    // the chart's own files
    fs::remove_file(desk.0.path("repo/app/files")).unwrap();
    symlink(
        desk.0.path("secret.yaml"),
        desk.0.path("repo/app/values.yaml"),
    )
    .unwrap();
    refused("`repo/app/values.yaml` leads out of");
}

#[test]
fn the_name_of_a_chart_is_no_option_of_helm() {
    for name in [
        "--dry-run=server",
        "--set-file=x=/etc/passwd",
        "-",
        "Shop",
        "{{ . }}",
        "a b",
    ] {
        let desk = Desk::with(
            &[("app/Chart.yaml", &format!("name: \"{name}\"\n"))],
            &[("helm", ": > mark; echo 'kind: Made'")],
        );
        desk.run(&["build", "app", "--release", "good"]).status(0);
        fs::remove_file(desk.0.path("mark")).unwrap();
        desk.run(&["build", "app"])
            .status(2)
            .says(&["cannot be a release's name", "--release NAME"]);
        desk.run(&["build", "app", &format!("--release={name}")])
            .status(2);
        assert!(!desk.0.path("mark").exists(), "{name}: Helm was run");
    }
}

/// Prints its environment as comments.
const ENVIRONMENT: &str = "/usr/bin/env | /bin/sed 's/^/# /'; echo 'kind: Made'";

fn environment(desk: &Desk, directory: &str) -> String {
    let mut command = desk.command(&["build", directory]);
    for name in [
        "KUBECONFIG",
        "KUBERNETES_SERVICE_HOST",
        "HELM_PLUGINS",
        "HELM_DATA_HOME",
        "HELM_KUBETOKEN",
        "HELM_KUBEAPISERVER",
        "HELM_REGISTRY_CONFIG",
        "HELM_DRIVER_SQL_CONNECTION_STRING",
        "KUSTOMIZE_PLUGIN_HOME",
        "GIT_CONFIG_GLOBAL",
        "GITHUB_TOKEN",
        "ARGOCD_ENV_X",
    ] {
        command.env(name, format!("/tmp/{SECRET}"));
    }
    Ran::of(&mut command).status(0).out
}

#[test]
fn helm_and_kustomize_know_no_cluster_and_no_token() {
    let files = [
        ("chart/Chart.yaml", "name: shop\n"),
        ("k/kustomization.yaml", ""),
    ];
    let desk = Desk::with(&files, &[("helm", ENVIRONMENT), ("kustomize", ENVIRONMENT)]);
    let helm = environment(&desk, "chart");
    assert!(
        !helm.contains(SECRET) && helm.contains("# HELM_PLUGINS="),
        "{helm}"
    );
    let kubeconfig = helm
        .lines()
        .find_map(|line| line.strip_prefix("# KUBECONFIG="))
        .unwrap();
    assert!(
        !Path::new(kubeconfig).parent().unwrap().exists(),
        "the directory of the run is left: {kubeconfig}"
    );
    let kustomize = environment(&desk, "k");
    assert!(
        !kustomize.contains(SECRET) && kustomize.contains("# GIT_ALLOW_PROTOCOL=https:ssh\n"),
        "{kustomize}"
    );
}

#[test]
fn helm_finds_no_plugin() {
    let Some(helm) = host::helm() else { return };
    let desk = desk();
    let plugin = "apiVersion: v1\ntype: postrenderer/v1\nname: evil\nversion: 1.0.0\nruntime: subprocess\n\
                  runtimeConfig:\n  platformCommand:\n    - command: $HELM_PLUGIN_DIR/evil\n";
    fs::create_dir_all(desk.0.path("plugins/evil")).unwrap();
    fs::write(desk.0.path("plugins/evil/plugin.yaml"), plugin).unwrap();
    fs::copy(desk.0.path("bin/evil"), desk.0.path("plugins/evil/evil")).unwrap();
    let mark = desk.0.path("plugins/mark");
    // Helm itself runs it
    let mut armed = std::process::Command::new(helm);
    armed
        .args(["template", "a", "repo/app", "--post-renderer=evil"])
        .current_dir(desk.0.path(""));
    let ran = Ran::of(armed.env("HELM_PLUGINS", desk.0.path("plugins")));
    assert!(mark.exists(), "{ran:?}");
    fs::remove_file(&mark).unwrap();
    let mut command = desk.command(&["build", "repo/app", "--", "--post-renderer=evil"]);
    command
        .env("HELM_PLUGINS", desk.0.path("plugins"))
        .env("HELM_DATA_HOME", desk.0.path(""));
    Ran::of(&mut command).status(1).says(&["evil"]);
    assert!(!mark.exists());
}

/// What kustomize itself refuses, and must go on refusing.
#[test]
fn a_kustomization_runs_nothing_and_reads_its_own_files() {
    let Some(kustomize) = host::kustomize() else {
        return;
    };
    let function = "apiVersion: example.com/v1\nkind: Evil\nmetadata:\n  name: x\n  annotations:\n    \
                    config.kubernetes.io/function: 'exec: {path: ../bin/evil}'\n";
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";
    for (kustomization, says) in [
        (
            "configMapGenerator: [{name: a, files: [../secret.yaml]}]\n",
            "security",
        ),
        (
            "configMapGenerator: [{name: a, files: [link]}]\n",
            "security",
        ),
        ("resources: [../secret.yaml]\n", "security"),
        ("generators: [function.yaml]\n", ""),
        ("resources: [map.yaml]\ntransformers: [function.yaml]\n", ""),
        (
            "helmCharts: [{name: x, repo: 'https://127.0.0.1:1'}]\n",
            "--enable-helm",
        ),
        ("resources: ['git::file:///nowhere//x?ref=main']\n", ""),
    ] {
        let secret = format!("secret: {SECRET}\n");
        let files = [
            ("app/kustomization.yaml", kustomization),
            ("app/function.yaml", function),
            ("app/map.yaml", map),
            ("secret.yaml", secret.as_str()),
        ];
        let desk = Desk::with(&files, &[EVIL]);
        symlink(&kustomize, desk.0.path("bin/kustomize")).unwrap();
        symlink("../secret.yaml", desk.0.path("app/link")).unwrap();
        if kustomization.contains("function") {
            // the user himself may let it
            desk.run(&[
                "build",
                "app",
                "--",
                "--enable-alpha-plugins",
                "--enable-exec",
            ]);
            fs::remove_file(desk.0.path("mark"))
                .expect("kustomize itself does not run the program");
        }
        let ran = desk.run(&["build", "app"]).status(1).says(&[says]);
        assert!(
            !ran.err.contains(SECRET) && !desk.0.path("mark").exists(),
            "{kustomization}: {ran:?}"
        );
    }
}

#[test]
fn a_path_to_the_application_that_leads_elsewhere_opens_nothing() {
    let files = [
        ("repo/app/coupler.yaml", SETTINGS),
        ("repo/app/a.yaml", "kind: A\n"),
        ("secret.yaml", SECRET),
    ];
    let desk = Desk::with(&files, &[]);
    let parameters = r#"[{"name":"catalog","array":["../../secret.yaml"]}]"#;
    for path in [
        "a/b/c/app",
        "x/app",
        "../repo/app",
        "app/../app",
        "/repo/app",
        "app/../../..",
    ] {
        let mut command = desk.command(&["argocd", "generate"]);
        command
            .env("ARGOCD_APP_SOURCE_PATH", path)
            .env("ARGOCD_APP_PARAMETERS", parameters);
        let ran = Ran::of(command.current_dir(desk.0.path("repo/app")))
            .status(2)
            .says(&["leads out of"]);
        assert!(!ran.err.contains(SECRET), "{path}");
    }
}
