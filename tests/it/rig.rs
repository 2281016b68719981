//! Other programs that coupler works with, as the tests run them: the versions that `tests/rigs/`
//! builds, else what is on the PATH. A test without its program reports it, and is skipped.

use std::path::PathBuf;

use crate::skip::skip;

/// The program, or a line that it is missing.
pub(crate) fn program(name: &str, version: &str) -> Option<PathBuf> {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")));
    let rig = cache.map(|cache| {
        cache
            .join(format!("coupler-rigs/{name}-{version}"))
            .join(name)
    });
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = rig
        .into_iter()
        .chain(std::env::split_paths(&path).map(|dir| dir.join(name)))
        .find(|path| path.is_file());
    if found.is_none() {
        skip(
            name,
            &format!("{name} {version} is not there (tests/rigs/{name}.sh builds it)"),
        );
    }
    found
}
