//! Tests that a watcher that starts at any step of a cluster's life finds the same drifts as one
//! that ran all the time.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::api::{Integrations, Settings};
use crate::drift::{Drift, Live, Unrecorded, judge};
use crate::render::{Input, Role, Source, render};

const APPLICATION: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop, labels: {app: web}}\nspec:\n  \
     template:\n    spec:\n      containers:\n        - {name: web, env: []}\n";
const SOCKET: &str = "---\napiVersion: integration.rock8s.com/v1\nkind: Socket\nmetadata: {name: db, namespace: shop}\nspec:\n  \
     interface: {name: x, versions: [1.0.0]}\n  config: {host: db}\n";
const INTERFACE: &str = "---\napiVersion: integration.rock8s.com/v1\nkind: Interface\nmetadata: {name: x, namespace: shop}\nspec:\n  \
     name: x\n  versions: [{version: 1.0.0, socket: {type: object, required: [host], properties: {host: {type: string}}}}]\n";

fn plug(name: &str, workloads: &str) -> String {
    format!(
        "---\napiVersion: integration.rock8s.com/v1\nkind: Plug\nmetadata: {{name: {name}, namespace: shop}}\nspec:\n  \
         name: {name}\n  interface: {{name: x}}\n  workloads: [{workloads}]\n"
    )
}

/// The objects of a rendered stream.
fn objects(text: &str, integrations: Integrations) -> Vec<Value> {
    let source = Source {
        name: "input".into(),
        text: text.to_owned(),
        role: Role::Stream,
    };
    let input = Input {
        sources: vec![source],
        settings: Settings {
            integrations,
            ..Settings::default()
        },
    };
    let output = render(&input);
    assert!(
        !crate::diagnostic::has_errors(&output.diagnostics),
        "{:?}",
        output.diagnostics
    );
    let text: String = output
        .rendered
        .iter()
        .flat_map(|source| &source.pieces)
        .map(ToString::to_string)
        .collect();
    let documents = text.split("---\n").filter(|one| !one.trim().is_empty());
    documents
        .map(|one| serde_yaml::from_str(one).unwrap())
        .collect()
}

/// What may be applied or deleted: by name, versions of one object each.
fn versions() -> Vec<(&'static str, Vec<Value>)> {
    let all = [
        APPLICATION,
        SOCKET,
        INTERFACE,
        &plug("a", "{name: web}"),
        &plug("b", "{matchLabels: {app: web}}"),
    ]
    .concat();
    let one = |objects: &[Value], kind: &str, name: &str| {
        objects
            .iter()
            .find(|object| object["kind"] == kind && object["metadata"]["name"] == name)
            .unwrap()
            .clone()
    };
    let kept = objects(&all, Integrations::Keep);
    let dropped = objects(&all, Integrations::Drop);
    let rendered = one(&kept, "Deployment", "web");
    let mut edited = rendered.clone();
    edited["spec"]["template"]["spec"]["containers"][0]["env"][0]["value"] = "elsewhere".into();
    let source = serde_yaml::from_str(APPLICATION).unwrap();
    let mut socket = one(&kept, "Socket", "db");
    socket["spec"]["config"]["host"] = "other".into();
    vec![
        (
            "web",
            vec![rendered, edited, one(&dropped, "Deployment", "web"), source],
        ),
        ("a", vec![one(&kept, "Plug", "a")]),
        ("b", vec![one(&kept, "Plug", "b")]),
        ("db", vec![one(&kept, "Socket", "db"), socket]),
        ("x", vec![one(&kept, "Interface", "x")]),
    ]
}

/// The cluster: what was applied last of each name.
type Applied = BTreeMap<&'static str, Value>;

fn kind_of(object: &Value) -> WatchedKind {
    WatchedKind::all(&[])
        .into_iter()
        .find(|kind| object["kind"] == kind.kind)
        .unwrap()
}

fn is_seen(object: &Value) -> bool {
    !matches!(kind_of(object).what, What::Workload(_))
        || object["metadata"]["labels"]["integration.rock8s.com/coupled"] == "true"
}

fn key_of(object: &Value) -> ObjectKey {
    let text = |key: &str| object["metadata"][key].as_str().unwrap();
    ObjectKey::new(
        kind_of(object).group_kind(),
        text("namespace"),
        text("name"),
    )
}

fn put(object: &Value) -> Change {
    let kind = kind_of(object);
    let mut object = object.clone();
    object["metadata"]["uid"] = "uid".into();
    let read = match kind.what {
        What::Integration => WatchedObject::Integration(object.clone()),
        What::Service => WatchedObject::Service(object.clone()),
        What::Workload(read) => {
            let live: Live = serde_json::from_value(object.clone()).unwrap();
            WatchedObject::Workload(Workload::read(read, &live))
        }
    };
    Change::Put(kind, key_of(&object), read)
}

/// What the server answers to a look-up.
fn look(state: &Applied, naming: &WorkloadNaming) -> Found {
    let unrecorded = |object: &Value| {
        let mut object = object.clone();
        object["metadata"]["uid"] = "uid".into();
        let live: Live = serde_json::from_value(object).unwrap();
        Unrecorded::of(naming.kind, &live)
    };
    let workload = state
        .values()
        .find(|object| object["kind"] == naming.kind.kind);
    match (&naming.selector, workload) {
        (Selector::Name(_), None) => Found::Gone,
        (Selector::Name(_), Some(workload)) if is_seen(workload) => Found::Labelled,
        (_, workload) => Found::Unrecorded(
            workload
                .filter(|one| !is_seen(one))
                .map(unrecorded)
                .into_iter()
                .collect(),
        ),
    }
}

/// Judges, and looks up what is wanted, until nothing more is.
fn judged(
    world: &mut World,
    state: &Applied,
    mut left: Vec<WorkloadNaming>,
    now: Duration,
) -> Vec<Drift> {
    loop {
        for naming in left {
            world.found(&naming, look(state, &naming), now);
        }
        let judgement = judge(&world.cluster);
        world.named.wanted(judgement.look_up, &mut world.cluster);
        left = world.named.due(now);
        if left.is_empty() {
            return judgement.drifts;
        }
    }
}

/// A watcher that comes now.
fn restarted(state: &Applied, now: Duration) -> Vec<Drift> {
    let mut world = World::new(&[]);
    for kind in WatchedKind::all(&[]) {
        world.apply(Change::Listing(kind), now);
        for object in state
            .values()
            .filter(|object| kind_of(object) == kind && is_seen(object))
        {
            world.apply(put(object), now);
        }
        world.apply(Change::Listed(kind), now);
    }
    judged(&mut world, state, Vec::new(), now)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn who_comes_at_any_step_finds_the_same(steps in proptest::collection::vec((0..5usize, 0..6usize), 1..12)) {
        let versions = versions();
        let mut state = Applied::new();
        let mut watching = World::new(&[]);
        WatchedKind::all(&[]).into_iter().for_each(|kind| _ = watching.apply(Change::Listed(kind), Duration::ZERO));
        for (step, (name, version)) in (1..).zip(steps) {
            // longer than anything is looked up again
            let now = Duration::from_secs(3600) * step;
            let (name, objects) = &versions[name];
            let before = state.remove(name).filter(is_seen);
            let after = objects.get(version % (objects.len() + 1));
            state.extend(after.map(|object| (*name, object.clone())));
            let change = match (before, after.filter(|object| is_seen(object))) {
                (_, Some(after)) => Some(put(after)),
                (Some(before), None) => Some(Change::Gone(kind_of(&before), key_of(&before))),
                (None, None) => None,
            };
            let left = change.map(|change| watching.apply(change, now).left).unwrap_or_default();
            let drifts = judged(&mut watching, &state, left, now);
            prop_assert_eq!(&drifts, &restarted(&state, now), "{:?}", json!(state));
        }
    }
}
