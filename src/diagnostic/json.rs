//! Writes diagnostics for a program: one JSON object a line, as `rustc --error-format=json` does.
//!
//! Every field is always there, `null` where there is no value, and none is ever renamed.
//! Lines and columns count from 1, columns in characters, ends are exclusive. No character is lost:
//! one that is not to be printed is an escape.

use std::borrow::Cow;

use serde::Serialize;

use super::group::{ListedDiagnostics, listed};
use super::places::{At, Places};
use super::{Diagnostic, Severity, SourceText, Subject, printable};
use crate::limits;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    code: Option<&'static str>,
    severity: &'static str,
    message: Cow<'a, str>,
    #[serde(flatten)]
    at: At<'a>,
    labels: Vec<LabelJson<'a>>,
    help: Option<&'a str>,
    subject: Option<Whom<'a>>,
    also: Vec<AffectedJson<'a>>,
}

#[derive(Serialize)]
struct LabelJson<'a> {
    #[serde(flatten)]
    at: At<'a>,
    text: &'a str,
}

#[derive(Serialize)]
struct AffectedJson<'a> {
    #[serde(flatten)]
    at: At<'a>,
    subject: Whom<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Whom<'a> {
    api_version: &'a str,
    kind: &'a str,
    namespace: Option<&'a str>,
    name: &'a str,
}

/// The diagnostics of a run, infos included, one a line, in the order given, at most
/// [`limits::LISTED`]: a last line without a code counts the rest. `sources` are what the labels'
/// places count.
pub fn json(diagnostics: &[Diagnostic], sources: &[SourceText<'_>]) -> String {
    let mut places = Places::new(sources);
    let mut out = String::new();
    let ListedDiagnostics { listed, more } = listed(diagnostics, limits::LISTED);
    let mut write = |line: &Line<'_>| {
        // strings and numbers alone: there is nothing in it that JSON cannot represent
        out.push_str(&printable::json(
            &serde_json::to_string(line).unwrap_or_default(),
        ));
        out.push('\n');
    };
    for diagnostic in listed {
        let labels = diagnostic.labels.iter().take(limits::LABELS);
        let labels: Vec<_> = labels
            .map(|l| LabelJson {
                at: places.at(l.place),
                text: &l.text,
            })
            .collect();
        let also = diagnostic.also.iter().take(limits::LABELS);
        let also = also.map(|affected| AffectedJson {
            at: affected.at.map(|at| places.at(at)).unwrap_or_default(),
            subject: Whom::of(&affected.subject),
        });
        let line = Line {
            code: Some(diagnostic.code.as_str()),
            severity: word(diagnostic.severity),
            message: diagnostic.headline(),
            at: labels.first().map(|l| l.at.clone()).unwrap_or_default(),
            labels,
            help: diagnostic.help.as_deref(),
            subject: diagnostic.subject.as_ref().map(Whom::of),
            also: also.collect(),
        };
        write(&line);
    }
    if let Some((severity, more)) = more {
        write(&Line {
            code: None,
            severity: word(severity),
            message: format!("{more} more, not listed").into(),
            at: At::default(),
            labels: Vec::new(),
            help: None,
            subject: None,
            also: Vec::new(),
        });
    }
    out
}

impl<'a> Whom<'a> {
    fn of(subject: &'a Subject) -> Self {
        Self {
            api_version: &subject.api_version,
            kind: &subject.kind,
            namespace: subject.namespace.as_deref(),
            name: &subject.name,
        }
    }
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Code;
    use crate::manifest::{Place, Span};

    #[test]
    fn the_rest_is_counted() {
        let mut all = vec![Diagnostic::info(Code::NotChecked, "first"); 2];
        all.extend(vec![
            Diagnostic::error(Code::UnknownField, "x");
            limits::LISTED
        ]);
        let lines: Vec<serde_json::Value> = json(&all, &[])
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(lines.len(), limits::LISTED + 1);
        let last = &lines[limits::LISTED];
        assert_eq!(
            (&last["message"], &last["severity"]),
            (&"2 more, not listed".into(), &"info".into())
        );
        assert!(last["code"].is_null() && last["file"].is_null(), "{last}");
        assert_eq!(lines[0]["code"], "unknown-field");
    }

    #[test]
    fn one_object_a_line_with_every_field() {
        let text = "---\n# Source: shop/app.yaml\nkind: Plug\nspec: é x\n";
        let place = Place {
            source: 0,
            span: Span::new(text.find(" x").unwrap() + 1, text.len()),
        };
        let all = [
            Diagnostic::error(Code::UnknownField, "no `x`")
                .at(place, "here")
                .help("remove it")
                .on(Subject {
                    api_version: "integration.rock8s.com/v1".into(),
                    kind: "Plug".into(),
                    namespace: None,
                    name: "a".into(),
                }),
            Diagnostic::info(Code::SourcesOmitted, "b"),
        ];
        let out = json(
            &all,
            &[SourceText {
                name: "a.yaml",
                text,
            }],
        );
        let lines: Vec<serde_json::Value> = out
            .lines()
            .map(|l| serde_json::from_str(l).unwrap())
            .collect();
        let at = serde_json::json!({
            "file": "a.yaml", "line": 4, "column": 9, "endLine": 5, "endColumn": 1, "origin": "shop/app.yaml",
        });
        assert_eq!(lines[0]["code"], "unknown-field");
        for (field, value) in at.as_object().unwrap() {
            assert_eq!(&lines[0][field], value, "{field}");
            assert_eq!(&lines[0]["labels"][0][field], value, "{field}");
            assert!(lines[1][field].is_null(), "{field}");
        }
        assert_eq!(
            lines[0]["subject"]["apiVersion"],
            "integration.rock8s.com/v1"
        );
        assert_eq!(lines[1]["severity"], "info");
        assert_eq!(
            lines[0].as_object().unwrap().len(),
            lines[1].as_object().unwrap().len()
        );
    }
}
