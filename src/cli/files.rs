//! Replaces files in place, all or none: everything is first written next to the originals, then
//! renamed.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fs::{self, File, Metadata, OpenOptions, Permissions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

use anyhow::Context;
use rustix::fs::OFlags;

use super::attributes;
use super::fault::{Error, Errors, TypedContext, cannot, io_error};
use super::staging::{TEMP, beside, left_over, read_only};
use crate::diagnostic::Help;

/// What a file was when it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
    /// Set by the system at each change; unlike the time above, it cannot be set back.
    changed: (i64, i64),
    mode: u32,
    owner: (u32, u32),
    links: u64,
    regular: bool,
}

impl Stamp {
    pub(super) fn of(meta: &Metadata) -> Self {
        Self {
            device: meta.dev(),
            inode: meta.ino(),
            size: meta.size(),
            modified: (meta.mtime(), meta.mtime_nsec()),
            changed: (meta.ctime(), meta.ctime_nsec()),
            mode: meta.mode() & 0o7777,
            owner: (meta.uid(), meta.gid()),
            links: meta.nlink(),
            regular: meta.is_file(),
        }
    }

    /// One file has one, whatever it is called.
    pub(super) fn identity(&self) -> (u64, u64) {
        (self.device, self.inode)
    }

    /// Whether it is a file, and no pipe or device.
    pub(super) fn is_regular(&self) -> bool {
        self.regular
    }

    /// Whether it is the same file, with the same bytes as far as the system reports.
    fn is_still(&self, now: &Self) -> bool {
        let times = (self.modified, self.changed);
        self.identity() == now.identity()
            && self.size == now.size
            && times == (now.modified, now.changed)
    }
}

/// A file and what it is to hold.
pub(super) struct FileChange<'a> {
    /// What the user calls it.
    pub(super) name: &'a str,
    /// The file itself, no link.
    pub(super) path: &'a Path,
    /// What it was when it was read.
    pub(super) stamp: &'a Stamp,
    /// Its new bytes.
    pub(super) pieces: &'a [Cow<'a, str>],
}

/// A step of a replacement, after which the tests let the world interfere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ReplaceStep {
    /// All new files are beside the old ones.
    Written,
    /// So many are renamed.
    Renamed(usize),
}

/// Replaces all files or none. Only a failure while renaming leaves some of them renamed, and
/// reports which: running again then completes the work.
pub(super) fn replace(changes: &[FileChange<'_>]) -> Result<(), Errors> {
    replace_with(changes, &mut |_| {})
}

fn replace_with(
    changes: &[FileChange<'_>],
    after: &mut dyn FnMut(ReplaceStep),
) -> Result<(), Errors> {
    let mut faults: Vec<_> = changes.iter().filter_map(irreplaceable).collect();
    faults.extend(left_from_before(changes));
    if !faults.is_empty() {
        return Err(Errors(faults));
    }
    let mut temps = Vec::new();
    for change in changes {
        temps.push(Temp::write(change)?);
    }
    after(ReplaceStep::Written);
    let faults: Vec<_> = changes.iter().filter_map(changed).collect();
    if !faults.is_empty() {
        return Err(Errors(faults));
    }
    let mut directories = BTreeSet::new();
    for (done, (change, temp)) in changes.iter().zip(temps).enumerate() {
        if let Err(error) = temp.rename(change.path) {
            return Err(half(changes, done, error).into());
        }
        directories.insert(change.path.parent().unwrap_or(Path::new("/")));
        after(ReplaceStep::Renamed(done + 1));
    }
    for directory in directories {
        sync(directory).with_context(|| cannot("flush", directory))?;
    }
    Ok(())
}

/// Why a file cannot be replaced by another of its name.
fn irreplaceable(change: &FileChange<'_>) -> Option<Error> {
    let FileChange { name, stamp, .. } = change;
    if !stamp.regular {
        return Some(Error::msg(format!(
            "`{name}` is not a regular file: it cannot be written in place"
        )));
    }
    if stamp.mode & 0o222 == 0 {
        return Some(read_only(Path::new(name)));
    }
    // opened for writing and closed again: this changes nothing
    if let Err(error) = open(change.path, WriteAccess::Write) {
        return Some(io_error("write", Path::new(name), error));
    }
    (stamp.links > 1).then(|| {
        Error::msg(format!(
            "`{name}` has {} hard links, which writing it would separate",
            stamp.links
        ))
        .help("write to standard output or to a directory (--output), or copy the file first")
    })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WriteAccess {
    Read,
    Write,
}

/// Opens a file that is to be replaced: no link is followed, and no pipe is waited for.
fn open(path: &Path, access: WriteAccess) -> io::Result<File> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
    let mut options = OpenOptions::new();
    match access {
        WriteAccess::Read => options.read(true),
        WriteAccess::Write => options.write(true),
    };
    options.custom_flags(flags.bits() as i32).open(path)
}

/// What a run that was killed did not remove, all at once.
fn left_from_before(changes: &[FileChange<'_>]) -> Option<Error> {
    let temps = changes.iter().map(|change| beside(change.path, TEMP));
    let left: Vec<_> = temps
        .filter(|temp| fs::symlink_metadata(temp).is_ok())
        .collect();
    let left: Vec<_> = left.iter().map(PathBuf::as_path).collect();
    (!left.is_empty()).then(|| left_over(&left))
}

/// Whether somebody else wrote the file since it was read.
fn changed(change: &FileChange<'_>) -> Option<Error> {
    match fs::symlink_metadata(change.path) {
        Ok(meta) if change.stamp.is_still(&Stamp::of(&meta)) => None,
        Ok(_) => Some(
            Error::msg(format!(
                "`{}` was changed while coupler ran; nothing was written",
                change.name
            ))
            .help("run it again"),
        ),
        Err(error) => Some(io_error("find again", change.path, error)),
    }
}

/// Which files are renamed after a rename failed.
fn half(changes: &[FileChange<'_>], done: usize, error: io::Error) -> Error {
    let names = |changes: &[FileChange<'_>]| {
        Help::of_lines(changes.iter().map(|c| format!("  {}", c.name)))
    };
    let fault = io_error("replace", Path::new(changes[done].name), error);
    if done == 0 {
        return fault.help("nothing was written");
    }
    let (written, rest) = changes.split_at(done);
    fault.help(
        Help::from("these were written:")
            .and(names(written))
            .and("these were not changed:")
            .and(names(rest))
            .and("run the same command again to write the rest"),
    )
}

/// A new file beside an old one, removed unless it is renamed.
struct Temp {
    path: Option<PathBuf>,
}

impl Temp {
    fn write(change: &FileChange<'_>) -> Result<Self, Error> {
        let path = beside(change.path, TEMP);
        let mut options = OpenOptions::new();
        let opened = options.write(true).create_new(true).mode(0o600).open(&path);
        let file = opened.map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => left_over(&[&path]),
            _ => io_error("write", &path, error),
        })?;
        let temp = Self { path: Some(path) };
        let file = temp.fill(file, change).map_err(|error| {
            let kind = error.kind();
            let fault = io_error("write", Path::new(change.name), error);
            match kind {
                io::ErrorKind::PermissionDenied => {
                    fault.help("its owner cannot be kept; run coupler as the owner")
                }
                _ => fault,
            }
        })?;
        let cannot_write = || cannot("write", Path::new(change.name));
        let old = open(change.path, WriteAccess::Read).with_context(cannot_write)?;
        let meta = old.metadata().with_context(cannot_write)?;
        // else it is another file by now, which is found when all are compared
        if Stamp::of(&meta).identity() == change.stamp.identity() {
            attributes::keep(change.name, &old, &file)?;
        }
        file.sync_all().with_context(cannot_write)?;
        Ok(temp)
    }

    fn fill(&self, file: File, change: &FileChange<'_>) -> io::Result<File> {
        let mut out = BufWriter::new(file);
        for piece in change.pieces {
            out.write_all(piece.as_bytes())?;
        }
        let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        let meta = file.metadata()?;
        let (owner, group) = change.stamp.owner;
        if (meta.uid(), meta.gid()) != (owner, group) {
            fchown(&file, Some(owner), Some(group))?;
        }
        file.set_permissions(Permissions::from_mode(change.stamp.mode))?;
        Ok(file)
    }

    fn rename(mut self, to: &Path) -> io::Result<()> {
        let Some(path) = self.path.take() else {
            return Ok(());
        };
        fs::rename(&path, to).inspect_err(|_| self.path = Some(path))
    }
}

impl Drop for Temp {
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            // nothing better can be done; the next run names the file
            let _ = fs::remove_file(path);
        }
    }
}

/// Makes the names in a directory last.
pub(super) fn sync(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::fault::{help, message};

    struct Given {
        dir: tempfile::TempDir,
        files: Vec<(String, PathBuf, Stamp)>,
    }

    fn given(names: &[&str]) -> Given {
        let dir = tempfile::tempdir().unwrap();
        let files = names
            .iter()
            .map(|name| {
                let path = dir.path().join(name);
                fs::write(&path, "old").unwrap();
                (
                    name.to_string(),
                    path.clone(),
                    Stamp::of(&fs::metadata(&path).unwrap()),
                )
            })
            .collect();
        Given { dir, files }
    }

    impl Given {
        fn replace(&self, after: &mut dyn FnMut(ReplaceStep)) -> Result<(), Errors> {
            let pieces = [Cow::Borrowed("n"), Cow::Borrowed("ew")];
            let change = |(name, path, stamp)| FileChange {
                name,
                path,
                stamp,
                pieces: &pieces,
            };
            let changes: Vec<_> = self
                .files
                .iter()
                .map(|(n, p, s)| change((n, p, s)))
                .collect();
            replace_with(&changes, after)
        }

        /// What the directory holds: names and texts.
        fn holds(&self) -> Vec<(String, String)> {
            let mut all: Vec<_> = fs::read_dir(self.dir.path())
                .unwrap()
                .map(|e| e.unwrap())
                .filter(|e| e.file_type().unwrap().is_file())
                .map(|e| {
                    (
                        e.file_name().into_string().unwrap(),
                        fs::read_to_string(e.path()).unwrap(),
                    )
                })
                .collect();
            all.sort();
            all
        }
    }

    fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
        expected
            .iter()
            .map(|(a, b)| (a.to_string(), b.to_string()))
            .collect()
    }

    #[test]
    fn all_are_replaced_and_keep_their_modes() {
        let given = given(&["a", "b"]);
        fs::set_permissions(&given.files[0].1, Permissions::from_mode(0o640)).unwrap();
        let mut given = given;
        given.files[0].2 = Stamp::of(&fs::metadata(&given.files[0].1).unwrap());
        given.replace(&mut |_| {}).unwrap();
        assert_eq!(given.holds(), pairs(&[("a", "new"), ("b", "new")]));
        assert_eq!(
            fs::metadata(&given.files[0].1).unwrap().mode() & 0o7777,
            0o640
        );
    }

    #[test]
    fn a_file_changed_meanwhile_stops_everything() {
        let given = given(&["a", "b"]);
        let path = given.files[1].1.clone();
        let faults = given.replace(&mut |step| {
            if step == ReplaceStep::Written {
                fs::write(&path, "mine").unwrap();
            }
        });
        assert!(message(&faults.unwrap_err().0[0]).contains("`b` was changed"));
        assert_eq!(given.holds(), pairs(&[("a", "old"), ("b", "mine")]));
    }

    #[test]
    fn a_file_replaced_or_removed_meanwhile_stops_everything() {
        let given = given(&["a", "b"]);
        let (first, second) = (given.files[0].1.clone(), given.files[1].1.clone());
        let faults = given.replace(&mut |_| {
            fs::remove_file(&first).unwrap();
            fs::copy(&second, &first).unwrap();
            fs::remove_file(&second).unwrap();
        });
        assert_eq!(faults.unwrap_err().0.len(), 2);
        assert_eq!(given.holds(), pairs(&[("a", "old")]));
    }

    #[test]
    fn a_time_that_was_set_back_hides_no_edit() {
        let given = given(&["a", "b"]);
        let (_, path, stamp) = &given.files[1];
        let faults = given.replace(&mut |_| {
            let then = fs::metadata(path).unwrap().modified().unwrap();
            // until the clock of the file system has moved on
            while Stamp::of(&fs::metadata(path).unwrap()).changed == stamp.changed {
                fs::write(path, "ODD").unwrap();
                File::options()
                    .write(true)
                    .open(path)
                    .unwrap()
                    .set_modified(then)
                    .unwrap();
            }
            assert_eq!(
                Stamp::of(&fs::metadata(path).unwrap()).modified,
                stamp.modified
            );
        });
        assert!(message(&faults.unwrap_err().0[0]).contains("`b` was changed"));
        assert_eq!(given.holds(), pairs(&[("a", "old"), ("b", "ODD")]));
    }

    #[test]
    fn hard_links_are_refused() {
        let mut given = given(&["a", "b"]);
        fs::hard_link(&given.files[1].1, given.dir.path().join("c")).unwrap();
        given.files[1].2 = Stamp::of(&fs::metadata(&given.files[1].1).unwrap());
        let Errors(faults) = given.replace(&mut |_| {}).unwrap_err();
        assert!(message(&faults[0]).contains("2 hard links"), "{faults:?}");
        assert_eq!(
            given.holds(),
            pairs(&[("a", "old"), ("b", "old"), ("c", "old")])
        );
    }

    #[test]
    fn what_an_earlier_run_left_is_not_overwritten() {
        let given = given(&["a", "b"]);
        fs::write(given.dir.path().join(".b.coupler-tmp"), "theirs").unwrap();
        let Errors(faults) = given.replace(&mut |_| {}).unwrap_err();
        assert!(help(&faults[0]).unwrap().contains("rm "), "{faults:?}");
        assert_eq!(
            given.holds(),
            pairs(&[(".b.coupler-tmp", "theirs"), ("a", "old"), ("b", "old")])
        );
    }

    #[test]
    fn a_failing_rename_says_what_stands_where() {
        let given = given(&["a", "b", "c"]);
        let path = given.files[1].1.clone();
        let Errors(faults) = given
            .replace(&mut |step| {
                if step == ReplaceStep::Renamed(1) {
                    fs::remove_file(&path).unwrap();
                    fs::create_dir(&path).unwrap();
                }
            })
            .unwrap_err();
        let told = help(&faults[0]).unwrap();
        assert!(
            told.contains("written:\n  a\nthese were not changed:\n  b\n  c\n"),
            "{told}"
        );
        assert_eq!(given.holds(), pairs(&[("a", "new"), ("c", "old")]));
    }
}
