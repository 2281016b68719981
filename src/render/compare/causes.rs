//! The events of a comparison, each with its cause as far as the two inputs show it.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::{Bound, Facts};
use super::{Cause, Event, How, Party, Role, What, differences};

/// Every event, sorted.
pub(super) fn events(base: &Facts, head: &Facts) -> Vec<Event> {
    let couplings = Couplings::new(base, head);
    let mut events = couplings.events();
    let parties: BTreeSet<&Party> = base.parties.keys().chain(head.parties.keys()).collect();
    let mut given = couplings.given();
    for party in parties {
        let event = |what, causes| Event { what, party: party.clone(), socket: None, causes };
        let used = couplings.uses(party);
        match (base.parties.get(party), head.parties.get(party)) {
            (None, Some(said)) if !said.catalogue => events.push(event(What::Created, Vec::new())),
            (Some(said), None) if !said.catalogue => events.push(event(What::Deleted, Vec::new())),
            (Some(old), Some(new)) if used || !(old.catalogue && new.catalogue) => {
                let mut causes = parts(party, &differences(&old.fields, &new.fields));
                causes.extend(given.remove(party).into_iter().flatten());
                if !causes.is_empty() {
                    events.push(event(What::Updated, causes));
                }
            }
            _ => {}
        }
    }
    events.extend(given.into_iter().map(|(party, causes)| Event {
        what: What::Updated,
        party,
        socket: None,
        causes: causes.into_iter().collect(),
    }));
    events.sort();
    events
}

fn parts(party: &Party, differences: &BTreeMap<String, How>) -> Vec<Cause> {
    differences.iter().map(|(part, how)| Cause::Part(party.clone(), part.clone(), *how)).collect()
}

/// The couplings of both sides.
struct Couplings<'f> {
    base: &'f Facts,
    head: &'f Facts,
    /// Plug and Socket → `interface@version`, before and after.
    pairs: BTreeMap<(&'f Party, &'f Party), [Option<&'f str>; 2]>,
}

impl<'f> Couplings<'f> {
    fn new(base: &'f Facts, head: &'f Facts) -> Self {
        let mut pairs: BTreeMap<_, [Option<&str>; 2]> = BTreeMap::new();
        for (side, facts) in [base, head].into_iter().enumerate() {
            for (plug, sockets) in &facts.couplings {
                for (socket, interface) in sockets {
                    pairs.entry((plug, socket)).or_default()[side] = Some(interface);
                }
            }
        }
        Self { base, head, pairs }
    }

    /// Whether somebody couples to a Socket, or a Plug is coupled.
    fn uses(&self, party: &Party) -> bool {
        self.pairs.keys().any(|(plug, socket)| *plug == party || *socket == party)
    }

    fn events(&self) -> Vec<Event> {
        let event = |(&(plug, socket), versions): (&(&Party, &Party), &[Option<&str>; 2])| {
            let (what, interface) = match *versions {
                [None, Some(interface)] => (What::Coupled, interface),
                [Some(interface), None] => (What::Decoupled, interface),
                _ => return None,
            };
            let socket = socket.clone();
            let causes = self.why(plug, &socket);
            Some(Event { what, party: plug.clone(), socket: Some((socket, interface.to_owned())), causes })
        };
        self.pairs.iter().filter_map(event).collect()
    }

    /// Why two are coupled now and were not, or were and are not: one of them is new, or gone, or says something else.
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

    /// What the couplings that stand carry, where neither side wrote anything else: another version, another value read
    /// from an object, another default.
    fn given(&self) -> BTreeMap<Party, BTreeSet<Cause>> {
        let mut all: BTreeMap<Party, BTreeSet<Cause>> = BTreeMap::new();
        for (&(plug, socket), versions) in &self.pairs {
            let [Some(old), Some(new)] = *versions else { continue };
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

    /// The changed variables of a coupling, as the Socket's key where a variable is one, else as the Plug's variable.
    fn values(&self, plug: &Party, socket: &Party) -> Vec<(Party, Cause)> {
        let said = self.head.parties.get(plug);
        let keys = self.head.parties.get(socket).map(|socket| &socket.fields);
        let mut found = Vec::new();
        for variable in self.variables(plug) {
            let keys = keys.into_iter().flat_map(|fields| fields.keys().map(String::as_str));
            let key = said.and_then(|said| said.key_of(&variable, keys));
            let party = if key.is_some() { socket } else { plug };
            let what = key.map_or(variable.clone(), str::to_owned);
            found.push((party.clone(), Cause::Part(party.clone(), what, How::Changed)));
        }
        found
    }

    /// The variables of a Plug that hold something else in a workload that both sides have.
    fn variables(&self, plug: &Party) -> BTreeSet<String> {
        debug_assert_eq!(plug.role, Role::Plug);
        let mut changed = BTreeSet::new();
        for (key, new) in self.head.workloads.iter().filter(|((_, namespace, _), _)| *namespace == plug.namespace) {
            let Some(old) = self.base.workloads.get(key) else { continue };
            let find = |plugs: &'f BTreeMap<String, Bound>| plugs.values().find(|bound| bound.plug == plug.name);
            let (Some(old), Some(new)) = (find(&old.plugs), find(&new.plugs)) else { continue };
            let (old, new) = (old.contents(), new.contents());
            changed.extend(
                new.iter()
                    .filter(|(place, content)| old.get(*place).is_some_and(|old| old != *content))
                    .map(|((_, variable), _)| (*variable).to_owned()),
            );
        }
        changed
    }
}
