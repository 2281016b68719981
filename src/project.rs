//! Projects couplings onto workloads: what is there is judged, removed and inserted on the original
//! bytes, and proved before anyone sees it.

mod author;
mod binding_root;
mod change;
mod collision;
mod containers;
mod content;
mod desired;
mod digest;
mod edited;
mod entry;
mod env;
mod env_content;
mod env_from;
mod env_order;
mod field;
mod field_place;
mod files;
mod insertion;
mod judge;
mod labels;
mod locator;
mod lower;
mod mounts;
mod nesting;
mod ownership;
mod paths;
mod plan;
mod planned;
pub mod pod_template;
mod proof;
mod record;
mod record_annotations;
mod record_text;
mod removal;
mod run;
mod service_binding;
mod slot;
mod status;
mod target;
mod unowned;
mod up_to_date;
mod workload;
mod workload_kind;

#[cfg(test)]
mod tests;

pub use binding_root::binding_roots;
pub use containers::{Chosen, ContainerNames, choose};
pub use desired::{Desired, DesiredCoupling};
pub use digest::digests;
pub use entry::{Conflict, Entry, RecordedBy};
pub use env_content::references;
pub use env_from::{BroughtNames, EnvFrom, EnvFromObject, EnvFromVars, env_from};
pub use field::lower_fields;
pub use labels::own_labels;
pub use lower::{FileDigest, file_digests, lower};
pub use pod_template::{Container, containers};
pub use record::{
    COUPLED, Entries, Invalid, Original, PLUG_PREFIX, PlugRecord, Record, Sources, Supplied,
    plug_key,
};
pub use record_annotations::record;
pub use run::{as_written, project};
pub use service_binding::{BINDING_ROOT, is_file_annotation};
pub use slot::{Slot, UnknownSlot};
pub use status::{EntryState, EntryStatus, statuses};
pub use target::ContainerTarget;
pub use workload::{CollectionEntries, entries_of};
pub use workload_kind::{ContainerPath, KeyPath, Mapping, Update, WORKLOAD_KINDS, WorkloadKind};

use crate::diagnostic::Findings;
use crate::manifest::{Place, Tree};

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
    pub diagnostics: Findings,
}
