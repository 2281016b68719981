//! Walks JSON Schemas: the members of a keyword, the target of a `$ref`, the steps of pointers; and
//! names what is wrong with one.

use serde_json::{Map, Value as Json};

/// The members of a map of schemas.
pub(super) fn members<'a>(
    object: &'a Map<String, Json>,
    keyword: &str,
) -> impl Iterator<Item = (&'a String, &'a Json)> {
    object
        .get(keyword)
        .and_then(Json::as_object)
        .into_iter()
        .flatten()
}

/// What a local `$ref` leads to.
pub(super) fn target<'a>(object: &Map<String, Json>, root: &'a Json) -> Option<&'a Json> {
    root.pointer(object.get("$ref")?.as_str()?.strip_prefix('#')?)
}

/// The step of a JSON pointer that leads to `key`.
pub(super) fn pointer_step(key: &str) -> String {
    format!("/{}", key.replace('~', "~0").replace('/', "~1"))
}

/// What is wrong with a schema, and where in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SchemaError {
    /// A JSON pointer.
    pub pointer: String,
    /// The fact.
    pub message: String,
}
