//! Lowers fields to entries: content under the last step of a path, in the collection that the
//! other steps lead to. For an item by its key, each member of the value is an entry.

use std::borrow::Cow;

use super::digest;
use super::entry::{Conflict, Entry, RecordedBy};
use super::env::expected;
use super::slot::Slot;
use super::workload_kinds::KnownWorkload;
use crate::api::OverwriteRule;
use crate::couple::{FieldContent, FieldEntry};
use crate::edit::Value;
use crate::manifest::path::Step;

/// Fields as entries of an object; `kind`: of the workload that it is.
pub fn lower_fields<'a>(
    fields: impl Iterator<Item = &'a FieldEntry>,
    kind: Option<KnownWorkload<'_>>,
) -> Vec<Entry<'a>> {
    let mut entries = Vec::new();
    for field in fields {
        lower(field, kind, &mut entries);
    }
    entries
}

fn lower<'a>(field: &'a FieldEntry, kind: Option<KnownWorkload<'_>>, out: &mut Vec<Entry<'a>>) {
    if let Some(find) = &field.find {
        let slot = Slot::Found(field.path.clone());
        let content = content(field, &slot);
        out.push(Entry {
            identity: RecordedBy::Content,
            ..entry(field, slot, find.as_str().into(), content)
        });
        return;
    }
    let Some((last, above)) = field.path.split_last() else {
        return;
    };
    match last {
        Step::Key(key) => {
            let slot = slot(above, kind);
            let content = content(field, &slot);
            out.push(entry(field, slot, key.into(), content));
        }
        // each of its members is a field
        Step::Match { key, .. } => {
            let FieldContent::Literal(serde_json::Value::Object(members)) = &field.content else {
                return;
            };
            let slot = Slot::Members(field.path.clone());
            let others = members.iter().filter(|(name, _)| *name != key);
            let entries =
                others.map(|(name, value)| entry(field, slot.clone(), name.into(), value.into()));
            out.extend(entries);
        }
        Step::Index(index) => {
            let slot = Slot::Items(above.to_vec());
            let content = content(field, &slot);
            out.push(entry(field, slot, index.to_string().into(), content));
        }
        Step::Append => {
            let slot = Slot::Appended(above.to_vec());
            let content = content(field, &slot);
            let key = digest::of_content(&content).into();
            out.push(Entry {
                identity: RecordedBy::Content,
                conflict: Conflict::Append,
                ..entry(field, slot, key, content)
            });
        }
    }
}

fn content<'a>(field: &'a FieldEntry, slot: &Slot) -> Value<'a> {
    match &field.content {
        FieldContent::Literal(json) => literal(slot, json),
        FieldContent::ObjectName(reference) => Value::Text(reference.name.as_str().into()),
        FieldContent::ObjectKey(reference) => Value::Text(reference.key.as_str().into()),
    }
}

fn entry<'a>(
    field: &'a FieldEntry,
    slot: Slot,
    key: Cow<'a, str>,
    content: Value<'a>,
) -> Entry<'a> {
    Entry {
        slot,
        key,
        content,
        identity: match field.content {
            FieldContent::ObjectName(_) => RecordedBy::ObjectName,
            FieldContent::Literal(_) | FieldContent::ObjectKey(_) => RecordedBy::Content,
        },
        conflict: match field.overwrite {
            OverwriteRule::Never => Conflict::Refuse,
            OverwriteRule::Always | OverwriteRule::Expected(_) => Conflict::Replace,
        },
        expected: expected(&field.overwrite),
        is_secret: false,
        uses: Vec::new(),
        needs: Vec::new(),
        at: field.at,
    }
}

/// The collection at a path: under the one name that it has.
fn slot(path: &[Step], kind: Option<KnownWorkload<'_>>) -> Slot {
    let is = |keys: &[&str]| {
        let has = |(step, key): (&Step, &&str)| matches!(step, Step::Key(own) if own == key);
        path.len() == keys.len() && path.iter().zip(keys).all(has)
    };
    let is_of_pods = |kind: KnownWorkload<'_>| {
        let keys: Vec<&str> = kind.mapping.annotations.keys().collect();
        is(&keys)
    };
    if is(&["metadata", "annotations"]) {
        Slot::Annotations
    } else if is(&["metadata", "labels"]) {
        Slot::Labels
    } else if kind.is_some_and(is_of_pods) {
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
