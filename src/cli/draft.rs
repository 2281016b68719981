//! Writes first manifests of our kinds, for `coupler init` and `coupler explain`: text that passes
//! `coupler check` as it is, and that a person then edits.

pub(super) mod interface;
pub(super) mod plug;
mod sample;
pub(super) mod socket;

use crate::manifest::emit::flow_string;

/// `{name: pg, namespace: data}`
fn metadata(name: &str, namespace: Option<&str>) -> String {
    let namespace = namespace
        .map(|namespace| format!(", namespace: {}", flow_string(namespace)))
        .unwrap_or_default();
    format!("{{name: {}{namespace}}}", flow_string(name))
}
