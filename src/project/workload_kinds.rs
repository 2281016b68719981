//! Keeps the kinds of workload of one run: the built-in ones, and those that mappings of its input
//! add.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use super::plural::plurals;
use super::resource_mapping::{GROUP, KIND, ResourceMapping};
use super::workload_kind::{Mapping, Update, WorkloadKind};
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::stream::{ObjectType, Stream, StreamObject, group, type_of};
use crate::manifest::{NodeId, Span, Tree};

/// Every kind of workload that is known in a run.
///
/// A mapping of a kind that is built in takes its place, as the specification has it: without a
/// mapping, the pods of a workload are where that kind has them.
#[derive(Debug, Default)]
pub struct WorkloadKinds {
    /// By `<plural>.<group>`.
    mappings: BTreeMap<String, ResourceMapping>,
    /// The groups of mappings, and the plurals.
    groups: BTreeSet<String>,
    plurals: BTreeSet<String>,
}

/// The kinds that are built in, and no other.
pub static BUILT_IN: WorkloadKinds = WorkloadKinds {
    mappings: BTreeMap::new(),
    groups: BTreeSet::new(),
    plurals: BTreeSet::new(),
};

/// Whether a kind is that of the mappings.
pub fn is_workload_mapping(api_version: &str, kind: &str) -> bool {
    kind == KIND && group(api_version) == GROUP
}

/// What is known of a workload by its kind.
#[derive(Clone, Copy, Debug)]
pub struct KnownWorkload<'k> {
    /// Where its parts are.
    pub mapping: &'k Mapping,
    /// What an update of its pod template does.
    pub update: Update,
}

impl WorkloadKinds {
    /// Reads the mappings of a run, of the stream and of the catalogue.
    ///
    /// What is wrong with one is reported once a workload of its kind is asked for: it may be
    /// there for another program.
    pub fn read(stream: &Stream<'_>) -> Self {
        let mut kinds = Self::default();
        for entry in stream.of_kind(KIND) {
            if group(&entry.api_version) != GROUP {
                continue;
            }
            let document = entry.object.document;
            let start = stream.place(document, Span::default());
            let read = stream.once(document, |tree| {
                ResourceMapping::read(tree, entry.object.node, start)
            });
            // a document that cannot be read is reported as one
            if let Ok(Some(mapping)) = read {
                kinds.add(mapping);
            }
        }
        kinds
    }

    fn add(&mut self, mapping: ResourceMapping) {
        let (plural, group) = mapping.name.split_once('.').unwrap_or((&mapping.name, ""));
        self.groups.insert(group.to_owned());
        self.plurals.insert(plural.to_owned());
        match self.mappings.entry(mapping.name.clone()) {
            Entry::Vacant(new) => {
                new.insert(mapping);
            }
            Entry::Occupied(mut known) => {
                let known = known.get_mut();
                let is_same = matches!(
                    (&known.versions, &mapping.versions),
                    (Ok(one), Ok(other)) if one == other
                );
                if !is_same && known.versions.is_ok() {
                    known.versions = Err(vec![differ(known, &mapping)]);
                }
            }
        }
    }

    /// What is known of the kind of an `apiVersion` and a `kind`.
    pub fn of(&self, api_version: &str, kind: &str) -> Option<KnownWorkload<'_>> {
        let built_in = WorkloadKind::of(api_version, kind);
        let update = built_in.map_or(Update::ByController, |known| known.update);
        if let Some(mapped) = self.mapped(api_version, kind) {
            let mapping = mapped.of_version(version(api_version))?;
            return Some(KnownWorkload { mapping, update });
        }
        built_in.map(|known| KnownWorkload {
            mapping: known.mapping,
            update,
        })
    }

    /// The resource of a kind, and its group: `rollouts.argoproj.io`.
    pub fn resource(&self, api_version: &str, kind: &str) -> Option<String> {
        match self.mapped(api_version, kind) {
            Some(mapping) => Some(mapping.name.clone()),
            None => WorkloadKind::of(api_version, kind).map(WorkloadKind::resource),
        }
    }

    /// The resource of a kind that has a mapping, and its group.
    pub fn mapped_resource(&self, api_version: &str, kind: &str) -> Option<&str> {
        self.mapped(api_version, kind)
            .map(|mapping| mapping.name.as_str())
    }

    /// What is known of the kind of the object at `root`.
    pub fn of_object(&self, tree: &Tree<'_>, root: NodeId) -> Option<KnownWorkload<'_>> {
        let ObjectType { api_version, kind } = type_of(tree, root)?;
        self.of(&api_version, &kind)
    }

    /// Whether there is a kind of this name in any group.
    pub fn is_known(&self, kind: &str) -> bool {
        WorkloadKind::is_known(kind)
            || (!self.plurals.is_empty()
                && plurals(kind).any(|plural| self.plurals.contains(&plural)))
    }

    /// Every workload of a stream: by kind in the order of the table, then those of mappings.
    pub fn workloads<'s, 'a>(
        &'s self,
        stream: &'s Stream<'a>,
    ) -> impl Iterator<Item = (&'s StreamObject<'a>, KnownWorkload<'s>)> {
        let added = match self.mappings.is_empty() {
            true => &[],
            false => stream.entries(),
        };
        let added = added
            .iter()
            .filter(|entry| !WorkloadKind::is_known(&entry.kind));
        let built_in = WorkloadKind::names().flat_map(|kind| stream.of_kind(kind));
        built_in.chain(added).filter_map(|entry| {
            let known = self.of(&entry.api_version, &entry.kind)?;
            Some((entry, known))
        })
    }

    /// Why a kind that has a mapping is not known.
    pub fn faults(&self, api_version: &str, kind: &str) -> Vec<Diagnostic> {
        let Some(mapped) = self.mapped(api_version, kind) else {
            return Vec::new();
        };
        let version = version(api_version);
        match &mapped.versions {
            Err(errors) => errors.clone(),
            Ok(_) if mapped.of_version(version).is_some() => Vec::new(),
            Ok(_) => {
                let message = format!(
                    "the mapping `{}` has neither the version `{version}` nor `*`",
                    mapped.name
                );
                let error = Diagnostic::error(Code::UnsupportedWorkload, message)
                    .at(mapped.at, "this mapping")
                    .help("add the version to it, or `*` for all other versions");
                vec![error]
            }
        }
    }

    /// The mapping of a kind, whatever is wrong with it.
    fn mapped(&self, api_version: &str, kind: &str) -> Option<&ResourceMapping> {
        let group = group(api_version);
        if !self.groups.contains(group) {
            return None;
        }
        plurals(kind).find_map(|plural| match group {
            "" => self.mappings.get(&plural),
            _ => self.mappings.get(&format!("{plural}.{group}")),
        })
    }
}

/// The version of an `apiVersion`.
fn version(api_version: &str) -> &str {
    api_version
        .rsplit_once('/')
        .map_or(api_version, |(_, version)| version)
}

fn differ(known: &ResourceMapping, other: &ResourceMapping) -> Diagnostic {
    let message = format!("two mappings `{}` differ", known.name);
    Diagnostic::error(Code::DuplicateObject, message)
        .at(other.at, "again here")
        .at(known.at, "first here")
        .help("remove one of them: a cluster can have only one")
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAPPING: &str = "---\napiVersion: servicebinding.io/v1\nkind: ClusterWorkloadResourceMapping\n\
                           metadata: {name: NAME}\nspec: {versions: [{version: VERSION, volumes: .spec.VOLUMES}]}\n";

    fn kinds(all: &[[&str; 3]]) -> WorkloadKinds {
        let text: String = all
            .iter()
            .map(|[name, version, volumes]| {
                MAPPING
                    .replace("NAME", name)
                    .replace("VERSION", version)
                    .replace("VOLUMES", volumes)
            })
            .collect();
        let mut stream = Stream::default();
        stream.add(0, &text, false);
        WorkloadKinds::read(&stream)
    }

    #[test]
    fn a_mapping_adds_a_kind_by_its_plural() {
        let kinds = kinds(&[
            ["workers.example.com", "\"*\"", "a"],
            ["proxies.example.com", "v1", "a"],
            ["meshes.example.com", "v1", "a"],
        ]);
        for (version, kind) in [
            ("example.com/v1", "Worker"),
            ("example.com/v2", "Worker"),
            ("example.com/v1", "Proxy"),
            ("example.com/v1", "Mesh"),
        ] {
            let known = kinds.of(version, kind).unwrap();
            assert!(known.mapping.volumes.is(&["spec", "a"]));
            assert_eq!(known.update, Update::ByController);
            assert!(kinds.is_known(kind) && WorkloadKind::of(version, kind).is_none());
        }
        assert!(kinds.of("example.org/v1", "Worker").is_none());
        assert!(kinds.of("v1", "Worker").is_none());
        assert!(kinds.of("example.com/v2", "Proxy").is_none());
        assert!(!kinds.is_known("Other"));
        assert_eq!(kinds.faults("example.com/v2", "Proxy").len(), 1);
        assert!(kinds.faults("example.com/v1", "Other").is_empty());
        assert!(WorkloadKind::of("apps/v1", "Deployment").is_some());
    }

    #[test]
    fn a_mapping_takes_the_place_of_the_built_in_one() {
        let kinds = kinds(&[["cronjobs.batch", "v1", "a"]]);
        let known = kinds.of("batch/v1", "CronJob").unwrap();
        assert!(known.mapping.volumes.is(&["spec", "a"]));
        assert_eq!(known.update, Update::NextRun);
        let job = kinds.of("batch/v1", "Job").unwrap();
        assert!(
            job.mapping
                .volumes
                .is(&["spec", "template", "spec", "volumes"])
        );
    }

    #[test]
    fn two_that_differ_are_an_error_and_two_that_do_not_are_one() {
        let name = "workers.example.com";
        let same = kinds(&[[name, "v1", "a"], [name, "v1", "a"]]);
        assert!(same.of("example.com/v1", "Worker").is_some());
        let differ = kinds(&[[name, "v1", "a"], [name, "v1", "b"]]);
        assert!(differ.of("example.com/v1", "Worker").is_none());
        let [error] = &differ.faults("example.com/v1", "Worker")[..] else {
            panic!()
        };
        assert_eq!(error.code, Code::DuplicateObject);
    }
}
