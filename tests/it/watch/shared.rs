//! What differs by an object that others share, by an order, and what is coupled again.

use super::{APPLICATION, PLUG, SOCKET, Watcher, all, events, events_of, rendered};
use crate::cluster::Cluster;

#[test]
fn an_order_and_another_secret_break_a_coupling_too() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let ns = &cluster.namespace();
    let text = rendered(&all(ns), true);
    cluster.apply(&text);
    let watcher = Watcher::start(cluster, Some(ns));
    let patch = |patch: &str| {
        let words = [
            "-n",
            ns,
            "patch",
            "deployment",
            "express",
            "--type=json",
            "-p",
            patch,
        ];
        cluster.kubectl(&words).good();
    };
    let note = |part: &str| {
        watcher.until(part, || {
            watcher.step();
            events(cluster, ns)
                .iter()
                .any(|event| event["note"].as_str().unwrap().contains(part))
        });
    };
    let read = ["-n", ns, "get", "deployment", "express", "-o", "json"];
    let live: serde_json::Value = serde_json::from_str(&cluster.kubectl(&read).good()).unwrap();
    let env = &live["spec"]["template"]["spec"]["containers"][0]["env"];
    let mut turned = env.as_array().unwrap().clone();
    turned.reverse();
    let path = "/spec/template/spec/containers/0/env";
    let replace = |value: &serde_json::Value| {
        serde_json::json!([{"op": "replace", "path": path, "value": value}]).to_string()
    };
    patch(&replace(&turned.into()));
    watcher.until_decoupled(&["baked-entry-edited"]);
    note("`MONGO_URL` of container `express` of Deployment");
    note("is now before a variable that it uses");
    patch(&replace(env));
    watcher.until_decoupled(&[]);

    let other = env.to_string().replace("mongo-auth", "mongo-auth-staging");
    patch(&replace(&serde_json::from_str(&other).unwrap()));
    watcher.until_decoupled(&["baked-entry-edited"]);
    note("refers to `mongo-auth-staging`, and would refer to `mongo-auth`");
    note("; changed by field manager `kubectl-patch`");
}

#[test]
fn what_is_coupled_again_is_reported_once_and_what_is_taken_away_is_not() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let ns = &cluster.namespace();
    cluster.apply(&rendered(&all(ns), true));
    let watchers = [
        Watcher::start(cluster, Some(ns)),
        Watcher::start(cluster, Some(ns)),
    ];
    let both = |causes: &[&str]| {
        for watcher in &watchers {
            watcher.until_decoupled(causes);
            let published = || watcher.metric("events_published_total").concat();
            let before = published();
            if !causes.is_empty() {
                watcher.until("it is reported", || {
                    published() != before || events(cluster, ns).len() == 1
                });
            }
        }
    };
    let socket = || rendered(&all(ns), true);
    cluster
        .kubectl(&["-n", ns, "delete", "socket", "mongo"])
        .good();
    both(&["socket-gone"]);
    for watcher in &watchers {
        let known = || {
            ["made", "there"]
                .iter()
                .any(|result| watcher.counts("events_published_total", &format!("\"{result}\"")))
        };
        watcher.until("each knows the Event", known);
    }
    cluster.apply(&socket());
    both(&[]);
    let coupled = || events_of(cluster, ns, "Coupled");
    watchers[0].until("it is reported", || {
        watchers.iter().for_each(Watcher::step);
        !coupled().is_empty()
    });
    for watcher in &watchers {
        watcher.until("both have", || {
            watcher.step();
            let lines = watcher.metric("events_published_total");
            let total: u64 = lines
                .iter()
                .map(|line| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap())
                .sum();
            total >= 2
        });
    }
    let [event] = &coupled()[..] else {
        panic!("{:#?}", coupled())
    };
    assert_eq!(
        (&event["type"], &event["regarding"]["kind"]),
        (&"Normal".into(), &"Plug".into())
    );

    cluster
        .kubectl(&["-n", ns, "delete", "socket", "mongo"])
        .good();
    for watcher in &watchers {
        watcher.until_decoupled(&["socket-gone"]);
    }
    cluster
        .kubectl(&["-n", ns, "delete", "plug", "mongo"])
        .good();
    cluster.apply(&APPLICATION.replace("<ns>", ns));
    for watcher in &watchers {
        watcher.until_decoupled(&[]);
        watcher.pass_window();
    }
    assert_eq!(coupled().len(), 1, "what is gone is not coupled again");
}

/// An offer, and so many workloads `web-N` with a Plug each; `<ns>` is the namespace.
fn many(offer: &str, count: usize, plug: impl Fn(usize) -> String) -> String {
    let mut input = vec![offer.to_owned()];
    for index in 0..count {
        let name = format!("{{name: web-{index}, namespace: <ns>}}");
        input.push(APPLICATION.replace("{name: express, namespace: <ns>}", &name));
        input.push(plug(index));
    }
    input.join("---\n")
}

#[test]
fn a_socket_that_changes_under_many_plugs_is_one_event_that_names_it_and_who_did_it() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let ns = &cluster.namespace();
    let plugs = 12;
    let input = many(SOCKET, plugs, |index| {
        let plug = PLUG.replace("name: mongo,", &format!("name: mongo-{index},"));
        plug.replace("[{name: express}]", &format!("[{{name: web-{index}}}]"))
    });
    cluster.apply(&rendered(&input.replace("<ns>", ns), true));
    let watcher = Watcher::start(cluster, Some(ns));
    let patch = r#"{"spec": {"service": {"name": "mongo-2"}}}"#;
    let words = [
        "-n",
        ns,
        "patch",
        "socket",
        "mongo",
        "--type=merge",
        "-p",
        patch,
    ];
    cluster.kubectl(&words).good();
    watcher.until_decoupled(&vec!["workload-behind"; plugs]);
    watcher.until("it is reported", || !events(cluster, ns).is_empty());
    watcher.pass_window();
    let [event] = &events(cluster, ns)[..] else {
        panic!("{:#?}", events(cluster, ns))
    };
    let note = event["note"].as_str().unwrap();
    let named = format!(
        "differ from their records for one cause, Socket `{ns}/mongo`, which field manager `kubectl-patch` changed at "
    );
    assert!(
        note.starts_with("workload-behind: 12 couplings") && note.contains(&named),
        "{note}"
    );
    assert!(
        note.contains("`MONGO_HOST` and `MONGO_URL` would change"),
        "{note}"
    );
    assert!(
        note.contains("Plugs mongo-0, mongo-1, mongo-10") && note.contains("and 4 more"),
        "{note}"
    );
    assert_eq!(event["regarding"]["kind"], "Socket");
}

/// An Interface of the cluster's own, and a Socket and a Plug of it; `<ns>` is the namespace.
const STORE: &str = r#"apiVersion: integration.rock8s.com/v1
kind: Interface
metadata: {name: store, namespace: <ns>}
spec:
  name: store
  versions:
    - version: 1.0.0
      socket:
        type: object
        required: [host]
        properties: {host: {type: string}, port: {type: integer, default: 5432}}
---
apiVersion: integration.rock8s.com/v1
kind: Socket
metadata: {name: store, namespace: <ns>}
spec:
  interface: {name: store, versions: [1.0.0]}
  config: {host: store}
"#;
const STORE_PLUG: &str = r#"apiVersion: integration.rock8s.com/v1
kind: Plug
metadata: {name: store-<n>, namespace: <ns>}
spec:
  interface: {name: store}
  workloads: [{name: web-<n>}]
  bind: {env: [{name: STORE_HOST, key: host}, {name: STORE_PORT, key: port}]}
"#;

#[test]
fn an_interface_that_changes_under_many_plugs_is_one_event_that_names_it_and_what_changed() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let ns = &cluster.namespace();
    let plugs = 12;
    let input = many(STORE, plugs, |index| {
        STORE_PLUG.replace("<n>", &index.to_string())
    });
    cluster.apply(&rendered(&input.replace("<ns>", ns), true));
    let watcher = Watcher::start(cluster, Some(ns));
    // the Socket is touched later than it was applied, and is not to blame
    let label = ["-n", ns, "label", "socket", "store", "team=data"];
    cluster.kubectl(&label).good();
    let patch = r#"[{"op": "replace", "path": "/spec/versions/0/socket/properties/port/default", "value": 5433}]"#;
    let target = ["-n", ns, "patch", "interface", "store"];
    let words = [&target[..], &["--type=json", "-p", patch]].concat();
    cluster.kubectl(&words).good();
    watcher.until_decoupled(&vec!["workload-behind"; plugs]);
    watcher.until("it is reported", || !events(cluster, ns).is_empty());
    watcher.pass_window();
    let [event] = &events(cluster, ns)[..] else {
        panic!("{:#?}", events(cluster, ns))
    };
    let note = event["note"].as_str().unwrap();
    for part in [
        "workload-behind: 12 couplings",
        &format!(
            "differ from their records for one cause, Interface `{ns}/store`, which field manager `kubectl-patch` changed at "
        ),
        "`STORE_PORT` would change",
        "Plugs store-0, store-1, store-10",
    ] {
        assert!(note.contains(part), "{part}\n{note}");
    }
    assert!(!note.contains("Socket `"), "{note}");
    assert_eq!(event["regarding"]["kind"], "Interface");
}
