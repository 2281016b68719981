//! Makes Interfaces of the schemas in Sockets of `v1beta1`.

use std::collections::{BTreeMap, BTreeSet};

use super::config::NewConfig;
use super::old_object::{OldParty, OldProperty, OldSide};
use super::old_objects::{GivenBy, OldObjects};
use crate::api;
use crate::edit::{Member, Value};

/// The version of each Interface that is made.
pub(super) const VERSION: &str = "1.0.0";

/// The names of the Interfaces of all Sockets.
#[derive(Debug, Default)]
pub(super) struct InterfaceNames {
    /// Names that Sockets of several namespaces have, with schemas that differ.
    ambiguous: BTreeSet<String>,
}

impl InterfaceNames {
    /// The names; `schemas` has the versions of all Interfaces.
    pub(super) fn new<'s>(
        schemas: impl IntoIterator<Item = (&'s OldParty, &'s Value<'static>)>,
    ) -> Self {
        let mut first: BTreeMap<String, &Value<'static>> = BTreeMap::new();
        let mut ambiguous = BTreeSet::new();
        for (socket, schema) in schemas {
            let name = label(&socket.subject.name);
            match first.get(&name) {
                Some(known) if *known != schema => {
                    ambiguous.insert(name);
                }
                Some(_) => {}
                None => {
                    first.insert(name, schema);
                }
            }
        }
        Self { ambiguous }
    }

    /// The name of the Interface of a Socket: that of the Socket, with its namespace where another
    /// Interface has it.
    pub(super) fn name(&self, socket: &str, namespace: Option<&str>) -> String {
        let name = label(socket);
        let is_taken = api::library(&name).is_some() || self.ambiguous.contains(&name);
        match namespace {
            Some(namespace) if is_taken => label(&format!("{name}-{namespace}")),
            None if is_taken => label(&format!("{name}-v1beta1")),
            _ => name,
        }
    }

    /// Whether a Socket of this name has another Interface in another namespace.
    pub(super) fn is_ambiguous(&self, socket: &str) -> bool {
        self.ambiguous.contains(&label(socket))
    }
}

/// A name as an Interface and a Plug may have it.
pub(super) fn label(name: &str) -> String {
    let mut label: String = name
        .chars()
        .map(|c| match c.to_ascii_lowercase() {
            c @ ('a'..='z' | '0'..='9' | '-') => c,
            _ => '-',
        })
        .collect();
    if !label.starts_with(|c: char| c.is_ascii_lowercase()) {
        label.insert(0, 'x');
    }
    label.truncate(63);
    label.trim_end_matches('-').to_owned()
}

/// The version of the Interface of a Socket.
pub(super) fn version(
    socket: &OldParty,
    objects: &OldObjects,
    config: &NewConfig,
) -> Value<'static> {
    let mut members: Vec<Member<'static>> = vec![("version".into(), text(VERSION))];
    let stage = socket
        .interface
        .as_ref()
        .and_then(|interface| interface.config.as_ref());
    for side in [OldSide::Plug, OldSide::Socket] {
        let schema = match stage {
            None => Some(open_schema()),
            Some(stage) if stage.of(side).is_empty() => None,
            Some(stage) => Some(closed_schema(
                stage.of(side),
                &GiverFacts::of(socket, side, objects, config),
            )),
        };
        members.extend(schema.map(|schema| (side.word().into(), schema)));
    }
    Value::Map(members)
}

/// What is known of the keys of a side, from who gives them.
struct GiverFacts {
    secrets: Vec<String>,
    of_any_type: Vec<String>,
}

impl GiverFacts {
    fn of(socket: &OldParty, side: OldSide, objects: &OldObjects, config: &NewConfig) -> Self {
        let owned = |keys: &mut dyn Iterator<Item = &str>| keys.map(str::to_owned).collect();
        match side {
            OldSide::Socket => Self {
                secrets: owned(&mut config.secret_keys()),
                of_any_type: owned(&mut config.object_keys()),
            },
            OldSide::Plug => {
                let declared = objects.declared(socket, side).unwrap_or_default();
                let keys = declared.iter().map(|property| property.key.value.as_str());
                let is_secret = |key: &&str| {
                    let givers: Vec<_> = objects
                        .plugs(socket)
                        .filter_map(|plug| objects.given(plug, key))
                        .collect();
                    !givers.is_empty() && givers.iter().all(|by| matches!(by, GivenBy::Secret(_)))
                };
                Self {
                    secrets: owned(&mut keys.filter(is_secret)),
                    of_any_type: Vec::new(),
                }
            }
        }
    }
}

/// The schema of a side of which nothing is checked.
fn open_schema() -> Value<'static> {
    Value::Map(vec![
        ("type".into(), text("object")),
        (
            "additionalProperties".into(),
            Value::Map(vec![("type".into(), text("string"))]),
        ),
    ])
}

fn closed_schema(properties: &[OldProperty], facts: &GiverFacts) -> Value<'static> {
    let mut members: Vec<Member<'static>> = vec![("type".into(), text("object"))];
    let required = properties.iter().filter(|property| property.is_required);
    let required: Vec<_> = required.map(|property| text(&property.key.value)).collect();
    if !required.is_empty() {
        members.push(("required".into(), Value::List(required)));
    }
    let properties = properties.iter().map(|property| {
        let key = &property.key.value;
        (key.clone().into(), property_schema(property, facts))
    });
    members.push(("properties".into(), Value::Map(properties.collect())));
    Value::Map(members)
}

fn property_schema(property: &OldProperty, facts: &GiverFacts) -> Value<'static> {
    let key = &property.key.value;
    let is_secret = facts.secrets.contains(key);
    let types = match facts.of_any_type.contains(key) {
        true => Value::List(vec![text("string"), text("number"), text("boolean")]),
        false => text("string"),
    };
    let mut members: Vec<Member<'static>> = vec![("type".into(), types)];
    if let Some(description) = property
        .description
        .as_ref()
        .filter(|text| !text.is_empty())
    {
        members.push(("description".into(), text(description)));
    }
    if let Some(default) = property.default.as_ref().filter(|_| !is_secret) {
        members.push(("default".into(), text(default)));
    }
    if is_secret {
        members.push(("writeOnly".into(), Value::Scalar("true".to_owned())));
    }
    Value::Map(members)
}

fn text(text: &str) -> Value<'static> {
    Value::Text(text.to_owned().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_fits_an_interface() {
        assert_eq!(label("heat"), "heat");
        assert_eq!(label("My.Heat_"), "my-heat");
        assert_eq!(label("9lives"), "x9lives");
        assert_eq!(label(&"a".repeat(80)).len(), 63);
        let names = InterfaceNames::default();
        assert_eq!(names.name("heat", Some("boiler")), "heat");
        assert_eq!(names.name("redis", Some("cache")), "redis-cache");
        assert_eq!(names.name("redis", None), "redis-v1beta1");
    }
}
