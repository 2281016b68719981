//! Tests removals and insertions in every style, each proved.

use super::*;
use crate::manifest::{NodeId, Tree};

/// The text without the members at these paths.
fn left(text: &str, paths: &[&[&str]]) -> Option<String> {
    let tree = Tree::read(text).unwrap();
    let root = tree.root().unwrap();
    without(
        &tree,
        paths
            .iter()
            .map(|path| tree.written_at(root, path).unwrap()),
    )
}

/// The text without the items of `items` at these positions.
fn without_items(text: &str, positions: &[usize]) -> Option<String> {
    let tree = Tree::read(text).unwrap();
    let list = tree.written_member(tree.root().unwrap(), "items").unwrap();
    let items: Vec<NodeId> = tree.children(list).collect();
    without(&tree, positions.iter().map(|&position| items[position]))
}

/// The text with one insertion at the node of a path.
fn with<'v>(
    text: &str,
    path: &[&str],
    insertion: impl FnOnce(NodeId) -> Insertion<'v>,
) -> Result<String, Refusal> {
    let tree = Tree::read(text).unwrap();
    let node = tree.written_at(tree.root().unwrap(), path).unwrap();
    inserted(&tree, &[insertion(node)])
}

const BLOCK: &str =
    "kind: List\nitems:\n# one\n- kind: A\n  x: 1 # a\n- kind: B\n-\n  kind: C\n# end\n";

#[test]
fn whole_lines_of_a_block_list_go_and_comments_stay() {
    let left = |positions: &[usize]| without_items(BLOCK, positions).unwrap();
    assert_eq!(
        left(&[0]),
        "kind: List\nitems:\n# one\n- kind: B\n-\n  kind: C\n# end\n"
    );
    assert_eq!(
        left(&[1, 2]),
        "kind: List\nitems:\n# one\n- kind: A\n  x: 1 # a\n# end\n"
    );
    assert_eq!(
        left(&[0, 2]),
        "kind: List\nitems:\n# one\n- kind: B\n# end\n"
    );
    assert_eq!(left(&[0, 1, 2]), "kind: List\nitems: []\n# one\n# end\n");
}

#[test]
fn an_end_without_newline_stays_one() {
    for newline in ["\n", "\r\n"] {
        let text = |text: &str| text.replace('\n', newline);
        let left = without_items(&text("kind: List\nitems:\n- kind: A\n- kind: B"), &[1]);
        assert_eq!(left.unwrap(), text("kind: List\nitems:\n- kind: A"));
    }
}

#[test]
fn elements_of_a_flow_list_go_with_one_comma() {
    let text = r#"{"kind": "List", "items": [{"a": 1}, {"b": 2}, {"c": 3}]}"#;
    let left = |positions: &[usize]| without_items(text, positions).unwrap();
    assert_eq!(
        left(&[0]),
        r#"{"kind": "List", "items": [{"b": 2}, {"c": 3}]}"#
    );
    assert_eq!(left(&[1, 2]), r#"{"kind": "List", "items": [{"a": 1}]}"#);
    assert_eq!(left(&[0, 2]), r#"{"kind": "List", "items": [{"b": 2}]}"#);
    assert_eq!(left(&[0, 1, 2]), r#"{"kind": "List", "items": []}"#);
}

#[test]
fn neighbours_of_one_mapping_go_in_one_piece() {
    let paths: [&[&str]; 2] = [&["m", "a"], &["m", "b"]];
    for (text, expected) in [
        ("m: {a: 1, b: 2, c: 3}\n", "m: {c: 3}\n"),
        ("m: {c: 3, a: 1, b: 2}\n", "m: {c: 3}\n"),
        ("m: {a: 1, c: 3, b: 2}\n", "m: {c: 3}\n"),
        ("m: {a: 1, b: 2}\n", "m: {}\n"),
        ("{\"m\":{\"a\":1,\"b\":2,\"c\":3}}\n", "{\"m\":{\"c\":3}}\n"),
        ("m:\n  a: 1\n  b: 2\n  c: 3\n", "m:\n  c: 3\n"),
        ("m:\n  c: 3\n  a: 1\n  b: 2", "m:\n  c: 3"),
        ("m:\n  a: 1\n  b: 2\n", "m: {}\n"),
        ("m: # c\n  a: 1\n  b: 2", "m: {} # c"),
    ] {
        assert_eq!(left(text, &paths).as_deref(), Some(expected), "{text}");
    }
}

#[test]
fn members_beside_a_dash_go_with_what_is_left_in_their_place() {
    for (text, gone, expected) in [
        (
            "items:\n- a:\n  - 1\n  b: 2\n  c: 3\n- d: 4\n",
            &["a", "b"][..],
            "items:\n- c: 3\n- d: 4\n",
        ),
        (
            "items:\n- a: 1\n  c: 3\n  b: 2\n- d: 4\n",
            &["a", "b"],
            "items:\n- c: 3\n- d: 4\n",
        ),
        (
            "items:\n- a: 1\n  b: 2\n- d: 4\n",
            &["a", "b"],
            "items:\n- {}\n- d: 4\n",
        ),
        (
            "items:\n- a: 1 # a\n  # c\n  c: 3\n",
            &["a"],
            "items:\n- # c\n  c: 3\n",
        ),
    ] {
        let tree = Tree::read(text).unwrap();
        let list = tree.written_member(tree.root().unwrap(), "items").unwrap();
        let item = tree.children(list).next().unwrap();
        let left = without(
            &tree,
            gone.iter()
                .map(|key| tree.written_member(item, key).unwrap()),
        );
        assert_eq!(left.as_deref(), Some(expected), "{text}");
    }
}

#[test]
fn what_is_inside_of_what_goes_goes_once() {
    let paths: [&[&str]; 2] = [&["m"], &["m", "a"]];
    assert_eq!(left("m: {a: 1, b: 2}\nn: 1\n", &paths).unwrap(), "n: 1\n");
    assert_eq!(
        left("{m: {a: 1, b: 2}, n: 1}\n", &paths).unwrap(),
        "{n: 1}\n"
    );
}

#[test]
fn the_kind_of_emptiness_is_chosen() {
    let emptied = |text: &str, emptiness: Emptiness| {
        let tree = Tree::read(text).unwrap();
        let mut removals = Removals::new(&tree);
        removals.empty(
            tree.written_member(tree.root().unwrap(), "env").unwrap(),
            emptiness,
        );
        let (edits, removed) = removals.finish();
        let new = edits.apply(text);
        assert!(
            is_removed(&tree, &Tree::read(&new).unwrap(), &removed),
            "{new}"
        );
        new
    };
    let null = |token: &str| Emptiness::Null(token.to_owned());
    let block = "env: # c\n- a\n- b\nx: 1\n";
    assert_eq!(emptied(block, Emptiness::Collection), "env: [] # c\nx: 1\n");
    assert_eq!(emptied(block, null("")), "env: # c\nx: 1\n");
    assert_eq!(emptied(block, null(" ~")), "env: ~ # c\nx: 1\n");
    assert_eq!(emptied(block, null("null")), "env: null # c\nx: 1\n");
    assert_eq!(
        emptied("env: [ a, b ]\n", Emptiness::Collection),
        "env: [  ]\n"
    );
    assert_eq!(emptied("env: [a, b]\n", null(" null")), "env: null\n");
    assert_eq!(
        emptied("{env: [a], b: 1}\n", null("")),
        "{env: null, b: 1}\n"
    );
    assert_eq!(emptied("{env: [a] }\n", null("")), "{env: }\n");
    assert_eq!(emptied("{\"env\": [1]}\n", null("")), "{\"env\": null}\n");
    assert_eq!(emptied("{\"env\":[1]}\n", null("null")), "{\"env\":null}\n");
    // `env:null` is a key without a value
    assert_eq!(emptied("{env: [a]}\n", null("null")), "{env: null}\n");
}

#[test]
fn what_stood_there_comes_back_in_the_style_of_the_place() {
    let back = |text: &str, value: serde_json::Value, bytes: &str| {
        let tree = Tree::read(text).unwrap();
        let mut removals = Removals::new(&tree);
        let member = tree
            .written_at(tree.root().unwrap(), &["m", "new"])
            .unwrap();
        removals.restore(
            member,
            ("value".into(), Value::from(&value)),
            Some(bytes.to_owned()),
        );
        let (edits, removed) = removals.finish();
        let new = edits.apply(text);
        assert!(
            is_removed(&tree, &Tree::read(&new).unwrap(), &removed),
            "{new}"
        );
        new
    };
    let lines = "value: |\n  a\n\n  b\n";
    for (text, bytes, expected) in [
        ("m:\n    new: 1\n", "value: 'old'", "m:\n    value: 'old'\n"),
        (
            "m:\n    new: 1\n",
            "\"value\":\"old\"",
            "m:\n    value: old\n",
        ),
        ("m: {new: 1}\n", "value: 'old'", "m: {value: 'old'}\n"),
        (
            "{\"m\": {\"new\": 1}}\n",
            "value: old",
            "{\"m\": {\"value\": \"old\"}}\n",
        ),
        (
            "{\"m\": {\"new\": 1}}\n",
            "\"value\":\"old\"",
            "{\"m\": {\"value\":\"old\"}}\n",
        ),
        ("m:\n    new: 1\n", "value: other", "m:\n    value: old\n"),
        (
            "m:\n    new: 1\n",
            "value: old\nimage: x",
            "m:\n    value: old\n",
        ),
    ] {
        assert_eq!(back(text, "old".into(), bytes), expected, "{text} {bytes}");
    }
    let text = serde_json::Value::from("a\n\nb\n");
    assert_eq!(
        back("m:\n  new: 1\n", text.clone(), lines.trim_end()),
        "m:\n  value: |\n    a\n\n    b\n"
    );
    assert_eq!(
        back("m: {new: 1}\n", text.clone(), lines),
        "m: {value: \"a\\n\\nb\\n\"}\n"
    );
    assert_eq!(
        back("{\"m\": {\"new\": 1}}\n", text, lines),
        "{\"m\": {\"value\": \"a\\n\\nb\\n\"}}\n"
    );
}

#[test]
fn a_scalar_is_set_in_the_style_of_its_place() {
    let number = || Value::Scalar("5432".to_owned());
    let list = || Value::List(vec![Value::Text("x".into())]);
    for (text, value, expected) in [
        ("a: 1 # c\nb: 2\n", number(), "a: 5432 # c\nb: 2\n"),
        ("a: # c\nb: 2\n", number(), "a: 5432 # c\nb: 2\n"),
        (
            "a: |\n  x\n  y\nb: 2\n",
            Value::Text("on".into()),
            "a: \"on\"\nb: 2\n",
        ),
        ("a: [1,\n 2]\nb: 2\n", number(), "a: 5432\nb: 2\n"),
        ("{a: 1, b: 2}\n", list(), "{a: [x], b: 2}\n"),
        ("{\"a\": null}\n", list(), "{\"a\": [\"x\"]}\n"),
        ("a: 1\nb: 2\n", list(), "a:\n- x\nb: 2\n"),
        ("a: 1\n", Value::Map(Vec::new()), "a: {}\n"),
    ] {
        let set = with(text, &["a"], |node| Insertion::Set { node, value });
        assert_eq!(set.as_deref(), Ok(expected), "{text}");
    }
    let block = with("a:\n  b: 1\n", &["a"], |node| Insertion::Set {
        node,
        value: number(),
    });
    assert!(block.unwrap_err().message.contains("collection"));
}

#[test]
fn members_may_stand_before_others() {
    let put = |text: &str| {
        let tree = Tree::read(text).unwrap();
        let map = tree.root().unwrap();
        let members = vec![("new".into(), Value::Text("x".into()))];
        inserted(
            &tree,
            &[Insertion::Members {
                map,
                before: tree.written_member(map, "b"),
                members,
            }],
        )
        .unwrap()
    };
    assert_eq!(
        put("a: 1\n# about\nb: 2\n"),
        "a: 1\nnew: x\n# about\nb: 2\n"
    );
    assert_eq!(put("b: |\n  x"), "new: x\nb: |\n  x");
    assert_eq!(put("{a: 1, b: 2}\n"), "{a: 1, new: x, b: 2}\n");
    assert_eq!(put("{b: 2}\n"), "{new: x, b: 2}\n");
}

#[test]
fn a_comment_below_a_member_stays_with_it() {
    for (text, expected) in [
        (
            "l:\n- a: 1\n  # of a\n# of l\n",
            "l:\n- a: 1\n  # of a\n- new\n# of l\n",
        ),
        ("l:\n- a\n  # of a", "l:\n- a\n  # of a\n- new"),
        ("l:\n- |\n  a\n # of a", "l:\n- |\n  a\n # of a\n- new"),
        (
            "l:\n- |+\n  a\n\n # of a\n",
            "l:\n- |+\n  a\n\n # of a\n- new\n",
        ),
        ("l:\n- a\n\n  # apart\n", "l:\n- a\n- new\n\n  # apart\n"),
        (
            "l:\n- a\r\n  # of a\r\n",
            "l:\n- a\r\n  # of a\r\n- new\r\n",
        ),
    ] {
        let tree = Tree::read(text).unwrap();
        let list = tree.written_at(NodeId::ROOT, &["l"]).unwrap();
        let insertion = Insertion::Items {
            list,
            before: None,
            items: vec![Value::Text("new".into())],
        };
        assert_eq!(
            inserted(&tree, &[insertion]).as_deref(),
            Ok(expected),
            "{text}"
        );
    }
}

#[test]
fn a_comment_below_nothing_stays_with_its_key() {
    let text = "m:\n  l:\n    # none yet\n  # of m\n";
    let tree = Tree::read(text).unwrap();
    let node = tree.written_at(NodeId::ROOT, &["m", "l"]).unwrap();
    let value = Value::List(vec![Value::Text("new".into())]);
    let set = inserted(&tree, &[Insertion::Set { node, value }]);
    let expected = "m:\n  l:\n    # none yet\n  - new\n  # of m\n";
    assert_eq!(set.as_deref(), Ok(expected));
}
