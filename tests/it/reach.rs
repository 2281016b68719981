//! What a repository's settings and links may reach: attacks by those who write to it.

use std::os::unix::fs::symlink;
use std::process::Command;

use crate::cli::{Dir, Ran, SERVICE};

const SECRET: &str = "kind: Secret\ndata: {key: czNjcjN0}\n";

fn settings(catalog: &str) -> String {
    format!(
        "apiVersion: integration.rock8s.com/v1\nkind: Coupler\nspec: {{catalog: [{catalog}]}}\n"
    )
}

/// A repository in `repo`, with an application in `repo/app`, and beside it what is nobody's
/// business.
fn repository(catalog: &str) -> Dir {
    let dir = Dir::with(&[
        ("repo/.git/HEAD", "ref: refs/heads/main\n"),
        ("repo/app/web.yaml", SERVICE),
        ("repo/app/coupler.yaml", &settings(catalog)),
        ("repo/platform/s.yaml", "kind: Other\n"),
        ("secret.yaml", SECRET),
    ]);
    fifo(&dir, "pipe");
    fifo(&dir, "repo/pipe");
    dir
}

fn fifo(dir: &Dir, name: &str) {
    assert!(
        Command::new("mkfifo")
            .arg(dir.path(name))
            .status()
            .unwrap()
            .success()
    );
}

/// All commands that read settings; each is refused, without a byte of what was not to be read.
fn refused(dir: &Dir, says: &[&str]) {
    for words in [
        &["render", "repo/app"][..],
        &["check", "repo/app/web.yaml"],
        &["build", "repo/app"],
        &["diff", "repo/app", "repo/app"],
    ] {
        let ran = dir.run(words).status(2).says(says);
        assert!(!ran.err.contains("czNjcjN0"), "{ran:?}");
    }
}

#[test]
fn a_catalogue_of_settings_stays_in_the_repository() {
    repository("../platform")
        .run(&["render", "repo/app"])
        .status(0);
    for outside in [
        "../../secret.yaml",
        "../..",
        "/etc/passwd",
        "/dev/zero",
        "../../pipe",
        "../../gone",
        "../../-",
        "../.git/HEAD",
    ] {
        refused(
            &repository(outside),
            &["leads out of the repository", "--repository"],
        );
    }
    // whoever runs it may allow more
    let dir = repository("../../secret.yaml");
    dir.run(&["render", "repo/app", "--repository", "."])
        .status(0);
    dir.run(&["diff", "repo/app", "repo/app", "--repository", "."])
        .status(0);
    dir.run(&["render", "repo/app", "--repository", "repo/platform"])
        .status(2)
        .says(&["leads out of"]);
}

#[test]
fn a_link_of_a_catalogue_stays_in_the_repository() {
    let dir = repository("[../link]");
    for (target, good) in [
        ("platform", true),
        ("../secret.yaml", false),
        ("/etc", false),
        ("..", false),
    ] {
        symlink(target, dir.path("repo/link")).unwrap();
        std::fs::write(dir.path("repo/app/coupler.yaml"), settings("../link")).unwrap();
        if good {
            dir.run(&["render", "repo/app"]).status(0);
        } else {
            refused(&dir, &["leads out of the repository"]);
        }
        std::fs::remove_file(dir.path("repo/link")).unwrap();
    }
    // where Git keeps its configuration, which may hold a token
    symlink(".git/HEAD", dir.path("repo/link")).unwrap();
    refused(&dir, &["leads out of the repository"]);
    symlink("b", dir.path("repo/a")).unwrap();
    symlink("a", dir.path("repo/b")).unwrap();
    std::fs::write(dir.path("repo/app/coupler.yaml"), settings("../a")).unwrap();
    refused(&dir, &["too many links"]);
}

#[test]
fn a_pipe_is_not_waited_for() {
    refused(
        &repository("../pipe"),
        &["cannot read `repo/app/../pipe`: it is a pipe"],
    );
    let dir = repository("");
    std::fs::remove_file(dir.path("repo/app/coupler.yaml")).unwrap();
    fifo(&dir, "repo/app/coupler.yaml");
    refused(&dir, &["cannot read `repo/app/coupler.yaml`: it is a pipe"]);
}

#[test]
fn a_pipe_among_manifests_is_left_out() {
    let dir = repository("");
    fifo(&dir, "repo/app/pipe.yaml");
    symlink("pipe.yaml", dir.path("repo/app/link.yaml")).unwrap();
    symlink("/dev/zero", dir.path("repo/app/zero.yaml")).unwrap();
    let ran = dir
        .run(&["render", "repo/app"])
        .status(0)
        .says(&["`repo/app/zero.yaml` is left out"]);
    assert_eq!(ran.out, SERVICE);
}

#[test]
fn settings_themselves_stay_in_the_repository() {
    let dir = repository("");
    std::fs::remove_file(dir.path("repo/app/coupler.yaml")).unwrap();
    symlink("../../secret.yaml", dir.path("repo/app/coupler.yaml")).unwrap();
    refused(
        &dir,
        &["`repo/app/coupler.yaml` leads out of the repository"],
    );
    std::fs::remove_file(dir.path("repo/app/coupler.yaml")).unwrap();
    symlink("/dev/zero", dir.path("repo/app/coupler.yaml")).unwrap();
    refused(
        &dir,
        &["`repo/app/coupler.yaml` leads out of the repository"],
    );
    std::fs::remove_file(dir.path("repo/app/coupler.yaml")).unwrap();
    let large = format!("{}#{}", settings(""), " ".repeat(1 << 20));
    std::fs::write(dir.path("repo/app/coupler.yaml"), large).unwrap();
    refused(&dir, &["`repo/app/coupler.yaml` is larger than 1 MiB"]);
}

#[test]
fn without_a_repository_the_working_directory_counts() {
    let dir = repository("../platform");
    std::fs::remove_dir_all(dir.path("repo/.git")).unwrap();
    dir.run(&["render", "repo/app"]).status(0);
    let from = |directory: &str, path: &str| {
        Ran::of(
            dir.command(&["render", path])
                .current_dir(dir.path(directory)),
        )
    };
    from("repo", "app").status(0);
    from("repo/app", ".").status(2).says(&["leads out of"]);
    from("repo/platform", "../app")
        .status(2)
        .says(&["leads out of"]);
    let path = dir.path("repo/app");
    Ran::of(
        dir.command(&["render", path.to_str().unwrap()])
            .current_dir("/"),
    )
    .status(2)
    .says(&["leads out of"]);
}

#[test]
fn all_files_together_are_bounded() {
    let dir = repository("");
    let large = std::fs::File::create(dir.path("repo/app/z.yaml")).unwrap();
    large.set_len(1 << 30).unwrap();
    // it is not read: a gigabyte of it would be
    dir.run(&["render", "repo/app"])
        .status(2)
        .says(&["larger than 1024 MiB together"]);
    large.set_len((1 << 30) + 1).unwrap();
    dir.run(&["render", "repo/app/z.yaml"])
        .status(2)
        .says(&["larger than 1024 MiB"]);
}

#[test]
fn what_the_user_names_may_be_anywhere() {
    let dir = repository("");
    dir.run(&["render", "repo/app", "--catalog", "secret.yaml"])
        .status(0);
    assert_eq!(
        dir.sh("cat repo/app/web.yaml | coupler render /dev/stdin")
            .status(0)
            .out,
        SERVICE
    );
    // settings that no repository holds are the user's own; those of a repository are its author's
    let beyond = settings("secret.yaml");
    std::fs::write(dir.path("mine.yaml"), &beyond).unwrap();
    dir.run(&["render", "repo/app", "--settings", "mine.yaml"])
        .status(0);
    std::fs::write(dir.path("repo/ci.yaml"), settings("../secret.yaml")).unwrap();
    dir.run(&["render", "repo/app", "--settings", "repo/ci.yaml"])
        .status(2)
        .says(&["leads out of"]);
}
