//! Finds the workload that `coupler init` writes a Plug for, and reads the names that the Plug
//! uses.

use std::path::Path;

use super::bindings_directory::bindings_directory;
use crate::cli::args::Init;
use crate::cli::draft::plug::{ChosenContainer, DraftFiles};
use crate::cli::fault::{Error, TypedContext, input_error};
use crate::cli::read::STDIN;
use crate::diagnostic::Help;
use crate::manifest::stream::{Object, Stream, metadata};
use crate::manifest::{NodeId, NotReadable, Reading, Tree};
use crate::project::{self, WorkloadKinds};

/// A workload of the input.
#[derive(Clone, Debug)]
struct Candidate {
    kind: String,
    object: Object,
    /// Its name, or the beginning of one that the cluster makes.
    name: String,
}

/// What a Plug names of a workload.
#[derive(Debug)]
pub(super) struct ReadWorkload {
    pub(super) object: Object,
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) namespace: Option<String>,
    /// The labels that choose a workload whose name the cluster makes.
    pub(super) labels: Option<String>,
    /// The container that gets the variables, of a workload with several.
    pub(super) container: Option<ChosenContainer>,
    /// What is read of that container.
    pub(super) own: ContainerContent,
}

/// What is read of the container that gets the variables.
#[derive(Debug, Default)]
pub(super) struct ContainerContent {
    /// The names of its variables.
    pub(super) variables: Vec<String>,
    /// The directory that it reads its bindings from.
    pub(super) files: Option<DraftFiles>,
}

impl ReadWorkload {
    /// Finds and reads the workload that the arguments name, or the only one.
    pub(super) fn find(args: &Init, stream: &Stream<'_>) -> Result<Self, Error> {
        let kinds = WorkloadKinds::read(stream);
        let Candidate { kind, object, name } = choose(args, stream, &kinds)?;
        let tree = stream
            .tree(object.document)
            .map_err(|error| input_error(error.message.clone()))?;
        let namespace = metadata(tree, object.node, "namespace")
            .known()
            .map_err(|why| not_readable(&why))?
            .map(str::to_owned);
        let container = container(args, tree, object.node, &kinds, &name)?;
        let own = container.as_ref().map(|chosen| chosen.name.as_str());
        let own = content(tree, object.node, &kinds, own).map_err(|why| not_readable(&why))?;
        Ok(Self {
            object,
            kind,
            labels: labels(tree, object.node)?,
            name,
            namespace,
            container,
            own,
        })
    }
}

/// The labels that choose a workload whose name the cluster makes.
fn labels(tree: &Tree<'_>, node: NodeId) -> Result<Option<String>, Error> {
    if matches!(metadata(tree, node, "name"), Reading::Value(_)) {
        return Ok(None);
    }
    project::own_labels(tree, node).map(Some).ok_or_else(|| {
        let fault = input_error("the workload has a generated name, and no label to select it by");
        fault.help("give it one:\n  metadata:\n    labels: {app: web}")
    })
}

/// The only workload, or the named one.
fn choose(args: &Init, stream: &Stream<'_>, kinds: &WorkloadKinds) -> Result<Candidate, Error> {
    let (kind, name) = match args
        .workload
        .as_deref()
        .map(|asked| asked.split_once('/').ok_or(asked))
    {
        None => (None, None),
        Some(Ok((kind, name))) => (Some(kind), Some(name)),
        Some(Err(name)) => (None, Some(name)),
    };
    let mut found = Vec::new();
    for (entry, _) in kinds.workloads(stream) {
        let Ok(tree) = stream.tree(entry.object.document) else {
            continue;
        };
        let text = |key| {
            metadata(tree, entry.object.node, key)
                .known()
                .map_err(|why| not_readable(&why))
        };
        let Some(own) = text("name")?.or(text("generateName")?) else {
            continue;
        };
        found.push(Candidate {
            kind: entry.kind.to_string(),
            object: entry.object,
            name: own.to_owned(),
        });
    }
    let fits = |found: &Candidate| {
        kind.is_none_or(|kind| kind.eq_ignore_ascii_case(&found.kind))
            && name.is_none_or(|name| name == found.name)
    };
    let all: Vec<_> = found
        .iter()
        .map(|found| format!("  --workload {}/{}", found.kind, found.name))
        .collect();
    found.retain(fits);
    match found.len() {
        1 => Ok(found.remove(0)),
        _ if all.is_empty() => {
            let path = args.path.as_deref().unwrap_or(Path::new(STDIN));
            Err(input_error(format!("no workload in `{}`", path.display())))
        }
        0 => Err(input_error("there is no workload of that name")
            .help(Help::from("one of").and(Help::of_lines(all)))),
        _ => Err(input_error("there are several workloads")
            .help(Help::from("name one of them:").and(Help::of_lines(all)))),
    }
}

/// Chooses one of several containers: the named one, the one that kubectl takes, the one that is
/// called as the workload, or the first.
fn container(
    args: &Init,
    tree: &Tree<'_>,
    root: NodeId,
    kinds: &WorkloadKinds,
    workload: &str,
) -> Result<Option<ChosenContainer>, Error> {
    let mut own: Vec<String> = Vec::new();
    for container in project::containers(tree, root, kinds)
        .map_err(|why| not_readable(&why))?
        .into_iter()
        .filter(|each| !each.init)
    {
        own.extend(
            container
                .name
                .known()
                .map_err(|why| not_readable(&why))?
                .map(str::to_owned),
        );
    }
    let preferred = match kinds.of_object(tree, root) {
        Some(known) => {
            let key = "kubectl.kubernetes.io/default-container";
            let annotations = known.mapping.annotations.find(tree, root);
            annotations
                .then(|annotations| tree.read_text(annotations, &[key]))
                .known()
                .map_err(|why| not_readable(&why))?
        }
        None => None,
    };
    let called = |wanted: &str| own.iter().find(|name| *name == wanted);
    let chosen = match &args.container {
        Some(asked) if !own.contains(asked) => {
            let fault = input_error(format!("the workload has no container `{asked}`"));
            return Err(fault.help(format!("its containers are {}", own.join(", "))));
        }
        Some(asked) => Some(asked),
        None => preferred
            .and_then(called)
            .or_else(|| called(workload))
            .or(own.first()),
    };
    Ok(chosen
        .filter(|_| own.len() > 1)
        .map(|name| ChosenContainer {
            name: name.clone(),
            all: own.clone(),
        }))
}

/// What is read of the container, or of the only one.
fn content(
    tree: &Tree<'_>,
    root: NodeId,
    kinds: &WorkloadKinds,
    container: Option<&str>,
) -> Result<ContainerContent, NotReadable> {
    let mut content = ContainerContent::default();
    for each in project::containers(tree, root, kinds)?
        .into_iter()
        .filter(|each| !each.init)
    {
        if container.is_some() && each.known_name() != container {
            continue;
        }
        for entry in each.env.items(tree, each.node).known()?.unwrap_or_default() {
            let name = tree.read_text(entry, &["name"]).known()?;
            content.variables.extend(name.map(str::to_owned));
        }
        content.files = bindings_directory(tree, &each)?;
    }
    Ok(content)
}

/// The fault of a workload of which it cannot be read what a Plug has to name.
pub(super) fn not_readable(why: &NotReadable) -> Error {
    let fault = input_error(format!(
        "the workload cannot be read because of `{}`",
        why.token
    ));
    fault.help("write the content of the anchor in its place")
}
