//! Decodes a Plug's `bind.fields`.

use super::reader::ObjectReader;
use super::rules::{NAME, SOURCE_KEY};
use super::{FieldBinding, FieldValue, ObjectRef, Spanned};
use crate::diagnostic::{Code, Diagnostic, Help};
use crate::manifest::path::{self, Step};
use crate::manifest::{NodeId, emit};

/// How an entry of `bind.fields` names its object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectForm {
    /// `objectRef`
    Object,
    /// `configMapRef`
    ConfigMap,
}

impl FieldBinding {
    /// The object as the entry names it, for lines to paste.
    pub fn object_member(&self, name: &str) -> String {
        let text = emit::flow_string;
        match self.form {
            ObjectForm::Object => format!(
                "objectRef: {{apiVersion: {}, kind: {}, name: {}}}",
                text(&self.object.api_version),
                text(&self.object.kind),
                text(name)
            ),
            ObjectForm::ConfigMap => format!("configMapRef: {{name: {}}}", text(name)),
        }
    }
}

/// Fields that one Plug binds at most.
const FIELDS: usize = 256;

impl ObjectReader<'_> {
    pub(super) fn field_bindings(&mut self, list: NodeId) -> Vec<FieldBinding> {
        self.each(list, 1, FIELDS, Self::field_binding)
    }

    fn field_binding(&mut self, item: NodeId) -> Option<FieldBinding> {
        let names = [
            "objectRef",
            "configMapRef",
            "path",
            "find",
            "key",
            "value",
            "secretNameOf",
            "secretKeyOf",
            "replace",
            "expect",
        ];
        let [
            object,
            config_map,
            path,
            find,
            key,
            value,
            name_of,
            key_of,
            replace,
            expect,
        ] = self.fields(item, names)?;
        let is_one_object =
            self.exactly_one(item, &[("objectRef", object), ("configMapRef", config_map)]);
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
        let object = object.and_then(|id| Some((self.object_ref(id)?, ObjectForm::Object)));
        let config_map = config_map.and_then(|id| {
            let name = self.named(id)?;
            let object = ObjectRef {
                api_version: "v1".to_owned(),
                kind: "ConfigMap".to_owned(),
                name,
                at: self.at(id),
            };
            Some((object, ObjectForm::ConfigMap))
        });
        let (object, form) = object.or(config_map).filter(|_| is_one_object).unzip();
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
        let found = find.and_then(|id| self.text(id, &SOURCE_KEY));
        if let (Some(find), Some(other)) = (find, replace.or(expect)) {
            let message = format!(
                "`{}` cannot be beside `{}`",
                self.path(find),
                self.path(other)
            );
            let error = Diagnostic::error(Code::InvalidField, message)
                .at(self.at(find), "replaces a part of a text")
                .at(self.at(other), "is for a whole value");
            self.report(
                error.help("remove `replace` or `expect`: what `find` names is what is replaced"),
            );
        }
        Some(FieldBinding {
            object: object?,
            form: form?,
            path: path?,
            find: found,
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
