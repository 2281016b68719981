//! Resources: how large one may be, and how many a run may have.

use coupler::limits;

use super::{expect, many, ours, scaled};

const SOCKET: &str = "---
apiVersion: integration.rock8s.com/v1
kind: Socket
metadata: {name: pg, namespace: shop}
spec:
  interface: {name: postgresql, versions: [1.0.0]}
  service: {name: pg}
  config: {port: 5432, database: <% plug.config.database %>}
  configFrom: [{secretRef: {name: pg-app}, keys: {username: username, password: password}}]
";

/// Plugs with one resource each, whose data has this.
fn plugs(count: usize, database: &str, data: &str) -> String {
    let plug = |n: usize| {
        let spec = format!(
            "  interface: {{name: postgresql}}\n  config: {{database: {database}}}\n  resources:\n    - name: r\n      manifest:\n        \
             apiVersion: v1\n        kind: ConfigMap\n        metadata: {{name: r-<% plug.object %>}}\n        data:\n{data}"
        );
        ours("Plug", &format!("p{n}"), &spec)
    };
    SOCKET.to_owned() + &many(count, plug)
}

fn keys(count: usize, value: &str) -> String {
    many(count, |n| format!("          k{n}: \"{value}\"\n"))
}

#[test]
fn a_resource_that_doubles() {
    let long = "x".repeat(60_000);
    let value = "<% plug.config.database %>";
    let outcome = expect(
        &["limit-exceeded"],
        "one value a thousand times",
        plugs(1, &long, &keys(1_000, value)),
    );
    assert!(outcome.face.contains("256 KiB"), "{}", outcome.face);
    let twice = format!("{value}{value}");
    expect(
        &["limit-exceeded"],
        "twice in a text",
        plugs(1, &long, &keys(1, &twice)),
    );
    expect(&[], "four times", plugs(1, &long, &keys(4, value)));
}

#[test]
fn resources_that_are_too_large_together() {
    let long = "x".repeat(60_000);
    let value = "<% plug.config.database %>";
    let most = limits::RUN_RESOURCE_BYTES / (4 * 60_000);
    let outcome = expect(
        &["limit-exceeded"],
        "all resources of a run",
        plugs(most + 10, &long, &keys(4, value)),
    );
    assert!(outcome.face.contains("12 MiB"), "{}", outcome.face);
}

#[test]
fn a_resource_with_more_leaves_than_its_record_takes() {
    let outcome = expect(
        &["limit-exceeded"],
        "the record",
        plugs(1, "a", &keys(4_000, "v")),
    );
    assert!(outcome.face.contains("record"), "{}", outcome.face);
}

#[test]
fn many_resources() {
    let n = scaled(5_000);
    let outcome = expect(&[], "one for each Plug", plugs(n, "a", &keys(2, "v")));
    assert_eq!(
        outcome
            .text
            .matches("integration.rock8s.com/resource: ")
            .count(),
        n
    );
}
