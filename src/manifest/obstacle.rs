//! Finds what makes an edit unsafe: text above it that has an effect in other places too, or that
//! changes the meaning of what is written.

use super::{Kind, NodeId, Span, Tree};

/// Why a node cannot be edited, or read without resolving more than its own text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// `*name` is in its place.
    Alias,
    /// `&name` is before it and an alias repeats it elsewhere.
    Anchor,
    /// `<<` inserts keys from elsewhere, which an edit could hide.
    Merge,
    /// `!tag` defines how it is read.
    Tag,
}

impl Tree<'_> {
    /// The first obstacle on the way from the root down to a node, the node included.
    pub fn obstacle(&self, id: NodeId) -> Option<(Span, Obstacle)> {
        let mut way: Vec<_> = std::iter::successors(Some(id), |&node| self.parent(node)).collect();
        way.reverse();
        way.into_iter().find_map(|node| self.obstacle_at(node))
    }

    fn obstacle_at(&self, id: NodeId) -> Option<(Span, Obstacle)> {
        let node = self.node(id);
        if node.kind == Kind::Alias {
            return Some((node.span, Obstacle::Alias));
        }
        if node.anchored {
            return Some((node.span, Obstacle::Anchor));
        }
        if node.tagged {
            return Some((node.span, Obstacle::Tag));
        }
        if node.kind != Kind::Mapping {
            return None;
        }
        let merge = self.children(id).find(|&member| self.is_merge(member))?;
        Some((self.node(merge).key.unwrap_or(node.span), Obstacle::Merge))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn obstacle(text: &str, path: &[&str]) -> Option<(String, Obstacle)> {
        let tree = Tree::read(text).unwrap();
        let id = tree.written_at(tree.root().unwrap(), path).unwrap();
        tree.obstacle(id)
            .map(|(span, what)| (tree.slice(span).to_owned(), what))
    }

    #[test]
    fn each_obstacle_on_the_way_and_at_its_end() {
        let text =
            "t: &t\n  a: {b: 1}\nu: *t\nm:\n  <<: *t\n  c: {d: 1}\ns: !x\n  e: 1\nn: !!int 5\n";
        let found = |slice: &str, what| Some((slice.to_owned(), what));
        assert_eq!(
            obstacle(text, &["t", "a", "b"]),
            found("a: {b: 1}", Obstacle::Anchor)
        );
        assert_eq!(obstacle(text, &["u"]), found("*t", Obstacle::Alias));
        assert_eq!(
            obstacle(text, &["m", "c", "d"]),
            found("<<", Obstacle::Merge)
        );
        assert_eq!(obstacle(text, &["m"]), found("<<", Obstacle::Merge));
        assert_eq!(obstacle(text, &["s", "e"]), found("e: 1", Obstacle::Tag));
        assert_eq!(obstacle(text, &["n"]), found("5", Obstacle::Tag));
    }

    #[test]
    fn the_first_from_the_root_counts() {
        let text = "a: &a\n  b: &b {c: 1}\nx: [*a, *b]\n";
        assert_eq!(obstacle(text, &["a", "b", "c"]).unwrap().0, "b: &b {c: 1}");
    }

    #[test]
    fn what_is_no_obstacle() {
        let text = "a: &unused {b: 1}\n'<<': 1\nc:\n  d: {<<: 1}\n  e: [1]\n";
        for path in [&["a", "b"][..], &["c"], &["c", "e"], &[]] {
            assert_eq!(obstacle(text, path), None, "{path:?}");
        }
    }
}
