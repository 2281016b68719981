//! Tags of YAML: what coupler takes a tagged value for is what kubectl and other readers take it
//! for, or it refuses the document.
//!
//! The law: a stream renders with an error, or to the same workload as the stream in which the
//! tagged document is what the reader made of it, as JSON.

use std::io::Write as _;
use std::process::{Command, Stdio};

use coupler::api::{Integrations, Settings};
use coupler::diagnostic::Code;
use coupler::render::{Input, Role, Source, render};
use serde_json::Value;

use crate::skip::skip;

/// How a tag is written: those of the core schema, those that some readers obey, and the other ways
/// to write one (YAML 1.2.2 §6.8.2, §6.9.1).
const TAGS: &[&str] = &[
    "!",
    "!!str",
    "!!int",
    "!!float",
    "!!bool",
    "!!null",
    "!!map",
    "!!seq",
    "!!binary",
    "!!merge",
    "!!timestamp",
    "!!set",
    "!!omap",
    "!!value",
    "!x",
    "!<tag:yaml.org,2002:str>",
    "!<tag:yaml.org,2002:binary>",
    "!<tag:yaml.org,2002:merge>",
    "!<!str>",
    "!!%73tr",
    "!!b%69nary",
    "!m!str",
    "!m!binary",
    "!o!str",
];

/// What makes `!m!` another handle of the usual tags, and `!o!` one of somebody's own.
const HANDLES: &str = "%TAG !m! tag:yaml.org,2002:\n%TAG !o! tag:example.com,2000:\n---\n";

/// Documents in which `<T>` is where a tag is.
const TAGGED: &[&str] = &[
    "apiVersion: apps/v1\nkind: <T> Deployment\nmetadata: {name: web, namespace: shop, labels: {a: b}}\n",
    "apiVersion: <T> apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop, labels: {a: b}}\n",
    "apiVersion: apps/v1\n<T> kind: Deployment\nmetadata: {name: web, namespace: shop, labels: {a: b}}\n",
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: <T> web, namespace: shop, labels: {a: b}}\n",
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: <T> d2Vi, namespace: shop, labels: {a: b}}\n",
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: <T> shop, labels: {a: b}}\n",
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {<T> name: web, namespace: shop, labels: {a: b}}\n",
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: <T> {name: web, namespace: shop, labels: {a: b}}\n",
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop, labels: {a: <T> \"1\"}}\n",
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop, labels: {a: b}, annotations: {x: <T> 1}}\n",
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop, labels: {a: b}, annotations: {x: <T> true}}\n",
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop, labels: {a: b}, annotations: {<T> aGk=: c}}\n",
    "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n  namespace: shop\n  labels: {a: b}\n  <T> \"<<\": {annotations: {own: kept}}\n",
    "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n  namespace: shop\n  labels: {a: b}\n  <T> <<: {annotations: {own: kept}}\n",
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop, labels: {a: b}, annotations: <T> {x: y}}\n",
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop, labels: {a: b}, annotations: <T> }\n",
];

const CONTAINERS: &[&str] = &[
    "      - {name: web}\n",
    "      - {name: <T> web}\n",
    "      - {<T> name: web}\n",
    "      - {name: web, env: <T> [{name: OWN, value: a}]}\n",
    "      - {name: web, env: [<T> {name: OWN, value: a}]}\n",
    "      - {name: web, env: [{name: <T> X_A, value: own}]}\n",
    "      - {name: web, env: [{name: OWN, value: <T> \"1\"}]}\n",
    "      - {name: web, env: [{name: OWN, <T> value: a}]}\n",
    "      - {name: web, env: <T> }\n",
];

/// The rest of the stream, in which a tag can be as well.
const OURS: &[&str] = &[
    "apiVersion: integration.rock8s.com/v1\nkind: Interface\nmetadata: {name: x, namespace: shop}\nspec:\n  name: <T> x\n  \
     versions: [{version: 1.0.0, socket: {properties: {a: {type: string}}}}]\n",
    "apiVersion: integration.rock8s.com/v1\nkind: Socket\nmetadata: {name: s, namespace: shop}\nspec:\n  interface: {name: x, \
     versions: [<T> 1.0.0]}\n  config: {a: <U> b}\n",
    "apiVersion: integration.rock8s.com/v1\nkind: Plug\nmetadata: {name: <T> x, namespace: shop}\nspec:\n  interface: {name: x}\n  \
     workloads: [{name: <U> web}]\n",
];

fn deployment(head: &str, containers: &str) -> String {
    format!("{head}spec:\n  template:\n    spec:\n      containers:\n{containers}")
}

fn plain(text: &str) -> String {
    text.replace("<T> ", "").replace("<U> ", "")
}

/// Every stream with one tag, as its documents, and which of them has it.
fn streams() -> Vec<(Vec<String>, usize)> {
    let ours: Vec<String> = OURS.iter().map(|text| plain(text)).collect();
    let workload = deployment(&plain(TAGGED[0]), &plain(CONTAINERS[0]));
    let mut all = Vec::new();
    let mut add = |mut documents: Vec<String>, at: usize| {
        for tag in TAGS {
            let tagged = documents[at].replace("<T>", tag);
            let handles = if tag.starts_with("!m!") || tag.starts_with("!o!") {
                HANDLES
            } else {
                ""
            };
            let kept = std::mem::replace(&mut documents[at], format!("{handles}{tagged}"));
            all.push((documents.clone(), at));
            documents[at] = kept;
        }
    };
    for head in TAGGED {
        add(
            [vec![deployment(head, CONTAINERS[0])], ours.clone()].concat(),
            0,
        );
    }
    for containers in &CONTAINERS[1..] {
        let document = deployment(&plain(TAGGED[0]), containers);
        add([vec![document], ours.clone()].concat(), 0);
    }
    for (n, text) in OURS.iter().enumerate() {
        for tagged in [
            text.replace("<U> ", ""),
            text.replace("<T> ", "").replace("<U>", "<T>"),
        ] {
            let mut documents = [vec![workload.clone()], ours.clone()].concat();
            documents[n + 1] = tagged;
            add(documents, n + 1);
        }
    }
    all
}

/// The workload that a stream renders to; `None`: coupler refuses.
fn rendered(documents: &[String]) -> Option<String> {
    let sources: Vec<Source> = documents
        .iter()
        .enumerate()
        .map(|(n, text)| Source {
            name: format!("{n}.yaml"),
            text: text.clone(),
            role: Role::Stream,
        })
        .collect();
    let input = Input {
        sources,
        settings: Settings {
            integrations: Integrations::Keep,
            ..Settings::default()
        },
    };
    let output = render(&input);
    let is_unread = |code| matches!(code, Code::UnreadableDocument | Code::CannotEdit);
    let refused = output.has_errors() || output.diagnostics.iter().any(|d| is_unread(d.code));
    (!refused).then(|| output.rendered[0].text())
}

/// A program or a library that reads YAML as JSON.
struct Reader {
    name: &'static str,
    read: fn(&str) -> Option<Value>,
}

const LIBRARY: Reader = Reader {
    name: "serde-saphyr",
    read: |text| serde_saphyr::from_str(text).ok(),
};

const KUBECTL: Reader = Reader {
    name: "kubectl",
    read: kubectl,
};

/// What kubectl makes of an object, without a cluster: it adds a label, and prints JSON.
fn kubectl(text: &str) -> Option<Value> {
    let mut child = Command::new("kubectl")
        .args(["label", "--local", "-f", "-", "read=by", "-o", "json"])
        .env("KUBECONFIG", "/dev/null")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    child.stdin.take()?.write_all(text.as_bytes()).ok()?;
    let output = child.wait_with_output().ok()?;
    let mut object: Value = serde_json::from_slice(&output.stdout).ok()?;
    object["metadata"]["labels"].as_object_mut()?.remove("read");
    Some(object)
}

/// How many streams coupler renders, each to what this reader reads.
fn check(reader: &Reader) -> usize {
    let mut accepted = 0;
    for (mut documents, at) in streams() {
        let Some(workload) = rendered(&documents) else {
            continue;
        };
        let tagged = documents[at].clone();
        // what the reader cannot read, nobody reads in another way
        let (Some(object), Some(found)) = ((reader.read)(&tagged), (reader.read)(&workload)) else {
            continue;
        };
        documents[at] = format!("{object:#}\n");
        let expected = rendered(&documents).unwrap_or_else(|| {
            panic!(
                "{} reads what cannot be rendered:\n{tagged}\n{object:#}",
                reader.name
            )
        });
        let expected = (reader.read)(&expected).unwrap();
        assert_eq!(
            found, expected,
            "{} reads another workload:\n{tagged}",
            reader.name
        );
        accepted += 1;
    }
    accepted
}

#[test]
fn a_tag_means_what_kubectl_reads() {
    if kubectl("apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: {a: b}}\n").is_none() {
        skip(
            "kubectl",
            "kubectl is not there, so tags are not compared with it",
        );
        return;
    }
    let accepted = check(&KUBECTL);
    assert!(accepted > 50, "only {accepted} streams were compared");
}

#[test]
fn a_tag_means_what_another_library_reads() {
    let accepted = check(&LIBRARY);
    assert!(accepted > 50, "only {accepted} streams were compared");
}
