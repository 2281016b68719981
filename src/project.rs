//! Projects couplings onto workloads: checks the existing entries, removes and inserts on the
//! original bytes, and proves the result.

mod asked_replacement;
mod author;
mod binding_names;
mod binding_root;
mod change;
mod collision;
mod config_digest;
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
mod find_mismatch;
mod hidden_env;
mod insertion;
mod json_path;
mod judge;
mod key_path;
mod knative;
mod labels;
mod left_out;
mod locator;
mod lost;
mod lower;
mod mounts;
mod nesting;
mod owned_text;
mod owner;
mod ownership;
mod paths;
mod place;
mod plan;
mod planned;
mod plural;
mod pod_lists;
mod pod_slots;
pub mod pod_template;
mod proof;
mod record;
mod record_annotations;
mod record_text;
mod removal;
mod resource;
mod resource_leaves;
mod resource_mapping;
mod resource_record;
mod run;
mod service_binding;
mod slot;
mod status;
mod target;
mod unlisted;
mod unowned;
mod up_to_date;
mod workload;
mod workload_kind;
mod workload_kinds;
mod written_fields;

#[cfg(test)]
mod tests;

pub use asked_replacement::{AskedReplacement, FoundVariable};
pub use binding_root::binding_roots;
pub use config_digest::{config_digest, config_digest_entry};
pub use containers::{Chosen, ContainerNames, choose};
pub use desired::{Desired, DesiredCoupling};
pub use digest::digests;
pub use entry::{Conflict, Entry, RecordedBy};
pub use env_content::references;
pub use env_from::{BroughtNames, EnvFrom, EnvFromObject, EnvFromVars, env_from};
pub use field::lower_fields;
pub use key_path::KeyPath;
pub use labels::own_labels;
pub use left_out::{LeftOutContainer, LeftOutReason};
pub use lower::{FileDigest, file_digests, lower};
pub use owner::{EntryOwner, OwnerKey};
pub use plural::plural;
pub use pod_slots::is_of_pods;
pub use pod_template::{Container, containers, containers_at, names_its_revision};
pub use record::{COUPLED, Entries, Invalid, Original, OwnerRecord, Record, Sources, Supplied};
pub use record_annotations::record;
pub use resource::{LoweredResource, StandingChange, StandingResource, lower_resource};
pub use resource_record::{RESOURCE, RecordedHome, ResourceRecord, resource_record};
pub use run::{as_written, project};
pub use service_binding::{BINDING_ROOT, is_file_annotation};
pub use slot::{Slot, UnknownSlot};
pub use status::{EntryState, EntryStatus, statuses};
pub use target::ContainerTarget;
pub use workload::{CollectionEntries, entries_of};
pub use workload_kind::{
    ContainerPath, KnownNames, Mapping, Update, WORKLOAD_KINDS, WatchedWhen, WorkloadKind,
};
pub use workload_kinds::{BUILT_IN, KnownWorkload, WorkloadKinds, is_workload_mapping};
pub use written_fields::{WrittenField, written_fields};

use crate::diagnostic::Findings;
use crate::manifest::{Place, Tree};

/// A document, its place in the run, and the kinds of workload that are known there.
#[derive(Clone, Copy, Debug)]
pub struct DocumentRef<'a> {
    /// Its tree.
    pub tree: &'a Tree<'a>,
    /// Its source and its offset in it: `place(span)` of a diagnostic.
    pub start: Place,
    /// The kinds of workload of the run.
    pub kinds: &'a WorkloadKinds,
}

impl<'a> DocumentRef<'a> {
    /// A document that is in no run: only the kinds that are built in are known.
    pub fn alone(tree: &'a Tree<'a>) -> Self {
        Self {
            tree,
            start: Place::default(),
            kinds: &BUILT_IN,
        }
    }
}

/// What projecting one document gives.
#[derive(Debug, Default)]
pub struct Projected {
    /// The new bytes, or `None`: nothing changes.
    pub text: Option<String>,
    /// Errors, warnings, infos.
    pub diagnostics: Findings,
    /// What is known of the objects beside that.
    pub remarks: Remarks,
}

/// What is known of an object, and is a finding or not once all objects of its Plugs are known.
#[derive(Debug, Default)]
pub struct Remarks {
    /// The variables that are to replace the author's.
    pub asked_replacements: Vec<AskedReplacement>,
    /// The containers that seem to need what others get.
    pub left_out: Vec<LeftOutContainer>,
}
