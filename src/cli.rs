//! Runs the `coupler` command line: with the other shells, the only code that reads or writes
//! anything outside of the process.
//!
//! A run is a straight line: arguments (`args`), settings (`settings`), bytes (`read`, `input`,
//! `walk`, `subprocess`), the pure function, what is reported (`report`), and at the very end what
//! is written (`output`, `files`, `directory`).
#![expect(
    clippy::disallowed_methods,
    reason = "a shell is what reads and writes"
)]

mod argocd;
mod args;
mod attributes;
mod build;
mod case_files;
mod chart_files;
mod completions;
mod diff;
mod diff_format;
mod dir_handle;
mod directory;
mod draft;
mod environment;
mod exit;
mod explain;
mod fault;
mod files;
mod helm;
mod init;
mod input;
mod junit;
mod known_interfaces;
mod list;
mod list_format;
mod manual;
mod migrate;
mod migrate_format;
mod output;
mod path_within;
mod print;
mod read;
mod relay;
mod report;
mod repository_path;
mod revision;
mod run;
mod settings;
mod staging;
mod subprocess;
mod table;
mod test;
mod test_case;
mod text_diff;
mod walk;
#[cfg(feature = "watch")]
mod watch;

use std::process::ExitCode;

use clap::Parser;
use clap::error::ContextKind;

use crate::api;
use crate::diagnostic::{Printable, lines, printable};
use args::{Argocd, Cli, Color, Command, Format};
use exit::Exit;
use fault::{Error, TypedContext};
use report::{Infos, Reporting};

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    match Cli::try_parse() {
        Ok(cli) => command(&cli).into(),
        Err(error) => misunderstood(&error).into(),
    }
}

/// The error for a command that this build does not have.
fn left_out(error: &clap::Error) -> Option<Error> {
    let command = error.get(ContextKind::InvalidSubcommand)?;
    let is_left_out = cfg!(not(feature = "watch")) && command.to_string() == "watch";
    is_left_out.then(|| {
        Error::msg("this coupler was built without `coupler watch`").help(lines![
            ("install it with the feature, in a checkout of coupler:"),
            ("  cargo install --path . --locked --features watch")
        ])
    })
}

/// Prints a requested page, or what is wrong with the arguments.
fn misunderstood(error: &clap::Error) -> Exit {
    if let Some(error) = left_out(error) {
        let report = Reporting::new(Format::Text, Color::Auto, Infos::Hidden);
        return report.end(Err(error.into()));
    }
    let arguments = std::env::args_os().map(|word| printable::line(&word.to_string_lossy()));
    // the same words, fit to be printed, have the same error
    let again = Cli::try_parse_from(arguments).err();
    let text = again.as_ref().unwrap_or(error).render();
    let page = |colours: bool| match colours {
        true => Printable::styled(&text.ansi().to_string()),
        false => Printable::plain(&text.to_string()),
    };
    if error.use_stderr() {
        print::report(&page(print::colours()));
        return Exit::Failure;
    }
    if print::page(&page(print::coloured_page())).is_ok() {
        Exit::Success
    } else {
        Exit::Failure
    }
}

fn command(cli: &Cli) -> Exit {
    match &cli.command {
        Command::Render(render) => run::render(render, cli.color),
        Command::Build(build) => run::build(build, cli.color),
        Command::Check(check) => run::check(check, cli.color),
        Command::Argocd {
            command: Argocd::Generate(flags),
        } => argocd::generate(flags, cli.color),
        Command::Argocd {
            command: Argocd::Parameters,
        } => page(cli, argocd::parameters()),
        Command::Argocd {
            command: Argocd::Discover,
        } => page(cli, Ok(argocd::discover())),
        Command::Init(args) => init::init(args, cli.color),
        Command::Diff(args) => diff::diff(args, cli.color),
        Command::List(args) => list::list(args, cli.color),
        Command::Migrate(args) => migrate::migrate(args, cli.color),
        Command::Test(args) => test::test(args, cli.color),
        #[cfg(feature = "watch")]
        Command::Watch(args) => watch::watch(args, cli.color),
        Command::Explain(args) => explain::explain(args, cli.color),
        Command::Completions { shell, catalog } => {
            completions::completions(*shell, catalog, cli.color)
        }
        Command::Man { command } => page(cli, manual::page(command.as_deref())),
        Command::Crds => page(cli, Ok(api::crds())),
        Command::Schema { kind: None } => page(cli, Ok(schemas())),
        Command::Schema { kind: Some(kind) } => page(cli, schema(kind)),
    }
}

/// Prints a text, or reports why there is none.
fn page(cli: &Cli, text: Result<String, Error>) -> Exit {
    let report = Reporting::new(Format::Text, cli.color, Infos::Hidden);
    let printed = text.and_then(|text| print::page(&Printable::plain(&text)));
    report.end(printed.map(|()| Exit::Success).map_err(Into::into))
}

fn schema(kind: &str) -> Result<String, Error> {
    let fault = || {
        Error::msg(format!("coupler has no kind `{kind}`"))
            .help(format!("one of {}", api::KINDS.join(", ")))
    };
    let known = api::KINDS
        .into_iter()
        .find(|known| known.eq_ignore_ascii_case(kind));
    known.and_then(api::editor_schema).ok_or_else(fault)
}

/// The schema of every kind, each applied to its own kind only.
fn schemas() -> String {
    let of_kind = |kind: &str| {
        let schema: serde_json::Value = serde_json::from_str(&api::editor_schema(kind)?).ok()?;
        let version = format!("^{}/", api::GROUP.replace('.', "\\."));
        Some(serde_json::json!({
            "if": {
                "required": ["apiVersion", "kind"],
                "properties": {"apiVersion": {"pattern": version}, "kind": {"const": kind}},
            },
            "then": schema,
        }))
    };
    let all: Vec<_> = api::KINDS.into_iter().filter_map(of_kind).collect();
    format!(
        "{:#}\n",
        serde_json::json!({"$schema": "https://json-schema.org/draft/2020-12/schema", "allOf": all})
    )
}
