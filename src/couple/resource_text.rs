//! Turns values into the texts of a resource: of a variable, of an argument, and of any other field.

use std::rc::Rc;

use super::kubelet_expansion::finish;
use super::value::{Part, Reference, ResolvedValue};
use super::value_text::text;
use crate::api::env_name;

/// What a variable of a resource's container holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VariableText {
    /// A text in which the kubelet expands no reference.
    Plain(String),
    /// A reference alone.
    Reference(Rc<Reference>),
    /// A text with references in it, which variables before it hold.
    Joined(Rc<[Part]>),
}

impl VariableText {
    /// What a value is as a variable.
    ///
    /// # Errors
    /// Why it has no text.
    pub fn of(value: &ResolvedValue) -> Result<Self, &'static str> {
        Ok(match value {
            ResolvedValue::Reference(reference) => Self::Reference(Rc::clone(reference)),
            ResolvedValue::Literal(json) => {
                let data = Part::Data(text(json)?.into_owned());
                Self::Plain(finish(&[data], |_| String::new()))
            }
            ResolvedValue::Text(parts) => match &parts[..] {
                [Part::Reference(reference)] => Self::Reference(Rc::clone(reference)),
                all if all.iter().any(|part| matches!(part, Part::Reference(_))) => {
                    Self::Joined(Rc::clone(parts))
                }
                all => Self::Plain(finish(all, |_| String::new())),
            },
        })
    }
}

/// A text in which each reference is a variable, of the name that is given for it; what came out of
/// values is kept from being expanded.
pub fn expanded_text(parts: &[Part], name: impl Fn(&Reference) -> String) -> String {
    finish(parts, name)
}

/// The name of the variable that holds a part of a text.
pub fn helper_name(prefix: &str, reference: &Reference) -> String {
    env_name(prefix, &reference.supplies)
}

/// A value without references as plain JSON.
///
/// # Errors
/// The first reference in it.
pub fn plain_text(value: &ResolvedValue) -> Result<serde_json::Value, Rc<Reference>> {
    match value {
        ResolvedValue::Literal(json) => Ok(json.clone()),
        ResolvedValue::Reference(reference) => Err(Rc::clone(reference)),
        ResolvedValue::Text(parts) => {
            let mut joined = String::new();
            for part in &**parts {
                match part {
                    Part::Author(text) | Part::Data(text) => joined.push_str(text),
                    Part::Reference(reference) => return Err(Rc::clone(reference)),
                }
            }
            Ok(joined.into())
        }
    }
}
