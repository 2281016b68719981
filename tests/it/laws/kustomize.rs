//! kustomize between baking and undoing: it sorts keys, quotes and indents anew, and what is undone
//! after it must be what it makes of the original.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use coupler::api::{Integrations, Orphans};
use serde_yaml::Value;

use super::check;
use super::run::{run, same, settings};
use crate::skip::skip;

/// An original and what was baked into it.
type Pair = (String, String);

/// Whether kubectl is there; reported where it is not.
pub(super) fn is_there() -> bool {
    let found = Command::new("kubectl")
        .args(["version", "--client"])
        .output()
        .is_ok();
    if !found {
        skip("kubectl", "kubectl is not there");
    }
    found
}

/// How many pairs of an original and what was made of it kustomize read; `None` if there is no
/// kubectl.
pub(super) fn undone_alike(pairs: Vec<Pair>) -> Option<usize> {
    is_there().then_some(())?;
    Some(batches(pairs).iter().map(|batch| compare(batch)).sum())
}

/// Whether an object has annotations or labels with nothing in them, which kustomize drops.
fn has_empty(object: &Value) -> bool {
    let maps = ["annotations", "labels"].map(|key| {
        object
            .get("metadata")
            .and_then(|metadata| metadata.get(key))
    });
    maps.iter()
        .flatten()
        .any(|map| map.is_null() || map.as_mapping().is_some_and(serde_yaml::Mapping::is_empty))
}

/// Batches without two objects of one identity, which kustomize refuses.
fn batches(pairs: Vec<Pair>) -> Vec<Vec<Pair>> {
    let mut batches: Vec<(BTreeSet<String>, Vec<Pair>)> = Vec::new();
    for pair in pairs {
        let objects = check::objects(&pair.0);
        let text = |object: &Value, keys: &[&str]| {
            let value = keys.iter().try_fold(object, |value, key| value.get(*key));
            value.and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let identity = |object: &Value| {
            ["kind"].map(|key| text(object, &[key])).join("")
                + "/"
                + &["namespace", "name"]
                    .map(|key| text(object, &["metadata", key]))
                    .join("/")
        };
        let identities: BTreeSet<_> = objects.iter().map(identity).collect();
        match batches
            .iter_mut()
            .find(|(known, _)| known.is_disjoint(&identities))
        {
            Some((known, batch)) => {
                known.extend(identities);
                batch.push(pair);
            }
            None => batches.push((identities, vec![pair])),
        }
    }
    batches.into_iter().map(|(_, batch)| batch).collect()
}

/// How many of a batch kustomize reads; where it refuses the batch, each half on its own.
fn compare(batch: &[Pair]) -> usize {
    let originals: Vec<_> = batch
        .iter()
        .map(|(original, _)| original.as_str())
        .collect();
    let baked: Vec<_> = batch.iter().map(|(_, baked)| baked.as_str()).collect();
    let Some(expected) = build(&originals) else {
        let (left, right) = batch.split_at(batch.len() / 2);
        return if left.is_empty() {
            0
        } else {
            compare(left) + compare(right)
        };
    };
    let between = build(&baked)
        .unwrap_or_else(|| panic!("kustomize refuses what was baked\n{}", baked.join("---\n")));
    match run(&[&between], &settings(Integrations::Keep, Orphans::Undo)) {
        // what comes back in place of ours comes back as its author wrote it, and what was
        // empty as empty as it was
        Ok(undone) if is_rewritten(&expected, &originals) => {
            same(
                "undone after kustomize, and kustomize again",
                &expected,
                &build(&[&undone[0]]).unwrap(),
            );
        }
        Ok(undone) => same("undone after kustomize", &expected, &undone[0]),
        Err(failure) => panic!("undoing after kustomize fails\n{}", failure.face),
    }
    batch.len()
}

/// Whether kustomize writes otherwise what is put back.
fn is_rewritten(expected: &str, originals: &[&str]) -> bool {
    let has_empty = originals
        .iter()
        .any(|original| check::objects(original).iter().any(has_empty));
    expected.contains("replace-me") || expected.contains("env: null") || has_empty
}

/// What kustomize makes of these texts, if it reads them and is there.
pub(super) fn build(texts: &[&str]) -> Option<String> {
    let dir = tempfile::tempdir().unwrap();
    let mut list = "resources:\n".to_owned();
    for (n, text) in texts.iter().enumerate() {
        std::fs::write(dir.path().join(format!("{n}.yaml")), text).unwrap();
        list += &format!("- {n}.yaml\n");
    }
    std::fs::write(dir.path().join("kustomization.yaml"), list).unwrap();
    kustomize(dir.path())
}

fn kustomize(dir: &Path) -> Option<String> {
    let output = Command::new("kubectl")
        .arg("kustomize")
        .arg(dir)
        .output()
        .unwrap();
    output
        .status
        .success()
        .then(|| String::from_utf8(output.stdout).unwrap())
}
