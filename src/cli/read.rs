//! Opens and reads every file that a run takes in: it checks the open handle, never a name.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::Context;
use rustix::fs::OFlags;

use super::fault::{Error, TypedContext, cannot};
use super::path_within::{PathWithin, Root};
use crate::limits;
pub(super) use crate::manifest::scan::is_empty;

/// Standard input, as a path.
pub(super) const STDIN: &str = "-";

/// The bytes that one run has read, of those that it may.
#[derive(Debug, Default)]
pub(super) struct Allowance {
    read: u64,
}

impl Allowance {
    /// Refuses so many more, before they are read.
    pub(super) fn check(&self, more: u64) -> Result<(), Error> {
        if self.read.saturating_add(more) <= limits::INPUT_BYTES as u64 {
            return Ok(());
        }
        let fault = Error::msg(format!(
            "the files are larger than {} MiB together",
            limits::INPUT_BYTES >> 20
        ));
        Err(fault.help("read fewer of them in one run"))
    }

    /// Counts so many more.
    pub(super) fn count(&mut self, read: usize) {
        self.read = self.read.saturating_add(read as u64);
    }
}

/// A path, by who named it, which decides how far it may lead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// The user, on the command line: anywhere, to a pipe or a device as well.
    ByUser(PathBuf),
    /// A file or a directory that was read: from this directory to regular files within the root.
    Found {
        root: Root,
        directory: PathBuf,
        path: PathBuf,
    },
}

/// What a path leads to.
pub(super) enum PathTarget {
    /// To a directory.
    Directory,
    /// To what can be opened, or to nothing.
    File(Result<Opened, Error>),
}

impl Named {
    /// The path as it counts from the working directory.
    pub(super) fn shown(&self) -> PathBuf {
        match self {
            Self::ByUser(path) => path.clone(),
            Self::Found {
                directory, path, ..
            } => directory.join(path),
        }
    }

    /// Opens what is there, unless it is a directory.
    pub(super) fn open(&self) -> PathTarget {
        match self {
            Self::ByUser(path) if path.is_dir() => PathTarget::Directory,
            Self::ByUser(path) => PathTarget::File(open(path)),
            Self::Found {
                root,
                directory,
                path,
            } => {
                let shown = self.shown();
                match root.resolve(directory, path) {
                    Ok(within) if within.path().is_dir() => PathTarget::Directory,
                    Ok(within) => PathTarget::File(open_within(&within, &shown)),
                    Err(refused) => PathTarget::File(Err(refused.fault(&shown, root))),
                }
            }
        }
    }
}

/// An open file, and what it was when it was opened.
#[derive(Debug)]
pub(super) struct Opened {
    file: File,
    pub(super) meta: Metadata,
}

impl Opened {
    /// All of it, as text.
    pub(super) fn source(self, name: &str) -> Result<String, Error> {
        self.text(name, limits::SOURCE_BYTES)
    }

    /// The same, of at most so many bytes.
    pub(super) fn text(self, name: &str, limit: usize) -> Result<String, Error> {
        if self.meta.is_file() && self.meta.len() > limit as u64 {
            return Err(too_large(name, limit));
        }
        text(self.file, name, limit)
    }
}

/// Opens what the user named.
pub(super) fn open(path: &Path) -> Result<Opened, Error> {
    File::open(path)
        .and_then(opened)
        .with_context(|| cannot("read", path))
}

/// Opens a regular file within a root. No pipe is waited for, and no link is followed: the path has
/// none.
pub(super) fn open_within(path: &PathWithin, shown: &Path) -> Result<Opened, Error> {
    let mut options = OpenOptions::new();
    let flags = OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::NOCTTY;
    options.read(true).custom_flags(flags.bits().cast_signed());
    let opened = options
        .open(path.path())
        .and_then(opened)
        .with_context(|| cannot("read", shown))?;
    let kind = opened.meta.file_type();
    let what = match () {
        () if kind.is_file() => return Ok(opened),
        () if kind.is_dir() => "a directory",
        () if kind.is_fifo() => "a pipe",
        () if kind.is_char_device() || kind.is_block_device() => "a device",
        () => "a socket",
    };
    Err(Error::msg(format!(
        "cannot read `{}`: it is {what}",
        shown.display()
    )))
}

fn opened(file: File) -> io::Result<Opened> {
    let meta = file.metadata()?;
    Ok(Opened { file, meta })
}

/// A whole stream, as text, of at most the bytes of one source.
pub(super) fn read(from: impl Read, name: &str) -> Result<String, Error> {
    text(from, name, limits::SOURCE_BYTES)
}

fn text(from: impl Read, name: &str, limit: usize) -> Result<String, Error> {
    let mut bytes = Vec::new();
    from.take(limit as u64 + 1)
        .read_to_end(&mut bytes)
        .with_context(|| format!("cannot read {name}"))?;
    if bytes.len() > limit {
        return Err(too_large(name, limit));
    }
    String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = memchr::memchr_iter(b'\n', valid).count() + 1;
        let fault = Error::msg(format!(
            "{name} is not UTF-8: its line {line} contains an invalid byte"
        ));
        let utf16 = matches!(error.as_bytes(), [0xff, 0xfe, ..] | [0xfe, 0xff, ..]);
        fault.help(if utf16 {
            "it looks like UTF-16: save it as UTF-8"
        } else {
            "save it as UTF-8"
        })
    })
}

/// The error of a text that is too long.
pub(super) fn too_large(name: &str, limit: usize) -> Error {
    Error::msg(format!("{name} is larger than {} MiB", limit >> 20)).help("split it")
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;
    use std::process::Command;

    use super::*;
    use crate::cli::fault::message;

    #[test]
    fn only_a_regular_file_is_opened_within_a_root() {
        let dir = tempfile::tempdir().unwrap();
        let root = Root::at(dir.path()).unwrap();
        assert!(
            Command::new("mkfifo")
                .arg(dir.path().join("pipe"))
                .status()
                .unwrap()
                .success()
        );
        let _socket = UnixListener::bind(dir.path().join("socket")).unwrap();
        std::fs::create_dir(dir.path().join("directory")).unwrap();
        std::fs::write(dir.path().join("file"), "kind: A\n").unwrap();
        let open = |name: &str| {
            open_within(
                &root.resolve(dir.path(), Path::new(name)).unwrap(),
                Path::new(name),
            )
        };
        assert_eq!(
            open("file").unwrap().text("`file`", 8).unwrap(),
            "kind: A\n"
        );
        assert_eq!(
            message(&open("pipe").unwrap_err()),
            "cannot read `pipe`: it is a pipe"
        );
        assert_eq!(
            message(&open("directory").unwrap_err()),
            "cannot read `directory`: it is a directory"
        );
        assert!(message(&open("socket").unwrap_err()).starts_with("cannot read `socket`"));
        let devices = Root::at(Path::new("/dev")).unwrap();
        let zero = devices
            .resolve(Path::new("/dev"), Path::new("zero"))
            .unwrap();
        assert_eq!(
            message(&open_within(&zero, Path::new("zero")).unwrap_err()),
            "cannot read `zero`: it is a device"
        );
    }

    #[test]
    fn a_large_file_is_refused_before_it_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("large");
        File::create(&path)
            .unwrap()
            .set_len(limits::SOURCE_BYTES as u64 + 1)
            .unwrap();
        let held = allocation_counter::measure(|| {
            let fault = open(&path)
                .unwrap()
                .text("`large`", limits::SOURCE_BYTES)
                .unwrap_err();
            assert_eq!(message(&fault), "`large` is larger than 1024 MiB");
        });
        assert!(held.bytes_max < 1 << 16, "{held:?}");
    }
}
