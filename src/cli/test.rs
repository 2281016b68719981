//! Runs `coupler test`: renders the cases that a user keeps next to his manifests, and compares the
//! results.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::args::{Color, Format, Test};
use super::dir_handle::{CommitTarget, DirHandle};
use super::exit::Exit;
use super::fault::{self, Error, TypedContext, input_error};
use super::junit::{self, CaseVerdict};
use super::print;
use super::report::{Infos, Reporting};
use super::test_case::{self, Case, DIAGNOSTICS, Texts};
use super::text_diff::{Content, text_diff};
use crate::diagnostic::{Printable, printable};

/// As wide as the other words.
const FAILED: &str = "FAILED ";

/// Runs every case; all of them, however many fail.
pub(super) fn test(args: &Test, color: Color) -> Exit {
    let report = Reporting::new(Format::Text, color, Infos::Hidden);
    report.end(run(args).map_err(Into::into))
}

fn run(args: &Test) -> Result<Exit, Error> {
    let cases = find(&args.directories)?;
    let (mut out, mut verdicts, mut exit, mut updated) =
        (String::new(), Vec::new(), Exit::Success, 0);
    for case in &cases {
        let name = printable::line(&case.name.display().to_string());
        let (word, details) = match judge(case, args) {
            Ok(Judged::Same) => ("ok     ", String::new()),
            Ok(Judged::Updated(done)) => {
                updated += 1;
                ("updated", printable::lines(&done))
            }
            Ok(Judged::Differs(differences)) => {
                exit = exit.max(Exit::Findings);
                (FAILED, differences)
            }
            Err(error) => {
                exit = exit.max(fault::exit(&error));
                let help = printable::lines(fault::help(&error).unwrap_or_default());
                (
                    FAILED,
                    format!("{}\n{help}", printable::line(&fault::message(&error))),
                )
            }
        };
        out += &format!("{word} {name}\n");
        for line in details.trim_end().lines() {
            out += format!("    {line}").trim_end();
            out.push('\n');
        }
        verdicts.push(CaseVerdict {
            name,
            failure: (word == FAILED).then_some(details),
        });
    }
    let failed = verdicts
        .iter()
        .filter(|verdict| verdict.failure.is_some())
        .count();
    out += &format!(
        "\n{}: {} as expected",
        plural(cases.len()),
        cases.len() - failed - updated
    );
    for (n, word) in [(updated, "updated"), (failed, "failed")]
        .into_iter()
        .filter(|(n, _)| *n > 0)
    {
        out += &format!(", {n} {word}");
    }
    out.push('\n');
    let printed = print::page(&Printable::plain(&out));
    if let Some(path) = &args.junit {
        let (directory, name) = DirHandle::around(path)?;
        directory
            .stage(&name, &junit::report(&verdicts))?
            .commit(CommitTarget::Any)?;
    }
    printed.map(|()| exit)
}

fn plural(n: usize) -> String {
    format!("{n} case{}", if n == 1 { "" } else { "s" })
}

/// A run without a case proves nothing, so it fails; each case is run once.
fn find(directories: &[PathBuf]) -> Result<Vec<Case>, Error> {
    let (mut cases, mut seen) = (Vec::new(), BTreeSet::new());
    for directory in directories {
        let found = test_case::find(directory)?;
        if found.is_empty() {
            let fault = input_error(format!("no case in `{}`", directory.display()));
            return Err(fault.help(
                "a case is a directory with `input.yaml`, and with `expected.yaml` after\n  coupler test --update",
            ));
        }
        cases.extend(
            found
                .into_iter()
                .filter(|case| seen.insert(case.name.clone())),
        );
    }
    Ok(cases)
}

enum Judged {
    Same,
    /// With what was done.
    Updated(String),
    Differs(String),
}

fn judge(case: &Case, args: &Test) -> Result<Judged, Error> {
    let (actual, expected) = (case.run(args.check)?, case.expected(args.check)?);
    if actual == expected {
        return Ok(Judged::Same);
    }
    if args.update {
        return case.update(&expected, &actual).map(Judged::Updated);
    }
    Ok(Judged::Differs(differences(&expected, &actual)))
}

/// Each file that differs: what was expected of it, and what came out.
fn differences(expected: &Texts, actual: &Texts) -> String {
    let mut names: Vec<_> = expected.keys().chain(actual.keys()).collect();
    names.sort();
    names.dedup();
    let text = |texts: &Texts, name| texts.get(name).cloned().unwrap_or_default();
    let mut out = String::new();
    for name in names {
        let content = if name == Path::new(DIAGNOSTICS) {
            Content::Diagnostics
        } else {
            Content::Manifests
        };
        let lines = text_diff(content, &text(expected, name), &text(actual, name));
        if !lines.is_empty() {
            let shown = printable::line(&name.display().to_string());
            out += &format!(
                "{shown} differs from the result\n--- {shown}, expected\n+++ {shown}, \
                 actual\n{lines}"
            );
        }
    }
    out
}
