//! Whole render: mutated streams never panic; what renders is read again by both parsers, renders
//! to itself, and comes back.
//!
//! A second of cases by default; `COUPLER_FUZZ_SECONDS` asks for more.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests"
)]
#![allow(clippy::disallowed_methods, reason = "tests")]

mod mutate;

use std::path::Path;

use coupler::api::{Integrations, Orphans, Settings};
use coupler::diagnostic;
use coupler::manifest::{Tree, scan};
use coupler::project::{COUPLED, RESOURCE};
use coupler::render::{Input, Role, Source, render};
use mutate::{Budget, Random};

/// The examples, the golden cases, and what the other targets feed on.
fn seeds() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut texts = Vec::new();
    for dir in ["examples", "testdata/render"] {
        collect(&root.join(dir), &mut texts);
    }
    assert!(texts.len() > 50, "the seeds are gone");
    texts
}

fn collect(at: &Path, texts: &mut Vec<String>) {
    let mut entries: Vec<_> = std::fs::read_dir(at)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        let name = path.file_name().unwrap().to_string_lossy();
        if path.is_dir() {
            collect(&path, texts);
        } else if name.ends_with(".yaml") && !name.starts_with("expected") {
            texts.push(std::fs::read_to_string(&path).unwrap());
        }
    }
}

fn run(text: &str, integrations: Integrations, orphans: Orphans) -> Option<String> {
    let source = Source {
        name: "fuzz.yaml".to_owned(),
        text: text.to_owned(),
        role: Role::Stream,
    };
    let input = Input {
        sources: vec![source],
        settings: Settings {
            integrations,
            orphans,
            ..Settings::default()
        },
    };
    let output = render(&input);
    // the output formats must not panic either
    let _ = output.text(&input);
    let _ = output.json(&input);
    let bug = output
        .diagnostics
        .iter()
        .find(|d| d.code == diagnostic::Code::VerifyFailed);
    assert!(bug.is_none(), "{bug:?}\n{text}");
    let failed = output.has_errors();
    assert!(
        !failed || output.rendered.is_empty(),
        "something is rendered beside an error\n{text}"
    );
    (!failed).then(|| {
        output
            .rendered
            .iter()
            .flat_map(|source| source.pieces.iter())
            .map(|piece| &**piece)
            .collect()
    })
}

/// The documents that are not of our group; `None` where one of ours is in a `List`.
fn without_ours(text: &str) -> Option<String> {
    let (ours, rest): (Vec<_>, Vec<_>) = scan(0, text)
        .into_iter()
        .partition(|d| d.text.contains("integration.rock8s.com/v1"));
    let lists = ours.iter().any(|document| document.text.contains("items"));
    (!lists).then(|| rest.iter().map(|document| document.text).collect())
}

/// Whether it renders.
fn case(text: &str) -> bool {
    let Some(kept) = run(text, Integrations::Keep, Orphans::Refuse) else {
        return false;
    };
    for document in scan(0, &kept) {
        assert!(
            Tree::read(document.text) == Tree::read_full(document.text),
            "the parsers differ\n{}",
            document.text
        );
    }
    let again = run(&kept, Integrations::Keep, Orphans::Refuse);
    assert_eq!(again.as_deref(), Some(&*kept), "rendered again\n{text}");
    if let Some(dropped) = run(text, Integrations::Drop, Orphans::Refuse) {
        let again = run(&dropped, Integrations::Drop, Orphans::Refuse);
        assert_eq!(
            again.as_deref(),
            Some(&*dropped),
            "dropped, and rendered again\n{text}"
        );
    }
    // a record that was there before was made for another text
    let records = [COUPLED, RESOURCE];
    let fresh = !records.iter().any(|record| text.contains(record));
    if let (true, Some(bare), Some(orphaned)) = (fresh, without_ours(text), without_ours(&kept)) {
        let undone = run(&orphaned, Integrations::Keep, Orphans::Undo);
        assert_eq!(
            undone.as_deref(),
            Some(&*bare),
            "undone\n{text}\n--- rendered\n{kept}"
        );
    }
    true
}

#[test]
fn whatever_renders_keeps_the_laws() {
    let seeds = seeds();
    let good: Vec<_> = seeds.iter().filter(|seed| case(seed)).collect();
    let (mut budget, mut random) = (Budget::new(200), Random::new(9));
    let (mut rendered, mut coupled) = (0, 0);
    while budget.more() {
        let any = random.below(3) == 0;
        let seed = if any {
            &seeds[random.below(seeds.len())]
        } else {
            good[random.below(good.len())]
        };
        let text = if random.below(8) == 0 {
            seed.clone()
        } else {
            mutate::mutate(&mut random, seed, &seeds)
        };
        if case(&text) {
            rendered += 1;
            coupled += u64::from(text.contains("kind: Plug"));
        }
    }
    eprintln!(
        "{} streams, {rendered} render, {coupled} of them with a Plug",
        budget.done()
    );
    assert!(coupled * 10 > budget.done(), "the mutator breaks too much");
}
