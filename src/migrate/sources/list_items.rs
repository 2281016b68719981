//! Splits a `List` with objects of `v1beta1`: each item becomes a document.

use crate::manifest::stream::type_of;
use crate::manifest::{NodeId, Style, Tree};
use crate::migrate::comments::comments;
use crate::migrate::old_object::OLD_API_VERSION;

/// An item as a document of its own.
pub(super) struct ListItem {
    /// The item in the list.
    pub node: NodeId,
    /// The document.
    pub text: String,
}

/// The items of a list with an object of `v1beta1` among them.
pub(super) fn list_items(tree: &Tree<'_>, root: NodeId) -> Option<Vec<ListItem>> {
    if tree.read_text(root, &["kind"]).shown()? != "List" {
        return None;
    }
    let items = tree.read_items(root, &["items"]).known().ok()??;
    let types = items.iter().map(|&item| type_of(tree, item));
    let types = types.collect::<Option<Vec<_>>>()?;
    if !types.iter().any(|item| item.api_version == OLD_API_VERSION) {
        return None;
    }
    let mut done = tree.span(root).range().start;
    let mut all = Vec::with_capacity(items.len());
    for node in items {
        let span = tree.span(node).range();
        let text = tree.text();
        let is_flow = tree.node(node).style == Style::Flow;
        let end = match is_flow {
            true => span.end,
            false => text[span.end..]
                .find('\n')
                .map_or(text.len(), |newline| span.end + newline),
        };
        let mut document: String = comments(tree, done..span.start)
            .into_iter()
            .map(|comment| comment + "\n")
            .collect();
        let line = text[..span.start]
            .rfind('\n')
            .map_or(0, |newline| newline + 1);
        let column = if is_flow { 0 } else { span.start - line };
        document.push_str(&outdented(&text[span.start..end], column));
        document.push('\n');
        done = end;
        all.push(ListItem {
            node,
            text: document,
        });
    }
    Some(all)
}

/// The same lines, all but the first further to the left.
fn outdented(text: &str, columns: usize) -> String {
    let mut lines = text.split('\n');
    let mut out = lines.next().unwrap_or_default().to_owned();
    for line in lines {
        let blanks = line.len() - line.trim_start_matches(' ').len();
        out.push('\n');
        out.push_str(&line[blanks.min(columns)..]);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_item_is_a_document() {
        let text = "kind: List\napiVersion: v1\nitems:\n  # a\n  - apiVersion: integration.rock8s.com/v1beta1\n    kind: Plug\n    \
                    spec:\n      text: |\n        one\n\n          two\n    # b\n  - {apiVersion: v1, kind: Service}\n";
        let tree = Tree::read(text).unwrap();
        let items = list_items(&tree, NodeId::ROOT).unwrap();
        let texts: Vec<&str> = items.iter().map(|item| item.text.as_str()).collect();
        assert_eq!(
            texts,
            [
                "# a\napiVersion: integration.rock8s.com/v1beta1\nkind: Plug\nspec:\n  text: |\n    one\n\n      two\n",
                "# b\n{apiVersion: v1, kind: Service}\n"
            ]
        );
        let other = text.replace("v1beta1", "v1");
        let tree = Tree::read(&other).unwrap();
        assert!(list_items(&tree, NodeId::ROOT).is_none());
    }
}
