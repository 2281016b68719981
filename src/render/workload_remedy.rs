//! Writes the lines that change one entry of `workloads` of a Plug or a Socket, or the `workload` of
//! a ServiceBinding, and keep the rest of it.

use crate::api::{Binder, BinderKind, WorkloadRef};
use crate::diagnostic::{Help, Paste, lines};
use crate::manifest::emit;

/// Members that are merged into the entry.
pub(super) fn with_members(binder: Binder<'_>, wanted: &WorkloadRef, members: Help) -> Paste {
    match binder.kind {
        BinderKind::Plug | BinderKind::Socket => {
            Paste::item(binder.subject(), path(wanted), members)
        }
        BinderKind::ServiceBinding => {
            let lines = members.as_str().lines().map(|line| format!("    {line}"));
            let lines = lines![("spec:"), ("  workload:")].and(Help::of_lines(lines));
            Paste::merge(binder.subject(), lines)
        }
    }
}

/// What to do where a build put a prefix or a suffix to the names of objects, and not to what a
/// Plug calls them.
pub(super) fn names_follow(kind: &str, name: &str) -> Help {
    Help::from(format!(
        "the {kind} is called `{name}` here: a build, such as one with a `namePrefix` of \
         kustomize, renamed it, and did not change the name in the Plug; list coupler's Component \
         (the directory `krm-fn/kustomize`) in `components` of the kustomization, and kustomize \
         changes both"
    ))
}

/// The entry with another selector: `name: web`, or `matchLabels: {app: web}`.
pub(super) fn selected_by(binder: Binder<'_>, wanted: &WorkloadRef, selector: &str) -> Paste {
    let mut members = Vec::new();
    if let Some(version) = &wanted.api_version {
        members.push(format!("apiVersion: {}", emit::flow_string(version)));
    }
    let is_of_binding = binder.kind == BinderKind::ServiceBinding;
    if wanted.kind != "Deployment" || is_of_binding {
        members.push(format!("kind: {}", emit::flow_string(&wanted.kind)));
    }
    members.push(selector.to_owned());
    let is_all = is_of_binding && wanted.containers.iter().any(|name| name.value == "*");
    if !wanted.containers.is_empty() && !is_all {
        let names = wanted.containers.iter();
        let names: Vec<_> = names.map(|name| emit::flow_string(&name.value)).collect();
        members.push(format!("containers: [{}]", names.join(", ")));
    }
    if is_of_binding {
        let lines = lines![("spec:"), ("  workload: {{{}}}", members.join(", "))];
        return Paste::replace(binder.subject(), "spec.workload", lines);
    }
    let item = Help::from(format!("- {{{}}}", members.join(", ")));
    Paste::item(binder.subject(), path(wanted), item)
}

fn path(wanted: &WorkloadRef) -> String {
    format!("spec.workloads[{}]", wanted.position)
}
