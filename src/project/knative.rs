//! Checks what is written into a Knative Service: Knative refuses names of variables that it sets
//! itself, and volumes in directories that it mounts itself.
//!
//! <https://github.com/knative/serving/blob/main/pkg/apis/serving/k8s_validation.go>

use super::collision::{CollisionPlace, env_path};
use super::planned::{CollectionPlan, PlannedEntry};
use super::pod_template;
use super::service_binding::{files_elsewhere, is_file_annotation};
use super::slot::Slot;
use super::workload::WorkloadNode;
use super::workload_kind::Update;
use crate::diagnostic::{Code, Diagnostic, list_all};
use crate::manifest::Reading;

/// The variables that Knative sets in each container.
const REVISION_VARIABLES: [&str; 3] = ["K_CONFIGURATION", "K_REVISION", "K_SERVICE"];
/// The variable that it sets in the container that answers requests.
const PORT: &str = "PORT";
/// The directories in which it takes no volume.
const DIRECTORIES: [&str; 3] = ["/", "/dev", "/dev/log"];

/// What Knative refuses of what a plan adds to a collection.
pub(super) fn judge(workload: &WorkloadNode<'_>, plan: &CollectionPlan<'_>) -> Vec<Diagnostic> {
    let is_revision = |known: &_| matches!(known, Update::NewRevision);
    if !workload
        .known
        .is_some_and(|known| is_revision(&known.update))
    {
        return Vec::new();
    }
    let collection = &workload.collections[plan.collection];
    let place = CollisionPlace {
        workload,
        collection,
    };
    // what the author wrote himself is his own
    let mut added = plan.new.iter().filter(|planned| !planned.is_kept());
    let found: Vec<Diagnostic> = match &collection.slot {
        Slot::Env(container) => added
            .filter(|planned| is_reserved(workload, container, &planned.entry.key))
            .map(|planned| variable(&place, planned))
            .collect(),
        Slot::Mounts(_) => added
            .filter(|planned| is_reserved_directory(&planned.entry.key))
            .map(|planned| directory(&place, planned))
            .collect(),
        Slot::PodAnnotations => {
            let file = added.find(|planned| is_file_annotation(&planned.entry.key));
            file.map(plain_files).into_iter().collect()
        }
        _ => Vec::new(),
    };
    let found = found.into_iter();
    found.map(|diagnostic| workload.about(diagnostic)).collect()
}

/// Whether Knative sets a variable itself in a container.
fn is_reserved(workload: &WorkloadNode<'_>, container: &str, name: &str) -> bool {
    REVISION_VARIABLES.contains(&name) || (name == PORT && answers(workload, container))
}

/// Whether a container answers requests: the only one, or of several the one that has ports.
fn answers(workload: &WorkloadNode<'_>, container: &str) -> bool {
    let Some(known) = workload.known else {
        return false;
    };
    let all = pod_template::containers_at(workload.tree, workload.root, known.mapping);
    let all = all.unwrap_or_default();
    let Some(own) = all.iter().find(|one| one.known_name() == Some(container)) else {
        return false;
    };
    let ports = workload.tree.read_member(own.node, "ports");
    !own.init && (all.len() == 1 || ports != Reading::Absent)
}

fn is_reserved_directory(path: &str) -> bool {
    let path = match path.trim_end_matches('/') {
        "" => "/",
        path => path,
    };
    DIRECTORIES.contains(&path)
}

fn variable(place: &CollisionPlace<'_, '_>, planned: &PlannedEntry<'_>) -> Diagnostic {
    let name = &planned.entry.key;
    let message = format!("Knative refuses variable `{name}` in {}", place.called());
    let own = [&REVISION_VARIABLES[..], &[PORT]].concat();
    let own: Vec<String> = own.iter().map(|name| format!("`{name}`")).collect();
    Diagnostic::error(Code::RevisionRefused, message)
        .at(planned.entry.at, "asked for here")
        .help(format!(
            "Knative sets {} itself: give the variable another name in `{}`",
            list_all(&own),
            env_path(planned.owner.kind)
        ))
}

fn directory(place: &CollisionPlace<'_, '_>, planned: &PlannedEntry<'_>) -> Diagnostic {
    let path = &planned.entry.key;
    let message = format!("Knative refuses a volume at `{path}` in {}", place.called());
    Diagnostic::error(Code::RevisionRefused, message)
        .at(planned.entry.at, "asked for here")
        .help(files_elsewhere(
            planned.owner.kind,
            place.workload.owner(planned.owner),
        ))
}

/// Files with plain values come by the downward API.
fn plain_files(planned: &PlannedEntry<'_>) -> Diagnostic {
    let message = format!(
        "old versions of Knative refuse the files of {} with plain values",
        planned.owner
    );
    Diagnostic::info(Code::RevisionRefused, message)
        .at(planned.entry.at, "asked for here")
        .help(
            "for a Knative from before 2023, list in `bind.files.items` only what comes from a Secret or ConfigMap, \
             and bind the rest as variables",
        )
}
