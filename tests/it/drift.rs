//! The golden cases of what differs in a cluster, without a cluster: directories of
//! `testdata/drift`, each named after what it shows.
//!
//! `input.yaml` (with `settings.yaml` and `catalog.yaml`, where they are there) is rendered and put
//! into the cluster as the API server would store it; then `applied.yaml` is put over it, and what
//! `deleted.yaml` names goes. What is judged is in `expected-diagnostics.txt` and
//! `expected-judgement.txt`. `COUPLER_BLESS=1` rewrites the two.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use coupler::api::API_VERSION;
use coupler::diagnostic::{self, Code, TextOptions};
use coupler::drift::{Cluster, GroupKind, Live, LiveKind, ObjectKey, Unrecorded, Workload, judge};
use coupler::project::WorkloadKind;
use coupler::render::source_texts;
use serde_json::Value;

use crate::case::Case;
use crate::golden::expect;
use crate::kubelet;

/// Every case, by name.
fn cases() -> Vec<Case> {
    Case::in_directory("drift")
}

/// The objects of a stream; what a cluster could not hold is left out.
fn documents(text: &str) -> Vec<Value> {
    let objects = kubelet::documents(text)
        .into_iter()
        .filter_map(|document| serde_json::to_value(document).ok());
    objects
        .filter(|object: &Value| {
            object["kind"].is_string() && object["metadata"]["name"].is_string()
        })
        .collect()
}

/// As the API server stores it: an empty value is none, and defaults are written out.
fn stored(mut object: Value) -> Value {
    fn walk(value: &mut Value) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(walk),
            Value::Object(members) => {
                if members.contains_key("name")
                    && members.get("value").is_some_and(|value| value == "")
                {
                    members.remove("value");
                }
                if let Some(projected) = members.get_mut("projected") {
                    projected["defaultMode"] = 420.into();
                }
                if let Some(field) = members.get_mut("fieldRef") {
                    field["apiVersion"] = "v1".into();
                }
                members.values_mut().for_each(walk);
            }
            _ => {}
        }
    }
    walk(&mut object);
    object["metadata"]["uid"] =
        format!("uid-of-{}", object["metadata"]["name"].as_str().unwrap()).into();
    object
}

fn key(object: &Value) -> (&str, String, String) {
    let text = |key: &str| {
        object["metadata"][key]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    (
        object["kind"].as_str().unwrap(),
        text("namespace"),
        text("name"),
    )
}

const INTEGRATIONS: [&str; 3] = ["Interface", "Plug", "Socket"];

/// The kind of an object, where it may be watched.
fn workload_kind(object: &Value) -> Option<&'static LiveKind> {
    let (api_version, kind) = (object["apiVersion"].as_str()?, object["kind"].as_str()?);
    watched()
        .watched()
        .find(|known| known.is_of(Some(api_version), kind))
}

/// A cluster of which every kind is watched that may be.
fn watched() -> Cluster {
    static NAMED: LazyLock<Vec<LiveKind>> = LazyLock::new(|| {
        WorkloadKind::watched_when_named()
            .map(LiveKind::built_in)
            .collect()
    });
    Cluster::watching(&NAMED.iter().collect::<Vec<_>>())
}

fn put(cluster: &mut Cluster, object: &Value) {
    let (kind, namespace, name) = key(object);
    if let Some(kind) = INTEGRATIONS.into_iter().find(|known| *known == kind) {
        // another project's object of such a kind is not listed
        if object["apiVersion"] == API_VERSION {
            cluster.put_integration(kind, object);
        }
    } else if kind == "Service" && object["apiVersion"] == "v1" {
        cluster.put_service(object);
    } else if let Some(known) = workload_kind(object) {
        let labelled = object["metadata"]["labels"]["integration.rock8s.com/coupled"] == "true";
        match labelled {
            true => {
                let live: Live = serde_json::from_value(object.clone()).unwrap();
                cluster.put_workload(Workload::read(known, &live));
            }
            false => {
                cluster.drop_workload(&ObjectKey::new(known.group_kind(), &namespace, &name));
                let live: Live = serde_json::from_value(object.clone()).unwrap();
                cluster.put_unrecorded(Unrecorded::of(known, &live));
            }
        }
    }
}

fn drop(cluster: &mut Cluster, object: &Value) {
    let (kind, namespace, name) = key(object);
    let kind = INTEGRATIONS
        .into_iter()
        .find(|known| *known == kind)
        .expect("only our own kinds are deleted here");
    let kind = GroupKind::new(API_VERSION, kind);
    cluster.drop_integration(&ObjectKey::new(kind, &namespace, &name));
}

#[test]
fn what_came_apart_is_said_as_expected() {
    let faults: Vec<String> = cases()
        .iter()
        .filter_map(|case| Some((case, judged(case).err()?)))
        .map(|(case, fault)| format!("== {}\n{fault}", case.name()))
        .collect();
    assert!(
        faults.is_empty(),
        "{} cases fail\n{}",
        faults.len(),
        faults.join("\n")
    );
}

fn judged(case: &Case) -> Result<(), String> {
    let outcome = case.run();
    if outcome.failed {
        return Err(outcome.face);
    }
    let mut cluster = watched();
    let read =
        |name: &str| documents(&std::fs::read_to_string(case.dir.join(name)).unwrap_or_default());
    for object in outcome.texts.iter().flat_map(|text| documents(text)) {
        put(&mut cluster, &stored(object));
    }
    let first = judge(&cluster);
    if first.decoupled > 0 {
        return Err(format!(
            "what was just rendered is judged as apart: {:?}",
            first.drifts
        ));
    }
    read("applied.yaml")
        .into_iter()
        .for_each(|object| put(&mut cluster, &stored(object)));
    read("deleted.yaml")
        .iter()
        .for_each(|object| drop(&mut cluster, object));
    let judgement = judge(&cluster);
    let end = read("applied.yaml").into_iter().map(stored);
    let mut restarted = watched();
    let mut objects: BTreeMap<_, Value> = BTreeMap::new();
    for object in outcome
        .texts
        .iter()
        .flat_map(|text| documents(text))
        .map(stored)
        .chain(end)
    {
        let (kind, namespace, name) = key(&object);
        objects.insert((kind.to_owned(), namespace, name), object);
    }
    for object in read("deleted.yaml") {
        let (kind, namespace, name) = key(&object);
        objects.remove(&(kind.to_owned(), namespace, name));
    }
    objects
        .values()
        .for_each(|object| put(&mut restarted, object));
    if judge(&restarted) != judgement {
        return Err(format!(
            "who comes later judges otherwise: {:#?}",
            judge(&restarted)
        ));
    }

    let sources = cluster.sources();
    let diagnostics: Vec<_> = judgement
        .drifts
        .iter()
        .map(|drift| drift.diagnostic.clone())
        .collect();
    let face = diagnostic::text(
        &diagnostics,
        &source_texts(&sources),
        &TextOptions::default(),
    );
    expect(&case.dir.join("expected-diagnostics.txt"), &face)?;
    let mut lines = format!(
        "coupled {}, decoupled {}, unknown {}\n",
        judgement.coupled,
        judgement.decoupled,
        judgement.unknown.values().sum::<usize>()
    );
    for drift in &judgement.drifts {
        let plug = drift
            .regarding
            .as_ref()
            .map(|owner| format!("{} {}/{}, ", owner.kind, owner.namespace, owner.name));
        let workload = &drift.workload;
        let code = drift.diagnostic.code.as_str();
        lines += &format!(
            "{code}: {}{} {}/{}\n",
            plug.unwrap_or_default(),
            workload.kind,
            workload.namespace,
            workload.name
        );
    }
    expect(&case.dir.join("expected-judgement.txt"), &lines)
}

#[test]
fn what_was_rendered_is_never_apart() {
    let mut judged = 0;
    for case in Case::all() {
        let outcome = case.run();
        if outcome.failed {
            continue;
        }
        let mut cluster = watched();
        for object in outcome.texts.iter().flat_map(|text| documents(text)) {
            put(&mut cluster, &stored(object));
        }
        let mut judgement = judge(&cluster);
        // what is there of another run names a Plug that is not in this one
        judgement.drifts.retain(|drift| {
            !(case.name().starts_with("orphans-") && drift.diagnostic.code == Code::PlugGone)
        });
        assert_eq!(judgement.drifts, [], "{}", case.name());
        judged += judgement.coupled;
    }
    assert!(judged > 50, "only {judged} couplings were judged");
}

#[test]
fn what_is_behind_by_more_is_another_drift() {
    let case = cases()
        .into_iter()
        .find(|case| case.name() == "a-socket-that-changed-leaves-the-workload-behind")
        .unwrap();
    let mut cluster = watched();
    for object in case.run().texts.iter().flat_map(|text| documents(text)) {
        put(&mut cluster, &stored(object));
    }
    let mut socket =
        documents(&std::fs::read_to_string(case.dir.join("applied.yaml")).unwrap()).remove(0);
    let mut detail = |service: &str| {
        socket["spec"]["service"]["name"] = service.into();
        put(&mut cluster, &stored(socket.clone()));
        judge(&cluster).drifts.remove(0).detail
    };
    // first the credentials alone, then the host too
    assert_ne!(detail("mongo"), detail("mongo-2"));
}
