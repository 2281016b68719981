//! Reads the `apiVersion` and the `kind` of a document without parsing it.
//!
//! The keys at column 0 are only used where no open value can reach column 0; anything unusual is
//! [`Head::Unread`], and the caller parses.

use memchr::memmem::{self, Finder};

use super::line::{Lines, is_closed, is_comment, is_mark, key, value};
use crate::manifest::yaml_characters;

/// What a scan found of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Head<'a> {
    /// Nothing but blanks, comments and `---`.
    Empty,
    /// What a parser would find, if the document is YAML.
    Read {
        /// The root's `apiVersion`.
        api_version: &'a str,
        /// The root's `kind`.
        kind: &'a str,
    },
    /// The document must be parsed to know.
    Unread,
}

/// Reads the heads of the documents of one source.
pub(super) struct Scanner {
    /// Whether the source holds anything that makes a head doubtful; then each document is checked.
    odd: bool,
    kind: Finder<'static>,
    api_version: Finder<'static>,
}

impl Scanner {
    /// A scanner of the documents of this source.
    pub(super) fn new(text: &str) -> Self {
        Self {
            odd: is_odd(text),
            kind: Finder::new("\nkind"),
            api_version: Finder::new("\napiVersion"),
        }
    }

    /// A scanner that looks for what is odd in each document.
    pub(super) fn of_each() -> Self {
        Self {
            odd: true,
            ..Self::new("")
        }
    }

    /// The kind that a document declares.
    pub(super) fn head<'a>(&self, text: &'a str) -> Head<'a> {
        if self.odd && is_odd(text) {
            return Head::Unread;
        }
        let mut lines = Lines { text, at: 0 };
        if is_mark(text) {
            let line = lines.next().unwrap_or_default();
            if !is_comment(&line[3..]) {
                return Head::Unread;
            }
        }
        let (mut api_version, mut kind) = (None, None);
        // whether a key has been read, and whether its value could go on in an indented line
        let (mut rooted, mut open) = (false, false);
        while let (start, Some(line)) = (lines.at, lines.next()) {
            let bytes = line.as_bytes();
            match bytes.first() {
                None | Some(b'#') => {}
                Some(b' ' | b'-') => {
                    if bytes[0] == b' ' && is_comment(line) {
                        continue;
                    }
                    let member = bytes[0] == b' ' || matches!(bytes.get(1), None | Some(b' '));
                    if !rooted || open || !member || !is_closed(line) {
                        return Head::Unread;
                    }
                }
                Some(_) => {
                    if let (Some(api_version), Some(kind)) = (api_version, kind) {
                        // from the line end before this line
                        let twice = self.twice(&text.as_bytes()[start - 1..]);
                        return if twice {
                            Head::Unread
                        } else {
                            Head::Read { api_version, kind }
                        };
                    }
                    let Some((key, rest)) = key(line) else {
                        return Head::Unread;
                    };
                    let slot = match key {
                        "apiVersion" => &mut api_version,
                        "kind" => &mut kind,
                        _ => {
                            if !is_closed(rest) {
                                return Head::Unread;
                            }
                            (rooted, open) = (true, false);
                            continue;
                        }
                    };
                    let Some(value) = value(rest) else {
                        return Head::Unread;
                    };
                    if slot.replace(value).is_some() {
                        return Head::Unread;
                    }
                    (rooted, open) = (true, true);
                }
            }
        }
        match (api_version, kind) {
            (Some(api_version), Some(kind)) => Head::Read { api_version, kind },
            _ if rooted => Head::Unread,
            _ => Head::Empty,
        }
    }

    /// Whether one of the keys is at the beginning of a line.
    fn twice(&self, rest: &[u8]) -> bool {
        // one pass for both in nearly every document, by vector instructions; the mask also lets
        // `c` and `i` through
        let mut begins = false;
        for (&end, &first) in rest.iter().zip(rest.get(1..).unwrap_or_default()) {
            begins |= (end == b'\n') & (first & !(b'a' ^ b'k') == b'a' & b'k');
        }
        begins && (self.kind.find(rest).is_some() || self.api_version.find(rest).is_some())
    }
}

/// Whether a text holds what no head is read beside: odd characters, or a `...` at column 0, after
/// which readers differ.
fn is_odd(text: &str) -> bool {
    text.starts_with("...")
        || yaml_characters::odd(text).is_some()
        || memmem::find(text.as_bytes(), b"\n...").is_some()
}
