//! Writes an object of a cluster as a manifest in block style: people read it where a diagnostic
//! shows its lines, and the fast parser reads all of it.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::manifest::emit;

/// The columns of one level.
const LEVEL: usize = 2;

/// A document of these members.
pub(super) fn manifest(members: &Map<String, Value>) -> String {
    let mut out = String::new();
    mapping(&mut out, members, 0);
    out
}

/// Members, of which the first begins where the text ends.
fn mapping(out: &mut String, members: &Map<String, Value>, column: usize) {
    for (index, (key, value)) in members.iter().enumerate() {
        if index > 0 {
            pad(out, column);
        }
        out.push_str(&emit::string(key));
        out.push(':');
        let inner = column + LEVEL;
        match value {
            Value::Object(members) if !members.is_empty() => {
                out.push('\n');
                pad(out, inner);
                mapping(out, members, inner);
            }
            Value::Array(items) if !items.is_empty() => {
                out.push('\n');
                pad(out, inner);
                sequence(out, items, inner);
            }
            leaf => {
                out.push(' ');
                line(out, leaf);
            }
        }
    }
}

/// Items, of which the first begins where the text ends.
fn sequence(out: &mut String, items: &[Value], column: usize) {
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            pad(out, column);
        }
        out.push_str("- ");
        let inner = column + LEVEL;
        match item {
            Value::Object(members) if !members.is_empty() => mapping(out, members, inner),
            Value::Array(items) if !items.is_empty() => sequence(out, items, inner),
            leaf => line(out, leaf),
        }
    }
}

/// The end of a line: a scalar, or an empty collection.
fn line(out: &mut String, leaf: &Value) {
    let text = match leaf {
        Value::String(text) => emit::string(text),
        other => Cow::Owned(other.to_string()),
    };
    out.push_str(&text);
    out.push('\n');
}

fn pad(out: &mut String, columns: usize) {
    out.extend(std::iter::repeat_n(' ', columns));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::manifest::Tree;

    fn text(value: &Value) -> String {
        manifest(value.as_object().unwrap())
    }

    #[test]
    fn it_is_as_people_write_it() {
        let value = json!({"kind": "Plug", "spec": {
            "empty": {}, "items": [{"a": 1, "b": "x: y"}, [true, "no"], [], "plain"]}});
        let expected = "kind: Plug\nspec:\n  empty: {}\n  items:\n    - a: 1\n      b: \"x: y\"\n    - - true\n      - \"no\"\n    - []\n    - plain\n";
        assert_eq!(text(&value), expected);
    }

    /// Any value, with keys like these.
    fn values(keys: &'static str) -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "[ -~\n\té]{0,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 24, 4, move |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::btree_map(keys, inner, 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    fn document(value: Value) -> Value {
        Value::Object([("spec".to_owned(), value)].into_iter().collect())
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn it_is_read_as_what_it_was(value in values("[ -~\né]{0,8}")) {
            let document = document(value);
            let written = text(&document);
            prop_assert!(Tree::read(&written).is_ok(), "{}", written);
            let read: Value = serde_yaml::from_str(&written).unwrap();
            prop_assert_eq!(read, document, "{}", written);
        }

        #[test]
        fn the_fast_parser_reads_it(value in values("[a-zA-Z][a-zA-Z0-9_./-]{0,8}")) {
            let written = text(&document(value));
            prop_assert!(Tree::read_fast(&written).is_some(), "{}", written);
        }
    }
}
