//! Makes the Sockets that converters make of those that Plugs name: of each Socket that is named and
//! offers another Interface than the Plug asks for. A converted one is never converted again.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::adapters::AdapterLevel;
use crate::api::{ConvertedTemplate, Converter, Plug, Socket, SocketOrigin};
use crate::couple::{ConvertedSocket, CouplingInput, SocketId};

/// What a Plug names: the namespace, the name, and the Interface that it asks for.
type NamedOffer<'i> = (Option<&'i str>, &'i str, &'i str);

/// Adds the Sockets that converters make.
pub fn convert(input: &mut CouplingInput) {
    input.converted = match input.converters.is_empty() {
        true => Vec::new(),
        false => Conversions::of(input).all(),
    };
}

/// What can be converted, and what is asked for.
struct Conversions<'i> {
    input: &'i CouplingInput,
    /// By target.
    converters: BTreeMap<&'i str, Vec<&'i Rc<Converter>>>,
    /// What Plugs name.
    asked: BTreeSet<NamedOffer<'i>>,
    /// The Sockets with a name that a Plug names, by position.
    named: BTreeMap<(Option<&'i str>, &'i str), Vec<usize>>,
}

impl<'i> Conversions<'i> {
    fn of(input: &'i CouplingInput) -> Self {
        let mut converters: BTreeMap<&str, Vec<&Rc<Converter>>> = BTreeMap::new();
        for converter in &input.converters {
            for entry in &converter.sockets {
                let all = converters.entry(entry.interface.value.as_str());
                all.or_default().push(converter);
            }
        }
        let plugs = input.plugs.iter().chain(&input.catalogue_plugs);
        let asking = plugs.filter(|plug| converters.contains_key(plug.interface.value.as_str()));
        let asked: BTreeSet<NamedOffer<'_>> = asking.filter_map(named_offer).collect();
        let mut named: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for &(namespace, name, _) in &asked {
            named.insert((namespace, name), Vec::new());
        }
        for (position, socket) in input.sockets.iter().enumerate() {
            let name = (socket.meta.namespace.as_deref(), socket.name.value.as_str());
            if let Some(all) = named.get_mut(&name) {
                all.push(position);
            }
        }
        Self {
            input,
            converters,
            asked,
            named,
        }
    }

    fn all(&self) -> Vec<ConvertedSocket> {
        let mut all = Vec::new();
        for &(namespace, name, interface) in &self.asked {
            let converters = self.converters.get(interface);
            let converters = converters.map_or(&[][..], Vec::as_slice);
            for position in self.candidates(namespace, name) {
                let source = &self.input.sockets[position];
                for converter in fitting(converters, source) {
                    let entry = converter.entry(interface);
                    all.extend(entry.map(|entry| ConvertedSocket {
                        socket: converted(source, converter, entry),
                        source: SocketId::Written(position),
                    }));
                }
            }
        }
        all
    }

    /// The Sockets that a name means: a written one hides those that are adapted.
    fn candidates(&self, namespace: Option<&'i str>, name: &'i str) -> Vec<usize> {
        let all = self.named.get(&(namespace, name));
        let mut all = all.cloned().unwrap_or_default();
        let is_written = |position: &usize| !self.input.sockets[*position].is_adapted();
        if all.iter().any(is_written) {
            all.retain(is_written);
        }
        all
    }
}

/// What a Plug names; `None`: it names no Socket.
fn named_offer(plug: &Plug) -> Option<NamedOffer<'_>> {
    let name = plug.socket_name()?;
    let interface = plug.interface.value.as_str();
    (!plug.suspend).then_some((plug.socket_namespace(), name, interface))
}

/// The converters for a Socket that nothing of a higher level takes the place of.
fn fitting<'c>(converters: &[&'c Rc<Converter>], source: &Socket) -> Vec<&'c Rc<Converter>> {
    if source.origin == SocketOrigin::Service {
        return Vec::new();
    }
    let is_for = |converter: &&&Rc<Converter>| converter.source.is_of(source);
    let mut fitting: Vec<&Rc<Converter>> = converters.iter().filter(is_for).copied().collect();
    let highest = fitting.iter().map(|one| AdapterLevel::of(&one.meta)).min();
    fitting.retain(|one| Some(AdapterLevel::of(&one.meta)) == highest);
    fitting.sort_by_key(|one| {
        (
            one.meta.namespace.clone(),
            one.meta.name.value.clone(),
            one.meta.at,
        )
    });
    fitting
}

/// The Socket that a converter makes of another one, of which it keeps all but what it gives.
pub(super) fn converted(
    source: &Socket,
    converter: &Rc<Converter>,
    entry: &ConvertedTemplate,
) -> Socket {
    let mut meta = source.meta.clone();
    meta.broken |= converter.meta.broken;
    Socket {
        meta,
        name: source.name.clone(),
        interface: entry.interface.clone(),
        versions: entry.versions.clone(),
        provider: entry.provider.clone().or_else(|| source.provider.clone()),
        service: None,
        config: entry.config.clone(),
        config_from: Vec::new(),
        allow: source.allow.clone(),
        secret_namespace: source.secret_namespace,
        limit: None,
        workloads: Rc::from([]),
        bind: None,
        resources: Vec::new(),
        origin: SocketOrigin::Written,
        from: None,
        adapted: None,
        converter: Some(Rc::clone(converter)),
    }
}
