//! Describes what to write in place of manifests that coupler does not emit: Secrets, and Policies
//! that edit other objects.

use super::body::{TranslatedBody, translated};
use super::body_type::BodyType;
use super::old_object::{OldBody, OldParty, OldSide};
use super::policy;
use super::secret_readers::SecretReader;
use super::template_scope::TemplateScope;
use crate::diagnostic::{Help, lines};
use crate::edit::Value;
use crate::manifest::emit;

/// Why a manifest is left out, and what to do.
pub(super) struct WayOut {
    /// The fact.
    pub message: String,
    /// What to write instead.
    pub help: Help,
}

/// What to do about the value of a Secret in a text.
pub(super) fn of_secret_value() -> Help {
    lines![
        ("bind the value as a variable (`bind.env`) or a file (`bind.files`) of the workload that \
          reads it;"),
        ("for an object with a field for a Secret's name, write that name (`bind.fields`, with \
          `secretNameOf`);"),
        ("for a text that contains the value, write an ExternalSecret with a template as a \
          resource")
    ]
}

/// The way out for a body of a kind that coupler does not emit.
pub(super) fn of_type(
    declared: &BodyType,
    body: &OldBody,
    party: &OldParty,
    scope: &TemplateScope<'_>,
) -> Option<WayOut> {
    if declared.is_secret() {
        return Some(WayOut {
            message: "it is a Secret, and coupler writes no Secret's value".to_owned(),
            help: variables(body, party, scope),
        });
    }
    if declared.group() == "kyverno.io" {
        return Some(WayOut {
            message: format!(
                "it is a {} of Kyverno; coupler edits the manifests itself",
                declared.kind
            ),
            help: policy::fields(body, scope),
        });
    }
    if declared.is_own() {
        return Some(WayOut {
            message: format!("it is a {} of the operator's own", declared.kind),
            help: Help::from("write it as a manifest of its own, next to this one"),
        });
    }
    if declared.kind == "List" {
        return Some(WayOut {
            message: "it is a list of objects".to_owned(),
            help: Help::from("write a resource for each object"),
        });
    }
    None
}

/// Variables in place of the keys of a Secret.
fn variables(body: &OldBody, party: &OldParty, scope: &TemplateScope<'_>) -> Help {
    let bodies = translated(body, scope).unwrap_or_default();
    let entries: Vec<SecretEntry> = bodies.iter().flat_map(entries).collect();
    if party.side == OldSide::Socket || entries.is_empty() {
        return of_secret_value();
    }
    let name = bodies.first().and_then(secret_name).unwrap_or_default();
    let readers = scope.secret_readers(name);
    let workloads = readers.iter().filter(|reader| reader.is_workload());
    let workloads: Vec<String> = workloads.map(workload).collect();
    let workloads = match &workloads[..] {
        [] => "{name: WORKLOAD}".to_owned(),
        some => some.join(", "),
    };
    let mut help = Help::default();
    for reader in readers.iter().filter(|reader| !reader.is_workload()) {
        help = help.and(format!(
            "{} {} names it: write that field with `bind.fields` and `secretNameOf`",
            reader.kind, reader.name
        ));
    }
    let mut help = help.and(lines![
        ("bind the variables directly in the workload that reads the Secret:"),
        ("workloads: [{workloads}]"),
        ("bind:"),
        ("  env:")
    ]);
    for entry in entries {
        let name = emit::flow_string(&entry.name);
        help = match entry.socket_key() {
            Some(key) => {
                let key = emit::flow_string(key);
                help.and(lines![("    - {{name: {name}, key: {key}}}")])
            }
            None => {
                let value = emit::json_string(&entry.value);
                help.and(lines![("    - {{name: {name}, value: {value}}}")])
            }
        };
    }
    help.and(
        "if the Secret is in another namespace, let an ExternalSecret or an operator create \
     it in the Plug's namespace, and write `secretNamespace: Plug` in the Socket",
    )
}

/// A workload as a Plug names it.
fn workload(reader: &SecretReader) -> String {
    let name = emit::flow_string(&reader.name);
    match reader.kind.as_str() {
        "Deployment" => format!("{{name: {name}}}"),
        kind => format!("{{kind: {kind}, name: {name}}}"),
    }
}

/// The name of a Secret, where it is written out.
fn secret_name(body: &TranslatedBody) -> Option<&str> {
    let Value::Map(members) = &body.manifest else {
        return None;
    };
    let (_, metadata) = members.iter().find(|(key, _)| key == "metadata")?;
    let Value::Map(metadata) = metadata else {
        return None;
    };
    match metadata.iter().find(|(key, _)| key == "name")? {
        (_, Value::Text(name)) => Some(name),
        _ => None,
    }
}

/// A key of a Secret, and the template of its value.
struct SecretEntry {
    name: String,
    value: String,
}

impl SecretEntry {
    /// The key of the Socket that it is, and nothing else.
    fn socket_key(&self) -> Option<&str> {
        let key = self.value.strip_prefix("<% socket.config.")?;
        let key = key.strip_suffix(" %>")?;
        let is_key = |c: char| c.is_ascii_alphanumeric() || c == '_';
        key.chars().all(is_key).then_some(key)
    }
}

/// The keys under `stringData` of a Secret.
fn entries(body: &TranslatedBody) -> Vec<SecretEntry> {
    let Value::Map(members) = &body.manifest else {
        return Vec::new();
    };
    let data = members.iter().filter(|(key, _)| key == "stringData");
    let mut found = Vec::new();
    for (_, data) in data {
        let Value::Map(data) = data else { continue };
        for (key, value) in data {
            if let Value::Text(text) = value {
                found.push(SecretEntry {
                    name: key.clone().into_owned(),
                    value: text.clone().into_owned(),
                });
            }
        }
    }
    found
}
