//! What differs in one namespace, one cause after the other, and what is reported of it.

use super::{APPLICATION, Stop, Watcher, all, causes, events, label, rendered, set_env};
use crate::cluster::{Cluster, next_second};

#[test]
fn a_variable_that_is_edited_is_told_of_the_workload_with_who_did_it() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let ns = &cluster.namespace();
    cluster.apply(&rendered(&all(ns), false));
    let watcher = Watcher::start(cluster, Some(ns));
    watcher.until("it is coupled", || {
        watcher
            .metric("plugs")
            .contains(&"coupler_plugs{state=\"coupled\"} 1".to_owned())
    });

    set_env(cluster, ns, "MONGO_HOST=localhost");
    watcher.until_decoupled(&["baked-entry-edited"]);
    watcher.until("there is an Event", || !events(cluster, ns).is_empty());
    let event = events(cluster, ns).remove(0);
    assert_eq!(
        (&event["type"], &event["reason"], &event["action"]),
        (
            &"Warning".into(),
            &"Decoupled".into(),
            &"CheckCoupling".into()
        )
    );
    assert_eq!(
        (&event["regarding"]["kind"], &event["regarding"]["name"]),
        (&"Deployment".into(), &"express".into())
    );
    assert_eq!(event["reportingInstance"], "watcher-0");
    let note = event["note"].as_str().unwrap();
    assert!(
        note.starts_with("baked-entry-edited: variable `MONGO_HOST` of container `express`"),
        "{note}"
    );
    assert!(
        note.contains("field manager `kubectl-set`") && !note.contains("localhost"),
        "{note}"
    );
    assert_eq!(
        label(&watcher.metric("decoupled")[0], "workload"),
        "Deployment/express"
    );

    // healed: silence in Events, and the gauge falls
    set_env(cluster, ns, "MONGO_HOST=mongo");
    watcher.until_decoupled(&[]);
    // a second time is a new Event, once the Plug's minute is over
    set_env(cluster, ns, "MONGO_HOST=localhost");
    watcher.until_decoupled(&["baked-entry-edited"]);
    watcher.pass(60);
    watcher.until("there is a second Event", || events(cluster, ns).len() == 2);
}

#[test]
fn a_variable_that_is_removed_or_hidden_is_told() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let ns = &cluster.namespace();
    cluster.apply(&rendered(&all(ns), false));
    let watcher = Watcher::start(cluster, Some(ns));
    set_env(cluster, ns, "MONGO_HOST-");
    watcher.until_decoupled(&["baked-entry-missing"]);
    // no field manager can own a removal: nobody is blamed
    watcher.until("it is told", || {
        causes(cluster, ns) == ["baked-entry-missing"]
    });
    let note = events(cluster, ns)[0]["note"].as_str().unwrap().to_owned();
    assert!(
        note.contains("the cluster does not record who did it; field manager `kubectl-client-side-apply` wrote to it last"),
        "{note}"
    );

    cluster.apply(&rendered(&all(ns), false));
    watcher.until_decoupled(&[]);
    let patch = r#"[{"op": "add", "path": "/spec/template/spec/containers/0/env/-", "value": {"name": "MONGO_HOST", "value": "x"}}]"#;
    cluster
        .kubectl(&[
            "-n",
            ns,
            "patch",
            "deployment",
            "express",
            "--type=json",
            "-p",
            patch,
        ])
        .good();
    watcher.until_decoupled(&["baked-entry-shadowed"]);
    watcher.until("the one who did it is named", || {
        watcher.step();
        let notes = events(cluster, ns);
        notes.iter().any(|event| {
            let note = event["note"].as_str().unwrap();
            note.contains("is hidden by a later one")
                && note.contains("; changed by field manager `kubectl-patch`")
        })
    });
}

#[test]
fn an_editor_and_another_manager_of_server_side_apply_are_named() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let ns = &cluster.namespace();
    let text = rendered(&all(ns), false);
    let apply = |text: &str, manager: &str| {
        let words = [
            "apply",
            "--server-side",
            "--force-conflicts",
            "--field-manager",
            manager,
            "-f",
            "-",
        ];
        cluster.kubectl_with(&words, text).good();
    };
    apply(&text, "argocd-controller");
    let watcher = Watcher::start(cluster, Some(ns));
    let said = |manager: &str| {
        watcher.until_decoupled(&["baked-entry-edited"]);
        watcher.until(manager, || {
            watcher.step(); // the Plug's minute
            events(cluster, ns).iter().any(|event| {
                event["note"]
                    .as_str()
                    .unwrap()
                    .contains(&format!("`{manager}`"))
            })
        });
    };
    assert!(text.contains("value: mongo\n"), "{text}");
    apply(
        &text.replace("value: mongo\n", "value: elsewhere\n"),
        "somebody-else",
    );
    said("somebody-else");
    apply(&text, "argocd-controller");
    watcher.until_decoupled(&[]);
    let edit = format!(
        "KUBE_EDITOR='sed -i s/value:.mongo$/value:\\ edited/' kubectl --kubeconfig {} -n {ns} edit deployment express",
        cluster.kubeconfig().display()
    );
    next_second(); // as every edit by kubectl
    let done = std::process::Command::new("sh")
        .args(["-c", &edit])
        .output()
        .unwrap();
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
    said("kubectl-edit");
}

#[test]
fn a_manifest_that_was_not_rendered_over_the_rendered_one_is_reported_before_and_after_a_restart() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let ns = &cluster.namespace();
    cluster.apply(&rendered(&all(ns), true));
    let mut watcher = Watcher::start(cluster, Some(ns));
    let source = APPLICATION.replace("<ns>", ns);
    cluster.apply(&source);
    watcher.until_decoupled(&["record-stripped"]);
    watcher.until("it is reported", || {
        causes(cluster, ns) == ["record-stripped"]
    });
    assert_eq!(events(cluster, ns)[0]["regarding"]["kind"], "Plug");
    watcher.end(Stop::AtOnce);
    let watcher = Watcher::start(cluster, Some(ns));
    watcher.until_decoupled(&["record-stripped"]);
    cluster.apply(&rendered(&all(ns), true));
    watcher.until_decoupled(&[]);
    // and a workload that is deleted is no drift
    cluster
        .kubectl(&["-n", ns, "delete", "deployment", "express"])
        .good();
    watcher.until("it is known to be gone", || {
        watcher.step();
        watcher
            .metric("store_objects")
            .contains(&"coupler_store_objects{kind=\"Deployment\"} 0".to_owned())
    });
    watcher.until_decoupled(&[]);
    assert_eq!(causes(cluster, ns), ["record-stripped"]);
}

#[test]
fn who_decouples_on_purpose_is_not_warned() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let step = |ns: &str, what: &str| match what {
        "delete" => {
            _ = cluster
                .kubectl(&["-n", ns, "delete", "plug", "mongo"])
                .good();
        }
        _ => cluster.apply(&APPLICATION.replace("<ns>", ns)),
    };
    for (keep, steps) in [
        (true, "delete apply"),
        (true, "apply delete"),
        (false, "apply"),
    ] {
        let ns = &cluster.namespace();
        cluster.apply(&rendered(&all(ns), keep));
        let watcher = Watcher::start(cluster, Some(ns));
        steps.split(' ').for_each(|what| step(ns, what));
        watcher.until("nothing is coupled", || {
            watcher.metric("plugs")
                == ["coupled", "decoupled", "unknown"]
                    .map(|state| format!("coupler_plugs{{state=\"{state}\"}} 0"))
        });
        watcher.until("it is reported", || {
            watcher.step();
            !events(cluster, ns).is_empty()
        });
        watcher.pass(600);
        watcher.until_decoupled(&[]);
        let [event] = &events(cluster, ns)[..] else {
            panic!("{:#?}", events(cluster, ns))
        };
        assert_eq!(
            (&event["type"], &event["reason"]),
            (&"Normal".into(), &"Decoupled".into())
        );
        let note = event["note"].as_str().unwrap();
        assert!(
            note.contains("its Plugs were removed")
                && note.contains("a manifest that was not rendered"),
            "{note}"
        );
    }
}

#[test]
fn what_stands_as_it_was_baked_is_no_drift_whatever_else_happens() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let ns = &cluster.namespace();
    cluster.apply(&rendered(&all(ns), true));
    let watcher = Watcher::start(cluster, Some(ns));
    let evaluated = || watcher.metric("last_evaluation_timestamp_seconds");
    set_env(cluster, ns, "EXTRA=1");
    cluster
        .kubectl(&["-n", ns, "scale", "deployment", "express", "--replicas=5"])
        .good();
    cluster
        .kubectl(&["-n", ns, "label", "plug", "mongo", "team=shop"])
        .good();
    let before = evaluated();
    cluster
        .kubectl(&["-n", ns, "label", "socket", "mongo", "team=data"])
        .good();
    watcher.until("it is judged again", || evaluated() != before);
    watcher.until_decoupled(&[]);
    watcher.pass(600);
    assert_eq!(
        watcher.metric("plugs")[0],
        "coupler_plugs{state=\"coupled\"} 1"
    );
    assert_eq!(causes(cluster, ns), [] as [&str; 0]);
}

#[test]
fn a_socket_that_goes_is_told_of_the_plug_and_a_plug_of_the_workload() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let ns = &cluster.namespace();
    cluster.apply(&rendered(&all(ns), true));
    let watcher = Watcher::start(cluster, Some(ns));
    cluster
        .kubectl(&["-n", ns, "delete", "socket", "mongo"])
        .good();
    watcher.until_decoupled(&["socket-gone"]);
    watcher.until("it is told", || causes(cluster, ns) == ["socket-gone"]);
    let event = events(cluster, ns).remove(0);
    assert_eq!(
        (&event["regarding"]["kind"], &event["related"]["kind"]),
        (&"Plug".into(), &"Deployment".into())
    );
    let described = cluster
        .kubectl(&["-n", ns, "describe", "plug", "mongo"])
        .good();
    assert!(described.contains("Warning  Decoupled"), "{described}");

    cluster
        .kubectl(&["-n", ns, "delete", "plug", "mongo"])
        .good();
    watcher.until_decoupled(&["plug-gone"]);
    watcher.until("it is told", || {
        watcher.step();
        causes(cluster, ns) == ["plug-gone", "socket-gone"]
    });
    let gone = events(cluster, ns)
        .into_iter()
        .find(|event| event["regarding"]["kind"] == "Deployment");
    assert!(gone.is_some(), "the Plug is not there to be told of");
}

#[test]
fn a_plug_that_goes_before_its_socket_is_told_once() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let ns = &cluster.namespace();
    cluster.apply(&rendered(&all(ns), true));
    let watcher = Watcher::start(cluster, Some(ns));
    cluster
        .kubectl(&["-n", ns, "delete", "plug", "mongo"])
        .good();
    watcher.until_decoupled(&["plug-gone"]);
    cluster
        .kubectl(&["-n", ns, "delete", "socket", "mongo"])
        .good();
    let sockets = "coupler_store_objects{kind=\"Socket\"} 0".to_owned();
    watcher.until("the Socket is gone", || {
        watcher.metric("store_objects").contains(&sockets)
    });
    watcher.until_decoupled(&["plug-gone"]);
    watcher.pass(600);
    watcher.until("it is told", || causes(cluster, ns) == ["plug-gone"]);
}

#[test]
fn a_sync_that_replaces_all_three_within_the_window_says_nothing() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let ns = &cluster.namespace();
    cluster.apply(&rendered(&all(ns), true));
    let watcher = Watcher::start(cluster, Some(ns));
    let next = all(ns).replace("service: {name: mongo}", "service: {name: mongo-2}");
    let next = rendered(&next, true);
    let documents: Vec<&str> = next.split("---\n").collect();
    for kind in ["kind: Socket", "kind: Plug", "kind: Deployment"] {
        let one = documents
            .iter()
            .find(|document| document.contains(kind))
            .unwrap();
        let evaluated = watcher.metric("plugs");
        cluster.apply(one);
        if kind == "kind: Socket" {
            // the middle of the sync was seen
            watcher.until("it is behind", || watcher.metric("plugs") != evaluated);
        }
    }
    watcher.until("it is coupled again", || {
        watcher
            .metric("plugs")
            .contains(&"coupler_plugs{state=\"coupled\"} 1".to_owned())
    });
    watcher.pass(600);
    watcher.until_decoupled(&[]);
    assert_eq!(causes(cluster, ns), [] as [&str; 0]);
}

#[test]
fn who_is_stopped_finishes_what_is_under_way() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let ns = &cluster.namespace();
    cluster.apply(&rendered(&all(ns), false));
    let mut watcher = Watcher::start(cluster, Some(ns));
    set_env(cluster, ns, "MONGO_HOST=localhost");
    // the gauge rises when the Event is on its way
    watcher.until_decoupled(&["baked-entry-edited"]);
    watcher.end(Stop::Gently);
    assert_eq!(causes(cluster, ns), ["baked-entry-edited"]);
}

#[test]
fn a_socket_that_changes_leaves_the_workload_behind() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let ns = &cluster.namespace();
    cluster.apply(&rendered(&all(ns), true));
    let watcher = Watcher::start(cluster, Some(ns));
    let patch = r#"{"spec": {"service": {"name": "mongo-2"}}}"#;
    cluster
        .kubectl(&[
            "-n",
            ns,
            "patch",
            "socket",
            "mongo",
            "--type=merge",
            "-p",
            patch,
        ])
        .good();
    watcher.until_decoupled(&["workload-behind"]);
    watcher.until("it is told", || causes(cluster, ns) == ["workload-behind"]);
    let note = events(cluster, ns)[0]["note"].as_str().unwrap().to_owned();
    assert!(
        note.contains("`MONGO_HOST` and `MONGO_URL` would change") && !note.contains("mongo-2"),
        "{note}"
    );
}

#[test]
fn what_heals_and_comes_again_while_nobody_watches_is_reported_again_and_what_lasts_is_not() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let ns = &cluster.namespace();
    cluster.apply(&rendered(&all(ns), false));
    let set = |value: &str| set_env(cluster, ns, value);
    let seen = |wanted: usize| {
        let mut watcher = Watcher::start(cluster, Some(ns));
        watcher.until_decoupled(&["baked-entry-edited"]);
        watcher.until("it is reported", || {
            let published = watcher.metric("events_published_total");
            !published.is_empty() && events(cluster, ns).len() == wanted
        });
        // somebody changes something else: whoever comes later must not take that for another time
        let image = format!("express=example/express:{}", wanted + 7);
        cluster
            .kubectl(&["-n", ns, "set", "image", "deployment/express", &image])
            .good();
        watcher.until("it is refreshed", || {
            let counts = [
                "get",
                "events.v1.events.k8s.io",
                "-n",
                ns,
                "-o",
                "jsonpath={.items[*].series.count}",
            ];
            cluster
                .kubectl(&counts)
                .good()
                .split(' ')
                .filter(|count| !count.is_empty())
                .count()
                == wanted
        });
        watcher.end(Stop::AtOnce);
        let watcher = Watcher::start(cluster, Some(ns));
        watcher.until_decoupled(&["baked-entry-edited"]);
        watcher.until("it is known", || {
            watcher
                .metric("events_published_total")
                .iter()
                .any(|line| line.contains("\"there\"") && !line.ends_with(" 0"))
        });
        assert_eq!(events(cluster, ns).len(), wanted);
    };
    for episode in 1..4 {
        set("MONGO_HOST=localhost");
        seen(episode);
        set("MONGO_HOST=mongo");
    }
}
