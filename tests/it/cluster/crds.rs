//! A real API server takes our CRDs, and judges every manifest of ours as the decoder does.

use coupler::api::{Defaults, decode};
use coupler::diagnostic::has_errors;
use coupler::manifest::stream::objects;
use coupler::manifest::{Place, Tree};

use super::Cluster;
use crate::case::{Case, documents};

#[path = "../../../src/api/schema/cases.rs"]
mod cases;

use cases::Verdict::{Bad, Good, Rule};

/// What the decoder refuses and a server takes: it drops a field that is null, and makes a name.
const LENIENT: [&str; 3] = [
    "service: {name: s, port: null}}",
    ", config: }",
    "metadata: {generateName: a-}",
];

#[test]
fn a_server_judges_as_schema_and_decoder_do() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let cases: Vec<_> = cases::cases()
        .into_iter()
        .filter(|(kind, ..)| *kind != "Coupler")
        .collect();
    let files: Vec<_> = cases
        .iter()
        .enumerate()
        .map(|(i, (_, text, _))| (format!("{i:03}"), text.clone()))
        .collect();
    cluster.has_namespaces_of(&files);
    let refusals = cluster.refusals(&files);
    let mut wrong = Vec::new();
    for ((name, text), (_, _, verdict)) in files.iter().zip(cases) {
        let said = refusals.get(name).map(String::as_str);
        let right = match verdict {
            Good => said.is_none(),
            Bad => said.is_some() != LENIENT.iter().any(|lenient| text.contains(lenient)),
            Rule(rule) => said.is_some_and(|said| {
                said.contains(if rule.starts_with("unique ") {
                    "Duplicate value"
                } else {
                    rule
                })
            }),
        };
        if !right {
            wrong.push(format!("{verdict:?}, but the server says {said:?}\n{text}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_server_judges_every_golden_input_as_the_decoder_does() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let mut files = Vec::new();
    let mut verdicts = Vec::new();
    // no pattern of a schema is as strict as the reader of a path
    let paths = "a-field-whose-path-cannot-be-read-is-refused";
    for case in Case::all().into_iter().filter(|case| case.name() != paths) {
        for (i, text) in case
            .stream()
            .iter()
            .flat_map(|text| documents(text))
            .enumerate()
        {
            let Ok(tree) = Tree::read(&text) else {
                continue;
            };
            let Some(root) = tree.root() else { continue };
            let field = |name| tree.read_text(root, &[name]).shown();
            if field("apiVersion") != Some("integration.rock8s.com/v1")
                || field("kind") == Some("Coupler")
            {
                continue;
            }
            let mut out = coupler::diagnostic::Findings::new();
            // the items of a `PlugList` one by one
            for object in objects(&tree) {
                decode(
                    &tree,
                    object,
                    Place::default(),
                    &Defaults::default(),
                    &mut out,
                );
            }
            verdicts.push(!has_errors(&out));
            files.push((format!("{}--{i}", case.name()), text.clone()));
        }
    }
    cluster.has_namespaces_of(&files);
    let refusals = cluster.refusals(&files);
    let wrong: Vec<_> = files
        .iter()
        .zip(verdicts)
        .filter(|((name, _), good)| refusals.contains_key(name) == *good)
        .map(|((name, text), good)| {
            format!(
                "{name}: good is {good}, server: {:?}\n{text}",
                refusals.get(name)
            )
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
