//! Reads and writes files below a directory by its handle. No link is followed, so no file outside
//! of it is read or written.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};

use anyhow::Context;
use rustix::fs::{
    AtFlags, Dir, FileType, Mode, OFlags, RenameFlags, mkdirat, openat, renameat, renameat_with,
    statat, unlinkat,
};
use rustix::io::Errno;

use super::fault::{Error, cannot, io_error};
use super::staging::{TEMP, left_over, read_only, suffixed};

/// An open directory.
#[derive(Debug)]
pub(super) struct DirHandle {
    fd: OwnedFd,
    /// Its path, as it is printed.
    path: PathBuf,
}

/// What a name in a directory is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FileKind {
    File,
    Directory,
    Link,
    /// A pipe, a socket or a device.
    Special,
}

/// A name in a directory.
#[derive(Debug)]
pub(super) struct DirEntry {
    pub(super) name: OsString,
    pub(super) kind: FileKind,
}

/// Whether a file may take the place of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CommitTarget {
    /// Another file is replaced.
    Any,
    /// No file of this name exists.
    New,
}

impl DirHandle {
    /// A directory that the user names. In the working directory and around it, and in a Git
    /// repository, no link is followed, since a repository can hold one; the other directories of
    /// an absolute path are the user's own.
    pub(super) fn named(path: &Path) -> Result<Self, Error> {
        let UserPath { start, rest } = UserPath::of(path);
        let open = || rustix::fs::open(&start, DIRECTORY - OFlags::NOFOLLOW, Mode::empty());
        let fd = open().with_context(|| cannot("read", path))?;
        let mut at = Self {
            fd,
            path: start.clone(),
        };
        for part in rest.components() {
            let name = match part {
                Component::Normal(name) => name,
                Component::ParentDir => OsStr::new(".."),
                Component::CurDir | Component::RootDir | Component::Prefix(_) => continue,
            };
            at = at
                .child(name)?
                .ok_or_else(|| io_error("read", path, Errno::NOENT))?;
        }
        Ok(at.printed_as(path))
    }

    /// The directory that a path of the user's is in, and its name there.
    pub(super) fn around(path: &Path) -> Result<(Self, OsString), Error> {
        let name = path
            .file_name()
            .ok_or_else(|| Error::msg(format!("`{}` is not the name of a file", path.display())))?;
        let parent = path
            .parent()
            .filter(|parent| *parent != Path::new(""))
            .unwrap_or(Path::new("."));
        Ok((Self::named(parent)?, name.to_owned()))
    }

    /// The same directory, printed as another path.
    pub(super) fn printed_as(self, path: &Path) -> Self {
        Self {
            path: path.to_path_buf(),
            ..self
        }
    }

    /// Its path, as it is printed.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The path of a name, as it is printed.
    pub(super) fn shown(&self, name: &OsStr) -> PathBuf {
        if self.path == Path::new(".") {
            PathBuf::from(name)
        } else {
            self.path.join(name)
        }
    }

    /// What is there, if anything is.
    pub(super) fn kind(&self, name: &OsStr) -> Result<Option<FileKind>, Error> {
        match statat(&self.fd, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok(Some(FileKind::of(FileType::from_raw_mode(stat.st_mode)))),
            Err(Errno::NOENT | Errno::NOTDIR) => Ok(None),
            Err(error) => Err(self.fault("read", name, error)),
        }
    }

    /// A directory in this one, if there is one.
    pub(super) fn child(&self, name: &OsStr) -> Result<Option<Self>, Error> {
        match openat(&self.fd, name, DIRECTORY, Mode::empty()) {
            Ok(fd) => Ok(Some(Self {
                fd,
                path: self.shown(name),
            })),
            Err(Errno::NOENT) => Ok(None),
            Err(Errno::NOTDIR | Errno::LOOP) => Err(self.refused(name, "a directory")),
            Err(error) => Err(self.fault("read", name, error)),
        }
    }

    /// A directory below this one, made where it is missing.
    pub(super) fn make(&self, below: &Path) -> Result<Self, Error> {
        let fd = self
            .fd
            .try_clone()
            .with_context(|| cannot("read", &self.path))?;
        let mut at = Self {
            fd,
            path: self.path.clone(),
        };
        for part in below.iter() {
            match mkdirat(&at.fd, part, Mode::from_raw_mode(0o777)) {
                Ok(()) | Err(Errno::EXIST) => {}
                Err(error) => return Err(at.fault("write", part, error)),
            }
            at = at
                .child(part)?
                .ok_or_else(|| at.fault("write", part, Errno::NOENT))?;
        }
        Ok(at)
    }

    /// Everything in it, in the order of the names.
    pub(super) fn entries(&self) -> Result<Vec<DirEntry>, Error> {
        let fault = |error: Errno| io_error("read", &self.path, error);
        let mut entries = Vec::new();
        for entry in Dir::read_from(&self.fd).map_err(fault)? {
            let entry = entry.map_err(fault)?;
            let name = OsStr::from_bytes(entry.file_name().to_bytes());
            if name == "." || name == ".." {
                continue;
            }
            // gone again since it was listed
            let Some(kind) = self.kind(name)? else {
                continue;
            };
            entries.push(DirEntry {
                name: name.to_owned(),
                kind,
            });
        }
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(entries)
    }

    /// Opens a regular file, if there is one. No pipe is waited for.
    pub(super) fn open(&self, name: &OsStr) -> Result<Option<File>, Error> {
        let file = match openat(&self.fd, name, READ, Mode::empty()) {
            Ok(fd) => File::from(fd),
            Err(Errno::NOENT) => return Ok(None),
            Err(Errno::LOOP | Errno::NXIO) => return Err(self.refused(name, "a regular file")),
            Err(error) => return Err(self.fault("read", name, error)),
        };
        let meta = file
            .metadata()
            .with_context(|| cannot("read", &self.shown(name)))?;
        if !meta.is_file() {
            return Err(self.refused(name, "a regular file"));
        }
        Ok(Some(file))
    }

    /// Writes a file beside its place, from where it is moved.
    pub(super) fn stage(self, name: &OsStr, text: &str) -> Result<Staged, Error> {
        let mode = self.mode_of(name)?;
        let temp = suffixed(name, TEMP);
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file =
            openat(&self.fd, &temp, flags, Mode::from_raw_mode(0o666)).map_err(
                |error| match error {
                    Errno::EXIST => left_over(&[&self.shown(&temp)]),
                    _ => self.fault("write", name, error),
                },
            )?;
        let staged = Staged {
            directory: self,
            name: name.to_owned(),
            temp: Some(temp),
        };
        let written = fill(File::from(file), text, mode);
        written.with_context(|| cannot("write", &staged.directory.shown(name)))?;
        Ok(staged)
    }

    /// The permissions of the file that is to be replaced; refused where they do not let it be
    /// written.
    fn mode_of(&self, name: &OsStr) -> Result<Option<u32>, Error> {
        match self.kind(name)? {
            None => return Ok(None),
            Some(FileKind::File) => {}
            Some(_) => return Err(self.refused(name, "a regular file")),
        }
        let flags = OFlags::WRONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = openat(&self.fd, name, flags, Mode::empty())
            .map_err(|error| self.fault("write", name, error))?;
        let meta = File::from(file)
            .metadata()
            .with_context(|| cannot("write", &self.shown(name)))?;
        let mode = meta.mode() & 0o7777;
        if mode & 0o222 == 0 {
            Err(read_only(&self.shown(name)))
        } else {
            Ok(Some(mode))
        }
    }

    /// Removes a file, or a link.
    pub(super) fn remove(&self, name: &OsStr) -> Result<(), Error> {
        unlinkat(&self.fd, name, AtFlags::empty())
            .map_err(|error| self.fault("remove", name, error))
    }

    /// Makes the names in it last.
    pub(super) fn sync(&self) -> Result<(), Error> {
        rustix::fs::fsync(&self.fd).with_context(|| cannot("flush", &self.path))
    }

    fn fault(&self, verb: &str, name: &OsStr, error: Errno) -> Error {
        io_error(verb, &self.shown(name), error)
    }

    /// A name that leads to something else than is wanted.
    fn refused(&self, name: &OsStr, wanted: &str) -> Error {
        let shown = self.shown(name);
        let is_link = matches!(self.kind(name), Ok(Some(FileKind::Link)));
        let what = if is_link {
            "is a link, and links are not followed here".to_owned()
        } else {
            format!("is not {wanted}")
        };
        Error::msg(format!("`{}` {what}", shown.display()))
    }
}

/// A path of the user's: a directory that links may lead to, and what is below it, where none is
/// followed.
struct UserPath {
    start: PathBuf,
    rest: PathBuf,
}

impl UserPath {
    fn of(path: &Path) -> Self {
        let within = |start: &str, rest: &Path| Self {
            start: PathBuf::from(start),
            rest: rest.to_path_buf(),
        };
        if path.is_relative() {
            return within(".", path);
        }
        let Ok(working) = std::env::current_dir().and_then(fs::canonicalize) else {
            return within("/", path);
        };
        let is_working = |above: &&Path| fs::canonicalize(above).is_ok_and(|real| real == working);
        match path.ancestors().filter(is_working).last() {
            Some(above) => within(".", path.strip_prefix(above).unwrap_or(path)),
            None => {
                let start = repository(path).unwrap_or(path);
                Self {
                    start: start.to_path_buf(),
                    rest: path.strip_prefix(start).unwrap_or(path).to_path_buf(),
                }
            }
        }
    }
}

/// The Git repository that a path leads into: a directory by itself, unless only a link leads to
/// one.
fn repository(path: &Path) -> Option<&Path> {
    let is_repository = |above: &&Path| fs::symlink_metadata(above.join(".git")).is_ok();
    let mut above = path.ancestors().filter(is_repository);
    above
        .clone()
        .find(|above| !above.is_symlink())
        .or_else(|| above.next())
}

impl FileKind {
    fn of(kind: FileType) -> Self {
        match kind {
            FileType::RegularFile => Self::File,
            FileType::Directory => Self::Directory,
            FileType::Symlink => Self::Link,
            _ => Self::Special,
        }
    }
}

/// A written file beside its place, removed unless it is moved there.
#[derive(Debug)]
pub(super) struct Staged {
    directory: DirHandle,
    name: OsString,
    temp: Option<OsString>,
}

impl Staged {
    /// Moves it to its place, for good.
    pub(super) fn commit(mut self, target: CommitTarget) -> Result<(), Error> {
        let Some(temp) = self.temp.take() else {
            return Ok(());
        };
        let fd = &self.directory.fd;
        let moved = match target {
            CommitTarget::Any => renameat(fd, &temp, fd, &self.name),
            CommitTarget::New => rename_new(fd, &temp, &self.name),
        };
        if let Err(error) = moved {
            self.temp = Some(temp);
            return Err(self.directory.fault("write", &self.name, error));
        }
        self.directory.sync()
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if let Some(temp) = &self.temp {
            // nothing better can be done; the next run names the file
            let _ = unlinkat(&self.directory.fd, temp, AtFlags::empty());
        }
    }
}

/// A rename that replaces nothing, also on file systems that know no such rename.
fn rename_new(fd: &OwnedFd, from: &OsStr, to: &OsStr) -> rustix::io::Result<()> {
    match renameat_with(fd, from, fd, to, RenameFlags::NOREPLACE) {
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
            rustix::fs::linkat(fd, from, fd, to, AtFlags::empty())?;
            unlinkat(fd, from, AtFlags::empty())
        }
        done => done,
    }
}

fn fill(mut file: File, text: &str, mode: Option<u32>) -> io::Result<()> {
    file.write_all(text.as_bytes())?;
    if let Some(mode) = mode {
        rustix::fs::fchmod(&file, Mode::from_raw_mode(mode))?;
    }
    file.sync_all()
}

const DIRECTORY: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);
const READ: OFlags = OFlags::RDONLY
    .union(OFlags::NOFOLLOW)
    .union(OFlags::NONBLOCK)
    .union(OFlags::NOCTTY)
    .union(OFlags::CLOEXEC);
