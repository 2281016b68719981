//! Plugs and Sockets by the ten thousand, and names, globs and paths made to be slow.

use super::{bounded, coupling, expect, many, ours, scaled, web};

const A: &str = "      {required: [a], properties: {a: {type: string}}}\n";

fn socket(n: usize, interface: &str, more: &str) -> String {
    ours(
        "Socket",
        &format!("s{n}"),
        &format!(
            "  interface: {{name: {interface}, versions: [1.0.0]}}\n  config: {{a: b}}\n{more}"
        ),
    )
}

fn plug(n: usize, interface: &str, more: &str) -> String {
    ours(
        "Plug",
        &format!("p{n}"),
        &format!(
            "  name: p{n}\n  interface: {{name: {interface}}}\n  workloads: [{{name: web}}]\n{more}"
        ),
    )
}

#[test]
fn candidates() {
    let sockets = |interface: &str| many(scaled(10_000), |n| socket(n, interface, ""));
    let outcome = expect(
        &["ambiguous-socket"],
        "that fit",
        coupling(A, "    a: b\n") + &sockets("x"),
    );
    assert!(outcome.face.contains("more"), "{}", outcome.face);
    let text = coupling(A, "    a: b\n").replace(
        "name: x, versions: [1.0.0]",
        "name: other, versions: [1.0.0]",
    );
    expect(
        &["socket-not-found"],
        "that do not fit",
        text + &sockets("third"),
    );
}

#[test]
fn failing_plugs() {
    let n = scaled(10_000);
    let plugs = many(n, |n| plug(n, "x", &format!("  socket: {{name: sx{n}}}\n")));
    let sockets = many(n, |n| socket(n, "x", ""));
    let text = coupling(A, "    a: b\n").replace(
        "name: x}\n  workloads",
        "name: x}\n  socket: {name: x}\n  workloads",
    );
    expect(
        &["socket-not-found"],
        "each with a misspelt Socket",
        text + &plugs + &sockets,
    );
    let interfaces = many(n, |n| plug(n, &format!("interface{n}"), ""));
    expect(
        &["interface-not-found"],
        "each with a misspelt Interface",
        coupling(A, "    a: b\n") + &interfaces,
    );
    let workloads = many(n, |n| {
        plug(n, "x", "").replace("name: web", &format!("name: wbe{n}"))
    });
    let webs = many(n, |n| web().replace("name: web", &format!("name: web{n}")));
    expect(
        &["workload-not-found"],
        "each with a misspelt workload",
        coupling(A, "    a: b\n") + &workloads + &webs,
    );
    let labels = many(scaled(3_000), |n| {
        plug(n, "x", "").replace("{name: web}", &format!("{{matchLabels: {{a: b{n}}}}}"))
    });
    let webs = many(scaled(3_000), |n| {
        web().replace("name: web,", &format!("name: web{n}, labels: {{a: b}},"))
    });
    expect(
        &["workload-not-found"],
        "each with labels nobody has",
        coupling(A, "    a: b\n") + &labels + &webs,
    );
    let unknown = many(n, |n| {
        format!(
            "---\napiVersion: integration.rock8s.com/v1\nkind: Plugg\nmetadata: {{name: p{n}}}\n"
        )
    });
    expect(&["unsupported-api"], "each of an unknown kind", unknown);
    let twice = plug(1, "x", "").repeat(n);
    expect(
        &["duplicate-object"],
        "one Plug very often",
        coupling(A, "    a: b\n") + &twice,
    );
    expect(
        &["duplicate-object"],
        "one Socket very often",
        coupling(A, "    a: b\n") + &socket(1, "third", "").repeat(n),
    );
}

#[test]
fn labels() {
    let n = scaled(8_000);
    let labelled = |text: String, n: usize| {
        text.replace(
            ", namespace: shop}",
            &format!(", namespace: shop, labels: {{a: b, own: l{n}}}}}"),
        )
    };
    let sockets = many(n, |n| labelled(socket(n, "x", ""), n));
    let webs = many(n, |n| {
        labelled(web().replace("name: web,", &format!("name: web{n},")), n)
    });
    let plugs = |labels: &str| {
        many(n, |n| {
            let socket =
                format!("  bind: {{env: []}}\n  socket: {{matchLabels: {{a: b, own: l{n}}}}}\n");
            plug(n, "x", &socket).replace(
                "{name: web}",
                &format!("{{matchLabels: {{{labels}}}}}").replace('N', &n.to_string()),
            )
        })
    };
    let named = coupling(A, "    a: b\n").replace(
        "name: x}\n  workloads",
        "name: x}\n  socket: {name: x}\n  workloads",
    );
    let each = named.clone() + &sockets + &webs + &plugs("a: b, own: lN");
    assert!(
        expect(&[], "a workload and a Socket each", each)
            .text
            .contains("coupled.integration.rock8s.com/p1")
    );
    let all = named + &sockets + &webs + &plugs("a: b");
    expect(&["limit-exceeded"], "every workload for each Plug", all);
}

#[test]
fn unknown_fields_and_keys() {
    let n = scaled(10_000);
    let fields = many(n, |n| format!("  colour{n}: red\n"));
    expect(
        &["unknown-field"],
        "fields",
        coupling(A, "    a: b\n") + &plug(0, "x", &fields),
    );
    let keys = many(n, |n| format!("    key{n}: b\n"));
    expect(
        &["undeclared-key"],
        "keys",
        coupling(A, &format!("    a: b\n{keys}")),
    );
    let declared = many(n.min(900), |n| {
        format!("        declared{n}: {{type: string}}\n")
    });
    let schema =
        format!("      required: [a]\n      properties:\n        a: {{type: string}}\n{declared}");
    expect(
        &["undeclared-key"],
        "keys near others",
        coupling(
            &schema,
            &format!("    a: b\n{}", keys.replace("key", "declare")),
        ),
    );
    let secret = many(n, |n| format!("  key{n}: eA==\n"));
    let secret = format!(
        "---\napiVersion: v1\nkind: Secret\nmetadata: {{name: s, namespace: shop}}\ndata:\n{secret}"
    );
    let refs = format!(
        "  - {{secretRef: {{name: s}}, keys: {{{}}}}}\n",
        many(60, |n| format!("k{n}: kye{n}, "))
    );
    let schema = "      {required: [a], properties: {a: {type: string}}, additionalProperties: {type: string}}\n";
    let text = coupling(schema, "    a: b\n")
        .replace("    a: b\n", &format!("    a: b\n  configFrom:\n{refs}"))
        + &secret;
    expect(&["secret-key-not-found"], "keys of a Secret", text);
}

#[test]
fn globs() {
    let glob = "*a".repeat(50_000) + "*b";
    let allow = |globs: &str| format!("  allow: {{namespaces: [{globs}]}}\n");
    let elsewhere = |text: String, namespace: &str| {
        text.replace(
            "kind: Plug\nmetadata: {name: p0, namespace: shop}",
            &format!("kind: Plug\nmetadata: {{name: p0, namespace: {namespace}}}"),
        )
    };
    let reaching = plug(0, "x", "  socket: {name: s1, namespace: shop}\n");
    let namespace = "a".repeat(63);
    let text = coupling(A, "    a: b\n")
        + &socket(1, "x", &allow(&format!("\"{glob}\"")))
        + &elsewhere(reaching.clone(), &namespace);
    let outcome = bounded("one long glob", text);
    assert!(!outcome.errors.is_empty());
    let globs = many(scaled(10_000), |n| format!("\"*a*a*a*a*a*a*a*a*a{n}\", "));
    let plugs = many(scaled(1_000), |n| {
        elsewhere(
            reaching.replace("p0", &format!("p{n}")),
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        )
    });
    let plugs = plugs.replace(
        "namespace: shop}\nspec",
        "namespace: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}\nspec",
    );
    let outcome = bounded(
        "many globs, many Plugs",
        coupling(A, "    a: b\n") + &socket(1, "x", &allow(&globs)) + &plugs,
    );
    assert!(!outcome.errors.is_empty());
}

#[test]
fn paths() {
    let read = |path: &str| {
        let from = format!(
            "  configFrom: [{{objectRef: {{apiVersion: v1, kind: Service, name: c}}, keys: {{a: \"{path}\"}}}}]\n"
        );
        let map = "---\napiVersion: v1\nkind: Service\nmetadata: {name: c, namespace: shop}\ndata: {a: b}\n";
        coupling(A, "    {}\n").replace("  config:\n    {}\n", &from) + map
    };
    for path in [
        "a.".repeat(1 << 19) + "a",
        "[0]".repeat(1 << 18),
        "[".repeat(1 << 20),
        "['a']".repeat(1 << 17),
        "data.".to_owned() + &"a".repeat(1 << 20),
    ] {
        let outcome = bounded(&format!("{path:.6}…"), read(&path));
        assert!(!outcome.errors.is_empty());
    }
}

#[test]
fn bindings() {
    let n = scaled(10_000);
    let names = many(n, |n| format!("    - {{name: N{n}, key: a}}\n"));
    let bound = coupling(A, "    a: b\n").replace(
        "workloads: [{name: web}]\n",
        &format!("workloads: [{{name: web}}]\n  bind:\n    env:\n{names}"),
    );
    let outcome = bounded("variables", bound);
    let errors = &outcome.errors[..];
    assert!(
        matches!(errors, [] | ["limit-exceeded" | "invalid-field"]),
        "{errors:?}"
    );
    let twice = names.replace("N1", "N");
    let bound = coupling(A, "    a: b\n").replace(
        "workloads: [{name: web}]\n",
        &format!("workloads: [{{name: web}}]\n  bind:\n    env:\n{twice}"),
    );
    assert!(!bounded("variables of one name", bound).errors.is_empty());
    let workloads = format!("workloads: [{}]\n", "{name: web}, ".repeat(n));
    let outcome = bounded(
        "one workload very often",
        coupling(A, "    a: b\n").replace("workloads: [{name: web}]\n", &workloads),
    );
    assert!(outcome.errors.len() <= 1, "{:?}", outcome.errors);
}
