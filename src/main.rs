//! Runs the `coupler` command: a command line, or a KRM function if it is called as one.

use std::process::ExitCode;

fn main() -> ExitCode {
    if coupler::krm::is_wanted(std::env::args_os().len().saturating_sub(1)) {
        return coupler::krm::main(coupler::cli::main);
    }
    coupler::cli::main()
}
