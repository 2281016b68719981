//! What a rendered text must look like beside the text it was rendered from.

use std::collections::BTreeMap;

use coupler::api::{Integrations, Orphans};
use coupler::manifest::Tree;
use serde_yaml::Value;

use super::run::{documents, must, same, settings};

/// What may be in a line that an edit changes: a flow collection, a null, or a variable made to
/// be replaced.
const EDITED: [&str; 7] = ["[", "]", "{", "}", "null", "~", "replace-me"];

/// Law 5: every line of the original is in the result, in order, with its own end; but for
/// those that an edit changes.
#[track_caller]
pub(super) fn keeps_lines(before: &str, after: &str) {
    let mut lines = after.split_inclusive('\n');
    for line in before
        .split_inclusive('\n')
        .filter(|line| !EDITED.iter().any(|mark| line.to_lowercase().contains(mark)))
    {
        // an end of file without a newline stays one, and the line before it may not be the last
        // any more
        let kept = match line
            .strip_suffix('\n')
            .map(|bare| bare.trim_end_matches(['\r', ',']))
        {
            // in flow style over several lines the next member begins on the line of the last one
            Some(bare) => lines.any(|l| {
                l == line
                    || l.strip_prefix(bare)
                        .is_some_and(|rest| rest.starts_with(", "))
            }),
            None => {
                !after.ends_with('\n') && lines.any(|l| l.trim_end_matches(['\r', '\n']) == line)
            }
        };
        assert!(
            kept,
            "the line {line:?} is lost\n--- before\n{before}\n--- after\n{after}"
        );
    }
}

/// Law 5 of whole documents: one that no longer is as it was has been coupled.
#[track_caller]
pub(super) fn keeps_documents(before: &str, after: &str) {
    let (before, after) = (documents(before), documents(after));
    assert_eq!(before.len(), after.len());
    for (before, after) in before
        .iter()
        .zip(&after)
        .filter(|(before, after)| before != after)
    {
        let (was, is) = (
            before.matches("apiVersion").count(),
            after.matches("apiVersion").count(),
        );
        assert!(
            after.contains("integration.rock8s.com/coupled") && was == is,
            "changed for nothing:\n{before}\n{after}"
        );
    }
}

/// Law 9: both parsers read every document alike.
#[track_caller]
pub(super) fn read_alike(text: &str) {
    for document in documents(text) {
        assert!(
            Tree::read(document) == Tree::read_full(document),
            "the parsers differ over\n{document}"
        );
    }
}

/// Law 3: what another tool makes of the result is undone to what that tool makes of the original.
#[track_caller]
pub(super) fn reversible_by_value(before: &str, after: &str) {
    let emitted = |text: &str| -> String {
        objects(text)
            .iter()
            .map(|object| format!("---\n{}\n", serde_saphyr::to_string(object).unwrap()))
            .collect()
    };
    let (before, after) = (emitted(before), emitted(after));
    let undone = must(
        &after,
        &settings(Integrations::Keep, Orphans::Undo),
        "undoing what was re-emitted fails",
    );
    let values = |text: &str| {
        objects(text)
            .into_iter()
            .map(without_empty)
            .collect::<Vec<_>>()
    };
    if values(&before) != values(&undone) {
        same("undone after re-emission", &before, &undone);
    }
}

/// `{}` and `[]` as null: which one was there was in the bytes, and those are gone. Kubernetes
/// takes them for the same.
fn without_empty(value: Value) -> Value {
    match value {
        Value::Mapping(map) if map.is_empty() => Value::Null,
        Value::Sequence(items) if items.is_empty() => Value::Null,
        Value::Mapping(map) => Value::Mapping(
            map.into_iter()
                .map(|(k, v)| (k, without_empty(v)))
                .collect(),
        ),
        Value::Sequence(items) => Value::Sequence(items.into_iter().map(without_empty).collect()),
        other => other,
    }
}

/// The objects of a text, by a reader that is not the product's; what is no YAML is left out.
pub(super) fn objects(text: &str) -> Vec<Value> {
    let mut all = Vec::new();
    for document in documents(text) {
        let Ok(mut value) = serde_yaml::from_str::<Value>(document) else {
            continue;
        };
        let _ = value.apply_merge();
        match value.get("items") {
            Some(Value::Sequence(items)) => all.extend(items.iter().cloned()),
            _ if value.is_null() => {}
            _ => all.push(value),
        }
    }
    all
}

pub(super) fn pod_spec(workload: &Value) -> Option<&Value> {
    let spec = workload.get("spec")?;
    match workload.get("kind")?.as_str()? {
        "Pod" => Some(spec),
        "CronJob" => spec
            .get("jobTemplate")?
            .get("spec")?
            .get("template")?
            .get("spec"),
        _ => spec.get("template")?.get("spec"),
    }
}

fn sequence<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value
        .get(key)
        .and_then(Value::as_sequence)
        .map_or(&[], Vec::as_slice)
}

pub(super) fn containers(workload: &Value) -> Vec<&Value> {
    let Some(pod) = pod_spec(workload) else {
        return Vec::new();
    };
    ["initContainers", "containers"]
        .iter()
        .flat_map(|key| sequence(pod, key))
        .collect()
}

/// Those of the kind that the generated mapping adds.
pub(super) fn mapped_containers(workload: &Value) -> Vec<&Value> {
    let groups = workload
        .get("spec")
        .map_or(&[][..], |spec| sequence(spec, "groups"));
    let pods = groups.iter().filter_map(|group| group.get("pods"));
    let lists = pods.flat_map(|pods| {
        ["containers", "initContainers"]
            .into_iter()
            .flat_map(|key| sequence(pods, key))
    });
    lists.collect()
}

/// Variables in order: the name, and the text if it is no reference.
pub(super) fn env(container: &Value) -> Vec<(&str, Option<&str>)> {
    let entry = |v| {
        let v: &Value = v;
        Some((
            v.get("name")?.as_str()?,
            v.get("value").and_then(Value::as_str),
        ))
    };
    sequence(container, "env")
        .iter()
        .filter_map(entry)
        .collect()
}

/// Law 8: no name twice that was not before; what our texts use is before them; what uses ours
/// is after it. How many variables were added.
#[track_caller]
pub(super) fn env_is_sound(before: &str, after: &str) -> usize {
    let (before, after) = (objects(before), objects(after));
    assert_eq!(before.len(), after.len(), "an object came or went");
    // each mount has its volume, each path one mount, each annotation that a file comes from is
    // there, but for what the authors' own manifests lack
    let lacking = crate::kubelet::faults(&before);
    let new: Vec<String> = crate::kubelet::faults(&after);
    let new: Vec<&String> = new
        .iter()
        .filter(|fault| !lacking.contains(fault))
        .collect();
    assert!(new.is_empty(), "{new:#?}");
    let mut added = 0;
    for (was, is) in before.iter().zip(&after).filter(|(was, is)| was != is) {
        let all = |workload| [containers(workload), mapped_containers(workload)].concat();
        let (was_in, is_in) = (all(was), all(is));
        assert_eq!(was_in.len(), is_in.len(), "a container came or went");
        for (was, is) in was_in.into_iter().zip(is_in) {
            added += container_is_sound(&env(was), &env(is));
        }
    }
    added
}

fn container_is_sound(was: &[(&str, Option<&str>)], is: &[(&str, Option<&str>)]) -> usize {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for (name, _) in is {
        *seen.entry(name).or_default() += 1;
    }
    for (name, times) in seen {
        let before = was.iter().filter(|(other, _)| *other == name).count();
        assert!(
            times <= before.max(1),
            "{name} stands {times} times in {is:?}"
        );
    }
    let ours = |name: &str| !was.iter().any(|(other, _)| *other == name);
    let rest: Vec<_> = is
        .iter()
        .filter(|(name, _)| !ours(name))
        .map(|(name, _)| name)
        .collect();
    assert!(
        rest.iter()
            .eq(&was.iter().map(|(name, _)| name).collect::<Vec<_>>()),
        "the author's variables are moved"
    );
    for (at, (name, text)) in is.iter().enumerate() {
        // whether the container defines it is the author's business: a warning
        for used in text
            .map(uses)
            .unwrap_or_default()
            .into_iter()
            .filter(|used| *used != "POD_IP")
        {
            let before = is[..at].iter().any(|(other, _)| *other == used);
            if ours(name) {
                assert!(
                    before,
                    "{name} uses $({used}), which does not stand before it: {is:?}"
                );
            } else if is.iter().any(|(other, _)| *other == used) && ours(used) {
                assert!(
                    before,
                    "the author's {name} uses our {used} and stands before it: {is:?}"
                );
            }
        }
    }
    is.iter().filter(|(name, _)| ours(name)).count()
}

/// How many fields the records of a text list.
pub(super) fn fields(text: &str) -> usize {
    let mut fields = 0;
    for object in objects(text) {
        let annotations = object
            .get("metadata")
            .and_then(|metadata| metadata.get("annotations"))
            .and_then(Value::as_mapping);
        for (key, record) in annotations.into_iter().flatten() {
            let key = key.as_str().unwrap_or_default();
            if !key.starts_with("coupled.integration.rock8s.com/") {
                continue;
            }
            let record: serde_json::Value = serde_json::from_str(record.as_str().unwrap()).unwrap();
            for state in ["entries", "kept"] {
                let slots = record.get(state).and_then(serde_json::Value::as_object);
                for (slot, entries) in slots.into_iter().flatten() {
                    let is_of_fields = ["fields/", "items/", "metadata."]
                        .iter()
                        .any(|prefix| slot.starts_with(prefix));
                    if is_of_fields {
                        fields += entries.as_object().map_or(1, serde_json::Map::len);
                    }
                }
            }
        }
    }
    fields
}

/// The names that a text uses as `$(NAME)`.
pub(super) fn uses(text: &str) -> Vec<&str> {
    let (mut names, mut rest) = (Vec::new(), text);
    while let Some(at) = rest.find('$') {
        rest = &rest[at + 1..];
        if let Some(escaped) = rest.strip_prefix('$') {
            rest = escaped;
        } else if let Some(inner) = rest.strip_prefix('(')
            && let Some((name, after)) = inner.split_once(')')
        {
            names.push(name);
            rest = after;
        }
    }
    names
}

#[test]
fn a_lost_line_is_seen() {
    keeps_lines("a: 1\nb: {c: 2}\nd: 3", "a: 1\nb: {c: 2, x: 0}\nd: 3\ne: 4");
    let fails = |before: &str, after: &str| {
        std::panic::catch_unwind(|| keeps_lines(before, after)).expect_err("a fault is not seen");
    };
    fails("a: 1\nb: 2\n", "a: 1\nb: 3\n");
    fails("a: 1\nb: 2\n", "b: 2\na: 1\n");
    fails("a: 1\r\n", "a: 1\n");
    fails("a: 1", "a: 1\n");
}

#[test]
fn an_unsound_environment_is_seen() {
    let sound = |was: &[(&str, Option<&str>)], is: &[(&str, Option<&str>)]| {
        std::panic::catch_unwind(|| container_is_sound(was, is)).is_ok()
    };
    let user = ("USER", Some("$(OURS)"));
    assert!(sound(
        &[user],
        &[("OURS", None), user, ("URL", Some("$(OURS) $$(X)"))]
    ));
    assert!(!sound(&[user], &[user, ("OURS", None)]));
    assert!(!sound(&[], &[("URL", Some("$(OURS)")), ("OURS", None)]));
    assert!(!sound(&[], &[("OURS", None), ("OURS", None)]));
    assert!(!sound(&[user], &[]));
}
