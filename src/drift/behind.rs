//! What a coupling would bake now, beside what its record says.

use super::list;
use super::workload::{Coupled, Record, RecordedEntry, Workload};
use crate::api::{Plug, WorkloadSelector};
use crate::couple::{Coupling, EnvEntry, EnvSource};
use crate::project;

/// How the two differ.
pub(super) enum Differs {
    /// They do not.
    Nothing,
    /// Only by the Socket's name; this is its name now.
    SocketName(String),
    /// By this.
    Config(String),
}

/// Compares digests; of a reference also the object, whose name hosts may have put a prefix or a
/// hash to.
pub(super) fn differs(
    workload: &Workload,
    coupled: &Coupled,
    plug: &Plug,
    coupling: &Coupling,
) -> Differs {
    let Record::Kept {
        labels, containers, ..
    } = &workload.record
    else {
        return Differs::Nothing;
    };
    let Some(named_containers) = chosen(workload, plug, labels) else {
        return Differs::Config(format!(
            "Plug `{}` does not name it any more",
            plug.meta.name.value
        ));
    };
    let recorded: Vec<&str> = coupled
        .entries
        .iter()
        .filter_map(|entry| entry.slot.container())
        .collect();
    let here = |name: &str| containers.iter().any(|held| **held == *name);
    let missing = named_containers
        .iter()
        .filter(|name| here(name) && !recorded.contains(*name));
    let mut parts: Vec<String> = missing
        .map(|container| format!("container `{container}` would get its variables too"))
        .collect();
    let unnamed = |entry: &RecordedEntry| {
        let container = entry.slot.container().unwrap_or_default();
        !named_containers.is_empty() && !named_containers.contains(&container)
    };
    let mut changed = Vec::new();
    let mut removed = Vec::new();
    for entry in &coupled.entries {
        let wanted = coupling
            .variables()
            .find(|wanted| *wanted.name == *entry.key);
        match wanted.filter(|_| !unnamed(entry)) {
            None => removed.push(&*entry.key),
            Some(wanted) if !same(wanted, entry) => changed.push(&*entry.key),
            Some(_) => {}
        }
    }
    let stands = |entry: &&EnvEntry| {
        coupled
            .entries
            .iter()
            .any(|recorded| *recorded.key == *entry.name)
    };
    // a helper is left out of the record where a variable of the author's own serves as well
    let added: Vec<&str> = coupling
        .variables()
        .filter(|entry| !entry.helper && !stands(entry))
        .map(|entry| entry.name.as_str())
        .collect();
    for (names, would) in [
        (changed, "would hold something else"),
        (added, "would be added"),
        (removed, "would be removed"),
    ] {
        let mut names: Vec<&str> = names;
        names.sort_unstable();
        names.dedup();
        if !names.is_empty() {
            parts.push(format!(
                "{} {would}",
                list(names.iter().map(|name| format!("`{name}`")))
            ));
        }
    }
    let now = &coupling.names.interface;
    if parts.is_empty() && *now != *coupled.interface {
        parts.push(format!(
            "it would be coupled by `{now}`, no longer by `{}`",
            coupled.interface
        ));
    }
    let now = &coupling.names.socket;
    match (parts.is_empty(), *now == *coupled.socket) {
        (true, true) => Differs::Nothing,
        (true, false) => Differs::SocketName(now.clone()),
        (false, true) => Differs::Config(parts.join("; ")),
        (false, false) => Differs::Config(format!(
            "it would be coupled to Socket `{now}`; {}",
            parts.join("; ")
        )),
    }
}

/// The containers that a Plug names in a workload; none: whichever there are. `None`: it does not
/// name the workload.
fn chosen<'p>(
    workload: &Workload,
    plug: &'p Plug,
    labels: &[(Box<str>, Box<str>)],
) -> Option<Vec<&'p str>> {
    let has = |key: &str, value: &str| labels.iter().any(|(k, v)| **k == *key && **v == *value);
    let mut naming = plug.workloads.iter().filter(|wanted| {
        wanted.kind == workload.id.kind
            && match &wanted.selector {
                WorkloadSelector::Name(name) => *name.value == *workload.id.name,
                WorkloadSelector::Labels(labels) => {
                    labels.iter().all(|(key, value)| has(key, value))
                }
            }
    });
    let first = naming.next()?;
    let all: Vec<_> = std::iter::once(first).chain(naming).collect();
    // injected sidecars are no concern of a Plug that names none or all
    let any = all.iter().any(|wanted| {
        wanted.containers.is_empty() || wanted.containers.iter().any(|c| c.value == "*")
    });
    if any {
        return Some(Vec::new());
    }
    Some(
        all.iter()
            .flat_map(|wanted| &wanted.containers)
            .map(|container| container.value.as_str())
            .collect(),
    )
}

fn same(wanted: &EnvEntry, entry: &RecordedEntry) -> bool {
    let object = match (&wanted.source, &entry.object) {
        (EnvSource::Reference(reference), Some(object)) => object.contains(reference.name.as_str()),
        _ => true,
    };
    object
        && project::digests(&wanted.source)
            .iter()
            .any(|digest| **digest == *entry.recorded)
}
