//! Checks the values of keys that an Interface requires to be safe in a URL (`format: url-safe`).

use std::rc::Rc;

use super::evaluate::Evaluation;
use super::index::DefinedVersion;
use super::provided::InUrl;
use super::template::Side;
use super::value::{Part, Reference, ResolvedValue};
use super::value_text::text;
use crate::diagnostic::{Code, Diagnostic, Help};
use crate::manifest::Place;

/// The error of a value that a URL may have to encode; `at`: where it is given.
pub(super) fn judge(
    evaluation: &Evaluation<'_, '_>,
    side: Side,
    key: &str,
    value: &ResolvedValue,
    version: &DefinedVersion<'_>,
    at: Place,
) -> Option<Diagnostic> {
    let code = match side {
        Side::Plug => Code::PlugConfigInvalid,
        Side::Socket | Side::Source => Code::SocketConfigInvalid,
    };
    let demand = format!(
        "Interface `{}` {} requires `{key}` to be safe in a URL",
        version.name, version.number
    );
    let unsafe_text = || {
        let message = format!("{demand}, and it contains a character that a URL must encode");
        let error = Diagnostic::error(code, message).at(at, "this value");
        error.help("letters, digits, `-`, `.`, `_` and `~` need no encoding")
    };
    match value {
        ResolvedValue::Literal(json) => {
            let is_safe = text(json).is_ok_and(|text| is_unreserved(&text));
            (!is_safe).then(unsafe_text)
        }
        ResolvedValue::Reference(reference) => unpromised(evaluation, reference, &demand, code, at),
        ResolvedValue::Text(parts) => parts.iter().find_map(|part| match part {
            Part::Author(text) | Part::Data(text) => (!is_unreserved(text)).then(unsafe_text),
            Part::Reference(reference) => unpromised(evaluation, reference, &demand, code, at),
        }),
    }
}

/// The characters that a URL never encodes (RFC 3986 §2.3).
fn is_unreserved(text: &str) -> bool {
    let within = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    text.bytes().all(within)
}

fn unpromised(
    evaluation: &Evaluation<'_, '_>,
    reference: &Rc<Reference>,
    demand: &str,
    code: Code,
    at: Place,
) -> Option<Diagnostic> {
    if evaluation.promise(reference) == InUrl::Safe {
        return None;
    }
    let origin = evaluation.origin(reference)?;
    let owner = evaluation.provided(origin.side)?.owner;
    let message = format!("{demand}, and {} does not declare it", owner.words());
    let error = Diagnostic::error(code, message).at(at, "this value");
    let from = owner.config_from_of(&reference.supplies)?;
    let paste = from.promise(owner.subject(), &[&reference.supplies]);
    Some(
        error.help(
            Help::from(
                "if its values never contain a character that a URL must encode, declare it in \
         that entry of `spec.configFrom`:",
            )
            .paste(paste),
        ),
    )
}
