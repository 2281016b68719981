//! Defines a variable that a Plug asks for, and writes the error about a value that it cannot have.

use serde_json::Value as Json;

use super::provided::subject;
use super::value::{FilePath, ResolvedValue};
use super::{DefaultEnv, DefaultVarEdit};
use crate::api::{OverwriteRule, Plug};
use crate::diagnostic::{Code, Diagnostic, Help, Paste, lines};
use crate::manifest::Place;

/// A variable that the Plug asks for.
pub(super) struct RequestedVar {
    pub(super) name: String,
    pub(super) value: RequestedValue,
    pub(super) overwrite: OverwriteRule,
    pub(super) at: Place,
    /// The socket key that it is, and where that is given.
    pub(super) key: Option<(String, Place)>,
}

/// The value that a variable should have.
pub(super) enum RequestedValue {
    /// A value.
    Resolved(ResolvedValue),
    /// The path of a file of the same coupling.
    File(FilePath),
}

/// The error of a value that a variable cannot hold.
pub(super) fn textless(requested: &RequestedVar, why: &str, help: Help) -> Diagnostic {
    let error = Diagnostic::error(
        Code::ValueHasNoText,
        format!("`{}` cannot be written as text: {why}", requested.name),
    );
    match &requested.key {
        None => error.at(requested.at, "bound here"),
        Some((_, given)) => error
            .at(*given, "this value")
            .at(requested.at, "bound here")
            .help(help),
    }
}

/// How a Plug makes a text of a list, in a variable of its own; `all`: what it asks for.
pub(super) fn joined_help(plug: &Plug, all: &[RequestedVar], requested: &RequestedVar) -> Help {
    let RequestedValue::Resolved(ResolvedValue::Literal(Json::Array(_))) = &requested.value else {
        return "give the value as text".into();
    };
    let Some((key, _)) = &requested.key else {
        return "give the value as text".into();
    };
    let text = format!("<% socket.config.{key} | join(';') %>");
    let help = Help::from("give the value as text, or build the text in the Plug:");
    if plug.env.is_none() {
        let keys = all.iter().filter_map(|variable| variable.key.as_ref());
        let default_env = DefaultEnv::of_keys(plug, keys.map(|(key, _)| key.as_str()));
        return help.paste(
            default_env.paste(|variable| match variable.name == requested.name {
                true => DefaultVarEdit::Value(text.clone()),
                false => DefaultVarEdit::Same,
            }),
        );
    }
    let mut entries = plug.env.iter().flatten();
    let position = entries.position(|entry| entry.name.value == requested.name);
    let overwrite = requested.overwrite.member();
    let overwrite = overwrite.map_or(String::new(), |member| format!(", {member}"));
    let item = lines![(
        "- {{name: {}, value: \"{text}\"{overwrite}}}",
        requested.name
    )];
    help.paste(Paste::item(
        subject("Plug", &plug.meta),
        format!("spec.bind.env[{}]", position.unwrap_or_default()),
        item,
    ))
}
