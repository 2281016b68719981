//! Writes the page of the built-in Adapters: which kinds they are for, and what comes out.

use std::collections::BTreeSet;

use coupler::api;
use serde_json::Value;

use super::{hold, sentence};

fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

fn list<'v>(value: &'v Value, pointer: &str) -> impl Iterator<Item = &'v Value> {
    let items = value.pointer(pointer).and_then(Value::as_array);
    items.into_iter().flatten()
}

fn members<'v>(value: &'v Value, pointer: &str) -> impl Iterator<Item = &'v String> {
    let members = value.pointer(pointer).and_then(Value::as_object);
    members.into_iter().flatten().map(|(name, _)| name)
}

/// `Cluster` of `postgresql.cnpg.io`.
fn kind(group: &str, kind: &str) -> String {
    match group {
        "" => format!("`{kind}`"),
        group => format!("`{kind}` of `{group}`"),
    }
}

/// The keys that an entry of `sockets` may give, sorted.
fn keys(socket: &Value) -> BTreeSet<&str> {
    let mut keys: BTreeSet<&str> = members(socket, "/config").map(String::as_str).collect();
    for from in list(socket, "/configFrom") {
        keys.extend(members(from, "/keys").map(String::as_str));
    }
    if socket.get("service").is_some() {
        keys.extend(["host", "port"]);
    }
    keys
}

/// How many Sockets come of an entry, and who gets them.
fn number(socket: &Value) -> String {
    let mut number = match socket.get("each") {
        Some(_) => "several".to_owned(),
        None => "one".to_owned(),
    };
    if socket.get("default") == Some(&Value::Bool(false)) {
        number.push_str(", by name only");
    }
    number
}

fn part(adapter: &api::BuiltInAdapter) -> String {
    let object: Value = serde_yaml::from_str(adapter.manifest).unwrap();
    let name = adapter.name;
    let about = sentence(text(&object, "/spec/description"));
    let mut part = format!(
        "\n## {name}\n\n{about} Built in since {}.\n\nIt is for {}.",
        adapter.since,
        kind(adapter.group, adapter.kind)
    );
    let related: Vec<String> = list(&object, "/spec/related")
        .map(|related| kind(text(related, "/group"), text(related, "/kind")))
        .collect();
    if !related.is_empty() {
        part.push_str(&format!(" It reads {} too.", related.join(" and ")));
    }
    part.push('\n');
    let sockets: Vec<&Value> = list(&object, "/spec/sockets").collect();
    if !sockets.is_empty() {
        part.push_str("\n| Interface | Sockets | keys that they may give |\n|---|---|---|\n");
    }
    for socket in sockets {
        let interface = text(socket, "/interface/name");
        let keys: Vec<&str> = keys(socket).into_iter().collect();
        part.push_str(&format!(
            "| [`{interface}`](interfaces.md#{interface}) | {} | `{}` |\n",
            number(socket),
            keys.join("`, `")
        ));
    }
    let secrets: Vec<String> = list(&object, "/spec/secrets")
        .map(|secret| format!("`{}`", text(secret, "/name")))
        .collect();
    if !secrets.is_empty() {
        part.push_str(&format!(
            "\nIt knows the keys of these Secrets: {}.\n",
            secrets.join(", ")
        ));
    }
    part
}

#[test]
fn the_page_of_the_built_in_adapters_is_what_they_define() {
    let mut page = "# Built-in Adapters\n\nAn object of one of these kinds is a Socket as it is, \
                    in any version of its group. [Write an Adapter](../guides/adapter.md) for \
                    another kind.\n\n| kind | Interface | Adapter |\n|---|---|---|\n"
        .to_owned();
    for adapter in api::built_in_adapters() {
        let object: Value = serde_yaml::from_str(adapter.manifest).unwrap();
        let interfaces: BTreeSet<&str> = list(&object, "/spec/sockets")
            .map(|socket| text(socket, "/interface/name"))
            .collect();
        let interfaces: Vec<String> = interfaces.iter().map(|name| format!("`{name}`")).collect();
        let interfaces = match interfaces.is_empty() {
            true => "none: the keys of its Secrets are known".to_owned(),
            false => interfaces.join(", "),
        };
        let name = adapter.name;
        page.push_str(&format!(
            "| {} | {interfaces} | [{name}](#{name}) |\n",
            kind(adapter.group, adapter.kind)
        ));
    }
    for adapter in api::built_in_adapters() {
        page.push_str(&part(adapter));
    }
    hold("adapters.md", &page);
}
