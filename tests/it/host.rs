//! The programs that call the function: found, or skipped aloud.

use std::path::{Path, PathBuf};
use std::process::Command;

/// kpt, from PATH.
pub(crate) fn kpt() -> Option<PathBuf> {
    found("kpt", on_path("kpt"))
}

/// kustomize: what `COUPLER_KUSTOMIZE` names, what tests/rigs/kustomize.sh built, or from PATH.
pub(crate) fn kustomize() -> Option<PathBuf> {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")));
    let built = cache.map(|cache| cache.join("coupler-rigs/kustomize-5.8.2/kustomize"));
    let named = std::env::var_os("COUPLER_KUSTOMIZE").map(PathBuf::from);
    let known = [named, built].into_iter().flatten().find(|path| path.is_file());
    found("kustomize", known.or_else(|| on_path("kustomize")))
}

fn on_path(name: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?).map(|dir| dir.join(name)).find(|path| path.is_file())
}

fn found(name: &str, path: Option<PathBuf>) -> Option<PathBuf> {
    if path.is_none() {
        eprintln!("skipped: {name} is not installed");
    }
    path
}

/// The directory of the built binaries, as the first of PATH.
pub(crate) fn path() -> String {
    let here = Path::new(env!("CARGO_BIN_EXE_coupler-fn")).parent().unwrap();
    format!("{}:{}", here.display(), std::env::var("PATH").unwrap_or_default())
}

/// What a program said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) status: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Runs a line of `sh` in a directory, where the built binaries are on PATH and `$KUSTOMIZE` and `$FUNCTION` are programs too.
pub(crate) fn sh(dir: &Path, line: &str) -> Said {
    let mut shell = Command::new("sh");
    shell.args(["-c", line]).current_dir(dir).env("PATH", path()).env("FUNCTION", env!("CARGO_BIN_EXE_coupler-fn"));
    shell.env("KUSTOMIZE", kustomize().unwrap_or_default());
    let done = shell.output().unwrap();
    Said {
        status: done.status.code(),
        out: String::from_utf8(done.stdout).unwrap(),
        err: String::from_utf8(done.stderr).unwrap(),
    }
}

/// A stand-in for `docker`, which kpt and kustomize call for functions in images: it runs the function itself.
pub(crate) const DOCKER: &str =
    "#!/bin/sh\ncase \"$1\" in\nversion) echo 20.10.17 ;;\nimage) exit 0 ;;\nrun) exec \"$FUNCTION\" ;;\nesac\n";
