//! The laws over generated streams whose Plugs and Sockets have resources; and over two runs, each of
//! which has the other\'s manifests as its catalogue.

use std::collections::BTreeMap;

use coupler::api::{Integrations, Orphans};
use serde_yaml::Value;

use super::check;
use super::generated::{
    again_changes_nothing, decided_by_no_order, streams_of, with,
    without_its_plugs_it_is_what_it_was,
};
use super::run::{documents, must, run, same, side};
use super::stream::{Role, Stream};

/// Streams that render and have a resource.
fn streams(cases: u64) -> impl Iterator<Item = (u64, Stream)> {
    streams_of(cases, Stream::with_resources)
}

fn is_resource(object: &Value) -> bool {
    let annotations = object
        .get("metadata")
        .and_then(|meta| meta.get("annotations"));
    annotations.is_some_and(|all| all.get("integration.rock8s.com/resource").is_some())
}

fn identity(object: &Value) -> String {
    let text = |value: &Value, key| {
        value
            .get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let metadata = &object["metadata"];
    let (kind, namespace) = (text(object, "kind"), text(metadata, "namespace"));
    format!("{kind} {namespace} {}", text(metadata, "name"))
}

/// The resources of a text.
fn resources(text: &str) -> Vec<Value> {
    let mut all = check::objects(text);
    all.retain(is_resource);
    all
}

#[test]
fn rendering_again_changes_nothing() {
    let mut seen = 0;
    for (seed, stream) in streams(40) {
        again_changes_nothing(seed, &stream, Orphans::Refuse, |_, once| {
            check::read_alike(once);
            seen += resources(once).len();
        });
    }
    assert!(seen > 200, "only {seen} resources are written");
}

#[test]
fn without_its_plugs_a_stream_is_what_it_was() {
    for (seed, stream) in streams(40) {
        let keep = with(&stream, Integrations::Keep, Orphans::Undo);
        without_its_plugs_it_is_what_it_was(seed, &stream.text(), &keep);
    }
}

#[test]
fn the_order_of_documents_and_keys_decides_nothing() {
    decided_by_no_order(streams(40));
}

#[test]
fn what_others_add_stays_and_what_they_edit_is_refused() {
    let mut edited = 0;
    for (seed, stream) in streams(30) {
        let keep = with(&stream, Integrations::Keep, Orphans::Refuse);
        let kept = must(&stream.text(), &keep, "");
        let mark = "restartPolicy: Never";
        for document in documents(&kept) {
            let is_one = check::objects(document).iter().any(is_resource);
            if !is_one || !document.contains("metadata:\n") || document.contains("\r\n") {
                continue;
            }
            let added = document.replacen("metadata:\n", "metadata:\n  generation: 7\n", 1);
            let more = kept.replacen(document, &added, 1);
            same(
                &format!("{seed}, added"),
                &more,
                &must(&more, &keep, "beside an addition"),
            );
            if document.contains(mark) {
                let other = document.replacen(mark, "restartPolicy: Always", 1);
                let failure = run(&[&kept.replacen(document, &other, 1)], &keep);
                let codes = failure.err().map(|failure| failure.codes());
                assert_eq!(
                    codes.as_deref(),
                    Some(&["baked-entry-edited"][..]),
                    "{seed}"
                );
                edited += 1;
            }
        }
    }
    assert!(edited > 5, "only {edited} resources are edited");
}

#[test]
fn in_two_runs_every_object_is_written_once() {
    let mut seen = 0;
    for (seed, stream) in streams(40) {
        let mut stream = stream.ended();
        // a Plug finds a Socket of the catalogue by its name alone
        stream
            .documents
            .iter_mut()
            .for_each(|document| document.listed = false);
        stream.name_sockets();
        let settings = with(&stream, Integrations::Drop, Orphans::Refuse);
        let whole = must(&stream.text(), &settings, "one run");
        let (provider, application) = (
            stream.only(|role| role == Role::Offer).text(),
            stream.without(Role::Offer).text(),
        );
        let of_application = side(&application, &provider, &settings);
        let of_provider = side(&provider, &application, &settings);
        let mut count: BTreeMap<String, usize> = BTreeMap::new();
        for object in [resources(&of_application), resources(&of_provider)].concat() {
            *count.entry(identity(&object)).or_default() += 1;
        }
        let expected = resources(&whole);
        let expected: BTreeMap<String, usize> = expected
            .iter()
            .map(|object| (identity(object), 1))
            .collect();
        assert_eq!(count, expected, "{seed}");
        seen += count.len();
    }
    assert!(seen > 50, "only {seen} resources are written");
}
