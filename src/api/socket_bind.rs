//! Decodes a Socket's `bind`: variables and fields whose values use all its Plugs.

use super::reader::ObjectReader;
use super::rules::{ENV_NAME, TEMPLATE};
use super::{EnvBinding, EnvValue, SocketBind};
use crate::manifest::NodeId;

impl ObjectReader<'_> {
    pub(super) fn socket_bind(&mut self, id: NodeId) -> Option<SocketBind> {
        let [env, fields] = self.fields(id, ["env", "fields"])?;
        let env = env.map(|list| self.env_list(list, Self::socket_env_binding));
        let fields = fields.map(|list| self.field_list(list, Self::socket_field_binding));
        Some(SocketBind {
            env: env.unwrap_or_default(),
            fields: fields.unwrap_or_default(),
            at: self.at(id),
        })
    }

    fn socket_env_binding(&mut self, item: NodeId) -> Option<EnvBinding> {
        let [name, value, replace, expect] =
            self.fields(item, ["name", "value", "replace", "expect"])?;
        for (given, field) in [(name, "name"), (value, "value")] {
            if given.is_none() {
                self.missing(item, field);
            }
        }
        let name = name.and_then(|id| self.text(id, &ENV_NAME));
        let value = value.and_then(|id| self.text(id, &TEMPLATE));
        let overwrite = self.overwrite(replace, expect);
        Some(EnvBinding {
            name: name?,
            value: EnvValue::Template(value?),
            overwrite,
        })
    }
}
