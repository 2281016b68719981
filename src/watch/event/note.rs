//! Writes the message of an Event: what happened and how to fix it, within the size that the API
//! server accepts.

use super::Reporter;
use crate::diagnostic::{Code, Diagnostic, Help, printable};

/// Bytes of a note.
pub(super) const NOTE: usize = 1024;

/// What to do about a cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::watch) struct Advice {
    pub(super) code: Code,
    /// Its help in a sentence.
    pub(super) help: Option<String>,
}

impl Advice {
    pub(super) fn of(diagnostic: &Diagnostic) -> Self {
        Self {
            code: diagnostic.code,
            help: diagnostic.help.as_ref().and_then(Help::summary),
        }
    }

    /// For the end of a note.
    pub(super) fn text(&self, reporter: &Reporter) -> String {
        let code = self.code.as_str();
        let help = self.help.as_ref().map(|help| format!(". To do: {help}"));
        let book = reporter.book.as_ref().map(|book| format!(", {book}{code}"));
        format!(
            "{}. See `coupler explain {code}`{}",
            help.unwrap_or_default(),
            book.unwrap_or_default()
        )
    }
}

/// A text as a terminal may show it, in a note's size.
pub(super) fn note(text: &str) -> String {
    let text = &printable::line(text);
    if text.len() <= NOTE {
        return text.to_owned();
    }
    format!("{}…", cut(text, NOTE - '…'.len_utf8()))
}

/// A note and what comes after it: where both are too long, the note is cut.
pub(super) fn with_tail(note: &str, tail: &str) -> String {
    let tail = cut(tail, NOTE / 2);
    let room = NOTE - tail.len();
    if note.len() <= room {
        return format!("{note}{tail}");
    }
    format!("{}…{tail}", cut(note, room - '…'.len_utf8()))
}

/// The first bytes of a text, whole characters only.
pub(super) fn cut(text: &str, bytes: usize) -> &str {
    let end = (0..=bytes.min(text.len()))
        .rev()
        .find(|&at| text.is_char_boundary(at));
    &text[..end.unwrap_or_default()]
}
