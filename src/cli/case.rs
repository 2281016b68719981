//! A case of `coupler test`: a directory with an input and what is expected of it.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::args::Flags;
use super::fault::Fault;
use super::input::{self, Collected, Given, Options};
use super::read::{self, Named};
use super::settings::{self, Broken, Settings};
use super::walk::walk;
use crate::diagnostic::{self, SourceText, TextOptions, has_errors};
use crate::render::{self, Input};

/// What is said is expected here.
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

/// The directories at and below `root` that hold an input, in the order of their names; none within another.
pub(super) fn find(root: &Path) -> Result<Vec<PathBuf>, Fault> {
    let mut found = Vec::new();
    let hidden = |name: &std::ffi::OsStr| name.as_encoded_bytes().starts_with(b".");
    let entries = WalkDir::new(root).sort_by_file_name().into_iter();
    let mut entries = entries.filter_entry(|e| e.depth() == 0 || e.file_type().is_dir() && !hidden(e.file_name()));
    while let Some(entry) = entries.next() {
        let entry = entry.map_err(|error| {
            let reason = error.io_error().map_or_else(|| error.to_string(), super::fault::reason);
            Fault::new(format!("cannot read `{}`: {reason}", error.path().unwrap_or(root).display()))
        })?;
        let holds = |name: &str| entry.path().join(name).exists();
        if INPUTS.iter().any(|(input, _)| holds(input)) {
            found.push(entry.path().to_path_buf());
            entries.skip_current_dir();
        } else if holds(DIAGNOSTICS) || INPUTS.iter().any(|(_, expected)| holds(expected)) {
            let fault = Fault::of_input(format!("`{}` expects something of no input", entry.path().display()));
            return Err(fault.help("a case begins with `input.yaml`"));
        }
    }
    Ok(found)
}

/// What a case gives: texts by the names of the files that are to hold them.
pub(super) type Texts = BTreeMap<PathBuf, String>;

/// Runs a case; what keeps it from being run is what it gives instead.
pub(super) fn run(case: &Path, check: bool) -> Result<Texts, Fault> {
    let input = read(case)?;
    let output = if check { render::check(&input) } else { render::render(&input) };
    let sources: Vec<_> = input.sources.iter().map(|s| SourceText { name: &s.name, text: &s.text }).collect();
    let options = TextOptions { infos: true, ..TextOptions::default() };
    let mut texts = Texts::from([(DIAGNOSTICS.into(), diagnostic::text(&output.diagnostics, &sources, &options))]);
    if !check && !has_errors(&output.diagnostics) {
        for rendered in &output.rendered {
            let name = &input.sources[rendered.source as usize].name;
            texts.insert(name.replacen("input", "expected", 1).into(), rendered.pieces.concat());
        }
    }
    texts.retain(|_, text| !text.is_empty());
    Ok(texts)
}

/// What stands beside the input.
pub(super) fn expected(case: &Path, check: bool) -> Result<Texts, Fault> {
    let mut names = vec![PathBuf::from(DIAGNOSTICS)];
    if !check {
        names.extend(INPUTS[..3].iter().map(|(_, name)| name.into()));
        let directory = case.join("expected");
        if directory.is_dir() {
            let below = walk(&directory, true);
            names.extend(below.files.into_iter().map(|found| Path::new("expected").join(found.relative)));
        }
    }
    let mut texts = Texts::new();
    for name in names {
        let path = case.join(&name);
        match fs::File::open(&path) {
            Ok(file) => drop(texts.insert(name, read::read(file, &format!("`{}`", path.display()))?)),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(Fault::io("read", &path, &error)),
        }
    }
    texts.retain(|_, text| !text.is_empty());
    Ok(texts)
}

/// Writes what came out over what was expected, and says what was done to which file.
pub(super) fn update(case: &Path, expected: &Texts, actual: &Texts) -> Result<String, Fault> {
    let mut done = String::new();
    for (name, text) in actual.iter().filter(|(name, text)| expected.get(*name) != Some(*text)) {
        let path = case.join(name);
        let fault = |error: std::io::Error| Fault::io("write", &path, &error);
        fs::create_dir_all(path.parent().unwrap_or(case)).map_err(fault)?;
        fs::write(&path, text).map_err(fault)?;
        done += &format!("wrote {}\n", name.display());
    }
    for name in expected.keys().filter(|name| !actual.contains_key(*name)) {
        let path = case.join(name);
        fs::remove_file(&path).map_err(|error| Fault::io("remove", &path, &error))?;
        done += &format!("removed {}\n", name.display());
    }
    Ok(done)
}

/// A case depends on nothing but what it names: no settings are looked for where coupler runs.
fn read(case: &Path) -> Result<Input, Fault> {
    let there = |names: &[&str]| -> Vec<PathBuf> {
        names.iter().map(|name| case.join(name)).filter(|path| path.exists()).collect()
    };
    let flags = Flags { settings: there(&SETTINGS).into_iter().next(), ..Flags::default() };
    let Settings { settings, path, mut catalogue, .. } =
        settings::load(&flags, None).map_err(|broken| match broken {
            Broken::Fault(fault) => fault,
            Broken::Wrong(name, text, wrong) => {
                let sources = [SourceText { name: &local(case, &name), text: &text }];
                Fault::of_input(format!(
                    "the settings are wrong\n{}",
                    diagnostic::text(&wrong, &sources, &TextOptions::default())
                ))
            }
        })?;
    let inputs: Vec<_> = there(&INPUTS.map(|(input, _)| input)).into_iter().map(Named::ByUser).collect();
    catalogue.extend(there(&CATALOGUES).into_iter().map(Named::ByUser));
    let options = Options { command: "test", plain: true, settings: path.as_deref() };
    let Collected { mut sources, warnings, .. } =
        input::collect(Given::Paths(&inputs), &catalogue, options).map_err(|faults| joined(&faults))?;
    if let Some(warning) = warnings.first() {
        return Err(Fault::of_input(warning.clone()));
    }
    for source in &mut sources {
        source.name = local(case, &source.name);
    }
    Ok(Input { sources, settings })
}

fn local(case: &Path, name: &str) -> String {
    Path::new(name).strip_prefix(case).map_or_else(|_| name.to_owned(), |name| name.display().to_string())
}

fn joined(faults: &[Fault]) -> Fault {
    let lines: Vec<_> = faults.iter().map(|fault| fault.message.as_str()).collect();
    Fault { message: lines.join("\n"), help: None, status: faults.iter().map(|fault| fault.status).max().unwrap_or(1) }
}
