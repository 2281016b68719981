//! The programs that call the function: found, or skipped aloud.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::rig;

/// Argo CD's plugin server and a client for it, as `tests/rigs/argocd.sh` builds them.
pub(crate) fn argocd() -> Option<PathBuf> {
    rig::program("argocd", "3.5.7")
}

/// Helm, as `tests/rigs/helm.sh` builds it.
pub(crate) fn helm() -> Option<PathBuf> {
    rig::program("helm", "4.3.1")
}

/// kpt, which is not to be had as a Go module.
pub(crate) fn kpt() -> Option<PathBuf> {
    rig::program("kpt", "1.0")
}

/// kustomize, as `tests/rigs/kustomize.sh` builds it.
pub(crate) fn kustomize() -> Option<PathBuf> {
    rig::program("kustomize", "5.8.2")
}

/// The directory of the built binaries, as the first of PATH.
pub(crate) fn path() -> String {
    let here = Path::new(env!("CARGO_BIN_EXE_coupler-fn"))
        .parent()
        .unwrap();
    format!(
        "{}:{}",
        here.display(),
        std::env::var("PATH").unwrap_or_default()
    )
}

/// The output of a program.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) status: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    /// Standard output of who succeeded.
    pub(crate) fn good(self) -> String {
        assert_eq!(self.status, Some(0), "{self:#?}");
        self.out
    }
}

/// Runs a line of `sh` in a directory, where the built binaries are on PATH and `$KUSTOMIZE` and
/// `$FUNCTION` are programs too.
pub(crate) fn sh(dir: &Path, line: &str) -> Said {
    let mut shell = Command::new("sh");
    shell
        .args(["-c", line])
        .current_dir(dir)
        .env("PATH", path())
        .env("FUNCTION", env!("CARGO_BIN_EXE_coupler-fn"));
    shell.env("KUSTOMIZE", kustomize().unwrap_or_default());
    let done = shell.output().unwrap();
    Said {
        status: done.status.code(),
        out: String::from_utf8(done.stdout).unwrap(),
        err: String::from_utf8(done.stderr).unwrap(),
    }
}

/// A replacement for `docker`, which kpt and kustomize call for functions in images: it runs the
/// function itself, or its help.
pub(crate) const DOCKER: &str = "\
#!/bin/sh
for last; do :; done
case \"$1 $last\" in
version*) echo 20.10.17 ;;
image*) exit 0 ;;
'run --help') exec \"$FUNCTION\" --help ;;
run*) exec \"$FUNCTION\" ;;
esac
";
