//! Reads the texts that an Interface makes of other keys of a Socket (`x-value`), and fills them in
//! if all keys that they need are plain.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json};

use super::json_schema::{SchemaError, pointer_step};
use super::key_facts::{KeyFacts, KeyText};
use super::template::{self, Piece, Side, TemplatePath};
use super::value_text::text;
use crate::limits;

/// Reads the `x-value` and the `x-default` of every key of one side; the first mistake.
pub(super) fn read(side: Side, keys: &mut BTreeMap<String, KeyFacts>) -> Result<(), SchemaError> {
    let mut room = limits::KEY_TEXT_PATHS;
    for (key, facts) in keys.iter_mut() {
        if let Some(written) = facts.written_by_default.take() {
            facts.by_default = read_by_default(side, &written)
                .map_err(|message| mistake(key, "x-default", &message))?;
        }
        if let Some(written) = facts.written_texts.take() {
            facts.texts = read_texts(side, &written, &mut room)
                .map_err(|message| mistake(key, "x-value", &message))?;
        }
    }
    judge(keys)
}

fn read_by_default(side: Side, written: &Json) -> Result<bool, String> {
    if side == Side::Plug {
        return Err("`x-default` is for keys of a Socket".to_owned());
    }
    let by_default = written.as_bool();
    by_default.ok_or_else(|| "`x-default` must be `true` or `false`".to_owned())
}

fn mistake(key: &str, keyword: &str, message: &str) -> SchemaError {
    SchemaError {
        pointer: format!("/properties{}/{keyword}", pointer_step(key)),
        message: format!("`{key}`: {message}"),
    }
}

fn read_texts(side: Side, texts: &Json, room: &mut usize) -> Result<Vec<KeyText>, String> {
    if side == Side::Plug {
        return Err("`x-value` is for keys of a Socket".to_owned());
    }
    let list = texts.as_array().filter(|list| !list.is_empty());
    let list = list.ok_or("`x-value` must be a list of texts")?;
    list.iter()
        .map(|text| {
            let text = text.as_str().ok_or("`x-value` must be a list of texts")?;
            read_text(text, room)
        })
        .collect()
}

fn read_text(source: &str, room: &mut usize) -> Result<KeyText, String> {
    let template = template::parse(source).map_err(|error| error.message)?;
    let template = template.ok_or(
        "a text of `x-value` must contain a key: write a text without \
     one as the `default`",
    )?;
    let mut keys = Vec::new();
    for piece in &template.pieces {
        match piece {
            Piece::Text(_) => {}
            Piece::Path(TemplatePath::Key(Side::Socket, key, steps), _) if steps.is_empty() => {
                keys.push(key.clone());
            }
            Piece::Path(..) | Piece::Computed(..) | Piece::Whole(_) => {
                return Err(
                    "in a text of `x-value` an expression is a whole key: `<% socket.config.KEY %>`"
                        .to_owned(),
                );
            }
        }
    }
    if keys.is_empty() {
        return Err(
            "a text of `x-value` must contain a key: write a text without one as the \
         `default`"
                .to_owned(),
        );
    }
    *room = room.checked_sub(keys.len()).ok_or_else(|| {
        let paths = limits::KEY_TEXT_PATHS;
        format!("all texts of `x-value` together use more than {paths} keys")
    })?;
    Ok(KeyText {
        source: source.to_owned(),
        template,
        keys,
    })
}

/// What is wrong with texts beside the other keys.
fn judge(keys: &BTreeMap<String, KeyFacts>) -> Result<(), SchemaError> {
    for (key, facts) in keys {
        let Some(first) = facts.texts.first() else {
            continue;
        };
        let mistake = |message: &str| Err(mistake(key, "x-value", message));
        if facts.default.is_some() {
            return mistake("it has a `default` too, and a key can have only one of the two");
        }
        if !facts.types.is_empty() && !facts.types.iter().any(|name| name == "string") {
            return mistake("an `x-value` gives a text, and the key has another type");
        }
        for used in facts.texts.iter().flat_map(|text| &text.keys) {
            let Some(used_facts) = keys.get(used) else {
                return mistake(&format!("it uses `{used}`, which is not declared"));
            };
            if used_facts.secret && !facts.secret {
                return mistake(&format!(
                    "it uses the secret `{used}`, so it must be `writeOnly` itself"
                ));
            }
        }
        if leads_back(key, keys) {
            let used = first.keys.join("`, `");
            return mistake(&format!("it depends on itself, through `{used}`"));
        }
    }
    Ok(())
}

/// Whether a key is made of itself.
fn leads_back(key: &str, keys: &BTreeMap<String, KeyFacts>) -> bool {
    let mut seen = BTreeSet::new();
    let mut left = vec![key];
    while let Some(next) = left.pop() {
        let texts = keys.get(next).into_iter().flat_map(|facts| &facts.texts);
        for used in texts.flat_map(|text| &text.keys) {
            if used == key {
                return true;
            }
            if seen.insert(used) {
                left.push(used);
            }
        }
    }
    false
}

/// The keys that can be made of given ones, whatever their values are.
pub(super) fn made_of(
    keys: &BTreeMap<String, KeyFacts>,
    is_given: impl Fn(&str) -> bool,
) -> BTreeSet<&str> {
    let mut made: BTreeSet<&str> = BTreeSet::new();
    let with_texts: Vec<_> = keys
        .iter()
        .filter(|(_, facts)| !facts.texts.is_empty())
        .collect();
    loop {
        let before = made.len();
        for (key, facts) in &with_texts {
            let is_there = |used: &String| is_given(used) || made.contains(used.as_str());
            let has_all = facts
                .texts
                .iter()
                .any(|text| text.keys.iter().all(is_there));
            if has_all && !is_given(key) {
                made.insert(key);
            }
        }
        if made.len() == before {
            return made;
        }
    }
}

/// Adds the keys that are made of others to an instance in which every value is plain.
pub(super) fn fill(keys: &BTreeMap<String, KeyFacts>, instance: &mut Map<String, Json>) {
    let with_texts = || keys.iter().filter(|(_, facts)| !facts.texts.is_empty());
    loop {
        let before = instance.len();
        for (key, facts) in with_texts() {
            if instance.contains_key(key) {
                continue;
            }
            let text = facts.texts.iter().find_map(|text| text.plain(instance));
            if let Some(text) = text {
                instance.insert(key.clone(), Json::String(text));
            }
        }
        if instance.len() == before {
            return;
        }
    }
}

impl KeyText {
    /// The text, where all its keys are in an instance.
    fn plain(&self, instance: &Map<String, Json>) -> Option<String> {
        let mut out = String::new();
        for piece in &self.template.pieces {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Path(TemplatePath::Key(_, key, _), _) => {
                    out.push_str(&text(instance.get(key)?).ok()?);
                }
                Piece::Path(..) | Piece::Computed(..) | Piece::Whole(_) => return None,
            }
        }
        Some(out)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::api::Schema;
    use crate::couple::schema::SideSchema;
    use crate::manifest::Place;

    fn refused(value: Json, side: Side) -> Option<String> {
        let schema = Schema {
            value,
            at: Place::default(),
            places: BTreeMap::new(),
        };
        let side_schema = SideSchema::new(&schema, side);
        let error = side_schema.refused.as_ref();
        error.map(|error| format!("{}: {}", error.pointer, error.message))
    }

    fn of(key: &Json) -> Json {
        json!({"properties": {
            "host": {"type": "string"},
            "port": {"type": "integer"},
            "password": {"type": "string", "writeOnly": true},
            "url": key,
        }})
    }

    #[test]
    fn a_text_is_made_of_whole_keys_of_the_socket() {
        let good = json!({"type": "string", "x-value": ["<% socket.config.host %>:<% socket.config.port %>"]});
        assert_eq!(refused(of(&good), Side::Socket), None);
        for (key, words) in [
            (
                json!({"x-value": "<% socket.config.host %>"}),
                "list of texts",
            ),
            (json!({"x-value": []}), "list of texts"),
            (json!({"x-value": [1]}), "list of texts"),
            (json!({"x-value": ["plain"]}), "must contain a key"),
            (
                json!({"x-value": ["<% interface.name %>"]}),
                "is a whole key",
            ),
            (
                json!({"x-value": ["<% plug.config.a %>"]}),
                "is a whole key",
            ),
            (
                json!({"x-value": ["<% socket.config.host | upper %>"]}),
                "is a whole key",
            ),
            (
                json!({"x-value": ["<% socket.config.host.a %>"]}),
                "is a whole key",
            ),
            (json!({"x-value": ["<% socket.config.host"]}), "has no `%>`"),
            (
                json!({"x-value": ["<% socket.config.hots %>"]}),
                "not declared",
            ),
            (
                json!({"x-value": ["<% socket.config.password %>"]}),
                "must be `writeOnly`",
            ),
            (
                json!({"x-value": ["<% socket.config.url %>"]}),
                "depends on itself",
            ),
            (
                json!({"default": "a", "x-value": ["<% socket.config.host %>"]}),
                "only one of the two",
            ),
            (
                json!({"type": "integer", "x-value": ["<% socket.config.host %>"]}),
                "gives a text",
            ),
            (json!({"x-default": "yes"}), "`true` or `false`"),
        ] {
            let error = refused(of(&key), Side::Socket).unwrap_or_default();
            assert!(error.starts_with("/properties/url/x-"), "{key}: {error}");
            assert!(error.contains(words), "{key}: {error}");
        }
        let error = refused(of(&good), Side::Plug).unwrap();
        assert!(error.contains("keys of a Socket"), "{error}");
        let error = refused(of(&json!({"x-default": true})), Side::Plug).unwrap();
        assert!(error.contains("keys of a Socket"), "{error}");
    }

    #[test]
    fn a_circle_of_keys_is_refused_however_long() {
        let texts = |n: usize| json!({"x-value": [format!("<% socket.config.k{n} %>")]});
        let ring = |length: usize| {
            let key = |n: usize| (format!("k{n}"), texts((n + 1) % length));
            json!({"properties": (0..length).map(key).collect::<Map<_, _>>()})
        };
        for length in [2, 3, limits::KEY_TEXT_PATHS] {
            let error = refused(ring(length), Side::Socket).unwrap();
            assert!(error.contains("depends on itself"), "{error}");
        }
    }

    #[test]
    fn the_keys_of_all_texts_together_are_bounded() {
        let text = "<% socket.config.host %>".repeat(limits::KEY_TEXT_PATHS);
        let schema = |text: &str| of(&json!({"x-value": [text]}));
        assert_eq!(refused(schema(&text), Side::Socket), None);
        let error = refused(schema(&(text + "<% socket.config.port %>")), Side::Socket).unwrap();
        assert!(error.contains("more than"), "{error}");
    }
}
