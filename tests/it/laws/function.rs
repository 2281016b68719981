//! The function over every manifest of `COUPLER_CORPUS`, as the items of a list: where nothing is
//! ours, the bytes come back.

use coupler::krm;
use coupler::manifest::Tree;

use super::mutate;
use super::run::{documents, same};

const HEAD: &str = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n";

/// A document as an item: its lines behind a dash. `None`: it is empty, no YAML, or has what only a
/// document may have.
fn item(document: &str) -> Option<String> {
    let is_blank = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
    let alone =
        |line: &str| line.starts_with('%') || line.starts_with("...") || line.starts_with("--- ");
    let lines: Vec<_> = document
        .lines()
        .filter(|line| line.trim_end() != "---")
        .collect();
    if lines.iter().all(|line| is_blank(line))
        || lines.iter().any(|line| alone(line))
        || Tree::read(document).is_err()
    {
        return None;
    }
    Some(format!("- {}\n", lines.join("\n  ")))
}

#[test]
fn what_is_not_ours_comes_back_as_it_came() {
    let corpus = mutate::corpus();
    let items: Vec<String> = corpus
        .iter()
        .flat_map(|text| documents(text))
        .filter_map(item)
        .collect();
    for item in &items {
        let list = format!("{HEAD}{item}");
        let answer = krm::run(list.clone());
        assert_eq!((answer.status, answer.stderr.as_str()), (0, ""), "{list}");
        same("an item", &list, &answer.stdout);
    }
    let whole = format!("{HEAD}{}", items.concat());
    assert!(krm::run(whole.clone()).stdout == whole, "all in one list");
    eprintln!("the function: {} items come back", items.len());
}

/// Whoever calls a function has no command line: what a flag would do is named in the words of the
/// functionConfig.
#[test]
fn no_result_speaks_of_flags() {
    let cases = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/render");
    let (mut lines, mut told) = (0, 0);
    for case in std::fs::read_dir(cases).unwrap() {
        let Ok(input) = std::fs::read_to_string(case.unwrap().path().join("input.yaml")) else {
            continue;
        };
        let items: String = documents(&input).into_iter().filter_map(item).collect();
        let said = krm::run(format!("{HEAD}{items}")).stderr;
        lines += said.lines().count();
        told += said.matches("functionConfig").count() + said.matches("items annotated").count();
        for word in [" --", "`--", "`-n "] {
            assert!(!said.contains(word), "{said}");
        }
    }
    assert!(lines > 50 && told > 5, "{lines} lines, {told} of settings");
}
