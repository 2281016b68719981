//! Writes a first Plug.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::sample;
use crate::api::{API_VERSION, InterfaceVersion, env_name};
use crate::couple::{DeclaredKey, plug_keys, socket_keys};
use crate::manifest::emit::{ascii_json, flow_string};

/// A Plug of one workload.
pub(in crate::cli) struct PlugDraft<'a> {
    pub(in crate::cli) name: &'a str,
    pub(in crate::cli) namespace: Option<&'a str>,
    /// The Interface's own name.
    pub(in crate::cli) interface: &'a str,
    /// The version of the Interface, where it is known.
    pub(in crate::cli) version: Option<&'a InterfaceVersion>,
    /// `[NAMESPACE/]NAME`, where one is named.
    pub(in crate::cli) socket: Option<&'a str>,
    pub(in crate::cli) workload: DraftWorkload<'a>,
    /// The variables of the workload's own that the Plug's would collide with.
    pub(in crate::cli) replaced: BTreeSet<String>,
    /// The files that the workload reads.
    pub(in crate::cli) files: Option<&'a DraftFiles>,
}

/// Where a workload reads files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) enum DraftFiles {
    /// In its `SERVICE_BINDING_ROOT`.
    BelowRoot,
    /// In a directory of this one.
    Within(String),
}

/// The workload of a Plug.
pub(in crate::cli) struct DraftWorkload<'a> {
    pub(in crate::cli) kind: &'a str,
    pub(in crate::cli) selector: DraftSelector<'a>,
    /// The container that gets the variables, of a workload with several.
    pub(in crate::cli) container: Option<&'a ChosenContainer>,
}

/// How a Plug chooses its workload.
pub(in crate::cli) enum DraftSelector<'a> {
    Name(&'a str),
    /// Labels, as they are written between braces: of a workload whose name the cluster makes.
    Labels(&'a str),
}

/// One of several containers.
#[derive(Debug)]
pub(in crate::cli) struct ChosenContainer {
    pub(in crate::cli) name: String,
    /// The names of all that there are.
    pub(in crate::cli) all: Vec<String>,
}

impl PlugDraft<'_> {
    /// The variables that a Plug without `bind` writes, where the Socket gives all of their keys.
    pub(in crate::cli) fn variables(interface: &str, version: &InterfaceVersion) -> Vec<String> {
        let keys = default_keys(version);
        keys.iter()
            .map(|key| env_name(interface, &key.name))
            .collect()
    }

    /// The manifest.
    pub(in crate::cli) fn text(&self) -> String {
        let version = self
            .version
            .map(|version| format!(", version: \"{}\"", version.version.value.major))
            .unwrap_or_default();
        let mut out = format!(
            "apiVersion: {API_VERSION}\nkind: Plug\nmetadata: {}\nspec:\n  interface: {{name: {}{version}}}\n",
            super::metadata(self.name, self.namespace),
            flow_string(self.interface)
        );
        if let Some(socket) = self.socket {
            let (namespace, name) = match socket.split_once('/') {
                Some((namespace, name)) => (Some(namespace), name),
                None => (None, socket),
            };
            let _ = writeln!(out, "  socket: {}", super::metadata(name, namespace));
        }
        out.push_str(&self.workload.text());
        if let Some(version) = self.version {
            out.push_str(&config(version));
            out.push_str(&self.bind(version));
        }
        out
    }

    /// The files that the workload reads; and the variables of required keys, and of those that
    /// replace the workload's own, where there are such.
    fn bind(&self, version: &InterfaceVersion) -> String {
        if self.replaced.is_empty() && self.files.is_none() {
            return String::new();
        }
        let mut out = "  bind:
".to_owned();
        out.push_str(&self.files());
        if self.replaced.is_empty() {
            return out;
        }
        out.push_str("    env:
");
        for key in default_keys(version) {
            let name = env_name(self.interface, &key.name);
            // whether the Socket gives an optional key is not known here
            if !key.required && !self.replaced.contains(&name) {
                continue;
            }
            let replace = if self.replaced.contains(&name) {
                ", replace: true"
            } else {
                ""
            };
            let _ = writeln!(
                out,
                "      - {{name: {}, key: {}{replace}}}",
                flow_string(&name),
                flow_string(&key.name)
            );
        }
        out
    }
}

impl PlugDraft<'_> {
    fn files(&self) -> String {
        match self.files {
            None => String::new(),
            Some(DraftFiles::BelowRoot) => "    files: {}\n".to_owned(),
            Some(DraftFiles::Within(directory)) => {
                let path = format!("{directory}/{}", self.interface);
                format!("    files: {{mountPath: {}}}\n", flow_string(&path))
            }
        }
    }
}

impl DraftWorkload<'_> {
    fn text(&self) -> String {
        let kind = if self.kind == "Deployment" {
            String::new()
        } else {
            format!("kind: {}, ", self.kind)
        };
        let workload = match self.selector {
            DraftSelector::Labels(labels) => format!("{kind}matchLabels: {{{labels}}}"),
            DraftSelector::Name(name) => format!("{kind}name: {}", flow_string(name)),
        };
        let Some(container) = self.container else {
            return format!("  workloads: [{{{workload}}}]\n");
        };
        let all: Vec<_> = container.all.iter().map(|name| flow_string(name)).collect();
        format!(
            "  workloads:\n    - {{{workload}, containers: [{}]}} # of {}\n",
            flow_string(&container.name),
            all.join(", ")
        )
    }
}

/// The keys that are variables without `bind`.
fn default_keys(version: &InterfaceVersion) -> Vec<DeclaredKey> {
    let mut keys = socket_keys(version);
    keys.retain(|key| key.by_default);
    keys
}

/// The Interface's own example of what a Plug gives, where it must give something.
fn config(version: &InterfaceVersion) -> String {
    let keys = plug_keys(version);
    if !keys.iter().any(|key| key.required) {
        return String::new();
    }
    sample::of_plug(version)
        .map(|config| {
            format!(
                "  config: {} # the Interface's example: write your own\n",
                ascii_json(config)
            )
        })
        .unwrap_or_default()
}
