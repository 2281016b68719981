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
        "a8410079cee52750a8688ec1493f0f057211c75c6ca8c1365f4812896527d233",
    ),
    (
        "cassandra",
        "1.0.0",
        "034807d7ab516cbb887a29f31a9848d2484c139233912567c1c0362a02e982f4",
    ),
    (
        "clickhouse",
        "1.0.0",
        "84fc5d412488f24e54698c27f135935a7b9bd9ccb71d268602580c4179cfa735",
    ),
    (
        "elasticsearch",
        "1.0.0",
        "227512ea4936d4bb774ef8c526d80fc2ce67581bea2f1cc0e7f98aa460168391",
    ),
    (
        "grpc",
        "1.0.0",
        "713883df4d8075df2b4da6dcf6e549182d26cd8308fd307c8d360999f1150bed",
    ),
    (
        "http",
        "1.0.0",
        "b617cd7d0e4b1b0d28408338a42da7cc495d0b08f7b125f03c715afd35b63a1d",
    ),
    (
        "ingress",
        "1.0.0",
        "36fc9e2ad6cc6a0a8b2950af59e7604e5911dc2acfe78dfd20e8854d8f5d0c4a",
    ),
    (
        "kafka",
        "1.0.0",
        "472dbf77b1dc0046b7c26652ab66e40d81c9dbdd47babc3ffa53d69168991c88",
    ),
    (
        "ldap",
        "1.0.0",
        "bc9e42b327ac1588b861375cb8f6864a874e26c6a33836aeaa6eeef05e947a3d",
    ),
    (
        "memcached",
        "1.0.0",
        "a1b33a83eb2547dc8a3bc844f4e13664e6125bb0d0c786ad6501ee63731a96e1",
    ),
    (
        "mongodb",
        "1.0.0",
        "3166b9d5388fed33d6e6c8f32bd6a6297d50add809b6bf717155783277a2dd5e",
    ),
    (
        "mysql",
        "1.0.0",
        "698312c4b0a31e95a038caa38ac8ffa077278ac1b431367959a9392da254a117",
    ),
    (
        "nats",
        "1.0.0",
        "6aa8f3fe9803fe03565e20b0e6680939cd10fd9848c8aae79a0f44c71dc45386",
    ),
    (
        "oidc",
        "1.0.0",
        "1cdf2bd350a7f7062b3e746384544e5c6d00e6854ca98ba4022b5d9496d125be",
    ),
    (
        "opensearch",
        "1.0.0",
        "98bca3c1a0d09091a54ca54d3bbb59e9cadceaa6660765372d71408360dfb050",
    ),
    (
        "otlp",
        "1.0.0",
        "6d317e7c50151864fb71d92052c9bdfb77f9197ac2e36af2fab3d86f691a691b",
    ),
    (
        "postgresql",
        "1.0.0",
        "2c7e0915fec3d53437c3cb21fb7537f1c15a2cd9219f78a5c2d5dee90747736f",
    ),
    (
        "prometheus-remote-write",
        "1.0.0",
        "d77cf23cb31e90fe46c5f9edfa87de5b4f5d0424bdac0d582bcea0d42e0bc33f",
    ),
    (
        "redis",
        "1.0.0",
        "d7ac3cfbfbfd98e363cb6a58808fc1470ee784cf773883c8eee316572d93d597",
    ),
    (
        "s3",
        "1.0.0",
        "f115732690397975daece93331b2ac115d0ba16c48568be40e52f13b7413d3eb",
    ),
    (
        "smtp",
        "1.0.0",
        "17c2a08f4aee99d6fd80a51bbf97c6682fb61187c84cec09fa3d131e0dea36e0",
    ),
    (
        "tcp",
        "1.0.0",
        "73206f88c2a7aafb5b511c3d8bcffc98ea690404efb1925ec86d0d41ac983654",
    ),
    (
        "temporal",
        "1.0.0",
        "c5809c9a4f29c6a06a40d4c4e44a15cca150eeb7badcdcfe2c6e5914cb302bca",
    ),
    (
        "vault",
        "1.0.0",
        "1120e4912cc6f2ae086e09771d2a7abfee87a288bfc2e18b00addbfa86672e89",
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

/// The keys that are secrets, whatever Interface has them.
const SECRETS: [&str; 14] = [
    "accessKey",
    "apiKey",
    "bindPassword",
    "clientSecret",
    "credentials",
    "headers",
    "password",
    "roleId",
    "secretId",
    "secretKey",
    "sentinelPassword",
    "tlsKey",
    "token",
    "uri",
];

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

/// Adds the keys that are made of others.
fn compose(schema: &Value, instance: &mut Value) {
    for (key, property) in properties(schema) {
        let texts = property.get("x-value").and_then(Value::as_array);
        for text in texts.into_iter().flatten() {
            let mut text = text.as_str().unwrap().to_owned();
            for (used, value) in instance.as_object().unwrap() {
                let plain = value.as_str().map_or(value.to_string(), str::to_owned);
                text = text.replace(&format!("<% socket.config.{used} %>"), &plain);
            }
            if !text.contains("<%") && instance.get(key).is_none() {
                instance[key] = Value::String(text);
            }
        }
    }
}

#[test]
fn every_key_says_what_it_is() {
    for (name, version) in versions() {
        for schema in [&version.plug.value, &version.socket.value] {
            for (key, property) in properties(schema) {
                let about = property.get("description").and_then(Value::as_str);
                let about = about.unwrap_or_else(|| panic!("{name}: `{key}` has no description"));
                let is_sentence = about.len() >= 10 && !about.ends_with('.');
                assert!(is_sentence, "{name}: `{key}`: {about}");
            }
        }
    }
}

#[test]
fn what_is_bound_by_default_is_no_url_and_no_part_of_tls() {
    for (name, version) in versions() {
        for (key, property) in properties(&version.socket.value) {
            if property.get("x-default") == Some(&Value::Bool(true)) {
                let is_url = ["uri", "url", "address"].contains(&key.as_str());
                assert!(!is_url && !key.starts_with("tls"), "{name}: {key}");
                assert_eq!(property.get("x-value"), None, "{name}: {key}");
            }
        }
    }
}

#[test]
fn credentials_are_optional_and_bound_where_they_are_given() {
    for (name, version) in versions() {
        let schema = &version.socket.value;
        let required = schema["required"].as_array().unwrap();
        for (key, property) in properties(schema) {
            let secret = property.get("writeOnly") == Some(&Value::Bool(true));
            assert!(
                !secret || !required.contains(&Value::from(key.as_str())),
                "{name}: {key}"
            );
            if ["username", "password", "database", "topic"].contains(&key.as_str()) {
                assert_eq!(property["x-default"], Value::Bool(true), "{name}: {key}");
            }
        }
    }
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
                compose(&schema.value, &mut value);
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
                assert_eq!(secret, SECRETS.contains(&key.as_str()), "{name} {key}");
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
        let expected = match name {
            "ingress" => serde_json::json!(["host", "port"]),
            "oidc" => serde_json::json!(["redirectUri"]),
            _ => Value::Null,
        };
        assert_eq!(required, expected, "{name}");
    }
}
