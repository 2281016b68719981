//! `--output DIR`: a whole directory, written beside its place first and then swapped in.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::fault::{Fault, reason};
use super::files::{beside, sync};
use super::walk::quoted;

/// A file to be written.
pub(super) struct Entry<'a> {
    /// What the user calls the source.
    pub(super) name: &'a str,
    /// Its path below the directory.
    pub(super) relative: &'a Path,
    /// Its bytes.
    pub(super) pieces: &'a [Cow<'a, str>],
}

/// The directory itself, wherever links lead; refused where it lies in or around something that is read.
pub(super) fn target(directory: &Path, inputs: &[PathBuf]) -> Result<PathBuf, Fault> {
    let target = match fs::canonicalize(directory) {
        Ok(target) if target.is_dir() => target,
        Ok(_) => return Err(Fault::new(format!("`{}` is not a directory", directory.display()))),
        Err(_) => {
            let parent = directory.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
            let parent = fs::canonicalize(parent).map_err(|error| Fault::io("write below", parent, &error))?;
            let Some(name) = directory.file_name() else {
                return Err(Fault::new(format!("`{}` is no name of a directory", directory.display())));
            };
            parent.join(name)
        }
    };
    for input in inputs {
        let Ok(real) = fs::canonicalize(input) else { continue };
        if target.starts_with(&real) || real.starts_with(&target) {
            let message = format!("`{}` lies in or around `{}`, which is read", directory.display(), input.display());
            return Err(Fault::new(message).help("write to a directory beside it"));
        }
    }
    Ok(target)
}

/// Writes the directory. What stands there is replaced, but never a file that this run does not write.
pub(super) fn write(target: &Path, entries: &[Entry<'_>]) -> Result<(), Vec<Fault>> {
    let mut by_path: BTreeMap<&Path, &Entry<'_>> = BTreeMap::new();
    let mut faults = Vec::new();
    for entry in entries {
        if let Some(other) = by_path.insert(entry.relative, entry) {
            let path = entry.relative.display();
            faults.push(
                Fault::new(format!("`{}` and `{}` would both be written to `{path}`", other.name, entry.name))
                    .help("render them one by one, or give the directory above them"),
            );
        }
    }
    faults.extend(foreign(target, &by_path));
    if !faults.is_empty() {
        return Err(faults);
    }
    swap(target, entries).map_err(|fault| vec![fault])
}

/// A file of the directory that nobody would write again.
fn foreign(target: &Path, ours: &BTreeMap<&Path, &Entry<'_>>) -> Option<Fault> {
    let entries = WalkDir::new(target).min_depth(1).into_iter().filter_map(Result::ok);
    let path = entries
        .filter(|entry| !entry.file_type().is_dir())
        .map(|entry| entry.path().strip_prefix(target).unwrap_or(entry.path()).to_path_buf())
        .find(|path| !ours.contains_key(path.as_path()))?;
    let message = format!("`{}` holds `{}`, which this run does not write", target.display(), path.display());
    Some(Fault::new(message).help(format!("if the directory is only coupler's:\n  rm -r {}", quoted(target))))
}

fn swap(target: &Path, entries: &[Entry<'_>]) -> Result<(), Fault> {
    let (new, old) = (beside(target, "coupler-tmp"), beside(target, "coupler-old"));
    let fault = |path: &Path, error: &io::Error| match error.kind() {
        io::ErrorKind::AlreadyExists => Fault::io("write", path, error).help(format!(
            "an earlier run was cut off, or another one is at work; if none is:\n  rm -r {}",
            quoted(path)
        )),
        _ => Fault::io("write", path, error),
    };
    if fs::symlink_metadata(&old).is_ok() {
        return Err(fault(&old, &io::ErrorKind::AlreadyExists.into()));
    }
    fs::create_dir(&new).map_err(|error| fault(&new, &error))?;
    let moved = fill(&new, entries).and_then(|()| {
        let there = target.exists();
        if there {
            fs::rename(target, &old)?;
        }
        fs::rename(&new, target).inspect_err(|_| {
            if there {
                // should this fail too, the old directory still stands under its other name
                let _ = fs::rename(&old, target);
            }
        })?;
        if there { fs::remove_dir_all(&old) } else { Ok(()) }
    });
    if let Err(error) = moved {
        let _ = fs::remove_dir_all(&new);
        return Err(Fault::new(format!("cannot write `{}`: {}", target.display(), reason(&error))));
    }
    let parent = target.parent().unwrap_or(Path::new("/"));
    sync(parent).map_err(|error| Fault::io("flush", parent, &error))
}

fn fill(directory: &Path, entries: &[Entry<'_>]) -> io::Result<()> {
    for entry in entries {
        let path = directory.join(entry.relative);
        fs::create_dir_all(path.parent().unwrap_or(directory))?;
        let mut out = BufWriter::new(File::create_new(path)?);
        for piece in entry.pieces {
            out.write_all(piece.as_bytes())?;
        }
        out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries<'a>(paths: &'a [&'a str], pieces: &'a [Cow<'a, str>]) -> Vec<Entry<'a>> {
        paths.iter().map(|p| Entry { name: p, relative: Path::new(p), pieces }).collect()
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
        let faults = write(&to, &entries(&["a.yaml"], &["x".into()])).unwrap_err();
        assert!(faults[0].message.contains("mine.yaml"), "{faults:?}");
        assert_eq!(fs::read_dir(&to).unwrap().count(), 1);
    }

    #[test]
    fn what_fails_halfway_leaves_the_old_directory() {
        let dir = tempfile::tempdir().unwrap();
        let to = dir.path().join("out");
        write(&to, &entries(&["a.yaml"], &["old".into()])).unwrap();
        // the second file's directory would be the first file
        let faults = write(&to, &entries(&["a.yaml", "a.yaml/b.yaml"], &["new".into()])).unwrap_err();
        assert!(faults[0].message.contains("cannot write"), "{faults:?}");
        assert_eq!(fs::read_to_string(to.join("a.yaml")).unwrap(), "old");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_an_earlier_run_left_is_not_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        for left in [".out.coupler-tmp", ".out.coupler-old"] {
            fs::create_dir(dir.path().join(left)).unwrap();
            let faults = write(&dir.path().join("out"), &entries(&["a.yaml"], &[])).unwrap_err();
            assert!(faults[0].help.as_ref().unwrap().contains("rm -r"), "{faults:?}");
            fs::remove_dir(dir.path().join(left)).unwrap();
        }
    }

    #[test]
    fn one_place_takes_one_file() {
        let dir = tempfile::tempdir().unwrap();
        let faults = write(&dir.path().join("out"), &entries(&["a.yaml", "a.yaml"], &[])).unwrap_err();
        assert!(faults[0].message.contains("both"), "{faults:?}");
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
