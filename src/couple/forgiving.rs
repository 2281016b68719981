//! Gives JSON to templates under names of their own. A missing member is allowed on the way to a
//! value, and is an error where it is used as text.
//!
//! A mapping is shown as an iterable, since the engine asks an iterable for its items where a
//! template asks whether something is `in` it, and a mapping for a value, which is always given here.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};

use minijinja::value::{Enumerator, Kwargs, Object, ObjectRepr, Rest, Serde, Value};
use minijinja::{Environment, Error, State, filters, tests};
use serde_json::Value as Json;

use super::locked::locked;
use super::template::ValueStep;
use crate::api::NamedValue;

/// The name of the object that an Adapter reads: templates with names of their own have it.
pub(super) const OBJECT: &str = "object";

/// The first thing that was used as text and is not there.
pub(super) type AbsentNote = Arc<Mutex<Option<String>>>;

/// A value as templates see it.
pub(super) fn show(value: &Json, note: &AbsentNote) -> Value {
    match value {
        Json::Null => absent("null".to_owned(), note),
        Json::Array(items) => Value::from_object(ShownItems {
            items: items.iter().map(|item| show(item, note)).collect(),
            note: Arc::clone(note),
        }),
        Json::Object(members) => {
            let members = members.iter();
            let shown = members.map(|(key, value)| match value {
                Json::Null => (key.clone(), absent(key.clone(), note)),
                value => (key.clone(), show(value, note)),
            });
            Value::from_object(ShownMembers {
                members: shown.collect(),
                note: Arc::clone(note),
            })
        }
        scalar => Value::from(Serde(scalar)),
    }
}

/// A value of the engine without what is made for templates: null for what is not there.
pub(super) fn plain(value: &Value) -> Value {
    if is_absent(value) {
        return Value::from(());
    }
    match value.downcast_object_ref::<ShownMembers>() {
        Some(shown) => Value::from(shown.members.clone()),
        None => value.clone(),
    }
}

/// The value at a path below a name; null for what is not there.
pub(super) fn value_at(names: &[NamedValue], name: &str, steps: &[ValueStep]) -> Json {
    let Some(named) = names.iter().find(|named| named.name == name) else {
        return Json::Null;
    };
    let mut value = &*named.value;
    for step in steps {
        let below = match step {
            ValueStep::Name(key) => value.get(key),
            ValueStep::Index(index) => value.get(index),
        };
        match below {
            Some(below) => value = below,
            None => return Json::Null,
        }
    }
    value.clone()
}

/// Makes filters and tests forgive what is not there.
pub(super) fn add_to(env: &mut Environment<'static>, note: &AbsentNote) {
    env.add_filter("default", default);
    env.add_filter("items", items);
    env.add_filter("dictsort", items_in_order);
    let of_first = Arc::clone(note);
    env.add_filter("first", move |state: &State<'_, '_>, value: &Value| {
        let first = filters::first(value)?;
        Ok::<_, Error>(forgiven(state, first, &of_first))
    });
    let of_last = Arc::clone(note);
    env.add_filter("last", move |state: &State<'_, '_>, value: Value| {
        let last = filters::last(value)?;
        Ok::<_, Error>(forgiven(state, last, &of_last))
    });
    env.add_test("defined", |value: &Value| {
        tests::is_defined(value) && !is_absent(value)
    });
    env.add_test("undefined", |value: &Value| {
        tests::is_undefined(value) || is_absent(value)
    });
    env.add_test("none", |value: &Value| {
        tests::is_none(value) || is_absent(value)
    });
    env.add_test("mapping", |value: &Value| {
        tests::is_mapping(value) || value.downcast_object_ref::<ShownMembers>().is_some()
    });
}

/// The first or last item of a list that may be empty, where templates have names of their own.
fn forgiven(state: &State<'_, '_>, item: Value, note: &AbsentNote) -> Value {
    let has_names = || state.lookup(OBJECT).is_some();
    if item.is_undefined() && has_names() {
        return absent("an item of an empty list".to_owned(), note);
    }
    item
}

fn default(state: &State<'_, '_>, value: &Value, args: Rest<Value>) -> Result<Value, Error> {
    match is_absent(value) {
        true => filters::default(state, &Value::UNDEFINED, args),
        false => filters::default(state, value, args),
    }
}

fn items(value: &Value) -> Result<Value, Error> {
    match is_absent(value) {
        true => Ok(Value::from(Vec::<Value>::new())),
        false => filters::items(&plain(value)),
    }
}

fn items_in_order(value: &Value, options: Kwargs) -> Result<Value, Error> {
    match is_absent(value) {
        true => Ok(Value::from(Vec::<Value>::new())),
        false => filters::dictsort(&plain(value), options),
    }
}

fn is_absent(value: &Value) -> bool {
    value.downcast_object_ref::<NotThere>().is_some()
}

fn absent(name: String, note: &AbsentNote) -> Value {
    Value::from_object(NotThere {
        name,
        note: Arc::clone(note),
    })
}

/// What is not there, by the first name that was not found.
#[derive(Debug)]
struct NotThere {
    name: String,
    note: AbsentNote,
}

impl Object for NotThere {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Iterable
    }

    fn get_value(self: &Arc<Self>, _: &Value) -> Option<Value> {
        Some(absent(self.name.clone(), &self.note))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Empty
    }

    fn is_true(self: &Arc<Self>) -> bool {
        false
    }

    fn render(self: &Arc<Self>, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        locked(&self.note).get_or_insert_with(|| self.name.clone());
        Ok(())
    }
}

/// A mapping.
#[derive(Debug)]
struct ShownMembers {
    members: BTreeMap<String, Value>,
    note: AbsentNote,
}

impl Object for ShownMembers {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Iterable
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let name = key.to_string();
        Some(match self.members.get(&name) {
            Some(value) => value.clone(),
            None => absent(name, &self.note),
        })
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        let keys = self.members.keys().map(|key| Value::from(key.as_str()));
        Enumerator::Values(keys.collect())
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        Some(self.members.len())
    }
}

/// A list.
#[derive(Debug)]
struct ShownItems {
    items: Vec<Value>,
    note: AbsentNote,
}

impl Object for ShownItems {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let item = key.as_usize().and_then(|index| self.items.get(index));
        Some(match item {
            Some(item) => item.clone(),
            None => absent(key.to_string(), &self.note),
        })
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(self.items.len())
    }
}
