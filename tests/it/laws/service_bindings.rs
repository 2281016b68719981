//! The laws over generated streams with ServiceBindings that are coupled.

use coupler::api::{Integrations, Orphans};

use super::check;
use super::generated::{again_changes_nothing, decided_by_no_order, streams_of, with, without};
use super::run::{must, same};
use super::stream::{Role, SENTINEL, Stream};

/// Streams that render and have ServiceBindings.
fn streams(cases: u64) -> impl Iterator<Item = (u64, Stream)> {
    streams_of(cases, Stream::with_service_bindings)
}

#[test]
fn rendering_again_changes_nothing() {
    let mut seen = 0;
    for (seed, stream) in streams(40) {
        again_changes_nothing(seed, &stream, Orphans::Refuse, |integrations, once| {
            check::read_alike(once);
            seen += once.matches("coupled-binding.").count();
            let left = once.matches("kind: ServiceBinding").count();
            assert!(integrations != Integrations::Drop || left == 0, "{once}");
        });
    }
    assert!(seen > 100, "only {seen} records are written");
}

#[test]
fn without_its_bindings_a_stream_is_what_it_was() {
    for (seed, stream) in streams(40) {
        let text = stream.text();
        let keep = with(&stream, Integrations::Keep, Orphans::Undo);
        let kept = must(&text, &keep, "");
        let all = ["Plug", "ServiceBinding"];
        let undone = must(&without(&kept, &all), &keep, "decoupling fails");
        same(&format!("{seed}"), &without(&text, &all), &undone);
        let bindings = ["ServiceBinding"];
        let unbound = must(&without(&kept, &bindings), &keep, "unbinding fails");
        let never = must(&without(&text, &bindings), &keep, "");
        same(&format!("{seed}, without bindings"), &never, &unbound);
    }
}

#[test]
fn the_order_of_documents_and_keys_decides_nothing() {
    decided_by_no_order(streams(40));
}

#[test]
fn no_secret_is_read() {
    for (seed, stream) in streams(30) {
        let keep = with(&stream, Integrations::Keep, Orphans::Refuse);
        let without_secrets = stream.only(|role| role != Role::Secret).ended();
        let bare = must(&without_secrets.text(), &keep, "without Secrets");
        assert!(!bare.contains(SENTINEL), "{seed}");
        let whole = must(&stream.clone().ended().text(), &keep, "with Secrets");
        let coupled = |text: &str| {
            let lines = text
                .lines()
                .filter(|line| line.contains("coupled-binding."));
            let mut lines: Vec<String> = lines.map(|line| line.trim().to_owned()).collect();
            lines.sort();
            lines
        };
        assert_eq!(coupled(&bare), coupled(&whole), "{seed}");
    }
}
