//! Checks `resources` as they are written, for every Plug: objects that coupler does not write,
//! cluster-wide objects, and an object that would be the same for every Plug.

use std::collections::BTreeSet;

use super::provided::{
    Expr, Fallback, KeyReference, KeySource, ObjectValue, Owner, ProvidedKeys, TemplateNode, within,
};
use super::template::{Piece, Side, Syntax, Template, TemplatePath, parse_as};
use crate::api::{GROUP, ManifestNode, ManifestValue, ResourceHome, ResourceTemplate};
use crate::diagnostic::{Code, Diagnostic, Findings, Help, Paste, Reported, lines};
use crate::manifest::Place;
use crate::manifest::stream::group;

/// Kinds of the cluster, by group: those of Kubernetes, and those that are installed everywhere.
///
/// <https://kubernetes.io/docs/reference/kubernetes-api/>
const OF_CLUSTER: &[(&str, &[&str])] = &[
    ("", &["Namespace", "Node", "PersistentVolume"]),
    (
        "admissionregistration.k8s.io",
        &[
            "MutatingAdmissionPolicy",
            "MutatingAdmissionPolicyBinding",
            "MutatingWebhookConfiguration",
            "ValidatingAdmissionPolicy",
            "ValidatingAdmissionPolicyBinding",
            "ValidatingWebhookConfiguration",
        ],
    ),
    ("apiextensions.k8s.io", &["CustomResourceDefinition"]),
    ("apiregistration.k8s.io", &["APIService"]),
    ("cert-manager.io", &["ClusterIssuer"]),
    ("certificates.k8s.io", &["CertificateSigningRequest"]),
    (
        "external-secrets.io",
        &["ClusterExternalSecret", "ClusterSecretStore"],
    ),
    (
        "flowcontrol.apiserver.k8s.io",
        &["FlowSchema", "PriorityLevelConfiguration"],
    ),
    ("kyverno.io", &["ClusterPolicy", "ClusterCleanupPolicy"]),
    ("networking.k8s.io", &["IngressClass"]),
    ("node.k8s.io", &["RuntimeClass"]),
    (
        "rbac.authorization.k8s.io",
        &["ClusterRole", "ClusterRoleBinding"],
    ),
    ("scheduling.k8s.io", &["PriorityClass"]),
    ("servicebinding.io", &["ClusterWorkloadResourceMapping"]),
    (
        "storage.k8s.io",
        &["CSIDriver", "CSINode", "StorageClass", "VolumeAttachment"],
    ),
];

/// Reports what is wrong with resources as they are written.
pub(super) fn judge(
    provided: &ProvidedKeys<'_>,
    resources: &[ResourceTemplate],
    out: &mut Findings,
) -> Option<Reported> {
    let owner = provided.owner;
    let mut errors = Vec::new();
    for resource in resources {
        let before = errors.len();
        refuse(resource, &mut errors);
        if errors.len() == before {
            errors.extend(wrong_scope(owner, resource));
            errors.extend(not_distinct(provided, resource));
        }
    }
    out.report_all(errors.into_iter().map(|error| error.on(owner.subject())))
}

/// Reports the texts of resources that are no templates.
pub(super) fn judge_templates(
    provided: &ProvidedKeys<'_>,
    resources: &[ResourceTemplate],
    out: &mut Findings,
) {
    for resource in resources {
        let what = format!("resources[name={}]", resource.name.value);
        let condition = resource.condition.iter();
        let condition = condition.map(|condition| (condition.value.as_str(), condition.at));
        let mut texts: Vec<(&str, Place)> = condition.collect();
        add_texts(&resource.manifest, &mut texts);
        for (text, at) in texts {
            if let Err(error) = parse_as(text, Syntax::Expressions) {
                let error = error.diagnostic(&what, within(at, text, &error.span));
                out.report(error.on(provided.owner.subject()));
            }
        }
    }
}

fn add_texts<'m>(node: &'m ManifestNode<serde_json::Value>, texts: &mut Vec<(&'m str, Place)>) {
    match &node.value {
        ManifestValue::Leaf(json) => texts.extend(json.as_str().map(|text| (text, node.at))),
        ManifestValue::List(items) => items.iter().for_each(|item| add_texts(item, texts)),
        ManifestValue::Map(members) => members
            .iter()
            .for_each(|member| add_texts(&member.node, texts)),
    }
}

/// The text of a member that is written out.
fn written<'m>(node: &'m ManifestNode<serde_json::Value>, key: &str) -> Option<&'m str> {
    match &node.member(key)?.value {
        ManifestValue::Leaf(json) => json.as_str().filter(|text| !text.is_empty()),
        ManifestValue::List(_) | ManifestValue::Map(_) => None,
    }
}

/// Adds the errors of a manifest that coupler does not emit.
fn refuse(resource: &ResourceTemplate, errors: &mut Vec<Diagnostic>) {
    let manifest = &resource.manifest;
    let mut refuse = |at: Place, why: String, help: &'static str| {
        let message = format!(
            "coupler does not write resource `{}`: {why}",
            resource.name.value
        );
        let error = Diagnostic::error(Code::ResourceRefused, message).at(at, "this");
        errors.push(error.help(help));
    };
    for key in ["apiVersion", "kind"] {
        match written(manifest, key) {
            None => refuse(
                resource.manifest.at,
                format!("its manifest has no `{key}`"),
                "a manifest has `apiVersion`, `kind` and `metadata: {name: …}`",
            ),
            Some(text) if text.contains("<%") => refuse(
                manifest.member(key).map_or(manifest.at, |node| node.at),
                format!("its `{key}` is a template"),
                "write the value without a template; if there are several, write a resource for \
                 each, with an `if`",
            ),
            Some(_) => {}
        }
    }
    let metadata = manifest.member("metadata");
    if metadata.is_none_or(|metadata| written(metadata, "name").is_none()) {
        let at = metadata.map_or(manifest.at, |metadata| metadata.at);
        refuse(
            at,
            "its manifest has no `metadata.name`".to_owned(),
            "a name that varies with the Plug: `name: <% plug.namespace %>-<% plug.object %>`",
        );
    }
    for (key, why, help) in [
        (
            "namespace",
            "its manifest has a namespace",
            "remove `metadata.namespace`: the `namespace` of the entry declares where the object \
             is",
        ),
        (
            "generateName",
            "it has a `generateName`, so each render would add another object",
            "give it a `name`; if the name must change with the values, write `<% plug.digest %>` \
             into it",
        ),
    ] {
        if let Some(node) = metadata.and_then(|metadata| metadata.member(key)) {
            refuse(node.at, why.to_owned(), help);
        }
    }
    let (version, kind) = (
        written(manifest, "apiVersion").unwrap_or_default(),
        written(manifest, "kind").unwrap_or_default(),
    );
    let at = manifest.member("kind").map_or(manifest.at, |node| node.at);
    if group(version) == GROUP {
        refuse(
            at,
            "it is an object of coupler's own kinds".to_owned(),
            "write it as a document of its own",
        );
    } else if group(version).is_empty() && kind == "Secret" {
        refuse(
            at,
            "it is a Secret, and coupler writes none".to_owned(),
            "let an ExternalSecret, a SealedSecret or an operator create it: one of these can be \
             a resource",
        );
    } else if kind.ends_with("List") && manifest.member("items").is_some() || kind == "List" {
        refuse(
            at,
            "it is a list of objects".to_owned(),
            "write a resource for each object",
        );
    }
    if let Some(status) = manifest.member("status") {
        refuse(
            status.at,
            "the cluster writes the status".to_owned(),
            "remove `status`",
        );
    }
    for part in ["labels", "annotations"] {
        let Some(node) = metadata.and_then(|metadata| metadata.member(part)) else {
            continue;
        };
        let ManifestValue::Map(members) = &node.value else {
            continue;
        };
        for member in members {
            let domain = member.key.split_once('/').map_or("", |(domain, _)| domain);
            if domain == GROUP || domain.ends_with(&format!(".{GROUP}")) {
                let why = format!("`{}` belongs to coupler", member.key);
                refuse(
                    member.node.at,
                    why,
                    "remove it: coupler writes it where it is needed",
                );
            }
        }
    }
}

/// The error of an object of the cluster that is said to be in a namespace.
fn wrong_scope(owner: Owner<'_>, resource: &ResourceTemplate) -> Option<Diagnostic> {
    let version = written(&resource.manifest, "apiVersion")?;
    let kind = written(&resource.manifest, "kind")?;
    let mut known = OF_CLUSTER.iter();
    let is_of_cluster =
        known.any(|(known, kinds)| *known == group(version) && kinds.contains(&kind));
    if !is_of_cluster || resource.home == ResourceHome::Cluster {
        return None;
    }
    let message = format!(
        "resource `{}` is a {kind}, which is cluster-wide",
        resource.name.value
    );
    let lines = lines![("- name: {}", resource.name.value), ("  namespace: None")];
    let path = format!("spec.resources[{}]", resource.position);
    let help = Help::from("declare that it is in no namespace:").paste(Paste::item(
        owner.subject(),
        path,
        lines,
    ));
    let at = resource.manifest.member("kind").map(|node| node.at);
    let error = Diagnostic::error(Code::ResourceScope, message)
        .at(at.unwrap_or(resource.at), "cluster-wide");
    Some(error.help(help))
}

/// The error of a Socket's resource that is one object, whichever Plug couples.
fn not_distinct(provided: &ProvidedKeys<'_>, resource: &ResourceTemplate) -> Option<Diagnostic> {
    if provided.owner.side == Side::Plug {
        return None;
    }
    let name = resource.manifest.at_keys(["metadata", "name"])?;
    let ManifestValue::Leaf(serde_json::Value::String(text)) = &name.value else {
        return None;
    };
    // what cannot be read is reported where it is evaluated
    let template = parse_as(text, Syntax::Expressions).ok()?;
    let mut seen = BTreeSet::new();
    if template.is_some_and(|template| uses_plug(&template, provided, &mut seen)) {
        return None;
    }
    let message = format!(
        "resource `{}` is the same object for every Plug: its name does not vary with the Plug",
        resource.name.value
    );
    let help = "put the Plug into the name: `<% plug.namespace %>-<% plug.object %>`; if there \
     should be one object for all Plugs, write it as a manifest next to the Socket";
    let error = Diagnostic::error(Code::ResourceNotDistinct, message).at(name.at, "this name");
    Some(error.help(help))
}

/// Whether what a template gives may vary with the Plug.
fn uses_plug<'p>(
    template: &Template,
    provided: &'p ProvidedKeys<'_>,
    seen: &mut BTreeSet<&'p str>,
) -> bool {
    template.pieces.iter().any(|piece| match piece {
        Piece::Text(_) => false,
        Piece::Computed(text, _) | Piece::Whole(text) => {
            text.contains("plug") || {
                // any key of the Socket may be meant
                text.contains("socket") && {
                    let keys: Vec<&str> = provided.slots.iter().map(|slot| slot.key).collect();
                    keys.into_iter()
                        .any(|key| text.contains(key) && key_uses_plug(key, provided, seen))
                }
            }
        }
        Piece::Path(path, _) => match path {
            TemplatePath::Object | TemplatePath::Digest => true,
            TemplatePath::Name(side) | TemplatePath::Namespace(side) => *side == Side::Plug,
            TemplatePath::Key(Side::Plug, ..) | TemplatePath::Reference(Side::Plug, ..) => true,
            TemplatePath::Key(Side::Socket, key, _)
            | TemplatePath::Reference(Side::Socket, key, _) => key_uses_plug(key, provided, seen),
            // a source is made for one Plug
            TemplatePath::Key(Side::Source, ..) | TemplatePath::Reference(Side::Source, ..) => true,
            TemplatePath::Local(..)
            | TemplatePath::InterfaceName
            | TemplatePath::InterfaceVersion => false,
        },
    })
}

fn key_uses_plug<'p>(
    key: &str,
    provided: &'p ProvidedKeys<'_>,
    seen: &mut BTreeSet<&'p str>,
) -> bool {
    let Some(slot) = provided.find(key).map(|slot| &provided.slots[slot]) else {
        return false;
    };
    if !seen.insert(slot.key) {
        return false;
    }
    if let Fallback::Texts(texts) = slot.fallback
        && texts
            .iter()
            .any(|text| uses_plug(&text.template, provided, seen))
    {
        return true;
    }
    let value: &Expr<'_> = match &slot.source {
        KeySource::Config(value) => value,
        KeySource::Host(service) | KeySource::Port(service, _) => &service.name,
        KeySource::Reference(KeyReference { name, .. })
        | KeySource::Object(ObjectValue { name, .. }) => name,
        KeySource::Default | KeySource::Composed | KeySource::Broken(_) => return false,
    };
    node_uses_plug(&value.node, provided, seen)
}

fn node_uses_plug<'p>(
    node: &TemplateNode<'_>,
    provided: &'p ProvidedKeys<'_>,
    seen: &mut BTreeSet<&'p str>,
) -> bool {
    match node {
        TemplateNode::Literal(_) | TemplateNode::Plain(_) => false,
        TemplateNode::Text(template, _) => uses_plug(template, provided, seen),
        TemplateNode::List(items) => items
            .iter()
            .any(|item| node_uses_plug(item, provided, seen)),
        TemplateNode::Map(members) => members
            .iter()
            .any(|(_, member)| node_uses_plug(member, provided, seen)),
    }
}
