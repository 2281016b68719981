//! Runs `coupler diff BASE HEAD`: reads two inputs, from files or Git revisions, and prints how
//! their couplings differ.

use std::path::{Path, PathBuf};

use super::args::{Color, Diff, DiffFormat, Flags, Format};
use super::exit::Exit;
use super::fault::{Error, Errors, TypedContext};
use super::input::{self, Collected, Given, ReadOptions};
use super::read::{Named, STDIN};
use super::report::{Infos, Reporting};
use super::revision::Revision;
use super::settings::{self, EffectiveSettings};
use super::walk::{DIFF, quoted};
use super::{diff_format, print};
use crate::compare::compare;
use crate::diagnostic::{Diagnostic, Printable, Severity, lines};
use crate::render::{Input, source_texts};

/// Compares; the exit status is that of `diff`: 0 no difference, 1 some, 2 trouble.
pub(super) fn diff(args: &Diff, color: Color) -> Exit {
    let format = if args.format == DiffFormat::Json {
        Format::Json
    } else {
        Format::Text
    };
    let report = Reporting::new(format, color, Infos::Hidden);
    let trouble = |errors: Errors| {
        Errors(
            errors
                .0
                .into_iter()
                .map(|error| error.exit(Exit::Failure))
                .collect(),
        )
    };
    report.end(run(args, &report).map_err(trouble))
}

fn run(args: &Diff, report: &Reporting) -> Result<Exit, Errors> {
    let Sides { base, head } = sides(args)?;
    for (position, path) in args.paths.iter().enumerate() {
        if !base.has(position)? && !head.has(position)? {
            return Err(unknown_path(args, path).into());
        }
    }
    let (base, head) = (base.input(args, report)?, head.input(args, report)?);
    match compare(&base, &head) {
        Ok(comparison) => {
            let text = match args.format {
                DiffFormat::Text => Printable::plain(&diff_format::text(&comparison)),
                DiffFormat::Markdown => Printable::plain(&diff_format::markdown(&comparison)),
                DiffFormat::Json => Printable::json(&diff_format::json(&comparison)),
            };
            print::page(&text)?;
            Ok(Exit::of_findings(!comparison.is_empty()))
        }
        Err(failed) => {
            errors(
                report,
                &base,
                failed.base,
                &format!("`{}` does not render", args.base),
            );
            errors(
                report,
                &head,
                failed.head,
                &format!("`{}` does not render", args.head),
            );
            Ok(Exit::Failure)
        }
    }
}

fn errors(report: &Reporting, input: &Input, mut found: Vec<Diagnostic>, consequence: &str) {
    found.retain(|diagnostic| diagnostic.severity == Severity::Error);
    report.diagnostics(&found, &source_texts(&input.sources), consequence);
}

/// Where one side is.
enum DiffSide {
    /// These files and directories.
    Paths(Vec<PathBuf>),
    /// These, in a revision.
    Revision(Revision, Vec<PathBuf>),
}

/// What is compared.
struct Sides {
    base: DiffSide,
    head: DiffSide,
}

/// Finds both sides. A word that names a path is that path, and any other is a revision; one that
/// names both is refused. A revision is read at the given paths, else at the one that the other
/// side names, else in the current directory.
fn sides(args: &Diff) -> Result<Sides, Error> {
    let is_path = |word: &str| word == STDIN || Path::new(word).exists();
    let side = |word: &str, other: &str| {
        if is_path(word) {
            unambiguous(word)?;
            let at = Path::new(word);
            let paths = args.paths.iter().map(|path| at.join(path)).collect();
            return Ok(DiffSide::Paths(if args.paths.is_empty() {
                vec![at.to_path_buf()]
            } else {
                paths
            }));
        }
        let paths = match &args.paths[..] {
            [] if is_path(other) && other != STDIN => vec![PathBuf::from(other)],
            [] => vec![PathBuf::from(".")],
            paths => paths.to_vec(),
        };
        Revision::find(word).map(|revision| DiffSide::Revision(revision, paths))
    };
    Ok(Sides {
        base: side(&args.base, &args.head)?,
        head: side(&args.head, &args.base)?,
    })
}

/// Refuses a word that is a path and a revision: whoever adds a file called `main` would hide what
/// a change does to `main`.
fn unambiguous(word: &str) -> Result<(), Error> {
    let outright = word == STDIN
        || word.ends_with('/')
        || ["/", "./", "../"]
            .iter()
            .any(|begin| word.starts_with(begin));
    if outright || word == "." || word == ".." || !Revision::is_one(word) {
        return Ok(());
    }
    let path = quoted(Path::new(word));
    Err(
        Error::msg(format!("`{word}` is a path and a Git revision")).help(lines![
            ("write the path as"),
            ("  ./{path}"),
            ("or the revision by its full name, as in refs/heads/{word}")
        ]),
    )
}

/// The error about a path that neither side has: what is not there never differs.
fn unknown_path(args: &Diff, path: &Path) -> Error {
    let shown = path.display();
    let error = Error::msg(format!(
        "neither `{}` nor `{}` has `{shown}`",
        args.base, args.head
    ));
    if shown.to_string().starts_with('-') {
        return error.help("the arguments after `--` are paths: write options before it");
    }
    error.help("a path is relative to the current directory, or to the directory that is compared")
}

impl DiffSide {
    /// Whether it has anything at the path in this position.
    fn has(&self, position: usize) -> Result<bool, Error> {
        match self {
            Self::Paths(paths) => Ok(paths.get(position).is_some_and(|path| path.exists())),
            Self::Revision(revision, paths) => {
                let path = paths.get(position);
                path.map_or(Ok(false), |path| revision.has(path))
            }
        }
    }

    /// Settings and bytes.
    fn input(self, args: &Diff, report: &Reporting) -> Result<Input, Errors> {
        let flags = Flags {
            coupling: args.coupling.clone(),
            settings: args.settings.clone(),
            ..Flags::default()
        };
        let loaded = match &self {
            Self::Paths(paths) => settings::load(&flags, paths.first().map(PathBuf::as_path)),
            Self::Revision(revision, paths) => revision.settings(&flags, paths),
        };
        let loaded = loaded.map_err(|error| error.consequence("nothing was compared"))?;
        let EffectiveSettings {
            settings,
            path,
            mappings,
            catalogue,
            ..
        } = loaded;
        let options = ReadOptions {
            command: DIFF,
            plain: args.plain,
            settings: path.as_deref(),
            mappings: mappings.as_ref(),
        };
        let Collected {
            sources, warnings, ..
        } = match self {
            Self::Paths(paths) => {
                let paths: Vec<_> = paths.into_iter().map(Named::ByUser).collect();
                input::collect(Given::Paths(&paths), &catalogue, options)?
            }
            Self::Revision(revision, paths) => revision.collect(&paths, &catalogue, options)?,
        };
        report.warnings(&warnings);
        Ok(Input { sources, settings })
    }
}
