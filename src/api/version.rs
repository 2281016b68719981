//! Parses versions: full versions, and the lowest version that a Plug asks for.

use semver::Version;

use super::reader::ObjectReader;
use super::{Minimum, Spanned};
use crate::diagnostic::Help;
use crate::manifest::NodeId;
use crate::manifest::scalar::Scalar;

impl ObjectReader<'_> {
    /// `1.2.3`, as text.
    pub(super) fn version(&mut self, id: NodeId) -> Option<Spanned<Version>> {
        let text = self.tree.str(id).unwrap_or_default();
        if let (Some(Scalar::Str(_)), Some(parts)) = (self.scalar(id), parts(text))
            && let [major, minor, patch] = parts[..]
        {
            return Some(Spanned {
                value: Version::new(major, minor, patch),
                at: self.at(id),
            });
        }
        let full = numbers(text).map(|mut parts| {
            parts.resize(3, 0);
            self.token_help("write the full version in quotes:", id, &quoted(&parts))
        });
        let full = full.or_else(|| self.shape_help_unless_text(id));
        self.invalid(id, "a full version, as text: `\"1.2.3\"`", full);
        None
    }

    /// `1`, `1.2` or `1.2.3`, as text.
    pub(super) fn minimum(&mut self, id: NodeId) -> Option<Spanned<Minimum>> {
        let text = self.tree.str(id).unwrap_or_default();
        let is_text = matches!(self.scalar(id), Some(Scalar::Str(_)));
        if let Some(parts) = parts(text).filter(|_| is_text) {
            let part = |at: usize| parts.get(at).copied().unwrap_or_default();
            let least = Version::new(part(0), part(1), part(2));
            return Some(Spanned {
                value: Minimum {
                    least,
                    text: text.to_owned(),
                },
                at: self.at(id),
            });
        }
        let advice = match is_text {
            true => {
                "a range is not supported: write the lowest version that is enough, within one \
                 major version:"
            }
            false => "write it in quotes:",
        };
        let help = numbers(text).map(|parts| self.token_help(advice, id, &quoted(&parts)));
        let help = help.or_else(|| self.shape_help_unless_text(id));
        self.invalid(
            id,
            "a version, as text: `\"1\"`, `\"1.2\"` or `\"1.2.3\"`",
            help,
        );
        None
    }

    fn shape_help_unless_text(&self, id: NodeId) -> Option<Help> {
        match self.scalar(id) {
            Some(Scalar::Str(_)) => None,
            _ => self.shape_help(id),
        }
    }
}

/// One to three numbers of at most nine digits, without leading zeros.
fn parts(text: &str) -> Option<Vec<u64>> {
    let parts: Option<Vec<_>> = text.split('.').take(4).map(number).collect();
    parts.filter(|parts| parts.len() <= 3)
}

fn number(text: &str) -> Option<u64> {
    let digits = (1..=9).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    (digits && (text == "0" || !text.starts_with('0'))).then(|| text.parse().ok())?
}

/// The first version in `>=1.2 <2`, `v1.2.0` or `1.x`: what was probably meant.
fn numbers(text: &str) -> Option<Vec<u64>> {
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let text = &text[start..];
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let mut parts: Vec<_> = text[..end].split('.').map_while(number).collect();
    parts.truncate(3);
    Some(parts).filter(|parts| !parts.is_empty())
}

fn quoted(parts: &[u64]) -> String {
    let parts: Vec<_> = parts.iter().map(u64::to_string).collect();
    format!("\"{}\"", parts.join("."))
}
