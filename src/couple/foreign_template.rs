//! Finds literal text that looks like a template of another tool: no later tool evaluates it.

use serde_json::Value as Json;

use super::template::{self, Piece};
use crate::diagnostic::{Code, Diagnostic, lines};
use crate::manifest::Place;

/// How templates of other tools begin and end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Delimiters {
    open: &'static str,
    close: &'static str,
}

const FOREIGN: [Delimiters; 2] = [
    Delimiters {
        open: "{{",
        close: "}}",
    },
    Delimiters {
        open: "${",
        close: "}",
    },
];

/// The warning about a value, the one of `what`, with such a text in it. Its text is not quoted: it
/// may be a secret.
pub(super) fn warning(value: &Json, what: &str, at: Place) -> Option<Diagnostic> {
    warning_of(in_json(value)?, what, at)
}

/// The same of a text.
pub(super) fn warning_in_text(text: &str, what: &str, at: Place) -> Option<Diagnostic> {
    warning_of(in_text(text)?, what, at)
}

fn warning_of(Delimiters { open, close }: Delimiters, what: &str, at: Place) -> Option<Diagnostic> {
    let message = format!("`{what}` contains `{open} … {close}`, which coupler writes unchanged");
    let warning = Diagnostic::warning(Code::ForeignTemplate, message)
        .at(at, "a template of another tool?")
        .help(lines![
            ("a template of coupler is written `<% … %>`, such as `<% socket.config.host %>`;"),
            ("render a template of Helm first: `helm template … | coupler render -`;"),
            ("if the text is intended, write `<% \"{open}\" %>` in place of `{open}`")
        ]);
    Some(warning)
}

fn in_json(value: &Json) -> Option<Delimiters> {
    match value {
        Json::String(text) => in_text(text),
        Json::Array(items) => items.iter().find_map(in_json),
        Json::Object(members) => members.values().find_map(in_json),
        Json::Null | Json::Bool(_) | Json::Number(_) => None,
    }
}

fn in_text(text: &str) -> Option<Delimiters> {
    if !FOREIGN.iter().any(|one| text.contains(one.open)) {
        return None;
    }
    // a text that cannot be read is reported where it is read
    match template::parse(text).ok()? {
        None => in_literal(text),
        Some(template) => template.pieces.iter().find_map(|piece| match piece {
            Piece::Text(literal) => in_literal(literal),
            Piece::Path(..) | Piece::Computed(..) | Piece::Whole(_) => None,
        }),
    }
}

fn in_literal(text: &str) -> Option<Delimiters> {
    let is_in = |one: &Delimiters| {
        let (_, rest) = text.split_once(one.open)?;
        let (inner, _) = rest.split_once(one.close)?;
        (!inner.trim().is_empty()).then_some(*one)
    };
    FOREIGN.iter().find_map(is_in)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn open(text: &str) -> Option<&'static str> {
        in_text(text).map(|one| one.open)
    }

    #[test]
    fn templates_of_other_tools_are_found() {
        assert_eq!(open("{{ .Values.host }}"), Some("{{"));
        assert_eq!(open("db.{{ns}}.svc"), Some("{{"));
        assert_eq!(open("postgresql://${DB_USER}@db"), Some("${"));
        assert_eq!(open("<% socket.config.host %>:${PORT:-5432}"), Some("${"));
        assert_eq!(
            in_json(&json!({"a": [1, "{{ x }}"]})).map(|one| one.open),
            Some("{{")
        );
    }

    #[test]
    fn what_begins_like_one_is_data() {
        for text in [
            "$(POD_IP)",
            "a $ {b}",
            "{{",
            "${}",
            "{{}}",
            "$1{2}",
            "{ {a} }",
            "pa${ss",
            "<% \"{{\" %> x }}",
            "<% '${x}' %>",
            "{% if true %}{{ x }}{% endif %}",
            "<%% {{",
        ] {
            assert_eq!(open(text), None, "{text}");
        }
    }
}
