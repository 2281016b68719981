use std::collections::BTreeSet;

use super::cases::Verdict::{Bad, Good, Rule};
use super::cases::cases;
use super::*;
use crate::api::{Defaults, KINDS, decode};
use crate::diagnostic::has_errors;
use crate::manifest::Place;

fn schema(kind: &str) -> Value {
    serde_json::from_str(&editor_schema(kind).unwrap()).unwrap()
}

/// Without what was made of CEL rules.
fn structural(mut schema: Value) -> Value {
    fn strip(schema: &mut Value) {
        match schema {
            Value::Object(members) => {
                // a rule over a value of any type is in the schema itself: CEL does not see it
                let value = members.get("properties").and_then(|all| all.get("value"));
                let of_schema = value.is_some_and(|value| value.get("type").is_none());
                members.retain(|keyword, _| match keyword.as_str() {
                    "oneOf" => of_schema,
                    keyword => keyword != "dependentRequired",
                });
                // what is in `allOf` is in the CRD itself
                let below = members
                    .iter_mut()
                    .filter(|(keyword, _)| *keyword != "allOf");
                below.for_each(|(_, below)| strip(below));
            }
            Value::Array(items) => items.iter_mut().for_each(strip),
            _ => {}
        }
    }
    strip(&mut schema);
    schema
}

/// The messages of all CEL rules, and the keys of all list-maps.
fn rules() -> BTreeSet<String> {
    fn collect(schema: &Value, rules: &mut BTreeSet<String>) {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        match schema {
            Value::Object(members) => {
                let cel = members
                    .get("x-kubernetes-validations")
                    .and_then(Value::as_array)
                    .into_iter()
                    .flatten();
                rules.extend(cel.map(|rule| text(&rule["message"])));
                let keys = members
                    .get("x-kubernetes-list-map-keys")
                    .and_then(Value::as_array)
                    .into_iter()
                    .flatten();
                rules.extend(keys.map(|key| format!("unique {}", text(key))));
                members.values().for_each(|below| collect(below, rules));
            }
            Value::Array(items) => items.iter().for_each(|below| collect(below, rules)),
            _ => {}
        }
    }
    let mut rules = BTreeSet::new();
    for (_, crd) in CRDS {
        let tree = Tree::read(crd).unwrap();
        collect(&tree.json(tree.root().unwrap()).unwrap(), &mut rules);
    }
    rules
}

#[test]
fn schema_and_decoder_give_one_verdict() {
    let validators = KINDS.map(|kind| {
        let schema = schema(kind);
        let structural = jsonschema::draft202012::new(&structural(schema.clone())).unwrap();
        (
            kind,
            jsonschema::draft202012::new(&schema).unwrap(),
            structural,
        )
    });
    let mut exercised = BTreeSet::new();
    let mut wrong = Vec::new();
    for (kind, text, verdict) in cases() {
        let tree = Tree::read(&text).unwrap();
        let json = tree.json(tree.root().unwrap()).unwrap();
        let (_, editor, structural) = validators
            .iter()
            .find(|(known, ..)| *known == kind)
            .unwrap();
        let mut out = crate::diagnostic::Findings::new();
        decode(
            &tree,
            tree.root().unwrap(),
            Place::default(),
            &Defaults::default(),
            &mut out,
        );
        let found = (structural.is_valid(&json), !has_errors(&out));
        let editor = editor.is_valid(&json);
        let right = match verdict {
            Good => found == (true, true) && editor,
            Bad => found == (false, false) && !editor,
            Rule(rule) => {
                exercised.insert(rule.to_owned());
                // an editor sees what JSON Schema can say too
                let unseen = rule.starts_with("unique ") || rule.contains("alone");
                found == (true, false) && editor == unseen
            }
        };
        if !right {
            wrong.push(format!(
                "{verdict:?}, but schema, decoder = {found:?}, editor = {editor}: {out:?}\n{text}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(
        exercised,
        rules(),
        "every rule that only an API server checks has a case"
    );
}

#[test]
fn the_crds_are_a_document_each() {
    let text = crds();
    let documents: Vec<_> = text.split("---\n").collect();
    assert_eq!(documents.len(), 1 + CRDS.len());
    assert!(
        documents[0].lines().all(|line| line.starts_with("# ")),
        "{}",
        documents[0]
    );
    for (document, name) in documents[1..]
        .iter()
        .zip(["interfaces", "sockets", "plugs"])
    {
        let tree = Tree::read(document).unwrap();
        let found = tree
            .written_at(tree.root().unwrap(), &["metadata", "name"])
            .and_then(|id| tree.str(id));
        assert_eq!(found, Some(format!("{name}.{GROUP}").as_str()));
    }
}

/// The keywords of the schemas, but for Kubernetes' own.
const KEYWORDS: &[&str] = &[
    "additionalProperties",
    "allOf",
    "anyOf",
    "default",
    "description",
    "enum",
    "format",
    "items",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "not",
    "oneOf",
    "pattern",
    "properties",
    "required",
    "type",
];

#[test]
fn crds_are_structural() {
    /// <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema>
    fn check(path: &str, schema: &Value) {
        let members = schema.as_object().unwrap();
        // a comma in a description without quotes, in flow style, begins another member
        let is_keyword = |name: &String| KEYWORDS.contains(&&**name) || name.starts_with("x-");
        assert!(
            members.keys().all(is_keyword),
            "{path}: {:?}",
            members.keys()
        );
        let int_or_string = members.contains_key("x-kubernetes-int-or-string");
        let any = members.get("x-kubernetes-preserve-unknown-fields") == Some(&json!(true));
        let typed = members.contains_key("type");
        assert!(
            int_or_string != typed || any && !typed,
            "{path} needs a type"
        );
        assert!(
            !members.contains_key("$ref") && !members.contains_key("nullable"),
            "{path}"
        );
        let additional = members.get("additionalProperties");
        assert!(
            additional.is_none() || !members.contains_key("properties"),
            "{path}"
        );
        let list = members.get("type") == Some(&json!("array"));
        assert_eq!(
            list,
            members.contains_key("x-kubernetes-list-type"),
            "{path}"
        );
        assert_eq!(
            list,
            members.contains_key("maxItems"),
            "{path}: without it a CEL rule costs too much"
        );
        if members.get("type") == Some(&json!("string")) && !members.contains_key("enum") {
            assert!(members.contains_key("maxLength"), "{path}");
        }
        for (name, below) in members
            .get("properties")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            check(&format!("{path}.{name}"), below);
        }
        for below in [members.get("items"), additional].into_iter().flatten() {
            check(&format!("{path}[]"), below);
        }
    }
    for (kind, crd) in CRDS {
        let tree = Tree::read(crd).unwrap();
        let json = tree.json(tree.root().unwrap()).unwrap();
        check(
            kind,
            &json["spec"]["versions"][0]["schema"]["openAPIV3Schema"],
        );
    }
}

#[test]
fn every_kind_has_an_editor_schema() {
    for kind in KINDS {
        let schema = schema(kind);
        jsonschema::draft202012::meta::validate(&schema).unwrap();
        assert_eq!(schema["properties"]["kind"], json!({ "const": kind }));
        assert_eq!(schema["additionalProperties"], json!(false));
        assert!(!schema.to_string().contains("x-kubernetes"), "{kind}");
    }
    assert_eq!(editor_schema("Deployment"), None);
}
