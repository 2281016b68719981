//! The rest of the command line: formats, colours, pages, and words that are wrong.

use crate::cli::{APP, Dir};

#[test]
fn diagnostics_come_as_json_lines_when_asked_for() {
    let dir = Dir::with(&[("app.yaml", &APP.replace("name: web}", "name: wev}"))]);
    let ran = dir
        .run(&["check", "app.yaml", "--format", "json"])
        .status(1);
    let lines: Vec<serde_json::Value> = ran
        .err
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines[0]["code"], "workload-not-found");
    assert_eq!(
        (&lines[0]["file"], &lines[0]["line"]),
        (&"app.yaml".into(), &6.into())
    );
    let ran = dir
        .run(&["check", "gone.yaml", "--format", "json"])
        .status(2);
    let line: serde_json::Value = serde_json::from_str(&ran.err).unwrap();
    assert_eq!(
        (&line["code"], &line["severity"]),
        (&serde_json::Value::Null, &"error".into())
    );
}

#[test]
fn colour_is_for_terminals_unless_asked_for() {
    let dir = Dir::with(&[]);
    assert!(!dir.run(&["render", "gone"]).err.contains('\u{1b}'));
    assert!(
        dir.run(&["render", "gone", "--color", "always"])
            .err
            .contains('\u{1b}')
    );
    assert!(
        !dir.run(&["render", "gone", "--color", "never"])
            .err
            .contains('\u{1b}')
    );
}

#[test]
fn every_code_is_explained() {
    let dir = Dir::with(&[]);
    let list = dir.run(&["explain", "--list"]).status(0).out;
    assert_eq!(list.lines().count(), coupler::diagnostic::Code::ALL.len());
    for line in list.lines() {
        let code = line.split_whitespace().next().unwrap();
        let page = dir.run(&["explain", code]).status(0).out;
        assert!(page.starts_with(&format!("# {code}\n")), "{page}");
    }
    assert!(
        dir.run(&["explain", "error[env-collision]"])
            .status(0)
            .out
            .starts_with("# env-collision")
    );
    dir.run(&["explain", "env-colision"])
        .status(2)
        .says(&["coupler explain env-collision"]);
}

#[test]
fn errors_end_once_with_how_to_read_about_them() {
    let app = APP.replace("name: web}", "name: wev}");
    let dir = Dir::with(&[("app.yaml", &app)]);
    let line = "help: for more about the errors: coupler explain workload-not-found\n";
    for words in [&["check", "app.yaml"][..], &["render", "app.yaml"]] {
        let ran = dir.run(words).status(1);
        assert!(ran.err.ends_with(line), "{}", ran.err);
    }
    let ran = dir.run(&["diff", "app.yaml", "app.yaml"]).status(2);
    assert_eq!(ran.err.matches("coupler explain").count(), 1, "{}", ran.err);
    for format in ["json", "github", "sarif"] {
        let ran = dir
            .run(&["check", "app.yaml", "--format", format])
            .status(1);
        assert!(!ran.err.contains("coupler explain workload"), "{}", ran.err);
    }
    std::fs::write(dir.path("app.yaml"), APP).unwrap();
    assert!(
        !dir.run(&["check", "app.yaml"])
            .status(0)
            .err
            .contains("coupler explain")
    );
}

#[test]
fn crds_and_schemas_are_printed() {
    let dir = Dir::with(&[]);
    assert_eq!(dir.run(&["crds"]).status(0).out, coupler::api::crds());
    for kind in coupler::api::KINDS {
        let schema = dir.run(&["schema", kind]).status(0).out;
        serde_json::from_str::<serde_json::Value>(&schema).unwrap();
    }
    let all: serde_json::Value = serde_json::from_str(&dir.run(&["schema"]).status(0).out).unwrap();
    let judge = jsonschema::validator_for(&all).unwrap();
    let plug = |spec| serde_json::json!({"apiVersion": "integration.rock8s.com/v1", "kind": "Plug", "metadata": {"name": "a"}, "spec": spec});
    let spec = serde_json::json!({"interface": {"name": "redis"}, "workloads": [{"name": "web"}]});
    assert!(judge.is_valid(&plug(spec)));
    assert!(!judge.is_valid(&plug(serde_json::json!({"interfaces": 1}))));
    assert!(judge.is_valid(&serde_json::json!({"apiVersion": "v1", "kind": "Service", "spec": 1})));
    dir.run(&["schema", "Secret"])
        .status(2)
        .says(&["coupler has no kind `Secret`"]);
}

#[test]
fn completions_and_manual_pages_know_every_command() {
    let dir = Dir::with(&[]);
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = dir.run(&["completions", shell]).status(0).out;
        assert!(
            ["in-place", "argocd", "explain"]
                .iter()
                .all(|word| script.contains(word)),
            "{shell}"
        );
    }
    let page = dir.run(&["man"]).status(0).out;
    assert!(
        page.starts_with(".ie")
            && page.contains(".TH coupler 1")
            && page.contains("coupler\\-render"),
        "{page}"
    );
    let page = dir.run(&["man", "render"]).status(0).out;
    assert!(
        page.contains(".TH coupler-render 1") && page.contains("\\-\\-in\\-place"),
        "{page}"
    );
    dir.run(&["man", "rendr"])
        .status(2)
        .says(&["no command `rendr`", "did you mean `render`?"]);
    dir.run(&["completions", "csh"]).status(2);
}

#[test]
fn wrong_words_are_two() {
    let dir = Dir::with(&[]);
    let all: [&[&str]; 5] = [
        &[],
        &["rendr"],
        &["render"],
        &["render", "a", "--in-place", "--output", "b"],
        &["check", "a", "--format", "x"],
    ];
    for arguments in all {
        assert!(!dir.run(arguments).status(2).err.is_empty());
    }
    assert!(dir.run(&["--help"]).status(0).out.contains("Examples:"));
    assert!(
        dir.run(&["--version"])
            .status(0)
            .out
            .starts_with("coupler ")
    );
}

#[test]
fn warnings_are_errors_when_strict() {
    let app = format!("{APP}---\nkind: {{{{ .Values.kind }}}}\n");
    let dir = Dir::with(&[("app.yaml", &app)]);
    dir.run(&["render", "app.yaml"])
        .status(0)
        .says(&["warning[unreadable-document]", "warning: 1 warning"]);
    dir.run(&["render", "app.yaml", "--strict"])
        .status(1)
        .says(&["error[unreadable-document]"]);
}

#[test]
#[cfg(not(feature = "watch"))]
fn a_command_that_was_left_out_says_how_to_get_it() {
    let dir = Dir::with(&[]);
    dir.run(&["watch", "--once"])
        .status(2)
        .says(&["without `coupler watch`", "--features watch"]);
}

#[test]
fn the_version_is_that_of_the_package() {
    let version = Dir::with(&[]).run(&["--version"]).status(0).out;
    assert!(
        version.starts_with(concat!("coupler ", env!("CARGO_PKG_VERSION"))),
        "{version}"
    );
}
