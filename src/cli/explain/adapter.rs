//! Prints the built-in Adapters: all of them in a table, or the definition of one.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::api::{Adapter, BuiltInAdapter, SocketTemplate, Switch, built_in_adapters};
use crate::cli::table::Table;

/// The word for all of them.
pub(super) const ALL: &str = "adapters";

/// A line for each.
pub(super) fn list() -> String {
    let mut table = Table::new(&["ADAPTER", "GROUP", "KIND", "INTERFACES", "SECRETS"]);
    for known in built_in_adapters() {
        let adapter = known.adapter();
        let makes_secrets = |adapter: &Adapter| !adapter.secrets.is_empty();
        let secrets = match adapter.as_ref().is_some_and(makes_secrets) {
            true => "yes",
            false => "",
        };
        table.push(vec![
            known.name.to_owned(),
            known.group.to_owned(),
            known.kind.to_owned(),
            adapter.as_ref().map(interfaces).unwrap_or_default(),
            secrets.to_owned(),
        ]);
    }
    table.text("")
}

/// The Interfaces that an Adapter offers.
fn interfaces(adapter: &Adapter) -> String {
    let offered = adapter.sockets.iter();
    let names: BTreeSet<&str> = offered
        .map(|socket| socket.interface.value.as_str())
        .collect();
    names.into_iter().collect::<Vec<_>>().join(", ")
}

/// The page of the built-in Adapter of a name.
pub(super) fn page(name: &str) -> Option<String> {
    let known = built_in_adapters()
        .iter()
        .find(|known| known.name == name)?;
    let adapter = known.adapter()?;
    let BuiltInAdapter {
        group,
        kind,
        since,
        manifest,
        ..
    } = known;
    let mut out = format!(
        "ADAPTER: {name} (built in)\nOBJECT: {kind} of the group {group}\nSINCE: {since}\n"
    );
    if let Some(description) = &adapter.description {
        let _ = writeln!(out, "\nDESCRIPTION:\n    {}", description.trim_end());
    }
    if !adapter.sockets.is_empty() {
        let _ = write!(out, "\nSOCKETS:\n{}", sockets(&adapter));
    }
    if !adapter.secrets.is_empty() {
        let _ = write!(out, "\nSECRETS:\n{}", secrets(&adapter));
    }
    let _ = writeln!(out, "\nMANIFEST:\n\n{}", manifest.trim_end());
    Some(out)
}

fn sockets(adapter: &Adapter) -> String {
    let mut table = Table::new(&["NAME", "INTERFACE", "FOUND", "IF"]);
    for socket in &adapter.sockets {
        let name = socket.name.as_ref().map(|name| name.value.as_str());
        let condition = socket.condition.as_ref().map(|text| text.value.as_str());
        table.push(vec![
            name.unwrap_or("the object's").to_owned(),
            socket.interface.value.clone(),
            found(socket),
            condition.unwrap_or_default().to_owned(),
        ]);
    }
    table.text("    ")
}

/// How a Plug finds a Socket.
fn found(socket: &SocketTemplate) -> String {
    match &socket.default {
        Switch::Fixed(true) => "without a name".to_owned(),
        Switch::Fixed(false) => "by its name".to_owned(),
        Switch::Template(text) => format!("without a name if {}", text.value),
    }
}

fn secrets(adapter: &Adapter) -> String {
    let mut table = Table::new(&["NAME", "KEYS"]);
    for secret in &adapter.secrets {
        let keys: Vec<&str> = secret.keys.iter().map(|key| key.value.as_str()).collect();
        table.push(vec![secret.name.value.clone(), keys.join(", ")]);
    }
    table.text("    ")
}
