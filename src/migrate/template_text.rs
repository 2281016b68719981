//! Writes translated texts as templates of coupler.

use super::residual::{Absence, Residual, SecretOwner};
use super::translate::{TextPart, Untranslatable};
use crate::limits;

/// What is syntax where a text goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TargetSyntax {
    /// In `config`: expressions, statements and comments.
    Full,
    /// In a resource: expressions.
    Expressions,
}

/// Whether a reference can be where a text goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SecretUse {
    /// In the value of a container's variable.
    Variable,
    /// In `config`, whose values are references too.
    Key,
    /// Nowhere else.
    Refused,
}

/// Escapes literal text.
pub(super) fn escaped(text: &str, syntax: TargetSyntax) -> String {
    let text = text.replace("<%", "<%%");
    match syntax {
        TargetSyntax::Expressions => text,
        TargetSyntax::Full => text.replace("{%", "<% '{%' %>").replace("<#", "<% '<#' %>"),
    }
}

/// A text of parts.
pub(super) fn written(
    parts: &[TextPart],
    syntax: TargetSyntax,
    secrets: SecretUse,
) -> Result<String, Untranslatable> {
    let mut out = String::new();
    for part in parts {
        match part {
            TextPart::Literal(text) => out.push_str(&escaped(text, syntax)),
            TextPart::Computed(value) => {
                check(value, secrets)?;
                let mut expression = value.value(Absence::NoValue);
                if parts.len() == 1 && value.is_boolean() {
                    // one expression alone would keep its type
                    expression = format!("({expression}) | string");
                }
                if expression.len() > limits::TEMPLATE_BYTES {
                    return Err(too_long());
                }
                out.push_str(&format!("<% {expression} %>"));
            }
        }
    }
    Ok(out)
}

/// The error of an expression that coupler would not evaluate.
pub(super) fn too_long() -> Untranslatable {
    Untranslatable {
        action: "{% if … %}".to_owned(),
        message: format!(
            "the expression for it is longer than {} KiB",
            limits::TEMPLATE_BYTES >> 10
        ),
        wants_secret: false,
    }
}

/// Refuses what only the cluster knows where it cannot be a reference.
fn check(value: &Residual, secrets: SecretUse) -> Result<(), Untranslatable> {
    let Some(name) = value.hidden() else {
        return Ok(());
    };
    let is_usable = match (value, secrets) {
        (Residual::Path(path), SecretUse::Variable) => path.secret == Some(SecretOwner::Own),
        (Residual::Path(_), SecretUse::Key) => true,
        _ => false,
    };
    if is_usable {
        return Ok(());
    }
    Err(Untranslatable {
        action: format!("<% {name} %>"),
        message: format!("it writes the value of `{name}`, which is known only in the cluster"),
        wants_secret: true,
    })
}
