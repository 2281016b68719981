//! Nothing that somebody wrote commands a terminal, a log or a page: hostile names through every
//! output, and one door each.

use std::path::Path;
use std::process::Stdio;

use coupler::diagnostic::printable::is_hidden;

use crate::cli::{Dir, Ran};
use crate::floors::rust_files;

/// As a file's name, and in manifests.
const HOSTILE: &str = "x\n::add-mask::y\n##[group]z \u{1b}[2J\u{9b}2J\u{202e}\u{200e}\u{61c}\u{2028}\u{2029}\u{85}`|https:@a #1 :b: $c$";

/// The same in double quotes, which are bytes that YAML and an editor show.
fn quoted() -> String {
    let escape = |c: char| match c {
        '"' | '\\' => format!("\\{c}"),
        c if c.is_ascii() && !c.is_control() => c.to_string(),
        c => format!("\\u{:04x}", u32::from(c)),
    };
    format!("\"{}\"", HOSTILE.chars().map(escape).collect::<String>())
}

/// Mistakes of many kinds whose names, keys, values and comments are hostile.
fn manifests(port: u16) -> String {
    let name = quoted();
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}, namespace: {name}}}\nspec:\n  template:\n    spec:\n      \
         containers:\n      - {{name: {name}, image: a}} # \u{202e}::x\n---\n\
         apiVersion: integration.rock8s.com/v1\nkind: Socket\nmetadata: {{name: {name}, namespace: {name}}}\nspec:\n  \
         interface: {{name: redis, versions: [1.0.0]}}\n  config: {{host: {name}, port: {port}}}\n---\n\
         apiVersion: integration.rock8s.com/v1\nkind: Plug\nmetadata: {{name: {name}, namespace: {name}}}\nspec:\n  \
         interface: {{name: redis}}\n  workloads: [{{name: {name}}}]\n---\n\
         apiVersion: integration.rock8s.com/v1\nkind: Plug\nmetadata: {{name: b, namespace: {name}}}\nspec:\n  \
         interface: {{name: {name}}}\n  {name}: 1\n  workloads: [{{name: {name}}}, {{name: a, containers: [{name}]}}]\n  \
         bind: {{env: {{A: {{value: {name}}}}}}}\n"
    )
}

/// That a text is fit to be printed; `own` are the commands that the output itself is made of.
#[track_caller]
fn harmless(what: &str, text: &str, own: &[&str]) {
    let hidden: Vec<_> = text
        .chars()
        .filter(|&c| is_hidden(c) && c != '\n' && c != '\t')
        .collect();
    assert!(hidden.is_empty(), "{what}: {hidden:?} in\n{text}");
    for line in text.lines() {
        let commands =
            line.trim_start().starts_with("::") && !own.iter().any(|own| line.starts_with(own));
        assert!(
            !commands && !line.contains("##[") && !line.contains("##vso["),
            "{what}: {line}\nin\n{text}"
        );
    }
}

#[test]
fn hostile_names_reach_no_format_as_they_are() {
    let file = format!("{}.yaml", HOSTILE.replace('/', "-"));
    let dir = Dir::with(&[
        (&file, &manifests(1)),
        ("broken.yaml", "kind: Plug\n# \u{9b}\na: [\n"),
    ]);
    for format in ["text", "json", "github", "sarif"] {
        for path in [file.as_str(), ".", "broken.yaml", HOSTILE] {
            let ran = dir.run(&["check", path, "--format", format]);
            assert!(
                path == "broken.yaml" || ran.status != Some(0),
                "{format} {}",
                ran.err
            );
            harmless(
                &format!("check --format {format} {path:?}"),
                &ran.err,
                &["::error ", "::warning ", "::notice "],
            );
            harmless(format, &ran.out, &[]);
            if format == "json" {
                let whole = ran
                    .err
                    .lines()
                    .all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok());
                assert!(whole, "{}", ran.err);
            }
        }
    }
    let names = dir.run(&["check", &file, "--format", "json"]).err;
    let first: serde_json::Value = serde_json::from_str(names.lines().next().unwrap()).unwrap();
    assert_eq!(first["file"], file.as_str(), "JSON keeps every character");
}

#[test]
fn hostile_names_reach_no_report_of_a_migration() {
    let name = quoted();
    let action = "{% now `::x\u{202e}` %}";
    let old = format!(
        "apiVersion: integration.rock8s.com/v1beta1\nkind: Plug\nmetadata: {{name: {name}, namespace: {name}}}\nspec:\n  \
         socket: {{name: {name}}}\n  config: {{{name}: {name}}}\n  configSecretName: {name}\n  {name}: 1\n  \
         configTemplate: {{{name}: \"{action}\"}}\n  resources:\n  - do: apply\n    when: [coupled]\n    \
         template: {{apiVersion: v1, kind: Secret, metadata: {{name: {name}}}, stringData: {{{name}: {name}}}}}\n"
    );
    let file = format!("{}.yaml", HOSTILE.replace('/', "-"));
    let dir = Dir::with(&[(&file, &old)]);
    for format in ["text", "json", "markdown"] {
        let ran = dir.run(&["migrate", &file, "--report", format]);
        assert_eq!(ran.status, Some(1), "{ran:#?}");
        // the manifests are as their author wrote them
        harmless(&format!("migrate --report {format}"), &ran.err, &[]);
    }
}

/// Manifests whose mistakes have help that quotes a name, in which a line is begun.
fn helped() -> String {
    let name = "\"web\\nforged: a line of its own\"";
    let close = "\"wbe\\nforged: a line of its own\"";
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}}}\nspec:\n  template:\n    spec:\n      \
         containers:\n      - {{name: {name}}}\n      - {{name: other}}\n---\n\
         apiVersion: integration.rock8s.com/v1\nkind: Plug\nmetadata: {{name: a}}\nspec:\n  interface: {{name: redis}}\n  \
         socket: {{name: {close}}}\n  workloads: [{{name: {close}}}]\n---\n\
         apiVersion: integration.rock8s.com/v1\nkind: Plug\nmetadata: {{name: b}}\nspec:\n  interface: {{name: redis}}\n  \
         workloads: [{{name: {name}}}, {{name: {name}, containers: [{close}]}}]\n---\n\
         apiVersion: integration.rock8s.com/v1\nkind: Socket\nmetadata: {{name: {name}}}\nspec:\n  \
         interface: {{name: redis, versions: [1.0.0]}}\n---\n\
         apiVersion: integration.rock8s.com/v1\nkind: Socket\nmetadata: {{name: {name}, namespace: {name}}}\nspec:\n  \
         interface: {{name: {close}, versions: [1.0.0]}}\n"
    )
}

#[test]
fn a_name_in_a_message_or_a_help_begins_no_line() {
    let dir = Dir::with(&[("a.yaml", &helped())]);
    for format in ["text", "github"] {
        let err = dir.run(&["check", "a.yaml", "--format", format]).err;
        let quoted = "\\nforged: a line of its own";
        assert!(
            err.contains(&format!("did you mean `web{quoted}`?")),
            "{err}"
        );
        let begun = err
            .replace("%0A", "\n")
            .lines()
            .any(|line| line.trim_start().starts_with("forged"));
        assert!(!begun, "{format}: {err}");
    }
}

#[test]
fn hostile_names_reach_no_comparison_as_they_are() {
    let name = quoted();
    let good = |port: u16| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}, namespace: shop, labels: {{app: web}}}}\nspec:\n  \
             template:\n    spec:\n      containers:\n      - {{name: {name}, image: a}}\n---\n\
             apiVersion: integration.rock8s.com/v1\nkind: Socket\nmetadata: {{name: b, namespace: shop}}\nspec:\n  \
             interface: {{name: redis, versions: [1.0.0]}}\n  config: {{host: b, port: {port}}}\n---\n\
             apiVersion: integration.rock8s.com/v1\nkind: Plug\nmetadata: {{name: b, namespace: shop}}\nspec:\n  \
             interface: {{name: redis}}\n  workloads: [{{matchLabels: {{app: web}}}}]\n"
        )
    };
    let dir = Dir::with(&[("a.yaml", &good(1)), ("b.yaml", &good(2))]);
    for format in ["text", "markdown", "json"] {
        for paths in [
            ["a.yaml", "b.yaml"],
            ["a.yaml", HOSTILE],
            [HOSTILE, "a.yaml"],
        ] {
            let ran = dir.run(&["diff", paths[0], paths[1], "--format", format]);
            harmless(
                &format!("diff --format {format} {paths:?}"),
                &(ran.out + &ran.err),
                &[],
            );
        }
    }
}

#[test]
fn hostile_names_reach_no_report_of_a_test_as_they_are() {
    let case = format!("cases/{}", HOSTILE.replace('/', "-"));
    let words = format!("{HOSTILE}\n ::add-mask::a\n");
    let dir = Dir::with(&[
        (&format!("{case}/input.yaml"), &manifests(1)),
        (&format!("{case}/expected-diagnostics.txt"), &words),
        ("other/input.yaml", "kind: A\na: 1\n"),
        ("other/expected.yaml", "# \u{9b}\n::add-mask::a\n"),
    ]);
    let ran = dir.run(&["test", "cases", "other", "--junit", "report.xml"]);
    assert_ne!(ran.status, Some(0), "{}", ran.out);
    harmless("test", &(ran.out + &ran.err), &[]);
    let report = dir.read("report.xml");
    let hidden: Vec<_> = report
        .chars()
        .filter(|&c| is_hidden(c) && c != '\n' && c != '\t')
        .collect();
    assert!(hidden.is_empty(), "{hidden:?} in\n{report}");
}

#[test]
fn hostile_arguments_are_reported_as_data() {
    let dir = Dir::with(&[]);
    for arguments in [
        vec![HOSTILE],
        vec!["render", "--format", HOSTILE],
        vec!["explain", HOSTILE],
        vec!["schema", HOSTILE],
        vec!["man", HOSTILE],
        vec!["render", HOSTILE],
        vec!["test", HOSTILE],
        vec!["init", HOSTILE],
    ] {
        for colour in [&[][..], &["--color", "always"]] {
            let ran = Ran::of(dir.command(&arguments).args(colour));
            assert_ne!(ran.status, Some(0), "{arguments:?}");
            // what a terminal gets are colours and nothing else
            let painted = ran.out + &ran.err;
            let plain: String = painted
                .split("\u{1b}[")
                .enumerate()
                .map(|(i, piece)| uncoloured(i, piece))
                .collect();
            harmless(&format!("{arguments:?}"), &plain, &[]);
        }
    }
}

/// A piece behind the beginning of a command to a terminal, which must be one for colours.
fn uncoloured(piece: usize, text: &str) -> String {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';');
    if piece == 0 {
        text.to_owned()
    } else {
        rest.strip_prefix('m')
            .expect("a command to a terminal")
            .to_owned()
    }
}

#[test]
fn what_another_program_complains_of_is_passed_on_as_data() {
    let script = "#!/bin/sh\nprintf 'Error: \\033[2J\\302\\2332J\\n::add-mask::y\\n##[group]z\\nlast' >&2\nexit 3\n";
    let dir = Dir::with(&[
        ("bin/kustomize", script),
        ("app/kustomization.yaml", "resources: []\n"),
    ]);
    let program = dir.path("bin/kustomize");
    std::fs::set_permissions(
        &program,
        std::os::unix::fs::PermissionsExt::from_mode(0o755),
    )
    .unwrap();
    let path = format!("{}:/usr/bin:/bin", dir.path("bin").display());
    let ran = Ran::of(
        dir.command(&["build", "app"])
            .env("PATH", path)
            .stdin(Stdio::null()),
    );
    assert_eq!(ran.status, Some(3), "{}", ran.err);
    assert!(
        ran.err.starts_with("Error: ") && ran.err.contains("last"),
        "{}",
        ran.err
    );
    harmless("build", &ran.err, &[]);
}

#[test]
fn a_host_of_the_function_shows_no_name_as_it_is() {
    let items: String = manifests(1)
        .split("---\n")
        .map(|object| {
            let mut lines = object.lines();
            let first = lines.next().unwrap();
            format!("- {first}\n") + &lines.map(|line| format!("  {line}\n")).collect::<String>()
        })
        .collect();
    let list = format!("apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n{items}");
    let answer = coupler::krm::run(list);
    assert_eq!(answer.status, 1, "{}", answer.stderr);
    harmless("standard error", &answer.stderr, &[]);
    let (_, results) = answer.stdout.split_once("\nresults:").unwrap();
    harmless("results", results, &[]);
    let results: serde_yaml::Value = serde_yaml::from_str(&answer.stdout).unwrap();
    for result in results["results"].as_sequence().unwrap() {
        let mut texts = vec![
            &result["message"],
            &result["field"]["path"],
            &result["file"]["path"],
        ];
        texts.extend(
            ["apiVersion", "kind", "name", "namespace"].map(|key| &result["resourceRef"][key]),
        );
        texts
            .iter()
            .filter_map(|text| text.as_str())
            .for_each(|text| {
                harmless("a result", text, &[]);
                assert!(!text.contains('\n'), "{text}");
            });
    }
}

/// What may write to standard output and standard error.
const DOORS: [&str; 4] = [
    "src/cli/print.rs",
    "src/krm/shell.rs",
    "src/watch/log.rs",
    "krm-fn/main.rs",
];
/// What writes there.
const WRITES: [&str; 16] = [
    "stdout()",
    "stderr()",
    "io::stdout",
    "io::stderr",
    "stdout as",
    "stderr as",
    "io::*",
    "println!",
    "print!(",
    "dbg!",
    "from_raw_fd",
    "/dev/std",
    "/dev/tty",
    "Stdio::inherit()",
    "error.print()",
    "normalize_untrusted_str",
];

/// What a file that is no door writes with.
fn written(text: &str) -> Vec<&'static str> {
    let code = text
        .split("#[cfg(test)]\nmod tests")
        .next()
        .unwrap_or_default();
    let code = code.replace("use_stderr()", "");
    WRITES
        .into_iter()
        .filter(|write| code.contains(write))
        .collect()
}

#[test]
fn only_the_doors_write() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut doors, mut wrong) = (0, Vec::new());
    for path in ["src", "krm-fn"]
        .iter()
        .flat_map(|dir| rust_files(&root.join(dir)))
    {
        let name = path.strip_prefix(root).unwrap().to_str().unwrap();
        let test = name.contains("/tests") || name.ends_with("/kubectl_for_tests.rs");
        if DOORS.contains(&name) {
            doors += 1;
        } else if !test {
            let found = written(&std::fs::read_to_string(&path).unwrap());
            wrong.extend(
                found
                    .iter()
                    .map(|write| format!("{name}: `{write}`: go through a door, with a Printable")),
            );
        }
    }
    assert_eq!(doors, DOORS.len(), "a door is gone");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn sees_what_writes() {
    for text in [
        "io::stdout().lock()",
        "eprintln!(\"a\")",
        "let out = io::stdout;",
        "use io::{stdout as o}",
        "dbg!(a)",
        "#[cfg(test)]\nuse a;\nprint!()",
        "use io::stderr;\nstderr().write(b)",
        "c.stderr(Stdio::inherit())",
    ] {
        assert!(!written(text).is_empty(), "{text}");
    }
    assert!(written("print::page(&text)\n#[cfg(test)]\nmod tests {\nprintln!()").is_empty());
}
