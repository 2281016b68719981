//! The `coupler` command.

fn main() -> std::process::ExitCode {
    coupler::cli::main()
}
