//! Decodes one document of coupler's own kinds into an [`OwnObject`], and reports all its mistakes
//! at once, with a place for each.

use std::collections::BTreeMap;

use super::kinds::KINDS;
use super::metadata::METADATA;
use super::reader::ObjectReader;
use super::rules::{ANY, NAMESPACE, OBJECT_NAME};
use super::{
    API_VERSION, Adapter, Converter, GROUP, Interface, Meta, Plug, Settings, Socket, suggest,
};
use crate::diagnostic::{Code, Diagnostic, Findings, Help, Paste};
use crate::manifest::scalar::Scalar;
use crate::manifest::stream::type_of;
use crate::manifest::{Kind, NodeId, Place, Tree};

/// Marks an object of the stream as one of the catalogue.
pub const CATALOGUE_ANNOTATION: &str = "integration.rock8s.com/catalog";

/// The annotation of a Plug that lists the resources of workloads, with commas, into whose pods
/// kustomize follows the names of Secrets and ConfigMaps: coupler's Component writes it.
pub const NAME_REFERENCES_ANNOTATION: &str = "integration.rock8s.com/name-references";
/// Marks a Secret or a ConfigMap to which something adds keys in the cluster, with `"false"`.
pub const COMPLETE_ANNOTATION: &str = "integration.rock8s.com/complete";

/// What the run knows about every object.
#[derive(Clone, Copy, Debug, Default)]
pub struct Defaults<'a> {
    /// Where an object without a namespace is.
    pub namespace: Option<&'a str>,
    /// Whether the source is one of the catalogue.
    pub catalogue: bool,
}

/// One object of ours.
#[derive(Clone, Debug, PartialEq)]
pub enum OwnObject {
    /// A contract.
    Interface(Interface),
    /// An offer.
    Socket(Socket),
    /// A request.
    Plug(Plug),
    /// How objects of another kind are Sockets.
    Adapter(Box<Adapter>),
    /// How Sockets of one Interface are Sockets of another: an Adapter with `source`.
    Converter(Box<Converter>),
    /// Settings.
    Settings(Settings),
}

/// Reads the object at `root`, which names our group; `at` is where the document's first byte
/// is.
///
/// `None` means that it cannot be used. What could be read of a broken object is returned with
/// [`Meta::broken`].
pub fn decode(
    tree: &Tree<'_>,
    root: NodeId,
    at: Place,
    defaults: &Defaults<'_>,
    out: &mut Findings,
) -> Option<OwnObject> {
    let mut reader = ObjectReader::new(tree, root, at);
    let object = reader.object(defaults);
    let warnings = reader.warnings();
    out.extend(reader.errors);
    out.extend(warnings);
    object
}

/// The two parts of an object.
pub(super) struct ObjectParts {
    /// `None`: it has mistakes, which were reported.
    pub(super) meta: Option<Meta>,
    pub(super) spec: NodeId,
}

impl ObjectReader<'_> {
    fn object(&mut self, defaults: &Defaults<'_>) -> Option<OwnObject> {
        if self.tree.kind(self.root) == Kind::Mapping && !self.supported() {
            return None;
        }
        self.plain();
        let [_, _, metadata, spec] =
            self.fields(self.root, ["apiVersion", "kind", "metadata", "spec"])?;
        if self.kind == "Coupler" {
            let settings = self.settings(metadata, spec);
            return self
                .errors
                .is_empty()
                .then_some(OwnObject::Settings(settings));
        }
        let ObjectParts { meta, spec } = self.parts(metadata, spec, defaults)?;
        let mut object = match self.kind.as_str() {
            "Interface" => self.interface(meta, spec).map(OwnObject::Interface),
            "Socket" => self.socket(meta, spec).map(OwnObject::Socket),
            "Adapter" => self.adapter(meta, spec),
            _ => self.plug(meta, spec).map(OwnObject::Plug),
        }?;
        match &mut object {
            OwnObject::Interface(Interface { meta, .. })
            | OwnObject::Socket(Socket { meta, .. })
            | OwnObject::Plug(Plug { meta, .. }) => {
                meta.broken = !self.errors.is_empty();
            }
            OwnObject::Adapter(adapter) => adapter.meta.broken = !self.errors.is_empty(),
            OwnObject::Converter(converter) => converter.meta.broken = !self.errors.is_empty(),
            OwnObject::Settings(_) => {}
        }
        Some(object)
    }

    /// What every object with a `spec` has; `None`: it has no `spec`.
    pub(super) fn parts(
        &mut self,
        metadata: Option<NodeId>,
        spec: Option<NodeId>,
        defaults: &Defaults<'_>,
    ) -> Option<ObjectParts> {
        let meta = match metadata {
            Some(metadata) => self.meta(metadata, defaults),
            None => {
                self.missing_value(self.root, "metadata", Some("{name: …}"));
                None
            }
        };
        let Some(spec) = spec else {
            self.missing(self.root, "spec");
            return None;
        };
        Some(ObjectParts { meta, spec })
    }

    fn supported(&mut self) -> bool {
        let root = self.root;
        let version = self.member(root, "apiVersion");
        let kind = self.member(root, "kind");
        // an item of a `PlugList` has the kind of the list
        let is_typed = type_of(self.tree, root).is_some();
        if !is_typed && (version.is_none() || kind.is_none()) {
            for (member, field, value) in [
                (version, "apiVersion", Some(API_VERSION)),
                (kind, "kind", None),
            ] {
                if member.is_none() {
                    self.missing_value(root, field, value);
                }
            }
            return false;
        }
        let written = match version {
            Some(version) => self.tree.str(version).unwrap_or_default(),
            None => &self.api_version,
        };
        if written != API_VERSION {
            let message = format!(
                "coupler does not support the API version `{}`",
                super::reader::short(written)
            );
            let diagnostic = Diagnostic::error(Code::UnsupportedApi, message)
                .at(self.at(version.unwrap_or(root)), "not known");
            let help = Help::from(format!(
                "write the version of `{GROUP}` that coupler reads:"
            ));
            let line = Help::from(format!("apiVersion: {API_VERSION}"));
            self.report(diagnostic.help(help.paste(Paste::merge(self.subject(), line))));
            return false;
        }
        if KINDS.contains(&self.kind.as_str()) {
            return true;
        }
        let near = suggest(&self.kind, KINDS);
        let message = format!("the group `{GROUP}` has no kind `{}`", self.kind);
        let help = format!("its kinds are {}", KINDS.join(", "));
        self.report(
            Diagnostic::error(Code::UnsupportedApi, message)
                .at_unknown(self.at(kind.unwrap_or(root)), near, "not known")
                .help(help),
        );
        false
    }

    pub(super) fn meta(&mut self, metadata: NodeId, defaults: &Defaults<'_>) -> Option<Meta> {
        let [name, namespace, labels, annotations, ..] = self.fields(metadata, METADATA)?;
        if name.is_none() {
            self.missing(metadata, "name");
        }
        let name = name.and_then(|name| self.text(name, &OBJECT_NAME));
        let given = |id: &NodeId| !matches!(self.scalar(*id), Some(Scalar::Null | Scalar::Str("")));
        let written = namespace.filter(given);
        let namespace = written
            .and_then(|id| self.text(id, &NAMESPACE))
            .map(|text| text.value);
        // other messages about an object in a wrong namespace would only follow from that
        let is_elsewhere = written.is_some() && namespace.is_none();
        let mut labels = self.texts_by_key(labels);
        if self.kind != "Socket" {
            labels = BTreeMap::new();
        }
        let annotations = self.texts_by_key(annotations);
        Some(Meta {
            name: name.filter(|_| !is_elsewhere)?,
            namespace: namespace.or_else(|| defaults.namespace.map(str::to_owned)),
            labels,
            name_references: match annotations.get(NAME_REFERENCES_ANNOTATION) {
                Some(list) if ["Plug", "Socket"].contains(&self.kind.as_str()) => {
                    list.split(',').map(|item| item.trim().to_owned()).collect()
                }
                _ => Vec::new(),
            },
            at: self.at(self.root),
            catalogue: defaults.catalogue
                || annotations
                    .get(CATALOGUE_ANNOTATION)
                    .is_some_and(|mark| mark == "true"),
            broken: false,
        })
    }

    /// Labels or annotations; an empty `labels:` is none.
    fn texts_by_key(&mut self, map: Option<NodeId>) -> BTreeMap<String, String> {
        let Some(map) = map.filter(|map| self.scalar(*map) != Some(Scalar::Null)) else {
            return BTreeMap::new();
        };
        self.map(map, 0, usize::MAX, &ANY)
            .into_iter()
            .map(|(key, value)| (key.value, value.value))
            .collect()
    }
}

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod tests;
