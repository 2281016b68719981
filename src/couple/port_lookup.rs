//! Reads the ports of a Service, and decides which of them a Plug or a Socket means.

use std::rc::Rc;

use crate::diagnostic::{Diagnostic, list_plain};

/// What the ports of a Service are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PortLookup {
    /// The Service is not in the input.
    NoService,
    /// What decides on a port cannot be read, and why.
    NotReadable(Box<Diagnostic>),
    /// These.
    Ports(Rc<Ports>),
}

/// The ports of a Service, as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ports {
    /// Where clients connect to.
    pub reach: Reach,
    /// In order.
    pub ports: Vec<Port>,
}

/// Where the clients of a Service connect to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Its own address, at its own ports.
    Service,
    /// The addresses of its pods: it is headless.
    Pods,
    /// A host outside, or it cannot be read which: any port may be right.
    Unknown,
}

/// One port of a Service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// `name`
    pub name: Option<String>,
    /// `appProtocol`
    pub app_protocol: Option<String>,
    /// `port`
    pub number: u16,
    /// `targetPort`
    pub target: TargetPort,
}

/// The port of the pods that a port of a Service leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TargetPort {
    /// This one.
    Number(u16),
    /// The one that the containers call so.
    Named {
        /// The name.
        name: String,
        /// Its number, where all pods of the Service that are in the input agree on one.
        number: Option<u16>,
    },
}

impl Ports {
    /// As a message lists them.
    pub(super) fn called(&self) -> String {
        let all = self.ports.iter().map(Port::called);
        match all.len() {
            1 => format!("its port is {}", all.collect::<String>()),
            _ => format!("its ports are {}", list_plain(all)),
        }
    }

    /// Whether clients may connect to this port.
    pub(super) fn has(&self, number: u16) -> bool {
        let is_reached = |port: &Port| match (&port.target, self.reach) {
            (_, Reach::Service) => port.number == number,
            (TargetPort::Number(target), _) => *target == number,
            (TargetPort::Named { number: target, .. }, _) => {
                target.is_none_or(|target| target == number)
            }
        };
        let is_known = self.reach != Reach::Unknown && !self.ports.is_empty();
        !is_known || self.ports.iter().any(is_reached)
    }

    /// The only port; of several, the only one that is called as an Interface is.
    pub(super) fn only(&self, interface: &str) -> Option<&Port> {
        if let [only] = &self.ports[..] {
            return Some(only);
        }
        let is_called = |port: &&Port| {
            let names = [port.name.as_deref(), port.app_protocol.as_deref()];
            names.contains(&Some(interface))
        };
        let mut called = self.ports.iter().filter(is_called);
        match (called.next(), called.next()) {
            (Some(only), None) => Some(only),
            _ => None,
        }
    }

    /// The port that was probably meant by a number that is none of them.
    pub(super) fn meant(&self, number: u16) -> Option<&Port> {
        let leads_there = |port: &&Port| match &port.target {
            TargetPort::Number(target) => *target == number || port.number == number,
            TargetPort::Named { number: target, .. } => *target == Some(number),
        };
        match &self.ports[..] {
            [only] => Some(only),
            all => all.iter().find(leads_there),
        }
    }
}

impl Port {
    /// As a message names it: `` `redis` (6379) ``.
    fn called(&self) -> String {
        match &self.name {
            Some(name) => format!("`{name}` ({})", self.number),
            None => self.number.to_string(),
        }
    }

    /// As a Socket names it.
    pub(super) fn reference(&self) -> String {
        match &self.name {
            Some(name) => name.clone(),
            None => self.number.to_string(),
        }
    }
}
