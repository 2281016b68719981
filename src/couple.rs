//! Plugs to couplings: index, resolve, check both sides against the Interface, evaluate every
//! value.

mod bind;
mod check;
mod evaluate;
mod filters;
mod fit;
mod index;
mod json_schema;
mod kubelet_expansion;
mod near_misses;
mod offers;
mod pipeline;
mod provided;
mod relax;
mod resolve;
mod schema;
mod template;
mod template_engine;
mod validate;
pub mod value;
mod value_text;

pub use check::{check, check_examples, check_socket};
pub use pipeline::couple;
pub use value::{EnvEntry, EnvSource, Part, Reference, ReferenceKind, ResolvedValue};

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use semver::Version;

use crate::api::{Interface, Plug, Socket};
use crate::diagnostic::Diagnostic;
use crate::manifest::Place;

/// Everything of ours that a run holds.
#[derive(Debug, Default)]
pub struct CouplingInput {
    /// Every Interface of stream and catalogue; the built-in library is asked by name.
    pub interfaces: Vec<Interface>,
    /// Every Socket.
    pub sockets: Vec<Socket>,
    /// Every Plug of the stream.
    pub plugs: Vec<Plug>,
}

/// One Plug resolved to one Socket under one version of their Interface, with its variables ready
/// to be baked.
#[derive(Clone, Debug, PartialEq)]
pub struct Coupling {
    /// The Plug, by position in [`CouplingInput::plugs`].
    pub plug: usize,
    /// The Socket, by position in [`CouplingInput::sockets`].
    pub socket: usize,
    /// The version that counts.
    pub version: Version,
    /// The variables, in the order in which they are to stand; parts before the text that uses
    /// them.
    pub env: Vec<EnvEntry>,
}

/// The rest of the input, as `couple` sees it; whoever has the documents answers.
pub trait Objects {
    /// The decoded scalar, list or mapping at `path` of the named object, and its place. Never
    /// asked of a Secret.
    fn read(&self, target: &Target<'_>, path: &str) -> Lookup;
    /// The keys of the named Secret (`data`, `stringData`) or ConfigMap (`data`) that can be the
    /// value of a variable, if the object is in the input and its keys can be known from it alone.
    fn key_names(&self, target: &Target<'_>) -> Option<Rc<KeyNames>>;
    /// The name that an object bears now, where a host renamed it and references still hold an
    /// older one.
    fn current_name(&self, _target: &Target<'_>) -> Option<String> {
        None
    }
    /// The named ports of a Service: name, number. `None`: the Service is not in the input.
    fn ports(&self, namespace: Option<&str>, name: &str) -> Option<Rc<Ports>>;
}

/// The key names of a Secret or ConfigMap.
pub type KeyNames = BTreeSet<String>;

/// The named ports of a Service.
pub type Ports = BTreeMap<String, u16>;

/// An object that is looked for.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// `apiVersion`.
    pub api_version: &'a str,
    /// `kind`.
    pub kind: &'a str,
    /// The namespace; `None` is the unknown one.
    pub namespace: Option<&'a str>,
    /// `metadata.name`.
    pub name: &'a str,
}

/// What a look-up found.
#[derive(Clone, Debug, PartialEq)]
pub enum Lookup {
    /// The value and its place.
    Value(serde_json::Value, Place),
    /// No such object.
    NoObject,
    /// The object, but nothing at the path; the names that do stand at the deepest level reached.
    NoPath(Vec<String>),
    /// The path cannot be read (its syntax), and why.
    BadPath(String),
}

/// What coupling a run gives.
#[derive(Debug, Default)]
pub struct CouplingResult {
    /// In order of Plug namespace and name.
    pub couplings: Vec<Coupling>,
    /// Errors, warnings, infos.
    pub diagnostics: Vec<Diagnostic>,
}

#[cfg(test)]
mod tests;
