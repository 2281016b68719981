//! `render` and `check`: from paths to bytes, with one exit status.

use std::path::{Path, PathBuf};

use super::args::{Build, Check, Color, Flags, Render, Run};
use super::build::{self, Job};
use super::directory::{self, Entry};
use super::fault::Fault;
use super::files::{self, Change};
use super::input::{self, Collected, Given, Options, Origin};
use super::read::{Leads, Named, is_empty};
use super::report::Report;
use super::settings::{self, Broken, Settings};
use super::{output, print};
use crate::api::Integrations;
use crate::diagnostic::{Diagnostic, SourceText, has_errors};
use crate::manifest::stream::Stream;
use crate::render::{self, Input, Output, Role, Source, source_texts};

/// Renders, and writes what came out where it is to go.
pub(super) fn render(args: &Render, color: Color) -> u8 {
    let report = Report::new(args.run.flags.format, color, false);
    let keep = args.in_place.then_some(Integrations::Keep);
    let Ready { input, files } = match prepare(&args.run, "render", keep, &report) {
        Ok(ready) => ready,
        Err(status) => return status,
    };
    if let Err(fault) = can_write(args, &input, &files) {
        return report.faults(&[fault]);
    }
    let out = render::render(&input);
    if speak(&report, &input, &out.diagnostics, "nothing was written") {
        return 1;
    }
    let written = match &args.output {
        Some(directory) => write_directory(args, directory, &input, &files, &out),
        None if args.in_place => write_files(&report, &input, &files, &out),
        None => print::manifests(&output::join(&out.rendered)).map_err(|fault| vec![fault]),
    };
    written.map_or_else(|faults| report.faults(&faults), |()| 0)
}

/// Says what is wrong, and writes nothing.
pub(super) fn check(args: &Check, color: Color) -> u8 {
    let report = Report::new(args.run.flags.format, color, true);
    let keep = args.rendered.then_some(Integrations::Keep);
    let Ready { input, .. } = match prepare(&args.run, "check", keep, &report) {
        Ok(ready) => ready,
        Err(status) => return status,
    };
    let output = render::check(&input);
    let unrendered = if args.rendered { render::unrendered(&input, &output) } else { Vec::new() };
    let diagnostics = [output.diagnostics, unrendered].concat();
    if speak(&report, &input, &diagnostics, "") {
        return 1;
    }
    report.done(&count(&input, diagnostics.is_empty()));
    0
}

/// Builds a directory with its own tool, and prints what came out, coupled.
pub(super) fn build(args: &Build, color: Color) -> u8 {
    let report = Report::new(args.flags.format, color, false);
    let job = match Job::of(args) {
        Ok(job) => job,
        Err(fault) => return report.faults(&[fault]),
    };
    let settings = settings(&args.flags, Some(&args.directory), &report);
    let ready = settings.and_then(|settings| prepare_build(&job, settings, &report));
    ready.map_or_else(|status| status, |ready| print_built(&report, &ready.input, false))
}

/// The same for one who applies whatever is printed, with more of a catalogue; `hint` is the help for a path that cannot
/// be read.
pub(super) fn generate(job: &Job<'_>, catalogue: &[Named], hint: &str, report: &Report) -> u8 {
    let first = job.directory.to_path_buf();
    let ready = settings(job.flags, Some(&first), report).and_then(|mut settings| {
        settings.catalogue.extend_from_slice(catalogue);
        let found = settings.catalogue.iter().filter(|named| matches!(named, Named::Found { .. }));
        let faults: Vec<_> = found.filter_map(unreadable).map(|fault| fault.help(hint)).collect();
        if !faults.is_empty() {
            return Err(report.faults(&faults));
        }
        // what is local to a repository is not for the cluster
        if settings.settings.integrations == Integrations::LocalConfig {
            settings.settings.integrations = Integrations::Drop;
        }
        prepare_build(job, settings, report)
    });
    ready.map_or_else(|status| status, |ready| print_built(report, &ready.input, true))
}

/// Why a path leads to nothing that can be read.
fn unreadable(named: &Named) -> Option<Fault> {
    match named.look() {
        Leads::Directory => None,
        Leads::File(opened) => opened.err(),
    }
}

fn print_built(report: &Report, input: &Input, some: bool) -> u8 {
    let out = render::render(input);
    if speak(report, input, &out.diagnostics, "nothing was written") {
        return 1;
    }
    let pieces = output::join(&out.rendered);
    if some && is_empty(&pieces.concat()) {
        let fault = Fault::of_input("nothing is left to apply: all that was read are Plugs, Sockets and Interfaces");
        return report.faults(&[fault.help("Argo CD would prune the whole application")]);
    }
    print::manifests(&pieces).map_or_else(|fault| report.faults(&[fault]), |()| 0)
}

/// A run that can begin.
struct Ready {
    input: Input,
    files: Vec<Option<Origin>>,
}

/// Settings and bytes; what is in the way is said here, and is the exit status.
fn prepare(run: &Run, command: &str, keep: Option<Integrations>, report: &Report) -> Result<Ready, u8> {
    let mut settings = settings(&run.flags, run.paths.first(), report)?;
    if let (Some(keep), false) = (keep, settings.integrations_said) {
        settings.settings.integrations = keep;
    }
    let paths: Vec<_> = run.paths.iter().cloned().map(Named::ByUser).collect();
    read(Given::Paths(&paths), settings, (command, run.plain), report)
}

fn prepare_build(job: &Job<'_>, settings: Settings, report: &Report) -> Result<Ready, u8> {
    let printed = build::print(job, settings.settings.namespace.as_deref());
    let directory = [Named::ByUser(job.directory.to_path_buf())];
    let given = match printed.map_err(|fault| report.faults(&[fault]))? {
        Some(source) => Given::Printed(source),
        None => Given::Paths(&directory),
    };
    read(given, settings, ("build", false), report)
}

fn settings(flags: &Flags, first: Option<&PathBuf>, report: &Report) -> Result<Settings, u8> {
    settings::load(flags, first.map(PathBuf::as_path)).map_err(|broken| match broken {
        Broken::Fault(fault) => report.faults(&[fault]),
        Broken::Wrong(name, text, wrong) => {
            report.diagnostics(&wrong, &[SourceText { name: &name, text: &text }], "nothing was read");
            1
        }
    })
}

fn read(given: Given<'_>, settings: Settings, (command, plain): (&str, bool), report: &Report) -> Result<Ready, u8> {
    let Settings { settings, path, catalogue, .. } = settings;
    let options = Options { command, plain, settings: path.as_deref() };
    let Collected { sources, files, warnings } =
        input::collect(given, &catalogue, options).map_err(|faults| report.faults(&faults))?;
    report.warnings(&warnings);
    Ok(Ready { input: Input { sources, settings }, files })
}

/// Says the diagnostics; whether they stop the run.
fn speak(report: &Report, input: &Input, diagnostics: &[Diagnostic], consequence: &str) -> bool {
    report.diagnostics(diagnostics, &source_texts(&input.sources), consequence);
    has_errors(diagnostics)
}

/// Refuses what could never be written, before the work is done.
fn can_write(args: &Render, input: &Input, files: &[Option<Origin>]) -> Result<(), Fault> {
    let homeless = |(source, file): (&Source, &Option<Origin>)| source.role == Role::Stream && file.is_none();
    if !input.sources.iter().zip(files).any(homeless) || !(args.in_place || args.output.is_some()) {
        return Ok(());
    }
    let flag = if args.in_place { "--in-place" } else { "--output" };
    Err(Fault::new(format!("{flag} cannot be used with standard input: it has no file to go to"))
        .help("leave it away, and send standard output where it is to go"))
}

fn write_files(report: &Report, input: &Input, files: &[Option<Origin>], out: &Output<'_>) -> Result<(), Vec<Fault>> {
    let changes: Vec<_> = out
        .rendered
        .iter()
        .filter(|source| !source.changed.is_empty())
        .filter_map(|source| {
            let Origin { path, stamp, .. } = files.get(source.source as usize)?.as_ref()?;
            let name = &input.sources[source.source as usize].name;
            Some(Change { name, path, stamp, pieces: &source.pieces })
        })
        .collect();
    files::replace(&changes)?;
    report.done(&format!("{} of {} written", changes.len(), plural(out.rendered.len(), "file")));
    Ok(())
}

fn write_directory(
    args: &Render,
    directory: &Path,
    input: &Input,
    files: &[Option<Origin>],
    out: &Output<'_>,
) -> Result<(), Vec<Fault>> {
    let flags = &args.run.flags;
    let read = args.run.paths.iter().chain(&flags.catalog).chain(&flags.settings).cloned();
    let read: Vec<PathBuf> = read.chain(input.settings.catalog.iter().map(PathBuf::from)).collect();
    let target = directory::target(directory, &read).map_err(|fault| vec![fault])?;
    let entries: Vec<_> = out
        .rendered
        .iter()
        .filter(|source| !output::is_blank(&source.pieces))
        .filter_map(|source| {
            let Origin { relative, .. } = files.get(source.source as usize)?.as_ref()?;
            let name = &input.sources[source.source as usize].name;
            Some(Entry { name, relative, pieces: &source.pieces })
        })
        .collect();
    directory::write(&target, &entries)
}

/// `12 objects, 3 Plugs: nothing to say`
fn count(input: &Input, silent: bool) -> String {
    let mut stream = Stream::default();
    for (id, source) in (0..).zip(&input.sources).filter(|(_, source)| source.role == Role::Stream) {
        stream.add(id, &source.text, false);
    }
    let plugs = stream.of_kind("Plug").filter(|entry| entry.api_version.starts_with(crate::api::GROUP)).count();
    let end = if silent { "nothing to say" } else { "no errors" };
    format!("{}, {}: {end}", plural(stream.entries().len(), "object"), plural(plugs, "Plug"))
}

fn plural(n: usize, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}
