//! Resolves a path step by step, and refuses it before the first step that leaves a directory.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use anyhow::Context;

use super::fault::{Error, TypedContext, cannot, io_error};
use crate::diagnostic::lines;
use crate::limits;

/// A directory that the paths and links found in it do not lead out of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Root {
    real: PathBuf,
}

/// A path whose every step, through every link, is within a root and not in a `.git`. It has no
/// links in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct PathWithin {
    real: PathBuf,
}

/// Why a path is not within a root.
#[derive(Debug)]
pub(super) enum Refused {
    /// The path or a link on the way leads out, to here. What is there was not looked at.
    Outside(PathBuf),
    /// It could not be resolved.
    Io(io::Error),
}

/// One step of a path.
enum PathStep {
    Up,
    Down(OsString),
}

impl Root {
    /// A directory as it was named by the user, who may name a link.
    pub(super) fn at(directory: &Path) -> Result<Self, Error> {
        let named = if directory == Path::new("") {
            Path::new(".")
        } else {
            directory
        };
        let real = fs::canonicalize(named).with_context(|| cannot("read", named))?;
        Ok(Self { real })
    }

    /// The Git repository around a directory.
    pub(super) fn of_git(directory: &Path) -> Result<Option<Self>, Error> {
        let Self { real } = Self::at(directory)?;
        let found = real
            .ancestors()
            .find(|above| fs::symlink_metadata(above.join(".git")).is_ok());
        Ok(found.map(|real| Self {
            real: real.to_path_buf(),
        }))
    }

    /// The Git repository around a directory, else the working directory if it is above, else the
    /// directory itself.
    pub(super) fn repository(directory: &Path) -> Result<Self, Error> {
        if let Some(repository) = Self::of_git(directory)? {
            return Ok(repository);
        }
        let (own, working) = (Self::at(directory)?, Self::at(Path::new(""))?);
        let is_above = working.real.parent().is_some() && own.real.starts_with(&working.real);
        Ok(if is_above { working } else { own })
    }

    /// The directory from which this one is reached by a relative path, if no link and no step back
    /// is on that way.
    pub(super) fn above(&self, path: &Path) -> Option<Self> {
        let steps = path.components().filter(|part| *part != Component::CurDir);
        let steps: Vec<_> = steps.collect();
        let way: PathBuf = steps.iter().collect();
        let is_plain = steps
            .iter()
            .all(|part| matches!(part, Component::Normal(_)));
        let above = self.real.ancestors().nth(steps.len())?;
        (is_plain && self.real.ends_with(&way)).then(|| Self {
            real: above.to_path_buf(),
        })
    }

    /// Its path, without links.
    pub(super) fn path(&self) -> &Path {
        &self.real
    }

    /// Resolves a path that was found in `directory`, a trusted directory of the root.
    pub(super) fn resolve(&self, directory: &Path, path: &Path) -> Result<PathWithin, Refused> {
        let from = Self::at(directory).map_err(|_| Refused::Io(io::ErrorKind::NotFound.into()))?;
        if !from.real.starts_with(&self.real) {
            return Err(Refused::Outside(from.real));
        }
        let mut at = from.real;
        let mut steps = VecDeque::new();
        self.follow(path, &mut at, &mut steps)?;
        let mut links = 0;
        while let Some(step) = steps.pop_front() {
            let name = match step {
                PathStep::Up if at == self.real => {
                    return Err(Refused::Outside(path.to_path_buf()));
                }
                PathStep::Up => {
                    at.pop();
                    continue;
                }
                // it holds credentials, and what other branches have
                PathStep::Down(name) if name.eq_ignore_ascii_case(".git") => {
                    return Err(Refused::Outside(at.join(name)));
                }
                PathStep::Down(name) => name,
            };
            at.push(name);
            if !fs::symlink_metadata(&at).map_err(Refused::Io)?.is_symlink() {
                continue;
            }
            links += 1;
            if links > limits::LINKS {
                return Err(Refused::Io(io::Error::other(
                    "there are too many links in the path",
                )));
            }
            let target = fs::read_link(&at).map_err(Refused::Io)?;
            at.pop();
            self.follow(&target, &mut at, &mut steps)
                .map_err(|_| Refused::Outside(target))?;
        }
        Ok(PathWithin { real: at })
    }

    /// Puts the steps of a path before those that are left; an absolute path begins at the root.
    fn follow(
        &self,
        path: &Path,
        at: &mut PathBuf,
        steps: &mut VecDeque<PathStep>,
    ) -> Result<(), Refused> {
        let mut rest = path;
        if path.is_absolute() {
            rest = path
                .strip_prefix(&self.real)
                .map_err(|_| Refused::Outside(path.to_path_buf()))?;
            at.clone_from(&self.real);
        }
        for part in rest.components().rev() {
            match part {
                Component::Normal(name) => steps.push_front(PathStep::Down(name.to_owned())),
                Component::ParentDir => steps.push_front(PathStep::Up),
                Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
            }
        }
        Ok(())
    }
}

impl PathWithin {
    /// The path itself, without links.
    pub(super) fn path(&self) -> &Path {
        &self.real
    }
}

impl Refused {
    /// The error about a path, as the user knows it.
    pub(super) fn fault(self, shown: &Path, root: &Root) -> Error {
        let target = match self {
            Self::Io(error) => return io_error("read", shown, error),
            Self::Outside(target) => target,
        };
        let to = if shown.ends_with(&target) {
            String::new()
        } else {
            format!(", to `{}`", target.display())
        };
        let fault = Error::msg(format!(
            "`{}` leads out of the repository{to}",
            shown.display()
        ));
        fault.help(lines![
            (
                "only files in `{}` are read; if you trust the author, name another directory:",
                root.real.display()
            ),
            ("  --repository DIR")
        ])
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    /// `repo/app/a.yaml`, `repo/lib/b.yaml`, and `secret` outside.
    fn tree() -> (tempfile::TempDir, Root) {
        let dir = tempfile::tempdir().unwrap();
        for sub in ["repo/app", "repo/lib", "repository"] {
            fs::create_dir_all(dir.path().join(sub)).unwrap();
        }
        for file in [
            "repo/app/a.yaml",
            "repo/lib/b.yaml",
            "secret",
            "repository/c.yaml",
        ] {
            fs::write(dir.path().join(file), file).unwrap();
        }
        let root = Root::at(&dir.path().join("repo")).unwrap();
        (dir, root)
    }

    #[test]
    fn a_path_within_is_resolved() {
        let (dir, root) = tree();
        let app = dir.path().join("repo/app");
        symlink("../lib", app.join("lib")).unwrap();
        symlink(root.path().join("app/a.yaml"), app.join("absolute.yaml")).unwrap();
        for (path, real) in [
            ("a.yaml", "app/a.yaml"),
            ("./../lib/./b.yaml", "lib/b.yaml"),
            ("lib/b.yaml", "lib/b.yaml"),
            ("lib/../app/a.yaml", "app/a.yaml"),
            ("absolute.yaml", "app/a.yaml"),
            ("..", ""),
        ] {
            let found = root.resolve(&app, Path::new(path)).unwrap();
            assert_eq!(
                found.path(),
                root.path().join(real).components().collect::<PathBuf>(),
                "{path}"
            );
        }
    }

    #[test]
    fn what_leads_out_is_refused_and_not_looked_at() {
        let (dir, root) = tree();
        let app = dir.path().join("repo/app");
        let outside = dir.path().canonicalize().unwrap();
        let links = [
            ("up", PathBuf::from("../../secret")),
            ("absolute", outside.join("secret")),
            // whether something is there is not reported either
            ("gone", outside.join("gone")),
            ("directory", outside.clone()),
            ("prefix", outside.join("repository/c.yaml")),
            ("second", PathBuf::from("up")),
        ];
        for (name, target) in &links {
            symlink(target, app.join(name)).unwrap();
        }
        let paths = [
            "up",
            "absolute",
            "gone",
            "directory/secret",
            "directory/gone/x",
            "prefix",
            "second",
        ];
        let written = [
            "../../secret",
            "../../repo/app/a.yaml",
            "../../gone",
            "/etc/passwd",
            "/",
            "../../../../../../..",
        ];
        for path in paths.into_iter().chain(written) {
            let refused = root.resolve(&app, Path::new(path));
            assert!(
                matches!(refused, Err(Refused::Outside(_))),
                "{path}: {refused:?}"
            );
        }
        assert!(matches!(
            root.resolve(dir.path(), Path::new("repo/app/a.yaml")),
            Err(Refused::Outside(_))
        ));
        fs::create_dir(root.path().join(".git")).unwrap();
        fs::write(root.path().join(".git/config"), "token").unwrap();
        symlink("../.git/config", app.join("token")).unwrap();
        for path in ["token", "../.git/config", "../.GIT/config"] {
            assert!(
                matches!(
                    root.resolve(&app, Path::new(path)),
                    Err(Refused::Outside(_))
                ),
                "{path}"
            );
        }
    }

    #[test]
    fn a_root_is_above_where_the_way_down_is_plain() {
        let (dir, root) = tree();
        let app = Root::at(&dir.path().join("repo/app")).unwrap();
        for (path, above) in [
            ("app", Some(&root)),
            ("./app/", Some(&root)),
            (".", Some(&app)),
            ("", Some(&app)),
        ] {
            assert_eq!(app.above(Path::new(path)).as_ref(), above, "{path}");
        }
        // as an application's directory that is a link: it is not so far below the root
        for path in ["a/b/c/link", "lib", "../app", "lib/../app", "/app", "/"] {
            assert_eq!(app.above(Path::new(path)), None, "{path}");
        }
    }

    #[test]
    fn a_circle_of_links_ends() {
        let (dir, root) = tree();
        let app = dir.path().join("repo/app");
        symlink("two", app.join("one")).unwrap();
        symlink("one", app.join("two")).unwrap();
        assert!(matches!(
            root.resolve(&app, Path::new("one")),
            Err(Refused::Io(_))
        ));
        for link in 0..=limits::LINKS {
            let target = if link == 0 {
                "a.yaml".to_owned()
            } else {
                format!("link-{}", link - 1)
            };
            symlink(target, app.join(format!("link-{link}"))).unwrap();
        }
        let resolve = |link: usize| root.resolve(&app, Path::new(&format!("link-{link}")));
        assert!(resolve(limits::LINKS - 1).is_ok());
        assert!(matches!(resolve(limits::LINKS), Err(Refused::Io(_))));
    }

    #[test]
    fn a_repository_is_found_from_below() {
        let (dir, root) = tree();
        let app = dir.path().join("repo/app");
        assert_eq!(Root::repository(&app).unwrap(), Root::at(&app).unwrap());
        fs::write(dir.path().join("repo/.git"), "gitdir: elsewhere").unwrap();
        assert_eq!(Root::repository(&app).unwrap(), root);
    }
}
