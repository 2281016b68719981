//! Fuzzes records: what a render left on a workload is changed, and then rendered again and undone.

use coupler::api::{Integrations, Orphans, Settings};
use coupler::diagnostic::Code;
use coupler::render::{Input, Role, Source, render};

use crate::driver::{assert_clean, drive};
use crate::mutate::{Random, mutate};
use crate::names::{documents, name};

/// What renders, and nothing where an error was found; either way the diagnostics are clean.
pub(crate) fn rendered(text: &str, orphans: Orphans) -> Option<String> {
    let source = Source {
        name: "fuzz.yaml".to_owned(),
        text: text.to_owned(),
        role: Role::Stream,
    };
    let settings = Settings {
        integrations: Integrations::Keep,
        orphans,
        ..Settings::default()
    };
    let input = Input {
        sources: vec![source],
        settings,
    };
    let output = render(&input);
    assert_clean(&output.text(&input));
    assert_clean(&output.json(&input));
    let bug = output
        .diagnostics
        .iter()
        .find(|diagnostic| diagnostic.code == Code::VerifyFailed);
    assert!(bug.is_none(), "{bug:?}");
    let failed = output.has_errors();
    (!failed).then(|| {
        output
            .rendered
            .iter()
            .flat_map(|source| source.pieces.iter())
            .map(|piece| &**piece)
            .collect()
    })
}

/// A rendered stream with changed annotations; one time in three without its Plug.
fn make(random: &mut Random) -> String {
    let stream = documents(random).join("---\n");
    let Some(text) = rendered(&stream, Orphans::Refuse) else {
        return stream;
    };
    let is_record =
        |line: &&str| line.contains("integration.rock8s.com/") && !line.starts_with("apiVersion");
    let records: Vec<String> = text
        .lines()
        .filter(is_record)
        .map(|line| format!("{line}\n"))
        .collect();
    let mut out = String::new();
    for line in text.split_inclusive('\n') {
        out += &if is_record(&line) && random.below(2) == 0 {
            changed(random, line, &records)
        } else {
            line.to_owned()
        };
    }
    if random.below(3) == 0 {
        out.split_once("---\n")
            .map(|(_, rest)| rest.to_owned())
            .unwrap_or(out)
    } else {
        out
    }
}

fn changed(random: &mut Random, line: &str, records: &[String]) -> String {
    match random.below(4) {
        0 => String::new(),
        1 => mutate(random, line, records),
        2 => {
            let words: Vec<&str> = line.split('"').collect();
            let word = words[random.below(words.len())];
            let other = serde_json::to_string(&name(random)).unwrap();
            if word.is_empty() {
                line.repeat(2)
            } else {
                line.replacen(word, other.trim_matches('"'), 1)
            }
        }
        _ => {
            let digits: Vec<_> = line
                .char_indices()
                .filter(|(_, c)| c.is_ascii_hexdigit())
                .collect();
            let Some(&(at, _)) = digits.get(random.below(digits.len().max(1))) else {
                return String::new();
            };
            format!(
                "{}{}{}",
                &line[..at],
                random.pick(&["", "0", "f", "99999999999"]),
                &line[at + 1..]
            )
        }
    }
}

#[test]
fn a_forged_record_is_refused_or_obeyed() {
    drive("records", 120, make, |text| {
        for orphans in [Orphans::Refuse, Orphans::Undo] {
            if let Some(once) = rendered(text, orphans) {
                assert_eq!(
                    rendered(&once, orphans).as_deref(),
                    Some(&*once),
                    "rendered again"
                );
            }
        }
    });
}
