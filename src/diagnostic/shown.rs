//! Prepares a text to be shown line by line, as a difference prints it.

use std::collections::BTreeMap;

use super::redact::{self, Keys};
use super::source::LineIndex;
use super::{SourceText, printable};

/// The lines of a manifest, of which some may be shown whole and some not.
pub struct Shown<'a> {
    index: LineIndex<'a>,
    /// By its first line: the keys of a document, if no more than they may be shown of it.
    documents: BTreeMap<usize, Option<Keys>>,
}

impl<'a> Shown<'a> {
    /// Of this text.
    pub fn new(text: &'a str) -> Self {
        Self {
            index: LineIndex::new(SourceText { name: "", text }),
            documents: BTreeMap::new(),
        }
    }

    /// Whether a text, of whatever format, has a line that a manifest of a Secret has.
    pub fn may_hold_secret(text: &str) -> bool {
        text.lines().any(redact::may_be_secret)
    }

    /// A line, from 0: of a Secret, and of what could be one, only a key is shown.
    pub fn line(&mut self, line: usize) -> String {
        let (index, text) = (&self.index, self.index.line(line));
        let document = index.document(line);
        let keys = self.documents.entry(document.start).or_insert_with(|| {
            let quotable = redact::quotable(index, document.clone());
            (!quotable).then(|| Keys::of(index, document))
        });
        let Some(keys) = keys
            .as_ref()
            .filter(|_| !matches!(text.trim_end(), "" | "---" | "..."))
        else {
            return printable::line(text);
        };
        match keys.on(index, line) {
            Some(key) if key.len() == text.trim_end().len() => printable::line(key),
            Some(key) => printable::line(&format!("{key} …")),
            None => "…".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        let mut shown = Shown::new(text);
        (0..text.lines().count())
            .map(|line| shown.line(line))
            .collect()
    }

    #[test]
    fn of_a_secret_the_keys_are_shown() {
        let text = "kind: Service\nport: 1\n---\nkind: Secret\nstringData:\n  a: hunter2\n  b: |\n    hunter2\n---\nkind: Pod\n";
        let secret = ["kind: …", "stringData:", "  a: …", "  b: …", "…"];
        assert_eq!(
            lines(text),
            [
                &["kind: Service", "port: 1", "---"],
                &secret[..],
                &["---", "kind: Pod"]
            ]
            .concat()
        );
    }

    #[test]
    fn what_has_no_kind_could_be_one() {
        assert_eq!(lines("data:\n  a: hunter2\n"), ["data:", "  a: …"]);
        assert_eq!(lines("hunter2\n"), ["…"]);
    }

    #[test]
    fn a_line_cannot_command_a_terminal() {
        assert!(!lines("kind: A\nb: \u{1b}[31m")[1].contains('\u{1b}'));
    }
}
