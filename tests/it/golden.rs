//! Every golden case renders to what is beside it, and what it renders to keeps the laws.
//!
//! `COUPLER_BLESS=1 cargo test --test it golden` rewrites the expectations; read the difference
//! before it is committed.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use coupler::api::{Integrations, Orphans};
use coupler::project::WorkloadKind;

use crate::case::{Case, documents};
use crate::kubelet;
use crate::skip::skip;

/// Every fault of every case at once.
fn judge(check: impl Fn(&Case) -> Result<(), String>) {
    let faults: Vec<String> = Case::all()
        .iter()
        .filter_map(|case| {
            check(case)
                .err()
                .map(|fault| format!("== {}\n{fault}", case.name()))
        })
        .collect();
    assert!(
        faults.is_empty(),
        "{} cases fail\n{}",
        faults.len(),
        faults.join("\n")
    );
}

fn difference(what: &str, expected: &str, actual: &str) -> Result<(), String> {
    if expected == actual {
        return Ok(());
    }
    let diff = similar::TextDiff::from_lines(expected, actual);
    Err(format!(
        "{what}\n{}",
        diff.unified_diff().header("expected", "actual")
    ))
}

/// Compares a file with what should be in it, or rewrites it; empty means: no such file.
pub(crate) fn expect(path: &Path, actual: &str) -> Result<(), String> {
    if std::env::var_os("COUPLER_BLESS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        if actual.is_empty() {
            let _ = std::fs::remove_file(path);
        } else {
            std::fs::write(path, actual).unwrap();
        }
        return Ok(());
    }
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    difference(
        &path.file_name().unwrap().to_string_lossy(),
        &expected,
        actual,
    )
}

#[test]
fn renders_as_expected() {
    judge(|case| {
        let outcome = case.run();
        expect(&case.dir.join("expected-diagnostics.txt"), &outcome.face)?;
        for (i, path) in case.expected().iter().enumerate() {
            let text = if outcome.failed {
                ""
            } else {
                &outcome.texts[i]
            };
            expect(path, text)?;
        }
        Ok(())
    });
}

#[test]
fn containers_see_what_was_promised() {
    let promised = |case: &Case| std::fs::read_to_string(case.dir.join("expected-env.yaml"));
    assert!(
        Case::all().iter().any(|case| promised(case).is_ok()),
        "no case has an expected-env.yaml"
    );
    judge(|case| {
        let Ok(text) = promised(case) else {
            return Ok(());
        };
        let expected: kubelet::Seen = serde_yaml::from_str(&text).unwrap();
        let outcome = case.run();
        if outcome.failed {
            return Err(outcome.face);
        }
        let documents: Vec<_> = outcome
            .texts
            .iter()
            .flat_map(|text| kubelet::documents(text))
            .collect();
        let mut actual = kubelet::sees(&documents);
        actual.retain(|workload, _| expected.contains_key(workload));
        let yaml = |seen: &kubelet::Seen| serde_yaml::to_string(seen).unwrap();
        difference("what the processes see", &yaml(&expected), &yaml(&actual))
    });
}

#[test]
fn containers_see_the_files_that_were_promised() {
    let promised = |case: &Case| std::fs::read_to_string(case.dir.join("expected-files.yaml"));
    assert!(
        Case::all().iter().any(|case| promised(case).is_ok()),
        "no case has an expected-files.yaml"
    );
    judge(|case| {
        let outcome = case.run();
        if outcome.failed {
            return match promised(case) {
                Ok(_) => Err(outcome.face),
                Err(_) => Ok(()),
            };
        }
        let documents: Vec<_> = outcome
            .texts
            .iter()
            .flat_map(|text| kubelet::documents(text))
            .collect();
        let actual = kubelet::files(&documents);
        let Ok(text) = promised(case) else {
            return Ok(());
        };
        let expected: kubelet::SeenFiles = serde_yaml::from_str(&text).unwrap();
        let yaml = |seen: &kubelet::SeenFiles| serde_yaml::to_string(seen).unwrap();
        difference("the files", &yaml(&expected), &yaml(&actual))
    });
}

#[test]
fn no_message_shows_the_value_of_a_secret() {
    const VALUE: &str = "must-never-be-shown";
    assert!(
        Case::all()
            .iter()
            .any(|case| case.stream().iter().any(|text| text.contains(VALUE)))
    );
    judge(|case| {
        let face = case.run().face;
        if face.contains(VALUE) {
            Err(face)
        } else {
            Ok(())
        }
    });
}

#[test]
fn rendering_again_changes_nothing() {
    judge(|case| {
        for integrations in [
            Integrations::Drop,
            Integrations::Keep,
            Integrations::LocalConfig,
        ] {
            let mut case = case.clone();
            case.input.settings.integrations = integrations;
            let once = case.run();
            if once.failed || once.texts.iter().all(|text| documents(text).is_empty()) {
                continue;
            }
            let twice = case.with(&once.texts).run();
            if twice.failed {
                return Err(format!(
                    "{integrations:?}: the second render fails\n{}",
                    twice.face
                ));
            }
            for (once, twice) in once.texts.iter().zip(&twice.texts) {
                difference(&format!("{integrations:?}: the second render"), once, twice)?;
            }
        }
        Ok(())
    });
}

/// A text without its Plugs, its ServiceBindings and the Sockets that write something; `None` where
/// one is in a `List`.
fn without_plugs(text: &str) -> Option<String> {
    let is_plug = |object: &serde_yaml::Value| {
        let group = object["apiVersion"].as_str().unwrap_or_default();
        let writes = object["kind"] == "Plug" || !object["spec"]["bind"].is_null();
        let is_binding = object["kind"] == "ServiceBinding";
        writes && group.starts_with("integration.rock8s.com/")
            || is_binding && group.starts_with("servicebinding.io/")
    };
    let mut rest = documents(text);
    rest.retain(|document| !kubelet::documents(document).iter().all(is_plug));
    let rest = rest.join("---\n");
    (!kubelet::documents(&rest).iter().any(is_plug)).then_some(rest)
}

#[test]
fn without_its_plugs_the_output_is_the_input() {
    judge(|case| {
        let mut case = case.clone();
        case.input.settings.integrations = Integrations::Keep;
        let kept = case.run();
        if kept.failed {
            return Ok(());
        }
        case.input.settings.orphans = Orphans::Undo;
        let without = |texts: &[String]| {
            texts
                .iter()
                .map(|text| without_plugs(text))
                .collect::<Option<Vec<_>>>()
        };
        let Some(bare) = without(&case.stream()) else {
            return Ok(());
        };
        let fresh = !bare
            .iter()
            .any(|text| text.contains("integration.rock8s.com/coupled"));
        let before = case.with(&bare).run();
        if before.failed && !fresh {
            return Ok(()); // an entry that somebody edited stays until a person has decided
        }
        let after = case.with(&without(&kept.texts).unwrap()).run();
        if after.failed {
            return Err(format!("decoupling fails\n{}", after.face));
        }
        for (i, bare) in bare.iter().enumerate() {
            if fresh {
                difference("decoupled", bare, &after.texts[i])?;
            }
            difference(
                "decoupled before and after",
                &before.texts[i],
                &after.texts[i],
            )?;
        }
        Ok(())
    });
}

#[test]
fn the_order_of_documents_decides_nothing() {
    let reversed = |text: &String| -> String {
        let mut documents = documents(text);
        documents.reverse();
        documents.iter().map(|d| format!("---\n{d}")).collect()
    };
    judge(|case| {
        if case.stream().iter().any(|text| !text.ends_with('\n')) {
            return Ok(()); // the last document would not be the same in another place
        }
        let reversed: Vec<String> = case.stream().iter().map(reversed).collect();
        let (forth, back) = (case.run(), case.with(&reversed).run());
        let codes = |outcome: &crate::case::Outcome| {
            let mut codes: Vec<_> = outcome
                .diagnostics
                .iter()
                .map(|d| (d.severity, d.code))
                .collect();
            codes.sort_unstable();
            codes
        };
        if codes(&forth) != codes(&back) {
            return Err(format!(
                "other diagnostics\n{}\n-- in reverse\n{}",
                forth.face, back.face
            ));
        }
        if forth.failed {
            return Ok(());
        }
        for (forth, back) in forth.texts.iter().zip(&back.texts) {
            let sorted = |text: &str| {
                let mut documents: Vec<_> = kubelet::documents(text)
                    .iter()
                    .map(|d| serde_yaml::to_string(d).unwrap())
                    .collect();
                documents.sort_unstable();
                documents.join("---\n")
            };
            difference("in reverse", &sorted(forth), &sorted(back))?;
        }
        Ok(())
    });
}

/// `kubectl create --dry-run` asks a server which kinds there are; `set env --local` decodes the
/// workloads with the same types and needs none.
#[test]
fn kubectl_reads_every_workload() {
    let mut stream = String::new();
    for case in Case::all() {
        let outcome = case.run();
        for document in outcome
            .texts
            .iter()
            .filter(|_| !outcome.failed)
            .flat_map(|text| documents(text))
        {
            let workloads = kubelet::documents(&document);
            if !workloads.is_empty()
                && workloads.iter().all(|w| {
                    WorkloadKind::watched().any(|known| {
                        w["apiVersion"] == known.api_version() && w["kind"] == known.kind
                    })
                })
            {
                stream.push_str(&format!(
                    "---\n# {}\n{}\n",
                    case.name(),
                    document.trim_end_matches('\n')
                ));
            }
        }
    }
    assert!(!stream.is_empty());
    let kubectl = Command::new("kubectl")
        .args(["set", "env", "--local", "-f", "-", "--list"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut kubectl = match kubectl {
        Err(error) => return skip("kubectl", &format!("kubectl cannot be started: {error}")),
        Ok(kubectl) => kubectl,
    };
    let mut stdin = kubectl.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(stream.as_bytes()));
    let output = kubectl.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
