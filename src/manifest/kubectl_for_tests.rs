//! Reads a manifest with the real kubectl, for tests.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::Value;

/// The object that kubectl reads from a manifest, without a cluster. `None`, with a message, if
/// there is no kubectl.
#[expect(clippy::disallowed_methods, reason = "a test asks a program")]
pub(super) fn read(manifest: &str) -> Option<Value> {
    let child = Command::new("kubectl")
        .args([
            "annotate",
            "--local",
            "--output=json",
            "--filename=-",
            "read=true",
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut child) = child else {
        eprintln!("SKIPPED: kubectl is not on the PATH");
        return None;
    };
    child
        .stdin
        .take()
        .unwrap()
        .write_all(manifest.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Some(serde_json::from_slice(&output.stdout).unwrap())
}
