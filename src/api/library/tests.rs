use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::*;
use crate::api::{Defaults, Interface, InterfaceVersion, OwnObject, decode, env_name};
use crate::diagnostic::Findings;
use crate::manifest::{Place, Tree};

/// Every published version: SHA-256 of the canonical JSON of what is under `spec.versions[]`.
/// A line may be added; none may ever change.
const PUBLISHED: &[(&str, &str, &str)] = &[
    (
        "amqp",
        "1.0.0",
        "1871a3e02d8e086f953a05a69183b06114203c6fe3fe02f6bffbed597519a589",
    ),
    (
        "http",
        "1.0.0",
        "9e8b35a8bf4b4f7d07ccd50bbc10ed2d7de309aad100f73990f5e8d24f81793c",
    ),
    (
        "kafka",
        "1.0.0",
        "e5430d8a1f62322721d264f83d85cdcde140049208d13d9c829023074402f93b",
    ),
    (
        "mongodb",
        "1.0.0",
        "d186f793a0233d33d7fedad0fab3ec195b6ffdc43f5a876d2c612e341d757fea",
    ),
    (
        "mysql",
        "1.0.0",
        "2a2a420af97317afddbf4d1274d9d4cd192b25de869e49f0e77414e334dfe465",
    ),
    (
        "oidc",
        "1.0.0",
        "0295f39556378ba89bdc9aefb0484b9d93035030865bd6fa5439e9b1759ccacb",
    ),
    (
        "postgresql",
        "1.0.0",
        "0586910592a0fcabf49613d365ad7c3381bb0f66d20d1b96e8c864d62c8cae3f",
    ),
    (
        "redis",
        "1.0.0",
        "60ada19a9807e977014a079c6dcc7956021130c53507599b6c48c21f987e5605",
    ),
    (
        "s3",
        "1.0.0",
        "9b62628a1869f17511186be5f597af871cde6ba69138da095fe0c62c8b318b19",
    ),
    (
        "smtp",
        "1.0.0",
        "01070509e9a3ab3b0c012d8bba53f6d413e6e616685145adb36d47848fc72914",
    ),
];

fn tree(name: &str) -> Tree<'static> {
    Tree::read(library(name).unwrap()).unwrap()
}

fn interface(name: &str) -> Interface {
    let (tree, mut out) = (tree(name), Findings::new());
    let object = decode(
        &tree,
        tree.root().unwrap(),
        Place::default(),
        &Defaults::default(),
        &mut out,
    );
    assert_eq!(out.into_vec(), [], "{name}");
    match object {
        Some(OwnObject::Interface(interface)) => interface,
        other => panic!("{name}: {other:?}"),
    }
}

fn versions() -> impl Iterator<Item = (&'static str, InterfaceVersion)> {
    library_names().flat_map(|name| {
        interface(name)
            .versions
            .into_iter()
            .map(move |version| (name, version))
    })
}

/// Members sorted, whatever features serde_json is built with.
fn canonical(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(canonical).collect(),
        Value::Object(members) => {
            let sorted: BTreeMap<_, _> = members
                .iter()
                .map(|(key, value)| (key.clone(), canonical(value)))
                .collect();
            Value::Object(sorted.into_iter().collect::<Map<_, _>>())
        }
        other => other.clone(),
    }
}

fn properties(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    schema["properties"].as_object().unwrap().iter()
}

#[test]
fn published_versions_never_change() {
    let mut found = Vec::new();
    for name in library_names() {
        let tree = tree(name);
        let json = tree.json(tree.root().unwrap()).unwrap();
        for version in json["spec"]["versions"].as_array().unwrap() {
            let digest = Sha256::digest(canonical(version).to_string());
            let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
            found.push((
                name,
                version["version"].as_str().unwrap().to_owned(),
                digest,
            ));
        }
    }
    let published: Vec<_> = PUBLISHED
        .iter()
        .map(|(n, v, d)| (*n, (*v).to_owned(), (*d).to_owned()))
        .collect();
    assert_eq!(found, published);
}

#[test]
fn each_is_found_by_its_own_name() {
    assert!(library_names().is_sorted());
    for name in library_names() {
        let interface = interface(name);
        assert_eq!(
            (&*interface.name.value, &*interface.meta.name.value),
            (name, name)
        );
        assert_eq!(interface.meta.namespace, None);
    }
    assert_eq!(library("Redis"), None);
}

#[test]
fn examples_do_what_they_say() {
    for (name, version) in versions() {
        let mut sides = BTreeSet::new();
        let mut refused = 0;
        for (index, example) in version.examples.iter().enumerate() {
            let mut failures = Vec::new();
            for (side, schema, value) in [
                ("plug", &version.plug, &example.plug),
                ("socket", &version.socket, &example.socket),
            ] {
                let Some(value) = value else { continue };
                let mut value = value.clone();
                for (key, property) in properties(&schema.value) {
                    if let (Some(default), None) = (property.get("default"), value.get(key)) {
                        value[key] = default.clone();
                    }
                }
                let declared: BTreeSet<_> = properties(&schema.value).map(|(key, _)| key).collect();
                assert!(
                    value
                        .as_object()
                        .unwrap()
                        .keys()
                        .all(|key| declared.contains(key)),
                    "{name} example {index}"
                );
                let validator = jsonschema::draft202012::new(&schema.value).unwrap();
                failures.extend(
                    validator
                        .iter_errors(&value)
                        .map(|e| format!("/{side}{}", e.instance_path())),
                );
                sides.insert(side);
            }
            match &example.invalid {
                None => assert!(failures.is_empty(), "{name} example {index}: {failures:?}"),
                Some(invalid) => {
                    assert_eq!(failures, [invalid.value.as_str()], "{name} example {index}");
                    refused += 1;
                }
            }
        }
        assert_eq!(sides.len(), 2, "{name} lacks a valid example of a side");
        assert!(refused >= 2, "{name} lacks examples of what is refused");
    }
}

#[test]
fn schemas_keep_the_rules_of_interfaces() {
    for (name, version) in versions() {
        for schema in [&version.plug.value, &version.socket.value] {
            jsonschema::draft202012::meta::validate(schema).unwrap();
            let declared: BTreeSet<_> = properties(schema).map(|(key, _)| key.as_str()).collect();
            let required = schema
                .get("required")
                .and_then(Value::as_array)
                .cloned()
                .unwrap_or_default();
            assert!(
                required
                    .iter()
                    .all(|key| declared.contains(key.as_str().unwrap())),
                "{name}"
            );
            let variables: BTreeSet<_> = declared.iter().map(|key| env_name(name, key)).collect();
            assert_eq!(variables.len(), declared.len(), "{name}");
            for (key, property) in properties(schema) {
                let secret = property.get("writeOnly") == Some(&Value::Bool(true));
                assert_eq!(
                    secret,
                    ["password", "uri", "accessKey", "secretKey", "clientSecret"].contains(&&**key),
                    "{name} {key}"
                );
                if let Some(default) = property.get("default") {
                    assert!(
                        !secret && jsonschema::draft202012::is_valid(property, default),
                        "{name} {key}"
                    );
                }
            }
        }
        // what only the application knows
        let required = version
            .plug
            .value
            .get("required")
            .cloned()
            .unwrap_or_default();
        assert_eq!(
            required,
            if name == "oidc" {
                serde_json::json!(["redirectUri"])
            } else {
                Value::Null
            },
            "{name}"
        );
    }
}
