//! Decodes a Socket.

use semver::Version;

use super::reader::ObjectReader;
use super::rules::{NAME, NAMESPACE_GLOB, OBJECT_NAME, PORT_NAME, Rule, SERVICE_NAME, SHORT_NAME};
use super::{
    Meta, ResourceHome, SecretNamespace, Service, ServicePort, Socket, SocketFrom, SocketOrigin,
    Spanned,
};
use crate::manifest::scalar::Scalar;
use crate::manifest::{NodeId, emit};

/// Whether the name of a Service can depend on the Plug.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ServiceName {
    /// It is a template.
    Template,
    /// It is the name.
    Plain,
}

/// What `limit` must be.
const LIMIT: &str = "must be a whole number from 1 to 10000";

impl ObjectReader<'_> {
    pub(super) fn socket(&mut self, meta: Option<Meta>, spec: NodeId) -> Option<Socket> {
        let fields = [
            "name",
            "interface",
            "provider",
            "service",
            "config",
            "configFrom",
            "secretNamespace",
            "allow",
            "limit",
            "workloads",
            "bind",
            "resources",
            "from",
        ];
        let [
            name,
            interface,
            provider,
            service,
            config,
            config_from,
            secret_namespace,
            allow,
            limit,
            workloads,
            bind,
            resources,
            from,
        ] = self.fields(spec, fields)?;
        let name = name.and_then(|name| self.text(name, &OBJECT_NAME));
        let (interface, versions) = match (from, interface) {
            // the Adapter gives it
            (Some(_), None) => (None, Vec::new()),
            _ => self.offered_interface(spec, interface, &SHORT_NAME),
        };
        let from = from.and_then(|id| self.origin(id));
        let provider = provider.and_then(|id| self.text(id, &SHORT_NAME));
        let service = service.and_then(|id| self.service(id, ServiceName::Template));
        let config = self.config(config);
        let config_from = self.config_from(config_from);
        let secret_namespace = self.secret_namespace(secret_namespace);
        let allow = allow.and_then(|id| self.allow(id));
        let limit = limit.and_then(|id| self.limit(id));
        let targets = workloads.map(|list| self.workload_refs(list));
        if workloads.is_some() && bind.is_none() {
            self.missing(spec, "bind");
        }
        let bind = bind.and_then(|id| self.socket_bind(id));
        let binds_variables = bind.as_ref().is_some_and(|bind| !bind.env.is_empty());
        if workloads.is_none() && binds_variables {
            self.missing(spec, "workloads");
        }
        let homes = [
            ("Socket", ResourceHome::Socket),
            ("Plug", ResourceHome::Plug),
            ("None", ResourceHome::Cluster),
        ];
        let resources = self.resources(resources, &homes);
        let meta = meta?;
        // a Socket whose interface cannot be read is still there: a Plug that names it finds it
        let interface = interface.unwrap_or_else(|| Spanned {
            value: String::new(),
            at: self.at(spec),
        });
        let name = name.unwrap_or_else(|| meta.name.clone());
        Some(Socket {
            meta,
            name,
            interface,
            versions,
            provider,
            service,
            config,
            config_from,
            allow,
            secret_namespace,
            limit,
            workloads: targets.unwrap_or_default().into(),
            bind,
            resources,
            from,
            origin: SocketOrigin::Written,
            adapted: None,
            converter: None,
        })
    }

    /// `{group: …, kind: …, name: …}`
    fn origin(&mut self, id: NodeId) -> Option<SocketFrom> {
        let [group, kind, name, socket] = self.fields(id, ["group", "kind", "name", "socket"])?;
        if name.is_none() {
            self.missing(id, "name");
        }
        let kinds = self.foreign_kind(id, group, kind);
        let name = name.and_then(|id| self.text(id, &NAME));
        let socket = socket.and_then(|id| self.text(id, &OBJECT_NAME));
        let (group, kind) = kinds?;
        Some(SocketFrom {
            group,
            kind,
            name: name?,
            socket,
            at: self.at(id),
        })
    }

    /// The Interface that is offered, and every version that is satisfied.
    pub(super) fn offered_interface(
        &mut self,
        holder: NodeId,
        interface: Option<NodeId>,
        rule: &Rule,
    ) -> (Option<Spanned<String>>, Vec<Spanned<Version>>) {
        let Some(id) = interface else {
            self.missing(holder, "interface");
            return (None, Vec::new());
        };
        let Some([name, list]) = self.fields(id, ["name", "versions"]) else {
            return (None, Vec::new());
        };
        if name.is_none() {
            self.missing(id, "name");
        }
        let name = name.and_then(|name| self.text(name, rule));
        let mut versions = Vec::new();
        match list {
            Some(list) => versions = self.each(list, 1, 8, Self::version),
            None => self.missing(id, "versions"),
        }
        let written = |v: &Spanned<Version>| Spanned {
            value: v.value.to_string(),
            at: v.at,
        };
        self.once(&versions.iter().map(written).collect::<Vec<_>>());
        (name, versions)
    }

    /// Where the Secrets and ConfigMaps of a Socket are.
    pub(super) fn secret_namespace(&mut self, id: Option<NodeId>) -> SecretNamespace {
        let words = [
            ("Socket", SecretNamespace::Socket),
            ("Plug", SecretNamespace::Plug),
        ];
        self.choice(id, &words)
    }

    /// `{name: …, port: …}`
    pub(super) fn service(&mut self, id: NodeId, form: ServiceName) -> Option<Service> {
        let [name, port] = self.fields(id, ["name", "port"])?;
        if name.is_none() {
            self.missing(id, "name");
        }
        let name = name.and_then(|name| self.service_name(name, form));
        let port = port.and_then(|port| self.port(port));
        Some(Service { name: name?, port })
    }

    /// A name alone: a host name would be one host more with the Service's namespace behind it.
    fn service_name(&mut self, id: NodeId, form: ServiceName) -> Option<Spanned<String>> {
        let Some(Scalar::Str(text)) = self.scalar(id) else {
            return self.text(id, &SERVICE_NAME);
        };
        if form == ServiceName::Template
            && ["<%", "{%"].iter().any(|opening| text.contains(opening))
        {
            return self.text(id, &NAME);
        }
        let Some((name, _)) = text.split_once('.') else {
            return self.text(id, &SERVICE_NAME);
        };
        let advice = format!(
            "write the Service's name; its namespace is that of the {} (`metadata.namespace`):",
            self.kind
        );
        let help = self.token_help(advice, id, &emit::flow_string(name));
        let help = match form {
            ServiceName::Template => help.and(format!(
                "or write a host name, in place of `service`: `config: {{host: {text}}}`"
            )),
            ServiceName::Plain => help,
        };
        self.invalid(id, SERVICE_NAME.must, Some(help));
        None
    }

    fn port(&mut self, id: NodeId) -> Option<Spanned<ServicePort>> {
        let value = match self.scalar(id) {
            Some(Scalar::Int(number @ 1..=65_535)) => ServicePort::Number(number as u16),
            Some(Scalar::Str(text))
                if text.bytes().all(|b| b.is_ascii_digit()) && !text.is_empty() =>
            {
                self.misshapen(id, PORT_NAME.must);
                return None;
            }
            Some(Scalar::Int(_)) => {
                self.invalid(id, PORT_NAME.must, None);
                return None;
            }
            Some(Scalar::Str(_)) => ServicePort::Name(self.text(id, &PORT_NAME)?.value),
            _ => {
                self.misshapen(id, PORT_NAME.must);
                return None;
            }
        };
        Some(Spanned {
            value,
            at: self.at(id),
        })
    }

    fn limit(&mut self, id: NodeId) -> Option<Spanned<u32>> {
        match self.scalar(id) {
            Some(Scalar::Int(number @ 1..=10_000)) => Some(Spanned {
                value: number as u32,
                at: self.at(id),
            }),
            Some(Scalar::Int(_)) => {
                self.invalid(id, LIMIT, None);
                None
            }
            _ => {
                self.misshapen(id, LIMIT);
                None
            }
        }
    }

    fn allow(&mut self, id: NodeId) -> Option<Vec<Spanned<String>>> {
        let [namespaces] = self.fields(id, ["namespaces"])?;
        if namespaces.is_none() {
            self.missing(id, "namespaces");
        }
        Some(self.texts(namespaces?, 0, 256, &NAMESPACE_GLOB))
    }
}
