//! Finds the HelmRelease that `coupler init` writes a Plug for, and the fields of its values for
//! the keys of an Interface.

use std::collections::BTreeSet;

use super::workload::not_readable;
use crate::api::API_VERSION;
use crate::cli::args::Init;
use crate::cli::draft::plug::{DraftField, DraftObject, FieldOf};
use crate::cli::fault::{Error, TypedContext, input_error};
use crate::couple::DeclaredKey;
use crate::diagnostic::Help;
use crate::limits;
use crate::manifest::path::{Path, Step};
use crate::manifest::stream::{Object, Stream, group, metadata};
use crate::manifest::{Kind, NodeId, Tree};
use crate::project::WorkloadKinds;

/// The kind, and its group.
const KIND: &str = "HelmRelease";
const GROUP: &str = "helm.toolkit.fluxcd.io";
/// Where its values are.
const VALUES: [&str; 2] = ["spec", "values"];
/// What charts call the name of a Secret that is there already.
const EXISTING_SECRET: &str = "existingSecret";

/// A HelmRelease of the input.
#[derive(Clone, Debug)]
pub(super) struct Release {
    pub(super) object: Object,
    api_version: String,
    name: String,
}

/// The HelmRelease that the arguments name, or the only one where there is no workload.
///
/// # Errors
/// There is none of that name, or there are several.
pub(super) fn chosen(args: &Init, stream: &Stream<'_>) -> Result<Option<Release>, Error> {
    let asked = args.workload.as_deref();
    let named = asked.and_then(|asked| asked.split_once('/'));
    let named = named.filter(|(kind, _)| kind.eq_ignore_ascii_case(KIND));
    let is_alone = || {
        let kinds = WorkloadKinds::read(stream);
        asked.is_none() && kinds.workloads(stream).next().is_none()
    };
    if named.is_none() && !is_alone() {
        return Ok(None);
    }
    let mut found = releases(stream)?;
    let all = found
        .iter()
        .map(|one| format!("  --workload {KIND}/{}", one.name));
    let all: Vec<String> = all.collect();
    if let Some((_, name)) = named {
        found.retain(|one| one.name == name);
    }
    match (found.len(), named) {
        (0, None) => Ok(None),
        (0, Some(_)) if all.is_empty() => {
            Err(input_error(format!("there is no {KIND} in the input")))
        }
        (0, Some(_)) => Err(
            input_error(format!("there is no {KIND} of that name in the input"))
                .help(Help::from("one of").and(Help::of_lines(all))),
        ),
        (1, _) => Ok(found.pop()),
        (_, _) => Err(
            input_error(format!("there are several {KIND}s in the input"))
                .help(Help::from("name one:").and(Help::of_lines(all))),
        ),
    }
}

/// Every HelmRelease of the stream that has a name.
///
/// # Errors
/// It cannot be read what one is called.
fn releases(stream: &Stream<'_>) -> Result<Vec<Release>, Error> {
    let mut releases = Vec::new();
    for entry in stream.of_kind(KIND) {
        if group(&entry.api_version) != GROUP || entry.catalogue {
            continue;
        }
        let Ok(tree) = stream.tree(entry.object.document) else {
            continue;
        };
        let name = metadata(tree, entry.object.node, "name").known();
        if let Some(name) = name.map_err(|why| not_readable(&why))? {
            releases.push(Release {
                object: entry.object,
                api_version: entry.api_version.to_string(),
                name: name.to_owned(),
            });
        }
    }
    Ok(releases)
}

impl Release {
    /// As a Plug names it.
    pub(super) fn named(&self) -> DraftObject<'_> {
        DraftObject {
            api_version: &self.api_version,
            kind: KIND,
            name: &self.name,
        }
    }

    /// The fields of its values that take these keys: where it has such values already, else below
    /// the Interface's name.
    pub(super) fn fields(
        &self,
        stream: &Stream<'_>,
        tree: &Tree<'_>,
        interface: &str,
        keys: &[DeclaredKey],
    ) -> Vec<DraftField> {
        let from_secrets = keys_from_secrets(stream, interface);
        let is_secret = |key: &&DeclaredKey| key.secret || from_secrets.contains(&key.name);
        let is_given = |key: &&DeclaredKey| key.required || from_secrets.contains(&key.name);
        let values = tree.read_at(self.object.node, &VALUES).shown();
        let found = values.and_then(|values| ValuesGroup::find(tree, values, keys));
        let group = found.unwrap_or_else(|| ValuesGroup {
            path: vec![interface.to_owned()],
            node: None,
        });
        let mut fields = Vec::new();
        // whether the Socket gives an optional key is not known here
        let is_taken = |key: &&DeclaredKey| key.required || group.has(tree, &key.name);
        for key in keys.iter().filter(|key| !is_secret(key) && is_taken(key)) {
            fields.push(group.field(tree, &key.name, FieldOf::Key(key.name.clone())));
        }
        // every key of it is in one Secret, nearly always
        if let Some(secret) = keys.iter().filter(is_given).find(is_secret) {
            let of = FieldOf::SecretName(secret.name.clone());
            fields.push(group.field(tree, EXISTING_SECRET, of));
        }
        fields
    }
}

/// The keys that a Socket of the input gives out of a Secret: no field can hold their text.
fn keys_from_secrets(stream: &Stream<'_>, interface: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let sockets = stream.of_kind("Socket");
    for entry in sockets.filter(|entry| entry.api_version == API_VERSION) {
        let Ok(tree) = stream.tree(entry.object.document) else {
            continue;
        };
        // an alias in a Socket is refused elsewhere
        let of = tree.read_text(entry.object.node, &["spec", "interface", "name"]);
        if of.shown() != Some(interface) {
            continue;
        }
        let items = tree.read_items(entry.object.node, &["spec", "configFrom"]);
        for item in items.shown().into_iter().flatten() {
            if tree.read_member(item, "secretRef").shown().is_none() {
                continue;
            }
            let keys = tree.read_members(item, &["keys"]).shown();
            let keys = keys.into_iter().flatten();
            names.extend(keys.filter_map(|key| tree.key(key).map(str::to_owned)));
        }
    }
    names
}

/// A mapping within the values.
struct ValuesGroup {
    path: Vec<String>,
    /// `None`: it is not there.
    node: Option<NodeId>,
}

impl ValuesGroup {
    /// The outermost mapping that has most of these keys, two of them at least.
    fn find(tree: &Tree<'_>, values: NodeId, keys: &[DeclaredKey]) -> Option<Self> {
        let mut level = vec![Self {
            path: Vec::new(),
            node: Some(values),
        }];
        let mut looks = limits::CANDIDATES * limits::CANDIDATES;
        while !level.is_empty() {
            let mut best: Option<(usize, Self)> = None;
            let mut below = Vec::new();
            for group in level {
                let Some(node) = group.node else { continue };
                if looks == 0 || tree.kind(node) != Kind::Mapping {
                    continue;
                }
                looks -= 1;
                let mut known = 0;
                for member in tree.children(node) {
                    let Some(name) = tree.key(member) else {
                        continue;
                    };
                    known += usize::from(keys.iter().any(|key| key.name == name));
                    let mut path = group.path.clone();
                    path.push(name.to_owned());
                    below.push(Self {
                        path,
                        node: Some(member),
                    });
                }
                if known >= 2 && best.as_ref().is_none_or(|(most, _)| known > *most) {
                    best = Some((known, group));
                }
            }
            if let Some((_, group)) = best {
                return Some(group);
            }
            level = below;
        }
        None
    }

    fn field(&self, tree: &Tree<'_>, name: &str, of: FieldOf) -> DraftField {
        let keys = VALUES.iter().copied();
        let keys = keys
            .chain(self.path.iter().map(String::as_str))
            .chain([name]);
        let steps: Vec<Step> = keys.map(|key| Step::Key(key.to_owned())).collect();
        DraftField {
            path: Path(&steps).to_string(),
            of,
            replaces: self.has(tree, name),
        }
    }

    /// Whether it has a member.
    fn has(&self, tree: &Tree<'_>, name: &str) -> bool {
        let own = self.node.map(|node| tree.read_member(node, name));
        own.is_some_and(|own| own.shown().is_some())
    }
}
