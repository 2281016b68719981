//! The settings of a run: `coupler.yaml`, and what the command line says over it.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::args::Flags;
use super::fault::Fault;
use super::input::{STDIN, read};
use crate::api::{self, Defaults, Object};
use crate::diagnostic::Diagnostic;
use crate::manifest::scan::{Head, scan};
use crate::manifest::{Place, Span, Tree};

/// The name of the settings' file.
pub(super) const FILE: &str = "coupler.yaml";

/// What is in force.
#[derive(Debug, Default)]
pub(super) struct Settings {
    pub(super) settings: api::Settings,
    /// Where they were read.
    pub(super) path: Option<PathBuf>,
    /// Whether somebody said what becomes of our own kinds.
    pub(super) integrations_said: bool,
}

/// Why there are none.
#[derive(Debug)]
pub(super) enum Broken {
    /// The file cannot be read.
    Fault(Fault),
    /// It can, and is wrong: its name, its text, and what is wrong.
    Wrong(String, String, Vec<Diagnostic>),
}

/// Reads the file, if there is one beside what is read first, and lets the command line win. Paths in the file count from
/// the file's directory.
pub(super) fn load(flags: &Flags, first: Option<&Path>) -> Result<Settings, Broken> {
    let path = flags.settings.clone().or_else(|| beside(first?));
    let settings = path.map_or_else(|| Ok(Settings::default()), from_file)?;
    Ok(with(settings, flags))
}

/// The settings of a text that was read elsewhere: what it is called, and where it would stand.
pub(super) fn of_text(name: String, text: String, path: PathBuf, flags: &Flags) -> Result<Settings, Broken> {
    from_text(name, text, path).map(|settings| with(settings, flags))
}

/// The command line wins.
fn with(mut settings: Settings, flags: &Flags) -> Settings {
    let base = settings.path.as_deref().and_then(Path::parent).unwrap_or(Path::new("")).to_path_buf();
    let given = &mut settings.settings;
    for path in &mut given.catalog {
        *path = base.join(&*path).display().to_string();
    }
    if let Some(namespace) = &flags.namespace {
        given.namespace = Some(namespace.clone());
    }
    if let Some(integrations) = flags.integrations {
        given.integrations = integrations.into();
        settings.integrations_said = true;
    }
    if let Some(orphans) = flags.orphans {
        given.orphans = orphans.into();
    }
    given.discard_edits |= flags.discard_edits;
    given.strict |= flags.strict;
    settings
}

/// `coupler.yaml` beside the manifests: in the first directory, or beside the first file, else in the current directory.
fn beside(first: &Path) -> Option<PathBuf> {
    let directory = match first {
        path if path == Path::new(STDIN) => Path::new(""),
        path if path.is_dir() => path,
        path => path.parent().unwrap_or(Path::new("")),
    };
    [directory.join(FILE), PathBuf::from(FILE)].into_iter().find(|path| path.is_file())
}

fn from_file(path: PathBuf) -> Result<Settings, Broken> {
    let name = path.display().to_string();
    let text = File::open(&path)
        .map_err(|error| Fault::io("read", &path, &error))
        .and_then(|file| read(file, &format!("`{name}`")))
        .map_err(Broken::Fault)?;
    from_text(name, text, path)
}

fn from_text(name: String, text: String, path: PathBuf) -> Result<Settings, Broken> {
    let mut wrong = Vec::new();
    match decode(&text, &mut wrong) {
        Some((settings, integrations_said)) if wrong.is_empty() => {
            Ok(Settings { settings, path: Some(path), integrations_said })
        }
        None if wrong.is_empty() => {
            Err(Broken::Fault(Fault::of_input(format!("`{name}` is not one Coupler object")).help(format!(
                "settings are written like this:\n  apiVersion: {}\n  kind: Coupler\n  spec:\n    namespace: shop",
                api::API_VERSION
            ))))
        }
        _ => Err(Broken::Wrong(name, text, wrong)),
    }
}

fn decode(text: &str, out: &mut Vec<Diagnostic>) -> Option<(api::Settings, bool)> {
    let documents = scan(0, text);
    let mut documents = documents.iter().filter(|document| document.head != Head::Empty);
    let (Some(document), None) = (documents.next(), documents.next()) else { return None };
    let at = |span: Span| Place {
        source: 0,
        span: Span { start: span.start + document.start, end: span.end + document.start },
    };
    let tree = match Tree::read(document.text) {
        Ok(tree) => tree,
        Err(error) => {
            out.push(Diagnostic::unreadable(&error, at(error.span)));
            return None;
        }
    };
    let root = tree.root()?;
    let named = |key| tree.get(root, key).and_then(|node| tree.str(node));
    if named("kind") != Some("Coupler") || !named("apiVersion").is_some_and(|v| v.starts_with(api::GROUP)) {
        return None;
    }
    let said = tree.at(root, &["spec", "integrations"]).is_some();
    match api::decode(&tree, root, at(Span::default()), &Defaults::default(), out) {
        Some(Object::Settings(settings)) => Some((settings, said)),
        _ => None,
    }
}
