//! Reads the Service of a Socket: the name that it has for a Plug, and the lines that name it or
//! another port.

use super::evaluate::{Evaluation, NoValue, UseSite};
use super::port_lookup::PortLookup;
use super::provided::Owner;
use super::provided_service::ProvidedService;
use super::template::Side;
use super::{SimilarName, Target};
use crate::api::{Service, ServicePort, SocketOrigin, is_service_name};
use crate::diagnostic::{Code, CommonCause, Diagnostic, Help, Paste, lines};
use crate::manifest::emit;

/// A Service with the name that it has for a Plug.
pub(super) struct NamedService<'a> {
    /// The name.
    pub name: String,
    /// As written.
    pub written: &'a Service,
}

impl NamedService<'_> {
    /// The object, in the namespace of a Socket.
    pub(super) fn target<'t>(&'t self, owner: &Owner<'t>) -> Target<'t> {
        Target {
            api_version: "v1",
            kind: "Service",
            namespace: owner.meta.namespace.as_deref(),
            name: &self.name,
        }
    }

    /// The lines that give a Socket, or a Plug in place of one, this port of the Service.
    pub(super) fn with_port(&self, owner: &Owner<'_>, port: &str) -> Paste {
        let name = emit::flow_string(&self.written.name.value);
        owner.naming(&name, port)
    }
}

impl Owner<'_> {
    /// The lines that name a Service and its port; the name as a token of YAML.
    fn naming(&self, name: &str, port: &str) -> Paste {
        let lines = match self.origin {
            SocketOrigin::Written => {
                lines![("spec:"), ("  service: {{name: {name}, port: {port}}}")]
            }
            SocketOrigin::Service => lines![
                ("spec:"),
                ("  socket:"),
                ("    service: {{name: {name}, port: {port}}}")
            ],
        };
        Paste::merge(self.subject(), lines)
    }
}

impl<'a> Evaluation<'_, 'a> {
    /// The Service of the Socket, for the Plug.
    pub(super) fn service(
        &mut self,
        service: &ProvidedService<'a>,
    ) -> Result<NamedService<'a>, NoValue> {
        let written = service.written;
        let site = UseSite {
            what: "host",
            at: written.name.at,
            side: Side::Socket,
            author: false,
        };
        let name = self.plain_text(&service.name, &site)?;
        if !is_service_name(&name) {
            let message =
                format!("the name of the Service would be `{name}`, which is not a valid name");
            let help = "a Service's name has at most 63 lower-case letters, digits and `-`; \
             filters can change other text: `<% plug.config.database | lower | replace('_', '-') \
             %>`";
            let error = Diagnostic::error(Code::InvalidField, message)
                .at(site.at, "this name")
                .help(help);
            return Err(self.fail(error, Side::Socket).into());
        }
        let named = NamedService { name, written };
        if self.socket.owner.origin == SocketOrigin::Service && self.is_unknown(&named) {
            let error = self.not_in_input(&named);
            return Err(self.fail(error, Side::Socket).into());
        }
        Ok(named)
    }

    /// Whether nothing is known of a Service but its name.
    fn is_unknown(&self, service: &NamedService<'_>) -> bool {
        let port = service.written.port.as_ref().map(|port| &port.value);
        !matches!(port, Some(ServicePort::Number(_)))
            && self.ports_of(service) == PortLookup::NoService
    }

    /// The ports of a Service of the Socket's namespace.
    pub(super) fn ports_of(&self, service: &NamedService<'_>) -> PortLookup {
        let namespace = self.socket.owner.meta.namespace.as_deref();
        self.run.objects.ports(namespace, &service.name)
    }

    fn not_in_input(&self, service: &NamedService<'_>) -> Diagnostic {
        let name = &service.name;
        let at = service.written.name.at;
        let error = Diagnostic::error(
            Code::ObjectNotFound,
            format!("Service `{name}` is not in the input"),
        )
        .at(at, "named here")
        .because(CommonCause::no_object("Service", name));
        let owner = self.socket.owner;
        let target = service.target(&owner);
        if let Some(SimilarName::Misspelt(similar)) = self.run.objects.similar_name(&target) {
            let similar_name = emit::flow_string(&similar);
            let lines = lines![
                ("spec:"),
                ("  socket:"),
                ("    service:"),
                ("      name: {similar_name}")
            ];
            let help = Help::from(format!("did you mean `{similar}`?"));
            return error.help(help.paste(Paste::merge(owner.subject(), lines)));
        }
        let port = self.usual_port();
        let similar = self.similar_help(&target).unwrap_or_default();
        let help = similar.and(
            "add its manifest to the input or to the catalogue, or write the number of the port, which needs no look-up:",
        );
        error.help(help.paste(service.with_port(&owner, &port)))
    }

    /// The port that the Interface has by default, or a blank.
    pub(super) fn usual_port(&self) -> String {
        let port = self.version.side_schema(Side::Socket).keys.get("port");
        let usual = port.and_then(|key| key.default.as_ref());
        usual.map_or_else(|| "…".to_owned(), ToString::to_string)
    }
}
