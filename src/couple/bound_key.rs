//! Finds the value of a key that a Plug binds, or the error with the lines that correct it.

use super::evaluate::{Evaluation, NoValue};
use super::provided::undeclared_help;
use super::template::Side;
use super::value::ResolvedValue;
use crate::api::{Spanned, suggest};
use crate::diagnostic::{Code, Diagnostic, Help, Paste, lines};
use crate::manifest::emit;

/// Where a Plug writes the key that it binds: the item of a list, and its member.
#[derive(Clone, Copy)]
pub(super) struct KeyMember {
    /// The list: `spec.bind.env`.
    pub list: &'static str,
    /// Which item.
    pub position: usize,
    /// The member: `key`.
    pub name: &'static str,
}

/// The value of a key that a Plug binds.
pub(super) fn bound_key(
    evaluation: &mut Evaluation<'_, '_>,
    key: &Spanned<String>,
    member: KeyMember,
) -> Result<ResolvedValue, NoValue> {
    let Spanned { value: key, at } = key;
    let at = *at;
    let provided = evaluation.socket;
    if let Some(slot) = provided.find(key)
        && let Some(value) = evaluation.value(Side::Socket, slot)?
    {
        return Ok(value.clone());
    }
    let side_schema = provided.side_schema;
    let diagnostic = if side_schema.open || side_schema.keys.contains_key(key) {
        // a required key that is missing was reported with the Socket
        if side_schema.is_required(key) {
            return Err(NoValue::Required);
        }
        Diagnostic::error(
            Code::KeyNotGiven,
            format!("{} does not give `{key}`", provided.owner.words()),
        )
        .at(at, "asked for here")
        .at(provided.owner.meta.name.at, "does not give it")
        .because(provided.owner.no_key(key.clone()))
        .help(
            evaluation
                .version
                .give_help(Side::Socket, key, &provided.owner),
        )
    } else {
        Diagnostic::error(
            Code::UndeclaredKey,
            format!("the Interface declares no socket key `{key}`"),
        )
        .at(at, "no such key")
        .help(misspelt_help(evaluation, key, member))
    };
    Err(evaluation.report(diagnostic).into())
}

/// What to do about a key that no Socket can give: the name that was probably meant.
fn misspelt_help(evaluation: &Evaluation<'_, '_>, key: &str, member: KeyMember) -> Help {
    let side_schema = evaluation.socket.side_schema;
    let names = || side_schema.keys.keys().map(String::as_str);
    let help = Help::from(undeclared_help(key, side_schema, names()));
    let (Some(near), Some(plug)) = (suggest(key, names()), evaluation.plug) else {
        return help;
    };
    let KeyMember {
        list,
        position,
        name,
    } = member;
    let line = lines![("{name}: {}", emit::flow_string(near))];
    let item = format!("{list}[{position}]");
    help.paste(Paste::item(plug.owner.subject(), item, line))
}
