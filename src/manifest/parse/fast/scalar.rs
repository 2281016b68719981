//! Parses scalars and keys: plain and quoted on one line, and block scalars.

use super::{FastParser, Holder, begins_plain};
use crate::limits;
use crate::manifest::Span;
use crate::manifest::tree::Style;

/// Where a plain text ends.
#[derive(PartialEq)]
enum Stop {
    Line,
    Colon,
}

impl FastParser<'_> {
    /// A key, and over its colon; or what is here is a value.
    pub(super) fn key(&mut self) -> Option<Option<Span>> {
        let start = self.at;
        let end = match self.peek(start) {
            quote @ (b'"' | b'\'') => {
                let Some(end) = self.simply_quoted(quote) else {
                    return Some(None);
                };
                if self.peek(end) != b':' {
                    return Some(None);
                }
                matches!(self.peek(end + 1), b' ' | b'\n').then_some(end)?
            }
            b'[' | b'{' | b'|' | b'>' => return Some(None),
            _ => match self.plain(start)? {
                (_, Stop::Line) => return Some(None),
                (end, Stop::Colon) => (self.peek(end) == b':').then_some(end)?,
            },
        };
        self.at = end + 1;
        (end - start <= limits::KEY_BYTES).then_some(Some(Span::new(start, end)))
    }

    /// The end of a quoted text without escapes.
    pub(super) fn simply_quoted(&self, quote: u8) -> Option<usize> {
        let from = self.at + 1;
        let end = from + memchr::memchr2(quote, b'\n', &self.bytes[from..])?;
        let simple =
            self.bytes[end] == quote && !(quote == b'"' && self.bytes[from..end].contains(&b'\\'));
        simple.then_some(end + 1)
    }

    /// The end of a plain text, without the blanks after it, and why it ends.
    fn plain(&self, start: usize) -> Option<(usize, Stop)> {
        let bytes = self.bytes;
        if !begins_plain(self.peek(start), self.peek(start + 1)) {
            return None;
        }
        let mut at = start + 1;
        let stop = loop {
            let Some(&b) = bytes.get(at) else {
                break Stop::Line;
            };
            if !STOPS[b as usize] {
                at += 1;
                continue;
            }
            match b {
                b'\n' => break Stop::Line,
                b':' => match self.peek(at + 1) {
                    b' ' | b'\n' => break Stop::Colon,
                    _ => at += 1,
                },
                b'#' if bytes[at - 1] == b' ' => break Stop::Line,
                b'#' => at += 1,
                _ => return None,
            }
        };
        while bytes[at - 1] == b' ' {
            at -= 1;
        }
        Some((at, stop))
    }

    /// A value that begins here, on the line of its key or dash, and to the next line. `column` is
    /// its parent's.
    pub(super) fn scalar(&mut self, holder: Holder, column: i32) -> Option<()> {
        match self.peek(self.at) {
            b'"' | b'\'' => self.quoted(holder)?,
            b'[' | b'{' => self.flow(holder)?,
            b'|' | b'>' => return self.block_scalar(holder, column),
            _ => {
                let (end, stop) = self.plain(self.at)?;
                if stop == Stop::Colon {
                    return None;
                }
                self.leaf(Style::Plain, Span::new(self.at, end), holder)?;
                self.at = end;
            }
        }
        self.end_line()?;
        self.next_line()
    }

    /// A quoted scalar on one line.
    pub(super) fn quoted(&mut self, holder: Holder) -> Option<()> {
        let start = self.at;
        let double = self.bytes[start] == b'"';
        let mut at = start + 1;
        let mut simple = true;
        let end = loop {
            at += match double {
                true => memchr::memchr3(b'"', b'\\', b'\n', self.bytes.get(at..)?)?,
                false => memchr::memchr2(b'\'', b'\n', self.bytes.get(at..)?)?,
            };
            match self.bytes[at] {
                b'\n' => return None,
                b'\\' => at += 2,
                b'\'' if self.peek(at + 1) == b'\'' => at += 2,
                _ => break at,
            }
            simple = false;
        };
        let inner = self.tree.text.get(start + 1..end)?;
        let style = if double { Style::Double } else { Style::Single };
        let id = self.leaf(style, Span::new(start, end + 1), holder)?;
        if !simple {
            let decoded = if double {
                unescaped(inner)?
            } else {
                inner.replace("''", "'")
            };
            self.decode(id, decoded);
        }
        self.at = end + 1;
        Some(())
    }

    fn decode(&mut self, id: u32, text: String) {
        self.tree.nodes[id as usize].text = self.tree.decoded.len() as u32;
        self.tree.decoded.push(text.into());
    }

    fn block_scalar(&mut self, holder: Holder, column: i32) -> Option<()> {
        let start = self.at;
        let folded = self.bytes[start] == b'>';
        self.at += 1;
        let chomp = self.peek(self.at);
        if matches!(chomp, b'+' | b'-') {
            self.at += 1;
        }
        self.end_line()?;
        let indent = self.block_indent(column)?;
        let mut text = String::new();
        // line ends that are written only if content follows
        let mut blank = self.at;
        let (mut breaks, mut was_deep) = (0, true);
        let mut end = self.at;
        loop {
            let line = self.at;
            let mut at = line;
            while at < line + indent && self.bytes.get(at) == Some(&b' ') {
                at += 1;
            }
            match self.bytes.get(at) {
                None if at == line => break,
                None => return None,
                Some(b'\t') if at < line + indent => return None,
                Some(b'\n') => {
                    breaks += 1;
                    self.at = at + 1;
                    blank = at;
                }
                // less deep than the content, and deeper than the parent, is no YAML
                Some(_) if at < line + indent => {
                    if at - line > column as usize {
                        return None;
                    }
                    break;
                }
                Some(&first) => {
                    let stop = at + memchr::memchr(b'\n', &self.bytes[at..])?;
                    let content = &self.tree.text[at..stop];
                    if first == b' ' && content.bytes().all(|b| b == b' ') {
                        return None;
                    }
                    let deep = matches!(first, b' ' | b'\t');
                    match (folded, text.is_empty(), was_deep || deep) {
                        (true, false, false) if breaks == 1 => text.push(' '),
                        (true, false, false) => text.extend(std::iter::repeat_n('\n', breaks - 1)),
                        _ => text.extend(std::iter::repeat_n('\n', breaks)),
                    }
                    text.push_str(content);
                    (breaks, was_deep, end) = (1, deep, stop);
                    blank = stop;
                    self.at = stop + 1;
                }
            }
        }
        match chomp {
            b'-' => {}
            b'+' => {
                text.extend(std::iter::repeat_n('\n', breaks));
                end = blank;
            }
            _ => text.push('\n'),
        }
        let style = if folded {
            Style::Folded
        } else {
            Style::Literal
        };
        let id = self.leaf(style, Span::new(start, end), holder)?;
        self.decode(id, text);
        self.next_line()
    }

    /// The indentation of a block scalar that begins here: its first line's, deeper than its
    /// parent's.
    fn block_indent(&self, column: i32) -> Option<usize> {
        let (mut at, mut widest) = (self.at, 0);
        loop {
            let line = at;
            while self.bytes.get(at) == Some(&b' ') {
                at += 1;
            }
            let indent = at - line;
            match self.bytes.get(at)? {
                b'\n' => widest = widest.max(indent),
                b'\t' => return None,
                _ => return (indent as i32 > column && widest <= indent).then_some(indent),
            }
            at += 1;
        }
    }
}

/// The bytes at which a plain text may end.
const STOPS: [bool; 256] = {
    let mut stops = [false; 256];
    stops[b'\n' as usize] = true;
    stops[b'\t' as usize] = true;
    stops[b'#' as usize] = true;
    stops[b':' as usize] = true;
    stops
};

/// The text of a double-quoted scalar, if all its escapes are common ones.
fn unescaped(inner: &str) -> Option<String> {
    let mut text = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
        text.push_str(&rest[..at]);
        let mut skip = at + 2;
        text.push(match rest.as_bytes().get(at + 1)? {
            b'n' => '\n',
            b't' => '\t',
            b'r' => '\r',
            b'0' => '\0',
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'u' => {
                let digits = rest
                    .get(skip..skip + 4)
                    .filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()))?;
                skip += 4;
                char::from_u32(u32::from_str_radix(digits, 16).ok()?)?
            }
            _ => return None,
        });
        rest = &rest[skip..];
    }
    text.push_str(rest);
    Some(text)
}
