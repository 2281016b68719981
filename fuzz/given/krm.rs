//! Fuzzes the function: mutated ResourceLists with hostile names and a Secret among the items.

use coupler::krm;

use crate::driver::{assert_clean, assert_linear, drive};
use crate::mutate::{Random, mutate};
use crate::names::documents;

const HEAD: &str = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n";

fn list(documents: &[String]) -> String {
    let mut text = format!("{HEAD}items:\n");
    for document in documents {
        for (n, line) in document.lines().enumerate() {
            text += if n == 0 { "- " } else { "  " };
            text += line;
            text.push('\n');
        }
    }
    text
}

/// A list of which all but the Secret may be broken; one in four is as it was written.
fn make(random: &mut Random) -> String {
    let mut documents = documents(random);
    let others = documents.clone();
    if random.below(4) > 0 {
        let at = random.below(documents.len() - 1);
        documents[at] = mutate(random, &documents[at], &others[..others.len() - 1]);
    }
    let config = match random.below(4) {
        0 => {
            "functionConfig: {apiVersion: integration.rock8s.com/v1, kind: Coupler, spec: {integrations: keep}}\n"
        }
        1 => "functionConfig: {apiVersion: v1, kind: ConfigMap, data: {strict: \"true\"}}\n",
        _ => "",
    };
    list(&documents) + config
}

#[test]
fn no_list_breaks_the_function() {
    drive("krm", 300, make, |text| {
        let answer = krm::run(text.clone());
        assert!(answer.status <= 1);
        // hosts read an empty answer as an order to delete everything
        assert!(answer.status == 1 || !answer.stdout.trim().is_empty());
        assert_clean(&answer.stderr);
        if answer.status == 1 {
            let items = answer.stdout.split("\nresults:").next().unwrap();
            assert!(
                text.starts_with(items.trim_end()),
                "an item was changed beside an error"
            );
            assert_clean(&answer.stdout[items.len()..]);
        }
    });
}

#[test]
fn the_work_grows_with_the_list() {
    let mut random = Random::new(3);
    let names: Vec<_> = (0..400)
        .map(|n| format!("{}{n}", crate::names::name(&mut random)))
        .collect();
    assert_linear("krm", |size| {
        let items = names[..size].iter().map(|name| {
            let name = serde_json::to_string(name).unwrap();
            format!("apiVersion: v1\nkind: Service\nmetadata: {{name: {name}, namespace: shop}}\n")
        });
        krm::run(list(&items.collect::<Vec<_>>()));
    });
}
