//! `coupler test`: cases pass, fail with a difference, are written, and are reported.

use std::path::Path;

use crate::cli::{APP, Dir, Ran, SERVICE};

const SECRET: &str =
    "---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: s\nstringData:\n  password: hunter2\n";

fn failing(ran: &Ran, all: &[&str]) {
    assert_eq!(ran.status, Some(1), "{ran:#?}");
    for text in all {
        assert!(ran.out.contains(text), "{text}\n{}", ran.out);
    }
}

#[test]
fn our_own_cases_pass() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (arguments, cases) in [
        (vec!["test", "testdata/render"], 140),
        (vec!["test", "testdata/check", "--check"], 3),
    ] {
        let dir = Dir::with(&[]);
        let ran = Ran::of(dir.command(&arguments).current_dir(root));
        assert_eq!(ran.status, Some(0), "{ran:#?}");
        assert!(
            ran.out
                .lines()
                .filter(|line| line.starts_with("ok "))
                .count()
                >= cases,
            "{}",
            ran.out
        );
    }
}

#[test]
fn what_comes_out_is_taken_as_expected_and_then_passes() {
    let settings =
        "apiVersion: integration.rock8s.com/v1\nkind: Coupler\nspec: {integrations: keep}\n";
    let (plug, socket) = (
        APP.split_once("---\n").unwrap().0,
        APP.split("---\n").nth(1).unwrap(),
    );
    let wrong = plug.replace("redis", "mongodb");
    let dir = Dir::with(&[
        ("cases/one/input.yaml", APP),
        ("cases/kept/input.yaml", APP),
        ("cases/kept/coupler.yaml", settings),
        (
            "cases/many/input/a.yaml",
            APP.rsplit("---\n").next().unwrap(),
        ),
        ("cases/many/input/b/c.yaml", SERVICE),
        (
            "cases/many/input/plug.yaml",
            &plug.replace("redis}", "redis}\n  socket: {name: redis}"),
        ),
        ("cases/many/catalog/redis.yaml", socket),
        ("cases/wrong/input.yaml", &wrong),
    ]);
    failing(
        &dir.run(&["test", "cases"]),
        &[
            "FAILED  cases/many",
            "+++ expected/b/c.yaml, actual",
            "4 failed",
        ],
    );
    let updated = dir.run(&["test", "cases", "--update"]).status(0);
    assert!(
        updated
            .out
            .ends_with("\n4 cases: 0 as expected, 4 updated\n"),
        "{}",
        updated.out
    );
    assert!(
        updated
            .out
            .contains("updated cases/wrong\n    wrote expected-diagnostics.txt\n"),
        "{}",
        updated.out
    );
    let names = dir.names();
    let expected: Vec<_> = names
        .iter()
        .filter(|name| name.contains("expected"))
        .map(String::as_str)
        .collect();
    assert_eq!(
        expected,
        [
            "cases/kept/expected.yaml",
            "cases/many/expected/a.yaml",
            "cases/many/expected/b/c.yaml",
            "cases/one/expected.yaml",
            "cases/wrong/expected-diagnostics.txt",
        ]
    );
    assert!(dir.read("cases/kept/expected.yaml").contains("kind: Plug"));
    assert!(
        dir.read("cases/wrong/expected-diagnostics.txt")
            .contains("--> input.yaml:")
    );
    let passed = dir.run(&["test"]).status(0);
    assert!(
        passed.out.ends_with("\n4 cases: 4 as expected\n"),
        "{}",
        passed.out
    );
}

#[test]
fn a_difference_is_shown_and_a_stale_expectation_is_one() {
    let dir = Dir::with(&[
        ("a/input.yaml", SERVICE),
        ("a/expected.yaml", &SERVICE.replace("web", "other")),
    ]);
    failing(
        &dir.run(&["test", "a"]),
        &[
            "FAILED  a",
            "-  name: other\n",
            "+  name: web\n",
            "1 failed",
        ],
    );
    let dir = Dir::with(&[
        ("a/input/b.yaml", SERVICE),
        ("a/expected/b.yaml", SERVICE),
        ("a/expected/c.yaml", SERVICE),
    ]);
    failing(
        &dir.run(&["test"]),
        &["expected/c.yaml differs from the result"],
    );
    assert!(
        dir.run(&["test", "--update"])
            .status(0)
            .out
            .contains("    removed expected/c.yaml\n")
    );
    assert_eq!(dir.names(), ["a/expected/b.yaml", "a/input/b.yaml"]);
}

#[test]
fn values_of_secrets_are_compared_and_never_shown() {
    let expected = format!("{SERVICE}{SECRET}");
    let dir = Dir::with(&[
        ("a/input.yaml", &expected.replace("hunter2", "hunter3")),
        ("a/expected.yaml", &expected),
    ]);
    let ran = dir.run(&["test", "--junit", "report.xml"]);
    failing(&ran, &["-  password: …", "+  password: …"]);
    assert!(
        !ran.out.contains("hunter") && !dir.read("report.xml").contains("hunter"),
        "{}",
        ran.out
    );
}

#[test]
fn junit_reports_every_case() {
    let dir = Dir::with(&[
        ("t/a/input.yaml", SERVICE),
        ("t/a/expected.yaml", SERVICE),
        ("t/b/input.yaml", SERVICE),
    ]);
    failing(
        &dir.run(&["test", "t", "--junit", "report.xml"]),
        &["2 cases: 1 as expected, 1 failed"],
    );
    let report = dir.read("report.xml");
    assert!(
        report.contains("<testsuites tests=\"2\" failures=\"1\" errors=\"0\">"),
        "{report}"
    );
    assert!(
        report.contains("<testcase classname=\"t\" name=\"a\"/>"),
        "{report}"
    );
    assert!(
        report.contains(
            "name=\"b\">\n      <failure message=\"expected.yaml differs from the result\">"
        ),
        "{report}"
    );
}

#[test]
fn a_run_without_a_case_fails() {
    let dir = Dir::with(&[("a/expected.yaml", SERVICE), ("b/c.yaml", SERVICE)]);
    dir.run(&["test", "b"]).status(1).says(&["no case in `b`"]);
    dir.run(&["test", "a"])
        .status(1)
        .says(&["`a` has an expected result, and no input"]);
    dir.run(&["test", "nowhere"])
        .status(2)
        .says(&["cannot read `nowhere`"]);
}

#[test]
fn a_case_that_cannot_be_run_fails_and_the_others_run() {
    let settings = "apiVersion: integration.rock8s.com/v1\nkind: Coupler\nspec: {strikt: true}\n";
    let dir = Dir::with(&[
        ("t/a/input.yaml", SERVICE),
        ("t/a/coupler.yaml", settings),
        ("t/b/input.yaml", "# nothing\n"),
        ("t/c/input.yaml", SERVICE),
        ("t/c/expected.yaml", SERVICE),
    ]);
    let said = [
        "error[unknown-field]",
        "--> coupler.yaml:3",
        "no documents in",
        "3 cases: 1 as expected, 2 failed",
    ];
    failing(&dir.run(&["test", "t"]), &said);
}
