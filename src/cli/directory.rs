//! Writes a whole directory for `--output DIR`: first under another name next to it, then renamed.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;
use walkdir::WalkDir;

use super::dir_handle::{DirHandle, FileKind};
use super::fault::{Error, Errors, TypedContext, cannot, io_error};
use super::files::sync;
use super::staging::{TEMP, beside};
use super::walk::quoted;
use crate::diagnostic::lines;

/// What the old directory is called while the new one takes its place.
const OLD: &str = "coupler-old";

/// A file to be written.
pub(super) struct OutputFile<'a> {
    /// What the user calls the source.
    pub(super) name: &'a str,
    /// Its path below the directory.
    pub(super) relative: &'a Path,
    /// Its bytes.
    pub(super) pieces: &'a [Cow<'a, str>],
}

/// The directory itself; refused where it is a link or below one, and where it lies in or around
/// something that is read.
pub(super) fn target(directory: &Path, inputs: &[PathBuf]) -> Result<PathBuf, Error> {
    if directory.file_name().is_some() {
        let (around, name) = DirHandle::around(directory)?;
        if around.kind(&name)? == Some(FileKind::Link) {
            let message = format!(
                "`{}` is a link, and coupler does not write through links",
                directory.display()
            );
            return Err(Error::msg(message).help("name the directory itself: --output DIR"));
        }
    }
    let target = match fs::canonicalize(directory) {
        Ok(target) if target.is_dir() => target,
        Ok(_) => {
            return Err(Error::msg(format!(
                "`{}` is not a directory",
                directory.display()
            )));
        }
        Err(_) => {
            let parent = directory
                .parent()
                .filter(|p| !p.as_os_str().is_empty())
                .unwrap_or(Path::new("."));
            let parent = fs::canonicalize(parent).with_context(|| cannot("write below", parent))?;
            let Some(name) = directory.file_name() else {
                return Err(Error::msg(format!(
                    "`{}` is not the name of a directory",
                    directory.display()
                )));
            };
            parent.join(name)
        }
    };
    for input in inputs {
        let Ok(real) = fs::canonicalize(input) else {
            continue;
        };
        if target.starts_with(&real) || real.starts_with(&target) {
            let message = format!(
                "`{}` is inside or contains `{}`, which is read",
                directory.display(),
                input.display()
            );
            return Err(Error::msg(message).help("write to another directory"));
        }
    }
    Ok(target)
}

/// Writes the directory. What is there is replaced, but never a file that this run does not
/// write.
pub(super) fn write(target: &Path, entries: &[OutputFile<'_>]) -> Result<(), Errors> {
    let mut by_path: BTreeMap<&Path, &OutputFile<'_>> = BTreeMap::new();
    let mut faults = Vec::new();
    for entry in entries {
        if let Some(other) = by_path.insert(entry.relative, entry) {
            let path = entry.relative.display();
            faults.push(
                Error::msg(format!(
                    "`{}` and `{}` would both be written to `{path}`",
                    other.name, entry.name
                ))
                .help("render them one by one, or name their parent directory"),
            );
        }
    }
    put_back(target)?;
    faults.extend(foreign(target, &by_path));
    if !faults.is_empty() {
        return Err(Errors(faults));
    }
    Ok(swap(
        target,
        entries,
        SwapHooks {
            exchange,
            after: &mut |_| {},
        },
    )?)
}

/// A file of the directory that no run would write again.
fn foreign(target: &Path, ours: &BTreeMap<&Path, &OutputFile<'_>>) -> Option<Error> {
    let entries = WalkDir::new(target)
        .min_depth(1)
        .into_iter()
        .filter_map(Result::ok);
    let path = entries
        .filter(|entry| !entry.file_type().is_dir())
        .map(|entry| {
            entry
                .path()
                .strip_prefix(target)
                .unwrap_or(entry.path())
                .to_path_buf()
        })
        .find(|path| !ours.contains_key(path.as_path()))?;
    let message = format!(
        "`{}` contains `{}`, which this run does not write",
        target.display(),
        path.display()
    );
    Some(Error::msg(message).help(lines![
        ("if only coupler writes to this directory:"),
        ("  rm -r {}", quoted(target))
    ]))
}

/// A step of a swap, after which the tests end the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SwapStep {
    /// The new directory is complete, beside its place.
    Filled,
    /// Only where two directories cannot be exchanged: the old one has its other name, and there is
    /// none in its place.
    MovedAway,
    /// The new directory is in its place.
    Moved,
}

/// What the system and the tests do between the steps.
struct SwapHooks<'a> {
    exchange: fn(&Path, &Path) -> io::Result<()>,
    after: &'a mut dyn FnMut(SwapStep),
}

fn swap(target: &Path, entries: &[OutputFile<'_>], mut world: SwapHooks<'_>) -> Result<(), Error> {
    let (new, old) = (beside(target, TEMP), beside(target, OLD));
    if fs::symlink_metadata(&old).is_ok() {
        return Err(left(&old));
    }
    fs::create_dir(&new).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => left(&new),
        _ => io_error("write", &new, error),
    })?;
    let moved = fill(&new, entries).and_then(|()| {
        (world.after)(SwapStep::Filled);
        if target.exists() {
            replace(target, &new, &old, &mut world)
        } else {
            fs::rename(&new, target)
        }
    });
    if let Err(error) = moved {
        let _ = fs::remove_dir_all(&new);
        let fault = io_error("write", target, error);
        return Err(if old.exists() {
            let (old, target) = (quoted(&old), quoted(target));
            fault.help(lines![
                ("its old content is kept under another name:"),
                ("  mv {old} {target}")
            ])
        } else {
            fault
        });
    }
    let parent = target.parent().unwrap_or(Path::new("/"));
    sync(parent).with_context(|| cannot("flush", parent))
}

/// Puts the new directory in place of the old one, at once where the file system can exchange
/// two names.
fn replace(target: &Path, new: &Path, old: &Path, world: &mut SwapHooks<'_>) -> io::Result<()> {
    match (world.exchange)(new, target) {
        Ok(()) => {
            (world.after)(SwapStep::Moved);
            return fs::remove_dir_all(new);
        }
        Err(error) if error.kind() == io::ErrorKind::Unsupported => {}
        Err(error) => return Err(error),
    }
    fs::rename(target, old)?;
    (world.after)(SwapStep::MovedAway);
    fs::rename(new, target).inspect_err(|_| {
        // should this fail too, the error names the place of the old directory
        let _ = fs::rename(old, target);
    })?;
    (world.after)(SwapStep::Moved);
    fs::remove_dir_all(old)
}

/// Exchanges two names; an error of the kind *unsupported* where the file system cannot.
fn exchange(one: &Path, other: &Path) -> io::Result<()> {
    match renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE) {
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => Err(io::ErrorKind::Unsupported.into()),
        done => Ok(done?),
    }
}

/// Moves the old directory back where a run ended between its two renames: it is the only copy.
fn put_back(target: &Path) -> Result<(), Error> {
    let old = beside(target, OLD);
    if fs::symlink_metadata(target).is_ok() || !old.is_dir() {
        return Ok(());
    }
    fs::rename(&old, target).map_err(|error| {
        let (old, target) = (quoted(&old), quoted(target));
        io_error("write", Path::new(&target), error).help(lines![
            ("an earlier run was stopped before it ended; its directory is kept:"),
            ("  mv {old} {target}")
        ])
    })
}

/// What an earlier run did not remove: a copy, since the directory is in its place.
fn left(path: &Path) -> Error {
    Error::msg(format!("cannot write: `{}` already exists", path.display())).help(lines![
        ("an earlier run was stopped before it ended, or another one is running; if none is:"),
        ("  rm -r -- {}", quoted(path))
    ])
}

fn fill(directory: &Path, entries: &[OutputFile<'_>]) -> io::Result<()> {
    for entry in entries {
        let path = directory.join(entry.relative);
        fs::create_dir_all(path.parent().unwrap_or(directory))?;
        let mut out = BufWriter::new(File::create_new(path)?);
        for piece in entry.pieces {
            out.write_all(piece.as_bytes())?;
        }
        out.into_inner()
            .map_err(io::IntoInnerError::into_error)?
            .sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::fault::{help, message};

    fn entries<'a>(paths: &'a [&'a str], pieces: &'a [Cow<'a, str>]) -> Vec<OutputFile<'a>> {
        paths
            .iter()
            .map(|p| OutputFile {
                name: p,
                relative: Path::new(p),
                pieces,
            })
            .collect()
    }

    #[test]
    fn a_directory_is_written_and_written_again() {
        let dir = tempfile::tempdir().unwrap();
        let to = dir.path().join("out");
        for text in ["one", "two"] {
            write(&to, &entries(&["a.yaml", "b/c.yaml"], &[text.into()])).unwrap();
            assert_eq!(fs::read_to_string(to.join("b/c.yaml")).unwrap(), text);
        }
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn nobody_elses_file_is_lost() {
        let dir = tempfile::tempdir().unwrap();
        let to = dir.path().join("out");
        fs::create_dir(&to).unwrap();
        fs::write(to.join("mine.yaml"), "mine").unwrap();
        let Errors(faults) = write(&to, &entries(&["a.yaml"], &["x".into()])).unwrap_err();
        assert!(message(&faults[0]).contains("mine.yaml"), "{faults:?}");
        assert_eq!(fs::read_dir(&to).unwrap().count(), 1);
    }

    #[test]
    fn what_fails_halfway_leaves_the_old_directory() {
        let dir = tempfile::tempdir().unwrap();
        let to = dir.path().join("out");
        write(&to, &entries(&["a.yaml"], &["old".into()])).unwrap();
        // the second file's directory would be the first file
        let Errors(faults) =
            write(&to, &entries(&["a.yaml", "a.yaml/b.yaml"], &["new".into()])).unwrap_err();
        assert!(message(&faults[0]).contains("cannot write"), "{faults:?}");
        assert_eq!(fs::read_to_string(to.join("a.yaml")).unwrap(), "old");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_an_earlier_run_left_is_not_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("out")).unwrap();
        for left in [".out.coupler-tmp", ".out.coupler-old"] {
            fs::create_dir(dir.path().join(left)).unwrap();
            let Errors(faults) =
                write(&dir.path().join("out"), &entries(&["a.yaml"], &[])).unwrap_err();
            assert!(help(&faults[0]).unwrap().contains("rm -r"), "{faults:?}");
            fs::remove_dir(dir.path().join(left)).unwrap();
        }
    }

    /// A file system that cannot exchange two names.
    fn none(_: &Path, _: &Path) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Ends a run after a step, as a kill does: nothing of it is done afterwards.
    fn kill(to: &Path, at: SwapStep, exchange: fn(&Path, &Path) -> io::Result<()>) {
        let killed = std::panic::catch_unwind(|| {
            let mut after = |step| assert!(step != at, "killed");
            swap(
                to,
                &entries(&["a.yaml"], &["new".into()]),
                SwapHooks {
                    exchange,
                    after: &mut after,
                },
            )
        });
        assert!(killed.is_err(), "{at:?} is not reached");
    }

    #[test]
    fn a_killed_run_never_takes_the_only_copy() {
        type Exchange = fn(&Path, &Path) -> io::Result<()>;
        let cases: [(SwapStep, Exchange, Option<&str>); 5] = [
            (SwapStep::Filled, exchange, Some("old")),
            (SwapStep::Moved, exchange, Some("new")),
            (SwapStep::Filled, none, Some("old")),
            (SwapStep::MovedAway, none, None),
            (SwapStep::Moved, none, Some("new")),
        ];
        for (step, exchange, holds) in cases {
            let dir = tempfile::tempdir().unwrap();
            let to = dir.path().join("out");
            write(&to, &entries(&["a.yaml"], &["old".into()])).unwrap();
            kill(&to, step, exchange);
            assert_eq!(
                fs::read_to_string(to.join("a.yaml")).ok().as_deref(),
                holds,
                "{step:?}"
            );
            // the next run names what is left, and it may be removed: the directory is in its place
            let Errors(faults) = write(&to, &entries(&["a.yaml"], &["third".into()])).unwrap_err();
            let left: Vec<_> = [TEMP, OLD]
                .iter()
                .map(|suffix| beside(&to, suffix))
                .filter(|p| p.exists())
                .collect();
            let [left] = &left[..] else {
                panic!("{step:?}: {left:?}")
            };
            assert_eq!(
                fs::read_to_string(to.join("a.yaml")).unwrap(),
                holds.unwrap_or("old"),
                "{step:?}"
            );
            assert!(
                help(&faults[0])
                    .unwrap()
                    .ends_with(&format!("rm -r -- {}", left.display())),
                "{faults:?}"
            );
            fs::remove_dir_all(left).unwrap();
            write(&to, &entries(&["a.yaml"], &["third".into()])).unwrap();
            assert_eq!(fs::read_to_string(to.join("a.yaml")).unwrap(), "third");
            assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        }
    }

    #[test]
    fn an_old_directory_that_cannot_be_moved_back_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let to = dir.path().join("out");
        write(&to, &entries(&["a.yaml"], &["old".into()])).unwrap();
        let mut after = |step| {
            if step == SwapStep::MovedAway {
                fs::write(&to, "somebody's").unwrap();
            }
        };
        let world = SwapHooks {
            exchange: none,
            after: &mut after,
        };
        let fault = swap(&to, &entries(&["a.yaml"], &["new".into()]), world).unwrap_err();
        let moved = format!("  mv {} {}", beside(&to, OLD).display(), to.display());
        assert!(help(&fault).unwrap().ends_with(&moved));
        assert_eq!(
            fs::read_to_string(beside(&to, OLD).join("a.yaml")).unwrap(),
            "old"
        );
        fs::remove_file(&to).unwrap();
        write(&to, &entries(&["a.yaml"], &["third".into()])).unwrap();
        assert_eq!(fs::read_to_string(to.join("a.yaml")).unwrap(), "third");
    }

    #[test]
    fn no_link_is_written_through() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("elsewhere")).unwrap();
        std::os::unix::fs::symlink("elsewhere", dir.path().join("out")).unwrap();
        assert!(message(&target(&dir.path().join("out"), &[]).unwrap_err()).contains("is a link"));
    }

    #[test]
    fn one_place_takes_one_file() {
        let dir = tempfile::tempdir().unwrap();
        let Errors(faults) = write(
            &dir.path().join("out"),
            &entries(&["a.yaml", "a.yaml"], &[]),
        )
        .unwrap_err();
        assert!(message(&faults[0]).contains("both"), "{faults:?}");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_is_read_is_not_written() {
        let dir = tempfile::tempdir().unwrap();
        let input = dir.path().join("app");
        fs::create_dir(&input).unwrap();
        let inputs = [input.clone()];
        assert!(target(&input, &inputs).is_err());
        assert!(target(&input.join("out"), &inputs).is_err());
        assert!(target(dir.path(), &inputs).is_err());
        assert!(target(&dir.path().join("app2"), &inputs).is_ok());
    }
}
