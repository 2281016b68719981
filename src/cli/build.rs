//! A directory that its own tool makes manifests of: which tool, and with which words.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::args::Build;
use super::fault::Fault;
use super::read::{is_empty, open};
use super::tool::Tool;
use super::walk::{CHART, Project, quoted};
use crate::manifest::Tree;
use crate::render::{Role, Source};

/// What the directory's tool prints, or nothing where the directory needs none.
pub(super) fn print(args: &Build, namespace: Option<&str>) -> Result<Option<Source>, Fault> {
    let directory = args.directory.as_path();
    let project = Project::at(directory)?;
    if !matches!(project, Some(Project::Chart(_))) {
        only_for_charts(args)?;
    }
    let (tools, absent) = match project {
        Some(Project::Kustomization(_)) => (kustomize(args), no_kustomize(directory)),
        Some(Project::Chart(_)) => (vec![helm(args, namespace)], no_helm(directory)),
        None if args.words.is_empty() => return Ok(None),
        None => {
            let fault = Fault::new(format!("no tool builds `{}`: it is a directory of manifests", directory.display()));
            return Err(fault.help("leave away what follows `--`"));
        }
    };
    for tool in tools {
        if let Some(text) = tool.print()? {
            if is_empty(&text) {
                return Err(Fault::of_input(format!("no documents from `{}`", tool.shown)));
            }
            return Ok(Some(Source { name: format!("<{}>", tool.shown), text, role: Role::Stream }));
        }
    }
    Err(absent)
}

fn only_for_charts(args: &Build) -> Result<(), Fault> {
    let given = match (&args.release, args.values.as_slice()) {
        (Some(_), _) => "a release's name is",
        (None, [_, ..]) => "values are",
        (None, []) => return Ok(()),
    };
    let directory = args.directory.display();
    Err(Fault::new(format!("{given} for a chart, and there is no `{CHART}` in `{directory}`")))
}

/// kustomize, or else the one within kubectl.
fn kustomize(args: &Build) -> Vec<Tool> {
    let tool = |program, word: &str| {
        let words = [OsString::from(word), local(&args.directory)].into_iter().chain(args.words.iter().cloned());
        Tool { program, words: words.collect(), shown: format!("{program} {word} {}", quoted(&args.directory)) }
    };
    vec![tool("kustomize", "build"), tool("kubectl", "kustomize")]
}

fn helm(args: &Build, namespace: Option<&str>) -> Tool {
    let release = args.release.clone().or_else(|| chart_name(&args.directory));
    // the name that Helm itself takes where it is told none
    let release = release.unwrap_or_else(|| "release-name".to_owned());
    let shown = format!("helm template {} {}", quoted(Path::new(&release)), quoted(&args.directory));
    let mut words: Vec<OsString> = vec!["template".into(), release.into(), local(&args.directory)];
    if let Some(namespace) = namespace {
        words.extend(["--namespace".into(), namespace.into()]);
    }
    for values in &args.values {
        words.extend(["--values".into(), values.into()]);
    }
    words.extend(args.words.iter().cloned());
    Tool { program: "helm", words, shown }
}

/// The name that the chart gives itself; what is wrong with a `Chart.yaml` is Helm's to say.
fn chart_name(directory: &Path) -> Option<String> {
    let text = open(&directory.join(CHART)).ok()?.source(CHART).ok()?;
    let tree = Tree::read(&text).ok()?;
    tree.str(tree.get(tree.root()?, "name")?).map(str::to_owned)
}

/// A path that no tool takes for an option, a repository's address or a chart's short name.
fn local(path: &Path) -> OsString {
    let outright = path.is_absolute() || path.starts_with(".") || path.starts_with("..");
    let path = if outright { path.to_path_buf() } else { PathBuf::from(".").join(path) };
    path.into_os_string()
}

fn no_kustomize(directory: &Path) -> Fault {
    Fault::new(format!(
        "`{}` is a kustomization, and neither `kustomize` nor `kubectl` is on the PATH",
        directory.display()
    ))
    .help("install kustomize:\n  https://kubectl.docs.kubernetes.io/installation/kustomize/")
}

fn no_helm(directory: &Path) -> Fault {
    Fault::new(format!("`{}` is a Helm chart, and `helm` is not on the PATH", directory.display()))
        .help("install Helm:\n  https://helm.sh/docs/intro/install/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_is_taken_for_a_directory() {
        let local = |path: &str| local(Path::new(path)).into_string().unwrap();
        assert_eq!(local("app"), "./app");
        assert_eq!(local("-f"), "./-f");
        assert_eq!(local("github.com/a/b"), "./github.com/a/b");
        assert_eq!(local("."), ".");
        assert_eq!(local("../app"), "../app");
        assert_eq!(local("/app"), "/app");
    }
}
