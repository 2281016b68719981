//! Selects the workloads that one Plug names, by name or by labels, and makes the error if there is
//! none.

use std::borrow::Cow;

use super::names::{NameQuery, Names, ObjectsByLabels};
use super::{pods_elsewhere, proposed_mapping, workload_remedy};
use crate::api::{
    Binder, BinderKind, TooManyLooks, WorkloadRef, WorkloadSelector, renamed, suggest,
};
use crate::diagnostic::{Code, CommonCause, Diagnostic, Findings, Help, lines, list};
use crate::limits;
use crate::manifest::stream::{Object, StreamObject, metadata};
use crate::manifest::{NotReadable, emit};
use crate::project::{self, WorkloadKind};

/// The workloads that one entry of a Plug's `workloads` names; none is an error.
///
/// # Errors
/// The Plugs of this run choose among too many workloads.
pub(super) fn workloads(
    names: &Names<'_, '_>,
    binder: Binder<'_>,
    wanted: &WorkloadRef,
    out: &mut Findings,
) -> Result<Vec<Object>, TooManyLooks> {
    let kinds = names.workload_kinds;
    let known = match &wanted.api_version {
        Some(version) => kinds.of(version, &wanted.kind).is_some(),
        None => kinds.is_known(&wanted.kind),
    };
    if !known {
        let errors = faults(names, wanted);
        match errors.is_empty() {
            true => {
                let help = proposed_mapping::help(names, binder, wanted);
                out.report(unsupported(wanted, help).on(binder.subject()));
            }
            false => out.extend(errors),
        }
        return Ok(Vec::new());
    }
    let SelectedWorkloads {
        objects: found,
        not_readable,
    } = find(names, binder, wanted)?;
    let is_sure = not_readable.is_empty();
    for (object, why) in not_readable {
        let what = format!(
            "whether a {} is the one that a {} names",
            wanted.kind,
            binder.kind.word()
        );
        let at = |span| names.stream.place(object.document, span);
        let error = Diagnostic::not_readable(&what, &why, at).at(wanted.at, "asked for here");
        out.report(error.on(binder.subject()));
    }
    let errors = match found.is_empty() && is_sure {
        true => faults(names, wanted),
        false => Vec::new(),
    };
    if found.is_empty() && is_sure && errors.is_empty() {
        let foreign = foreign(names, binder, wanted);
        let error = foreign.unwrap_or_else(|| missing(names, binder, wanted));
        out.report(error.because(no_workload(wanted)).on(binder.subject()));
    }
    out.extend(errors);
    if let (WorkloadSelector::Name(_), [first, second, ..]) = (&wanted.selector, &found[..]) {
        out.report(twice(names, binder, wanted, *first, *second).on(binder.subject()));
        return Ok(Vec::new());
    }
    if !WorkloadKind::may_take_pods(&wanted.kind) {
        return Ok(found);
    }
    let mut with_pods = found;
    with_pods.retain(
        |object| match pods_elsewhere::error(names, binder, wanted, *object) {
            Some(error) => {
                out.report(error.on(binder.subject()));
                false
            }
            None => true,
        },
    );
    Ok(with_pods)
}

/// The workloads that a Plug asks for, and those that it may be asking for.
#[derive(Default)]
struct SelectedWorkloads {
    objects: Vec<Object>,
    /// What decides it cannot be read.
    not_readable: Vec<(Object, NotReadable)>,
}

impl SelectedWorkloads {
    /// Leaves out what is of another version than is asked for, and adds what may be meant too.
    fn add_labelled(
        &mut self,
        names: &Names<'_, '_>,
        labelled: &ObjectsByLabels<'_>,
        asked: Option<&str>,
    ) {
        let not_readable = labelled.not_readable.iter().take(limits::CANDIDATES);
        self.not_readable.extend(not_readable.cloned());
        if let Some(asked) = asked {
            self.objects
                .retain(|object| api_version(names, *object) == Some(asked));
        }
    }
}

fn find(
    names: &Names<'_, '_>,
    binder: Binder<'_>,
    wanted: &WorkloadRef,
) -> Result<SelectedWorkloads, TooManyLooks> {
    let namespace = binder.meta.namespace.as_deref();
    let is_workload = |entry: &StreamObject<'_>| {
        let known = || names.workload_kinds.of(&entry.api_version, &wanted.kind);
        !entry.catalogue && known().is_some()
    };
    let asked = wanted.api_version.as_deref();
    let mut found = SelectedWorkloads::default();
    match &wanted.selector {
        WorkloadSelector::Name(name) => {
            let named = NameQuery {
                kind: &wanted.kind,
                namespace,
                name: &name.value,
                asked,
            };
            let namesakes = names.namesakes(named, |entry| {
                is_workload(entry) && asked.is_none_or(|asked| *entry.api_version == *asked)
            })?;
            found.objects = names.meant(binder.meta.at, &namesakes)?;
            if found.objects.is_empty() {
                let kind = names.kind(&wanted.kind);
                found
                    .not_readable
                    .extend(kind.not_readable.iter().take(limits::CANDIDATES).cloned());
            }
        }
        WorkloadSelector::Labels(labels) => {
            let labelled = names.labelled(&wanted.kind, namespace, is_workload);
            found.objects = labelled.index.matching(labels, &names.room)?;
            found.add_labelled(names, &labelled, asked);
        }
        WorkloadSelector::Matching(selector) => {
            let labelled = names.labelled(&wanted.kind, namespace, is_workload);
            found.objects = labelled.index.matching(&selector.labels, &names.room)?;
            found
                .objects
                .retain(|object| names.is_accepted(*object, selector));
            found.add_labelled(names, &labelled, asked);
        }
    }
    Ok(found)
}

fn api_version<'r>(names: &Names<'r, '_>, object: Object) -> Option<&'r str> {
    let tree = names.tree(object)?;
    // an object whose kind cannot be read is none of a kind
    tree.read_text(object.node, &["apiVersion"]).shown()
}

/// No workload is the one that a Plug asks for.
fn no_workload(wanted: &WorkloadRef) -> CommonCause {
    let word = match &wanted.selector {
        WorkloadSelector::Name(name) => Some(name.value.clone()),
        WorkloadSelector::Labels(_) | WorkloadSelector::Matching(_) => None,
    };
    let kind = wanted.kind.clone();
    CommonCause::NoObject { kind, word }
}

/// What is wrong with the mapping of the kind of workload that is asked for.
fn faults(names: &Names<'_, '_>, wanted: &WorkloadRef) -> Vec<Diagnostic> {
    let of = |version: &str| names.workload_kinds.faults(version, &wanted.kind);
    let errors = match &wanted.api_version {
        Some(version) => of(version),
        None => {
            let mut entries = names.stream.of_kind(&wanted.kind);
            let first = entries.find(|entry| !entry.catalogue);
            first.map_or(Vec::new(), |entry| of(&entry.api_version))
        }
    };
    let at = |error: Diagnostic| error.at(wanted.at, "of the kind of this workload");
    errors.into_iter().map(at).collect()
}

fn unsupported(wanted: &WorkloadRef, help: Help) -> Diagnostic {
    let kind = &wanted.kind;
    let version = wanted
        .api_version
        .as_deref()
        .map(|v| format!(" of `{v}`"))
        .unwrap_or_default();
    Diagnostic::error(
        Code::UnsupportedWorkload,
        format!("`{kind}`{version} is not a kind with a pod template that coupler knows"),
    )
    .at(wanted.at, "this workload")
    .help(help)
}

/// The error about a workload of this kind and name that is of a group, or of a version, that is
/// not asked for or not known.
fn foreign(names: &Names<'_, '_>, binder: Binder<'_>, wanted: &WorkloadRef) -> Option<Diagnostic> {
    let WorkloadSelector::Name(name) = &wanted.selector else {
        return None;
    };
    let kind = names.kind(&wanted.kind);
    let here = kind
        .named
        .get(&binder.meta.namespace.as_deref().map(Cow::Borrowed))?;
    let entry = here
        .get(name.value.as_str())?
        .iter()
        .find(|entry| !entry.catalogue)?;
    let version = &entry.api_version;
    let message = format!("{} `{}` is of `{version}`", wanted.kind, name.value);
    let error = if names.workload_kinds.of(version, &wanted.kind).is_some() {
        Diagnostic::error(
            Code::WorkloadNotFound,
            format!("{message}, and {} names another version", binder.kind.the()),
        )
        .help(
            Help::from("leave out the `apiVersion`, or write this one:").paste(
                workload_remedy::with_members(
                    binder,
                    wanted,
                    format!("apiVersion: {version}").into(),
                ),
            ),
        )
    } else {
        let message =
            format!("{message}, which is not a kind with a pod template that coupler knows");
        Diagnostic::error(Code::UnsupportedWorkload, message)
            .help(proposed_mapping::help(names, binder, wanted))
    };
    Some(
        error
            .at(name.at, "asked for here")
            .at(names.place(entry.object), format!("of `{version}`")),
    )
}

/// Workloads that have the wanted labels on their pods and not themselves.
fn labelled_pods(
    names: &Names<'_, '_>,
    binder: Binder<'_>,
    wanted: &WorkloadRef,
) -> Vec<(String, Object)> {
    let WorkloadSelector::Labels(labels) = &wanted.selector else {
        return Vec::new();
    };
    let kind = names.kind(&wanted.kind);
    let here = kind
        .named
        .get(&binder.meta.namespace.as_deref().map(Cow::Borrowed));
    let mut found = Vec::new();
    for (name, entries) in here.into_iter().flatten().take(limits::NEAR_MISSES) {
        for entry in entries.iter().filter(|entry| !entry.catalogue) {
            let Some(tree) = names.tree(entry.object) else {
                continue;
            };
            let Some(known) = names.workload_kinds.of_object(tree, entry.object.node) else {
                continue;
            };
            let metadata = known.mapping.annotations.holder(tree, entry.object.node);
            let pods = metadata.shown();
            let pods = pods.and_then(|pods| tree.read_member(pods, "labels").shown());
            let has = |(key, value): (&String, &String)| {
                let label = pods.and_then(|pods| tree.read_text(pods, &[key]).shown());
                label == Some(value)
            };
            if labels.iter().all(has) {
                found.push((name.to_string(), entry.object));
            }
        }
    }
    found.truncate(limits::CANDIDATES);
    found
}

fn missing(names: &Names<'_, '_>, binder: Binder<'_>, wanted: &WorkloadRef) -> Diagnostic {
    let kind = &wanted.kind;
    let place = binder
        .meta
        .namespace
        .as_deref()
        .map(|n| format!(" in namespace `{n}`"))
        .unwrap_or_default();
    let (message, at) = match &wanted.selector {
        WorkloadSelector::Name(name) => (
            format!("there is no {kind} `{}`{place}", name.value),
            name.at,
        ),
        WorkloadSelector::Labels(labels) => {
            let labels: Vec<_> = labels
                .iter()
                .map(|(key, value)| format!("{key}={value}"))
                .collect();
            (
                format!(
                    "there is no {kind} with the labels {}{place}",
                    labels.join(",")
                ),
                wanted.at,
            )
        }
        WorkloadSelector::Matching(selector) => {
            let labels = match selector.to_string() {
                text if text.is_empty() => String::new(),
                text => format!(" with the labels {text}"),
            };
            (format!("there is no {kind}{labels}{place}"), wanted.at)
        }
    };
    let mut diagnostic = Diagnostic::error(Code::WorkloadNotFound, message)
        .at(at, format!("named by {}", binder.called()));
    if names.said_near.replace(names.said_near.get() + 1) >= limits::NEAR_MISSES {
        return diagnostic;
    }
    if let WorkloadSelector::Name(name) = &wanted.selector {
        if let Some((object, help)) = generated(names, binder, wanted, &name.value) {
            return diagnostic
                .at(names.place(object), "this one has a generated name")
                .help(help);
        }
        let near = near(names, binder, wanted, &name.value);
        let other_kind = near.iter().find_map(|near| near.other_kind);
        for Near { label, object, .. } in near {
            diagnostic = diagnostic.at(names.place(object), label);
        }
        return diagnostic.help(match other_kind {
            Some(kind) => Help::from(format!("write the kind {kind}:")).paste(
                workload_remedy::with_members(binder, wanted, format!("kind: {kind}").into()),
            ),
            None => advice(names, binder, wanted, &name.value),
        });
    }
    let pods = labelled_pods(names, binder, wanted);
    for (_, object) in &pods {
        diagnostic = diagnostic.at(
            names.place(*object),
            "its pods have these labels, and the object itself does not",
        );
    }
    diagnostic.help(match &pods[..] {
        [] => lines![(
            "a {} can only couple workloads of its own namespace; label a {kind} there, or name it: `{}`",
            binder.kind.word(),
            match binder.kind {
                BinderKind::Plug | BinderKind::Socket => "workloads: [{name: …}]",
                BinderKind::ServiceBinding => "workload: {…, name: …}",
            }
        )],
        [(name, _), ..] => Help::from(format!(
            "labels are compared with the {kind}'s own `metadata.labels`: write them there, or name it:"
        ))
        .paste(workload_remedy::selected_by(
            binder,
            wanted,
            &format!("name: {name}"),
        )),
    })
}

/// An object whose name the cluster makes, and which may be meant by this one; and how to choose
/// it.
fn generated(
    names: &Names<'_, '_>,
    binder: Binder<'_>,
    wanted: &WorkloadRef,
    name: &str,
) -> Option<(Object, Help)> {
    let kind = names.kind(&wanted.kind);
    let is_meant = |prefix: &str| name.starts_with(prefix.trim_end_matches('-'));
    let mut here = kind
        .generated
        .iter()
        .filter(|found| found.namespace.as_deref() == binder.meta.namespace.as_deref());
    let found = here.find(|found| is_meant(&found.prefix))?;
    let object = found.entry.object;
    let labels = names
        .tree(object)
        .and_then(|tree| project::own_labels(tree, object.node));
    let help = match labels {
        Some(labels) => {
            let selector = format!("matchLabels: {{{labels}}}");
            Help::from("select it by its labels:")
                .paste(workload_remedy::selected_by(binder, wanted, &selector))
        }
        None => lines![(
            "the cluster generates the name from `{}`: give the object a label, and select it by \
             `matchLabels`",
            found.prefix
        )],
    };
    Some((object, help))
}

/// An object that is no answer.
struct Near {
    /// Why not.
    label: String,
    object: Object,
    /// Its kind, where that is all that is wrong.
    other_kind: Option<&'static str>,
}

/// Objects of that name which are no answer, and why not: another kind, another namespace.
fn near(names: &Names<'_, '_>, binder: Binder<'_>, wanted: &WorkloadRef, name: &str) -> Vec<Near> {
    let mut near = Vec::new();
    for kind in WorkloadKind::names() {
        let index = names.kind(kind);
        let is_workload = |entry: &&&StreamObject<'_>| {
            let kinds = names.workload_kinds;
            kinds.of(&entry.api_version, kind).is_some()
        };
        for (namespace, objects) in &index.named {
            let mut found = objects.get(name).into_iter().flatten();
            let Some(object) = found.find(is_workload).map(|entry| entry.object) else {
                continue;
            };
            match namespace.as_deref() == binder.meta.namespace.as_deref() {
                true if kind != wanted.kind => {
                    near.push(Near {
                        label: format!("this one is a {kind}"),
                        object,
                        other_kind: Some(kind),
                    });
                }
                false if kind == wanted.kind => {
                    let namespace = namespace.as_deref().unwrap_or("an unknown namespace");
                    near.push(Near {
                        label: format!(
                            "this one is in {namespace}, and a {} can only couple objects of its own namespace",
                            binder.kind.word()
                        ),
                        object,
                        other_kind: None,
                    });
                }
                _ => {}
            }
        }
    }
    near.truncate(limits::CANDIDATES);
    near
}

fn advice(names: &Names<'_, '_>, binder: Binder<'_>, wanted: &WorkloadRef, name: &str) -> Help {
    let kind = names.kind(&wanted.kind);
    let here = kind
        .named
        .get(&binder.meta.namespace.as_deref().map(Cow::Borrowed));
    let here: Vec<&str> = here
        .map(|names| names.keys().map(AsRef::as_ref).collect())
        .unwrap_or_default();
    if let Some(now) = renamed(name, &binder.meta.name.value, here.iter().copied()) {
        return workload_remedy::names_follow(&wanted.kind, now);
    }
    if let Some(close) = suggest(name, here.iter().copied()) {
        let line = format!("name: {}", emit::flow_string(close));
        return Help::from(format!("did you mean `{close}`?"))
            .paste(workload_remedy::with_members(binder, wanted, line.into()));
    }
    match &here[..] {
        [] => {
            lines![(
                "no {} of this namespace is in the input: render its manifest together with {}",
                wanted.kind,
                binder.kind.the()
            )]
        }
        some => lines![(
            "the {}s of this namespace are {}",
            wanted.kind,
            list(some.iter())
        )],
    }
}

fn twice(
    names: &Names<'_, '_>,
    binder: Binder<'_>,
    wanted: &WorkloadRef,
    first: Object,
    second: Object,
) -> Diagnostic {
    let now = |object: Object| {
        metadata(names.tree(object)?, object.node, "name")
            .known()
            .ok()?
    };
    let kind = &wanted.kind;
    let (message, texts, help) = match (now(first), now(second)) {
        (Some(one), Some(other)) if one != other => (
            format!(
                "two objects of kind {kind} had the name that {} uses: `{one}` and `{other}`",
                binder.kind.the()
            ),
            ["this one too", "this one"],
            "render after the build, when every name is final: `kustomize build DIR | coupler \
             render -`",
        ),
        _ if api_version(names, first) != api_version(names, second) => {
            let (one, other) = (api_version(names, first), api_version(names, second));
            let (one, other) = (one.unwrap_or("…"), other.unwrap_or("…"));
            return Diagnostic::error(
                Code::DuplicateObject,
                format!(
                    "two kinds are called {kind}, and both have an object that {} names",
                    binder.kind.the()
                ),
            )
            .at(names.place(second), format!("of `{other}`"))
            .at(names.place(first), format!("of `{one}`"))
            .at(wanted.at, "named here")
            .help([one, other].iter().fold(
                Help::from("write its `apiVersion`:"),
                |help, version| {
                    let line = format!("apiVersion: {version}").into();
                    help.paste(workload_remedy::with_members(binder, wanted, line))
                },
            ));
        }
        _ => (
            format!(
                "the {kind} that {} names is defined twice in the input",
                binder.kind.the()
            ),
            ["again here", "first here"],
            "remove one of them: a cluster can have only one",
        ),
    };
    Diagnostic::error(Code::DuplicateObject, message)
        .at(names.place(second), texts[0])
        .at(names.place(first), texts[1])
        .at(wanted.at, "named here")
        .help(help)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;
    use crate::api::Settings;
    use crate::manifest::stream::Stream;
    use crate::project::BUILT_IN;
    use crate::render::own_objects::OwnObjects;

    #[test]
    fn each_plug_looks_at_the_workloads_with_its_own_label_alone() {
        let n = 100;
        let mut text = String::new();
        for i in 0..n {
            writeln!(
                text,
                "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: w{i}, labels: {{all: b, own: l{i}}}}}\n---\n\
                 apiVersion: integration.rock8s.com/v1\nkind: Plug\nmetadata: {{name: p{i}}}\nspec:\n  interface: {{name: x}}\n  \
                 workloads: [{{matchLabels: {{all: b, own: l{i}}}}}]"
            )
            .unwrap();
        }
        let mut stream = Stream::default();
        stream.add(0, &text, false);
        let ours = OwnObjects::decode(&stream, &Settings::default(), &mut Findings::new());
        let names = Names::new(&stream, None, &BUILT_IN);
        assert_eq!(ours.integrations.plugs.len(), n);
        for (i, plug) in ours.integrations.plugs.iter().enumerate() {
            let mut out = Findings::new();
            let found = workloads(&names, plug.binder(), &plug.workloads[0], &mut out).unwrap();
            assert_eq!((found.len(), found[0].document, out.len()), (1, 2 * i, 0));
        }
        assert_eq!(names.room.used(), n);
    }

    #[test]
    fn a_workload_that_is_chosen_by_its_name_is_not_read_yet() {
        let text = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n---\n\
            apiVersion: integration.rock8s.com/v1\nkind: Plug\nmetadata: {name: db}\nspec:\n  interface: {name: x}\n  \
            workloads: [{name: web}]\n";
        let mut stream = Stream::default();
        stream.add(0, text, false);
        let ours = OwnObjects::decode(&stream, &Settings::default(), &mut Findings::new());
        let names = Names::new(&stream, None, &BUILT_IN);
        let plug = &ours.integrations.plugs[0];
        let mut out = Findings::new();
        let found = workloads(&names, plug.binder(), &plug.workloads[0], &mut out).unwrap();
        assert_eq!((found.len(), out.len(), stream.kept()), (1, 0, 0));
    }
}
