//! Tests that what cannot be edited safely is refused with its place, and what gets a warning.

use super::*;

#[track_caller]
pub(super) fn refused(text: &str, at: &str, words: &str) {
    let result = run(text, vec![coupling("mongo", &["web"], &usual())]);
    let (code, message) = error(&result);
    assert_eq!(code, Code::CannotEdit, "{message}");
    assert!(message.contains(words), "{message}");
    let place = result
        .diagnostics
        .iter()
        .find(|d| d.code == code)
        .unwrap()
        .labels[0]
        .place;
    assert_eq!(&text[place.span.range()], at);
}

#[test]
fn aliases_anchors_merges_and_tags() {
    refused(
        &deployment("        env: *e\n      x: &e []\n")
            .replace("      x:", "      y: 1\n      x:")
            .replace("spec:\n  template", "x-e: &e []\nspec:\n  template")
            .replace("      y: 1\n      x: &e []\n", ""),
        "*e",
        "alias",
    );
    refused(
        &deployment("        env: &e []\n      - name: b\n        env: *e\n"),
        "[]",
        "the alias `*",
    );
    let merged = deployment("        <<: *base\n").replace(
        "spec:\n  template",
        "x-base: &base {env: []}\nspec:\n  template",
    );
    refused(&merged, "*base", "merge key");
    refused(
        &deployment("        env: !!seq\n        - name: X\n"),
        "- name: X",
        "tag",
    );
    let labels = deployment("").replace(
        "  name: web\nspec:\n",
        "  name: web\n  labels: &l {a: b}\nspec:\n  selector: *l\n",
    );
    refused(&labels, "{a: b}", "the alias `*");
}

#[test]
fn an_anchor_that_nobody_uses_is_no_obstacle() {
    baked(&deployment("        env: &e []\n"), &["web"], &usual());
    baked(
        &deployment("        env: &e\n        - name: X\n"),
        &["web"],
        &usual(),
    );
}

#[test]
fn entries_that_are_not_what_they_seem() {
    refused(&deployment("        env: text\n"), "text", "not a list");
    refused(&deployment("        env: {A: b}\n"), "{A: b}", "not a list");
    refused(
        &deployment("        env:\n        - just text\n"),
        "just text",
        "no name",
    );
    refused(
        &deployment("").replace("  name: web\nspec", "  name: web\n  labels: []\nspec"),
        "[]",
        "not a mapping",
    );
}

#[test]
fn a_key_without_a_colon() {
    for keys in [
        "name: web, annotations",
        "name: web, annotations , x: y",
        "name: web, labels",
    ] {
        let text = deployment("").replace(
            "metadata:\n  name: web\n",
            &format!("metadata: {{{keys}}}\n"),
        );
        assert!(text.contains(keys), "{text}");
        let (code, message) = error(&run(&text, vec![coupling("mongo", &["web"], &usual())]));
        assert_eq!(
            (code, message.contains("has no colon")),
            (Code::CannotEdit, true),
            "{message}"
        );
    }
}

#[test]
fn a_key_with_nothing_before_a_comma() {
    let text = deployment("      - {name: b, env:, image: i}\n");
    let (code, message) = error(&run(&text, vec![coupling("mongo", &["b"], &usual())]));
    assert_eq!(
        (code, message.contains("has no value")),
        (Code::CannotEdit, true),
        "{message}"
    );
}

#[test]
fn a_pair_without_braces() {
    let text = deployment("").replace(
        "      containers:\n      - name: web\n",
        "      containers: [name: web]\n",
    );
    refused(&text, "name: web", "no braces");
}

#[test]
fn what_is_replaced_must_be_a_value() {
    let mut entry = value("A", "new");
    entry.overwrite = OverwriteRule::Always;
    for entries in [
        "- name: A\n          valu: old\n",
        "- name: A\n          value: old\n          valu: old\n",
    ] {
        let text = deployment(&format!("        env:\n        {entries}"));
        let (code, message) = error(&run(
            &text,
            vec![coupling("mongo", &["web"], std::slice::from_ref(&entry))],
        ));
        assert_eq!(code, Code::CannotEdit, "{message}");
    }
}

#[test]
fn a_block_text_at_the_end_of_a_file_without_newline() {
    for indicator in ["|", ">", "|+"] {
        let text = deployment("").replace(
            "      volumes: []\n",
            &format!("        args:\n        - {indicator}\n          x"),
        );
        refused(&text, &format!("{indicator}\n          x"), "newline");
    }
    let elsewhere = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\nspec:\n  containers:\n  - name: web\n    env: []\n  x: |\n    x";
    baked(elsewhere, &["web"], &usual());
}

#[test]
fn kinds_without_a_pod_template() {
    let text = "apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: x}\n";
    assert_eq!(
        error(&run(text, vec![coupling("mongo", &["web"], &usual())])).0,
        Code::UnsupportedWorkload
    );
    assert_eq!(run(text, Vec::new()).text, None);
}

#[test]
fn a_container_that_is_not_there() {
    let (code, words) = error(&run(
        &deployment(""),
        vec![coupling("mongo", &["app"], &usual())],
    ));
    assert_eq!(code, Code::ContainerNotFound);
    assert!(words.contains("`app`"), "{words}");
}

#[test]
fn what_is_worth_a_word() {
    let codes = |text: &str| {
        let result = run(text, vec![coupling("mongo", &["web"], &usual())]);
        assert!(result.text.is_some(), "{:#?}", result.diagnostics);
        result
            .diagnostics
            .iter()
            .map(|d| (d.code, d.severity))
            .collect::<Vec<_>>()
    };
    let pod = |metadata: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\n{metadata}spec:\n  containers:\n  - name: web\n"
        )
    };
    assert_eq!(
        codes(&pod("")),
        [(Code::ImmutableTemplate, Severity::Warning)]
    );
    assert_eq!(codes(&pod("  annotations: {helm.sh/hook: test}\n")), []);
    let from = deployment("        envFrom:\n        - configMapRef: {name: c}\n");
    assert_eq!(codes(&from), [(Code::EnvFromUnseen, Severity::Info)]);
    assert_eq!(codes(&deployment("        envFrom: []\n")), []);
}

#[test]
fn a_record_that_is_too_large() {
    let env: Vec<_> = (0..3000)
        .map(|i| value(&format!("VARIABLE_NUMBER_{i}"), "1"))
        .collect();
    assert_eq!(
        error(&run(
            &deployment(""),
            vec![coupling("mongo", &["web"], &env)]
        ))
        .0,
        Code::LimitExceeded
    );
}

#[test]
fn what_an_alias_repeats_is_not_undone() {
    let baked = baked(&deployment("        image: i\n"), &["web"], &usual());
    for (edited, words) in [
        (baked.replace("  labels:\n", "  &k labels:\n"), "anchor"),
        (
            baked.replace("  labels:\n", "  labels: &l\n") + "status: *l\n",
            "the alias `*",
        ),
        (
            baked.replace("coupled: \"true\"\n", "coupled: &l \"true\"\n") + "status: *l\n",
            "the alias `*",
        ),
        (
            baked.replace("        env:\n", "        &k env:\n") + "status: *k\n",
            "anchor",
        ),
    ] {
        assert_ne!(edited, baked);
        let (code, message) = error(&run(&edited, Vec::new()));
        assert_eq!(code, Code::CannotEdit, "{message}");
        assert!(message.contains(words), "{message}");
    }
}

#[test]
fn a_document_that_would_be_too_large_is_refused_before_it_is_written() {
    let full = deployment("") + &format!("status: [{}0]\n", "0,".repeat(crate::limits::NODES - 30));
    let allocated = |couplings: Vec<DesiredCoupling<'_>>, expected: Option<Code>| {
        let mut couplings = Some(couplings);
        let used = allocation_counter::measure(|| {
            let projected = run(&full, couplings.take().unwrap_or_default());
            let codes: Vec<Code> = projected.diagnostics.iter().map(|one| one.code).collect();
            assert_eq!(codes, Vec::from_iter(expected));
        });
        used.bytes_total
    };
    let untouched = allocated(Vec::new(), None);
    let refused = allocated(
        vec![coupling("mongo", &["web"], &usual())],
        Some(Code::LimitExceeded),
    );
    // to read the result would take as much again as to read the document
    assert!(
        refused < untouched + untouched / 4,
        "{refused} bytes are allocated, and {untouched} where nothing is baked"
    );
    let (_, message) = error(&run(&full, vec![coupling("mongo", &["web"], &usual())]));
    assert!(
        message.contains("with what is written") && message.contains("split"),
        "{message}"
    );
}
