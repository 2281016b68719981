//! Decides which Adapter is used for a kind and an Interface: that of the stream, then that of the
//! catalogue, then the built-in one; two of one level are an error.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::api::Adapter;
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
    pub(super) fn of_written(adapter: &Adapter) -> Self {
        match adapter.meta.catalogue {
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

/// Reports two Adapters of one level for one kind and one Interface.
pub(in crate::couple) fn report_conflicts(written: &[Rc<Adapter>], out: &mut Findings) {
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
            let message = format!(
                "Adapters `{}` and `{}` both define how a {} is a Socket of Interface `{interface}`",
                first.meta.name.value, adapter.meta.name.value, object.kind.value
            );
            let error = Diagnostic::error(Code::AdapterConflict, message)
                .at(adapter.meta.name.at, "this one")
                .at(first.meta.name.at, "and this one")
                .help(
                    "remove one of the two, or write one Adapter for both, with an `if` on each \
                 entry of `sockets`",
                );
            out.report(error.on(subject("Adapter", &adapter.meta)));
        }
    }
}
