//! Chooses the containers of a workload that a Plug means: the only container, the named ones, or
//! all.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use super::DocumentRef;
use super::place::place;
use super::pod_template::containers;
use crate::api::{BinderKind, Spanned, suggest};
use crate::diagnostic::{Code, Diagnostic, Help, Paste, list};
use crate::limits;
use crate::manifest::{NodeId, NotReadable, Place, Reading};

/// The containers of one workload by name, read once however many Plugs choose among them.
#[derive(Debug, Default)]
pub struct ContainerNames<'t> {
    /// Each name once, in the workload's own order.
    names: Vec<&'t str>,
    /// Positions in `names`.
    positions: BTreeMap<&'t str, usize>,
    /// Names that several have: the first that has one which is taken, by name.
    taken: BTreeMap<&'t str, Place>,
    /// The names of those that are no init containers, where they have one.
    own: Vec<Option<&'t str>>,
    /// How many have no name.
    nameless: usize,
    /// The error of the first whose name cannot be read.
    unread: Option<Diagnostic>,
    /// The same of those that are no init containers.
    unread_own: Option<Diagnostic>,
}

impl<'t> ContainerNames<'t> {
    /// Reads the containers of the workload at `root`.
    ///
    /// # Errors
    /// It cannot be read which there are.
    pub fn read(document: DocumentRef<'t>, root: NodeId) -> Result<Self, Box<Diagnostic>> {
        let error = |what: &str, why: &NotReadable| {
            Diagnostic::not_readable(what, why, |span| place(document.start, span))
        };
        let all = containers(document.tree, root, document.kinds)
            .map_err(|why| error("which containers there are", &why))?;
        let (names, positions, own) = (Vec::new(), BTreeMap::new(), Vec::new());
        let mut read = Self {
            names,
            positions,
            taken: BTreeMap::new(),
            own,
            nameless: 0,
            unread: None,
            unread_own: None,
        };
        for container in all {
            if !container.init {
                read.own.push(container.known_name());
            }
            match container.name {
                Reading::Value(name) => match read.positions.entry(name) {
                    Entry::Vacant(new) => {
                        new.insert(read.names.len());
                        read.names.push(name);
                    }
                    Entry::Occupied(_) => {
                        let span = document.tree.span(container.node);
                        let at = place(document.start, span);
                        read.taken.entry(name).or_insert(at);
                    }
                },
                Reading::Absent => read.nameless += 1,
                Reading::NotReadable(why) => {
                    let error = error("the name of a container", &why);
                    if !container.init && read.unread_own.is_none() {
                        read.unread_own = Some(error.clone());
                    }
                    read.unread.get_or_insert(error);
                }
            }
        }
        Ok(read)
    }
}

impl<'t> ContainerNames<'t> {
    /// The same choice, where each name is that of one container: a record knows no more of them.
    fn told_apart(&self, chosen: Chosen<'t>) -> Result<Chosen<'t>, Box<Diagnostic>> {
        let taken = chosen
            .names(self)
            .iter()
            .find_map(|name| Some((name, self.taken.get(name)?)));
        let Some((name, at)) = taken else {
            return Ok(chosen);
        };
        let message = format!("two containers of the workload are called `{name}`");
        let error = Diagnostic::error(Code::CannotEdit, message)
            .at(*at, "another one has this name already")
            .help("give each container a name of its own");
        Err(Box::new(error))
    }
}

impl ContainerNames<'_> {
    /// The first of the containers that a ServiceBinding names and that are not there, and one that
    /// it may mean.
    pub fn unknown<'w>(
        &self,
        wanted: &'w [Spanned<String>],
    ) -> Option<(&'w Spanned<String>, Option<&str>)> {
        let is_known = |name: &str| name == "*" || self.positions.contains_key(name);
        let name = wanted.iter().find(|name| !is_known(&name.value))?;
        Some((name, suggest(&name.value, self.names.iter().copied())))
    }
}

/// Which containers a Plug means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chosen<'t> {
    /// All: only the workload itself lists their names.
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

/// The containers that `wanted` (a Plug's `containers`) means, in the workload's own order;
/// `paste`: the lines by which the Plug would name others.
///
/// # Errors
/// `container-not-found`, `containers-unnamed`, and `cannot-edit` where the answer depends on what
/// cannot be read. Without a name in `wanted` the error has no place of its own: the caller knows
/// it.
pub fn choose<'t>(
    containers: &ContainerNames<'t>,
    wanted: &[Spanned<String>],
    binder: BinderKind,
    paste: impl Fn(Vec<String>) -> Paste,
) -> Result<Chosen<'t>, Box<Diagnostic>> {
    let ContainerNames {
        names,
        positions,
        own,
        ..
    } = containers;
    let is_all = wanted.iter().any(|name| name.value == "*");
    let is_missing = |name: &&Spanned<String>| !positions.contains_key(name.value.as_str());
    let missing = wanted.iter().find(is_missing).filter(|_| !is_all);
    let unsure = match wanted {
        [] => containers.unread_own.as_ref(),
        _ if is_all || missing.is_some() => containers.unread.as_ref(),
        _ => None,
    };
    if let Some(error) = unsure {
        return Err(Box::new(error.clone()));
    }
    let is_nameless = match wanted {
        [] => *own == [None],
        _ => is_all && containers.nameless > 0,
    };
    if names.is_empty() || is_nameless {
        let is_none = names.is_empty() && containers.nameless == 0;
        let fact = if is_none {
            "the workload has no container"
        } else {
            "a container of the workload has no name"
        };
        let help = "a container needs a name: `{name: …, image: …}`";
        let error = Diagnostic::error(Code::ContainerNotFound, fact).help(help);
        return Err(Box::new(
            wanted
                .iter()
                .fold(error, |error, name| error.at(name.at, "asked for here")),
        ));
    }
    if wanted.is_empty() {
        return match own[..] {
            [Some(only)] => containers.told_apart(Chosen::Named(vec![only])),
            _ => Err(Box::new(unnamed(own, binder, paste))),
        };
    }
    if is_all {
        return containers.told_apart(Chosen::All);
    }
    let mut chosen = BTreeSet::new();
    for name in wanted {
        let Some(&position) = positions.get(name.value.as_str()) else {
            if binder == BinderKind::ServiceBinding {
                continue; // as its specification has it
            }
            let message = format!("the workload has no container `{}`", name.value);
            let near = suggest(&name.value, names.iter().copied());
            let help = match near {
                Some(near) => Help::from(format!("did you mean `{near}`?")),
                None => Help::from(format!("its containers are {}:", list(names.iter()))),
            };
            let meant = near.map_or_else(|| names.clone(), |near| vec![near]);
            let help = meant
                .iter()
                .take(limits::CANDIDATES)
                .fold(help, |help, other| {
                    let replaced = |one: &Spanned<String>| match one.value == name.value {
                        true => (*other).to_owned(),
                        false => one.value.clone(),
                    };
                    help.paste(paste(wanted.iter().map(replaced).collect()))
                });
            let error = Diagnostic::error(Code::ContainerNotFound, message);
            return Err(Box::new(error.at(name.at, "no such container").help(help)));
        };
        chosen.insert(position);
    }
    containers.told_apart(Chosen::Named(
        chosen.into_iter().map(|position| names[position]).collect(),
    ))
}

fn unnamed(
    own: &[Option<&str>],
    binder: BinderKind,
    paste: impl Fn(Vec<String>) -> Paste,
) -> Diagnostic {
    let names: Vec<&str> = own.iter().filter_map(|name| *name).collect();
    let message = format!(
        "the workload has {} containers ({}), and {} names none",
        own.len(),
        list(names.iter()),
        binder.the()
    );
    let help = Help::from("name those that get the variables:");
    let each = names.iter().take(limits::CANDIDATES);
    let help = each
        .fold(help, |help, name| {
            help.paste(paste(vec![(*name).to_owned()]))
        })
        .and("or write `*` for all, init containers included:")
        .paste(paste(vec!["*".to_owned()]));
    Diagnostic::error(Code::ContainersUnnamed, message).help(help)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Subject;
    use crate::manifest::Tree;

    fn chosen(containers: &str, wanted: &[&str]) -> Result<Vec<String>, Box<Diagnostic>> {
        let text = format!("apiVersion: v1\nkind: Pod\nspec: {{{containers}}}\n");
        let tree = Tree::read(&text).unwrap();
        let wanted: Vec<_> = wanted
            .iter()
            .map(|w| Spanned {
                value: (*w).to_owned(),
                at: Default::default(),
            })
            .collect();
        let document = DocumentRef::alone(&tree);
        let containers = ContainerNames::read(document, tree.root().unwrap())?;
        let chosen = choose(&containers, &wanted, BinderKind::Plug, |names| {
            Paste::merge(
                Subject::default(),
                format!("containers: {}", names.join(", ")).into(),
            )
        })?;
        Ok(chosen
            .names(&containers)
            .iter()
            .map(|name| (*name).to_owned())
            .collect())
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
        assert!(error.help.unwrap().contains("containers: web"));
        assert_eq!(chosen(TWO, &["log", "web"]).unwrap(), ["web", "log"]);
        assert_eq!(chosen(TWO, &["*"]).unwrap(), ["web", "log", "init"]);
    }

    #[test]
    fn a_missing_name_lists_those_there_are() {
        let error = chosen(TWO, &["wbe"]).unwrap_err();
        assert_eq!(error.code, Code::ContainerNotFound);
        assert!(error.help.unwrap().contains("did you mean `web`?"));
        let error = chosen(TWO, &["proxy"]).unwrap_err();
        assert!(error.help.unwrap().contains("`web`, `log`, `init`"));
        assert_eq!(
            chosen("containers: [{image: x}]", &[]).unwrap_err().code,
            Code::ContainerNotFound
        );
        assert_eq!(
            chosen("volumes: []", &[]).unwrap_err().code,
            Code::ContainerNotFound
        );
    }

    #[test]
    fn a_container_without_a_name_is_a_container() {
        let pod = "containers: [{name: log}, {image: x}], initContainers: [{image: y}]";
        assert_eq!(chosen(pod, &[]).unwrap_err().code, Code::ContainersUnnamed);
        assert_eq!(
            chosen(pod, &["*"]).unwrap_err().code,
            Code::ContainerNotFound
        );
        assert_eq!(chosen(pod, &["log"]).unwrap(), ["log"]);
        assert_eq!(
            chosen("containers: [{name: a}], initContainers: [{image: y}]", &[]).unwrap(),
            ["a"]
        );
    }

    #[test]
    fn what_cannot_be_read_is_not_absent() {
        let item = "x: &c {name: web}, containers: [{name: log}, *c]";
        assert_eq!(chosen(item, &[]).unwrap_err().code, Code::CannotEdit);
        assert_eq!(chosen(item, &["web"]).unwrap_err().code, Code::CannotEdit);
        assert_eq!(chosen(item, &["*"]).unwrap_err().code, Code::CannotEdit);
        assert_eq!(chosen(item, &["log"]).unwrap(), ["log"]);
        assert_eq!(
            chosen("x: &c {name: web}, containers: [{<<: *c}]", &[])
                .unwrap_err()
                .code,
            Code::CannotEdit
        );
        assert_eq!(
            chosen("x: &c [{name: web}], containers: *c", &[])
                .unwrap_err()
                .code,
            Code::CannotEdit
        );
        assert_eq!(
            chosen("x: &n web, containers: [{name: *n}]", &[]).unwrap(),
            ["web"]
        );
    }
}
