//! The real kpt, in place: it writes every item back to its file, so everything that it is given
//! must come back.

use std::fs;
use std::path::Path;

use crate::host::{self, Said};

const APP: &str = "\
# the shop's front
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
spec:
  template:
    spec:
      containers:
      - name: web # the only one
        image: example/web:1
---
apiVersion: integration.rock8s.com/v1
kind: Plug
metadata:
  name: cache # asks for a cache
  namespace: shop
spec:
  interface: {name: redis}
  workloads: [{name: web}]
";

const SOCKET: &str = "\
apiVersion: integration.rock8s.com/v1
kind: Socket
metadata:
  name: redis
  namespace: shop
spec:
  interface: {name: redis, versions: [1.0.0]}
  config: {host: redis, port: 6379}
";

fn kptfile(mutators: &str) -> String {
    format!(
        "apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: shop\npipeline:\n  mutators:\n{mutators}"
    )
}

/// A package with the function in its pipeline.
fn package() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("app.yaml", APP);
    write("platform/socket.yaml", SOCKET);
    write(
        "config.yaml",
        "# not of a cluster\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings # c\ndata: {a: b}\n",
    );
    write("Kptfile", &kptfile("  - exec: coupler-fn\n"));
    dir
}

/// Every file below, with its text.
fn files(dir: &Path) -> Vec<(String, String)> {
    let mut found: Vec<_> = walkdir::WalkDir::new(dir)
        .into_iter()
        .map(Result::unwrap)
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let name = entry
                .path()
                .strip_prefix(dir)
                .unwrap()
                .display()
                .to_string();
            (name, fs::read_to_string(entry.path()).unwrap())
        })
        .collect();
    found.sort();
    found
}

fn text(dir: &Path, name: &str) -> String {
    fs::read_to_string(dir.join(name)).unwrap()
}

#[track_caller]
fn well(said: &Said) {
    assert_eq!(said.status, Some(0), "{said:#?}");
}

#[test]
fn kpt_render_in_place_and_twice() {
    if host::kpt().is_none() {
        return;
    }
    let dir = package();
    let before = files(dir.path());
    well(&host::sh(dir.path(), "kpt fn render --allow-exec"));
    let once = files(dir.path());
    let names = |files: &[(String, String)]| {
        files
            .iter()
            .map(|(name, _)| name.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&once), names(&before));
    let app = text(dir.path(), "app.yaml");
    for part in [
        "# the shop's front\n",
        "      - name: web # the only one\n",
        "  name: cache # asks for a cache\n",
        "          value: redis\n",
        "    integration.rock8s.com/coupled: \"true\"\n",
        "config.kubernetes.io/local-config: \"true\"",
    ] {
        assert!(app.contains(part), "{part}\n{app}");
    }
    assert!(
        !app.contains("omitted") && !app.contains("internal.config"),
        "{app}"
    );
    assert_eq!(
        text(dir.path(), "config.yaml"),
        before
            .iter()
            .find(|(name, _)| name == "config.yaml")
            .unwrap()
            .1
    );
    well(&host::sh(dir.path(), "kpt fn render --allow-exec"));
    assert_eq!(files(dir.path()), once);
}

#[test]
fn kpt_eval_with_settings_and_without_a_plug() {
    if host::kpt().is_none() {
        return;
    }
    let dir = package();
    well(&host::sh(
        dir.path(),
        "kpt fn eval --exec coupler-fn -- integrations=keep",
    ));
    let once = files(dir.path());
    let app = text(dir.path(), "app.yaml");
    assert!(
        app.contains("value: redis") && !app.contains("local-config"),
        "{app}"
    );
    well(&host::sh(
        dir.path(),
        "kpt fn eval --exec coupler -- integrations=keep",
    ));
    assert_eq!(
        files(dir.path()),
        once,
        "`coupler` without arguments is the same function"
    );
    let plug = app.find("---\n").unwrap();
    fs::write(dir.path().join("app.yaml"), &app[..plug]).unwrap();
    well(&host::sh(dir.path(), "kpt fn eval --exec coupler-fn"));
    let undone = text(dir.path(), "app.yaml");
    assert_eq!(
        undone,
        APP[..APP.find("---\n").unwrap()],
        "without its Plug the workload is what it was"
    );
}

#[test]
fn kpt_shows_an_error_and_writes_nothing() {
    if host::kpt().is_none() {
        return;
    }
    let dir = package();
    fs::write(
        dir.path().join("app.yaml"),
        APP.replace("[{name: web}]", "[{name: wob}]"),
    )
    .unwrap();
    let before = files(dir.path());
    let said = host::sh(
        dir.path(),
        "kpt fn eval --exec coupler-fn --results-dir results; echo $?",
    );
    assert!(said.out.ends_with("1\n"), "{said:#?}");
    for part in [
        "[error]",
        "there is no Deployment `wob`",
        "did you mean `web`?",
    ] {
        assert!(said.err.contains(part), "{part}\n{}", said.err);
    }
    let results = text(dir.path(), "results/results.yaml");
    assert!(
        results.contains("code: workload-not-found") && results.contains("path: app.yaml"),
        "{results}"
    );
    fs::remove_dir_all(dir.path().join("results")).unwrap();
    assert_eq!(files(dir.path()), before);
    let typo = host::sh(dir.path(), "kpt fn eval --exec coupler-fn -- namespce=shop");
    assert!(
        typo.status != Some(0) && typo.err.contains("did you mean `namespace`?"),
        "{typo:#?}"
    );
}

#[test]
fn kpt_source_and_sink() {
    if host::kpt().is_none() {
        return;
    }
    let dir = package();
    well(&host::sh(
        dir.path(),
        "kpt fn source . | coupler-fn | kpt fn sink ../out-$$ && mv ../out-$$ out",
    ));
    let app = text(dir.path(), "out/app.yaml");
    assert!(
        app.contains("value: redis") && app.contains("# the only one"),
        "{app}"
    );
    assert!(
        dir.path().join("out/platform/socket.yaml").exists()
            && dir.path().join("out/config.yaml").exists()
    );
}

#[test]
fn kpt_runs_the_function_of_an_image_with_typed_settings() {
    if host::kpt().is_none() {
        return;
    }
    let dir = package();
    let bin = tempfile::tempdir().unwrap();
    let docker = bin.path().join("docker");
    fs::write(&docker, host::DOCKER).unwrap();
    host::sh(bin.path(), "chmod +x docker");
    let settings = "apiVersion: integration.rock8s.com/v1\nkind: Coupler\nmetadata:\n  name: render\nspec:\n  strict: true\n";
    fs::write(dir.path().join("render.yaml"), settings).unwrap();
    let mutator = "  - image: example.org/coupler-fn:v0.1.0\n    configPath: render.yaml\n";
    fs::write(
        dir.path().join("Kptfile"),
        kptfile(&format!("{mutator}{mutator}")),
    )
    .unwrap();
    well(&host::sh(
        dir.path(),
        &format!("PATH={}:$PATH kpt fn render", bin.path().display()),
    ));
    assert!(text(dir.path(), "app.yaml").contains("value: redis"));
}

/// What a validator gives back is thrown away in a pipeline; outside of one kpt writes it, unless
/// it is given a directory.
#[test]
fn kpt_validates_and_changes_nothing() {
    if host::kpt().is_none() {
        return;
    }
    let dir = package();
    let validator = kptfile("").replace("mutators:\n", "validators:\n  - exec: coupler-fn\n");
    fs::write(dir.path().join("Kptfile"), validator).unwrap();
    let before = files(dir.path());
    let eval = "kpt fn eval --type validator --exec coupler-fn --output unwrap > /dev/null";
    for line in ["kpt fn render --allow-exec", eval] {
        well(&host::sh(dir.path(), line));
        assert_eq!(files(dir.path()), before, "{line}");
    }
    fs::write(
        dir.path().join("app.yaml"),
        APP.replace("[{name: web}]", "[{name: wob}]"),
    )
    .unwrap();
    for line in ["kpt fn render --allow-exec", eval] {
        let said = host::sh(dir.path(), line);
        assert_eq!(said.status, Some(1), "{line}\n{said:#?}");
        assert!(
            said.err.contains("there is no Deployment `wob`"),
            "{line}\n{}",
            said.err
        );
    }
}

#[test]
fn kpt_shows_the_help_of_an_image() {
    if host::kpt().is_none() {
        return;
    }
    let bin = tempfile::tempdir().unwrap();
    fs::write(bin.path().join("docker"), host::DOCKER).unwrap();
    let line =
        "chmod +x docker && PATH=$PWD:$PATH kpt fn doc --image example.org/coupler-fn:v0.1.0";
    let said = host::sh(bin.path(), line);
    well(&said);
    assert!(said.out.contains("discardEdits"), "{said:#?}");
}
