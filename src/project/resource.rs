//! Lowers a resource to the object that is written: references are allowed in the variables of a
//! pod template only.

use std::collections::{BTreeMap, BTreeSet};

use super::resource_leaves::digests;
use super::resource_record::ResourceRecord;
use super::workload_kinds::WorkloadKinds;
use crate::api::{ManifestMember, ManifestNode, ManifestValue, is_object_name};
use crate::couple::{
    CoupledResource, Part, Reference, ReferenceKind, ResolvedValue, ResourceLeaf, expanded_text,
    plain_text,
};
use crate::diagnostic::{Code, Diagnostic, lines};
use crate::edit::{Member, Value};
use crate::manifest::Place;
use crate::manifest::path::{Path, Step};
use crate::manifest::stream::group;

mod containers;
mod standing;
mod variables;

use containers::PodParts;
pub use standing::{StandingChange, StandingResource};

/// A value of a resource.
type ResourceNode = ManifestNode<ResourceLeaf>;

/// A resource as an object.
#[derive(Clone, Debug)]
pub struct LoweredResource {
    /// `apiVersion`
    pub api_version: String,
    /// `kind`
    pub kind: String,
    /// `metadata.name`
    pub name: String,
    /// Where the name is written.
    pub name_at: Place,
    /// The manifest, without a namespace and without coupler's marks.
    manifest: Value<'static>,
    /// The digests of its leaves.
    pub leaves: BTreeMap<String, String>,
}

/// Lowers a resource.
///
/// # Errors
/// Everything in it that cannot be written.
pub fn lower_resource(
    resource: &CoupledResource,
    kinds: &WorkloadKinds,
) -> Result<LoweredResource, Vec<Diagnostic>> {
    let text = |keys: &[&str]| {
        let node = resource.manifest.at_keys(keys.iter().copied())?;
        Some((written_text(node)?, node.at))
    };
    let (api_version, _) = text(&["apiVersion"]).unwrap_or_default();
    let (kind, _) = text(&["kind"]).unwrap_or_default();
    let named = text(&["metadata", "name"]);
    let mut lowering = Lowering {
        resource,
        pods: PodParts::find(&resource.manifest, &api_version, &kind, kinds),
        path: Vec::new(),
        names: BTreeSet::new(),
        errors: Vec::new(),
    };
    let manifest = lowering.value(&resource.manifest);
    let Lowering {
        names, mut errors, ..
    } = lowering;
    let (name, name_at) = match named {
        Some((name, at)) if is_name(&api_version, &name) => (name, at),
        found => {
            if errors.is_empty() {
                errors.push(no_name(resource, found));
            }
            return Err(errors);
        }
    };
    if !errors.is_empty() {
        return Err(errors);
    }
    let leaves = digests(&json_of(&manifest), &names);
    Ok(LoweredResource {
        api_version,
        kind,
        name,
        name_at,
        manifest,
        leaves,
    })
}

/// A scalar as text.
fn written_text(node: &ResourceNode) -> Option<String> {
    let ManifestValue::Leaf(leaf) = &node.value else {
        return None;
    };
    let json = match leaf {
        ResourceLeaf::Written(json) => json.clone(),
        ResourceLeaf::ObjectName(name) => return Some(name.clone()),
        ResourceLeaf::Evaluated(value) => plain_text(value).ok()?,
    };
    match json {
        serde_json::Value::String(text) => Some(text),
        serde_json::Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Whether an object can have this name: of most kinds one of a host, of roles nearly any.
fn is_name(api_version: &str, name: &str) -> bool {
    match group(api_version) {
        "rbac.authorization.k8s.io" => {
            !name.is_empty()
                && name.len() <= 253
                && !matches!(name, "." | "..")
                && name
                    .chars()
                    .all(|c| c.is_ascii_graphic() && c != '/' && c != '%')
        }
        _ => is_object_name(name),
    }
}

fn no_name(resource: &CoupledResource, found: Option<(String, Place)>) -> Diagnostic {
    let node = resource.manifest.at_keys(["metadata", "name"]);
    let at = node.map_or(resource.at, |node| node.at);
    let what = match found {
        Some((name, _)) => format!("would have the name `{name}`, which is not valid"),
        None => "would have no name".to_owned(),
    };
    let message = format!("resource `{}` {what}", resource.name);
    let help = "a name has at most 253 lower-case letters, digits, `-` and `.`; filters can \
     change other text: `<% plug.config.database | lower | replace('_', '-') %>`";
    Diagnostic::error(Code::InvalidField, message)
        .at(at, "this name")
        .help(help)
}

/// A manifest while it is lowered.
struct Lowering<'r> {
    resource: &'r CoupledResource,
    pods: PodParts,
    /// The path of the value at hand.
    path: Vec<Step>,
    /// The paths of the leaves that are names of objects.
    names: BTreeSet<String>,
    errors: Vec<Diagnostic>,
}

impl Lowering<'_> {
    fn value(&mut self, node: &ResourceNode) -> Value<'static> {
        match &node.value {
            ManifestValue::Leaf(leaf) => self.leaf(leaf, node),
            ManifestValue::List(items) if self.pods.has_variables(node) => self.variables(items),
            ManifestValue::List(items) => Value::List(self.items(items)),
            ManifestValue::Map(members) => {
                let members = members.iter().map(|member| self.member(member));
                Value::Map(members.collect())
            }
        }
    }

    fn items(&mut self, items: &[ResourceNode]) -> Vec<Value<'static>> {
        let mut lowered = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            self.path.push(step_of(item, index));
            lowered.push(self.value(item));
            self.path.pop();
        }
        lowered
    }

    fn member(&mut self, member: &ManifestMember<ResourceLeaf>) -> Member<'static> {
        self.path.push(Step::Key(member.key.clone()));
        let value = self.value(&member.node);
        self.path.pop();
        (member.key.clone().into(), value)
    }

    fn leaf(&mut self, leaf: &ResourceLeaf, node: &ResourceNode) -> Value<'static> {
        let value = match leaf {
            ResourceLeaf::Written(json) => return Value::from(json),
            ResourceLeaf::ObjectName(name) => {
                self.names.insert(Path(&self.path).to_string());
                return Value::Text(name.clone().into());
            }
            ResourceLeaf::Evaluated(value) => value,
        };
        let json = match plain_text(value) {
            Ok(json) => json,
            Err(reference) => {
                self.refuse(&reference, node.at);
                return Value::Text("".into());
            }
        };
        let is_text = self.is_metadata_text();
        match (value, json) {
            (_, serde_json::Value::String(text)) if self.pods.is_expanded(node) => {
                let parts = match value {
                    ResolvedValue::Text(parts) => parts.to_vec(),
                    _ => vec![Part::Data(text)],
                };
                Value::Text(expanded_text(&parts, |_| String::new()).into())
            }
            (_, json @ (serde_json::Value::Number(_) | serde_json::Value::Bool(_))) if is_text => {
                Value::Text(json.to_string().into())
            }
            (_, json) => Value::from(&json),
        }
    }

    /// Whether the value at hand is a label or an annotation, which are texts.
    fn is_metadata_text(&self) -> bool {
        let [.., Step::Key(metadata), Step::Key(part), Step::Key(_)] = &self.path[..] else {
            return false;
        };
        metadata == "metadata" && (part == "labels" || part == "annotations")
    }

    /// Reports a reference that would be written as text.
    fn refuse(&mut self, reference: &Reference, at: Place) {
        let Reference {
            kind,
            name,
            key,
            supplies,
            ..
        } = reference;
        let message = format!(
            "`{}` of resource `{}` would contain the text of `{supplies}`, which is the key `{key}` of {} `{name}`",
            Path(&self.path),
            self.resource.name,
            kind.object()
        );
        let help = match kind {
            ReferenceKind::Secret => lines![
                ("coupler never reads a Secret; in a container of a resource it can be the `value` of a variable, which a command \
                     uses as `$(NAME)`;"),
                ("if a field needs the name of the Secret or the key in it, write `<% \
                  socket.refs.{supplies}.name %>` or `<% socket.refs.{supplies}.key %>`;"),
                ("a resource that is an ExternalSecret with a template builds a text that \
                  contains a secret, in the cluster")
            ],
            ReferenceKind::ConfigMap => lines![
                ("if the value may be written into the output, add `literal: true` to the entry of `configFrom` that gives `{supplies}`")
            ],
        };
        let error = Diagnostic::error(Code::ReferenceInPlainText, message).at(at, "used here");
        self.errors.push(error.help(help));
    }
}

/// The step to an item of a list.
fn step_of(item: &ResourceNode, index: usize) -> Step {
    match item.member("name").and_then(written_text) {
        Some(value) => Step::Match {
            key: "name".to_owned(),
            value,
        },
        None => Step::Index(index),
    }
}

/// A value as JSON.
fn json_of(value: &Value<'_>) -> serde_json::Value {
    match value {
        Value::Text(text) => serde_json::Value::String(text.to_string()),
        Value::Json(text) => serde_json::Value::String(text.clone()),
        Value::Scalar(token) => serde_json::from_str(token).unwrap_or_default(),
        Value::Map(members) => members
            .iter()
            .map(|(key, value)| (key.to_string(), json_of(value)))
            .collect(),
        Value::List(items) => items.iter().map(json_of).collect(),
    }
}

impl LoweredResource {
    /// The object as it is written where there is none yet.
    pub fn object(&self, namespace: Option<&str>, record: &ResourceRecord) -> Value<'static> {
        standing::marked(&self.manifest, &self.name, namespace, record)
    }
}
