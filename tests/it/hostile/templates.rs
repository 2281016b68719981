//! Templates: recursive, doubling, looping.

use super::{coupling, expect, many, ours, scaled, web};

fn strings(keys: usize) -> String {
    let properties = many(keys, |n| format!("        k{n}: {{type: string}}\n"));
    format!("      required: [k0]\n      properties:\n{properties}")
}

#[test]
fn recursion() {
    let cycle = "    k0: <% socket.config.k1 %>\n    k1: x<% socket.config.k0 %>\n";
    expect(
        &["template-cycle"],
        "a circle",
        coupling(&strings(2), cycle),
    );
    let ring = many(1_000, |n| {
        format!("    k{n}: <% socket.config.k{} %>\n", (n + 1) % 1_000)
    });
    expect(
        &["limit-exceeded"],
        "a wide circle",
        coupling(&strings(1_000), &ring),
    );
    let chain = many(1_000, |n| {
        format!("    k{n}: <% socket.config.k{} %>\n", n + 1)
    }) + "    k1000: x\n";
    expect(
        &["limit-exceeded"],
        "a long chain",
        coupling(&strings(1_001), &chain),
    );
    let computed = many(1_000, |n| {
        format!("    k{n}: <% socket.config.k{} | upper %>\n", n + 1)
    }) + "    k1000: x\n";
    expect(
        &["limit-exceeded"],
        "a long chain of computed ones",
        coupling(&strings(1_001), &computed),
    );
}

#[test]
fn doubling() {
    let plain = many(30, |n| {
        format!(
            "    k{n}: <% socket.config.k{0} %><% socket.config.k{0} %>\n",
            n + 1
        )
    }) + "    k30: xx\n";
    expect(&["limit-exceeded"], "plain", coupling(&strings(31), &plain));
    let computed = many(30, |n| {
        format!(
            "    k{n}: <% socket.config.k{0} ~ socket.config.k{0} %>\n",
            n + 1
        )
    }) + "    k30: xx\n";
    expect(
        &["limit-exceeded"],
        "computed",
        coupling(&strings(31), &computed),
    );
    // the parts of a text with a reference in it double as well
    let from = "  configFrom: [{secretRef: {name: s}, keys: {k30: p}}]\n";
    let secret = "      required: [k0]\n      additionalProperties: {type: string, writeOnly: true}\n      properties: {k0: {type: string, writeOnly: true}}\n";
    let parts = many(30, |n| {
        format!(
            "    k{n}: \"<% socket.config.k{0} %><% socket.config.k{0} %>\"\n",
            n + 1
        )
    });
    expect(
        &["limit-exceeded"],
        "references",
        coupling(secret, &format!("{parts}{from}")),
    );
}

#[test]
fn computing() {
    let one = strings(1);
    for (what, template) in [
        (
            "loops in loops",
            "{% for a in 'x' * 5000 %}{% for b in 'x' * 5000 %}{% for c in 'x' * 5000 %}y{% endfor %}{% endfor %}{% endfor %}",
        ),
        ("a thousand million letters", "<% 'x' * 1000000000 %>"),
        ("lists of lists", "<% [[1] * 10000] * 10000 %>"),
        (
            "doubling in a loop",
            "{% set x = 'x' %}{% for a in 'x' * 100 %}{% set x = x ~ x %}{% endfor %}<% x %>",
        ),
        (
            "a replacement that grows",
            "<% ('a' * 9999) | replace('a', 'a' * 9999) | replace('a', 'a' * 9999) %>",
        ),
        ("an indentation", "<% 'x' | indent(1000000000) %>"),
        ("a power", "<% 9 ** 9 ** 9 ** 9 %>"),
        (
            "brackets",
            &format!("<% {}1{} %>", "(".repeat(20_000), ")".repeat(20_000)),
        ),
        ("operators", &format!("<% 1{} %>", " + 1".repeat(100_000))),
        ("signs", &format!("<% {}1 %>", "-".repeat(100_000))),
        ("negations", &format!("<% {}1 %>", "not ".repeat(50_000))),
        (
            "filters",
            &format!("<% 'a'{} %>", " | upper".repeat(50_000)),
        ),
        (
            "statements",
            &format!(
                "{}{}",
                "{% if 1 %}".repeat(20_000),
                "{% endif %}".repeat(20_000)
            ),
        ),
        (
            "a list in a list",
            &format!("<% {}{} %>", "[".repeat(20_000), "]".repeat(20_000)),
        ),
    ] {
        let outcome = super::bounded(what, coupling(&one, &format!("    k0: \"{template}\"\n")));
        let expected = ["limit-exceeded", "template-failed", "template-syntax"];
        assert!(
            matches!(outcome.errors[..], [one] if expected.contains(&one))
                || outcome.errors.is_empty(),
            "{what}: {:?}",
            outcome.errors
        );
    }
}

#[test]
fn very_many_expressions() {
    let paths = "<% plug.name %>".repeat(scaled(100_000));
    let outcome = super::bounded(
        "paths",
        coupling(&strings(1), &format!("    k0: \"{paths}\"\n")),
    );
    assert!(
        matches!(outcome.errors[..], [] | ["limit-exceeded"]),
        "{:?}",
        outcome.errors
    );
    let calls = "<% 1 + 1 %>".repeat(scaled(100_000));
    let outcome = super::bounded(
        "computed ones",
        coupling(&strings(1), &format!("    k0: \"{calls}\"\n")),
    );
    assert!(outcome.errors.len() <= 1, "{:?}", outcome.errors);
    let opened = "<% ".repeat(scaled(100_000));
    expect(
        &["template-syntax"],
        "never closed",
        coupling(&strings(1), &format!("    k0: \"{opened}\"\n")),
    );
}

/// The fuel of all couplings together is bounded as well.
#[test]
fn fuel_of_a_run() {
    let loops = "{% for a in 'x' * 12000 %}{% endfor %}<% plug.name %>";
    let text = coupling(&strings(1), &format!("    k0: \"{loops}\"\n"));
    let plugs = many(scaled(5_000), |n| {
        ours(
            "Plug",
            &format!("p{n}"),
            &format!("  name: p{n}\n  interface: {{name: x}}\n  workloads: [{{name: w{n}}}]\n"),
        ) + &web().replace("name: web", &format!("name: w{n}"))
    });
    let outcome = super::bounded("many couplings that burn", text + &plugs);
    assert_eq!(
        outcome.errors,
        ["limit-exceeded"],
        "{}",
        outcome.face.chars().take(2000).collect::<String>()
    );
}
