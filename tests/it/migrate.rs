//! Migrates the cases of `testdata/migrate`: manifests of the integration-operator's `v1beta1`.
//!
//! A case is `input.yaml`, what comes out (`expected.yaml`, `expected-report.txt`), and by hand:
//! `emitted.yaml`, the objects that the operator emits in a cluster, which a render must emit too;
//! `check.txt`, the codes of the errors of a check, where there are any.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use coupler::migrate::{MigratedSource, migrate};
use coupler::render::{Input, Role, Source, check, render};
use coupler::{Rendered, Severity};
use serde_json::Value;

use crate::cli::Dir;
use crate::golden::expect;

fn cases() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/migrate");
    let mut cases: Vec<PathBuf> = std::fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    cases.sort();
    assert!(cases.len() >= 12, "{cases:?}");
    cases
}

fn input(text: &str) -> Input {
    let source = Source {
        name: "input.yaml".to_owned(),
        text: text.to_owned(),
        role: Role::Stream,
    };
    Input {
        sources: vec![source],
        ..Input::default()
    }
}

/// What a text becomes.
fn migrated(text: &str) -> String {
    let input = input(text);
    let migration = migrate(&input);
    migration.sources.iter().map(MigratedSource::text).collect()
}

/// The faults of all cases at once.
fn judge(check: impl Fn(&Path) -> Result<(), String>) {
    let faults: Vec<String> = cases()
        .iter()
        .filter_map(|case| {
            let fault = check(case).err()?;
            Some(format!("== {}\n{fault}", case.display()))
        })
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn read(case: &Path, name: &str) -> String {
    std::fs::read_to_string(case.join(name)).unwrap_or_default()
}

#[test]
fn each_case_becomes_what_is_expected() {
    judge(|case| {
        let text = read(case, "input.yaml");
        let dir = Dir::with(&[("input.yaml", &text)]);
        let ran = dir.run(&["migrate", "input.yaml"]);
        let has_no_counterpart = ran.err.contains(": no counterpart: ");
        let status = i32::from(has_no_counterpart);
        if ran.status != Some(status) {
            return Err(format!("{ran:#?}"));
        }
        expect(&case.join("expected.yaml"), &ran.out)?;
        expect(&case.join("expected-report.txt"), &ran.err)
    });
}

#[test]
fn a_second_run_changes_nothing() {
    judge(|case| {
        let once = migrated(&read(case, "input.yaml"));
        let twice = migrated(&once);
        if once == twice {
            return Ok(());
        }
        Err(twice)
    });
}

#[test]
fn a_check_of_the_output_has_only_the_errors_of_the_case() {
    judge(|case| {
        let input = input(&migrated(&read(case, "input.yaml")));
        let output = check(&input);
        let errors = output.diagnostics.iter();
        let errors = errors.filter(|diagnostic| diagnostic.severity != Severity::Info);
        let codes: BTreeSet<&str> = errors.map(|error| error.code.as_str()).collect();
        let expected = read(case, "check.txt");
        if codes == expected.lines().collect() {
            return Ok(());
        }
        Err(output.text(&input))
    });
}

/// The objects of a text, without coupler's marks on them.
fn objects(text: &str) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    for document in coupler::manifest::scan(0, text) {
        let tree = coupler::manifest::Tree::read(document.text).unwrap();
        let Some(root) = tree.root() else { continue };
        let mut json = tree.json(root).unwrap();
        for part in ["labels", "annotations"] {
            let metadata = json["metadata"].as_object_mut().unwrap();
            let Some(marks) = metadata.get_mut(part).and_then(Value::as_object_mut) else {
                continue;
            };
            marks.retain(|key, _| !key.contains("integration.rock8s.com"));
            if marks.is_empty() {
                metadata.remove(part);
            }
        }
        let name = |path: &str| json.pointer(path).cloned().unwrap_or_default().to_string();
        let key = [
            name("/kind"),
            name("/metadata/namespace"),
            name("/metadata/name"),
        ];
        found.insert(key.join(" "), json);
    }
    found
}

#[test]
fn a_render_emits_what_the_operator_emits() {
    judge(|case| {
        if case.join("check.txt").exists() {
            return Ok(());
        }
        let text = read(case, "input.yaml");
        let input = input(&migrated(&text));
        let output = render(&input);
        if output.has_errors() {
            return Err(output.text(&input));
        }
        let rendered: String = output.rendered.iter().map(Rendered::text).collect();
        let mut emitted = objects(&rendered);
        // what is in the input too was not emitted
        let given: BTreeSet<String> = coupler::manifest::scan(0, &text)
            .iter()
            .filter(|document| !document.text.contains("integration.rock8s.com"))
            .flat_map(|document| objects(document.text).into_keys())
            .collect();
        emitted.retain(|key, _| !given.contains(key));
        let expected = objects(&read(case, "emitted.yaml"));
        if emitted == expected {
            return Ok(());
        }
        Err(format!("{emitted:#?}\n{expected:#?}\n{rendered}"))
    });
}

#[test]
fn the_fields_in_place_of_a_policy_can_be_pasted() {
    let case = cases().into_iter();
    let mut case = case.filter(|case| case.to_string_lossy().contains("a-policy-that-edits"));
    let case = case.next().unwrap();
    let report = read(&case, "expected-report.txt");
    let lines = report.lines().skip_while(|line| *line != "    bind:");
    let lines = lines.take_while(|line| !line.contains("for a field that needs"));
    let paste: String = lines.map(|line| format!("{}\n", &line[2..])).collect();
    let text = migrated(&read(&case, "input.yaml"));
    let pasted = text.replacen("  bind:\n    env: []\n", &paste, 1);
    assert_ne!(pasted, text);
    let input = input(&pasted);
    let output = render(&input);
    assert!(!output.has_errors(), "{}", output.text(&input));
    let rendered: String = output.rendered.iter().map(Rendered::text).collect();
    let release = &objects(&rendered)["\"HelmRelease\" \"forum\" \"forum-release\""];
    let store = &release["spec"]["values"]["store"];
    assert_eq!(store["database"], "forum", "{rendered}");
    assert_eq!(store["host"], "db.tables.svc", "{rendered}");
    assert_eq!(store["address"], "db.tables.svc:3306", "{rendered}");
}

mod generated {
    //! Streams of documents that somebody may have, in any order.

    use proptest::prelude::*;

    use super::*;

    /// Values of Secrets in the inputs.
    const SECRETS: [&str; 3] = ["c2VzYW1l", "b3BlbmRvb3I=", "aHVudGVyMg=="];

    /// Documents that are none of the migration's business.
    const OTHERS: [&str; 6] = [
        "# only a comment\n",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: till-plug, namespace: kiosk}\ndata: {a: aHVudGVyMg==}\n",
        "apiVersion: v1\nkind: ConfigMap # c\nmetadata:\r\n  name: a\r\n",
        "a: b: c: {{ .Values.x }}\n",
        "{\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": []}\n",
        "apiVersion: integration.rock8s.com/v1\nkind: Plug\nmetadata: {name: new}\nspec: {}\n",
    ];

    /// Objects of the operator that stay, and one in JSON and one with an alias.
    const ODD: [&str; 5] = [
        "apiVersion: integration.risserlabs.com/v1alpha2\nkind: Plug\nmetadata: {name: old}\nspec: {}\n",
        "{\"apiVersion\": \"integration.rock8s.com/v1beta1\", \"kind\": \"Plug\", \"metadata\": {\"name\": \"j\"}, \"spec\": {\"socket\": {\"name\": \"heat\"}, \"epoch\": \"1\"}}\n",
        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: integration.rock8s.com/v1beta1\n  kind: Plug\n  metadata: {name: listed} # c4\n- apiVersion: v1\n  kind: Secret\n  data:\n    a: aHVudGVyMg==\n",
        "apiVersion: integration.rock8s.com/v1beta1\nkind: Socket\nmetadata: &m {name: z}\nspec: {config: *m}\n",
        "apiVersion: integration.rock8s.com/v1beta1\nkind: Socket\nmetadata:\n  name: s # c1\nspec:\n  # c2\n  config: {a: b} # c3\nstatus: {conditions: []}",
    ];

    fn old_documents() -> Vec<String> {
        let mut all = Vec::new();
        for case in cases() {
            let text = read(&case, "input.yaml");
            let documents = coupler::manifest::scan(0, &text);
            all.extend(documents.iter().map(|document| {
                let text = document.text.trim_start_matches("---\n");
                text.to_owned()
            }));
        }
        all.extend(ODD.map(str::to_owned));
        all
    }

    /// What templates are made of, in an order that often makes none.
    const WORDS: [&str; 18] = [
        "{% ",
        " %}",
        "{%- ",
        "if ",
        "else",
        "end",
        ".plugConfig.a",
        ".socketConfig.b",
        "quote",
        " | ",
        "(",
        ")",
        "eq ",
        "\"x\"",
        "text",
        ": ",
        "\n",
        "  ",
    ];

    fn template() -> impl Strategy<Value = String> {
        prop::collection::vec(prop::sample::select(&WORDS[..]), 0..12)
            .prop_map(|words| words.concat())
    }

    fn with_template(template: &str) -> String {
        let lines = template.replace('\n', "\n        ");
        format!(
            "apiVersion: integration.rock8s.com/v1beta1\nkind: Plug\nmetadata: {{name: t}}\nspec:\n  socket: {{name: u}}\n  \
             configTemplate:\n    a: |\n        {lines}\n  resources:\n    - do: apply\n      when: [coupled]\n      stringTemplate: |\n        \
             kind: A\n        {lines}\n        metadata: {{name: a}}\n"
        )
    }

    fn joined(documents: &[String]) -> String {
        documents
            .iter()
            .map(|document| format!("---\n{}\n", document.trim_end_matches('\n')))
            .collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn no_document_is_lost_and_a_second_run_changes_nothing(
            old in prop::sample::subsequence(old_documents(), 0..8).prop_shuffle(),
            others in prop::sample::subsequence(OTHERS.map(str::to_owned).to_vec(), 0..6),
            template in template(),
        ) {
            let mut documents = old.clone();
            documents.push(with_template(&template));
            documents.extend(others.iter().cloned());
            let text = joined(&documents);
            let input = input(&text);
            let migration = migrate(&input);
            let once: String = migration.sources.iter().map(MigratedSource::text).collect();
            let count = coupler::manifest::scan(0, &once).len();
            prop_assert!(count >= coupler::manifest::scan(0, &text).len(), "{text}\n{once}");
            for other in &others {
                prop_assert!(once.contains(other.trim_end_matches('\n')), "{other}\n{once}");
            }
            prop_assert_eq!(migrated(&once), once.clone());
            for secret in SECRETS {
                prop_assert_eq!(once.matches(secret).count(), text.matches(secret).count());
                for line in &migration.report.lines {
                    let help = line.help.as_ref().map_or("", |help| help.as_str());
                    prop_assert!(!line.message.contains(secret) && !help.contains(secret));
                }
            }
            // every comment is kept
            for comment in ["# c1", "# c2", "# c3", "# c4", "# made by an operator", "# the chart ships"] {
                prop_assert_eq!(once.contains(comment), text.contains(comment), "{}\n{}", comment, once);
            }
        }
    }
}
