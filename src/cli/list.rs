//! Runs `coupler list`: prints the Plugs, Sockets and Interfaces of an input, and its errors on
//! standard error.

use super::args::{Color, ListArgs, ListFormat};
use super::exit::Exit;
use super::fault::Errors;
use super::report::{Infos, Reporting};
use super::{list_format, print, run};
use crate::diagnostic::{Printable, has_errors};
use crate::listing::listing;

/// Lists; the exit status is that of `check`.
pub(super) fn list(args: &ListArgs, color: Color) -> Exit {
    let report = Reporting::new(args.run.flags.format, color, Infos::Hidden);
    report.end(list_and_report(args, &report))
}

fn list_and_report(args: &ListArgs, report: &Reporting) -> Result<Exit, Errors> {
    let input = run::input(&args.run, "list", report)?;
    let listing = listing(&input);
    let text = match args.output {
        ListFormat::Table => Printable::plain(&list_format::table(&listing)),
        ListFormat::Wide => Printable::plain(&list_format::wide(&listing)),
        ListFormat::Json => Printable::json(&format!("{:#}\n", list_format::json(&listing))),
        ListFormat::Yaml => Printable::plain(&list_format::yaml(&listing)),
    };
    print::page(&text)?;
    run::emit(report, &input, &listing.diagnostics, "");
    Ok(Exit::of_findings(has_errors(&listing.diagnostics)))
}
