//! Splits a Plug or a Socket into parts, so that two of them can be compared; values are never
//! shown.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::api::{
    ConfigEntry, ConfigFrom, ConfigSource, EnvBinding, EnvValue, FieldBinding, FieldValue,
    FileItem, FileValue, LiteralSource, ManifestNode, ManifestValue, OverwriteRule, Plug,
    ReferencePresence, ResourceHome, ResourceTemplate, SecretNamespace, ServicePort, Socket,
    SocketRef, Spanned, WorkloadRef, WorkloadSelector,
};
use crate::manifest::path::Path;

/// A part's name → what it holds.
pub(super) type Fields = BTreeMap<String, Value>;

/// The fields of a Socket.
pub(super) fn socket(socket: &Socket) -> Fields {
    let mut fields = given(&socket.config, &socket.config_from);
    if let Some(service) = &socket.service {
        fields
            .entry("host".to_owned())
            .or_insert_with(|| json!({"service": service.name.value}));
        if let Some(port) = &service.port {
            let port = match &port.value {
                ServicePort::Number(number) => json!(number),
                ServicePort::Name(name) => json!({"service": service.name.value, "port": name}),
            };
            fields.entry("port".to_owned()).or_insert(port);
        }
    }
    let versions: Vec<_> = socket
        .versions
        .iter()
        .map(|version| version.value.to_string())
        .collect();
    let allow = socket
        .allow
        .as_ref()
        .map(|all| all.iter().map(|one| one.value.as_str()).collect::<Vec<_>>());
    set(&mut fields, "metadata.labels", &json!(socket.meta.labels));
    set(
        &mut fields,
        "spec.interface.name",
        &json!(socket.interface.value),
    );
    set(&mut fields, "spec.interface.versions", &json!(versions));
    set(&mut fields, "spec.allow", &json!(allow));
    set(
        &mut fields,
        "spec.secretNamespace",
        &json!(socket.secret_namespace == SecretNamespace::Plug),
    );
    let limit = socket.limit.as_ref().map(|limit| limit.value);
    set(&mut fields, "spec.limit", &json!(limit));
    set(&mut fields, "spec.workloads", &workloads(&socket.workloads));
    if let Some(bind) = &socket.bind {
        set(&mut fields, "spec.bind.env", &variables(&bind.env));
        set(&mut fields, "spec.bind.fields", &bound_fields(&bind.fields));
    }
    let from = socket.from.as_ref().map(|from| {
        let name = from.socket.as_ref().map(|name| &name.value);
        json!([from.group.value, from.kind.value, from.name.value, name])
    });
    set(&mut fields, "spec.from", &json!(from));
    set(&mut fields, "spec.resources", &resources(&socket.resources));
    fields
}

/// `spec.workloads`; null: there are none.
fn workloads(workloads: &[WorkloadRef]) -> Value {
    let workload = |workload: &WorkloadRef| {
        let selector = match &workload.selector {
            WorkloadSelector::Name(name) => json!(name.value),
            WorkloadSelector::Labels(labels) => json!(labels),
            WorkloadSelector::Matching(selector) => json!(selector.to_string()),
        };
        let containers = workload.containers.iter();
        let containers: Vec<_> = containers.map(|name| name.value.as_str()).collect();
        json!([workload.api_version, workload.kind, selector, containers])
    };
    match workloads.is_empty() {
        true => Value::Null,
        false => workloads.iter().map(workload).collect(),
    }
}

/// `spec.bind.env`
fn variables(env: &[EnvBinding]) -> Value {
    let value = |value: &EnvValue| match value {
        EnvValue::Key(key) => json!({"key": key.value}),
        EnvValue::Template(template) => json!({"value": template.value}),
        EnvValue::File(key) => json!({"file": key.value}),
    };
    let variable =
        |one: &EnvBinding| json!([one.name.value, value(&one.value), overwrite(&one.overwrite)]);
    env.iter().map(variable).collect()
}

/// The fields of a Plug.
pub(super) fn plug(plug: &Plug) -> Fields {
    let mut fields = given(&plug.config, &plug.config_from);
    let version = plug
        .version
        .as_ref()
        .map(|version| version.value.text.as_str());
    let socket = match &plug.socket {
        SocketRef::Any => Value::Null,
        SocketRef::Labels(labels, _) => json!(labels),
        SocketRef::Named { name, namespace } => {
            json!([name.value, namespace.as_ref().map(|n| &n.value)])
        }
        SocketRef::Service(socket) => {
            let port = socket
                .service
                .as_ref()
                .and_then(|service| service.port.as_ref());
            json!({"service": socket.name.value, "port": port.map(|port| port.value.to_string())})
        }
    };
    let env = plug.env.as_deref().map(variables);
    let files = plug.files.as_ref().map(|files| {
        let item = |item: &FileItem| {
            let value = match &item.value {
                FileValue::Key(key) => json!({"key": key.value}),
                FileValue::Template(template) => json!({"value": template.value}),
            };
            json!([item.path.value, value, item.mode])
        };
        let items = files.items.as_ref();
        let items = items.map(|items| items.iter().map(item).collect::<Vec<_>>());
        json!([files.mount_path.as_ref().map(|path| &path.value), items])
    });
    let name = plug.name.as_ref().map(|name| &name.value);
    set(&mut fields, "spec.name", &json!(name));
    set(
        &mut fields,
        "spec.interface.name",
        &json!(plug.interface.value),
    );
    set(&mut fields, "spec.interface.version", &json!(version));
    set(&mut fields, "spec.socket", &socket);
    set(&mut fields, "spec.workloads", &workloads(&plug.workloads));
    set(&mut fields, "spec.bind.env", &json!(env));
    set(&mut fields, "spec.bind.files", &json!(files));
    set(&mut fields, "spec.bind.fields", &bound_fields(&plug.fields));
    set(&mut fields, "spec.resources", &resources(&plug.resources));
    set(&mut fields, "spec.optional", &json!(plug.optional));
    set(&mut fields, "spec.suspend", &json!(plug.suspend));
    fields
}

/// `spec.bind.fields`; null: there are none.
fn bound_fields(fields: &[FieldBinding]) -> Value {
    let field = |binding: &FieldBinding| {
        let object = &binding.object;
        let value = match &binding.value {
            FieldValue::Key(key) => json!({"key": key.value}),
            FieldValue::Template(template) => json!({"value": template.value}),
            FieldValue::SecretName(key) => json!({"secretNameOf": key.value}),
            FieldValue::SecretKey(key) => json!({"secretKeyOf": key.value}),
        };
        let path = Path(&binding.path.value).to_string();
        let object = json!([object.api_version, object.kind, object.name.value]);
        let find = binding.find.as_ref().map(|find| &find.value);
        json!([object, path, find, value, overwrite(&binding.overwrite)])
    };
    match fields.is_empty() {
        true => Value::Null,
        false => fields.iter().map(field).collect(),
    }
}

/// `spec.resources`; null: there are none.
fn resources(resources: &[ResourceTemplate]) -> Value {
    let resource = |resource: &ResourceTemplate| {
        let home = match resource.home {
            ResourceHome::Owner => "",
            ResourceHome::Socket => "Socket",
            ResourceHome::Plug => "Plug",
            ResourceHome::Cluster => "None",
        };
        let condition = resource.condition.as_ref().map(|text| &text.value);
        let manifest = manifest(&resource.manifest);
        json!([resource.name.value, home, condition, manifest])
    };
    match resources.is_empty() {
        true => Value::Null,
        false => resources.iter().map(resource).collect(),
    }
}

fn manifest(node: &ManifestNode<Value>) -> Value {
    match &node.value {
        ManifestValue::Leaf(value) => value.clone(),
        ManifestValue::List(items) => items.iter().map(manifest).collect(),
        ManifestValue::Map(members) => members
            .iter()
            .map(|member| (member.key.clone(), manifest(&member.node)))
            .collect(),
    }
}

/// `replace` and `expect` of a binding.
fn overwrite(overwrite: &OverwriteRule) -> Value {
    match overwrite {
        OverwriteRule::Never => json!(false),
        OverwriteRule::Always => json!(true),
        OverwriteRule::Expected(text) => json!({"expect": text.value}),
    }
}

/// What is as good as not written is left out: so a difference is an addition, not a change.
fn set(fields: &mut Fields, name: &str, value: &Value) {
    if !matches!(value, Value::Null | Value::Bool(false)) && value != &json!({}) {
        fields.insert(name.to_owned(), value.clone());
    }
}

/// The keys that one side gives.
fn given(config: &[ConfigEntry], from: &[ConfigFrom]) -> Fields {
    let mut fields: Fields = config
        .iter()
        .map(|entry| (entry.key.value.clone(), json!({"value": entry.value.value})))
        .collect();
    for entry in from {
        let object = match &entry.from {
            ConfigSource::Secret(secret) => json!(["Secret", secret.name.value]),
            ConfigSource::ConfigMap(map) => json!(["ConfigMap", map.name.value]),
            ConfigSource::Object(LiteralSource { object, .. }) => {
                json!([object.api_version, object.kind, object.name.value])
            }
        };
        fields.extend(
            entry
                .keys
                .iter()
                .map(|(key, path)| (key.value.clone(), json!([object, path.value]))),
        );
        if let ConfigSource::Secret(holder) | ConfigSource::ConfigMap(holder) = &entry.from
            && holder.presence == ReferencePresence::Optional
        {
            let optional = |(key, _): &(Spanned<String>, Spanned<String>)| {
                (
                    format!("spec.configFrom.optional.{}", key.value),
                    json!(true),
                )
            };
            fields.extend(entry.keys.iter().map(optional));
        }
        for key in &entry.url_safe {
            let name = format!("spec.configFrom.urlSafe.{}", key.value);
            fields.insert(name, json!(true));
        }
    }
    fields
}
