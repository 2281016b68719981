//! One cause is one error, however many Plugs have it, and it names them.

use coupler::Diagnostic;
use coupler::api::Settings;
use coupler::render::{Input, Role, Source, check};

/// How many Plugs have the error.
const PLUGS: usize = 200;

/// What a stream is made of.
#[derive(Clone, Copy)]
struct Stream {
    /// Everything but the Plugs and their workloads.
    shared: &'static str,
    namespace: &'static str,
    interface: &'static str,
    /// More of the `spec` of each Plug.
    spec: &'static str,
    /// The workload that each Plug names: `*` is its number.
    workload: &'static str,
}

const INTERFACE: &str = "---
apiVersion: integration.rock8s.com/v1
kind: Interface
metadata: {name: x}
spec:
  name: x
  versions:
    - version: 1.0.0
      socket: {required: [host], properties: {host: {type: string}}}
";

/// A Socket of the Interface `x` in a namespace, with this `config`.
macro_rules! socket {
    ($namespace:literal, $config:literal) => {
        concat!(
            "---\napiVersion: integration.rock8s.com/v1\nkind: Socket\nmetadata: {name: db",
            $namespace,
            "}\nspec:\n  interface: {name: x, versions: [1.0.0]}\n  config: {",
            $config,
            "}\n"
        )
    };
}

fn found(stream: &Stream, shared: &str) -> Vec<Diagnostic> {
    let Stream {
        namespace,
        interface,
        spec,
        workload,
        ..
    } = stream;
    let plugs: String = (0..PLUGS).map(|n| {
        let workload = workload.replace('*', &n.to_string());
        format!(
            "---\napiVersion: integration.rock8s.com/v1\nkind: Plug\nmetadata: {{name: p{n}{namespace}}}\nspec:\n  \
             name: p{n}\n  interface: {{name: {interface}}}\n  workloads: [{{name: {workload}}}]\n{spec}---\n\
             apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: w{n}{namespace}}}\nspec:\n  template:\n    \
             spec: {{containers: [{{name: c, image: i}}]}}\n"
        )
    }).collect();
    let text = format!("{shared}{}{plugs}", stream.shared);
    let input = input(text);
    let output = check(&input);
    let json = output.json(&input);
    assert!(json.len() < 10_000, "{} bytes", json.len());
    output.diagnostics
}

fn input(text: String) -> Input {
    Input {
        sources: vec![Source {
            name: "a.yaml".to_owned(),
            text,
            role: Role::Stream,
        }],
        settings: Settings::default(),
    }
}

/// The codes, each with how many have it.
fn codes(found: &[Diagnostic]) -> Vec<(&'static str, usize)> {
    let found = found.iter();
    found
        .map(|one| {
            (
                one.code.as_str(),
                one.also.len() + usize::from(is_of_plug(one)),
            )
        })
        .collect()
}

fn is_of_plug(one: &Diagnostic) -> bool {
    one.subject
        .as_ref()
        .is_some_and(|subject| subject.kind == "Plug")
}

const GOOD: Stream = Stream {
    shared: socket!(", namespace: shop", "host: h"),
    namespace: ", namespace: shop",
    interface: "x",
    spec: "",
    workload: "w*",
};

#[test]
fn nothing_is_wrong_with_the_stream_itself() {
    assert_eq!(codes(&found(&GOOD, INTERFACE)), []);
}

#[test]
fn a_misspelt_key_of_a_socket() {
    let stream = Stream {
        shared: socket!(", namespace: shop", "hots: h"),
        ..GOOD
    };
    assert_eq!(
        codes(&found(&stream, INTERFACE)),
        [("undeclared-key", PLUGS)]
    );
}

#[test]
fn an_interface_that_cannot_be_read() {
    let broken = INTERFACE.replace("[host]", "[host");
    assert_eq!(codes(&found(&GOOD, &broken)), [("yaml-syntax", 0)]);
}

#[test]
fn an_interface_that_is_not_there() {
    assert_eq!(
        codes(&found(&GOOD, "")),
        [("interface-not-found", 0), ("interface-not-found", PLUGS)]
    );
}

#[test]
fn a_namespace_that_nobody_gives() {
    let of_plugs = Stream {
        namespace: "",
        ..GOOD
    };
    let of_socket = Stream {
        shared: socket!("", "host: h"),
        ..GOOD
    };
    let named = Stream {
        spec: "  socket: {name: db, namespace: shop}\n",
        ..of_plugs
    };
    for stream in [of_plugs, of_socket, named] {
        assert_eq!(
            codes(&found(&stream, INTERFACE)),
            [("namespace-unknown", PLUGS)]
        );
    }
}

#[test]
fn a_socket_that_is_not_what_is_asked_for() {
    let named = |socket: &'static str, spec: &'static str| Stream {
        shared: socket,
        spec,
        ..GOOD
    };
    let absent = named("", "");
    let elsewhere = named(
        socket!(", namespace: data", "host: h"),
        "  socket: {name: db, namespace: data}\n",
    );
    let misspelt = named(
        socket!(", namespace: shop", "host: h"),
        "  socket: {name: bd}\n",
    );
    for (stream, code) in [
        (absent, "socket-not-found"),
        (elsewhere, "namespace-not-allowed"),
        (misspelt, "socket-not-found"),
    ] {
        assert_eq!(codes(&found(&stream, INTERFACE)), [(code, PLUGS)]);
    }
}

#[test]
fn a_workload_that_is_not_there() {
    let stream = Stream {
        workload: "web",
        ..GOOD
    };
    let found = found(&stream, INTERFACE);
    assert_eq!(codes(&found), [("workload-not-found", PLUGS)]);
    assert!(found[0].help.is_some());
}

#[test]
fn the_variables_of_one_workload() {
    let keys: Vec<String> = (0..PLUGS).map(|n| format!("k{n}")).collect();
    let properties: String = keys
        .iter()
        .map(|key| format!("{key}: {{type: string}}, "))
        .collect();
    let config: String = keys.iter().map(|key| format!("{key}: v, ")).collect();
    let env: String = (0..PLUGS)
        .map(|n| format!("{{name: X_K{n}, value: own}}, "))
        .collect();
    let text = format!(
        "apiVersion: integration.rock8s.com/v1\nkind: Interface\nmetadata: {{name: x}}\nspec:\n  name: x\n  versions:\n    \
         - version: 1.0.0\n      socket: {{required: [{}], properties: {{{properties}}}}}\n---\n\
         apiVersion: integration.rock8s.com/v1\nkind: Socket\nmetadata: {{name: db, namespace: shop}}\nspec:\n  \
         interface: {{name: x, versions: [1.0.0]}}\n  config: {{{config}}}\n---\n\
         apiVersion: integration.rock8s.com/v1\nkind: Plug\nmetadata: {{name: db, namespace: shop}}\nspec:\n  name: x\n  \
         interface: {{name: x}}\n  workloads: [{{name: web}}]\n---\n\
         apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web, namespace: shop}}\nspec:\n  template:\n    \
         spec: {{containers: [{{name: c, image: i, env: [{env}]}}]}}\n",
        keys.join(", ")
    );
    let input = input(text);
    let output = check(&input);
    assert_eq!(codes(&output.diagnostics), [("env-collision", 0)]);
    let faces = [output.text(&input), output.json(&input)];
    assert!(faces.iter().all(|face| face.len() < 40_000), "{faces:?}");
}
