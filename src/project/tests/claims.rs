//! Tests entries that somebody edited, removed or moved, and records that are stale, forged or
//! incomplete.

use super::*;

fn web() -> String {
    deployment("        env:\n        - name: X\n          value: x\n")
}

fn bake(text: &str, env: &[EnvEntry]) -> Projected {
    run(text, vec![coupling("mongo", &["web"], env)])
}

#[track_caller]
fn text(projected: Projected) -> String {
    assert!(
        !has_errors(&projected.diagnostics),
        "{:#?}",
        projected.diagnostics
    );
    projected.text.expect("a change")
}

fn codes(projected: &Projected) -> Vec<Code> {
    projected.diagnostics.iter().map(|d| d.code).collect()
}

#[test]
fn another_value_takes_the_place_of_the_old_one() {
    let first = text(bake(&web(), &[value("A", "1"), value("B", "2")]));
    let second = text(bake(&first, &[value("B", "3"), value("C", "4")]));
    assert_eq!(
        second,
        text(bake(&web(), &[value("B", "3"), value("C", "4")]))
    );
    assert_eq!(text(run(&second, Vec::new())), web());
}

#[test]
fn one_of_two_plugs_goes() {
    let (a, b) = ([value("A", "1")], [value("B", "2")]);
    let both = || vec![coupling("b", &["web"], &b), coupling("a", &["web"], &a)];
    let baked = text(run(&web(), both()));
    assert!(baked.find("name: A").unwrap() < baked.find("name: B").unwrap());
    assert_eq!(run(&baked, both()).text, None);
    let one = text(run(&baked, vec![coupling("b", &["web"], &b)]));
    assert_eq!(one, text(run(&web(), vec![coupling("b", &["web"], &b)])));
    assert!(!one.contains("/a:"), "{one}");
}

#[test]
fn an_edited_entry_is_an_error_that_shows_both() {
    let env = [value("A", "1")];
    let edited = text(bake(&web(), &env)).replace("value: \"1\"", "value: hand-made");
    let result = bake(&edited, &env);
    let (code, words) = error(&result);
    assert_eq!(code, Code::BakedEntryEdited);
    assert!(
        words.contains("`A`") && words.contains("--discard-edits") && !words.contains("hand-made"),
        "{words}"
    );
    assert_eq!(result.diagnostics[0].labels.len(), 2);
    assert_eq!(error(&run(&edited, Vec::new())).0, Code::BakedEntryEdited);
    let discarded = |couplings| run_with(&edited, couplings, false, true).text;
    assert_eq!(
        discarded(vec![coupling("mongo", &["web"], &env)]),
        bake(&web(), &env).text
    );
    assert_eq!(discarded(Vec::new()), Some(web()));
}

#[test]
fn an_edit_that_is_what_is_wanted_is_adopted() {
    let edited = text(bake(&web(), &[value("A", "1")])).replace("value: \"1\"", "value: \"2\"");
    let adopted = text(bake(&edited, &[value("A", "2")]));
    assert_eq!(adopted, text(bake(&web(), &[value("A", "2")])));
}

#[test]
fn a_removed_entry_is_added_again() {
    let env = [value("A", "1"), value("B", "2")];
    let baked = text(bake(&web(), &env));
    let removed = baked.replace("        - name: A\n          value: \"1\"\n", "");
    let again = bake(&removed, &env);
    assert_eq!(codes(&again), [Code::BakedEntryMissing]);
    assert_eq!(again.text, Some(baked));
    assert_eq!(text(run(&removed, Vec::new())), web());
}

#[test]
fn variables_added_behind_ours_stay_there() {
    let env = [value("A", "1")];
    let more = text(bake(&web(), &env)).replace(
        "      volumes:",
        "        - name: Y\n          value: y$(A)\n      volumes:",
    );
    assert_eq!(bake(&more, &env).text, None);
    let undone = text(run(&more, Vec::new()));
    assert!(undone.contains("value: x\n        - name: Y\n"), "{undone}");
}

#[test]
fn a_made_list_that_others_use_stays() {
    let text_ = deployment("        image: i\n");
    let baked = text(bake(&text_, &[value("A", "1")]));
    let more = baked.replace(
        "          value: \"1\"\n",
        "          value: \"1\"\n        - name: Y\n",
    );
    let undone = text(run(&more, Vec::new()));
    assert!(
        undone.contains("        env:\n        - name: Y\n"),
        "{undone}"
    );
    let labelled = baked.replace("coupled: \"true\"\n", "coupled: \"true\"\n    mine: x\n");
    let undone = text(run(&labelled, Vec::new()));
    assert!(
        undone.contains("  labels:\n    mine: x\n") && !undone.contains("annotations"),
        "{undone}"
    );
}

#[test]
fn a_renamed_container_keeps_its_entries_ours() {
    for container in ["        env:\n        - name: X\n", "        image: i\n"] {
        let before = deployment(container);
        let env = usual();
        let renamed = text(bake(&before, &env)).replace("- name: web\n", "- name: site\n");
        let expected = before.replace("- name: web\n", "- name: site\n");
        assert_eq!(text(run(&renamed, Vec::new())), expected);
        let again = text(run(&renamed, vec![coupling("mongo", &["site"], &env)]));
        assert_eq!(
            again,
            text(run(&expected, vec![coupling("mongo", &["site"], &env)]))
        );
    }
}

#[test]
fn what_other_tools_do_to_the_bytes_does_not_matter() {
    let first = text(bake(&web(), &usual()));
    let hashed = first.replace("name: mongo-auth", "name: mongo-auth-5kf2h");
    assert_eq!(text(run(&hashed, Vec::new())), web());
    assert_eq!(text(bake(&hashed, &usual())), first);
    // keys sorted: a made `env` comes to be beside the dash
    let sorted = text(bake(&deployment("        image: i\n"), &[value("A", "1")])).replace(
        "      - name: web\n        image: i\n        env:\n        - name: A\n          value: \"1\"\n",
        "      - env:\n        - name: A\n          value: \"1\"\n        image: i\n        name: web\n",
    );
    let undone = text(run(&sorted, Vec::new()));
    assert!(
        undone.contains("      - image: i\n        name: web\n      volumes: []\n"),
        "{undone}"
    );
    let yaml: serde_yaml::Value = serde_yaml::from_str(&first).unwrap();
    let emitted = serde_yaml::to_string(&yaml).unwrap();
    let value = |text: &str| serde_yaml::from_str::<serde_yaml::Value>(text).unwrap();
    assert_eq!(bake(&emitted, &usual()).text, None);
    assert_eq!(value(&text(run(&emitted, Vec::new()))), value(&web()));
    let json = serde_json::to_string_pretty(&yaml).unwrap();
    assert_eq!(bake(&json, &usual()).text, None);
    assert_eq!(value(&text(run(&json, Vec::new()))), value(&web()));
}

#[test]
fn sources_that_leave_the_output_are_said_to() {
    let env = usual();
    let couple = || vec![coupling("mongo", &["web"], &env)];
    let omitted = run_with(&web(), couple(), true, false).text.unwrap();
    assert!(
        omitted.contains("{\"v\":1,\"sources\":\"omitted\",\"created\":["),
        "{omitted}"
    );
    assert_eq!(run_with(&omitted, couple(), true, false).text, None);
    assert_eq!(run(&omitted, couple()).text, run(&web(), couple()).text);
    assert_eq!(text(run(&omitted, Vec::new())), web());
}

#[test]
fn a_record_that_cannot_be_used_is_an_error() {
    let baked = text(bake(&web(), &usual()));
    for broken in [
        baked.replace("{\"v\":1", "{\"v\":7"),
        baked.replace("{\"socket\"", "{\"socked\""),
    ] {
        assert_eq!(error(&bake(&broken, &usual())).0, Code::ProvenanceInvalid);
        assert_eq!(error(&run(&broken, Vec::new())).0, Code::ProvenanceInvalid);
    }
}

#[test]
fn a_copied_record_undoes_nothing_that_is_not_there() {
    let baked = text(bake(&web(), &[value("A", "1")]));
    let copied = baked.replace("        - name: A\n          value: \"1\"\n", "");
    assert_eq!(text(run(&copied, Vec::new())), web());
}

#[test]
fn a_label_that_stood_there_stays() {
    let labelled = web().replace(
        "  name: web\n",
        "  name: web\n  labels: {integration.rock8s.com/coupled: \"true\"}\n",
    );
    baked(&labelled, &["web"], &usual());
    assert!(text(bake(&labelled, &usual())).contains("\"labelled\":true"));
    let other = labelled.replace("\"true\"", "\"no\"");
    assert_eq!(error(&bake(&other, &usual())).0, Code::CannotEdit);
    let lost = text(bake(&web(), &usual())).replace(
        "    integration.rock8s.com/coupled: \"true\"\n",
        "    a: b\n",
    );
    assert!(
        text(bake(&lost, &usual()))
            .contains("    a: b\n    integration.rock8s.com/coupled: \"true\"\n")
    );
}
