//! Prints the page of a field, as `kubectl explain` does.

use std::fmt::Write as _;

use crate::api::{API_VERSION, KINDS, KindField};

/// The page of a field, `plug.spec.bind.env`, or of a kind.
pub(super) fn page(path: &str) -> Option<String> {
    let AskedField { kind, steps, field } = find(path)?;
    let mut out = heading(&kind, &steps, &field);
    let _ = writeln!(out, "\nDESCRIPTION:\n    {}", field.description);
    if !field.values.is_empty() {
        let _ = writeln!(out, "\nENUM:\n    {}", field.values.join(", "));
    }
    if let Some(default) = &field.default {
        let _ = writeln!(out, "\nDEFAULT:\n    {}", plain(default));
    }
    if !field.fields.is_empty() {
        out.push_str("\nFIELDS:\n");
        for below in &field.fields {
            let _ = writeln!(out, "  {}\n    {}", signature(below), below.description);
        }
        let _ = writeln!(
            out,
            "\nAll fields below it: coupler explain {path} --recursive"
        );
    }
    Some(out)
}

/// The fields below one, each with its type.
pub(super) fn tree(path: &str) -> Option<String> {
    let AskedField { kind, steps, field } = find(path)?;
    let mut out = heading(&kind, &steps, &field);
    let _ = writeln!(out, "\nDESCRIPTION:\n    {}\n\nFIELDS:", field.description);
    branches(&field, "  ", &mut out);
    Some(out)
}

fn branches(field: &KindField, indent: &str, out: &mut String) {
    for below in &field.fields {
        let _ = writeln!(out, "{indent}{}", signature(below));
        branches(below, &format!("{indent}  "), out);
    }
}

/// A requested field.
struct AskedField {
    kind: String,
    steps: Vec<String>,
    field: KindField,
}

/// Finds a field by kind, in any case and number, and the names of fields, `[]` behind them or
/// not.
fn find(path: &str) -> Option<AskedField> {
    let mut steps = path.split('.').map(|step| step.trim_end_matches("[]"));
    let asked = steps.next()?;
    let kind = KINDS.into_iter().find(|kind| {
        let plural = format!("{kind}s");
        kind.eq_ignore_ascii_case(asked) || plural.eq_ignore_ascii_case(asked)
    })?;
    let steps: Vec<String> = steps.map(str::to_owned).collect();
    let root = KindField::of_kind(kind)?;
    let field = root.at(steps.iter().map(String::as_str))?.clone();
    Some(AskedField {
        kind: kind.to_owned(),
        steps,
        field,
    })
}

fn heading(kind: &str, steps: &[String], field: &KindField) -> String {
    let mut out = format!("KIND:     {kind}\nVERSION:  {API_VERSION}\n");
    if !steps.is_empty() {
        let _ = writeln!(out, "\nFIELD: {} <{}>", steps.join("."), field.type_name);
    }
    if let Some(version) = field.since {
        let label = if steps.is_empty() {
            "SINCE:   "
        } else {
            "SINCE:"
        };
        let _ = writeln!(out, "{label} {version}");
    }
    out
}

/// `name <string> -required-`
fn signature(field: &KindField) -> String {
    let required = if field.required { " -required-" } else { "" };
    format!("{} <{}>{required}", field.name, field.type_name)
}

fn plain(value: &serde_json::Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}
