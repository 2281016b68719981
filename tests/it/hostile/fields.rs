//! Fields: how many one Plug and one object may have, and how long a path may be.

use std::fmt::Write as _;

use coupler::limits;

use super::{bounded, expect, many, ours, scaled};

const OBJECT: &str = "apiVersion: example.com/v1, kind: Thing, name: a";

const SOCKET: &str = "---
apiVersion: integration.rock8s.com/v1
kind: Socket
metadata: {name: pg, namespace: shop}
spec:
  interface: {name: postgresql, versions: [1.0.0]}
  service: {name: pg}
  config: {port: 5432, database: shop}
  configFrom: [{secretRef: {name: pg-app}, keys: {username: username, password: password}}]
";

/// Plugs that bind so many fields each, by path; and the object.
fn fields(plugs: usize, each: usize, path: impl Fn(usize) -> String) -> String {
    let plug = |plug: usize| {
        let mut spec = "  interface: {name: postgresql}\n  bind:\n    fields:\n".to_owned();
        for field in 0..each {
            let path = path(plug * each + field);
            let _ = writeln!(
                spec,
                "      - {{objectRef: {{{OBJECT}}}, path: \"{path}\", key: port}}"
            );
        }
        ours("Plug", &format!("p{plug}"), &spec)
    };
    let object = "---\napiVersion: example.com/v1\nkind: Thing\nmetadata: {name: a, namespace: shop}\nspec: {}\n";
    format!("{SOCKET}{}{object}", many(plugs, plug))
}

#[test]
fn ten_thousand_fields() {
    let flat = |n: usize| format!("spec.f{n}");
    let outcome = expect(&["invalid-field"], "of one Plug", fields(1, 10_000, flat));
    assert!(outcome.face.contains("256"), "{}", outcome.face);
    let plugs = scaled(10_000) / 250;
    let many = fields(plugs, 250, flat);
    if plugs * 250 > limits::WORKLOAD_VARIABLES {
        expect(&["limit-exceeded"], "of one object", many);
    } else {
        expect(&[], "of one object", many);
    }
    expect(
        &["limit-exceeded"],
        "too many for one object",
        fields(21, 250, flat),
    );
    // each makes an item of one list, or appends one, or goes a way of its own
    let n = scaled(4_000) / 250;
    expect(
        &[],
        "items",
        fields(n, 250, |n| format!("spec.l[name=i{n}].x")),
    );
    expect(&[], "new items", fields(1, 250, |_| "spec.l[+]".to_owned()));
    let deep = |n: usize| format!("spec.f{n}{}", ".a".repeat(50));
    bounded("deep", fields(n, 250, deep));
    let inside = |n: usize| format!("spec{}", ".a".repeat(1 + n % 60));
    expect(
        &["field-collision"],
        "inside of each other",
        fields(n, 250, inside),
    );
}

#[test]
fn a_long_path() {
    let steps = |n: usize| format!("spec{}", ".a".repeat(n));
    let long = expect(
        &["invalid-field"],
        "1,000 steps",
        fields(1, 1, |_| steps(1_000)),
    );
    assert!(long.face.contains("path of more than"), "{}", long.face);
    let deep = expect(
        &["invalid-field"],
        "100 steps",
        fields(1, 1, |_| steps(100)),
    );
    assert!(deep.face.contains("more than 64 steps"), "{}", deep.face);
    // a document may not be deeper either
    bounded("63 steps", fields(1, 1, |_| steps(62)));
}

/// Plugs that replace parts of one text of a ConfigMap.
fn parts(plugs: usize, each: usize, find: impl Fn(usize) -> String, text: &str) -> String {
    let plug = |plug: usize| {
        let mut spec = "  interface: {name: postgresql}\n  bind:\n    fields:\n".to_owned();
        for part in 0..each {
            let find = find(plug * each + part);
            let _ = writeln!(
                spec,
                "      - {{configMapRef: {{name: a}}, path: data.text, find: \"{find}\", key: port}}"
            );
        }
        ours("Plug", &format!("p{plug}"), &spec)
    };
    let object = format!(
        "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a, namespace: shop}}\ndata: {{text: \"{text}\"}}\n"
    );
    format!("{SOCKET}{}{object}", many(plugs, plug))
}

#[test]
fn parts_of_a_long_text() {
    let plugs = scaled(4_000) / 250;
    let part = |n: usize| format!("@{n:05}@");
    let padding = "x".repeat(limits::FIND_BYTES / (plugs * 250) - 10);
    let text = many(plugs * 250, |n| format!("{}{padding}", part(n)));
    expect(&[], "each is there", parts(plugs, 250, part, &text));
    let overlapping = "a".repeat(limits::FIND_BYTES - 1);
    let repeated = |n: usize| "a".repeat(1 + n % 500);
    expect(
        &["find-mismatch"],
        "none is there once",
        parts(plugs, 250, repeated, &overlapping),
    );
    let long = "x".repeat(limits::FIND_BYTES + 1);
    expect(
        &["limit-exceeded"],
        "a longer text",
        parts(1, 1, part, &long),
    );
}
