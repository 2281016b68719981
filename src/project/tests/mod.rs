//! Bake, read again, undo, compare: every row of the tables, the rules of edited entries, and generated workloads.

mod claims;
mod collisions;
mod corpus;
mod generated;
mod refusals;
mod rows;

use std::rc::Rc;

use super::*;
use crate::couple::{EnvSource, Reference, ReferenceKind};
use crate::diagnostic::{Code, Severity, has_errors};

/// `data/mongo`'s usual coupling: two parts, a text made of them, and a literal.
pub(super) fn usual() -> Vec<EnvEntry> {
    vec![
        part("MONGO_PASSWORD", "mongo-auth", "password"),
        part("MONGO_USERNAME", "mongo-auth", "username"),
        value("MONGO_URL", "mongodb://$(MONGO_USERNAME):$(MONGO_PASSWORD)@mongo.data.svc:27017/shop"),
        value("MONGO_PORT", "27017"),
    ]
}

pub(super) fn value(name: &str, value: &str) -> EnvEntry {
    entry(name, EnvSource::Value(value.to_owned()), false)
}

pub(super) fn part(name: &str, secret: &str, key: &str) -> EnvEntry {
    let reference =
        Reference { kind: ReferenceKind::Secret, name: secret.into(), key: key.into(), supplies: key.into() };
    entry(name, EnvSource::Reference(Rc::new(reference)), true)
}

fn entry(name: &str, source: EnvSource, helper: bool) -> EnvEntry {
    EnvEntry { name: name.to_owned(), source, replace: false, helper, uses: Vec::new(), at: Place::default() }
}

pub(super) fn coupling<'a>(plug: &'a str, containers: &[&str], env: &'a [EnvEntry]) -> WantedCoupling<'a> {
    WantedCoupling {
        plug,
        socket: "data/mongo".to_owned(),
        interface: "mongodb@1.0.0".to_owned(),
        containers: containers.iter().map(|c| (*c).to_owned()).collect(),
        env,
        at: Place::default(),
    }
}

/// Projects one object onto the whole document.
pub(super) fn run(text: &str, couplings: Vec<WantedCoupling<'_>>) -> Projected {
    run_with(text, couplings, false, false)
}

pub(super) fn run_with(text: &str, couplings: Vec<WantedCoupling<'_>>, omitted: bool, discard: bool) -> Projected {
    let tree = Tree::read(text).unwrap();
    let unseen = |from: EnvFrom<'_>| Brought {
        container: from.container.to_owned(),
        span: tree.span(from.node),
        prefix: from.prefix.to_owned(),
        keys: None,
    };
    let brought = tree.root().into_iter().flat_map(|root| env_from(&tree, root)).map(unseen).collect();
    let wanted = Wanted { node: tree.root(), couplings, omitted, brought };
    project(DocumentRef { tree: &tree, start: Place::default() }, &[wanted], discard)
}

/// Bakes, bakes again (nothing changes), undoes (the bytes come back), and gives what was baked.
#[track_caller]
pub(super) fn baked(text: &str, containers: &[&str], env: &[EnvEntry]) -> String {
    let bake = |text: &str| run(text, vec![coupling("mongo", containers, env)]);
    let first = bake(text);
    assert!(!has_errors(&first.diagnostics), "{text}\n{:#?}", first.diagnostics);
    let baked = first.text.expect("something to bake");
    let again = bake(&baked);
    assert_eq!((again.text, has_errors(&again.diagnostics)), (None, false), "{baked}\n{:#?}", again.diagnostics);
    let undone = run(&baked, Vec::new());
    assert_eq!(undone.text.as_deref(), Some(text), "{baked}\n{:#?}", undone.diagnostics);
    baked
}

/// The one error of a run.
#[track_caller]
pub(super) fn error(projected: &Projected) -> (Code, String) {
    assert_eq!(projected.text, None);
    let errors: Vec<_> = projected.diagnostics.iter().filter(|d| d.severity == Severity::Error).collect();
    let [error] = errors[..] else { panic!("{errors:#?}") };
    (error.code, format!("{}\n{}", error.message, error.help.as_deref().unwrap_or_default()))
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
