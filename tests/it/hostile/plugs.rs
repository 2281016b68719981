//! Sockets that write what their Plugs hand over: how many Plugs there may be, how much they may
//! hand over, and how long a template may read them.

use coupler::limits;

use super::{expect, many, ours, refused, scaled, web};

/// A Socket with this text in a variable of its own.
fn socket(template: &str) -> String {
    let interface = "  name: x\n  versions:\n  - version: 1.0.0\n    plug: {properties: {url: {type: string}}}\n";
    let spec = format!(
        "  interface: {{name: x, versions: [1.0.0]}}\n  workloads: [{{name: web}}]\n  bind:\n    env:\n    - name: ALL\n      value: \"{template}\"\n"
    );
    ours("Interface", "x", interface) + &ours("Socket", "x", &spec) + &web()
}

/// Plugs that hand this over, and do nothing else.
fn plugs(count: usize, url: &str) -> String {
    many(count, |n| {
        let spec = format!("  interface: {{name: x}}\n  config: {{url: {url}}}\n");
        ours("Plug", &format!("p{n}"), &spec)
    })
}

#[test]
fn as_many_plugs_as_a_limit_may_allow() {
    let count = scaled(10_000);
    let urls = "<% plugs | map(attribute='config.url') | join(',') %>";
    let outcome = expect(
        &[],
        "ten thousand Plugs of one Socket",
        socket("<% plugs | map(attribute='config.url') | unique | join(',') %>")
            + &plugs(count, "u"),
    );
    assert!(outcome.text.contains("name: ALL"), "{}", outcome.face);
    expect(
        &["template-failed"],
        "a text of all that is longer than a variable",
        socket(urls) + &plugs(count, &"u".repeat(100)),
    );
}

#[test]
fn plugs_that_hand_over_too_much_together() {
    let long = "x".repeat(60_000);
    let most = limits::SOCKET_PLUG_BYTES / 60_000;
    let length = "<% plugs | length %>";
    expect(
        &[],
        "as much as may be",
        socket(length) + &plugs(most - 1, &long),
    );
    let outcome = expect(
        &["limit-exceeded"],
        "more than may be",
        socket(length) + &plugs(most + 2, &long),
    );
    assert!(outcome.face.contains("2 MiB"), "{}", outcome.face);
}

#[test]
fn a_template_that_reads_each_plug_for_each() {
    let loops = "{% for p in plugs %}{% for q in plugs %}{% for r in plugs %}<% r.name %>{% endfor %}{% endfor %}{% endfor %}";
    refused(
        &["limit-exceeded"],
        "all of all of all",
        socket(loops) + &plugs(scaled(10_000), "u"),
    );
    let chain = "<% plugs | map(attribute='config.url') | list | map('upper') | list | map('lower') | unique | join %>";
    refused(
        &["limit-exceeded"],
        "one filter after another",
        socket(&chain.replace(" | unique", &" | map('lower') | list".repeat(60)))
            + &plugs(scaled(10_000), "u"),
    );
}
