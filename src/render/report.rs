//! Prints what a run found: its diagnostics need the texts of the sources that their places point
//! into.

use super::{Input, Output, Rendered, Source};
use crate::diagnostic::{self, SourceText, TextOptions, has_errors};

/// The texts of some sources, in their order: a place names its source by its position in it.
pub fn source_texts(sources: &[Source]) -> Vec<SourceText<'_>> {
    sources
        .iter()
        .map(|source| SourceText {
            name: &source.name,
            text: &source.text,
        })
        .collect()
}

impl Output<'_> {
    /// Whether an error was found; nothing is rendered then.
    pub fn has_errors(&self) -> bool {
        has_errors(&self.diagnostics)
    }

    /// The diagnostics as `coupler check` prints them: for a person, without colours. Empty where
    /// nothing was found.
    ///
    /// `input` is what was rendered. No byte of a Secret's values is printed, and no control
    /// character of the input.
    pub fn text(&self, input: &Input) -> String {
        let options = TextOptions {
            infos: true,
            ..TextOptions::default()
        };
        diagnostic::text(&self.diagnostics, &source_texts(&input.sources), &options)
    }

    /// The diagnostics for a program: one JSON object a line, with lines and columns.
    ///
    /// `input` is what was rendered.
    pub fn json(&self, input: &Input) -> String {
        diagnostic::json(&self.diagnostics, &source_texts(&input.sources))
    }
}

impl Rendered<'_> {
    /// All pieces as one text.
    pub fn text(&self) -> String {
        self.pieces.concat()
    }
}
