//! Compares a part of one tree with a part of another: the same nodes with the same bytes.

use super::tree::{NONE, Node};
use super::{NodeId, Span, Tree};

impl Tree<'_> {
    /// Whether a node and all below it are written with the same bytes in another tree, and read
    /// as the same nodes there. The key of the node itself does not count.
    ///
    /// It is one comparison of bytes and one pass over the nodes, however deep they are.
    pub fn is_same(&self, id: NodeId, other: &Tree<'_>, other_id: NodeId) -> bool {
        let count = self.size(id);
        let (from, to) = (id.0 as usize, other_id.0 as usize);
        let (Some(ours), Some(theirs)) = (
            self.nodes.get(from..from + count),
            other.nodes.get(to..to + count),
        ) else {
            return false;
        };
        let (span, other_span) = (self.span(id), other.span(other_id));
        if self.slice(span) != other.slice(other_span) {
            return false;
        }
        let shift = Shift {
            bytes: other_span.start.wrapping_sub(span.start),
            nodes: other_id.0.wrapping_sub(id.0),
        };
        let mut pairs = ours.iter().zip(theirs);
        let is_alike = |one: &Node, two: &Node| {
            (one.kind, one.style, one.tagged, one.anchored)
                == (two.kind, two.style, two.tagged, two.anchored)
                && shift.node(one.last) == two.last
        };
        pairs.next().is_some_and(|(one, two)| is_alike(one, two))
            && pairs.all(|(one, two)| {
                is_alike(one, two)
                    && shift.node(one.parent) == two.parent
                    && shift.node(one.next) == two.next
                    && shift.span(one.span) == two.span
                    && one.key.map(|key| shift.span(key)) == two.key
            })
    }
}

/// How far apart two parts are.
struct Shift {
    bytes: u32,
    nodes: u32,
}

impl Shift {
    fn node(&self, id: u32) -> u32 {
        if id == NONE {
            NONE
        } else {
            id.wrapping_add(self.nodes)
        }
    }

    fn span(&self, span: Span) -> Span {
        Span {
            start: span.start.wrapping_add(self.bytes),
            end: span.end.wrapping_add(self.bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(one: &str, other: &str, path: &[&str]) -> bool {
        let (one, other) = (Tree::read(one).unwrap(), Tree::read(other).unwrap());
        let [a, b] = [&one, &other].map(|tree| tree.written_at(NodeId::ROOT, path).unwrap());
        one.is_same(a, &other, b)
    }

    #[test]
    fn a_part_is_the_same_wherever_it_stands() {
        let one = "x: 1\na:\n  b: {c: 1, d: [e, 'f']}\n  g: |\n    h\n";
        let other = "y:\n- 2\n- 3\nz: z\na:\n  b: {c: 1, d: [e, 'f']}\n  g: |\n    h\ni: 1\n";
        for path in [&["a"][..], &["a", "b"], &["a", "b", "d"], &["a", "g"]] {
            assert!(same(one, other, path), "{path:?}");
        }
    }

    #[test]
    fn another_byte_or_another_reading_is_not_the_same() {
        for (one, other) in [
            ("a: {b: 1}\n", "a: {b: 2}\n"),
            ("a: {b: 1}\n", "a: {c: 1}\n"),
            ("a: [b, c]\n", "a: [b,  c]\n"),
            ("a: [1]\n", "a: ['1']\n"),
            ("a: 1\n", "a: !x 1\n"),
            ("a: &x 1\n", "a: &x 1\nb: *x\n"),
            ("a: {b: {}}\n", "a: {b: []}\n"),
            ("a: [b, c]\n", "a: [b, c, d]\n"),
        ] {
            assert!(!same(one, other, &["a"]), "{one}{other}");
        }
    }
}
