//! Tests that decoding ends in an object or in errors, whatever the input is.

use proptest::prelude::*;

use super::*;
use crate::diagnostic::{Findings, has_errors};

/// Objects as users write them.
const WRITTEN: [&str; 5] = [
    r#"apiVersion: integration.rock8s.com/v1
kind: Interface
metadata: {name: mongodb, namespace: shop}
spec:
  name: mongodb
  versions:
    - version: 1.0.0
      deprecated: use 2.0.0; 1.x is removed on 2027-06-01
      plug:
        type: object
        required: [database]
        properties: {database: {type: string, pattern: "^[a-z][a-z0-9_-]*$"}}
      socket:
        type: object
        required: [host, port, database, username, password]
        properties:
          host: {type: string}
          port: {type: integer, default: 27017}
          password: {type: string, writeOnly: true, format: url-safe}   # a demand
      examples:
        - plug: {database: shop}
          socket: {host: db, port: 27017, database: shop, username: u, password: p}
        - plug: {database: "No spaces"}
          invalid: /plug/database
"#,
    r#"apiVersion: integration.rock8s.com/v1
kind: Socket
metadata:
  name: mongo
  labels: {tier: gold}
  annotations:
    integration.rock8s.com/catalog: "true"
spec:
  name: mongo
  interface: {name: mongodb, versions: [1.0.0, 2.0.0]}
  service: {name: mongo, port: 27017}
  secretNamespace: Plug
  limit: 3
  config:
    database: <% plug.config.database %>
    uri: >-
      mongodb://<% socket.config.username %>:<% socket.config.password %>
    list: [{host: a, port: 1}, 2, 3.5, null, "x"]
  configFrom:
    - {secretRef: {name: <% plug.config.database %>-db}, keys: {username: username, password: password}, urlSafe: [password]}
    - objectRef: {apiVersion: v1, kind: Service, name: s}
      keys: {port: "spec.ports[0].port"}
  allow: {namespaces: [orders, "team-*"]}
"#,
    r#"apiVersion: integration.rock8s.com/v1
kind: Plug
metadata: {name: mongo, namespace: shop}
spec:
  name: db
  interface: {name: mongodb, version: "1"}
  socket: {name: mongo, namespace: data}
  workloads:
    - {name: web, containers: [web]}
    - {apiVersion: batch/v1, kind: Job, name: migrate}
  config: {database: shop}
  bind:
    env:
      - {name: MONGO_URL, key: uri}
      - {name: DB_HOST, value: "x-<% socket.config.host %>", replace: true}
  optional: true
"#,
    r#"{"apiVersion": "integration.rock8s.com/v1", "kind": "Plug", "metadata": {"name": "mongo"},
 "spec": {"interface": {"name": "mongodb"}, "socket": {"matchLabels": {"a": "b"}}, "workloads": [{"name": "web"}]}}
"#,
    r#"apiVersion: integration.rock8s.com/v1
kind: Coupler
spec: {namespace: shop, catalog: [../catalogue], integrations: keep, orphans: undo, plugs: stream, serviceBindings: couple, discardEdits: false, strict: true}
"#,
];

/// What goes in by accident.
const TOKENS: [&str; 34] = [
    "",
    "null",
    "~",
    "true",
    "1",
    "1.10",
    "0x1F",
    "1e3",
    ".nan",
    "-.inf",
    "''",
    "\"\\u0000\"",
    "[]",
    "{}",
    "[a]",
    "{a: b}",
    "&a ",
    "*a",
    "<<: *a",
    "!!str ",
    "!x {}",
    "'*'",
    "- ",
    ": ",
    "é",
    "\u{1f600}",
    "<%",
    "%>",
    "99999999999999999999",
    "|\n",
    ">-\n",
    "#",
    "name: x",
    "🙂: 1",
];

#[derive(Clone, Debug)]
enum Mutation {
    DropLine(usize),
    RepeatLine(usize),
    SwapLines(usize, usize),
    Indent(usize, bool),
    /// A word becomes one of the tokens.
    Word(usize, usize),
    /// A token before a word.
    Before(usize, usize),
    /// A word becomes another word of the same object.
    Other(usize, usize),
    Drop(usize),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let at = 0..400_usize;
    prop_oneof![
        at.clone().prop_map(Mutation::DropLine),
        at.clone().prop_map(Mutation::RepeatLine),
        (at.clone(), at.clone()).prop_map(|(a, b)| Mutation::SwapLines(a, b)),
        (at.clone(), any::<bool>()).prop_map(|(a, more)| Mutation::Indent(a, more)),
        (at.clone(), 0..TOKENS.len()).prop_map(|(a, token)| Mutation::Word(a, token)),
        (at.clone(), 0..TOKENS.len()).prop_map(|(a, token)| Mutation::Before(a, token)),
        (at.clone(), at.clone()).prop_map(|(a, b)| Mutation::Other(a, b)),
        at.prop_map(Mutation::Drop),
    ]
}

/// The words of a text, as byte ranges.
fn words(text: &str) -> Vec<std::ops::Range<usize>> {
    let mut words = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        match (c.is_alphanumeric() || "._-/<%>\"".contains(c), start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                words.push(from..at);
                start = None;
            }
            _ => {}
        }
    }
    words
}

fn mutate(text: &mut String, mutation: &Mutation) {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let words = words(text);
    if lines.is_empty() || words.is_empty() {
        return;
    }
    let (line, word) = (
        |at: usize| at % lines.len(),
        |at: usize| words[at % words.len()].clone(),
    );
    match *mutation {
        Mutation::DropLine(at) => drop(lines.remove(line(at))),
        Mutation::RepeatLine(at) => lines.insert(line(at), lines[line(at)].clone()),
        Mutation::SwapLines(a, b) => {
            let (a, b) = (line(a), line(b));
            lines.swap(a, b);
        }
        Mutation::Indent(at, true) => {
            let at = line(at);
            lines[at].insert_str(0, "  ");
        }
        Mutation::Indent(at, false) => {
            let at = line(at);
            lines[at] = lines[at]
                .strip_prefix("  ")
                .unwrap_or(&lines[at])
                .to_owned();
        }
        Mutation::Word(at, token) => return text.replace_range(word(at), TOKENS[token]),
        Mutation::Before(at, token) => return text.insert_str(word(at).start, TOKENS[token]),
        Mutation::Other(at, other) => {
            let other = text[word(other)].to_owned();
            return text.replace_range(word(at), &other);
        }
        Mutation::Drop(at) => return text.replace_range(word(at), ""),
    }
    *text = lines.join("\n") + "\n";
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_object_ends_in_an_object_or_in_errors(
        which in 0..WRITTEN.len(),
        mutations in prop::collection::vec(mutation(), 0..6),
    ) {
        let mut text = WRITTEN[which].to_owned();
        for mutation in &mutations {
            mutate(&mut text, mutation);
        }
        let Ok(tree) = Tree::read(&text) else { return Ok(()) };
        let Some(root) = tree.root() else { return Ok(()) };
        let mut out = Findings::new();
        let object = decode(&tree, root, Place::default(), &Defaults::default(), &mut out);
        let failed = has_errors(&out);
        prop_assert!(object.is_some() || failed, "{text}");
        if mutations.is_empty() {
            prop_assert!(out.is_empty(), "{out:?}");
        }
        for diagnostic in out.iter() {
            prop_assert!(!diagnostic.message.contains(char::is_control), "{diagnostic:?}");
            prop_assert!(!diagnostic.labels.is_empty());
            for label in &diagnostic.labels {
                let shown = text.get(label.place.span.range());
                prop_assert!(shown.is_some_and(|shown| !shown.contains('\n')), "{diagnostic:?}\n{text}");
            }
        }
        match object {
            Some(OwnObject::Interface(Interface { meta, .. }) | OwnObject::Socket(Socket { meta, .. }) | OwnObject::Plug(Plug { meta, .. })) => {
                prop_assert_eq!(meta.broken, failed);
            }
            Some(OwnObject::Adapter(adapter)) => prop_assert_eq!(adapter.meta.broken, failed),
            Some(OwnObject::Converter(converter)) => {
                prop_assert_eq!(converter.meta.broken, failed);
            }
            Some(OwnObject::Settings(_)) => prop_assert!(!failed),
            None => {}
        }
    }
}
