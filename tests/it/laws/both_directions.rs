//! The laws over generated streams whose Sockets write what their Plugs hand over; and over two runs,
//! each of which has the other's manifests as its catalogue.

use std::collections::BTreeMap;

use coupler::api::{Integrations, Orphans};
use serde_yaml::Value;

use super::check;
use super::generated::{decided_by_no_order, streams_of, with, without};
use super::run::{must, same, side};
use super::stream::{Role, Stream};

/// Streams that render.
fn streams(cases: u64) -> impl Iterator<Item = (u64, Stream)> {
    streams_of(cases, Stream::with_both_directions)
}

/// How many records of Sockets are in a text.
fn records(text: &str) -> usize {
    text.matches("coupled-socket.integration.rock8s.com/")
        .count()
}

#[test]
fn rendering_again_changes_nothing() {
    let mut seen = 0;
    for (seed, stream) in streams(40) {
        for integrations in [
            Integrations::Keep,
            Integrations::Drop,
            Integrations::LocalConfig,
        ] {
            let settings = with(&stream, integrations, Orphans::Refuse);
            let once = must(&stream.text(), &settings, "the first render");
            let twice = must(&once, &settings, "the second render");
            same(&format!("{seed}, {integrations:?}"), &once, &twice);
            check::read_alike(&once);
            seen += records(&once);
        }
    }
    assert!(seen > 200, "only {seen} records of Sockets are written");
}

#[test]
fn without_its_plugs_a_stream_is_what_it_was() {
    for (seed, mut stream) in streams(40) {
        // what is in a `List` is not taken out
        for document in &mut stream.documents {
            document.listed &= document.role != Role::Offer;
        }
        let text = stream.text();
        let keep = with(&stream, Integrations::Keep, Orphans::Undo);
        let kept = must(&text, &keep, "");
        // the Sockets write an empty list
        let plugs = ["Plug"];
        let undone = must(&without(&kept, &plugs), &keep, "decoupling fails");
        let fresh = must(&without(&text, &plugs), &keep, "no Plug");
        same(&format!("{seed}, without Plugs"), &fresh, &undone);
        let all = ["Plug", "Socket", "Interface"];
        let orphans = must(&without(&kept, &all), &keep, "decoupling orphans fails");
        same(
            &format!("{seed}, without any of ours"),
            &without(&text, &all),
            &orphans,
        );
    }
}

#[test]
fn the_order_of_documents_and_keys_decides_nothing() {
    decided_by_no_order(streams(40));
}

/// Every object by what identifies it, as often as it is there.
fn by_identity(texts: &[&str]) -> BTreeMap<String, Vec<Value>> {
    let mut all: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for object in texts.iter().flat_map(|text| check::objects(text)) {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let metadata = &object["metadata"];
        let names = [
            &object["apiVersion"],
            &object["kind"],
            &metadata["namespace"],
        ];
        let names = names.map(text).join(" ");
        let key = format!("{names} {}", text(&metadata["name"]));
        all.entry(key).or_default().push(object);
    }
    all
}

#[test]
fn in_two_runs_every_object_is_written_once_and_as_in_one() {
    let mut seen = 0;
    for (seed, stream) in streams(40) {
        let mut stream = stream.ended();
        // a Plug finds a Socket of the catalogue by its name alone
        for document in &mut stream.documents {
            document.listed = false;
        }
        stream.name_sockets();
        let settings = with(&stream, Integrations::Drop, Orphans::Refuse);
        let whole = must(&stream.text(), &settings, "one run");
        let is_of_provider = |role| matches!(role, Role::Offer | Role::Provider);
        let provider = stream.only(is_of_provider).text();
        let application = stream.only(|role| !is_of_provider(role)).text();
        let of_application = side(&application, &provider, &settings);
        let of_provider = side(&provider, &application, &settings);
        assert_eq!(records(&of_application), 0, "{seed}");
        let expected = by_identity(&[&whole]);
        let found = by_identity(&[&of_application, &of_provider]);
        for (identity, objects) in &found {
            assert_eq!(Some(objects), expected.get(identity), "{seed} {identity}");
        }
        assert_eq!(found.len(), expected.len(), "{seed}");
        seen += records(&of_provider);
    }
    assert!(seen > 50, "only {seen} records of Sockets are written");
}
