//! `coupler build`: which tool is run, with which arguments, and what is done with its output.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::process::Command;

use crate::cli::{APP, Dir, Ran};
use crate::{host, rig};

/// A directory whose `bin` is all that is on the PATH.
pub(crate) struct Desk(pub(crate) Dir);

impl Desk {
    /// With these files, and these programs, each a body of `sh`.
    pub(crate) fn with(files: &[(&str, &str)], programs: &[(&str, &str)]) -> Self {
        let desk = Self(Dir::with(files));
        fs::create_dir_all(desk.0.path("bin")).unwrap();
        for (name, body) in programs {
            let path = desk.0.path("bin").join(name);
            fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        desk
    }

    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = self.0.command(words);
        command.env("PATH", self.0.path("bin"));
        command
    }

    pub(crate) fn run(&self, words: &[&str]) -> Ran {
        Ran::of(&mut self.command(words))
    }
}

/// Prints the words it was given as an object's comment.
pub(crate) const ECHO: &str = "echo \"# $0: $*\"; echo 'kind: Made'";
const KUSTOMIZATION: (&str, &str) = ("app/kustomization.yaml", "resources: [app.yaml]\n");
pub(crate) const CHART: (&str, &str) = (
    "chart/Chart.yaml",
    "apiVersion: v2\nname: shop # ours\nversion: 1.0.0\n",
);

#[test]
fn a_kustomization_is_kustomizes() {
    for name in ["kustomization.yaml", "kustomization.yml", "Kustomization"] {
        let desk = Desk::with(
            &[(&format!("app/{name}"), "")],
            &[("kustomize", ECHO), ("kubectl", ECHO)],
        );
        let out = desk
            .run(&["build", "app", "--", "--enable-helm", "a b"])
            .status(0)
            .out;
        assert!(
            out.ends_with("/kustomize: build ./app --enable-helm a b\nkind: Made\n"),
            "{out}"
        );
    }
    let desk = Desk::with(&[KUSTOMIZATION], &[("kubectl", ECHO)]);
    let out = desk.run(&["build", "app"]).status(0).out;
    assert!(
        out.ends_with("/kubectl: kustomize ./app\nkind: Made\n"),
        "{out}"
    );
}

#[test]
fn a_chart_is_helms() {
    let desk = Desk::with(&[CHART], &[("helm", ECHO)]);
    let helm = |words: &[&str]| {
        desk.run(words)
            .status(0)
            .out
            .lines()
            .next()
            .unwrap()
            .split_once(": ")
            .unwrap()
            .1
            .to_owned()
    };
    assert_eq!(
        helm(&["build", "chart"]),
        "template ./chart --name-template=shop"
    );
    assert_eq!(
        helm(&[
            "build",
            "chart",
            "--release",
            "web",
            "-n",
            "data",
            "-f",
            "a",
            "--values",
            "b",
            "--",
            "--include-crds"
        ]),
        format!(
            "template ./chart --name-template=web --namespace=data --values={0}/a --values={0}/b --include-crds",
            desk.0.path("").canonicalize().unwrap().display()
        )
    );
    fs::write(
        desk.0.path("chart/coupler.yaml"),
        "apiVersion: integration.rock8s.com/v1\nkind: Coupler\nspec: {namespace: set}\n",
    )
    .unwrap();
    assert_eq!(
        helm(&["build", "chart"]),
        "template ./chart --name-template=shop --namespace=set"
    );
}

#[test]
fn anything_else_is_read_as_it_is() {
    let desk = Desk::with(
        &[
            ("app/a.yaml", APP),
            KUSTOMIZATION,
            ("whole/app/kustomization.yaml", ""),
        ],
        &[],
    );
    fs::remove_file(desk.0.path("app/kustomization.yaml")).unwrap();
    let out = desk.run(&["build", "app"]).status(0).out;
    assert_eq!(out, desk.run(&["render", "app"]).status(0).out);
    assert!(out.contains("REDIS_HOST"), "{out}");
    desk.run(&["build", "whole"]).status(2).says(&[
        "`whole/app` is a kustomization",
        "  coupler build whole/app\n",
    ]);
    desk.run(&["build", "app", "--", "-x"])
        .status(2)
        .says(&["no tool is needed to build `app`"]);
    desk.run(&["build", "app/a.yaml"]).status(2).says(&[
        "`app/a.yaml` is not a directory",
        "coupler render app/a.yaml",
    ]);
    desk.run(&["build", "gone"])
        .status(2)
        .says(&["cannot read `gone`: no such file or directory"]);
}

#[test]
fn what_was_built_is_rendered_as_a_stream_is() {
    let (plug, rest) = APP.split_once("---\n").unwrap();
    let (socket, web) = rest.split_once("---\n").unwrap();
    let app = format!(
        "{}---\n{web}",
        plug.replace("redis}", "redis}\n  socket: {name: redis}")
    );
    let settings =
        "apiVersion: integration.rock8s.com/v1\nkind: Coupler\nspec: {catalog: [../sockets]}\n";
    let files = [
        KUSTOMIZATION,
        ("app.yaml", app.as_str()),
        ("sockets/s.yaml", socket),
        ("app/coupler.yaml", settings),
    ];
    let desk = Desk::with(&files, &[("kustomize", "exec /bin/cat app.yaml")]);
    let out = desk.run(&["build", "app"]).status(0).out;
    assert!(
        out.contains("name: REDIS_HOST\n") && !out.contains("kind: Plug"),
        "{out}"
    );
    assert!(
        desk.run(&["build", "app", "--integrations", "keep"])
            .status(0)
            .out
            .contains("kind: Plug")
    );
    fs::write(
        desk.0.path("app.yaml"),
        app.replace("name: web}", "name: wev}"),
    )
    .unwrap();
    desk.run(&["build", "app"]).status(1).says(&[
        "error[workload-not-found]",
        "<kustomize build app>:",
        "nothing was written",
    ]);
}

#[test]
fn a_tool_that_fails_is_heard_and_its_status_kept() {
    let says = "echo kind: Half; echo 'Error: no such patch' >&2; exit 7";
    let desk = Desk::with(
        &[KUSTOMIZATION, CHART],
        &[("kustomize", says), ("helm", "kill -9 $$")],
    );
    let ran = desk.run(&["build", "app"]).status(7);
    assert!(ran.err.starts_with("Error: no such patch\n"), "{ran:?}");
    ran.says(&["error: `kustomize build app` failed with exit status 7"]);
    desk.run(&["build", "chart"])
        .status(137)
        .says(&["`helm template shop chart` was stopped by signal 9"]);
    let desk = Desk::with(
        &[KUSTOMIZATION, CHART],
        &[
            ("kustomize", ":"),
            ("helm", "echo '# nothing'; echo 'a warning' >&2"),
        ],
    );
    desk.run(&["build", "app"])
        .status(1)
        .says(&["no documents from `kustomize build app`"]);
    desk.run(&["build", "chart"]).status(1).says(&[
        "a warning\n",
        "no documents from `helm template shop chart`",
    ]);
}

#[test]
fn a_tool_that_is_absent_is_named() {
    let desk = Desk::with(&[KUSTOMIZATION, CHART], &[]);
    desk.run(&["build", "app"]).status(2).says(&[
        "neither `kustomize` nor `kubectl`",
        "installation/kustomize",
    ]);
    desk.run(&["build", "chart"])
        .status(2)
        .says(&["`helm` is not on the PATH", "helm.sh/docs"]);
    fs::write(desk.0.path("bin/helm"), "#!/bin/sh\n").unwrap();
    desk.run(&["build", "chart"])
        .status(2)
        .says(&["cannot run `helm`: permission denied"]);
}

#[test]
fn words_for_a_chart_are_for_a_chart() {
    let desk = Desk::with(&[KUSTOMIZATION, CHART], &[("kustomize", ECHO)]);
    desk.run(&["build", "app", "-f", "v"])
        .status(2)
        .says(&["values are for a chart, and there is no `Chart.yaml` in `app`"]);
    desk.run(&["build", "app", "--release", "v"])
        .status(2)
        .says(&["a release's name is for a chart"]);
    fs::write(desk.0.path("chart/kustomization.yaml"), "").unwrap();
    desk.run(&["build", "chart"])
        .status(2)
        .says(&["is a kustomization and a Helm chart"]);
}

#[test]
fn no_shell_reads_the_words() {
    let desk = Desk::with(
        &[("it's; $(here)/kustomization.yaml", "")],
        &[("kustomize", ECHO)],
    );
    let out = desk
        .run(&["build", "it's; $(here)", "--", "$HOME", "*"])
        .status(0)
        .out;
    assert!(out.contains("build ./it's; $(here) $HOME *\n"), "{out}");
}

#[test]
fn who_stops_the_group_stops_the_tool_too() {
    let desk = Desk::with(
        &[KUSTOMIZATION],
        &[("kustomize", "echo $$ > pid; exec /bin/sleep 300")],
    );
    let mut coupler = desk
        .command(&["build", "app"])
        .process_group(0)
        .spawn()
        .unwrap();
    let pid = loop {
        match fs::read_to_string(desk.0.path("pid")) {
            Ok(pid) if pid.ends_with('\n') => break pid.trim().to_owned(),
            _ => std::thread::sleep(std::time::Duration::from_millis(5)),
        }
    };
    let sent = Command::new("sh")
        .args(["-c", &format!("kill -TERM -{}", coupler.id())])
        .status()
        .unwrap();
    assert!(sent.success());
    assert!(!coupler.wait().unwrap().success());
    ends(&pid);
}

/// Waits for the end of a process that would last for minutes, and fails where nobody stopped it.
pub(crate) fn ends(pid: &str) {
    let alive = || {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        !stat.is_empty() && !stat.contains(") Z ")
    };
    for _ in 0..2000 {
        if !alive() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("process {pid} was not stopped");
}

#[test]
fn the_real_kustomize_builds() {
    let Some(kustomize) = host::kustomize() else {
        return;
    };
    let overlay = "namePrefix: dev-\nnamespace: shop\nresources: [../base]\n";
    let desk = Desk::with(
        &[
            ("base/app.yaml", APP),
            ("base/kustomization.yaml", "resources: [app.yaml]\n"),
            ("dev/kustomization.yaml", overlay),
        ],
        &[],
    );
    symlink(kustomize, desk.0.path("bin/kustomize")).unwrap();
    let base = desk.run(&["build", "base"]).status(0).out;
    assert!(
        base.contains("name: REDIS_HOST\n") && !base.contains("kind: Plug"),
        "{base}"
    );
    assert_eq!(desk.run(&["build", "base"]).out, base);
    fs::write(
        desk.0.path("dev/kustomization.yaml"),
        "resources: [gone.yaml]\n",
    )
    .unwrap();
    desk.run(&["build", "dev"]).status(1).says(&[
        "Error: ",
        "gone.yaml",
        "`kustomize build dev` failed with exit status 1",
    ]);
}

#[test]
fn the_real_kubectl_builds_where_there_is_no_kustomize() {
    let Some(kubectl) = rig::program("kubectl", "1.32") else {
        return;
    };
    let desk = Desk::with(
        &[
            ("app/app.yaml", APP),
            ("app/kustomization.yaml", "resources: [app.yaml]\n"),
        ],
        &[],
    );
    symlink(kubectl, desk.0.path("bin/kubectl")).unwrap();
    assert!(
        desk.run(&["build", "app"])
            .status(0)
            .out
            .contains("name: REDIS_HOST\n")
    );
    fs::write(
        desk.0.path("app/kustomization.yaml"),
        "resources: [gone.yaml]\n",
    )
    .unwrap();
    desk.run(&["build", "app"]).status(1).says(&[
        "gone.yaml",
        "`kubectl kustomize app` failed with exit status 1",
    ]);
}

#[test]
fn the_real_helm_builds() {
    let Some(helm) = host::helm() else { return };
    let app = APP
        .replace("name: web", "name: {{ .Release.Name }}")
        .replace("image: example/web:1", "image: {{ .Values.image }}");
    let app = app.replace("namespace: shop", "namespace: {{ .Release.Namespace }}");
    let files = [
        CHART,
        ("chart/templates/app.yaml", app.as_str()),
        ("chart/values.yaml", "image: a\n"),
        ("v.yaml", "image: b\n"),
    ];
    let desk = Desk::with(&files, &[]);
    symlink(helm, desk.0.path("bin/helm")).unwrap();
    let mut command = desk.command(&["build", "chart", "-n", "data", "-f", "v.yaml"]);
    let out = Ran::of(command.env("HOME", desk.0.path("home")))
        .status(0)
        .out;
    for text in [
        "# Source: shop/templates/app.yaml",
        "namespace: data",
        "image: b",
        "name: shop\n",
        "name: REDIS_HOST",
    ] {
        assert!(out.contains(text), "{text}\n{out}");
    }
    fs::write(
        desk.0.path("chart/templates/app.yaml"),
        "{{ fail \"no\" }}\n",
    )
    .unwrap();
    desk.run(&["build", "chart"]).status(1).says(&[
        "Error: ",
        "`helm template shop chart` failed with exit status 1",
    ]);
}
