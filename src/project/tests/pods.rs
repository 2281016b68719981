//! A second kind of entry, by one lowering and nothing else: a digest of the configuration as an
//! annotation of the pods, so that they roll when it changes.

use super::*;
use crate::edit::Value;

/// The annotation that rolls the pods of a workload when what it is made of changes.
fn digest_annotation<'a>(key: &'a str, digest: &'a str) -> Vec<Entry<'a>> {
    vec![Entry {
        slot: Slot::PodAnnotations,
        key: key.into(),
        content: Value::Text(digest.into()),
        identity: RecordedBy::Content,
        conflict: Conflict::Replace,
        expected: None,
        is_secret: false,
        uses: Vec::new(),
        needs: Vec::new(),
        at: Place::default(),
    }]
}

fn with<'a>(env: &'a [EnvEntry], digest: &'a str) -> Vec<DesiredCoupling<'a>> {
    let mut coupling = coupling("mongo", &["web"], env);
    coupling
        .entries
        .extend(digest_annotation("example.com/config", digest));
    vec![coupling]
}

/// A Deployment whose pod template has this metadata.
fn template(metadata: &str) -> String {
    deployment("        env: []\n").replace("  template:\n", &format!("  template:\n{metadata}"))
}

fn value_of(text: &str) -> serde_yaml::Value {
    serde_yaml::from_str(text).unwrap()
}

/// The annotations of the pods.
fn annotations(text: &str) -> serde_yaml::Value {
    value_of(text)["spec"]["template"]["metadata"]["annotations"].clone()
}

/// Couples, couples again, and decouples, as it is written and as other tools write it.
#[track_caller]
fn holds(text: &str, env: &[EnvEntry]) -> String {
    let first = run(text, with(env, "one"));
    assert!(
        !has_errors(&first.diagnostics),
        "{text}\n{:#?}",
        first.diagnostics
    );
    let baked = first.text.unwrap();
    assert_eq!(annotations(&baked)["example.com/config"], "one", "{baked}");
    assert_eq!(run(&baked, with(env, "one")).text, None, "{baked}");
    let changed = run(&baked, with(env, "two")).text.unwrap();
    assert_eq!(Some(&changed), run(text, with(env, "two")).text.as_ref());
    assert_eq!(
        run(&baked, Vec::new()).text.as_deref(),
        Some(text),
        "{baked}"
    );
    let yaml = serde_yaml::to_string(&value_of(&baked)).unwrap();
    let json = serde_json::to_string(&value_of(&baked)).unwrap();
    for emitted in [yaml, json] {
        assert_eq!(run(&emitted, with(env, "one")).text, None, "{emitted}");
        let undone = run(&emitted, Vec::new());
        assert_eq!(
            undone.text.as_deref().map(value_of),
            Some(value_of(text)),
            "{emitted}\n{:#?}",
            undone.diagnostics
        );
    }
    baked
}

#[test]
fn an_annotation_of_the_pods_is_an_entry_as_a_variable_is() {
    for metadata in [
        "",
        "    metadata:\n      labels: {app: web}\n",
        "    metadata: {}\n",
        "    metadata: {labels: {app: web}}\n",
        "    metadata:\n      annotations: {}\n",
        "    metadata:\n      annotations:\n        a: b # c\n      labels: {app: web}\n",
        "    metadata: {annotations: {a: b}}\n",
    ] {
        for env in [usual(), Vec::new()] {
            let text = template(metadata);
            let baked = holds(&text, &env);
            assert!(
                baked.contains("\"pod.annotations\":{\"example.com/config\":\""),
                "{baked}"
            );
        }
    }
}

#[test]
fn the_authors_own_is_replaced_or_kept() {
    let own = |value: &str| {
        template(&format!(
            "    metadata:\n      annotations:\n        example.com/config: {value}\n"
        ))
    };
    let replaced = holds(&own("'mine'"), &usual());
    assert!(
        replaced.contains("\"originals\":{\"pod.annotations\":"),
        "{replaced}"
    );
    let kept = run(&own("'one'"), with(&[], "one")).text.unwrap();
    assert!(kept.contains("example.com/config: 'one'\n"), "{kept}");
    assert!(kept.contains("\"kept\":{\"pod.annotations\":"), "{kept}");
    assert_eq!(run(&kept, Vec::new()).text, Some(own("'one'")));
}

#[test]
fn an_edited_one_is_an_error() {
    let baked = run(&template(""), with(&[], "one")).text.unwrap();
    let edited = baked.replace("example.com/config: one", "example.com/config: mine");
    let (code, words) = error(&run(&edited, with(&[], "two")));
    assert_eq!(code, Code::BakedEntryEdited);
    assert!(
        words.contains("the annotation `example.com/config` of the pods"),
        "{words}"
    );
}

#[test]
fn in_a_bare_pod_they_are_the_objects_own() {
    for metadata in [
        "  name: p\n",
        "  name: p\n  annotations:\n",
        "  name: p\n  annotations: {a: b}\n",
    ] {
        let text = format!(
            "apiVersion: v1\nkind: Pod\nmetadata:\n{metadata}spec:\n  containers:\n  - name: web\n"
        );
        let baked = run(&text, with(&usual(), "one")).text.unwrap();
        assert_eq!(
            value_of(&baked)["metadata"]["annotations"]["example.com/config"],
            "one"
        );
        assert_eq!(run(&baked, with(&usual(), "one")).text, None, "{baked}");
        assert_eq!(run(&baked, Vec::new()).text, Some(text));
    }
}
