//! Defines an Adapter: how Sockets are made of objects of another kind, as its author wrote it.

use std::rc::Rc;

use semver::Version;
use serde_json::Value;

use super::{ConfigEntry, ConfigFrom, Meta, SecretNamespace, Spanned};
use crate::manifest::Place;

/// Entries of each list of an Adapter.
pub(super) const ENTRIES: usize = 64;

/// How the objects of one kind are Sockets.
#[derive(Clone, Debug, PartialEq)]
pub struct Adapter {
    /// The object; its namespace means nothing.
    pub meta: Meta,
    /// `spec.description`
    pub description: Option<String>,
    /// `spec.object`
    pub object: AdaptedKind,
    /// `spec.related`, as written.
    pub related: Vec<RelatedObject>,
    /// `spec.let`, as written.
    pub locals: Vec<LocalName>,
    /// `spec.sockets`, as written.
    pub sockets: Vec<SocketTemplate>,
    /// `spec.secrets`, as written.
    pub secrets: Vec<SecretTemplate>,
    /// `spec.examples`, as written.
    pub examples: Vec<AdapterExample>,
    /// Every text of it, for the annotations that it names.
    pub text: Rc<str>,
}

/// The objects that an Adapter is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdaptedKind {
    /// `group`: that of the core kinds is empty.
    pub group: Spanned<String>,
    /// `kind`
    pub kind: Spanned<String>,
    /// `if`: a template; without it, all of them.
    pub condition: Option<Spanned<String>>,
}

/// Another object that an Adapter reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelatedObject {
    /// `as`: its name in templates.
    pub name: Spanned<String>,
    /// `group`
    pub group: Spanned<String>,
    /// `kind`
    pub kind: Spanned<String>,
    /// How it is found.
    pub by: RelatedBy,
    /// `namespace`: a template; without it, or null, that of the adapted object.
    pub namespace: Option<Spanned<String>>,
    /// Whether nothing is offered without it.
    pub required: bool,
}

/// How a related object is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RelatedBy {
    /// `name`: a template.
    Name(Spanned<String>),
    /// `where`: a template that is true for one of them.
    Where(Spanned<String>),
    /// `matchLabels`: templates by label.
    Labels(Vec<(Spanned<String>, Spanned<String>)>),
}

/// An entry of `let`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalName {
    /// `name`
    pub name: Spanned<String>,
    /// `value`: a template.
    pub value: Spanned<String>,
}

/// `true`, `false`, or a template of one of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Switch {
    /// As written.
    Fixed(bool),
    /// A template.
    Template(Spanned<String>),
}

/// An entry of `sockets`: Sockets that an object is.
#[derive(Clone, Debug, PartialEq)]
pub struct SocketTemplate {
    /// `name`: a template; without it, the object's name.
    pub name: Option<Spanned<String>>,
    /// `default`: whether a Plug that names none finds it.
    pub default: Switch,
    /// `if`: a template; without it, it is always offered.
    pub condition: Option<Spanned<String>>,
    /// `each`: a template of a list; one Socket for each `item`.
    pub each: Option<Spanned<String>>,
    /// `let`, as written.
    pub locals: Vec<LocalName>,
    /// `reason`: why there is none where `if` does not hold or `each` is empty.
    pub reason: Option<String>,
    /// `interface.name`
    pub interface: Spanned<String>,
    /// `interface.versions`
    pub versions: Vec<Spanned<Version>>,
    /// `provider`
    pub provider: Option<Spanned<String>>,
    /// `service`
    pub service: Option<ServiceTemplate>,
    /// `config`, in key order; texts are templates.
    pub config: Vec<ConfigEntry>,
    /// `configFrom`, as written.
    pub config_from: Vec<ConditionalConfigFrom>,
    /// `secretNamespace`
    pub secret_namespace: SecretNamespace,
    /// Which item of `spec.sockets` it is.
    pub position: usize,
    /// Where the entry is.
    pub at: Place,
}

/// The Service of a [`SocketTemplate`].
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceTemplate {
    /// `name`: a template.
    pub name: Spanned<String>,
    /// `port`: a number, or a template.
    pub port: Option<Spanned<Value>>,
}

/// An entry of `configFrom` of a [`SocketTemplate`]: of several that give a key, the first whose
/// condition holds counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConditionalConfigFrom {
    /// `if`: a template; without it, the entry always counts.
    pub condition: Option<Spanned<String>>,
    /// The rest; names and keys are templates.
    pub entry: ConfigFrom,
}

/// An entry of `secrets`: a Secret that an object makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretTemplate {
    /// `name`: a template.
    pub name: Spanned<String>,
    /// `keys`: templates, each of a text or of a list of texts.
    pub keys: Vec<Spanned<String>>,
    /// `complete`: whether it has no other keys.
    pub complete: Switch,
    /// `if`: a template; without it, the Secret is always made.
    pub condition: Option<Spanned<String>>,
    /// `each`: a template of a list; one Secret for each `item`.
    pub each: Option<Spanned<String>>,
    /// Which item of `spec.secrets` it is.
    pub position: usize,
    /// Where the entry is.
    pub at: Place,
}

/// One executable example of an Adapter.
#[derive(Clone, Debug, PartialEq)]
pub struct AdapterExample {
    /// Manifests.
    pub objects: Vec<Value>,
    /// All Sockets that those of the Adapter's kind are.
    pub sockets: Vec<SocketTemplate>,
    /// All Secrets that they make.
    pub secrets: Vec<SecretTemplate>,
    /// Where it is.
    pub at: Place,
}

/// `from` of a Socket: the object that it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SocketFrom {
    /// `group`: that of the core kinds is empty.
    pub group: Spanned<String>,
    /// `kind`
    pub kind: Spanned<String>,
    /// `name`
    pub name: Spanned<String>,
    /// `socket`: which of the Sockets that the object is; without it, the default one.
    pub socket: Option<Spanned<String>>,
    /// Where it is.
    pub at: Place,
}

/// What an adapted Socket is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct AdaptedSocket {
    /// The object that it is.
    pub object: AdaptedObject,
    /// The name of the Adapter.
    pub adapter: String,
    /// Whether it is built in: then no place in it can be shown.
    pub is_built_in: bool,
    /// How it is found.
    pub found: Discovery,
    /// What its templates see beside the two sides.
    pub names: Vec<NamedValue>,
}

/// A value that templates see under a name.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedValue {
    /// The name.
    pub name: String,
    /// The value; null where there is none.
    pub value: Rc<Value>,
}

/// How a Plug finds a Socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Discovery {
    /// By what it offers, or by name.
    Offered,
    /// By name alone.
    Named,
}

/// The object that a Socket is made of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AdaptedObject {
    /// `apiVersion`
    pub api_version: String,
    /// `kind`
    pub kind: String,
    /// Its namespace; `None` is the unknown one.
    pub namespace: Option<String>,
    /// `metadata.name`
    pub name: String,
}
