//! Fuzzes the judgement of a cluster: live objects with forged records, hostile names and values
//! that may not be shown.

use std::sync::LazyLock;

use coupler::api::{API_VERSION, Orphans};
use coupler::diagnostic::{self, TextOptions};
use coupler::drift::{Cluster, GroupKind, Live, LiveKind, Workload, judge};
use coupler::project::WORKLOAD_KINDS;
use coupler::render::source_texts;
use serde_json::{Value, json};

use crate::driver::{POISON, assert_clean, drive};
use crate::mutate::{Random, mutate};
use crate::names::{documents, name};
use crate::records::rendered;

/// The objects of a rendered stream, then changed.
fn make(random: &mut Random) -> Vec<Value> {
    let stream = loop {
        if let Some(text) = rendered(&documents(random).join("---\n"), Orphans::Refuse) {
            break text;
        }
    };
    let documents = stream
        .split("---\n")
        .filter_map(|text| serde_yaml::from_str::<Value>(text).ok());
    let mut objects: Vec<Value> = documents
        .filter(|object| object["kind"] != "Secret")
        .collect();
    for object in &mut objects {
        object["metadata"]["uid"] = name(random).into();
        for container in object["spec"]["template"]["spec"]["containers"]
            .as_array_mut()
            .into_iter()
            .flatten()
        {
            if random.below(2) == 0 {
                container["env"] =
                    json!([{"name": "REDIS_HOST", "value": POISON}, {"name": "REDIS_PORT"}]);
            }
        }
    }
    for _ in 0..random.below(5) {
        let at = random.below(objects.len());
        change(random, &mut objects[at]);
    }
    objects
}

/// Changes one value somewhere in a tree.
fn change(random: &mut Random, value: &mut Value) {
    let stop = random.below(5) == 0;
    match value {
        Value::Object(members) if !members.is_empty() && !stop => {
            let key = members
                .keys()
                .nth(random.below(members.len()))
                .cloned()
                .unwrap_or_default();
            if random.below(8) == 0 {
                let moved = members.remove(&key).unwrap_or_default();
                members.insert(name(random), moved);
            } else {
                change(random, &mut members[&key]);
            }
        }
        Value::Array(items) if !items.is_empty() && !stop => {
            let at = random.below(items.len());
            change(random, &mut items[at]);
        }
        Value::String(text) if random.below(3) > 0 => {
            *text = mutate(random, text, std::slice::from_ref(text));
        }
        other => {
            *other = match random.below(6) {
                0 => Value::Null,
                1 => json!(-1),
                2 => json!([]),
                3 => json!({}),
                4 => json!([[[[[[{"a": [1, "x", null]}]]]]]]),
                _ => name(random).into(),
            }
        }
    }
}

static KINDS: LazyLock<Vec<LiveKind>> =
    LazyLock::new(|| WORKLOAD_KINDS.iter().map(LiveKind::built_in).collect());

fn put(cluster: &mut Cluster, object: &Value) {
    let kind = object["kind"].as_str().unwrap_or_default();
    if let Some(kind) = ["Interface", "Plug", "Socket"]
        .into_iter()
        .find(|known| *known == kind)
    {
        cluster.put_integration(kind, object);
    } else if let Some(known) = KINDS.iter().find(|known| known.kind == kind) {
        // as an object of a kind that a mapping adds
        cluster.put_workload(Workload::read(known, &Live::whole(object.clone())));
        if let Ok(live) = serde_json::from_value::<Live>(object.clone()) {
            cluster.put_workload(Workload::read(known, &live));
        }
    }
}

#[test]
fn no_live_object_breaks_the_judgement() {
    let mut decoupled = 0;
    drive("live", 100, make, |objects| {
        let mut cluster = Cluster::default();
        for kind in ["Interface", "Plug", "Socket"] {
            cluster.list(GroupKind::new(API_VERSION, kind), true);
        }
        objects.iter().for_each(|object| put(&mut cluster, object));
        let judgement = judge(&cluster);
        decoupled += judgement.decoupled;
        assert_eq!(judge(&cluster), judgement, "judged again");
        let sources = cluster.sources();
        let diagnostics: Vec<_> = judgement
            .drifts
            .iter()
            .map(|drift| drift.diagnostic.clone())
            .collect();
        assert_clean(&diagnostic::text(
            &diagnostics,
            &source_texts(&sources),
            &TextOptions::default(),
        ));
        #[cfg(feature = "watch")]
        events_are_harmless(&judgement.drifts);
        assert!(
            !format!("{:?}", judgement.drifts).contains(POISON),
            "{judgement:?}"
        );
    });
    assert!(decoupled > 20, "only {decoupled} drifts were made");
}

/// Bytes of an Event's note, of its name and of a reporting instance, as the API server allows
/// them.
#[cfg(feature = "watch")]
const EVENT_BYTES: [(&str, usize); 3] = [
    ("/note", 1024),
    ("/metadata/name", 253),
    ("/reportingInstance", 128),
];

/// Fails where an Event of a drift shows a Secret, has a character that a terminal obeys, a line of
/// its own, or more bytes than the server takes.
#[cfg(feature = "watch")]
fn events_are_harmless(drifts: &[coupler::drift::Drift]) {
    for event in coupler::watch::events(drifts, &"coupler-é".repeat(20)) {
        for (path, most) in EVENT_BYTES {
            let text = event.pointer(path).and_then(Value::as_str).unwrap();
            assert!(
                text.len() <= most,
                "{path} has {} bytes: {text}",
                text.len()
            );
        }
        let note = event["note"].as_str().unwrap();
        assert_clean(note);
        assert!(!note.contains(['\n', '\t']), "{note:?}");
        assert!(!event.to_string().contains(POISON), "{event}");
    }
}
