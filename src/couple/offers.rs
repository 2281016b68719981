//! Finds the Sockets that offer an Interface by namespace, labels and least version, without
//! looking at any other.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use semver::Version;

use super::fit::highest;
use super::index::{DefinedInterface, Index};
use super::{CouplingInput, SocketId};
use crate::api::{AdaptedSocket, Discovery, LabelIndex, LookRoom, Plug, Socket, TooManyLooks};
use crate::limits;

/// Where Sockets are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum NamespaceScope<'i> {
    /// In one namespace; `None` is the unknown one.
    Namespace(Option<&'i str>),
    /// In every namespace that is known.
    AnyKnown,
}

/// The labels that a Plug asks for, if it does.
type Labels<'i> = Option<&'i BTreeMap<String, String>>;

/// The Sockets that answer a Plug.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct FittingSockets {
    /// How many there are.
    pub count: usize,
    /// The first of them by namespace and name: at most [`limits::CANDIDATES`], and none where too
    /// many Plugs have asked for many.
    pub first: Vec<SocketId>,
}

/// The Sockets of the stream that offer one Interface and have the same labels.
#[derive(Default)]
struct Offered<'i> {
    /// Whether an error in one of them was reported already.
    broken: bool,
    /// All.
    named: FittingSockets,
    /// Those of a version that the Interface defines.
    defined: FittingSockets,
    /// The same by major, each list by its highest version.
    majors: BTreeMap<u64, Vec<Ranked<'i>>>,
}

/// A Socket and the highest version that it keeps of one major.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Ranked<'i> {
    highest: &'i Version,
    rank: usize,
}

/// The Sockets of the stream, by all that a Plug without a Socket's name can ask for.
pub(super) struct Offers<'i> {
    integrations: &'i CouplingInput,
    /// Sockets by rank: their order by namespace and name.
    order: Vec<SocketId>,
    /// Ranks, by namespace and Interface.
    by_interface: BTreeMap<(NamespaceScope<'i>, &'i str), LabelIndex<'i, usize>>,
    /// Namespaces with a broken Socket of which no Interface can be read.
    unreadable: BTreeSet<Option<&'i str>>,
    /// Names of the Sockets whose namespace is known.
    names: BTreeSet<&'i str>,
    offered: BTreeMap<(NamespaceScope<'i>, &'i str, Labels<'i>), Rc<Offered<'i>>>,
    /// How many more Plugs are shown which of many Sockets fit.
    shown: usize,
    room: LookRoom,
}

impl<'i> Offers<'i> {
    /// The Sockets of an index.
    pub(super) fn new(integrations: &'i CouplingInput, index: &Index<'i>) -> Self {
        let mut offers = Self {
            integrations,
            order: Vec::new(),
            by_interface: BTreeMap::new(),
            unreadable: BTreeSet::new(),
            names: BTreeSet::new(),
            offered: BTreeMap::new(),
            shown: limits::NEAR_MISSES,
            room: LookRoom::default(),
        };
        let written = index.sockets.iter().map(|(&name, &at)| (name, at));
        let adapted = index.adapted.iter();
        let adapted = adapted.flat_map(|(&name, all)| all.iter().map(move |&at| (name, at)));
        let adapted = adapted.filter(|&((namespace, _), at)| {
            let socket = &integrations[at];
            let is_offered = |it: &Rc<AdaptedSocket>| it.found == Discovery::Offered;
            socket.adapted.as_ref().is_some_and(is_offered)
                && !index
                    .written
                    .contains(&(namespace, socket.interface.value.as_str()))
        });
        for ((namespace, name), at) in written.chain(adapted) {
            let socket = &integrations[at];
            if socket.meta.catalogue {
                continue;
            }
            let rank = offers.order.len();
            offers.order.push(at);
            let interface = socket.interface.value.as_str();
            if socket.meta.broken && interface.is_empty() {
                offers.unreadable.insert(namespace);
            }
            offers.push(
                NamespaceScope::Namespace(namespace),
                interface,
                rank,
                socket,
            );
            if namespace.is_some() {
                offers.names.insert(name);
                offers.push(NamespaceScope::AnyKnown, interface, rank, socket);
            }
        }
        offers
    }

    fn push(
        &mut self,
        scope: NamespaceScope<'i>,
        interface: &'i str,
        rank: usize,
        socket: &'i Socket,
    ) {
        let labels = socket
            .meta
            .labels
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()));
        self.by_interface
            .entry((scope, interface))
            .or_default()
            .push(rank, labels);
    }

    /// The Sockets of the Plug's namespace that have its Interface in a version it takes, and these
    /// labels.
    pub(super) fn fitting(
        &mut self,
        plug: &'i Plug,
        definition: &'i DefinedInterface<'i>,
        labels: Labels<'i>,
    ) -> Result<FittingSockets, TooManyLooks> {
        let offered = self.offered(
            NamespaceScope::Namespace(plug.meta.namespace.as_deref()),
            plug,
            definition,
            labels,
        )?;
        let Some(version) = &plug.version else {
            return Ok(offered.defined.clone());
        };
        let least = &version.value.least;
        let of_major = offered
            .majors
            .get(&least.major)
            .map_or(&[][..], Vec::as_slice);
        let from = of_major.partition_point(|ranked| ranked.highest < least);
        Ok(self.found_of_major(&of_major[from..]))
    }

    /// The Sockets that have an Interface, in whatever version, and these labels.
    pub(super) fn offering(
        &mut self,
        scope: NamespaceScope<'i>,
        plug: &'i Plug,
        definition: &'i DefinedInterface<'i>,
        labels: Labels<'i>,
    ) -> Result<FittingSockets, TooManyLooks> {
        Ok(self.offered(scope, plug, definition, labels)?.named.clone())
    }

    /// Whether a broken Socket of the Plug's namespace may be the one that it asks for.
    pub(super) fn may_be_broken(
        &mut self,
        plug: &'i Plug,
        definition: &'i DefinedInterface<'i>,
        labels: Labels<'i>,
    ) -> Result<bool, TooManyLooks> {
        let home = plug.meta.namespace.as_deref();
        Ok(self.unreadable.contains(&home)
            || self
                .offered(NamespaceScope::Namespace(home), plug, definition, labels)?
                .broken)
    }

    /// Whether a Socket whose namespace is known has this name.
    pub(super) fn has_name(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    fn offered(
        &mut self,
        scope: NamespaceScope<'i>,
        plug: &'i Plug,
        definition: &'i DefinedInterface<'i>,
        labels: Labels<'i>,
    ) -> Result<Rc<Offered<'i>>, TooManyLooks> {
        let interface = plug.interface.value.as_str();
        let Some(index) = self.by_interface.get(&(scope, interface)) else {
            return Ok(Rc::default());
        };
        let key = (scope, interface, labels);
        if let Some(known) = self.offered.get(&key) {
            return Ok(Rc::clone(known));
        }
        let ranks = index.matching(labels.unwrap_or(&BTreeMap::new()), &self.room)?;
        let offered = Rc::new(self.ranked(&ranks, definition));
        self.offered.insert(key, Rc::clone(&offered));
        Ok(offered)
    }

    fn ranked(&self, ranks: &[usize], definition: &'i DefinedInterface<'i>) -> Offered<'i> {
        let mut offered = Offered::default();
        for &rank in ranks {
            let at = self.order[rank];
            let socket = &self.integrations[at];
            offered.broken |= socket.meta.broken;
            offered.named.add(at);
            if highest(socket, definition, None).is_some() {
                offered.defined.add(at);
            }
            let mut majors: BTreeMap<u64, &'i Version> = BTreeMap::new();
            for version in &socket.versions {
                let Some(defined) = definition.versions.get(&version.value) else {
                    continue;
                };
                let highest = majors.entry(defined.number.major).or_insert(defined.number);
                *highest = defined.number.max(highest);
            }
            for (major, highest) in majors {
                offered
                    .majors
                    .entry(major)
                    .or_default()
                    .push(Ranked { highest, rank });
            }
        }
        offered
            .majors
            .values_mut()
            .for_each(|of_major| of_major.sort_unstable());
        offered
    }

    /// The first by namespace and name of Sockets that are sorted by version. To look at very many
    /// of them for each of very many Plugs would be the square again.
    fn found_of_major(&mut self, of_major: &[Ranked<'i>]) -> FittingSockets {
        let mut found = FittingSockets {
            count: of_major.len(),
            first: Vec::new(),
        };
        if found.count > limits::CANDIDATES {
            if self.shown == 0 {
                return found;
            }
            self.shown -= 1;
        }
        let mut ranks: Vec<usize> = of_major.iter().map(|ranked| ranked.rank).collect();
        ranks.sort_unstable();
        found.first = ranks
            .into_iter()
            .take(limits::CANDIDATES)
            .map(|rank| self.order[rank])
            .collect();
        found
    }
}

impl FittingSockets {
    fn add(&mut self, socket: SocketId) {
        self.count += 1;
        if self.first.len() < limits::CANDIDATES {
            self.first.push(socket);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::couple::index::Index;
    use crate::couple::tests::{World, object};

    fn world(n: usize) -> World {
        let interface = object(
            "Interface",
            "",
            "x",
            "name: x\nversions: [{version: 1.0.0}]\n",
        );
        let socket = |i| {
            let text = object(
                "Socket",
                "shop",
                &format!("s{i:05}"),
                "interface: {name: x, versions: [1.0.0]}\n",
            );
            text.replace(
                "metadata: {",
                &format!("metadata: {{labels: {{all: b, own: l{i}}}, "),
            )
        };
        let plug = |i| {
            let labels = format!(
                "interface: {{name: x}}\nworkloads: [{{name: w}}]\nsocket: {{matchLabels: {{all: b, own: l{i}}}}}\n"
            );
            object("Plug", "shop", &format!("p{i:05}"), &labels)
        };
        World::new(&(interface + &(0..n).map(|i| socket(i) + &plug(i)).collect::<String>()))
    }

    #[test]
    fn each_plug_looks_at_the_sockets_with_its_own_label_alone() {
        let n = 200;
        let world = world(n);
        let index = Index::new(
            &world.integrations,
            &[],
            &mut crate::diagnostic::Findings::new(),
        );
        let mut offers = Offers::new(&world.integrations, &index);
        let definition = &index.interfaces["x"];
        for (i, plug) in world.integrations.plugs.iter().enumerate() {
            let crate::api::SocketRef::Labels(labels, _) = &plug.socket else {
                panic!("{plug:?}")
            };
            let found = offers.fitting(plug, definition, Some(labels));
            assert_eq!(
                found,
                Ok(FittingSockets {
                    count: 1,
                    first: vec![SocketId::Written(i)]
                })
            );
            assert_eq!(
                offers.may_be_broken(plug, definition, Some(labels)),
                Ok(false)
            );
        }
        assert_eq!(offers.room.used(), n);
    }
}
