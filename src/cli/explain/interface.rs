//! Prints what an Interface defines: its versions and their keys, and a Socket and a Plug to begin
//! with.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::Value;

use crate::api::{InterfaceVersion, env_name};
use crate::cli::draft::plug::{DraftSelector, DraftTarget, DraftWorkload, PlugDraft};
use crate::cli::draft::socket::SocketDraft;
use crate::cli::known_interfaces::KnownInterface;
use crate::cli::table::Table;
use crate::couple::{DeclaredKey, plug_keys, socket_keys};

/// The page of an Interface.
pub(super) fn page(interface: &KnownInterface) -> String {
    let name = &interface.name;
    let mut out = format!("INTERFACE: {name} ({})\n", interface.defined_in.join(", "));
    if let Some(since) = interface.since {
        let _ = writeln!(out, "SINCE: {since}");
    }
    if let Some(description) = &interface.description {
        let _ = writeln!(out, "\nDESCRIPTION:\n    {}", description.trim_end());
    }
    for version in &interface.versions {
        out.push_str(&contract(version));
    }
    if let Some(newest) = interface.versions.first() {
        out.push_str(&examples(name, newest));
    }
    out
}

/// The keys of both sides.
fn contract(version: &InterfaceVersion) -> String {
    let mut out = format!("\nVERSION: {}\n", version.version.value);
    if let Some(deprecated) = &version.deprecated {
        let _ = writeln!(out, "    deprecated: {deprecated}");
    }
    let given = socket_keys(version);
    out.push_str(&keys("A Socket gives:", &given));
    out.push_str(&composed(&given));
    out.push_str(&keys("A Plug may give:", &plug_keys(version)));
    out
}

fn keys(heading: &str, keys: &[DeclaredKey]) -> String {
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
        table.push(row(key));
    }
    format!("\n  {heading}\n{}", table.text("    "))
}

fn row(key: &DeclaredKey) -> Vec<String> {
    let yes = |is: bool| if is { "yes".to_owned() } else { String::new() };
    let description = key.description.as_deref().unwrap_or_default();
    vec![
        key.name.clone(),
        key.types.join(" or "),
        yes(key.required),
        yes(key.secret),
        key.default
            .as_ref()
            .map(Value::to_string)
            .unwrap_or_default(),
        description.split_whitespace().collect::<Vec<_>>().join(" "),
    ]
}

/// The keys that are made of others, each with its texts.
fn composed(keys: &[DeclaredKey]) -> String {
    let mut table = Table::new(&["KEY", "TEXT"]);
    let made = || keys.iter().filter(|key| !key.texts.is_empty());
    for key in made() {
        for text in &key.texts {
            table.push(vec![key.name.clone(), text.clone()]);
        }
    }
    match made().next() {
        None => String::new(),
        Some(_) => format!(
            "\n  If the Socket does not give a key, its value is the first of these texts whose \
             keys are all given:\n{}",
            table.text("    ")
        ),
    }
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
        service: None,
        target: DraftTarget::Workload(DraftWorkload {
            kind: "Deployment",
            selector: DraftSelector::Name("web"),
            container: None,
        }),
        replaced: BTreeSet::new(),
        files: None,
    };
    let given = socket_keys(version);
    let variables = |required: bool| {
        let by_default = given.iter().filter(|key| key.by_default);
        let some = by_default.filter(|key| key.required == required);
        let names: Vec<String> = some.map(|key| env_name(name, &key.name)).collect();
        names.join(", ")
    };
    let (required, optional) = (variables(true), variables(false));
    let mut out = format!(
        "\nEXAMPLE: a Socket, and the Plug of a Deployment `web`\n\n---\n{}---\n{}\n",
        socket.text(),
        plug.text()
    );
    if !required.is_empty() {
        let _ = writeln!(out, "Variables of a Plug without `bind`: {required}");
    }
    if !optional.is_empty() {
        let _ = writeln!(out, "and if the Socket gives them: {optional}");
    }
    out
}
