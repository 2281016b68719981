//! Writes standard output and standard error: no other code of the command line does.

use std::io::{self, ErrorKind, Write};

use anstream::{AutoStream, ColorChoice};

use super::fault::{Error, TypedContext};
use super::output;
use crate::diagnostic::Printable;

/// Writes manifests to standard output as they are, all of them or with an error.
pub(super) fn manifests<P: AsRef<str>>(pieces: &[P]) -> Result<(), Error> {
    output::write(io::stdout().lock(), pieces).map_err(|error| match error.kind() {
        ErrorKind::BrokenPipe => Error::new(error).closed_pipe(),
        _ => Error::new(error).context("cannot write standard output"),
    })
}

/// Writes anything else to standard output, all of it or with an error.
pub(super) fn page(text: &Printable) -> Result<(), Error> {
    manifests(&[text.as_str()])
}

/// Writes to standard error. Nothing here fails: if it is closed, no error can be shown.
pub(super) fn report(text: &Printable) {
    let _ = io::stderr().lock().write_all(text.as_str().as_bytes());
}

/// Whether a reader of standard error wants colours.
pub(super) fn colours() -> bool {
    AutoStream::choice(&io::stderr()) != ColorChoice::Never
}

/// Whether a reader of standard output wants colours.
pub(super) fn coloured_page() -> bool {
    AutoStream::choice(&io::stdout()) != ColorChoice::Never
}
