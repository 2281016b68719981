//! Converts offsets into lines, columns and documents, for the places in output formats.

use std::ops::Range;

use crate::manifest::Span;

/// A source as an output format needs it: what the user calls it, and its text.
#[derive(Clone, Copy, Debug)]
pub struct SourceText<'a> {
    /// A path, or `<stdin>`.
    pub name: &'a str,
    /// Its bytes.
    pub text: &'a str,
}

/// A position as a person and an editor count it: both from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) line: usize,
    pub(super) column: usize,
}

/// The lines and documents of one source, found once.
pub(super) struct LineIndex<'a> {
    pub(super) name: &'a str,
    text: &'a str,
    /// Where each line starts.
    lines: Vec<u32>,
    /// The first line of each document but the first, in order.
    documents: Vec<u32>,
    /// The characters before each chunk of [`CHUNK`] bytes: a long line is not counted from its
    /// start each time.
    characters: Vec<u32>,
}

const CHUNK: usize = 4 << 10;

impl<'a> LineIndex<'a> {
    pub(super) fn new(source: SourceText<'a>) -> Self {
        let text = source.text;
        let starts = memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1);
        let lines: Vec<u32> = std::iter::once(0)
            .chain(starts)
            .map(|at| at as u32)
            .collect();
        let chunks = text.as_bytes().chunks(CHUNK).scan(0, |before, chunk| {
            *before += characters(chunk);
            Some(*before)
        });
        let characters = std::iter::once(0).chain(chunks).collect();
        let mut index = Self {
            name: source.name,
            text,
            lines,
            documents: Vec::new(),
            characters,
        };
        index.documents = (1..index.lines.len())
            .filter(|&l| is_marker(index.line(l)))
            .map(|l| l as u32)
            .collect();
        index
    }

    /// The text of a line, from 0, without its line end.
    pub(super) fn line(&self, line: usize) -> &'a str {
        let range = self.line_range(line);
        &self.text[range]
    }

    /// The bytes of a line, from 0, without its line end.
    pub(super) fn line_range(&self, line: usize) -> Range<usize> {
        let start = self
            .lines
            .get(line)
            .map_or(self.text.len(), |&s| s as usize);
        let end = self
            .lines
            .get(line + 1)
            .map_or(self.text.len(), |&e| e as usize);
        let text = &self.text[start..end];
        let text = text.strip_suffix('\n').unwrap_or(text);
        start..start + text.strip_suffix('\r').unwrap_or(text).len()
    }

    /// The text of some lines, from 0, and where it begins.
    pub(super) fn lines(&self, lines: Range<usize>) -> (&'a str, usize) {
        let start = self.line_range(lines.start).start;
        (
            &self.text[start..self.line_range(lines.end.saturating_sub(1)).end],
            start,
        )
    }

    /// The line, from 0, that holds an offset.
    pub(super) fn line_of(&self, offset: usize) -> usize {
        self.lines
            .partition_point(|&start| start as usize <= offset)
            .saturating_sub(1)
    }

    /// The lines, from 0, of the document that holds a line; its `---` is its own.
    pub(super) fn document(&self, line: usize) -> Range<usize> {
        let next = self
            .documents
            .partition_point(|&first| first as usize <= line);
        let start = next
            .checked_sub(1)
            .map_or(0, |i| self.documents[i] as usize);
        start
            ..self
                .documents
                .get(next)
                .map_or(self.lines.len(), |&l| l as usize)
    }

    /// A span cut to the text, on character boundaries.
    pub(super) fn clamp(&self, span: Span) -> Range<usize> {
        let start = floor(self.text, span.start as usize);
        start..floor(self.text, span.end as usize).max(start)
    }

    /// An offset, which must be on a character boundary, as a person counts.
    pub(super) fn position(&self, offset: usize) -> Position {
        let line = self.line_of(offset);
        let before =
            self.characters_before(offset) - self.characters_before(self.lines[line] as usize);
        Position {
            line: line + 1,
            column: before as usize + 1,
        }
    }

    fn characters_before(&self, offset: usize) -> u32 {
        let chunk = offset / CHUNK;
        self.characters[chunk] + characters(&self.text.as_bytes()[chunk * CHUNK..offset])
    }
}

/// How many characters start in these bytes of a text.
fn characters(bytes: &[u8]) -> u32 {
    bytes.iter().filter(|&&byte| byte & 0xc0 != 0x80).count() as u32
}

/// The greatest character boundary not above `at`.
fn floor(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    (0..=at)
        .rev()
        .find(|&i| text.is_char_boundary(i))
        .unwrap_or(0)
}

/// `---`, or `...`, which nothing may be shown across either.
fn is_marker(line: &str) -> bool {
    let rest = line
        .strip_prefix("---")
        .or_else(|| line.strip_prefix("..."));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t']))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(text: &str) -> LineIndex<'_> {
        LineIndex::new(SourceText {
            name: "a.yaml",
            text,
        })
    }

    #[test]
    fn lines_end_in_any_way() {
        let index = index("a\r\nbé\n\nlast");
        let lines: Vec<_> = (0..5).map(|l| index.line(l)).collect();
        assert_eq!(lines, ["a", "bé", "", "last", ""]);
        assert_eq!(index.position(3), Position { line: 2, column: 1 });
        assert_eq!(index.position(6), Position { line: 2, column: 3 });
        assert_eq!(index.position(12), Position { line: 4, column: 5 });
    }

    #[test]
    fn long_lines_are_counted_in_characters() {
        for length in [CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK] {
            let text = format!("é\n{}", "é".repeat(length));
            for at in [0, 1, length / 2, length - 1, length] {
                assert_eq!(
                    index(&text).position(3 + 2 * at),
                    Position {
                        line: 2,
                        column: at + 1
                    }
                );
            }
        }
        let text = "a".repeat(2 * CHUNK);
        assert_eq!(index(&text).position(2 * CHUNK).column, 2 * CHUNK + 1);
    }

    #[test]
    fn documents_are_what_stands_between_markers() {
        let index = index("---\na: 1\n--- # b\nb: |\n  ---\n---c\n---\nc: 1\n");
        assert_eq!(index.document(0), 0..2);
        assert_eq!(index.document(1), 0..2);
        assert_eq!(index.document(2), 2..6);
        assert_eq!(index.document(5), 2..6);
        assert_eq!(index.document(7), 6..9);
    }

    #[test]
    fn spans_beyond_the_text_and_inside_characters_are_cut() {
        let index = index("é");
        assert_eq!(index.clamp(Span { start: 1, end: 99 }), 0..2);
        assert_eq!(index.clamp(Span { start: 50, end: 10 }), 2..2);
    }
}
