//! Compares two renders, and reports what a change couples, decouples and restarts.
//!
//! Names only, never a value: neither an event nor a changed workload can hold one.

mod causes;
mod facts;
mod fields;

use std::collections::{BTreeMap, BTreeSet};

use crate::api::BinderKind;
use crate::diagnostic::Diagnostic;
use crate::manifest::path::Path;
use crate::project::{OwnerKey, Slot};
use crate::render::Input;
use facts::{Facts, WorkloadFacts, WorkloadKey};

/// What happened to a Plug, a Socket, or the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EventKind {
    /// A Plug or Socket appeared.
    Created,
    /// A Plug or Socket changed, or what it gives.
    Updated,
    /// A Plug found a Socket.
    Coupled,
    /// A Plug lost its Socket.
    Decoupled,
    /// A Plug or Socket is gone.
    Deleted,
}

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PartyRole {
    /// A Socket.
    Socket,
    /// A Plug.
    Plug,
}

/// A Plug by its `metadata.name`, or a Socket by its `spec.name`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Party {
    /// Which of the two.
    pub role: PartyRole,
    /// Its namespace, where it is known.
    pub namespace: Option<String>,
    /// Its name.
    pub name: String,
}

/// How a part changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// It is new.
    Added,
    /// It is another.
    Changed,
    /// It is gone.
    Removed,
}

/// Why something happened.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// The whole object is new, or gone.
    Object(Party, How),
    /// A part of it changed: a key that it gives, a field `spec.…`, or a variable that it asks for.
    Part(Party, String, How),
    /// A coupling went to another version: from `mongodb@1.0.0` to `mongodb@1.1.0`.
    Version(String, String),
}

/// One event.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Event {
    /// What happened.
    pub what: EventKind,
    /// To whom.
    pub party: Party,
    /// The Socket that the Plug was coupled to, or decoupled from, and `interface@version`.
    pub socket: Option<(Party, String)>,
    /// Why, as far as the two inputs show it.
    pub causes: Vec<Cause>,
}

/// What becomes of a workload's pods.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PodEffect {
    /// The pod template changed: its controller replaces the pods.
    Restarts,
    /// Only pods that are made from now on have it (a ReplicaSet, `updateStrategy: OnDelete`).
    NewPods,
    /// The next run has it (a CronJob).
    NextRun,
    /// What its controller does is not known (a kind that a mapping adds).
    ByController,
    /// The object cannot be updated, only replaced (a Job, a bare Pod, a revision
    /// of a fixed name).
    Replace,
    /// Nothing of a pod template that coupler knows changed: whoever reads the object has the new
    /// fields.
    Updates,
    /// The workload itself is new.
    New,
    /// The workload itself is gone.
    Gone,
}

/// A workload whose coupled entries changed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Changed {
    /// `kind`.
    pub kind: String,
    /// The API group; that of the core kinds is empty.
    pub group: String,
    /// Its namespace, where it is known.
    pub namespace: Option<String>,
    /// Its name.
    pub name: String,
    /// What becomes of its pods.
    pub effect: PodEffect,
    /// The collections that changed.
    pub collections: Vec<ChangedEntries>,
    /// The Plugs whose entries changed, by name.
    pub plugs: BTreeSet<String>,
    /// The Sockets whose own entries changed, by name.
    pub sockets: BTreeSet<String>,
    /// The ServiceBindings whose entries changed, by name.
    pub service_bindings: BTreeSet<String>,
}

/// The coupled entries of one collection that changed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ChangedEntries {
    /// Which.
    pub slot: Slot,
    /// What became of each entry. Empty: they are only in another order.
    pub entries: BTreeMap<String, How>,
}

/// What two inputs differ in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// The events, sorted.
    pub events: Vec<Event>,
    /// The workloads, by kind, group, namespace and name.
    pub workloads: Vec<Changed>,
    /// The resources, in the same order.
    pub resources: Vec<ChangedResource>,
}

/// A resource that came, changed or went.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ChangedResource {
    /// `kind`.
    pub kind: String,
    /// Its namespace, where it is known.
    pub namespace: Option<String>,
    /// Its name.
    pub name: String,
    /// What became of it.
    pub how: How,
    /// The Plug that it exists for: `namespace/name`, or `name` in its own namespace.
    pub plug: String,
}

impl Comparison {
    /// Whether there is no difference.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty() && self.workloads.is_empty() && self.resources.is_empty()
    }
}

/// The diagnostics of inputs of which at least one does not render.
#[derive(Debug, Default)]
pub struct Failed {
    /// Of the first.
    pub base: Vec<Diagnostic>,
    /// Of the second.
    pub head: Vec<Diagnostic>,
}

/// Renders both, and compares what came out.
///
/// # Errors
/// What is wrong with either.
pub fn compare(base: &Input, head: &Input) -> Result<Comparison, Failed> {
    let (base, head) = match (facts::facts(base), facts::facts(head)) {
        (Ok(base), Ok(head)) => (base, head),
        (base, head) => {
            return Err(Failed {
                base: base.err().unwrap_or_default(),
                head: head.err().unwrap_or_default(),
            });
        }
    };
    let workloads = workloads(&base, &head);
    let events = causes::events(&base, &head);
    Ok(Comparison {
        events,
        workloads,
        resources: resources(&base, &head),
    })
}

fn resources(base: &Facts, head: &Facts) -> Vec<ChangedResource> {
    let keys: BTreeSet<&WorkloadKey> = base.resources.keys().chain(head.resources.keys()).collect();
    let mut changed = Vec::new();
    for key in keys {
        let (how, of) = match (base.resources.get(key), head.resources.get(key)) {
            (None, Some(new)) => (How::Added, new),
            (Some(old), None) => (How::Removed, old),
            (Some(old), Some(new)) if old != new => (How::Changed, new),
            (_, _) => continue,
        };
        let key = key.clone();
        changed.push(ChangedResource {
            kind: key.kind,
            namespace: key.namespace,
            name: key.name,
            how,
            plug: of.plug.clone(),
        });
    }
    changed
}

fn workloads(base: &Facts, head: &Facts) -> Vec<Changed> {
    let keys: BTreeSet<&WorkloadKey> = base.workloads.keys().chain(head.workloads.keys()).collect();
    keys.into_iter()
        .filter_map(|key| changed(key, base.workloads.get(key), head.workloads.get(key)))
        .collect()
}

fn changed(
    key: &WorkloadKey,
    before: Option<&WorkloadFacts>,
    after: Option<&WorkloadFacts>,
) -> Option<Changed> {
    let old = before
        .map(|workload| workload.collections(after))
        .unwrap_or_default();
    let new = after
        .map(|workload| workload.collections(before))
        .unwrap_or_default();
    let slots: BTreeSet<&Slot> = old.keys().chain(new.keys()).copied().collect();
    let mut collections = Vec::new();
    for slot in slots {
        let (old, new) = (old.get(slot), new.get(slot));
        if old != new {
            let old = by_name(slot, old.map_or(&[], Vec::as_slice));
            let new = by_name(slot, new.map_or(&[], Vec::as_slice));
            collections.push(ChangedEntries {
                slot: slot.clone(),
                entries: differences(&old, &new),
            });
        }
    }
    if collections.is_empty() {
        return None;
    }
    let effect = match (before, after) {
        // it is compared only while it is coupled
        (Some(one), _) | (_, Some(one)) if one.effect == PodEffect::Updates => PodEffect::Updates,
        (None, _) => PodEffect::New,
        (_, None) => PodEffect::Gone,
        (Some(before), Some(after)) => {
            let is_of_pods =
                |slot: &Slot| before.of_pods.contains(slot) || after.of_pods.contains(slot);
            match collections.iter().any(|one| is_of_pods(&one.slot)) {
                true => after.effect,
                false => PodEffect::Updates,
            }
        }
    };
    let differs = |owner: &OwnerKey| {
        let old = before
            .map(|workload| workload.contents(owner, after))
            .unwrap_or_default();
        let new = after
            .map(|workload| workload.contents(owner, before))
            .unwrap_or_default();
        old != new
    };
    let of_kind = |kind: BinderKind| {
        let owners = [before, after].into_iter().flatten();
        let owners = owners.flat_map(|workload| &workload.owners);
        owners
            .filter(|(owner, _)| owner.kind == kind && differs(owner))
            .map(|(_, bound)| bound.owner.clone())
            .collect()
    };
    let WorkloadKey {
        kind,
        group,
        namespace,
        name,
    } = key.clone();
    Some(Changed {
        kind,
        group,
        namespace,
        name,
        effect,
        plugs: of_kind(BinderKind::Plug),
        sockets: of_kind(BinderKind::Socket),
        service_bindings: of_kind(BinderKind::ServiceBinding),
        collections,
    })
}

/// The contents of entries by name, fields by their whole path: the parts of a text, and new items
/// of a list, have one.
fn by_name<'f>(slot: &Slot, entries: &[(&'f str, &'f str)]) -> BTreeMap<String, Vec<&'f str>> {
    let mut all: BTreeMap<String, Vec<&'f str>> = BTreeMap::new();
    for (key, content) in entries {
        let name = match slot {
            Slot::Found(path) => Path(path).to_string(),
            _ => slot.named(key),
        };
        all.entry(name).or_default().push(content);
    }
    all
}

/// What is in one and not, or not the same, in the other.
fn differences<V: PartialEq>(
    old: &BTreeMap<String, V>,
    new: &BTreeMap<String, V>,
) -> BTreeMap<String, How> {
    let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let how = |key: &String| match (old.get(key), new.get(key)) {
        (None, _) => Some(How::Added),
        (_, None) => Some(How::Removed),
        (old, new) => (old != new).then_some(How::Changed),
    };
    keys.into_iter()
        .filter_map(|key| Some((key.clone(), how(key)?)))
        .collect()
}

#[cfg(test)]
mod tests;
