//! Lowers fields to entries: content under the last step of a path, in the collection that the
//! other steps lead to.

use super::entry::{Conflict, Entry, RecordedBy};
use super::slot::Slot;
use super::workload_kind::WorkloadKind;
use crate::couple::{FieldContent, FieldEntry};
use crate::edit::Value;
use crate::manifest::path::Step;

/// Fields as entries of an object; `kind`: of the workload that it is.
pub fn lower_fields<'a>(
    fields: impl Iterator<Item = &'a FieldEntry>,
    kind: Option<&WorkloadKind>,
) -> Vec<Entry<'a>> {
    fields.filter_map(|field| lower(field, kind)).collect()
}

fn lower<'a>(field: &'a FieldEntry, kind: Option<&WorkloadKind>) -> Option<Entry<'a>> {
    let (Step::Key(key), above) = field.path.split_last()? else {
        return None;
    };
    let slot = slot(above, kind);
    let (content, identity) = match &field.content {
        FieldContent::Literal(json) => (literal(&slot, json), RecordedBy::Content),
        FieldContent::ObjectName(reference) => (
            Value::Text(reference.name.as_str().into()),
            RecordedBy::ObjectName,
        ),
        FieldContent::ObjectKey(reference) => (
            Value::Text(reference.key.as_str().into()),
            RecordedBy::Content,
        ),
    };
    Some(Entry {
        slot,
        key: key.into(),
        content,
        identity,
        conflict: if field.replace {
            Conflict::Replace
        } else {
            Conflict::Refuse
        },
        is_secret: false,
        uses: Vec::new(),
        needs: Vec::new(),
        at: field.at,
    })
}

/// The collection at a path: under the one name that it has.
fn slot(path: &[Step], kind: Option<&WorkloadKind>) -> Slot {
    let is = |keys: &[&str]| {
        let has = |(step, key): (&Step, &&str)| matches!(step, Step::Key(own) if own == key);
        path.len() == keys.len() && path.iter().zip(keys).all(has)
    };
    let of_pods = kind.map(|kind| kind.mapping.annotations);
    if is(&["metadata", "annotations"]) {
        Slot::Annotations
    } else if is(&["metadata", "labels"]) {
        Slot::Labels
    } else if of_pods.is_some_and(is) {
        Slot::PodAnnotations
    } else {
        Slot::Members(path.to_vec())
    }
}

/// A value as the collection takes it: labels and annotations are texts.
fn literal(slot: &Slot, json: &serde_json::Value) -> Value<'static> {
    let is_text = matches!(
        slot,
        Slot::Annotations | Slot::Labels | Slot::PodAnnotations
    );
    match json {
        serde_json::Value::Number(_) | serde_json::Value::Bool(_) if is_text => {
            Value::Text(json.to_string().into())
        }
        _ => Value::from(json),
    }
}
