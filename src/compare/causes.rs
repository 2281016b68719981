//! Finds the events of a comparison, each with its cause if the two inputs show it.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::{Bound, Facts};
use super::{Cause, Event, EventKind, How, Party, PartyRole, differences};
use crate::api::BinderKind;
use crate::project::{OwnerKey, Slot};

/// Every event, sorted.
pub(super) fn events(base: &Facts, head: &Facts) -> Vec<Event> {
    let couplings = CouplingPairs::new(base, head);
    let mut events = couplings.events();
    let parties: BTreeSet<&Party> = base.parties.keys().chain(head.parties.keys()).collect();
    let mut given = couplings.given();
    for party in parties {
        let event = |what, causes| Event {
            what,
            party: party.clone(),
            socket: None,
            causes,
        };
        let used = couplings.uses(party);
        match (base.parties.get(party), head.parties.get(party)) {
            (None, Some(said)) if !said.catalogue => {
                events.push(event(EventKind::Created, Vec::new()));
            }
            (Some(said), None) if !said.catalogue => {
                events.push(event(EventKind::Deleted, Vec::new()));
            }
            (Some(old), Some(new)) if used || !(old.catalogue && new.catalogue) => {
                let mut causes = parts(party, &differences(&old.fields, &new.fields));
                causes.extend(given.remove(party).into_iter().flatten());
                if !causes.is_empty() {
                    events.push(event(EventKind::Updated, causes));
                }
            }
            _ => {}
        }
    }
    events.extend(given.into_iter().map(|(party, causes)| Event {
        what: EventKind::Updated,
        party,
        socket: None,
        causes: causes.into_iter().collect(),
    }));
    events.sort();
    events
}

fn parts(party: &Party, differences: &BTreeMap<String, How>) -> Vec<Cause> {
    differences
        .iter()
        .map(|(part, how)| Cause::Part(party.clone(), part.clone(), *how))
        .collect()
}

/// The couplings of both sides.
struct CouplingPairs<'f> {
    base: &'f Facts,
    head: &'f Facts,
    /// Plug and Socket → `interface@version`, before and after.
    pairs: BTreeMap<(&'f Party, &'f Party), [Option<&'f str>; 2]>,
    /// Whoever is in one of the pairs.
    parties: BTreeSet<&'f Party>,
    /// What is written for each Plug, by namespace and name, into each workload that both sides
    /// have, before and after.
    bound: BTreeMap<(Option<&'f str>, &'f str), Vec<[&'f Bound; 2]>>,
}

impl<'f> CouplingPairs<'f> {
    fn new(base: &'f Facts, head: &'f Facts) -> Self {
        let mut pairs: BTreeMap<_, [Option<&str>; 2]> = BTreeMap::new();
        for (side, facts) in [base, head].into_iter().enumerate() {
            for (plug, sockets) in &facts.couplings {
                for (socket, interface) in sockets {
                    pairs.entry((plug, socket)).or_default()[side] = Some(interface);
                }
            }
        }
        let parties = pairs
            .keys()
            .flat_map(|&(plug, socket)| [plug, socket])
            .collect();
        Self {
            base,
            head,
            pairs,
            parties,
            bound: bound(base, head),
        }
    }

    /// Whether somebody couples to a Socket, or a Plug is coupled.
    fn uses(&self, party: &Party) -> bool {
        self.parties.contains(party)
    }

    fn events(&self) -> Vec<Event> {
        let event = |(&(plug, socket), versions): (&(&Party, &Party), &[Option<&str>; 2])| {
            let (what, interface) = match *versions {
                [None, Some(interface)] => (EventKind::Coupled, interface),
                [Some(interface), None] => (EventKind::Decoupled, interface),
                _ => return None,
            };
            let socket = socket.clone();
            let causes = self.why(plug, &socket);
            Some(Event {
                what,
                party: plug.clone(),
                socket: Some((socket, interface.to_owned())),
                causes,
            })
        };
        self.pairs.iter().filter_map(event).collect()
    }

    /// Why two are coupled now and were not, or were and are not: one of them is new, or gone, or
    /// has another value.
    fn why(&self, plug: &Party, socket: &Party) -> Vec<Cause> {
        let mut changed = Vec::new();
        for party in [plug, socket] {
            match (self.base.parties.get(party), self.head.parties.get(party)) {
                (None, Some(_)) => return vec![Cause::Object(party.clone(), How::Added)],
                (Some(_), None) => return vec![Cause::Object(party.clone(), How::Removed)],
                (Some(old), Some(new)) => {
                    let mut parts = differences(&old.fields, &new.fields);
                    // what a key holds decides nothing about who couples to whom
                    parts.retain(|part, _| part.contains('.') && part != "spec.bind.env");
                    changed.extend(self::parts(party, &parts));
                }
                (None, None) => {}
            }
        }
        changed
    }

    /// The changes in existing couplings that come from neither the Plug nor the Socket: another
    /// version, another value read from an object, another default.
    fn given(&self) -> BTreeMap<Party, BTreeSet<Cause>> {
        let mut all: BTreeMap<Party, BTreeSet<Cause>> = BTreeMap::new();
        for (&(plug, socket), versions) in &self.pairs {
            let [Some(old), Some(new)] = *versions else {
                continue;
            };
            if old != new {
                let cause = Cause::Version(old.to_owned(), new.to_owned());
                all.entry(plug.clone()).or_default().insert(cause);
            } else if !self.written(plug) && !self.written(socket) {
                for (party, cause) in self.values(plug, socket) {
                    all.entry(party).or_default().insert(cause);
                }
            }
        }
        all
    }

    /// Whether an object itself is new, gone or changed.
    fn written(&self, party: &Party) -> bool {
        match (self.base.parties.get(party), self.head.parties.get(party)) {
            (Some(old), Some(new)) => old.fields != new.fields,
            (None, None) => false,
            _ => true,
        }
    }

    /// The changed variables of a coupling, as the Socket's key where a variable is one, else as
    /// the Plug's variable.
    fn values(&self, plug: &Party, socket: &Party) -> Vec<(Party, Cause)> {
        let variables = self.variables(plug);
        if variables.is_empty() {
            return Vec::new();
        }
        let keys = self.head.parties.get(socket).map(|socket| &socket.fields);
        let keys = keys
            .into_iter()
            .flat_map(|fields| fields.keys().map(String::as_str));
        let keys = self
            .head
            .parties
            .get(plug)
            .map(|said| said.keys_by_variable(keys))
            .unwrap_or_default();
        let cause = |variable: &str| {
            let key = keys.get(variable);
            let party = if key.is_some() { socket } else { plug };
            let part = key.map_or(variable, |key| *key);
            (
                party.clone(),
                Cause::Part(party.clone(), part.to_owned(), How::Changed),
            )
        };
        variables.into_iter().map(cause).collect()
    }

    /// The variables of a Plug that hold something else in a workload that both sides have.
    fn variables(&self, plug: &Party) -> BTreeSet<&'f str> {
        debug_assert_eq!(plug.role, PartyRole::Plug);
        let mut changed = BTreeSet::new();
        let key = (plug.namespace.as_deref(), plug.name.as_str());
        for [old, new] in self.bound.get(&key).into_iter().flatten() {
            let (old, new) = (old.contents(), new.contents());
            let other = new
                .iter()
                // a part of a text is a piece of a value, and not a name
                .filter(|((slot, _), _)| !matches!(slot, Slot::Found(_)))
                .filter(|(place, content)| old.get(*place).is_some_and(|old| old != *content));
            changed.extend(other.map(|((_, variable), _)| *variable));
        }
        changed
    }
}

fn bound<'f>(
    base: &'f Facts,
    head: &'f Facts,
) -> BTreeMap<(Option<&'f str>, &'f str), Vec<[&'f Bound; 2]>> {
    let mut all: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (key, new) in &head.workloads {
        let Some(old) = base.workloads.get(key) else {
            continue;
        };
        let by_plug = |owners: &'f BTreeMap<OwnerKey, Bound>| -> BTreeMap<&'f str, &'f Bound> {
            let plugs = owners
                .iter()
                .filter(|(key, _)| key.kind == BinderKind::Plug);
            // the first of a name counts
            plugs
                .rev()
                .map(|(_, bound)| (bound.owner.as_str(), bound))
                .collect()
        };
        let (old, new) = (by_plug(&old.owners), by_plug(&new.owners));
        for (plug, new) in new {
            if let Some(&old) = old.get(plug) {
                all.entry((key.namespace.as_deref(), plug))
                    .or_default()
                    .push([old, new]);
            }
        }
    }
    all
}
