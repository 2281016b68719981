//! What of a document is ours: entries that the record lists, found again by name and digest, and judged three ways
//! (as recorded, as they stand, as they are wanted now) where somebody changed them.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use super::WantedCoupling;
use super::digest;
use super::lens::content;
use super::record::{Record, plug_key};
use super::workload::{Held, Workload};
use crate::couple::{EnvEntry, EnvSource, ReferenceKind};
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::{NodeId, Tree};

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
    let mut by_plug: BTreeMap<String, Vec<Listed<'_>>> = BTreeMap::new();
    for coupling in wanted {
        by_plug.entry(plug_key(coupling.plug)).or_default().push(Listed::new(coupling));
    }
    let locator = Locator::new(workload, record);
    let mut free: BTreeMap<usize, Free<'_, '_>> = BTreeMap::new();
    for (plug, listed) in &record.plugs {
        let couplings = by_plug.get(plug).map_or(&[][..], Vec::as_slice);
        for (container, variables) in &listed.env {
            let Some(index) = locator.find(container, variables) else { continue };
            claims.recorded.entry(index).or_insert(container);
            let held = &workload.containers[index];
            let free = free.entry(index).or_insert_with(|| Free::new(workload.tree, held));
            for (name, base) in variables {
                let ours = couplings.iter().find_map(|listed| listed.entry(held.name, name));
                let Some((node, theirs)) = free.take(name, base) else {
                    claims.diagnostics.extend(ours.map(|ours| missing(workload, held.name, ours)));
                    continue;
                };
                let adopted = ours.is_some_and(|ours| digest::of_source(&ours.source) == theirs);
                let replaced = || listed.was.get(&format!("env/{container}/{name}")).map(String::as_str);
                let was = if listed.was.is_empty() { None } else { replaced() };
                // what it had replaced could not come back where nothing stands any more
                let lost = was.is_some_and(|was| !was.is_empty()) && content(workload.tree, node).next().is_none();
                if !(theirs == *base || adopted || discard_edits && !lost) {
                    let plugs = || couplings.first().map(|listed| (listed.coupling.at, None));
                    let at = ours.map(|ours| (ours.at, Some(ours))).or_else(plugs);
                    claims.diagnostics.push(edited(workload, held.name, name, node, at));
                }
                // also where it was edited: that it collides with what is wanted would be no news
                claims.entries.insert(node, Claimed { container: index, was });
            }
        }
    }
    claims
}

/// A coupling by what is asked of it.
struct Listed<'w> {
    coupling: &'w WantedCoupling<'w>,
    containers: BTreeSet<&'w str>,
    entries: BTreeMap<&'w str, &'w EnvEntry>,
}

impl<'w> Listed<'w> {
    fn new(coupling: &'w WantedCoupling<'_>) -> Self {
        let containers = coupling.containers.iter().map(String::as_str).collect();
        let entries = coupling.env.iter().rev().map(|entry| (entry.name.as_str(), entry)).collect();
        Self { coupling, containers, entries }
    }

    /// The variable that it brings into a container.
    fn entry(&self, container: &str, name: &str) -> Option<&'w EnvEntry> {
        self.entries.get(name).copied().filter(|_| self.containers.contains(container))
    }
}

/// The variables of one container that nothing of a record claims yet.
struct Free<'h, 't> {
    tree: &'t Tree<'t>,
    held: &'h Held<'t>,
    /// By name, once the record asks for it.
    by_name: BTreeMap<&'h str, OfName>,
}

/// The variables of one name, in order, and by digest.
#[derive(Default)]
struct OfName {
    all: BTreeMap<NodeId, String>,
    by_digest: BTreeMap<String, BTreeSet<NodeId>>,
}

impl<'h, 't> Free<'h, 't> {
    fn new(tree: &'t Tree<'t>, held: &'h Held<'t>) -> Self {
        Self { tree, held, by_name: BTreeMap::new() }
    }

    /// Takes the first variable of this name and digest, or else the first of the name; with its digest.
    fn take(&mut self, name: &'h str, base: &str) -> Option<(NodeId, String)> {
        let (tree, held) = (self.tree, self.held);
        let of_name = self.by_name.entry(name).or_insert_with(|| {
            let mut of_name = OfName::default();
            for variable in held.named(name) {
                let digest = digest::of_entry(tree, variable.node);
                of_name.by_digest.entry(digest.clone()).or_default().insert(variable.node);
                of_name.all.insert(variable.node, digest);
            }
            of_name
        });
        let same = of_name.by_digest.get(base).and_then(|nodes| nodes.first()).copied();
        let node = same.or_else(|| of_name.all.keys().next().copied())?;
        let digest = of_name.all.remove(&node)?;
        if let Some(nodes) = of_name.by_digest.get_mut(&digest) {
            nodes.remove(&node);
        }
        Some((node, digest))
    }
}

/// Finds the containers that a record names.
pub(super) struct Locator<'w, 't> {
    workload: &'w Workload<'t>,
    /// The names of containers in the record.
    known: BTreeSet<&'w str>,
    /// Containers that the record does not know: name and digest of a variable → the first position. Made when first asked for.
    by_entry: OnceCell<BTreeMap<(&'w str, String), usize>>,
}

impl<'w, 't> Locator<'w, 't> {
    /// A locator for the containers of this record.
    pub(super) fn new(workload: &'w Workload<'t>, record: &'w Record) -> Self {
        let known = record.plugs.values().flat_map(|plug| plug.env.keys()).map(String::as_str).collect();
        Self { workload, known, by_entry: OnceCell::new() }
    }

    /// The container of a record: of that name, or, where there is none, one that the record does not know and that holds one
    /// of the listed entries.
    pub(super) fn find(&self, container: &str, variables: &BTreeMap<String, String>) -> Option<usize> {
        self.workload.container(container).or_else(|| {
            let by_entry = self.by_entry.get_or_init(|| self.entries());
            variables.iter().filter_map(|(name, base)| by_entry.get(&(name.as_str(), base.clone())).copied()).min()
        })
    }

    fn entries(&self) -> BTreeMap<(&'w str, String), usize> {
        let mut entries = BTreeMap::new();
        for (position, held) in self.workload.containers.iter().enumerate() {
            if self.known.contains(held.name) {
                continue;
            }
            for variable in &held.variables {
                let digest = digest::of_entry(self.workload.tree, variable.node);
                entries.entry((variable.name, digest)).or_insert(position);
            }
        }
        entries
    }
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
