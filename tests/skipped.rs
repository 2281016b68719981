//! Prints, as the last of `cargo test`, what the tests left out and why. It is no test: it has no
//! harness, and Cargo runs it after `it`, whose name is before its own.
#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "it reads a file and prints it"
)]

use std::collections::BTreeMap;
use std::path::Path;

fn main() {
    let cargo = std::os::unix::process::parent_id();
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("skipped-{cargo}"));
    let Ok(lines) = std::fs::read_to_string(&path) else {
        return;
    };
    // another run of Cargo may get the same number
    let _ = std::fs::remove_file(&path);
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for line in lines.lines() {
        let reason = line.split_once(": ").map_or(line, |(_, reason)| reason);
        *reasons.entry(reason).or_default() += 1;
    }
    println!("\nSkipped, {} in all:", lines.lines().count());
    for (reason, count) in reasons {
        println!("  {count:3} × {reason}");
    }
}
