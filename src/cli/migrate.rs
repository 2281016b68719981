//! Runs `coupler migrate`: writes manifests of the integration-operator's `v1beta1` as `v1`, and a
//! report with the outcome for each part.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::args::{Color, CouplingFlags, Flags, Format, MigrateArgs, ReportFormat, RunArgs};
use super::directory::{self, OutputFile};
use super::exit::Exit;
use super::fault::{Error, Errors, TypedContext};
use super::files::{self, FileChange};
use super::report::{Infos, Reporting};
use super::run::{self, Ready, plural};
use super::{migrate_format, output, print};
use crate::diagnostic::Printable;
use crate::migrate::{MigratedSource, Migration, MigrationOutcome, migrate as migrate_input};
use crate::render::{Rendered, Role, source_texts};

/// Migrates; the exit status is 1 if something has no counterpart.
pub(super) fn migrate(args: &MigrateArgs, color: Color) -> Exit {
    let report = Reporting::new(Format::Text, color, Infos::Hidden);
    report.end(migrate_and_write(args, &report))
}

fn migrate_and_write(args: &MigrateArgs, report: &Reporting) -> Result<Exit, Errors> {
    let run = RunArgs {
        paths: args.paths.clone(),
        plain: args.plain,
        flags: Flags {
            coupling: CouplingFlags {
                namespace: args.namespace.clone(),
                catalog: args.catalog.clone(),
                ..CouplingFlags::default()
            },
            ..Flags::default()
        },
    };
    let ready = run::prepare(&run, "migrate", None, report)?;
    if args.in_place {
        only_files(&ready)?;
    }
    let migration = migrate_input(&ready.input);
    let text = page(args.report, &migration, &ready);
    match &args.output {
        Some(directory) => write_directory(args, directory, &ready, &migration)?,
        None if args.in_place => write_files(report, &ready, &migration)?,
        None => print::manifests(&output::join(&rendered(&migration)))?,
    }
    if args.in_place || args.output.is_some() {
        print::page(&text)?;
    } else {
        print::report(&text);
    }
    let left_out = migration.report.count(MigrationOutcome::NoCounterpart);
    Ok(Exit::of_findings(left_out > 0))
}

fn page(format: ReportFormat, migration: &Migration<'_>, ready: &Ready) -> Printable {
    let sources = source_texts(&ready.input.sources);
    match format {
        ReportFormat::Text => Printable::plain(&migrate_format::text(&migration.report, &sources)),
        ReportFormat::Json => Printable::json(&migrate_format::json(&migration.report, &sources)),
        ReportFormat::Markdown => {
            Printable::plain(&migrate_format::markdown(&migration.report, &sources))
        }
    }
}

/// Refuses standard input, which has no file to write to.
fn only_files(ready: &Ready) -> Result<(), Error> {
    let mut sources = ready.input.sources.iter().zip(&ready.files);
    if !sources.any(|(source, file)| source.role == Role::Stream && file.is_none()) {
        return Ok(());
    }
    let message =
        "--in-place cannot be used with standard input: there is no file to write to".to_owned();
    Err(Error::msg(message).help("remove it, and redirect standard output"))
}

fn pieces<'m>(source: &'m MigratedSource<'_>) -> Vec<Cow<'m, str>> {
    let documents = source.documents.iter();
    documents
        .map(|document| Cow::Borrowed(&*document.text))
        .collect()
}

fn rendered<'m>(migration: &'m Migration<'_>) -> Vec<Rendered<'m>> {
    let sources = migration.sources.iter();
    sources
        .map(|source| Rendered {
            source: source.source,
            pieces: pieces(source),
            changed: Vec::new(),
        })
        .collect()
}

fn write_files(report: &Reporting, ready: &Ready, migration: &Migration<'_>) -> Result<(), Errors> {
    let changed = migration
        .sources
        .iter()
        .filter(|source| source.is_changed());
    let pieces: Vec<_> = changed
        .map(|source| (source.source, pieces(source)))
        .collect();
    let changes: Vec<_> = pieces
        .iter()
        .filter_map(|(source, pieces)| {
            let origin = ready.files.get(*source as usize)?.as_ref()?;
            Some(FileChange {
                name: &ready.input.sources[*source as usize].name,
                path: &origin.path,
                stamp: &origin.stamp,
                pieces,
            })
        })
        .collect();
    files::replace(&changes)?;
    report.done(&format!(
        "{} of {} written",
        changes.len(),
        plural(migration.sources.len(), "file")
    ));
    Ok(())
}

/// Writes one file for each document.
fn write_directory(
    args: &MigrateArgs,
    directory: &Path,
    ready: &Ready,
    migration: &Migration<'_>,
) -> Result<(), Errors> {
    let read: Vec<PathBuf> = args.paths.iter().chain(&args.catalog).cloned().collect();
    let target = directory::target(directory, &read)?;
    let mut taken = BTreeSet::new();
    let mut written: Vec<(usize, PathBuf, [Cow<'_, str>; 1])> = Vec::new();
    for source in &migration.sources {
        for document in &source.documents {
            let Some(base) = document.file_name() else {
                continue;
            };
            let mut name = base.clone();
            let mut number = 2;
            while !taken.insert(name.clone()) {
                name = format!("{base}-{number}");
                number += 1;
            }
            let path = PathBuf::from(format!("{name}.yaml"));
            let text = Cow::Borrowed(document.alone());
            written.push((source.source as usize, path, [text]));
        }
    }
    let entries: Vec<_> = written
        .iter()
        .map(|(source, path, pieces)| OutputFile {
            name: &ready.input.sources[*source].name,
            relative: path,
            pieces,
        })
        .collect();
    directory::write(&target, &entries)
}
