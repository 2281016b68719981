//! Finds the comments in a part of a document.

use std::ops::Range;

use crate::manifest::{Kind, NodeId, Tree};

/// The comments in a range of a document, each from its `#`, in order.
pub(super) fn comments(tree: &Tree<'_>, range: Range<usize>) -> Vec<String> {
    let text = tree.text();
    let tokens = tokens(tree, &range);
    let mut tokens = tokens.iter().peekable();
    let mut found = Vec::new();
    let mut at = range.start;
    while at < range.end {
        if let Some(token) = tokens.peek()
            && token.start <= at
        {
            at = at.max(token.end);
            tokens.next();
            continue;
        }
        let gap_end = tokens.peek().map_or(range.end, |token| token.start);
        let Some(hash) = text[at..gap_end].find('#').map(|hash| hash + at) else {
            at = gap_end;
            continue;
        };
        let is_comment = text[..hash]
            .chars()
            .next_back()
            .is_none_or(char::is_whitespace);
        let end = text[hash..].find('\n').map_or(text.len(), |end| hash + end);
        if is_comment {
            found.push(text[hash..end].trim_end().to_owned());
            at = end;
        } else {
            at = hash + 1;
        }
    }
    found
}

/// The scalars and keys in a range, in order.
fn tokens(tree: &Tree<'_>, range: &Range<usize>) -> Vec<Range<usize>> {
    let mut tokens = Vec::new();
    let mut open: Vec<NodeId> = tree.root().into_iter().collect();
    while let Some(id) = open.pop() {
        let node = tree.node(id);
        tokens.extend(node.key.map(crate::manifest::Span::range));
        match node.kind {
            Kind::Scalar | Kind::Alias => tokens.push(node.span.range()),
            Kind::Mapping | Kind::Sequence => open.extend(tree.children(id)),
        }
    }
    tokens.retain(|token| token.start < range.end && token.end > range.start);
    tokens.sort_by_key(|token| token.start);
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_not_in_texts() {
        let text = "# a\nb: '#no' # c\nd#: no#no\n#e\nf: |\n  # no\n  x\ng: [1, # h\n  2]\n";
        let tree = Tree::read(text).unwrap();
        assert_eq!(comments(&tree, 0..text.len()), ["# a", "# c", "#e", "# h"]);
        assert_eq!(comments(&tree, 4..20), ["# c"]);
    }
}
