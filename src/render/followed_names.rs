//! Refuses the name of a Secret or ConfigMap in a field where kustomize does not change it when it
//! renames the object at the end of its build.

use std::collections::BTreeSet;

use super::lookup::Finder;
use super::names::{NEEDS_HASH, Names};
use crate::api::Binder;
use crate::couple::{
    Bindings, EnvSource, FieldContent, FieldEntry, FileSource, ReferenceKind, ReferredObject,
    Target,
};
use crate::diagnostic::{Code, Diagnostic, Findings, Help, lines};
use crate::manifest::path::Step;
use crate::manifest::stream::{Object, ObjectType, metadata, type_of};
use crate::manifest::{Place, Tree};
use crate::project::{KnownNames, WorkloadKind};

/// What one Plug or Socket writes into one object.
pub(super) struct WrittenNames<'w> {
    pub(super) binder: Binder<'w>,
    pub(super) written: &'w Bindings,
    /// The object.
    pub(super) object: Object,
    pub(super) tree: &'w Tree<'w>,
    /// Whether variables and files go into its pods.
    pub(super) into_pods: bool,
    /// Its fields that are written.
    pub(super) fields: Vec<&'w FieldEntry>,
}

/// A name that is written, and where.
struct WrittenName<'w> {
    object: ReferredObject<'w>,
    place: NamePlace<'w>,
    /// What in the Plug asks for it.
    at: Place,
}

/// Where in an object a name is written.
#[derive(Clone, Copy)]
pub(super) enum NamePlace<'w> {
    /// In a variable of a container.
    Variable,
    /// In a projected volume.
    Volume,
    /// In a field.
    Field(&'w [Step]),
}

/// Reports each object that kustomize still renames, and whose name it does not follow to where a
/// Plug writes it.
pub(super) fn judge(
    finder: &Finder<'_, '_, '_>,
    names: &Names<'_, '_>,
    written: &WrittenNames<'_>,
    out: &mut Findings,
) {
    let Some(kind) = type_of(written.tree, written.object.node) else {
        return;
    };
    let resource = names.workload_kinds.resource(&kind.api_version, &kind.kind);
    let is_noted = resource.is_some_and(|own| written.binder.meta.name_references.contains(&own));
    let mut judged = BTreeSet::new();
    for name in written.names() {
        let followed = match name.place {
            NamePlace::Variable | NamePlace::Volume if is_noted => true,
            place => knows(&kind, place, name.object.kind),
        };
        if followed || !names.is_in_build() {
            continue;
        }
        if !judged.insert(name.object) {
            continue;
        }
        let target = Target {
            api_version: "v1",
            kind: name.object.kind.object(),
            namespace: written.binder.meta.namespace.as_deref(),
            name: name.object.name,
        };
        let Some((tree, object)) = finder.of_stream(&target) else {
            continue;
        };
        if is_renamed_later(tree, object, name.object.name) {
            let at = names.place_in(written.tree, written.object);
            let object_words = format!("{} `{}`", target.kind, target.name);
            let error = not_followed(&kind, &object_words, name.place, name.at);
            let error = error.at(names.place(object), "kustomize renames this one");
            let error = error.at(at, "the name is written into this object");
            out.report(error.on(written.binder.subject()));
        }
    }
}

impl<'w> WrittenNames<'w> {
    /// The names that are written.
    fn names(&self) -> Vec<WrittenName<'w>> {
        let mut names = Vec::new();
        if self.into_pods {
            for variable in self.written.variables() {
                if let EnvSource::Reference(reference) = &variable.source {
                    names.push(WrittenName {
                        object: reference.object(),
                        place: NamePlace::Variable,
                        at: variable.at,
                    });
                }
            }
            for directory in self.written.directories() {
                names.extend(directory.whole_secret().map(|object| WrittenName {
                    object,
                    place: NamePlace::Volume,
                    at: directory.at,
                }));
                for file in &directory.files {
                    if let FileSource::Reference(reference) = &file.source {
                        names.push(WrittenName {
                            object: reference.object(),
                            place: NamePlace::Volume,
                            at: directory.at,
                        });
                    }
                }
            }
        }
        for field in &self.fields {
            if let FieldContent::ObjectName(reference) = &field.content {
                names.push(WrittenName {
                    object: reference.object(),
                    place: NamePlace::Field(&field.path),
                    at: field.at,
                });
            }
        }
        names
    }
}

/// Whether kustomize knows by itself that a name is there.
pub(super) fn knows(kind: &ObjectType<'_>, place: NamePlace<'_>, object: ReferenceKind) -> bool {
    let Some(known) = WorkloadKind::of(&kind.api_version, &kind.kind) else {
        return false;
    };
    match (known.names, place) {
        (KnownNames::None, _) => false,
        (KnownNames::All, NamePlace::Variable | NamePlace::Volume) => true,
        (KnownNames::SecretsOfVariables, NamePlace::Variable) => object == ReferenceKind::Secret,
        (KnownNames::SecretsOfVariables, _) => false,
        (KnownNames::All, NamePlace::Field(path)) => is_name_of_pods(known, path, object),
    }
}

/// Whether the path of a field leads to a name in the pods of a workload, as kustomize lists them.
fn is_name_of_pods(known: &WorkloadKind, path: &[Step], object: ReferenceKind) -> bool {
    let volumes: Vec<&str> = known.mapping.volumes.keys().collect();
    let Some((_, pod)) = volumes.split_last() else {
        return false;
    };
    let mut keys = path.iter().filter_map(|step| match step {
        Step::Key(key) => Some(key.as_str()),
        Step::Match { .. } | Step::Index(_) | Step::Append => None,
    });
    if !pod.iter().all(|key| keys.next() == Some(key)) {
        return false;
    }
    let rest: Vec<&str> = keys.collect();
    match (object, &rest[..]) {
        (
            _,
            [
                "containers" | "initContainers",
                "env",
                "valueFrom",
                form,
                "name",
            ],
        ) => *form == object.field(),
        (
            ReferenceKind::Secret,
            [
                "containers" | "initContainers",
                "envFrom",
                "secretRef",
                "name",
            ]
            | ["volumes", "secret", "secretName"]
            | ["volumes", "projected", "sources", "secret", "name"]
            | ["imagePullSecrets", "name"],
        )
        | (
            ReferenceKind::ConfigMap,
            [
                "containers" | "initContainers",
                "envFrom",
                "configMapRef",
                "name",
            ]
            | ["volumes", "configMap", "name"]
            | ["volumes", "projected", "sources", "configMap", "name"],
        ) => true,
        _ => false,
    }
}

/// Whether an object will have another name than the one that a reference has.
pub(super) fn is_renamed_later(tree: &Tree<'_>, object: Object, name: &str) -> bool {
    // kustomize writes no alias and no merge key
    let mark = tree.read_text(object.node, &["metadata", "annotations", NEEDS_HASH]);
    let now = metadata(tree, object.node, "name").known().ok().flatten();
    mark.shown() == Some("enabled") || now != Some(name)
}

/// The error of the name of an object that is asked for at a place.
pub(super) fn not_followed(
    kind: &ObjectType<'_>,
    object: &str,
    name_place: NamePlace<'_>,
    at: Place,
) -> Diagnostic {
    let ObjectType { api_version, kind } = kind;
    let place = match name_place {
        NamePlace::Variable | NamePlace::Volume => format!("into the pods of a {kind}"),
        NamePlace::Field(_) => format!("into this field of a {kind}"),
    };
    let message = format!(
        "kustomize renames {object} at the end of its build, and does not change the name that coupler writes {place}"
    );
    let is_in_component =
        WorkloadKind::of(api_version, kind).is_some() && !matches!(name_place, NamePlace::Field(_));
    let help: Help = match is_in_component {
        true => lines![
            ("list coupler's Component in the kustomization that runs coupler: `components: [krm-fn/kustomize]`"),
            ("or render after the build: `kustomize build DIR | coupler render -`")
        ],
        false => {
            "render after the build, when every name is final: `kustomize build DIR | coupler \
             render -`"
                .into()
        }
    };
    Diagnostic::error(Code::NameNotFollowed, message)
        .at(at, "asked for here")
        .help(help)
}
