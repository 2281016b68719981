//! The workloads that one Plug names, by name or by labels, and what to say when there is none.

use super::names::Names;
use crate::api::{API_VERSION, Plug, WorkloadRef, WorkloadSelector, suggest};
use crate::diagnostic::{Code, Diagnostic, Subject};
use crate::limits;
use crate::manifest::stream::{Object, metadata};
use crate::manifest::{NodeId, Tree};
use crate::project;

/// The workloads that one entry of a Plug's `workloads` names; none is an error.
pub(super) fn workloads(
    names: &Names<'_, '_>,
    plug: &Plug,
    wanted: &WorkloadRef,
    out: &mut Vec<Diagnostic>,
) -> Vec<Object> {
    let known = match &wanted.api_version {
        Some(version) => project::pod_path(version, &wanted.kind).is_some(),
        None => project::KINDS.contains(&wanted.kind.as_str()),
    };
    if !known {
        out.push(unsupported(wanted).on(subject(plug)));
        return Vec::new();
    }
    let mut found = find(names, plug, wanted);
    if let (WorkloadSelector::Name(_), [_, _, ..]) = (&wanted.selector, &found[..]) {
        found = names.alike(plug.meta.at, found);
    }
    if found.is_empty() {
        out.push(missing(names, plug, wanted).on(subject(plug)));
    }
    if let (WorkloadSelector::Name(_), [first, second, ..]) = (&wanted.selector, &found[..]) {
        out.push(twice(names, wanted, *first, *second).on(subject(plug)));
        return Vec::new();
    }
    found
}

fn subject(plug: &Plug) -> Subject {
    Subject {
        api_version: API_VERSION.to_owned(),
        kind: "Plug".to_owned(),
        namespace: plug.meta.namespace.clone(),
        name: plug.meta.name.value.clone(),
    }
}

fn find(names: &Names<'_, '_>, plug: &Plug, wanted: &WorkloadRef) -> Vec<Object> {
    let kind = names.kind(&wanted.kind);
    let Some(here) = kind.get(&plug.meta.namespace) else { return Vec::new() };
    let fits = |object: &&Object| {
        let Some(tree) = names.tree(**object) else { return false };
        let version = tree.get(object.node, "apiVersion").and_then(|node| tree.str(node)).unwrap_or_default();
        !names.stream.is_catalogue(object.document)
            && project::pod_path(version, &wanted.kind).is_some()
            && wanted.api_version.as_deref().is_none_or(|asked| version == asked)
    };
    match &wanted.selector {
        WorkloadSelector::Name(name) => here.get(&name.value).into_iter().flatten().filter(fits).copied().collect(),
        WorkloadSelector::Labels(labels) => {
            let has = |object: &&Object| {
                let tree = names.tree(**object);
                tree.is_some_and(|tree| labels.iter().all(|(key, value)| has_label(tree, object.node, key, value)))
            };
            here.values().flatten().filter(fits).filter(has).copied().collect()
        }
    }
}

fn has_label(tree: &Tree<'_>, object: NodeId, key: &str, value: &str) -> bool {
    tree.at(object, &["metadata", "labels", key]).and_then(|node| tree.str(node)) == Some(value)
}

fn unsupported(wanted: &WorkloadRef) -> Diagnostic {
    let kind = &wanted.kind;
    let version = wanted.api_version.as_deref().map(|v| format!(" of `{v}`")).unwrap_or_default();
    Diagnostic::error(
        Code::UnsupportedWorkload,
        format!("`{kind}`{version} is not a kind with a pod template that coupler knows"),
    )
    .at(wanted.at, "this workload")
    .help(format!("known are {}", project::KINDS.join(", ")))
}

fn missing(names: &Names<'_, '_>, plug: &Plug, wanted: &WorkloadRef) -> Diagnostic {
    let kind = &wanted.kind;
    let place = plug.meta.namespace.as_deref().map(|n| format!(" in namespace `{n}`")).unwrap_or_default();
    let (message, at) = match &wanted.selector {
        WorkloadSelector::Name(name) => (format!("there is no {kind} `{}`{place}", name.value), name.at),
        WorkloadSelector::Labels(labels) => {
            let labels: Vec<_> = labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
            (format!("there is no {kind} with the labels {}{place}", labels.join(",")), wanted.at)
        }
    };
    let mut diagnostic = Diagnostic::error(Code::WorkloadNotFound, message)
        .at(at, format!("asked for by Plug `{}`", plug.meta.name.value));
    if names.said_near.replace(names.said_near.get() + 1) >= limits::NEAR_MISSES {
        return diagnostic;
    }
    if let WorkloadSelector::Name(name) = &wanted.selector {
        for (other, object) in near(names, plug, wanted, &name.value) {
            diagnostic = diagnostic.at(names.place(object), other);
        }
        return diagnostic.help(advice(names, plug, wanted, &name.value));
    }
    diagnostic.help(format!(
        "a Plug touches workloads of its own namespace; label a {kind} there, or name it: `workloads: [{{name: …}}]`"
    ))
}

/// Objects of that name which are no answer, and why not: another kind, another namespace.
fn near(names: &Names<'_, '_>, plug: &Plug, wanted: &WorkloadRef, name: &str) -> Vec<(String, Object)> {
    let mut near = Vec::new();
    for kind in project::KINDS {
        let index = names.kind(kind);
        for (namespace, objects) in index.iter() {
            let Some(object) = objects.get(name).and_then(|found| found.first()) else { continue };
            match namespace == &plug.meta.namespace {
                true if *kind != wanted.kind => {
                    near.push((format!("this one is a {kind}: add `kind: {kind}`"), *object));
                }
                false if *kind == wanted.kind => {
                    let namespace = namespace.as_deref().unwrap_or("no known namespace");
                    near.push((
                        format!("this one is in {namespace}, and a Plug touches its own namespace only"),
                        *object,
                    ));
                }
                _ => {}
            }
        }
    }
    near.truncate(limits::CANDIDATES);
    near
}

fn advice(names: &Names<'_, '_>, plug: &Plug, wanted: &WorkloadRef, name: &str) -> String {
    let kind = names.kind(&wanted.kind);
    let here: Vec<&str> =
        kind.get(&plug.meta.namespace).map(|m| m.keys().map(String::as_str).collect()).unwrap_or_default();
    if let Some(close) = suggest(name, here.iter().copied()) {
        return format!("did you mean `{close}`?\nworkloads: [{{name: {close}}}]");
    }
    match &here[..] {
        [] => {
            format!("no {} of this namespace is in the input: render its manifest together with the Plug", wanted.kind)
        }
        some => {
            let more = some.len().saturating_sub(limits::CANDIDATES);
            let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
            let shown: Vec<_> = some.iter().take(limits::CANDIDATES).map(|n| format!("`{n}`")).collect();
            format!("here stand {}{rest}", shown.join(", "))
        }
    }
}

fn twice(names: &Names<'_, '_>, wanted: &WorkloadRef, first: Object, second: Object) -> Diagnostic {
    let now = |object: Object| metadata(names.tree(object)?, object.node, "name");
    let kind = &wanted.kind;
    let (message, texts, help) = match (now(first), now(second)) {
        (Some(one), Some(other)) if one != other => (
            format!("the {kind} that the Plug names is one of two that had this name: `{one}` and `{other}`"),
            ["this one too", "this one"],
            "couple after the build, when every name is final: `kustomize build DIR | coupler render -`",
        ),
        _ => (
            format!("the {kind} that the Plug names stands in the input twice"),
            ["again here", "first here"],
            "remove one of them: a cluster can only hold one",
        ),
    };
    Diagnostic::error(Code::DuplicateObject, message)
        .at(names.place(second), texts[0])
        .at(names.place(first), texts[1])
        .at(wanted.at, "named here")
        .help(help)
}
