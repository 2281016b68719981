//! Decodes a Plug.

use super::reader::ObjectReader;
use super::rules::{
    CONTAINER, ENV_NAME, INTERFACE_NAME, NAME, NAMESPACE, OBJECT_NAME, SHORT_NAME, TEMPLATE,
};
use super::socket::ServiceName;
use super::{
    EnvBinding, EnvValue, FieldBinding, FilesBinding, Meta, OverwriteRule, Plug, ResourceHome,
    Service, Socket, SocketRef, Spanned, WorkloadRef, WorkloadSelector,
};
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::NodeId;

/// What a Plug's `bind` lists.
#[derive(Default)]
struct Bind {
    env: Option<Vec<EnvBinding>>,
    files: Option<FilesBinding>,
    fields: Vec<FieldBinding>,
}

/// The Socket that a Plug asks for, as written.
enum WrittenSocket {
    /// An object of ours.
    Ref(SocketRef),
    /// A Service in place of one.
    Service(Service),
}

impl ObjectReader<'_> {
    pub(super) fn plug(&mut self, meta: Option<Meta>, spec: NodeId) -> Option<Plug> {
        let fields = [
            "name",
            "interface",
            "socket",
            "workloads",
            "config",
            "configFrom",
            "bind",
            "resources",
            "optional",
            "suspend",
        ];
        let [
            name,
            interface,
            socket,
            workloads,
            config,
            config_from,
            bind,
            resources,
            optional,
            suspend,
        ] = self.fields(spec, fields)?;
        let name = name.and_then(|name| self.text(name, &INTERFACE_NAME));
        if interface.is_none() {
            self.missing(spec, "interface");
        }
        let members = interface.and_then(|id| Some((id, self.fields(id, ["name", "version"])?)));
        let (mut interface, mut version) = (None, None);
        if let Some((holder, [name, least])) = members {
            if name.is_none() {
                self.missing(holder, "name");
            }
            interface = name.and_then(|name| self.text(name, &SHORT_NAME));
            version = least.and_then(|least| self.minimum(least));
        }
        let socket = socket.and_then(|id| self.socket_ref(id));
        let targets = workloads.map(|list| self.workload_refs(list));
        let hands_config = config.is_some() || config_from.is_some();
        let config = self.config(config);
        let config_from = self.config_from(config_from);
        let Bind {
            mut env,
            files,
            fields,
        } = bind.map(|id| self.bind(id)).unwrap_or_default();
        let binds_variables = match &env {
            Some(env) => !env.is_empty(),
            None => resources.is_none() && !hands_config,
        };
        if workloads.is_none() {
            if binds_variables || files.is_some() {
                self.missing(spec, "workloads");
            }
            // where there is no workload, the default variables have no place
            env.get_or_insert_default();
        }
        let homes = [
            ("Plug", ResourceHome::Plug),
            ("None", ResourceHome::Cluster),
        ];
        let resources = self.resources(resources, &homes);
        let workloads = targets.unwrap_or_default();
        let optional = self.boolean(optional);
        let suspend = self.boolean(suspend);
        let (meta, interface) = (meta?, interface?);
        let socket = match socket {
            None => SocketRef::Any,
            Some(WrittenSocket::Ref(socket)) => socket,
            Some(WrittenSocket::Service(service)) => {
                SocketRef::Service(Box::new(Socket::of_service(service, &meta, &interface)))
            }
        };
        Some(Plug {
            meta,
            name,
            interface,
            version,
            socket,
            workloads: workloads.into(),
            config,
            config_from,
            env,
            files,
            fields,
            resources,
            optional,
            suspend,
        })
    }

    fn socket_ref(&mut self, id: NodeId) -> Option<WrittenSocket> {
        let [name, namespace, labels, service] =
            self.fields(id, ["name", "namespace", "matchLabels", "service"])?;
        let ways = [
            ("name", name),
            ("matchLabels", labels),
            ("service", service),
        ];
        let one = self.exactly_one(id, &ways);
        if let (None, Some(_), Some(namespace)) = (name, labels.or(service), namespace) {
            let message = format!("`{}` needs `name` next to it", self.path(namespace));
            let help = match labels {
                Some(_) => {
                    "labels select a Socket of the Plug's own namespace: to use one of another namespace, write its `name` in place of `matchLabels`"
                }
                None => {
                    "`service` is a Service of the Plug's own namespace: for one of another namespace, add a Socket there, and write its `name` in place of `service`"
                }
            };
            let diagnostic = Diagnostic::error(Code::InvalidField, message)
                .at(self.at(namespace), "without `name`");
            self.report(diagnostic.help(help));
        }
        let name = name.and_then(|name| self.text(name, &OBJECT_NAME));
        let namespace = namespace.and_then(|namespace| self.text(namespace, &NAMESPACE));
        let labels = labels.map(|labels| self.match_labels(labels));
        let service = service.and_then(|service| self.service(service, ServiceName::Plain));
        if !one {
            return None;
        }
        match (name, labels, service) {
            (Some(name), ..) => Some(WrittenSocket::Ref(SocketRef::Named { name, namespace })),
            (None, Some(labels), _) => {
                Some(WrittenSocket::Ref(SocketRef::Labels(labels, self.at(id))))
            }
            (None, None, Some(service)) => Some(WrittenSocket::Service(service)),
            (None, None, None) => None,
        }
    }

    /// `spec.workloads`, of a Plug or a Socket.
    pub(super) fn workload_refs(&mut self, list: NodeId) -> Vec<WorkloadRef> {
        self.each(list, 1, 32, Self::workload)
    }

    fn workload(&mut self, item: NodeId) -> Option<WorkloadRef> {
        let [api_version, kind, name, labels, containers] = self.fields(
            item,
            ["apiVersion", "kind", "name", "matchLabels", "containers"],
        )?;
        let one = self.exactly_one(item, &[("name", name), ("matchLabels", labels)]);
        let api_version = api_version
            .and_then(|id| self.text(id, &NAME))
            .map(|text| text.value);
        let kind = kind
            .and_then(|id| self.text(id, &SHORT_NAME))
            .map(|text| text.value);
        let name = name.and_then(|id| self.text(id, &NAME));
        let labels = labels.map(|id| self.match_labels(id));
        let named = containers
            .map(|list| self.texts(list, 0, 32, &CONTAINER))
            .unwrap_or_default();
        if let Some(list) = containers
            && named.len() > 1
            && named.iter().any(|name| name.value == "*")
        {
            let message = format!("`{}` must be names, or `*` alone", self.path(list));
            let advice = "`*` is every container, init containers included:";
            let help = self.token_help(advice, list, "[\"*\"]");
            self.report(
                Diagnostic::error(Code::InvalidField, message)
                    .at(self.at(list), "both")
                    .help(help),
            );
        }
        let selector = match (name, labels) {
            (Some(name), _) => WorkloadSelector::Name(name),
            (None, Some(labels)) => WorkloadSelector::Labels(labels),
            (None, None) => return None,
        };
        let kind = kind.unwrap_or_else(|| "Deployment".to_owned());
        one.then(|| WorkloadRef {
            api_version,
            kind,
            selector,
            containers: named,
            position: self.position(item),
            at: self.at(item),
        })
    }

    fn bind(&mut self, id: NodeId) -> Bind {
        let Some([env, files, fields]) = self.fields(id, ["env", "files", "fields"]) else {
            return Bind::default();
        };
        let files = files.and_then(|id| self.files_binding(id));
        let env = match env {
            Some(list) => Some(self.env_list(list, Self::env_binding)),
            // with `bind` there is exactly what it lists
            None => (files.is_some() || fields.is_some()).then(Vec::new),
        };
        let fields = fields.map(|list| self.field_list(list, Self::field_binding));
        Bind {
            env,
            files,
            fields: fields.unwrap_or_default(),
        }
    }

    /// `bind.env`, of which each name is listed once.
    pub(super) fn env_list(
        &mut self,
        list: NodeId,
        binding: impl Fn(&mut Self, NodeId) -> Option<EnvBinding>,
    ) -> Vec<EnvBinding> {
        let bindings = self.each(list, 0, 256, binding);
        let names: Vec<Spanned<String>> = bindings
            .iter()
            .map(|binding| binding.name.clone())
            .collect();
        self.once(&names);
        bindings
    }

    fn env_binding(&mut self, item: NodeId) -> Option<EnvBinding> {
        let [name, key, value, file, replace, expect] =
            self.fields(item, ["name", "key", "value", "file", "replace", "expect"])?;
        if name.is_none() {
            self.missing(item, "name");
        }
        let name = name.and_then(|name| self.text(name, &ENV_NAME));
        let one = self.exactly_one(item, &[("key", key), ("value", value), ("file", file)]);
        let key = key.and_then(|key| self.text(key, &NAME)).map(EnvValue::Key);
        let value = value
            .and_then(|value| self.text(value, &TEMPLATE))
            .map(EnvValue::Template);
        let file = file
            .and_then(|file| self.text(file, &NAME))
            .map(EnvValue::File);
        let overwrite = self.overwrite(replace, expect);
        Some(EnvBinding {
            name: name?,
            value: key.or(value).or(file).filter(|_| one)?,
            overwrite,
        })
    }

    /// `replace` and `expect` of a binding.
    pub(super) fn overwrite(
        &mut self,
        replace: Option<NodeId>,
        expect: Option<NodeId>,
    ) -> OverwriteRule {
        let replace = self.boolean(replace);
        let expected = expect.and_then(|id| self.text(id, &TEMPLATE));
        match expected {
            Some(expected) => OverwriteRule::Expected(expected),
            None if replace => OverwriteRule::Always,
            None => OverwriteRule::Never,
        }
    }
}
