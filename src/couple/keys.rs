//! Lists the keys that one side of an Interface declares, for a person who reads about it.

use serde_json::Value as Json;

use super::schema::SideSchema;
use super::template::Side;
use crate::api::{InterfaceVersion, Schema};

/// A key of one side of an Interface.
#[derive(Clone, Debug, PartialEq)]
pub struct DeclaredKey {
    /// Its name.
    pub name: String,
    /// The types that it may have; empty: any.
    pub types: Vec<String>,
    /// Whether it must be given.
    pub required: bool,
    /// Whether its value must be a reference to a Secret's key.
    pub secret: bool,
    /// Its value if it is not given.
    pub default: Option<Json>,
    /// Whether a Plug that lists nothing to bind binds it, where it is given.
    pub by_default: bool,
    /// The texts of other keys, the first of which that can be made is its value where nobody
    /// gives it.
    pub texts: Vec<String>,
    /// What it is, where the Interface describes it.
    pub description: Option<String>,
    /// The only values that it may have, where they are few.
    pub values: Vec<Json>,
    /// The least number that it may be.
    pub minimum: Option<Json>,
}

/// The keys that a Socket gives.
pub fn socket_keys(version: &InterfaceVersion) -> Vec<DeclaredKey> {
    declared_keys(&version.socket, Side::Socket)
}

/// The keys that a Plug gives.
pub fn plug_keys(version: &InterfaceVersion) -> Vec<DeclaredKey> {
    declared_keys(&version.plug, Side::Plug)
}

/// The keys of one side: the required ones first, in the order in which the schema requires them,
/// then those that are bound by default.
fn declared_keys(schema: &Schema, side: Side) -> Vec<DeclaredKey> {
    let side = SideSchema::new(schema, side);
    let properties = schema.value.get("properties");
    let mut keys: Vec<DeclaredKey> = side
        .keys
        .iter()
        .map(|(name, facts)| {
            let property = properties.and_then(|properties| properties.get(name));
            let keyword = |keyword: &str| property.and_then(|property| property.get(keyword));
            let description = keyword("description").and_then(Json::as_str);
            let one = keyword("const").cloned();
            let some = keyword("enum").and_then(Json::as_array);
            DeclaredKey {
                name: name.clone(),
                types: facts.types.clone(),
                required: side.required.contains(name),
                secret: facts.secret,
                default: facts.default.clone(),
                by_default: side.is_by_default(name),
                texts: facts.texts.iter().map(|text| text.source.clone()).collect(),
                description: description.map(str::to_owned),
                values: one
                    .into_iter()
                    .chain(some.into_iter().flatten().cloned())
                    .collect(),
                minimum: keyword("minimum").cloned(),
            }
        })
        .collect();
    let written = schema.value.get("required").and_then(Json::as_array);
    let written: Vec<&Json> = written.into_iter().flatten().collect();
    let rank = |key: &DeclaredKey| {
        let position = written.iter().position(|name| *name == &key.name);
        position.unwrap_or(written.len())
    };
    keys.sort_by_key(|key| (!key.required, !key.by_default, rank(key)));
    keys
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::library_interface;

    #[test]
    fn the_keys_of_a_built_in_interface() {
        let interface = library_interface("postgresql").unwrap();
        let keys = socket_keys(&interface.versions[0]);
        let names: Vec<&str> = keys.iter().map(|key| key.name.as_str()).collect();
        assert_eq!(
            names[..5],
            ["host", "port", "database", "password", "username"]
        );
        assert_eq!(keys.iter().filter(|key| key.required).count(), 2);
        assert_eq!(keys.iter().filter(|key| key.by_default).count(), 5);
        let port = &keys[1];
        assert_eq!(
            (&port.types[..], &port.default),
            (&["integer".to_owned()][..], &Some(5432.into()))
        );
        assert!(keys[3].secret && !keys[2].secret);
        let host = keys[0].description.as_deref().unwrap();
        assert!(host.starts_with("the host name of the primary"), "{host}");
        let jdbc = keys.iter().find(|key| key.name == "jdbcUrl").unwrap();
        assert_eq!(jdbc.texts.len(), 2);
    }
}
