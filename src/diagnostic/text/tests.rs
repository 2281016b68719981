use super::*;
use crate::diagnostic::Code;
use crate::manifest::{Place, Span};

fn place(source: &str, needle: &str) -> Place {
    let start = source.find(needle).unwrap_or_else(|| panic!("no {needle}"));
    Place {
        source: 0,
        span: Span::new(start, start + needle.len()),
    }
}

fn shown(diagnostics: &[Diagnostic], source: &str) -> String {
    let options = TextOptions {
        colour: false,
        infos: true,
        consequence: "nothing was written",
    };
    text(
        diagnostics,
        &[SourceText {
            name: "a.yaml",
            text: source,
        }],
        &options,
    )
}

const PLUG: &str = "---\n# Source: shop/plug.yaml\nkind: Plug\nspec:\n  interface: {name: mongo}\n";

#[test]
fn looks_like_rustc() {
    let error = Diagnostic::error(Code::InterfaceNotFound, "no Interface is named `mongo`")
        .at(place(PLUG, "mongo}"), "asked for here")
        .at(place(PLUG, "Plug\n"), "by this Plug")
        .help("write the built-in one:\n  interface: {name: mongodb}");
    assert_eq!(
        shown(&[error], PLUG),
        "\
error[interface-not-found]: no Interface is named `mongo`
 --> a.yaml:5:21
  |
3 | kind: Plug
  |       ---- by this Plug
4 | spec:
5 |   interface: {name: mongo}
  |                     ^^^^^^ asked for here
  |
  = note: from shop/plug.yaml
  = help: write the built-in one:
            interface: {name: mongodb}

error: 1 error; nothing was written
"
    );
}

#[test]
fn a_window_is_a_line_and_stops_at_the_document() {
    let source = "kind: A\na: 1\nb: 2\n---\nkind: B\nc: 3\nd: 4\n";
    let error = Diagnostic::error(Code::DuplicateObject, "twice")
        .at(place(source, "c: 3"), "")
        .at(place(source, "b: 2"), "first here");
    let out = shown(&[error], source);
    assert!(
        out.contains("6 | c: 3\n") && out.contains("3 | b: 2\n"),
        "{out}"
    );
    for hidden in ["a: 1", "---\n", "kind: B", "d: 4"] {
        assert!(!out.contains(&format!("| {hidden}")), "{out}");
    }
}

#[test]
fn a_block_is_marked_on_its_first_line_only() {
    let error = Diagnostic::error(Code::MissingField, "no `workloads`")
        .at(place(PLUG, "kind: Plug\nspec:\n"), "");
    let out = shown(&[error], PLUG);
    assert!(out.contains("3 | kind: Plug\n  | ^^^^^^^^^^"), "{out}");
    assert!(!out.contains("spec"), "{out}");
}

#[test]
fn a_secret_shows_keys_and_no_value() {
    let source = "kind: Plug\n---\nkind: Secret\nstringData:\n  password: hunter2\n  password: hunter3\n  x: |\n    hunter4: 5\n";
    let error = Diagnostic::error(Code::DuplicateKey, "the key `password` is written twice")
        .at(place(source, "password: hunter3"), "again here")
        .at(place(source, "hunter2"), "first here")
        .at(place(source, "hunter4: 5"), "third");
    let out = shown(&[error], source);
    assert!(!out.contains("hunter"), "{out}");
    assert!(out.contains("6 |   password:\n"), "{out}");
    assert!(
        out.contains("a.yaml:8:5") && out.contains("line 8: third"),
        "{out}"
    );
}

#[test]
fn hostile_places_and_names_do_no_harm() {
    let beyond = Place {
        source: 0,
        span: Span { start: 900, end: 2 },
    };
    let unknown = Place {
        source: 7,
        span: Span::default(),
    };
    let error = Diagnostic::error(Code::YamlSyntax, "bad \u{1b}[31m byte")
        .at(beyond, "é")
        .at(unknown, "x");
    let out = shown(std::slice::from_ref(&error), "kind: Aé");
    assert!(!out.contains('\u{1b}'), "{out:?}");
    assert!(shown(&[error], "").contains("yaml-syntax"));
}

#[test]
fn a_very_long_line_is_not_printed() {
    let source = format!(
        "kind: A\nx: {}here{}\n",
        "a".repeat(10_000),
        "b".repeat(10_000)
    );
    let error = Diagnostic::error(Code::InvalidField, "no").at(place(&source, "here"), "this");
    let out = shown(std::slice::from_ref(&error), &source);
    assert!(
        out.len() < 300 && out.contains("a.yaml:2:10004") && out.contains("this"),
        "{out}"
    );
    let source = format!(
        "kind: A\nx: {}here{}\n",
        "a".repeat(1_000),
        "b".repeat(1_000)
    );
    let error = Diagnostic::error(Code::InvalidField, "no").at(place(&source, "here"), "this");
    let out = shown(&[error], &source);
    assert!(
        out.len() < 800 && out.contains("a.yaml:2:1004") && out.contains("here"),
        "{out}"
    );
}

#[test]
fn one_cause_is_shown_once_with_whom_it_hits() {
    let plug = |name: &str, line: &str| {
        let subject = Subject {
            api_version: String::new(),
            kind: "Plug".into(),
            namespace: None,
            name: name.to_owned(),
        };
        Diagnostic::error(Code::SocketNotFound, format!("no Socket fits `{name}`"))
            .at(place("a\nb\nc\n", line), "")
            .on(subject)
            .with_topic([])
    };
    let out = shown(
        &[plug("x", "a"), plug("y", "b"), plug("z", "c")],
        "a\nb\nc\n",
    );
    assert!(
        out.contains("2 more Plugs have this error: `y` (a.yaml:2), `z` (a.yaml:3)"),
        "{out}"
    );
    assert!(
        out.ends_with("error: 3 errors; nothing was written\n"),
        "{out}"
    );
}

#[test]
fn infos_are_shown_when_asked_for_and_never_counted() {
    let info = [Diagnostic::info(Code::SourcesOmitted, "left alone")];
    assert!(shown(&info, "").starts_with("info[sources-omitted]: left alone"));
    assert_eq!(text(&info, &[], &TextOptions::default()), "");
    let warning = [Diagnostic::warning(Code::SecretInUrl, "unencoded")];
    assert!(shown(&warning, "").ends_with("\n\nwarning: 1 warning\n"));
}

#[test]
fn colour_is_the_callers_choice() {
    let all = [Diagnostic::error(Code::SecretInUrl, "x")];
    let options = TextOptions {
        colour: true,
        ..TextOptions::default()
    };
    assert!(text(&all, &[], &options).contains("\u{1b}["));
}

#[test]
fn no_place_in_a_secret_shows_a_byte_of_its_values() {
    let documents = [
        "kind: Secret\ndata:\n  a: Qx==\n  b: \"Qx\n    Qx: Qx\"\n  c: |\n    Qx: Qx\n     - Qx: x\n  d: >-\n    Qx\n  e: 'Qx'\n",
        "apiVersion: v1\nstringData: {a: Qx, \"b\": \"Qx\"}\nkind: Secret\n",
        "{\"kind\": \"Secret\", \"data\": {\"a\": \"Qx\"}}\n",
        "kind: List\nitems:\n- kind: Secret\n  data:\n    a: Qx\n- kind: Secret\n  stringData:\n    - key: Qx\n    - |\n      Qx: Qx\n",
        "kind: {{ .k }}\ndata:\n  a: Qx\n",
    ];
    for document in documents {
        let source = format!("kind: A\n---\n{document}---\nkind: B\n");
        for start in 0..source.len() {
            for length in [0, 1, 40] {
                let at = Place {
                    source: 0,
                    span: Span::new(start, start + length),
                };
                let error = Diagnostic::error(Code::YamlSyntax, "wrong")
                    .at(at, "here")
                    .at(place(&source, "kind: B"), "");
                let out = shown(&[error], &source);
                assert!(!out.contains("Qx"), "{start} {out}");
            }
        }
    }
}

#[test]
fn a_secret_in_plain_text_is_shown_by_no_diagnostic() {
    let source =
        "kind: Socket\nspec:\n  config: {user: a, password: hunter2, port: x}\n  note: y\n";
    let secret = Diagnostic::error(Code::SecretNotReferenced, "`password` is a secret")
        .at_secret(place(source, "hunter2"), "this value");
    let other = Diagnostic::error(Code::InvalidField, "no port")
        .at(place(source, "x}"), "this")
        .at(place(source, "y\n"), "");
    for all in [&[secret.clone(), other.clone()][..], &[other, secret]] {
        let out = shown(all, source);
        assert!(!out.contains("hunter2"), "{out}");
        assert!(out.contains("password: …, port: x}\n"), "{out}");
        assert!(
            out.contains("^ this value") && out.contains("a.yaml:3:31"),
            "{out}"
        );
    }
}

#[test]
fn a_window_shows_no_character_that_is_obeyed_and_marks_the_same_place() {
    let source = "kind: A\n# \u{202e}\u{9b}2J ##[group]x\na\u{200e}b: here\n";
    let error = Diagnostic::error(Code::InvalidField, "a\n::add-mask::b")
        .at(place(source, "here"), "x\ny")
        .at(place(source, "2J"), "");
    let out = shown(&[error], source);
    assert!(
        !out.chars().any(|c| printable::is_hidden(c) && c != '\n'),
        "{out:?}"
    );
    assert!(
        !out.contains("##[") && out.contains("a\\n::add-mask::b") && out.contains("x\\ny"),
        "{out}"
    );
    assert!(out.contains("3 | a\u{fffd}b: here\n  |      ^^^^"), "{out}");
}
