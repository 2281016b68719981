//! Reports on standard error, in the chosen format.

use std::cell::RefCell;

use annotate_snippets::{Group, Level, Renderer};

use super::args::{Color, Format};
use super::exit::Exit;
use super::fault::{self, Error, Errors};
use super::print;
use super::repository_path::RepositoryPaths;
use super::settings::WrongSettings;
use crate::diagnostic::{
    self, Code, Diagnostic, Printable, Sarif, Severity, SourceText, TextOptions, printable,
};
use crate::limits;

/// Whether infos are printed as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Infos {
    Shown,
    Hidden,
}

/// Where and how a run reports.
#[derive(Debug)]
pub(super) struct Reporting {
    format: Format,
    colour: bool,
    infos: Infos,
    /// The codes of the errors that were reported as text, each once.
    codes: RefCell<Vec<Code>>,
    /// A SARIF log is one text, whatever a run reports on its way.
    sarif: RefCell<Sarif>,
    /// What the files of annotations are named by.
    paths: RepositoryPaths,
}

impl Reporting {
    /// Infos are shown by commands that judge (`check`); programs always get them.
    pub(super) fn new(format: Format, color: Color, infos: Infos) -> Self {
        let colour = match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => print::colours(),
        };
        Self {
            format,
            colour,
            infos,
            codes: RefCell::default(),
            sarif: RefCell::default(),
            paths: match format {
                Format::Text | Format::Json => RepositoryPaths::default(),
                Format::Github | Format::Sarif => RepositoryPaths::new(),
            },
        }
    }

    pub(super) fn diagnostics(
        &self,
        all: &[Diagnostic],
        sources: &[SourceText<'_>],
        consequence: &str,
    ) {
        let options = TextOptions {
            colour: self.colour,
            infos: self.infos == Infos::Shown,
            consequence,
        };
        print::report(&match self.format {
            Format::Text => {
                self.remember(all);
                self.painted(&diagnostic::text(all, sources, &options))
            }
            Format::Json => Printable::json(&diagnostic::json(all, sources)),
            Format::Github => self.in_repository(sources, |sources| {
                Printable::plain(&diagnostic::github(all, sources))
            }),
            Format::Sarif => {
                return self.in_repository(sources, |sources| {
                    self.sarif.borrow_mut().add(all, sources);
                });
            }
        });
    }

    /// The sources, each named by its path in the repository.
    fn in_repository<T>(
        &self,
        sources: &[SourceText<'_>],
        print: impl FnOnce(&[SourceText<'_>]) -> T,
    ) -> T {
        let names: Vec<_> = sources
            .iter()
            .map(|source| self.paths.name(source.name))
            .collect();
        let named = names.iter().zip(sources).map(|(name, source)| SourceText {
            name,
            text: source.text,
        });
        print(&named.collect::<Vec<_>>())
    }

    /// Ends a command: reports the errors that stopped it, if any did, and then once how to read
    /// more about the errors of the run.
    pub(super) fn end(&self, result: Result<Exit, Errors>) -> Exit {
        let exit = result.unwrap_or_else(|errors| self.errors(&errors.0));
        if let Some(line) = explanation(&self.codes.borrow()) {
            let group = Group::with_title(Level::HELP.primary_title(line));
            self.print(&group);
        }
        exit
    }

    fn remember(&self, all: &[Diagnostic]) {
        let mut codes = self.codes.borrow_mut();
        for error in all.iter().filter(|one| one.severity == Severity::Error) {
            if !codes.contains(&error.code) {
                codes.push(error.code);
            }
        }
    }

    /// Reports the errors, and returns the exit status of the gravest.
    fn errors(&self, errors: &[Error]) -> Exit {
        let shown: Vec<_> = errors
            .iter()
            .filter(|error| !fault::is_closed_pipe(error))
            .collect();
        for error in shown.iter().take(limits::DIAGNOSTICS) {
            match error.downcast_ref::<WrongSettings>() {
                Some(wrong) => self.diagnostics(
                    &wrong.diagnostics,
                    &[wrong.source()],
                    fault::consequence(error),
                ),
                None => self.plain(Severity::Error, &fault::message(error), fault::help(error)),
            }
        }
        self.rest(Severity::Error, shown.len());
        errors
            .iter()
            .map(fault::exit)
            .reduce(Exit::max)
            .unwrap_or(Exit::Failure)
    }

    pub(super) fn warnings(&self, warnings: &[String]) {
        for warning in warnings.iter().take(limits::DIAGNOSTICS) {
            self.plain(Severity::Warning, warning, None);
        }
        self.rest(Severity::Warning, warnings.len());
    }

    /// Counts what was not reported.
    fn rest(&self, severity: Severity, all: usize) {
        let more = all.saturating_sub(limits::DIAGNOSTICS);
        if more > 0 {
            self.plain(severity, &format!("{more} more, not shown"), None);
        }
    }

    /// A text in the chosen colours.
    fn painted(&self, text: &str) -> Printable {
        if self.colour {
            Printable::styled(text)
        } else {
            Printable::plain(text)
        }
    }

    /// A last line that all went well; programs see the exit status.
    pub(super) fn done(&self, line: &str) {
        if self.format == Format::Text {
            print::report(&Printable::plain(&format!("{}\n", printable::lines(line))));
        }
    }

    /// What has no code: it is about files and pipes, not about manifests.
    fn plain(&self, severity: Severity, message: &str, help: Option<&str>) {
        let (level, word) = match severity {
            Severity::Error => (Level::ERROR, "error"),
            Severity::Warning => (Level::WARNING, "warning"),
            Severity::Info => (Level::INFO, "info"),
        };
        match self.format {
            Format::Text => {}
            Format::Json => {
                let line = serde_json::json!({"code": null, "severity": word, "message": message, "help": help});
                return print::report(&Printable::json(&format!("{line}\n")));
            }
            Format::Github => {
                return print::report(&Printable::plain(&diagnostic::github_line(
                    severity, message, help,
                )));
            }
            Format::Sarif => return self.sarif.borrow_mut().notify(severity, message, help),
        }
        let mut group = Group::with_title(level.primary_title(printable::line(message)));
        if let Some(help) = help {
            group = group.element(Level::HELP.message(printable::lines(help)));
        }
        self.print(&group);
    }

    /// Prints one group as text.
    fn print(&self, group: &Group<'_>) {
        let renderer = if self.colour {
            Renderer::styled()
        } else {
            Renderer::plain()
        };
        let text = renderer.render(std::slice::from_ref(group));
        print::report(&self.painted(&format!("{text}\n")));
    }
}

/// What to type to read about the errors of a run: `coupler explain CODE`, and the other codes.
fn explanation(codes: &[Code]) -> Option<String> {
    let (first, others) = codes.split_first()?;
    let command = format!(
        "for more about the errors: coupler explain {}",
        first.as_str()
    );
    let mut others: Vec<&str> = others.iter().map(|code| code.as_str()).collect();
    if others.is_empty() {
        return Some(command);
    }
    if others.len() > limits::CANDIDATES {
        others.truncate(limits::CANDIDATES);
        others.push("…");
    }
    Some(format!("{command} (also: {})", others.join(", ")))
}

impl Drop for Reporting {
    fn drop(&mut self) {
        if self.format == Format::Sarif {
            print::report(&Printable::json(&self.sarif.borrow().text()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_codes_are_one_line() {
        assert_eq!(explanation(&[]), None);
        let one = explanation(&[Code::EnvCollision]);
        let line = "for more about the errors: coupler explain env-collision";
        assert_eq!(one.as_deref(), Some(line));
        let two = explanation(&[Code::EnvCollision, Code::KeyNotGiven]);
        let both = format!("{line} (also: key-not-given)");
        assert_eq!(two.as_deref(), Some(both.as_str()));
        let all = explanation(Code::ALL).unwrap_or_default();
        assert!(all.ends_with(", …)"), "{all}");
        assert_eq!(all.matches(", ").count(), limits::CANDIDATES);
    }
}
