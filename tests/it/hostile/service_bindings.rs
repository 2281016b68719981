//! ServiceBindings: very many of one workload and of one Secret, selectors that compare and match
//! very much, and long lists.

use super::{expect, many, scaled, web};

fn binding(n: usize, spec: &str) -> String {
    format!(
        "---\napiVersion: servicebinding.io/v1\nkind: ServiceBinding\nmetadata: {{name: b{n}, namespace: shop}}\n\
         spec:\n  type: x\n  service: {{apiVersion: v1, kind: Secret, name: s}}\n{spec}"
    )
}

fn of_web(n: usize, more: &str) -> String {
    let workload = "  workload: {apiVersion: apps/v1, kind: Deployment, name: web}\n";
    binding(n, &(workload.to_owned() + more))
}

fn deployments(n: usize) -> String {
    many(n, |i| {
        web().replace(
            "name: web, namespace: shop",
            &format!("name: w{i}, namespace: shop, labels: {{number: n{i}}}"),
        )
    })
}

fn selecting(operator: &str, values: &str) -> String {
    format!(
        "  workload:\n    apiVersion: apps/v1\n    kind: Deployment\n    selector:\n      matchExpressions:\n      \
         - {{key: number, operator: {operator}{values}}}\n"
    )
}

#[test]
fn very_many_of_one_workload() {
    let all = many(scaled(900), |n| of_web(n, ""));
    expect(&[], "directories", all + &web());
    let all = many(scaled(20_000), |n| of_web(n, ""));
    expect(
        &["limit-exceeded"],
        "more directories than are allowed",
        all + &web(),
    );
}

#[test]
fn one_directory_and_one_variable_of_very_many() {
    let variable = "  name: same\n  env: [{name: SAME, key: k}]\n";
    let all = many(scaled(900), |n| of_web(n, variable));
    expect(
        &["env-collision", "files-collision"],
        "one name",
        all + &web(),
    );
}

#[test]
fn selectors_that_match_nothing_of_very_many() {
    let none = selecting("In", ", values: [none]");
    let all = many(scaled(1_000), |n| binding(n, &none));
    let all = all + &deployments(scaled(1_000));
    expect(&["workload-not-found"], "no match", all);
}

#[test]
fn selectors_that_match_everything() {
    let every = selecting("Exists", "");
    let all = many(3, |n| binding(n, &every)) + &deployments(scaled(3_000));
    expect(&[], "each of all", all);
}

#[test]
fn long_lists() {
    let variables = many(scaled(100_000), |n| {
        format!("  - {{name: V{n}, key: k{n}}}\n")
    });
    let one = of_web(0, &format!("  env:\n{variables}"));
    expect(&["invalid-field"], "variables", one + &web());
    let values = many(scaled(100_000), |n| format!("v{n}, "));
    let selector = selecting("In", &format!(", values: [{values}]"));
    expect(&["invalid-field"], "values", binding(0, &selector) + &web());
    let expressions = many(scaled(100_000), |_| {
        "      - {key: number, operator: Exists}\n".to_owned()
    });
    let selector = selecting("Exists", "") + &expressions;
    expect(
        &["invalid-field"],
        "expressions",
        binding(0, &selector) + &web(),
    );
}
