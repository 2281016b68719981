//! Defines the error that stops a run: an [`anyhow::Error`] whose help and exit status are typed
//! context.
//!
//! A message is the chain of an error, outermost first. Help, status and consequence are found by
//! their type and are no links of it.

use std::fmt::{self, Display, Formatter};
use std::io;
use std::path::Path;

pub(super) use anyhow::Error;
use rustix::io::Errno;

use super::exit::Exit;
use crate::diagnostic::Help;

/// Everything that stops a run, where all of it is found at once.
#[derive(Debug)]
pub(super) struct Errors(pub(super) Vec<Error>);

impl From<Error> for Errors {
    fn from(error: Error) -> Self {
        Self(vec![error])
    }
}

/// A context that adds no text to the chain.
macro_rules! silent {
    ($($type:ty)*) => {
        $(impl Display for $type {
            fn fmt(&self, _: &mut Formatter<'_>) -> fmt::Result {
                Ok(())
            }
        })*
    };
}

silent!(Remedy ExitStatus Consequence ClosedPipe);

/// What to do about it, with lines to paste.
#[derive(Debug)]
struct Remedy(Help);

/// How the run ends; without one, with [`Exit::Failure`].
#[derive(Debug)]
struct ExitStatus(Exit);

/// What the error means for the run, where it is one of diagnostics: `nothing was read`.
#[derive(Debug)]
struct Consequence(&'static str);

/// Whoever closed the pipe has what he wanted: nothing is printed.
#[derive(Debug)]
struct ClosedPipe;

/// Context with a type.
pub(super) trait TypedContext {
    /// Adds what to do about it; it replaces help that was given before.
    fn help(self, help: impl Into<Help>) -> Error;
    /// Adds the exit status.
    fn exit(self, exit: Exit) -> Error;
    /// Adds what it means for the run.
    fn consequence(self, consequence: &'static str) -> Error;
    /// Prints nothing of it.
    fn closed_pipe(self) -> Error;
}

impl TypedContext for Error {
    fn help(self, help: impl Into<Help>) -> Error {
        self.context(Remedy(help.into()))
    }

    fn exit(self, exit: Exit) -> Error {
        self.context(ExitStatus(exit))
    }

    fn consequence(self, consequence: &'static str) -> Error {
        self.context(Consequence(consequence))
    }

    fn closed_pipe(self) -> Error {
        self.context(ClosedPipe)
    }
}

/// An error in what was given to read, not one of reading it.
pub(super) fn input_error(message: impl Into<String>) -> Error {
    Error::msg(message.into()).exit(Exit::Findings)
}

/// What the system could not do with a path: ``cannot read `a.yaml`: permission denied``.
pub(super) fn io_error(verb: &str, path: &Path, error: impl Into<io::Error>) -> Error {
    Error::new(error.into()).context(cannot(verb, path))
}

/// The context of an error of the system: ``cannot read `a.yaml` ``.
pub(super) fn cannot(verb: &str, path: &Path) -> String {
    format!("cannot {verb} `{}`", path.display())
}

/// The sentence: what failed, and behind each colon why.
pub(super) fn message(error: &Error) -> String {
    let mut message = String::new();
    for link in error.chain() {
        let system =
            link.downcast_ref::<io::Error>().is_some() || link.downcast_ref::<Errno>().is_some();
        let text = link.to_string();
        let text = if system { reason(&text) } else { text };
        if !message.is_empty() && !text.is_empty() {
            message.push_str(": ");
        }
        message.push_str(&text);
    }
    message
}

/// What to do about it.
pub(super) fn help(error: &Error) -> Option<&str> {
    error
        .downcast_ref::<Remedy>()
        .map(|remedy| remedy.0.as_str())
}

/// How the run ends.
pub(super) fn exit(error: &Error) -> Exit {
    error
        .downcast_ref::<ExitStatus>()
        .map_or(Exit::Failure, |status| status.0)
}

/// What it means for the run.
pub(super) fn consequence(error: &Error) -> &'static str {
    error
        .downcast_ref::<Consequence>()
        .map_or("", |consequence| consequence.0)
}

/// Whether nothing is printed of it.
pub(super) fn is_closed_pipe(error: &Error) -> bool {
    error.downcast_ref::<ClosedPipe>().is_some()
}

/// The system's own text, lower case and without the number.
fn reason(text: &str) -> String {
    let text = text.split(" (os error").next().unwrap_or(text);
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(chars).collect()
    })
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::*;

    #[test]
    fn the_systems_text_is_written_as_ours() {
        let expected = "cannot read `a.yaml`: no such file or directory";
        let error = io_error("read", Path::new("a.yaml"), io::Error::from_raw_os_error(2));
        assert_eq!(message(&error), expected);
        let error = Err::<(), _>(Errno::NOENT)
            .with_context(|| cannot("read", Path::new("a.yaml")))
            .unwrap_err();
        assert_eq!(message(&error), expected);
    }

    #[test]
    fn typed_context_is_found_and_is_no_part_of_the_message() {
        let plain = Error::msg("inner");
        assert_eq!((help(&plain), exit(&plain)), (None, Exit::Failure));
        let error = input_error("inner")
            .help("before")
            .context("outer")
            .help("after");
        assert_eq!(message(&error), "outer: inner");
        assert_eq!(
            (help(&error), exit(&error)),
            (Some("after"), Exit::Findings)
        );
        assert!(!is_closed_pipe(&error) && is_closed_pipe(&error.closed_pipe()));
    }
}
