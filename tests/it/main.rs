//! The integration tests: one binary, since linking is what costs.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "tests read files, start programs and may panic"
)]

mod case;
mod codes;
mod floors;
mod golden;
mod kubelet;
#[cfg(feature = "cli")]
mod readme;
