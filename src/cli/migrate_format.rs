//! Formats the report of a migration: lines for a terminal, tables for a pull request, JSON for
//! programs.

use serde_json::json;

use crate::diagnostic::{FoundPlace, Help, PlaceFinder, SourceText, Subject, printable};
use crate::migrate::{MigrationOutcome, MigrationReport, ReportLine};

/// A line for each part, and how many there are of each kind.
pub(super) fn text(report: &MigrationReport, sources: &[SourceText<'_>]) -> String {
    let mut places = PlaceFinder::new(sources);
    let mut out = String::new();
    for line in &report.lines {
        let outcome = line.outcome.words();
        let message = printable::line(&line.message);
        let (at, object) = (place(&places.find(line.at)), object(&line.subject));
        out.push_str(&format!("{at}: {outcome}: {object}: {message}\n"));
        for help in line.help.iter().flat_map(|help| help.as_str().lines()) {
            out.push_str(&format!("    {}\n", printable::lines(help)));
        }
    }
    out.push_str(&format!("{}\n", summary(report)));
    out
}

/// `12 parts carried over, 3 changed, 1 without a counterpart`
fn summary(report: &MigrationReport) -> String {
    let [carried, changed, left_out] = MigrationOutcome::ALL.map(|outcome| report.count(outcome));
    format!("{carried} carried over, {changed} changed, {left_out} without a counterpart")
}

fn place(at: &FoundPlace<'_>) -> String {
    format!("{}:{}:{}", printable::line(at.file), at.line, at.column)
}

fn object(subject: &Subject) -> String {
    if subject.kind.is_empty() {
        return "document".to_owned();
    }
    let words = format!("{} {}", subject.kind, subject.called());
    printable::line(words.trim_end())
}

/// One object on each line.
pub(super) fn json(report: &MigrationReport, sources: &[SourceText<'_>]) -> String {
    let mut places = PlaceFinder::new(sources);
    let lines = report.lines.iter().map(|line| {
        let FoundPlace {
            file,
            line: row,
            column,
        } = places.find(line.at);
        let ReportLine {
            outcome,
            subject,
            message,
            help,
            ..
        } = line;
        let line = json!({
            "outcome": outcome.words().replace(' ', "-"),
            "file": file,
            "line": row,
            "column": column,
            "subject": {
                "apiVersion": subject.api_version,
                "kind": subject.kind,
                "namespace": subject.namespace,
                "name": subject.name,
            },
            "message": message,
            "help": help.as_ref().map(Help::as_str),
        });
        format!("{line}\n")
    });
    lines.collect()
}

/// A table for each outcome, those first that need somebody.
pub(super) fn markdown(report: &MigrationReport, sources: &[SourceText<'_>]) -> String {
    let mut places = PlaceFinder::new(sources);
    let mut out = format!("{}.\n", summary(report));
    for outcome in MigrationOutcome::ALL.into_iter().rev() {
        let mut lines = report
            .lines
            .iter()
            .filter(|line| line.outcome == outcome)
            .peekable();
        if lines.peek().is_none() {
            continue;
        }
        out.push_str(&format!(
            "\n## {}\n\n| Where | Object | What | Help |\n|---|---|---|---|\n",
            heading(outcome)
        ));
        for line in lines {
            let at = printable::code(&place(&places.find(line.at)));
            let object = printable::code(&object(&line.subject));
            let help: Vec<String> = line
                .help
                .iter()
                .flat_map(|help| help.as_str().lines())
                .map(sentence)
                .collect();
            out.push_str(&format!(
                "| {at} | {object} | {} | {} |\n",
                sentence(&line.message),
                help.join("<br>")
            ));
        }
    }
    out
}

fn heading(outcome: MigrationOutcome) -> &'static str {
    match outcome {
        MigrationOutcome::CarriedOver => "Carried over",
        MigrationOutcome::Changed => "Changed",
        MigrationOutcome::NoCounterpart => "No counterpart",
    }
}

/// A sentence with names in backticks: what is quoted stays code, and where anything else might be
/// markup, all of it is.
fn sentence(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    let is_plain = |part: &str| {
        part.chars()
            .all(|c| c.is_ascii_alphanumeric() || " .,;:'()-".contains(c))
            && !part.contains("::")
    };
    let is_safe = parts.len() % 2 == 1
        && !text.starts_with(' ')
        && parts.iter().step_by(2).all(|part| is_plain(part));
    if !is_safe {
        return printable::code(text);
    }
    let written = parts.iter().enumerate().map(|(position, part)| {
        if position % 2 == 0 {
            (*part).to_owned()
        } else {
            printable::code(part)
        }
    });
    written.collect()
}

#[cfg(test)]
mod tests {
    use super::sentence;

    #[test]
    fn only_quoted_names_are_code_in_a_sentence() {
        assert_eq!(
            sentence("`a|b` is left out: it, too"),
            "`a\\|b` is left out: it, too"
        );
        assert_eq!(sentence("@all: `a`"), "`` @all: `a` ``");
        assert_eq!(sentence("a `b"), "``a `b``");
        assert_eq!(sentence("  env:"), "`   env: `");
    }
}
