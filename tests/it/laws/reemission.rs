//! The laws over what other tools make of our output: JSON, flow and block YAML, keys sorted and
//! not, in a List; then rendered again, undone, without one Plug, and with another Socket.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use coupler::api::{Integrations, Orphans};
use coupler::krm;
use serde_yaml::{Mapping, Value};

use super::check::objects;
use super::generated::{baked, streams, with};
use super::kustomize;
use super::run::{must, same};
use super::stream::Role;
use crate::host;

/// How a tool writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    Json,
    PrettyJson,
    Flow,
    Block,
    List,
    JsonList,
}

const STYLES: [Style; 6] = [
    Style::Json,
    Style::PrettyJson,
    Style::Flow,
    Style::Block,
    Style::List,
    Style::JsonList,
];

/// What a tool makes of a stream.
fn emitted(objects: &[Value], style: Style, is_sorted: bool) -> String {
    let objects: Vec<Value> = objects
        .iter()
        .map(|object| {
            if is_sorted {
                sorted(object)
            } else {
                object.clone()
            }
        })
        .collect();
    let list = || {
        let mut list = Mapping::new();
        list.insert("apiVersion".into(), "v1".into());
        list.insert("kind".into(), "List".into());
        list.insert("items".into(), Value::Sequence(objects.clone()));
        Value::Mapping(list)
    };
    let json = |value: &Value| serde_json::to_string(&as_json(value)).unwrap() + "\n";
    let write = |object: &Value| match style {
        Style::Json | Style::JsonList => json(object),
        Style::PrettyJson => serde_json::to_string_pretty(&as_json(object)).unwrap() + "\n",
        Style::Flow => flow(object) + "\n",
        Style::Block | Style::List => serde_saphyr::to_string(object).unwrap(),
    };
    match style {
        Style::List | Style::JsonList => write(&list()),
        _ => objects.iter().map(write).collect::<Vec<_>>().join("---\n"),
    }
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Mapping(members) => {
            let mut members: Vec<_> = members
                .iter()
                .map(|(key, value)| (key.clone(), sorted(value)))
                .collect();
            members.sort_by(|(one, _), (other, _)| one.as_str().cmp(&other.as_str()));
            Value::Mapping(members.into_iter().collect())
        }
        Value::Sequence(items) => Value::Sequence(items.iter().map(sorted).collect()),
        other => other.clone(),
    }
}

fn as_json(value: &Value) -> serde_json::Value {
    serde_json::to_value(value).unwrap()
}

/// One line of YAML that is no JSON.
fn flow(value: &Value) -> String {
    let plain = |key: &str| {
        if key.bytes().all(|b| b.is_ascii_alphabetic()) {
            key.to_owned()
        } else {
            serde_json::to_string(key).unwrap()
        }
    };
    match value {
        Value::Mapping(members) => {
            let members: Vec<_> = members
                .iter()
                .map(|(key, value)| format!("{}: {}", plain(key.as_str().unwrap()), flow(value)))
                .collect();
            format!("{{{}}}", members.join(", "))
        }
        Value::Sequence(items) => format!(
            "[{}]",
            items.iter().map(flow).collect::<Vec<_>>().join(", ")
        ),
        scalar => serde_json::to_string(&as_json(scalar)).unwrap(),
    }
}

fn kind(object: &Value) -> &str {
    object
        .get("kind")
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// The same objects without the first Plug.
fn without_one(objects: &[Value]) -> Vec<Value> {
    let first = objects.iter().position(|object| kind(object) == "Plug");
    objects
        .iter()
        .enumerate()
        .filter(|(at, _)| Some(*at) != first)
        .map(|(_, object)| object.clone())
        .collect()
}

/// The same objects, with Sockets that give something else.
fn with_other_sockets(objects: &[Value]) -> Vec<Value> {
    let mut objects = objects.to_vec();
    for socket in objects.iter_mut().filter(|object| kind(object) == "Socket") {
        let config = socket["spec"]["config"].as_mapping_mut().unwrap();
        for (key, value) in [("database", "another"), ("text", "another $(text)")] {
            if let Some(given) = config.get_mut(key) {
                *given = value.into();
            }
        }
    }
    objects
}

/// One of everything that is written for a seed: all of it would take minutes.
fn style(seed: u64) -> (Style, bool) {
    let round = seed / STYLES.len() as u64;
    (
        STYLES[seed as usize % STYLES.len()],
        round.is_multiple_of(2),
    )
}

#[test]
fn rendered_again_nothing_changes() {
    for (seed, stream) in streams(60) {
        let (style, is_sorted) = style(seed);
        let keep = with(&stream, Integrations::Keep, Orphans::Refuse);
        let kept = must(&stream.text(), &keep, "");
        let emitted = emitted(&objects(&kept), style, is_sorted);
        same(
            &format!("{seed}, {style:?}"),
            &emitted,
            &must(&emitted, &keep, "rendering what was re-emitted fails"),
        );
    }
}

#[test]
fn undone_it_is_what_the_tool_makes_of_the_original() {
    for (seed, stream) in streams(90) {
        let (style, is_sorted) = style(seed);
        let undo = with(&stream, Integrations::Keep, Orphans::Undo);
        let no_plugs = |text: &str| -> Vec<Value> {
            objects(text)
                .into_iter()
                .filter(|object| kind(object) != "Plug")
                .collect()
        };
        let original = no_plugs(&stream.text());
        let kept = no_plugs(&must(&stream.text(), &undo, ""));
        let undone = must(
            &emitted(&kept, style, is_sorted),
            &undo,
            &format!("{seed}, {style:?}: undoing fails"),
        );
        let expected = emitted(&original, style, is_sorted);
        if objects(&undone) != objects(&expected) {
            same(&format!("{seed}, {style:?}, undone"), &expected, &undone);
        }
    }
}

#[test]
fn with_other_plugs_and_sockets_it_is_as_the_original_with_them() {
    type Change = fn(&[Value]) -> Vec<Value>;
    let changes: [(&str, Change); 2] = [
        ("without a Plug", without_one),
        ("with other Sockets", with_other_sockets),
    ];
    for (seed, stream) in streams(60) {
        let (style, is_sorted) = style(seed);
        let keep = with(&stream, Integrations::Keep, Orphans::Undo);
        let kept = objects(&must(&stream.text(), &keep, ""));
        for (what, change) in changes {
            let what = format!("{seed}, {style:?}, {what}");
            let expected = must(
                &emitted(&change(&objects(&stream.text())), style, is_sorted),
                &keep,
                &what,
            );
            let actual = must(&emitted(&change(&kept), style, is_sorted), &keep, &what);
            if baked(&expected) != baked(&actual) {
                same(&what, &expected, &actual);
            }
        }
    }
}

#[test]
fn through_kustomize_and_rendered_again_nothing_changes() {
    if !kustomize::is_there() {
        return;
    }
    let (mut built, mut streams_read) = (0, 0);
    for (seed, stream) in streams(12) {
        streams_read += 1;
        let stream = stream.without(Role::Broken);
        let keep = with(&stream, Integrations::Keep, Orphans::Refuse);
        let kept = must(&stream.text(), &keep, "");
        // two objects of one identity, which kustomize refuses
        let Some(emitted) = kustomize::build(&[&kept]) else {
            continue;
        };
        built += 1;
        same(
            &format!("{seed}, kustomize"),
            &emitted,
            &must(&emitted, &keep, "rendering after kustomize fails"),
        );
    }
    assert!(
        built * 2 > streams_read,
        "kustomize reads only {built} of {streams_read}"
    );
}

/// The functionConfig by which a Socket's `limit` is judged without a catalogue.
const PLUGS_IN_STREAM: &str = "\
apiVersion: v1
kind: ConfigMap
metadata: {name: config}
data: {plugs: stream}
";

#[test]
fn through_kpt_and_rendered_again_nothing_changes() {
    let Some(kpt) = host::kpt() else { return };
    let call = |arguments: &[&str], stdin: &str| {
        let mut child = Command::new(&kpt)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(stdin.as_bytes())
            .unwrap();
        let output = child.wait_with_output().unwrap();
        output
            .status
            .success()
            .then(|| String::from_utf8(output.stdout).unwrap())
    };
    let mut rendered = 0;
    for (seed, stream) in streams(6) {
        let stream = stream.without(Role::Broken).ended();
        let dir = tempfile::tempdir().unwrap();
        let (from, to) = (dir.path().join("from"), dir.path().join("to"));
        std::fs::create_dir(&from).unwrap();
        std::fs::write(
            from.join("all.yaml"),
            emitted(&objects(&stream.text()), Style::Block, false),
        )
        .unwrap();
        let config = dir.path().join("config.yaml");
        std::fs::write(&config, PLUGS_IN_STREAM).unwrap();
        let config = config.to_str().unwrap();
        let source = |path: &Path| {
            let path = path.to_str().unwrap();
            call(&["fn", "source", path, "--fn-config", config], "")
        };
        let Some(list) = source(&from) else { continue };
        let once = krm::run(list);
        if once.status != 0 || call(&["fn", "sink", to.to_str().unwrap()], &once.stdout).is_none() {
            continue;
        }
        let list = source(&to).unwrap();
        let twice = krm::run(list.clone());
        assert_eq!(twice.status, 0, "{seed}: {}", twice.stderr);
        let items = |list: &str| serde_yaml::from_str::<Value>(list).unwrap()["items"].clone();
        if items(&list) != items(&twice.stdout) {
            same(&format!("{seed}, kpt"), &list, &twice.stdout);
        }
        rendered += 1;
    }
    assert!(rendered > 1, "kpt handed over only {rendered} streams");
}
