//! Tests what the command line reads, and its errors if it cannot.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use crate::cli::{APP, Dir, Ran, SERVICE};
use crate::skip::skip;

#[test]
fn a_stream_is_rendered_from_files_and_from_standard_input() {
    let dir = Dir::with(&[("app.yaml", APP)]);
    let file = dir.run(&["render", "app.yaml"]).status(0);
    assert!(
        file.out.contains("name: REDIS_HOST\n") && !file.out.contains("kind: Plug"),
        "{file:?}"
    );
    assert_eq!(file.err, "");
    assert_eq!(
        dir.sh("coupler render - < app.yaml").status(0).out,
        file.out
    );
    assert_eq!(
        dir.sh("cat app.yaml | coupler render /dev/stdin")
            .status(0)
            .out,
        file.out
    );
}

#[test]
fn directories_are_read_in_order_and_a_file_once() {
    let dir = Dir::with(&[
        ("k/b.yaml", "kind: B\n"),
        ("k/a/x.yml", "kind: A\n"),
        ("k/c.json", "{\"kind\": \"C\"}"),
        ("k/.hidden.yaml", "kind: H\n"),
        ("k/note.txt", "kind: N\n"),
        ("z.yaml", "kind: Z\n"),
    ]);
    symlink("b.yaml", dir.path("k/again.yaml")).unwrap();
    let out = dir
        .run(&["render", "z.yaml", "k", "./z.yaml", "k/b.yaml"])
        .status(0)
        .out;
    assert_eq!(
        out,
        "kind: Z\n---\nkind: A\n---\nkind: B\n---\n{\"kind\": \"C\"}"
    );
}

#[test]
fn a_kustomization_or_chart_is_an_error_with_the_pipe_to_type() {
    let dir = Dir::with(&[
        ("k8s/base/kustomization.yaml", "resources: [web.yaml]\n"),
        ("k8s/base/web.yaml", SERVICE),
        ("my chart/Chart.yaml", "name: shop\n"),
        ("my chart/templates/web.yaml", SERVICE),
    ]);
    dir.run(&["render", "k8s", "my chart"]).status(2).says(&[
        "`k8s/base` is a kustomization",
        "kustomize build k8s/base | coupler render -",
        "`my chart` is a Helm chart",
        "helm template RELEASE 'my chart' | coupler render -",
        "--plain",
    ]);
    dir.run(&["check", "k8s"])
        .status(2)
        .says(&["| coupler check -"]);
    for (words, from, shown) in [
        (
            ["check", "my chart/templates"],
            "",
            "`my chart` is a Helm chart",
        ),
        (["init", "templates"], "my chart", "`.` is a Helm chart"),
        (
            ["build", "."],
            "my chart/templates",
            "my chart` is a Helm chart",
        ),
    ] {
        let interface: &[&str] = if words[0] == "init" {
            &["--interface", "redis"]
        } else {
            &[]
        };
        let mut command = dir.command(&[&words[..], interface].concat());
        Ran::of(command.current_dir(dir.path(from)))
            .status(2)
            .says(&[shown]);
    }
    dir.run(&["render", "my chart/templates/web.yaml"])
        .status(0);
    let plain = dir.run(&["render", "--plain", "k8s"]).status(0);
    assert!(plain.out.contains("kind: Service"), "{plain:?}");
}

#[test]
fn everything_that_cannot_be_read_is_said_at_once() {
    let dir = Dir::with(&[("ok.yaml", SERVICE)]);
    fs::write(dir.path("latin.yaml"), b"a: b\nname: caf\xe9\n").unwrap();
    fs::write(dir.path("wide.yaml"), b"\xff\xfea\0").unwrap();
    dir.run(&["render", "ok.yaml", "gone.yaml", "latin.yaml", "wide.yaml"])
        .status(2)
        .says(&[
            "cannot read `gone.yaml`: no such file or directory",
            "`latin.yaml` is not UTF-8: its line 2",
            "looks like UTF-16",
        ]);
}

#[test]
fn an_unreadable_file_is_an_error() {
    let dir = Dir::with(&[("k/a.yaml", SERVICE), ("k/locked.yaml", SERVICE)]);
    fs::set_permissions(dir.path("k/locked.yaml"), fs::Permissions::from_mode(0o000)).unwrap();
    if fs::File::open(dir.path("k/locked.yaml")).is_ok() {
        skip("user", "this user may read every file");
        return;
    }
    dir.run(&["render", "k"])
        .status(2)
        .says(&["cannot read `k/locked.yaml`: permission denied"]);
}

#[test]
fn nothing_to_read_is_an_error_of_the_input() {
    let dir = Dir::with(&[
        ("a.yaml", ""),
        ("b.yaml", "# nothing\n---\n"),
        ("k/note.txt", "x"),
    ]);
    dir.run(&["render", "b.yaml"])
        .status(1)
        .says(&["no documents in `b.yaml`"]);
    dir.run(&["render", "k"])
        .status(1)
        .says(&["no manifests in `k`"]);
    dir.run(&["render", "-"])
        .status(1)
        .says(&["no documents on standard input"]);
    let dir = Dir::with(&[("a.yaml", APP)]);
    dir.sh("coupler render a.yaml > a.yaml")
        .status(1)
        .says(&["no documents in `a.yaml`", "render a.yaml --in-place"]);
}

#[test]
fn links_out_of_the_directory_are_left_out_aloud() {
    let dir = Dir::with(&[("k/a.yaml", SERVICE), ("other.yaml", "kind: Other\n")]);
    symlink("../other.yaml", dir.path("k/link.yaml")).unwrap();
    let ran = dir
        .run(&["render", "k"])
        .status(0)
        .says(&["`k/link.yaml` is left out"]);
    assert_eq!(ran.out, SERVICE);
}

#[test]
fn settings_stand_beside_the_manifests_and_flags_win() {
    let settings = "apiVersion: integration.rock8s.com/v1\nkind: Coupler\nspec: {integrations: keep, catalog: [cat]}\n";
    let (plug, rest) = APP.split_once("---\n").unwrap();
    let (socket, web) = rest.split_once("---\n").unwrap();
    let socket = socket.replace("metadata:", "# platform\nmetadata:");
    let app = format!(
        "{}---\n{web}",
        plug.replace("redis}", "redis}\n  socket: {name: redis}")
    );
    let dir = Dir::with(&[
        ("app/web.yaml", &app),
        ("app/cat/s.yaml", &socket),
        ("app/coupler.yaml", settings),
    ]);
    // a catalogue within the directory is part of the stream; its files are read once
    let kept = dir.run(&["render", "app"]).status(0).out;
    assert!(
        kept.contains("kind: Plug") && !kept.contains("kind: Coupler"),
        "{kept}"
    );
    let dropped = dir
        .run(&["render", "app", "--integrations", "drop"])
        .status(0)
        .out;
    assert!(
        !dropped.contains("kind: Plug") && dropped.contains("REDIS_HOST"),
        "{dropped}"
    );
    let file = dir.run(&["render", "app/web.yaml"]).status(0).out;
    assert!(
        file.contains("kind: Plug") && file.contains("REDIS_HOST") && !file.contains("# platform"),
        "{file}"
    );
}

#[test]
fn broken_settings_are_said_with_their_place() {
    let dir = Dir::with(&[("a.yaml", SERVICE), ("coupler.yaml", "namespace: shop\n")]);
    dir.run(&["render", "a.yaml"]).status(1).says(&[
        "`coupler.yaml` must contain one Coupler object",
        "kind: Coupler",
    ]);
    let text = "apiVersion: integration.rock8s.com/v1\nkind: Coupler\nspec:\n  namespaces: shop\n";
    fs::write(dir.path("coupler.yaml"), text).unwrap();
    dir.run(&["render", "a.yaml"]).status(1).says(&[
        "error[unknown-field]",
        "coupler.yaml:4:3",
        "`namespace`",
    ]);
    let secret = "---\napiVersion: v1\nkind: Secret\nmetadata: {name: s}\n";
    let text = format!("apiVersion: integration.rock8s.com/v1\nkind: Coupler\n{secret}");
    fs::write(dir.path("coupler.yaml"), text).unwrap();
    dir.run(&["render", "a.yaml"]).status(1).says(&[
        "`coupler.yaml` must contain one Coupler object",
        "only mappings",
    ]);
    fs::write(dir.path("coupler.yaml"), "a: [\n").unwrap();
    dir.run(&["check", "a.yaml"])
        .status(1)
        .says(&["error[yaml-syntax]"]);
    dir.run(&["check", "a.yaml", "--settings", "gone"])
        .status(2)
        .says(&["cannot read `gone`"]);
}

#[test]
fn settings_of_another_directory_are_not_used_aloud() {
    let settings =
        "apiVersion: integration.rock8s.com/v1\nkind: Coupler\nspec: {namespace: shop}\n";
    let dir = Dir::with(&[
        ("a/x.yaml", SERVICE),
        ("b/y.yaml", SERVICE),
        ("b/coupler.yaml", settings),
    ]);
    dir.run(&["render", "a", "b"])
        .status(0)
        .says(&["the settings in `b/coupler.yaml` are not used"]);
}

#[test]
fn settings_in_force_are_no_manifest() {
    let settings =
        "apiVersion: integration.rock8s.com/v1\nkind: Coupler\nspec: {namespace: shop}\n";
    let dir = Dir::with(&[("k/web.yaml", SERVICE), ("k/prod.yaml", settings)]);
    assert_eq!(
        dir.run(&["render", "k", "--settings", "k/prod.yaml"])
            .status(0)
            .out,
        SERVICE
    );
    dir.run(&["render", "k/prod.yaml", "--settings", "k/prod.yaml"])
        .status(1)
        .says(&["no manifests besides the settings"]);
    dir.run(&["render", "k"])
        .status(1)
        .says(&["error[unsupported-api]"]);
}
