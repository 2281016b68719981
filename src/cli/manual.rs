//! Generates the manual pages.

use anyhow::Context;
use clap::CommandFactory;

use super::args::Cli;
use super::fault::{Error, TypedContext};
use crate::api;

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
    written.context("cannot generate the page")?;
    Ok(String::from_utf8_lossy(&roff).into_owned())
}
