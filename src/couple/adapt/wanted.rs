//! Decides which objects are adapted: those that a Plug could want, and those of a Socket's `from`.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::adaptation::{Adaptation, Want};
use super::convert::convert;
use super::from;
use super::objects::AdaptableObjects;
use crate::api::{Converter, Plug, Socket, SocketRef};
use crate::couple::CouplingInput;
use crate::diagnostic::Findings;

/// Adds the Sockets that objects of other kinds are, completes those that are written with `from`,
/// and adds those that converters make of all these.
pub fn adapt(input: &mut CouplingInput, objects: &dyn AdaptableObjects, out: &mut Findings) {
    adapt_objects(input, objects, out);
    convert(input);
}

fn adapt_objects(input: &mut CouplingInput, objects: &dyn AdaptableObjects, out: &mut Findings) {
    let wants = Wants::of(input);
    if wants.plugs.is_empty() && wants.from.is_empty() {
        return;
    }
    let mut adaptation = Adaptation::new(&input.adapters, objects);
    let mut hidden = BTreeSet::new();
    for &position in &wants.from {
        let completed = from::complete(&input.sockets[position], &mut adaptation);
        match completed {
            Ok(completed) => {
                hidden.insert(completed.hides);
                input.sockets[position] = completed.socket;
            }
            Err(error) => {
                input.sockets[position].meta.broken = true;
                out.report(*error);
            }
        }
    }
    // what was completed offers its Interface, and is looked for no more
    let wants = match wants.from.is_empty() {
        true => wants,
        false => Wants::of(input),
    };
    for want in &wants.plugs {
        for source in sources(&input.converters, want) {
            adaptation.offering(source, want.namespace.as_deref());
        }
        adaptation.adapt(want);
    }
    let (sockets, not_offered) = adaptation.into_parts(&hidden);
    input.sockets.extend(sockets);
    input.not_offered.extend(not_offered);
}

/// The Interfaces that what a Plug names could be converted from.
fn sources<'c>(converters: &'c [Rc<Converter>], want: &Want) -> BTreeSet<&'c str> {
    let named = converters.iter().filter(|_| want.name.is_some());
    let converting = named.filter(|converter| converter.entry(&want.interface).is_some());
    let names = converting.map(|converter| converter.source.name.value.as_str());
    names.collect()
}

/// What the Plugs and Sockets of an input could want of other objects.
struct Wants {
    plugs: BTreeSet<Want>,
    /// The Sockets that are written with `from`, by position.
    from: Vec<usize>,
}

impl Wants {
    fn of(input: &CouplingInput) -> Self {
        let written = input.sockets.iter();
        let offered: BTreeSet<_> = written
            .clone()
            .map(|socket| (socket.meta.namespace.as_deref(), &*socket.interface.value))
            .collect();
        let names: BTreeSet<_> = written.map(full_name).collect();
        let mut plugs = BTreeSet::new();
        let mut named = BTreeSet::new();
        let asking = |plug: &&Plug| !plug.suspend && !plug.meta.broken;
        for plug in input.plugs.iter().filter(asking) {
            if let SocketRef::Service(_) = plug.socket {
                continue;
            }
            let namespace = plug.socket_namespace();
            let is_written = match plug.socket_name() {
                Some(name) => {
                    named.insert((namespace, name));
                    names.contains(&(namespace, name))
                }
                None => offered.contains(&(namespace, &*plug.interface.value)),
            };
            if !is_written {
                plugs.insert(Want::of(plug));
            }
        }
        let sockets = input.sockets.iter().enumerate();
        let from = sockets.filter(|(_, socket)| {
            let is_to_complete = socket.from.is_some() && socket.adapted.is_none();
            let is_wanted = || !socket.meta.catalogue || named.contains(&full_name(socket));
            is_to_complete && !socket.meta.broken && is_wanted()
        });
        Self {
            from: from.map(|(position, _)| position).collect(),
            plugs,
        }
    }
}

/// What Plugs name a Socket by.
fn full_name(socket: &Socket) -> (Option<&str>, &str) {
    (socket.meta.namespace.as_deref(), &socket.name.value)
}
