//! What each container is to get, judged against what its author wrote: added, put in the place of his own, found
//! there already, or a collision that names both sources.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::claim::Claims;
use super::lens::{content, text};
use super::order;
use super::workload::{Held, Workload, sorted};
use super::{Brought, WantedCoupling};
use crate::couple::{EnvEntry, EnvSource, Reference};
use crate::diagnostic::{Code, Diagnostic, list};
use crate::manifest::{NodeId, Tree};

/// A variable and where it goes.
#[derive(Debug)]
pub(super) struct Placed<'w> {
    pub(super) plug: &'w str,
    pub(super) entry: &'w EnvEntry,
    pub(super) spot: Spot,
}

/// Where a variable goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spot {
    /// Before one of the author's entries.
    Before(NodeId),
    /// After all of them.
    Last,
    /// In the place of the author's own.
    Swap { entry: NodeId, index: usize },
}

impl Placed<'_> {
    /// The position of the author's own entry whose place it takes.
    pub(super) fn own(&self) -> Option<usize> {
        match self.spot {
            Spot::Swap { index, .. } => Some(index),
            Spot::Before(_) | Spot::Last => None,
        }
    }
}

/// What one container gets, in order.
#[derive(Debug)]
pub(super) struct ContainerPlan<'w> {
    /// The container, by position.
    pub(super) container: usize,
    pub(super) new: Vec<Placed<'w>>,
}

/// What a workload gets.
#[derive(Debug, Default)]
pub(super) struct Plan<'w> {
    pub(super) containers: Vec<ContainerPlan<'w>>,
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// One of the author's variables: an entry that nobody claims, or that took the place of one of his.
struct Own<'t> {
    index: usize,
    node: NodeId,
    name: &'t str,
    replaced: bool,
}

/// What of a container's variables is not new.
struct Standing<'s> {
    own: &'s [Own<'s>],
    /// Positions in `own` by name.
    by_name: &'s BTreeMap<&'s str, Vec<usize>>,
    /// Parts that the author has already, and the last place of each.
    reused: &'s BTreeMap<&'s str, usize>,
    brought: &'s [&'s Brought],
}

/// Plans a workload as its author wrote it: what is claimed is looked through.
pub(super) fn plan<'w>(
    workload: &Workload<'_>,
    claims: &Claims<'_>,
    wanted: &'w [WantedCoupling<'_>],
    brought: &[Brought],
) -> Plan<'w> {
    let mut plan = Plan::default();
    let couplings = sorted(wanted);
    for coupling in &couplings {
        for name in &coupling.containers {
            if workload.container(name).is_none() {
                let message = format!("{} has no container `{name}`", workload.called());
                let error = Diagnostic::error(Code::ContainerNotFound, message).at(coupling.at, "asked for here");
                plan.diagnostics.push(workload.about(error));
            }
        }
    }
    let mut by_container: BTreeMap<usize, Vec<(&'w str, &'w EnvEntry)>> = BTreeMap::new();
    for coupling in couplings {
        let containers: BTreeSet<usize> =
            coupling.containers.iter().filter_map(|name| workload.container(name)).collect();
        for container in containers {
            let entries = coupling.env.iter().map(|entry| (coupling.plug, entry));
            by_container.entry(container).or_default().extend(entries);
        }
    }
    let brought = by_prefix(brought);
    for (container, entries) in by_container.into_iter().filter(|(_, entries)| !entries.is_empty()) {
        let from = brought.get(workload.containers[container].name).map_or(&[][..], Vec::as_slice);
        plan.container(workload, claims, container, &entries, from);
    }
    plan
}

/// What each container's `envFrom` brings, each object under each prefix once.
fn by_prefix(brought: &[Brought]) -> BTreeMap<&str, Vec<&Brought>> {
    let mut by_container: BTreeMap<&str, Vec<&Brought>> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for from in brought {
        let Some(keys) = &from.keys else { continue };
        if seen.insert((&from.container, &from.prefix, Rc::as_ptr(keys))) {
            by_container.entry(&from.container).or_default().push(from);
        }
    }
    by_container
}

impl<'w> Plan<'w> {
    fn container(
        &mut self,
        workload: &Workload<'_>,
        claims: &Claims<'_>,
        container: usize,
        entries: &[(&'w str, &'w EnvEntry)],
        brought: &[&Brought],
    ) {
        let held = &workload.containers[container];
        let own: Vec<Own<'_>> = held
            .variables
            .iter()
            .filter_map(|v| {
                let claimed = claims.of(v.node);
                let replaced = claimed.is_some_and(|c| c.was.is_some());
                (claimed.is_none() || replaced).then_some(Own { index: v.index, node: v.node, name: v.name, replaced })
            })
            .collect();
        let mut own_by_name: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (position, own) in own.iter().enumerate() {
            own_by_name.entry(own.name).or_default().push(position);
        }
        let mut new: Vec<Placed<'w>> = Vec::new();
        let mut by_name = order::ByName::new();
        let mut reused: BTreeMap<&str, usize> = BTreeMap::new();
        let mut clashes: BTreeMap<(&str, &str), Vec<(&EnvEntry, &EnvEntry)>> = BTreeMap::new();
        for &(plug, entry) in entries {
            if let Some(other) = by_name.get(entry.name.as_str()).map(|&position| &new[position]) {
                let shared = other.entry.helper || entry.helper;
                if !(shared
                    && matches!(entry.source, EnvSource::Reference(_))
                    && same(&other.entry.source, &entry.source))
                {
                    clashes.entry((other.plug, plug)).or_default().push((other.entry, entry));
                }
                continue;
            }
            let standing = own_by_name.get(entry.name.as_str()).map_or(&[][..], Vec::as_slice);
            let first = standing.first().map(|&position| &own[position]);
            let spot = match first {
                None => Spot::Last,
                Some(own) if standing.len() == 1 && entry.replace => Spot::Swap { entry: own.node, index: own.index },
                Some(own)
                    if standing.len() == 1
                        && entry.helper
                        && !own.replaced
                        && refers(workload.tree, own.node, &entry.source) =>
                {
                    reused.insert(own.name, own.index);
                    continue;
                }
                Some(own) => {
                    self.diagnostics.push(workload.about(collision(
                        workload,
                        held,
                        own.node,
                        plug,
                        entry,
                        standing.len(),
                    )));
                    continue;
                }
            };
            by_name.insert(&entry.name, new.len());
            new.push(Placed { plug, entry, spot });
        }
        for ((first, second), both) in clashes {
            self.diagnostics.push(workload.about(two_plugs(workload, held, [first, second], &both)));
        }
        let texts: Vec<(usize, &str)> = own
            .iter()
            .filter(|own| !own.replaced)
            .filter_map(|own| Some((own.index, text(workload.tree, own.node, "value")?)))
            .collect();
        let last = usize::MAX;
        let positions = order::positions(&new, &by_name, &texts, last);
        let standing = Standing { own: &own, by_name: &own_by_name, reused: &reused, brought };
        self.dangling(workload, held, &new, (&by_name, &positions), &standing);
        for (placed, &position) in new.iter_mut().zip(&positions) {
            if placed.own().is_none() && position != last {
                // the first of the author's entries that is not before it: a claimed one is not there once undone
                let before = own.get(own.partition_point(|own| own.index < position));
                placed.spot = before.map_or(Spot::Last, |own| Spot::Before(own.node));
            }
        }
        let mut order: Vec<(usize, Placed<'w>)> = positions.into_iter().zip(new).collect();
        order.sort_by_key(|(position, _)| *position);
        self.containers.push(ContainerPlan { container, new: order.into_iter().map(|(_, placed)| placed).collect() });
    }

    /// Says which texts would use what is not defined before them.
    fn dangling(
        &mut self,
        workload: &Workload<'_>,
        held: &Held<'_>,
        new: &[Placed<'_>],
        (by_name, positions): (&order::ByName<'_>, &[usize]),
        standing: &Standing<'_>,
    ) {
        let Standing { own, by_name: own_by_name, reused, brought } = *standing;
        // the author's variables are in their order
        let first = |name: &str| own_by_name.get(name).and_then(|all| all.first()).map(|&position| &own[position]);
        for (index, placed) in new.iter().enumerate() {
            let position = positions[index];
            let EnvSource::Value(value) = &placed.entry.source else { continue };
            for name in order::references(value) {
                let part = by_name.get(name).filter(|&&part| part != index);
                let late = reused.get(name).is_some_and(|&at| at >= position)
                    || part.is_some_and(|&part| positions[part] > position);
                if late {
                    let node = first(name).map(|own| own.node);
                    self.diagnostics.push(workload.about(too_late(workload, held, placed.entry, name, node)));
                }
            }
            for name in &placed.entry.uses {
                let earlier = by_name.get(name.as_str()).filter(|&&other| other < index);
                let before = first(name).is_some_and(|own| own.index < position)
                    || earlier.is_some_and(|&other| positions[other] <= position)
                    || brought.iter().any(|from| from.brings(name));
                if !before {
                    self.diagnostics.push(workload.about(unknown(workload, held, placed.entry, name)));
                }
            }
        }
    }
}

/// Whether two sources are one.
fn same(one: &EnvSource, other: &EnvSource) -> bool {
    match (one, other) {
        (EnvSource::Value(one), EnvSource::Value(other)) => one == other,
        (EnvSource::Reference(one), EnvSource::Reference(other)) => {
            (one.kind, &one.name, &one.key) == (other.kind, &other.name, &other.key)
        }
        _ => false,
    }
}

/// Whether an entry is this reference and no more, and not optional.
fn refers(tree: &Tree<'_>, entry: NodeId, source: &EnvSource) -> bool {
    let EnvSource::Reference(reference) = source else { return false };
    let members: Vec<NodeId> = content(tree, entry).collect();
    let &[from] = &members[..] else { return false };
    tree.key(from) == Some("valueFrom") && tree.children(from).count() == 1 && points(tree, from, reference)
}

fn points(tree: &Tree<'_>, from: NodeId, reference: &Reference) -> bool {
    let Some(target) = tree.get(from, super::digest::form(reference.kind)) else { return false };
    tree.children(target).all(|member| match tree.key(member) {
        Some("name") => tree.str(member) == Some(&reference.name),
        Some("key") => tree.str(member) == Some(&reference.key),
        Some("optional") => tree.str(member) == Some("false"),
        _ => false,
    }) && tree.get(target, "name").is_some()
        && tree.get(target, "key").is_some()
}

fn collision(
    workload: &Workload<'_>,
    held: &Held<'_>,
    own: NodeId,
    plug: &str,
    entry: &EnvEntry,
    times: usize,
) -> Diagnostic {
    let name = &entry.name;
    let message = format!(
        "container `{}` of {} has a variable `{name}` of its own, and Plug `{plug}` brings one too",
        held.name,
        workload.called()
    );
    let help = if entry.helper {
        format!(
            "`{name}` is a part of another variable's text; rename your own variable, or give the Plug another `spec.name`"
        )
    } else if times > 1 {
        format!("it stands there {times} times: remove all but one of your own, or rename them")
    } else {
        format!(
            "to let the Plug take its place, say so in its `bind.env`:\n  - {{name: {name}, …, replace: true}}\nor rename one of \
             the two: without `bind`, a Plug's variables begin with its `spec.name`"
        )
    };
    Diagnostic::error(Code::EnvCollision, message)
        .at(workload.at(own), "the workload's own")
        .at(entry.at, "the Plug's")
        .help(help)
}

/// One error for all the variables that two Plugs bring both: one prefix is what they share.
fn two_plugs(
    workload: &Workload<'_>,
    held: &Held<'_>,
    [first, second]: [&str; 2],
    both: &[(&EnvEntry, &EnvEntry)],
) -> Diagnostic {
    let names = list(both.iter().map(|(_, entry)| &entry.name));
    let target = format!("container `{}` of {}", held.name, workload.called());
    let places = both.first().map(|(other, entry)| (other.at, entry.at));
    let (message, help) = if first == second {
        (format!("Plug `{first}` brings {names} twice into {target}"), "remove one of the two, or rename it".to_owned())
    } else {
        let name = second.split('.').next().unwrap_or(second);
        (
            format!("Plugs `{first}` and `{second}` both bring {names} into {target}"),
            format!(
                "give one of them a prefix of its own, for example in Plug `{second}`:\n\nspec:\n  name: {name}\n\nor say in its \
                 `bind.env` what each variable is to be called:\n\nspec:\n  bind:\n    env:\n      - {{name: …, key: …}}"
            ),
        )
    };
    let error = Diagnostic::error(Code::EnvCollision, message).help(help);
    places.into_iter().fold(error, |error, (other, entry)| {
        error.at(entry, format!("from Plug `{second}`")).at(other, format!("from Plug `{first}`"))
    })
}

fn too_late(workload: &Workload<'_>, held: &Held<'_>, entry: &EnvEntry, name: &str, own: Option<NodeId>) -> Diagnostic {
    let message = format!(
        "`{}` must stand before an entry of container `{}` that uses it, but `{name}`, which it is made of, stands after",
        entry.name, held.name
    );
    let error = Diagnostic::error(Code::EnvCollision, message);
    let error = own.into_iter().fold(error, |error, own| error.at(workload.at(own), "stands too late"));
    error.at(entry.at, "asked for here").help(format!("move your own `{name}` to the beginning of `env`"))
}

fn unknown(workload: &Workload<'_>, held: &Held<'_>, entry: &EnvEntry, name: &str) -> Diagnostic {
    let message = format!(
        "the text of `{}` uses `$({name})`, which container `{}` of {} does not define before it",
        entry.name,
        held.name,
        workload.called()
    );
    let other = if workload.tree.get(held.node, "envFrom").is_some() {
        "its `envFrom` may define it; if not, "
    } else {
        "unless the cluster defines it (`<SERVICE>_SERVICE_HOST`), "
    };
    Diagnostic::warning(Code::UnknownVariable, message).at(entry.at, "used here").help(format!(
        "{other}the application sees `$({name})` literally: define it in the container's `env`, or write `$$({name})` to \
         mean just that"
    ))
}

impl Placed<'_> {
    /// Bytes of its name and value.
    pub(super) fn size(&self) -> usize {
        self.entry.name.len()
            + match &self.entry.source {
                EnvSource::Value(value) => value.len(),
                EnvSource::Reference(reference) => reference.name.len() + reference.key.len(),
            }
    }
}
