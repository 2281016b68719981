//! Reads the shape of a field from the schemas of coupler's own kinds, and prints an example of it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::Value;

use super::kinds::KINDS;
use super::schema::structural_schema;

/// What is left to be filled in.
pub(super) const BLANK: &str = "…";

/// The beginning of a schema's message that requires one of several members.
const EXACTLY_ONE: &str = "must have exactly one of ";

/// The schemas of our kinds.
pub(super) static SCHEMAS: LazyLock<BTreeMap<&'static str, Value>> = LazyLock::new(|| {
    let schema = |kind| Some((kind, structural_schema(kind)?));
    KINDS.into_iter().filter_map(schema).collect()
});

/// What a schema wants.
pub(super) enum Shape<'s> {
    Text,
    Boolean,
    NumberOrText,
    List(&'s Value),
    /// Texts under keys of the author's own.
    Map,
    Object,
    /// Anything under keys of the author's own.
    AnyObject,
    /// Any value.
    Any,
}

impl<'s> Shape<'s> {
    pub(super) fn of(schema: &'s Value) -> Self {
        if schema.get("x-kubernetes-int-or-string").is_some() {
            return Self::NumberOrText;
        }
        let type_name = schema.get("type").and_then(Value::as_str);
        if schema.get("x-kubernetes-preserve-unknown-fields").is_some() {
            return match type_name {
                Some("object") => Self::AnyObject,
                _ => Self::Any,
            };
        }
        match type_name {
            Some("string") => Self::Text,
            Some("boolean") => Self::Boolean,
            Some("array") => schema.get("items").map_or(Self::Any, Self::List),
            Some("object") if schema.get("additionalProperties").is_some() => Self::Map,
            Some("object") => Self::Object,
            _ => Self::Any,
        }
    }

    /// What to do with a value that has another shape.
    pub(super) fn advice(&self) -> &'static str {
        match self {
            Self::Text => "write it as text:",
            Self::Boolean => "write it without quotes:",
            Self::NumberOrText => "write the number without quotes:",
            Self::List(_) => "write a list:",
            Self::Map | Self::Object | Self::AnyObject | Self::Any => "write an object:",
        }
    }
}

/// The value of a schema's keyword, as texts.
pub(super) fn words<'s>(schema: &'s Value, keyword: &str) -> impl Iterator<Item = &'s str> {
    let list = schema.get(keyword).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str)
}

pub(super) fn property<'s>(schema: &'s Value, name: &str) -> Option<&'s Value> {
    schema.get("properties")?.get(name)
}

/// The members that an object must have: of several that exclude each other, the first.
pub(super) fn needed(schema: &Value, has: impl Fn(&str) -> bool) -> Vec<&str> {
    let all = schema.get("allOf").and_then(Value::as_array);
    let inner = all.into_iter().flatten();
    let mut names: Vec<&str> = inner
        .filter_map(|one| Some(one.get("oneOf")?.as_array()?.iter()))
        .filter_map(|choices| alternative(choices.flat_map(|one| words(one, "required")), &has))
        .collect();
    names.extend(words(schema, "required"));
    if let Some(first) = schema.pointer("/anyOf/0") {
        names.extend(words(first, "required"));
    }
    let rules = schema.get("x-kubernetes-validations");
    let rules = rules.and_then(Value::as_array).into_iter().flatten();
    let asked = rules
        .filter_map(|rule| rule.get("message")?.as_str()?.strip_prefix(EXACTLY_ONE))
        .map(|names| names.split(", ").collect::<Vec<_>>());
    let choices = schema.get("oneOf").and_then(Value::as_array);
    let listed = choices.map(|all| all.iter().flat_map(|one| words(one, "required")).collect());
    for alternatives in asked.chain(listed) {
        if !alternatives.iter().any(|name| has(name)) {
            names.extend(alternatives.first());
        }
    }
    names.retain(|name| !has(name));
    names
}

/// The first of several members that exclude each other, where none is there.
fn alternative<'s>(
    mut names: impl Iterator<Item = &'s str>,
    has: impl Fn(&str) -> bool,
) -> Option<&'s str> {
    let first = names.next()?;
    let is_there = has(first) || names.any(has);
    (!is_there).then_some(first)
}

/// A value of a schema, with a blank for each text.
pub(super) fn example(schema: &Value) -> String {
    match Shape::of(schema) {
        Shape::Text | Shape::NumberOrText => BLANK.to_owned(),
        Shape::Boolean => "true".to_owned(),
        Shape::List(items) => format!("[{}]", example(items)),
        Shape::Map | Shape::AnyObject | Shape::Any => format!("{{{BLANK}: {BLANK}}}"),
        Shape::Object => flow(example_lines(schema).into_iter()),
    }
}

/// The members of an example of an object, each on a line.
pub(super) fn example_lines(schema: &Value) -> Vec<String> {
    let mut names = needed(schema, |_| false);
    if names.is_empty() {
        let all = schema.get("properties").and_then(Value::as_object);
        names.extend(all.and_then(|all| all.keys().next()).map(String::as_str));
    }
    let line = |name| {
        let value = property(schema, name).map_or_else(|| BLANK.to_owned(), example);
        format!("{name}: {value}")
    };
    names.into_iter().map(line).collect()
}

pub(super) fn flow(members: impl Iterator<Item = String>) -> String {
    format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
}

/// The only field of this name, by its path from the kind down: `socket.spec.secretNamespace`.
pub(super) fn elsewhere(name: &str) -> Option<String> {
    let mut found = Vec::new();
    // an Adapter has the fields of a Socket again
    for (kind, schema) in SCHEMAS.iter().filter(|(kind, _)| **kind != "Adapter") {
        paths(schema, &kind.to_ascii_lowercase(), name, &mut found);
    }
    match found.len() {
        1 => found.pop(),
        _ => None,
    }
}

fn paths(schema: &Value, path: &str, name: &str, found: &mut Vec<String>) {
    let inner = schema.get("items").unwrap_or(schema);
    let fields = inner.get("properties").and_then(Value::as_object);
    for (field, below) in fields.into_iter().flatten() {
        let path = format!("{path}.{field}");
        if field == name {
            found.push(path.clone());
        }
        paths(below, &path, name, found);
    }
}
