//! Reports documents that cannot be read: a warning, or an error if it may be one of coupler's own
//! kinds or a workload that a Plug names.

use std::collections::{BTreeMap, BTreeSet};

use super::names::Names;
use super::own_objects::{OwnObjects, is_ours};
use crate::api::{Plug, Socket};
use crate::diagnostic::{Code, Diagnostic, Findings, Severity, UnusableDocument};
use crate::manifest::stream::Stream;
use crate::manifest::{Flaw, NodeId, ReadError, Tree};

/// Says what could not be read.
pub(super) fn report(
    stream: &Stream<'_>,
    names: &Names<'_, '_>,
    ours: &mut OwnObjects,
    out: &mut Findings,
) {
    let writing = ours.integrations.sockets.iter();
    let writing = writing.filter(|socket| socket.writes());
    let wanted: BTreeSet<&str> = ours
        .integrations
        .plugs
        .iter()
        .map(Plug::binder)
        .chain(writing.map(Socket::binder))
        .flat_map(|binder| binder.workloads)
        .map(|w| w.kind.as_str())
        .collect();
    let mut documents = names.unreadable();
    documents.extend(stream.unread());
    for document in documents {
        let Err(error) = stream.tree(document) else {
            continue;
        };
        let place = stream.place(document, error.span);
        let text = stream.document(document).text;
        let kind = value_at_margin(text, "kind:");
        // a kind with a tag may be any
        let may_be_wanted =
            |kind: &str| wanted.contains(kind) || kind.starts_with('!') && !wanted.is_empty();
        let matters = value_at_margin(text, "apiVersion:").is_some_and(is_ours)
            || kind.is_some_and(may_be_wanted);
        if matters && !stream.is_catalogue(document) {
            ours.lost
                .push((kind.unwrap_or_default().to_owned(), document));
            out.report(Diagnostic::unreadable(error, place));
        } else if matches!(error.flaw, Flaw::ByteOrderMark | Flaw::Directive) {
            let cause = Diagnostic::unreadable(error, place);
            out.report(Diagnostic {
                code: Code::UnreadableDocument,
                severity: Severity::Warning,
                message: passed_through(error),
                ..cause
            });
        } else {
            let help = if text.contains("{{") {
                "it contains a template that was not rendered: `helm template NAME DIR | coupler render -`"
            } else {
                "if it is a manifest for coupler, correct it; if not, ignore this warning"
            };
            out.report(
                Diagnostic::warning(Code::UnreadableDocument, passed_through(error))
                    .at(place, "the parser stopped here")
                    .help(help),
            );
        }
    }
}

fn passed_through(error: &ReadError) -> String {
    format!(
        "a document cannot be read, and is written unchanged: {}",
        error.message
    )
}

/// Reports what may be an object and cannot be read: a Plug may be asking for it.
pub(super) fn report_opaque(stream: &Stream<'_>, ours: &OwnObjects, out: &mut Findings) {
    let mut sockets = ours.integrations.sockets.iter();
    if ours.integrations.plugs.is_empty() && !sockets.any(Socket::writes) {
        return;
    }
    for (document, why) in stream
        .opaque()
        .iter()
        .filter(|(document, _)| !stream.is_catalogue(*document))
    {
        let at = |span| stream.place(*document, span);
        let found = Diagnostic::not_readable("what an object is", why, at);
        let says = |tree: &Tree<'_>| {
            ["apiVersion", "kind"]
                .iter()
                .any(|key| tree.read_member(NodeId::ROOT, key).shown().is_some())
        };
        let is_manifest = stream.tree(*document).is_ok_and(says);
        let severity = match is_manifest {
            true => Severity::Error,
            false => Severity::Warning,
        };
        out.report(Diagnostic { severity, ..found });
    }
}

/// The documents of which nothing could be used: each was reported.
pub(super) fn unusable<'s>(
    stream: &'s Stream<'_>,
    ours: &'s OwnObjects,
) -> Vec<UnusableDocument<'s>> {
    let documents = kinds_by_document(ours).into_iter();
    let documents = documents.map(|(document, kinds)| UnusableDocument {
        kinds,
        text: stream.document(document).text,
    });
    documents.collect()
}

/// What each document declares to contain, once: a List contains many objects.
fn kinds_by_document(ours: &OwnObjects) -> BTreeMap<usize, BTreeSet<&str>> {
    let mut kinds: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
    for (kind, document) in &ours.lost {
        kinds.entry(*document).or_default().insert(kind);
    }
    kinds
}

/// What is behind a key that begins a line, without quotes.
fn value_at_margin<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let line = text.lines().find_map(|line| {
        let shown = line.strip_prefix('\u{feff}').unwrap_or(line);
        shown.strip_prefix(key)
    })?;
    Some(line.split(" #").next()?.trim().trim_matches(['"', '\'']))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::own_objects::OwnObjects;

    #[test]
    fn a_list_of_many_wrong_objects_is_split_once() {
        let item = |n: usize| {
            // an unknown kind each, as far as the number is odd
            let kind = if n.is_multiple_of(2) {
                "Plug".to_owned()
            } else {
                format!("Plug{n}")
            };
            format!(
                "- {{apiVersion: integration.rock8s.com/v1, kind: {kind}, metadata: {{name: p{n}}}, spec: {{x: 1}}}}\n"
            )
        };
        let text = format!(
            "apiVersion: v1\nkind: List\nitems:\n{}",
            (0..100).map(item).collect::<String>()
        );
        let mut stream = Stream::default();
        stream.add(0, &text, false);
        let ours = OwnObjects::decode(
            &stream,
            &crate::api::Settings::default(),
            &mut Findings::new(),
        );
        assert!(ours.lost.len() >= 50, "{}", ours.lost.len());
        assert_eq!(kinds_by_document(&ours).len(), 1);
    }
}
