//! Records that are forged cost a bounded number of comparisons, and the namespace that they are in
//! pays for them.

use serde_json::{Value, json};

use super::*;
use crate::diagnostic::Code;
use crate::drift::{Finding, Judgement, Live, LiveKind, RecordState, judge, judge_each};

fn integration(kind: &str, namespace: &str, name: &str, spec: &Value) -> Value {
    json!({"kind": kind, "metadata": {"name": name, "namespace": namespace, "uid": format!("uid-{name}")}, "spec": spec})
}

/// A Socket, and so many Plugs that are coupled to it.
fn coupled(cluster: &mut Cluster, namespace: &str, plugs: usize) {
    let schema =
        json!({"type": "object", "required": ["host"], "properties": {"host": {"type": "string"}}});
    let interface = json!({"name": "x", "versions": [{"version": "1.0.0", "socket": schema}]});
    cluster.put_integration(
        "Interface",
        &integration("Interface", namespace, "x", &interface),
    );
    let socket =
        json!({"interface": {"name": "x", "versions": ["1.0.0"]}, "config": {"host": "db"}});
    cluster.put_integration("Socket", &integration("Socket", namespace, "x", &socket));
    for index in 0..plugs {
        let plug = json!({"interface": {"name": "x"}, "workloads": [{"name": "web"}]});
        cluster.put_integration(
            "Plug",
            &integration("Plug", namespace, &format!("plug-{index}"), &plug),
        );
    }
}

fn deployments() -> &'static LiveKind {
    let mut kinds = LiveKind::always();
    kinds.find(|kind| kind.kind == "Deployment").unwrap()
}

/// A workload whose record names so many Plugs that are not there.
fn forged(cluster: &mut Cluster, namespace: &str, records: usize) {
    let record = |index: usize| {
        let value = json!({"socket": "evil/x", "interface": "x@1.0.0", "entries": {"env/web": {"X_HOST": "0"}}});
        (
            format!("coupled.integration.rock8s.com/none-{index:04}"),
            value.to_string().into(),
        )
    };
    let mut annotations: serde_json::Map<String, Value> = (0..records).map(record).collect();
    annotations.insert("integration.rock8s.com/coupled".into(), r#"{"v":1}"#.into());
    let metadata = json!({"name": "web", "namespace": namespace, "annotations": annotations});
    let live: Live = serde_json::from_value(json!({"metadata": metadata})).unwrap();
    cluster.put_workload(Workload::read(deployments(), &live));
}

#[test]
fn forged_records_are_compared_with_a_bounded_number_of_plugs() {
    let mut cluster = Cluster::default();
    let (plugs, records) = (200, 400);
    assert!(plugs * records > RENAMED_PLUGS);
    coupled(&mut cluster, "evil", plugs);
    coupled(&mut cluster, "shop", 1);
    forged(&mut cluster, "evil", records);
    let couplings = Couplings::new(&cluster);
    assert_eq!(couplings.coupled["evil"].len(), plugs);
    let workload = cluster.workloads.values().next().unwrap();
    for coupled in workload.plugs() {
        couplings.judge(workload, coupled);
    }
    assert_eq!(couplings.allowance.borrow()["evil"].comparisons, 0);
    assert!(
        !couplings.allowance.borrow().contains_key("shop"),
        "the others have all of theirs"
    );
}

#[test]
fn causes_are_looked_for_a_bounded_number_of_times() {
    let mut cluster = Cluster::default();
    let plugs = 2 * NEAR_MISSES;
    for index in 0..plugs {
        // no two Plugs ask for the same Socket
        let plug = json!({"interface": {"name": "x"}, "socket": {"name": format!("none-{index}")}, "workloads": [{"name": "web"}]});
        cluster.put_integration(
            "Plug",
            &integration("Plug", "evil", &format!("plug-{index}"), &plug),
        );
    }
    let couplings = Couplings::new(&cluster);
    let couplings = Couplings {
        own: BTreeMap::new(),
        ..couplings
    };
    let ids: Vec<_> = couplings.ours.plugs().map(|(id, _)| id).collect();
    assert_eq!(ids.len(), plugs);
    let known = ids
        .iter()
        .filter(|id| couplings.errors(**id).is_some())
        .count();
    assert_eq!(known, NEAR_MISSES);
    assert!(
        couplings.errors(ids[0]).is_some(),
        "what is known is not looked for again"
    );
}

#[test]
fn workloads_of_kinds_that_are_not_watched_are_not_looked_up() {
    let mut cluster = Cluster::default();
    coupled(&mut cluster, "shop", 0);
    let workloads = json!([
        {"kind": "Job", "name": "of-any-group"},
        {"apiVersion": "batch/v1", "kind": "Job", "name": "of-kubernetes"},
        {"apiVersion": "batch.volcano.sh/v1alpha1", "kind": "Job", "name": "of-another-group"},
        {"apiVersion": "example.com/v1", "kind": "Worker", "name": "of-a-mapping"},
        {"kind": "Rollout", "name": "of-a-controller"},
    ]);
    let plug = json!({"interface": {"name": "x"}, "workloads": workloads});
    cluster.put_integration("Plug", &integration("Plug", "shop", "plug", &plug));
    let judgement = judge(&cluster);
    let names: Vec<String> = judgement
        .look_up
        .iter()
        .map(|naming| format!("{} {:?}", naming.kind.api_version, naming.selector))
        .collect();
    assert_eq!(
        names,
        [
            "batch/v1 Name(\"of-any-group\")",
            "batch/v1 Name(\"of-kubernetes\")"
        ]
    );
    assert!(judgement.drifts.is_empty(), "{:?}", judgement.drifts);
}

#[test]
fn a_record_that_is_larger_than_any_is_not_read() {
    let mut cluster = Cluster::default();
    forged(&mut cluster, "evil", 2_000);
    let workload = cluster.workloads.values().next().unwrap();
    assert!(
        matches!(&workload.record, RecordState::Invalid(why) if why.contains("65536")),
        "{workload:?}"
    );
    let mut codes = Vec::new();
    let Judgement { decoupled, .. } = judge_each(&cluster, |finding| {
        if let Finding::Apart(drift) = finding {
            codes.push(drift.diagnostic.code);
        }
    });
    assert_eq!((decoupled, codes), (1, vec![Code::ProvenanceInvalid]));
}
