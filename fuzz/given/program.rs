//! Runs the program in a directory beside which there is a file that it may neither read nor write.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::driver::{POISON, assert_clean, assert_printable};

/// A file of the repository.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    Text(String),
    Link(String),
    Pipe,
}

/// A repository `repo`, and `outside` beside it.
pub(crate) struct Repository {
    dir: tempfile::TempDir,
}

impl Repository {
    /// With these files; one that cannot be made is left out.
    pub(crate) fn with(files: &[(String, Content)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let outside = dir.path().join("outside");
        fs::create_dir_all(&outside).unwrap();
        fs::create_dir_all(dir.path().join("repo/.git")).unwrap();
        let secret = format!("kind: Service\nmetadata: {{name: {POISON}}}\n");
        for name in ["secret.yaml", "input.yaml", "expected.yaml"] {
            fs::write(outside.join(name), &secret).unwrap();
        }
        for (name, content) in files {
            let path = dir.path().join("repo").join(name);
            let _ = fs::create_dir_all(path.parent().unwrap());
            // a link to a directory could be on the way by now
            if !path
                .parent()
                .is_some_and(|parent| is_within(parent, dir.path()))
            {
                continue;
            }
            let _ = match content {
                // over a link or a pipe nothing is written
                Content::Text(text) => fs::File::create_new(&path)
                    .and_then(|mut file| file.write_all(text.as_bytes()))
                    .map_err(|_| ()),
                Content::Link(to) => symlink(to, &path).map_err(|_| ()),
                Content::Pipe => {
                    let mode = rustix::fs::Mode::from_raw_mode(0o600);
                    rustix::fs::mkfifoat(rustix::fs::CWD, &path, mode).map_err(|_| ())
                }
            };
        }
        Self { dir }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.dir.path().join("repo")
    }

    /// Runs the program; it ends by itself, prints nothing that a terminal or a log obeys, and
    /// neither prints nor changes what is outside.
    #[track_caller]
    pub(crate) fn run(&self, arguments: &[&str]) {
        let out = self.run_in(".", arguments, &[]);
        let assert = if arguments.contains(&"github") {
            assert_printable
        } else {
            assert_clean
        };
        assert(&out);
    }

    /// The same, in a directory of the repository and with these variables. Returns manifests,
    /// which are printed as they are.
    #[track_caller]
    pub(crate) fn run_in(
        &self,
        directory: &str,
        arguments: &[&str],
        variables: &[(&str, &str)],
    ) -> String {
        let before = texts(&self.dir.path().join("outside"));
        let mut command = Command::new(env!("CARGO_BIN_EXE_coupler"));
        command
            .args(arguments)
            .current_dir(self.path().join(directory))
            .stdin(Stdio::null());
        let done = command.envs(variables.iter().copied()).output().unwrap();
        let (out, err) = (
            String::from_utf8_lossy(&done.stdout),
            String::from_utf8_lossy(&done.stderr),
        );
        assert!(
            matches!(done.status.code(), Some(0..=2)),
            "{arguments:?} {:?}\n{err}",
            done.status
        );
        assert!(
            !out.contains(POISON),
            "{arguments:?} a secret is printed:\n{out}"
        );
        let assert = if arguments.contains(&"github") {
            assert_printable
        } else {
            assert_clean
        };
        assert(&err);
        assert_eq!(
            texts(&self.dir.path().join("outside")),
            before,
            "{arguments:?} changes what is outside"
        );
        let names: Vec<_> = fs::read_dir(self.dir.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(names.len(), 2, "{arguments:?} writes outside: {names:?}");
        out.into_owned()
    }
}

fn is_within(path: &Path, root: &Path) -> bool {
    let root = fs::canonicalize(root.join("repo")).unwrap();
    fs::canonicalize(path).is_ok_and(|real| real.starts_with(root))
}

/// Every file of a directory, and its text.
fn texts(directory: &Path) -> BTreeMap<PathBuf, String> {
    let entries = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    entries
        .map(|path| (path.clone(), fs::read_to_string(path).unwrap_or_default()))
        .collect()
}
