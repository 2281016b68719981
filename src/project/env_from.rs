//! Reads which variables `envFrom` defines in a container, as far as the input knows: `env` wins over it without a word.

use std::rc::Rc;

use super::entry::Conflict;
use super::plan::{CollectionPlan, PlannedEntry, Position};
use super::pod_template::{containers, text};
use super::workload::Workload;
use crate::couple::{KeyNames, ReferenceKind};
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::{NodeId, Span, Tree};

/// One entry of a container's `envFrom`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EnvFrom<'t> {
    /// The container.
    pub container: &'t str,
    /// The kind and name of the object, where the entry has a form that we know.
    pub object: Option<(ReferenceKind, &'t str)>,
    /// What is put before each of its keys.
    pub prefix: &'t str,
    /// The entry.
    pub node: NodeId,
}

/// The variables that one entry of `envFrom` brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvFromVars {
    /// The container.
    pub container: String,
    /// The entry, relative to the document.
    pub span: Span,
    /// What is put before each of its keys.
    pub prefix: String,
    /// The object's keys; `None`: the object is not in the input.
    pub keys: Option<Rc<KeyNames>>,
}

impl EnvFromVars {
    /// Whether it is known to define this variable.
    pub(super) fn defines(&self, name: &str) -> bool {
        let key = name.strip_prefix(self.prefix.as_str());
        key.zip(self.keys.as_ref()).is_some_and(|(key, keys)| keys.contains(key))
    }
}

/// Every entry of `envFrom` in the workload at `root`.
pub fn env_from<'t>(tree: &'t Tree<'_>, root: NodeId) -> Vec<EnvFrom<'t>> {
    let mut found = Vec::new();
    for container in containers(tree, root) {
        let (Some(name), Some(list)) = (container.name, tree.get(container.node, "envFrom")) else { continue };
        found.extend(tree.children(list).map(|node| {
            let object = |key, kind| Some((kind, text(tree, tree.get(node, key)?, "name")?));
            EnvFrom {
                container: name,
                object: object("secretRef", ReferenceKind::Secret)
                    .or_else(|| object("configMapRef", ReferenceKind::ConfigMap)),
                prefix: text(tree, node, "prefix").unwrap_or_default(),
                node,
            }
        }));
    }
    found
}

/// What is to be said of a container's plan: an error for a variable that would hide one of the author's, once an info
/// if that cannot be known.
pub(super) fn judge(workload: &Workload<'_>, plan: &CollectionPlan<'_>, brought: &[EnvFromVars]) -> Vec<Diagnostic> {
    let Some(container) = workload.collections[plan.collection].slot.container() else { return Vec::new() };
    let mut found = Vec::new();
    let mut unseen = None;
    for from in brought.iter().filter(|from| from.container == container) {
        if from.keys.is_none() {
            unseen = unseen.or(Some(from.span));
        }
        for planned in &plan.new {
            let is_new = matches!(planned.position, Position::Before(_) | Position::Last);
            let hides = is_new && planned.entry.conflict != Conflict::Replace && from.defines(planned.entry.key);
            if hides {
                found.push(workload.about(hidden(workload, container, planned, from)));
            }
        }
    }
    found.extend(unseen.map(|span| {
        let message = format!(
            "container `{container}` of {} takes variables from an object that is not in the input",
            workload.called()
        );
        let info = Diagnostic::info(Code::EnvFromUnseen, message).at(workload.place(span), "from here");
        workload.about(info.help("a baked variable wins over one of the same name that `envFrom` brings"))
    }));
    found
}

fn hidden(workload: &Workload<'_>, container: &str, planned: &PlannedEntry<'_>, from: &EnvFromVars) -> Diagnostic {
    let name = planned.entry.key;
    let message = format!(
        "container `{container}` of {} has a variable `{name}` by its `envFrom`, and Plug `{}` brings one too",
        workload.called(),
        planned.plug
    );
    let help = if planned.entry.conflict == Conflict::Share {
        format!("`{name}` is a part of another variable's text: give the Plug another `spec.name`")
    } else {
        format!(
            "to let the Plug take its place, say so in its `bind.env`:\n  - {{name: {name}, …, replace: true}}\nor rename \
             one of the two: without `bind`, a Plug's variables begin with its `spec.name`"
        )
    };
    Diagnostic::error(Code::EnvCollision, message)
        .at(workload.place(from.span), "brings the workload's own")
        .at(planned.entry.at, "the Plug's")
        .help(help)
}
