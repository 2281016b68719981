//! Law 9, one reading: whatever the fast parser accepts, the full parser reads as the same tree
//! with the same spans, and the scan finds of a document what a parser finds in it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests"
)]
#![allow(clippy::disallowed_methods, reason = "tests")]

mod mutate;

use coupler::manifest::peek::peek;
use coupler::manifest::{Document, Head, Kind, NodeId, Style, Tree, scan};
use mutate::{Budget, Random};

/// Every document of the seeds and of the corpus.
fn documents() -> Vec<String> {
    let texts: Vec<_> = mutate::seeds()
        .into_iter()
        .chain(mutate::corpus())
        .collect();
    texts
        .iter()
        .flat_map(|text| scan(0, text))
        .map(|document| document.text.to_owned())
        .collect()
}

/// Whether the fast parser reads it; then the full parser must read the same.
fn same(text: &str) -> bool {
    let Some(fast) = Tree::read_fast(text) else {
        return false;
    };
    match Tree::read_full(text) {
        Ok(careful) if careful == fast => true,
        Ok(_) => panic!("the parsers read this as different trees: {text:?}"),
        Err(error) => panic!("only the fast parser reads {text:?}: {error:?}"),
    }
}

/// Whether libyaml reads the same values.
fn same_value(tree: &Tree<'_>, id: NodeId, value: &serde_yaml::Value) -> bool {
    use serde_yaml::Value;
    match (tree.kind(id), value) {
        (Kind::Scalar, Value::String(text)) => tree.str(id) == Some(text),
        (Kind::Scalar, Value::Null | Value::Bool(_) | Value::Number(_)) => {
            tree.node(id).style == Style::Plain
        }
        (Kind::Sequence, Value::Sequence(items)) => {
            let ids: Vec<_> = tree.children(id).collect();
            ids.len() == items.len()
                && ids
                    .iter()
                    .zip(items)
                    .all(|(&id, item)| same_value(tree, id, item))
        }
        (Kind::Mapping, Value::Mapping(members)) => {
            let ids: Vec<_> = tree.children(id).collect();
            ids.len() == members.len()
                && ids.iter().zip(members).all(|(&id, (key, value))| {
                    key.as_str().is_none_or(|key| tree.key(id) == Some(key))
                        && same_value(tree, id, value)
                })
        }
        _ => false,
    }
}

fn check_head(document: &Document<'_>) {
    let Ok(tree) = Tree::read_full(document.text) else {
        return;
    };
    let found = |key| {
        tree.root()
            .and_then(|root| tree.read_member(root, key).shown())
            .and_then(|id| tree.str(id))
    };
    match document.head {
        Head::Read { api_version, kind } => {
            assert_eq!(
                (found("apiVersion"), found("kind")),
                (Some(api_version), Some(kind)),
                "{:?}",
                document.text
            );
        }
        Head::Empty => assert!(
            tree.root().is_none_or(|root| tree.span(root).is_empty()),
            "{:?}",
            document.text
        ),
        Head::Unread => {}
    }
    if let Some(called) = peek(document) {
        let member = |key| {
            tree.read_at(NodeId::ROOT, &["metadata", key])
                .shown()
                .and_then(|id| tree.str(id))
        };
        assert_eq!(
            (Some(called.name), called.namespace),
            (member("name"), member("namespace")),
            "{:?}",
            document.text
        );
    }
}

#[test]
fn what_stands_there_is_read_alike() {
    let documents = documents();
    let accepted: Vec<_> = documents.iter().filter(|text| same(text)).collect();
    for text in &accepted {
        let tree = Tree::read(text).unwrap();
        let value: serde_yaml::Value =
            serde_yaml::from_str(text).unwrap_or_else(|e| panic!("libyaml: {e}: {text}"));
        if let Some(root) = tree.root() {
            assert!(
                same_value(&tree, root, &value),
                "libyaml reads otherwise: {text}"
            );
        }
    }
    let readable = documents
        .iter()
        .filter(|text| Tree::read_full(text).is_ok())
        .count();
    eprintln!(
        "{} documents, {readable} readable, {} by the fast parser",
        documents.len(),
        accepted.len()
    );
    assert!(
        accepted.len() * 2 > readable,
        "the fast parser hardly reads anything"
    );
}

#[test]
fn every_beginning_is_read_alike() {
    for text in mutate::seeds().iter().filter(|text| text.len() < 1_500) {
        for (end, _) in text.char_indices() {
            same(&text[..end]);
        }
    }
}

#[test]
fn mutants_are_read_alike() {
    let documents = documents();
    let (mut random, mut budget, mut accepted) = (Random::new(1), Budget::new(20_000), 0_u64);
    while budget.more() {
        let text = &documents[random.below(documents.len())];
        accepted += u64::from(same(&mutate::mutate(&mut random, text, &documents)));
    }
    eprintln!(
        "{} cases, {accepted} accepted by the fast parser, 0 disagreements",
        budget.done()
    );
}

#[test]
fn heads_are_what_a_parser_finds() {
    let documents = documents();
    let (mut random, mut budget, mut read) = (Random::new(2), Budget::new(4_000), 0_u64);
    for text in &documents {
        scan(0, text).iter().for_each(check_head);
    }
    while budget.more() {
        let text = &documents[random.below(documents.len())];
        let mut end = text.len().min(600);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let text = mutate::mutate(&mut random, &text[..end], &documents);
        let found = scan(0, &text);
        assert_eq!(found.iter().map(|d| d.text).collect::<String>(), text);
        for document in &found {
            read += u64::from(matches!(document.head, Head::Read { .. }));
            check_head(document);
        }
    }
    eprintln!(
        "{} cases, {read} heads read, 0 disagreements",
        budget.done()
    );
}
