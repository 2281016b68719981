//! Defines the values of coupling: literals, references, and texts of both. No type here can
//! contain a Secret's value.

use std::rc::Rc;

use crate::api::{OverwriteRule, ReferencePresence};
use crate::manifest::Place;
use crate::manifest::path::Step;

/// Which kind of object a reference points into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReferenceKind {
    /// `secretKeyRef`
    Secret,
    /// `configMapKeyRef`
    ConfigMap,
}

impl ReferenceKind {
    /// The object's kind, as Kubernetes names it.
    pub fn object(self) -> &'static str {
        match self {
            Self::Secret => "Secret",
            Self::ConfigMap => "ConfigMap",
        }
    }

    /// The key of `valueFrom` that a reference is written under.
    pub fn field(self) -> &'static str {
        match self {
            Self::Secret => "secretKeyRef",
            Self::ConfigMap => "configMapKeyRef",
        }
    }
}

/// A key of a Secret or a ConfigMap, in the namespace of the workload.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// What it points into.
    pub kind: ReferenceKind,
    /// The object's name.
    pub name: String,
    /// The object's key.
    pub key: String,
    /// Whether pods start without it.
    pub presence: ReferencePresence,
    /// The interface key that it supplies: a helper variable is named after it.
    pub supplies: String,
}

/// A Secret or a ConfigMap that pods refer to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReferredObject<'b> {
    /// Which of the two.
    pub kind: ReferenceKind,
    /// Its name.
    pub name: &'b str,
}

impl Reference {
    /// The object that it points into.
    pub fn object(&self) -> ReferredObject<'_> {
        ReferredObject {
            kind: self.kind,
            name: &self.name,
        }
    }
}

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// What the Plug's author wrote in `bind`: it is not changed.
    Author(String),
    /// What came out of a value: data, escaped where the kubelet would expand it.
    Data(String),
    /// A reference.
    Reference(Rc<Reference>),
}

/// A value of one key.
#[derive(Clone, Debug, PartialEq)]
pub enum ResolvedValue {
    /// Plain data.
    Literal(serde_json::Value),
    /// One key of another object.
    Reference(Rc<Reference>),
    /// A text that holds at least one reference.
    Text(Rc<[Part]>),
}

impl ResolvedValue {
    /// Whether it may be absent in the cluster: then it does not count as given.
    pub(super) fn is_optional(&self) -> bool {
        match self {
            Self::Reference(reference) => reference.presence == ReferencePresence::Optional,
            Self::Literal(_) | Self::Text(_) => false,
        }
    }
}

/// One variable to be baked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvEntry {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub source: EnvSource,
    /// What becomes of the workload's own variable.
    pub overwrite: OverwriteRule,
    /// Whether it only serves texts of this coupling: then a variable of the workload with the same
    /// name and the same reference, standing before, serves as well.
    pub helper: bool,
    /// Whether a key of a Secret is in it, alone or as a part of a text.
    pub secret: bool,
    /// Variables that the author's own text uses as `$(NAME)`: the container must define them
    /// before this one.
    pub uses: Vec<String>,
    /// What in the Plug asked for it.
    pub at: Place,
}

/// What a variable holds, as the pod template writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EnvSource {
    /// `value: …`, finished: references are `$(NAME)`, data is escaped.
    Value(String),
    /// `valueFrom: {secretKeyRef | configMapKeyRef: {name, key}}`
    Reference(Rc<Reference>),
    /// `value: …`, the path of a file of the same coupling.
    File(FilePath),
}

/// A directory of files, to be mounted read-only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilesEntry {
    /// The directory.
    pub directory: Rc<Directory>,
    /// What names of volumes and annotations are made of: the Plug's `spec.name`.
    pub name: String,
    /// A Secret, each key of which is a file; a file that is listed counts before it.
    pub secret: Option<String>,
    /// Its files, in order; no path twice.
    pub files: Vec<FileEntry>,
    /// What in the Plug asks for it.
    pub at: Place,
}

/// Where the files of a coupling are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Directory {
    /// This directory.
    At(String),
    /// A directory of this name in each container's `SERVICE_BINDING_ROOT`.
    BelowRoot(String),
}

/// One file to be mounted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileEntry {
    /// Below the directory.
    pub path: String,
    /// What it holds.
    pub source: FileSource,
    /// Its permissions, where given.
    pub mode: Option<u16>,
    /// The socket key that it is.
    pub key: Option<String>,
}

/// What a file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileSource {
    /// This text.
    Text(String),
    /// One key of another object.
    Reference(Rc<Reference>),
}

/// A file of a coupling, as a container names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilePath {
    /// The directory of the coupling's files.
    pub directory: Rc<Directory>,
    /// The file, below the directory.
    pub path: String,
}

impl Directory {
    /// Where it is in a container whose `SERVICE_BINDING_ROOT` is `root`.
    pub fn in_root(&self, root: &str) -> String {
        match self {
            Self::At(path) => path.clone(),
            Self::BelowRoot(name) => format!("{}/{name}", root.trim_end_matches('/')),
        }
    }
}

impl FilesEntry {
    /// The Secret, each key of which is a file.
    pub fn whole_secret(&self) -> Option<ReferredObject<'_>> {
        let name = self.secret.as_deref()?;
        Some(ReferredObject {
            kind: ReferenceKind::Secret,
            name,
        })
    }
}

impl FilePath {
    /// Where it is in a container whose `SERVICE_BINDING_ROOT` is `root`.
    pub fn in_root(&self, root: &str) -> String {
        let directory = self.directory.in_root(root);
        format!("{}/{}", directory.trim_end_matches('/'), self.path)
    }
}

/// One field to be written.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldEntry {
    /// The position of its binding in the Plug's `fields`.
    pub binding: usize,
    /// The path; its last step is the key of a mapping.
    pub path: Vec<Step>,
    /// What of the text there it takes the place of; `None`: of the whole value.
    pub find: Option<String>,
    /// What it holds: a text where it takes the place of one.
    pub content: FieldContent,
    /// What becomes of the author's own value.
    pub overwrite: OverwriteRule,
    /// What in the Plug asks for it.
    pub at: Place,
}

/// What a field holds.
#[derive(Clone, Debug, PartialEq)]
pub enum FieldContent {
    /// A value, of its own type.
    Literal(serde_json::Value),
    /// The name of the reference's object, which others may change after us.
    ObjectName(Rc<Reference>),
    /// The reference's key.
    ObjectKey(Rc<Reference>),
}

impl FieldEntry {
    /// The reference that it is made of.
    pub fn reference(&self) -> Option<&Rc<Reference>> {
        match &self.content {
            FieldContent::Literal(_) => None,
            FieldContent::ObjectName(reference) | FieldContent::ObjectKey(reference) => {
                Some(reference)
            }
        }
    }
}

/// The bytes of a literal, roughly.
pub(super) fn size(json: &serde_json::Value) -> usize {
    match json {
        serde_json::Value::String(text) => text.len(),
        serde_json::Value::Array(items) => items.iter().map(|item| size(item) + 1).sum(),
        serde_json::Value::Object(map) => map
            .iter()
            .map(|(key, value)| key.len() + size(value) + 2)
            .sum(),
        serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::Number(_) => 8,
    }
}

/// The bytes of a text, roughly.
pub(super) fn length(parts: &[Part]) -> usize {
    parts
        .iter()
        .map(|part| match part {
            Part::Author(text) | Part::Data(text) => text.len(),
            // as long as a short `$(NAME)`: many of them are long, too
            Part::Reference(_) => 8,
        })
        .sum()
}
