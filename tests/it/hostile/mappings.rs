//! Mappings of kinds of workload: how many there are, how long they are, and where they lead.

use coupler::limits;

use super::{bounded, coupling, expect, many, ours, scaled};

const A: &str = "      {required: [a], properties: {a: {type: string}}}\n";

fn mapping(name: &str, containers: &str) -> String {
    format!(
        "---\napiVersion: servicebinding.io/v1\nkind: ClusterWorkloadResourceMapping\nmetadata: {{name: {name}}}\n\
         spec:\n  versions:\n  - version: \"*\"\n    containers:\n{containers}"
    )
}

/// A Plug of all containers of a Worker, and its Socket and Interface.
fn plug() -> String {
    let spec =
        "  interface: {name: x}\n  workloads: [{kind: Worker, name: w, containers: [\"*\"]}]\n";
    coupling(A, "    a: b\n") + &ours("Plug", "p", spec)
}

/// A Worker with this `spec`.
fn worker(spec: &str) -> String {
    format!(
        "---\napiVersion: example.com/v1\nkind: Worker\nmetadata: {{name: w, namespace: shop}}\nspec:\n{spec}"
    )
}

const WORKERS: &str = "workers.example.com";

#[test]
fn mappings_of_many_kinds() {
    let n = scaled(20_000);
    let path = "    - {path: '.spec.c[*]', name: .name}\n";
    let others = many(n, |n| mapping(&format!("k{n}s.example.com"), path));
    let objects = many(n, |n| {
        format!("---\napiVersion: example.com/v1\nkind: K{n}\nmetadata: {{name: k}}\n")
    });
    let own = mapping(WORKERS, path) + &worker("  c: [{name: a}]\n");
    let outcome = expect(
        &[],
        "mappings of many kinds",
        plug() + &own + &others + &objects,
    );
    assert!(outcome.text.contains("name: X_A"));
}

#[test]
fn mappings_of_one_kind_that_differ() {
    let n = scaled(10_000);
    let all = many(n, |n| {
        mapping(WORKERS, &format!("    - {{path: '.spec.c{n}[*]'}}\n"))
    });
    expect(
        &["duplicate-object"],
        "mappings of one kind that differ",
        plug() + &all + &worker("  c: [{name: a}]\n"),
    );
}

#[test]
fn paths_to_containers() {
    let worker = worker("  c: [{name: a}]\n");
    let paths = many(limits::MAPPING_ENTRIES + 1, |n| {
        format!("    - {{path: '.spec.c{n}[*]', name: .name}}\n")
    });
    expect(
        &["limit-exceeded"],
        "many paths to containers",
        plug() + &mapping(WORKERS, &paths) + &worker,
    );
    for (what, path) in [
        ("a path of many steps", ".a".repeat(limits::DEPTH + 1)),
        (
            "a long path",
            format!(".{}", "a".repeat(limits::PATH_BYTES)),
        ),
    ] {
        let path = format!("    - {{path: {path}}}\n");
        expect(
            &["invalid-field"],
            what,
            plug() + &mapping(WORKERS, &path) + &worker,
        );
    }
}

#[test]
fn lists_of_many_lists() {
    let n = scaled(50_000);
    let lists = many(n, |n| format!("  - c: [{{name: c{n}}}]\n"));
    let path = "    - {path: '.spec.all[*].c[*]', name: .name}\n";
    let spec = format!("  all:\n{lists}");
    let outcome = bounded(
        "containers of many lists",
        plug() + &mapping(WORKERS, path) + &worker(&spec),
    );
    assert_eq!(outcome.errors, ["limit-exceeded"]);
}

#[test]
fn plugs_of_a_kind_without_a_mapping() {
    let n = scaled(10_000);
    let plugs = many(n, |n| {
        let spec = format!(
            "  name: p{n}\n  interface: {{name: x}}\n  workloads: [{{kind: Worker, name: w}}]\n"
        );
        ours("Plug", &format!("p{n}"), &spec)
    });
    let others = many(scaled(100_000), |n| format!("    k{n}: 1\n"));
    expect(
        &["unsupported-workload"],
        "a kind without a mapping",
        coupling(A, "    a: b\n")
            + &plugs
            + &worker(&format!(
                "  x:\n{others}  c: {{containers: [{{name: a}}]}}\n"
            )),
    );
}
