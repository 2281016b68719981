//! Items out of a `List`: whole lines of a block list, elements of a flow list; comments and everything else stay.

use crate::manifest::splice::Edits;
use crate::manifest::{NodeId, Span, Style, Tree};

/// The text without these items; empty if none is left. `Err`: the item that cannot be taken out safely.
pub(super) fn without(tree: &Tree<'_>, list: NodeId, positions: &[usize]) -> Result<String, Span> {
    let items: Vec<NodeId> = tree.children(list).collect();
    if positions.len() == items.len() {
        return Ok(String::new());
    }
    let mut edits = Edits::default();
    for run in runs(positions) {
        let (first, last) = (items[run.0], items[run.1]);
        let span = match tree.node(list).style {
            Style::Block => lines(tree, first, last).ok_or(tree.span(first))?,
            _ => match (items.get(run.1 + 1), run.0.checked_sub(1)) {
                (Some(&next), _) => Span { start: tree.span(first).start, end: tree.span(next).start },
                (None, Some(before)) => Span { start: tree.span(items[before]).end, end: tree.span(last).end },
                (None, None) => return Ok(String::new()),
            },
        };
        edits.delete(span);
    }
    Ok(edits.apply(tree.text()))
}

/// First and last of every run of neighbours.
fn runs(positions: &[usize]) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for &position in positions {
        match runs.last_mut() {
            Some(run) if run.1 + 1 == position => run.1 = position,
            _ => runs.push((position, position)),
        }
    }
    runs
}

/// The whole lines from the dash of one item to the end of another.
fn lines(tree: &Tree<'_>, first: NodeId, last: NodeId) -> Option<Span> {
    let text = tree.text();
    let before = &text[..tree.span(first).start as usize];
    let dash = before.trim_end_matches([' ', '\t', '\r', '\n']);
    let start = dash.strip_suffix('-')?.rfind('\n').map_or(0, |newline| newline + 1);
    let blank = dash[start..].trim_start_matches(' ') == "-";
    let end = tree.span(last).end as usize;
    match text[end..].find('\n') {
        _ if !blank => None,
        Some(newline) => Some(Span::new(start, end + newline + 1)),
        // at an end without newline, the newline before goes instead
        None => Some(Span::new(text[..start].trim_end_matches(['\n', '\r']).len(), text.len())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::stream::items;

    fn left(text: &str, positions: &[usize]) -> Result<String, Span> {
        let tree = Tree::read(text).unwrap();
        let list = items(&tree, tree.root().unwrap()).unwrap();
        without(&tree, list, positions)
    }

    const BLOCK: &str = "kind: List\nitems:\n# one\n- kind: A\n  x: 1 # a\n- kind: B\n-\n  kind: C\n# end\n";

    #[test]
    fn whole_lines_of_a_block_list_go_and_comments_stay() {
        assert_eq!(left(BLOCK, &[0]).unwrap(), "kind: List\nitems:\n# one\n- kind: B\n-\n  kind: C\n# end\n");
        assert_eq!(left(BLOCK, &[1, 2]).unwrap(), "kind: List\nitems:\n# one\n- kind: A\n  x: 1 # a\n# end\n");
        assert_eq!(left(BLOCK, &[0, 2]).unwrap(), "kind: List\nitems:\n# one\n- kind: B\n# end\n");
    }

    #[test]
    fn an_emptied_list_is_nothing() {
        assert_eq!(left(BLOCK, &[0, 1, 2]).unwrap(), "");
    }

    #[test]
    fn an_end_without_newline_stays_one() {
        assert_eq!(left("kind: List\nitems:\n- kind: A\n- kind: B", &[1]).unwrap(), "kind: List\nitems:\n- kind: A");
        assert_eq!(
            left("kind: List\r\nitems:\r\n- kind: A\r\n- kind: B", &[1]).unwrap(),
            "kind: List\r\nitems:\r\n- kind: A"
        );
    }

    #[test]
    fn elements_of_a_flow_list_go_with_one_comma() {
        let text = r#"{"kind": "List", "items": [{"a": 1}, {"b": 2}, {"c": 3}]}"#;
        assert_eq!(left(text, &[0]).unwrap(), r#"{"kind": "List", "items": [{"b": 2}, {"c": 3}]}"#);
        assert_eq!(left(text, &[1, 2]).unwrap(), r#"{"kind": "List", "items": [{"a": 1}]}"#);
        assert_eq!(left(text, &[0, 2]).unwrap(), r#"{"kind": "List", "items": [{"b": 2}]}"#);
    }

    #[test]
    fn an_item_that_does_not_begin_with_its_dash_is_refused() {
        assert!(left("kind: List\nitems:\n- &a\n  kind: A\n- kind: B\n", &[0]).is_err());
    }
}
