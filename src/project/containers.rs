//! Chooses the containers of a workload that a Plug means: the only one, the named ones, or all.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use super::pod_template::containers;
use crate::api::Spanned;
use crate::diagnostic::{Code, Diagnostic, list};
use crate::manifest::{NodeId, Tree};

/// The containers of one workload by name, read once however many Plugs choose among them.
#[derive(Debug)]
pub struct ContainerNames<'t> {
    /// Whether there is no container at all, named or not.
    none: bool,
    /// Each name once, in the workload's own order.
    names: Vec<&'t str>,
    /// Positions in `names`.
    positions: BTreeMap<&'t str, usize>,
    /// The names of those that are no init containers.
    own: Vec<&'t str>,
}

impl<'t> ContainerNames<'t> {
    /// Reads the containers of the workload at `root`.
    pub fn read(tree: &'t Tree<'_>, root: NodeId) -> Self {
        let all = containers(tree, root);
        let mut read = Self { none: all.is_empty(), names: Vec::new(), positions: BTreeMap::new(), own: Vec::new() };
        for container in all {
            let Some(name) = container.name else { continue };
            if !container.init {
                read.own.push(name);
            }
            if let Entry::Vacant(new) = read.positions.entry(name) {
                new.insert(read.names.len());
                read.names.push(name);
            }
        }
        read
    }
}

/// Which containers a Plug means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chosen<'t> {
    /// All: their names are listed by nobody but the workload itself.
    All,
    /// These, each once.
    Named(Vec<&'t str>),
}

impl<'t> Chosen<'t> {
    /// The names of the containers of a workload that are chosen.
    pub fn names<'c>(&'c self, containers: &'c ContainerNames<'t>) -> &'c [&'t str] {
        match self {
            Self::All => &containers.names,
            Self::Named(names) => names,
        }
    }
}

/// The containers that `wanted` (a Plug's `containers`) means, in the workload's own order.
///
/// # Errors
/// `container-not-found`, `containers-unnamed`. Without a name in `wanted` the error has no place: the caller knows it.
pub fn choose<'t>(containers: &ContainerNames<'t>, wanted: &[Spanned<String>]) -> Result<Chosen<'t>, Diagnostic> {
    let ContainerNames { none, names, positions, own } = containers;
    if names.is_empty() {
        let fact = if *none { "the workload has no container" } else { "the workload's container has no name" };
        let help = "a container needs a name:\n  containers:\n    - name: app";
        let error = Diagnostic::error(Code::ContainerNotFound, fact).help(help);
        return Err(wanted.iter().fold(error, |error, name| error.at(name.at, "asked for here")));
    }
    if wanted.is_empty() {
        return match own[..] {
            [only] => Ok(Chosen::Named(vec![only])),
            _ => Err(unnamed(own)),
        };
    }
    if wanted.iter().any(|name| name.value == "*") {
        return Ok(Chosen::All);
    }
    let mut chosen = BTreeSet::new();
    for name in wanted {
        let Some(&position) = positions.get(name.value.as_str()) else {
            let message = format!("the workload has no container `{}`", name.value);
            let help = format!("its containers are {}:\n  containers: [{}]", list(names.iter()), names[0]);
            return Err(Diagnostic::error(Code::ContainerNotFound, message)
                .at(name.at, "no such container")
                .help(help));
        };
        chosen.insert(position);
    }
    Ok(Chosen::Named(chosen.into_iter().map(|position| names[position]).collect()))
}

fn unnamed(own: &[&str]) -> Diagnostic {
    let message = format!("the workload has {} containers ({}) and the Plug names none", own.len(), list(own.iter()));
    let help = format!(
        "name those that get the variables, below the workload's name:\n  containers: [{}]\nor all, init containers \
         included:\n  containers: [\"*\"]",
        own.first().unwrap_or(&"app")
    );
    Diagnostic::error(Code::ContainersUnnamed, message).help(help)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(containers: &str, wanted: &[&str]) -> Result<Vec<String>, Diagnostic> {
        let text = format!("apiVersion: v1\nkind: Pod\nspec: {{{containers}}}\n");
        let tree = Tree::read(&text).unwrap();
        let wanted: Vec<_> =
            wanted.iter().map(|w| Spanned { value: (*w).to_owned(), at: Default::default() }).collect();
        let containers = ContainerNames::read(&tree, tree.root().unwrap());
        let chosen = choose(&containers, &wanted)?;
        Ok(chosen.names(&containers).iter().map(|name| (*name).to_owned()).collect())
    }

    const TWO: &str = "containers: [{name: web}, {name: log}], initContainers: [{name: init}]";

    #[test]
    fn one_container_needs_no_name_and_gets_it_alone() {
        let pod = "containers: [{name: web}], initContainers: [{name: init}]";
        assert_eq!(chosen(pod, &[]).unwrap(), ["web"]);
        assert_eq!(chosen(pod, &["init"]).unwrap(), ["init"]);
    }

    #[test]
    fn several_must_be_named() {
        let error = chosen(TWO, &[]).unwrap_err();
        assert_eq!(error.code, Code::ContainersUnnamed);
        assert!(error.help.unwrap().contains("containers: [web]"));
        assert_eq!(chosen(TWO, &["log", "web"]).unwrap(), ["web", "log"]);
        assert_eq!(chosen(TWO, &["*"]).unwrap(), ["web", "log", "init"]);
    }

    #[test]
    fn a_missing_name_lists_those_there_are() {
        let error = chosen(TWO, &["wbe"]).unwrap_err();
        assert_eq!(error.code, Code::ContainerNotFound);
        assert!(error.help.unwrap().contains("`web`, `log`, `init`"));
        assert_eq!(chosen("containers: [{image: x}]", &[]).unwrap_err().code, Code::ContainerNotFound);
        assert_eq!(chosen("volumes: []", &[]).unwrap_err().code, Code::ContainerNotFound);
    }
}
