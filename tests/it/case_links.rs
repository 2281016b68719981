//! Attacks `coupler test` from a repository: links, pipes and paths that lead out of a case.
//! Nothing outside is read or written.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use crate::cli::{APP, Dir, Ran, SERVICE};

/// What no output may hold, and no run may change.
const OUTSIDE: &str = "kind: Service\nmetadata: {name: root-hash-hunter2}\n";
const SETTINGS: &str = "apiVersion: integration.rock8s.com/v1\nkind: Coupler\nspec: ";

/// A file outside of the repository `repo`, and the files of one case in it.
fn repository(files: &[(&str, &str)]) -> Dir {
    let dir = Dir::with(&[
        ("outside/file.yaml", OUTSIDE),
        ("outside/expected.yaml", OUTSIDE),
        ("repo/README.md", ""),
    ]);
    for (name, text) in files {
        let path = dir.path("repo/case").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    dir
}

fn link(dir: &Dir, name: &str, to: &str) {
    let path = dir.path("repo/case").join(name);
    let _ = fs::remove_file(&path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    symlink(to, path).unwrap();
}

fn attack(dir: &Dir, arguments: &[&str]) -> Ran {
    Ran::of(dir.command(arguments).current_dir(dir.path("repo")))
}

/// Runs the case, compared and updated: it fails with these words, and what is outside is neither
/// shown nor changed.
#[track_caller]
fn refused(dir: &Dir, why: &str) {
    let before = dir.names();
    for arguments in [
        &["test"][..],
        &["test", "--update"],
        &["test", "--junit", "report.xml"],
        &["test", "--check"],
    ] {
        let ran = attack(dir, arguments);
        assert!(matches!(ran.status, Some(1 | 2)), "{arguments:?} {ran:#?}");
        assert!(
            ran.out.contains(why) || ran.err.contains(why),
            "{arguments:?} {why}\n{ran:#?}"
        );
        let report = fs::read_to_string(dir.path("repo/report.xml")).unwrap_or_default();
        for text in [&ran.out, &ran.err, &report] {
            assert!(!text.contains("hunter2"), "{arguments:?} {ran:#?}");
        }
        let _ = fs::remove_file(dir.path("repo/report.xml"));
        assert_eq!(dir.read("outside/file.yaml"), OUTSIDE, "{arguments:?}");
        assert_eq!(dir.read("outside/expected.yaml"), OUTSIDE, "{arguments:?}");
        assert_eq!(dir.names(), before, "{arguments:?}");
    }
}

#[test]
fn a_link_in_a_case_is_not_followed() {
    let absolute = Path::new("/etc/hostname").display().to_string();
    for name in [
        "input.yaml",
        "input.json",
        "coupler.yaml",
        "settings.yaml",
        "catalog.yaml",
    ] {
        for to in [
            "../../outside/file.yaml",
            absolute.as_str(),
            "README.md",
            "nowhere",
        ] {
            let dir = repository(&[("input.yml", SERVICE), ("expected.yml", SERVICE)]);
            link(&dir, name, to);
            refused(&dir, &format!("{name}` is a link"));
        }
    }
    for name in [
        "input",
        "catalog",
        "input/a.yaml",
        "input/sub",
        "catalog/b.yaml",
        "catalog/sub/c.yaml",
    ] {
        let dir = repository(&[
            ("input.yml", SERVICE),
            ("catalog/a.yaml", SERVICE),
            ("expected.yml", SERVICE),
        ]);
        if name == "catalog" {
            fs::remove_dir_all(dir.path("repo/case/catalog")).unwrap();
        }
        link(
            &dir,
            name,
            if name.ends_with("yaml") {
                "../../../outside/file.yaml"
            } else {
                "../../outside"
            },
        );
        refused(&dir, &format!("{name}` is a link"));
    }
}

#[test]
fn an_expectation_that_is_a_link_is_neither_printed_nor_written() {
    for name in ["expected-diagnostics.txt", "expected.yaml"] {
        let dir = repository(&[("input.yaml", SERVICE)]);
        link(&dir, name, "../../outside/file.yaml");
        let why = format!("{name}` is a link");
        let ran = attack(&dir, &["test", "--update"]);
        assert!(
            ran.out.contains(&why) && !ran.out.contains("hunter2"),
            "{}",
            ran.out
        );
        assert_eq!(dir.read("outside/file.yaml"), OUTSIDE);
        assert!(
            fs::symlink_metadata(dir.path("repo/case").join(name))
                .unwrap()
                .is_symlink()
        );
    }
    for (name, to) in [
        ("expected", "../../outside"),
        ("expected/sub", "../../../outside"),
        ("expected/a.yaml", "/etc/hostname"),
    ] {
        let dir = repository(&[
            ("input/a.yaml", SERVICE),
            ("input/sub/expected.yaml", SERVICE),
        ]);
        link(&dir, name, to);
        let ran = attack(&dir, &["test", "--update"]);
        assert!(
            ran.out.contains(&format!("{name}` is a link")),
            "{}",
            ran.out
        );
        assert_eq!(dir.read("outside/expected.yaml"), OUTSIDE);
        assert_eq!(dir.read("outside/file.yaml"), OUTSIDE);
    }
}

#[test]
fn settings_of_a_case_name_nothing_outside_of_the_repository() {
    for path in [
        "../../outside/file.yaml",
        "../..",
        "/etc/hostname",
        "/dev/zero",
        "a/../../../outside/file.yaml",
    ] {
        let dir = repository(&[
            ("input.yaml", SERVICE),
            ("expected.yaml", SERVICE),
            (
                "coupler.yaml",
                &format!("{SETTINGS}{{catalog: [{path}]}}\n"),
            ),
        ]);
        refused(&dir, "leads out of the repository");
    }
    for path in [".", ".."] {
        let catalog = format!("{SETTINGS}{{catalog: [{path}]}}\n");
        let dir = repository(&[
            ("input.yaml", SERVICE),
            ("expected.yaml", SERVICE),
            ("coupler.yaml", &catalog),
        ]);
        refused(&dir, "cannot be the directory of the case");
    }
    // what is elsewhere in the repository is its own, but for links
    let socket = APP.split("---\n").nth(1).unwrap();
    let dir = repository(&[
        ("input.yaml", SERVICE),
        ("expected.yaml", SERVICE),
        (
            "coupler.yaml",
            &format!("{SETTINGS}{{catalog: [../platform, ../platform/sockets.yaml]}}\n"),
        ),
    ]);
    fs::create_dir(dir.path("repo/platform")).unwrap();
    fs::write(dir.path("repo/platform/sockets.yaml"), socket).unwrap();
    assert_eq!(attack(&dir, &["test"]).status, Some(0));
    fs::remove_file(dir.path("repo/platform/sockets.yaml")).unwrap();
    symlink(
        "../../outside/file.yaml",
        dir.path("repo/platform/sockets.yaml"),
    )
    .unwrap();
    refused(&dir, "sockets.yaml` is a link");
    let dir = repository(&[
        ("input.yaml", SERVICE),
        ("expected.yaml", SERVICE),
        (
            "coupler.yaml",
            &format!("{SETTINGS}{{catalog: [./more/sockets]}}\n"),
        ),
    ]);
    link(&dir, "more", "../../outside");
    refused(&dir, "more` is a link");
    let dir = repository(&[
        ("input.yaml", SERVICE),
        ("expected.yaml", SERVICE),
        ("more/socket.yaml", APP.split("---\n").nth(1).unwrap()),
        (
            "coupler.yaml",
            &format!("{SETTINGS}{{catalog: [./more/, more/socket.yaml]}}\n"),
        ),
    ]);
    assert_eq!(attack(&dir, &["test"]).status, Some(0));
}

#[test]
fn settings_of_a_case_name_nothing_of_gits_own() {
    for path in [
        "../.git",
        "../.git/config",
        "../.GIT/config",
        "./.git/config",
        "a/../../.git/config",
    ] {
        let catalog = format!("{SETTINGS}{{catalog: [{path}]}}\n");
        let dir = repository(&[
            ("input.yaml", SERVICE),
            ("expected.yaml", SERVICE),
            ("coupler.yaml", &catalog),
        ]);
        for git in ["repo/.git", "repo/.GIT", "repo/case/.git"] {
            fs::create_dir_all(dir.path(git)).unwrap();
            fs::write(dir.path(git).join("config"), OUTSIDE).unwrap();
        }
        refused(&dir, "leads out of the repository");
    }
}

#[test]
fn a_case_is_as_large_as_a_run_may_be() {
    let dir = repository(&[("input/a.yaml", SERVICE), ("expected/a.yaml", SERVICE)]);
    let large = fs::File::create(dir.path("repo/case/input/b.yaml")).unwrap();
    large.set_len(1 << 30).unwrap();
    let ran = attack(&dir, &["test"]);
    assert!(
        ran.out.contains("larger than 1024 MiB together"),
        "{ran:#?}"
    );
}

#[test]
fn a_directory_that_is_a_link_is_no_directory_of_cases() {
    let dir = repository(&[("input.yaml", SERVICE), ("expected.yaml", "")]);
    fs::create_dir(dir.path("outside/case")).unwrap();
    fs::write(dir.path("outside/case/input.yaml"), OUTSIDE).unwrap();
    symlink("../outside", dir.path("repo/tests")).unwrap();
    for path in ["tests", "tests/case", "./case/../tests"] {
        let absolute = dir.path("repo").join(path).display().to_string();
        for path in [path, &absolute] {
            let ran = attack(&dir, &["test", path, "--update"]);
            assert_eq!(ran.status, Some(2), "{path} {ran:#?}");
            assert!(
                ran.err.contains("tests` is a link") && !ran.err.contains("hunter2"),
                "{path} {ran:#?}"
            );
        }
    }
    // nor from elsewhere, if a Git repository holds it
    let absolute = dir.path("repo/tests").display().to_string();
    for git in ["repo/.git", "outside/.git"] {
        fs::create_dir(dir.path(git)).unwrap();
        for path in [absolute.clone(), format!("{absolute}/case")] {
            let ran = Ran::of(
                dir.command(&["test", &path, "--update"])
                    .current_dir("/usr"),
            );
            assert!(
                ran.err.contains("tests` is a link") && !ran.err.contains("hunter2"),
                "{path} {ran:#?}"
            );
        }
    }
    // below a directory that is searched, it is none either
    attack(&dir, &["test", "."]);
    assert_eq!(fs::read_dir(dir.path("outside/case")).unwrap().count(), 1);
}

#[test]
fn a_report_is_not_written_through_a_link() {
    let dir = repository(&[("input.yaml", SERVICE), ("expected.yaml", SERVICE)]);
    symlink("../outside/file.yaml", dir.path("repo/report.xml")).unwrap();
    symlink("../outside", dir.path("repo/reports")).unwrap();
    let absolute = dir.path("repo/reports/r.xml").display().to_string();
    for path in [
        "report.xml",
        "reports/r.xml",
        "case/../reports/r.xml",
        &absolute,
    ] {
        let ran = attack(&dir, &["test", "--junit", path]);
        assert_eq!(ran.status, Some(2), "{path} {ran:#?}");
        assert!(ran.err.contains("report"), "{path} {ran:#?}");
        assert_eq!(dir.read("outside/file.yaml"), OUTSIDE);
        assert_eq!(fs::read_dir(dir.path("outside")).unwrap().count(), 2);
    }
    // a device is not replaced
    let ran = attack(&dir, &["test", "--junit", "/dev/null"]);
    assert!(ran.err.contains("is not a regular file"), "{ran:#?}");
}

#[test]
fn a_report_replaces_a_report_of_a_user() {
    let dir = repository(&[("input.yaml", SERVICE), ("expected.yaml", SERVICE)]);
    let report = dir.path("repo/report.xml");
    for mode in [0o644, 0o600] {
        assert_eq!(
            attack(&dir, &["test", "--junit", "report.xml"]).status,
            Some(0)
        );
        assert!(fs::read_to_string(&report).unwrap().contains("<testsuites"));
        fs::set_permissions(&report, fs::Permissions::from_mode(mode)).unwrap();
    }
    fs::set_permissions(&report, fs::Permissions::from_mode(0o444)).unwrap();
    let ran = attack(&dir, &["test", "--junit", "report.xml"]);
    assert!(
        ran.status == Some(2) && ran.err.contains("chmod u+w -- report.xml"),
        "{ran:#?}"
    );
    // outside of the working directory, where a user's links are his own
    symlink("outside", dir.path("mine")).unwrap();
    let mine = dir.path("mine/report.xml").display().to_string();
    assert_eq!(attack(&dir, &["test", "--junit", &mine]).status, Some(0));
    assert!(dir.read("outside/report.xml").contains("<testsuites"));
}

#[test]
fn pipes_are_not_waited_for() {
    for name in [
        "input.yaml",
        "expected.yaml",
        "coupler.yaml",
        "catalog.yaml",
        "catalog/a.yaml",
    ] {
        let dir = repository(&[
            ("input.yml", SERVICE),
            ("expected.yml", SERVICE),
            ("catalog/b.yaml", SERVICE),
        ]);
        assert!(
            Command::new("mkfifo")
                .arg(dir.path("repo/case").join(name))
                .status()
                .unwrap()
                .success()
        );
        let ran = attack(&dir, &["test", "--update"]);
        assert!(
            ran.out.contains(&format!("{name}` is not a regular file")),
            "{name} {ran:#?}"
        );
    }
}

#[test]
fn hard_links_are_parted_and_not_written_through() {
    let dir = repository(&[("input.yaml", SERVICE)]);
    fs::hard_link(
        dir.path("outside/file.yaml"),
        dir.path("repo/case/expected.yaml"),
    )
    .unwrap();
    assert_eq!(attack(&dir, &["test", "--update"]).status, Some(0));
    assert_eq!(dir.read("outside/file.yaml"), OUTSIDE);
    assert_eq!(dir.read("repo/case/expected.yaml"), SERVICE);
}

#[test]
fn an_update_that_cannot_be_finished_changes_nothing() {
    let dir = repository(&[
        ("input/a.yaml", SERVICE),
        ("input/b.yaml", SERVICE),
        ("expected/b.yaml", "kind: Old\n"),
    ]);
    // a temporary file of the second one, as a killed run leaves it
    fs::write(dir.path("repo/case/expected/.b.yaml.coupler-tmp"), "").unwrap();
    let before = dir.names();
    let ran = attack(&dir, &["test", "--update"]);
    assert!(
        ran.out
            .contains("rm -f -- ./case/expected/.b.yaml.coupler-tmp"),
        "{}",
        ran.out
    );
    assert_eq!(
        (dir.names(), dir.read("repo/case/expected/b.yaml")),
        (before, "kind: Old\n".to_owned())
    );
    // a disk that is full
    fs::remove_file(dir.path("repo/case/expected/.b.yaml.coupler-tmp")).unwrap();
    let before = dir.names();
    let full = dir.sh("cd repo; trap '' XFSZ; ulimit -f 0; coupler test --update | cat");
    assert!(full.out.contains("file too large"), "{full:#?}");
    assert_eq!(
        (dir.names(), dir.read("repo/case/expected/b.yaml")),
        (before, "kind: Old\n".to_owned())
    );
}

#[test]
fn directories_without_end_are_not_searched() {
    let dir = repository(&[]);
    fs::create_dir_all(dir.path("repo/case").join("d/".repeat(200))).unwrap();
    assert!(attack(&dir, &["test"]).err.contains("directories deep"));
    let dir = repository(&[("input.yaml", SERVICE)]);
    fs::create_dir_all(dir.path("repo/case/catalog").join("d/".repeat(200))).unwrap();
    assert!(attack(&dir, &["test"]).out.contains("directories deep"));
}
