//! Packages with what kpt is to make of them, in `.expected`, run as kpt's own test runner does.
//!
//! `config.yaml` names what is run, `diff.patch` what `git diff` shows then, `results.yaml` what
//! the functions reported. A second run must show the same. `COUPLER_BLESS=1` writes the latter
//! two. <https://github.com/kptdev/kpt/tree/main/pkg/test/runner>

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use crate::cli::Dir;
use crate::host::{self, Said};

/// `config.yaml`, as far as it is used here.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Config {
    test_type: String,
    #[serde(default)]
    allow_exec: bool,
    #[serde(default)]
    exec_path: String,
    #[serde(default)]
    args: BTreeMap<String, String>,
    #[serde(default)]
    exit_code: i32,
    #[serde(default)]
    std_err: String,
}

impl Config {
    fn line(&self) -> String {
        let mut line = format!("kpt fn {} . --results-dir ../results", self.test_type);
        match self.test_type.as_str() {
            "render" => line += if self.allow_exec { " --allow-exec" } else { "" },
            "eval" => {
                write!(line, " --exec {} --", self.exec_path).unwrap();
                self.args
                    .iter()
                    .for_each(|(key, value)| write!(line, " {key}={value}").unwrap());
            }
            other => panic!("nobody knows the testType `{other}`"),
        }
        line
    }
}

fn packages() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let cases = std::fs::read_dir(root.join("testdata/kpt"))
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut all: Vec<_> = cases.chain([root.join("examples/kpt")]).collect();
    all.sort();
    all
}

/// Runs a line where nobody's Git settings count.
fn sh(dir: &Dir, line: &str) -> Said {
    let git = "export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=t GIT_AUTHOR_EMAIL=t@example.com \
               GIT_COMMITTER_NAME=t GIT_COMMITTER_EMAIL=t@example.com";
    host::sh(&dir.path("package"), &format!("{git}\n{line}"))
}

/// What is to be in `.expected`, or does: corrected, or compared.
fn expect(package: &Path, name: &str, actual: &str, run: usize) {
    let path = package.join(".expected").join(name);
    if std::env::var_os("COUPLER_BLESS").is_some() && run == 1 {
        match actual {
            "" => drop(std::fs::remove_file(&path)),
            text => std::fs::write(&path, text).unwrap(),
        }
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    let diff = similar::TextDiff::from_lines(expected.as_str(), actual);
    assert!(
        expected == actual,
        "{}, run {run}\n{}",
        path.display(),
        diff.unified_diff().header("expected", "actual")
    );
}

#[test]
fn kpt_makes_of_each_package_what_is_expected() {
    if host::kpt().is_none() {
        return;
    }
    for package in packages() {
        let config = std::fs::read_to_string(package.join(".expected/config.yaml")).unwrap();
        let config: Config = serde_yaml::from_str(&config).unwrap();
        let dir = Dir::with(&[]);
        let copied = Command::new("cp")
            .arg("-r")
            .arg(&package)
            .arg(dir.path("package"))
            .status()
            .unwrap();
        assert!(copied.success());
        assert_eq!(
            sh(&dir, "git init -q && git add -A && git commit -qm first").status,
            Some(0)
        );
        for run in [1, 2] {
            let said = sh(&dir, &config.line());
            assert_eq!(
                said.status,
                Some(config.exit_code),
                "{}, run {run}\n{said:#?}",
                package.display()
            );
            assert!(
                said.err.contains(&config.std_err),
                "{}\n{}",
                package.display(),
                said.err
            );
            expect(
                &package,
                "results.yaml",
                &dir.read("results/results.yaml"),
                run,
            );
            expect(
                &package,
                "diff.patch",
                &sh(&dir, "git add -A && git diff --cached").out,
                run,
            );
        }
    }
}
