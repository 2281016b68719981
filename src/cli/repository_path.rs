//! Finds the path of a file in the repository, for formats that annotate files.

use std::path::{Component, Path, PathBuf};

use super::path_within::Root;

/// What paths are relative to.
#[derive(Debug, Default)]
pub(super) struct RepositoryPaths {
    /// The working directory, without links.
    working: Option<PathBuf>,
    /// The Git repository around it.
    root: Option<PathBuf>,
}

impl RepositoryPaths {
    /// Those of the working directory; without a repository, or where it cannot be read, paths are
    /// relative to it.
    pub(super) fn new() -> Self {
        let here = Path::new("");
        let path = |root: Root| root.path().to_path_buf();
        Self {
            working: Root::at(here).ok().map(path),
            root: Root::of_git(here).ok().flatten().map(path),
        }
    }

    /// The name of a source: a file's path with forward slashes and no step that another undoes.
    pub(super) fn name(&self, written: &str) -> String {
        if written.starts_with('<') {
            return written.to_owned();
        }
        if let (Some(working), Some(root)) = (&self.working, &self.root)
            && let Ok(below) = normal(&working.join(written)).strip_prefix(root)
        {
            return slashes(below);
        }
        slashes(&normal(Path::new(written)))
    }
}

/// A path without `.`, and without steps that `..` undoes.
fn normal(path: &Path) -> PathBuf {
    let mut steps: Vec<Component<'_>> = Vec::new();
    for step in path.components() {
        match (step, steps.last()) {
            (Component::CurDir, _) => {}
            (Component::ParentDir, Some(Component::Normal(_))) => {
                steps.pop();
            }
            _ => steps.push(step),
        }
    }
    steps.iter().collect()
}

fn slashes(path: &Path) -> String {
    let path = path.to_string_lossy();
    match cfg!(windows) {
        true => path.replace('\\', "/"),
        false => path.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_that_of_the_repository() {
        let paths = RepositoryPaths {
            working: Some("/r/app/dev".into()),
            root: Some("/r".into()),
        };
        for (written, name) in [
            ("a.yaml", "app/dev/a.yaml"),
            ("./x/../b.yaml", "app/dev/b.yaml"),
            ("../base/./c.yaml", "app/base/c.yaml"),
            ("/r/app/d.yaml", "app/d.yaml"),
            ("../../../e.yaml", "../../../e.yaml"),
            ("/etc/./f.yaml", "/etc/f.yaml"),
            ("<stdin>", "<stdin>"),
        ] {
            assert_eq!(paths.name(written), name);
        }
        let none = RepositoryPaths::default();
        assert_eq!(none.name("./a/../b.yaml"), "b.yaml");
        assert_eq!(none.name("../b.yaml"), "../b.yaml");
    }
}
