//! Makes one hash of all values of a coupling, for names that must change with them.

use std::fmt::Write;

use sha2::{Digest as _, Sha256};

use super::{Evaluation, KeyState};
use crate::api::ReferencePresence;
use crate::couple::template::Side;
use crate::couple::value::{Part, Reference, ResolvedValue};

/// Bytes of the hash that are written.
const BYTES: usize = 5;

impl Evaluation<'_, '_> {
    /// The hash of the version and of every value of both sides; of a reference, of its names.
    pub(super) fn coupling_digest(&self) -> String {
        let mut text = format!("{}@{}", self.version.name, self.version.number);
        for side in [Side::Plug, Side::Socket] {
            let Some(provided) = self.provided(side) else {
                continue;
            };
            for (slot, state) in provided.slots.iter().zip(self.states(side)) {
                if let KeyState::Done(value) = state {
                    // writing to a String cannot fail
                    let _ = write!(text, "\n{}.{}=", side.word(), slot.key);
                    write_value(&mut text, value);
                }
            }
        }
        let hash = Sha256::digest(text.as_bytes());
        hash[..BYTES].iter().fold(String::new(), |mut out, byte| {
            let _ = write!(out, "{byte:02x}");
            out
        })
    }
}

fn write_value(out: &mut String, value: &ResolvedValue) {
    match value {
        ResolvedValue::Literal(json) => out.push_str(&json.to_string()),
        ResolvedValue::Reference(reference) => write_reference(out, reference),
        ResolvedValue::Text(parts) => {
            for part in &**parts {
                match part {
                    Part::Author(text) | Part::Data(text) => {
                        out.push_str(&serde_json::Value::from(text.as_str()).to_string());
                    }
                    Part::Reference(reference) => write_reference(out, reference),
                }
            }
        }
    }
}

fn write_reference(out: &mut String, reference: &Reference) {
    let Reference {
        kind, name, key, ..
    } = reference;
    let optional = match reference.presence {
        ReferencePresence::Required => "",
        ReferencePresence::Optional => " optional",
    };
    let _ = write!(out, "({} {name} {key}{optional})", kind.object());
}
