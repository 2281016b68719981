//! Adapts objects, each once: those that could be what a Plug asks for, and some that are near.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::instance::{self, Instance, NotOffered};
use super::known_adapters::Adapters;
use super::objects::{AdaptableObjects, FoundObject, KindName, OwnedKind};
use super::related::RelatedObjects;
use super::texts::AdapterTexts;
use crate::api::{Adapter, Discovery, Plug, Socket};
use crate::limits;
use crate::manifest::stream::Object;

/// An adapted Socket that a written one takes the place of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct HiddenSocket {
    object: Object,
    name: String,
    interface: String,
}

impl HiddenSocket {
    pub(super) fn of(object: Object, socket: &Socket) -> Self {
        Self {
            object,
            name: socket.name.value.clone(),
            interface: socket.interface.value.clone(),
        }
    }
}

/// What a Plug could want.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Want {
    pub(super) namespace: Option<String>,
    pub(super) interface: String,
    /// The Socket that it names.
    pub(super) name: Option<String>,
}

impl Want {
    /// What a Socket is the answer to: by its name, and without one.
    fn answered_by(socket: &Socket) -> impl Iterator<Item = Self> {
        let named = Self {
            namespace: socket.meta.namespace.clone(),
            interface: socket.interface.value.clone(),
            name: Some(socket.name.value.clone()),
        };
        let adapted = socket.adapted.as_ref();
        let is_offered = adapted.is_some_and(|it| it.found == Discovery::Offered);
        let unnamed = is_offered.then(|| Self {
            name: None,
            ..named.clone()
        });
        std::iter::once(named).chain(unnamed)
    }

    /// What an object that is no Socket explains.
    fn explained_by(not_offered: &NotOffered) -> [Self; 2] {
        let unnamed = Self {
            namespace: not_offered.object.namespace.clone(),
            interface: not_offered.interface.clone(),
            name: None,
        };
        let named = Self {
            name: Some(not_offered.object.name.clone()),
            ..unnamed.clone()
        };
        [named, unnamed]
    }

    /// What a Plug could want that names no Service.
    pub(super) fn of(plug: &Plug) -> Self {
        Self {
            namespace: plug.socket_namespace().map(str::to_owned),
            interface: plug.interface.value.clone(),
            name: plug.socket_name().map(str::to_owned),
        }
    }
}

/// Adapts objects, each once.
pub(super) struct Adaptation<'o> {
    pub(super) adapters: Adapters,
    pub(super) objects: &'o dyn AdaptableObjects,
    texts: AdapterTexts,
    related: RelatedObjects<'o>,
    adapted: BTreeMap<Object, AdaptedInstances>,
    /// What there is a Socket for, or a reason why there is none.
    answered: BTreeSet<Want>,
    /// How many more Plugs get what is near.
    near_plugs: usize,
    /// How many more objects may be adapted for messages alone.
    near: usize,
}

/// What one object is, by all Adapters of its kind.
#[derive(Default)]
pub(super) struct AdaptedInstances {
    pub(super) sockets: Vec<Socket>,
    pub(super) not_offered: Vec<NotOffered>,
}

impl<'o> Adaptation<'o> {
    /// An adaptation by these Adapters, and the built-in ones.
    pub(super) fn new(written: &[Rc<Adapter>], objects: &'o dyn AdaptableObjects) -> Self {
        Self {
            adapters: Adapters::new(written, objects),
            objects,
            texts: AdapterTexts::new(),
            related: RelatedObjects::new(objects),
            adapted: BTreeMap::new(),
            answered: BTreeSet::new(),
            near_plugs: limits::NEAR_MISSES,
            near: limits::ADAPTED_NEAR,
        }
    }

    /// Adapts all objects of a namespace that could offer an Interface, and returns their kinds.
    pub(super) fn offering(&mut self, interface: &str, namespace: Option<&str>) -> Vec<OwnedKind> {
        let giving = self.adapters.giving(interface);
        let kinds: Vec<OwnedKind> = giving.map(KindName::owned).collect();
        for kind in &kinds {
            self.all(kind.name(), namespace);
        }
        kinds
    }

    /// Adapts what a Plug could want; where there is nothing, what would be near.
    pub(super) fn adapt(&mut self, want: &Want) {
        let namespace = want.namespace.as_deref();
        let kinds = self.offering(&want.interface, namespace);
        if self.has(want) || self.near_plugs == 0 {
            return;
        }
        self.near_plugs -= 1;
        let near: Vec<OwnedKind> = match want.name {
            // it may offer another Interface
            Some(_) => self.adapters.kinds().map(KindName::owned).collect(),
            None => Vec::new(),
        };
        for kind in &near {
            self.near(kind.name(), namespace);
        }
        for kind in &kinds {
            let kind = kind.name();
            for elsewhere in self.objects.namespaces(kind) {
                self.near(kind, elsewhere.as_deref());
            }
        }
    }

    /// Whether there is what a Plug wants, or a reason why there is none.
    fn has(&self, want: &Want) -> bool {
        self.answered.contains(want)
    }

    fn all(&mut self, kind: KindName<'_>, namespace: Option<&str>) {
        for found in &*self.objects.all(kind, namespace) {
            self.one(kind, found);
        }
    }

    /// The same for messages alone: not of very many.
    fn near(&mut self, kind: KindName<'_>, namespace: Option<&str>) {
        for found in &*self.objects.all(kind, namespace) {
            if self.adapted.contains_key(&found.object) {
                continue;
            }
            let Some(left) = self.near.checked_sub(1) else {
                return;
            };
            self.near = left;
            self.one(kind, found);
        }
    }

    /// What an object is.
    pub(super) fn one(&mut self, kind: KindName<'_>, found: &FoundObject) -> &AdaptedInstances {
        if !self.adapted.contains_key(&found.object) {
            let mut all = AdaptedInstances::default();
            for effective in &*self.adapters.of(kind) {
                let Instance {
                    sockets,
                    not_offered,
                } = instance::make(effective, found, &mut self.texts, &mut self.related);
                all.sockets.extend(sockets);
                all.not_offered.extend(not_offered);
            }
            for socket in &all.sockets {
                self.answered.extend(Want::answered_by(socket));
            }
            for not_offered in &all.not_offered {
                self.answered.extend(Want::explained_by(not_offered));
            }
            self.adapted.insert(found.object, all);
        }
        &self.adapted[&found.object]
    }

    /// Everything, without what a written Socket hides.
    pub(super) fn into_parts(
        self,
        hidden: &BTreeSet<HiddenSocket>,
    ) -> (Vec<Socket>, Vec<NotOffered>) {
        let (mut sockets, mut not_offered) = (Vec::new(), Vec::new());
        for (object, one) in self.adapted {
            sockets.extend(
                one.sockets
                    .into_iter()
                    .filter(|socket| !hidden.contains(&HiddenSocket::of(object, socket))),
            );
            not_offered.extend(one.not_offered);
        }
        (sockets, not_offered)
    }
}
