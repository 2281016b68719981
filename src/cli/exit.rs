//! Defines the exit statuses of the command line, and which of several is used.

use std::process::ExitCode;

/// How a command ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exit {
    /// All went well, and nothing was found.
    Success,
    /// The manifests have errors, or differ.
    Findings,
    /// The command line is wrong, or the system refused something.
    Failure,
    /// Another program failed with this status.
    Program(u8),
}

impl Exit {
    /// The status as the system knows it.
    pub(super) fn status(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Findings => 1,
            Self::Failure => 2,
            Self::Program(status) => status,
        }
    }

    /// Of two, the higher status.
    pub(super) fn max(self, other: Self) -> Self {
        if other.status() > self.status() {
            other
        } else {
            self
        }
    }

    /// Success, unless something was found.
    pub(super) fn of_findings(found: bool) -> Self {
        if found { Self::Findings } else { Self::Success }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.status())
    }
}
