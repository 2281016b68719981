//! Defines what an Adapter reads: the objects of other kinds, which the caller has.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::Value as Json;

use crate::api::AdaptedObject;
use crate::manifest::Place;
use crate::manifest::stream::Object;

/// A kind, of any version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KindName<'a> {
    /// Its API group; that of the core kinds is empty.
    pub group: &'a str,
    /// `kind`
    pub kind: &'a str,
}

impl KindName<'_> {
    /// The same, kept.
    pub(super) fn owned(self) -> OwnedKind {
        OwnedKind {
            group: self.group.to_owned(),
            kind: self.kind.to_owned(),
        }
    }
}

/// A [`KindName`] that is kept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct OwnedKind {
    group: String,
    kind: String,
}

impl OwnedKind {
    /// The kind.
    pub(super) fn name(&self) -> KindName<'_> {
        KindName {
            group: &self.group,
            kind: &self.kind,
        }
    }
}

/// An object that was found without reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundObject {
    /// Where it is.
    pub object: Object,
    /// Its namespace; `None` is the unknown one.
    pub namespace: Option<String>,
    /// `metadata.name`
    pub name: String,
    /// Whether it is in the catalogue.
    pub catalogue: bool,
    /// Whether another one has the same name.
    pub is_twice: bool,
}

/// What an object has.
#[derive(Clone, Debug)]
pub struct ObjectContent {
    /// All of it, as its author wrote it.
    pub value: Json,
    /// Where it has its name.
    pub at: Place,
}

/// The objects of other kinds in the input.
pub trait AdaptableObjects {
    /// Whether there is one of a kind.
    fn has_kind(&self, kind: KindName<'_>) -> bool;
    /// The namespaces that have objects of a kind; `None` is the unknown one.
    fn namespaces(&self, kind: KindName<'_>) -> Vec<Option<String>>;
    /// The objects of a kind in a namespace, by name, each once: those of the stream before those
    /// of the catalogue.
    fn all(&self, kind: KindName<'_>, namespace: Option<&str>) -> Rc<[FoundObject]>;
    /// The object of this name.
    fn named(&self, kind: KindName<'_>, namespace: Option<&str>, name: &str)
    -> Option<FoundObject>;
    /// What an object has.
    ///
    /// # Errors
    /// Why it cannot be read.
    fn content(&self, object: Object) -> Result<ObjectContent, String>;
}

/// `"false"` on an object: it is no Socket.
const ADAPT: &str = "integration.rock8s.com/adapt";
/// Where kubectl keeps a copy of the whole object.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Whether an object declares that it is no Socket.
pub(super) fn opts_out(value: &Json) -> bool {
    let annotations = value.pointer("/metadata/annotations");
    annotations.and_then(|all| all.get(ADAPT)?.as_str()) == Some("false")
}

/// Removes the annotations that an Adapter does not name: anybody may write anything there.
pub(super) fn hide_annotations(value: &mut Json, text: &str) {
    let annotations = value.pointer_mut("/metadata/annotations");
    if let Some(all) = annotations.and_then(Json::as_object_mut) {
        all.retain(|key, _| key != LAST_APPLIED && text.contains(key.as_str()));
    }
}

/// The labels of an object.
pub(super) fn labels(value: &Json) -> BTreeMap<String, String> {
    let labels = value.pointer("/metadata/labels").and_then(Json::as_object);
    let texts = labels
        .into_iter()
        .flatten()
        .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())));
    texts.collect()
}

/// What identifies an object, in messages.
pub(super) fn identity(value: &Json, found: &FoundObject, kind: &str) -> AdaptedObject {
    let api_version = value.get("apiVersion").and_then(Json::as_str);
    AdaptedObject {
        api_version: api_version.unwrap_or_default().to_owned(),
        kind: kind.to_owned(),
        namespace: found.namespace.clone(),
        name: found.name.clone(),
    }
}
