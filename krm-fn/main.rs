//! Runs `coupler-fn`: the KRM function alone, small enough for an image of its own.

use std::io::{self, Write};
use std::process::ExitCode;

const HELP: &str = "\
coupler-fn: couples the Plugs of a ResourceList to its Sockets, as a KRM function

It reads a ResourceList from standard input and takes no arguments:
  kpt fn eval DIR --exec coupler-fn -- namespace=shop
  kpt fn source DIR | coupler-fn | kpt fn sink OUT

functionConfig: none, a ConfigMap, or `kind: Coupler` of `integration.rock8s.com/v1`, with
  namespace         the namespace of objects without `metadata.namespace`
  integrations      local-config (default), keep, drop: whether Plugs, Sockets and Interfaces are kept
  orphans           refuse (default), undo, keep: coupled workloads whose Plugs are gone
  plugs             catalog (default), stream: whether all Plugs of a Socket with a limit or a bind are
                    in the items and the catalog together, or in the items alone
  serviceBindings   pass (default), couple: whether ServiceBindings are coupled by this run
  discardEdits      true: overwrite coupled entries that somebody edited by hand
  strict            true: warnings are errors

Exit status: 0, 1 if the items have errors (they are returned unchanged), 2 if it was called wrongly.
";

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    match (arguments.next(), arguments.next()) {
        (None, _) => coupler::krm::main(usage),
        (Some(word), None) if word == "--help" || word == "-h" => print(HELP),
        (Some(word), None) if word == "--version" || word == "-V" => {
            print(concat!("coupler-fn ", env!("CARGO_PKG_VERSION"), "\n"))
        }
        _ => usage(),
    }
}

fn print(text: &str) -> ExitCode {
    let mut out = io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    ExitCode::from(if written.is_ok() { 0 } else { 2 })
}

/// Prints the help after a wrong call: with arguments, or with nothing to read.
fn usage() -> ExitCode {
    let _ = io::stderr().lock().write_all(HELP.as_bytes());
    ExitCode::from(2)
}
