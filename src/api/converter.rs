//! Defines a converter: an Adapter by which a Socket of one Interface is a Socket of another, as its
//! author wrote it.

use semver::Version;

use super::{ConfigEntry, Meta, Minimum, Socket, SocketTemplate, Spanned};
use crate::manifest::Place;

/// How a Socket of one Interface is a Socket of others.
#[derive(Clone, Debug, PartialEq)]
pub struct Converter {
    /// The object, an Adapter; its namespace means nothing.
    pub meta: Meta,
    /// `spec.description`
    pub description: Option<String>,
    /// `spec.source.interface`: the Sockets that it converts.
    pub source: ConverterSource,
    /// `spec.plug`, in key order: what the source gets as the config of its Plug; texts are
    /// templates.
    pub plug: Vec<ConfigEntry>,
    /// `spec.sockets`, as written: at most one for each Interface.
    pub sockets: Vec<ConvertedTemplate>,
    /// `spec.examples`, as written.
    pub examples: Vec<ConverterExample>,
}

impl Converter {
    /// What it makes of a Socket for an Interface.
    pub fn entry(&self, interface: &str) -> Option<&ConvertedTemplate> {
        let mut entries = self.sockets.iter();
        entries.find(|entry| entry.interface.value == interface)
    }
}

/// The Interface of the Sockets that a converter is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConverterSource {
    /// `name`
    pub name: Spanned<String>,
    /// `version`: the lowest that is enough, within one major; without it, any.
    pub version: Option<Spanned<Minimum>>,
}

impl ConverterSource {
    /// Whether a Socket is one that is converted: it offers the Interface, in a version of these.
    pub fn is_of(&self, socket: &Socket) -> bool {
        let mut versions = socket.versions.iter();
        self.name.value == socket.interface.value
            && versions.any(|version| self.admits(&version.value))
    }

    /// Whether a version is one that is converted.
    pub fn admits(&self, version: &Version) -> bool {
        let least = self.version.as_ref();
        least.is_none_or(|least| least.value.admits(version))
    }

    /// The major that is converted; `None`: any.
    pub fn major(&self) -> Option<u64> {
        let least = self.version.as_ref();
        least.map(|least| least.value.least.major)
    }
}

/// An entry of `sockets` of a [`Converter`].
#[derive(Clone, Debug, PartialEq)]
pub struct ConvertedTemplate {
    /// `interface.name`
    pub interface: Spanned<String>,
    /// `interface.versions`
    pub versions: Vec<Spanned<Version>>,
    /// `provider`; without it, the source's.
    pub provider: Option<Spanned<String>>,
    /// `config`, in key order; texts are templates, which see `source`.
    pub config: Vec<ConfigEntry>,
    /// Which item of `spec.sockets` it is.
    pub position: usize,
}

/// One executable example of a [`Converter`].
#[derive(Clone, Debug, PartialEq)]
pub struct ConverterExample {
    /// The config of a Plug.
    pub plug: Vec<ConfigEntry>,
    /// The Socket that is converted.
    pub source: SocketTemplate,
    /// All Sockets that it is then.
    pub sockets: Vec<SocketTemplate>,
    /// Where it is.
    pub at: Place,
}
