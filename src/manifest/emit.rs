//! Writes new text that YAML 1.1, YAML 1.2, JSON and Kubernetes read in the same way.
//!
//! Plain only where every reader reads a string; else double-quoted, on one line, with
//! the escapes that JSON and YAML share. Characters beyond U+FFFF are as they are: JSON would
//! need two escapes for one, which go-yaml refuses.

use std::borrow::Cow;
use std::fmt::Write;

use serde_json::Value;

/// A string as one token of block context: after `key: ` or `- `.
pub fn string(text: &str) -> Cow<'_, str> {
    if is_plain(text) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(json_string(text))
    }
}

/// A string as one token inside `[…]` or `{…}`.
pub fn flow_string(text: &str) -> Cow<'_, str> {
    // what may be plain holds no character that means something there
    string(text)
}

/// A string in double quotes, for JSON documents, that YAML readers read alike.
pub fn json_string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    // what most texts are made of
    if text
        .bytes()
        .all(|b| matches!(b, b' '..=b'~') && b != b'"' && b != b'\\')
    {
        out.push_str(text);
        out.push('"');
        return out;
    }
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_odd(c) => escape(&mut out, c),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A value as compact JSON of ASCII characters alone, keys sorted.
pub fn ascii_json(value: &Value) -> String {
    ascii(&value.to_string())
}

/// JSON with every other character than those of ASCII escaped.
pub fn ascii(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if matches!(c, ' '..='~') {
            out.push(c);
        } else {
            escape(&mut out, c);
        }
    }
    out
}

/// Printable ASCII text in single quotes, which leaves JSON readable.
pub fn single(ascii: &str) -> String {
    let mut out = String::with_capacity(ascii.len() + 2);
    out.push('\'');
    for (index, part) in ascii.split('\'').enumerate() {
        if index > 0 {
            out.push_str("''");
        }
        out.push_str(part);
    }
    out.push('\'');
    out
}

/// Whether a text of several lines is read alike by everybody as lines below a `|`.
pub fn is_block_text(text: &str) -> bool {
    let lines = text.strip_suffix('\n').unwrap_or(text);
    lines.contains('\n')
        && !lines.starts_with([' ', '\n'])
        && !lines.ends_with('\n')
        && lines.chars().all(|c| c == '\n' || !is_odd(c))
}

/// Names, hosts, versions with a letter first, paths.
fn is_plain(text: &str) -> bool {
    /// What some reader takes for a boolean, a null or a number, in whatever case.
    const WORDS: [&str; 12] = [
        "y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf", "infinity",
    ];
    let bytes = text.as_bytes();
    bytes
        .first()
        .is_some_and(|b| b.is_ascii_alphabetic() || *b == b'/')
        && bytes
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'/' | b'-'))
        && !WORDS.iter().any(|word| word.eq_ignore_ascii_case(text))
}

/// What readers refuse, lose or break lines at (YAML 1.2 §5.1, YAML 1.1 §5.4), and what a person
/// who reviews would not see: blanks that are none, marks without width, changes of direction.
fn is_odd(c: char) -> bool {
    matches!(c,
        '\0'..='\x1f' | '\x7f'..='\u{a0}' | '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{2000}'..='\u{200f}'
        | '\u{2028}'..='\u{202f}' | '\u{205f}'..='\u{206f}' | '\u{3000}' | '\u{e000}'..='\u{f8ff}'
        | '\u{fdd0}'..='\u{fdef}' | '\u{feff}' | '\u{fff0}'..='\u{ffff}')
}

fn escape(out: &mut String, c: char) {
    for unit in c.encode_utf16(&mut [0; 2]) {
        // writing to a String cannot fail
        let _ = write!(out, "\\u{unit:04X}");
    }
}

#[cfg(test)]
mod tests;
