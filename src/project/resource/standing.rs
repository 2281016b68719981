//! Compares a resource that is already in the stream with the wanted one: up to date, edited by
//! somebody, or to be written again with the fields that others added.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::{LoweredResource, json_of};
use crate::couple::ResourceOwner;
use crate::diagnostic::{Code, Diagnostic, Setting, Subject, words};
use crate::edit::{Member, Value};
use crate::manifest::path::{self, Step};
use crate::manifest::{NodeId, Place, Span, Tree};
use crate::project::place::place;
use crate::project::record::COUPLED;
use crate::project::resource_leaves::{find, has_names, is_recorded, name_of, take_out};
use crate::project::resource_record::{RESOURCE, ResourceRecord};

/// A resource of the stream, and what its record says.
#[derive(Clone, Copy, Debug)]
pub struct StandingResource<'t> {
    /// The tree that it is in.
    pub tree: &'t Tree<'t>,
    /// The object.
    pub root: NodeId,
    /// Its record.
    pub record: &'t ResourceRecord,
    /// Where byte 0 of the tree's text is.
    pub start: Place,
}

/// What becomes of a resource of the stream.
#[derive(Debug, PartialEq)]
pub enum StandingChange {
    /// Nothing: it is as it is wanted.
    Same,
    /// It is written again.
    Written(Value<'static>),
}

impl StandingResource<'_> {
    /// The errors of its leaves that somebody edited; `wanted`: what is wanted now, which counts as
    /// no edit.
    pub fn edits(&self, wanted: Option<&LoweredResource>, subject: &Subject) -> Vec<Diagnostic> {
        let json = match self.json() {
            Ok(json) => json,
            Err(span) => return vec![self.not_plain(span).on(subject.clone())],
        };
        let wanted = wanted.map(|wanted| json_of(&wanted.manifest));
        let mut errors = Vec::new();
        for (text, recorded) in &self.record.leaves {
            // no record of coupler's own has another path
            let Ok(path) = path::parse(text) else {
                continue;
            };
            let found = find(&json, &path);
            let is_same = found.is_some_and(|value| is_recorded(&path, value, recorded));
            let is_wanted = || {
                wanted
                    .as_ref()
                    .is_some_and(|wanted| find(wanted, &path) == found)
            };
            if !is_same && !is_wanted() {
                errors.push(self.edited(text, &path, found, subject));
            }
        }
        errors
    }

    /// The errors of values that somebody else set, and that would be overwritten: a leaf that is
    /// wanted now, and was not before.
    pub fn collisions(&self, wanted: &LoweredResource, subject: &Subject) -> Vec<Diagnostic> {
        // what is not plain was reported as an edit
        let others = self.of_others(self.json().unwrap_or_default());
        let manifest = json_of(&wanted.manifest);
        let new = wanted.leaves.iter();
        let new = new.filter(|(text, _)| !self.record.leaves.contains_key(*text));
        let mut errors = Vec::new();
        for (text, digest) in new {
            let Ok(path) = path::parse(text) else {
                continue;
            };
            let found = find(&others, &path).filter(|found| !found.is_null());
            let is_kept = |found: &Json| {
                // members of others stay beside an empty mapping
                let wanted = find(&manifest, &path);
                let both_map = found.is_object() && wanted.is_some_and(Json::is_object);
                both_map || is_recorded(&path, found, digest)
            };
            if found.is_some_and(|found| !is_kept(found)) {
                errors.push(self.taken(text, &path, subject));
            }
        }
        errors
    }

    /// What is left of it without what coupler wrote.
    fn of_others(&self, mut json: Json) -> Json {
        for text in self.record.leaves.keys() {
            if let Ok(path) = path::parse(text) {
                take_out(&mut json, &path);
            }
        }
        for (part, mark) in [("labels", COUPLED), ("annotations", RESOURCE)] {
            take_out(&mut json, &[key("metadata"), key(part), key(mark)]);
        }
        json
    }

    /// What becomes of it where this is wanted.
    pub fn change(&self, wanted: &LoweredResource, record: &ResourceRecord) -> StandingChange {
        let mut json = self.json().unwrap_or_default();
        let manifest = json_of(&wanted.manifest);
        let is_labelled = find(&json, &[key("metadata"), key("labels"), key(COUPLED)])
            .is_some_and(|label| label == "true");
        if record == self.record && is_labelled && has(&json, &manifest) {
            return StandingChange::Same;
        }
        json = self.of_others(json);
        let text = |name| {
            let found = json.get("metadata").and_then(|metadata| metadata.get(name));
            found.and_then(Json::as_str).map(str::to_owned)
        };
        let (name, namespace) = (text("name").unwrap_or_default(), text("namespace"));
        let marked = marked(&wanted.manifest, &name, namespace.as_deref(), record);
        StandingChange::Written(merged(marked, &json))
    }

    fn taken(&self, text: &str, path: &[Step], subject: &Subject) -> Diagnostic {
        let (kind, name) = (&subject.kind, &subject.name);
        let message = format!(
            "the field `{text}` of {kind} `{name}` has another value, which coupler did not write"
        );
        let deepest = path::find(self.tree, self.root, path);
        let node = deepest.unwrap_or_else(|missed| missed.deepest);
        Diagnostic::error(Code::FieldCollision, message)
            .with_topic([text.to_owned()])
            .at(self.place(node), "this value would be overwritten")
            .help("remove the field from the object, or from the resource")
            .on(subject.clone())
    }

    fn json(&self) -> Result<Json, Span> {
        self.tree.json(self.root)
    }

    fn place(&self, node: NodeId) -> Place {
        place(self.start, self.tree.span(node))
    }

    fn not_plain(&self, span: Span) -> Diagnostic {
        let message = format!(
            "resource `{}` cannot be read: it contains an alias, a merge key or a tag",
            self.record.resource
        );
        Diagnostic::error(Code::CannotEdit, message)
            .at(place(self.start, span), "here")
            .help("write the value itself; or delete the object, and render again")
    }

    fn edited(
        &self,
        text: &str,
        path: &[Step],
        found: Option<&Json>,
        subject: &Subject,
    ) -> Diagnostic {
        let what = match found {
            Some(_) => "was edited by hand",
            None => "was removed by hand",
        };
        let message = format!(
            "the field `{text}` of {} `{}`, which coupler wrote, {what}",
            subject.kind, subject.name
        );
        let deepest = path::find(self.tree, self.root, path);
        let node = deepest.unwrap_or_else(|missed| missed.deepest);
        let owner = match self.record.owner {
            ResourceOwner::Plug => &self.record.plug,
            ResourceOwner::Socket => &self.record.socket,
        };
        let help = words![
            format!(
                "revert the edit, or change resource `{}` of {} `{owner}`, or overwrite the edit: ",
                self.record.resource,
                self.record.owner.kind()
            ),
            Setting::DiscardEdits
        ];
        Diagnostic::error(Code::BakedEntryEdited, message)
            .with_topic([text.to_owned()])
            .at(self.place(node), "edited here")
            .help(help)
            .on(subject.clone())
    }
}

fn key(key: &str) -> Step {
    Step::Key(key.to_owned())
}

/// Whether a value has all of another one: members and items with names, and every other value as it
/// is. The name and the namespace of the object itself do not count.
fn has(value: &Json, wanted: &Json) -> bool {
    let Json::Object(members) = wanted else {
        return has_all(value, wanted);
    };
    members.iter().all(|(key, wanted)| {
        let Some(found) = value.get(key) else {
            return false;
        };
        match (key.as_str(), wanted) {
            ("metadata", Json::Object(members)) => members
                .iter()
                .filter(|(key, _)| *key != "name")
                .all(|(key, wanted)| found.get(key).is_some_and(|found| has_all(found, wanted))),
            _ => has_all(found, wanted),
        }
    })
}

fn has_all(value: &Json, wanted: &Json) -> bool {
    match (value, wanted) {
        (Json::Object(found), Json::Object(members)) if !members.is_empty() => members
            .iter()
            .all(|(key, wanted)| found.get(key).is_some_and(|found| has_all(found, wanted))),
        (Json::Array(found), Json::Array(items)) if has_names(items) => {
            items.iter().all(|wanted| {
                let same = |item: &&Json| name_of(item) == name_of(wanted);
                found
                    .iter()
                    .find(same)
                    .is_some_and(|found| has_all(found, wanted))
            })
        }
        (found, wanted) => found == wanted,
    }
}

/// A manifest with this name, in this namespace, with the label and the record.
pub(super) fn marked(
    manifest: &Value<'static>,
    name: &str,
    namespace: Option<&str>,
    record: &ResourceRecord,
) -> Value<'static> {
    let Value::Map(members) = manifest else {
        return manifest.clone();
    };
    let members = members.iter().map(|(key, value)| match (&**key, value) {
        ("metadata", Value::Map(metadata)) => {
            let metadata = marked_metadata(metadata, name, namespace, record);
            (key.clone(), Value::Map(metadata))
        }
        _ => (key.clone(), value.clone()),
    });
    Value::Map(members.collect())
}

fn marked_metadata(
    metadata: &[Member<'static>],
    name: &str,
    namespace: Option<&str>,
    record: &ResourceRecord,
) -> Vec<Member<'static>> {
    let label = (COUPLED.into(), Value::Text("true".into()));
    let annotation = (RESOURCE.into(), Value::Json(record.write()));
    let mut marks = BTreeMap::from([("labels", label), ("annotations", annotation)]);
    let mut marked: Vec<Member<'static>> = Vec::new();
    for (key, value) in metadata {
        match (&**key, value) {
            ("name", _) => {
                marked.push(("name".into(), Value::Text(name.to_owned().into())));
                let namespace = namespace.map(|namespace| namespace.to_owned().into());
                marked.extend(namespace.map(|text| ("namespace".into(), Value::Text(text))));
            }
            (part @ ("labels" | "annotations"), Value::Map(members)) => {
                let mark = marks.remove(part);
                let members = members.iter().cloned().chain(mark);
                marked.push((key.clone(), Value::Map(members.collect())));
            }
            _ => marked.push((key.clone(), value.clone())),
        }
    }
    for part in ["labels", "annotations"] {
        let mark = marks.remove(part);
        marked.extend(mark.map(|mark| (part.into(), Value::Map(vec![mark]))));
    }
    marked
}

/// Whether a list is compared by the names of its items, and not as one value.
fn is_by_name(items: &[Value<'static>]) -> bool {
    let items: Vec<Json> = items.iter().map(json_of).collect();
    has_names(&items)
}

/// A value with what another one has beside it: members, and items with names.
fn merged(value: Value<'static>, more: &Json) -> Value<'static> {
    match (value, more) {
        (Value::Map(members), Json::Object(more)) => {
            let mut merged_members: Vec<Member<'static>> = Vec::new();
            for (key, value) in members {
                let value = match more.get(&*key) {
                    Some(more) => merged(value, more),
                    None => value,
                };
                merged_members.push((key, value));
            }
            let is_new = |key: &str| !merged_members.iter().any(|(known, _)| known == key);
            let new: Vec<_> = more.iter().filter(|(key, _)| is_new(key)).collect();
            let new = new
                .into_iter()
                .map(|(key, more)| (key.clone().into(), more.into()));
            merged_members.extend(new);
            Value::Map(merged_members)
        }
        (Value::List(items), Json::Array(more)) if is_by_name(&items) => {
            let mut left: Vec<&Json> = more.iter().collect();
            let mut merged_items = Vec::with_capacity(items.len());
            for item in items {
                let name = json_of(&item);
                let same = |more: &&Json| name_of(more) == name_of(&name);
                let item = match left.iter().position(same) {
                    Some(position) => merged(item, left.remove(position)),
                    None => item,
                };
                merged_items.push(item);
            }
            merged_items.extend(left.into_iter().map(Value::from));
            Value::List(merged_items)
        }
        (value, _) => value,
    }
}
