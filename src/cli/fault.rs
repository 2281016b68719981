//! What stops a shell before or after the pure function: a file, a pipe, a wrong word.

use std::io;
use std::path::Path;

/// Why coupler could not do its work, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) message: String,
    pub(super) help: Option<String>,
    pub(super) status: u8,
}

/// The manifests are at fault.
pub(super) const INPUT: u8 = 1;
/// The world, or the command line, is.
pub(super) const WORLD: u8 = 2;

impl Fault {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None, status: WORLD }
    }

    /// A fault of what was given to read, not of reading it.
    pub(super) fn of_input(message: impl Into<String>) -> Self {
        Self { status: INPUT, ..Self::new(message) }
    }

    /// What the system said about a path: ``cannot read `a.yaml`: permission denied``.
    pub(super) fn io(verb: &str, path: &Path, error: &io::Error) -> Self {
        Self::new(format!("cannot {verb} `{}`: {}", path.display(), reason(error)))
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// The system's words, lower case and without the number.
pub(super) fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_speaks_as_we_do() {
        let fault = Fault::io("read", Path::new("a.yaml"), &io::Error::from_raw_os_error(2));
        assert_eq!(fault.message, "cannot read `a.yaml`: no such file or directory");
    }
}
