//! Defines Interface, Plug, Socket and Coupler as a user writes them: decoded strictly, with the
//! place of each value.

mod adapter;
mod adapter_library;
mod adapter_reader;
mod binder;
mod config;
mod converter;
mod converter_reader;
mod decode;
mod field;
mod fields;
mod files;
mod interface;
mod kinds;
mod label_selector;
mod labels;
mod library;
mod lists;
mod mend;
mod metadata;
mod names;
mod number;
mod plain;
mod plug;
mod reader;
mod remedy;
mod renamed;
mod resource_template;
mod resources;
mod rules;
mod schema;
mod service;
mod service_binding;
mod service_binding_reader;
mod settings;
mod shape;
mod since;
mod socket;
mod socket_bind;
mod suggest;
mod version;

use std::collections::BTreeMap;
use std::rc::Rc;

use semver::Version;
use serde_json::Value;

use crate::manifest::path::Step;
use crate::manifest::{Place, emit};

pub use adapter::{
    AdaptedKind, AdaptedObject, AdaptedSocket, Adapter, AdapterExample, ConditionalConfigFrom,
    Discovery, LocalName, NamedValue, RelatedBy, RelatedObject, SecretTemplate, ServiceTemplate,
    SocketFrom, SocketTemplate, Switch,
};
pub use adapter_library::{BuiltInAdapter, built_in_adapters};
pub use binder::{Binder, BinderKind, ContainerBindings};
pub use config::{LiteralSource, data_key};
pub use converter::{ConvertedTemplate, Converter, ConverterExample, ConverterSource};
pub use decode::{
    CATALOGUE_ANNOTATION, COMPLETE_ANNOTATION, Defaults, NAME_REFERENCES_ANNOTATION, OwnObject,
    decode,
};
pub use field::KindField;
pub use fields::ObjectForm;
pub use kinds::KINDS;
pub use label_selector::{LabelExpression, LabelOperator, LabelSelector};
pub use labels::{LabelIndex, LabelPair, LookRoom, TooManyLooks};
pub use library::{library, library_interface, library_names, library_since};
pub use names::{env_name, file_name};
pub use number::number_text;
pub use renamed::renamed;
pub use resource_template::{
    ManifestMember, ManifestNode, ManifestValue, ResourceHome, ResourceTemplate,
};
pub use rules::{is_file_path, is_interface_name, is_object_name, is_port_name, is_service_name};
pub use schema::{crds, editor_schema};
pub use service::{Service, ServicePort, SocketOrigin};
pub use service_binding::{
    SERVICE_BINDING, SERVICE_BINDING_GROUP, SERVICE_BINDING_VERSIONS, ServiceBinding,
    ServiceBindingVariable,
};
pub use service_binding_reader::decode_service_binding;
pub use settings::{
    ALL_PLUGS, AllPlugs, INTEGRATIONS, Integrations, ORPHANS, Orphans, SERVICE_BINDINGS,
    ServiceBindings, Settings, decode_data,
};
pub use suggest::suggest;

/// The API group of all our kinds.
pub const GROUP: &str = "integration.rock8s.com";
/// The `apiVersion` of all our kinds.
pub const API_VERSION: &str = "integration.rock8s.com/v1";

/// A decoded value and where it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it is.
    pub at: Place,
}

/// What identifies an object of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meta {
    /// `metadata.name`.
    pub name: Spanned<String>,
    /// `metadata.namespace`, or the run's namespace; `None` is the one unknown namespace, equal to
    /// itself alone.
    pub namespace: Option<String>,
    /// `metadata.labels` of a Socket; others are not chosen by them.
    pub labels: BTreeMap<String, String>,
    /// The workloads that kustomize follows names into where coupler's Component is in use, by
    /// resource: of a Plug or a Socket the annotation `integration.rock8s.com/name-references`.
    pub name_references: Vec<String>,
    /// Where the object begins.
    pub at: Place,
    /// Whether it came from the catalogue (by source, or by the annotation
    /// `integration.rock8s.com/catalog: "true"`).
    pub catalogue: bool,
    /// Whether an error inside it was reported already: what would only follow from that is not
    /// worth a message.
    pub broken: bool,
}

/// A contract and its versions.
#[derive(Clone, Debug, PartialEq)]
pub struct Interface {
    /// The object.
    pub meta: Meta,
    /// `spec.name`: the interface's own, global name.
    pub name: Spanned<String>,
    /// `spec.description`.
    pub description: Option<String>,
    /// `spec.versions`, as written.
    pub versions: Vec<InterfaceVersion>,
}

/// One version of a contract.
#[derive(Clone, Debug, PartialEq)]
pub struct InterfaceVersion {
    /// Full semver.
    pub version: Spanned<Version>,
    /// The text of `deprecated`.
    pub deprecated: Option<String>,
    /// What a Plug hands to the Socket; absent: nothing.
    pub plug: Schema,
    /// What a Socket hands to the Plug; absent: nothing.
    pub socket: Schema,
    /// Executable examples.
    pub examples: Vec<Example>,
}

/// A JSON Schema 2020-12 of one side's keys, as written.
#[derive(Clone, Debug, PartialEq)]
pub struct Schema {
    /// The schema; `{}` where it is not written.
    pub value: Value,
    /// Where it is, or the version if it is not written.
    pub at: Place,
    /// Places inside it, by JSON pointer (`/properties/port/default`).
    pub places: BTreeMap<String, Place>,
}

/// One executable example of a version.
#[derive(Clone, Debug, PartialEq)]
pub struct Example {
    /// What the Plug gives.
    pub plug: Option<Value>,
    /// What the Socket gives.
    pub socket: Option<Value>,
    /// A JSON pointer of `/plug/…` or `/socket/…` where it must fail.
    pub invalid: Option<Spanned<String>>,
    /// Where it is.
    pub at: Place,
}

/// One key of a `config`: any JSON; strings in it are templates.
#[derive(Clone, Debug, PartialEq)]
pub struct ConfigEntry {
    /// The key.
    pub key: Spanned<String>,
    /// The value.
    pub value: Spanned<Value>,
}

/// One entry of `configFrom`: keys whose values live in another object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigFrom {
    /// The object.
    pub from: ConfigSource,
    /// Our key → the Secret's or ConfigMap's key, or the path in the object. In order of our key's
    /// name.
    pub keys: Vec<(Spanned<String>, Spanned<String>)>,
    /// `urlSafe`: which of our keys hold nothing that a URL must encode.
    pub url_safe: Vec<Spanned<String>>,
    /// Where the entry is.
    pub at: Place,
}

/// The object of a [`ConfigFrom`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigSource {
    /// `secretRef`: always a reference.
    Secret(KeyHolder),
    /// `configMapRef`: a reference.
    ConfigMap(KeyHolder),
    /// `objectRef`, or `configMapRef` with `literal: true`: a literal.
    Object(LiteralSource),
}

/// A Secret or a ConfigMap whose keys are referred to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyHolder {
    /// `name`: a template.
    pub name: Spanned<String>,
    /// `optional`
    pub presence: ReferencePresence,
}

/// Whether pods start without what they refer to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReferencePresence {
    /// They do not: it must be there.
    #[default]
    Required,
    /// `optional: true`: they do.
    Optional,
}

/// A named object of the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectRef {
    /// `apiVersion`.
    pub api_version: String,
    /// `kind`.
    pub kind: String,
    /// `name`: a template.
    pub name: Spanned<String>,
    /// Where the reference is.
    pub at: Place,
}

/// An offer.
#[derive(Clone, Debug, PartialEq)]
pub struct Socket {
    /// The object.
    pub meta: Meta,
    /// `spec.name`, default `metadata.name`: what a Plug's `socket.name` means.
    pub name: Spanned<String>,
    /// `spec.interface.name`.
    pub interface: Spanned<String>,
    /// `spec.interface.versions`: every version this Socket keeps.
    pub versions: Vec<Spanned<Version>>,
    /// `spec.provider`: who provides it, for applications that ask.
    pub provider: Option<Spanned<String>>,
    /// `spec.service`.
    pub service: Option<Service>,
    /// `spec.config`, in key order.
    pub config: Vec<ConfigEntry>,
    /// `spec.configFrom`, as written.
    pub config_from: Vec<ConfigFrom>,
    /// `spec.allow.namespaces`; `None`: the Socket's own namespace only. `*` is the one wildcard.
    pub allow: Option<Vec<Spanned<String>>>,
    /// `spec.secretNamespace`.
    pub secret_namespace: SecretNamespace,
    /// `spec.limit`: how many Plugs may couple; `None`: any number.
    pub limit: Option<Spanned<u32>>,
    /// `spec.workloads`, as written: who gets the variables of `bind`.
    pub workloads: Rc<[WorkloadRef]>,
    /// `spec.bind`: what is made of all its Plugs, and written where the Socket is rendered.
    pub bind: Option<SocketBind>,
    /// `spec.resources`, as written.
    pub resources: Vec<ResourceTemplate>,
    /// What it is.
    pub origin: SocketOrigin,
    /// `spec.from`: the object that it is, completed by what is written.
    pub from: Option<SocketFrom>,
    /// What it is made of, where an Adapter made it, or a part of it.
    pub adapted: Option<Rc<AdaptedSocket>>,
    /// The Adapter that makes it of a Socket of another Interface.
    pub converter: Option<Rc<Converter>>,
}

impl Socket {
    /// Whether nothing of it is written: an Adapter made it.
    pub fn is_adapted(&self) -> bool {
        self.adapted.is_some() && self.from.is_none()
    }
}

/// What a Socket writes, once for all its Plugs.
#[derive(Clone, Debug, PartialEq)]
pub struct SocketBind {
    /// `env`; each holds a template.
    pub env: Vec<EnvBinding>,
    /// `fields`, as written; each holds a template.
    pub fields: Vec<FieldBinding>,
    /// Where it is written.
    pub at: Place,
}

/// Where the Secrets and ConfigMaps of a Socket are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SecretNamespace {
    /// In the Socket's namespace.
    #[default]
    Socket,
    /// In the Plug's namespace, under the same name.
    Plug,
}

/// A request.
#[derive(Clone, Debug, PartialEq)]
pub struct Plug {
    /// The object.
    pub meta: Meta,
    /// `spec.name`, where it is written.
    pub name: Option<Spanned<String>>,
    /// `spec.interface.name`.
    pub interface: Spanned<String>,
    /// `spec.interface.version`: a minimum within one major.
    pub version: Option<Spanned<Minimum>>,
    /// `spec.socket`.
    pub socket: SocketRef,
    /// `spec.workloads`, as written; none where the Plug only binds fields, has resources or hands
    /// its config to the Socket.
    pub workloads: Rc<[WorkloadRef]>,
    /// `spec.config`, in key order.
    pub config: Vec<ConfigEntry>,
    /// `spec.configFrom`, as written.
    pub config_from: Vec<ConfigFrom>,
    /// `spec.bind.env`; `None`: the required socket keys.
    pub env: Option<Vec<EnvBinding>>,
    /// `spec.bind.files`
    pub files: Option<FilesBinding>,
    /// `spec.bind.fields`, as written.
    pub fields: Vec<FieldBinding>,
    /// `spec.resources`, as written.
    pub resources: Vec<ResourceTemplate>,
    /// `spec.optional`: forgives absence, never a misfit.
    pub optional: bool,
    /// `spec.suspend`: rendered as if the Plug were absent.
    pub suspend: bool,
}

impl Plug {
    /// What names of variables begin with, and its directory of files: `spec.name`, else the
    /// Interface's name.
    pub fn prefix(&self) -> &str {
        let name = self.name.as_ref().unwrap_or(&self.interface);
        &name.value
    }

    /// `plug.name` in templates: `spec.name`, else `metadata.name`.
    pub fn template_name(&self) -> &str {
        let name = self.name.as_ref().unwrap_or(&self.meta.name);
        &name.value
    }

    /// The name of the Socket that it names.
    pub fn socket_name(&self) -> Option<&str> {
        match &self.socket {
            SocketRef::Named { name, .. } => Some(&name.value),
            SocketRef::Any | SocketRef::Labels(..) | SocketRef::Service(_) => None,
        }
    }

    /// Where its Socket is looked for: the namespace given, else its own.
    pub fn socket_namespace(&self) -> Option<&str> {
        match &self.socket {
            SocketRef::Named {
                namespace: Some(namespace),
                ..
            } => Some(&namespace.value),
            _ => self.meta.namespace.as_deref(),
        }
    }
}

/// `"1"`, `"1.2"` or `"1.2.3"`: at least that, within one major.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Minimum {
    /// The least version.
    pub least: Version,
    /// As written.
    pub text: String,
}

impl Minimum {
    /// Whether a version is at least this, within the same major.
    pub fn admits(&self, version: &Version) -> bool {
        version.major == self.least.major && *version >= self.least
    }
}

/// How a Plug chooses its Socket.
#[derive(Clone, Debug, PartialEq)]
pub enum SocketRef {
    /// The Sockets of the Plug's own namespace in the stream: exactly one must fit.
    Any,
    /// The same, among those with these labels.
    Labels(BTreeMap<String, String>, Place),
    /// By `spec.name`, in the namespace given or the Plug's own.
    Named {
        /// The Socket's `spec.name`.
        name: Spanned<String>,
        /// Its namespace.
        namespace: Option<Spanned<String>>,
    },
    /// A Service of the Plug's own namespace, as the Socket that it is.
    Service(Box<Socket>),
}

/// Who gets the coupled config.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkloadRef {
    /// `apiVersion`, where written.
    pub api_version: Option<String>,
    /// `kind`, default `Deployment`.
    pub kind: String,
    /// By name or by labels.
    pub selector: WorkloadSelector,
    /// `containers`; empty: the only one. `["*"]`: all, init containers included.
    pub containers: Vec<Spanned<String>>,
    /// Which item of `spec.workloads` it is.
    pub position: usize,
    /// Where it is.
    pub at: Place,
}

/// How a workload is chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WorkloadSelector {
    /// `metadata.name`.
    Name(Spanned<String>),
    /// `metadata.labels`, all of them.
    Labels(BTreeMap<String, String>),
    /// What `metadata.labels` must be.
    Matching(LabelSelector),
}

/// One entry of `bind.env`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvBinding {
    /// The variable.
    pub name: Spanned<String>,
    /// What it holds.
    pub value: EnvValue,
    /// What becomes of the workload's own variable of that name.
    pub overwrite: OverwriteRule,
}

/// What becomes of the author's own value in place of a binding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum OverwriteRule {
    /// It is a collision.
    #[default]
    Never,
    /// `replace: true`: it is replaced.
    Always,
    /// `expect`: it is replaced where it is this text; anything else there, or nothing, is an
    /// error.
    Expected(Spanned<String>),
}

impl OverwriteRule {
    /// As the member of a binding, for lines to paste.
    pub fn member(&self) -> Option<String> {
        match self {
            Self::Never => None,
            Self::Always => Some("replace: true".to_owned()),
            Self::Expected(text) => Some(format!("expect: {}", emit::flow_string(&text.value))),
        }
    }
}

/// What a bound variable holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EnvValue {
    /// A socket key.
    Key(Spanned<String>),
    /// A template.
    Template(Spanned<String>),
    /// The path of the file that a socket key is in.
    File(Spanned<String>),
}

/// `bind.files`: a directory of files in each container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilesBinding {
    /// `mountPath`: the directory; `None`: one below `$SERVICE_BINDING_ROOT`.
    pub mount_path: Option<Spanned<String>>,
    /// `items`: exactly these files; `None`: one for each key that the Socket gives.
    pub items: Option<Vec<FileItem>>,
    /// Where it is written.
    pub at: Place,
}

/// One entry of `bind.files.items`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileItem {
    /// The file, relative to the directory.
    pub path: Spanned<String>,
    /// What it holds.
    pub value: FileValue,
    /// Its permissions, where given.
    pub mode: Option<u16>,
}

/// What a bound file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileValue {
    /// A socket key.
    Key(Spanned<String>),
    /// A template.
    Template(Spanned<String>),
}

/// One entry of `bind.fields`: a field of any object of the namespace of the Plug or the Socket.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldBinding {
    /// The object; its name is no template.
    pub object: ObjectRef,
    /// How it is named.
    pub form: ObjectForm,
    /// `path`; the last step is the key of a mapping.
    pub path: Spanned<Vec<Step>>,
    /// `find`: what of the text there is replaced; `None`: the field is written as a whole.
    pub find: Option<Spanned<String>>,
    /// What it holds.
    pub value: FieldValue,
    /// What becomes of the author's own value.
    pub overwrite: OverwriteRule,
    /// Which item of `spec.bind.fields` it is.
    pub position: usize,
    /// Where the entry is.
    pub at: Place,
}

/// What a bound field holds.
#[derive(Clone, Debug, PartialEq)]
pub enum FieldValue {
    /// A socket key, of its own type.
    Key(Spanned<String>),
    /// Any JSON; strings in it are templates.
    Template(Spanned<Value>),
    /// The name of the Secret that a socket key refers to.
    SecretName(Spanned<String>),
    /// The key, in that Secret, that a socket key refers to.
    SecretKey(Spanned<String>),
}
