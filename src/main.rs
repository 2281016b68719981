//! The `coupler` command.

fn main() {}
