//! Finds the manifests of a directory, in the order of their paths' bytes, and distinguishes them
//! from kustomizations and charts.

use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::Context;
use walkdir::WalkDir;

use super::fault::{Error, TypedContext, cannot, io_error};
use super::path_within::{PathWithin, Refused, Root};
use crate::diagnostic::lines;

/// What the names of manifests end in.
const EXTENSIONS: [&str; 3] = ["yaml", "yml", "json"];
/// What makes a directory a kustomization.
const KUSTOMIZATION: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];
/// The command that reads two sides, as it is named in `Options`.
pub(super) const DIFF: &str = "diff";
/// What makes a directory a chart.
pub(super) const CHART: &str = "Chart.yaml";

/// What a directory holds.
#[derive(Debug, Default)]
pub(super) struct DirListing {
    pub(super) files: Vec<WalkedFile>,
    pub(super) projects: Vec<Project>,
    pub(super) faults: Vec<Error>,
    pub(super) warnings: Vec<String>,
}

/// A file, and its path below the directory.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct WalkedFile {
    pub(super) path: PathBuf,
    pub(super) relative: PathBuf,
    /// The file itself.
    pub(super) within: PathWithin,
}

/// A directory whose files are not manifests but what a tool makes manifests of.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Project {
    Kustomization(PathBuf),
    Chart(PathBuf),
}

/// Walks a directory. Hidden files and directories are left out; a link to a file is followed once,
/// to a target within the directory; links to directories are not followed.
pub(super) fn walk(root: &Path, plain: bool) -> DirListing {
    let mut tree = DirListing::default();
    let within = match Root::at(root) {
        Ok(within) => within,
        Err(fault) => {
            return DirListing {
                faults: vec![fault],
                ..tree
            };
        }
    };
    let hidden = |name: &std::ffi::OsStr| name.as_encoded_bytes().starts_with(b".");
    let entries = WalkDir::new(root)
        .into_iter()
        .filter_entry(|e| e.depth() == 0 || !hidden(e.file_name()));
    for entry in entries {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let path = error.path().unwrap_or(root).to_path_buf();
                let message = error.to_string();
                tree.faults.push(match error.into_io_error() {
                    Some(error) => io_error("read", &path, error),
                    None => Error::msg(message).context(cannot("read", &path)),
                });
                continue;
            }
        };
        let path = entry.path();
        if !plain && entry.depth() > 0 && !entry.file_type().is_dir() {
            tree.projects.extend(Project::of(path));
        }
        if entry.depth() == 0 || !is_manifest(path) {
            continue;
        }
        if !entry.file_type().is_symlink() && !entry.file_type().is_file() {
            continue;
        }
        let relative = path.strip_prefix(root).unwrap_or(path).to_path_buf();
        match within.resolve(root, &relative) {
            Ok(within) if within.path().is_file() => {
                tree.files.push(WalkedFile {
                    path: path.to_path_buf(),
                    relative,
                    within,
                });
            }
            Ok(_) => {}
            Err(Refused::Outside(target)) => {
                let warning = format!(
                    "`{}` is left out: it links to `{}`",
                    path.display(),
                    target.display()
                );
                tree.warnings.push(warning);
            }
            Err(Refused::Io(error)) => tree.faults.push(io_error("read", path, error)),
        }
    }
    tree.files.sort_by(|a, b| {
        a.path
            .as_os_str()
            .as_encoded_bytes()
            .cmp(b.path.as_os_str().as_encoded_bytes())
    });
    tree.projects = outermost(tree.projects);
    tree
}

/// Each once; the subcharts of a chart are not listed again.
fn outermost(mut projects: Vec<Project>) -> Vec<Project> {
    projects.sort();
    projects.dedup();
    let charts: Vec<PathBuf> = projects
        .iter()
        .filter(|p| matches!(p, Project::Chart(_)))
        .map(|p| p.path().into())
        .collect();
    projects.retain(|p| {
        !charts
            .iter()
            .any(|chart| p.path() != chart && p.path().starts_with(chart))
    });
    projects
}

/// Those that a list of files shows.
pub(super) fn projects<'p>(files: impl Iterator<Item = &'p Path>) -> Vec<Project> {
    outermost(files.filter_map(Project::of).collect())
}

/// Whether a file has the name of a manifest.
pub(super) fn is_manifest(path: &Path) -> bool {
    path.extension()
        .is_some_and(|e| EXTENSIONS.iter().any(|known| e == *known))
}

/// Whether a file, or a directory on the way to it, is hidden.
pub(super) fn is_hidden(path: &Path) -> bool {
    let hidden = |part: Component<'_>| matches!(part, Component::Normal(name) if name.as_encoded_bytes().starts_with(b"."));
    path.components().any(hidden)
}

impl Project {
    /// The one that a file makes of its directory.
    fn of(file: &Path) -> Option<Self> {
        let (name, parent) = (file.file_name()?, file.parent()?.to_path_buf());
        if KUSTOMIZATION.iter().any(|known| name == *known) {
            return Some(Self::Kustomization(parent));
        }
        (name == CHART).then_some(Self::Chart(parent))
    }

    /// The chart whose templates a directory holds.
    pub(super) fn around(path: &Path) -> Option<Self> {
        let real = fs::canonicalize(path).ok()?;
        let is_templates =
            |at: &Path| at.ends_with("templates") && at.with_file_name(CHART).is_file();
        let above = real.ancestors().position(is_templates)? + 1;
        // named as it was given, where that leads so far up
        let plain = path
            .components()
            .all(|part| matches!(part, Component::Normal(_)));
        let given = path.ancestors().nth(above).filter(|_| plain);
        Some(Self::Chart(
            given.or_else(|| real.ancestors().nth(above))?.to_path_buf(),
        ))
    }

    /// What a directory itself is, unless it is one of manifests.
    pub(super) fn at(directory: &Path) -> Result<Option<Self>, Error> {
        let meta = fs::metadata(directory).with_context(|| cannot("read", directory))?;
        if !meta.is_dir() {
            let fault = Error::msg(format!("`{}` is not a directory", directory.display()));
            return Err(fault.help(lines![
                ("to render a file:"),
                ("  coupler render {}", quoted(directory))
            ]));
        }
        let holds = |name: &str| directory.join(name).is_file();
        match (KUSTOMIZATION.into_iter().any(holds), holds(CHART)) {
            (true, true) => {
                let shown = quoted(directory);
                Err(Error::msg(format!(
                    "`{}` is a kustomization and a Helm chart",
                    directory.display()
                ))
                .help(lines![
                    ("build it as one of them:"),
                    ("  kustomize build {shown} | coupler render -"),
                    ("  helm template RELEASE {shown} | coupler render -")
                ]))
            }
            (true, false) => Ok(Some(Self::Kustomization(directory.to_path_buf()))),
            (false, true) => Ok(Some(Self::Chart(directory.to_path_buf()))),
            (false, false) => Ok(None),
        }
    }

    fn path(&self) -> &Path {
        match self {
            Self::Kustomization(path) | Self::Chart(path) => path,
        }
    }

    /// The error, with the pipe to type.
    pub(super) fn fault(&self, command: &str, catalogue: bool) -> Error {
        // the current directory has no name
        let path = Some(self.path())
            .filter(|path| *path != Path::new(""))
            .unwrap_or(Path::new("."));
        let shown = quoted(path);
        let (what, build) = match self {
            Self::Kustomization(_) => ("a kustomization", format!("kustomize build {shown}")),
            Self::Chart(_) => ("a Helm chart", format!("helm template RELEASE {shown}")),
        };
        let fault = Error::msg(format!(
            "`{}` is {what}, not a directory of manifests",
            path.display()
        ));
        if command == DIFF && !catalogue {
            let base = quoted(&Path::new("../base").join(path.strip_prefix(".").unwrap_or(path)));
            let tool = build.trim_end_matches(&shown);
            return fault.help(lines![
                ("build both sides, and compare the results:"),
                ("  git worktree add --detach ../base BASE"),
                ("  {tool}{base} > base.yaml"),
                ("  {tool}{shown} > head.yaml"),
                ("  coupler diff base.yaml head.yaml"),
                ("or read its files as plain manifests: --plain")
            ]);
        }
        if command == "build" && !catalogue {
            return fault.help(lines![
                ("build it on its own:"),
                ("  coupler build {shown}")
            ]);
        }
        if command == "render" && !catalogue {
            return fault.help(lines![
                ("build it and render the result:"),
                ("  coupler build {shown}"),
                ("or build it with its own tool:"),
                ("  {build} | coupler render -"),
                ("or read its files as plain manifests: --plain")
            ]);
        }
        let rest = if catalogue {
            "> catalog.yaml       and then: --catalog catalog.yaml".to_owned()
        } else {
            format!("| coupler {command} -")
        };
        fault.help(lines![
            ("build it with its own tool:"),
            ("  {build} {rest}"),
            ("or read its files as plain manifests: --plain")
        ])
    }
}

/// A path as a shell takes it.
pub(super) fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"_-./+@:,".contains(&b);
    if text.bytes().all(plain) {
        text
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn names(tree: &DirListing) -> Vec<&str> {
        tree.files
            .iter()
            .filter_map(|f| f.relative.to_str())
            .collect()
    }

    fn directory(files: &[&str]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for file in files {
            let path = dir.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::File::create(path).unwrap();
        }
        dir
    }

    #[test]
    fn manifests_come_in_the_order_of_their_bytes() {
        let dir = directory(&[
            "b.yml",
            "a/x.yaml",
            "a.yaml",
            "a-b.json",
            "note.md",
            ".git/c.yaml",
            ".d.yaml",
            "e.yaml.coupler-tmp",
        ]);
        assert_eq!(
            names(&walk(dir.path(), false)),
            ["a-b.json", "a.yaml", "a/x.yaml", "b.yml"]
        );
    }

    #[test]
    fn links_are_followed_within_the_directory_only() {
        let dir = directory(&["a.yaml"]);
        let other = directory(&["secret.yaml"]);
        symlink("a.yaml", dir.path().join("link.yaml")).unwrap();
        symlink(
            other.path().join("secret.yaml"),
            dir.path().join("out.yaml"),
        )
        .unwrap();
        symlink(other.path(), dir.path().join("dir.yaml")).unwrap();
        symlink(".", dir.path().join("loop")).unwrap();
        let tree = walk(dir.path(), false);
        assert_eq!(names(&tree), ["a.yaml", "link.yaml"]);
        assert_eq!(tree.warnings.len(), 2, "{:?}", tree.warnings);
        symlink("nowhere", dir.path().join("broken.yaml")).unwrap();
        assert_eq!(walk(dir.path(), false).faults.len(), 1);
    }

    #[test]
    fn kustomizations_and_charts_are_told_from_manifests() {
        let dir = directory(&[
            "base/kustomization.yaml",
            "app/Chart.yaml",
            "app/charts/db/Chart.yaml",
            "app/templates/a.yaml",
        ]);
        let tree = walk(dir.path(), false);
        let (base, app) = (dir.path().join("base"), dir.path().join("app"));
        assert_eq!(
            tree.projects,
            [Project::Kustomization(base.clone()), Project::Chart(app)]
        );
        let help = tree.projects[0].fault("render", false);
        let help = crate::cli::fault::help(&help).unwrap();
        assert!(
            help.contains(&format!(
                "kustomize build {} | coupler render -",
                base.display()
            )),
            "{help}"
        );
        let build = format!("coupler build {}", base.display());
        assert!(help.contains(&build), "{help}");
        assert!(walk(dir.path(), true).projects.is_empty());
    }

    #[test]
    fn paths_are_quoted_for_a_shell() {
        assert_eq!(quoted(Path::new("a/b-1.yaml")), "a/b-1.yaml");
        assert_eq!(quoted(Path::new("it's here")), r"'it'\''s here'");
    }
}
