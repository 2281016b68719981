//! Generates what a package installs beside the binary: shell completions and manual pages.

use anyhow::Context;
use clap::builder::PossibleValuesParser;
use clap::{Arg, Command, CommandFactory};
use clap_complete::Shell;

use super::args::Cli;
use super::explain;
use super::fault::{Error, TypedContext};
use crate::api;

/// What a shell reads to complete coupler's words.
pub(super) fn completions(shell: Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(
        shell,
        &mut with_words(Cli::command()),
        "coupler",
        &mut script,
    );
    let mut script = String::from_utf8_lossy(&script).into_owned();
    if shell == Shell::Fish {
        // clap_complete writes no words of arguments without a flag for fish
        script.push_str(&format!(
            "complete -c coupler -n \"__fish_coupler_using_subcommand explain\" -f -a \"{}\"\n",
            explain::words().join(" ")
        ));
    }
    script
}

/// Adds what may be typed where any word is accepted: a wrong one gets a better error than clap's.
fn with_words(coupler: Command) -> Command {
    let one_of = |words: Vec<String>| {
        let parser = PossibleValuesParser::new(words);
        move |argument: Arg| argument.value_parser(parser)
    };
    let interfaces: Vec<String> = api::library_names().map(str::to_owned).collect();
    let kinds: Vec<String> = api::KINDS.map(str::to_owned).into();
    let commands = coupler.get_subcommands().map(Command::get_name);
    let commands: Vec<String> = commands.map(str::to_owned).collect();
    coupler
        .mut_subcommand("explain", |explain| {
            explain.mut_arg("word", one_of(explain::words()))
        })
        .mut_subcommand("init", |init| init.mut_arg("interface", one_of(interfaces)))
        .mut_subcommand("schema", |schema| schema.mut_arg("kind", one_of(kinds)))
        .mut_subcommand("man", |man| man.mut_arg("command", one_of(commands)))
}

/// The page of a command, or of coupler itself, in roff.
pub(super) fn page(command: Option<&str>) -> Result<String, Error> {
    let mut coupler = Cli::command();
    coupler.build();
    let page = match command {
        None => coupler,
        Some(name) => {
            let names: Vec<_> = coupler
                .get_subcommands()
                .map(|command| command.get_name().to_owned())
                .collect();
            coupler.find_subcommand(name).cloned().ok_or_else(|| {
                let fault = Error::msg(format!("coupler has no command `{name}`"));
                match api::suggest(name, names.iter().map(String::as_str)) {
                    Some(close) => fault.help(format!("did you mean `{close}`?")),
                    None => fault.help(format!("one of {}", names.join(", "))),
                }
            })?
        }
    };
    let mut roff = Vec::new();
    let written = clap_mangen::Man::new(page).render(&mut roff);
    written.context("cannot make the page")?;
    Ok(String::from_utf8_lossy(&roff).into_owned())
}
