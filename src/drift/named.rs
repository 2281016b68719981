//! Finds the workloads that Plugs and Sockets of the cluster name and that have no record, and those
//! that must be looked up.

use std::collections::{BTreeMap, BTreeSet};

use super::Drift;
use super::couplings::Couplings;
use super::live_kind::LiveKind;
use super::object_key::ObjectKey;
use super::own::drift;
use super::unrecorded::{Selector, WorkloadNaming};
use super::workload::{RecordState, Workload};
use crate::api::{Binder, WorkloadSelector};
use crate::couple::BinderId;
use crate::diagnostic::{Code, Diagnostic};
use crate::limits::NAMESPACE_LOOK_UPS;
use crate::project::OwnerKey;

impl Couplings<'_> {
    /// Reports the workloads without a record that Plugs and Sockets name; what has to be looked up,
    /// so many of each namespace.
    pub(super) fn unrecorded(&self, mut take: impl FnMut(Drift)) -> BTreeSet<WorkloadNaming> {
        let mut namings = BTreeSet::new();
        let mut counts: BTreeMap<Box<str>, usize> = BTreeMap::new();
        for id in self.expecting() {
            for naming in self.namings(id) {
                self.without_record(id, &naming).for_each(&mut take);
                if self.is_known(&naming) || namings.contains(&naming) {
                    continue;
                }
                let count = counts.entry(naming.namespace.clone()).or_default();
                *count += 1;
                if *count <= NAMESPACE_LOOK_UPS {
                    namings.insert(naming);
                }
            }
        }
        namings
    }

    fn namings(&self, id: BinderId) -> Vec<WorkloadNaming> {
        let binder = self.binder(id);
        let namespace = binder.meta.namespace.as_deref().unwrap_or_default();
        let mut namings = Vec::new();
        for wanted in binder.workloads {
            let is_meant =
                |known: &&LiveKind| known.is_of(wanted.api_version.as_deref(), &wanted.kind);
            let meant = self.cluster().watched().filter(is_meant);
            let selector = match &wanted.selector {
                WorkloadSelector::Name(name) => Selector::Name(name.value.as_str().into()),
                WorkloadSelector::Labels(labels) => Selector::Labels(labels.clone()),
                // no Plug and no Socket selects so
                WorkloadSelector::Matching(_) => continue,
            };
            namings.extend(meant.map(|kind| WorkloadNaming {
                kind,
                namespace: namespace.into(),
                selector: selector.clone(),
            }));
        }
        namings
    }

    /// Whether the watch of workloads with a record shows all that is named.
    fn is_known(&self, naming: &WorkloadNaming) -> bool {
        let Selector::Name(name) = &naming.selector else {
            return false;
        };
        let key = naming.key(name);
        self.cluster().workloads.contains_key(&key)
    }

    fn without_record(&self, id: BinderId, naming: &WorkloadNaming) -> impl Iterator<Item = Drift> {
        let binder = self.binder(id);
        let first = naming.key("");
        let kind = first.kind;
        let here = self.cluster().unrecorded.range(first..);
        let is_here = move |key: &ObjectKey| key.kind == kind && key.namespace == naming.namespace;
        let here = here.take_while(move |(key, _)| is_here(key));
        let meant = here.filter(|(_, unrecorded)| match &naming.selector {
            Selector::Name(name) => unrecorded.id.name == *name,
            Selector::Labels(labels) => labels
                .iter()
                .all(|(key, value)| unrecorded.labels.get(key) == Some(value)),
        });
        meant.map(move |(_, unrecorded)| {
            let workload = Workload {
                kind: naming.kind,
                id: unrecorded.id.clone(),
                record: RecordState::Stripped,
                changed: unrecorded.changed.clone(),
                recorded: Box::default(),
            };
            let drift = drift(&workload, None, stripped(&workload, binder), String::new());
            Drift {
                owner: Some(OwnerKey::of(binder.kind, &binder.meta.name.value)),
                regarding: Some(self.object_id(binder)),
                socket: self.socket(id),
                ..drift
            }
        })
    }
}

fn stripped(workload: &Workload, binder: Binder<'_>) -> Diagnostic {
    let message = format!(
        "{} has no record of its couplings, and {} names it: a manifest that was not rendered was applied",
        workload.called(),
        binder.called()
    );
    Diagnostic::error(Code::RecordStripped, message)
        .help("apply the output of `coupler render`, and look for another pipeline that applies the unrendered source")
}
