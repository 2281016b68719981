//! Finds the place of a value in the bytes if the parser's marks do not show it: values that are
//! not written, block scalars and block collections.

use std::ops::Range;

use granit_parser::Span as Mark;

use super::FullParser;
use crate::manifest::tree::{Kind, Style};

impl FullParser<'_> {
    /// The bytes that a mark covers.
    pub(super) fn range(&self, mark: Mark) -> Range<usize> {
        mark.byte_range().unwrap_or(self.cursor..self.cursor)
    }

    /// Moves the cursor over what is before a value: the dash of a list, the colon of a
    /// mapping.
    pub(super) fn approach(&mut self) {
        let Some(open) = self.open.last() else { return };
        let node = self.tree.node(open.id);
        let wanted = match (node.kind, node.style) {
            (Kind::Sequence, Style::Block) => b'-',
            (Kind::Mapping, _) => b':',
            _ => return,
        };
        let at = self.skip_blanks(self.cursor);
        if self.text.as_bytes().get(at) == Some(&wanted) {
            self.cursor = at + 1;
        }
    }

    /// Over blanks, line ends and comments.
    fn skip_blanks(&self, mut at: usize) -> usize {
        let bytes = self.text.as_bytes();
        loop {
            match bytes.get(at) {
                Some(b' ' | b'\t' | b'\n' | b'\r') => at += 1,
                Some(b'#') => at += memchr::memchr(b'\n', &bytes[at..]).unwrap_or(bytes.len() - at),
                _ => return at,
            }
        }
    }

    /// Over tags and anchors: to the first byte of the value itself, and to the end of the last of
    /// them.
    pub(super) fn skip_properties(&self, from: usize) -> (usize, usize) {
        let bytes = self.text.as_bytes();
        let (mut at, mut end) = (self.skip_blanks(from), from);
        while matches!(bytes.get(at), Some(b'!' | b'&')) {
            let flow = self
                .open
                .last()
                .is_some_and(|open| self.tree.node(open.id).style == Style::Flow);
            let stops = |b: &u8| b.is_ascii_whitespace() || flow && matches!(b, b',' | b']' | b'}');
            end = at
                + bytes[at..]
                    .iter()
                    .position(stops)
                    .unwrap_or(bytes.len() - at);
            at = self.skip_blanks(end);
        }
        (at, end)
    }

    /// The end of a block scalar that begins at its indicator and, by the parser's mark, ends
    /// before `bound`.
    pub(super) fn block_scalar_end(
        &self,
        start: usize,
        bound: usize,
        indent: Option<usize>,
    ) -> usize {
        let header = start
            + memchr::memchr(b'\n', &self.text.as_bytes()[start..])
                .unwrap_or(self.text.len() - start);
        let bound = bound.max(header);
        let keep = self.text[start..header]
            .split('#')
            .next()
            .is_some_and(|h| h.contains('+'));
        let mut end = bound;
        // the parser's mark is after the indentation of the next line
        let line = self.text[..end].rfind('\n').map_or(0, |n| n + 1);
        if line > header && self.text[line..end].bytes().all(|b| b == b' ') {
            end = line;
        }
        if keep {
            return without_newline(&self.text[..end], header);
        }
        loop {
            let cut = without_newline(&self.text[..end], header);
            let line = self.text[..cut].rfind('\n').map_or(0, |n| n + 1);
            // a line of more blanks than the indentation is content
            let blank = self.text[line..cut].bytes().all(|b| b == b' ')
                && cut - line <= indent.unwrap_or(usize::MAX);
            if line <= header || !blank {
                return cut;
            }
            end = line;
        }
    }
}

/// The end of `text` without its last line end, but never before `least`.
fn without_newline(text: &str, least: usize) -> usize {
    let cut = text.strip_suffix('\n').unwrap_or(text);
    cut.strip_suffix('\r').unwrap_or(cut).len().max(least)
}
