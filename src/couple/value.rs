//! Values as coupling knows them: literals, references, and texts of both. No type here can hold a
//! Secret's value.

use std::rc::Rc;

use crate::manifest::Place;

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
    /// The interface key that it supplies: a helper variable is named after it.
    pub supplies: String,
}

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// What the workload's author wrote himself in `bind`: stands as he wrote it.
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

/// One variable to be baked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvEntry {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub source: EnvSource,
    /// Whether it may take the place of the workload's own variable.
    pub replace: bool,
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
