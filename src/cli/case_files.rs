//! Reads the files of a case into sources, by the handle of its directory: a link, a pipe, or a
//! path that leaves it is an error.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};

use anyhow::Context;

use super::dir_handle::{DirHandle, FileKind};
use super::fault::{Error, TypedContext, cannot, input_error};
use super::path_within::Root;
use super::read::{Allowance, is_empty, read};
use super::settings;
use super::walk::is_manifest;
use crate::limits;
use crate::render::{Role, Source};

/// What a path that leads to nothing means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Missing {
    Nothing,
    Fault,
}

/// The sources of a case, each file read once.
pub(super) struct CaseFiles<'a> {
    case: &'a DirHandle,
    pub(super) sources: Vec<Source>,
    /// By device and inode.
    seen: BTreeSet<(u64, u64)>,
    /// Those that were named, and have no documents.
    empty: Vec<String>,
    /// Of all that is read.
    allowance: Allowance,
}

impl<'a> CaseFiles<'a> {
    pub(super) fn of(case: &'a DirHandle) -> Self {
        Self {
            case,
            sources: Vec::new(),
            seen: BTreeSet::new(),
            empty: Vec::new(),
            allowance: Allowance::default(),
        }
    }

    /// Adds a file, or the manifests of a directory in the order of their paths' bytes.
    pub(super) fn add(&mut self, path: &Path, role: Role, missing: Missing) -> Result<(), Error> {
        self.add_from(self.case, path, path, role, missing)
    }

    /// Adds what settings name: in the case, or elsewhere in the repository around it.
    pub(super) fn add_named(&mut self, path: &Path, role: Role) -> Result<(), Error> {
        if path
            .components()
            .all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
        {
            return self.add(path, role, Missing::Fault);
        }
        let Around { root, below } = Around::of(self.case.path(), path)?;
        let repository = DirHandle::named(root.path())?;
        self.add_from(&repository, &below, path, role, Missing::Fault)
    }

    /// Adds what is at `below` in a directory, called `path`.
    fn add_from(
        &mut self,
        from: &DirHandle,
        below: &Path,
        path: &Path,
        role: Role,
        missing: Missing,
    ) -> Result<(), Error> {
        let (parents, name) = steps(below)?;
        let mut at = None;
        for parent in &parents {
            let next = at.as_ref().unwrap_or(from).child(parent)?;
            at = Some(next.ok_or_else(|| absent(path))?);
        }
        let directory = at.as_ref().unwrap_or(from);
        match directory.kind(name)? {
            None if missing == Missing::Nothing => Ok(()),
            None => Err(absent(path)),
            Some(FileKind::Directory) => self.directory(directory, path, name, role),
            Some(FileKind::File | FileKind::Link | FileKind::Special) => {
                let before = self.sources.len();
                self.file(directory, path, name, role)?;
                let added = self.sources.get(before);
                self.empty.extend(
                    added
                        .filter(|source| is_empty(&source.text))
                        .map(|source| source.name.clone()),
                );
                Ok(())
            }
        }
    }

    /// Refuses files without documents where they were named.
    pub(super) fn none_without_documents(&self) -> Result<(), Error> {
        match self.empty.first() {
            Some(name) => Err(input_error(format!("no documents in `{name}`"))),
            None => Ok(()),
        }
    }

    /// The text of the settings, which are no source.
    pub(super) fn settings(mut self, name: &str) -> Result<Option<String>, Error> {
        if self.case.kind(OsStr::new(name))?.is_some() {
            self.file(self.case, Path::new(name), OsStr::new(name), Role::Stream)?;
        }
        Ok(self.sources.pop().map(|source| source.text))
    }

    fn directory(
        &mut self,
        parent: &DirHandle,
        path: &Path,
        name: &OsStr,
        role: Role,
    ) -> Result<(), Error> {
        let before = self.sources.len();
        let handle = parent.child(name)?.ok_or_else(|| absent(path))?;
        self.below(&handle, path, role)?;
        self.sources[before..].sort_by(|a, b| a.name.as_bytes().cmp(b.name.as_bytes()));
        if self.sources.len() == before && !path.starts_with("expected") {
            return Err(input_error(format!("no manifests in `{}`", path.display())));
        }
        Ok(())
    }

    fn below(&mut self, directory: &DirHandle, path: &Path, role: Role) -> Result<(), Error> {
        if path.iter().count() > limits::DIRECTORY_DEPTH {
            return Err(too_deep(path));
        }
        for entry in directory.entries()? {
            let (name, path) = (entry.name.as_os_str(), path.join(&entry.name));
            if name.as_encoded_bytes().starts_with(b".") {
                continue;
            }
            match entry.kind {
                FileKind::Directory => {
                    if let Some(child) = directory.child(name)? {
                        self.below(&child, &path, role)?;
                    }
                }
                // a link could be one to a directory
                FileKind::Link => self.file(directory, &path, name, role)?,
                FileKind::File | FileKind::Special if !is_manifest(&path) => {}
                FileKind::File | FileKind::Special if name == settings::FILE => {
                    let fault =
                        input_error(format!("the settings in `{}` are not used", path.display()));
                    return Err(
                        fault.help(format!("move them to `{}` of the case", settings::FILE))
                    );
                }
                FileKind::File | FileKind::Special => self.file(directory, &path, name, role)?,
            }
        }
        Ok(())
    }

    fn file(
        &mut self,
        directory: &DirHandle,
        path: &Path,
        name: &OsStr,
        role: Role,
    ) -> Result<(), Error> {
        let shown = directory.shown(name);
        let unnamed = || input_error(format!("the name of `{}` is not UTF-8", shown.display()));
        let called = path.to_str().ok_or_else(unnamed)?.to_owned();
        let file = directory.open(name)?.ok_or_else(|| absent(path))?;
        let meta = file.metadata().with_context(|| cannot("read", &shown))?;
        if !self.seen.insert((meta.dev(), meta.ino())) {
            return Ok(());
        }
        self.allowance.check(meta.len())?;
        let text = read(file, &format!("`{}`", shown.display()))?;
        self.allowance.count(text.len());
        self.sources.push(Source {
            name: called,
            text,
            role,
        });
        Ok(())
    }
}

/// The names on the way to a path, and its last one; refused where it leads up, or into a `.git`,
/// which holds credentials.
fn steps(path: &Path) -> Result<(Vec<&OsStr>, &OsStr), Error> {
    let mut names = Vec::new();
    for part in path.components() {
        match part {
            Component::Normal(name) if name.eq_ignore_ascii_case(".git") => {
                return Err(leads_out(path));
            }
            Component::Normal(name) => names.push(name),
            Component::CurDir => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => {
                return Err(leads_out(path));
            }
        }
    }
    let itself = || {
        input_error(
            "the catalogue of a case cannot be the directory of the case or of the repository",
        )
    };
    let name = names.pop().ok_or_else(itself)?;
    Ok((names, name))
}

/// Where a path leads that leads up from a case.
struct Around {
    root: Root,
    /// From the root: there is no step up in it.
    below: PathBuf,
}

impl Around {
    /// Refused where it leads out of the repository, which no link helps: what is below is not
    /// followed by name.
    fn of(case: &Path, path: &Path) -> Result<Self, Error> {
        let (root, own) = (Root::repository(case)?, Root::at(case)?);
        let mut below = own
            .path()
            .strip_prefix(root.path())
            .map_err(|_| leads_out(path))?
            .to_path_buf();
        for part in path.components() {
            match part {
                Component::Normal(name) => below.push(name),
                Component::CurDir => {}
                Component::ParentDir if below.pop() => {}
                Component::ParentDir | Component::RootDir | Component::Prefix(_) => {
                    return Err(leads_out(path));
                }
            }
        }
        Ok(Self { root, below })
    }
}

/// The error of cases, or a catalogue, in too many directories.
pub(super) fn too_deep(path: &Path) -> Error {
    let message = format!(
        "`{}` is more than {} directories deep",
        path.display(),
        limits::DIRECTORY_DEPTH
    );
    input_error(message).help("move the cases to a directory of their own")
}

fn leads_out(path: &Path) -> Error {
    input_error(format!("`{}` leads out of the repository", path.display()))
        .help("copy what the case needs into the repository, and name it from the case")
}

fn absent(path: &Path) -> Error {
    input_error(format!("`{}` was not found", path.display()))
}
