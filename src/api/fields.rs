//! Decodes `bind.fields` of a Plug or a Socket.

use super::reader::ObjectReader;
use super::rules::{NAME, SOURCE_KEY};
use super::{FieldBinding, FieldValue, Spanned};
use crate::diagnostic::{Code, Diagnostic, Help};
use crate::manifest::path::{self, Step};
use crate::manifest::{NodeId, emit};

/// How an entry of `bind.fields` or `configFrom` names its object.
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

/// Fields that one Plug or Socket binds at most.
const FIELDS: usize = 256;

/// The members of an entry that do not say what the field holds.
struct FieldMembers {
    object: Option<NodeId>,
    config_map: Option<NodeId>,
    path: Option<NodeId>,
    find: Option<NodeId>,
    replace: Option<NodeId>,
    expect: Option<NodeId>,
}

impl ObjectReader<'_> {
    /// `bind.fields`
    pub(super) fn field_list(
        &mut self,
        list: NodeId,
        binding: impl Fn(&mut Self, NodeId) -> Option<FieldBinding>,
    ) -> Vec<FieldBinding> {
        self.each(list, 1, FIELDS, binding)
    }

    /// An entry of a Plug.
    pub(super) fn field_binding(&mut self, item: NodeId) -> Option<FieldBinding> {
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
        let one = self.exactly_one(
            item,
            &[
                ("key", key),
                ("value", value),
                ("secretNameOf", name_of),
                ("secretKeyOf", key_of),
            ],
        );
        let value = match (key, value, name_of, key_of) {
            (Some(key), ..) => self.text(key, &NAME).map(FieldValue::Key),
            (_, Some(value), ..) => self.field_template(value),
            (_, _, Some(key), _) => self.text(key, &NAME).map(FieldValue::SecretName),
            (_, _, _, Some(key)) => self.text(key, &NAME).map(FieldValue::SecretKey),
            (None, None, None, None) => None,
        };
        let members = FieldMembers {
            object,
            config_map,
            path,
            find,
            replace,
            expect,
        };
        self.field(item, &members, value.filter(|_| one))
    }

    /// An entry of a Socket, which holds a template.
    pub(super) fn socket_field_binding(&mut self, item: NodeId) -> Option<FieldBinding> {
        let names = [
            "objectRef",
            "configMapRef",
            "path",
            "find",
            "value",
            "replace",
            "expect",
        ];
        let [object, config_map, path, find, value, replace, expect] = self.fields(item, names)?;
        if value.is_none() {
            self.missing(item, "value");
        }
        let value = value.and_then(|value| self.field_template(value));
        let members = FieldMembers {
            object,
            config_map,
            path,
            find,
            replace,
            expect,
        };
        self.field(item, &members, value)
    }

    fn field_template(&mut self, id: NodeId) -> Option<FieldValue> {
        let value = self.json(id)?;
        let at = self.at(id);
        Some(FieldValue::Template(Spanned { value, at }))
    }

    fn field(
        &mut self,
        item: NodeId,
        members: &FieldMembers,
        value: Option<FieldValue>,
    ) -> Option<FieldBinding> {
        let (object, config_map) = (members.object, members.config_map);
        let is_one_object =
            self.exactly_one(item, &[("objectRef", object), ("configMapRef", config_map)]);
        if members.path.is_none() {
            self.missing(item, "path");
        }
        let object = object.and_then(|id| Some((self.object_ref(id)?, ObjectForm::Object)));
        let config_map = config_map.and_then(|id| {
            let name = self.named(id)?;
            Some((self.config_map(id, name), ObjectForm::ConfigMap))
        });
        let (object, form) = object.or(config_map).filter(|_| is_one_object).unzip();
        let path = members.path.and_then(|id| self.field_path(id));
        let overwrite = self.overwrite(members.replace, members.expect);
        let found = members.find.and_then(|id| self.text(id, &SOURCE_KEY));
        if let (Some(find), Some(other)) = (members.find, members.replace.or(members.expect)) {
            let message = format!(
                "`{}` and `{}` exclude each other",
                self.path(find),
                self.path(other)
            );
            let error = Diagnostic::error(Code::InvalidField, message)
                .at(self.at(find), "replaces a part of a text")
                .at(self.at(other), "is for a whole value");
            self.report(
                error.help("remove `replace` or `expect`: `find` names the text that is replaced"),
            );
        }
        Some(FieldBinding {
            object: object?,
            form: form?,
            path: path?,
            find: found,
            value: value?,
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
