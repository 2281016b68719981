//! Decodes a Plug's `bind.fields`.

use super::reader::ObjectReader;
use super::rules::{NAME, SOURCE_KEY};
use super::{FieldBinding, FieldValue, Spanned};
use crate::diagnostic::Help;
use crate::manifest::NodeId;
use crate::manifest::path::{self, Step};

/// Fields that one Plug binds at most.
const FIELDS: usize = 256;

impl ObjectReader<'_> {
    pub(super) fn field_bindings(&mut self, list: NodeId) -> Vec<FieldBinding> {
        self.each(list, 1, FIELDS, Self::field_binding)
    }

    fn field_binding(&mut self, item: NodeId) -> Option<FieldBinding> {
        let names = [
            "objectRef",
            "path",
            "key",
            "value",
            "secretNameOf",
            "secretKeyOf",
            "replace",
            "expect",
        ];
        let [object, path, key, value, name_of, key_of, replace, expect] =
            self.fields(item, names)?;
        if object.is_none() {
            self.missing(item, "objectRef");
        }
        if path.is_none() {
            self.missing(item, "path");
        }
        let one = self.exactly_one(
            item,
            &[
                ("key", key),
                ("value", value),
                ("secretNameOf", name_of),
                ("secretKeyOf", key_of),
            ],
        );
        let object = object.and_then(|id| self.object_ref(id));
        let path = path.and_then(|id| self.field_path(id));
        let value = match (key, value, name_of, key_of) {
            (Some(key), ..) => self.text(key, &NAME).map(FieldValue::Key),
            (_, Some(value), ..) => self.json(value).map(|json| {
                FieldValue::Template(Spanned {
                    value: json,
                    at: self.at(value),
                })
            }),
            (_, _, Some(key), _) => self.text(key, &NAME).map(FieldValue::SecretName),
            (_, _, _, Some(key)) => self.text(key, &NAME).map(FieldValue::SecretKey),
            (None, None, None, None) => None,
        };
        let overwrite = self.overwrite(replace, expect);
        Some(FieldBinding {
            object: object?,
            path: path?,
            value: value.filter(|_| one)?,
            overwrite,
            position: self.position(item),
            at: self.at(item),
        })
    }

    /// The path of a field, or of an item.
    fn field_path(&mut self, id: NodeId) -> Option<Spanned<Vec<Step>>> {
        let text = self.text(id, &SOURCE_KEY)?;
        let must = "the path of a field, such as `spec.values.database.host` or `spec.users[name=app].database`";
        match path::parse_written(&text.value) {
            Ok(steps) => Some(Spanned {
                value: steps,
                at: text.at,
            }),
            Err(why) => {
                self.invalid(id, must, Some(Help::from(why)));
                None
            }
        }
    }
}
