//! Tests entries of the author's that have the content already, and literals that a secret would
//! replace.

use super::*;

fn env(entries: &str) -> String {
    deployment(&format!("        env:\n{entries}"))
}

/// Couples without an error and gives the text.
#[track_caller]
fn coupled(text: &str, variables: &[EnvEntry]) -> String {
    let out = run(text, vec![coupling("mongo", &["web"], variables)]);
    assert!(!has_errors(&out.diagnostics), "{:#?}", out.diagnostics);
    out.text.expect("a record at least")
}

#[test]
fn what_has_the_value_already_stays_as_its_author_wrote_it() {
    for own in [
        "        - name: A\n          value: '1' # why\n",
        "        - {name: A, value: \"1\"}\n",
        "        - value: \"1\"\n          name: A\n",
    ] {
        for wanted in [value("A", "1"), replacing(value("A", "1"))] {
            let text = env(own);
            let out = baked(&text, &["web"], std::slice::from_ref(&wanted));
            assert!(
                out.contains(own) && out.contains("\"kept\":{\"env/web\":{\"A\":\""),
                "{out}"
            );
            assert!(
                !out.contains("originals") && !out.contains("\"entries\""),
                "{out}"
            );
        }
    }
    let empty = env("        - name: A\n");
    assert!(baked(&empty, &["web"], &[value("A", "")]).contains("\"kept\""));
}

#[test]
fn an_optional_reference_stays_optional() {
    let own = |name: &str| {
        env(&format!(
            "        - name: A\n          valueFrom: {{secretKeyRef: {{name: {name}, key: k, optional: true}}}}\n"
        ))
    };
    let wanted = [replacing(part("A", "s", "k"))];
    let kept = baked(&own("s"), &["web"], &wanted);
    assert!(
        kept.contains("{name: s, key: k, optional: true}") && kept.contains("\"kept\""),
        "{kept}"
    );
    let replaced = baked(&own("old"), &["web"], &wanted);
    assert!(
        replaced.contains("optional: true") && replaced.contains("name: s"),
        "{replaced}"
    );
    assert!(replaced.contains("\"originals\""), "{replaced}");
    let explicit = own("s").replace("optional: true", "optional: false");
    assert!(baked(&explicit, &["web"], &[part("A", "s", "k")]).contains("\"kept\""));
}

#[test]
fn it_is_judged_anew_at_each_run() {
    let text = env("        - name: A\n          value: '1'\n");
    let kept = coupled(&text, &[replacing(value("A", "1"))]);
    // the wanted value changes: as if found
    let other = coupled(&kept, &[replacing(value("A", "2"))]);
    assert_eq!(other, coupled(&text, &[replacing(value("A", "2"))]));
    assert_eq!(
        error(&run(
            &kept,
            vec![coupling("mongo", &["web"], &[value("A", "2")])]
        ))
        .0,
        Code::EnvCollision
    );
    // what was replaced is what is wanted now: it comes back as it was
    assert_eq!(coupled(&other, &[replacing(value("A", "1"))]), kept);
    // the author changes his own: no edit of ours
    let edited = kept.replace("value: '1'", "value: '3'");
    let again = coupled(&edited, &[replacing(value("A", "1"))]);
    assert_eq!(
        run(&again, Vec::new()).text.as_deref(),
        Some(text.replace("'1'", "'3'").as_str())
    );
    assert_eq!(
        run(&edited, Vec::new()).text.as_deref(),
        Some(text.replace("'1'", "'3'").as_str())
    );
}

#[test]
fn with_our_label_and_no_record_nothing_is_known_to_be_the_authors() {
    let text = env("        - name: A\n          value: '1'\n").replace(
        "  name: web\nspec",
        "  name: web\n  labels: {integration.rock8s.com/coupled: \"true\"}\nspec",
    );
    let (code, words) = error(&run(
        &text,
        vec![coupling("mongo", &["web"], &[value("A", "1")])],
    ));
    assert_eq!(code, Code::EnvCollision);
    assert!(words.contains("no record"), "{words}");
    // what is not there is not ours either
    baked(&text, &["web"], &[value("B", "1")]);
}

#[test]
fn a_secret_does_not_replace_plain_text() {
    let refused = |own: &str, wanted: EnvEntry| {
        let (code, words) = error(&run(
            &env(own),
            vec![coupling("mongo", &["web"], &[wanted])],
        ));
        assert_eq!(code, Code::ReplacesPlainSecret, "{words}");
        assert!(!words.contains("hunter2"), "{words}");
        words
    };
    let own = "        - name: A\n          value: hunter2\n";
    assert!(refused(own, replacing(part("A", "s", "k"))).contains("delete the old value"));
    let text = EnvEntry {
        secret: true,
        ..replacing(value("A", "x:$(P)"))
    };
    refused(own, text);
    for free in [
        "        - name: A\n          value: ''\n",
        "        - name: A\n",
    ] {
        baked(&env(free), &["web"], &[replacing(part("A", "s", "k"))]);
    }
    let reference = "        - name: A\n          valueFrom: {secretKeyRef: {name: old, key: k}}\n";
    baked(&env(reference), &["web"], &[replacing(part("A", "s", "k"))]);
    baked(&env(own), &["web"], &[replacing(setting("A", "c", "k"))]);
}

#[test]
fn nor_does_it_once_another_value_is_in_its_place() {
    let text = env("        - name: A\n          value: hunter2\n");
    let once = coupled(&text, &[replacing(value("A", "1"))]);
    let (code, words) = error(&run(
        &once,
        vec![coupling(
            "mongo",
            &["web"],
            &[replacing(part("A", "s", "k"))],
        )],
    ));
    assert_eq!(code, Code::ReplacesPlainSecret);
    assert!(
        words.contains("remove the Plug") && !words.contains("hunter2"),
        "{words}"
    );
}
