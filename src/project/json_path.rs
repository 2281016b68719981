//! Reads the JSONPath of a `ClusterWorkloadResourceMapping`: fields and `[*]`, and nothing else.

use std::fmt;

use crate::limits;

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum JsonPathStep {
    /// `.key` or `['key']`: a member of a mapping.
    Key(String),
    /// `[*]`: every item of a list.
    Each,
}

/// What is not read in a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NotRead {
    /// What it is called.
    what: &'static str,
    /// At which character of the path, from 1.
    character: usize,
}

impl fmt::Display for NotRead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at character {}", self.what, self.character)
    }
}

/// Reads a path.
///
/// # Errors
/// What of it is not read, and where.
pub(super) fn parse(path: &str) -> Result<Vec<JsonPathStep>, NotRead> {
    let mut rest = path;
    let mut steps = Vec::new();
    let not_read = |what, rest: &str| {
        let character = path[..path.len() - rest.len()].chars().count() + 1;
        Err(NotRead { what, character })
    };
    if path.len() > limits::PATH_BYTES {
        return not_read("more bytes than a path may have", path);
    }
    if path.is_empty() {
        return not_read("nothing", path);
    }
    while !rest.is_empty() {
        if steps.len() == limits::DEPTH {
            return not_read("more steps than a path may have", rest);
        }
        let (step, after) = match step(rest) {
            Ok(found) => found,
            Err(what) => return not_read(what, rest),
        };
        steps.push(step);
        rest = after;
    }
    Ok(steps)
}

/// The first step, and what is behind it.
fn step(rest: &str) -> Result<(JsonPathStep, &str), &'static str> {
    if rest.starts_with("..") {
        return Err("a recursive descent (`..`)");
    }
    if let Some(field) = rest.strip_prefix('.') {
        return field_step(field);
    }
    let Some(inner) = rest.strip_prefix('[') else {
        return Err(match rest.chars().next() {
            Some('$' | '@') => "a root (`$`, `@`)",
            Some('{' | '}') => "a template in braces",
            _ => "a text that is neither `.field` nor a bracket",
        });
    };
    if let Some(after) = inner.strip_prefix("*]") {
        return Ok((JsonPathStep::Each, after));
    }
    match inner.chars().next() {
        Some(quote @ ('\'' | '"')) => quoted(&inner[1..], quote),
        Some('?') => Err("a filter (`[?(…)]`)"),
        Some('0'..='9' | '-' | ':') => Err("an index or a slice (`[0]`, `[0:2]`)"),
        _ => Err("a bracket that contains neither `*` nor a quoted field"),
    }
}

/// A field behind its dot.
fn field_step(field: &str) -> Result<(JsonPathStep, &str), &'static str> {
    let end = field.find(['.', '[']).unwrap_or(field.len());
    let (key, after) = field.split_at(end);
    if key == "*" {
        return Err("every field (`.*`)");
    }
    if key.is_empty() {
        return Err("a dot without a field");
    }
    if key.contains('\\') {
        return Err("an escaped character (write the field as `['a.b']`)");
    }
    let is_of_field = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '/');
    if !key.chars().all(is_of_field) {
        return Err("a field of other characters than letters, digits, `-`, `_` and `/`");
    }
    Ok((JsonPathStep::Key(key.to_owned()), after))
}

/// A field in quotes, behind the first.
fn quoted(text: &str, quote: char) -> Result<(JsonPathStep, &str), &'static str> {
    let Some((key, after)) = text.split_once(quote) else {
        return Err("a quote without its end");
    };
    if key.is_empty() || key.contains('\\') {
        return Err("a quoted field that is empty or has escaped characters");
    }
    match after.strip_prefix(']') {
        Some(after) => Ok((JsonPathStep::Key(key.to_owned()), after)),
        None if after.starts_with(',') => Err("several fields (`['a','b']`)"),
        None => Err("a bracket without its end"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(key: &str) -> JsonPathStep {
        JsonPathStep::Key(key.to_owned())
    }

    #[test]
    fn fields_and_items_are_read() {
        assert_eq!(
            parse(".spec.template"),
            Ok(vec![key("spec"), key("template")])
        );
        assert_eq!(
            parse(".spec['a.b'].c[\"d\"]"),
            Ok(vec![key("spec"), key("a.b"), key("c"), key("d")])
        );
        assert_eq!(
            parse(".spec.workers[*].containers[*]"),
            Ok(vec![
                key("spec"),
                key("workers"),
                JsonPathStep::Each,
                key("containers"),
                JsonPathStep::Each
            ])
        );
    }

    #[test]
    fn whatever_else_is_refused_by_name() {
        for (path, what) in [
            ("", "nothing at character 1"),
            (
                "spec",
                "a text that is neither `.field` nor a bracket at character 1",
            ),
            ("$.spec", "a root (`$`, `@`) at character 1"),
            ("{.spec}", "a template in braces at character 1"),
            (".spec..env", "a recursive descent (`..`) at character 6"),
            (".spec.*", "every field (`.*`) at character 6"),
            (".spec.", "a dot without a field at character 6"),
            (
                ".a\\.b",
                "an escaped character (write the field as `['a.b']`) at character 1",
            ),
            (
                ".c[0]",
                "an index or a slice (`[0]`, `[0:2]`) at character 3",
            ),
            (
                ".c[-1:]",
                "an index or a slice (`[0]`, `[0:2]`) at character 3",
            ),
            (".é[?(@.name=='a')]", "a filter (`[?(…)]`) at character 3"),
            ("['a','b']", "several fields (`['a','b']`) at character 1"),
            ("['a'", "a bracket without its end at character 1"),
            ("['a", "a quote without its end at character 1"),
            (
                ".c[a]",
                "a bracket that contains neither `*` nor a quoted field at character 3",
            ),
        ] {
            let found = parse(path).map_err(|not_read| not_read.to_string());
            assert_eq!(found, Err(what.to_owned()), "{path}");
        }
    }

    #[test]
    fn a_path_of_too_many_steps_or_bytes_is_refused() {
        let deep = parse(&".a".repeat(limits::DEPTH + 1)).unwrap_err();
        assert_eq!(deep.what, "more steps than a path may have");
        let long = parse(&format!(".{}", "a".repeat(limits::PATH_BYTES))).unwrap_err();
        assert_eq!(long.what, "more bytes than a path may have");
    }
}
