//! Resolves the port of a Socket's Service, and judges a port that the Service does not have.

use std::rc::Rc;

use serde_json::Value as Json;

use super::evaluate::{Evaluation, KeyState, NoValue};
use super::provided::{KeySource, ProvidedKey};
use super::template::Side;
use super::value::ResolvedValue;
use crate::api::{Service, ServicePort, Spanned};
use crate::diagnostic::{
    Code, CommonCause, Diagnostic, Help, Paste, Severity, Subject, lines, list, list_plain, words,
};
use crate::manifest::emit;

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
    /// Whether clients may connect to this port.
    fn has(&self, number: u16) -> bool {
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

    /// The port that was probably meant by a number that is none of them.
    fn meant(&self, number: u16) -> Option<&Port> {
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
    fn reference(&self) -> String {
        match &self.name {
            Some(name) => name.clone(),
            None => self.number.to_string(),
        }
    }
}

impl Evaluation<'_, '_> {
    /// A port by number, or by its name in the Service.
    pub(super) fn port(
        &mut self,
        service: &Service,
        wanted: &Spanned<ServicePort>,
    ) -> Result<ResolvedValue, NoValue> {
        let ports = match (self.lookup(service), &wanted.value) {
            (PortLookup::Ports(ports), _) => ports,
            (PortLookup::NoService, ServicePort::Number(number)) => {
                return Ok(ResolvedValue::Literal((*number).into()));
            }
            (PortLookup::NoService, ServicePort::Name(name)) => {
                let message = format!(
                    "port `{name}` cannot be looked up: Service `{}` is not in the input",
                    service.name.value
                );
                let port = self.version.side_schema(Side::Socket).keys.get("port");
                let usual = port.and_then(|key| key.default.as_ref());
                let usual = usual.map_or_else(|| "…".to_owned(), ToString::to_string);
                let lines = lines![
                    ("spec:"),
                    ("  service: {{name: {}, port: {usual}}}", service.name.value)
                ];
                let help = Help::from("write the number, which needs no look-up:")
                    .paste(Paste::merge(self.socket.owner.subject(), lines));
                let error = Diagnostic::error(Code::ObjectNotFound, message)
                    .at(service.name.at, "this Service")
                    .at(wanted.at, "this port")
                    .because(CommonCause::no_object("Service", &service.name.value))
                    .help(help);
                return Err(self.fail(error, Side::Socket).into());
            }
            (PortLookup::NotReadable(error), _) => {
                let error = error.at(wanted.at, "looked up for this");
                return Err(self.fail(error, Side::Socket).into());
            }
        };
        let found = ports.ports.iter().find(|port| match &wanted.value {
            ServicePort::Number(number) => port.number == *number,
            ServicePort::Name(name) => port.name.as_ref() == Some(name),
        });
        let number = match (found, &wanted.value) {
            (Some(port), _) => self.reached(&ports, port, service, wanted),
            (None, ServicePort::Number(number)) => {
                if !ports.has(*number) {
                    let warning = self.no_such_port(service, &ports, *number);
                    self.warn(warning.at(wanted.at, "no such port"));
                }
                *number
            }
            (None, ServicePort::Name(name)) => {
                let error = self.no_such_name(service, &ports, name);
                return Err(self
                    .fail(error.at(wanted.at, "no such port"), Side::Socket)
                    .into());
            }
        };
        Ok(ResolvedValue::Literal(number.into()))
    }

    /// Judges a port that does not come from the Service that the host is.
    pub(super) fn judge_port(&mut self, side: Side, slot: &ProvidedKey<'_>, state: &KeyState) {
        let (KeyState::Done(ResolvedValue::Literal(Json::Number(number))), Side::Socket, "port") =
            (state, side, slot.key)
        else {
            return;
        };
        if let KeySource::Port(..) = slot.source {
            return; // judged where it was looked up
        }
        let number = number
            .as_u64()
            .and_then(|number| u16::try_from(number).ok());
        let (Some(number), Some(service)) = (number, self.socket.owner.service) else {
            return;
        };
        let warning = match self.lookup(service) {
            PortLookup::Ports(ports) if !ports.has(number) => {
                let warning = self.no_such_port(service, &ports, number);
                match slot.source {
                    KeySource::Default => warning.at(
                        service.name.at,
                        format!("without `port`, the Interface's default is used: {number}"),
                    ),
                    _ => {
                        let help = words![
                            ports_called(&ports),
                            ": name the right one in `spec.service`, in place of the key `port`"
                        ];
                        warning.at(slot.at, "this port").help(help)
                    }
                }
            }
            PortLookup::NotReadable(error) => Diagnostic {
                severity: Severity::Warning,
                ..error.at(service.name.at, "this Service")
            },
            PortLookup::Ports(_) | PortLookup::NoService => return,
        };
        self.warn(warning);
    }

    fn lookup(&self, service: &Service) -> PortLookup {
        let namespace = self.socket.owner.meta.namespace.as_deref();
        self.run.objects.ports(namespace, &service.name.value)
    }

    /// The port that clients connect to.
    fn reached(
        &mut self,
        ports: &Ports,
        port: &Port,
        service: &Service,
        wanted: &Spanned<ServicePort>,
    ) -> u16 {
        match (&port.target, ports.reach) {
            (TargetPort::Number(target), Reach::Pods) => *target,
            (
                TargetPort::Named {
                    number: Some(target),
                    ..
                },
                Reach::Pods,
            ) => *target,
            (TargetPort::Named { name, number: None }, Reach::Pods) => {
                let message = format!(
                    "Service `{}` is headless, so its pods are reached at their own port `{name}`, whose number is not known",
                    service.name.value
                );
                let help = format!(
                    "add the workload of these pods to the input; or write the number in the Service, in place of `targetPort: {name}`"
                );
                let warning = Diagnostic::warning(Code::TargetPortUnknown, message)
                    .at(wanted.at, format!("assumed to be {}", port.number))
                    .help(help);
                self.warn(warning);
                port.number
            }
            (_, Reach::Service | Reach::Unknown) => port.number,
        }
    }

    fn no_such_port(&self, service: &Service, ports: &Ports, number: u16) -> Diagnostic {
        let name = &service.name.value;
        let message = match ports.reach {
            Reach::Pods => {
                format!("Service `{name}` is headless, and its pods have no port {number}")
            }
            Reach::Service | Reach::Unknown => format!("Service `{name}` has no port {number}"),
        };
        let help = port_help(self.socket.owner.subject(), service, ports, number);
        Diagnostic::warning(Code::PortNotFound, message).help(help)
    }

    fn no_such_name(&mut self, service: &Service, ports: &Ports, name: &str) -> Diagnostic {
        let names: Vec<&str> = ports
            .ports
            .iter()
            .filter_map(|port| port.name.as_deref())
            .collect();
        let message = format!(
            "Service `{}` has no port called `{name}`",
            service.name.value
        );
        let numbers = ports.ports.iter().map(|port| port.number);
        let nameless = match ports.ports.is_empty() {
            true => "the Service has no ports; write the number".to_owned(),
            false => format!(
                "the Service names no port; write the number: {}",
                list(numbers)
            ),
        };
        let near = self.run.near_name(name, names.iter().copied());
        let help = match near {
            Some(near) => {
                let near = emit::flow_string(near);
                let lines = lines![("spec:"), ("  service:"), ("    port: {near}")];
                let paste = Paste::merge(self.socket.owner.subject(), lines);
                Help::from(format!("did you mean `{near}`?")).paste(paste)
            }
            None if names.is_empty() => nameless.into(),
            None => format!("there is {}", list(names.iter())).into(),
        };
        let of = Subject {
            api_version: "v1".to_owned(),
            kind: "Service".to_owned(),
            namespace: self.socket.owner.meta.namespace.clone(),
            name: service.name.value.clone(),
        };
        Diagnostic::error(Code::ObjectNotFound, message)
            .because(CommonCause::Object(of))
            .help(help)
    }

    fn warn(&mut self, warning: Diagnostic) {
        let subject = self.socket.owner.subject();
        self.run.out.report(warning.on(subject));
    }
}

fn ports_called(ports: &Ports) -> String {
    let all = ports.ports.iter().map(Port::called);
    match all.len() {
        1 => format!("its port is {}", all.collect::<String>()),
        _ => format!("its ports are {}", list_plain(all)),
    }
}

fn port_help(socket: Subject, service: &Service, ports: &Ports, number: u16) -> Help {
    let name = &service.name.value;
    let meant = ports.meant(number).map(Port::reference);
    let port = meant.as_deref().unwrap_or("…");
    let help = words![ports_called(ports), ": name the right one"];
    help.paste(Paste::merge(
        socket,
        lines![("spec:"), ("  service: {{name: {name}, port: {port}}}")],
    ))
}
