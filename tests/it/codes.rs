//! Every code has a page, and a golden case that shows it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use coupler::diagnostic::Code;

use crate::case::Case;

/// Codes that rendering an input cannot give, and why.
const WITHOUT_CASE: &[(Code, &str)] = &[
    (Code::NotRendered, "`check --rendered` alone says it"),
    (
        Code::VerifyFailed,
        "a bug of coupler's own; the day an input triggers it, that input becomes a test",
    ),
];

fn pages() -> Vec<(String, String)> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/diagnostic/explain");
    let mut files: Vec<PathBuf> = std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let name = |path: &PathBuf| path.file_stem().unwrap().to_str().unwrap().to_owned();
    files
        .iter()
        .map(|path| (name(path), std::fs::read_to_string(path).unwrap()))
        .collect()
}

/// The fenced blocks of a language.
fn blocks<'a>(page: &'a str, language: &str) -> Vec<&'a str> {
    let opening = format!("```{language}\n");
    page.split(&opening)
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap())
        .collect()
}

#[test]
fn every_code_has_a_page_and_every_page_a_code() {
    let pages: BTreeSet<String> = pages().into_iter().map(|(name, _)| name).collect();
    let codes: BTreeSet<String> = Code::ALL
        .iter()
        .map(|code| code.as_str().to_owned())
        .collect();
    assert_eq!(pages, codes);
}

#[test]
fn every_page_is_whole() {
    for (name, page) in pages() {
        assert_eq!(page.lines().next(), Some(format!("# {name}").as_str()));
        let headings: Vec<&str> = page
            .lines()
            .filter(|line| line.starts_with("## "))
            .collect();
        assert_eq!(
            headings,
            ["## Example", "## How to fix it", "## Why"],
            "{name}"
        );
        let yaml = blocks(&page, "yaml");
        assert!(
            name == "unreadable-document" || page.contains("```yaml") || page.contains("```sh"),
            "{name} has no lines to paste"
        );
        for block in yaml {
            for document in serde_yaml::Deserializer::from_str(block) {
                let read = <serde_yaml::Value as serde::Deserialize>::deserialize(document);
                assert!(read.is_ok(), "{name}: {}\n{block}", read.unwrap_err());
            }
        }
    }
}

/// Pages whose example is a fragment: a whole one would be long, is what an earlier run left
/// behind, is a cluster's, or needs a setting.
const FRAGMENTS: &[Code] = &[
    Code::BakedEntryEdited,
    Code::BakedEntryMissing,
    Code::BakedEntryShadowed,
    Code::BindingWithoutType,
    Code::BoundSecretUnknown,
    Code::CannotEdit,
    Code::Decoupled,
    Code::DeprecatedVersion,
    Code::EnvFromUnseen,
    Code::ImmutableTemplate,
    Code::IntegrationsMissing,
    Code::InterfaceGone,
    Code::LimitExceeded,
    Code::PlugGone,
    Code::ProvenanceInvalid,
    Code::RecordStripped,
    Code::RenamedAfterRender,
    Code::ServiceBindingKept,
    Code::SocketGone,
    Code::SourcesOmitted,
    Code::UnknownVariable,
    Code::WorkloadBehind,
];

#[test]
fn every_example_shows_its_code() {
    let mut wrong = Vec::new();
    for (name, page) in pages() {
        let code = Code::parse(&name).unwrap();
        let example = page.split("## How to fix it").next().unwrap();
        let text = blocks(example, "yaml")
            .into_iter()
            .chain(blocks(example, "text"))
            .collect::<Vec<_>>()
            .join("---\n");
        let outcome = Case::of(&text).run();
        let shown = outcome.diagnostics.iter().any(|d| d.code == code);
        let excused =
            FRAGMENTS.contains(&code) || WITHOUT_CASE.iter().any(|(without, _)| *without == code);
        if shown == excused {
            wrong.push(format!(
                "== {name}: shown {shown}, excused {excused}\n{}",
                outcome.face
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_code_has_a_golden_case() {
    let shown: String = Case::all()
        .iter()
        .chain(&Case::in_directory("drift"))
        .map(|case| {
            std::fs::read_to_string(case.dir.join("expected-diagnostics.txt")).unwrap_or_default()
        })
        .collect();
    for code in Code::ALL {
        let has_case = shown.contains(&format!("[{}]", code.as_str()));
        let excused = WITHOUT_CASE.iter().find(|(without, _)| without == code);
        match excused {
            None => assert!(has_case, "no golden case shows `{}`", code.as_str()),
            Some((_, reason)) => assert!(
                !has_case,
                "`{}` has a case although {reason}",
                code.as_str()
            ),
        }
    }
}
