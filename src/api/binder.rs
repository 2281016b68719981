//! Defines the common parts of Plugs, Sockets and ServiceBindings, as objects that write into
//! others.

use super::{
    API_VERSION, EnvBinding, FieldBinding, Meta, Plug, SERVICE_BINDING, ServiceBinding, Socket,
    WorkloadRef,
};
use crate::diagnostic::Subject;

/// Which of them an object is that writes into others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BinderKind {
    /// A Plug.
    Plug,
    /// A Socket.
    Socket,
    /// A ServiceBinding of servicebinding.io.
    ServiceBinding,
}

impl BinderKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Plug, Self::Socket, Self::ServiceBinding];

    /// Its `kind`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Plug => "Plug",
            Self::Socket => "Socket",
            Self::ServiceBinding => SERVICE_BINDING,
        }
    }

    /// `the Plug`, for a label.
    pub const fn the(self) -> &'static str {
        match self {
            Self::Plug => "the Plug",
            Self::Socket => "the Socket",
            Self::ServiceBinding => "the ServiceBinding",
        }
    }
}

/// Whether an object writes into the containers of its workloads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContainerBindings {
    /// It writes variables or files into them, so it must be known which containers are meant.
    Some,
    /// It writes fields alone.
    None,
}

impl ContainerBindings {
    fn of(is_some: bool) -> Self {
        match is_some {
            true => Self::Some,
            false => Self::None,
        }
    }
}

/// An object that writes into others.
#[derive(Clone, Copy, Debug)]
pub struct Binder<'i> {
    /// Which kind it is of.
    pub kind: BinderKind,
    /// `apiVersion`
    pub api_version: &'i str,
    /// The object.
    pub meta: &'i Meta,
    /// `spec.name`, or its default: the prefix of variables that a text needs.
    pub prefix: &'i str,
    /// `spec.workloads`, as written; of a ServiceBinding its `spec.workload`.
    pub workloads: &'i [WorkloadRef],
    /// `spec.bind.env`; none where nothing is listed.
    pub env: &'i [EnvBinding],
    /// `spec.bind.fields`, as written.
    pub fields: &'i [FieldBinding],
    /// Whether it writes into containers.
    pub containers: ContainerBindings,
}

impl Binder<'_> {
    /// As a message names it.
    pub fn called(&self) -> String {
        format!("{} `{}`", self.kind.word(), self.meta.name.value)
    }

    /// As a diagnostic's subject.
    pub fn subject(&self) -> Subject {
        Subject {
            api_version: self.api_version.to_owned(),
            ..self.meta.subject(self.kind.word())
        }
    }
}

impl Meta {
    /// An object of our group as a diagnostic's subject.
    pub fn subject(&self, kind: &str) -> Subject {
        Subject {
            api_version: API_VERSION.to_owned(),
            kind: kind.to_owned(),
            namespace: self.namespace.clone(),
            name: self.name.value.clone(),
        }
    }
}

impl Plug {
    /// The Plug as an object that writes into others.
    pub fn binder(&self) -> Binder<'_> {
        // without a list, the default variables are bound
        let has_env = self.env.as_ref().is_none_or(|env| !env.is_empty());
        Binder {
            kind: BinderKind::Plug,
            api_version: API_VERSION,
            meta: &self.meta,
            prefix: self.prefix(),
            workloads: &self.workloads,
            env: self.env.as_deref().unwrap_or_default(),
            fields: &self.fields,
            containers: ContainerBindings::of(has_env || self.files.is_some()),
        }
    }
}

impl Socket {
    /// Whether it writes into objects: where it is rendered, and not where it is of the catalogue.
    pub fn writes(&self) -> bool {
        self.bind.is_some() && !self.meta.catalogue
    }

    /// The Socket as an object that writes into others.
    pub fn binder(&self) -> Binder<'_> {
        let bind = self.bind.as_ref();
        Binder {
            kind: BinderKind::Socket,
            api_version: API_VERSION,
            meta: &self.meta,
            prefix: &self.name.value,
            workloads: &self.workloads,
            env: bind.map(|bind| &*bind.env).unwrap_or_default(),
            fields: bind.map(|bind| &*bind.fields).unwrap_or_default(),
            containers: ContainerBindings::of(bind.is_some_and(|bind| !bind.env.is_empty())),
        }
    }
}

impl ServiceBinding {
    /// The ServiceBinding as an object that writes into others.
    pub fn binder(&self) -> Binder<'_> {
        Binder {
            kind: BinderKind::ServiceBinding,
            api_version: &self.api_version,
            meta: &self.meta,
            prefix: &self.name.value,
            workloads: &self.workloads,
            env: &[],
            fields: &[],
            containers: ContainerBindings::Some,
        }
    }

    /// As a diagnostic's subject.
    pub fn subject(&self) -> Subject {
        self.binder().subject()
    }
}
