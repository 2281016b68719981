//! Finds the other objects that an Adapter reads: by name, by labels, or by a condition that is true
//! for one of them.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::Value as Json;

use super::objects::{
    AdaptableObjects, FoundObject, KindName, ObjectContent, hide_annotations, labels, opts_out,
};
use super::texts::{AdapterTexts, TextFailure, TextScope, is_true};
use crate::api::{Adapter, RelatedBy, RelatedObject};
use crate::limits;
use crate::manifest::Place;
use crate::manifest::stream::Object;

/// What was found for an entry of `related`.
pub(super) enum Related {
    /// One object.
    One(Rc<Json>),
    /// None, and the Adapter can do without.
    Absent,
    /// It cannot be used, and why: nothing is offered.
    Missing(String),
}

/// Looks objects up for Adapters, and keeps what it read.
pub(super) struct RelatedObjects<'o> {
    objects: &'o dyn AdaptableObjects,
    /// By object and the text of the Adapter.
    read: BTreeMap<(Object, usize), Result<Rc<ReadObject>, String>>,
    /// How many more objects conditions and labels may be compared with.
    looks: usize,
    /// How many more bytes may be kept.
    room: usize,
}

impl<'o> RelatedObjects<'o> {
    pub(super) fn new(objects: &'o dyn AdaptableObjects) -> Self {
        Self {
            objects,
            read: BTreeMap::new(),
            looks: limits::RELATED_LOOKS,
            room: limits::ADAPTED_BYTES,
        }
    }

    /// The object of an entry of `related`; `home`: the namespace of the adapted one.
    pub(super) fn find(
        &mut self,
        adapter: &Adapter,
        related: &RelatedObject,
        home: Option<&str>,
        scope: &TextScope,
        texts: &mut AdapterTexts,
    ) -> Result<Related, TextFailure> {
        let kind = KindName {
            group: &related.group.value,
            kind: &related.kind.value,
        };
        let written = related.namespace.as_ref();
        let written = written.map(|text| texts.text(text, scope)).transpose()?;
        let namespace = written.flatten();
        let namespace = namespace.as_deref().or(home);
        let found = match &related.by {
            RelatedBy::Name(text) => {
                let Some(name) = texts.text(text, scope)? else {
                    return Ok(absent(related, "without a name"));
                };
                match self.objects.named(kind, namespace, &name) {
                    Some(found) => vec![found],
                    None => return Ok(absent(related, &format!("`{name}`"))),
                }
            }
            RelatedBy::Where(condition) => {
                let accepts = |value, texts: &mut AdapterTexts| {
                    let scope = scope.with("it", value);
                    Ok(is_true(&texts.value(condition, &scope)?))
                };
                self.fitting(adapter, kind, namespace, condition.at, accepts, texts)?
            }
            RelatedBy::Labels(wanted) => {
                let mut all = Vec::new();
                for (key, text) in wanted {
                    let Some(value) = texts.text(text, scope)? else {
                        return Ok(absent(related, &format!("with a label `{}`", key.value)));
                    };
                    all.push((key.value.clone(), value));
                }
                let at = wanted.first().map_or(related.name.at, |(key, _)| key.at);
                let accepts = |value: Rc<Json>, _: &mut AdapterTexts| {
                    let labels = labels(&value);
                    let has = |(key, value): &(String, String)| labels.get(key) == Some(value);
                    Ok(all.iter().all(has))
                };
                self.fitting(adapter, kind, namespace, at, accepts, texts)?
            }
        };
        match &found[..] {
            [] => Ok(absent(related, "that fits")),
            [one] => Ok(match self.content(one.object, adapter) {
                Ok(read) => Related::One(Rc::clone(&read.value)),
                Err(why) => Related::Missing(why),
            }),
            several => Ok(Related::Missing(format!(
                "{} objects of kind {} fit, and exactly one must",
                several.len(),
                related.kind.value
            ))),
        }
    }

    /// The objects of a kind that are accepted.
    fn fitting(
        &mut self,
        adapter: &Adapter,
        kind: KindName<'_>,
        namespace: Option<&str>,
        at: Place,
        accepts: impl Fn(Rc<Json>, &mut AdapterTexts) -> Result<bool, TextFailure>,
        texts: &mut AdapterTexts,
    ) -> Result<Vec<FoundObject>, TextFailure> {
        let mut fitting = Vec::new();
        for found in &*self.objects.all(kind, namespace) {
            let failure = |message: String| TextFailure { message, at };
            self.looks = self.looks.checked_sub(1).ok_or_else(|| {
                let most = limits::RELATED_LOOKS;
                failure(format!("Adapters look at more than {most} related objects"))
            })?;
            let read = self.content(found.object, adapter).map_err(failure)?;
            if accepts(Rc::clone(&read.value), texts)? {
                fitting.push(found.clone());
            }
        }
        Ok(fitting)
    }

    /// What an object has, without the annotations that an Adapter does not name.
    pub(super) fn content(
        &mut self,
        object: Object,
        adapter: &Adapter,
    ) -> Result<Rc<ReadObject>, String> {
        let key = (object, Rc::as_ptr(&adapter.text).cast::<u8>().addr());
        if let Some(known) = self.read.get(&key) {
            return known.clone();
        }
        let read = self.read(object, &adapter.text);
        self.read.insert(key, read.clone());
        read
    }

    fn read(&mut self, object: Object, text: &str) -> Result<Rc<ReadObject>, String> {
        let ObjectContent { mut value, at } = self.objects.content(object)?;
        let has_opted_out = opts_out(&value);
        hide_annotations(&mut value, text);
        let left = self.room.checked_sub(weight(&value));
        self.room = left.ok_or_else(|| {
            let most = limits::ADAPTED_BYTES >> 20;
            format!("Adapters read objects of more than {most} MiB")
        })?;
        Ok(Rc::new(ReadObject {
            value: Rc::new(value),
            at,
            has_opted_out,
        }))
    }
}

/// An object that was read for an Adapter.
pub(super) struct ReadObject {
    pub(super) value: Rc<Json>,
    pub(super) at: Place,
    /// Whether it declares that it is no Socket.
    pub(super) has_opted_out: bool,
}

/// The memory that a value takes, roughly: a mapping is a tree with room for eleven members in each
/// node.
fn weight(value: &Json) -> usize {
    const NODE: usize = 32;
    const MEMBERS: usize = 640;
    match value {
        Json::String(text) => NODE + text.len(),
        Json::Array(items) => NODE + items.iter().map(weight).sum::<usize>(),
        Json::Object(members) => {
            let nodes = members.len().div_ceil(6) * MEMBERS;
            let members = members.iter();
            let below = members.map(|(key, below)| key.len() + weight(below));
            NODE + nodes + below.sum::<usize>()
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => NODE,
    }
}

fn absent(related: &RelatedObject, which: &str) -> Related {
    match related.required {
        true => Related::Missing(format!(
            "{} {which}, which it needs, is not in the input",
            related.kind.value
        )),
        false => Related::Absent,
    }
}
