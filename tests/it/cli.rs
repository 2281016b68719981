//! A directory and the built binary, as the tests of the command line use them.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A temporary directory that the binary runs in.
pub(crate) struct Dir(tempfile::TempDir);

/// What a run gave.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) status: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Dir {
    /// With these files, written as they are.
    pub(crate) fn with(files: &[(&str, &str)]) -> Self {
        let dir = Self(tempfile::tempdir().unwrap());
        for (name, text) in files {
            let path = dir.path(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        dir
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Every file below, in order.
    pub(crate) fn names(&self) -> Vec<String> {
        let root = self.0.path();
        let mut names: Vec<_> = walkdir::WalkDir::new(root)
            .into_iter()
            .map(Result::unwrap)
            .filter(|entry| !entry.file_type().is_dir())
            .map(|entry| {
                entry
                    .path()
                    .strip_prefix(root)
                    .unwrap()
                    .display()
                    .to_string()
            })
            .collect();
        names.sort();
        names
    }

    /// The binary here, with nothing of the caller's environment that it could heed.
    pub(crate) fn command<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Command {
        let mut command = Command::new(binary());
        command
            .args(arguments)
            .current_dir(self.0.path())
            .stdin(Stdio::null());
        for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "TERM", "COLUMNS"] {
            command.env_remove(name);
        }
        command
    }

    pub(crate) fn run<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Ran {
        Ran::of(&mut self.command(arguments))
    }

    /// A line of `sh`, in which `coupler` is the binary.
    pub(crate) fn sh(&self, line: &str) -> Ran {
        let mut shell = Command::new("sh");
        let path = format!(
            "{}:{}",
            binary().parent().unwrap().display(),
            std::env::var("PATH").unwrap()
        );
        Ran::of(
            shell
                .args(["-c", line])
                .env("PATH", path)
                .current_dir(self.0.path()),
        )
    }
}

impl Ran {
    pub(crate) fn of(command: &mut Command) -> Self {
        let done = command.output().unwrap();
        Self {
            status: done.status.code(),
            out: String::from_utf8(done.stdout).unwrap(),
            err: String::from_utf8(done.stderr).unwrap(),
        }
    }

    /// Fails unless the run ended with this status, and nothing on standard output unless it is 0.
    #[track_caller]
    pub(crate) fn status(self, status: i32) -> Self {
        assert_eq!(self.status, Some(status), "{self:#?}");
        assert!(status == 0 || self.out.is_empty(), "{self:#?}");
        self
    }

    /// Fails unless standard error holds all of these.
    #[track_caller]
    pub(crate) fn says(self, all: &[&str]) -> Self {
        for text in all {
            assert!(self.err.contains(text), "{text}\n{}", self.err);
        }
        self
    }
}

fn binary() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_coupler"))
}

/// A Plug, its Socket and its workload, in one file.
pub(crate) const APP: &str = "\
apiVersion: integration.rock8s.com/v1
kind: Plug
metadata: {name: cache, namespace: shop}
spec:
  interface: {name: redis}
  workloads: [{name: web}]
---
apiVersion: integration.rock8s.com/v1
kind: Socket
metadata: {name: redis, namespace: shop}
spec:
  interface: {name: redis, versions: [1.0.0]}
  config: {host: redis, port: 6379}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
spec:
  template:
    spec:
      containers:
        - name: web
          image: example/web:1
";

/// An object that nothing touches.
pub(crate) const SERVICE: &str = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n";
