//! What `examples/ci` and `.pre-commit-hooks.yaml` give to CI systems runs as it is, but for
//! what needs a network.

use std::path::Path;
use std::process::Command;

use serde_yaml::Value;

use crate::cli::Dir;
use crate::host;

/// The example as a repository of one commit, which is its own base.
fn repository() -> Dir {
    let dir = Dir::with(&[]);
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/ci/.");
    assert!(
        Command::new("cp")
            .arg("-r")
            .arg(example)
            .arg(dir.path(""))
            .status()
            .unwrap()
            .success()
    );
    let git = "git init -q . && git add -A && git -c user.name=a -c user.email=a@example.com commit -qm a && \
               git update-ref refs/remotes/origin/main HEAD";
    assert_eq!(host::sh(&dir.path(""), git).status, Some(0));
    dir
}

fn read(path: &str) -> Value {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    serde_yaml::from_str(&text).unwrap()
}

/// Runs the lines that call coupler, and gives how many there were.
fn run(dir: &Dir, lines: &[&str]) -> usize {
    let ours: Vec<_> = lines
        .iter()
        .filter(|line| line.starts_with("coupler "))
        .collect();
    for line in &ours {
        let variables = "GITHUB_BASE_REF=main GITHUB_STEP_SUMMARY=summary.md CI_MERGE_REQUEST_DIFF_BASE_SHA=HEAD";
        let said = host::sh(&dir.path(""), &format!("export {variables}\n{line}"));
        assert_eq!(said.status, Some(0), "{line}\n{said:?}");
    }
    ours.len()
}

#[test]
fn the_steps_for_github_run() {
    let (dir, workflow) = (repository(), read("examples/ci/github.yaml"));
    let steps = workflow["jobs"]["coupler"]["steps"].as_sequence().unwrap();
    let lines: Vec<_> = steps
        .iter()
        .filter_map(|step| step["run"].as_str())
        .collect();
    assert_eq!(run(&dir, &lines), 4);
    let log: serde_json::Value = serde_json::from_str(&dir.read("coupler.sarif")).unwrap();
    assert_eq!(log["version"], "2.1.0");
    assert!(dir.path("summary.md").exists());
}

#[test]
fn the_job_for_gitlab_runs() {
    let (dir, jobs) = (repository(), read("examples/ci/gitlab.yaml"));
    let lines: Vec<_> = jobs["coupler"]["script"]
        .as_sequence()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    assert_eq!(run(&dir, &lines), 3);
    let report = jobs["coupler"]["artifacts"]["reports"]["junit"]
        .as_str()
        .unwrap();
    assert!(dir.read(report).contains("tests=\"1\" failures=\"0\""));
}

#[test]
fn the_hooks_of_pre_commit_run() {
    let hooks = read(".pre-commit-hooks.yaml");
    for hook in hooks.as_sequence().unwrap() {
        let (id, entry) = (
            hook["id"].as_str().unwrap(),
            hook["entry"].as_str().unwrap(),
        );
        assert_eq!(
            (hook["language"].as_str(), hook["pass_filenames"].as_bool()),
            (Some("rust"), Some(false)),
            "{id}"
        );
        assert_eq!(hook["args"][0].as_str(), Some("."), "{id}");
        let args = if id == "coupler-test" { "tests" } else { "app" };
        // what is not rendered yet fails, as it should
        let rendered = if id == "coupler-rendered" {
            "coupler render --in-place app && "
        } else {
            ""
        };
        let said = host::sh(&repository().path(""), &format!("{rendered}{entry} {args}"));
        assert_eq!(said.status, Some(0), "{id}\n{said:?}");
    }
    assert_eq!(
        host::sh(&repository().path(""), "coupler check --rendered app").status,
        Some(1)
    );
}
