//! What is said on standard error. Nothing here fails: who closed it does not want to hear.

use std::cell::RefCell;
use std::io::{self, Write};

use annotate_snippets::{Group, Level, Renderer};
use anstream::{AutoStream, ColorChoice};

use super::args::{Color, Format};
use super::fault::{Fault, WORLD};
use crate::diagnostic::{self, Diagnostic, Sarif, Severity, SourceText, TextOptions};

/// How to say it.
#[derive(Debug)]
pub(super) struct Report {
    format: Format,
    colour: bool,
    infos: bool,
    /// A SARIF log is one text, whatever a run says on its way.
    sarif: RefCell<Sarif>,
}

impl Report {
    /// Infos are for those who ask what coupler thinks (`check`), and for programs.
    pub(super) fn new(format: Format, color: Color, infos: bool) -> Self {
        let colour = match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => AutoStream::choice(&io::stderr()) != ColorChoice::Never,
        };
        Self { format, colour, infos, sarif: RefCell::default() }
    }

    pub(super) fn diagnostics(&self, all: &[Diagnostic], sources: &[SourceText<'_>], consequence: &str) {
        let options = TextOptions { colour: self.colour, infos: self.infos, consequence };
        say(&match self.format {
            Format::Text => diagnostic::text(all, sources, &options),
            Format::Json => diagnostic::json(all, sources),
            Format::Github => diagnostic::github(all, sources),
            Format::Sarif => return self.sarif.borrow_mut().add(all, sources),
        });
    }

    /// Says them, and gives the exit status that they make. One without words is silent.
    pub(super) fn faults(&self, faults: &[Fault]) -> u8 {
        for fault in faults.iter().filter(|fault| !fault.message.is_empty()) {
            self.plain(Severity::Error, &fault.message, fault.help.as_deref());
        }
        faults.iter().map(|fault| fault.status).max().unwrap_or(WORLD)
    }

    pub(super) fn warnings(&self, warnings: &[String]) {
        for warning in warnings {
            self.plain(Severity::Warning, warning, None);
        }
    }

    /// A last line that all went well; programs see the exit status.
    pub(super) fn done(&self, line: &str) {
        if self.format == Format::Text {
            say(&format!("{line}\n"));
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
                return say(&format!("{line}\n"));
            }
            Format::Github => return say(&diagnostic::github_line(severity, message, help)),
            Format::Sarif => return self.sarif.borrow_mut().notify(severity, message, help),
        }
        let renderer = if self.colour { Renderer::styled() } else { Renderer::plain() };
        let clean = annotate_snippets::normalize_untrusted_str;
        let mut group = Group::with_title(level.primary_title(clean(message)));
        if let Some(help) = help {
            group = group.element(Level::HELP.message(clean(help)));
        }
        say(&format!("{}\n", renderer.render(&[group])));
    }
}

impl Drop for Report {
    fn drop(&mut self) {
        if self.format == Format::Sarif {
            say(&self.sarif.borrow().text());
        }
    }
}

fn say(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}
