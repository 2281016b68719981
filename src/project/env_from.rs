//! Reads which variables `envFrom` defines in a container, as far as the input knows: `env` wins
//! over it without a word.

use std::rc::Rc;

use super::desired::DesiredCoupling;
use super::entry::Conflict;
use super::planned::{CollectionPlan, EntryPosition, PlannedEntry};
use super::pod_template::containers;
use super::service_binding::files_elsewhere;
use super::workload::WorkloadNode;
use super::workload_kinds::WorkloadKinds;
use crate::couple::{DefaultEnv, DefaultVar, DefaultVarEdit, KeyNames, ReferenceKind};
use crate::diagnostic::{Code, Diagnostic, Help, lines};
use crate::manifest::{NodeId, NotReadable, Reading, Span, Tree};

/// One entry of a container's `envFrom`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvFrom<'t> {
    /// The container.
    pub container: &'t str,
    /// What it takes; absent: the entry has no form that we know.
    pub object: Reading<EnvFromObject<'t>>,
    /// The entry.
    pub node: NodeId,
}

/// The object of an entry of `envFrom`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EnvFromObject<'t> {
    /// Its kind.
    pub kind: ReferenceKind,
    /// Its name.
    pub name: &'t str,
    /// What is put before each of its keys.
    pub prefix: &'t str,
}

/// The variables that one entry of `envFrom` brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvFromVars {
    /// The container.
    pub container: String,
    /// The entry, relative to the document.
    pub span: Span,
    /// What is known of the variables.
    pub names: BroughtNames,
}

/// What is known of the variables that an entry of `envFrom` brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BroughtNames {
    /// All their names.
    Known {
        /// What is put before each key.
        prefix: String,
        /// The object's keys.
        keys: Rc<KeyNames>,
    },
    /// Nothing: the object, or some of its keys, are not in the input.
    Unseen,
    /// Nothing: the entry cannot be read.
    NotReadable(NotReadable),
}

impl EnvFromVars {
    /// Whether it is known to define this variable.
    pub(super) fn defines(&self, name: &str) -> bool {
        match &self.names {
            BroughtNames::Known { prefix, keys } => name
                .strip_prefix(prefix.as_str())
                .is_some_and(|key| keys.names.contains(key)),
            BroughtNames::Unseen | BroughtNames::NotReadable(_) => false,
        }
    }
}

/// Every entry of `envFrom` in the workload at `root`. A list that cannot be read is one entry that
/// cannot be.
///
/// # Errors
/// What is in the way of reading which containers there are.
pub fn env_from<'t>(
    tree: &'t Tree<'_>,
    root: NodeId,
    kinds: &'t WorkloadKinds,
) -> Result<Vec<EnvFrom<'t>>, NotReadable> {
    let mut found = Vec::new();
    for container in containers(tree, root, kinds)? {
        let Some(name) = container.known_name() else {
            continue;
        };
        match tree.read_items(container.node, &["envFrom"]) {
            Reading::Value(items) => {
                found.extend(items.into_iter().map(|node| EnvFrom {
                    container: name,
                    object: object(tree, node),
                    node,
                }));
            }
            Reading::Absent => {}
            Reading::NotReadable(why) => {
                found.push(EnvFrom {
                    container: name,
                    object: Reading::NotReadable(why),
                    node: container.node,
                });
            }
        }
    }
    Ok(found)
}

fn object<'t>(tree: &'t Tree<'_>, entry: NodeId) -> Reading<EnvFromObject<'t>> {
    let named = |key, kind| {
        tree.read_text(entry, &[key, "name"])
            .map(|name| (kind, name))
    };
    let found = match named("secretRef", ReferenceKind::Secret) {
        Reading::Absent => named("configMapRef", ReferenceKind::ConfigMap),
        found => found,
    };
    found.then(|(kind, name)| match tree.read_text(entry, &["prefix"]) {
        Reading::NotReadable(why) => Reading::NotReadable(why),
        Reading::Absent => Reading::Value(EnvFromObject {
            kind,
            name,
            prefix: "",
        }),
        Reading::Value(prefix) => Reading::Value(EnvFromObject { kind, name, prefix }),
    })
}

/// What is to be said of a container's plan: an error for a variable that would hide one of the
/// author's, once an info if that cannot be known.
pub(super) fn judge(
    workload: &WorkloadNode<'_>,
    plan: &CollectionPlan<'_>,
    brought: &[EnvFromVars],
    couplings: &[DesiredCoupling<'_>],
) -> Vec<Diagnostic> {
    let collection = &workload.collections[plan.collection];
    let Some(container) = collection.slot.container() else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let mut unseen = None;
    for from in brought.iter().filter(|from| from.container == container) {
        match &from.names {
            BroughtNames::Known { .. } => {}
            BroughtNames::Unseen => unseen = unseen.or(Some(from.span)),
            BroughtNames::NotReadable(why) if collection.entries.as_ref().err() == Some(why) => {} // reported once
            BroughtNames::NotReadable(why) => {
                let what = format!(
                    "what `envFrom` brings into container `{container}` of {}",
                    workload.called()
                );
                let error = Diagnostic::not_readable(&what, why, |span| workload.place(span));
                found.push(workload.about(error));
            }
        }
        for planned in &plan.new {
            let is_new = matches!(
                planned.position,
                EntryPosition::Before(_) | EntryPosition::Last
            );
            let hides = is_new
                && planned.entry.conflict != Conflict::Replace
                && from.defines(&planned.entry.key);
            if hides {
                let mut of_plug = couplings.iter();
                let coupling = of_plug.find(|coupling| coupling.plug == planned.plug);
                let default_env = coupling.and_then(|coupling| coupling.default_env);
                let error = hidden(workload, container, planned, from, default_env);
                found.push(workload.about(error));
            }
        }
    }
    found.extend(unseen.map(|span| {
        let message = format!(
            "container `{container}` of {} takes variables from keys that are not in the input",
            workload.called()
        );
        let info =
            Diagnostic::info(Code::EnvFromUnseen, message).at(workload.place(span), "from here");
        let info = info.with_topic([container.to_owned()]);
        workload.about(
            info.help("a baked variable wins over one of the same name that `envFrom` brings"),
        )
    }));
    found
}

fn hidden(
    workload: &WorkloadNode<'_>,
    container: &str,
    planned: &PlannedEntry<'_>,
    from: &EnvFromVars,
    default_env: Option<&DefaultEnv>,
) -> Diagnostic {
    let name = &planned.entry.key;
    let message = format!(
        "container `{container}` of {} has a variable `{name}` by its `envFrom`, and Plug `{}` brings one too",
        workload.called(),
        planned.plug
    );
    let help = if planned.entry.conflict == Conflict::Common {
        files_elsewhere(workload.plug(planned.plug))
    } else if planned.entry.conflict == Conflict::Share {
        lines![("`{name}` is a part of another variable's text: give the Plug another `spec.name`")]
    } else if let Some(default_env) = default_env {
        let edit = |variable: &DefaultVar| match from.defines(&variable.name) {
            true => DefaultVarEdit::Replace,
            false => DefaultVarEdit::Same,
        };
        Help::from("to let the Plug replace it, list what the Plug binds:")
            .paste(default_env.paste(edit))
            .and("or give the Plug another `spec.name`, with which its variables begin")
    } else {
        lines![
            ("to let the Plug replace it, add `replace: true` to `{name}` in its `bind.env`; or rename one of the two")
        ]
    };
    Diagnostic::error(Code::EnvCollision, message)
        .with_topic([container.to_owned(), name.to_string()])
        .at(workload.place(from.span), "brings the workload's own")
        .at(planned.entry.at, "the Plug's")
        .help(help)
}
