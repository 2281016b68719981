//! Names that are there already: replaced, used, or an error that names both sources.

use super::*;

pub(super) fn names(text: &str) -> Vec<String> {
    let tree = Tree::read(text).unwrap();
    let all = containers(&tree, tree.root().unwrap(), &BUILT_IN).unwrap();
    variables(&tree, all[0].known_name().unwrap())
        .into_iter()
        .collect()
}

#[test]
fn a_variable_of_the_same_name_is_a_collision() {
    let text = deployment("        env:\n        - name: A\n          value: mine\n");
    let (code, words) = error(&run(
        &text,
        vec![coupling("mongo", &["web"], &[value("A", "1")])],
    ));
    assert_eq!(code, Code::EnvCollision);
    assert!(
        words.contains("replace: true")
            && words.contains("Plug `mongo`")
            && !words.contains("mine"),
        "{words}"
    );
}

#[test]
fn two_plugs_with_one_name_are_both_named() {
    let env = [value("A", "1")];
    let result = run(
        &deployment(""),
        vec![coupling("a", &["web"], &env), coupling("b", &["web"], &env)],
    );
    let (code, words) = error(&result);
    assert_eq!(code, Code::EnvCollision);
    assert!(words.contains("Plugs `a` and `b`"), "{words}");
    assert_eq!(result.diagnostics[0].labels.len(), 2);
}

#[test]
fn two_plugs_share_a_part() {
    let (a, b) = (
        usual(),
        vec![
            part("MONGO_PASSWORD", "mongo-auth", "password"),
            value("P", "$(MONGO_PASSWORD)"),
        ],
    );
    let both = || vec![coupling("a", &["web"], &a), coupling("b", &["web"], &b)];
    let text = deployment("");
    let baked = run(&text, both()).text.unwrap();
    assert_eq!(
        names(&baked),
        [
            "MONGO_PASSWORD",
            "MONGO_USERNAME",
            "MONGO_URL",
            "MONGO_PORT",
            "P"
        ]
    );
    assert_eq!(run(&baked, both()).text, None);
    let other = vec![part("MONGO_PASSWORD", "other", "password")];
    let clash = run(
        &text,
        vec![coupling("a", &["web"], &a), coupling("b", &["web"], &other)],
    );
    assert_eq!(error(&clash).0, Code::EnvCollision);
}

#[test]
fn replaced_variables_come_back() {
    for own in [
        "- name: A\n          value: mine # why\n",
        "- value: 'mine'\n          name: A\n",
        "- name: A\n          valueFrom:\n            fieldRef:\n              fieldPath: metadata.name # f\n",
        "- name: A\n          value: |\n            two\n\n            lines\n",
        "- name: A # nothing\n",
        "- {name: A, value: mine}\n",
        "- {\"name\":\"A\",\"value\":\"mine\"}\n",
        "- {name: A}\n",
    ] {
        for entry in [value("A", "1"), setting("A", "s", "k")] {
            let text = deployment(&format!("        env:\n        {own}        - name: Z\n"));
            for text in [
                text.clone(),
                text.replace('\n', "\r\n"),
                text.replace("      volumes: []\n", "")
                    .trim_end()
                    .to_owned(),
            ] {
                let out = baked(
                    &text,
                    &["web"],
                    &[replacing(entry.clone()), value("B", "2")],
                );
                assert_eq!(names(&out), ["A", "Z", "B"], "{out}");
                assert!(out.contains("\"originals\":{\"env/web\":{\"A\":{"), "{out}");
            }
        }
    }
}

#[test]
fn a_replaced_variable_survives_reformatting() {
    let text = deployment(
        "        env:\n        - name: A\n          valueFrom:\n            fieldRef:\n              fieldPath: metadata.name\n",
    );
    let env = [replacing(value("A", "1"))];
    let baked = run(&text, vec![coupling("mongo", &["web"], &env)])
        .text
        .unwrap();
    let value = |text: &str| serde_yaml::from_str::<serde_yaml::Value>(text).unwrap();
    let emitted = serde_yaml::to_string(&value(&baked)).unwrap();
    assert_eq!(
        value(&run(&emitted, Vec::new()).text.unwrap()),
        value(&text)
    );
    let deeper = baked.replace(
        "        - name: A\n          value: \"1\"",
        "            - name: A\n              value: \"1\"",
    );
    assert_eq!(value(&run(&deeper, Vec::new()).text.unwrap()), value(&text));
    assert_eq!(
        error(&run(
            &baked,
            vec![coupling("mongo", &["web"], &[super::value("A", "1")])]
        ))
        .0,
        Code::EnvCollision
    );
}

#[test]
fn an_edited_replacement_gives_back_what_it_replaced() {
    let text = deployment("        env:\n        - name: A\n          value: mine\n");
    let env = [replacing(value("A", "1"))];
    let baked = run(&text, vec![coupling("mongo", &["web"], &env)])
        .text
        .unwrap();
    let from = "valueFrom: {fieldRef: {fieldPath: x}}\n";
    for edit in [from.to_owned(), format!("value: '2'\n          {from}")] {
        let edited = baked.replace("value: \"1\"\n", &edit);
        assert_eq!(error(&run(&edited, Vec::new())).0, Code::BakedEntryEdited);
        assert_eq!(
            run_with(&edited, Vec::new(), false, true).text.as_deref(),
            Some(text.as_str())
        );
    }
    let emptied = baked.replace("          value: \"1\"\n", "");
    assert_eq!(
        error(&run_with(&emptied, Vec::new(), false, true)).0,
        Code::BakedEntryEdited
    );
}

#[test]
fn the_authors_own_part_is_used() {
    let own = "        - name: MONGO_PASSWORD\n          valueFrom: {secretKeyRef: {name: mongo-auth, key: password}}\n";
    let text = deployment(&format!("        env:\n{own}"));
    let out = baked(&text, &["web"], &usual());
    assert_eq!(
        names(&out),
        [
            "MONGO_PASSWORD",
            "MONGO_USERNAME",
            "MONGO_URL",
            "MONGO_PORT"
        ]
    );
    assert!(
        out.contains("\"kept\":{\"env/web\":{\"MONGO_PASSWORD\":"),
        "{out}"
    );
    for other in [
        own.replace("mongo-auth", "other"),
        own.replace("key: password", "key: password, optional: true"),
        own.replace("secretKeyRef", "configMapKeyRef"),
    ] {
        let text = deployment(&format!("        env:\n{other}"));
        assert_eq!(
            error(&run(&text, vec![coupling("mongo", &["web"], &usual())])).0,
            Code::EnvCollision,
            "{other}"
        );
    }
}

#[test]
fn duplicates_of_the_authors_are_left_alone() {
    let text = deployment(
        "        env:\n        - name: X\n        - name: X\n          value: x\n        - value: unnamed\n",
    );
    baked(&text, &["web"], &usual());
    let (code, _) = error(&run(
        &text,
        vec![coupling("mongo", &["web"], &[replacing(value("X", "1"))])],
    ));
    assert_eq!(code, Code::EnvCollision);
}

#[test]
fn a_member_of_json_comes_back_into_a_block() {
    let text = deployment("        env: [{\"name\":\"A\",\"value\":\"mine\"}]\n");
    let env = [replacing(value("A", "1"))];
    let baked = run(&text, vec![coupling("mongo", &["web"], &env)])
        .text
        .unwrap();
    let value = |text: &str| serde_yaml::from_str::<serde_yaml::Value>(text).unwrap();
    let emitted = serde_yaml::to_string(&value(&baked)).unwrap();
    assert_eq!(
        value(&run(&emitted, Vec::new()).text.unwrap()),
        value(&text)
    );
}
