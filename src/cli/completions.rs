//! Generates shell completions, with the names of the Interfaces of a catalogue.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Arg, Command, CommandFactory};
use clap_complete::Shell;

use super::args::{Cli, Color, Format};
use super::exit::Exit;
use super::explain;
use super::fault::Errors;
use super::known_interfaces::KnownInterfaces;
use super::print;
use super::report::{Infos, Reporting};
use crate::api;
use crate::diagnostic::Printable;

/// Prints what a shell reads to complete coupler's words.
pub(super) fn completions(shell: Shell, catalog: &[PathBuf], color: Color) -> Exit {
    let report = Reporting::new(Format::Text, color, Infos::Hidden);
    report.end(print_script(shell, catalog, &report).map(|()| Exit::Success))
}

fn print_script(shell: Shell, catalog: &[PathBuf], report: &Reporting) -> Result<(), Errors> {
    let mut interfaces = KnownInterfaces::of_catalogue(catalog, "completions", report)?.names();
    // a shell reads the script: what is no name cannot get into it
    interfaces.retain(|name| api::is_interface_name(name));
    let script = script(shell, &interfaces);
    Ok(print::page(&Printable::plain(&script))?)
}

/// Every word that `explain` has a page for.
fn words(interfaces: &[String]) -> Vec<String> {
    let mut words = explain::words();
    let more = interfaces.iter().filter(|name| !words.contains(name));
    let more: Vec<String> = more.cloned().collect();
    words.extend(more);
    words
}

/// What a shell reads to complete coupler's words.
fn script(shell: Shell, interfaces: &[String]) -> String {
    let mut script = Vec::new();
    clap_complete::generate(
        shell,
        &mut with_words(Cli::command(), interfaces),
        "coupler",
        &mut script,
    );
    let mut script = String::from_utf8_lossy(&script).into_owned();
    if shell == Shell::Fish {
        // clap_complete writes no words of arguments without a flag for fish
        script.push_str(&format!(
            "complete -c coupler -n \"__fish_coupler_using_subcommand explain\" -f -a \"{}\"\n",
            words(interfaces).join(" ")
        ));
    }
    script
}

/// Adds what may be typed where any word is accepted: a wrong one gets a better error than clap's.
fn with_words(coupler: Command, interfaces: &[String]) -> Command {
    let one_of = |words: Vec<String>| {
        let parser = PossibleValuesParser::new(words);
        move |argument: Arg| argument.value_parser(parser)
    };
    let kinds: Vec<String> = api::KINDS.map(str::to_owned).into();
    let commands = coupler.get_subcommands().map(Command::get_name);
    let commands: Vec<String> = commands.map(str::to_owned).collect();
    coupler
        .mut_subcommand("explain", |explain| {
            explain.mut_arg("word", one_of(words(interfaces)))
        })
        .mut_subcommand("init", |init| {
            init.mut_arg("interface", one_of(interfaces.to_vec()))
        })
        .mut_subcommand("schema", |schema| schema.mut_arg("kind", one_of(kinds)))
        .mut_subcommand("man", |man| man.mut_arg("command", one_of(commands)))
}
