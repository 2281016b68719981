//! What programs read of a run: one SARIF log, or GitHub's annotations, whatever happens on the
//! way.

use serde_json::Value;

use crate::cli::{APP, Dir, Ran};

/// The log, with what SARIF 2.1.0 requires of each part of it (§3.13, §3.14, §3.19, §3.20, §3.27,
/// §3.30, §3.58).
#[track_caller]
fn log(text: &str) -> Value {
    let log: Value = serde_json::from_str(text).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let runs = log["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 1);
    let driver = &runs[0]["tool"]["driver"];
    assert_eq!(driver["name"], "coupler");
    assert!(runs[0]["invocations"][0]["executionSuccessful"].is_boolean());
    let rules: Vec<_> = driver["rules"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| rule["id"].as_str().unwrap())
        .collect();
    let levelled = |value: &Value| {
        assert!(
            ["error", "warning", "note"].contains(&value["level"].as_str().unwrap()),
            "{value}"
        );
        assert!(
            !value["message"]["text"].as_str().unwrap().is_empty(),
            "{value}"
        );
    };
    runs[0]["invocations"][0]["toolExecutionNotifications"]
        .as_array()
        .unwrap()
        .iter()
        .for_each(levelled);
    for result in runs[0]["results"].as_array().unwrap() {
        levelled(result);
        assert!(
            rules.contains(&result["ruleId"].as_str().unwrap()),
            "{result}"
        );
        for location in result["locations"].as_array().unwrap() {
            let Some(place) = location.get("physicalLocation") else {
                continue;
            };
            assert!(place["artifactLocation"]["uri"].is_string(), "{place}");
            if let Some(region) = place.get("region") {
                let number = |name: &str| region[name].as_u64().unwrap();
                let (start, end) = ("startLine", "endLine");
                assert!(
                    (number(start), number("startColumn")) <= (number(end), number("endColumn")),
                    "{region}"
                );
                assert!(number(start) >= 1 && number("startColumn") >= 1, "{region}");
            }
        }
    }
    log
}

fn wrong() -> String {
    APP.replacen("interface: {name: redis}", "interface: {name: mongodb}", 1)
}

#[test]
fn a_run_is_one_sarif_log() {
    let dir = Dir::with(&[("app.yaml", APP), ("wrong/app.yaml", &wrong())]);
    for command in ["render", "check", "build"] {
        let run = |path: &str| dir.run(&[command, path, "--format", "sarif"]);
        let said = run("wrong").status(1);
        let result = log(&said.err)["runs"][0]["results"][0].clone();
        assert_eq!(result["ruleId"], "socket-not-found");
        assert_eq!(
            result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
            "wrong/app.yaml"
        );
        assert_eq!(
            result["locations"][0]["physicalLocation"]["region"]["startLine"],
            5
        );
        let trouble = log(&run("nowhere").status(2).err)["runs"][0]["invocations"][0].clone();
        assert_eq!(trouble["executionSuccessful"], false);
    }
    let right = dir
        .run(&["check", "app.yaml", "--format", "sarif"])
        .status(0);
    assert_eq!(log(&right.err)["runs"][0]["results"], serde_json::json!([]));
}

#[test]
fn wrong_settings_are_results_too() {
    let settings = "apiVersion: integration.rock8s.com/v1\nkind: Coupler\nspec: {strikt: true}\n";
    let dir = Dir::with(&[("app.yaml", APP), ("coupler.yaml", settings)]);
    let said = dir
        .run(&["check", "app.yaml", "--format", "sarif"])
        .status(1);
    assert_eq!(
        log(&said.err)["runs"][0]["results"][0]["ruleId"],
        "unknown-field"
    );
}

#[test]
fn every_error_is_an_annotation() {
    let dir = Dir::with(&[("app.yaml", APP), ("wrong/app.yaml", &wrong())]);
    for command in ["render", "check", "build"] {
        let said = dir
            .run(&[command, "wrong", "--format", "github"])
            .status(1)
            .err;
        let lines: Vec<_> = said.lines().collect();
        let place = "::error file=wrong/app.yaml,line=5,endLine=5,col=21,endColumn=28,title=socket-not-found::no Socket";
        assert!(
            lines[0].starts_with(place) && lines[0].contains("%0A%0Ahelp: "),
            "{said}"
        );
        assert!(lines.iter().all(|line| line.starts_with("::")), "{said}");
        let said = dir
            .run(&[command, "nowhere", "--format", "github"])
            .status(2)
            .err;
        assert!(
            said.starts_with("::error title=coupler::cannot read `nowhere`"),
            "{said}"
        );
    }
    assert_eq!(
        dir.run(&["check", "app.yaml", "--format", "github"])
            .status(0)
            .err,
        ""
    );
}

#[test]
fn files_are_named_by_their_path_in_the_repository() {
    let dir = Dir::with(&[
        (".git/HEAD", ""),
        ("app/dev/x/other.yaml", ""),
        ("app/dev/wrong.yaml", &wrong()),
        ("app/base/wrong.yaml", &wrong()),
    ]);
    for (path, name) in [
        ("./x/../wrong.yaml", "app/dev/wrong.yaml"),
        ("../base/wrong.yaml", "app/base/wrong.yaml"),
    ] {
        let run = |format: &str| {
            let mut command = dir.command(&["check", path, "--format", format]);
            Ran::of(command.current_dir(dir.path("app/dev")))
        };
        let result = log(&run("sarif").err)["runs"][0]["results"][0].clone();
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], name);
        let annotation = run("github").err;
        assert!(
            annotation.contains(&format!("file={name},")),
            "{annotation}"
        );
    }
}
