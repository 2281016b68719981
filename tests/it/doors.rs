//! What reaches out of the program is called in one place of its kind, which no other file passes
//! by.

use std::path::Path;

use crate::floors::rust_files;

/// A kind of call, and the only files that make it.
struct Door {
    what: &'static str,
    calls: &'static [&'static str],
    files: &'static [&'static str],
}

const DOORS: &[Door] = &[
    Door {
        what: "another program is started by `Subprocess`, which keeps values from being read as options",
        calls: &[
            "process::Command",
            "process::{",
            "process::*",
            "CommandExt",
            "rustix::process",
        ],
        files: &["src/cli/subprocess.rs"],
    },
    Door {
        what: "the environment of another program is built by `Environment`",
        calls: &["env_clear", ".envs(", "command.env(", "vars_os"],
        files: &["src/cli/subprocess.rs", "src/cli/environment.rs"],
    },
    Door {
        what: "a file is opened to be read by `read::open` or `read::open_within`, which judge the open file",
        calls: &[
            "File::open",
            "File::options",
            "OpenOptions",
            "std::fs::{",
            "fs::*",
            "fs::read(",
            "fs::read_to_string",
            "fs::copy(",
            "rustix::fs::open(",
            "from_raw_fd",
            "read_link",
        ],
        // path_within.rs reads links; files.rs opens what it replaces; dir_handle.rs opens the
        // directory that is named
        files: &[
            "src/cli/read.rs",
            "src/cli/path_within.rs",
            "src/cli/files.rs",
            "src/cli/dir_handle.rs",
            "src/cli/directory.rs",
        ],
    },
    Door {
        what: "a directory is walked where links are judged",
        calls: &["WalkDir::new", "read_dir"],
        files: &[
            "src/cli/walk.rs",
            "src/cli/chart_files.rs",
            "src/cli/directory.rs",
        ],
    },
    Door {
        what: "files of a directory that is not trusted are read and written by `DirHandle`, which follows no link",
        calls: &["openat(", "mkdirat(", "unlinkat(", "linkat("],
        files: &["src/cli/dir_handle.rs"],
    },
    Door {
        what: "a file is written beside its place, and then renamed",
        calls: &[
            "fs::write(",
            "File::create",
            "create_dir",
            "fs::copy(",
            "fs::hard_link(",
            "fs::symlink(",
            "fs::rename(",
            "fs::remove_",
            "remove_dir",
            "set_permissions",
            "renameat",
            "NamedTempFile",
        ],
        files: &[
            "src/cli/files.rs",
            "src/cli/directory.rs",
            "src/cli/dir_handle.rs",
        ],
    },
];

/// Modules that are compiled for tests only.
const TESTS: &[&str] = &[
    "src/manifest/kubectl_for_tests.rs",
    "src/project/tests/",
    "src/watch/scripted.rs",
];

/// A file's code without comments, and without the tests at its end.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap();
    text.lines()
        .map(|line| line.split("//").next().unwrap())
        .collect::<Vec<_>>()
        .join("\n")
}

/// The calls in a file that pass a door by.
fn passes_by(file: &str, text: &str) -> Vec<String> {
    let code = code(text);
    let closed = DOORS.iter().filter(|door| !door.files.contains(&file));
    let calls = closed.flat_map(|door| door.calls.iter().map(move |call| (door, call)));
    let found = calls.filter(|(_, call)| code.contains(*call));
    found
        .map(|(door, call)| format!("{file}: `{call}`: {}", door.what))
        .collect()
}

#[test]
fn nothing_passes_a_door_by() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut files, mut wrong) = (0, Vec::new());
    for path in ["src", "krm-fn"]
        .iter()
        .flat_map(|directory| rust_files(&root.join(directory)))
    {
        let file = path
            .strip_prefix(root)
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned();
        if TESTS.iter().any(|test| file.starts_with(test)) {
            continue;
        }
        files += 1;
        wrong.extend(passes_by(&file, &std::fs::read_to_string(&path).unwrap()));
    }
    assert!(files > 100, "the sources were not found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_door_is_used() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for door in DOORS {
        for file in door.files {
            let code = code(&std::fs::read_to_string(root.join(file)).unwrap());
            assert!(
                door.calls.iter().any(|call| code.contains(call)),
                "{file} no longer needs this: {}",
                door.what
            );
        }
    }
}

#[test]
fn a_call_elsewhere_is_seen() {
    for call in [
        "let x = std::process::Command::new(name);",
        "use std::process::{Command, Stdio};",
        "fs::read_to_string(path)",
        "File::open(path)?",
        "use std::fs::{read_to_string as r};",
        "use std::fs::*;",
        "File::options().read(true).open(path)",
        "rustix::fs::open(path, flags, mode)",
        "fs::create_dir_all(path)",
        "fs::remove_dir_all(path)",
        "use std::process::*;",
        "command.env(\"KUBECONFIG\", path)",
    ] {
        assert!(!passes_by("src/cli/run.rs", call).is_empty(), "{call}");
    }
    assert!(
        passes_by(
            "src/cli/run.rs",
            "#[cfg(test)]\nmod tests {\n File::open(path) }"
        )
        .is_empty()
    );
    assert!(passes_by("src/cli/read.rs", "File::open(path)").is_empty());
}
