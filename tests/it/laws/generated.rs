//! The laws over generated streams.

use std::collections::BTreeMap;

use coupler::api::{Integrations, Orphans, Settings};
use serde_yaml::Value;

use super::mutate::Budget;
use super::run::{documents, must, run, same};
use super::stream::{MADE, MAPPED, Role, Stream};
use super::{check, kustomize};

/// Streams that render, each with its seed.
pub(super) fn streams(cases: u64) -> impl Iterator<Item = (u64, Stream)> {
    streams_of(cases, Stream::new)
}

/// The same, of streams that are made like this. A few are refused, as a text that ends inside a
/// block scalar rightly is.
pub(super) fn streams_of(
    cases: u64,
    make: impl Fn(u64) -> Stream,
) -> impl Iterator<Item = (u64, Stream)> {
    let mut budget = Budget::new(cases);
    let (mut seed, mut refused) = (0, 0);
    std::iter::from_fn(move || {
        while budget.more() {
            seed += 1;
            let stream = make(seed);
            let keep = with(&stream, Integrations::Keep, Orphans::Refuse);
            match run(&[&stream.text()], &keep) {
                Ok(_) => return Some((seed, stream)),
                // one that could be chosen at the next render is never made
                Err(failure)
                    if stream.text().contains(MADE)
                        && failure.codes().contains(&"field-not-writable") => {}
                Err(failure) => {
                    let text = stream.text();
                    assert_eq!(failure.codes(), ["cannot-edit"], "{}\n{text}", failure.face);
                    refused += 1;
                    assert!(refused * 20 < seed + 20, "too many streams are refused");
                }
            }
        }
        None
    })
}

pub(super) fn with(stream: &Stream, integrations: Integrations, orphans: Orphans) -> Settings {
    Settings {
        integrations,
        orphans,
        ..stream.settings.clone()
    }
}

const INTEGRATIONS: [Integrations; 3] = [
    Integrations::Keep,
    Integrations::Drop,
    Integrations::LocalConfig,
];
/// The kinds that a stream without couplings has none of.
const OURS: [&str; 3] = ["Plug", "Socket", "Interface"];
const ORPHANS: [Orphans; 3] = [Orphans::Refuse, Orphans::Undo, Orphans::Keep];

/// A stream rendered again, under each setting of our own kinds and with `orphans` at the second
/// time, is what it was; and dropping our kinds at once is keeping them first and dropping them
/// then. `each` is given what each setting makes.
pub(super) fn again_changes_nothing(
    seed: u64,
    stream: &Stream,
    orphans: Orphans,
    mut each: impl FnMut(Integrations, &str),
) {
    let text = stream.text();
    for integrations in INTEGRATIONS {
        let first = with(stream, integrations, Orphans::Refuse);
        let once = must(&text, &first, "the first render");
        let settings = with(stream, integrations, orphans);
        let twice = must(&once, &settings, "the second render");
        same(&format!("{seed}, {settings:?}"), &once, &twice);
        each(integrations, &once);
    }
    let drop = with(stream, Integrations::Drop, Orphans::Refuse);
    let keep = with(stream, Integrations::Keep, Orphans::Refuse);
    let kept = must(&text, &keep, "");
    let both = [must(&text, &drop, ""), must(&kept, &drop, "")];
    same(
        &format!("{seed}, kept first, then dropped"),
        &both[0],
        &both[1],
    );
}

#[test]
fn rendering_again_changes_nothing() {
    for (seed, stream) in streams(40) {
        // sources that were dropped on purpose are missed under no setting
        again_changes_nothing(seed, &stream, ORPHANS[seed as usize % 3], |_, _| {});
    }
}

/// The text without the documents of ours that are named.
pub(super) fn without(text: &str, kinds: &[&str]) -> String {
    let ours = |document: &&str| {
        let value: Value = serde_yaml::from_str(document).unwrap_or_default();
        kinds
            .iter()
            .any(|kind| value.get("kind").and_then(Value::as_str) == Some(kind))
    };
    documents(text)
        .into_iter()
        .filter(|document| !ours(document))
        .collect()
}

/// A text whose Plugs, or all of whose own kinds, are taken out of what it rendered to, is what it
/// was without them. The result is what it rendered to.
pub(super) fn without_its_plugs_it_is_what_it_was(
    seed: u64,
    text: &str,
    keep: &Settings,
) -> String {
    let kept = must(text, keep, "");
    let plugs = ["Plug"];
    let undone = must(&without(&kept, &plugs), keep, "decoupling fails");
    same(
        &format!("{seed}, without Plugs"),
        &without(text, &plugs),
        &undone,
    );
    let orphans = must(&without(&kept, &OURS), keep, "decoupling orphans fails");
    same(
        &format!("{seed}, without any of ours"),
        &without(text, &OURS),
        &orphans,
    );
    kept
}

#[test]
fn without_its_plugs_a_stream_is_what_it_was() {
    for (seed, stream) in streams(40) {
        let mut stream = stream;
        if seed % 2 == 0 {
            stream
                .documents
                .iter_mut()
                .filter(|d| d.role == Role::Offer)
                .for_each(|d| d.listed = false);
        }
        let (text, keep) = (
            stream.text(),
            with(&stream, Integrations::Keep, Orphans::Undo),
        );
        let kept = without_its_plugs_it_is_what_it_was(seed, &text, &keep);
        check::reversible_by_value(&without(&text, &OURS), &without(&kept, &OURS));
    }
}

#[test]
fn kustomize_in_between_changes_nothing() {
    let mut pairs = Vec::new();
    for (_, stream) in streams(40) {
        let text = stream.text();
        let kept = must(
            &text,
            &with(&stream, Integrations::Keep, Orphans::Refuse),
            "",
        );
        // one of a mapped kind cannot be undone without the mapping, which is another document
        let is_alone = |document: &str| {
            let is_mapped = |object: &Value| object.get("kind") == Some(&MAPPED.into());
            !check::objects(document).iter().any(is_mapped)
        };
        let is_coupled = |document: &str| {
            document.contains("integration.rock8s.com/coupled") && is_alone(document)
        };
        let both = documents(&text)
            .into_iter()
            .zip(documents(&kept))
            .filter(|(_, kept)| is_coupled(kept));
        pairs.extend(both.map(|(text, kept)| (text.to_owned(), kept.to_owned())));
    }
    let coupled = pairs.len();
    if let Some(done) = kustomize::undone_alike(pairs) {
        assert!(
            done * 2 > coupled,
            "kustomize reads only {done} of {coupled}"
        );
    }
}

/// Every object that can be coupled by its identity, without what the record has about the way the
/// document was written.
pub(super) fn baked(text: &str) -> BTreeMap<String, Value> {
    let mut all = BTreeMap::new();
    for mut object in check::objects(text) {
        let group = object.get("apiVersion").and_then(Value::as_str);
        if group.is_some_and(|group| group.starts_with("integration.rock8s.com/")) {
            continue;
        }
        if let Some(Value::Mapping(annotations)) = object
            .get_mut("metadata")
            .and_then(|m| m.get_mut("annotations"))
        {
            annotations.remove("integration.rock8s.com/coupled");
            for (_, record) in annotations
                .iter_mut()
                .filter(|(_, record)| record.as_str().unwrap().starts_with('{'))
            {
                let mut json: serde_json::Value =
                    serde_json::from_str(record.as_str().unwrap()).unwrap();
                json.as_object_mut().unwrap().remove("originals");
                *record = Value::String(json.to_string());
            }
        }
        let text = |value: &Value, key| {
            value
                .get(key)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let metadata = &object["metadata"];
        let identity = format!(
            "{} {} {}",
            text(&object, "kind"),
            text(metadata, "namespace"),
            text(metadata, "name")
        );
        assert!(all.insert(identity, object).is_none());
    }
    all
}

#[test]
fn the_order_of_documents_and_keys_decides_nothing() {
    decided_by_no_order(streams(60));
}

/// The order of the documents of streams, and of their keys, decides nothing.
pub(super) fn decided_by_no_order(streams: impl Iterator<Item = (u64, Stream)>) {
    for (seed, stream) in streams {
        let render = |stream: &Stream| {
            run(
                &[&stream.text()],
                &with(stream, Integrations::Drop, Orphans::Refuse),
            )
        };
        let stream = stream.ended();
        let other = stream.shuffled(seed);
        let (Ok(one), Ok(two)) = (render(&stream), render(&other)) else {
            continue;
        };
        let (mut one, mut two) = (baked(&one[0]), baked(&two[0]));
        // only what differs, keys in one order
        one.retain(|identity, object| {
            two.remove(identity).is_none_or(|other| {
                let differs = other != *object;
                if differs {
                    two.insert(identity.clone(), other);
                }
                differs
            })
        });
        let emitted = |objects| {
            let json = serde_json::to_value(objects).unwrap();
            serde_json::to_string_pretty(&json).unwrap()
        };
        if one != two {
            same(
                &format!("{seed}, in another order"),
                &emitted(&one),
                &emitted(&two),
            );
        }
    }
}

#[test]
fn only_what_is_coupled_changes_and_is_sound() {
    let (mut added, mut fields) = (0, 0);
    for (_, stream) in streams(100) {
        let text = stream.text();
        let kept = must(
            &text,
            &with(&stream, Integrations::Keep, Orphans::Refuse),
            "",
        );
        check::keeps_documents(&text, &kept);
        check::keeps_lines(&text, &kept);
        check::read_alike(&kept);
        added += check::env_is_sound(&text, &kept);
        fields += check::fields(&kept);
    }
    assert!(added > 400, "only {added} variables are baked");
    assert!(fields > 400, "only {fields} fields are baked");
}
