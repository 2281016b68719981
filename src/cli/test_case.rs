//! Runs a case of `coupler test`: a directory with an input and the expected result. A case is read
//! and written by its handle, and changes nothing outside of it; it depends on the files of the
//! repository that its settings name.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::args::Flags;
use super::case_files::{CaseFiles, Missing, too_deep};
use super::dir_handle::{CommitTarget, DirHandle, FileKind};
use super::fault::{Error, TypedContext, input_error};
use super::settings::{self, EffectiveSettings, WrongSettings};
use crate::diagnostic::{self, TextOptions, printable};
use crate::limits;
use crate::render::{self, Input, Role};

/// The expected diagnostics are here.
pub(super) const DIAGNOSTICS: &str = "expected-diagnostics.txt";
/// What makes a directory a case, and what is expected of each.
const INPUTS: [(&str, &str); 4] = [
    ("input.yaml", "expected.yaml"),
    ("input.yml", "expected.yml"),
    ("input.json", "expected.json"),
    ("input", "expected"),
];
const SETTINGS: [&str; 2] = [settings::FILE, "settings.yaml"];
const CATALOGUES: [&str; 2] = ["catalog.yaml", "catalog"];

/// A case that was found, not yet read.
#[derive(Clone, Debug)]
pub(super) struct Case {
    /// As it is printed.
    pub(super) name: PathBuf,
    root: Rc<DirHandle>,
    below: PathBuf,
}

/// The directories at and below `root` that hold an input, in the order of their names; none within
/// another.
pub(super) fn find(root: &Path) -> Result<Vec<Case>, Error> {
    let handle = Rc::new(DirHandle::named(root)?);
    let mut search = CaseSearch {
        root: Rc::clone(&handle),
        name: root,
        found: Vec::new(),
    };
    search.directory(&handle, Path::new(""))?;
    Ok(search.found)
}

struct CaseSearch<'a> {
    root: Rc<DirHandle>,
    name: &'a Path,
    found: Vec<Case>,
}

impl CaseSearch<'_> {
    fn directory(&mut self, directory: &DirHandle, below: &Path) -> Result<(), Error> {
        let name = if below == Path::new("") {
            self.name.to_path_buf()
        } else {
            self.name.join(below)
        };
        let entries = directory.entries()?;
        let holds = |name: &str| entries.iter().any(|entry| entry.name == name);
        if INPUTS.iter().any(|(input, _)| holds(input)) {
            self.found.push(Case {
                name,
                root: Rc::clone(&self.root),
                below: below.to_path_buf(),
            });
            return Ok(());
        }
        if holds(DIAGNOSTICS) || INPUTS.iter().any(|(_, expected)| holds(expected)) {
            let fault = input_error(format!(
                "`{}` has an expected result, and no input",
                name.display()
            ));
            return Err(fault.help("a case needs an `input.yaml`"));
        }
        let is_hidden = |name: &OsStr| name.as_encoded_bytes().starts_with(b".");
        for entry in entries
            .iter()
            .filter(|entry| entry.kind == FileKind::Directory && !is_hidden(&entry.name))
        {
            let below = below.join(&entry.name);
            if below.iter().count() > limits::DIRECTORY_DEPTH {
                return Err(too_deep(&self.name.join(below)));
            }
            if let Some(child) = directory.child(&entry.name)? {
                self.directory(&child, &below)?;
            }
        }
        Ok(())
    }
}

/// What a case gives: texts by the names of the files that are to hold them.
pub(super) type Texts = BTreeMap<PathBuf, String>;

impl Case {
    fn open(&self) -> Result<DirHandle, Error> {
        let mut at = self.root.child(OsStr::new("."))?;
        for part in &self.below {
            let Some(directory) = &at else { break };
            at = directory.child(part)?;
        }
        let gone = || {
            Error::msg(format!(
                "cannot read `{}`: it no longer exists",
                self.name.display()
            ))
        };
        Ok(at.ok_or_else(gone)?.printed_as(&self.name))
    }

    /// Runs it; what keeps it from being run is what it gives instead.
    pub(super) fn run(&self, check: bool) -> Result<Texts, Error> {
        let input = read(&self.open()?)?;
        let output = if check {
            render::check(&input)
        } else {
            render::render(&input)
        };
        let mut texts = Texts::from([(DIAGNOSTICS.into(), output.text(&input))]);
        if !check && !output.has_errors() {
            for rendered in &output.rendered {
                let name = &input.sources[rendered.source as usize].name;
                texts.insert(
                    name.replacen("input", "expected", 1).into(),
                    rendered.text(),
                );
            }
        }
        texts.retain(|_, text| !text.is_empty());
        Ok(texts)
    }

    /// What is beside the input.
    pub(super) fn expected(&self, check: bool) -> Result<Texts, Error> {
        let case = self.open()?;
        let mut texts = Texts::new();
        let mut add = |name: &str| -> Result<(), Error> {
            let mut files = CaseFiles::of(&case);
            files.add(Path::new(name), Role::Stream, Missing::Nothing)?;
            texts.extend(
                files
                    .sources
                    .into_iter()
                    .map(|source| (source.name.into(), source.text)),
            );
            Ok(())
        };
        add(DIAGNOSTICS)?;
        if !check {
            for (_, expected) in INPUTS {
                add(expected)?;
            }
        }
        texts.retain(|_, text| !text.is_empty());
        Ok(texts)
    }

    /// Writes what came out over what was expected, and returns what was done to which file. Every
    /// file is written beside its place before the first is moved there.
    pub(super) fn update(&self, expected: &Texts, actual: &Texts) -> Result<String, Error> {
        let case = self.open()?;
        let mut done = String::new();
        let mut staged = Vec::new();
        for (name, text) in actual
            .iter()
            .filter(|(name, text)| expected.get(*name) != Some(*text))
        {
            let directory = case.make(name.parent().unwrap_or(Path::new("")))?;
            staged.push(directory.stage(name.file_name().unwrap_or_default(), text)?);
            done += &format!("wrote {}\n", shown(name));
        }
        for file in staged {
            file.commit(CommitTarget::Any)?;
        }
        for name in expected.keys().filter(|name| !actual.contains_key(*name)) {
            let directory = case.make(name.parent().unwrap_or(Path::new("")))?;
            directory.remove(name.file_name().unwrap_or_default())?;
            done += &format!("removed {}\n", shown(name));
        }
        Ok(done)
    }
}

/// A file's name on one line.
fn shown(name: &Path) -> String {
    printable::line(&name.display().to_string())
}

/// A case depends on nothing but what it holds: no settings are looked for where coupler runs.
fn read(case: &DirHandle) -> Result<Input, Error> {
    let EffectiveSettings {
        settings, mappings, ..
    } = read_settings(case)?;
    let mut files = CaseFiles::of(case);
    for (input, _) in INPUTS {
        files.add(Path::new(input), Role::Stream, Missing::Nothing)?;
    }
    for path in &settings.catalog {
        files.add_named(Path::new(path), Role::Catalogue)?;
    }
    for path in CATALOGUES {
        files.add(Path::new(path), Role::Catalogue, Missing::Nothing)?;
    }
    files.none_without_documents()?;
    let mut sources = files.sources;
    sources.extend(mappings);
    Ok(Input { sources, settings })
}

fn read_settings(case: &DirHandle) -> Result<EffectiveSettings, Error> {
    for name in SETTINGS {
        let Some(text) = CaseFiles::of(case).settings(name)? else {
            continue;
        };
        let loaded = settings::of_text(name.to_owned(), text, name.into(), &Flags::default());
        return loaded.map_err(with_diagnostics);
    }
    Ok(EffectiveSettings::default())
}

/// The error of wrong settings with its diagnostics as text, since a case's errors are lines of a
/// report.
fn with_diagnostics(error: Error) -> Error {
    match error.downcast::<WrongSettings>() {
        Ok(wrong) => {
            let text = diagnostic::text(
                &wrong.diagnostics,
                &[wrong.source()],
                &TextOptions::default(),
            );
            input_error(format!("the settings have errors\n{text}"))
        }
        Err(error) => error,
    }
}
