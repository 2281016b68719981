//! Runs `render`, `check` and `build`: reads settings and sources, renders, reports, writes.

use std::path::{Path, PathBuf};

use super::args::{Build, Check, Color, Flags, Render, RunArgs};
use super::build::{self, BuildJob};
use super::directory::{self, OutputFile};
use super::exit::Exit;
use super::fault::{Error, Errors, TypedContext, input_error};
use super::files::{self, FileChange};
use super::input::{self, Collected, Given, Origin, ReadOptions};
use super::read::{Named, PathTarget, is_empty};
use super::report::{Infos, Reporting};
use super::settings::{self, EffectiveSettings};
use super::{output, print};
use crate::api::Integrations;
use crate::diagnostic::{Code, Diagnostic, has_errors};
use crate::manifest::stream::Stream;
use crate::render::{self, Input, Output, Role, Source, source_texts};

/// Renders, and writes what came out where it is to go.
pub(super) fn render(args: &Render, color: Color) -> Exit {
    let report = Reporting::new(args.run.flags.format, color, Infos::Hidden);
    report.end(render_and_write(args, &report))
}

fn render_and_write(args: &Render, report: &Reporting) -> Result<Exit, Errors> {
    let keep = args.in_place.then_some(Integrations::Keep);
    let Ready { input, files } = prepare(&args.run, "render", keep, report)?;
    can_write(args, &input, &files)?;
    let out = render::render(&input);
    emit(report, &input, &out.diagnostics, "nothing was written");
    if out.has_errors() {
        return Ok(Exit::Findings);
    }
    match &args.output {
        Some(directory) => write_directory(args, directory, &input, &files, &out)?,
        None if args.in_place => write_files(report, &input, &files, &out)?,
        None => print::manifests(&output::join(&out.rendered))?,
    }
    Ok(Exit::Success)
}

/// Reports what is wrong, and writes nothing.
pub(super) fn check(args: &Check, color: Color) -> Exit {
    let report = Reporting::new(args.run.flags.format, color, Infos::Shown);
    report.end(check_and_count(args, &report))
}

fn check_and_count(args: &Check, report: &Reporting) -> Result<Exit, Errors> {
    let keep = args.rendered.then_some(Integrations::Keep);
    let Ready { input, .. } = prepare(&args.run, "check", keep, report)?;
    let output = render::check(&input);
    let unrendered = if args.rendered {
        render::unrendered(&input, &output)
    } else {
        Vec::new()
    };
    let diagnostics = [output.diagnostics, unrendered].concat();
    emit(report, &input, &diagnostics, "");
    if has_errors(&diagnostics) {
        return Ok(Exit::Findings);
    }
    report.done(&count(&input, &diagnostics));
    Ok(Exit::Success)
}

/// Builds a directory with its own tool, and prints what came out, coupled.
pub(super) fn build(args: &Build, color: Color) -> Exit {
    let report = Reporting::new(args.flags.format, color, Infos::Hidden);
    report.end(build_and_print(args, &report))
}

fn build_and_print(args: &Build, report: &Reporting) -> Result<Exit, Errors> {
    let job = BuildJob::of(args)?;
    let settings = settings(&args.flags, Some(&args.directory))?;
    let ready = prepare_build(&job, settings, report)?;
    print_built(report, &ready.input, Nothing::Printed)
}

/// The same for one who applies whatever is printed, with more of a catalogue; `hint` is the help
/// for a path that cannot be read.
pub(super) fn generate(
    job: &BuildJob<'_>,
    catalogue: &[Named],
    hint: &'static str,
    report: &Reporting,
) -> Result<Exit, Errors> {
    let mut settings = settings(job.flags, Some(&job.directory.to_path_buf()))?;
    settings.catalogue.extend_from_slice(catalogue);
    let found = settings
        .catalogue
        .iter()
        .filter(|named| matches!(named, Named::Found { .. }));
    let unreadable: Vec<_> = found
        .filter_map(unreadable)
        .map(|error| error.help(hint))
        .collect();
    if !unreadable.is_empty() {
        return Err(Errors(unreadable));
    }
    // what is local to a repository is not for the cluster
    if settings.settings.integrations == Integrations::LocalConfig {
        settings.settings.integrations = Integrations::Drop;
    }
    let ready = prepare_build(job, settings, report)?;
    print_built(report, &ready.input, Nothing::Refused)
}

/// Why a path leads to nothing that can be read.
fn unreadable(named: &Named) -> Option<Error> {
    match named.open() {
        PathTarget::Directory => None,
        PathTarget::File(opened) => opened.err(),
    }
}

/// What becomes of an output without a manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Nothing {
    Printed,
    /// Whoever applies it would delete everything.
    Refused,
}

fn print_built(report: &Reporting, input: &Input, nothing: Nothing) -> Result<Exit, Errors> {
    let out = render::render(input);
    emit(report, input, &out.diagnostics, "nothing was written");
    if out.has_errors() {
        return Ok(Exit::Findings);
    }
    let pieces = output::join(&out.rendered);
    if nothing == Nothing::Refused && is_empty(&pieces.concat()) {
        let error =
            input_error("the output would be empty: only Plugs, Sockets and Interfaces were read");
        return Err(error
            .help("with an empty output, Argo CD would delete the whole application")
            .into());
    }
    print::manifests(&pieces)?;
    Ok(Exit::Success)
}

/// A run that can begin.
pub(super) struct Ready {
    pub(super) input: Input,
    /// The file of each source.
    pub(super) files: Vec<Option<Origin>>,
}

/// What a command that writes nothing reads.
pub(super) fn input(run: &RunArgs, command: &str, report: &Reporting) -> Result<Input, Errors> {
    Ok(prepare(run, command, None, report)?.input)
}

/// Settings and bytes.
pub(super) fn prepare(
    run: &RunArgs,
    command: &str,
    keep: Option<Integrations>,
    report: &Reporting,
) -> Result<Ready, Errors> {
    let mut settings = settings(&run.flags, run.paths.first())?;
    if let (Some(keep), false) = (keep, settings.integrations_given) {
        settings.settings.integrations = keep;
    }
    let paths: Vec<_> = run.paths.iter().cloned().map(Named::ByUser).collect();
    read(
        Given::Paths(&paths),
        settings,
        ReadOptions {
            command,
            plain: run.plain,
            settings: None,
            mappings: None,
        },
        report,
    )
}

fn prepare_build(
    job: &BuildJob<'_>,
    settings: EffectiveSettings,
    report: &Reporting,
) -> Result<Ready, Errors> {
    let directory = [Named::ByUser(job.directory.to_path_buf())];
    let given = match build::print(job, settings.settings.namespace.as_deref())? {
        Some(source) => Given::Printed(source),
        None => Given::Paths(&directory),
    };
    read(
        given,
        settings,
        ReadOptions {
            command: "build",
            plain: false,
            settings: None,
            mappings: None,
        },
        report,
    )
}

fn settings(flags: &Flags, first: Option<&PathBuf>) -> Result<EffectiveSettings, Error> {
    settings::load(flags, first.map(PathBuf::as_path))
        .map_err(|error| error.consequence("nothing was read"))
}

fn read(
    given: Given<'_>,
    settings: EffectiveSettings,
    options: ReadOptions<'_>,
    report: &Reporting,
) -> Result<Ready, Errors> {
    let EffectiveSettings {
        settings,
        path,
        mappings,
        catalogue,
        ..
    } = settings;
    let options = ReadOptions {
        settings: path.as_deref(),
        mappings: mappings.as_ref(),
        ..options
    };
    let Collected {
        sources,
        files,
        warnings,
    } = input::collect(given, &catalogue, options)?;
    report.warnings(&warnings);
    Ok(Ready {
        input: Input { sources, settings },
        files,
    })
}

/// Reports the diagnostics of an input.
pub(super) fn emit(
    report: &Reporting,
    input: &Input,
    diagnostics: &[Diagnostic],
    consequence: &str,
) {
    report.diagnostics(diagnostics, &source_texts(&input.sources), consequence);
}

/// Refuses what could never be written, before the work is done.
fn can_write(args: &Render, input: &Input, files: &[Option<Origin>]) -> Result<(), Error> {
    let homeless =
        |(source, file): (&Source, &Option<Origin>)| source.role == Role::Stream && file.is_none();
    if !input.sources.iter().zip(files).any(homeless) || !(args.in_place || args.output.is_some()) {
        return Ok(());
    }
    let flag = if args.in_place {
        "--in-place"
    } else {
        "--output"
    };
    Err(Error::msg(format!(
        "{flag} cannot be used with standard input: there is no file to write to"
    ))
    .help("remove it, and redirect standard output"))
}

fn write_files(
    report: &Reporting,
    input: &Input,
    files: &[Option<Origin>],
    out: &Output<'_>,
) -> Result<(), Errors> {
    let changes: Vec<_> = out
        .rendered
        .iter()
        .filter(|source| !source.changed.is_empty())
        .filter_map(|source| {
            let Origin { path, stamp, .. } = files.get(source.source as usize)?.as_ref()?;
            let name = &input.sources[source.source as usize].name;
            Some(FileChange {
                name,
                path,
                stamp,
                pieces: &source.pieces,
            })
        })
        .collect();
    files::replace(&changes)?;
    report.done(&format!(
        "{} of {} written",
        changes.len(),
        plural(out.rendered.len(), "file")
    ));
    Ok(())
}

fn write_directory(
    args: &Render,
    directory: &Path,
    input: &Input,
    files: &[Option<Origin>],
    out: &Output<'_>,
) -> Result<(), Errors> {
    let flags = &args.run.flags;
    let read = args
        .run
        .paths
        .iter()
        .chain(&flags.coupling.catalog)
        .chain(&flags.settings)
        .cloned();
    let read: Vec<PathBuf> = read
        .chain(input.settings.catalog.iter().map(PathBuf::from))
        .collect();
    let target = directory::target(directory, &read)?;
    let entries: Vec<_> = out
        .rendered
        .iter()
        .filter(|source| !output::is_blank(&source.pieces))
        .filter_map(|source| {
            let Origin { relative, .. } = files.get(source.source as usize)?.as_ref()?;
            let name = &input.sources[source.source as usize].name;
            Some(OutputFile {
                name,
                relative,
                pieces: &source.pieces,
            })
        })
        .collect();
    directory::write(&target, &entries)
}

/// `12 objects, 3 Plugs: no problems found`
fn count(input: &Input, diagnostics: &[Diagnostic]) -> String {
    let mut stream = Stream::default();
    for (id, source) in (0..)
        .zip(&input.sources)
        .filter(|(_, source)| source.role == Role::Stream)
    {
        stream.add(id, &source.text, false);
    }
    let plugs = stream
        .of_kind("Plug")
        .filter(|entry| entry.api_version.starts_with(crate::api::GROUP))
        .count();
    let is_news = |diagnostic: &Diagnostic| diagnostic.code != Code::NotChecked;
    let end = if !diagnostics.iter().any(is_news) {
        "no problems found"
    } else {
        "no errors"
    };
    format!(
        "{}, {}: {end}",
        plural(stream.entries().len(), "object"),
        plural(plugs, "Plug")
    )
}

pub(super) fn plural(n: usize, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}
