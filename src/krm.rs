//! Runs the KRM function: a ResourceList in, the same list coupled out, for kpt, kustomize and
//! every other host.
//!
//! The contract is
//! <https://github.com/kubernetes-sigs/kustomize/blob/master/cmd/config/docs/api-conventions/functions-spec.md>;
//! what its hosts make of it is described in `krm-fn/README.md`. Two things follow from how they
//! fail: standard output is never empty with status 0 (they would delete every object), and with an
//! error the items go back as they came, with the results.

mod config;
mod list;
mod results;
mod shell;
mod write_results;

use crate::api::{Integrations, Settings};
use crate::diagnostic::{Code, Diagnostic, Findings, has_errors};
use crate::manifest::Place;
use crate::render::{self, Input, Role, Source};
use list::{Earlier, List};
pub use shell::{is_wanted, main};
use write_results::with_results;

/// What a function prints, and its exit status.
#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    /// The ResourceList; empty only where the input was none.
    pub stdout: String,
    /// Errors and warnings, a line each.
    pub stderr: String,
    /// 0, or 1 with an error.
    pub status: u8,
}

/// Runs the function on the text of standard input.
pub fn run(stdin: String) -> Answer {
    let mut found = Findings::new();
    let list = match List::read(&stdin) {
        Ok(list) => list,
        Err(why) => {
            return Answer {
                stdout: String::new(),
                stderr: format!("error: {why}\n"),
                status: 1,
            };
        }
    };
    let earlier = list.earlier();
    let in_files = list.is_in_files();
    let settings = config::read(&list, &mut found);
    drop(list);
    let Some(settings) = settings else {
        return answer(&stdin, None, earlier, &found);
    };
    let source = Source {
        name: "ResourceList".to_owned(),
        text: stdin,
        role: Role::Stream,
    };
    let input = Input {
        sources: vec![source],
        settings,
    };
    let output = if in_files {
        render::render_in_place(&input)
    } else {
        render::render(&input)
    };
    found.extend(output.diagnostics);
    let text: String = output
        .rendered
        .into_iter()
        .flat_map(|source| source.pieces)
        .collect();
    let stdin = &input.sources[0].text;
    if text.trim().is_empty() && !has_errors(&found) {
        found.report(emptied(&input.settings));
    }
    answer(stdin, Some(text), earlier, &found)
}

/// The rendered list, or with an error the list as it was received, and what is reported.
fn answer(stdin: &str, rendered: Option<String>, earlier: Earlier, found: &[Diagnostic]) -> Answer {
    let failed = has_errors(found);
    // a list is large: it is read again only for what is reported of it
    let outcomes = match found {
        [] => Vec::new(),
        found => List::read(stdin)
            .map(|list| results::of(found, &list))
            .unwrap_or_default(),
    };
    let list = match rendered {
        Some(text) if !failed => text,
        _ => stdin.to_owned(),
    };
    let stdout = match earlier {
        Earlier::Nothing if outcomes.is_empty() => list,
        _ => with_results(list, &outcomes),
    };
    Answer {
        stdout,
        stderr: results::lines(&outcomes),
        status: u8::from(failed),
    }
}

/// A host reads an empty list as an order to delete everything.
fn emptied(settings: &Settings) -> Diagnostic {
    let message = match settings.integrations {
        Integrations::Drop => {
            "with `integrations: drop` no item remains in the list, and the host would delete \
             every file"
        }
        _ => "no item remains in the list, and the host would delete every file",
    };
    Diagnostic::error(Code::InvalidField, message)
        .at(Place::default(), "this list")
        .help("write `integrations: local-config`, or remove the field")
}

#[cfg(test)]
mod tests;
