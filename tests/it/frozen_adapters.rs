//! A built-in Adapter is frozen by its examples: each that was published stays, with its outcome.
//!
//! The outcome itself is tested beside the Adapters; here, that nobody changes or removes an
//! example. `COUPLER_BLESS=1 cargo test --test it frozen_adapters` adds those that are new. A line
//! is removed by hand, and only for an Adapter that was never released: what an operator does
//! otherwise in a new version is a condition beside the old rule, with an example of its own.

use std::collections::BTreeSet;
use std::path::Path;

use coupler::api::built_in_adapters;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Digits of a hash that are kept.
const DIGITS: usize = 16;

/// The name of each Adapter with the hash of each of its examples: objects, Sockets and Secrets,
/// whatever their spelling.
fn examples() -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for adapter in built_in_adapters() {
        let manifest: Value = serde_yaml::from_str(adapter.manifest).unwrap();
        let examples = manifest.pointer("/spec/examples").and_then(Value::as_array);
        for example in examples.into_iter().flatten() {
            let hash = Sha256::digest(example.to_string());
            let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
            all.insert(format!("{} {}", adapter.name, &hash[..DIGITS]));
        }
    }
    all
}

#[test]
fn each_published_example_is_still_there() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/api/adapter_library/examples.txt");
    let published = std::fs::read_to_string(&path).unwrap_or_default();
    let mut published: BTreeSet<String> = published.lines().map(str::to_owned).collect();
    let examples = examples();
    if std::env::var_os("COUPLER_BLESS").is_some() {
        published.extend(examples.iter().cloned());
        let lines: String = published.iter().map(|line| format!("{line}\n")).collect();
        std::fs::write(&path, lines).unwrap();
    }
    let gone: Vec<_> = published.difference(&examples).collect();
    assert!(
        gone.is_empty(),
        "examples of built-in Adapters were changed or removed: {gone:#?}"
    );
    let new: Vec<_> = examples.difference(&published).collect();
    assert!(
        new.is_empty(),
        "src/api/adapter_library/examples.txt lacks examples: COUPLER_BLESS=1 cargo test --test it frozen_adapters: {new:#?}"
    );
}
