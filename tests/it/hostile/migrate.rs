//! Migrates hostile manifests of `v1beta1`: what multiplies has a limit, and is reported.

use coupler::limits;
use coupler::migrate::{MigratedSource, MigrationOutcome, migrate};
use coupler::render::{Input, Role, Source};

/// A Plug with a body.
fn plug(body: &str) -> String {
    let lines: String = body
        .lines()
        .map(|line| format!("        {line}\n"))
        .collect();
    format!(
        "apiVersion: integration.rock8s.com/v1beta1\nkind: Plug\nmetadata: {{name: a, namespace: b}}\nspec:\n  \
         socket: {{name: c}}\n  config: {{k: v}}\n  resources:\n    - when: [coupled, updated]\n      do: apply\n      \
         stringTemplate: |\n{lines}"
    )
}

/// What is reported without a counterpart, and the text that comes out.
fn left_out(text: &str) -> (Vec<String>, String) {
    let source = Source {
        name: "a.yaml".to_owned(),
        text: text.to_owned(),
        role: Role::Stream,
    };
    let input = Input {
        sources: vec![source],
        ..Input::default()
    };
    let migration = migrate(&input);
    let lines = migration.report.lines.into_iter();
    let lines = lines.filter(|line| line.outcome == MigrationOutcome::NoCounterpart);
    let texts = migration.sources.iter().map(MigratedSource::text);
    (lines.map(|line| line.message).collect(), texts.collect())
}

const HEAD: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  x: y\n";

/// So many `if`s around keys.
fn choices(count: usize) -> String {
    let one = |number| format!("{{% if .plugConfig.k{number} %}}\n  k{number}: v\n{{% end %}}\n");
    let all: String = (0..count).map(one).collect();
    plug(&format!("{HEAD}{all}"))
}

#[test]
fn ifs_around_keys_make_few_resources() {
    let most = limits::MIGRATED_VARIANTS.ilog2() as usize;
    let (left, text) = left_out(&choices(most));
    assert_eq!(left, Vec::<String>::new());
    assert_eq!(text.matches("manifest:").count(), limits::MIGRATED_VARIANTS);
    let (left, _) = left_out(&choices(most + 1));
    assert!(
        left[0].contains("give more than 16 different manifests"),
        "{left:?}"
    );
    let (left, _) = left_out(&choices(limits::GO_CHOICES + 1));
    assert!(
        left[0].contains("more than 16 `if`s next to each other"),
        "{left:?}"
    );
}

#[test]
fn trials_of_many_bodies_have_a_limit() {
    let body = format!("{HEAD}  z: |\n    {}\n", "w".repeat(200_000));
    let one = plug(&format!(
        "{body}{{% if .plugConfig.k1 %}}\n  k1: v\n{{% end %}}\n"
    ));
    let trials = limits::MIGRATED_TRIAL_BYTES / (3 * 200_000);
    let (left, _) = left_out(&[one.as_str(); 2].join("---\n"));
    assert_eq!(left, Vec::<String>::new());
    let (left, _) = left_out(&vec![one; trials + 20].join("---\n"));
    assert!(left[0].contains("too many `if`s together"), "{left:?}");
}

#[test]
fn a_body_of_more_than_a_resource_is_left_out() {
    let body = format!("{HEAD}  z: {}\n", "w".repeat(limits::RESOURCE_BYTES));
    let (left, _) = left_out(&plug(&body));
    assert!(left[0].contains("longer than 256 KiB"), "{left:?}");
}

#[test]
fn nested_ifs_and_groups_have_a_limit() {
    let deep = limits::GO_TEMPLATE_DEPTH + 1;
    let nested = "{% if .plugConfig.k1 %}".repeat(deep) + "x" + &"{% end %}".repeat(deep);
    let (left, _) = left_out(&plug(&format!("{HEAD}  z: '{nested}'\n")));
    assert!(left[0].contains("nested too deeply"), "{left:?}");
}

#[test]
fn an_expression_is_no_longer_than_coupler_evaluates() {
    let long = "w".repeat(limits::TEMPLATE_BYTES);
    let body = format!("{HEAD}  z: '{{% if .plugConfig.k1 %}}{long}{{% end %}}'\n");
    let (left, _) = left_out(&plug(&body));
    assert!(left[0].contains("longer than 4 KiB"), "{left:?}");
}
