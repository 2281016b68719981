//! Chooses values for the keys of a draft: those of the Interface's own examples, else the simplest
//! ones that the schema allows.

use serde_json::{Map, Value, json};

use crate::api::{Example, InterfaceVersion};
use crate::couple::{DeclaredKey, socket_keys};
use crate::manifest::emit::ascii_json;

/// What a Socket gives in the first sound example.
pub(super) fn of_socket(version: &InterfaceVersion) -> Map<String, Value> {
    let mut given = sound(version).filter_map(|example| example.socket.as_ref()?.as_object());
    let mut keys = given.next().cloned().unwrap_or_default();
    for key in socket_keys(version) {
        if key.required && key.texts.is_empty() && !keys.contains_key(&key.name) {
            let value = simplest(&key);
            keys.insert(key.name, value);
        }
    }
    keys
}

/// What a Plug gives in the first sound example.
pub(super) fn of_plug(version: &InterfaceVersion) -> Option<&Value> {
    sound(version).find_map(|example| example.plug.as_ref())
}

/// The examples that must pass.
fn sound(version: &InterfaceVersion) -> impl Iterator<Item = &Example> {
    version
        .examples
        .iter()
        .filter(|example| example.invalid.is_none())
}

fn simplest(key: &DeclaredKey) -> Value {
    if let Some(value) = key.default.as_ref().or(key.values.first()) {
        return value.clone();
    }
    match key.types.first().map(String::as_str) {
        Some("integer" | "number") => key.minimum.clone().unwrap_or(json!(1)),
        Some("boolean") => json!(true),
        Some("array") => json!([]),
        Some("object") => json!({}),
        _ => json!(key.name),
    }
}

/// A value as it is written in a `config`, where `<%` begins a template.
pub(super) fn in_config(value: &Value) -> String {
    ascii_json(value).replace("<%", "<%%")
}
