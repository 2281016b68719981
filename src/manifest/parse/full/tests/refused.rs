//! Tests what the full parser refuses, and its places and messages.

use super::*;

#[track_caller]
fn fails(text: &str, flaw: Flaw, at: &str, message: &str) {
    let error = Tree::read_full(text).unwrap_err();
    assert_eq!(
        (error.flaw, &text[error.span.range()]),
        (flaw, at),
        "{}",
        error.message
    );
    assert_eq!(error.message, message);
}

#[test]
fn keys_twice() {
    fails(
        "a: 1\nb: 2\n'a': 3\n",
        Flaw::DuplicateKey,
        "'a'",
        "the key `a` is written twice",
    );
    fails(
        "x: {a: 1, \"\\x61\": 3}\n",
        Flaw::DuplicateKey,
        "\"\\x61\"",
        "the key `a` is written twice",
    );
    check(
        "a: {a: {a: 1}}\n",
        "block mapping \"a: {a: {a: 1}}\"\n  a = flow mapping \"{a: {a: 1}}\"\n    a = flow mapping \"{a: 1}\"\n      a = plain \"1\"\n",
    );
}

#[test]
fn limits_are_errors() {
    let deep = |n: usize| format!("{}x{}", "[".repeat(n), "]".repeat(n));
    assert!(Tree::read_full(&deep(limits::DEPTH)).is_ok());
    fails(
        &deep(limits::DEPTH + 1),
        Flaw::Limit,
        "[",
        "nested more than 64 levels deep",
    );
    fails(
        &"- ".repeat(50_000),
        Flaw::Limit,
        "",
        "nested more than 64 levels deep",
    );
    let key = |n: usize| format!("a:\n  {}: x\n", "k".repeat(n));
    assert!(Tree::read_full(&key(limits::KEY_BYTES)).is_ok());
    fails(
        &key(limits::KEY_BYTES + 1),
        Flaw::Limit,
        &"k".repeat(limits::KEY_BYTES + 1),
        "a key of more than 1000 bytes",
    );
}

#[test]
fn braces_without_quotes_are_named() {
    for text in ["a: {{ .Values.secret }}\nb: c\n", "{a: {{ secret }}}"] {
        let error = Tree::read_full(text).unwrap_err();
        assert_eq!(error.flaw, Flaw::Braces, "{text:?}");
        assert_eq!(&text[error.span.range()], "{{");
        assert!(!error.message.contains("secret"), "{}", error.message);
    }
}

#[test]
fn what_is_not_yaml_is_pointed_at_and_not_quoted() {
    for (text, at) in [
        ("a: @secret\n", "@"),
        ("a: [secret}\n", "["),
        ("a: `secret\n", "`"),
        ("a: secret: secret\n", ":"),
        ("a: *secret\n", "*"),
        ("a:\n\tb: secret\n", "b"),
        ("a: 'secret\n", "'"),
        ("a: \"\\secret\"\n", "\""),
        ("a: secret\n b: c\n", ":"),
        ("a: b\n...\nc: secret\n", ""),
        ("a: sec\u{1b}ret\n", "\u{1b}"),
        ("[a]: secret\n", "["),
        ("{? [a] : secret}\n", "["),
        ("&a x: 1\n*a : secret\n", "*a"),
    ] {
        let error = Tree::read_full(text).unwrap_err();
        assert_eq!(error.flaw, Flaw::Syntax, "{text:?}");
        assert_eq!(&text[error.span.range()], at, "{text:?}: {}", error.message);
        assert!(
            !error.message.contains("secret") && !error.message.is_empty(),
            "{text:?}: {}",
            error.message
        );
    }
}
