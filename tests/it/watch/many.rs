//! Many drifts at once, with replicas that are restarted and with no watcher at all: none is lost,
//! none is reported twice, none is false.

use std::collections::BTreeSet;

use super::{APPLICATION, PLUG, SOCKET, Stop, Watcher, events, rendered};
use crate::cluster::Cluster;

const DRIFTS: usize = 1_000;
/// Every fifth changes in ways that are nobody's business.
const WORKLOADS: usize = DRIFTS * 5 / 4;

/// So many workloads of a namespace, rendered without their Plug.
fn fleet(namespace: &str, workloads: usize) -> String {
    let plug = PLUG.replace(
        "[{name: express}]",
        "[{matchLabels: {app: express}, kind: Deployment}]",
    );
    let mut input = [&*plug, SOCKET].join("---\n");
    for index in 0..workloads {
        input += "---\n";
        let metadata = format!("{{name: web-{index}, labels: {{app: express}}, namespace: <ns>}}");
        input += &APPLICATION.replace("{name: express, namespace: <ns>}", &metadata);
    }
    rendered(&input.replace("<ns>", namespace), false)
}

#[test]
fn a_thousand_drifts_are_told_once_each_by_two_replicas_of_which_one_is_restarted_thrice() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let ns = &cluster.namespace();
    let text = fleet(ns, WORKLOADS);
    cluster.kubectl_with(&["create", "-f", "-"], &text).good();
    let first = Watcher::start(cluster, Some(ns));
    let mut second = Watcher::begin(cluster.kubeconfig(), Some(ns), "watcher-1");

    let edited = |text: &str| {
        let parts = text
            .split("---\n")
            .enumerate()
            .map(|(index, document)| match index % 5 {
                0 => document.replace("example/express:1", "example/express:2"),
                _ => document.replace("value: mongo\n", "value: elsewhere\n"),
            });
        parts.collect::<Vec<_>>()
    };
    let documents = edited(&text);
    let wanted: BTreeSet<String> = documents
        .iter()
        .filter(|document| document.contains("value: elsewhere"))
        .map(|document| {
            document
                .split("name: ")
                .nth(1)
                .unwrap()
                .split(',')
                .next()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert_eq!(wanted.len(), DRIFTS);
    let mut apart = 0;
    for part in documents.chunks(WORKLOADS.div_ceil(4)) {
        let text = part.join("---\n");
        cluster.kubectl_with(&["replace", "-f", "-"], &text).good();
        second.end(Stop::AtOnce);
        second = Watcher::begin(cluster.kubeconfig(), Some(ns), "watcher-1");
        apart += part
            .iter()
            .filter(|document| document.contains("value: elsewhere"))
            .count();
        // two replicas see a drift within each other's settle window: their clocks are put forward
        // once both have
        for watcher in [&first, &second] {
            let line = format!("coupler_plugs{{state=\"decoupled\"}} {apart}");
            watcher.until("all are seen", || watcher.metric("plugs").contains(&line));
        }
        first.pass_window();
        second.pass_window();
    }
    let told = || -> Vec<String> {
        let about =
            |event: &serde_json::Value| event["regarding"]["name"].as_str().unwrap().to_owned();
        events(cluster, ns).iter().map(about).collect()
    };
    let mut seen = 0;
    first.until("all are told", || {
        for _ in 0..10 {
            first.pass(5);
            second.pass(5);
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        let now = told().len();
        assert!(now >= seen, "{now} after {seen}");
        seen = now;
        now >= wanted.len()
    });
    // both had every chance to report one twice
    for watcher in [&first, &second] {
        watcher.until("nothing is due", || {
            watcher.pass(60);
            watcher.metric("decoupled").len() == wanted.len()
        });
    }
    std::thread::sleep(std::time::Duration::from_secs(1));
    let told = told();
    assert_eq!(told.iter().cloned().collect::<BTreeSet<_>>(), wanted);
    assert_eq!(told.len(), wanted.len());
}

#[test]
fn a_hundred_that_heal_and_come_apart_again_while_nobody_watches_are_reported_again_each() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let (ns, workloads) = (&cluster.namespace(), 100);
    let text = fleet(ns, workloads);
    cluster.kubectl_with(&["create", "-f", "-"], &text).good();
    let apart = text.replace("value: mongo\n", "value: elsewhere\n");
    let replace = |text: &str| {
        let words = ["replace", "-f", "-"];
        _ = cluster.kubectl_with(&words, text).good();
    };
    for times in 1..4 {
        replace(&apart);
        for _ in 0..2 {
            let mut watcher = Watcher::start(cluster, Some(ns));
            watcher.until_decoupled(&vec!["baked-entry-edited"; workloads]);
            // a restarted one finds all of them
            watcher.until("all are reported", || {
                watcher.step();
                let lines = watcher.metric("events_published_total");
                let number = |line: &String| line.rsplit(' ').next().unwrap().parse::<usize>();
                let done: usize = lines.iter().map(|line| number(line).unwrap()).sum();
                done >= workloads
            });
            assert_eq!(events(cluster, ns).len(), times * workloads);
            watcher.end(Stop::AtOnce);
        }
        replace(&text);
    }
}
