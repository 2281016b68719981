//! Chooses the version by which a Service is a Socket: the highest that the Plug accepts and whose
//! required keys a Service gives.

use super::index::{DefinedInterface, DefinedVersion};
use super::key_text::made_of;
use super::provided::subject;
use super::template::Side;
use crate::api::Plug;
use crate::diagnostic::{Code, Diagnostic, list_plain};

/// The version that counts; where a Service gives the required keys of none, the highest that the
/// Plug accepts: its missing keys are reported as those of any Socket.
pub(super) fn version<'i>(
    plug: &Plug,
    definition: &'i DefinedInterface<'i>,
) -> Result<&'i DefinedVersion<'i>, Box<Diagnostic>> {
    let least = plug.version.as_ref();
    let accepted = definition.versions.values().rev();
    let accepted =
        accepted.filter(|version| least.is_none_or(|least| least.value.admits(version.number)));
    let mut accepted = accepted.peekable();
    let Some(&highest) = accepted.peek() else {
        return Err(Box::new(no_version(plug, definition)));
    };
    Ok(accepted
        .find(|version| gives_required(version))
        .unwrap_or(highest))
}

/// Whether a Service gives every key that a version requires.
fn gives_required(version: &DefinedVersion<'_>) -> bool {
    let side = version.side_schema(Side::Socket);
    let gives = |key: &str| {
        let facts = side.keys.get(key);
        let of_service = matches!(key, "host" | "port") && facts.is_some();
        of_service || facts.is_some_and(|facts| facts.default.is_some())
    };
    let made = made_of(&side.keys, gives);
    let mut required = side.required_keys();
    required.all(|key| gives(key) || made.contains(key))
}

fn no_version(plug: &Plug, definition: &DefinedInterface<'_>) -> Diagnostic {
    let asked = plug.version.as_ref();
    let least = asked.map_or("", |version| version.value.text.as_str());
    let interface = &plug.interface.value;
    let message = format!(
        "the Plug asks for version `{least}`, and Interface `{interface}` has no such version"
    );
    Diagnostic::error(Code::VersionMismatch, message)
        .at(
            asked.map_or(plug.interface.at, |version| version.at),
            "at least this, within one major",
        )
        .help(format!("it has {}", list_plain(definition.versions.keys())))
        .on(subject("Plug", &plug.meta))
}
