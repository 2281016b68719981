//! Law 7: with an error nothing is emitted, and every mistake is reported at once.

use coupler::api::Settings;
use coupler::diagnostic::{Severity, has_errors};
use coupler::render::render;

use super::mutate::{Budget, Random, mutate};
use super::run::{input, run};
use super::stream::Stream;

/// Mistakes that have nothing to do with each other, each a manifest of its own, and the code of
/// its error.
const MISTAKES: [(&str, &str); 8] = [
    (
        "workload-not-found",
        "kind: Plug\nmetadata: {name: m1, namespace: mine}\nspec: {interface: {name: http}, socket: {name: http}, workloads: [{name: nowhere}]}\n",
    ),
    (
        "interface-not-found",
        "kind: Plug\nmetadata: {name: m2, namespace: mine}\nspec: {interface: {name: nothing}, workloads: [{name: web}]}\n",
    ),
    (
        "socket-not-found",
        "kind: Plug\nmetadata: {name: m3, namespace: mine}\nspec: {interface: {name: redis}, workloads: [{name: web}]}\n",
    ),
    (
        "unknown-field",
        "kind: Plug\nmetadata: {name: m4, namespace: mine}\nspec: {interface: {name: http}, socket: {name: http}, workloads: [{name: web}], colour: red}\n",
    ),
    (
        "template-syntax",
        "kind: Socket\nmetadata: {name: m5, namespace: mine}\nspec: {interface: {name: smtp, versions: [1.0.0]}, config: {host: \"<% plug.\", port: 25, authType: none, transportSecurity: none}}\n---\napiVersion: integration.rock8s.com/v1\nkind: Plug\nmetadata: {name: m5, namespace: mine}\nspec: {interface: {name: smtp}, workloads: [{name: web}]}\n",
    ),
    (
        "unsupported-api",
        "kind: Gadget\nmetadata: {name: m6, namespace: mine}\nspec: {}\n",
    ),
    (
        "yaml-syntax",
        "kind: Socket\nmetadata: {name: m7, namespace: mine}\nspec: {interface: {name: [\n",
    ),
    (
        "duplicate-key",
        "kind: Socket\nmetadata: {name: m8, namespace: mine}\nspec: {}\nspec: {}\n",
    ),
];

const WEB: &str = "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: mine}\nspec: {template: {spec: {containers: [{name: web}]}}}\n---\n\
apiVersion: integration.rock8s.com/v1\nkind: Socket\nmetadata: {name: http, namespace: mine}\nspec: {interface: {name: http, versions: [1.0.0]}, service: {name: http, port: 80}}\n";

#[test]
fn two_mistakes_are_told_at_once_and_nothing_is_rendered() {
    let mut random = Random::new(7);
    for (n, one) in MISTAKES.iter().enumerate() {
        for two in &MISTAKES[n + 1..] {
            let stream = Stream::new(random.next());
            let mistake = |(_, text): &(&str, &str)| {
                format!("---\napiVersion: integration.rock8s.com/v1\n{text}")
            };
            let sources = [mistake(one), stream.text(), WEB.to_owned(), mistake(two)];
            let sources: Vec<_> = sources.iter().map(String::as_str).collect();
            // `run` asserts that nothing is rendered
            let Err(failure) = run(&sources, &stream.settings) else {
                panic!("{} and {} pass", one.0, two.0)
            };
            for code in [one.0, two.0] {
                assert!(
                    failure.codes().contains(&code),
                    "{code} of {} and {} is lost\n{}",
                    one.0,
                    two.0,
                    failure.face
                );
            }
        }
    }
}

#[test]
fn a_mistake_alone_is_told_once() {
    for (code, text) in MISTAKES {
        let text = format!("apiVersion: integration.rock8s.com/v1\n{text}");
        let Err(failure) = run(&[&text, WEB], &Settings::default()) else {
            panic!("{code} passes")
        };
        assert_eq!(failure.codes(), [code], "{}", failure.face);
    }
}

#[test]
fn whatever_is_wrong_an_error_leaves_nothing() {
    let (mut budget, mut random) = (Budget::new(150), Random::new(8));
    let mut failed = 0;
    while budget.more() {
        let stream = Stream::new(random.next());
        let other = Stream::new(random.next()).text();
        let text = mutate(&mut random, &stream.text(), &[other]);
        let strict = random.below(2) == 0;
        let input = input(
            &[&text],
            &Settings {
                strict,
                ..stream.settings
            },
        );
        let output = render(&input);
        let error = has_errors(&output.diagnostics);
        assert!(
            !error || output.rendered.is_empty(),
            "something is rendered beside an error\n{text}"
        );
        assert!(
            error || output.rendered.len() == 1,
            "nothing is rendered without an error\n{text}"
        );
        let warned = output
            .diagnostics
            .iter()
            .any(|d| d.severity == Severity::Warning);
        assert!(!(strict && warned), "a warning is left under strict");
        failed += usize::from(error);
    }
    assert!(failed > 40, "only {failed} fail");
}
