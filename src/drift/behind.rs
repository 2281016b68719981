//! Compares what a coupling would bake now with its record.

use std::collections::BTreeSet;

use super::list;
use super::workload::{Coupled, RecordState, RecordedEntry, Referred, Workload};
use crate::api::{Binder, ContainerBindings, ObjectRef, WorkloadSelector};
use crate::couple::{Bindings, CouplingNames, EnvEntry, EnvSource};
use crate::project::{self, FileDigest, Slot};
use crate::render::kustomize_hash::without_hash;

/// How the two differ.
pub(super) enum Differs<'w> {
    /// They do not.
    Nothing,
    /// Only by the Socket's name; this is its name now.
    SocketName(String),
    /// Only by the objects that entries refer to.
    Objects(OtherObjects<'w>),
    /// By this.
    Config(String),
}

/// Entries that refer to other objects than they would.
pub(super) struct OtherObjects<'w> {
    /// Which, and how.
    pub(super) what: String,
    /// The objects that they refer to.
    pub(super) referred: Vec<&'w Referred>,
}

/// What a Plug or a Socket writes now.
pub(super) struct BoundNow<'c> {
    /// How a record would name its coupling.
    pub(super) names: &'c CouplingNames,
    /// What is written.
    pub(super) written: &'c Bindings,
}

/// Compares digests; of a reference also the object, whose name hosts may have put a prefix or a
/// hash to.
pub(super) fn differs<'w>(
    workload: &Workload,
    coupled: &'w Coupled,
    binder: Binder<'_>,
    bound: &BoundNow<'_>,
) -> Differs<'w> {
    let RecordState::Kept {
        labels, containers, ..
    } = &workload.record
    else {
        return Differs::Nothing;
    };
    let chosen = chosen(workload, binder, labels);
    let by_fields_alone = chosen.is_none() && has_field_of(binder, workload);
    let written = bound.written;
    if chosen.is_none() && !by_fields_alone {
        return Differs::Config(format!("{} does not name it now", binder.called()));
    }
    let named_containers = chosen.unwrap_or_default();
    let variables = || written.variables().filter(|_| !by_fields_alone);
    let recorded: Vec<&str> = coupled
        .entries
        .iter()
        .filter_map(|entry| entry.slot.container())
        .collect();
    let here = |name: &str| containers.iter().any(|held| **held == *name);
    let missing = named_containers
        .iter()
        .filter(|_| binder.containers == ContainerBindings::Some)
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
    let mut others: Vec<OtherObject<'_>> = Vec::new();
    let files: Vec<FileDigest> = written
        .directories()
        .filter(|_| !by_fields_alone)
        .flat_map(project::file_digests)
        .collect();
    for entry in &coupled.entries {
        match &entry.slot {
            // where a container has its bindings is its own business
            Slot::Env(_) if *entry.key == *project::BINDING_ROOT => continue,
            Slot::Env(_) => {}
            Slot::Mounts(_) if files.is_empty() || unnamed(entry) => {
                removed.push(&*entry.key);
                continue;
            }
            Slot::Mounts(_) => continue,
            // a field is judged by the record alone
            Slot::Labels
            | Slot::Members(_)
            | Slot::Items(_)
            | Slot::Appended(_)
            | Slot::Found(_) => continue,
            Slot::PodAnnotations | Slot::Annotations
                if !project::is_file_annotation(&entry.key) =>
            {
                continue;
            }
            _ => {
                match files.iter().find(|file| *file.key == *entry.key) {
                    None => removed.push(&*entry.key),
                    Some(file) if *file.digest != *entry.recorded => changed.push(&*entry.key),
                    Some(file) => {
                        let wanted: Vec<&str> = file.objects.iter().map(String::as_str).collect();
                        others.extend(other_objects(workload, entry, &wanted));
                    }
                }
                continue;
            }
        }
        let wanted = variables().find(|wanted| *wanted.name == *entry.key);
        match wanted.filter(|_| !unnamed(entry)) {
            None => removed.push(&*entry.key),
            Some(wanted) if !same(wanted, entry) => changed.push(&*entry.key),
            Some(wanted) => {
                if let EnvSource::Reference(reference) = &wanted.source {
                    others.extend(other_objects(workload, entry, &[&reference.name]));
                }
            }
        }
    }
    let is_recorded = |key: &str| coupled.entries.iter().any(|recorded| *recorded.key == *key);
    // a helper is left out of the record where a variable of the author's own serves as well
    let added: Vec<&str> = variables()
        .filter(|entry| !entry.helper)
        .map(|entry| entry.name.as_str())
        .chain(files.iter().map(|file| file.key.as_str()))
        .filter(|key| !is_recorded(key))
        .collect();
    for (names, would) in [
        (changed, "would change"),
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
    let now = &bound.names.interface;
    if *now != *coupled.interface {
        parts.push(format!(
            "it would be coupled by `{now}`, no longer by `{}`",
            coupled.interface
        ));
    }
    let now = &bound.names.socket;
    let what: BTreeSet<&str> = others.iter().map(|other| other.what.as_str()).collect();
    let what = list(what.into_iter().map(str::to_owned));
    if parts.is_empty() && !others.is_empty() && *now == *coupled.socket {
        let referred = others.iter().map(|other| other.referred).collect();
        return Differs::Objects(OtherObjects { what, referred });
    }
    if !others.is_empty() {
        parts.push(what);
    }
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

/// Whether a Plug or a Socket binds a field of a workload.
fn has_field_of(binder: Binder<'_>, workload: &Workload) -> bool {
    binder.fields.iter().any(|field| {
        let ObjectRef {
            api_version,
            kind,
            name,
            ..
        } = &field.object;
        workload.kind.is_of(Some(api_version), kind) && *name.value == *workload.id.name
    })
}

/// The containers that a Plug or a Socket names in a workload; none: whichever there are. `None`: it does not
/// name the workload.
fn chosen<'p>(
    workload: &Workload,
    binder: Binder<'p>,
    labels: &[(Box<str>, Box<str>)],
) -> Option<Vec<&'p str>> {
    let label = |key: &str| {
        let found = labels.iter().find(|(own, _)| **own == *key);
        found.map(|(_, value)| &**value)
    };
    let has = |key: &str, value: &str| label(key) == Some(value);
    let mut naming = binder.workloads.iter().filter(|wanted| {
        workload
            .kind
            .is_of(wanted.api_version.as_deref(), &wanted.kind)
            && match &wanted.selector {
                WorkloadSelector::Name(name) => *name.value == *workload.id.name,
                WorkloadSelector::Labels(labels) => {
                    labels.iter().all(|(key, value)| has(key, value))
                }
                WorkloadSelector::Matching(selector) => selector.accepts(label),
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
    // it depends on where the container has its bindings
    if matches!(wanted.source, EnvSource::File(_)) {
        return true;
    }
    project::digests(&wanted.source)
        .iter()
        .any(|digest| **digest == *entry.recorded)
}

/// An object that an entry refers to, and that is not the one that it would refer to.
struct OtherObject<'e> {
    referred: &'e Referred,
    what: String,
}

/// The objects of an entry that are not those that it would refer to, which have these names.
fn other_objects<'e>(
    workload: &Workload,
    entry: &'e RecordedEntry,
    wanted: &[&str],
) -> Vec<OtherObject<'e>> {
    let Some(referred) = entry.referred.as_deref() else {
        return Vec::new();
    };
    let mut others = Vec::new();
    for (name, wanted) in referred.names.iter().zip(wanted) {
        if !is_grown(name, wanted, &workload.id.name) {
            let what = format!(
                "`{}` refers to `{name}`, and would refer to `{wanted}`",
                entry.key
            );
            others.push(OtherObject { referred, what });
        }
    }
    others
}

/// Whether hosts may have made a name of another one: by a prefix, by a suffix that the workload
/// has too, by a hash at the end.
fn is_grown(name: &str, wanted: &str, workload: &str) -> bool {
    let is_suffix = |text: &str| {
        let rest = without_hash(text);
        rest.is_empty() || workload.ends_with(rest)
    };
    name.match_indices(wanted)
        .any(|(at, _)| is_suffix(&name[at + wanted.len()..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_a_host_made_is_told_from_another_name() {
        for name in [
            "db-auth",
            "prod-db-auth",
            "db-auth-5kf2h7b9tt",
            "prod-db-auth-5kf2h7b9tt",
            "db-auth-eu",
            "db-auth-eu-5kf2h7b9tt",
        ] {
            assert!(is_grown(name, "db-auth", "web-eu"), "{name}");
        }
        for name in [
            "db-auth-staging",
            "db",
            "other",
            "db-auth-5kf2h",
            "db-auth-",
            "",
        ] {
            assert!(!is_grown(name, "db-auth", "web-eu"), "{name}");
        }
    }
}
