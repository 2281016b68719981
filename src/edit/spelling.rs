//! Finds the bytes of parts of a scalar's text, and writes other text in their place in the same
//! style.

use std::ops::Range;

use super::value::is_json;
use crate::manifest::{NodeId, Span, Style, Tree, emit};

/// The bytes that parts of a scalar's text are written with: `parts` are in order and apart.
/// `None`: the text is written in a way in which a part of it has no bytes of its own.
pub(super) fn spans(tree: &Tree<'_>, node: NodeId, parts: &[Range<usize>]) -> Option<Vec<Span>> {
    let text = tree.str(node)?;
    let mut spelling = Spelling::of(tree, node)?;
    let mut spans = Vec::with_capacity(parts.len());
    for part in parts {
        let start = spelling.raw_at(text, part.start)?;
        let end = spelling.raw_at(text, part.end)?;
        spans.push(Span::new(start, end));
    }
    Some(spans)
}

/// A text as a part of a scalar is written; `None`: not in this style.
pub(super) fn spelled(tree: &Tree<'_>, node: NodeId, text: &str) -> Option<String> {
    let has_lines = text.contains(['\n', '\r']);
    match tree.node(node).style {
        Style::Double => {
            let quoted = emit::json_string(text);
            Some(quoted[1..quoted.len() - 1].to_owned())
        }
        // whether it is still the same text there is proved once it is read again
        _ if has_lines || is_json(tree) => None,
        Style::Single => Some(text.replace('\'', "''")),
        Style::Plain | Style::Literal => Some(text.to_owned()),
        Style::Folded | Style::Block | Style::Flow => None,
    }
}

/// A scalar that is read from its start: what of the text was passed, and with which bytes.
struct Spelling<'t> {
    raw: &'t str,
    style: Style,
    /// Blanks that each line of a literal begins with.
    indent: usize,
    /// Where the bytes are that come next: in the text, in the document.
    decoded: usize,
    at: usize,
}

impl<'t> Spelling<'t> {
    fn of(tree: &Tree<'t>, node: NodeId) -> Option<Self> {
        let text = tree.str(node)?;
        let span = tree.span(node);
        let (raw, style) = (tree.text(), tree.node(node).style);
        let start = span.start as usize;
        let (at, indent) = match style {
            Style::Plain => (start, 0),
            Style::Single | Style::Double => (start + 1, 0),
            Style::Literal => {
                let first = start + raw[start..].find('\n')? + 1;
                // the first line that is not empty has the indentation of all
                let lines = raw[first..span.end as usize].split('\n');
                let line = lines.zip(text.split('\n')).find(|(_, own)| !own.is_empty());
                let (line, own) = line?;
                let line = line.strip_suffix('\r').unwrap_or(line);
                (first, line.len().checked_sub(own.len())?)
            }
            Style::Folded | Style::Block | Style::Flow => return None,
        };
        let is_folded = style != Style::Literal && raw[span.range()].contains('\n');
        let mut spelling = Self {
            raw,
            style,
            indent,
            decoded: 0,
            at,
        };
        spelling.begin_line(text);
        (!is_folded).then_some(spelling)
    }

    /// Goes over the indentation of a line of a literal.
    fn begin_line(&mut self, text: &str) {
        let is_empty = text[self.decoded..].starts_with('\n');
        if self.style == Style::Literal && !is_empty && self.decoded < text.len() {
            self.at += self.indent;
        }
    }

    /// Where the bytes begin of what is at an offset of the text, which is not before the last one.
    fn raw_at(&mut self, text: &str, offset: usize) -> Option<usize> {
        while self.decoded < offset {
            self.step(text)?;
        }
        (self.decoded == offset).then_some(self.at)
    }

    /// Goes over one character.
    fn step(&mut self, text: &str) -> Option<()> {
        let wanted = text[self.decoded..].chars().next()?;
        let rest = &self.raw[self.at..];
        let first = rest.chars().next()?;
        let length = match (self.style, first) {
            (Style::Single, '\'') => "''".len(),
            (Style::Double, '\\') => escape(rest)?,
            (Style::Literal, '\r') => "\r\n".len(),
            _ if first == wanted => first.len_utf8(),
            _ => return None,
        };
        self.at += length;
        self.decoded += wanted.len_utf8();
        if wanted == '\n' {
            self.begin_line(text);
        }
        Some(())
    }
}

/// The length of the escape that a text begins with; `None`: it is one half of a character.
fn escape(text: &str) -> Option<usize> {
    let digits = match text.as_bytes().get(1)? {
        b'x' => 2,
        b'u' => 4,
        b'U' => 8,
        _ => 0,
    };
    let number = text.get(2..2 + digits)?;
    let is_half = digits == 4 && matches!(u32::from_str_radix(number, 16), Ok(0xD800..=0xDFFF));
    (!is_half).then_some(2 + digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What of a document `a` is written with, for a part of its text.
    fn written(document: &str, part: &str) -> Option<String> {
        let tree = Tree::read(document).unwrap();
        let node = tree.written_member(NodeId::ROOT, "a").unwrap();
        let start = tree.str(node).unwrap().find(part).unwrap();
        let part = start..start + part.len();
        let found = spans(&tree, node, std::slice::from_ref(&part))?;
        Some(tree.slice(found[0]).to_owned())
    }

    #[test]
    fn each_style_has_its_bytes() {
        for (document, part, bytes) in [
            ("a: db:5432/x\n", "5432", "5432"),
            ("a: 'it''s db'\n", "db", "db"),
            ("a: 'it''s db'\n", "it's", "it''s"),
            ("a: \"\\u00e9\\n\\\"db\\\"\"\n", "db", "db"),
            ("a: \"\\u00e9\\n\\\"db\\\"\"\n", "\"db", "\\\"db"),
            ("{\"a\": \"x\\/db\"}\n", "/db", "\\/db"),
            ("a: |\n\n  é\n\n    host=db\n  z\n", "db", "db"),
            ("a: |-\r\n  x\r\n  host=db\r\n", "host=db", "host=db"),
            ("a: |2\n    x\n  db\n", "db", "db"),
            ("a: |+\n  x\n  db\n\n", "db", "db"),
            ("a: |\n  x\n  db\n", "x\ndb", "x\n  db"),
        ] {
            assert_eq!(
                written(document, part).as_deref(),
                Some(bytes),
                "{document}"
            );
        }
    }

    #[test]
    fn what_is_folded_has_none() {
        for document in [
            "a: >\n  x\n  db\n",
            "a: x\n  db\n",
            "a: 'x\n  db'\n",
            "a: \"x\n  db\"\n",
        ] {
            assert_eq!(written(document, "db"), None, "{document}");
        }
        assert_eq!(written("{\"a\": \"\\ud83d\\ude00 db\"}", "db"), None);
    }

    #[test]
    fn text_is_written_in_the_style_of_its_place() {
        let in_style = |document: &str, text: &str| {
            let tree = Tree::read(document).unwrap();
            spelled(&tree, tree.written_member(NodeId::ROOT, "a")?, text)
        };
        assert_eq!(in_style("a: 'x'\n", "it's").unwrap(), "it''s");
        assert_eq!(in_style("a: \"x\"\n", "\"\n").unwrap(), "\\\"\\n");
        assert_eq!(in_style("a: |\n  x\n", "it's").unwrap(), "it's");
        assert_eq!(in_style("a: |\n  x\n", "a\nb"), None);
        assert_eq!(in_style("a: >\n  x\n", "a"), None);
    }
}
