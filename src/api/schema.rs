//! Writes the CRDs for a cluster, and the JSON Schemas for editors, which are derived from them.

use serde_json::{Map, Value, json};

use super::metadata::METADATA;
use super::{API_VERSION, GROUP};
use crate::manifest::Tree;

/// The kinds that have a CRD.
const CRDS: [(&str, &str); 4] = [
    ("Interface", include_str!("crds/interfaces.yaml")),
    ("Socket", include_str!("crds/sockets.yaml")),
    ("Plug", include_str!("crds/plugs.yaml")),
    ("Adapter", include_str!("crds/adapters.yaml")),
];

const SETTINGS: &str = include_str!("settings.schema.yaml");

/// The CRDs as one stream. No cluster needs them to render.
pub fn crds() -> String {
    let header = format!(
        "# The kinds of {API_VERSION}. Nothing in a cluster acts on them, and rendering does not \
         need them.\n# They have the same names as the integration-operator's CRDs (interfaces, \
         sockets and plugs of {GROUP}):\n# if that operator runs in the cluster, applying them \
         would replace its CRDs.\n"
    );
    CRDS.iter()
        .fold(header, |text, (_, crd)| text + "---\n" + crd)
}

/// The schema of one of our kinds, in the form of a CRD's.
pub(super) fn structural_schema(kind: &str) -> Option<Value> {
    let (path, text): (&[&str], _) = match CRDS.iter().find(|(known, _)| *known == kind) {
        Some((_, crd)) => (&["spec", "versions"], *crd),
        None if kind == "Coupler" => (&[], SETTINGS),
        None => return None,
    };
    let tree = Tree::read(text).ok()?;
    let mut node = tree.read_at(tree.root()?, path).shown()?;
    if !path.is_empty() {
        let version = tree.children(node).next()?;
        node = tree
            .read_at(version, &["schema", "openAPIV3Schema"])
            .shown()?;
    }
    tree.json(node).ok()
}

/// The JSON Schema (2020-12) of one of our kinds, for editors: as strict as the decoder is.
pub fn editor_schema(kind: &str) -> Option<String> {
    let mut schema = structural_schema(kind)?;
    let needs_spec = schema.get("required").is_some();
    strict(&mut schema);
    let members = schema.as_object_mut()?;
    let properties = members.get_mut("properties")?.as_object_mut()?;
    properties.insert("apiVersion".to_owned(), json!({ "const": API_VERSION }));
    properties.insert("kind".to_owned(), json!({ "const": kind }));
    properties.insert("metadata".to_owned(), metadata(needs_spec));
    let required: &[_] = if needs_spec {
        &["apiVersion", "kind", "metadata", "spec"]
    } else {
        &["apiVersion", "kind"]
    };
    members.insert("required".to_owned(), json!(required));
    members.insert(
        "$schema".to_owned(),
        json!("https://json-schema.org/draft/2020-12/schema"),
    );
    members.insert("title".to_owned(), json!(kind));
    serde_json::to_string_pretty(&schema).ok()
}

/// Kubernetes' own rules for `metadata`, as far as they concern what a person writes.
fn metadata(needed: bool) -> Value {
    let texts = json!({ "type": ["object", "null"], "additionalProperties": { "type": "string" } });
    let mut properties: Map<_, _> = METADATA
        .iter()
        .map(|name| ((*name).to_owned(), json!({})))
        .collect();
    if !needed {
        return json!({ "type": "object", "properties": properties, "additionalProperties": false });
    }
    let label = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
    let name =
        json!({ "type": "string", "maxLength": 253, "pattern": format!(r"^{label}(\.{label})*$") });
    let namespace =
        json!({ "type": ["string", "null"], "maxLength": 63, "pattern": format!("^({label})?$") });
    properties.insert("name".to_owned(), name);
    properties.insert("namespace".to_owned(), namespace);
    properties.insert("labels".to_owned(), texts.clone());
    properties.insert("annotations".to_owned(), texts);
    json!({ "type": "object", "required": ["name"], "properties": properties, "additionalProperties": false })
}

/// A CRD's schema as JSON Schema: what an API server prunes or checks by other means becomes a
/// keyword.
fn strict(schema: &mut Value) {
    let Some(members) = schema.as_object_mut() else {
        return;
    };
    let open = members
        .remove("x-kubernetes-preserve-unknown-fields")
        .is_some();
    if members.contains_key("properties") && !open {
        members.insert("additionalProperties".to_owned(), json!(false));
    }
    if members.remove("x-kubernetes-list-type") == Some(json!("set")) {
        members.insert("uniqueItems".to_owned(), json!(true));
    }
    for rule in members
        .remove("x-kubernetes-validations")
        .as_ref()
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let message = rule
            .get("message")
            .and_then(Value::as_str)
            .unwrap_or_default();
        if let Some(names) = message.strip_prefix("must have exactly one of ") {
            let one: Vec<_> = names
                .split(", ")
                .map(|name| json!({ "required": [name] }))
                .collect();
            members.insert("oneOf".to_owned(), json!(one));
        } else if let Some((field, other)) = message.split_once(" needs ") {
            let all = members
                .entry("dependentRequired")
                .or_insert_with(|| json!({}));
            if let Some(all) = all.as_object_mut() {
                all.insert(field.to_owned(), json!([other]));
            }
        }
    }
    members.retain(|keyword, _| !keyword.starts_with("x-kubernetes-"));
    for (keyword, below) in members {
        match (keyword.as_str(), below) {
            ("properties", Value::Object(properties)) => properties.values_mut().for_each(strict),
            ("items" | "additionalProperties", below) => strict(below),
            _ => {}
        }
    }
}

#[cfg(test)]
mod cases;
#[cfg(test)]
mod tests;
