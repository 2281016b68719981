//! Prints numbers as containers get them, and finds those that their author wrote differently.

use serde_json::Number;

use super::reader::{ObjectReader, short};
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::scalar::Scalar;
use crate::manifest::{NodeId, emit};

/// The shortest decimal that reads back as the same number. A whole number has no fraction, however
/// it was written: a host that re-emits `1.0` as `1` must not change what a container sees.
pub fn number_text(number: &Number) -> String {
    match number.as_f64().filter(|_| number.is_f64()) {
        Some(0.0) => "0".to_owned(),
        Some(float) if (1e-7..1e21).contains(&float.abs()) => float.to_string(),
        Some(float) => format!("{float:e}"),
        None => number.to_string(),
    }
}

/// A number or a boolean as a container sees it.
fn passed_on(scalar: Scalar<'_>) -> Option<String> {
    match scalar {
        Scalar::Bool(value) => Some(value.to_string()),
        Scalar::Int(value) => Some(value.to_string()),
        Scalar::Float(value) => Number::from_f64(value).map(|number| number_text(&number)),
        Scalar::Null | Scalar::Big(_) | Scalar::Str(_) => None,
    }
}

impl ObjectReader<'_> {
    /// The text that a container sees of an unquoted value, where it is not what was written.
    pub(super) fn rewritten(&self, id: NodeId) -> Option<String> {
        let text = self.tree.slice(self.tree.span(id));
        // no other text is a number, or a boolean that is not written `true` or `false`
        if !text.starts_with(|c: char| c.is_ascii_digit() || "+-.TF".contains(c)) {
            return None;
        }
        let seen = passed_on(self.scalar(id)?)?;
        (seen != text && self.is_passed_on(id)).then_some(seen)
    }

    /// Whether a container may see a value: one of `config`, or the default of a key.
    fn is_passed_on(&self, id: NodeId) -> bool {
        let key = |node| self.tree.key(node);
        std::iter::successors(Some(id), |&node| self.tree.parent(node)).any(|node| {
            let holder = self.tree.parent(node);
            match key(node) {
                Some("config") => holder.and_then(key) == Some("spec"),
                Some("default") => {
                    self.kind == "Interface" && holder.and_then(key) != Some("properties")
                }
                _ => false,
            }
        })
    }

    /// The warning about a number or a boolean that a container sees in another spelling.
    pub(super) fn rewritten_warning(&self, id: NodeId, seen: &str) -> Diagnostic {
        let text = self.tree.slice(self.tree.span(id));
        let what = match self.scalar(id) {
            Some(Scalar::Bool(_)) => "boolean",
            _ => "number",
        };
        let message = format!("`{}` is a {what}, and is written as `{seen}`", short(text));
        Diagnostic::warning(Code::ScalarRewritten, message)
            .at(self.at(id), format!("the {what} `{seen}`"))
            .help(
                self.token_help(
                    self.token_help("if it is text, quote it:", id, &emit::json_string(text))
                        .and(format!("if it is a {what}, write it in this form:")),
                    id,
                    seen,
                ),
            )
            .on(self.subject())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::Style;
    use crate::manifest::scalar::resolve;

    #[test]
    fn numbers_and_booleans_are_passed_on_in_one_spelling() {
        for (written, seen) in [
            ("1.10", Some("1.1")),
            ("1.0", Some("1")),
            ("-0.0", Some("0")),
            (".5", Some("0.5")),
            ("+5", Some("5")),
            ("0x1F", Some("31")),
            ("07", Some("7")),
            ("1.5e-7", Some("0.00000015")),
            ("123456789.123456789", Some("123456789.12345679")),
            ("True", Some("true")),
            ("6379", Some("6379")),
            ("text", None),
            ("null", None),
        ] {
            let scalar = resolve(written, Style::Plain);
            assert_eq!(passed_on(scalar).as_deref(), seen, "{written}");
        }
    }
}
