//! Documents that cannot be read: passed through with a warning, or an error if one of ours or a
//! wanted workload may be in it; and what only follows from them.

use std::collections::{BTreeMap, BTreeSet};

use super::names::Names;
use super::own_objects::{OwnObjects, is_ours};
use crate::api::{Plug, WorkloadSelector};
use crate::diagnostic::{Code, Diagnostic, Findings, Severity};
use crate::manifest::stream::Stream;
use crate::manifest::{Flaw, NodeId, ReadError, Tree};

/// Says what could not be read.
pub(super) fn report(
    stream: &Stream<'_>,
    names: &Names<'_, '_>,
    ours: &mut OwnObjects,
    out: &mut Findings,
) {
    let wanted: BTreeSet<&str> = ours
        .integrations
        .plugs
        .iter()
        .flat_map(|plug| plug.workloads.iter())
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
                "it holds a template that nobody has rendered: `helm template NAME DIR | coupler render -`"
            } else {
                "if it should take part, correct it; if it is none of coupler's business, the warning may stand"
            };
            out.report(
                Diagnostic::warning(Code::UnreadableDocument, passed_through(error))
                    .at(place, "the reader gave up here")
                    .help(help),
            );
        }
    }
}

fn passed_through(error: &ReadError) -> String {
    format!(
        "a document cannot be read, and passes through as it is: {}",
        error.message
    )
}

/// Reports what may be an object and cannot be read: a Plug may be asking for it.
pub(super) fn report_opaque(stream: &Stream<'_>, ours: &OwnObjects, out: &mut Findings) {
    if ours.integrations.plugs.is_empty() {
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

/// Takes out the errors that only say that something is missing which stands in a document that
/// could not be used.
pub(super) fn without_what_follows(stream: &Stream<'_>, ours: &OwnObjects, found: &mut Findings) {
    if ours.lost.is_empty() {
        return;
    }
    let plugs = ours.integrations.plugs.iter();
    let plugs: Plugs<'_> = plugs
        .map(|plug| {
            (
                (&*plug.meta.name.value, plug.meta.namespace.as_deref()),
                plug,
            )
        })
        .collect();
    let mut lost = Lost::new(stream, ours);
    found.retain(|diagnostic| !follows(&mut lost, &plugs, diagnostic));
}

/// By name and namespace.
type Plugs<'o> = BTreeMap<(&'o str, Option<&'o str>), &'o Plug>;

/// The documents that could not be used.
#[derive(Default)]
struct Lost<'s> {
    /// Where an object of a kind may be.
    of_kind: BTreeMap<&'s str, BTreeSet<usize>>,
    /// Where a word is, which could be an object's name.
    with_word: BTreeMap<&'s str, BTreeSet<usize>>,
    /// What was asked for before, by kind and name: many Plugs may miss the same object.
    answers: BTreeMap<(String, String), bool>,
}

impl<'s> Lost<'s> {
    fn new(stream: &'s Stream<'_>, ours: &'s OwnObjects) -> Self {
        let mut lost = Self::default();
        let is_of_name = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
        for (document, kinds) in kinds_by_document(ours) {
            for kind in kinds {
                lost.of_kind.entry(kind).or_default().insert(document);
            }
            let words = stream.document(document).text.split(|c| !is_of_name(c));
            for word in words.filter(|word| !word.is_empty()) {
                lost.with_word.entry(word).or_default().insert(document);
            }
        }
        lost
    }

    /// Whether one of a kind may be the object of this name.
    fn holds(&mut self, kind: &str, name: &str) -> bool {
        let key = (kind.to_owned(), name.to_owned());
        if let Some(&known) = self.answers.get(&key) {
            return known;
        }
        let answer = match (self.of_kind.get(kind), self.with_word.get(name)) {
            (Some(of_kind), Some(with_word)) => !of_kind.is_disjoint(with_word),
            _ => false,
        };
        self.answers.insert(key, answer);
        answer
    }
}

/// What each document says it holds, once: a List holds many objects.
fn kinds_by_document(ours: &OwnObjects) -> BTreeMap<usize, BTreeSet<&str>> {
    let mut kinds: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
    for (kind, document) in &ours.lost {
        kinds.entry(*document).or_default().insert(kind);
    }
    kinds
}

fn follows(lost: &mut Lost<'_>, plugs: &Plugs<'_>, error: &Diagnostic) -> bool {
    let Some(subject) = &error.subject else {
        return false;
    };
    let Some(plug) = plugs.get(&(&*subject.name, subject.namespace.as_deref())) else {
        return false;
    };
    match error.code {
        Code::SocketNotFound => lost.holds("Socket", &plug.interface.value),
        Code::InterfaceNotFound => lost.holds("Interface", &plug.interface.value),
        Code::WorkloadNotFound => plug
            .workloads
            .iter()
            .any(|workload| match &workload.selector {
                WorkloadSelector::Name(name) => lost.holds(&workload.kind, &name.value),
                WorkloadSelector::Labels(_) => lost.of_kind.contains_key(workload.kind.as_str()),
            }),
        _ => false,
    }
}

/// What stands behind a key that begins a line, without quotes.
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
        let mut lost = Lost::new(&stream, &ours);
        assert!(
            lost.holds("Plug", "p7") && !lost.holds("Plug", "p100") && !lost.holds("Socket", "p7")
        );
    }
}
