//! Gives computed expressions the list `plugs`: every Plug of a Socket, with its literals only.
//!
//! What must not be seen is noted in a [`PlugAccess`], as [`super::template_engine`] notes it for
//! one Plug.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use minijinja::value::{Enumerator, Object, ObjectRepr, Value};
use minijinja::{Error, ErrorKind};

/// A Plug of a Socket, as the Socket's `bind` sees it.
#[derive(Clone, Debug)]
pub(super) struct SocketPlug {
    /// As a message names it: `shop/web`.
    pub called: String,
    /// `name`
    pub name: String,
    /// `namespace`, where it is known.
    pub namespace: Option<String>,
    /// `config`
    pub config: BTreeMap<String, SocketPlugKey>,
}

/// A key that a Plug of a Socket gives.
#[derive(Clone, Debug)]
pub(super) enum SocketPlugKey {
    /// Its value.
    Literal(Value),
    /// It is known only in the cluster, or a secret.
    Opaque,
}

/// What a template touched of a Plug and could not see; the Plug by its position in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PlugAccess {
    /// Its namespace, which is not known.
    Namespace(usize),
    /// A key that must not be seen.
    Opaque(usize, String),
}

/// The list in one evaluation of a template.
#[derive(Debug)]
pub(super) struct PlugsView {
    plugs: Arc<[SocketPlug]>,
    /// The first thing that was touched and cannot be seen.
    touch: Mutex<Option<PlugAccess>>,
    /// The last key that was looked for and is not given.
    missing: Mutex<Option<(usize, String)>>,
}

impl PlugsView {
    /// A list of which nothing was touched yet.
    pub(super) fn new(plugs: Arc<[SocketPlug]>) -> Arc<Self> {
        Arc::new(Self {
            plugs,
            touch: Mutex::default(),
            missing: Mutex::default(),
        })
    }

    /// The list, for a template.
    pub(super) fn list(self: &Arc<Self>) -> Value {
        Value::from_object(PlugList(Arc::clone(self)))
    }

    /// What was touched and cannot be seen.
    pub(super) fn touched(&self) -> Option<PlugAccess> {
        self.touch.lock().ok()?.take()
    }

    /// The last key that was looked for and is not given, and the Plug's position.
    pub(super) fn missing(&self) -> Option<(usize, String)> {
        self.missing.lock().ok()?.take()
    }

    fn touch(&self, access: PlugAccess) -> Value {
        if let Ok(mut touch) = self.touch.lock() {
            touch.get_or_insert(access);
        }
        Value::from(Error::new(ErrorKind::InvalidOperation, "not visible here"))
    }
}

#[derive(Debug)]
struct PlugList(Arc<PlugsView>);

impl Object for PlugList {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let position = key.as_usize()?;
        self.0.plugs.get(position)?;
        Some(Value::from_object(PlugItem {
            view: Arc::clone(&self.0),
            position,
        }))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(self.0.plugs.len())
    }
}

#[derive(Debug)]
struct PlugItem {
    view: Arc<PlugsView>,
    position: usize,
}

impl Object for PlugItem {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let plug = self.view.plugs.get(self.position)?;
        match key.as_str()? {
            "name" => Some(Value::from(plug.name.as_str())),
            "namespace" => Some(match &plug.namespace {
                Some(namespace) => Value::from(namespace.as_str()),
                None => self.view.touch(PlugAccess::Namespace(self.position)),
            }),
            "config" => Some(Value::from_object(PlugItemConfig {
                view: Arc::clone(&self.view),
                position: self.position,
            })),
            _ => None,
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Str(&["config", "name", "namespace"])
    }
}

#[derive(Debug)]
struct PlugItemConfig {
    view: Arc<PlugsView>,
    position: usize,
}

impl Object for PlugItemConfig {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let key = key.as_str()?;
        match self.view.plugs.get(self.position)?.config.get(key) {
            Some(SocketPlugKey::Literal(value)) => Some(value.clone()),
            Some(SocketPlugKey::Opaque) => {
                let access = PlugAccess::Opaque(self.position, key.to_owned());
                Some(self.view.touch(access))
            }
            None => {
                if let Ok(mut missing) = self.view.missing.lock() {
                    *missing = Some((self.position, key.to_owned()));
                }
                None
            }
        }
    }

    /// Literals only.
    fn enumerate(self: &Arc<Self>) -> Enumerator {
        let Some(plug) = self.view.plugs.get(self.position) else {
            return Enumerator::Empty;
        };
        let literals = plug
            .config
            .iter()
            .filter(|(_, key)| matches!(key, SocketPlugKey::Literal(_)));
        Enumerator::Values(literals.map(|(key, _)| Value::from(key.as_str())).collect())
    }
}
