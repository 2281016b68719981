//! What is said on standard error. Nothing here fails: who closed it does not want to hear.

use std::io::{self, Write};

use annotate_snippets::{Group, Level, Renderer};
use anstream::{AutoStream, ColorChoice};

use super::args::{Color, Format};
use super::fault::{Fault, WORLD};
use crate::diagnostic::{self, Diagnostic, SourceText, TextOptions};

/// How to say it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Report {
    format: Format,
    colour: bool,
    infos: bool,
}

impl Report {
    /// Infos are for those who ask what coupler thinks (`check`), and for programs.
    pub(super) fn new(format: Format, color: Color, infos: bool) -> Self {
        let colour = match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => AutoStream::choice(&io::stderr()) != ColorChoice::Never,
        };
        Self { format, colour, infos }
    }

    pub(super) fn diagnostics(&self, all: &[Diagnostic], sources: &[SourceText<'_>], consequence: &str) {
        let options = TextOptions { colour: self.colour, infos: self.infos, consequence };
        say(&match self.format {
            Format::Text => diagnostic::text(all, sources, &options),
            Format::Json => diagnostic::json(all, sources),
        });
    }

    /// Says them, and gives the exit status that they make. One without words is silent.
    pub(super) fn faults(&self, faults: &[Fault]) -> u8 {
        for fault in faults.iter().filter(|fault| !fault.message.is_empty()) {
            self.plain(Level::ERROR, "error", &fault.message, fault.help.as_deref());
        }
        faults.iter().map(|fault| fault.status).max().unwrap_or(WORLD)
    }

    pub(super) fn warnings(&self, warnings: &[String]) {
        for warning in warnings {
            self.plain(Level::WARNING, "warning", warning, None);
        }
    }

    /// A last line that all went well; programs see the exit status.
    pub(super) fn done(&self, line: &str) {
        if self.format == Format::Text {
            say(&format!("{line}\n"));
        }
    }

    /// What has no code: it is about files and pipes, not about manifests.
    fn plain(&self, level: Level<'_>, severity: &str, message: &str, help: Option<&str>) {
        if self.format == Format::Json {
            let line = serde_json::json!({"code": null, "severity": severity, "message": message, "help": help});
            return say(&format!("{line}\n"));
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

fn say(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}
