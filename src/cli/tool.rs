//! Another program, run for what it prints: no shell, its standard error and its exit status are coupler's.

use std::ffi::OsString;
use std::io::ErrorKind;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitStatus, Stdio};

use super::fault::{Fault, WORLD, reason};
use super::read::read;

/// A program and what it is told.
#[derive(Debug)]
pub(super) struct Tool {
    pub(super) program: &'static str,
    pub(super) words: Vec<OsString>,
    /// The call as it is named in messages: a word after `--` may be nobody's business.
    pub(super) shown: String,
}

impl Tool {
    /// What it printed; `None` where there is no such program.
    ///
    /// It runs in coupler's own process group, so that whoever stops the group stops both.
    pub(super) fn print(&self) -> Result<Option<String>, Fault> {
        let mut command = Command::new(self.program);
        command.args(&self.words).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let failed = |error| Fault::new(format!("cannot run `{}`: {}", self.program, reason(&error)));
        let mut child = match command.spawn() {
            Ok(child) => child,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        let text = child.stdout.take().map(|out| read(out, &format!("the output of `{}`", self.shown)));
        let status = child.wait().map_err(failed)?;
        // who is cut off in the middle of its output is not at fault
        if let Some(Err(fault)) = text {
            return Err(fault);
        }
        if !status.success() {
            return Err(self.failure(status));
        }
        text.transpose().map(|text| Some(text.unwrap_or_default()))
    }

    fn failure(&self, status: ExitStatus) -> Fault {
        let (how, status) = match (status.code(), status.signal()) {
            (Some(code), _) => (format!("failed with exit status {code}"), u8::try_from(code).unwrap_or(WORLD)),
            // as a shell counts it
            (None, Some(signal)) => {
                (format!("was stopped by signal {signal}"), u8::try_from(128 + signal).unwrap_or(WORLD))
            }
            (None, None) => ("failed".to_owned(), WORLD),
        };
        Fault { status, ..Fault::new(format!("`{}` {how}", self.shown)) }
    }
}
