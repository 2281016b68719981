//! Checks the ConfigMaps that Plugs and Sockets change: whether the cluster accepts the change, and
//! whether the pods that read it are replaced.

use std::collections::BTreeMap;

use super::kustomize_hash::without_hash;
use crate::api::{Binder, FieldBinding};
use crate::couple::BinderId;
use crate::diagnostic::{Code, Diagnostic, Findings, Help, Paste, lines};
use crate::manifest::{NodeId, Place, Tree};
use crate::project::{self, WrittenField};

/// What Plugs and Sockets write into ConfigMaps: the digest of it, where it is anything.
pub(super) type ConfigDigests = BTreeMap<BinderId, String>;

/// A ConfigMap of the input that is changed.
pub(super) struct ChangedConfigMap {
    /// Its name.
    name: String,
    /// Where `immutable: true` is written.
    immutable: Option<Place>,
}

impl ChangedConfigMap {
    /// Reads what counts of a ConfigMap; `at` gives the place of a node.
    pub(super) fn read(tree: &Tree<'_>, node: NodeId, at: impl Fn(NodeId) -> Place) -> Self {
        // what cannot be read there cannot be written either
        let immutable = tree.read_at(node, &["immutable"]).shown();
        let is_immutable = |node: &NodeId| tree.str(*node) == Some("true");
        let name = tree.read_text(node, &["metadata", "name"]).shown();
        Self {
            name: name.unwrap_or_default().to_owned(),
            immutable: immutable.filter(is_immutable).map(at),
        }
    }
}

/// What one Plug or Socket writes into ConfigMaps.
#[derive(Default)]
pub(super) struct BoundConfig {
    maps: Vec<ChangedConfigMap>,
    texts: Vec<String>,
}

impl BoundConfig {
    /// Adds what it writes into one of them.
    pub(super) fn add(&mut self, map: ChangedConfigMap, fields: &[WrittenField<'_>]) {
        if !fields.is_empty() {
            self.maps.push(map);
            self.texts.push(project::config_digest(fields));
        }
    }

    /// The digest of all of it; `None`: it writes nothing.
    pub(super) fn digest(mut self) -> Option<String> {
        self.texts.sort();
        match &self.texts[..] {
            [] => None,
            [only] => Some(only.clone()),
            all => Some(all.join("-")),
        }
    }

    /// Reports what the cluster refuses, and what is not seen by any pod.
    pub(super) fn judge(&self, binder: Binder<'_>, out: &mut Findings) {
        for map in &self.maps {
            let is_of_map = |binding: &&FieldBinding| {
                binding.object.kind == "ConfigMap"
                    && (binding.object.name.value == map.name || self.maps.len() == 1)
            };
            let Some(binding) = binder.fields.iter().find(is_of_map) else {
                continue;
            };
            let found = match map.immutable {
                Some(at) => Some(immutable(binding, &map.name, at)),
                None if without_hash(&map.name) != map.name => Some(hashed(binding, &map.name)),
                None if binder.workloads.is_empty() => {
                    Some(nobody_restarts(binder, binding, &map.name))
                }
                None => None,
            };
            out.report_all(found.map(|found| found.on(binder.subject())));
        }
    }
}

fn immutable(binding: &FieldBinding, name: &str, at: Place) -> Diagnostic {
    let message = format!("ConfigMap `{name}` is immutable: the cluster refuses a change of it");
    Diagnostic::error(Code::FieldNotWritable, message)
        .at(binding.at, "asked for here")
        .at(at, "immutable")
        .help("remove `immutable: true`, or write the text into a ConfigMap with a new name")
}

fn hashed(binding: &FieldBinding, name: &str) -> Diagnostic {
    let message = format!(
        "the name of ConfigMap `{name}` contains the hash of its old content, and its content \
         changes"
    );
    Diagnostic::warning(Code::ConfigNotReloaded, message)
        .at(binding.at, "changed by this")
        .help(
            "run coupler as a transformer of kustomize: kustomize then computes the hash of the \
         new content",
        )
}

fn nobody_restarts(binder: Binder<'_>, binding: &FieldBinding, name: &str) -> Diagnostic {
    let message = format!(
        "ConfigMap `{name}` is changed, and {} names no workload whose pods read it",
        binder.kind.the()
    );
    let lines = lines![("spec:"), ("  workloads: [{{name: …}}]")];
    let help =
        Help::from("name the workloads that read it, and their pods are replaced when it changes:");
    let help = help.paste(Paste::merge(binder.subject(), lines));
    Diagnostic::warning(Code::ConfigNotReloaded, message)
        .at(binding.at, "changed by this")
        .help(help.and("if they are restarted in another way, ignore the warning"))
}
