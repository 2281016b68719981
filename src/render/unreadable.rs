//! Documents that cannot be read: passed through with a warning, or an error if one of ours or a wanted workload may be in it;
//! and what only follows from them.

use std::collections::{BTreeMap, BTreeSet};

use super::names::Names;
use super::ours::{Ours, is_ours};
use crate::api::{Plug, WorkloadSelector};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::manifest::stream::Stream;
use crate::manifest::{NodeId, Tree};

/// Says what could not be read.
pub(super) fn report(stream: &Stream<'_>, names: &Names<'_, '_>, ours: &mut Ours, out: &mut Vec<Diagnostic>) {
    let wanted: BTreeSet<&str> =
        ours.integrations.plugs.iter().flat_map(|plug| &plug.workloads).map(|w| w.kind.as_str()).collect();
    let mut documents = names.unreadable();
    documents.extend(stream.unread());
    for document in documents {
        let Err(error) = stream.tree(document) else { continue };
        let place = stream.place(document, error.span);
        let text = stream.document(document).text;
        let kind = value_at_margin(text, "kind:");
        // a kind with a tag may be any
        let may_be_wanted = |kind: &str| wanted.contains(kind) || kind.starts_with('!') && !wanted.is_empty();
        let matters = value_at_margin(text, "apiVersion:").is_some_and(is_ours) || kind.is_some_and(may_be_wanted);
        if matters && !stream.is_catalogue(document) {
            ours.lost.push((kind.unwrap_or_default().to_owned(), document));
            out.push(Diagnostic::unreadable(error, place));
        } else {
            let message = format!("a document cannot be read, and passes through as it is: {}", error.message);
            let help = if text.contains("{{") {
                "it holds a template that nobody has rendered: `helm template NAME DIR | coupler render -`"
            } else {
                "if it should take part, correct it; if it is none of coupler's business, the warning may stand"
            };
            out.push(
                Diagnostic::warning(Code::UnreadableDocument, message).at(place, "the reader gave up here").help(help),
            );
        }
    }
}

/// Reports what may be an object and cannot be read: an error where a Plug may be asking for it.
pub(super) fn report_opaque(stream: &Stream<'_>, ours: &Ours, out: &mut Vec<Diagnostic>) {
    for (document, why) in stream.opaque().iter().filter(|(document, _)| !stream.is_catalogue(*document)) {
        let at = |span| stream.place(*document, span);
        let found = Diagnostic::not_readable("what an object is", why, at);
        let says = |tree: &Tree<'_>| ["apiVersion", "kind"].iter().any(|key| tree.get(NodeId::ROOT, key).is_some());
        let is_manifest = stream.tree(*document).is_ok_and(says);
        let severity = match ours.integrations.plugs.is_empty() || !is_manifest {
            true => Severity::Warning,
            false => Severity::Error,
        };
        out.push(Diagnostic { severity, ..found });
    }
}

/// Takes out the errors that only say that something is missing which stands in a document that could not be used.
pub(super) fn without_what_follows(stream: &Stream<'_>, ours: &Ours, found: &mut Vec<Diagnostic>) {
    if ours.lost.is_empty() {
        return;
    }
    let plugs = ours.integrations.plugs.iter();
    let plugs: Plugs<'_> = plugs.map(|plug| ((&*plug.meta.name.value, plug.meta.namespace.as_deref()), plug)).collect();
    let lost = Lost::new(stream, ours);
    found.retain(|diagnostic| !follows(&lost, &plugs, diagnostic));
}

/// By name and namespace.
type Plugs<'o> = BTreeMap<(&'o str, Option<&'o str>), &'o Plug>;

/// The documents that could not be used.
struct Lost<'s> {
    kinds: BTreeSet<&'s str>,
    /// Kind and word: what an object's name could be.
    words: BTreeSet<(&'s str, &'s str)>,
}

impl<'s> Lost<'s> {
    fn new(stream: &'s Stream<'_>, ours: &'s Ours) -> Self {
        let mut lost = Self { kinds: BTreeSet::new(), words: BTreeSet::new() };
        for (kind, document) in &ours.lost {
            lost.kinds.insert(kind);
            let words =
                stream.document(*document).text.split(|c: char| !(c.is_ascii_alphanumeric() || "-._".contains(c)));
            lost.words.extend(words.filter(|word| !word.is_empty()).map(|word| (kind.as_str(), word)));
        }
        lost
    }

    /// Whether one of a kind may be the object of this name.
    fn holds(&self, kind: &str, name: &str) -> bool {
        self.words.contains(&(kind, name))
    }
}

fn follows(lost: &Lost<'_>, plugs: &Plugs<'_>, error: &Diagnostic) -> bool {
    let Some(subject) = &error.subject else { return false };
    let Some(plug) = plugs.get(&(&*subject.name, subject.namespace.as_deref())) else { return false };
    match error.code {
        Code::SocketNotFound => lost.holds("Socket", &plug.interface.value),
        Code::InterfaceNotFound => lost.holds("Interface", &plug.interface.value),
        Code::WorkloadNotFound => plug.workloads.iter().any(|workload| match &workload.selector {
            WorkloadSelector::Name(name) => lost.holds(&workload.kind, &name.value),
            WorkloadSelector::Labels(_) => lost.kinds.contains(workload.kind.as_str()),
        }),
        _ => false,
    }
}

/// What stands behind a key that begins a line, without quotes.
fn value_at_margin<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let line = text.lines().find_map(|line| line.strip_prefix(key))?;
    Some(line.split(" #").next()?.trim().trim_matches(['"', '\'']))
}
