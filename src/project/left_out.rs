//! Finds containers that get nothing from a Plug although another container of the same pods does,
//! and that seem to need it: they have the value that it replaces there, or run the same image
//! earlier.

use std::collections::{BTreeMap, BTreeSet};

use super::desired::Desired;
use super::owner::EntryOwner;
use super::ownership::OwnedEntries;
use super::planned::{EntryPosition, Plan, PlannedEntry};
use super::pod_template::{Container, containers_at};
use super::slot::Slot;
use super::workload::{Collection, WorkloadNode};
use crate::limits;
use crate::manifest::{NodeId, Place, Reading, Tree};

/// A container that gets nothing of a Plug or a Socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOutContainer {
    /// Where the Plug or the Socket has its name.
    pub owner_at: Place,
    /// The container.
    pub container: String,
    /// Where its name is.
    pub at: Place,
    /// The workload, for a message.
    pub workload: String,
    /// The containers that get it.
    pub chosen: Vec<String>,
    /// Why it seems to need it.
    pub why: LeftOutReason,
}

/// Why a container seems to need what a Plug writes into another one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LeftOutReason {
    /// It has a variable that the Plug replaces.
    HasVariable(String),
    /// A text of it has the value that this variable had.
    HasValueOf(String),
    /// It is an init container and runs the image of this container.
    RunsImageOf(String),
}

/// Letters from which on a value is looked for: shorter ones are everywhere.
const VALUE: usize = 4;

/// What Plugs replace, and what their containers run.
#[derive(Default)]
struct Traces<'d> {
    /// By the name of a variable.
    names: BTreeMap<&'d str, Vec<Trace<'d>>>,
    /// By the value that a variable had.
    values: BTreeMap<String, Vec<Trace<'d>>>,
    /// By the image of a container.
    images: BTreeMap<&'d str, Vec<Trace<'d>>>,
}

/// A Plug, by its position among the couplings, and the variable or the container of it.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Trace<'d> {
    position: usize,
    name: &'d str,
}

/// The containers that are left out in one object.
pub(super) fn left_out(
    workload: &WorkloadNode<'_>,
    owned: &OwnedEntries<'_>,
    plan: &Plan<'_>,
    desired: &Desired<'_>,
) -> Vec<LeftOutContainer> {
    let Some(known) = workload.known else {
        return Vec::new();
    };
    let all = containers_at(workload.tree, workload.root, known.mapping).unwrap_or_default();
    if all.len() < 2 {
        return Vec::new();
    }
    let chosen: Vec<BTreeSet<&str>> = desired
        .couplings
        .iter()
        .map(|coupling| {
            let slots = coupling.entries.iter().map(|entry| &entry.slot);
            let of_env = slots.filter(|slot| matches!(slot, Slot::Env(_)));
            of_env.filter_map(Slot::container).collect()
        })
        .collect();
    let traces = Traces::read(workload, owned, plan, desired, &all, &chosen);
    let mut found: Vec<LeftOutContainer> = Vec::new();
    let mut counts = vec![0; chosen.len()];
    for container in &all {
        let Some(name) = container.known_name() else {
            continue;
        };
        let mut told = BTreeSet::new();
        for (position, why) in traces.of(workload, container, name) {
            let is_full = counts[position] >= limits::CANDIDATES;
            if is_full || chosen[position].contains(name) || !told.insert(position) {
                continue;
            }
            counts[position] += 1;
            let coupling = &desired.couplings[position];
            found.push(LeftOutContainer {
                owner_at: coupling.at,
                container: name.to_owned(),
                at: name_place(workload, container),
                workload: workload.called(),
                chosen: chosen[position]
                    .iter()
                    .map(|&name| name.to_owned())
                    .collect(),
                why,
            });
        }
    }
    found
}

impl<'d> Traces<'d> {
    fn read(
        workload: &WorkloadNode<'d>,
        owned: &OwnedEntries<'_>,
        plan: &'d Plan<'_>,
        desired: &Desired<'d>,
        all: &[Container<'d>],
        chosen: &[BTreeSet<&'d str>],
    ) -> Self {
        let mut traces = Self::default();
        let positions: BTreeMap<EntryOwner<'_>, usize> = desired
            .couplings
            .iter()
            .enumerate()
            .map(|(position, coupling)| (coupling.owner, position))
            .collect();
        for collection in &plan.collections {
            let of = &workload.collections[collection.collection];
            if !matches!(of.slot, Slot::Env(_)) {
                continue;
            }
            for planned in collection.new.iter().filter(|new| new.replaces()) {
                let Some(&position) = positions.get(&planned.owner) else {
                    continue;
                };
                let name = &*planned.entry.key;
                let trace = Trace { position, name };
                add(traces.names.entry(name).or_default(), trace);
                if let Some(value) = replaced_value(workload.tree, owned, of, planned) {
                    add(traces.values.entry(value).or_default(), trace);
                }
            }
        }
        let images: BTreeMap<&str, &str> = all
            .iter()
            .filter_map(|container| {
                let image = known_text(workload.tree, container.node, &["image"])?;
                Some((container.known_name()?, image))
            })
            .collect();
        for (position, chosen) in chosen.iter().enumerate() {
            for &name in chosen {
                if let Some(image) = images.get(name) {
                    let trace = Trace { position, name };
                    add(traces.images.entry(image).or_default(), trace);
                }
            }
        }
        traces
    }

    /// The Plugs that a container seems to need, by position, perhaps several times.
    fn of(
        &self,
        workload: &WorkloadNode<'_>,
        container: &Container<'_>,
        name: &str,
    ) -> Vec<(usize, LeftOutReason)> {
        let mut found = Vec::new();
        let slot = Slot::Env(name.to_owned());
        let env = workload.position(&slot).map(|at| &workload.collections[at]);
        let entries = env.into_iter().flat_map(|env| env.entries.iter().flatten());
        if !self.names.is_empty() {
            for entry in entries.clone() {
                let plugs = self.names.get(&*entry.key).into_iter().flatten();
                found.extend(plugs.map(|trace| {
                    let why = LeftOutReason::HasVariable(trace.name.to_owned());
                    (trace.position, why)
                }));
            }
        }
        if !self.values.is_empty() {
            let tree = workload.tree;
            let values = entries.filter_map(|entry| known_text(tree, entry.node, &["value"]));
            let lists = ["command", "args"].into_iter().flat_map(|list| {
                let items = tree.read_items(container.node, &[list]).known();
                items.ok().flatten().unwrap_or_default()
            });
            let words = lists.filter_map(|item| known_text(tree, item, &[]));
            for text in values.chain(words) {
                found.extend(self.values_in(text).map(|trace| {
                    let why = LeftOutReason::HasValueOf(trace.name.to_owned());
                    (trace.position, why)
                }));
            }
        }
        let image = known_text(workload.tree, container.node, &["image"]);
        if let (true, Some(image)) = (container.init, image) {
            let plugs = self.images.get(image).into_iter().flatten();
            found.extend(plugs.map(|trace| {
                let why = LeftOutReason::RunsImageOf(trace.name.to_owned());
                (trace.position, why)
            }));
        }
        found
    }

    /// Whose values a text is, or has as a word.
    fn values_in<'s>(&'s self, text: &'s str) -> impl Iterator<Item = &'s Trace<'d>> + 's {
        let is_end = |c: char| !c.is_ascii_alphanumeric() && !"-._".contains(c);
        let words = text.split(is_end).filter(move |word| *word != text);
        let found = std::iter::once(text).chain(words);
        found.flat_map(|word| self.values.get(word).into_iter().flatten())
    }
}

/// Adds a trace, each once: of many Plugs the first count.
fn add<'d>(traces: &mut Vec<Trace<'d>>, trace: Trace<'d>) {
    if traces.len() < limits::CANDIDATES && !traces.contains(&trace) {
        traces.push(trace);
    }
}

/// The text that a replaced variable had, if it identifies anything.
fn replaced_value(
    tree: &Tree<'_>,
    owned: &OwnedEntries<'_>,
    collection: &Collection<'_>,
    planned: &PlannedEntry<'_>,
) -> Option<String> {
    let EntryPosition::Replaces { entry: node, .. } = planned.position else {
        return None;
    };
    let original = owned.of(node).and_then(|owned| owned.original);
    let content = match original {
        Some(original) => original.content.clone(),
        None => collection.slot.content_json(tree, node).ok()?,
    };
    let value = content.get("value")?.as_str()?;
    let is_telling = value.len() >= VALUE && value.contains(|c: char| c.is_ascii_alphabetic());
    (is_telling && !["true", "false"].contains(&value)).then(|| value.to_owned())
}

fn name_place(workload: &WorkloadNode<'_>, container: &Container<'_>) -> Place {
    let name = workload.tree.read_at(container.node, &["name"]).shown();
    workload.at(name.unwrap_or(container.node))
}

/// A text, where it can be read.
fn known_text<'t>(tree: &'t Tree<'_>, node: NodeId, path: &[&str]) -> Option<&'t str> {
    match tree.read_text(node, path) {
        Reading::Value(text) => Some(text),
        Reading::Absent | Reading::NotReadable(_) => None,
    }
}
