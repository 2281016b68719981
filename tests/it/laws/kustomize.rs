//! kustomize between baking and undoing: it sorts keys, quotes and indents anew, and what is undone after it must be what it
//! makes of the original.

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

/// How many pairs of an original and what was made of it kustomize read; `None` if there is no kubectl.
pub(super) fn undone_alike(pairs: Vec<Pair>) -> Option<usize> {
    if Command::new("kubectl").args(["version", "--client"]).output().is_err() {
        skip("kubectl", "kubectl is not there");
        return None;
    }
    let kept = pairs.into_iter().filter(|(original, _)| !check::objects(original).iter().any(has_empty)).collect();
    Some(batches(kept).iter().map(|batch| compare(batch)).sum())
}

/// An empty `annotations:` is dropped by kustomize, an empty list stays: what is undone after it knows no more which of them
/// stood there once ours were in it.
fn has_empty(object: &Value) -> bool {
    let maps = ["annotations", "labels"].map(|key| object.get("metadata").and_then(|metadata| metadata.get(key)));
    let lists = check::containers(object).into_iter().filter_map(|container| container.get("env"));
    maps.iter().flatten().any(|map| map.is_null() || map.as_mapping().is_some_and(serde_yaml::Mapping::is_empty))
        || lists.into_iter().any(|list| list.as_sequence().is_some_and(Vec::is_empty))
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
                + &["namespace", "name"].map(|key| text(object, &["metadata", key])).join("/")
        };
        let identities: BTreeSet<_> = objects.iter().map(identity).collect();
        match batches.iter_mut().find(|(known, _)| known.is_disjoint(&identities)) {
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
    let originals: Vec<_> = batch.iter().map(|(original, _)| original.as_str()).collect();
    let baked: Vec<_> = batch.iter().map(|(_, baked)| baked.as_str()).collect();
    let Some(expected) = build(&originals) else {
        let (left, right) = batch.split_at(batch.len() / 2);
        return if left.is_empty() { 0 } else { compare(left) + compare(right) };
    };
    let between = build(&baked).unwrap_or_else(|| panic!("kustomize refuses what was baked\n{}", baked.join("---\n")));
    match run(&[&between], &settings(Integrations::Keep, Orphans::Undo)) {
        // what comes back in the place of ours comes back as its author wrote it, and a bare `env:` stays bare
        Ok(undone) if expected.contains("replace-me") || expected.contains("env: null") => {
            same("undone after kustomize, and kustomize again", &expected, &build(&[&undone[0]]).unwrap());
        }
        Ok(undone) => same("undone after kustomize", &expected, &undone[0]),
        Err(failure) => panic!("undoing after kustomize fails\n{}", failure.face),
    }
    batch.len()
}

fn build(texts: &[&str]) -> Option<String> {
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
    let output = Command::new("kubectl").arg("kustomize").arg(dir).output().unwrap();
    output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
}
