//! Writes diagnostics for code scanning: one SARIF 2.1.0 log for one run.
//!
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::group::{ListedDiagnostics, listed};
use super::places::{At, Places};
use super::{Code, Diagnostic, Label, Severity, SourceText, Subject, printable};
use crate::limits;

/// A log that grows during a run, and is written once, at its end.
#[derive(Debug, Default)]
pub struct Sarif {
    results: Vec<Value>,
    /// By name.
    rules: BTreeMap<&'static str, Code>,
    notifications: Vec<Value>,
    failed: bool,
}

impl Sarif {
    /// Adds diagnostics, infos included, at most [`limits::LISTED`] to a log: a notification counts
    /// the rest. `sources` are what the labels' places count.
    pub fn add(&mut self, diagnostics: &[Diagnostic], sources: &[SourceText<'_>]) {
        let mut places = Places::new(sources);
        let ListedDiagnostics { listed, more } =
            listed(diagnostics, limits::LISTED - self.results.len());
        for diagnostic in listed {
            self.rules.insert(diagnostic.code.as_str(), diagnostic.code);
            let mut labels = diagnostic.labels.iter().take(limits::LABELS);
            let mut first = labels
                .next()
                .map(|label| location(label, &mut places))
                .unwrap_or_else(|| json!({}));
            if let Some(subject) = &diagnostic.subject {
                first["logicalLocations"] =
                    json!([{"fullyQualifiedName": qualified(subject), "kind": "resource"}]);
            }
            let related: Vec<_> = labels.map(|label| location(label, &mut places)).collect();
            self.results.push(json!({
                "ruleId": diagnostic.code.as_str(),
                "level": level(diagnostic.severity),
                "message": {"text": words(&diagnostic.headline(), diagnostic.help.as_deref())},
                "locations": [first],
                "relatedLocations": related,
            }));
        }
        if let Some((severity, more)) = more {
            let text = format!("{more} more, not listed");
            self.notifications
                .push(json!({"level": level(severity), "message": {"text": text}}));
        }
    }

    /// Adds what is about no manifest: a file that cannot be read, a pipe.
    pub fn notify(&mut self, severity: Severity, message: &str, help: Option<&str>) {
        self.failed |= severity == Severity::Error;
        self.notifications
            .push(json!({"level": level(severity), "message": {"text": words(message, help)}}));
    }

    /// The log.
    pub fn text(&self) -> String {
        let rule = |code: &Code| {
            let help = json!({"text": code.page(), "markdown": code.page()});
            json!({"id": code.as_str(), "shortDescription": {"text": code.fact()}, "help": help})
        };
        let rules: Vec<_> = self.rules.values().map(rule).collect();
        let log = json!({
            "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
            "version": "2.1.0",
            "runs": [{
                "tool": {"driver": {"name": "coupler", "version": env!("CARGO_PKG_VERSION"), "rules": rules}},
                "columnKind": "unicodeCodePoints",
                "invocations": [{
                    "executionSuccessful": !self.failed,
                    "toolExecutionNotifications": self.notifications,
                }],
                "results": self.results,
            }],
        });
        printable::json(&format!("{log:#}\n"))
    }
}

fn location(label: &Label, places: &mut Places<'_>) -> Value {
    let At {
        file: Some(file),
        line,
        column,
        end_line,
        end_column,
        origin,
    } = places.at(label.place)
    else {
        return json!({"message": {"text": escaped(&printable::line(&label.text))}});
    };
    let region = json!({"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column});
    let physical = match origin {
        // the lines are those of a stream that is not kept
        Some(origin) if file.starts_with('<') => json!({"artifactLocation": {"uri": uri(origin)}}),
        _ => json!({"artifactLocation": {"uri": uri(file)}, "region": region}),
    };
    let mut location = json!({"physicalLocation": physical});
    if !label.text.is_empty() {
        location["message"] = json!({"text": escaped(&printable::line(&label.text))});
    }
    location
}

/// A path as RFC 3986 wants it: relative, or a `file:` address.
fn uri(path: &str) -> String {
    let path = path.trim_start_matches("./");
    let mut out = if path.starts_with('/') {
        "file://".to_owned()
    } else {
        String::new()
    };
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(byte.into());
            }
            _ => out += &format!("%{byte:02X}"),
        }
    }
    out
}

fn qualified(
    Subject {
        kind,
        namespace,
        name,
        ..
    }: &Subject,
) -> String {
    let whole = namespace.as_ref().map_or_else(
        || format!("{kind}/{name}"),
        |namespace| format!("{kind}/{namespace}/{name}"),
    );
    printable::line(&whole)
}

fn words(message: &str, help: Option<&str>) -> String {
    let mut words = printable::line(message);
    if let Some(help) = help {
        words += &format!("\n\nhelp: {}", printable::lines(help));
    }
    escaped(&words)
}

/// A text in which nothing is a link (SARIF 2.1.0 §3.11.6).
fn escaped(text: &str) -> String {
    let mut pieces = text.split("](");
    let mut whole = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let before = whole.bytes().rev().take_while(|&b| b == b'\\').count();
        // one more would escape a backslash
        let escape = if before % 2 == 0 { "\\](" } else { "](" };
        whole.push_str(escape);
        whole.push_str(piece);
    }
    whole
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::{Place, Span};

    fn logged(name: &str, text: &str) -> Value {
        let place = Place {
            source: 0,
            span: Span::new(text.len() - 2, text.len() - 1),
        };
        let subject = Subject {
            kind: "Plug".into(),
            namespace: Some("shop".into()),
            name: "a".into(),
            ..Subject::default()
        };
        let error = Diagnostic::error(Code::UnknownField, "no `x`")
            .at(place, "")
            .at(place, "there")
            .help("remove it");
        let mut sarif = Sarif::default();
        sarif.add(&[error.on(subject)], &[SourceText { name, text }]);
        serde_json::from_str(&sarif.text()).unwrap()
    }

    #[test]
    fn a_result_says_what_and_where() {
        let log = logged("./ä b/c.yaml", "kind: Plug\nspec: é x\n");
        let run = &log["runs"][0];
        assert_eq!(
            (
                log["version"].as_str(),
                run["invocations"][0]["executionSuccessful"].as_bool()
            ),
            (Some("2.1.0"), Some(true))
        );
        assert_eq!(run["tool"]["driver"]["rules"][0]["id"], "unknown-field");
        let result = &run["results"][0];
        assert_eq!(result["message"]["text"], "no `x`\n\nhelp: remove it");
        let physical = json!({
            "artifactLocation": {"uri": "%C3%A4%20b/c.yaml"},
            "region": {"startLine": 2, "startColumn": 9, "endLine": 2, "endColumn": 10},
        });
        assert_eq!(result["locations"][0]["physicalLocation"], physical);
        assert_eq!(
            result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"],
            "Plug/shop/a"
        );
        assert_eq!(
            result["relatedLocations"],
            json!([{"physicalLocation": physical, "message": {"text": "there"}}])
        );
    }

    #[test]
    fn of_a_stream_the_file_it_came_from_is_named() {
        let log = logged("<stdin>", "# Source: shop/app.yaml\nkind: Plug\nx: 1\n");
        let place = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
        assert_eq!(
            place,
            &json!({"artifactLocation": {"uri": "shop/app.yaml"}})
        );
        let log = logged("/a/<b>.yaml", "x: 1\n");
        let place = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "file:///a/%3Cb%3E.yaml");
    }

    #[test]
    fn names_are_no_links_and_the_rest_is_counted() {
        let mut sarif = Sarif::default();
        let hostile = Diagnostic::error(Code::UnknownField, "[a](http://b)\n\u{202e}");
        sarif.add(&vec![hostile; limits::LISTED - 1], &[]);
        sarif.add(&vec![Diagnostic::error(Code::UnknownField, "x"); 3], &[]);
        let log: Value = serde_json::from_str(&sarif.text()).unwrap();
        let run = &log["runs"][0];
        assert_eq!(run["results"].as_array().unwrap().len(), limits::LISTED);
        assert_eq!(
            run["results"][0]["message"]["text"],
            "[a\\](http://b)\\n\u{fffd}"
        );
        assert_eq!(
            run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"],
            "2 more, not listed"
        );
        assert_eq!(run["invocations"][0]["executionSuccessful"], true);
    }

    #[test]
    fn a_backslash_of_a_name_escapes_no_escape() {
        for text in ["a](b", "a\\](b", "a\\\\](b", "[x](y)[z\\](w)"] {
            for piece in escaped(text).split("](").take(text.matches("](").count()) {
                assert_eq!(
                    piece.bytes().rev().take_while(|&b| b == b'\\').count() % 2,
                    1,
                    "{text}"
                );
            }
        }
    }

    #[test]
    fn trouble_is_no_result() {
        let mut sarif = Sarif::default();
        sarif.notify(Severity::Error, "cannot read `a`", None);
        let log: Value = serde_json::from_str(&sarif.text()).unwrap();
        let run = &log["runs"][0];
        assert_eq!(run["results"], json!([]));
        assert_eq!(run["invocations"][0]["executionSuccessful"], false);
        assert_eq!(
            run["invocations"][0]["toolExecutionNotifications"][0]["level"],
            "error"
        );
    }
}
