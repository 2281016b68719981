//! The documents of a source without parsing: where each begins, and its apiVersion and kind.
//!
//! A `---` at column 0, before a blank or the end of its line, always begins a document: no scalar
//! can hold it (YAML
//! 1.2 §9.1.2). What the keys at column 0 say is only believed where nothing could be open that reaches column 0;
//! whatever is unusual stays [`Head::Unread`], and the caller parses.

use memchr::memmem::{self, Finder};

use super::{SourceId, characters};

/// One document of a source: a slice, and what it says it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Document<'a> {
    /// Whose document.
    pub source: SourceId,
    /// From its own `---` line, if it has one, to the next one: the slices of a source are the
    /// source.
    pub text: &'a str,
    /// Where it begins in the source.
    pub start: u32,
    /// What the scan could tell.
    pub head: Head<'a>,
}

/// What a scan could tell of a document.
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

/// Splits a source into its documents.
pub fn scan(source: SourceId, text: &str) -> Vec<Document<'_>> {
    documents(source, text, starts(text)).collect()
}

/// Whether a source has no documents: the first that is there is the last that is looked at.
pub fn is_empty(text: &str) -> bool {
    let starts = starts(text);
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    // what is odd is looked for in each document, not in all of the source before
    let scanner = Scanner {
        odd: true,
        ..Scanner::new("")
    };
    starts
        .iter()
        .zip(ends)
        .all(|(&start, end)| scanner.head(&text[start..end]) == Head::Empty)
}

/// The documents that begin at these [`starts`], one by one. Empty ones in a row count as one.
pub(super) fn documents(
    source: SourceId,
    text: &str,
    starts: Vec<usize>,
) -> impl Iterator<Item = Document<'_>> {
    let scanner = Scanner::new(text);
    let mut starts = starts.into_iter().peekable();
    let slices = std::iter::from_fn(move || {
        let start = starts.next()?;
        let text = &text[start..starts.peek().map_or(text.len(), |&end| end)];
        Some(Document {
            source,
            text,
            start: start as u32,
            head: scanner.head(text),
        })
    });
    let mut slices = slices.peekable();
    std::iter::from_fn(move || {
        let mut document = slices.next()?;
        while document.head == Head::Empty
            && let Some(next) = slices.next_if(|next| next.head == Head::Empty)
        {
            let start = document.start as usize;
            document.text = &text[start..start + document.text.len() + next.text.len()];
        }
        Some(document)
    })
}

/// Where the documents of a source begin: never two at one place, and none in an empty source.
pub(super) fn starts(text: &str) -> Vec<usize> {
    if text.is_empty() {
        return Vec::new();
    }
    let marks = memmem::find_iter(text.as_bytes(), b"\n---").map(|at| at + 1);
    let mut starts: Vec<_> = [0]
        .into_iter()
        .chain(marks.filter(|&at| is_mark(&text[at..])))
        .collect();
    if starts.len() > 1 && first_content(text) == Some(b'%') {
        starts.remove(1); // directives belong to the document whose `---` they stand before
    }
    let first = starts.get(1).map_or(text, |&end| &text[..end]);
    if first_content(first) == Some(b'{') {
        starts.splice(1..1, json_objects(first));
    }
    starts
}

/// Whether a line begins a document.
fn is_mark(line: &str) -> bool {
    line.strip_prefix("---")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\n', '\r']))
}

/// The first byte that is neither a blank nor in a comment.
fn first_content(text: &str) -> Option<u8> {
    let text = text.trim_start_matches('\u{feff}');
    let line = text
        .lines()
        .map(str::trim_start)
        .find(|line| !line.is_empty() && !line.starts_with('#'));
    line.and_then(|line| line.bytes().next())
}

/// Where the second and further ones of several JSON objects begin; none if the text is anything
/// else.
fn json_objects(text: &str) -> Vec<usize> {
    let mut starts = Vec::new();
    let (mut depth, mut quoted, mut escaped, mut fresh) = (0_usize, false, false, false);
    for (at, b) in text.bytes().enumerate() {
        if quoted {
            quoted = escaped || b != b'"';
            escaped = !escaped && b == b'\\';
            continue;
        }
        // `{{` and `{a` are no JSON
        if std::mem::take(&mut fresh) && !matches!(b, b'"' | b'}') {
            fresh = b.is_ascii_whitespace();
            if !fresh {
                return Vec::new();
            }
        }
        match b {
            b'{' => {
                if depth == 0 {
                    starts.push(at);
                    fresh = true;
                }
                depth += 1;
            }
            b'[' if depth > 0 => depth += 1,
            b'}' | b']' if depth > 0 => depth -= 1,
            b'"' if depth > 0 => quoted = true,
            _ if depth > 0 || b.is_ascii_whitespace() => {}
            _ => return Vec::new(),
        }
    }
    if depth == 0 && !starts.is_empty() {
        starts.split_off(1)
    } else {
        Vec::new()
    }
}

struct Scanner {
    /// Whether the source holds anything that makes a head doubtful; then each document is asked.
    odd: bool,
    kind: Finder<'static>,
    api_version: Finder<'static>,
}

impl Scanner {
    fn new(text: &str) -> Self {
        Self {
            odd: is_odd(text),
            kind: Finder::new("\nkind"),
            api_version: Finder::new("\napiVersion"),
        }
    }

    fn head<'a>(&self, text: &'a str) -> Head<'a> {
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

    /// Whether one of the keys stands at the beginning of a line.
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
        || characters::odd(text).is_some()
        || memmem::find(text.as_bytes(), b"\n...").is_some()
}

/// Whether there is nothing but blanks and a comment.
pub(super) fn is_comment(rest: &str) -> bool {
    let content = rest.trim_start_matches(' ');
    content.is_empty()
        || content.starts_with('#') && (content.len() < rest.len() || rest.is_empty())
}

/// A plain key at column 0, and what follows its colon.
pub(super) fn key(line: &str) -> Option<(&str, &str)> {
    let word = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'/' | b'-');
    let length = line.bytes().position(|b| !word(&b))?;
    let rest = line[length..].strip_prefix(':')?;
    (length > 0 && line.as_bytes()[0] != b'-' && (rest.is_empty() || rest.starts_with(' ')))
        .then(|| (&line[..length], rest))
}

/// A value of letters, digits and `. / _ -`, quoted or not, alone on its line.
pub(super) fn value(rest: &str) -> Option<&str> {
    let rest = rest.trim_start_matches(' ');
    let quote = rest.bytes().next().filter(|b| matches!(b, b'"' | b'\''));
    let rest = if quote.is_some() { &rest[1..] } else { rest };
    let word = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'/' | b'-');
    let length = rest.bytes().position(|b| !word(b)).unwrap_or(rest.len());
    let (value, mut rest) = rest.split_at(length);
    if let Some(quote) = quote {
        rest = rest.strip_prefix(char::from(quote))?;
    }
    (value.starts_with(|c: char| c.is_ascii_alphanumeric()) && is_comment(rest)).then_some(value)
}

/// Whether nothing that begins in a line can reach over its end to column 0: quotes and brackets
/// can.
pub(super) fn is_closed(line: &str) -> bool {
    let opening = |b| matches!(b, b'"' | b'\'' | b'{' | b'[');
    let Some(at) = line.bytes().position(opening) else {
        return true;
    };
    let token = line[at..].trim_end_matches(' ');
    let (opening, inner) = (token.as_bytes()[0], &token[1..]);
    let before = &line[..at];
    let begins = before.trim().is_empty() || before.ends_with(": ") || before.ends_with("- ");
    begins
        && match opening {
            b'{' => inner == "}",
            b'[' => inner == "]",
            _ => inner
                .strip_suffix(char::from(opening))
                .is_some_and(|inner| !inner.contains(['\\', char::from(opening)])),
        }
}

/// Lines without their ends.
struct Lines<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lines<'a> {
    fn next(&mut self) -> Option<&'a str> {
        let rest = &self.text[self.at..];
        if rest.is_empty() {
            return None;
        }
        let end = memchr::memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len());
        self.at += (end + 1).min(rest.len());
        let line = &rest[..end];
        Some(line.strip_suffix('\r').unwrap_or(line))
    }
}

#[cfg(test)]
mod tests;
