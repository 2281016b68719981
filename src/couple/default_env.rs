//! Lists the variables that a Plug without `bind.env` binds, as its author could write them.

use super::evaluate::Evaluation;
use super::provided::subject;
use crate::api::{Plug, env_name};
use crate::diagnostic::{Help, Paste, Subject, lines};
use crate::manifest::emit;

/// What a Plug without `bind.env` binds: the lines that it could have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefaultEnv {
    /// The Plug.
    pub plug: Subject,
    /// The variables, in order.
    pub variables: Vec<DefaultVar>,
}

impl DefaultEnv {
    /// The variables of a Plug that lists none, once everything was evaluated; `None`: it lists
    /// them.
    pub(super) fn of(plug: &Plug, evaluation: &Evaluation<'_, '_>) -> Option<Self> {
        if plug.env.is_some() {
            return None;
        }
        let keys = evaluation.socket.side_schema.default_keys().into_iter();
        let given = keys.filter(|key| evaluation.socket_gives(key));
        Some(Self::of_keys(plug, given))
    }

    /// The variables of these keys, by the names that they have by default.
    pub(super) fn of_keys<'k>(plug: &Plug, keys: impl Iterator<Item = &'k str>) -> Self {
        Self {
            plug: subject("Plug", &plug.meta),
            variables: keys.map(|key| DefaultVar::of(plug, key)).collect(),
        }
    }

    /// The lines that list the variables, each as it is to be.
    pub fn paste(&self, edit: impl Fn(&DefaultVar) -> DefaultVarEdit) -> Paste {
        let item = |variable: &DefaultVar| format!("      - {}", variable.line(&edit(variable)));
        let items = self.variables.iter().map(item);
        let list = lines![("spec:"), ("  bind:"), ("    env:")].and(Help::of_lines(items));
        Paste::merge(self.plug.clone(), list)
    }
}

/// What a variable that is bound by default becomes where all are listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DefaultVarEdit {
    /// What it is.
    Same,
    /// It takes the place of the workload's own.
    Replace,
    /// It has this template in place of its key.
    Value(String),
}

/// A variable that is bound by default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefaultVar {
    /// Its name.
    pub name: String,
    /// The Socket's key that it has.
    pub key: String,
}

impl DefaultVar {
    /// The variable of a key.
    pub(super) fn of(plug: &Plug, key: &str) -> Self {
        Self {
            name: env_name(plug.prefix(), key),
            key: key.to_owned(),
        }
    }

    /// Its item in `bind.env`, in flow style.
    pub(super) fn line(&self, edit: &DefaultVarEdit) -> String {
        let name = &self.name;
        let key = emit::flow_string(&self.key);
        match edit {
            DefaultVarEdit::Same => format!("{{name: {name}, key: {key}}}"),
            DefaultVarEdit::Replace => format!("{{name: {name}, key: {key}, replace: true}}"),
            DefaultVarEdit::Value(text) => {
                format!("{{name: {name}, value: {}}}", emit::flow_string(text))
            }
        }
    }
}
