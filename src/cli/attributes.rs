//! Copies the extended attributes of a file, such as access lists and labels, to the file that
//! replaces it.

use std::fs::File;
use std::path::Path;

use rustix::fs::{XattrFlags, fgetxattr, flistxattr, fremovexattr, fsetxattr};
use rustix::io::Errno;

use super::fault::{Error, TypedContext, io_error};

/// Those that the kernel computes from the old bytes, or removes when a file is written.
const OF_THE_BYTES: [&str; 3] = ["security.ima", "security.evm", "security.capability"];

const ACCESS_LIST: &str = "system.posix_acl_access";

/// Copies all attributes of the file called `file`; an error where one cannot be kept.
pub(super) fn keep(file: &str, old: &File, new: &File) -> Result<(), Error> {
    let read = |error: Errno| io_error("read", Path::new(file), error);
    let kept = names(old).map_err(read)?;
    // of a directory whose new files get an access list
    if !kept.iter().any(|name| name == ACCESS_LIST) && value(new, ACCESS_LIST).is_ok() {
        fremovexattr(new, ACCESS_LIST).map_err(read)?;
    }
    for name in kept {
        if OF_THE_BYTES.contains(&name.as_str()) {
            continue;
        }
        let value = value(old, &name).map_err(read)?;
        if self::value(new, &name).as_ref() == Ok(&value) {
            continue;
        }
        fsetxattr(new, name.as_str(), &value, XattrFlags::empty())
            .map_err(|error| lost(file, &name, error))?;
    }
    Ok(())
}

fn lost(file: &str, attribute: &str, error: Errno) -> Error {
    Error::new(error)
        .context(format!("the extended attribute `{attribute}` of `{file}` cannot be kept"))
        .help("write to standard output or to a directory (--output), or run as a user who may set it")
}

/// None on a file system that knows no attributes.
fn names(file: &File) -> rustix::io::Result<Vec<String>> {
    let listed = sized(|buffer| flistxattr(file, buffer));
    let bytes = match listed {
        Err(Errno::NOTSUP | Errno::NOSYS) => return Ok(Vec::new()),
        listed => listed?,
    };
    let names = bytes
        .split(|byte| *byte == 0)
        .filter(|name| !name.is_empty());
    names
        .map(|name| String::from_utf8(name.to_vec()).map_err(|_| Errno::ILSEQ))
        .collect()
}

fn value(file: &File, name: &str) -> rustix::io::Result<Vec<u8>> {
    sized(|buffer| fgetxattr(file, name, buffer))
}

/// What a call writes into a buffer that is large enough.
fn sized(call: impl Fn(&mut [u8]) -> rustix::io::Result<usize>) -> rustix::io::Result<Vec<u8>> {
    let mut buffer = vec![0; 1 << 10];
    loop {
        match call(&mut buffer) {
            // Linux has at most 64 KiB of each
            Err(Errno::RANGE) if buffer.len() < 1 << 20 => buffer.resize(buffer.len() * 4, 0),
            Err(error) => return Err(error),
            Ok(length) => {
                buffer.truncate(length);
                return Ok(buffer);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;
    use crate::cli::files::{FileChange, Stamp, replace};

    #[test]
    fn attributes_are_kept() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.yaml");
        std::fs::write(&path, "old").unwrap();
        let file = File::open(&path).unwrap();
        let large = vec![b'x'; 3_000];
        let given = [
            ("user.note", &b"mine"[..]),
            ("user.empty", b""),
            ("user.large", &large),
        ];
        for (name, value) in given {
            match fsetxattr(&file, name, value, XattrFlags::empty()) {
                // a file system that has none has none to lose
                Err(Errno::NOTSUP | Errno::NOSYS) => return,
                set => set.unwrap(),
            }
        }
        let stamp = Stamp::of(&file.metadata().unwrap());
        let pieces = [Cow::Borrowed("new")];
        replace(&[FileChange {
            name: "a.yaml",
            path: &path,
            stamp: &stamp,
            pieces: &pieces,
        }])
        .unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "new");
        let new = File::open(&path).unwrap();
        for (name, expected) in given {
            assert_eq!(value(&new, name).unwrap(), expected, "{name}");
        }
    }

    #[test]
    fn an_attribute_that_cannot_be_set_is_an_error() {
        let fault = lost("a.yaml", "security.label", Errno::PERM);
        let message = "the extended attribute `security.label` of `a.yaml` cannot be kept: operation not permitted";
        assert_eq!(crate::cli::fault::message(&fault), message);
    }
}
