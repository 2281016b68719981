//! Indexes the objects of an input: the Socket that each Plug names, the Plugs of each Socket, and
//! the keys of Secrets.

use std::collections::BTreeMap;

use super::old_object::{OldParty, OldProperty, OldSide};

/// What an object is found by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct OldName {
    /// Its namespace, where it is known.
    pub namespace: Option<String>,
    /// Its name.
    pub name: String,
}

impl OldName {
    fn of(party: &OldParty) -> Self {
        Self {
            namespace: party.subject.namespace.clone(),
            name: party.subject.name.clone(),
        }
    }
}

/// All Plugs and Sockets of an input.
#[derive(Debug, Default)]
pub(super) struct OldObjects {
    parties: Vec<OldParty>,
    sockets: BTreeMap<OldName, usize>,
    plugs_of: BTreeMap<usize, Vec<usize>>,
    secrets: BTreeMap<OldName, Vec<String>>,
}

/// A key that a side gives, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum GivenBy<'o> {
    /// `configTemplate`
    Template(&'o str),
    /// `config`
    Config(&'o str),
    /// `configSecretName`
    Secret(&'o str),
}

impl OldObjects {
    /// Indexes objects, and the key names of the Secrets next to them.
    pub(super) fn new(parties: Vec<OldParty>, secrets: BTreeMap<OldName, Vec<String>>) -> Self {
        let mut objects = Self {
            parties,
            secrets,
            ..Self::default()
        };
        for (index, party) in objects.parties.iter().enumerate() {
            if party.side == OldSide::Socket {
                objects.sockets.entry(OldName::of(party)).or_insert(index);
            }
        }
        for index in 0..objects.parties.len() {
            if let Some(socket) = objects.socket_index(&objects.parties[index]) {
                objects.plugs_of.entry(socket).or_default().push(index);
            }
        }
        objects
    }

    /// The objects, in the order of the input.
    pub(super) fn parties(&self) -> &[OldParty] {
        &self.parties
    }

    /// The namespace of the Socket that a Plug names.
    pub(super) fn socket_namespace(plug: &OldParty) -> Option<String> {
        let named = plug
            .socket
            .as_ref()
            .and_then(|socket| socket.namespace.clone());
        named.or_else(|| plug.subject.namespace.clone())
    }

    fn socket_index(&self, plug: &OldParty) -> Option<usize> {
        let socket = plug
            .socket
            .as_ref()
            .filter(|_| plug.side == OldSide::Plug)?;
        let name = OldName {
            namespace: Self::socket_namespace(plug),
            name: socket.name.value.clone(),
        };
        self.sockets.get(&name).copied()
    }

    /// The Socket of a coupling that an object takes part in, where it is in the input.
    pub(super) fn socket<'o>(&'o self, party: &'o OldParty) -> Option<&'o OldParty> {
        match party.side {
            OldSide::Socket => Some(party),
            OldSide::Plug => self.socket_index(party).map(|index| &self.parties[index]),
        }
    }

    /// The Plugs that name a Socket.
    pub(super) fn plugs(&self, socket: &OldParty) -> impl Iterator<Item = &OldParty> {
        let index = self.sockets.get(&OldName::of(socket));
        let plugs = index.and_then(|index| self.plugs_of.get(index));
        plugs.into_iter().flatten().map(|&plug| &self.parties[plug])
    }

    /// The keys that the Socket's interface declares for a side; `None`: it does not check any, or
    /// is not in the input.
    pub(super) fn declared(&self, party: &OldParty, side: OldSide) -> Option<&[OldProperty]> {
        let index = match party.side {
            OldSide::Socket => self.sockets.get(&OldName::of(party)).copied(),
            OldSide::Plug => self.socket_index(party),
        };
        let socket = &self.parties[index?];
        let stage = socket.interface.as_ref()?.config.as_ref()?;
        Some(stage.of(side))
    }

    /// The key names of a Secret of the input.
    pub(super) fn secret_keys(&self, party: &OldParty, name: &str) -> Option<&[String]> {
        let name = OldName {
            namespace: party.subject.namespace.clone(),
            name: name.to_owned(),
        };
        self.secrets.get(&name).map(Vec::as_slice)
    }

    /// How an object gives a key of its own, if it does: a template counts before `config`, and
    /// both before a Secret.
    pub(super) fn given<'o>(&self, party: &'o OldParty, key: &str) -> Option<GivenBy<'o>> {
        let find = |entries: &'o [super::old_object::OldEntry]| {
            let found = entries.iter().find(|entry| entry.key.value == key);
            found.map(|entry| entry.text.value.as_str())
        };
        if let Some(text) = find(&party.config_template) {
            return Some(GivenBy::Template(text));
        }
        // an empty value of a Plug counts as missing
        let is_given = |text: &&str| party.side == OldSide::Socket || !text.is_empty();
        if let Some(text) = find(&party.config).filter(is_given) {
            return Some(GivenBy::Config(text));
        }
        let secret = party.config_secret.as_ref()?;
        self.secret_gives(party, &secret.value, key)
            .then_some(GivenBy::Secret(&secret.value))
    }

    /// Whether a Secret gives a key: the names of its keys are known, or the key is required.
    fn secret_gives(&self, party: &OldParty, secret: &str, key: &str) -> bool {
        match self.secret_keys(party, secret) {
            Some(keys) => keys.iter().any(|known| known == key),
            None => {
                let declared = self.declared(party, party.side).unwrap_or_default();
                let property = declared.iter().find(|property| property.key.value == key);
                property.is_some_and(|property| property.is_required)
            }
        }
    }

    /// The keys that an object's Secret gives.
    pub(super) fn keys_from_secret(&self, party: &OldParty) -> Vec<String> {
        let Some(secret) = &party.config_secret else {
            return Vec::new();
        };
        let names: Vec<&str> = match self.declared(party, party.side) {
            Some(declared) => declared
                .iter()
                .map(|property| property.key.value.as_str())
                .collect(),
            None => self
                .secret_keys(party, &secret.value)
                .unwrap_or_default()
                .iter()
                .map(String::as_str)
                .collect(),
        };
        let mut names: Vec<String> = names
            .into_iter()
            .filter(|key| matches!(self.given(party, key), Some(GivenBy::Secret(_))))
            .map(str::to_owned)
            .collect();
        names.dedup();
        names
    }
}
