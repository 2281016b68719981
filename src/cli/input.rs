//! Reads paths into sources: decides what is read, in which order, and keeps the state of each file
//! when it was read.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::fault::{Error, Errors, TypedContext, input_error};
use super::files::Stamp;
use super::read::{Allowance, Named, Opened, PathTarget, STDIN, is_empty, open_within, read};
use super::walk::{Project, WalkedFile, walk};
use crate::diagnostic::lines;
use crate::render::{Role, Source};

/// What a run reads.
#[derive(Debug, Default)]
pub(super) struct Collected {
    /// The stream's sources, then the catalogue's.
    pub(super) sources: Vec<Source>,
    /// The file of each source; `None` for standard input.
    pub(super) files: Vec<Option<Origin>>,
    /// What the user should know about what was left out.
    pub(super) warnings: Vec<String>,
}

/// The file that a source came from.
#[derive(Debug)]
pub(super) struct Origin {
    /// The file itself: links are followed.
    pub(super) path: PathBuf,
    /// Its name below the directory that was given, or its file name.
    pub(super) relative: PathBuf,
    /// What it was when it was read.
    pub(super) stamp: Stamp,
}

/// What the stream is read from.
#[derive(Debug)]
pub(super) enum Given<'a> {
    /// Files, directories and standard input.
    Paths(&'a [Named]),
    /// What another program printed.
    Printed(Source),
}

/// How to read.
#[derive(Clone, Copy, Debug)]
pub(super) struct ReadOptions<'a> {
    /// `render`, `check` or `build`: the command that the help names.
    pub(super) command: &'a str,
    /// Whether kustomizations and charts are read as they are.
    pub(super) plain: bool,
    /// The settings in force, which are not part of the stream.
    pub(super) settings: Option<&'a Path>,
    /// Their file, where mappings of workloads are in it too.
    pub(super) mappings: Option<&'a Source>,
}

/// Reads everything, or reports everything that prevents it. A file that is reached twice is read
/// once, and belongs to the stream rather than to the catalogue.
pub(super) fn collect(
    given: Given<'_>,
    catalogue: &[Named],
    options: ReadOptions<'_>,
) -> Result<Collected, Errors> {
    let settings = options.settings.and_then(identity);
    let seen = settings.into_iter().collect();
    let mut collector = Collector {
        options,
        collected: Collected::default(),
        settings,
        seen,
        allowance: Allowance::default(),
        faults: Vec::new(),
    };
    match given {
        Given::Paths(paths) => paths
            .iter()
            .for_each(|path| collector.path(path, Role::Stream)),
        Given::Printed(source) => collector.keep(source, None),
    }
    if collector.faults.is_empty() && collector.collected.sources.is_empty() {
        collector
            .faults
            .push(input_error("no manifests besides the settings"));
    }
    for path in catalogue {
        collector.path(path, Role::Catalogue);
    }
    if let Some(mappings) = options.mappings {
        collector.keep(mappings.clone(), None);
    }
    if collector.faults.is_empty() {
        Ok(collector.collected)
    } else {
        Err(Errors(collector.faults))
    }
}

struct Collector<'a> {
    options: ReadOptions<'a>,
    collected: Collected,
    /// The settings in force, which are no part of the stream.
    settings: Option<(u64, u64)>,
    /// By device and inode; standard input is (0, 0).
    seen: BTreeSet<(u64, u64)>,
    /// Of all that is read.
    allowance: Allowance,
    faults: Vec<Error>,
}

impl Collector<'_> {
    fn path(&mut self, named: &Named, role: Role) {
        let path = named.shown();
        if *named == Named::ByUser(STDIN.into()) {
            return self.stdin(role);
        }
        match named.open() {
            PathTarget::Directory => self.directory(&path, role),
            PathTarget::File(opened) => {
                let relative = path.file_name().map(PathBuf::from).unwrap_or_default();
                self.file(&path, relative, role, opened, true);
            }
        }
    }

    fn stdin(&mut self, role: Role) {
        if !self.seen.insert((0, 0)) {
            return;
        }
        let name = "<stdin>".to_owned();
        match read(io::stdin().lock(), "standard input") {
            Ok(text) if is_empty(&text) => self.faults.push(
                input_error("no documents on standard input")
                    .help("check the errors of the command before the pipe"),
            ),
            Ok(text) => self.keep(Source { name, text, role }, None),
            Err(fault) => self.faults.push(fault),
        }
    }

    fn directory(&mut self, path: &Path, role: Role) {
        if let (false, Some(chart)) = (self.options.plain, Project::around(path)) {
            return self
                .faults
                .push(chart.fault(self.options.command, role == Role::Catalogue));
        }
        let found = walk(path, self.options.plain);
        self.faults.extend(found.faults);
        self.collected.warnings.extend(found.warnings);
        for project in &found.projects {
            self.faults
                .push(project.fault(self.options.command, role == Role::Catalogue));
        }
        if !found.projects.is_empty() {
            return;
        }
        let before = self.faults.len();
        let mut some = false;
        for WalkedFile {
            path: file,
            relative,
            within,
        } in found.files
        {
            let settings = file
                .file_name()
                .is_some_and(|name| name == super::settings::FILE);
            if settings && identity(&file) != self.settings {
                let name = file.display();
                let warning = format!(
                    "the settings in `{name}` are not used: one run has one `{}`",
                    super::settings::FILE
                );
                self.collected.warnings.push(warning);
            }
            if settings {
                continue;
            }
            some = true;
            self.file(&file, relative, role, open_within(&within, &file), false);
        }
        if !some && self.faults.len() == before {
            let fault = input_error(format!("no manifests in `{}`", path.display()));
            self.faults.push(fault.help(
                "in a directory, coupler reads .yaml, .yml and .json files that are not hidden",
            ));
        }
    }

    fn file(
        &mut self,
        path: &Path,
        relative: PathBuf,
        role: Role,
        opened: Result<Opened, Error>,
        named: bool,
    ) {
        let opened = match opened {
            Ok(opened) => opened,
            Err(fault) => return self.faults.push(fault),
        };
        let stamp = Stamp::of(&opened.meta);
        if let Err(fault) = self.allowance.check(opened.meta.len()) {
            return self.faults.push(fault);
        }
        if !self.seen.insert(stamp.identity()) {
            return;
        }
        let name = path.display().to_string();
        let text = match opened.source(&format!("`{name}`")) {
            Ok(text) => text,
            Err(fault) => return self.faults.push(fault),
        };
        if named && is_empty(&text) {
            let mut fault = input_error(format!("no documents in `{name}`"));
            if text.is_empty() && stamp.is_regular() && role == Role::Stream {
                let command = format!("coupler render {} --in-place", super::walk::quoted(path));
                fault = fault.help(lines![
                    ("a shell's `> {name}` empties the file before it is read; use"),
                    ("  {command}")
                ]);
            }
            return self.faults.push(fault);
        }
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
        self.keep(
            Source { name, text, role },
            Some(Origin {
                path,
                relative,
                stamp,
            }),
        );
    }

    fn keep(&mut self, source: Source, origin: Option<Origin>) {
        self.allowance.count(source.text.len());
        self.collected.sources.push(source);
        self.collected.files.push(origin);
    }
}

/// What a path's file is known by, whatever it is called.
fn identity(path: &Path) -> Option<(u64, u64)> {
    fs::metadata(path)
        .ok()
        .map(|meta| Stamp::of(&meta).identity())
}
