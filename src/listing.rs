//! Lists the Plugs, Sockets and Interfaces of an input: which Plug is coupled to which Socket, what
//! is bound, and why a Plug is not coupled. Names only, never a value.

mod interfaces;
mod plugs;

use crate::diagnostic::{Code, Diagnostic, Label, LabelKind, Severity, Subject};
use crate::render::Input;
use crate::render::couplings::couplings;

/// An object by namespace, where it is known, and name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ListedName {
    /// `metadata.namespace`, or the run's.
    pub namespace: Option<String>,
    /// The name: of a Socket its `spec.name`.
    pub name: String,
}

/// Where an object was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReadFrom {
    /// In the manifests.
    Stream,
    /// In the catalogue.
    Catalogue,
    /// Nowhere: it is built in.
    Library,
}

/// Whether a Plug is coupled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlugState {
    /// It is coupled.
    Coupled,
    /// It is not, and is optional.
    Absent,
    /// It is not, since it is suspended.
    Suspended,
    /// There is an error, whether or not a Socket was found.
    Failed(Option<ListedReason>),
}

/// Why a Plug or Socket has an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedReason {
    /// The code of the first error.
    pub code: Code,
    /// The fact.
    pub message: String,
    /// Of a Plug without a Socket, the Socket that is nearest, and why it does not fit.
    pub near_miss: Option<String>,
}

/// A Plug.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedPlug {
    /// The object.
    pub name: ListedName,
    /// Its Interface.
    pub interface: String,
    /// The version that counts, where it is coupled.
    pub version: Option<String>,
    /// The Socket, where it is coupled.
    pub socket: Option<ListedName>,
    /// The Service that it names in place of a Socket, where it is coupled.
    pub service: Option<ListedName>,
    /// The workloads that it names: `Deployment/web`, `Deployment[app=web]`.
    pub workloads: Vec<String>,
    /// The variables that are bound.
    pub variables: Vec<String>,
    /// The files that are bound, with the names of their directories.
    pub files: Vec<String>,
    /// The fields that are bound, each behind its object: `HelmRelease/app spec.values.host`.
    pub fields: Vec<String>,
    /// The resources that exist while it is coupled, its own and the Socket's: `Job migrate`, by the
    /// name that each has among those of its owner.
    pub resources: Vec<String>,
    /// The keys that its Socket gives out of Secrets, where none of them is bound.
    pub secrets_not_bound: Vec<String>,
    /// Whether it is coupled.
    pub state: PlugState,
}

/// A Socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedSocket {
    /// The object.
    pub name: ListedName,
    /// Its Interface.
    pub interface: String,
    /// The versions that it satisfies.
    pub versions: Vec<String>,
    /// Where it was read.
    pub from: ReadFrom,
    /// The object of another kind that an Adapter made it of: `Cluster/pg`.
    pub adapted: Option<String>,
    /// The Plugs that are coupled to it.
    pub plugs: Vec<ListedName>,
    /// The workloads that it names: `Deployment/registry`.
    pub workloads: Vec<String>,
    /// The variables that it writes, once for all its Plugs.
    pub variables: Vec<String>,
    /// The fields that it writes, each behind its object.
    pub fields: Vec<String>,
    /// The first error, if it has one.
    pub failed: Option<ListedReason>,
}

/// An Interface: of the input, or built in and used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedInterface {
    /// Its own name.
    pub name: String,
    /// Its versions.
    pub versions: Vec<String>,
    /// Where it was read.
    pub from: ReadFrom,
    /// How many Plugs ask for it.
    pub plugs: usize,
    /// How many Sockets offer it.
    pub sockets: usize,
}

/// Everything of ours that an input holds.
#[derive(Debug, Default)]
pub struct Listing {
    /// By namespace and name.
    pub plugs: Vec<ListedPlug>,
    /// By namespace and name.
    pub sockets: Vec<ListedSocket>,
    /// By name.
    pub interfaces: Vec<ListedInterface>,
    /// All that a check reports.
    pub diagnostics: Vec<Diagnostic>,
}

/// Lists all that can be read.
pub fn listing(input: &Input) -> Listing {
    let coupled = couplings(input);
    Listing {
        plugs: plugs::plugs(&coupled),
        sockets: plugs::sockets(&coupled),
        interfaces: interfaces::interfaces(&coupled.integrations),
        diagnostics: coupled.diagnostics,
    }
}

/// The first error about an object.
fn reason(kind: &str, name: &ListedName, all: &[Diagnostic]) -> Option<ListedReason> {
    let is_about = |subject: &Subject| {
        subject.kind == kind && subject.namespace == name.namespace && subject.name == name.name
    };
    let mut errors = all
        .iter()
        .filter(|diagnostic| diagnostic.severity == Severity::Error);
    let first = errors.find(|error| error.of_kind(kind).any(is_about))?;
    let is_near = |label: &&Label| label.kind == LabelKind::Candidate;
    let near_miss = first.labels.iter().find(is_near);
    let near_miss = near_miss.map(|label| label.text.clone());
    Some(ListedReason {
        code: first.code,
        message: first.message.clone(),
        near_miss,
    })
}

#[cfg(test)]
mod tests;
