//! Replaces parts of a scalar's text with other texts, in the bytes of the scalar.

use std::ops::Range;

use super::edits::Edits;
use super::spelling::{spans, spelled};
use super::value::is_text;
use crate::manifest::{NodeId, Span, Style, Tree};

/// Bytes of a scalar, and others for their place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Splice {
    /// The bytes, of the document.
    pub span: Span,
    /// What takes their place.
    pub with: String,
}

/// The edits of a scalar that put texts in the place of parts of its text, which are in order and
/// apart. `None`: the scalar is written in a way in which this is not possible, or in which the
/// result would not be read as it is meant.
pub fn splices(
    tree: &Tree<'_>,
    node: NodeId,
    parts: &[Range<usize>],
    texts: &[&str],
) -> Option<Vec<Splice>> {
    let old = tree.str(node)?;
    let spans = spans(tree, node, parts)?;
    let mut splices = Vec::with_capacity(spans.len());
    for ((span, part), text) in spans.into_iter().zip(parts).zip(texts) {
        // what is put back later is written in the usual way
        let is_usual = spelled(tree, node, &old[part.clone()])? == tree.slice(span);
        let with = spelled(tree, node, text)?;
        splices.push(is_usual.then_some(Splice { span, with })?);
    }
    let new = replaced(old, parts, texts);
    is_read_as(tree, node, &splices, &new).then_some(splices)
}

/// A text with others in the place of some of its parts, which are in order and apart.
pub fn replaced(text: &str, parts: &[Range<usize>], texts: &[&str]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for (part, with) in parts.iter().zip(texts) {
        out.push_str(&text[done..part.start]);
        out.push_str(with);
        done = part.end;
    }
    out.push_str(&text[done..]);
    out
}

/// Whether the scalar with these edits is this text: it is read alone, in a list on one line and in
/// a mapping.
fn is_read_as(tree: &Tree<'_>, node: NodeId, splices: &[Splice], text: &str) -> bool {
    let span = tree.span(node);
    let mut edits = Edits::default();
    for splice in splices {
        let start = splice.span.start - span.start;
        let end = splice.span.end - span.start;
        edits.replace(Span { start, end }, splice.with.as_str());
    }
    let token = edits.apply(tree.slice(span));
    let in_flow = std::iter::successors(tree.parent(node), |&id| tree.parent(id))
        .any(|holder| tree.node(holder).style == Style::Flow);
    let document = match in_flow {
        true => format!("[{token}]"),
        false if token.ends_with('\n') => format!("a: {token}"),
        false => format!("a: {token}\n"),
    };
    let Ok(alone) = Tree::read(&document) else {
        return false;
    };
    let Some(root) = alone.root() else {
        return false;
    };
    let mut children = alone.children(root);
    match (children.next(), children.next()) {
        (Some(only), None) => is_text(&alone, only, text),
        (_, _) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `a` of a document with a text in the place of another.
    fn spliced(document: &str, find: &str, with: &str) -> Option<String> {
        let tree = Tree::read(document).unwrap();
        let node = tree.written_member(NodeId::ROOT, "a").unwrap();
        let start = tree.str(node).unwrap().find(find).unwrap();
        let part = start..start + find.len();
        let splices = splices(&tree, node, std::slice::from_ref(&part), &[with])?;
        let mut edits = Edits::default();
        for splice in splices {
            edits.replace(splice.span, splice.with);
        }
        Some(edits.apply(document))
    }

    #[test]
    fn only_the_part_is_another() {
        for (document, with, result) in [
            (
                "a: http://db:80/x # c\n",
                "pg.data",
                "a: http://pg.data:80/x # c\n",
            ),
            ("a: 'it''s db'\n", "d'b", "a: 'it''s d''b'\n"),
        ] {
            assert_eq!(spliced(document, "db", with).as_deref(), Some(result));
        }
        let literal = "a: |\n  x=1\n    h=db # k\n\nz: 1\n";
        assert_eq!(
            spliced(literal, "db", "pg.data").unwrap(),
            "a: |\n  x=1\n    h=pg.data # k\n\nz: 1\n"
        );
        assert_eq!(
            spliced("{\"a\": \"x db\"}", "db", "\"q\"").unwrap(),
            "{\"a\": \"x \\\"q\\\"\"}"
        );
    }

    #[test]
    fn what_would_be_read_otherwise_is_refused() {
        for (document, with) in [
            ("a: x db\n", "y: z"),
            ("a: db\n", "1"),
            ("a: x db\n", "b #c"),
            ("{a: x db}\n", "b, c"),
            ("a: |\n  db\n", "  x"),
            ("a: |\n  db\n", "x\ny"),
            ("a: >\n  db\n", "x"),
            ("a: \"\\x64b\"\n", "x"),
        ] {
            assert_eq!(spliced(document, "db", with), None, "{document}");
        }
    }
}
