//! Resolves the port of a Socket's Service, and reports a port that the Service does not have.

use serde_json::Value as Json;

use super::evaluate::{Evaluation, KeyState, NoValue};
use super::port_lookup::{Port, PortLookup, Ports, Reach, TargetPort};
use super::provided::{KeySource, Owner, ProvidedKey};
use super::provided_service::{PortChoice, ProvidedService};
use super::service::NamedService;
use super::template::Side;
use super::value::ResolvedValue;
use crate::api::ServicePort;
use crate::diagnostic::{Code, CommonCause, Diagnostic, Help, Severity, Subject, list, words};
use crate::limits;
use crate::manifest::{Place, emit};

impl<'a> Evaluation<'_, 'a> {
    /// A port by number, or by its name in the Service.
    pub(super) fn port(
        &mut self,
        service: &ProvidedService<'a>,
        choice: PortChoice<'a>,
    ) -> Result<ResolvedValue, NoValue> {
        let service = &self.service(service)?;
        let wanted = match choice {
            PortChoice::Written(wanted) => wanted,
            PortChoice::OfInterface => return self.port_of_interface(service),
        };
        let ports = match (self.ports_of(service), &wanted.value) {
            (PortLookup::Ports(ports), _) => ports,
            (PortLookup::NoService, ServicePort::Number(number)) => {
                return Ok(ResolvedValue::Literal((*number).into()));
            }
            (PortLookup::NoService, ServicePort::Name(name)) => {
                let message = format!(
                    "port `{name}` cannot be looked up: Service `{}` is not in the input",
                    service.name
                );
                let owner = self.socket.owner;
                let similar = self.similar_help(&service.target(&owner));
                let help = similar
                    .unwrap_or_default()
                    .and("write the number, which needs no look-up:")
                    .paste(service.with_port(&owner, &self.usual_port()));
                let error = Diagnostic::error(Code::ObjectNotFound, message)
                    .at(service.written.name.at, "this Service")
                    .at(wanted.at, "this port")
                    .because(CommonCause::no_object("Service", &service.name))
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
            (Some(port), _) => self.reached(&ports, port, service, wanted.at),
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
        let (Some(number), Some(service)) = (number, self.socket.service.clone()) else {
            return;
        };
        // a name that cannot be had was reported with the host
        let Ok(service) = &self.service(&service) else {
            return;
        };
        let warning = match self.ports_of(service) {
            PortLookup::Ports(ports) if !ports.has(number) => {
                let warning = self.no_such_port(service, &ports, number);
                match slot.source {
                    KeySource::Default => warning.at(
                        service.written.name.at,
                        format!("without `port`, the Interface's default is used: {number}"),
                    ),
                    _ => {
                        let help = words![
                            ports.called(),
                            ": name the right one in `spec.service`, in place of the key `port`"
                        ];
                        warning.at(slot.at, "this port").help(help)
                    }
                }
            }
            PortLookup::NotReadable(error) => Diagnostic {
                severity: Severity::Warning,
                ..error.at(service.written.name.at, "this Service")
            },
            PortLookup::Ports(_) | PortLookup::NoService => return,
        };
        self.warn(warning);
    }

    /// The only port, or the one that is called as the Interface is.
    fn port_of_interface(&mut self, service: &NamedService<'_>) -> Result<ResolvedValue, NoValue> {
        let ports = match self.ports_of(service) {
            PortLookup::Ports(ports) => ports,
            PortLookup::NotReadable(error) => {
                let error = error.at(service.written.name.at, "this Service");
                return Err(self.fail(error, Side::Socket).into());
            }
            // reported with the Service
            PortLookup::NoService => return Err(NoValue::Unread),
        };
        let interface = self.version.name;
        match ports.only(interface) {
            Some(port) => {
                let number = self.reached(&ports, port, service, service.written.name.at);
                Ok(ResolvedValue::Literal(number.into()))
            }
            None => {
                let error = self.ambiguous_port(service, &ports);
                Err(self.fail(error, Side::Socket).into())
            }
        }
    }

    fn ambiguous_port(&self, service: &NamedService<'_>, ports: &Ports) -> Diagnostic {
        let (name, interface) = (&service.name, self.version.name);
        let message = match ports.ports.len() {
            0 => format!("the Plug names no port, and Service `{name}` has none"),
            count => format!(
                "the Plug names no port, and Service `{name}` has {count}; not exactly one of \
                 them is called `{interface}`"
            ),
        };
        let owner = self.socket.owner;
        let help = match ports.ports.is_empty() {
            true => {
                Help::from("write the number:").paste(service.with_port(&owner, &self.usual_port()))
            }
            false => {
                let shown = ports.ports.iter().take(limits::CANDIDATES);
                shown.fold(Help::from("name one of them in the Plug:"), |help, port| {
                    help.paste(service.with_port(&owner, &port.reference()))
                })
            }
        };
        Diagnostic::error(Code::AmbiguousPort, message)
            .at(service.written.name.at, "which port?")
            .help(help)
    }

    /// The port that clients connect to.
    fn reached(
        &mut self,
        ports: &Ports,
        port: &Port,
        service: &NamedService<'_>,
        wanted: Place,
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
                    "Service `{}` is headless, so clients connect to the port `{name}` of its \
                     pods, whose number is not known",
                    service.name
                );
                let help = format!(
                    "add the workload of these pods to the input; or write the number in the Service, in place of `targetPort: {name}`"
                );
                let warning = Diagnostic::warning(Code::TargetPortUnknown, message)
                    .at(wanted, format!("assumed to be {}", port.number))
                    .help(help);
                self.warn(warning);
                port.number
            }
            (_, Reach::Service | Reach::Unknown) => port.number,
        }
    }

    fn no_such_port(&self, service: &NamedService<'_>, ports: &Ports, number: u16) -> Diagnostic {
        let name = &service.name;
        let message = match ports.reach {
            Reach::Pods => {
                format!("Service `{name}` is headless, and its pods have no port {number}")
            }
            Reach::Service | Reach::Unknown => format!("Service `{name}` has no port {number}"),
        };
        let help = port_help(&self.socket.owner, service, ports, number);
        Diagnostic::warning(Code::PortNotFound, message).help(help)
    }

    fn no_such_name(
        &mut self,
        service: &NamedService<'_>,
        ports: &Ports,
        name: &str,
    ) -> Diagnostic {
        let names: Vec<&str> = ports
            .ports
            .iter()
            .filter_map(|port| port.name.as_deref())
            .collect();
        let message = format!("Service `{}` has no port called `{name}`", service.name);
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
                let paste = service.with_port(&self.socket.owner, &near);
                Help::from(format!("did you mean `{near}`?")).paste(paste)
            }
            None if names.is_empty() => nameless.into(),
            None => format!("there is {}", list(names.iter())).into(),
        };
        let of = Subject {
            api_version: "v1".to_owned(),
            kind: "Service".to_owned(),
            namespace: self.socket.owner.meta.namespace.clone(),
            name: service.name.clone(),
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

fn port_help(owner: &Owner<'_>, service: &NamedService<'_>, ports: &Ports, number: u16) -> Help {
    let meant = ports.meant(number).map(Port::reference);
    let port = meant.as_deref().unwrap_or("…");
    let help = words![ports.called(), ": name the right one"];
    help.paste(service.with_port(owner, port))
}
