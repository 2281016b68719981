//! Formats a listing: tables for a terminal, JSON and YAML for programs. Names only.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::table::Table;
use crate::listing::{
    ListedInterface, ListedName, ListedPlug, ListedReason, ListedSocket, Listing, PlugState,
    ReadFrom,
};
use crate::manifest::emit::{flow_string, json_string};

/// A table of each kind.
pub(super) fn table(listing: &Listing) -> String {
    let mut plugs = Table::new(&["PLUG", "INTERFACE", "SOCKET", "BOUND", "STATUS"]);
    for plug in &listing.plugs {
        plugs.push(vec![
            name(&plug.name),
            interface(plug),
            socket_or_service(plug),
            bound(plug),
            status(&plug.state),
        ]);
    }
    let mut sockets = Table::new(&["SOCKET", "INTERFACE", "PLUGS", "FROM", "STATUS"]);
    for socket in &listing.sockets {
        sockets.push(vec![
            name(&socket.name),
            socket.interface.clone(),
            socket.plugs.len().to_string(),
            socket_from(socket),
            socket.failed.as_ref().map_or("Ok".to_owned(), short),
        ]);
    }
    tables(listing, &plugs, &sockets)
}

/// The same with the names of workloads, of what is bound, of versions and of Plugs.
pub(super) fn wide(listing: &Listing) -> String {
    let heading = [
        "PLUG",
        "INTERFACE",
        "SOCKET",
        "WORKLOADS",
        "BOUND",
        "STATUS",
    ];
    let mut plugs = Table::new(&heading);
    for plug in &listing.plugs {
        let mut bound = [
            &plug.variables[..],
            &plug.files,
            &plug.fields,
            &plug.resources,
        ]
        .concat();
        bound.extend(not_bound(plug));
        plugs.push(vec![
            name(&plug.name),
            interface(plug),
            socket_or_service(plug),
            plug.workloads.join(","),
            bound.join(","),
            status(&plug.state),
        ]);
    }
    let heading = [
        "SOCKET",
        "INTERFACE",
        "VERSIONS",
        "PLUGS",
        "WORKLOADS",
        "BOUND",
        "FROM",
        "STATUS",
    ];
    let mut sockets = Table::new(&heading);
    for socket in &listing.sockets {
        let plugs: Vec<_> = socket.plugs.iter().map(name).collect();
        let bound = [&socket.variables[..], &socket.fields].concat();
        sockets.push(vec![
            name(&socket.name),
            socket.interface.clone(),
            socket.versions.join(","),
            plugs.join(","),
            socket.workloads.join(","),
            bound.join(","),
            socket_from(socket),
            socket.failed.as_ref().map_or("Ok".to_owned(), short),
        ]);
    }
    tables(listing, &plugs, &sockets)
}

/// `shop/db`, `shop/cart (Service)`
fn socket_or_service(plug: &ListedPlug) -> String {
    match (&plug.socket, &plug.service) {
        (Some(socket), _) => name(socket),
        (None, Some(service)) => format!("{} (Service)", name(service)),
        (None, None) => String::new(),
    }
}

/// The tables that have rows, with an empty line between them.
fn tables(listing: &Listing, plugs: &Table, sockets: &Table) -> String {
    let mut interfaces = Table::new(&["INTERFACE", "VERSIONS", "PLUGS", "SOCKETS", "FROM"]);
    for interface in &listing.interfaces {
        interfaces.push(vec![
            interface.name.clone(),
            interface.versions.join(","),
            interface.plugs.to_string(),
            interface.sockets.to_string(),
            from(interface.from).to_owned(),
        ]);
    }
    let all = [
        (listing.plugs.len(), plugs),
        (listing.sockets.len(), sockets),
        (listing.interfaces.len(), &interfaces),
    ];
    let shown: Vec<String> = all
        .into_iter()
        .filter(|(rows, _)| *rows > 0)
        .map(|(_, table)| table.text(""))
        .collect();
    if shown.is_empty() {
        return "No Plugs, Sockets or Interfaces found.\n".to_owned();
    }
    shown.join("\n")
}

/// `shop/mongo`
fn name(of: &ListedName) -> String {
    match &of.namespace {
        Some(namespace) => format!("{namespace}/{}", of.name),
        None => of.name.clone(),
    }
}

/// `mongodb@1.0.0`, or `mongodb` where no version counts
fn interface(plug: &ListedPlug) -> String {
    match &plug.version {
        Some(version) => format!("{}@{version}", plug.interface),
        None => plug.interface.clone(),
    }
}

/// `2 variables, 3 files, 1 field, 1 resource`
fn bound(plug: &ListedPlug) -> String {
    let counts = [
        (plug.variables.len(), "variable"),
        (plug.files.len(), "file"),
        (plug.fields.len(), "field"),
        (plug.resources.len(), "resource"),
    ];
    let shown = counts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, noun)| format!("{count} {noun}{}", if count == 1 { "" } else { "s" }));
    let not_bound = not_bound(plug);
    shown.chain(not_bound).collect::<Vec<_>>().join(", ")
}

/// `not password`
fn not_bound(plug: &ListedPlug) -> Option<String> {
    let keys = &plug.secrets_not_bound;
    (!keys.is_empty()).then(|| format!("not {}", keys.join(" and ")))
}

fn word(state: &PlugState) -> &'static str {
    match state {
        PlugState::Coupled => "Coupled",
        PlugState::Absent => "Optional",
        PlugState::Suspended => "Suspended",
        PlugState::Failed(_) => "Error",
    }
}

fn status(state: &PlugState) -> String {
    match state {
        PlugState::Absent => "Optional: no Socket was found".to_owned(),
        PlugState::Failed(Some(reason)) => short(reason),
        PlugState::Failed(None) => "Error".to_owned(),
        PlugState::Coupled | PlugState::Suspended => word(state).to_owned(),
    }
}

/// `Error: socket-not-found: the nearest Socket, and why it does not fit`
fn short(reason: &ListedReason) -> String {
    let fact = reason.near_miss.as_ref().unwrap_or(&reason.message);
    format!("Error: {}: {fact}", reason.code.as_str())
}

/// `catalogue`, `manifests (Cluster/pg)`
fn socket_from(socket: &ListedSocket) -> String {
    let from = from(socket.from);
    match &socket.adapted {
        Some(object) => format!("{from} ({object})"),
        None => from.to_owned(),
    }
}

fn from(from: ReadFrom) -> &'static str {
    match from {
        ReadFrom::Stream => "manifests",
        ReadFrom::Catalogue => "catalogue",
        ReadFrom::Library => "built in",
    }
}

/// One object with a list for each kind.
pub(super) fn json(listing: &Listing) -> Value {
    json!({
        "plugs": listing.plugs.iter().map(plug).collect::<Vec<_>>(),
        "sockets": listing.sockets.iter().map(socket).collect::<Vec<_>>(),
        "interfaces": listing.interfaces.iter().map(interface_object).collect::<Vec<_>>(),
    })
}

fn object(of: &ListedName) -> Value {
    json!({"namespace": of.namespace, "name": of.name})
}

fn plug(plug: &ListedPlug) -> Value {
    let why = match &plug.state {
        PlugState::Failed(why) => why.as_ref(),
        PlugState::Coupled | PlugState::Absent | PlugState::Suspended => None,
    };
    json!({
        "namespace": plug.name.namespace,
        "name": plug.name.name,
        "interface": plug.interface,
        "version": plug.version,
        "socket": plug.socket.as_ref().map(object),
        "service": plug.service.as_ref().map(object),
        "workloads": plug.workloads,
        "variables": plug.variables,
        "files": plug.files,
        "fields": plug.fields,
        "resources": plug.resources,
        "secretsNotBound": plug.secrets_not_bound,
        "status": word(&plug.state),
        "reason": why.map(reason),
    })
}

fn socket(socket: &ListedSocket) -> Value {
    json!({
        "namespace": socket.name.namespace,
        "name": socket.name.name,
        "interface": socket.interface,
        "versions": socket.versions,
        "from": from(socket.from),
        "adapted": socket.adapted,
        "plugs": socket.plugs.iter().map(object).collect::<Vec<_>>(),
        "workloads": socket.workloads,
        "variables": socket.variables,
        "fields": socket.fields,
        "status": if socket.failed.is_none() { "Ok" } else { "Error" },
        "reason": socket.failed.as_ref().map(reason),
    })
}

fn interface_object(interface: &ListedInterface) -> Value {
    json!({
        "name": interface.name,
        "versions": interface.versions,
        "plugs": interface.plugs,
        "sockets": interface.sockets,
        "from": from(interface.from),
    })
}

fn reason(reason: &ListedReason) -> Value {
    json!({
        "code": reason.code.as_str(),
        "message": reason.message,
        "nearMiss": reason.near_miss,
    })
}

/// The same as [`json`], in block style.
pub(super) fn yaml(listing: &Listing) -> String {
    let mut out = String::new();
    let all = json(listing);
    for (kind, objects) in all.as_object().into_iter().flatten() {
        let objects = objects.as_array().map_or(&[][..], Vec::as_slice);
        if objects.is_empty() {
            let _ = writeln!(out, "{kind}: []");
            continue;
        }
        let _ = writeln!(out, "{kind}:");
        for object in objects {
            let mut before = "  - ";
            for (key, value) in object.as_object().into_iter().flatten() {
                let _ = writeln!(out, "{before}{key}: {}", flow(value));
                before = "    ";
            }
        }
    }
    out
}

/// A value on one line.
fn flow(value: &Value) -> String {
    match value {
        Value::String(text) if text.chars().any(char::is_control) => json_string(text),
        Value::String(text) => flow_string(text).into_owned(),
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(flow).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(members) => {
            let members = members.iter();
            let members: Vec<_> = members
                .map(|(key, value)| format!("{key}: {}", flow(value)))
                .collect();
            format!("{{{}}}", members.join(", "))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}
