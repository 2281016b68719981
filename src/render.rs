//! `render(Input) -> Output`, the pure function that everything else is a shell around: read it and you know the program.

use std::borrow::Cow;

use crate::api::Settings;
use crate::diagnostic::Diagnostic;
use crate::manifest::SourceId;

/// One text that takes part in a run.
#[derive(Clone, Debug)]
pub struct Source {
    /// What the user calls it: a path, or `<stdin>`.
    pub name: String,
    /// Its bytes.
    pub text: String,
    /// What it is read for.
    pub role: Role,
}

/// What a source is read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The manifests that are rendered.
    Stream,
    /// Interfaces, Sockets and what they refer to.
    Catalogue,
}

/// Everything a render depends on.
#[derive(Clone, Debug, Default)]
pub struct Input {
    /// The sources, in order.
    pub sources: Vec<Source>,
    /// The settings.
    pub settings: Settings,
}

/// One source of the stream, rendered.
#[derive(Debug)]
pub struct Rendered<'a> {
    /// Which source.
    pub source: SourceId,
    /// Its bytes, in pieces: what is unchanged is a slice of the input.
    pub pieces: Vec<Cow<'a, str>>,
    /// Whether it differs from the input.
    pub changed: bool,
}

/// What a render gives: with an error among the diagnostics, nothing is to be emitted.
#[derive(Debug, Default)]
pub struct Output<'a> {
    /// One per source of the stream, in order.
    pub rendered: Vec<Rendered<'a>>,
    /// Sorted.
    pub diagnostics: Vec<Diagnostic>,
}
