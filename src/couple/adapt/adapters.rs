//! Decides which Adapter is used for a kind and an Interface: that of the stream, then that of the
//! catalogue, then the built-in one; two of one level are an error.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::api::{Adapter, Converter, Meta};
use crate::couple::CouplingInput;
use crate::couple::provided::subject;
use crate::diagnostic::{Code, Diagnostic, Findings};

/// Where an Adapter is defined, the first that counts first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum AdapterLevel {
    Stream,
    Catalogue,
    BuiltIn,
}

impl AdapterLevel {
    /// The level of one that is written.
    pub(super) fn of(written: &Meta) -> Self {
        match written.catalogue {
            false => Self::Stream,
            true => Self::Catalogue,
        }
    }
}

/// An Adapter, and for what of it nothing of a higher level counts.
#[derive(Clone)]
pub(super) struct EffectiveAdapter {
    pub(super) adapter: Rc<Adapter>,
    pub(super) level: AdapterLevel,
    /// The Interfaces that it counts for.
    pub(super) interfaces: BTreeSet<String>,
}

/// Reports two Adapters of one level for one kind and one Interface, and two converters of one level
/// that convert one Interface into another.
pub(in crate::couple) fn report_conflicts(input: &CouplingInput, out: &mut Findings) {
    conflicting_adapters(&input.adapters, out);
    conflicting_converters(&input.converters, out);
}

fn conflicting_adapters(written: &[Rc<Adapter>], out: &mut Findings) {
    let mut order: Vec<&Adapter> = written.iter().map(|adapter| &**adapter).collect();
    order.sort_by_key(|adapter| {
        (
            &adapter.meta.namespace,
            &adapter.meta.name.value,
            adapter.meta.at,
        )
    });
    let mut known: BTreeMap<_, &Adapter> = BTreeMap::new();
    for adapter in order {
        let object = &adapter.object;
        let interfaces = adapter.sockets.iter().map(|socket| &socket.interface.value);
        for interface in interfaces.collect::<BTreeSet<_>>() {
            let key = (
                adapter.meta.catalogue,
                &object.group.value,
                &object.kind.value,
                interface,
            );
            let Some(first) = known.get(&key) else {
                known.insert(key, adapter);
                continue;
            };
            let what = format!(
                "how a {} is a Socket of Interface `{interface}`",
                object.kind.value
            );
            let help = "remove one of the two, or write one Adapter for both, with an `if` on each \
                        entry of `sockets`";
            out.report(conflict(&first.meta, &adapter.meta, &what).help(help));
        }
    }
}

fn conflicting_converters(written: &[Rc<Converter>], out: &mut Findings) {
    let mut order: Vec<&Converter> = written.iter().map(|converter| &**converter).collect();
    order.sort_by_key(|converter| {
        let meta = &converter.meta;
        (&meta.namespace, &meta.name.value, meta.at)
    });
    let mut known: BTreeMap<_, &Converter> = BTreeMap::new();
    for converter in order {
        let source = &converter.source.name.value;
        let targets = converter.sockets.iter().map(|entry| &entry.interface.value);
        for target in targets.collect::<BTreeSet<_>>() {
            let level = converter.meta.catalogue;
            let major = converter.source.major();
            // one for any major is for each of them
            let other = match major {
                Some(_) => known
                    .get(&(level, source, target, major))
                    .or_else(|| known.get(&(level, source, target, None))),
                None => known
                    .range((level, source, target, None)..=(level, source, target, Some(u64::MAX)))
                    .map(|(_, first)| first)
                    .next(),
            };
            let Some(first) = other else {
                known.insert((level, source, target, major), converter);
                continue;
            };
            let what =
                format!("how a Socket of Interface `{source}` is one of Interface `{target}`");
            let error = conflict(&first.meta, &converter.meta, &what);
            out.report(error.help(
                "remove one of the two, or let each convert another major `version` of the source",
            ));
        }
    }
}

fn conflict(first: &Meta, second: &Meta, what: &str) -> Diagnostic {
    let message = format!(
        "Adapters `{}` and `{}` both define {what}",
        first.name.value, second.name.value
    );
    Diagnostic::error(Code::AdapterConflict, message)
        .at(second.name.at, "this one")
        .at(first.name.at, "and this one")
        .on(subject("Adapter", second))
}
