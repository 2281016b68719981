//! Tests generated workloads, with any indentation, style and comments: coupled, coupled again,
//! changed, undone.

use proptest::prelude::*;

use super::*;

/// A container's `env`, at a column.
fn env() -> impl Strategy<Value = String> {
    let entry = prop_oneof![
        Just("{D}- name: X{N}\n{I}value: x # why\n"),
        Just("{D}- name: X{N}\n{D}  # inside\n{I}value: |\n{I}  a\n\n{I}  # b\n"),
        Just("{D}- {name: X{N}, value: x}\n"),
        Just("{D}- name: X{N}\n{I}value: \"$(MONGO_URL)/x\"\n"),
        Just("{D}- value: $(MONGO_PORT)\n{I}name: X{N}\n"),
        Just("{D}-\n{I}name: X{N}\n{I}valueFrom:\n{I}  fieldRef: {fieldPath: metadata.name}\n"),
        Just("{D}# a comment\n{D}- name: X{N}\n{I}value: >+\n{I}  folded\n\n\n"),
    ];
    let entries = proptest::collection::vec(entry, 1..4).prop_map(|entries| {
        entries
            .iter()
            .enumerate()
            .map(|(i, e)| e.replace("{N}", &i.to_string()))
            .collect::<String>()
    });
    prop_oneof![
        Just(String::new()),
        Just("{K}env:\n".to_owned()),
        Just("{K}env: # c\n".to_owned()),
        Just("{K}env: null # c\n".to_owned()),
        Just("{K}env: []\n".to_owned()),
        Just("{K}env: [ {name: X, value: $(MONGO_URL)} , {name: Y} ]\n".to_owned()),
        Just("{K}env: [{name: X},\n{K}  {name: Y, value: $(MONGO_PORT)}, # c\n{K}  ]\n".to_owned()),
        entries.prop_map(|entries| format!("{{K}}env:\n{entries}")),
    ]
}

fn metadata() -> impl Strategy<Value = String> {
    let map = |key: &'static str| {
        prop_oneof![
            Just(String::new()),
            Just(format!("  {key}:\n")),
            Just(format!("  {key}: ~ # c\n")),
            Just(format!("  {key}: {{}}\n")),
            Just(format!("  {key}: {{a: b}}\n")),
            Just(format!("  {key}:\n    a: b # c\n    # d\n")),
            Just(format!("  {key}:\n      a: |\n        b\n\n")),
        ]
    };
    (map("labels"), map("annotations"), any::<bool>()).prop_map(|(labels, annotations, first)| {
        if first {
            format!("  name: web\n{labels}{annotations}")
        } else {
            format!("{annotations}  name: web\n{labels}")
        }
    })
}

fn workload() -> impl Strategy<Value = String> {
    (metadata(), env(), env(), 0..3usize, 0..3usize, any::<bool>(), any::<bool>(), 0..3usize).prop_map(
        |(metadata, first, second, list, step, last, crlf, tail)| {
            let dash = " ".repeat(4 + list);
            let key = format!("{dash}  ");
            let inner = format!("{key}{}", " ".repeat(step));
            let fill = |text: String| {
                text.replace("{K}", &key).replace("{D}", &inner).replace("{I}", &format!("{inner}  "))
            };
            let (first, second) = (fill(first), fill(second));
            let containers = format!(
                "    containers:\n{dash}- name: web\n{first}{key}image: i\n{dash}# next\n{dash}- image: j\n{key}name: log\n{second}"
            );
            let head = "apiVersion: apps/v1\nkind: Deployment\n";
            let spec = format!("spec:\n template:\n  spec:\n{containers}");
            let text = match last {
                true => format!("{head}metadata:\n{metadata}{spec}"),
                false => format!("{head}{spec}metadata:\n{metadata}"),
            };
            let text = match tail {
                0 => text,
                1 => text.trim_end_matches('\n').to_owned(),
                _ => format!("{text}\n# the end"),
            };
            if crlf { text.replace('\n', "\r\n") } else { text }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn baked_and_undone(text in workload()) {
        let couple = |env| vec![coupling("mongo", &["log", "web"], env)];
        let (one, other) = (usual(), vec![value("MONGO_URL", "u"), value("MONGO_PORT", "$(MONGO_URL)")]);
        let first = run(&text, couple(&one));
        let Some(baked) = first.text else {
            let (code, words) = error(&first);
            prop_assert_eq!(code, Code::CannotEdit, "{}", words);
            prop_assert!(words.contains("newline"), "{}\n{}", words, text);
            return Ok(());
        };
        prop_assert_eq!(run(&baked, couple(&one)).text, None);
        let changed = run(&baked, couple(&other));
        prop_assert_eq!(&changed.text, &run(&text, couple(&other)).text, "{:?}", changed.diagnostics);
        for baked in [baked, changed.text.unwrap_or_default()] {
            let undone = run(&baked, Vec::new());
            prop_assert_eq!(undone.text.as_deref(), Some(text.as_str()));
        }
    }
}
