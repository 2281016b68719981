//! Names the new files and directories that are written next to the old ones, and reports existing
//! ones of the same names.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use super::fault::{Error, TypedContext};
use super::walk::quoted;
use crate::diagnostic::lines;

/// What a new file is called until it is in its place.
pub(super) const TEMP: &str = "coupler-tmp";

/// `.NAME.SUFFIX` in the same directory.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    path.with_file_name(suffixed(path.file_name().unwrap_or_default(), suffix))
}

/// `.NAME.SUFFIX`.
pub(super) fn suffixed(name: &OsStr, suffix: &str) -> OsString {
    let mut temp = OsString::from(".");
    temp.push(name);
    temp.push(".");
    temp.push(suffix);
    temp
}

/// The files that an earlier run did not remove.
pub(super) fn left_over(paths: &[&Path]) -> Error {
    let shown: Vec<_> = paths
        .iter()
        .map(|path| format!("`{}`", path.display()))
        .collect();
    let all: Vec<_> = paths.iter().map(|path| quoted(path)).collect();
    let be = if paths.len() == 1 { "exists" } else { "exist" };
    Error::msg(format!("cannot write: {} already {be}", shown.join(", "))).help(lines![
        ("an earlier run was stopped before it ended, or another one is running; if none is:"),
        ("  rm -f -- {}", all.join(" "))
    ])
}

/// A file whose permissions do not allow writing.
pub(super) fn read_only(path: &Path) -> Error {
    Error::msg(format!(
        "cannot write `{}`: its permissions do not allow writing",
        path.display()
    ))
    .help(lines![
        ("to allow it:"),
        ("  chmod u+w -- {}", quoted(path))
    ])
}
