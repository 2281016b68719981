//! Tests which trees the full parser reads, and what it refuses.

mod refused;

use super::*;
use crate::manifest::{Kind, NodeId, Tree};

/// One line per node: depth, key, kind and style, token, and its text where that is not the token.
fn dump(text: &str) -> String {
    fn node(tree: &Tree<'_>, id: NodeId, depth: usize, out: &mut String) {
        use std::fmt::Write as _;
        let n = tree.node(id);
        let what = match (n.kind, n.style) {
            (Kind::Alias, _) => "alias".to_owned(),
            (Kind::Scalar, style) => format!("{style:?}").to_lowercase(),
            (kind, style) => format!("{style:?} {kind:?}").to_lowercase(),
        };
        let _ = write!(out, "{:width$}", "", width = 2 * depth);
        if let Some(key) = n.key {
            let (token, text) = (tree.slice(key), tree.key(id).unwrap());
            let _ = if token == text {
                write!(out, "{token} = ")
            } else {
                write!(out, "{token} ({text:?}) = ")
            };
        }
        let marks = format!(
            "{}{}",
            if n.anchored { "&" } else { "" },
            if n.tagged { "!" } else { "" }
        );
        let token = tree.slice(n.span);
        let _ = match tree.str(id) {
            Some("") if token.is_empty() => write!(out, "{marks}{what} at {}", n.span.start),
            Some(text) if text != token => write!(out, "{marks}{what} {token:?} {text:?}"),
            _ => write!(out, "{marks}{what} {token:?}"),
        };
        out.push('\n');
        let mut last = None;
        for child in tree.children(id) {
            assert_eq!(tree.parent(child), Some(id));
            node(tree, child, depth + 1, out);
            last = Some(child);
        }
        assert_eq!(tree.last_child(id), last);
    }
    let tree = Tree::read_full(text).unwrap();
    if let Some(fast) = Tree::read_fast(text) {
        assert_eq!(fast, tree, "the fast parser on {text:?}");
    }
    let mut out = String::new();
    if let Some(root) = tree.root() {
        assert_eq!(tree.parent(root), None);
        node(&tree, root, 0, &mut out);
    }
    out
}

#[track_caller]
fn check(text: &str, expected: &str) {
    let found = dump(text);
    assert!(
        found == expected,
        "{text}\nis read as\n{found}\nand should be\n{expected}"
    );
}

#[test]
fn nothing_is_no_root() {
    for text in ["", "\n\n", "# c\n", "  # c"] {
        check(text, "");
    }
    check("---\n", "plain at 3\n");
    check("--- # c\n# d\n", "plain at 3\n");
}

#[test]
fn block_collections_end_with_their_last_leaf() {
    check(
        "# head\nm: # c\n  a: 1 # d\n  # inside\n\n# after\nl:\n- x\n-  y # e\n",
        "block mapping \"m: # c\\n  a: 1 # d\\n  # inside\\n\\n# after\\nl:\\n- x\\n-  y\"
  m = block mapping \"a: 1\"
    a = plain \"1\"
  l = block sequence \"- x\\n-  y\"
    plain \"x\"
    plain \"y\"
",
    );
}

#[test]
fn compact_nesting_begins_at_its_own_first_byte() {
    check(
        "- - a: b\n    c: d\n  - e\n- f\n",
        "block sequence \"- - a: b\\n    c: d\\n  - e\\n- f\"
  block sequence \"- a: b\\n    c: d\\n  - e\"
    block mapping \"a: b\\n    c: d\"
      a = plain \"b\"
      c = plain \"d\"
    plain \"e\"
  plain \"f\"
",
    );
}

#[test]
fn a_value_not_written_stands_after_its_colon_or_dash() {
    check(
        "a:\nb: # c\nc:   \n",
        "block mapping \"a:\\nb: # c\\nc:\"\n  a = plain at 2\n  b = plain at 5\n  c = plain at 12\n",
    );
    check(
        "-\n- # c\n-",
        "block sequence \"-\\n- # c\\n-\"\n  plain at 1\n  plain at 3\n  plain at 9\n",
    );
    check(
        "a: !t # c\nb: &x\n",
        "block mapping \"a: !t # c\\nb: &x\"\n  a = !plain at 5\n  b = plain at 15\n",
    );
    check(
        "{a: , b, c: !t}",
        "flow mapping \"{a: , b, c: !t}\"\n  a = plain at 3\n  b = plain at 7\n  c = !plain at 14\n",
    );
    check("? a\n", "block mapping \"? a\"\n  a = plain at 3\n");
}

#[test]
fn quotes_stand_in_the_token_and_not_in_the_text() {
    check(
        "a: 'it''s'\nb: \"x\\ty\"\n\"c d\": ''\n'e''f': \"plain\"\n",
        "block mapping \"a: 'it''s'\\nb: \\\"x\\\\ty\\\"\\n\\\"c d\\\": ''\\n'e''f': \\\"plain\\\"\"
  a = single \"'it''s'\" \"it's\"
  b = double \"\\\"x\\\\ty\\\"\" \"x\\ty\"
  \"c d\" (\"c d\") = single \"''\" \"\"
  'e''f' (\"e'f\") = double \"\\\"plain\\\"\" \"plain\"
",
    );
}

#[test]
fn scalars_of_several_lines_fold() {
    check(
        "a: one\n  two # c\nb: 'x\n  y'\nc: \"x\\\n  y\n\n  z\"\n",
        "block mapping \"a: one\\n  two # c\\nb: 'x\\n  y'\\nc: \\\"x\\\\\\n  y\\n\\n  z\\\"\"
  a = plain \"one\\n  two\" \"one two\"
  b = single \"'x\\n  y'\" \"x y\"
  c = double \"\\\"x\\\\\\n  y\\n\\n  z\\\"\" \"xy\\nz\"
",
    );
}

#[test]
fn block_scalars_end_with_their_last_line() {
    let clip = "block mapping \"a: |\\n  x\\n   y\\n\\n# c\\nb: 1\"\n  a = literal \"|\\n  x\\n   y\" \"x\\n y\\n\"\n  b = plain \"1\"\n";
    check("a: |\n  x\n   y\n\n# c\nb: 1\n", clip);
    check(
        "a: |\n  x\n\n\nb: 1\n",
        "block mapping \"a: |\\n  x\\n\\n\\nb: 1\"\n  a = literal \"|\\n  x\" \"x\\n\"\n  b = plain \"1\"\n",
    );
    check(
        "a: |- # c\n  x\n\n",
        "block mapping \"a: |- # c\\n  x\"\n  a = literal \"|- # c\\n  x\" \"x\"\n",
    );
    check(
        "a: |+\n  x\n\n\nb: 1\n",
        "block mapping \"a: |+\\n  x\\n\\n\\nb: 1\"\n  a = literal \"|+\\n  x\\n\\n\" \"x\\n\\n\\n\"\n  b = plain \"1\"\n",
    );
    check(
        "a: |+\n  x\n\n",
        "block mapping \"a: |+\\n  x\\n\"\n  a = literal \"|+\\n  x\\n\" \"x\\n\\n\"\n",
    );
    check(
        "a: >\n  x\n  y\n\n  z\n   w\n",
        "block mapping \"a: >\\n  x\\n  y\\n\\n  z\\n   w\"\n  a = folded \">\\n  x\\n  y\\n\\n  z\\n   w\" \"x y\\nz\\n w\\n\"\n",
    );
    check(
        "- |2-\n    x\n-\n  !t |\n  y",
        "block sequence \"- |2-\\n    x\\n-\\n  !t |\\n  y\"\n  literal \"|2-\\n    x\" \"  x\"\n  !literal \"|\\n  y\" \"y\"\n",
    );
    check(
        "a: |\nb: >-",
        "block mapping \"a: |\\nb: >-\"\n  a = literal \"|\" \"\"\n  b = folded \">-\" \"\"\n",
    );
    check(
        "a: |\n  x\n    \n",
        "block mapping \"a: |\\n  x\\n    \"\n  a = literal \"|\\n  x\\n    \" \"x\\n  \\n\"\n",
    );
}

#[test]
fn a_block_scalar_at_the_end_without_newline_has_none() {
    check(
        "a: |\n  x",
        "block mapping \"a: |\\n  x\"\n  a = literal \"|\\n  x\" \"x\"\n",
    );
    check(
        "a: |+\n  x",
        "block mapping \"a: |+\\n  x\"\n  a = literal \"|+\\n  x\" \"x\"\n",
    );
}

#[test]
fn flow_and_json() {
    check(
        "{\"a\":[1, {b: c}, [d: e]],\n \"f\" : {}} # c\n",
        "flow mapping \"{\\\"a\\\":[1, {b: c}, [d: e]],\\n \\\"f\\\" : {}}\"
  \"a\" (\"a\") = flow sequence \"[1, {b: c}, [d: e]]\"
    plain \"1\"
    flow mapping \"{b: c}\"
      b = plain \"c\"
    flow sequence \"[d: e]\"
      flow mapping \"d: e\"
        d = plain \"e\"
  \"f\" (\"f\") = flow mapping \"{}\"
",
    );
}

#[test]
fn line_ends_of_windows() {
    check(
        "a: 1\r\nb:\r\n- x\r\nc: |\r\n  y\r\n\r\n",
        "block mapping \"a: 1\\r\\nb:\\r\\n- x\\r\\nc: |\\r\\n  y\"
  a = plain \"1\"
  b = block sequence \"- x\"
    plain \"x\"
  c = literal \"|\\r\\n  y\" \"y\\n\"
",
    );
}

#[test]
fn marks_of_a_document() {
    let doc = "block mapping \"a: b\"\n  a = plain \"b\"\n";
    for text in [
        "---\na: b\n",
        "--- # c\n\na: b",
        "%YAML 1.2\n---\na: b\n",
        "\u{feff}a: b\n",
        "\u{feff}---\na: b\n",
        "a: b\n...\n",
    ] {
        check(text, doc);
    }
}

#[test]
fn only_anchors_in_use_are_anchored() {
    check(
        "a: &x\n  k: &unused 1\nb: *x\nc: &y !t [1]\nd: [*y ]\n",
        "block mapping \"a: &x\\n  k: &unused 1\\nb: *x\\nc: &y !t [1]\\nd: [*y ]\"
  a = &block mapping \"k: &unused 1\"
    k = plain \"1\"
  b = alias \"*x\"
  c = &!flow sequence \"[1]\"
    plain \"1\"
  d = flow sequence \"[*y ]\"
    alias \"*y\"
",
    );
}
