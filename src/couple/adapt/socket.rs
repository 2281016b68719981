//! Makes a Socket of an entry of `sockets`, from the names that its texts can use.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::Value as Json;

use super::adapters::AdapterLevel;
use super::texts::{AdapterTexts, TextFailure, TextScope};
use crate::api::{
    AdaptedObject, AdaptedSocket, ConditionalConfigFrom, ConfigEntry, ConfigFrom, ConfigSource,
    Discovery, KeyHolder, Meta, Service, ServicePort, ServiceTemplate, Socket, SocketOrigin,
    SocketTemplate, Spanned, is_object_name, is_port_name, is_service_name,
};
use crate::manifest::Place;

/// The object that a Socket is made of.
pub(super) struct SocketObject<'m> {
    pub(super) identity: AdaptedObject,
    pub(super) labels: BTreeMap<String, String>,
    pub(super) catalogue: bool,
    /// Where it has its name.
    pub(super) at: Place,
    /// The Adapter's name.
    pub(super) adapter: &'m str,
    pub(super) level: AdapterLevel,
}

/// Why a field of an entry has no value.
pub(super) struct FieldFailure {
    pub(super) field: &'static str,
    pub(super) failure: TextFailure,
}

/// Makes one Socket.
pub(super) struct SocketMaker<'m> {
    object: SocketObject<'m>,
    scope: &'m TextScope,
    texts: &'m mut AdapterTexts,
}

impl<'m> SocketMaker<'m> {
    pub(super) fn new(
        object: SocketObject<'m>,
        scope: &'m TextScope,
        texts: &'m mut AdapterTexts,
    ) -> Self {
        Self {
            object,
            scope,
            texts,
        }
    }

    /// The Socket of an entry whose condition holds.
    pub(super) fn make(mut self, template: &SocketTemplate) -> Result<Socket, FieldFailure> {
        let in_field = |field| move |failure| FieldFailure { field, failure };
        let name = match &template.name {
            None => self.object.identity.name.clone(),
            Some(text) => self.name(text, is_object_name).map_err(in_field("name"))?,
        };
        let is_default = self.texts.is_on(&template.default, self.scope);
        let is_default = is_default.map_err(in_field("default"))?;
        let service = match &template.service {
            None => None,
            Some(service) => Some(self.service(service).map_err(in_field("service"))?),
        };
        let config_from = self.config_from(&template.config_from);
        let config_from = config_from.map_err(in_field("configFrom"))?;
        let config = template.config.iter().map(|entry| ConfigEntry {
            key: self.spanned(entry.key.value.clone(), entry.key.at),
            value: self.spanned(entry.value.value.clone(), entry.value.at),
        });
        let adapted = AdaptedSocket {
            object: self.object.identity.clone(),
            adapter: self.object.adapter.to_owned(),
            is_built_in: self.object.level == AdapterLevel::BuiltIn,
            found: match is_default {
                true => Discovery::Offered,
                false => Discovery::Named,
            },
            names: self.scope.names().to_vec(),
        };
        let versions = template.versions.iter();
        let provider = template.provider.as_ref();
        Ok(Socket {
            meta: self.meta(&name),
            name: Spanned {
                value: name,
                at: self.object.at,
            },
            interface: self.spanned(template.interface.value.clone(), template.interface.at),
            versions: versions
                .map(|version| self.spanned(version.value.clone(), version.at))
                .collect(),
            provider: provider.map(|text| self.spanned(text.value.clone(), text.at)),
            service,
            config: config.collect(),
            config_from,
            allow: None,
            secret_namespace: template.secret_namespace,
            limit: None,
            workloads: Rc::from([]),
            bind: None,
            resources: Vec::new(),
            origin: SocketOrigin::Written,
            from: None,
            adapted: Some(Rc::new(adapted)),
            converter: None,
        })
    }

    /// It is called as Plugs name it: one object may be several.
    fn meta(&self, name: &str) -> Meta {
        Meta {
            name: Spanned {
                value: name.to_owned(),
                at: self.object.at,
            },
            namespace: self.object.identity.namespace.clone(),
            labels: self.object.labels.clone(),
            name_references: Vec::new(),
            at: self.object.at,
            catalogue: self.object.catalogue,
            broken: false,
        }
    }

    fn service(&mut self, template: &ServiceTemplate) -> Result<Service, TextFailure> {
        let name = self.name(&template.name, is_service_name)?;
        let port = match &template.port {
            None => None,
            Some(port) => self.port(port)?,
        };
        Ok(Service {
            name: self.spanned(name, template.name.at),
            port,
        })
    }

    fn port(&mut self, port: &Spanned<Json>) -> Result<Option<Spanned<ServicePort>>, TextFailure> {
        let value = match &port.value {
            Json::String(text) => {
                let text = Spanned {
                    value: text.clone(),
                    at: port.at,
                };
                self.texts.value(&text, self.scope)?
            }
            value => value.clone(),
        };
        let number = match &value {
            Json::Null => return Ok(None),
            Json::String(text) => text.parse().ok(),
            value => value.as_u64().and_then(|number| u16::try_from(number).ok()),
        };
        let found = match (number, value.as_str()) {
            (Some(number @ 1..), _) => ServicePort::Number(number),
            (None, Some(name)) if is_port_name(name) => ServicePort::Name(name.to_owned()),
            _ => {
                return Err(TextFailure {
                    message: "the port is neither a number from 1 to 65535 nor the name of a port"
                        .to_owned(),
                    at: port.at,
                });
            }
        };
        Ok(Some(self.spanned(found, port.at)))
    }

    /// The entries that count; a key that an earlier one gives is left out.
    fn config_from(
        &mut self,
        entries: &[ConditionalConfigFrom],
    ) -> Result<Vec<ConfigFrom>, TextFailure> {
        let mut all: Vec<ConfigFrom> = Vec::new();
        for ConditionalConfigFrom { condition, entry } in entries {
            if !self.texts.holds(condition.as_ref(), self.scope)? {
                continue;
            }
            let mut keys = Vec::new();
            for (key, theirs) in &entry.keys {
                let is_given =
                    |from: &ConfigFrom| from.keys.iter().any(|(known, _)| known.value == key.value);
                if all.iter().any(is_given) {
                    continue;
                }
                if let Some(found) = self.texts.text(theirs, self.scope)? {
                    let key = self.spanned(key.value.clone(), key.at);
                    keys.push((key, self.spanned(found, theirs.at)));
                }
            }
            if keys.is_empty() {
                continue;
            }
            let from = match &entry.from {
                ConfigSource::Secret(secret) => ConfigSource::Secret(self.holder(secret)?),
                ConfigSource::ConfigMap(map) => ConfigSource::ConfigMap(self.holder(map)?),
                ConfigSource::Object(source) => {
                    let mut source = source.clone();
                    source.object.name = self.given(&source.object.name)?;
                    source.object.at = self.place(source.object.at);
                    ConfigSource::Object(source)
                }
            };
            let is_kept =
                |safe: &&Spanned<String>| keys.iter().any(|(key, _)| key.value == safe.value);
            let url_safe = entry.url_safe.iter().filter(is_kept);
            all.push(ConfigFrom {
                from,
                url_safe: url_safe
                    .map(|safe| self.spanned(safe.value.clone(), safe.at))
                    .collect(),
                keys,
                at: self.place(entry.at),
            });
        }
        Ok(all)
    }

    /// The object whose keys are referred to.
    fn holder(&mut self, holder: &KeyHolder) -> Result<KeyHolder, TextFailure> {
        Ok(KeyHolder {
            name: self.given(&holder.name)?,
            presence: holder.presence,
        })
    }

    /// A name that must be given.
    fn given(&mut self, text: &Spanned<String>) -> Result<Spanned<String>, TextFailure> {
        let name = self.name(text, is_object_name)?;
        Ok(self.spanned(name, text.at))
    }

    fn name(
        &mut self,
        text: &Spanned<String>,
        is_valid: fn(&str) -> bool,
    ) -> Result<String, TextFailure> {
        let failure = |message: String| TextFailure {
            message,
            at: text.at,
        };
        match self.texts.text(text, self.scope)? {
            Some(name) if is_valid(&name) => Ok(name),
            Some(name) => Err(failure(format!("`{name}` is not a valid name"))),
            None => Err(failure("the name is not given".to_owned())),
        }
    }

    /// The place of a field; what is built in has none, and is at the object.
    fn place(&self, at: Place) -> Place {
        match self.object.level {
            AdapterLevel::BuiltIn => self.object.at,
            AdapterLevel::Stream | AdapterLevel::Catalogue => at,
        }
    }

    fn spanned<T>(&self, value: T, at: Place) -> Spanned<T> {
        Spanned {
            value,
            at: self.place(at),
        }
    }
}
