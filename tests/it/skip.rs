//! Reports what a test leaves out: on standard error, at the end of `cargo test`, and as a line of
//! the file `COUPLER_SKIPPED`, which `.ci/run` counts.
//!
//! What is listed in `COUPLER_NEEDS` (`kustomize,helm`) may not be left out: the test fails.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Says that this test is left out since this is missing, or fails.
pub(crate) fn skip(missing: &str, why: &str) {
    assert!(
        !is_needed(missing, &std::env::var("COUPLER_NEEDS").unwrap_or_default()),
        "{why}, and COUPLER_NEEDS asks for it"
    );
    eprintln!("skipped: {why}");
    // tests/skipped.rs prints it at the end of this run of Cargo
    let cargo = std::os::unix::process::parent_id();
    let of_this_run = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("skipped-{cargo}"));
    let counted = std::env::var_os("COUPLER_SKIPPED").map(PathBuf::from);
    for path in [Some(of_this_run), counted].into_iter().flatten() {
        let mut file = File::options()
            .append(true)
            .create(true)
            .open(path)
            .unwrap();
        // one write: the tests run side by side
        file.write_all(format!("{missing}: {why}\n").as_bytes())
            .unwrap();
    }
}

fn is_needed(missing: &str, needs: &str) -> bool {
    needs.split(',').any(|need| need.trim() == missing)
}

#[test]
fn what_is_needed_may_not_be_missing() {
    assert!(
        is_needed("helm", "kustomize,helm")
            && is_needed("helm", "helm")
            && is_needed("helm", "git, helm")
    );
    assert!(!is_needed("helm", "") && !is_needed("helm", "helmfile,kustomize"));
}
