//! Couplings into workloads: undo what stands, bake what is wanted, on the original bytes, proved before anyone sees it.

mod bake;
mod choose;
mod claim;
mod cut;
mod digest;
mod env_from;
mod graft;
pub mod lens;
mod lines;
mod mark;
mod meant;
mod noop;
mod order;
mod plan;
mod record;
mod run;
mod standing;
mod undo;
mod verify;
mod workload;

#[cfg(test)]
mod tests;

pub use choose::{Chosen, ContainerNames, choose};
pub use digest::of_source as digest;
pub use env_from::{Brought, EnvFrom, env_from};
pub use lens::{Container, KINDS, containers, pod_path, pod_spec};
pub use mark::annotate;
pub use record::{COUPLED, Invalid, PLUG_PREFIX, PlugRecord, Record, plug_key, record};
pub use run::project;
pub use standing::{Fate, Standing, standing};

use crate::couple::EnvEntry;
use crate::diagnostic::Diagnostic;
use crate::manifest::{NodeId, Place, Tree};

/// What one workload object of a document is to look like.
#[derive(Debug, Default)]
pub struct Wanted<'a> {
    /// The workload's root in the document's tree.
    pub node: Option<NodeId>,
    /// Its couplings, by Plug namespace and name. Empty: decoupled.
    pub couplings: Vec<WantedCoupling<'a>>,
    /// What the containers' `envFrom` brings, as far as the input knows it.
    pub brought: Vec<Brought>,
    /// Whether the Plugs leave the output with this run (`"sources":"omitted"`).
    pub omitted: bool,
}

/// One coupling of one workload.
#[derive(Debug)]
pub struct WantedCoupling<'a> {
    /// The Plug's `metadata.name`: the record's annotation is named after it.
    pub plug: &'a str,
    /// `namespace/name` of the Socket (its `spec.name`); only the name where the namespace is unknown.
    pub socket: String,
    /// `name@version`.
    pub interface: String,
    /// The containers that get it, by name.
    pub containers: Vec<String>,
    /// Its variables, in order.
    pub env: &'a [EnvEntry],
    /// The Plug.
    pub at: Place,
}

/// A document and its place in the run.
#[derive(Clone, Copy, Debug)]
pub struct DocumentRef<'a> {
    /// Its tree.
    pub tree: &'a Tree<'a>,
    /// Its source and its offset in it: `place(span)` of a diagnostic.
    pub start: Place,
}

/// What projecting one document gives.
#[derive(Debug, Default)]
pub struct Projected {
    /// The new bytes, or `None`: nothing changes.
    pub text: Option<String>,
    /// Errors, warnings, infos.
    pub diagnostics: Vec<Diagnostic>,
}
