//! What of a document is ours: entries that the record lists, found again by name and digest, and judged three ways
//! (as recorded, as they stand, as they are wanted now) where somebody changed them.

use std::collections::BTreeMap;

use super::WantedCoupling;
use super::digest;
use super::lens::content;
use super::record::{Record, plug_key};
use super::workload::Workload;
use crate::couple::{EnvEntry, EnvSource, ReferenceKind};
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::NodeId;

/// An entry that coupler wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Claimed<'r> {
    /// The container, by position.
    pub(super) container: usize,
    /// The member that stood in its place, if it replaced the author's own.
    pub(super) was: Option<&'r str>,
}

/// All that coupler wrote into one workload.
#[derive(Debug, Default)]
pub(super) struct Claims<'r> {
    /// The entries.
    pub(super) entries: BTreeMap<NodeId, Claimed<'r>>,
    /// Containers of the record that stand there, perhaps under a new name: position → name in the record.
    pub(super) recorded: BTreeMap<usize, &'r str>,
    /// Infos, and an error for each entry that is no longer ours to touch.
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl<'r> Claims<'r> {
    /// The claim on an entry.
    pub(super) fn of(&self, entry: NodeId) -> Option<&Claimed<'r>> {
        self.entries.get(&entry)
    }
}

/// Finds what the record lists.
pub(super) fn claim<'r>(
    workload: &Workload<'_>,
    record: &'r Record,
    wanted: &[WantedCoupling<'_>],
    discard_edits: bool,
) -> Claims<'r> {
    let mut claims = Claims::default();
    let keys: Vec<String> = wanted.iter().map(|c| plug_key(c.plug)).collect();
    for (plug, listed) in &record.plugs {
        for (container, variables) in &listed.env {
            let Some(index) = locate(workload, record, container, variables) else { continue };
            claims.recorded.entry(index).or_insert(container);
            let held = &workload.containers[index];
            for (name, base) in variables {
                let free = |claims: &Claims<'_>, node| claims.of(node).is_none();
                let standing = held.variables.iter().filter(|v| v.name == name && free(&claims, v.node));
                let mut standing = standing.map(|v| (v.node, digest::of_entry(workload.tree, v.node)));
                let couplings = wanted.iter().zip(&keys).filter(|(_, key)| *key == plug).map(|(coupling, _)| coupling);
                let ours = couplings.clone().filter(|c| c.containers.iter().any(|name| name == held.name));
                let ours = ours.flat_map(|c| c.env).find(|entry| entry.name == *name);
                let first = standing.next();
                let found = match first {
                    Some((_, ref theirs)) if theirs == base => first,
                    Some(first) => Some(standing.find(|(_, theirs)| theirs == base).unwrap_or(first)),
                    None => None,
                };
                let Some((node, theirs)) = found else {
                    claims.diagnostics.extend(ours.map(|ours| missing(workload, held.name, ours)));
                    continue;
                };
                let adopted = ours.is_some_and(|ours| digest::of_source(&ours.source) == theirs);
                let replaced = || listed.was.get(&format!("env/{container}/{name}")).map(String::as_str);
                let was = if listed.was.is_empty() { None } else { replaced() };
                // what it had replaced could not come back where nothing stands any more
                let lost = was.is_some_and(|was| !was.is_empty()) && content(workload.tree, node).next().is_none();
                if !(theirs == *base || adopted || discard_edits && !lost) {
                    let at = ours.map(|ours| (ours.at, Some(ours))).or_else(|| couplings.map(|c| (c.at, None)).next());
                    claims.diagnostics.push(edited(workload, held.name, name, node, at));
                }
                // also where it was edited: that it collides with what is wanted would be no news
                claims.entries.insert(node, Claimed { container: index, was });
            }
        }
    }
    claims
}

/// The container of a record: of that name, or, where there is none, one that the record does not know and that holds
/// one of the listed entries.
pub(super) fn locate(
    workload: &Workload<'_>,
    record: &Record,
    container: &str,
    variables: &BTreeMap<String, String>,
) -> Option<usize> {
    workload.container(container).or_else(|| {
        let known = |name: &str| record.plugs.values().any(|plug| plug.env.contains_key(name));
        workload.containers.iter().position(|held| {
            !known(held.name)
                && held.variables.iter().any(|variable| {
                    let base = variables.get(variable.name);
                    base.is_some_and(|base| digest::of_entry(workload.tree, variable.node) == *base)
                })
        })
    })
}

/// Shows both: what somebody wrote, and what coupling wants.
fn edited(
    workload: &Workload<'_>,
    container: &str,
    name: &str,
    node: NodeId,
    wanted: Option<(crate::manifest::Place, Option<&EnvEntry>)>,
) -> Diagnostic {
    let message = format!(
        "the variable `{name}` of container `{container}` of {}, which coupler baked, was edited by hand",
        workload.called()
    );
    let value = content(workload.tree, node).next().unwrap_or(node);
    let error = Diagnostic::error(Code::BakedEntryEdited, message).at(workload.at(value), "edited here");
    let (error, plug) = match wanted {
        Some((at, ours)) => {
            let ours = ours.map_or_else(|| "nothing".to_owned(), |ours| in_words(&ours.source));
            (error.at(at, format!("{ours} is wanted here")), "put the value into the Plug or the Socket")
        }
        None => (error, "keep the Plug that brought it"),
    };
    workload.about(error.help(format!(
        "undo the edit, or {plug}, or throw the edit away:\n  coupler render --discard-edits …\nto keep the variable as \
         your own, give it another name"
    )))
}

fn in_words(source: &EnvSource) -> String {
    match source {
        EnvSource::Value(value) if value.len() <= 64 => format!("`{}`", value.escape_debug()),
        EnvSource::Value(_) => "another value".to_owned(),
        EnvSource::Reference(reference) => {
            let kind = if reference.kind == ReferenceKind::Secret { "Secret" } else { "ConfigMap" };
            format!("the key `{}` of {kind} `{}`", reference.key, reference.name)
        }
    }
}

fn missing(workload: &Workload<'_>, container: &str, entry: &EnvEntry) -> Diagnostic {
    let message = format!(
        "the variable `{}`, which coupler baked into container `{container}` of {}, was removed; it is added again",
        entry.name,
        workload.called()
    );
    let info = Diagnostic::info(Code::BakedEntryMissing, message).at(entry.at, "asked for here");
    workload.about(info.help("to be rid of it, change the Plug: `bind.env` says which variables there are"))
}
