//! Reads manifests from a Git revision by the `git` program: nothing is checked out, no shell is
//! run.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

use super::args::Flags;
use super::environment::Environment;
use super::fault::{Error, Errors, TypedContext};
use super::input::{self, Collected, Given, ReadOptions};
use super::read::{Allowance, Named};
use super::settings::{self, EffectiveSettings};
use super::subprocess::Subprocess;
use super::walk;
use crate::limits;
use crate::render::{Role, Source};

/// A revision of the repository of the current directory.
pub(super) struct Revision {
    name: String,
    tree: String,
}

/// A file of a revision, or a link.
struct Blob {
    id: String,
    bytes: u64,
    path: PathBuf,
    link: bool,
}

/// Where a link leads in the end.
enum LinkTarget {
    File(Blob),
    /// To what is no file.
    None,
    /// Out of the directory that is read.
    Outside(PathBuf),
}

impl Blob {
    /// Whether a path names the file itself.
    fn is(&self, path: &Path) -> bool {
        self.path == path.strip_prefix(".").unwrap_or(path)
    }
}

impl Revision {
    /// Whether a name is one of a revision, of a repository of the current directory.
    pub(super) fn is_one(name: &str) -> bool {
        let tree = format!("{name}^{{tree}}");
        let call = call(&["rev-parse", "--verify", "--quiet"], &[OsStr::new(&tree)]);
        matches!(call.quiet().print(), Ok(Some(_)))
    }

    /// The revision of a name.
    pub(super) fn find(name: &str) -> Result<Self, Error> {
        let tree = format!("{name}^{{tree}}");
        let found = git(&["rev-parse", "--verify", "--quiet"], &[OsStr::new(&tree)]);
        match found {
            Ok(Some(tree)) => Ok(Self { name: name.to_owned(), tree: tree.trim_end().to_owned() }),
            Ok(None) => Err(Error::msg(format!(
                "there is no file or directory `{name}`, and no `git` to look up a revision"
            ))),
            Err(_) => Err(Error::msg(format!("`{name}` is not a file, a directory or a Git revision"))
                .help("coupler diff BASE HEAD [-- PATH…], as in:\n  coupler diff origin/main HEAD -- app/")),
        }
    }

    /// `coupler.yaml` of the revision, in the first path or in the current directory, unless the
    /// command line names another.
    pub(super) fn settings(
        &self,
        flags: &Flags,
        paths: &[PathBuf],
    ) -> Result<EffectiveSettings, Error> {
        if flags.settings.is_some() {
            return settings::load(flags, None);
        }
        let first = paths.first().map_or(Path::new(""), PathBuf::as_path);
        let is_file = matches!(&self.list(first)?[..], [blob] if blob.is(first));
        let directory = if is_file {
            first.parent().unwrap_or(Path::new(""))
        } else {
            first
        };
        let beside = [
            directory.join(settings::FILE),
            PathBuf::from(settings::FILE),
        ];
        for path in beside {
            let found = self.list(&path)?.pop().filter(|blob| blob.is(&path));
            let found = found.map(|blob| self.follow(blob, None)).transpose()?;
            if let Some(LinkTarget::File(blob)) = found {
                let text = self.read(&blob)?;
                return settings::of_text(self.shown(&path), text, path, flags);
            }
        }
        settings::load(flags, None)
    }

    /// The sources at these paths; one that the revision lacks is empty. A catalogue that it lacks
    /// is read where it is.
    pub(super) fn collect(
        &self,
        paths: &[PathBuf],
        catalogue: &[Named],
        options: ReadOptions<'_>,
    ) -> Result<Collected, Errors> {
        let mut collected = Collected::default();
        let (mut seen, mut allowance) = (BTreeSet::new(), Allowance::default());
        let catalogue = catalogue
            .iter()
            .map(|named| (Role::Catalogue, named.shown(), Some(named)));
        let stream = paths.iter().map(|path| (Role::Stream, path.clone(), None));
        for (role, path, on_disk) in stream.chain(catalogue) {
            let path = path.as_path();
            let mut blobs = self.list(path)?;
            if let (true, Some(named)) = (blobs.is_empty(), on_disk) {
                let alone = ReadOptions {
                    mappings: None,
                    ..options
                };
                let mut there =
                    input::collect(Given::Paths(std::slice::from_ref(named)), &[], alone)?;
                there
                    .sources
                    .iter_mut()
                    .for_each(|source| source.role = role);
                collected.sources.extend(there.sources);
                collected.warnings.extend(there.warnings);
                continue;
            }
            let named = |blob: &Blob| blob.is(path);
            blobs.retain(|blob| {
                !walk::is_hidden(blob.path.strip_prefix(path).unwrap_or(&blob.path))
            });
            let projects = walk::projects(
                blobs
                    .iter()
                    .filter(|blob| !named(blob))
                    .map(|blob| blob.path.as_path()),
            );
            if let (false, Some(project)) = (options.plain, projects.first()) {
                return Err(project
                    .fault(options.command, role == Role::Catalogue)
                    .into());
            }
            for blob in blobs {
                let (name, named) = (self.shown(&blob.path), named(&blob));
                let settings = blob
                    .path
                    .file_name()
                    .is_some_and(|name| name == settings::FILE);
                if settings || !(named || walk::is_manifest(&blob.path)) {
                    continue;
                }
                let within = (!named).then_some(path);
                let blob = match self.follow(blob, within)? {
                    LinkTarget::File(blob) if !seen.contains(&blob.path) => blob,
                    LinkTarget::None if named => {
                        let fault = Error::msg(format!("`{name}` is a link to a directory"));
                        return Err(fault.help("name the directory itself").into());
                    }
                    LinkTarget::File(_) | LinkTarget::None => continue,
                    LinkTarget::Outside(target) => {
                        let warning =
                            format!("`{name}` is left out: it links to `{}`", target.display());
                        collected.warnings.push(warning);
                        continue;
                    }
                };
                allowance.check(blob.bytes)?;
                let text = self.read(&blob)?;
                allowance.count(text.len());
                seen.insert(blob.path);
                collected.sources.push(Source { name, text, role });
            }
        }
        collected.sources.extend(options.mappings.cloned());
        Ok(collected)
    }

    /// As Git names a file of a revision.
    fn shown(&self, path: &Path) -> String {
        format!("{}:{}", self.name, path.display())
    }

    /// The file itself, or what a link leads to, as on the disk: through other links, and within a
    /// directory where one is read.
    fn follow(&self, blob: Blob, within: Option<&Path>) -> Result<LinkTarget, Error> {
        let name = self.shown(&blob.path);
        let (mut at, mut seen) = (blob, Vec::new());
        while at.link {
            let target = joined(at.path.parent().unwrap_or(Path::new("")), &self.read(&at)?);
            let inside = |within| {
                target
                    .strip_prefix(joined(within, ""))
                    .is_ok_and(|rest| !rest.starts_with(".."))
            };
            if target.is_absolute() || !within.is_none_or(inside) {
                return Ok(LinkTarget::Outside(target));
            }
            let broken = || {
                Error::msg(format!(
                    "cannot read `{name}`: there is no `{}`",
                    self.shown(&target)
                ))
            };
            if seen.contains(&target) {
                return Err(Error::msg(format!(
                    "cannot read `{name}`: the link leads to itself"
                )));
            }
            if seen.len() == limits::LINKS {
                return Err(Error::msg(format!(
                    "cannot read `{name}`: there are too many links in the path"
                )));
            }
            at = match self.list(&target)?.pop() {
                None => return Err(broken()),
                Some(next) if next.is(&target) => next,
                Some(_) => return Ok(LinkTarget::None),
            };
            seen.push(target);
        }
        Ok(LinkTarget::File(at))
    }

    /// Whether it has a file or a link at or below a path.
    pub(super) fn has(&self, path: &Path) -> Result<bool, Error> {
        Ok(!self.list(path)?.is_empty())
    }

    /// The files and links at or below a path, relative to the current directory, without
    /// submodules.
    fn list(&self, path: &Path) -> Result<Vec<Blob>, Error> {
        let whole = path == Path::new(".") || path == Path::new("");
        let operands = [OsStr::new(&self.tree), path.as_os_str()];
        let operands = if whole { &operands[..1] } else { &operands[..] };
        let listed = git(&["ls-tree", "-r", "-z", "--long"], operands)?.unwrap_or_default();
        let blob = |line: &str| {
            let (head, path) = line.split_once('\t')?;
            let mut head = head.split_ascii_whitespace();
            let (mode, _, id, bytes) = (head.next()?, head.next()?, head.next()?, head.next()?);
            let link = mode == "120000";
            (link || mode.starts_with("100")).then(|| Blob {
                id: id.to_owned(),
                bytes: bytes.parse().unwrap_or(0),
                path: PathBuf::from(path),
                link,
            })
        };
        Ok(listed.split('\0').filter_map(blob).collect())
    }

    fn read(&self, blob: &Blob) -> Result<String, Error> {
        let text = git(&["cat-file", "blob"], &[OsStr::new(&blob.id)]);
        text.map(Option::unwrap_or_default)
            .map_err(|fault| fault.help(format!("it is `{}`", self.shown(&blob.path))))
    }
}

/// A path below another, without the steps that lead back.
fn joined(base: &Path, path: &str) -> PathBuf {
    let mut whole = PathBuf::new();
    for part in base.join(path).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir
                if matches!(whole.components().next_back(), Some(Component::Normal(_))) =>
            {
                whole.pop();
            }
            part => whole.push(part),
        }
    }
    whole
}

/// Settings of Git by which a repository's own configuration could run a program, or could
/// be taken for another's.
const SAFE: &[&str] = &[
    "-c",
    "safe.bareRepository=explicit",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "core.alternateRefsCommand=",
    "-c",
    "core.sshCommand=false",
    "-c",
    "core.gitProxy=",
    "-c",
    "core.askPass=",
    "-c",
    "core.pager=cat",
    "-c",
    "credential.helper=",
    "-c",
    "diff.external=",
    "-c",
    "protocol.allow=never",
    "-c",
    "submodule.recurse=false",
    "--no-pager",
];

/// What `git` prints; `None` where there is none. The operands come from outside.
fn git(arguments: &[&'static str], operands: &[&OsStr]) -> Result<Option<String>, Error> {
    call(arguments, operands).print()
}

fn call(arguments: &[&'static str], operands: &[&OsStr]) -> Subprocess {
    let names = arguments
        .iter()
        .copied()
        .map(OsStr::new)
        .chain(operands.iter().copied());
    let names: Vec<_> = names.map(|word| word.to_string_lossy()).collect();
    let command = Subprocess::new("git", &[SAFE, arguments].concat(), Environment::Git);
    command
        .shown(format!("git {}", names.join(" ")))
        .operands("--end-of-options", operands)
}
