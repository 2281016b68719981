//! Reads single lines of YAML: comments, keys, values, and whether a value is closed at the end of
//! its line.

/// Whether a line begins a document.
pub(super) fn is_mark(line: &str) -> bool {
    line.strip_prefix("---")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\n', '\r']))
}

/// Whether there is nothing but blanks and a comment.
pub(in crate::manifest) fn is_comment(rest: &str) -> bool {
    let content = rest.trim_start_matches(' ');
    content.is_empty()
        || content.starts_with('#') && (content.len() < rest.len() || rest.is_empty())
}

/// A plain key at column 0, and what follows its colon.
pub(in crate::manifest) fn key(line: &str) -> Option<(&str, &str)> {
    let word = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'/' | b'-');
    let length = line.bytes().position(|b| !word(&b))?;
    let rest = line[length..].strip_prefix(':')?;
    (length > 0 && line.as_bytes()[0] != b'-' && (rest.is_empty() || rest.starts_with(' ')))
        .then(|| (&line[..length], rest))
}

/// A value of letters, digits and `. / _ -`, quoted or not, alone on its line.
pub(in crate::manifest) fn value(rest: &str) -> Option<&str> {
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
pub(in crate::manifest) fn is_closed(line: &str) -> bool {
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
pub(super) struct Lines<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
}

impl<'a> Lines<'a> {
    /// The next line, if there is one.
    pub(super) fn next(&mut self) -> Option<&'a str> {
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
