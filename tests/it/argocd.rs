//! `coupler argocd`: run with the environment that Argo CD gives, and by Argo CD's own plugin
//! server.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use crate::build::{CHART, Desk, ECHO, ends};
use crate::cli::{APP, Ran};
use crate::host;

const SETTINGS: &str = "apiVersion: integration.rock8s.com/v1\nkind: Coupler\n";

/// Runs a command in the directory `app`, with these variables.
fn run(desk: &Desk, words: &[&str], variables: &[(&str, &str)]) -> Ran {
    let mut command = desk.command(&[&["argocd"], words].concat());
    Ran::of(
        command
            .current_dir(desk.0.path("app"))
            .envs(variables.iter().copied()),
    )
}

/// An application of plain manifests, none of which names a namespace.
fn app() -> String {
    APP.replace(", namespace: shop", "")
        .replace("  namespace: shop\n", "")
}

#[test]
fn a_directory_is_ours_by_its_settings() {
    let desk = Desk::with(
        &[("app/coupler.yaml", SETTINGS), ("app/app.yaml", APP)],
        &[],
    );
    assert_eq!(
        run(&desk, &["discover"], &[]).status(0).out,
        "coupler.yaml\n"
    );
    fs::remove_file(desk.0.path("app/coupler.yaml")).unwrap();
    let ran = run(&desk, &["discover"], &[]).status(0);
    assert_eq!((ran.out.as_str(), ran.err.as_str()), ("", ""));
}

#[test]
fn manifests_are_generated_in_the_applications_namespace() {
    let settings = format!("{SETTINGS}spec: {{namespace: other}}\n");
    let desk = Desk::with(
        &[("app/app.yaml", &app()), ("app/coupler.yaml", &settings)],
        &[],
    );
    let baked = |variables: &[(&str, &str)]| run(&desk, &["generate"], variables).status(0).out;
    assert!(baked(&[]).contains(r#""socket":"other/redis""#));
    assert!(baked(&[("ARGOCD_APP_NAMESPACE", "")]).contains(r#""socket":"other/redis""#));
    let out = baked(&[
        ("ARGOCD_APP_NAMESPACE", "shop"),
        ("ARGOCD_APP_PARAMETERS", "null"),
    ]);
    assert!(
        out.contains(r#""socket":"shop/redis""#) && !out.contains("kind: Plug"),
        "{out}"
    );
    assert_eq!(baked(&[("ARGOCD_APP_NAMESPACE", "shop")]), out);
    let flags = run(
        &desk,
        &["generate", "-n", "flag"],
        &[("ARGOCD_APP_NAMESPACE", "shop")],
    )
    .status(0)
    .out;
    assert!(flags.contains(r#""socket":"flag/redis""#), "{flags}");
    run(&desk, &["generate"], &[("ARGOCD_APP_NAMESPACE", "No")])
        .status(2)
        .says(&["ARGOCD_APP_NAMESPACE is `No`"]);
}

#[test]
fn a_chart_is_told_what_argo_cd_tells_helm() {
    let chart = ("app/Chart.yaml", CHART.1);
    // Argo CD runs the plugin at the application's path in a copy of the repository
    let files = [
        chart,
        ("app/coupler.yaml", SETTINGS),
        ("app/a.yaml", ""),
        ("b.yaml", ""),
    ];
    let desk = Desk::with(&files, &[("helm", ECHO)]);
    let helm = |variables: &[(&str, &str)]| {
        let out = run(&desk, &["generate"], variables).status(0).out;
        out.lines()
            .next()
            .unwrap()
            .split_once(": ")
            .unwrap()
            .1
            .to_owned()
    };
    assert_eq!(
        helm(&[("KUBE_VERSION", "")]),
        "template . --name-template=shop --include-crds=true"
    );
    let parameters = r#"[{"name":"values","array":["a.yaml","../b.yaml"]},{"name":"set","map":{"x.y":"1,2","a":"b"}}]"#;
    let variables = [
        ("ARGOCD_APP_NAME", "web"),
        ("ARGOCD_APP_NAMESPACE", "shop"),
        ("ARGOCD_APP_SOURCE_PATH", "app"),
        ("ARGOCD_APP_PARAMETERS", parameters),
        ("KUBE_VERSION", "1.34"),
        ("KUBE_API_VERSIONS", "v1,apps/v1"),
    ];
    assert_eq!(
        helm(&variables),
        format!(
            "template . --name-template=web --namespace=shop --values={0}/app/a.yaml --values={0}/b.yaml \
             --include-crds=true --set=a=b --set=x.y=1\\,2 --kube-version=1.34 --api-versions=v1,apps/v1",
            desk.0.path("").canonicalize().unwrap().display()
        )
    );
    let release = (
        "ARGOCD_APP_PARAMETERS",
        r#"[{"name":"release","string":"r"}]"#,
    );
    assert_eq!(
        helm(&[("ARGOCD_APP_NAME", "web"), release]),
        "template . --name-template=r --include-crds=true"
    );
}

#[test]
fn what_an_application_may_set_is_announced() {
    let chart = ("app/Chart.yaml", CHART.1);
    let desk = Desk::with(&[chart], &[]);
    let names = |desk: &Desk| -> Vec<String> {
        let out = run(desk, &["parameters"], &[("ARGOCD_APP_NAME", "web")])
            .status(0)
            .out;
        let all: serde_json::Value = serde_json::from_str(&out).unwrap();
        all.as_array()
            .unwrap()
            .iter()
            .map(|one| one["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        names(&desk),
        ["release", "values", "set", "catalog", "strict"]
    );
    fs::remove_file(desk.0.path("app/Chart.yaml")).unwrap();
    assert_eq!(names(&desk), ["catalog", "strict"]);
}

#[test]
fn nothing_to_apply_is_an_error() {
    let plug = APP.split_once("---\napiVersion: apps/v1").unwrap().0;
    let plug = plug.replace(
        "workloads: [{name: web}]",
        "suspend: true\n  workloads: [{name: web}]",
    );
    let desk = Desk::with(&[("app/app.yaml", &plug)], &[]);
    run(&desk, &["generate"], &[])
        .status(1)
        .says(&["the output would be empty", "delete the whole application"]);
    let settings = format!("{SETTINGS}spec: {{integrations: local-config}}\n");
    fs::write(desk.0.path("app/coupler.yaml"), settings).unwrap();
    run(&desk, &["generate"], &[])
        .status(1)
        .says(&["the output would be empty"]);
    assert!(
        run(&desk, &["generate", "--integrations", "keep"], &[])
            .status(0)
            .out
            .contains("kind: Plug")
    );
}

#[test]
fn everything_wrong_with_the_parameters_is_said_and_nothing_printed() {
    let desk = Desk::with(
        &[("app/app.yaml", APP), ("app/coupler.yaml", SETTINGS)],
        &[],
    );
    let given = |parameters| {
        run(
            &desk,
            &["generate"],
            &[("ARGOCD_APP_PARAMETERS", parameters)],
        )
        .status(2)
    };
    given(r#"[{"name":"stricter","string":"true"},{"name":"values","array":[]}]"#).says(&[
        "there is no parameter `stricter`",
        "did you mean `strict`?",
        "there is no parameter `values`",
    ]);
    given(r#"[{"name":"catalog","array":["/etc","../x"]}]"#).says(&[
        "`/etc` leads out of the repository",
        "`../x` leads out of the repository",
    ]);
    given("{}").says(&["ARGOCD_APP_PARAMETERS cannot be read"]);
    let settings = format!("{SETTINGS}spec: {{catalog: [../../etc]}}\n");
    fs::write(desk.0.path("app/coupler.yaml"), settings).unwrap();
    run(&desk, &["generate"], &[])
        .status(2)
        .says(&["such as `apps/shop`; it is not set"]);
    let path = ("ARGOCD_APP_SOURCE_PATH", "app");
    run(&desk, &["generate"], &[path])
        .status(2)
        .says(&["../../etc` leads out of"]);
}

#[test]
fn strict_and_catalogue_are_set_by_parameters() {
    let (plug, rest) = APP.split_once("---\n").unwrap();
    let (socket, web) = rest.split_once("---\n").unwrap();
    let app = format!(
        "{}---\n{web}",
        plug.replace("redis}", "redis}\n  socket: {name: redis}")
    );
    let odd = "kind: {{ .Values.kind }}\n";
    let desk = Desk::with(
        &[
            ("app/app.yaml", &app),
            ("app/odd.yaml", odd),
            ("sockets/s.yaml", socket),
        ],
        &[],
    );
    let strict = r#"[{"name":"catalog","array":["../sockets"]},{"name":"strict","string":"true"}]"#;
    let lax = strict.replace("true", "false");
    let given = |parameters| {
        run(
            &desk,
            &["generate"],
            &[
                ("ARGOCD_APP_SOURCE_PATH", "app"),
                ("ARGOCD_APP_PARAMETERS", parameters),
            ],
        )
    };
    assert!(given(&lax).status(0).out.contains("REDIS_HOST"));
    given(strict)
        .status(1)
        .says(&["error[unreadable-document]"]);
}

#[test]
fn the_sidecar_is_the_same_in_both_ways_and_may_do_little() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("krm-fn/argocd");
    let read = |name: &str| -> serde_json::Value {
        serde_yaml::from_str(&fs::read_to_string(root.join(name)).unwrap()).unwrap()
    };
    let (patch, values) = (read("sidecar.yaml"), read("values.yaml"));
    let pod = &patch["spec"]["template"]["spec"];
    let sidecar = &pod["containers"][0];
    assert_eq!(sidecar, &values["repoServer"]["extraContainers"][0]);
    assert_eq!(pod["volumes"], values["repoServer"]["volumes"]);
    assert_eq!(
        sidecar["command"],
        serde_json::json!(["/var/run/argocd/argocd-cmp-server"])
    );
    let context = &sidecar["securityContext"];
    assert_eq!(
        (&context["runAsNonRoot"], &context["runAsUser"]),
        (&true.into(), &999.into())
    );
    // every word of the plugin is coupler's own: no shell is needed, and none is there to lose an
    // exit status
    let spec = &read("plugin.yaml")["spec"];
    let commands = [
        "/discover/find/command",
        "/generate/command",
        "/parameters/dynamic/command",
    ];
    for (pointer, word) in commands
        .into_iter()
        .zip(["discover", "generate", "parameters"])
    {
        assert_eq!(
            spec.pointer(pointer).unwrap(),
            &serde_json::json!(["coupler", "argocd", word])
        );
    }
}

/// What Argo CD's plugin server answers about a directory.
pub(crate) fn ask(desk: &Desk, words: &[&str]) -> Option<serde_json::Value> {
    let server = host::argocd()?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let _ = symlink(env!("CARGO_BIN_EXE_coupler"), desk.0.path("bin/coupler"));
    // the sockets of unix have short names; a server that starts empties its temporary directory of
    // what others left
    let own = tempfile::Builder::new()
        .prefix("cmp")
        .tempdir_in("/tmp")
        .unwrap();
    let mut command = Command::new(server);
    command
        .env("ARGOCD_PLUGINSOCKFILEPATH", own.path())
        .env("TMPDIR", own.path())
        .env("PATH", desk.0.path("bin"));
    let (flags, rest): (Vec<&str>, Vec<&str>) =
        words.iter().partition(|word| word.starts_with('-'));
    let ran = Ran::of(
        command
            .args(flags)
            .arg(root.join("krm-fn/argocd"))
            .args(rest)
            .current_dir(desk.0.path("")),
    );
    Some(serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{ran:#?}")))
}

#[test]
fn argo_cds_own_server_runs_the_plugin() {
    let Some(kustomize) = host::kustomize() else {
        return;
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/argocd");
    let app = root.join("apps/shop");
    let (root, app) = (root.to_str().unwrap(), app.to_str().unwrap());
    let desk = Desk::with(&[], &[]);
    symlink(kustomize, desk.0.path("bin/kustomize")).unwrap();
    let base = [
        root,
        app,
        "ARGOCD_APP_NAME=shop",
        "ARGOCD_APP_NAMESPACE=shop",
        "ARGOCD_APP_SOURCE_PATH=apps/shop",
    ];
    let Some(answer) = ask(
        &desk,
        &[&base[..], &["ARGOCD_APP_PARAMETERS=null"]].concat(),
    ) else {
        return;
    };
    assert_eq!(
        (&answer["supported"], answer.get("error")),
        (&true.into(), None),
        "{answer:#}"
    );
    let names: Vec<_> = answer["parameters"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["name"])
        .collect();
    assert_eq!(names, ["catalog", "strict"]);
    let manifests = answer["manifests"].as_array().unwrap();
    assert_eq!(manifests.len(), 1, "{answer:#}");
    let deployment: serde_json::Value =
        serde_json::from_str(manifests[0].as_str().unwrap()).unwrap();
    assert_eq!(deployment["kind"], "Deployment");
    assert!(
        manifests[0].as_str().unwrap().contains("postgres.data.svc"),
        "{deployment:#}"
    );

    let again = Desk::with(&[], &[("kustomize", "exit 3")]);
    let wrong = ask(&again, &base).unwrap();
    let error = wrong["error"].as_str().unwrap();
    assert!(
        error.contains("`kustomize build .` failed with exit status 3"),
        "{wrong:#}"
    );
    assert_eq!(wrong["manifests"], serde_json::Value::Null);
}

#[test]
fn argo_cds_own_server_runs_the_plugin_on_a_chart() {
    let Some(helm) = host::helm() else { return };
    let chart = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/helm");
    let chart = chart.to_str().unwrap();
    let desk = Desk::with(&[], &[]);
    symlink(helm, desk.0.path("bin/helm")).unwrap();
    let parameters = r#"ARGOCD_APP_PARAMETERS=[{"name":"set","map":{"image":"example/web:2","database":"a,b"}}]"#;
    let environment = [
        "ARGOCD_APP_NAME=eu",
        "ARGOCD_APP_NAMESPACE=shop",
        "ARGOCD_APP_SOURCE_PATH=.",
        "KUBE_VERSION=1.34",
        "KUBE_API_VERSIONS=v1,apps/v1",
        parameters,
    ];
    let Some(answer) = ask(&desk, &[&[chart, chart][..], &environment].concat()) else {
        return;
    };
    assert_eq!(answer.get("error"), None, "{answer:#}");
    let names: Vec<_> = answer["parameters"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["name"])
        .collect();
    assert_eq!(names, ["release", "values", "set", "catalog", "strict"]);
    assert_eq!(answer["parameters"][0]["string"], "eu");
    let manifests = answer["manifests"].as_array().unwrap();
    assert_eq!(manifests.len(), 1, "{answer:#}");
    for text in [
        r#""name":"eu-web""#,
        r#""image":"example/web:2""#,
        r#""value":"a,b""#,
        "postgres-shop",
    ] {
        assert!(
            manifests[0].as_str().unwrap().contains(text),
            "{text}\n{answer:#}"
        );
    }
}

#[test]
fn argo_cd_stops_the_tool_with_the_plugin() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/argocd");
    let app = root.join("apps/shop");
    let desk = Desk::with(&[], &[]);
    let pid = desk.0.path("pid");
    let body = format!(
        "#!/bin/sh\necho $$ > {}\nexec /bin/sleep 300\n",
        pid.display()
    );
    fs::write(desk.0.path("bin/kustomize"), body).unwrap();
    fs::set_permissions(
        desk.0.path("bin/kustomize"),
        std::os::unix::fs::PermissionsExt::from_mode(0o755),
    )
    .unwrap();
    let Some(answer) = ask(
        &desk,
        &[
            "-timeout=4s",
            root.to_str().unwrap(),
            app.to_str().unwrap(),
            "ARGOCD_APP_SOURCE_PATH=apps/shop",
        ],
    ) else {
        return;
    };
    assert!(answer["error"].is_string(), "{answer:#}");
    ends(fs::read_to_string(pid).unwrap().trim());
}
