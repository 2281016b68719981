//! Fuzzes what users and strangers give: lists, records, trees, live objects, settings, cases and
//! parameters, with hostile names everywhere.
//!
//! Some hundred cases each by default; `COUPLER_FUZZ_SECONDS` asks for more.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests"
)]
#![allow(clippy::disallowed_methods, reason = "tests")]

#[path = "../mutate.rs"]
mod mutate;

mod cases;
mod driver;
mod krm;
mod live;
mod names;
mod parameters;
mod program;
mod records;
mod settings;
mod trees;
