use super::*;
use crate::manifest::Tree;

fn heads(text: &str) -> Vec<Head<'_>> {
    let documents = scan(0, text);
    let whole: String = documents.iter().map(|d| d.text).collect();
    assert_eq!(whole, text, "the slices are the source");
    for d in &documents {
        assert_eq!(&text[d.start as usize..][..d.text.len()], d.text);
        judge(d);
    }
    assert_eq!(
        is_empty(text),
        documents.iter().all(|d| d.head == Head::Empty),
        "{text:?}"
    );
    documents.into_iter().map(|d| d.head).collect()
}

/// What the scan says, against what the parser finds.
#[track_caller]
fn judge(document: &Document<'_>) {
    let Ok(tree) = Tree::read_full(document.text) else {
        return;
    };
    let found = |key| {
        tree.root()
            .and_then(|root| tree.written_member(root, key))
            .and_then(|id| tree.str(id))
    };
    match document.head {
        Head::Read { api_version, kind } => {
            assert_eq!(
                (found("apiVersion"), found("kind")),
                (Some(api_version), Some(kind)),
                "{:?}",
                document.text
            );
        }
        Head::Empty => assert!(
            tree.root().is_none_or(|r| tree.span(r).is_empty()),
            "{:?}",
            document.text
        ),
        Head::Unread => {}
    }
}

const POD: Head<'static> = Head::Read {
    api_version: "v1",
    kind: "Pod",
};

#[test]
fn splits_at_marks_alone() {
    let split =
        |text: &'static str| -> Vec<&str> { scan(0, text).iter().map(|d| d.text).collect() };
    assert_eq!(split(""), [""; 0]);
    assert_eq!(
        split("a: b\n---\n--- # c\nc: d\n---"),
        ["a: b\n", "---\n", "--- # c\nc: d\n", "---"]
    );
    assert_eq!(split("# c\n---\na: b\n"), ["# c\n", "---\na: b\n"]);
    assert_eq!(
        split("---\n---\n# c\n---\na: b\n---\n---"),
        ["---\n---\n# c\n", "---\na: b\n", "---\n---"]
    );
    assert_eq!(
        split("---\r\na: b\r\n---\r\n"),
        ["---\r\na: b\r\n", "---\r\n"]
    );
    assert_eq!(
        split("a: |\n  ---\n ---\n----\n---a: b\n--- x\n"),
        ["a: |\n  ---\n ---\n----\n---a: b\n", "--- x\n"]
    );
    assert_eq!(
        split("%YAML 1.2\n# c\n---\na: b\n---\nc: d\n"),
        ["%YAML 1.2\n# c\n---\na: b\n", "---\nc: d\n"]
    );
    assert_eq!(
        split("{\"a\": \"}{\\\"\"}\n{ \"b\": [{}]}{}\n"),
        ["{\"a\": \"}{\\\"\"}\n", "{ \"b\": [{}]}", "{}\n"]
    );
    assert_eq!(
        split("{\"a\": 1}\n---\n{\"b\": 1}\n"),
        ["{\"a\": 1}\n", "---\n{\"b\": 1}\n"]
    );
    for whole in [
        "{{ x }}\n{{ y }}\n",
        "{\"a\": 1}, {\"b\": 1}\n",
        "{\"a\": 1}\n{\"b\": \n",
        "{a: 1}\n{b: 2}\n",
        "{ # c\n}\n{}\n",
    ] {
        assert_eq!(split(whole), [whole]);
    }
}

#[test]
fn reads_usual_heads() {
    for text in [
        "apiVersion: v1\nkind: Pod\n",
        "apiVersion: v1\nkind: Pod",
        "kind: Pod\napiVersion: v1\nmetadata:\n  name: x\n",
        "---\napiVersion: v1\nkind: Pod\n",
        "--- # c\n# c\n\n  # c\napiVersion: \"v1\"  # c\nkind: 'Pod' # c\n\n# c\nspec: {a: [\n",
        "metadata:\n  name: \"x\"\n  labels: {}\n  l:\n  - 'y'\n  a: b\nx:\n- y\n- z: \"\"\napiVersion: v1\nkind: Pod\n",
        "data:\n  x: |\n    a: b\n\n   \napiVersion: v1\nkind: Pod\n",
        "apiVersion: v1\r\nkind: Pod\r\nspec:\r\n  a: b\r\n",
        "apiVersion: v1\nkind: Pod\nx: \"\n",
        "apiVersion: v1\nkind: Pod\nspec:\n  kind: x\n  apiVersion: y\n",
    ] {
        assert_eq!(heads(text), [POD], "{text:?}");
    }
    assert_eq!(
        heads("# c\n---\n---\n\n--- #c\n# c\n---\napiVersion: v1\nkind: Pod\n"),
        [Head::Empty, POD]
    );
}

#[test]
fn leaves_what_is_unusual_to_the_parser() {
    for text in [
        "kind: Pod\n",
        "apiVersion: v1\nkind: Pod\nkind: Service\n",
        "apiVersion: v1\nkind: Pod\nspec:\n  a: b\napiVersion: v2\n",
        "apiVersion: v1\nkind: Pod\n  Template\n",
        "apiVersion: v1\nkind: Pod\n\n  Template\n",
        "apiVersion: v1\n  2\nkind: Pod\n",
        "apiVersion: v1\nkind:\n  Pod\n",
        "apiVersion: v1\nkind: &x Pod\n",
        "apiVersion: v1\nkind: !!str Pod\n",
        "apiVersion: v1\nkind: |\n  Pod\n",
        "apiVersion: v1\nkind: \"P\\x6fd\"\n",
        "apiVersion: v1\nkind: {{ .Kind }}\n",
        "apiVersion: v1\nkind: Pod# c\n",
        "apiVersion: v1\n\"kind\": Pod\n",
        "apiVersion: v1\nkind : Pod\n",
        "apiVersion: v1\n? kind\n: Pod\n",
        "apiVersion: v1\nkind:\tPod\n",
        "apiVersion: v1\n&a kind: Pod\n",
        "&a\napiVersion: v1\nkind: Pod\n",
        "  apiVersion: v1\n  kind: Pod\n",
        "a: {\nb: c,\napiVersion: v1,\nkind: Pod\n}\n",
        "a: \"x\napiVersion: v1\nkind: Pod\n\"\n",
        "a:\n  b: \"x\napiVersion: v1\nkind: Pod\n  \"\n",
        "a:\n- 'x\n\napiVersion: v1\n\nkind: Pod\n  '\n",
        "a:\n- - [x,\napiVersion: v1,\nkind: Pod]\n",
        "{\"apiVersion\": \"v1\", \"kind\": \"Pod\"}\n",
        "- apiVersion: v1\n  kind: Pod\n",
        "--- {}\napiVersion: v1\nkind: Pod\n",
        "--- |\napiVersion: v1\nkind: Pod\n",
        "---\tx\napiVersion: v1\nkind: Pod\n",
        "%YAML 1.2\n---\napiVersion: v1\nkind: Pod\n",
        "\u{feff}apiVersion: v1\nkind: Pod\n",
        "apiVersion: v1\nkind: Pod\n...\n",
        "apiVersion: v1\nkind: Pod\n...\nkind: Plug\n",
        "apiVersion: v1\nkind: Pod\n# c\rkind: Plug\n",
        "apiVersion: v1\nkind: Pod\n# c\u{85}kind: Plug\n",
        "apiVersion: v1\nkind: Pod\n# c\u{2028}kind: Plug\n",
        "apiVersion: v1\rkind: Pod\r",
        "just text\n",
        "{{- if .Values.x }}\napiVersion: v1\nkind: Pod\n{{- end }}\n",
    ] {
        assert_eq!(heads(text), [Head::Unread], "{text:?}");
    }
}

#[test]
fn one_odd_document_does_not_touch_its_neighbours() {
    let text = "apiVersion: v1\nkind: Pod\n---\napiVersion: v1\nkind: Pod\n# \u{85}\n---\napiVersion: v1\nkind: Pod\n";
    assert_eq!(heads(text), [POD, Head::Unread, POD]);
}
