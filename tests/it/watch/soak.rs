//! A fleet that differs in every way, and in ways that are no drift, under two replicas that
//! are killed, and a server that freezes, is killed, and forgets versions: each drift is one Event,
//! and all see the same.
//!
//! The size is small here; `.ci/soak` tries more: `COUPLER_SOAK` is the number of workloads.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::time::Duration;

use super::{APPLICATION, PLUG, SOCKET, Stop, Watcher, events, label, rendered};
use crate::cluster::Cluster;

/// Workloads where nothing else is given, and namespaces that they are in.
const WORKLOADS: usize = 60;
const NAMESPACES: usize = 3;

/// What is done to a workload, or to its Plug.
#[derive(Clone, Copy, Debug)]
enum Edit {
    Value,
    Removal,
    SecondOfTheName,
    NotRendered,
    NoPlug,
    OtherPlug,
    Image,
    Replicas,
    ExtraVariable,
    Annotation,
}

const EDITS: [Edit; 10] = [
    Edit::Value,
    Edit::Image,
    Edit::Removal,
    Edit::Replicas,
    Edit::SecondOfTheName,
    Edit::ExtraVariable,
    Edit::NotRendered,
    Edit::Annotation,
    Edit::NoPlug,
    Edit::OtherPlug,
];

impl Edit {
    /// The cause that is reported; `None`: it is no drift.
    fn cause(self) -> Option<&'static str> {
        match self {
            Self::Value => Some("baked-entry-edited"),
            Self::Removal => Some("baked-entry-missing"),
            Self::SecondOfTheName => Some("baked-entry-shadowed"),
            Self::NotRendered => Some("record-stripped"),
            Self::NoPlug => Some("plug-gone"),
            Self::OtherPlug => Some("workload-behind"),
            Self::Image | Self::Replicas | Self::ExtraVariable | Self::Annotation => None,
        }
    }
}

/// A workload and its Plug, as they were rendered.
struct Coupled {
    namespace: String,
    name: String,
    workload: String,
    plug: String,
}

/// Documents that kubectl is to replace, and those that it is to delete.
#[derive(Default)]
struct Edits {
    replaced: Vec<String>,
    deleted: Vec<String>,
}

impl Edits {
    fn add(&mut self, edit: Edit, of: &Coupled) {
        let variable = |name: &str| {
            let start = of.workload.find(&format!("- name: {name}\n")).unwrap();
            let end = start + of.workload[start..].match_indices('\n').nth(1).unwrap().0 + 1;
            let line = of.workload[..start].rfind('\n').unwrap() + 1;
            (line, end)
        };
        let workload = |from: &str, to: &str| {
            assert!(of.workload.contains(from), "{from}\n{}", of.workload);
            of.workload.replace(from, to)
        };
        let (line, end) = variable("MONGO_HOST");
        let text = &of.workload;
        let edited = match edit {
            Edit::NoPlug => return self.deleted.push(of.plug.clone()),
            Edit::OtherPlug => of.plug.replace("database: shop", "database: other"),
            Edit::Value => workload("value: mongo\n", "value: elsewhere\n"),
            Edit::Removal => format!("{}{}", &text[..line], &text[end..]),
            Edit::SecondOfTheName => {
                let second = text[line..end].replace("mongo", "second");
                format!("{}{second}{}", &text[..end], &text[end..])
            }
            Edit::NotRendered => application(&of.namespace, &of.name),
            Edit::Image => workload("express:1", "express:2"),
            Edit::Replicas => workload("spec:\n  selector", "spec:\n  replicas: 3\n  selector"),
            Edit::ExtraVariable => workload("value: production", "value: test"),
            Edit::Annotation => workload(
                "template:\n    metadata: {labels",
                "template:\n    metadata: {annotations: {restarted: now}, labels",
            ),
        };
        self.replaced.push(edited);
    }

    fn make(self, cluster: &Cluster) {
        for (verb, documents) in [("replace", self.replaced), ("delete", self.deleted)] {
            if !documents.is_empty() {
                let text = documents.join("---\n");
                cluster.kubectl_with(&[verb, "-f", "-"], &text).good();
            }
        }
    }
}

fn application(namespace: &str, name: &str) -> String {
    let metadata = format!("{{name: {name}, namespace: {namespace}}}");
    APPLICATION.replace("{name: express, namespace: <ns>}", &metadata)
}

/// The fleet of a namespace, applied.
fn fleet(cluster: &Cluster, workloads: usize) -> Vec<Coupled> {
    let namespace = &cluster.namespace();
    let mut input = vec![SOCKET.replace("<ns>", namespace)];
    for index in 0..workloads {
        let name = format!("web-{index}");
        input.push(application(namespace, &name));
        let plug = PLUG.replace("name: mongo,", &format!("name: {name},"));
        let plug = plug.replace("[{name: express}]", &format!("[{{name: {name}}}]"));
        input.push(plug.replace("<ns>", namespace));
    }
    let text = rendered(&input.join("---\n"), true);
    cluster.kubectl_with(&["create", "-f", "-"], &text).good();
    let documents: Vec<&str> = text.split("---\n").collect();
    let find = |kind: &str, name: &str| {
        let is = |one: &&&str| {
            one.contains(&format!("kind: {kind}\n")) && one.contains(&format!("{{name: {name},"))
        };
        (*documents.iter().find(is).unwrap()).to_owned()
    };
    let names = (0..workloads).map(|index| format!("web-{index}"));
    names
        .map(|name| Coupled {
            namespace: namespace.clone(),
            workload: find("Deployment", &name),
            plug: find("Plug", &name),
            name,
        })
        .collect()
}

/// Namespace, name and cause of each that is apart.
type Told = BTreeSet<[String; 3]>;

fn gauge(watcher: &Watcher) -> Told {
    let lines = watcher.metric("decoupled");
    let one = |line: &String| {
        let workload = label(line, "workload");
        let name = workload.split_once('/').unwrap().1.to_owned();
        [label(line, "namespace"), name, label(line, "cause")]
    };
    lines.iter().map(one).collect()
}

/// How often each is reported by Events. Plugs are called as their workloads.
fn told(cluster: &Cluster, namespaces: &BTreeSet<String>) -> BTreeMap<[String; 3], usize> {
    let mut told = BTreeMap::new();
    for namespace in namespaces {
        for event in events(cluster, namespace) {
            let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
            let cause = text(&event["note"]).split(':').next().unwrap().to_owned();
            let one = [namespace.clone(), text(&event["regarding"]["name"]), cause];
            *told.entry(one).or_default() += 1;
        }
    }
    told
}

/// What `--once` reports, by code. It is asked for each namespace, since a run prints no more than
/// [`coupler::limits::LISTED`].
fn once(cluster: &Cluster, namespaces: &BTreeSet<String>) -> BTreeMap<String, usize> {
    let mut codes = BTreeMap::new();
    for namespace in namespaces {
        let done = Command::new(env!("CARGO_BIN_EXE_coupler"))
            .args(["watch", "--once", "--format", "json", "-n", namespace])
            .env("KUBECONFIG", cluster.kubeconfig())
            .output()
            .unwrap();
        for line in String::from_utf8(done.stderr).unwrap().lines() {
            let one: serde_json::Value = serde_json::from_str(line).unwrap();
            let code = one["code"].as_str().unwrap_or_else(|| panic!("{line}"));
            *codes.entry(code.to_owned()).or_default() += 1;
        }
    }
    codes
}

/// Waits until the server has compacted etcd, and the replicas have listed anew for it: what they
/// watched from is gone. Since it started nobody else lists Plugs, and what resumes a watch does
/// not.
fn until_relisted(cluster: &Cluster, replica: &Watcher) {
    let compactions = || {
        let compact = ["grpc_method=\"Compact\"", "grpc_code=\"OK\""];
        cluster.metric("grpc_client_handled_total", &compact)
    };
    let lists = || {
        let list = ["resource=\"plugs\"", "verb=\"LIST\"", "code=\"200\""];
        cluster.metric("apiserver_request_total", &list)
    };
    replica.until("the replicas have listed anew", || {
        std::thread::sleep(Duration::from_secs(2));
        compactions() > 1 && lists() >= 4
    });
}

#[test]
fn a_fleet_under_two_replicas_that_are_killed_is_reported_once_and_alike() {
    let Some(mut cluster) = Cluster::own() else {
        return;
    };
    let size = std::env::var("COUPLER_SOAK").map_or(WORKLOADS, |size| size.parse().unwrap());
    cluster.apply(&coupler::api::crds());
    let established = ["wait", "--for=condition=Established", "crd", "--all"];
    cluster.kubectl(&established).good();
    let fleets: Vec<_> = (0..NAMESPACES)
        .map(|_| fleet(&cluster, size / NAMESPACES))
        .collect();
    let all: Vec<&Coupled> = fleets.iter().flatten().collect();
    let begin = |cluster: &Cluster, name: &str| Watcher::begin(cluster.kubeconfig(), None, name);
    let mut replicas = [begin(&cluster, "watcher-0"), begin(&cluster, "watcher-1")];
    let settled = |watcher: &Watcher, wanted: usize| {
        watcher.until("all that is apart is seen", || {
            let line = format!("coupler_plugs{{state=\"decoupled\"}} {wanted}");
            watcher.metric("plugs").contains(&line)
        });
    };
    replicas.iter().for_each(|watcher| settled(watcher, 0));
    let mut expected = Told::new();
    let quarter = all.len().div_ceil(4);
    for (round, part) in all.chunks(quarter).enumerate() {
        let mut edits = Edits::default();
        for (index, of) in part.iter().enumerate() {
            let edit = EDITS[index % EDITS.len()];
            edits.add(edit, of);
            if let Some(cause) = edit.cause() {
                expected.insert([of.namespace.clone(), of.name.clone(), cause.to_owned()]);
            }
        }
        edits.make(&cluster);
        match round {
            0 => {
                cluster.freeze();
                std::thread::sleep(Duration::from_secs(3));
                cluster.thaw();
            }
            1 => {
                cluster.kill();
                cluster.start();
            }
            2 => {
                cluster.kill();
                cluster.start_compacting();
                until_relisted(&cluster, &replicas[0]);
            }
            _ => {}
        }
        // the one that is killed may have made half of its Events
        replicas[round % 2].step();
        replicas[round % 2].end(Stop::AtOnce);
        replicas[round % 2] = begin(&cluster, &format!("watcher-{}", round % 2));
        for watcher in &replicas {
            settled(watcher, expected.len());
            watcher.pass_window();
        }
    }
    for watcher in &replicas {
        watcher.until("the same is apart for each", || {
            watcher.step();
            gauge(watcher) == expected
        });
    }
    let namespaces: BTreeSet<String> = all.iter().map(|one| one.namespace.clone()).collect();
    replicas[0].until("all are reported", || {
        replicas.iter().for_each(Watcher::step);
        told(&cluster, &namespaces).len() >= expected.len()
    });
    // both have every chance to report one twice, or to refresh one that the other made
    for watcher in &replicas {
        let known = || {
            let lines = watcher.metric("events_published_total");
            let count = |line: &String| line.rsplit(' ').next().unwrap().parse::<usize>().unwrap();
            lines.iter().map(count).sum::<usize>()
        };
        let mut last = usize::MAX;
        watcher.until("nothing more is done", || {
            std::thread::sleep(Duration::from_secs(2));
            watcher.pass(60);
            std::mem::replace(&mut last, known()) == last
        });
    }
    let mut restarted = begin(&cluster, "watcher-2");
    restarted.until("a third sees the same", || {
        restarted.step();
        gauge(&restarted) == expected
    });
    restarted.end(Stop::Gently);
    let mut codes: BTreeMap<String, usize> = BTreeMap::new();
    for [_, _, cause] in &expected {
        *codes.entry(cause.clone()).or_default() += 1;
    }
    assert_eq!(once(&cluster, &namespaces), codes);
    let told = told(&cluster, &namespaces);
    let lost = expected
        .iter()
        .filter(|one| !told.contains_key(*one))
        .count();
    let doubled = told.values().filter(|times| **times > 1).count();
    let false_ones = told.keys().filter(|one| !expected.contains(*one)).count();
    let numbers = format!(
        "{} workloads, expected {}, lost {lost}, doubled {doubled}, false {false_ones}",
        all.len(),
        expected.len()
    );
    println!("{numbers}");
    assert_eq!(
        (lost, doubled, false_ones),
        (0, 0, 0),
        "{numbers}\n{told:#?}"
    );
}
