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
    /// The Service in place of one: `NAME` or `NAME:PORT`.
    pub(in crate::cli) service: Option<&'a str>,
    pub(in crate::cli) target: DraftTarget<'a>,
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

/// What a Plug writes into.
pub(in crate::cli) enum DraftTarget<'a> {
    /// The containers of a workload.
    Workload(DraftWorkload<'a>),
    /// Fields of another object.
    Fields {
        object: DraftObject<'a>,
        fields: Vec<DraftField>,
    },
}

/// An object of which fields are written.
pub(in crate::cli) struct DraftObject<'a> {
    pub(in crate::cli) api_version: &'a str,
    pub(in crate::cli) kind: &'a str,
    pub(in crate::cli) name: &'a str,
}

/// A field.
#[derive(Debug)]
pub(in crate::cli) struct DraftField {
    pub(in crate::cli) path: String,
    pub(in crate::cli) of: FieldOf,
    /// Whether there is a value already.
    pub(in crate::cli) replaces: bool,
}

/// What a field holds.
#[derive(Debug)]
pub(in crate::cli) enum FieldOf {
    /// The value of a key.
    Key(String),
    /// The name of the Secret that has a key.
    SecretName(String),
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
        if let Some(service) = self.service {
            let service = match service.split_once(':') {
                Some((name, port)) => format!(
                    "{{name: {}, port: {}}}",
                    flow_string(name),
                    port.parse::<u16>()
                        .map_or_else(|_| flow_string(port).into_owned(), |n| n.to_string())
                ),
                None => format!("{{name: {}}}", flow_string(service)),
            };
            let _ = writeln!(out, "  socket: {{service: {service}}}");
        }
        if let Some(socket) = self.socket {
            let (namespace, name) = match socket.split_once('/') {
                Some((namespace, name)) => (Some(namespace), name),
                None => (None, socket),
            };
            let _ = writeln!(out, "  socket: {}", super::metadata(name, namespace));
        }
        if let DraftTarget::Workload(workload) = &self.target {
            out.push_str(&workload.text());
        }
        if let Some(version) = self.version {
            out.push_str(&config(version));
            match &self.target {
                DraftTarget::Workload(_) => out.push_str(&self.bind(version)),
                DraftTarget::Fields { object, fields } => {
                    out.push_str(&bind_fields(object, fields));
                }
            }
        }
        out
    }

    /// The files that the workload reads; and the variables of required keys, and of those that
    /// replace the workload's own, where there are such.
    fn bind(&self, version: &InterfaceVersion) -> String {
        if self.replaced.is_empty() && self.files.is_none() {
            return String::new();
        }
        let mut out = "  bind:\n".to_owned();
        out.push_str(&self.files());
        if self.replaced.is_empty() {
            return out;
        }
        out.push_str("    env:\n");
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

/// The fields of an object.
fn bind_fields(object: &DraftObject<'_>, fields: &[DraftField]) -> String {
    let DraftObject {
        api_version,
        kind,
        name,
    } = object;
    let object = format!(
        "objectRef: {{apiVersion: {}, kind: {kind}, name: {}}}",
        flow_string(api_version),
        flow_string(name)
    );
    let mut out =
        "  bind:\n    fields: # the paths are a proposal: write those of the chart\n".to_owned();
    for field in fields {
        let of = match &field.of {
            FieldOf::Key(key) => format!("key: {}", flow_string(key)),
            FieldOf::SecretName(key) => format!("secretNameOf: {}", flow_string(key)),
        };
        let replace = if field.replaces {
            ", replace: true"
        } else {
            ""
        };
        let path = flow_string(&field.path);
        let _ = writeln!(out, "      - {{{object}, path: {path}, {of}{replace}}}");
    }
    out
}

/// The keys that are variables without `bind`.
pub(in crate::cli) fn default_keys(version: &InterfaceVersion) -> Vec<DeclaredKey> {
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
