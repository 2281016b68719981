//! Writes the errors of a Socket's `bind` that uses what the Plugs in its list do not give.

use super::{Evaluation, UseSite, namespace_help};
use crate::couple::provided::undeclared_help;
use crate::couple::template::Side;
use crate::couple::template_plugs::PlugAccess;
use crate::diagnostic::{Code, Diagnostic, Reported};
use crate::manifest::Place;

impl Evaluation<'_, '_> {
    /// A Plug of the list, as a message names it.
    fn called_in_list(&self, position: usize) -> String {
        let plug = self.plugs.as_ref().and_then(|plugs| plugs.get(position));
        let called = plug.map_or("", |plug| plug.called.as_str());
        format!("Plug `{called}`")
    }

    /// A template uses what must not be seen of a Plug.
    pub(super) fn of_plug(
        &mut self,
        access: &PlugAccess,
        site: &UseSite<'_>,
        at: Place,
    ) -> Reported {
        let error = match access {
            PlugAccess::Namespace(position) => {
                let message = format!(
                    "`{}` uses the namespace of {}, which is not known",
                    site.what,
                    self.called_in_list(*position)
                );
                Diagnostic::error(Code::NamespaceUnknown, message).help(namespace_help())
            }
            PlugAccess::Opaque(position, key) => {
                let message = format!(
                    "`{}` uses `{key}` of {}, whose value is known only in the cluster",
                    site.what,
                    self.called_in_list(*position)
                );
                Diagnostic::error(Code::ReferenceInPlainText, message).help(
                    "a Socket's `bind` can use what its Plugs write in `config`, and not what comes from a Secret or a ConfigMap",
                )
            }
        };
        self.fail(error.at(at, "used here"), site.side)
    }

    /// A template is wrong, and a Plug does not give a key that it uses.
    pub(super) fn missing_of_plug(
        &self,
        words: &str,
        position: usize,
        key: &str,
        site: &UseSite<'_>,
    ) -> Diagnostic {
        let what = site.what;
        let side_schema = self.version.side_schema(Side::Plug);
        if !side_schema.open && !side_schema.keys.contains_key(key) {
            let message = format!(
                "`{what}` uses `{key}` of `plugs`, which the Interface does not declare for Plugs"
            );
            let keys = side_schema.keys.keys().map(String::as_str);
            return Diagnostic::error(Code::UndeclaredKey, message).help(undeclared_help(
                key,
                side_schema,
                keys,
            ));
        }
        let message = format!(
            "the template of `{what}` cannot be evaluated: {words}; {} does not give `{key}`",
            self.called_in_list(position)
        );
        Diagnostic::error(Code::TemplateFailed, message).help(format!(
            "take only those that give it: `plugs | selectattr('config.{key}') | map(attribute='config.{key}')`"
        ))
    }
}
