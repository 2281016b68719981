//! `coupler diff`: every case of `testdata/diff` prints what is beside it, and Git revisions are
//! read without a checkout.
//!
//! `COUPLER_BLESS=1 cargo test --test it diff` rewrites the expectations; read the difference
//! before it is committed.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cli::{Dir, Ran};
use crate::host;
use crate::skip::skip;

const APP: &str = include_str!("../../testdata/diff/the-same-is-silent/base.yaml");

fn cases() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/diff");
    let mut cases: Vec<_> = std::fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    cases.sort();
    assert!(!cases.is_empty(), "no case was found");
    cases
}

/// `expected.txt` is the exit status, and what is printed in every format.
#[test]
fn says_what_is_expected() {
    let mut faults = Vec::new();
    for case in cases() {
        let dir = Dir::with(&[]);
        let mut actual = String::new();
        for format in ["text", "markdown", "json"] {
            let ran = Ran::of(
                dir.command(&["diff", "base.yaml", "head.yaml", "--format", format])
                    .current_dir(&case),
            );
            let said = [ran.out.as_str(), ran.err.as_str()].concat();
            actual.push_str(&format!("== {format}: {}\n{said}", ran.status.unwrap()));
        }
        let path = case.join("expected.txt");
        if std::env::var_os("COUPLER_BLESS").is_some() {
            std::fs::write(&path, &actual).unwrap();
        }
        let expected = std::fs::read_to_string(&path).unwrap_or_default();
        if expected != actual {
            let diff = similar::TextDiff::from_lines(&expected, &actual);
            faults.push(format!(
                "{}\n{}",
                case.display(),
                diff.unified_diff().header("expected", "actual")
            ));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn no_value_is_shown() {
    for case in cases() {
        let expected = std::fs::read_to_string(case.join("expected.txt")).unwrap();
        assert!(
            !expected.contains("s3cr3t") && !expected.contains("czNjcjN0"),
            "{}",
            case.display()
        );
    }
}

/// A repository of one commit, or `None`, with a message, where there is no git.
fn repository(files: &[(&str, &str)]) -> Option<Dir> {
    committed(Dir::with(files))
}

fn committed(dir: Dir) -> Option<Dir> {
    if Command::new("git").arg("--version").output().is_err() {
        skip("git", "git cannot be started");
        return None;
    }
    git(&dir, &["init", "-q", "-b", "main"]);
    commit(&dir);
    Some(dir)
}

fn git(dir: &Dir, words: &[&str]) {
    let mut git = Command::new("git");
    git.args([
        "-c",
        "user.name=t",
        "-c",
        "user.email=t@example.com",
        "-c",
        "commit.gpgsign=false",
    ]);
    let done = git.args(words).current_dir(dir.path("")).output().unwrap();
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
}

fn commit(dir: &Dir) {
    git(dir, &["add", "-A"]);
    git(dir, &["commit", "-q", "-m", "x"]);
}

const UPDATED: &str = "Updated    Socket shop/cache: host changed\n\
                       Restarts   Deployment shop/web: container web: REDIS_HOST changed (Plug cache)\n";

#[test]
fn revisions_are_compared_without_a_checkout() {
    let Some(dir) = repository(&[("app/a.yaml", APP), ("other/broken.yaml", "kind: [\n")]) else {
        return;
    };
    std::fs::write(
        dir.path("app/a.yaml"),
        APP.replace("{name: cache, port", "{name: cache-2, port"),
    )
    .unwrap();
    let ran = dir.run(&["diff", "main", "app"]);
    assert_eq!(
        (ran.status, ran.out.as_str()),
        (Some(1), UPDATED),
        "{}",
        ran.err
    );
    commit(&dir);
    std::fs::remove_file(dir.path("app/a.yaml")).unwrap();
    let ran = dir.run(&["diff", "main~1", "main", "--", "app"]);
    assert_eq!(
        (ran.status, ran.out.as_str()),
        (Some(1), UPDATED),
        "{}",
        ran.err
    );
    let ran = dir.run(&["diff", "main", "HEAD", "app/"]);
    assert_eq!((ran.status, ran.out.as_str()), (Some(0), ""), "{}", ran.err);
    assert_eq!(
        dir.names()
            .iter()
            .filter(|name| !name.starts_with(".git/"))
            .count(),
        1
    );
}

#[test]
fn what_a_revision_lacks_is_new() {
    let Some(dir) = repository(&[("readme", "")]) else {
        return;
    };
    std::fs::create_dir(dir.path("app")).unwrap();
    std::fs::write(dir.path("app/a.yaml"), APP).unwrap();
    let ran = dir.run(&["diff", "main", "app"]);
    assert_eq!(ran.status, Some(1), "{}", ran.err);
    assert!(
        ran.out.contains(
            "Coupled    Plug shop/cache to Socket shop/cache (redis@1.0.0): the Plug is new\n"
        ),
        "{}",
        ran.out
    );
}

#[test]
fn the_mappings_are_those_of_the_settings_of_the_revision() {
    let app = APP
        .replace("apiVersion: apps/v1", "apiVersion: example.com/v1")
        .replace("kind: Deployment", "kind: Worker")
        .replace(
            "workloads: [{name: web}]",
            "workloads: [{kind: Worker, name: web}]",
        );
    let settings = "apiVersion: integration.rock8s.com/v1\nkind: Coupler\n---\n\
                    apiVersion: servicebinding.io/v1\nkind: ClusterWorkloadResourceMapping\n\
                    metadata: {name: workers.example.com}\nspec: {versions: [{version: \"*\"}]}\n";
    let files = [("app/a.yaml", app.as_str()), ("app/coupler.yaml", settings)];
    let Some(dir) = repository(&files) else {
        return;
    };
    let gone = app
        .split("---\n")
        .filter(|text| !text.contains("kind: Plug"));
    let gone: Vec<&str> = gone.collect();
    std::fs::write(dir.path("app/a.yaml"), gone.join("---\n")).unwrap();
    let ran = dir.run(&["diff", "main", "app"]);
    assert_eq!(ran.status, Some(1), "{}", ran.err);
    assert!(ran.out.contains("Worker"), "{}", ran.out);
}

#[test]
fn the_settings_and_the_catalogue_are_those_of_the_revision() {
    let (app, socket) = APP.split_once("---\n").unwrap();
    let settings =
        "apiVersion: integration.rock8s.com/v1\nkind: Coupler\nspec: {catalog: [../platform]}\n";
    let (socket, deployment) = socket.split_once("---\n").unwrap();
    let app = format!(
        "{}---\n{deployment}",
        app.replace("workloads:", "socket: {name: cache}\n  workloads:")
    );
    let files = [
        ("app/a.yaml", app.as_str()),
        ("app/coupler.yaml", settings),
        ("platform/s.yaml", socket),
    ];
    let Some(dir) = repository(&files) else {
        return;
    };
    std::fs::write(
        dir.path("platform/s.yaml"),
        socket.replace("{name: cache, port", "{name: cache-2, port"),
    )
    .unwrap();
    let ran = dir.run(&["diff", "main", "app"]);
    assert_eq!(
        (ran.status, ran.out.as_str()),
        (Some(1), UPDATED),
        "{}",
        ran.err
    );
}

#[test]
fn settings_beside_the_directory_are_not_its_own() {
    let strange =
        "apiVersion: integration.rock8s.com/v1\nkind: Coupler\nspec: {namespace: other}\n";
    let app = APP.replace(", namespace: shop", "");
    let Some(dir) = repository(&[("x/app/a.yaml", &app), ("x/coupler.yaml", strange)]) else {
        return;
    };
    let ran = dir.run(&["diff", "main", "x/app"]);
    assert_eq!(
        (ran.status, ran.out.as_str(), ran.err.as_str()),
        (Some(0), "", "")
    );
    let ran = dir.run(&["diff", "main", "./x/app/a.yaml"]);
    assert_eq!(
        (ran.status, ran.out.as_str(), ran.err.as_str()),
        (Some(0), "", "")
    );
}

#[test]
fn trouble_is_neither_sameness_nor_difference() {
    let Some(dir) = repository(&[("a.yaml", APP), ("k/kustomization.yaml", "")]) else {
        return;
    };
    git(&dir, &["checkout", "-q", "-b", "chart"]);
    std::fs::write(dir.path("Chart.yaml"), "name: c\n").unwrap();
    commit(&dir);
    git(&dir, &["checkout", "-q", "main"]);
    for (words, says) in [
        (
            &["diff", "nowhere", "a.yaml"][..],
            "not a file, a directory or a Git revision",
        ),
        (
            &["diff", "--", "--output=x", "a.yaml"],
            "not a file, a directory or a Git revision",
        ),
        (&["diff", "main", "HEAD", "k"], "is a kustomization"),
        (&["diff", "a.yaml", "k"], "is a kustomization"),
        (&["diff", "chart", "HEAD"], "`.` is a Helm chart"),
        (
            &["diff", "main", "HEAD", "--", "b.yaml"],
            "neither `main` nor `HEAD` has `b.yaml`",
        ),
        (
            &["diff", "main", "HEAD", "--", "a.yaml", "-nshop"],
            "write options before it",
        ),
        (
            &["diff", "k", ".", "--", "b.yaml"],
            "neither `k` nor `.` has `b.yaml`",
        ),
    ] {
        let ran = dir.run(words);
        assert_eq!((ran.status, ran.out.as_str()), (Some(2), ""), "{words:?}");
        assert!(ran.err.contains(says), "{}", ran.err);
    }
}

/// What decides what is coupled can be given for both sides, as for a render.
#[test]
fn both_sides_have_the_settings_of_the_command_line() {
    let dir = Dir::with(&[("app.yaml", APP)]);
    let rendered = dir.run(&["render", "app.yaml", "--integrations", "keep"]);
    let edited = rendered
        .status(0)
        .out
        .replace("value: cache", "value: other");
    let limited = APP.replace("  service: {", "  limit: 1\n  service: {");
    std::fs::write(dir.path("edited.yaml"), edited).unwrap();
    std::fs::write(dir.path("limited.yaml"), limited).unwrap();
    for (file, code, flags) in [
        ("limited.yaml", "plugs-unseen", &["--plugs", "stream"][..]),
        ("edited.yaml", "baked-entry-edited", &["--discard-edits"]),
    ] {
        let without = ["diff", file, file];
        let ran = dir.run(&without);
        assert_ne!(ran.status, Some(0), "{file}");
        assert!(ran.err.contains(code), "{}", ran.err);
        dir.run(&[&without, flags].concat()).status(0);
    }
}

#[test]
fn a_link_in_a_revision_is_followed_as_on_the_disk() {
    let settings =
        "apiVersion: integration.rock8s.com/v1\nkind: Coupler\nspec: {namespace: shop}\n";
    let dir = Dir::with(&[
        ("app/real/a.txt", &APP.replace(", namespace: shop", "")),
        ("shared/coupler.yaml", settings),
    ]);
    let link =
        |target: &str, name: &str| std::os::unix::fs::symlink(target, dir.path(name)).unwrap();
    link("real/a.txt", "app/b.yaml");
    link("b.yaml", "app/c.yaml");
    link("./real", "app/d.yaml");
    link("../shared/coupler.yaml", "app/coupler.yaml");
    link("../shared/coupler.yaml", "app/e.yaml");
    let Some(dir) = committed(dir) else { return };
    let ran = dir.run(&["diff", "main", "app"]);
    assert_eq!((ran.status, ran.out.as_str()), (Some(0), ""), "{}", ran.err);
    assert_eq!(
        ran.err
            .matches("`main:app/e.yaml` is left out: it links to `shared/coupler.yaml`")
            .count(),
        1,
        "{}",
        ran.err
    );
    std::fs::write(
        dir.path("app/real/a.txt"),
        dir.read("app/real/a.txt")
            .replace("{name: cache, port", "{name: cache-2, port"),
    )
    .unwrap();
    assert_eq!(dir.run(&["diff", "main", "app"]).out, UPDATED);
    assert_eq!(dir.run(&["diff", "main", "app/c.yaml"]).out, UPDATED);
    let ran = Ran::of(
        dir.command(&["diff", "main", "."])
            .current_dir(dir.path("app")),
    );
    assert_eq!(
        (ran.status, ran.out.as_str()),
        (Some(1), UPDATED),
        "from below: {}",
        ran.err
    );
    let ran = dir.run(&["diff", "main", "app/d.yaml"]);
    assert!(
        ran.status == Some(2)
            && ran
                .err
                .contains("`main:app/d.yaml` is a link to a directory"),
        "{}",
        ran.err
    );
    std::os::unix::fs::symlink("gone.yaml", dir.path("app/f.yaml")).unwrap();
    std::os::unix::fs::symlink("f.yaml", dir.path("app/g.yaml")).unwrap();
    commit(&dir);
    let ran = dir.run(&["diff", "main", "main~1", "app"]);
    assert_eq!(ran.status, Some(2));
    assert!(
        ran.err
            .contains("cannot read `main:app/f.yaml`: there is no `main:app/gone.yaml`"),
        "{}",
        ran.err
    );
    std::fs::remove_file(dir.path("app/f.yaml")).unwrap();
    std::os::unix::fs::symlink("g.yaml", dir.path("app/f.yaml")).unwrap();
    commit(&dir);
    let ran = dir.run(&["diff", "main", "main~2", "app"]);
    assert!(
        ran.err
            .contains("cannot read `main:app/f.yaml`: the link leads to itself"),
        "{}",
        ran.err
    );
}

/// The lines of the error about a kustomization can be pasted, and show the difference.
#[test]
fn the_lines_that_help_with_a_kustomization_compare_it() {
    let files = [
        ("repo/k/a.yaml", APP),
        ("repo/k/kustomization.yaml", "resources: [a.yaml]\n"),
    ];
    let (Some(dir), Some(_)) = (repository(&files), host::kustomize()) else {
        return;
    };
    std::fs::write(
        dir.path("repo/k/a.yaml"),
        APP.replace("{name: cache, port", "{name: cache-2, port"),
    )
    .unwrap();
    commit(&dir);
    let ran = Ran::of(
        dir.command(&["diff", "main~1", "main", "--", "k"])
            .current_dir(dir.path("repo")),
    );
    assert_eq!(ran.status, Some(2), "{ran:?}");
    let (_, help) = ran.err.split_once("compare the results:\n").unwrap();
    let lines: String = help
        .lines()
        .take(4)
        .map(|line| format!("{}\n", line.trim()))
        .collect();
    // the checkout of the whole repository is beside this directory
    let lines = lines
        .replace("BASE", "main~1")
        .replace("../base/k", "../base/repo/k")
        .replace("kustomize build", "$KUSTOMIZE build");
    let said = host::sh(&dir.path("repo"), &lines);
    assert!(
        said.status == Some(1) && said.out.ends_with(UPDATED),
        "{lines}\n{said:?}"
    );
}
