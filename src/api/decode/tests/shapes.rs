//! Tests the help about values of another shape.

use super::*;

/// The first help about a spec, without its advice.
fn pasted(kind: &str, text: &str) -> String {
    let (_, shown, diagnostics) = read(&spec(kind, text));
    let help = diagnostics.first().and_then(|each| each.help.as_ref());
    let paste = help.and_then(|help| help.pastes().next());
    paste.map_or_else(|| format!("{shown:?}"), |paste| paste.lines.join("\n"))
}

#[test]
fn a_value_of_another_shape_is_written_anew() {
    for (kind, text, lines) in [
        ("Plug", "interface: pg", "spec:\n  interface: {name: pg}"),
        (
            "Plug",
            "interface: [{name: pg}]",
            "spec:\n  interface: {name: pg}",
        ),
        ("Plug", "interface:", "spec:\n  interface: {name: …}"),
        (
            "Plug",
            "interface: {name: a}\nsocket: data/orders",
            "spec:\n  socket: {name: orders, namespace: data}",
        ),
        (
            "Plug",
            "interface: {name: a}\nworkloads: web",
            "spec:\n  workloads:\n    - {name: web}",
        ),
        (
            "Plug",
            "interface: {name: a}\nworkloads: {name: web, containers: app}",
            "spec:\n  workloads:\n    - {name: web, containers: [app]}",
        ),
        (
            "Plug",
            "interface: {name: a}\nworkloads: [web, {name: api, kind: }]",
            "- {name: web}",
        ),
        (
            "Plug",
            "interface: {name: a}\nworkloads: [{name: api, kind: }]",
            "kind: …",
        ),
        (
            "Plug",
            "interface: {name: a}\nworkloads: [{name: w}]\nbind:\n  env:\n    URL: {key: uri, replace: \"yes\"}\n    HOST: host\n    DSN: a<% socket.config.host %>",
            "spec:\n  bind:\n    env:\n      - {name: URL, key: uri, replace: true}\n      - {name: HOST, key: host}\n      - {name: DSN, value: \"a<% socket.config.host %>\"}",
        ),
        (
            "Plug",
            "interface: {name: a}\nworkloads: [{name: w}]\nbind: [{name: A, key: b}]",
            "spec:\n  bind: {env: [{name: A, key: b}]}",
        ),
        (
            "Plug",
            "interface: {name: a}\nworkloads: [{name: w}]\nconfigFrom: [{secretRef: s, keys: {a: b}}]",
            "secretRef: {name: s}",
        ),
        (
            "Socket",
            "interface: pg",
            "spec:\n  interface: {name: pg, versions: […]}",
        ),
        (
            "Socket",
            "interface: {name: a, versions: 1.0.0}",
            "spec:\n  interface:\n    versions: [\"1.0.0\"]",
        ),
        (
            "Socket",
            "interface: {name: a, versions: [1.0.0]}\nservice: pg-rw:5432",
            "spec:\n  service: {name: pg-rw, port: 5432}",
        ),
        (
            "Socket",
            "interface: {name: a, versions: [1.0.0]}\nservice: {name: s, port: \"5432\"}",
            "spec:\n  service:\n    port: 5432",
        ),
        (
            "Socket",
            "interface: {name: a, versions: [1.0.0]}\nallow: [shop, \"team-*\"]",
            "spec:\n  allow: {namespaces: [shop, \"team-*\"]}",
        ),
        (
            "Socket",
            "interface: {name: a, versions: [1.0.0]}\nconfigFrom: [{secretRef: {name: s}, keys: [username, password]}]",
            "keys: {username: username, password: password}",
        ),
        (
            "Socket",
            "interface: {name: a, versions: [1.0.0]}\nsecretNamespace: plug",
            "spec:\n  secretNamespace: Plug",
        ),
        (
            "Socket",
            "interface: {name: a, versions: [1.0.0]}\nconfig: [a]",
            "spec:\n  config: {…: …}",
        ),
        (
            "Interface",
            "name: a\nversions: {1.0.0: {deprecated: x}}",
            "spec:\n  versions:\n    - {version: \"1.0.0\", deprecated: x}",
        ),
        (
            "Coupler",
            "catalog: sockets/",
            "spec:\n  catalog: [sockets/]",
        ),
        ("Coupler", "strict: \"true\"", "spec:\n  strict: true"),
    ] {
        assert_eq!(pasted(kind, text), lines, "{kind}: {text}");
    }
}

/// A value of a schema that has another shape than it wants.
fn misshapen(schema: &serde_json::Value) -> &'static str {
    match schema.get("type").and_then(serde_json::Value::as_str) {
        Some("string") => "{a: {b: c}}",
        Some("boolean") => "[maybe]",
        _ if schema.get("x-kubernetes-int-or-string").is_some() => "[1.5]",
        Some("array") => "",
        Some(_) => "3.5",
        None => "",
    }
}

/// Each field with its schema, and the text that leads to it.
fn each_field(
    schema: &serde_json::Value,
    before: &str,
    behind: &str,
    visit: &mut dyn FnMut(&str, &serde_json::Value),
) {
    let fields = schema
        .get("properties")
        .and_then(serde_json::Value::as_object);
    for (name, below) in fields.into_iter().flatten() {
        visit(
            &format!("{before}{name}: {}{behind}", misshapen(below)),
            below,
        );
        each_field(
            below,
            &format!("{before}{name}: {{"),
            &format!("}}{behind}"),
            visit,
        );
        if let Some(items) = below.get("items") {
            visit(
                &format!("{before}{name}: [{}]{behind}", misshapen(items)),
                items,
            );
            let behind = format!("}}]{behind}");
            each_field(items, &format!("{before}{name}: [{{"), &behind, visit);
        }
    }
}

#[test]
fn every_field_of_another_shape_has_lines_to_paste() {
    let mut seen = 0;
    for kind in KINDS {
        let schema = crate::api::schema::structural_schema(kind).unwrap();
        each_field(
            &schema["properties"]["spec"],
            "{",
            "}",
            &mut |text, below| {
                if below.get("type").is_none() && below.get("x-kubernetes-int-or-string").is_none()
                {
                    return;
                }
                seen += 1;
                let text = format!(
                    "apiVersion: {API_VERSION}\nkind: {kind}\nmetadata: {{name: x}}\nspec: {text}\n"
                );
                let (_, shown, diagnostics) = read(&text);
                let shape = diagnostics.iter().find(|each| {
                    let help = each.help.as_ref();
                    each.message.contains("must be")
                        && help.is_some_and(|help| help.pastes().next().is_some())
                });
                assert!(shape.is_some(), "{text}{shown:?}");
            },
        );
    }
    assert!(seen > 80, "{seen} fields");
}
