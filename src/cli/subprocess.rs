//! Runs another program and reads its output: no shell reads its arguments, and no argument from
//! outside is read as an option.

use std::ffi::{OsStr, OsString};
use std::io::ErrorKind;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{self, ExitStatus, Stdio};

use super::environment::Environment;
use super::exit::Exit;
use super::fault::{Error, TypedContext};
use super::read::read;
use super::relay::relay;

/// A program and its arguments.
#[derive(Debug)]
pub(super) struct Subprocess {
    program: &'static str,
    arguments: Vec<OsString>,
    environment: Environment,
    /// Where its standard error goes.
    errors: StderrUse,
    /// The call as messages name it, without the arguments that the user added.
    shown: String,
}

/// What becomes of a program's standard error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum StderrUse {
    /// It is passed on, fit to be printed.
    Shown,
    /// Nobody reads it: the program only answers a question.
    Dropped,
}

impl Subprocess {
    /// A program, its first arguments, and what it finds in its environment.
    pub(super) fn new(
        program: &'static str,
        arguments: &[&'static str],
        environment: Environment,
    ) -> Self {
        let arguments: Vec<_> = arguments.iter().map(OsString::from).collect();
        Self {
            program,
            arguments,
            environment,
            errors: StderrUse::Shown,
            shown: program.to_owned(),
        }
    }

    /// How messages name the call.
    pub(super) fn shown(mut self, shown: String) -> Self {
        self.shown = shown;
        self
    }

    /// An option with a value from anywhere: `--option=value`, one argument.
    pub(super) fn option(mut self, option: &'static str, value: impl AsRef<OsStr>) -> Self {
        let mut argument = OsString::from(option);
        argument.push("=");
        argument.push(value);
        self.arguments.push(argument);
        self
    }

    /// A path, which begins with a `.` or a `/`: no option, no address, no short name of something
    /// else.
    pub(super) fn path(mut self, path: &Path) -> Self {
        let outright = path.is_absolute() || path.starts_with(".") || path.starts_with("..");
        let path = if outright {
            path.to_path_buf()
        } else {
            PathBuf::from(".").join(path)
        };
        self.arguments.push(path.into_os_string());
        self
    }

    /// Arguments after the end of all options.
    pub(super) fn operands(mut self, end: &'static str, operands: &[&OsStr]) -> Self {
        self.arguments.push(end.into());
        self.arguments.extend(operands.iter().map(OsString::from));
        self
    }

    /// Arguments that the user typed for this program on coupler's own command line: options as
    /// well.
    pub(super) fn typed(mut self, arguments: &[OsString]) -> Self {
        self.arguments.extend_from_slice(arguments);
        self
    }

    /// Its standard error is not shown.
    pub(super) fn quiet(mut self) -> Self {
        self.errors = StderrUse::Dropped;
        self
    }

    /// What messages call it.
    pub(super) fn name(&self) -> &str {
        &self.shown
    }

    /// Runs it and returns what it printed; `None` where there is no such program.
    ///
    /// It runs in coupler's own process group, so that stopping the group stops both.
    pub(super) fn print(&self) -> Result<Option<String>, Error> {
        let failed = |error| Error::new(error).context(format!("cannot run `{}`", self.program));
        let private = self.environment.directory().map_err(failed)?;
        let mut command = process::Command::new(self.program);
        command
            .args(&self.arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        command.stderr(match self.errors {
            StderrUse::Shown => Stdio::piped(),
            StderrUse::Dropped => Stdio::null(),
        });
        command.env_clear().envs(
            self.environment
                .variables(private.as_ref().map(tempfile::TempDir::path)),
        );
        let mut child = match command.spawn() {
            Ok(child) => child,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        let complaints = child.stderr.take().map(relay);
        let text = child
            .stdout
            .take()
            .map(|out| read(out, &format!("the output of `{}`", self.shown)));
        let status = child.wait().map_err(failed)?;
        if let Some(complaints) = complaints {
            // a reader of a closed pipe has nothing to report
            let _ = complaints.join();
        }
        // a program whose output was not read to the end is not at fault
        if let Some(Err(fault)) = text {
            return Err(fault);
        }
        if !status.success() {
            return Err(self.failure(status));
        }
        text.transpose().map(|text| Some(text.unwrap_or_default()))
    }

    fn failure(&self, status: ExitStatus) -> Error {
        let exit = |status: i32| u8::try_from(status).map_or(Exit::Failure, Exit::Program);
        let (how, exit) = match (status.code(), status.signal()) {
            (Some(code), _) => (format!("failed with exit status {code}"), exit(code)),
            // as a shell counts it
            (None, Some(signal)) => (
                format!("was stopped by signal {signal}"),
                exit(128 + signal),
            ),
            (None, None) => ("failed".to_owned(), Exit::Failure),
        };
        Error::msg(format!("`{}` {how}", self.shown)).exit(exit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_no_option_and_no_address() {
        let path = |path: &str| {
            Subprocess::new("x", &[], Environment::Kustomize)
                .path(Path::new(path))
                .arguments[0]
                .clone()
        };
        assert_eq!(path("app"), "./app");
        assert_eq!(path("-f"), "./-f");
        assert_eq!(path("github.com/a/b"), "./github.com/a/b");
        assert_eq!(path("."), ".");
        assert_eq!(path("../app"), "../app");
        assert_eq!(path("/app"), "/app");
    }

    #[test]
    fn an_option_and_its_value_are_one_argument() {
        let command =
            Subprocess::new("x", &["y"], Environment::Kustomize).option("--set", "--output-dir=/");
        assert_eq!(command.arguments, ["y", "--set=--output-dir=/"]);
    }
}
