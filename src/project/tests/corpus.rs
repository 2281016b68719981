//! Tests real manifests, found by `COUPLER_CORPUS`: every workload is coupled, coupled again,
//! decoupled, byte for byte.
#![expect(clippy::disallowed_methods, reason = "the corpus is a folder")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::*;
use crate::diagnostic::{Help, Paste, Subject};
use crate::manifest::Kind;

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, out);
        } else if path
            .extension()
            .is_some_and(|e| e == "yaml" || e == "yml" || e == "json")
        {
            out.push(path);
        }
    }
}

/// The documents of a text, each with its `---` line.
fn documents(text: &str) -> Vec<&str> {
    let mut starts = vec![0];
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if line.starts_with("---") && at > 0 {
            starts.push(at);
        }
        at += line.len();
    }
    starts.push(text.len());
    starts.windows(2).map(|w| &text[w[0]..w[1]]).collect()
}

fn workloads(tree: &Tree<'_>) -> Vec<NodeId> {
    let Some(root) = tree.root() else {
        return Vec::new();
    };
    let items = tree
        .written_member(root, "items")
        .filter(|&items| tree.kind(items) == Kind::Sequence);
    let all = items.map_or_else(|| vec![root], |items| tree.children(items).collect());
    all.into_iter()
        .filter(|&id| containers(tree, id, &BUILT_IN).is_ok_and(|all| !all.is_empty()))
        .collect()
}

/// What came of one text: a word for the count.
fn trial(text: &str) -> String {
    let Ok(tree) = Tree::read(text) else {
        return "not YAML".to_owned();
    };
    let env = usual();
    let all = |tree: &Tree<'_>, on: bool| {
        let nodes = workloads(tree);
        let wanted = nodes.into_iter().filter_map(|node| {
            let star = crate::api::Spanned {
                value: "*".to_owned(),
                at: Place::default(),
            };
            let containers = ContainerNames::read(DocumentRef::alone(tree), node).ok()?;
            let chosen = choose(&containers, &[star], BinderKind::Plug, |_| {
                Paste::merge(Subject::default(), Help::default())
            })
            .ok()?;
            let names: Vec<String> = chosen
                .names(&containers)
                .iter()
                .map(|name| (*name).to_owned())
                .collect();
            let names: Vec<_> = names.iter().map(String::as_str).collect();
            let couplings = if on {
                vec![coupling("mongo", &names, &env)]
            } else {
                Vec::new()
            };
            Some(desired(tree, node, couplings))
        });
        wanted.collect::<Vec<_>>()
    };
    let wanted = all(&tree, true);
    if wanted.is_empty() {
        return "no container".to_owned();
    }
    let first = project(DocumentRef::alone(&tree), &wanted, false);
    let Some(baked) = first.text else {
        return error_word(&first.diagnostics);
    };
    let tree = Tree::read(&baked).unwrap();
    let again = project(DocumentRef::alone(&tree), &all(&tree, true), false);
    assert_eq!(
        (again.text, has_errors(&again.diagnostics)),
        (None, false),
        "{baked}\n{:#?}",
        again.diagnostics
    );
    let undone = project(DocumentRef::alone(&tree), &all(&tree, false), false);
    assert_eq!(
        undone.text.as_deref(),
        Some(text),
        "{:#?}",
        undone.diagnostics
    );
    if let Some(kept) = reemitted(text, &baked) {
        assert!(kept, "undone by value");
    }
    for line in text.lines() {
        assert!(baked.contains(line) || line.contains("null"), "{line}");
    }
    "baked".to_owned()
}

/// Whether undoing what another tool makes of `baked` is what that tool makes of `text`; an empty
/// collection may come back as nothing.
fn reemitted(text: &str, baked: &str) -> Option<bool> {
    let value = |text: &str| serde_yaml::from_str::<serde_yaml::Value>(text).ok();
    let emitted = serde_yaml::to_string(&value(baked)?).ok()?;
    let tree = Tree::read(&emitted).ok()?;
    let nodes = workloads(&tree).into_iter();
    let wanted: Vec<_> = nodes.map(|node| desired(&tree, node, Vec::new())).collect();
    let undone = project(DocumentRef::alone(&tree), &wanted, false).text?;
    let plain = |text: &str| {
        serde_yaml::to_string(&value(text)?)
            .ok()
            .map(|t| t.replace(": null", ": {}").replace(": []", ": {}"))
    };
    Some(plain(&undone)? == plain(text)?)
}

fn error_word(diagnostics: &[crate::diagnostic::Diagnostic]) -> String {
    let errors = diagnostics.iter().filter(|d| d.severity == Severity::Error);
    let words: Vec<_> = errors
        .map(|d| format!("{}: {}", d.code.as_str(), d.message))
        .collect();
    assert!(
        !words.is_empty() && !words.iter().any(|w| w.starts_with("verify-failed")),
        "{words:?}"
    );
    words[0].split(": ").last().unwrap_or_default().to_owned()
}

#[test]
fn every_workload_of_the_corpus() {
    let Some(folder) = std::env::var_os("COUPLER_CORPUS") else {
        eprintln!("skipped: COUPLER_CORPUS is not set");
        return;
    };
    let mut paths = Vec::new();
    files(Path::new(&folder), &mut paths);
    paths.sort();
    let mut counts: BTreeMap<(&str, String), usize> = BTreeMap::new();
    let mut failures = Vec::new();
    for path in &paths {
        let Ok(text) = std::fs::read_to_string(path) else {
            continue;
        };
        let text = text.replace("\r\n", "\n");
        for (index, document) in documents(&text).into_iter().enumerate() {
            let bare = document.trim_end_matches('\n');
            for (variant, text) in [
                ("LF", document.to_owned()),
                ("LF, no newline", bare.to_owned()),
                ("CRLF", document.replace('\n', "\r\n")),
                ("CRLF, no newline", bare.replace('\n', "\r\n")),
            ] {
                match std::panic::catch_unwind(|| trial(&text)) {
                    Ok(word) => *counts.entry((variant, word)).or_default() += 1,
                    Err(_) => failures.push(format!("{} #{index} {variant}", path.display())),
                }
            }
        }
    }
    for ((variant, word), count) in &counts {
        eprintln!("{variant:18} {count:5} {word}");
    }
    assert!(
        failures.is_empty(),
        "{} failed:\n{}",
        failures.len(),
        failures.join("\n")
    );
    assert!(
        counts
            .iter()
            .any(|((_, word), &count)| word == "baked" && count > 0)
    );
}
