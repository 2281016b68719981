//! Prints what a built-in Interface defines: its versions and their keys, and a Socket and a Plug
//! to begin with.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::Value;

use crate::api::{self, InterfaceVersion, Schema};
use crate::cli::draft::plug::{DraftSelector, DraftWorkload, PlugDraft};
use crate::cli::draft::socket::SocketDraft;
use crate::cli::table::Table;
use crate::couple::{DeclaredKey, declared_keys};
use crate::manifest::Tree;

/// The page of a built-in Interface.
pub(super) fn page(name: &str) -> Option<String> {
    let mut interface = api::library_interface(name)?;
    let mut out = format!("INTERFACE: {name} (built in)\n");
    if let Some(description) = description(name) {
        let _ = writeln!(out, "\nDESCRIPTION:\n    {description}");
    }
    // the newest is first
    interface
        .versions
        .sort_by(|a, b| b.version.value.cmp(&a.version.value));
    for version in &interface.versions {
        out.push_str(&contract(version));
    }
    let newest = interface.versions.first()?;
    out.push_str(&examples(name, newest));
    Some(out)
}

fn description(name: &str) -> Option<String> {
    let tree = Tree::read(api::library(name)?).ok()?;
    let text = tree.read_text(tree.root()?, &["spec", "description"]);
    text.shown().map(str::to_owned)
}

/// The keys of both sides.
fn contract(version: &InterfaceVersion) -> String {
    let mut out = format!("\nVERSION: {}\n", version.version.value);
    if let Some(deprecated) = &version.deprecated {
        let _ = writeln!(out, "    deprecated: {deprecated}");
    }
    let sides = [
        ("A Socket gives:", &version.socket),
        ("A Plug may give:", &version.plug),
    ];
    for (heading, schema) in sides {
        let keys = keys(schema);
        if !keys.is_empty() {
            let _ = write!(out, "\n  {heading}\n{keys}");
        }
    }
    out
}

fn keys(schema: &Schema) -> String {
    let keys = declared_keys(schema);
    if keys.is_empty() {
        return String::new();
    }
    let mut table = Table::new(&[
        "KEY",
        "TYPE",
        "REQUIRED",
        "SECRET",
        "DEFAULT",
        "DESCRIPTION",
    ]);
    for key in keys {
        table.push(row(&key));
    }
    table.text("    ")
}

fn row(key: &DeclaredKey) -> Vec<String> {
    let yes = |is: bool| if is { "yes".to_owned() } else { String::new() };
    vec![
        key.name.clone(),
        key.types.join(" or "),
        yes(key.required),
        yes(key.secret),
        key.default
            .as_ref()
            .map(Value::to_string)
            .unwrap_or_default(),
        key.description.clone().unwrap_or_default(),
    ]
}

fn examples(name: &str, version: &InterfaceVersion) -> String {
    let socket = SocketDraft {
        name,
        namespace: None,
        interface: name,
        version,
    };
    let plug = PlugDraft {
        name,
        namespace: None,
        interface: name,
        version: Some(version),
        socket: None,
        workload: DraftWorkload {
            kind: "Deployment",
            selector: DraftSelector::Name("web"),
            container: None,
        },
        replaced: BTreeSet::new(),
        files: None,
    };
    let variables = PlugDraft::variables(name, version).join(", ");
    let mut out = format!(
        "\nEXAMPLE: a Socket, and the Plug of a Deployment `web`\n\n---\n{}---\n{}",
        socket.text(),
        plug.text()
    );
    let _ = write!(
        out,
        "\nWithout `bind`, the Plug writes a variable for each required key: {variables}.\n"
    );
    out
}
