//! Fuzzes `diff`: two trees of manifests, of which the second is a mutation of the first.

use coupler::api::Settings;
use coupler::compare::compare;
use coupler::render::{Input, Role, Source};

use crate::driver::{POISON, assert_linear, drive};
use crate::mutate::{Random, mutate};
use crate::names::{documents, file_name};

type Tree = Vec<(String, String)>;

fn input(tree: &Tree) -> Input {
    let source = |(name, text): &(String, String)| Source {
        name: name.clone(),
        text: text.clone(),
        role: Role::Stream,
    };
    Input {
        sources: tree.iter().map(source).collect(),
        settings: Settings::default(),
    }
}

fn make(random: &mut Random) -> (Tree, Tree) {
    let base: Tree = documents(random)
        .into_iter()
        .map(|text| (file_name(random), text))
        .collect();
    let texts: Vec<_> = base.iter().map(|(_, text)| text.clone()).collect();
    let mut head = base.clone();
    for (name, text) in head.iter_mut().take(texts.len() - 1) {
        match random.below(4) {
            0 => *text = mutate(random, text, &texts[..texts.len() - 1]),
            1 => *name = file_name(random),
            2 => *text = documents(random)[0].clone(),
            _ => {}
        }
    }
    (base, head)
}

#[test]
fn no_two_trees_break_the_comparison() {
    drive("diff", 50, make, |(base, head)| {
        for (one, other) in [(base, head), (head, base)] {
            let (one, other) = (input(one), input(other));
            let said = match compare(&one, &other) {
                Ok(comparison) => format!("{comparison:?}"),
                Err(failed) => format!("{:?}{:?}", failed.base, failed.head),
            };
            assert!(!said.contains(POISON), "{said}");
        }
        let base = input(base);
        if let Ok(comparison) = compare(&base, &base) {
            assert!(
                comparison.is_empty(),
                "a tree differs from itself: {comparison:?}"
            );
        }
    });
}

#[test]
fn the_work_grows_with_the_trees() {
    assert_linear("diff", |size| {
        let tree = |port: usize| -> Tree {
            let pair = |n: usize| {
                let socket = format!(
                    "apiVersion: integration.rock8s.com/v1\nkind: Socket\nmetadata: {{name: s{n}, namespace: n{n}}}\nspec: {{interface: {{name: redis, versions: [1.0.0]}}, config: {{host: a, port: {port}}}}}\n"
                );
                let plug = format!(
                    "apiVersion: integration.rock8s.com/v1\nkind: Plug\nmetadata: {{name: p{n}, namespace: n{n}}}\nspec: {{interface: {{name: redis}}, workloads: [{{name: w{n}}}]}}\n"
                );
                let pod = format!(
                    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: w{n}, namespace: n{n}}}\nspec: {{template: {{spec: {{containers: [{{name: c}}]}}}}}}\n"
                );
                (format!("{n}.yaml"), [socket, plug, pod].join("---\n"))
            };
            (0..size).map(pair).collect()
        };
        assert!(
            !compare(&input(&tree(1)), &input(&tree(2)))
                .unwrap()
                .is_empty()
        );
    });
}
