//! Writes standard output and standard error: the only code of the command line that does.

use std::io::{self, ErrorKind, Write};

use anstream::{AutoStream, ColorChoice};

use super::fault::{Fault, reason};
use super::output;
use crate::diagnostic::Printable;

/// Writes manifests to standard output as they are, all of them or with an error.
pub(super) fn manifests<P: AsRef<str>>(pieces: &[P]) -> Result<(), Fault> {
    output::write(io::stdout().lock(), pieces).map_err(|error| match error.kind() {
        // whoever closed the pipe has what he wanted, and does not want to hear of it
        ErrorKind::BrokenPipe => Fault::new(""),
        _ => Fault::new(format!("cannot write standard output: {}", reason(&error))),
    })
}

/// Writes anything else to standard output, all of it or with an error.
pub(super) fn page(text: &Printable) -> Result<(), Fault> {
    manifests(&[text.as_str()])
}

/// Writes to standard error. Nothing here fails: whoever closed it does not want to hear.
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
