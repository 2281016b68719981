//! Writes the `ClusterWorkloadResourceMapping` of a workload whose kind is not known, for a help.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::names::Names;
use crate::api::{Binder, WorkloadRef, WorkloadSelector};
use crate::diagnostic::{Help, Paste, lines};
use crate::limits;
use crate::manifest::stream::{StreamObject, group};
use crate::manifest::{Kind, NodeId, Tree};
use crate::project::{WorkloadKind, plural};

/// How a kind of workload becomes known: its mapping where its containers are found, else the kinds
/// that are.
pub(super) fn help(names: &Names<'_, '_>, binder: Binder<'_>, wanted: &WorkloadRef) -> Help {
    let known = || Help::from(format!("the known kinds are {}", WorkloadKind::list()));
    let said = names.said_near.replace(names.said_near.get() + 1);
    let entry = entry(names, binder, wanted).filter(|_| said < limits::NEAR_MISSES);
    let Some(entry) = entry else {
        return known();
    };
    let mut paths = BTreeSet::new();
    if let Some(tree) = names.tree(entry.object) {
        containers(tree, entry.object.node, &mut Vec::new(), &mut paths);
    }
    match paths.is_empty() {
        false => {
            let paste = Paste::beside(binder.subject(), mapping(entry, &paths));
            Help::from("declare where its pods are defined, in the stream or in the catalogue:")
                .paste(paste)
        }
        true => known().and(lines![
            ("a `ClusterWorkloadResourceMapping` in the stream or in the catalogue adds a kind")
        ]),
    }
}

/// The object that is named, or one of its kind.
fn entry<'r, 'a>(
    names: &Names<'r, 'a>,
    binder: Binder<'_>,
    wanted: &WorkloadRef,
) -> Option<&'r StreamObject<'a>> {
    let is_meant = |entry: &&StreamObject<'a>| {
        let version = wanted.api_version.as_deref();
        !entry.catalogue && version.is_none_or(|version| version == entry.api_version)
    };
    match &wanted.selector {
        WorkloadSelector::Name(name) => {
            let kind = names.kind(&wanted.kind);
            let here = kind
                .named
                .get(&binder.meta.namespace.as_deref().map(Cow::Borrowed))?;
            let named = here.get(name.value.as_str())?;
            named.iter().copied().find(is_meant)
        }
        WorkloadSelector::Labels(_) | WorkloadSelector::Matching(_) => names
            .stream
            .of_kind(&wanted.kind)
            .take(1)
            .find(|entry| is_meant(entry)),
    }
}

/// A step to a list of containers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum ListStep<'t> {
    Key(&'t str),
    /// Whichever item of a list.
    Each,
}

/// Finds the lists of objects under `containers` and `initContainers`.
fn containers<'t>(
    tree: &'t Tree<'_>,
    node: NodeId,
    path: &mut Vec<ListStep<'t>>,
    found: &mut BTreeSet<Vec<ListStep<'t>>>,
) {
    for child in tree.children(node) {
        let key = tree.key(child);
        path.push(key.map_or(ListStep::Each, ListStep::Key));
        let is_object = |item: NodeId| tree.kind(item) == Kind::Mapping;
        let is_list = matches!(key, Some("containers" | "initContainers"))
            && tree.kind(child) == Kind::Sequence
            && tree.children(child).next().is_some_and(is_object);
        match is_list {
            true if found.len() < limits::CANDIDATES => {
                found.insert(path.clone());
            }
            true => {}
            false => containers(tree, child, path, found),
        }
        path.pop();
    }
}

fn mapping(entry: &StreamObject<'_>, paths: &BTreeSet<Vec<ListStep<'_>>>) -> Help {
    let name = match group(&entry.api_version) {
        "" => plural(&entry.kind),
        group => format!("{}.{group}", plural(&entry.kind)),
    };
    let help = lines![
        ("apiVersion: servicebinding.io/v1"),
        ("kind: ClusterWorkloadResourceMapping"),
        ("metadata:"),
        ("  name: {name}"),
        ("spec:"),
        ("  versions:"),
        ("    - version: \"*\"")
    ];
    let lists = Help::from("      containers:");
    let lists = paths.iter().fold(lists, |help, path| {
        let path = json_path(path);
        help.and(lines![
            ("        - path: {path}[*]"),
            ("          name: .name")
        ])
    });
    pod_parts(help, paths).and(lists)
}

/// Adds where the annotations and the volumes are, where there is one pod.
fn pod_parts(help: Help, paths: &BTreeSet<Vec<ListStep<'_>>>) -> Help {
    let mut pods = paths.iter().filter_map(|path| path.split_last());
    let Some((_, pod)) = pods.next() else {
        return help;
    };
    if pods.any(|(_, other)| other != pod) || pod.contains(&ListStep::Each) {
        return help;
    }
    let pod_path = json_path(pod);
    // the metadata of a pod template is beside its `spec`
    let help = match pod.split_last() {
        Some((ListStep::Key("spec"), template)) if !template.is_empty() => {
            let template = json_path(template);
            help.and(lines![
                ("      annotations: {template}.metadata.annotations")
            ])
        }
        _ => help,
    };
    help.and(lines![("      volumes: {pod_path}.volumes")])
}

/// A path as a mapping has it.
fn json_path(path: &[ListStep<'_>]) -> String {
    let mut text = String::new();
    for step in path {
        match step {
            ListStep::Key(key) if key.contains(|c: char| !c.is_alphanumeric() && c != '-') => {
                text.push_str(&format!("['{key}']"));
            }
            ListStep::Key(key) => {
                text.push('.');
                text.push_str(key);
            }
            ListStep::Each => text.push_str("[*]"),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use crate::api::Settings;
    use crate::diagnostic::{Severity, has_errors};
    use crate::render::{Input, Role, Source, render};

    fn input(text: &str) -> Input {
        Input {
            sources: vec![Source {
                name: "input.yaml".to_owned(),
                text: text.to_owned(),
                role: Role::Stream,
            }],
            settings: Settings::default(),
        }
    }

    #[test]
    fn what_is_proposed_works_as_it_is_pasted() {
        for (spec, part) in [
            (
                "{template: {spec: {containers: [{name: a, image: b}]}}}",
                "annotations: .spec.template.metadata.annotations",
            ),
            (
                "{pod: {containers: [{name: a, image: b}], initContainers: [{name: c, image: d}]}}",
                "path: .spec.pod.initContainers[*]",
            ),
            (
                "{groups: [{'a.b': {spec: {containers: [{name: a, image: b}]}}}]}",
                "path: .spec.groups[*]['a.b'].spec.containers[*]",
            ),
        ] {
            let text = format!(
                "apiVersion: integration.rock8s.com/v1\nkind: Plug\nmetadata: {{name: cache, namespace: shop}}\nspec:\n  \
                 interface: {{name: redis}}\n  workloads: [{{kind: Worker, name: w, containers: [\"*\"]}}]\n\
                 ---\napiVersion: integration.rock8s.com/v1\nkind: Socket\nmetadata: {{name: cache, namespace: shop}}\nspec:\n  \
                 interface: {{name: redis, versions: [1.0.0]}}\n  config: {{host: cache}}\n\
                 ---\napiVersion: example.com/v1\nkind: Worker\nmetadata: {{name: w, namespace: shop}}\nspec: {spec}\n"
            );
            let before = input(&text);
            let output = render(&before);
            let [error] = &output.diagnostics[..] else {
                panic!("{:#?}", output.diagnostics)
            };
            assert_eq!(error.severity, Severity::Error);
            let help = error.help.as_ref().unwrap().as_str();
            assert!(help.contains(part), "{help}");
            let lines: Vec<&str> = help.lines().skip(1).collect();
            let after = input(&format!("{text}---\n{}\n", lines.join("\n")));
            let output = render(&after);
            assert!(
                !has_errors(&output.diagnostics),
                "{:#?}",
                output.diagnostics
            );
            let rendered: String = output.rendered[0].pieces.concat();
            assert!(rendered.contains("REDIS_HOST"), "{rendered}");
        }
    }
}
