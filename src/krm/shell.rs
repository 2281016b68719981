//! Connects the function to standard input and output: the only code of it that reads or writes.

use std::io::{self, IsTerminal, Read, Write};
use std::process::ExitCode;

use super::{Answer, run};
use crate::diagnostic::Printable;
use crate::limits;

/// Whether a program that was called without arguments is in a pipe: hosts call a function so.
pub fn is_wanted(arguments: usize) -> bool {
    arguments == 0 && !io::stdin().is_terminal()
}

/// Runs the function in this process.
///
/// `help` is printed where there is nothing at all to read: somebody called the program to see what
/// it is.
pub fn main(help: fn() -> ExitCode) -> ExitCode {
    let mut bytes = Vec::new();
    let read = io::stdin()
        .lock()
        .take(limits::SOURCE_BYTES as u64 + 1)
        .read_to_end(&mut bytes);
    let text = match (read, String::from_utf8(bytes)) {
        (Err(error), _) => return fail(&format!("cannot read standard input: {error}")),
        (Ok(size), _) if size > limits::SOURCE_BYTES => {
            return fail("standard input is larger than 1 GiB");
        }
        (_, Err(error)) => {
            return fail(&format!(
                "standard input is not UTF-8 at byte {}",
                error.utf8_error().valid_up_to()
            ));
        }
        (_, Ok(text)) => text,
    };
    if text.trim().is_empty() {
        return help();
    }
    let Answer {
        stdout,
        stderr,
        status,
    } = run(text);
    write_stderr(&Printable::plain(&stderr));
    match write(&stdout) {
        Ok(()) => ExitCode::from(status),
        Err(error) => fail(&format!("cannot write standard output: {error}")),
    }
}

/// All of it, or an error: a short answer with status 0 would delete what is missing.
fn write(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

fn fail(message: &str) -> ExitCode {
    write_stderr(&Printable::plain(&format!("error: {message}\n")));
    ExitCode::from(2)
}

fn write_stderr(text: &Printable) {
    let _ = io::stderr().lock().write_all(text.as_str().as_bytes());
}
