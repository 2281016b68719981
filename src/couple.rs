//! Resolves Plugs to couplings: indexes, resolves, checks both sides against the Interface, and
//! evaluates every value.

mod adapt;
mod admission;
mod bind;
mod bindings;
mod bound_key;
mod check;
mod config_not_read;
mod consumer;
mod conversion;
mod converted_names;
mod default_env;
mod env_builder;
mod evaluate;
mod fields;
mod files;
mod filters;
mod fit;
mod foreign_template;
mod forgiving;
mod host_form;
mod index;
mod json_schema;
mod key_facts;
mod key_text;
mod keys;
mod keywords;
mod kubelet_expansion;
mod locked;
mod near_misses;
mod not_bound;
mod offers;
mod owner;
mod pipeline;
mod port_lookup;
mod ports;
mod prepared;
mod provided;
mod provided_service;
mod reachable;
mod relax;
mod request;
mod requested_var;
mod resolve;
mod resource;
mod resource_rules;
mod resource_text;
mod resources;
mod schema;
mod secret_makers;
mod service;
mod service_binding;
mod service_version;
mod socket_coupling;
mod socket_limit;
mod socket_plugs;
mod template;
mod template_engine;
mod template_node;
mod template_plugs;
mod url_safe;
mod validate;
pub mod value;
mod value_text;
mod version_mismatch;

pub use adapt::{
    AdaptableObjects, FoundObject, KindName, NotOffered, ObjectContent, adapt, check_adapter,
    convert,
};
pub use bindings::{Binding, Bindings, Delivery};
pub use check::{check, check_examples, check_socket};
pub use default_env::{DefaultEnv, DefaultVar, DefaultVarEdit};
pub use keys::{DeclaredKey, plug_keys, socket_keys};
pub use pipeline::couple;
pub use port_lookup::{Port, PortLookup, Ports, Reach, TargetPort};
pub use prepared::socket_name;
pub use provided::subject;
pub(crate) use request::PlugRequest;
pub use resource::{CoupledResource, HomeNamespace, ResourceLeaf, ResourceOwner};
pub use resource_text::{VariableText, expanded_text, helper_name, plain_text};
pub use service_binding::{ServiceBindingCoupling, ServiceBindingId};
pub use socket_limit::{PlugsInInput, judge_plugs};
pub(crate) use socket_plugs::{PlugKey, plug_key};
pub use value::{
    Directory, EnvEntry, EnvSource, FieldContent, FieldEntry, FileEntry, FilePath, FileSource,
    FilesEntry, Part, Reference, ReferenceKind, ReferredObject, ResolvedValue,
};

use std::collections::BTreeSet;
use std::ops::Index;
use std::rc::Rc;

use semver::Version;

use crate::api::{Adapter, Binder, Converter, Interface, Plug, ServiceBinding, Socket, SocketRef};
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
    /// Every Adapter of stream and catalogue; the built-in ones are asked by kind.
    pub adapters: Vec<Rc<Adapter>>,
    /// Every converter of stream and catalogue.
    pub converters: Vec<Rc<Converter>>,
    /// The Sockets that converters make of those that Plugs name.
    pub converted: Vec<ConvertedSocket>,
    /// The objects of other kinds that could be Sockets and are none that a Plug finds.
    pub not_offered: Vec<NotOffered>,
    /// Every Plug of the catalogue: it couples in another run, and counts for the `limit` and the
    /// `bind` of a Socket that it names.
    pub catalogue_plugs: Vec<Plug>,
    /// Every ServiceBinding of the stream, where the settings ask for them.
    pub service_bindings: Vec<ServiceBinding>,
}

/// A Socket that a converter makes of another one.
#[derive(Clone, Debug, PartialEq)]
pub struct ConvertedSocket {
    /// The Socket, which has a converter.
    pub socket: Socket,
    /// The other one: it is never a converted one itself.
    pub source: SocketId,
}

/// A Plug of [`CouplingInput`], which is indexed by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PlugId(usize);

/// A Socket of [`CouplingInput`], which is indexed by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SocketId {
    /// One of its Sockets, by position.
    Written(usize),
    /// The Service that a Plug names in place of one.
    Service(PlugId),
    /// One that a converter makes, by position.
    Converted(usize),
}

/// An object that writes into others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BinderId {
    /// A Plug.
    Plug(PlugId),
    /// A Socket.
    Socket(SocketId),
    /// A ServiceBinding.
    ServiceBinding(ServiceBindingId),
}

impl CouplingInput {
    /// An object that writes into others.
    pub fn binder(&self, id: BinderId) -> Binder<'_> {
        match id {
            BinderId::Plug(id) => self[id].binder(),
            BinderId::Socket(id) => self[id].binder(),
            BinderId::ServiceBinding(id) => self[id].binder(),
        }
    }

    /// Every object of the stream that writes into others: the Plugs first, then the Sockets.
    pub fn binders(&self) -> impl Iterator<Item = (BinderId, Binder<'_>)> {
        let plugs = self.plugs().filter(|(_, plug)| !plug.suspend);
        let plugs = plugs.map(|(id, plug)| (BinderId::Plug(id), plug.binder()));
        let sockets = self.sockets().filter(|(_, socket)| socket.writes());
        let sockets = sockets.map(|(id, socket)| (BinderId::Socket(id), socket.binder()));
        let bindings = self.service_bindings();
        let bindings = bindings.map(|(id, one)| (BinderId::ServiceBinding(id), one.binder()));
        plugs.chain(sockets).chain(bindings)
    }

    /// Every Plug with its id.
    pub fn plugs(&self) -> impl Iterator<Item = (PlugId, &Plug)> {
        self.plugs
            .iter()
            .enumerate()
            .map(|(position, plug)| (PlugId(position), plug))
    }

    /// The Socket itself, or the one that it is converted from.
    pub fn source_of(&self, id: SocketId) -> SocketId {
        match id {
            SocketId::Converted(position) => self.converted[position].source,
            SocketId::Written(_) | SocketId::Service(_) => id,
        }
    }

    /// Every Socket with its id, but those that are converted.
    pub fn sockets(&self) -> impl Iterator<Item = (SocketId, &Socket)> {
        self.sockets
            .iter()
            .enumerate()
            .map(|(position, socket)| (SocketId::Written(position), socket))
    }
}

impl Index<PlugId> for CouplingInput {
    type Output = Plug;

    fn index(&self, PlugId(position): PlugId) -> &Plug {
        &self.plugs[position]
    }
}

impl Index<SocketId> for CouplingInput {
    type Output = Socket;

    fn index(&self, id: SocketId) -> &Socket {
        match id {
            SocketId::Written(position) => &self.sockets[position],
            SocketId::Converted(position) => &self.converted[position].socket,
            SocketId::Service(plug) => match &self[plug].socket {
                SocketRef::Service(socket) => socket,
                SocketRef::Any | SocketRef::Labels(..) | SocketRef::Named { .. } => {
                    unreachable!("the id of a Service is made of a Plug that names one")
                }
            },
        }
    }
}

/// One Plug resolved to one Socket under one version of their Interface, with all that is to be
/// written.
#[derive(Clone, Debug, PartialEq)]
pub struct Coupling {
    /// The Plug.
    pub plug: PlugId,
    /// The Socket.
    pub socket: SocketId,
    /// How a record names it.
    pub names: CouplingNames,
    /// The version that counts.
    pub version: Version,
    /// What is written for the Plug.
    pub written: Bindings,
    /// The objects that exist while it does: the Plug's, then the Socket's, as written.
    pub resources: Vec<CoupledResource>,
    /// The keys that its Socket gives out of Secrets, where it writes none of them.
    pub secrets_not_bound: Vec<String>,
}

/// What a Socket writes, once for all Plugs that are coupled to it.
#[derive(Clone, Debug, PartialEq)]
pub struct SocketCoupling {
    /// The Socket.
    pub socket: SocketId,
    /// How a record names it.
    pub names: CouplingNames,
    /// What is written.
    pub written: Bindings,
    /// Whether some of its Plugs are of the catalogue alone.
    pub has_catalogue_plugs: bool,
}

/// How a record names a coupling and its sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CouplingNames {
    /// The object that asks for what is written, a Plug or a Socket: its `metadata.name`.
    pub binder: String,
    /// The Socket: `namespace/name`, or `name` where the namespace is not known.
    pub socket: String,
    /// `interface@version`.
    pub interface: String,
    /// Where the object that asks has its name.
    pub at: Place,
    /// The variables that are bound where the Plug lists none; `None`: it lists them.
    pub default_env: Option<DefaultEnv>,
}

impl Coupling {
    /// The variables that it writes.
    pub fn variables(&self) -> impl Iterator<Item = &EnvEntry> + Clone {
        self.written.variables()
    }

    /// The directories of files that it writes.
    pub fn directories(&self) -> impl Iterator<Item = &FilesEntry> + Clone {
        self.written.directories()
    }
}

/// The rest of the input for `couple`; the caller has the documents.
pub trait Objects {
    /// The decoded scalar, list or mapping at `path` of the named object, and its place. Never
    /// asked of a Secret.
    fn read(&self, target: &Target<'_>, path: &str) -> Lookup;
    /// The keys of the named Secret (`data`, `stringData`) or ConfigMap (`data`) that can be the
    /// value of a variable, if the object is in the input and its keys can be known from it alone.
    fn key_names(&self, target: &Target<'_>) -> Option<Rc<KeyNames>>;
    /// The name that an object has now, where a host renamed it and references still hold an
    /// older one.
    fn current_name(&self, _target: &Target<'_>) -> Option<String> {
        None
    }
    /// The name of an object that may be meant: one of the same kind and namespace that is called
    /// alike, where none of this name is in the input.
    fn similar_name(&self, _target: &Target<'_>) -> Option<SimilarName> {
        None
    }
    /// The namespace that an object deploys into, at a path in it, as its author wrote it. Its
    /// `apiVersion` counts by group.
    fn target_namespace(&self, _target: &Target<'_>, _path: &[&str]) -> TargetNamespace {
        TargetNamespace::Unseen
    }
    /// The objects of other kinds, where they can be read.
    fn adaptable(&self) -> Option<&dyn AdaptableObjects> {
        None
    }
    /// The ports of a Service.
    fn ports(&self, namespace: Option<&str>, name: &str) -> PortLookup;
}

/// The key names of a Secret or ConfigMap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyNames {
    /// Those that are in the input.
    pub names: BTreeSet<String>,
    /// Whether there may be more.
    pub extent: KeyExtent,
}

/// Whether an object has other keys than those that are in the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyExtent {
    /// It has these and no others.
    All,
    /// Somebody adds others in the cluster.
    Some,
}

impl FromIterator<String> for KeyNames {
    fn from_iter<I: IntoIterator<Item = String>>(names: I) -> Self {
        Self {
            names: names.into_iter().collect(),
            extent: KeyExtent::All,
        }
    }
}

/// A name that is there where another one was looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SimilarName {
    /// It differs by a letter or two.
    Misspelt(String),
    /// kustomize may have made it of the other one.
    Renamed(String),
}

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

/// The namespace that an object deploys into.
#[derive(Clone, Debug, PartialEq)]
pub enum TargetNamespace {
    /// The object's own: none is written.
    Own,
    /// This one, and where it is written.
    Written(String, Place),
    /// What is written cannot be read, and why.
    NotReadable(Box<Diagnostic>),
    /// The object is not seen.
    Unseen,
}

/// What a look-up found.
#[derive(Clone, Debug, PartialEq)]
pub enum Lookup {
    /// The value and its place.
    Value(serde_json::Value, Place),
    /// No such object.
    NoObject,
    /// The object, but nothing at the path; the names that exist at the deepest level reached.
    NoPath(Vec<String>),
    /// The path cannot be read (its syntax), and why.
    BadPath(String),
    /// An alias or a merge key is in the way, and why that is so.
    NotReadable(Box<Diagnostic>),
}

/// A Plug and the Socket that it was resolved to, be the two coupled or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResolvedPlug {
    /// The Plug.
    pub plug: PlugId,
    /// Its Socket.
    pub socket: SocketId,
}

/// What coupling a run gives.
#[derive(Debug, Default)]
pub struct CouplingResult {
    /// In order of Plug namespace and name.
    pub resolved: Vec<ResolvedPlug>,
    /// In order of Plug namespace and name.
    pub couplings: Vec<Coupling>,
    /// Of each Socket that writes something and whose Plugs are all known.
    pub sockets: Vec<SocketCoupling>,
    /// Of each ServiceBinding whose Secret is known, in order of namespace and name.
    pub service_bindings: Vec<ServiceBindingCoupling>,
    /// Errors, warnings, infos.
    pub diagnostics: Vec<Diagnostic>,
}

#[cfg(test)]
mod tests;
