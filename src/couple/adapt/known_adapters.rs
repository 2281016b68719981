//! Finds the Adapters for a kind, and which Interfaces and Secrets each is used for.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::adapters::{AdapterLevel, EffectiveAdapter};
use super::objects::{AdaptableObjects, KindName, OwnedKind};
use crate::api::{Adapter, built_in_adapters};

/// An Adapter and where it is defined.
type LeveledAdapter = (AdapterLevel, Rc<Adapter>);

/// The Adapters of a run, by group and kind.
pub(super) struct Adapters {
    by_kind: BTreeMap<OwnedKind, Rc<[EffectiveAdapter]>>,
}

impl Adapters {
    /// Those that are written, and the built-in ones of the kinds that are in the input.
    pub(super) fn new(written: &[Rc<Adapter>], objects: &dyn AdaptableObjects) -> Self {
        let mut all: BTreeMap<OwnedKind, Vec<LeveledAdapter>> = BTreeMap::new();
        for adapter in written.iter().filter(|adapter| !adapter.meta.broken) {
            let level = AdapterLevel::of(&adapter.meta);
            let adapter = Rc::clone(adapter);
            all.entry(kind(&adapter).owned())
                .or_default()
                .push((level, adapter));
        }
        for built_in in built_in_adapters() {
            let kind = KindName {
                group: built_in.group,
                kind: built_in.kind,
            };
            if objects.has_kind(kind)
                && let Some(adapter) = built_in.adapter()
            {
                let all = all.entry(kind.owned()).or_default();
                all.push((AdapterLevel::BuiltIn, Rc::new(adapter)));
            }
        }
        let all = all.into_iter();
        let by_kind = all.map(|(kind, adapters)| (kind, effective(adapters)));
        Self {
            by_kind: by_kind.collect(),
        }
    }

    /// The kinds with an Adapter that could give an Interface.
    pub(super) fn giving<'s>(&'s self, interface: &'s str) -> impl Iterator<Item = KindName<'s>> {
        let gives = move |adapters: &[EffectiveAdapter]| {
            let mut adapters = adapters.iter();
            adapters.any(|adapter| adapter.interfaces.contains(interface))
        };
        let kinds = self.by_kind.iter();
        kinds
            .filter(move |(_, adapters)| gives(adapters))
            .map(|(kind, _)| kind.name())
    }

    /// The kinds with an Adapter.
    pub(super) fn kinds(&self) -> impl Iterator<Item = KindName<'_>> {
        let kinds = self.by_kind.keys();
        kinds.map(OwnedKind::name)
    }

    /// The Adapters of a kind, with what each counts for.
    pub(super) fn of(&self, kind: KindName<'_>) -> Rc<[EffectiveAdapter]> {
        self.by_kind.get(&kind.owned()).cloned().unwrap_or_default()
    }
}

fn kind(adapter: &Adapter) -> KindName<'_> {
    KindName {
        group: &adapter.object.group.value,
        kind: &adapter.object.kind.value,
    }
}

fn effective(mut adapters: Vec<LeveledAdapter>) -> Rc<[EffectiveAdapter]> {
    adapters.sort_by(|(a, first), (b, second)| {
        let name = |adapter: &Adapter| (adapter.meta.name.value.clone(), adapter.meta.at);
        (a, name(first)).cmp(&(b, name(second)))
    });
    let mut given = BTreeSet::new();
    let mut effective = Vec::new();
    for (level, adapter) in adapters {
        let offered = adapter.sockets.iter();
        let offered = offered.map(|socket| socket.interface.value.clone());
        let interfaces: BTreeSet<String> = offered.filter(|name| !given.contains(name)).collect();
        given.extend(interfaces.iter().cloned());
        effective.push(EffectiveAdapter {
            adapter,
            level,
            interfaces,
        });
    }
    effective.into()
}
