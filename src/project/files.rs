//! Lowers a directory of files to entries: a projected volume, its mounts, annotations of the pods
//! for its literals, and the `SERVICE_BINDING_ROOT` of each container.

use super::binding_names::{annotation_prefix, volume_name};
use super::entry::{Conflict, Entry, RecordedBy};
use super::env_content::option;
use super::owner::annotation_key;
use super::service_binding::BINDING_ROOT;
use super::slot::Slot;
use super::target::ContainerTarget;
use crate::couple::{Directory, FileEntry, FileSource, FilesEntry, Reference, ReferenceKind};
use crate::edit::{Member, Value};

/// A directory as entries of a workload and of these containers.
pub(super) fn lower<'a>(
    directory: &'a FilesEntry,
    containers: &[ContainerTarget<'_>],
    entries: &mut Vec<Entry<'a>>,
) {
    let volume = volume_name(&directory.name);
    let entry = |slot, key, content, conflict| Entry {
        slot,
        key,
        content,
        identity: RecordedBy::Content,
        conflict,
        expected: None,
        is_secret: false,
        uses: Vec::new(),
        needs: Vec::new(),
        at: directory.at,
    };
    for file in &directory.files {
        if let FileSource::Text(text) = &file.source {
            entries.push(entry(
                Slot::PodAnnotations,
                annotation(&directory.name, &file.path).into(),
                Value::Text(text.as_str().into()),
                Conflict::Refuse,
            ));
        }
    }
    for container in containers {
        let mount = vec![
            ("name".into(), Value::Text(volume.clone().into())),
            ("readOnly".into(), Value::Scalar("true".to_owned())),
        ];
        entries.push(entry(
            Slot::Mounts(container.name.to_owned()),
            directory.directory.in_root(&container.root).into(),
            Value::Map(mount),
            Conflict::Refuse,
        ));
        if matches!(*directory.directory, Directory::BelowRoot(_)) {
            let root = Value::Text(container.root.clone().into());
            entries.push(entry(
                Slot::Env(container.name.to_owned()),
                BINDING_ROOT.into(),
                Value::Map(vec![("value".into(), root)]),
                Conflict::Common,
            ));
        }
    }
    let sources = ("sources".into(), Value::List(sources(directory)));
    let projected = ("projected".into(), Value::Map(vec![sources]));
    entries.push(entry(
        Slot::Volumes,
        volume.into(),
        Value::Map(vec![projected]),
        Conflict::Refuse,
    ));
}

/// The sources of the volume: a whole Secret, each object that a file comes from, and then the
/// annotations. Of two that have one path the later one counts.
fn sources<'a>(directory: &'a FilesEntry) -> Vec<Value<'a>> {
    let mut literals = Vec::new();
    for file in &directory.files {
        if let FileSource::Text(_) = &file.source {
            literals.push(literal(directory, file));
        }
    }
    let source = |ProjectedObject { reference, files }: ProjectedObject<'a>| {
        let items = files
            .into_iter()
            .map(|file| key_item(file.reference, file.file));
        let mut object = vec![
            ("name".into(), text(&reference.name)),
            ("items".into(), Value::List(items.collect())),
        ];
        object.extend(option(reference));
        let form = match reference.kind {
            ReferenceKind::Secret => "secret",
            ReferenceKind::ConfigMap => "configMap",
        };
        Value::Map(vec![(form.into(), Value::Map(object))])
    };
    let objects = projected_objects(directory).into_iter();
    let mut sources: Vec<Value<'a>> = Vec::new();
    if let Some(secret) = directory.whole_secret() {
        let object = Value::Map(vec![("name".into(), text(secret.name))]);
        sources.push(Value::Map(vec![("secret".into(), object)]));
    }
    sources.extend(objects.map(source));
    if !literals.is_empty() {
        let items = ("items".into(), Value::List(literals));
        sources.push(Value::Map(vec![(
            "downwardAPI".into(),
            Value::Map(vec![items]),
        )]));
    }
    sources
}

/// An object that files of a directory come from.
struct ProjectedObject<'a> {
    /// That of its first file.
    reference: &'a Reference,
    files: Vec<ReferredFile<'a>>,
}

/// A file that is the key of an object.
struct ReferredFile<'a> {
    file: &'a FileEntry,
    reference: &'a Reference,
}

/// The objects that the files of a directory come from, in order of their first files.
fn projected_objects(directory: &FilesEntry) -> Vec<ProjectedObject<'_>> {
    let mut objects: Vec<ProjectedObject<'_>> = Vec::new();
    for file in &directory.files {
        let FileSource::Reference(reference) = &file.source else {
            continue;
        };
        let is_same = |known: &&mut ProjectedObject<'_>| {
            (
                known.reference.kind,
                &known.reference.name,
                known.reference.presence,
            ) == (reference.kind, &reference.name, reference.presence)
        };
        let file = ReferredFile { file, reference };
        match objects.iter_mut().find(is_same) {
            Some(known) => known.files.push(file),
            None => objects.push(ProjectedObject {
                reference,
                files: vec![file],
            }),
        }
    }
    objects
}

/// The names of the objects that the volume of a directory refers to, in its order.
pub(super) fn object_names(directory: &FilesEntry) -> Vec<String> {
    let whole = directory.whole_secret().map(|secret| secret.name);
    let objects = projected_objects(directory).into_iter();
    let names = objects.map(|object| object.reference.name.as_str());
    whole.into_iter().chain(names).map(str::to_owned).collect()
}

fn key_item<'a>(reference: &'a Reference, file: &'a FileEntry) -> Value<'a> {
    let mut item = vec![
        ("key".into(), text(&reference.key)),
        ("path".into(), text(&file.path)),
    ];
    item.extend(mode(file));
    Value::Map(item)
}

fn literal<'a>(directory: &'a FilesEntry, file: &'a FileEntry) -> Value<'a> {
    let annotation = annotation(&directory.name, &file.path);
    let field = format!("metadata.annotations['{annotation}']");
    let field = ("fieldPath".into(), Value::Text(field.into()));
    let mut item = vec![
        ("path".into(), text(&file.path)),
        ("fieldRef".into(), Value::Map(vec![field])),
    ];
    item.extend(mode(file));
    Value::Map(item)
}

fn mode(file: &FileEntry) -> Option<Member<'static>> {
    let mode = file.mode?;
    Some(("mode".into(), Value::Scalar(mode.to_string())))
}

fn text(text: &str) -> Value<'_> {
    Value::Text(text.into())
}

/// The annotation of the pods that holds a literal of a file.
fn annotation(name: &str, path: &str) -> String {
    format!("{}/{}", annotation_prefix(name), annotation_key(path))
}
