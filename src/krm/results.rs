//! Converts diagnostics to a function's results: the results that kpt shows, and the lines on
//! standard error, because kustomize shows nothing else.

use std::fmt::Write;

use super::list::{List, PATHS};
use crate::diagnostic::{Diagnostic, Host, LabelKind, Severity, printable};
use crate::edit::{Member, Value};
use crate::limits;
use crate::manifest::{Kind, NodeId, Style};

/// kustomize's `buildMetadata: [originAnnotations]`.
const ORIGIN: &str = "config.kubernetes.io/origin";

/// One result.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Outcome {
    order: (String, u32, Severity),
    message: String,
    severity: &'static str,
    resource_ref: Option<ResourceRef>,
    field: Option<Field>,
    file: Option<File>,
    tags: Option<Tags>,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct ResourceRef {
    api_version: String,
    kind: String,
    name: String,
    namespace: Option<String>,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Field {
    path: String,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct File {
    path: String,
    index: u32,
}

/// Lines and columns count from 1, within the object.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Tags {
    code: &'static str,
    line: Option<String>,
    column: Option<String>,
}

/// Errors and warnings as results, by file, weight and text, as kyaml sorts them; at most as many
/// as a run may report.
pub(super) fn of(found: &[Diagnostic], list: &List<'_>) -> Vec<Outcome> {
    let mut shown: Vec<_> = found
        .iter()
        .filter(|diagnostic| diagnostic.severity != Severity::Info)
        .collect();
    shown.sort_by_key(|diagnostic| diagnostic.severity);
    let more = shown.len().saturating_sub(limits::DIAGNOSTICS);
    let weight = shown
        .get(limits::DIAGNOSTICS)
        .map(|diagnostic| diagnostic.severity);
    let mut outcomes: Vec<_> = shown
        .iter()
        .take(limits::DIAGNOSTICS)
        .map(|diagnostic| outcome(diagnostic, list))
        .collect();
    outcomes.sort();
    outcomes.dedup();
    if let Some(severity) = weight {
        let order = (String::new(), 0, severity);
        let message = format!("{more} more, not shown");
        outcomes.push(Outcome {
            order,
            message,
            severity: word(severity),
            resource_ref: None,
            field: None,
            file: None,
            tags: None,
        });
    }
    outcomes
}

fn outcome(diagnostic: &Diagnostic, list: &List<'_>) -> Outcome {
    let found = diagnostic
        .labels
        .first()
        .and_then(|label| list.object_at(label.place));
    let object = found.map(|(object, _)| object);
    let named = object.and_then(|object| resource(list, object));
    let inside = found
        .filter(|_| named.is_some())
        .map(|(object, offset)| path(list, object, offset));
    let file = object.and_then(|object| file(list, object));
    let subject = diagnostic
        .subject
        .as_ref()
        .filter(|subject| !subject.name.is_empty())
        .map(|subject| ResourceRef {
            api_version: printable::line(&subject.api_version),
            kind: printable::line(&subject.kind),
            name: printable::line(&subject.name),
            namespace: subject.namespace.as_deref().map(printable::line),
        });
    let (line, column) = found
        .map(|(object, offset)| position(list, object, offset))
        .unzip();
    Outcome {
        order: (
            file.as_ref()
                .map(|file| file.path.clone())
                .unwrap_or_default(),
            file.as_ref().map_or(0, |file| file.index),
            diagnostic.severity,
        ),
        message: message(diagnostic),
        severity: word(diagnostic.severity),
        resource_ref: named.or(subject),
        field: inside.filter(|path| !path.is_empty()).map(|path| Field {
            path: printable::line(&path),
        }),
        file,
        tags: Some(Tags {
            code: diagnostic.code.as_str(),
            line: line.map(|line| line.to_string()),
            column: column.map(|column| column.to_string()),
        }),
    }
}

/// The fact and the remedy on one line: hosts cut, and show newlines as blanks.
fn message(diagnostic: &Diagnostic) -> String {
    let blank = |c: char| c.is_whitespace() || c.is_control();
    let line = |text: &str| {
        text.split(blank)
            .filter(|word| !word.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    };
    let label = diagnostic
        .labels
        .first()
        .filter(|label| label.kind == LabelKind::Suggestion)
        .map(|label| line(&label.text));
    let parts = [
        Some(line(&diagnostic.headline())),
        label,
        diagnostic
            .help
            .as_ref()
            .map(|help| line(&help.text_for(Host::Function))),
    ];
    let whole = parts.into_iter().flatten().collect::<Vec<_>>().join("; ");
    printable::line(&whole)
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    }
}

/// `apiVersion`, `kind` and `name`: a reference lacks none of them.
fn resource(list: &List<'_>, object: NodeId) -> Option<ResourceRef> {
    let text = |path: &[&str]| {
        list.tree
            .read_text(object, path)
            .shown()
            .map(printable::line)
    };
    Some(ResourceRef {
        api_version: text(&["apiVersion"])?,
        kind: text(&["kind"])?,
        name: text(&["metadata", "name"])?,
        namespace: text(&["metadata", "namespace"]),
    })
}

/// The file that the host names as an object's source.
fn file(list: &List<'_>, object: NodeId) -> Option<File> {
    if let Some(path) = PATHS.iter().find_map(|path| list.annotation(object, path)) {
        let index = PATHS
            .iter()
            .find_map(|path| list.annotation(object, &path.replace("/path", "/index")));
        return Some(File {
            path: printable::line(path),
            index: index.and_then(|index| index.parse().ok()).unwrap_or(0),
        });
    }
    let origin = list.annotation(object, ORIGIN)?;
    let path = origin
        .lines()
        .find_map(|line| line.strip_prefix("path: "))?;
    Some(File {
        path: printable::line(path.trim()),
        index: 0,
    })
}

/// The path of the deepest node that holds an offset: `spec.workloads[0].name`.
fn path(list: &List<'_>, object: NodeId, offset: u32) -> String {
    let tree = &list.tree;
    let mut path = String::new();
    let mut at = object;
    loop {
        let holds = |&(_, child): &(usize, NodeId)| {
            let node = tree.node(child);
            (node.key.unwrap_or(node.span).start..=node.span.end).contains(&offset)
        };
        let Some((index, child)) = tree.children(at).enumerate().filter(holds).last() else {
            return path;
        };
        match tree.key(child) {
            Some(key)
                if tree.kind(at) == Kind::Mapping
                    && key
                        .bytes()
                        .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') =>
            {
                let dot = if path.is_empty() { "" } else { "." };
                let _ = write!(path, "{dot}{key}"); // writing to a String cannot fail
            }
            Some(key) => {
                let _ = write!(path, "['{key}']");
            }
            None => {
                let _ = write!(path, "[{index}]");
            }
        }
        if path.len() > limits::PATH_BYTES {
            return String::new();
        }
        at = child;
    }
}

/// Line and column in the object as its author wrote it. It begins behind its dash; a comment there
/// is its first line.
fn position(list: &List<'_>, object: NodeId, offset: u32) -> (usize, usize) {
    let text = list.tree.text();
    let line_start = |at: usize| text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let (node, object, offset) = (
        object,
        list.tree.span(object).start as usize,
        offset as usize,
    );
    let indent = text[line_start(object)..object].chars().count();
    let mut first = line_start(object);
    let mut at_dash = text[first..object].trim_start().starts_with('-');
    while !at_dash && first > 0 {
        let above = line_start(first - 1);
        let line = text[above..first].trim_start();
        if !(line.is_empty() || line.starts_with('#') || line.starts_with('-')) {
            break;
        }
        first = above;
        at_dash = line.starts_with('-');
    }
    let lines = text[first..offset].matches('\n').count();
    let line = lines.saturating_sub(annotated(list, node, offset as u32)) + 1;
    let column = text[line_start(offset)..offset].chars().count();
    (line, column.saturating_sub(indent) + 1)
}

/// The beginnings of what kpt and kustomize write into an object's annotations for their own use.
const OF_HOSTS: [&str; 4] = [
    "internal.config.k",
    "config.k8s.io/id",
    "config.kubernetes.io/path",
    "config.kubernetes.io/index",
];

/// How many lines before an offset the host wrote: its annotations, and their key where there are
/// no others.
fn annotated(list: &List<'_>, object: NodeId, offset: u32) -> usize {
    let tree = &list.tree;
    let all = tree.read_at(object, &["metadata", "annotations"]).shown();
    let Some(all) =
        all.filter(|&all| tree.node(all).style == Style::Block && tree.span(all).start < offset)
    else {
        return 0;
    };
    let own = |&entry: &NodeId| {
        tree.key(entry)
            .is_some_and(|key| OF_HOSTS.iter().any(|start| key.starts_with(start)))
            && tree.span(entry).start < offset
    };
    let count = tree.children(all).filter(own).count();
    count + usize::from(count > 0 && count == tree.children(all).count())
}

/// One line each, with all that is known: `error[code]: Plug shop/db, app.yaml,
/// spec.workloads[0].name: …`.
pub(super) fn lines(outcomes: &[Outcome]) -> String {
    let mut out = String::new();
    for outcome in outcomes {
        let code = outcome
            .tags
            .as_ref()
            .map(|tags| format!("[{}]", tags.code))
            .unwrap_or_default();
        let subject = outcome
            .resource_ref
            .as_ref()
            .map(|subject| match &subject.namespace {
                Some(namespace) => format!("{} {namespace}/{}", subject.kind, subject.name),
                None => format!("{} {}", subject.kind, subject.name),
            });
        let file = outcome.file.as_ref().map(|file| file.path.clone());
        let field = outcome.field.as_ref().map(|field| field.path.clone());
        let place: Vec<_> = [subject, file, field].into_iter().flatten().collect();
        let place = if place.is_empty() {
            String::new()
        } else {
            format!("{}: ", place.join(", "))
        };
        let line = format!("{}{code}: {place}{}", outcome.severity, outcome.message);
        out.push_str(&printable::line(&line));
        out.push('\n');
    }
    out
}

/// The list as a value, fields in the order of their definition.
pub(super) fn value(outcomes: &[Outcome]) -> Value<'_> {
    Value::List(outcomes.iter().map(Outcome::value).collect())
}

impl Outcome {
    fn value(&self) -> Value<'_> {
        let mut members = vec![
            text("message", &self.message),
            text("severity", self.severity),
        ];
        if let Some(whom) = &self.resource_ref {
            let mut names = vec![
                text("apiVersion", &whom.api_version),
                text("kind", &whom.kind),
            ];
            names.push(text("name", &whom.name));
            names.extend(
                whom.namespace
                    .as_deref()
                    .map(|namespace| text("namespace", namespace)),
            );
            members.push(("resourceRef".into(), Value::Map(names)));
        }
        if let Some(field) = &self.field {
            members.push(("field".into(), Value::Map(vec![text("path", &field.path)])));
        }
        if let Some(file) = &self.file {
            let index = ("index".into(), Value::Scalar(file.index.to_string()));
            members.push((
                "file".into(),
                Value::Map(vec![text("path", &file.path), index]),
            ));
        }
        if let Some(tags) = &self.tags {
            let mut all = vec![text("code", tags.code)];
            if let (Some(line), Some(column)) = (&tags.line, &tags.column) {
                all.extend([text("line", line), text("column", column)]);
            }
            members.push(("tags".into(), Value::Map(all)));
        }
        Value::Map(members)
    }
}

fn text<'v>(key: &'static str, text: &'v str) -> Member<'v> {
    (key.into(), Value::Text(text.into()))
}
