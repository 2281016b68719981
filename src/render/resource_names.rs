//! Refuses the name of a Secret or ConfigMap in a resource, if kustomize renames the object later
//! and does not change the name in the resource.

use std::collections::BTreeSet;

use super::followed_names::{NamePlace, is_renamed_later, knows, not_followed};
use super::lookup::Finder;
use super::names::Names;
use super::own_objects::OwnObjects;
use crate::api::{ManifestNode, ManifestValue, Plug};
use crate::couple::{
    CoupledResource, Coupling, ReferenceKind, ResolvedValue, ResourceLeaf, Target, subject,
};
use crate::diagnostic::Findings;
use crate::manifest::Place;
use crate::manifest::path::Step;
use crate::manifest::stream::ObjectType;

/// A name in a resource.
struct NameInResource<'c> {
    name: &'c str,
    /// The kind of its object, where that is known.
    kind: Option<ReferenceKind>,
    /// Its path; `None`: it is in a variable of a container.
    path: Option<Vec<Step>>,
    at: Place,
}

/// Reports each object that kustomize still renames, and whose name it does not follow into a
/// resource.
pub(super) fn judge(
    names: &Names<'_, '_>,
    ours: &OwnObjects,
    couplings: &[Coupling],
    out: &mut Findings,
) {
    // most runs have none, and look through no text for it
    let has_resources = couplings
        .iter()
        .any(|coupling| !coupling.resources.is_empty());
    if !has_resources || !names.is_in_build() {
        return;
    }
    let finder = Finder::new(names);
    for coupling in couplings {
        let plug = &ours.integrations[coupling.plug];
        for resource in &coupling.resources {
            judge_one(names, &finder, plug, resource, out);
        }
    }
}

fn judge_one(
    names: &Names<'_, '_>,
    finder: &Finder<'_, '_, '_>,
    plug: &Plug,
    resource: &CoupledResource,
    out: &mut Findings,
) {
    let text = |key| match &resource.manifest.at_keys([key])?.value {
        ManifestValue::Leaf(ResourceLeaf::Written(json)) => json.as_str(),
        _ => None,
    };
    let (Some(api_version), Some(kind)) = (text("apiVersion"), text("kind")) else {
        return;
    };
    let own = names.workload_kinds.resource(api_version, kind);
    let is_noted = own.is_some_and(|own| plug.meta.name_references.contains(&own));
    let object_type = ObjectType {
        api_version: api_version.into(),
        kind: kind.into(),
    };
    let mut found = Vec::new();
    collect(&resource.manifest, &mut Vec::new(), &mut found);
    let mut judged = BTreeSet::new();
    for NameInResource {
        name,
        kind,
        path,
        at,
    } in found
    {
        let place = path
            .as_deref()
            .map_or(NamePlace::Variable, NamePlace::Field);
        let is_followed = |of: ReferenceKind| match place {
            NamePlace::Variable if is_noted => true,
            place => knows(&object_type, place, of),
        };
        let kinds = [ReferenceKind::Secret, ReferenceKind::ConfigMap];
        let kinds = kinds
            .into_iter()
            .filter(|of| kind.is_none_or(|kind| kind == *of));
        for of in kinds.filter(|of| !is_followed(*of)) {
            if !judged.insert((of, name)) {
                continue;
            }
            let target = Target {
                api_version: "v1",
                kind: of.object(),
                namespace: resource.home.namespace(),
                name,
            };
            let Some((tree, object)) = finder.of_stream(&target) else {
                continue;
            };
            if is_renamed_later(tree, object, name) {
                let object_words = format!("{} `{name}`", of.object());
                let error = not_followed(&object_type, &object_words, place, at);
                let error = error.at(names.place(object), "kustomize renames this one");
                out.report(error.on(subject("Plug", &plug.meta)));
            }
        }
    }
}

/// The names of Secrets and ConfigMaps in a manifest.
fn collect<'c>(
    node: &'c ManifestNode<ResourceLeaf>,
    path: &mut Vec<Step>,
    found: &mut Vec<NameInResource<'c>>,
) {
    match &node.value {
        ManifestValue::Map(members) => {
            for member in members {
                path.push(Step::Key(member.key.clone()));
                collect(&member.node, path, found);
                path.pop();
            }
        }
        ManifestValue::List(items) => {
            for (index, item) in items.iter().enumerate() {
                path.push(Step::Index(index));
                collect(item, path, found);
                path.pop();
            }
        }
        ManifestValue::Leaf(ResourceLeaf::ObjectName(name)) => found.push(NameInResource {
            name,
            kind: None,
            path: Some(path.clone()),
            at: node.at,
        }),
        ManifestValue::Leaf(ResourceLeaf::Evaluated(ResolvedValue::Reference(reference))) => {
            found.push(NameInResource {
                name: &reference.name,
                kind: Some(reference.kind),
                path: None,
                at: node.at,
            });
        }
        ManifestValue::Leaf(ResourceLeaf::Written(_) | ResourceLeaf::Evaluated(_)) => {}
    }
}
