//! Finds misspelt keywords of a schema: JSON Schema ignores them, and reports nothing.

use serde_json::Value as Json;

use super::json_schema::pointer_step;
use crate::api::suggest;
use crate::limits;

/// A keyword that is not known, and the one that was probably meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MisspeltKeyword {
    /// Where its value is, as a JSON pointer.
    pub pointer: String,
    /// As written.
    pub written: String,
    /// The keyword.
    pub meant: &'static str,
}

/// What is below a keyword.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Below {
    /// No schema.
    Nothing,
    /// A schema, or a list of schemas.
    Schema,
    /// Schemas by name.
    SchemasByName,
}

/// The keywords of JSON Schema 2020-12 and of its earlier drafts, and coupler's own.
const KEYWORDS: &[(&str, Below)] = &[
    ("$anchor", Below::Nothing),
    ("$comment", Below::Nothing),
    ("$defs", Below::SchemasByName),
    ("$id", Below::Nothing),
    ("$ref", Below::Nothing),
    ("$schema", Below::Nothing),
    ("$vocabulary", Below::Nothing),
    ("additionalItems", Below::Schema),
    ("additionalProperties", Below::Schema),
    ("allOf", Below::Schema),
    ("anyOf", Below::Schema),
    ("const", Below::Nothing),
    ("contains", Below::Schema),
    ("contentEncoding", Below::Nothing),
    ("contentMediaType", Below::Nothing),
    ("contentSchema", Below::Nothing),
    ("default", Below::Nothing),
    ("definitions", Below::SchemasByName),
    ("dependencies", Below::SchemasByName),
    ("dependentRequired", Below::Nothing),
    ("dependentSchemas", Below::SchemasByName),
    ("deprecated", Below::Nothing),
    ("description", Below::Nothing),
    ("else", Below::Schema),
    ("enum", Below::Nothing),
    ("example", Below::Nothing),
    ("examples", Below::Nothing),
    ("exclusiveMaximum", Below::Nothing),
    ("exclusiveMinimum", Below::Nothing),
    ("format", Below::Nothing),
    ("id", Below::Nothing),
    ("if", Below::Schema),
    ("items", Below::Schema),
    ("maxContains", Below::Nothing),
    ("maxItems", Below::Nothing),
    ("maxLength", Below::Nothing),
    ("maxProperties", Below::Nothing),
    ("maximum", Below::Nothing),
    ("minContains", Below::Nothing),
    ("minItems", Below::Nothing),
    ("minLength", Below::Nothing),
    ("minProperties", Below::Nothing),
    ("minimum", Below::Nothing),
    ("multipleOf", Below::Nothing),
    ("not", Below::Schema),
    ("nullable", Below::Nothing),
    ("oneOf", Below::Schema),
    ("pattern", Below::Nothing),
    ("patternProperties", Below::SchemasByName),
    ("prefixItems", Below::Schema),
    ("properties", Below::SchemasByName),
    ("propertyNames", Below::Schema),
    ("readOnly", Below::Nothing),
    ("required", Below::Nothing),
    ("then", Below::Schema),
    ("title", Below::Nothing),
    ("type", Below::Nothing),
    ("unevaluatedItems", Below::Schema),
    ("unevaluatedProperties", Below::Schema),
    ("uniqueItems", Below::Nothing),
    ("writeOnly", Below::Nothing),
    ("x-default", Below::Nothing),
    ("x-entry", Below::Nothing),
    ("x-type", Below::Nothing),
    ("x-value", Below::Nothing),
];

/// Letters from which on a word is compared: shorter ones are near too many.
const COMPARED: usize = 5;

/// What others call what JSON Schema calls `writeOnly`.
const SECRET: [&str; 3] = ["secret", "sensitive", "writeOnce"];

/// The misspelt keywords of a schema, as many as get a suggestion.
pub(super) fn misspelt(schema: &Json) -> Vec<MisspeltKeyword> {
    let mut found = Vec::new();
    walk(schema, "", &mut found);
    found
}

fn walk(schema: &Json, pointer: &str, found: &mut Vec<MisspeltKeyword>) {
    match schema {
        Json::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                walk(item, &format!("{pointer}/{index}"), found);
            }
        }
        Json::Object(members) => {
            for (written, value) in members {
                let pointer = format!("{pointer}{}", pointer_step(written));
                match KEYWORDS.iter().find(|(known, _)| known == written) {
                    Some((_, Below::Nothing)) => {}
                    Some((_, Below::Schema)) => walk(value, &pointer, found),
                    Some((_, Below::SchemasByName)) => {
                        for (name, sub) in value.as_object().into_iter().flatten() {
                            walk(sub, &format!("{pointer}{}", pointer_step(name)), found);
                        }
                    }
                    None if found.len() < limits::NEAR_MISSES => {
                        found.extend(meant(written, value).map(|meant| MisspeltKeyword {
                            pointer,
                            written: written.clone(),
                            meant,
                        }));
                    }
                    None => {}
                }
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}

/// The keyword that was probably meant.
fn meant(written: &str, value: &Json) -> Option<&'static str> {
    if SECRET.contains(&written) && *value == Json::Bool(true) {
        return Some("writeOnly");
    }
    if written.len() < COMPARED {
        return None;
    }
    let compared = KEYWORDS.iter().map(|(known, _)| *known);
    // whoever begins a word with `x-` knows that it is none of JSON Schema's
    let is_own = |word: &str| word.starts_with("x-");
    let is_compared = |known: &&str| known.len() >= COMPARED && is_own(known) == is_own(written);
    suggest(written, compared.filter(is_compared))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn all(schema: &Json) -> Vec<String> {
        let found = misspelt(schema);
        found
            .into_iter()
            .map(|one| format!("{} {}", one.pointer, one.meant))
            .collect()
    }

    #[test]
    fn misspelt_keywords_are_found_where_schemas_are() {
        let schema = json!({
            "require": ["a"],
            "propertes": {"a": {}},
            "properties": {
                "a": {"type": "string", "writeonly": true, "secret": true},
                "require": {"anyOf": [{"patern": "x"}], "items": {"maxlength": 3}},
            },
        });
        assert_eq!(
            all(&schema),
            [
                "/propertes properties",
                "/properties/a/secret writeOnly",
                "/properties/a/writeonly writeOnly",
                "/properties/require/anyOf/0/patern pattern",
                "/properties/require/items/maxlength maxLength",
                "/require required",
            ]
        );
    }

    #[test]
    fn words_of_others_are_none_of_them() {
        let schema = json!({
            "x-go-type": "a", "note": 1, "id": 2, "units": "s", "owner": "x", "secret": "x",
            "default": {"require": 1}, "enum": [{"patern": 1}], "examples": [{"titel": 1}],
            "$defs": {"require": {"type": "string"}}, "x-default": true,
            "required": ["require"], "sensitive": false,
        });
        assert_eq!(all(&schema), Vec::<String>::new());
    }

    #[test]
    fn so_many_get_a_suggestion() {
        let properties =
            (0..limits::NEAR_MISSES + 5).map(|n| (format!("k{n}"), json!({"patern": 1})));
        let schema = json!({"properties": properties.collect::<serde_json::Map<_, _>>()});
        assert_eq!(misspelt(&schema).len(), limits::NEAR_MISSES);
    }
}
