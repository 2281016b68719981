//! Finds the objects that make a Secret, by the `secrets` of Adapters: those of a namespace once a
//! reference into it is evaluated.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::adapters::EffectiveAdapter;
use super::instance;
use super::known_adapters::Adapters;
use super::objects::{AdaptableObjects, KindName, OwnedKind, identity};
use super::related::RelatedObjects;
use super::secrets::MadeSecret;
use super::texts::AdapterTexts;
use crate::api::Adapter;
use crate::couple::secret_makers::{SecretMaker, SecretMakers};

/// The Secrets of one namespace that objects make.
#[derive(Default)]
struct MadeSecrets {
    by_name: BTreeMap<String, Rc<[SecretMaker]>>,
    /// Their names, by what makes them.
    by_maker: BTreeMap<MakerKey, BTreeSet<String>>,
}

/// An object of a namespace.
type MakerKey = (OwnedKind, String);

/// The objects that make Secrets.
pub(in crate::couple) struct AdaptedSecrets<'o> {
    objects: &'o dyn AdaptableObjects,
    written: &'o [Rc<Adapter>],
    state: RefCell<Option<MakersState<'o>>>,
}

/// What was found so far.
struct MakersState<'o> {
    adapters: Adapters,
    texts: AdapterTexts,
    related: RelatedObjects<'o>,
    namespaces: BTreeMap<Option<String>, MadeSecrets>,
}

impl<'o> AdaptedSecrets<'o> {
    /// Those that these Adapters, and the built-in ones, know.
    pub(in crate::couple) fn new(
        objects: &'o dyn AdaptableObjects,
        written: &'o [Rc<Adapter>],
    ) -> Self {
        Self {
            objects,
            written,
            state: RefCell::default(),
        }
    }
}

impl AdaptedSecrets<'_> {
    /// What `read` finds among the Secrets of a namespace.
    fn in_namespace<T>(&self, namespace: Option<&str>, read: impl Fn(&MadeSecrets) -> T) -> T {
        let mut state = self.state.borrow_mut();
        let state = state.get_or_insert_with(|| MakersState {
            adapters: Adapters::new(self.written, self.objects),
            texts: AdapterTexts::new(),
            related: RelatedObjects::new(self.objects),
            namespaces: BTreeMap::new(),
        });
        let key = namespace.map(str::to_owned);
        if !state.namespaces.contains_key(&key) {
            let made = state.made(self.objects, namespace);
            state.namespaces.insert(key.clone(), made);
        }
        read(&state.namespaces[&key])
    }
}

impl SecretMakers for AdaptedSecrets<'_> {
    fn makers(&self, namespace: Option<&str>, name: &str) -> Rc<[SecretMaker]> {
        self.in_namespace(namespace, |made| {
            made.by_name.get(name).cloned().unwrap_or_default()
        })
    }

    fn made_by(&self, kind: KindName<'_>, namespace: Option<&str>, name: &str) -> BTreeSet<String> {
        let key = (kind.owned(), name.to_owned());
        self.in_namespace(namespace, |made| {
            made.by_maker.get(&key).cloned().unwrap_or_default()
        })
    }
}

impl MakersState<'_> {
    /// The Secrets that the objects of a namespace make.
    fn made(&mut self, objects: &dyn AdaptableObjects, namespace: Option<&str>) -> MadeSecrets {
        let mut by_maker: BTreeMap<MakerKey, BTreeSet<String>> = BTreeMap::new();
        let mut all: BTreeMap<String, Vec<SecretMaker>> = BTreeMap::new();
        let kinds: Vec<OwnedKind> = self.adapters.kinds().map(KindName::owned).collect();
        for kind in &kinds {
            let kind = kind.name();
            let adapters = self.adapters.of(kind);
            let has_secrets = |one: &&EffectiveAdapter| !one.adapter.secrets.is_empty();
            let Some(effective) = adapters.iter().find(has_secrets) else {
                continue;
            };
            for found in &*objects.all(kind, namespace) {
                // what cannot be evaluated is not known
                let made =
                    instance::secrets(effective, found, &mut self.texts, &mut self.related, |_| {
                        true
                    });
                let Ok(read) = self.related.content(found.object, &effective.adapter) else {
                    continue;
                };
                for MadeSecret { name, keys } in made.unwrap_or_default() {
                    let maker = (kind.owned(), found.name.clone());
                    by_maker.entry(maker).or_default().insert(name.clone());
                    all.entry(name).or_default().push(SecretMaker {
                        object: identity(&read.value, found, kind.kind),
                        at: read.at,
                        keys,
                    });
                }
            }
        }
        let all = all.into_iter();
        MadeSecrets {
            by_name: all.map(|(name, makers)| (name, makers.into())).collect(),
            by_maker,
        }
    }
}
