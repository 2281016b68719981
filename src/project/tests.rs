//! Tests to couple, read again, undo and compare: every row of the tables, the rules of edited
//! entries, and generated workloads.

mod claims;
mod collisions;
mod corpus;
mod documents;
mod generated;
mod kept;
mod order;
mod pods;
mod refusals;
mod rows;
mod tags;

use std::rc::Rc;

use super::*;
use crate::api::{BinderKind, OverwriteRule, ReferencePresence};
use crate::couple::{EnvEntry, EnvSource, Reference, ReferenceKind};
use crate::diagnostic::{Code, Severity, has_errors};
use crate::manifest::NodeId;

/// `data/mongo`'s usual coupling: two parts, a text made of them, and a literal.
pub(super) fn usual() -> Vec<EnvEntry> {
    vec![
        part("MONGO_PASSWORD", "mongo-auth", "password"),
        part("MONGO_USERNAME", "mongo-auth", "username"),
        value(
            "MONGO_URL",
            "mongodb://$(MONGO_USERNAME):$(MONGO_PASSWORD)@mongo.data.svc:27017/shop",
        ),
        value("MONGO_PORT", "27017"),
    ]
}

pub(super) fn value(name: &str, value: &str) -> EnvEntry {
    entry(name, EnvSource::Value(value.to_owned()), false)
}

pub(super) fn part(name: &str, secret: &str, key: &str) -> EnvEntry {
    let reference = Reference {
        kind: ReferenceKind::Secret,
        name: secret.into(),
        key: key.into(),
        presence: ReferencePresence::Required,
        supplies: key.into(),
    };
    entry(name, EnvSource::Reference(Rc::new(reference)), true)
}

/// The same of a ConfigMap, which is no secret.
pub(super) fn setting(name: &str, map: &str, key: &str) -> EnvEntry {
    let reference = Reference {
        kind: ReferenceKind::ConfigMap,
        name: map.into(),
        key: key.into(),
        presence: ReferencePresence::Required,
        supplies: key.into(),
    };
    entry(name, EnvSource::Reference(Rc::new(reference)), false)
}

fn entry(name: &str, source: EnvSource, helper: bool) -> EnvEntry {
    let secret = matches!(&source, EnvSource::Reference(reference) if reference.kind == ReferenceKind::Secret);
    EnvEntry {
        name: name.to_owned(),
        source,
        overwrite: OverwriteRule::Never,
        helper,
        secret,
        uses: Vec::new(),
        at: Place::default(),
    }
}

/// The same variable with leave to replace the author's own.
pub(super) fn replacing(mut entry: EnvEntry) -> EnvEntry {
    entry.overwrite = OverwriteRule::Always;
    entry.helper = false;
    entry
}

/// The names of a container's variables.
pub(super) fn variables(tree: &Tree<'_>, container: &str) -> Vec<String> {
    let slot = Slot::Env(container.to_owned());
    let document = DocumentRef::alone(tree);
    let mut all = entries_of(document, tree.root().unwrap(), &Record::default()).into_iter();
    let found = all.find(|collection| collection.slot == slot).unwrap();
    let names = found.entries.into_iter();
    names.map(|(name, _)| name.into_owned()).collect()
}

pub(super) fn coupling<'a>(
    plug: &'a str,
    containers: &[&str],
    env: &'a [EnvEntry],
) -> DesiredCoupling<'a> {
    let mut entries = Vec::new();
    let containers: Vec<_> = containers
        .iter()
        .map(|&name| ContainerTarget {
            name,
            root: String::new(),
        })
        .collect();
    env::lower(&env.iter(), &containers, &mut entries);
    DesiredCoupling {
        owner: EntryOwner {
            kind: BinderKind::Plug,
            api_version: crate::api::API_VERSION,
            name: plug,
        },
        socket: "data/mongo".to_owned(),
        interface: "mongodb@1.0.0".to_owned(),
        catalogue: Vec::new(),
        entries,
        default_env: None,
        at: Place::default(),
    }
}

/// Projects one object onto the whole document.
pub(super) fn run(text: &str, couplings: Vec<DesiredCoupling<'_>>) -> Projected {
    run_with(text, couplings, false, false)
}

pub(super) fn run_with(
    text: &str,
    couplings: Vec<DesiredCoupling<'_>>,
    omitted: bool,
    discard: bool,
) -> Projected {
    let tree = Tree::read(text).unwrap();
    let sources = if omitted {
        Sources::Omitted
    } else {
        Sources::Kept
    };
    let desired = Desired {
        sources,
        ..desired(&tree, tree.root().unwrap(), couplings)
    };
    project(DocumentRef::alone(&tree), &[desired], discard)
}

/// What an object of a document is to look like; of what its `envFrom` defines nothing is known.
pub(super) fn desired<'a>(
    tree: &Tree<'_>,
    object: NodeId,
    couplings: Vec<DesiredCoupling<'a>>,
) -> Desired<'a> {
    let unseen = |from: EnvFrom<'_>| EnvFromVars {
        container: from.container.to_owned(),
        span: tree.span(from.node),
        names: BroughtNames::Unseen,
    };
    let brought = env_from(tree, object, &BUILT_IN)
        .unwrap_or_default()
        .into_iter()
        .map(unseen)
        .collect();
    Desired {
        object,
        record: record(tree, object),
        couplings,
        brought,
        sources: Sources::Kept,
    }
}

/// Bakes, bakes again (nothing changes), undoes (the bytes come back), and gives what was baked.
#[track_caller]
pub(super) fn baked(text: &str, containers: &[&str], env: &[EnvEntry]) -> String {
    let bake = |text: &str| run(text, vec![coupling("mongo", containers, env)]);
    let first = bake(text);
    assert!(
        !has_errors(&first.diagnostics),
        "{text}\n{:#?}",
        first.diagnostics
    );
    let baked = first.text.expect("something to bake");
    let again = bake(&baked);
    assert_eq!(
        (again.text, has_errors(&again.diagnostics)),
        (None, false),
        "{baked}\n{:#?}",
        again.diagnostics
    );
    let undone = run(&baked, Vec::new());
    assert_eq!(
        undone.text.as_deref(),
        Some(text),
        "{baked}\n{:#?}",
        undone.diagnostics
    );
    baked
}

/// The one error of a run.
#[track_caller]
pub(super) fn error(projected: &Projected) -> (Code, String) {
    assert_eq!(projected.text, None);
    let errors: Vec<_> = projected
        .diagnostics
        .iter()
        .filter(|d| d.severity == Severity::Error)
        .collect();
    let [error] = errors[..] else {
        panic!("{errors:#?}")
    };
    (
        error.code,
        format!(
            "{}\n{}",
            error.message,
            error.help.as_deref().unwrap_or_default()
        ),
    )
}

/// A Deployment with this text as its container, indented like the container's own keys.
pub(super) fn deployment(container: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  template:\n    spec:\n      \
         containers:\n      - name: web\n{container}      volumes: []\n"
    )
}

/// The lines that baking adds, and those that it takes away.
pub(super) fn diff(before: &str, after: &str) -> String {
    similar::TextDiff::from_lines(before, after)
        .iter_all_changes()
        .filter(|change| change.tag() != similar::ChangeTag::Equal)
        .map(|change| format!("{}{change}", change.tag()))
        .collect()
}
