//! Makes the lines that change one entry of `workloads` of a Plug or a Socket, and keep the rest of
//! it.

use crate::api::{Binder, WorkloadRef};
use crate::diagnostic::{Help, Paste};
use crate::manifest::emit;

/// Members that are merged into the entry.
pub(super) fn with_members(binder: Binder<'_>, wanted: &WorkloadRef, members: Help) -> Paste {
    Paste::item(binder.subject(), path(wanted), members)
}

/// What to do where a build put a prefix or a suffix to the names of objects, and not to what a
/// Plug calls them.
pub(super) fn names_follow(kind: &str, name: &str) -> Help {
    Help::from(format!(
        "the {kind} is `{name}` here: a build, such as one with a `namePrefix` of kustomize, renamed it and does not know that the \
         Plug names it; list coupler's Component (the directory `krm-fn/kustomize`) in `components` of the kustomization, and it \
         renames both"
    ))
}

/// The entry with another selector: `name: web`, or `matchLabels: {app: web}`.
pub(super) fn selected_by(binder: Binder<'_>, wanted: &WorkloadRef, selector: &str) -> Paste {
    let mut members = Vec::new();
    if let Some(version) = &wanted.api_version {
        members.push(format!("apiVersion: {}", emit::flow_string(version)));
    }
    if wanted.kind != "Deployment" {
        members.push(format!("kind: {}", emit::flow_string(&wanted.kind)));
    }
    members.push(selector.to_owned());
    if !wanted.containers.is_empty() {
        let names = wanted.containers.iter();
        let names: Vec<_> = names.map(|name| emit::flow_string(&name.value)).collect();
        members.push(format!("containers: [{}]", names.join(", ")));
    }
    let item = Help::from(format!("- {{{}}}", members.join(", ")));
    Paste::item(binder.subject(), path(wanted), item)
}

fn path(wanted: &WorkloadRef) -> String {
    format!("spec.workloads[{}]", wanted.position)
}
