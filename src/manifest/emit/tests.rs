use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::manifest::{Tree, kubectl_for_tests};

/// Strings that some emitter has got wrong for some reader.
fn tricky() -> Vec<String> {
    #[rustfmt::skip]
    let texts = [
        "", " ", "  lead", "trail ", " both ", "\n", "\nx", "x\n", "x\n\n", "a\nb", "a\n\nb\n", " \n ", "\t", "\tx",
        "x\t", "a\tb", "\r", "a\r\nb", "a\rb", "on", "On", "ON", "off", "yes", "Yes", "no", "NO", "y", "Y", "n", "N",
        "true", "True", "TRUE", "false", "tRUE", "null", "Null", "NULL", "nULL", "~", "~/x", "nil", "none", "nan",
        "NaN", "inf", "Infinity", ".inf", "-.inf", "+.INF", ".nan", ".NaN", "0", "-0", "+1", "1", "27017", "0777",
        "0o777", "08", "0x1F", "-0x1F", "0X1f", "0b101", "0B1", "1_000", "_1", "1_", "1e3", "1E3", "1.5e+3", "e3",
        "1e", "1.0", "1.10", "1.", ".5", "+.5", ".", "..", "...", "....", "-", "--", "---", "--- x", "... x", "----",
        "1:30", "190:20:30", "190:20:30.15", "0:30", "2001-01-01", "2001-01-01T00:00:00Z",
        "2001-12-14 21:59:43.10 -5", "12345678901234567890", "123456789012345678901234567890", "1e999", "1.2.3",
        "10.0.0.1", "=", "=x", "<<", "<", "*a", "*", "&a", "&", "!t", "!", "!!str x", "%", "%YAML 1.2", "%x", "@",
        "@x", "`", "`x`", "- ", "- x", "-x", "-1", "? ", "?", "? x", "?x", ": ", ":", ": x", ":x", "x:", "x: ",
        "x: y", "x:y", "http://x:80/y", "#", "# c", "x # c", "x #", "x#c", " #", ",", "a, b", "a,b", "[", "]", "[]",
        "[a]", "a]", "{", "}", "{}", "{a: b}", "a}", "{{ x }}", "{{ .Values.x }}", "<% x %>", "{%", "|", "|x", "|-",
        ">", ">x", ">-", "\"", "\"x\"", "x\"y", "'", "'x'", "it's", "''", "\\", "\\n", "x\\", "\\x41", "\\u0041",
        "$(A)", "$$(A)", "${A}", "$", "\u{85}", "a\u{85}b", "\u{a0}", "a\u{a0}b", "\u{ad}", "\u{2028}", "a\u{2028}b",
        "a\u{2029}b", "\u{7f}", "a\u{7f}b", "\u{80}", "\u{9f}", "\0", "a\0b", "\u{1}", "\u{1b}[31m", "\u{8}", "\u{b}",
        "\u{c}", "\u{feff}", "\u{feff}a", "a\u{feff}", "\u{200b}", "\u{200d}", "\u{202e}x", "\u{2066}x", "\u{fffd}",
        "\u{fffe}", "\u{ffff}", "\u{fdd0}", "\u{1fffe}", "\u{10ffff}", "\u{e000}", "\u{3000}x", "é", "e\u{301}", "日本",
        "😀", "a😀b", "👨\u{200d}👩", "mongo", "mongo.data.svc.cluster.local", "/bindings", "/", "a/b", "a-b", "a_b",
        "a.b", "A-", "a--", "v1.2.3", "key=value", "a b", "a  b", "p@ss", "100%", "a|b", "a>b", "a&b", "a*b", "a!b",
        "user:pass@host", "~a", "\u{10000}",
    ];
    let long = [
        "x".repeat(5_000),
        "word ".repeat(2_000),
        "é\n\t\" ".repeat(1_000),
        "a: b, ".repeat(300),
    ];
    texts.iter().map(ToString::to_string).chain(long).collect()
}

/// The strings in each position where an emitted token may be, and as JSON.
fn documents(texts: &[String]) -> [String; 5] {
    let mut block = "spec:\n".to_owned();
    let mut list = "spec:\n".to_owned();
    for (n, text) in texts.iter().enumerate() {
        block += &format!("  k{n}: {}\n", string(text));
        list += &format!("  - {} # a comment\n", string(text));
    }
    let tokens: Vec<_> = texts.iter().map(|text| flow_string(text)).collect();
    let members: Vec<_> = tokens
        .iter()
        .enumerate()
        .map(|(n, token)| format!("k{n}: {token}"))
        .collect();
    let quoted: Vec<_> = texts.iter().map(|text| json_string(text)).collect();
    [
        block,
        list,
        format!("spec: [{}]\n", tokens.join(", ")),
        format!("spec: {{{}}}\n", members.join(", ")),
        format!("{{\"spec\": [{}]}}\n", quoted.join(",")),
    ]
}

fn strings(document: &Value) -> Vec<String> {
    let text = |value: &Value| {
        value
            .as_str()
            .unwrap_or_else(|| panic!("not a string: {value}"))
            .to_owned()
    };
    match &document["spec"] {
        Value::Array(items) => items.iter().map(text).collect(),
        members => (0..members.as_object().unwrap().len())
            .map(|n| text(&members[format!("k{n}")]))
            .collect(),
    }
}

#[track_caller]
fn assert_same(reader: &str, read: &[String], texts: &[String]) {
    assert_eq!(read.len(), texts.len(), "{reader}");
    for (read, text) in read.iter().zip(texts) {
        assert_eq!(read, text, "{reader}, {}", string(text));
    }
}

fn read_back(texts: &[String]) {
    let documents = documents(texts);
    for document in &documents {
        let tree = Tree::read(document).unwrap();
        assert_same(
            "ours",
            &strings(&tree.json(tree.root().unwrap()).unwrap()),
            texts,
        );
        assert_same(
            "libyaml",
            &strings(&serde_yaml::from_str(document).unwrap()),
            texts,
        );
        // no budget of bytes: some of these are long
        let mut options = serde_saphyr::Options::default();
        options.budget = None;
        assert_same(
            "saphyr",
            &strings(&serde_saphyr::from_str_with_options(document, options).unwrap()),
            texts,
        );
    }
    assert_same(
        "serde_json",
        &strings(&serde_json::from_str(&documents[4]).unwrap()),
        texts,
    );
}

#[test]
fn every_reader_reads_the_tricky_ones() {
    read_back(&tricky());
}

#[test]
fn kubectl_reads_the_tricky_ones() {
    let texts = tricky();
    for document in documents(&texts) {
        let head = if document.starts_with('{') {
            document.replacen(
                '{',
                "{\"apiVersion\": \"example.com/v1\", \"kind\": \"Sample\", \"metadata\": {\"name\": \"s\"}, ",
                1,
            )
        } else {
            format!("apiVersion: example.com/v1\nkind: Sample\nmetadata: {{name: s}}\n{document}")
        };
        let Some(seen) = kubectl_for_tests::read(&head) else {
            return;
        };
        assert_same("kubectl", &strings(&seen), &texts);
    }
}

#[test]
fn names_stay_plain_and_lookalikes_do_not() {
    for text in [
        "mongo",
        "MONGO_URL",
        "mongo.data.svc.cluster.local",
        "/bindings/events",
        "v1.2.3",
        "a-b",
    ] {
        assert_eq!(string(text), text);
    }
    for text in [
        "5432",
        "true",
        "on",
        "y",
        "",
        "a b",
        "a:b",
        "1.2.3",
        "10.0.0.1",
        "_x",
        "-",
        "https://x",
    ] {
        assert_eq!(string(text), format!("\"{text}\""));
    }
    assert_eq!(string("a\u{85}\u{7f}é😀\n"), "\"a\\u0085\\u007Fé😀\\n\"");
}

#[test]
fn a_json_line_is_ascii_and_comes_back_through_single_quotes() {
    let value = json!({"b": "it's é 😀 \u{7f}\u{2028}", "a": [1, null]});
    let line = ascii_json(&value);
    assert_eq!(
        line,
        r#"{"a":[1,null],"b":"it's \u00E9 \uD83D\uDE00 \u007F\u2028"}"#
    );
    let document = format!("spec: {}\n", single(&line));
    let tree = Tree::read(&document).unwrap();
    let text = tree
        .str(tree.written_member(tree.root().unwrap(), "spec").unwrap())
        .unwrap();
    assert_eq!(serde_json::from_str::<Value>(text).unwrap(), value);
}

proptest! {
    #[test]
    fn every_reader_reads_anything(texts in prop::collection::vec(any::<String>(), 1..4)) {
        read_back(&texts);
    }

    #[test]
    fn every_reader_reads_what_looks_like_yaml(
        texts in prop::collection::vec("[-+0-9a-fxoyYnNtT.:_#&*!|>%@`'\"{}\\[\\], ?=<~\\\\\n\t]{0,8}", 1..6),
    ) {
        read_back(&texts);
    }
}
