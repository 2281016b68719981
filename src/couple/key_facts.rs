//! Reads what the schema of one side declares about one of its keys.

use serde_json::Value as Json;

use super::json_schema::target;
use super::template::Template;

/// What the schema declares about one key.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct KeyFacts {
    /// `writeOnly`: its value must hold a Secret's key.
    pub secret: bool,
    /// `format: url-safe`: its value must be one that a URL can have as it is.
    pub url_safe: bool,
    /// `x-entry`: the name of its file.
    pub entry: Option<String>,
    /// `default`.
    pub default: Option<Json>,
    /// `x-default`: a Plug that lists nothing to bind binds it, where it is given.
    pub by_default: bool,
    /// `x-value`: the first of these whose keys are all given is its value where nobody gives it.
    pub texts: Vec<KeyText>,
    /// `x-default` as written, until it is read.
    pub written_by_default: Option<Json>,
    /// `x-value` as written, until it is read.
    pub written_texts: Option<Json>,
    /// The `type`s it may have; empty: any.
    pub types: Vec<String>,
    /// Whether a `const` fixes it.
    pub fixed: bool,
    /// Keywords that judge the value itself.
    pub judged_by: Vec<String>,
}

/// A text of an `x-value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct KeyText {
    /// As written.
    pub source: String,
    /// The same, read.
    pub template: Template,
    /// The keys of the Socket that it is made of: it counts where all of them are given.
    pub keys: Vec<String>,
}

impl KeyFacts {
    /// Adds what a subschema says about it.
    pub(super) fn learn(&mut self, sub: &Json, root: &Json) {
        let Some(object) = sub.as_object() else {
            return;
        };
        self.secret |= object.get("writeOnly") == Some(&Json::Bool(true));
        self.url_safe |= object.get("format").and_then(Json::as_str) == Some("url-safe");
        self.fixed |= object.contains_key("const");
        if self.entry.is_none() {
            self.entry = text_of(sub, "x-entry");
        }
        for (keyword, written) in [
            ("default", &mut self.default),
            ("x-default", &mut self.written_by_default),
            ("x-value", &mut self.written_texts),
        ] {
            if written.is_none() {
                *written = object.get(keyword).cloned();
            }
        }
        let types = match object.get("type") {
            Some(Json::String(one)) => vec![one.clone()],
            Some(Json::Array(some)) => some
                .iter()
                .filter_map(Json::as_str)
                .map(str::to_owned)
                .collect(),
            _ => Vec::new(),
        };
        if self.types.is_empty() {
            self.types = types;
        }
        for keyword in JUDGES {
            let promise = *keyword == "format" && self.url_safe;
            if object.contains_key(*keyword)
                && !promise
                && !self.judged_by.iter().any(|k| k == keyword)
            {
                self.judged_by.push((*keyword).to_owned());
            }
        }
        if let Some(target) = target(object, root) {
            self.learn(target, root);
        }
        for sub in object
            .get("allOf")
            .and_then(Json::as_array)
            .into_iter()
            .flatten()
        {
            self.learn(sub, root);
        }
    }

    /// The value that a text is where only texts can be written: a number or a boolean, if that is
    /// what the key takes.
    pub(super) fn written_as(&self, text: String) -> Json {
        let takes = |name: &str| self.types.iter().any(|known| known == name);
        if self.types.is_empty() || takes("string") {
            return Json::String(text);
        }
        let written = serde_json::from_str(&text)
            .ok()
            .filter(|value| match value {
                Json::Bool(_) => takes("boolean"),
                Json::Number(_) => takes("integer") || takes("number"),
                Json::Null | Json::String(_) | Json::Array(_) | Json::Object(_) => false,
            });
        written.unwrap_or(Json::String(text))
    }

    /// Whether the text of a Secret's key can be this value.
    pub(super) fn takes_text(&self) -> bool {
        self.types.is_empty()
            || self
                .types
                .iter()
                .any(|t| matches!(t.as_str(), "string" | "integer" | "number" | "boolean"))
    }
}

/// The text under a keyword.
pub(super) fn text_of(schema: &Json, keyword: &str) -> Option<String> {
    schema.get(keyword)?.as_str().map(str::to_owned)
}

/// Keywords that look at a scalar.
const JUDGES: &[&str] = &[
    "enum",
    "format",
    "pattern",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
];
