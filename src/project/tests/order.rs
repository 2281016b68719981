//! Tests the order of variables: parts before the texts that use them.

use super::collisions::names;
use super::*;

#[test]
fn variables_stand_before_the_first_that_uses_them() {
    let text = deployment(
        "        env:\n        - name: X\n          value: x\n        # about\n        # Y\n        - name: Y\n          value: $(MONGO_URL)/y\n        - name: Z\n          value: $$(MONGO_PORT)\n",
    );
    for text in [text.clone(), text.replace('\n', "\r\n")] {
        let out = baked(&text, &["web"], &usual());
        assert_eq!(
            names(&out),
            [
                "X",
                "MONGO_PASSWORD",
                "MONGO_USERNAME",
                "MONGO_URL",
                "Y",
                "Z",
                "MONGO_PORT"
            ]
        );
        assert!(
            out.replace('\r', "")
                .contains("27017/shop\"\n        # about\n        # Y\n        - name: Y\n")
                || out
                    .replace('\r', "")
                    .contains("27017/shop\n        # about\n        # Y\n        - name: Y\n"),
            "{out}"
        );
    }
    for env in [
        "[{name: Y, value: $(MONGO_URL)}]",
        "[ {name: X} ,  {name: Y, value: $(MONGO_URL)} ]",
    ] {
        let out = baked(
            &deployment(&format!("        env: {env}\n")),
            &["web"],
            &usual(),
        );
        let names = names(&out);
        assert!(
            names.iter().position(|n| n == "MONGO_URL") < names.iter().position(|n| n == "Y"),
            "{out}"
        );
        assert_eq!(names.last().map(String::as_str), Some("MONGO_PORT"));
    }
    let first = deployment(
        "        env:\n        # Y\n        - name: Y\n          value: $(MONGO_PORT)\n",
    );
    let out = baked(&first, &["web"], &usual());
    assert_eq!(names(&out)[..2], ["MONGO_PORT", "Y"]);
    let literal = deployment(
        "        env:\n        - name: X\n          value: |\n            a\n            # not a comment\n        - name: Y\n          value: $(MONGO_PORT)\n",
    );
    baked(&literal, &["web"], &usual());
}

#[test]
fn a_part_of_the_authors_that_stands_too_late_is_an_error() {
    let text = deployment(
        "        env:\n        - name: Y\n          value: $(MONGO_URL)\n        - name: MONGO_PASSWORD\n          valueFrom: {secretKeyRef: {name: mongo-auth, key: password}}\n",
    );
    let (code, words) = error(&run(&text, vec![coupling("mongo", &["web"], &usual())]));
    assert_eq!(code, Code::EnvCollision);
    assert!(words.contains("is defined after that entry"), "{words}");
}

#[test]
fn an_unknown_variable_in_the_authors_text_is_a_warning() {
    let mut env = usual();
    env[2].uses = vec![
        "HOSTNAME".to_owned(),
        "X".to_owned(),
        "MONGO_USERNAME".to_owned(),
    ];
    let result = run(
        &deployment("        env:\n        - name: X\n          value: x\n"),
        vec![coupling("mongo", &["web"], &env)],
    );
    assert!(result.text.is_some());
    let [warning] = &result.diagnostics[..] else {
        panic!("{:#?}", result.diagnostics)
    };
    assert_eq!(
        (warning.code, warning.severity),
        (Code::UnknownVariable, Severity::Warning)
    );
    assert!(
        warning.message.contains("$(HOSTNAME)"),
        "{}",
        warning.message
    );
}
