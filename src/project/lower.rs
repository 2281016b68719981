//! Lowers the bindings of a coupling to entries: each kind of binding has a file of its own.

use super::entry::Entry;
use super::slot::Slot;
use super::target::ContainerTarget;
use super::{digest, env, files};
use crate::couple::{Binding, Delivery, FilesEntry};

/// What these deliveries write into a workload of which these containers are chosen.
pub fn lower<'a>(deliveries: &'a [Delivery], containers: &[ContainerTarget<'_>]) -> Vec<Entry<'a>> {
    let bindings: usize = deliveries
        .iter()
        .map(|delivery| delivery.bindings.len())
        .sum();
    let mut entries = Vec::with_capacity(bindings * containers.len());
    for delivery in deliveries {
        let variables = delivery
            .bindings
            .iter()
            .filter_map(|binding| match binding {
                Binding::Env(variable) => Some(variable),
                Binding::Files(_) => None,
            });
        env::lower(&variables, containers, &mut entries);
        for binding in &delivery.bindings {
            if let Binding::Files(directory) = binding {
                files::lower(directory, containers, &mut entries);
            }
        }
    }
    entries
}

/// The entry of a file, as a record has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileDigest {
    /// Its key in the annotations or the volumes of the pods.
    pub key: String,
    /// The digest of its content.
    pub digest: String,
    /// The objects that it refers to, in its order.
    pub objects: Vec<String>,
}

/// What a directory of files adds to the pods of a workload, whatever its containers are.
pub fn file_digests(directory: &FilesEntry) -> Vec<FileDigest> {
    let mut entries = Vec::new();
    files::lower(directory, &[], &mut entries);
    entries
        .into_iter()
        .map(|entry| FileDigest {
            objects: match entry.slot {
                Slot::Volumes => files::object_names(directory),
                _ => Vec::new(),
            },
            digest: digest::of_content(&entry.content),
            key: entry.key.into_owned(),
        })
        .collect()
}
