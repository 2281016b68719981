//! What the command line writes: all of it, or nothing and why.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

use crate::cli::{APP, Dir, Ran, SERVICE};
use crate::skip::skip;

#[test]
fn in_place_writes_what_changed_and_a_second_run_nothing() {
    let dir = Dir::with(&[("k/app.yaml", APP), ("k/svc.yaml", SERVICE)]);
    let before = fs::metadata(dir.path("k/svc.yaml")).unwrap().ino();
    let ran = dir
        .run(&["render", "k", "--in-place"])
        .status(0)
        .says(&["1 of 2 files written"]);
    assert_eq!(ran.out, "");
    let app = dir.read("k/app.yaml");
    assert!(
        app.contains("name: REDIS_HOST") && app.starts_with(APP.split("---").next().unwrap()),
        "{app}"
    );
    assert_eq!(fs::metadata(dir.path("k/svc.yaml")).unwrap().ino(), before);
    assert_eq!(dir.names(), ["k/app.yaml", "k/svc.yaml"]);
    dir.run(&["render", "k", "--in-place"])
        .status(0)
        .says(&["0 of 2 files written"]);
    dir.run(&["check", "k", "--rendered"]).status(0);
}

#[test]
fn check_rendered_names_what_rendering_would_change() {
    let dir = Dir::with(&[("k/app.yaml", APP), ("k/svc.yaml", SERVICE)]);
    dir.run(&["check", "k"])
        .status(0)
        .says(&["4 objects, 1 Plug: no problems found"]);
    let ran = dir.run(&["check", "k", "--rendered"]).status(1);
    let ran = ran.says(&[
        "error[not-rendered]: rendering would change Deployment `web`",
        "k/app.yaml:18:9",
        "--in-place",
    ]);
    assert_eq!(ran.err.matches("error[").count(), 1, "{}", ran.err);
}

#[test]
fn nothing_is_written_with_an_error() {
    let broken = APP.replace("name: web}", "name: wev}");
    let dir = Dir::with(&[("k/app.yaml", &broken)]);
    let all: [&[&str]; 3] = [
        &["render", "k"],
        &["render", "k", "--in-place"],
        &["render", "k", "--output", "out"],
    ];
    for arguments in all {
        dir.run(arguments)
            .status(1)
            .says(&["error[workload-not-found]", "1 error; nothing was written"]);
        assert_eq!(dir.names(), ["k/app.yaml"]);
        assert_eq!(dir.read("k/app.yaml"), broken);
    }
}

#[test]
fn links_are_written_where_they_lead() {
    let dir = Dir::with(&[("k/real/app.yaml", APP)]);
    symlink("real/app.yaml", dir.path("k/a.yaml")).unwrap();
    dir.run(&["render", "k", "--in-place"])
        .status(0)
        .says(&["1 of 1 file written"]);
    assert!(
        fs::symlink_metadata(dir.path("k/a.yaml"))
            .unwrap()
            .is_symlink()
    );
    assert!(dir.read("k/real/app.yaml").contains("REDIS_HOST"));
}

#[test]
fn hard_links_and_pipes_are_not_written_in_place() {
    let dir = Dir::with(&[("app.yaml", APP)]);
    fs::hard_link(dir.path("app.yaml"), dir.path("other")).unwrap();
    dir.run(&["render", "app.yaml", "--in-place"])
        .status(2)
        .says(&["`app.yaml` has 2 hard links"]);
    assert_eq!(dir.read("app.yaml"), APP);
    dir.sh("coupler render - --in-place < app.yaml")
        .status(2)
        .says(&["cannot be used with standard input"]);
    dir.sh("cat app.yaml | coupler render /dev/stdin --in-place")
        .status(2)
        .says(&["is not a regular file"]);
}

#[test]
fn a_directory_that_cannot_be_written_keeps_its_files() {
    let dir = Dir::with(&[("k/app.yaml", APP)]);
    fs::set_permissions(dir.path("k"), fs::Permissions::from_mode(0o555)).unwrap();
    if fs::write(dir.path("k/probe"), "").is_ok() {
        fs::remove_file(dir.path("k/probe")).unwrap();
        skip("user", "this user may write everywhere");
    } else {
        dir.run(&["render", "k", "--in-place"])
            .status(2)
            .says(&["cannot write `", "permission denied"]);
        assert_eq!(dir.read("k/app.yaml"), APP);
    }
    fs::set_permissions(dir.path("k"), fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_closed_pipe_is_silent() {
    let many = SERVICE.to_owned() + &"---\nkind: X\n".repeat(50_000);
    let dir = Dir::with(&[("many.yaml", &many)]);
    let ran = dir.sh("{ coupler render many.yaml; echo $? >status; } | head -c0");
    assert_eq!((ran.err.as_str(), dir.read("status").trim()), ("", "2"));
}

#[test]
fn a_full_disk_is_an_error() {
    let dir = Dir::with(&[("svc.yaml", SERVICE)]);
    for command in [
        "coupler render svc.yaml",
        "coupler crds",
        "coupler explain --list",
    ] {
        dir.sh(&format!("{command} > /dev/full"))
            .status(2)
            .says(&["cannot write standard output: no space left"]);
    }
    assert_eq!(dir.sh("coupler --help > /dev/full").status, Some(2));
    // nothing reads the output, and nothing breaks
    assert_eq!(dir.sh("coupler render gone.yaml 2>&-").status, Some(2));
    assert_eq!(
        dir.sh("coupler render gone.yaml 2>/dev/full").status,
        Some(2)
    );
}

#[test]
fn output_writes_a_directory_and_writes_it_again() {
    let dir = Dir::with(&[
        ("k/app.yaml", APP),
        ("k/sub/svc.yaml", SERVICE),
        ("k/only.yaml", "kind: A\n"),
    ]);
    for _ in 0..2 {
        let ran = dir.run(&["render", "k", "--output", "out"]).status(0);
        assert_eq!((ran.out.as_str(), ran.err.as_str()), ("", ""));
        assert!(
            dir.read("out/app.yaml").contains("REDIS_HOST")
                && !dir.read("out/app.yaml").contains("kind: Plug")
        );
        assert_eq!(dir.read("out/sub/svc.yaml"), SERVICE);
    }
    assert_eq!(dir.read("k/app.yaml"), APP);
    assert_eq!(dir.names().len(), 6);
}

#[test]
fn output_leaves_out_files_that_say_nothing_more() {
    let (plug, rest) = APP.split_once("---\n").unwrap();
    let dir = Dir::with(&[("k/plug.yaml", plug), ("k/rest.yaml", rest)]);
    dir.run(&["render", "k", "--output", "out"]).status(0);
    assert_eq!(dir.names(), ["k/plug.yaml", "k/rest.yaml", "out/rest.yaml"]);
}

#[test]
fn output_takes_nothing_that_is_not_its_own() {
    let dir = Dir::with(&[
        ("k/a.yaml", SERVICE),
        ("j/a.yaml", "kind: J\n"),
        ("out/mine.yaml", "kind: M\n"),
    ]);
    dir.run(&["render", "k", "--output", "out"])
        .status(2)
        .says(&["contains `mine.yaml`", "rm -r"]);
    dir.run(&["render", "k", "--output", "k/out"])
        .status(2)
        .says(&["is inside or contains `k`"]);
    dir.run(&["render", "k", "--output", "."])
        .status(2)
        .says(&["is inside or contains `k`"]);
    dir.run(&["render", "k", "--output", "no/where"])
        .status(2)
        .says(&["no such file or directory"]);
    dir.run(&["render", "k", "j", "--output", "new"])
        .status(2)
        .says(&["would both be written to `a.yaml`"]);
    dir.sh("coupler render - --output new < k/a.yaml")
        .status(2)
        .says(&["cannot be used with standard input"]);
    assert_eq!(dir.names(), ["j/a.yaml", "k/a.yaml", "out/mine.yaml"]);
}

/// Whether a signal ended the program, as a shell reports it where it did not become the program
/// itself.
fn is_killed(ran: &Ran) -> bool {
    ran.status.is_none_or(|status| status > 128)
}

#[test]
fn what_a_killed_run_left_is_named_all_at_once() {
    let apps: Vec<_> = (0..40)
        .map(|n| {
            (
                format!("k/a{n:02}.yaml"),
                APP.replace("shop", &format!("shop{n}")),
            )
        })
        .collect();
    let large = format!(
        "{}{}",
        APP.replace("shop", "large"),
        "# more than the disk takes\n".repeat(1_000)
    );
    let mut files: Vec<_> = apps
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    files.push(("k/z.yaml", &large));
    let dir = Dir::with(&files);
    // a file that grows larger than this kills the process
    assert!(is_killed(
        &dir.sh("ulimit -c 0; ulimit -f 16; coupler render k --in-place")
    ));
    let left = dir
        .names()
        .iter()
        .filter(|name| name.ends_with(".coupler-tmp"))
        .count();
    assert_eq!(left, 41);
    assert!(files.iter().all(|(name, text)| dir.read(name) == *text));
    let ran = dir.run(&["render", "k", "--in-place"]).status(2);
    let remove = ran
        .err
        .lines()
        .find(|line| line.trim_start().starts_with("rm -f -- "))
        .unwrap();
    assert_eq!(dir.sh(remove).status, Some(0));
    dir.run(&["render", "k", "--in-place"])
        .status(0)
        .says(&["41 of 41 files written"]);
    assert_eq!(dir.names().len(), 41);
}

#[test]
fn a_file_that_may_not_be_written_is_not_replaced() {
    let dir = Dir::with(&[
        ("k/app.yaml", APP),
        ("k/more.yaml", &APP.replace("shop", "more")),
    ]);
    fs::set_permissions(dir.path("k/more.yaml"), fs::Permissions::from_mode(0o444)).unwrap();
    let ran = dir.run(&["render", "k", "--in-place"]).status(2);
    let ran = ran.says(&["cannot write `k/more.yaml`: its permissions do not allow writing"]);
    assert_eq!(
        (dir.read("k/app.yaml"), dir.names().len()),
        (APP.to_owned(), 2)
    );
    let permit = ran
        .err
        .lines()
        .find(|line| line.trim_start().starts_with("chmod "))
        .unwrap();
    assert_eq!(dir.sh(permit).status, Some(0));
    dir.run(&["render", "k", "--in-place"]).status(0);
}

#[test]
fn a_killed_output_leaves_the_old_directory_in_its_place() {
    let large = format!("{SERVICE}{}", "# more than the disk takes\n".repeat(1_000));
    let dir = Dir::with(&[("k/svc.yaml", SERVICE)]);
    dir.run(&["render", "k", "--output", "out"]).status(0);
    fs::write(dir.path("k/svc.yaml"), large).unwrap();
    assert!(is_killed(
        &dir.sh("ulimit -c 0; ulimit -f 16; coupler render k --output out")
    ));
    assert_eq!(dir.read("out/svc.yaml"), SERVICE);
    let ran = dir.run(&["render", "k", "--output", "out"]).status(2);
    let remove = ran
        .err
        .lines()
        .find(|line| line.trim_start().starts_with("rm -r -- "))
        .unwrap();
    assert_eq!(dir.sh(remove).status, Some(0));
    dir.run(&["render", "k", "--output", "out"]).status(0);
    assert_eq!(dir.names(), ["k/svc.yaml", "out/svc.yaml"]);
}

#[test]
fn no_output_is_written_through_a_link() {
    let dir = Dir::with(&[("k/svc.yaml", SERVICE), ("outside/svc.yaml", "kind: Old\n")]);
    symlink("outside", dir.path("out")).unwrap();
    symlink("..", dir.path("outside/up")).unwrap();
    for path in ["out", "out/new", "outside/up/new"] {
        dir.run(&["render", "k", "--output", path])
            .status(2)
            .says(&["is a link"]);
    }
    assert_eq!(dir.read("outside/svc.yaml"), "kind: Old\n");
}
