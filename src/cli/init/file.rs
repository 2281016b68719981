//! Adds a manifest to the end of a file, or creates the file.

use std::borrow::Cow;
use std::fs;
use std::path::Path;

use anyhow::Context;

use crate::cli::dir_handle::{CommitTarget, DirHandle};
use crate::cli::fault::{Errors, TypedContext, cannot, input_error};
use crate::cli::files::{self, FileChange, Stamp};
use crate::cli::read;
use crate::manifest::Tree;
use crate::manifest::scan::scan;

/// Below what is in the file, or into a new one, which is there with all of the text or not at all.
pub(super) fn add(path: &Path, text: &str) -> Result<(), Errors> {
    let (directory, last) = DirHandle::around(path)?;
    let Some(file) = directory.open(&last)? else {
        return Ok(directory.stage(&last, text)?.commit(CommitTarget::New)?);
    };
    let real = fs::canonicalize(path).with_context(|| cannot("write", path))?;
    let stamp = Stamp::of(&file.metadata().with_context(|| cannot("write", path))?);
    let name = path.display().to_string();
    let before = read::read(file, &format!("`{name}`"))?;
    if before.trim_start().starts_with(['{', '[']) {
        let fault = input_error(format!(
            "`{name}` is JSON, which can have only one document"
        ));
        return Err(fault
            .help("write it to a file of its own with --output FILE")
            .into());
    }
    if !before.ends_with('\n') && !takes_newline(&before) {
        let fault = input_error(format!(
            "`{name}` ends within a block text: another line would change it"
        ));
        let help =
            "end the file with a newline, or write it to a file of its own with --output FILE";
        return Err(fault.help(help).into());
    }
    let end = if before.is_empty() || before.ends_with('\n') {
        ""
    } else {
        "\n"
    };
    let between = if before.trim().is_empty() {
        ""
    } else {
        "---\n"
    };
    let pieces = [before.as_str(), end, between, text].map(Cow::Borrowed);
    files::replace(&[FileChange {
        name: &name,
        path: &real,
        stamp: &stamp,
        pieces: &pieces,
    }])
}

/// Whether the last document has the same content with a newline at its end (YAML 1.2 §8.1.1.2: a
/// block text may not).
fn takes_newline(text: &str) -> bool {
    let documents = scan(0, text);
    let Some(last) = documents.last() else {
        return true;
    };
    let more = format!("{}\n", last.text);
    let json = |text| {
        Tree::read(text)
            .ok()
            .and_then(|tree| tree.json(tree.root()?).ok())
    };
    json(last.text) == json(&more)
}
