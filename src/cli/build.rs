//! Builds a directory with kustomize or Helm: decides which tool, and its arguments.

use std::ffi::OsString;
use std::path::Path;

use super::args::{Build, Flags};
use super::environment::Environment;
use super::fault::{Error, TypedContext, input_error};
use super::helm::{self, ValuesFile};
use super::read::is_empty;
use super::settings;
use super::subprocess::Subprocess;
use super::walk::{CHART, Project, quoted};
use crate::render::{Role, Source};

/// What is to be built, and how.
pub(super) struct BuildJob<'a> {
    pub(super) directory: &'a Path,
    pub(super) flags: &'a Flags,
    /// What the user typed for the tool itself.
    pub(super) typed: &'a [OsString],
    /// For a chart only.
    pub(super) chart: helm::HelmOptions,
}

impl<'a> BuildJob<'a> {
    /// The job of a command line.
    pub(super) fn of(args: &'a Build) -> Result<Self, Error> {
        let values = args
            .values
            .iter()
            .map(|path| ValuesFile::by_user(path))
            .collect::<Result<_, _>>()?;
        let chart = helm::HelmOptions {
            release: args.release.clone(),
            values,
            ..helm::HelmOptions::default()
        };
        Ok(Self {
            directory: &args.directory,
            flags: &args.flags,
            typed: &args.arguments,
            chart,
        })
    }
}

/// What the directory's tool prints, or nothing where the directory needs none.
pub(super) fn print(job: &BuildJob<'_>, namespace: Option<&str>) -> Result<Option<Source>, Error> {
    let directory = job.directory;
    let project = Project::at(directory)?;
    if !matches!(project, Some(Project::Chart(_))) {
        only_for_charts(job)?;
    }
    let (tools, absent) = match project {
        Some(Project::Kustomization(_)) => (
            vec![
                kustomize(job, "kustomize", "build"),
                kustomize(job, "kubectl", "kustomize"),
            ],
            no_kustomize(directory),
        ),
        Some(Project::Chart(_)) => {
            let root = settings::repository(job.flags, directory)?;
            let helm = helm::template(&root, directory, namespace, &job.chart)?;
            (vec![helm.typed(job.typed)], no_helm(directory))
        }
        None if job.typed.is_empty() => return Ok(None),
        None => {
            let fault = Error::msg(format!(
                "no tool is needed to build `{}`: it is a directory of manifests",
                directory.display()
            ));
            return Err(fault.help("remove the arguments after `--`"));
        }
    };
    for tool in tools {
        if let Some(text) = tool.print()? {
            if is_empty(&text) {
                return Err(input_error(format!("no documents from `{}`", tool.name())));
            }
            return Ok(Some(Source {
                name: format!("<{}>", tool.name()),
                text,
                role: Role::Stream,
            }));
        }
    }
    Err(absent)
}

fn only_for_charts(job: &BuildJob<'_>) -> Result<(), Error> {
    let given = match (&job.chart.release, job.chart.values.as_slice()) {
        (Some(_), _) => "a release's name is",
        (None, [_, ..]) => "values are",
        (None, []) => return Ok(()),
    };
    let directory = job.directory.display();
    Err(Error::msg(format!(
        "{given} for a chart, and there is no `{CHART}` in `{directory}`"
    )))
}

/// kustomize itself, or the one within kubectl.
fn kustomize(job: &BuildJob<'_>, program: &'static str, word: &'static str) -> Subprocess {
    let shown = format!("{program} {word} {}", quoted(job.directory));
    Subprocess::new(program, &[word], Environment::Kustomize)
        .shown(shown)
        .path(job.directory)
        .typed(job.typed)
}

fn no_kustomize(directory: &Path) -> Error {
    Error::msg(format!(
        "`{}` is a kustomization, and neither `kustomize` nor `kubectl` is on the PATH",
        directory.display()
    ))
    .help("install kustomize:\n  https://kubectl.docs.kubernetes.io/installation/kustomize/")
}

fn no_helm(directory: &Path) -> Error {
    Error::msg(format!(
        "`{}` is a Helm chart, and `helm` is not on the PATH",
        directory.display()
    ))
    .help("install Helm:\n  https://helm.sh/docs/intro/install/")
}
