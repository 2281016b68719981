//! Finds the Secret of an object that an Adapter is for, where a ServiceBinding names the object.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::adaptation::Adaptation;
use super::objects::{AdaptableObjects, KindName};
use crate::api::{Adapter, ConfigSource, Discovery, Socket};
use crate::couple::secret_makers::SecretMakers;

/// The key of a Socket that a client has to have where there are several Secrets.
const PASSWORD: &str = "password";

/// What is known of the Secret of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::couple) enum ServiceSecret {
    /// It is this one.
    Named(String),
    /// It could be each of these.
    Several(BTreeSet<String>),
    /// There is none, and why.
    None(String),
    /// No Adapter is for the object, or it is not in the input.
    Unknown,
}

/// Finds the Secrets of objects, each once.
pub(in crate::couple) struct ServiceSecrets<'o> {
    written: &'o [Rc<Adapter>],
    objects: &'o dyn AdaptableObjects,
    /// Made on first use.
    adaptation: Option<Adaptation<'o>>,
}

impl<'o> ServiceSecrets<'o> {
    /// By these Adapters, and the built-in ones.
    pub(in crate::couple) fn new(
        written: &'o [Rc<Adapter>],
        objects: &'o dyn AdaptableObjects,
    ) -> Self {
        Self {
            written,
            objects,
            adaptation: None,
        }
    }

    /// The Secret of an object: the one with the password of its Sockets, else the only one that
    /// they refer to, or that it makes.
    pub(in crate::couple) fn find(
        &mut self,
        kind: KindName<'_>,
        namespace: Option<&str>,
        name: &str,
        makers: Option<&dyn SecretMakers>,
    ) -> ServiceSecret {
        let Some(found) = self.objects.named(kind, namespace, name) else {
            return ServiceSecret::Unknown;
        };
        let adaptation = self
            .adaptation
            .get_or_insert_with(|| Adaptation::new(self.written, self.objects));
        if adaptation.adapters.of(kind).is_empty() {
            return ServiceSecret::Unknown;
        }
        let all = adaptation.one(kind, &found);
        let secrets = secrets(all.sockets.iter().filter(|socket| is_offered(socket)));
        let with_password: BTreeSet<&String> = secrets
            .iter()
            .filter(|(_, keys)| keys.contains(PASSWORD))
            .map(|(name, _)| name)
            .collect();
        let names: BTreeSet<String> = match with_password.len() {
            1 => with_password.into_iter().cloned().collect(),
            _ => secrets.into_keys().collect(),
        };
        let names = match (names.is_empty(), makers) {
            (true, Some(makers)) => makers.made_by(kind, namespace, &found.name),
            _ => names,
        };
        let mut rest = names.iter();
        match (rest.next(), rest.next()) {
            (Some(only), None) => ServiceSecret::Named(only.clone()),
            (Some(_), Some(_)) => ServiceSecret::Several(names),
            (None, _) => {
                let reason = all.not_offered.first().map(|one| one.reason.clone());
                ServiceSecret::None(reason.unwrap_or_else(|| "it has none".to_owned()))
            }
        }
    }
}

fn is_offered(socket: &Socket) -> bool {
    let adapted = socket.adapted.as_ref();
    adapted.is_some_and(|adapted| adapted.found == Discovery::Offered)
}

/// The Secrets that Sockets refer to, each with the keys of Sockets that it gives.
fn secrets<'s>(sockets: impl Iterator<Item = &'s Socket>) -> BTreeMap<String, BTreeSet<&'s str>> {
    let mut all: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for from in sockets.flat_map(|socket| &socket.config_from) {
        if let ConfigSource::Secret(holder) = &from.from {
            let keys = all.entry(holder.name.value.clone()).or_default();
            keys.extend(from.keys.iter().map(|(key, _)| key.value.as_str()));
        }
    }
    all
}
