//! Loads the settings of a run: `coupler.yaml`, overridden by flags.

use std::fmt::{self, Display, Formatter};
use std::fs;
use std::path::{Path, PathBuf};

use super::args::Flags;
use super::exit::Exit;
use super::fault::{Error, TypedContext, input_error};
use super::path_within::Root;
use super::read::{Named, Opened, PathTarget, STDIN, open, too_large};
use crate::api::{self, Defaults, OwnObject};
use crate::diagnostic::{Diagnostic, Findings, SourceText, lines};
use crate::limits;
use crate::manifest::scan::{Head, scan};
use crate::manifest::stream::type_of;
use crate::manifest::{Place, Span, Tree};
use crate::project;
use crate::render::{Role, Source};

/// The name of the settings' file.
pub(super) const FILE: &str = "coupler.yaml";

/// What is in force.
#[derive(Debug, Default)]
pub(super) struct EffectiveSettings {
    pub(super) settings: api::Settings,
    /// Where they were read.
    pub(super) path: Option<PathBuf>,
    /// Their file, where mappings of workloads follow the settings in it: read as a catalogue.
    pub(super) mappings: Option<Source>,
    /// Where else Interfaces and Sockets are read: the paths of the file, and then those of the
    /// command line.
    pub(super) catalogue: Vec<Named>,
    /// Whether the file or the command line sets whether our own kinds are kept.
    pub(super) integrations_given: bool,
}

impl EffectiveSettings {
    /// Where their file is.
    fn directory(&self) -> PathBuf {
        self.path
            .as_deref()
            .and_then(Path::parent)
            .unwrap_or(Path::new(""))
            .to_path_buf()
    }
}

/// A file of settings that can be read and has errors.
#[derive(Debug)]
pub(super) struct WrongSettings {
    pub(super) name: String,
    pub(super) text: String,
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl WrongSettings {
    /// What the places of its diagnostics count.
    pub(super) fn source(&self) -> SourceText<'_> {
        SourceText {
            name: &self.name,
            text: &self.text,
        }
    }
}

impl Display for WrongSettings {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "the settings in `{}` have errors", self.name)
    }
}

impl std::error::Error for WrongSettings {}

/// Reads the file, if there is one beside what is read first, and lets the command line win. Paths
/// in the file count from the file's directory.
pub(super) fn load(flags: &Flags, first: Option<&Path>) -> Result<EffectiveSettings, Error> {
    let found = match (&flags.settings, first) {
        (Some(path), _) => Some((path.clone(), open(path)?)),
        (None, Some(first)) => beside(flags, first)?,
        (None, None) => None,
    };
    let settings = found.map_or_else(
        || Ok(EffectiveSettings::default()),
        |(path, opened)| from_file(path, opened),
    )?;
    let directory = settings.directory();
    with(settings, flags, &directory)
}

/// The settings of a text that was read elsewhere: what it is called, and where it would be.
pub(super) fn of_text(
    name: String,
    text: String,
    path: PathBuf,
    flags: &Flags,
) -> Result<EffectiveSettings, Error> {
    if text.len() > limits::SETTINGS_BYTES {
        return Err(too_large(&format!("`{name}`"), limits::SETTINGS_BYTES));
    }
    // a directory of the revision need not be on the disk: where we are is in the same repository
    from_text(name, text, path).and_then(|settings| with(settings, flags, Path::new("")))
}

/// The command line wins. The catalogue may not lead out of the repository around `directory`.
fn with(
    mut settings: EffectiveSettings,
    flags: &Flags,
    directory: &Path,
) -> Result<EffectiveSettings, Error> {
    let base = settings.directory();
    let given = &mut settings.settings;
    for path in &mut given.catalog {
        let named = match reach(flags, directory)? {
            Some(root) => Named::Found {
                root,
                directory: base.clone(),
                path: PathBuf::from(&*path),
            },
            None => Named::ByUser(base.join(&*path)),
        };
        *path = named.shown().display().to_string();
        settings.catalogue.push(named);
    }
    settings
        .catalogue
        .extend(flags.coupling.catalog.iter().cloned().map(Named::ByUser));
    if let Some(namespace) = &flags.coupling.namespace {
        given.namespace = Some(namespace.clone());
    }
    if let Some(integrations) = flags.integrations {
        given.integrations = integrations.into();
        settings.integrations_given = true;
    }
    if let Some(orphans) = flags.coupling.orphans {
        given.orphans = orphans.into();
    }
    if let Some(plugs) = flags.coupling.plugs {
        given.plugs = plugs.into();
    }
    if let Some(service_bindings) = flags.coupling.service_bindings {
        given.service_bindings = service_bindings.into();
    }
    given.discard_edits |= flags.coupling.discard_edits;
    given.strict |= flags.strict;
    Ok(settings)
}

/// What the settings in a directory may not lead out of. Settings that the user names are
/// his own, unless a repository holds them.
fn reach(flags: &Flags, directory: &Path) -> Result<Option<Root>, Error> {
    if flags.settings.is_some() {
        let own = Root::at(directory)?;
        return Ok(match &flags.coupling.repository {
            Some(repository) => {
                Some(Root::at(repository)?).filter(|root| own.path().starts_with(root.path()))
            }
            None => Root::of_git(directory)?,
        });
    }
    repository(flags, directory).map(Some)
}

/// The repository around a directory, which what is found in it may not lead out of.
pub(super) fn repository(flags: &Flags, directory: &Path) -> Result<Root, Error> {
    let given = flags.coupling.repository.as_deref();
    given.map_or_else(|| Root::repository(directory), Root::at)
}

/// `coupler.yaml` beside the manifests: in the first directory, or beside the first file, else in
/// the current directory.
fn beside(flags: &Flags, first: &Path) -> Result<Option<(PathBuf, Opened)>, Error> {
    let directory = match first {
        path if path == Path::new(STDIN) => Path::new(""),
        path if path.is_dir() => path,
        path => path.parent().unwrap_or(Path::new("")),
    };
    for directory in [directory, Path::new("")] {
        let path = directory.join(FILE);
        if fs::symlink_metadata(&path).is_err() {
            continue;
        }
        let root = repository(flags, directory)?;
        let named = Named::Found {
            root,
            directory: directory.to_path_buf(),
            path: FILE.into(),
        };
        if let PathTarget::File(opened) = named.open() {
            return opened.map(|opened| Some((path, opened)));
        }
    }
    Ok(None)
}

fn from_file(path: PathBuf, opened: Opened) -> Result<EffectiveSettings, Error> {
    let name = path.display().to_string();
    let text = opened.text(&format!("`{name}`"), limits::SETTINGS_BYTES)?;
    from_text(name, text, path)
}

fn from_text(name: String, text: String, path: PathBuf) -> Result<EffectiveSettings, Error> {
    let mut wrong = Findings::new();
    match decode(&text, &mut wrong) {
        Some(decoded) if wrong.is_empty() => Ok(EffectiveSettings {
            settings: decoded.settings,
            path: Some(path),
            mappings: decoded.has_mappings.then_some(Source {
                name,
                text,
                role: Role::Catalogue,
            }),
            catalogue: Vec::new(),
            integrations_given: decoded.integrations_given,
        }),
        None if wrong.is_empty() => Err(input_error(format!(
            "`{name}` must contain one Coupler \
         object"
        ))
        .help(lines![
            ("write settings like this; only mappings of workloads may follow:"),
            ("  apiVersion: {}", api::API_VERSION),
            ("  kind: Coupler"),
            ("  spec:"),
            ("    namespace: shop")
        ])),
        _ => Err(Error::new(WrongSettings {
            name,
            text,
            diagnostics: wrong.into_vec(),
        })
        .exit(Exit::Findings)),
    }
}

/// What a file of settings holds.
struct DecodedFile {
    settings: api::Settings,
    /// Whether it sets `integrations`.
    integrations_given: bool,
    /// Whether mappings of workloads follow.
    has_mappings: bool,
}

fn decode(text: &str, out: &mut Findings) -> Option<DecodedFile> {
    let documents = scan(0, text);
    let mut documents = documents
        .iter()
        .filter(|document| document.head != Head::Empty);
    let document = documents.next()?;
    let others: Vec<_> = documents.collect();
    if !others.iter().all(|other| is_mapping(other.text)) {
        return None;
    }
    let at = |span: Span| Place {
        source: 0,
        span: Span {
            start: span.start + document.start,
            end: span.end + document.start,
        },
    };
    let tree = match Tree::read(document.text) {
        Ok(tree) => tree,
        Err(error) => {
            out.report(Diagnostic::unreadable(&error, at(error.span)));
            return None;
        }
    };
    let root = tree.root()?;
    let named = |key| tree.read_text(root, &[key]).shown();
    if named("kind") != Some("Coupler")
        || !named("apiVersion").is_some_and(|v| v.starts_with(api::GROUP))
    {
        return None;
    }
    // decoding refuses aliases and merge keys
    let given = tree
        .read_at(root, &["spec", "integrations"])
        .shown()
        .is_some();
    match api::decode(&tree, root, at(Span::default()), &Defaults::default(), out) {
        Some(OwnObject::Settings(settings)) => Some(DecodedFile {
            settings,
            integrations_given: given,
            has_mappings: !others.is_empty(),
        }),
        _ => None,
    }
}

/// Whether a document is a mapping of workloads; what is wrong within one is reported to whoever
/// needs it.
fn is_mapping(text: &str) -> bool {
    let Ok(tree) = Tree::read(text) else {
        return false;
    };
    let found = tree.root().and_then(|root| type_of(&tree, root));
    found.is_some_and(|found| project::is_workload_mapping(&found.api_version, &found.kind))
}
