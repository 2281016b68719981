//! Makes the annotation of pods that makes a controller replace them when a ConfigMap that they
//! read changes.

use super::digest;
use super::entry::{Conflict, Entry, RecordedBy};
use super::owner::{EntryOwner, annotation_key};
use super::slot::Slot;
use super::written_fields::WrittenField;
use crate::api::BinderKind;
use crate::edit::Value;
use crate::manifest::Place;

/// What its name begins with, by the kind of what changes the ConfigMap; its name is behind it.
const fn prefix(kind: BinderKind) -> &'static str {
    match kind {
        BinderKind::Plug => "config.integration.rock8s.com/",
        BinderKind::Socket => "config-socket.integration.rock8s.com/",
        BinderKind::ServiceBinding => "config-binding.integration.rock8s.com/",
    }
}

/// Digits of the digest: as many as a name of kustomize has.
const DIGITS: usize = 10;

/// The digest of what a Plug or a Socket writes into ConfigMaps, whatever these are called.
pub fn config_digest(fields: &[WrittenField<'_>]) -> String {
    let mut text = String::new();
    for WrittenField {
        slot, key, digest, ..
    } in fields
    {
        for part in [&slot.to_string(), *key, digest] {
            text.push_str(part);
            text.push('\0');
        }
    }
    digest::hash(&text, DIGITS)
}

/// The annotation of the pods of a workload that a Plug or a Socket names; `at`: what of it asks for that.
pub fn config_digest_entry(owner: EntryOwner<'_>, digest: &str, at: Place) -> Entry<'static> {
    Entry {
        slot: Slot::PodAnnotations,
        key: format!("{}{}", prefix(owner.kind), annotation_key(owner.name)).into(),
        content: Value::Text(digest.to_owned().into()),
        identity: RecordedBy::Content,
        conflict: Conflict::Refuse,
        expected: None,
        is_secret: false,
        uses: Vec::new(),
        needs: Vec::new(),
        at,
    }
}
