//! Reads the definition of each field of coupler's own kinds, from the CRDs and the schema of the
//! settings.

use serde_json::Value;

use super::KINDS;
use super::schema::structural_schema;
use super::since::FieldVersions;

/// A field of one of our kinds, or the whole kind.
#[derive(Clone, Debug, PartialEq)]
pub struct KindField {
    /// Its name; of a whole kind, the kind.
    pub name: String,
    /// Its type, as kubectl writes it: `string`, `[]object`, `map[string]string`.
    pub type_name: String,
    /// Whether it must be given where the object around it is.
    pub required: bool,
    /// What it is.
    pub description: String,
    /// The version of coupler since which it is there.
    pub since: Option<&'static str>,
    /// What it is where it is not given.
    pub default: Option<Value>,
    /// The values that it may have, where they are few.
    pub values: Vec<String>,
    /// The fields below it.
    pub fields: Vec<KindField>,
}

impl KindField {
    /// One of our kinds: `Plug`.
    pub fn of_kind(kind: &str) -> Option<Self> {
        let schema = structural_schema(kind)?;
        let path = kind.to_ascii_lowercase();
        let read = FieldReader {
            versions: FieldVersions::read(),
        };
        Some(read.field(kind, &path, &schema, Necessity::Optional))
    }

    /// The field at a path below this one.
    pub fn at<'f, 's>(&'f self, steps: impl IntoIterator<Item = &'s str>) -> Option<&'f Self> {
        let mut field = self;
        for step in steps {
            field = field.fields.iter().find(|below| below.name == step)?;
        }
        Some(field)
    }

    /// Every path of every kind, such as `plug.spec.bind.env`.
    pub fn paths() -> Vec<String> {
        let mut paths = Vec::new();
        for kind in KINDS.into_iter().filter_map(Self::of_kind) {
            kind.add_paths(&kind.name.to_ascii_lowercase(), &mut paths);
        }
        paths
    }

    fn add_paths(&self, path: &str, paths: &mut Vec<String>) {
        paths.push(path.to_owned());
        for field in &self.fields {
            field.add_paths(&format!("{path}.{}", field.name), paths);
        }
    }
}

/// Whether a field must be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Necessity {
    Required,
    Optional,
}

/// Reads fields out of schemas.
struct FieldReader {
    versions: FieldVersions,
}

impl FieldReader {
    fn field(&self, name: &str, path: &str, schema: &Value, necessity: Necessity) -> KindField {
        // the fields of a list are those of its items
        let inner = schema.get("items").unwrap_or(schema);
        let needed: Vec<&str> = texts(inner.get("required")).collect();
        let below = inner.get("properties").and_then(Value::as_object);
        let fields = below.into_iter().flatten().map(|(name, schema)| {
            let necessity = match needed.contains(&name.as_str()) {
                true => Necessity::Required,
                false => Necessity::Optional,
            };
            self.field(name, &format!("{path}.{name}"), schema, necessity)
        });
        let text = |keyword| schema.get(keyword).and_then(Value::as_str);
        KindField {
            name: name.to_owned(),
            type_name: type_name(schema),
            required: necessity == Necessity::Required,
            description: text("description").unwrap_or_default().to_owned(),
            since: self.versions.since(path),
            default: schema.get("default").cloned(),
            values: texts(schema.get("enum")).map(str::to_owned).collect(),
            fields: fields.collect(),
        }
    }
}

fn texts(list: Option<&Value>) -> impl Iterator<Item = &str> {
    list.and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}

fn type_name(schema: &Value) -> String {
    if let Some(items) = schema.get("items") {
        return format!("[]{}", type_name(items));
    }
    if let Some(values) = schema.get("additionalProperties") {
        return format!("map[string]{}", type_name(values));
    }
    match schema.get("type").and_then(Value::as_str) {
        Some(name) => name.to_owned(),
        None => alternatives(schema),
    }
}

/// The types of a field that may have several: `integer or string`.
fn alternatives(schema: &Value) -> String {
    let any = schema.get("anyOf").and_then(Value::as_array);
    let names: Vec<_> = any.into_iter().flatten().map(type_name).collect();
    if names.is_empty() {
        return "any".to_owned();
    }
    names.join(" or ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn undescribed(field: &KindField, path: &str, missing: &mut Vec<String>) {
        if field.description.is_empty() {
            missing.push(path.to_owned());
        }
        for below in &field.fields {
            undescribed(below, &format!("{path}.{}", below.name), missing);
        }
    }

    #[test]
    fn every_field_has_a_description() {
        let mut missing = Vec::new();
        for kind in KINDS {
            undescribed(&KindField::of_kind(kind).unwrap(), kind, &mut missing);
        }
        assert!(missing.is_empty(), "{}", missing.join("\n"));
        assert!(KindField::paths().len() > 70, "the fields were not found");
    }

    #[test]
    fn types_are_written_as_kubectl_writes_them() {
        for (kind, path, expected) in [
            ("Plug", "spec.bind.env", "[]object"),
            ("Plug", "spec.socket.matchLabels", "map[string]string"),
            ("Plug", "spec.optional", "boolean"),
            ("Socket", "spec.service.port", "integer or string"),
            ("Socket", "spec.interface.versions", "[]string"),
            ("Coupler", "spec.catalog", "[]string"),
        ] {
            let kind = KindField::of_kind(kind).unwrap();
            let field = kind.at(path.split('.')).unwrap();
            assert_eq!(field.type_name, expected, "{path}");
        }
    }

    #[test]
    fn the_fields_of_a_list_are_those_of_its_items() {
        let plug = KindField::of_kind("Plug").unwrap();
        let name = plug.at("spec.bind.env.name".split('.')).unwrap();
        assert!(name.required);
        assert_eq!(plug.at("spec.bind.environment".split('.')), None);
        let socket = KindField::of_kind("Socket").unwrap();
        let field = socket.at(["spec", "secretNamespace"]).unwrap();
        assert_eq!(field.values, ["Socket", "Plug"]);
        assert_eq!(field.default, Some("Socket".into()));
    }
}
