//! Adapters: loops, long lists, deep paths, and conditions over very many objects.

use super::{bounded, expect, many, refused, scaled};

/// An Adapter of Things, a Plug that wants one, and its Deployment.
fn adapter(spec: &str) -> String {
    format!(
        "apiVersion: integration.rock8s.com/v1\nkind: Adapter\nmetadata: {{name: things, namespace: a}}\nspec:\n  \
         object: {{group: example.com, kind: Thing}}\n{spec}---\n\
         apiVersion: integration.rock8s.com/v1\nkind: Plug\nmetadata: {{name: p, namespace: a}}\nspec:\n  \
         interface: {{name: http}}\n  workloads: [{{name: w}}]\n---\n\
         apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: w, namespace: a}}\n\
         spec: {{template: {{spec: {{containers: [{{name: c, image: i}}]}}}}}}\n"
    )
}

fn thing(n: usize, spec: &str) -> String {
    format!(
        "---\napiVersion: example.com/v1\nkind: Thing\nmetadata:\n  name: t{n}\n  namespace: a\nspec: {spec}\n"
    )
}

const SOCKET: &str = "interface: {name: http, versions: [1.0.0]}, service: {name: s, port: 80}";

#[test]
fn loops_in_let() {
    let list = "0,".repeat(100);
    let loops =
        "{% for a in l %}{% for b in l %}{% for c in l %}x{% endfor %}{% endfor %}{% endfor %}";
    let spec = format!(
        "  let: [{{name: x, value: \"{{% set l = [{list}] %}}{loops}\"}}]\n  sockets: [{{{SOCKET}, if: <% x %>}}]\n"
    );
    let outcome = expect(
        &["socket-not-found"],
        "nested",
        adapter(&spec) + &thing(0, "{}"),
    );
    assert!(outcome.face.contains("too many steps"), "{}", outcome.face);
    let all = many(scaled(2_000), |n| thing(n, "{}"));
    expect(
        &["socket-not-found"],
        "nested, of many objects",
        adapter(&spec) + &all,
    );
}

#[test]
fn values_that_double() {
    let lets = many(40, |n| {
        format!("    - {{name: x{}, value: \"<% x{n} ~ x{n} %>\"}}\n", n + 1)
    });
    let spec = format!(
        "  let:\n    - {{name: x0, value: xxxxxxxx}}\n{lets}  sockets: [{{{SOCKET}, name: <% x40 %>}}]\n"
    );
    let outcome = expect(
        &["socket-not-found"],
        "texts",
        adapter(&spec) + &thing(0, "{}"),
    );
    assert!(outcome.face.contains("longer than"), "{}", outcome.face);
    let lets = many(40, |n| {
        format!(
            "    - {{name: x{}, value: \"<% [x{n}, x{n}] %>\"}}\n",
            n + 1
        )
    });
    let spec = format!(
        "  let:\n    - {{name: x0, value: x}}\n{lets}  sockets: [{{{SOCKET}, if: <% x40 %>}}]\n"
    );
    expect(
        &["socket-not-found"],
        "lists",
        adapter(&spec) + &thing(0, "{}"),
    );
}

#[test]
fn each_of_very_many() {
    let spec = format!(
        "  sockets: [{{{SOCKET}, each: <% object.spec.items %>, name: s<% item %>, default: false}}]\n"
    );
    let items = |n| format!("{{items: [{}]}}", many(n, |n| format!("{n},")));
    let outcome = expect(
        &["socket-not-found"],
        "more than allowed",
        adapter(&spec) + &thing(0, &items(10_000)),
    );
    assert!(outcome.face.contains("items"), "{}", outcome.face);
    expect(
        &["socket-not-found"],
        "as many as allowed, of many objects",
        adapter(&spec) + &many(scaled(100), |n| thing(n, &items(1_000))),
    );
}

#[test]
fn a_condition_over_very_many_objects() {
    let spec = format!(
        "  related: [{{as: other, group: example.com, kind: Other, where: <% it.spec.id == object.spec.id %>}}]\n  \
         sockets: [{{{SOCKET}}}]\n"
    );
    let n = scaled(10_000);
    let others = many(n, |n| {
        format!(
            "---\napiVersion: example.com/v1\nkind: Other\nmetadata:\n  name: o{n}\n  namespace: a\nspec: {{id: {n}}}\n"
        )
    });
    expect(
        &[],
        "one object",
        adapter(&spec) + &thing(0, "{id: 7}") + &others,
    );
    let all = many(n, |n| thing(n, &format!("{{id: {n}}}")));
    refused(
        &["ambiguous-socket"],
        "as many objects",
        adapter(&spec) + &all + &others,
    );
}

#[test]
fn deep_paths() {
    let path = "a.".repeat(1_000);
    let spec = format!(
        "  sockets: [{{{SOCKET}, if: <% object.spec.{path}a %>}}, {{{SOCKET}, if: <% object.spec.{path}a or 1 %>, default: false}}]\n"
    );
    bounded("a long path", adapter(&spec) + &thing(0, "{}"));
    let deep = format!("{}1{}", "{a: ".repeat(60), "}".repeat(60));
    bounded("a deep object", adapter(&spec) + &thing(0, &deep));
}

#[test]
fn large_objects() {
    let spec = format!("  sockets: [{{{SOCKET}, if: <% object.spec.a | length %>}}]\n");
    let list = many(1_000, |n| format!("{{b{n}: {n}}},"));
    let all = many(scaled(1_000), |n| thing(n, &format!("{{a: [{list}]}}")));
    refused(
        &["ambiguous-socket"],
        "many large objects",
        adapter(&spec) + &all,
    );
}

/// A Socket of `postgresql`, a Plug that asks for `http` and names it, its Deployment, and
/// converters.
fn converters(converters: &str) -> String {
    "apiVersion: integration.rock8s.com/v1\nkind: Socket\nmetadata: {name: pg, namespace: a}\nspec:\n  \
     interface: {name: postgresql, versions: [1.0.0]}\n  service: {name: pg}\n  config: {database: a}\n---\n\
     apiVersion: integration.rock8s.com/v1\nkind: Plug\nmetadata: {name: p, namespace: a}\nspec:\n  \
     interface: {name: http}\n  socket: {name: pg}\n  workloads: [{name: w}]\n---\n\
     apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: w, namespace: a}\n\
     spec: {template: {spec: {containers: [{name: c, image: i}]}}}\n"
        .to_owned()
        + converters
}

fn converter(n: usize, spec: &str) -> String {
    format!(
        "---\napiVersion: integration.rock8s.com/v1\nkind: Adapter\nmetadata: {{name: c{n}, namespace: a}}\nspec:\n{spec}"
    )
}

#[test]
fn converters_of_one_source_and_target() {
    let spec = "  source: {interface: {name: postgresql}}\n  sockets:\n    \
        - {interface: {name: http, versions: [1.0.0]}, config: {host: a, port: 80}}\n";
    let all = many(scaled(2_000), |n| converter(n, spec));
    expect(&["adapter-conflict"], "converters", converters(&all));
}

#[test]
fn converters_in_a_chain_and_in_a_circle() {
    let links = many(scaled(2_000), |n| {
        let spec = format!(
            "  source: {{interface: {{name: i{n}}}}}\n  sockets:\n    \
             - {{interface: {{name: i{}, versions: [1.0.0]}}, config: {{}}}}\n",
            n + 1
        );
        let back = format!(
            "  source: {{interface: {{name: i{}}}}}\n  sockets:\n    \
             - {{interface: {{name: i{n}, versions: [1.0.0]}}, config: {{}}}}\n",
            n + 1
        );
        converter(2 * n, &spec) + &converter(2 * n + 1, &back)
    });
    expect(&["interface-mismatch"], "a chain", converters(&links));
}

#[test]
fn what_a_converter_hands_over_that_doubles() {
    let keys = many(20, |n| {
        format!(
            "    k{}: <% plug.config.k{n} ~ plug.config.k{n} %>\n",
            n + 1
        )
    });
    let spec = format!(
        "  source: {{interface: {{name: postgresql}}}}\n  plug:\n    k0: xxxxxxxx\n{keys}  sockets:\n    \
         - {{interface: {{name: http, versions: [1.0.0]}}, config: {{host: <% source.config.host %>, port: 80}}}}\n"
    );
    expect(
        &["undeclared-key"],
        "texts",
        converters(&converter(0, &spec)),
    );
}
