//! Finds the bytes around a token: its line, its column, the colon or the dash that belongs to it.

use crate::manifest::{Kind, NodeId, Style, Tree};

/// The offset at which the line of `at` begins.
pub(super) fn start(text: &str, at: usize) -> usize {
    memchr::memrchr(b'\n', &text.as_bytes()[..at]).map_or(0, |newline| newline + 1)
}

/// The offset at which the line after `at` begins, or the end of the text.
pub(super) fn end(text: &str, at: usize) -> usize {
    memchr::memchr(b'\n', &text.as_bytes()[at..]).map_or(text.len(), |newline| at + newline + 1)
}

/// Bytes between the start of the line and `at`.
pub(super) fn column(text: &str, at: usize) -> usize {
    at - start(text, at)
}

/// Whether only blanks are before `at` on its line.
pub(super) fn leads(text: &str, at: usize) -> bool {
    text[start(text, at)..at].bytes().all(|b| b == b' ')
}

/// How the line before `at` ends; where none does, how any line of the text ends.
pub(super) fn newline(text: &str, at: usize) -> &'static str {
    let found = text[..at].rfind('\n').or_else(|| text.find('\n'));
    match found {
        Some(newline) if text[..newline].ends_with('\r') => "\r\n",
        _ => "\n",
    }
}

/// Over blanks, line ends and comments.
pub(super) fn skip(text: &str, mut at: usize) -> usize {
    let bytes = text.as_bytes();
    loop {
        match bytes.get(at) {
            Some(b' ' | b'\t' | b'\n' | b'\r') => at += 1,
            Some(b'#') => at = end(text, at),
            _ => return at,
        }
    }
}

/// One past the colon of a mapping's member.
pub(super) fn after_colon(tree: &Tree<'_>, member: NodeId) -> usize {
    let key = tree.node(member).key.unwrap_or_default();
    let at = skip(tree.text(), key.end as usize);
    if tree.text().as_bytes().get(at) == Some(&b':') {
        at + 1
    } else {
        at
    }
}

/// The same, after an anchor and a tag that are on its line.
pub(super) fn after_properties(tree: &Tree<'_>, member: NodeId) -> usize {
    let text = tree.text();
    let mut at = after_colon(tree, member);
    loop {
        let blanks = text[at..].len() - text[at..].trim_start_matches([' ', '\t']).len();
        let token = text[at + blanks..]
            .split(char::is_whitespace)
            .next()
            .unwrap_or_default();
        if !token.starts_with(['&', '!']) {
            return at;
        }
        at += blanks + token.len();
    }
}

/// The same where there is a colon at all: `{a, b: 1}` is YAML.
pub fn colon(tree: &Tree<'_>, member: NodeId) -> Option<usize> {
    let at = after_colon(tree, member);
    tree.text()[..at].ends_with(':').then_some(at)
}

/// The first byte of a member with all that belongs to it: its key, or the dash of a list's item.
pub(super) fn head(tree: &Tree<'_>, id: NodeId) -> usize {
    let node = tree.node(id);
    if let Some(key) = node.key {
        return key.start as usize;
    }
    let Some(list) = tree.parent(id) else {
        return node.span.start as usize;
    };
    if tree.node(list).style == Style::Flow {
        return node.span.start as usize;
    }
    match previous(tree, id) {
        None => tree.span(list).start as usize,
        Some(before) => skip(tree.text(), tree.span(before).end as usize),
    }
}

/// The member before.
pub(super) fn previous(tree: &Tree<'_>, id: NodeId) -> Option<NodeId> {
    let list = tree.parent(id)?;
    tree.children(list).take_while(|&c| c != id).last()
}

/// How much deeper than its key the dashes of a list of this mapping are: as in the mapping's
/// other lists, else as in the list that holds it.
pub(super) fn dash_offset(tree: &Tree<'_>, mapping: NodeId) -> usize {
    let offset = |member: NodeId| {
        let node = tree.node(member);
        let key = node.key?;
        (node.kind == Kind::Sequence && node.style == Style::Block).then(|| {
            let column = |at: u32| column(tree.text(), at as usize);
            column(node.span.start).saturating_sub(column(key.start))
        })
    };
    let own = tree.children(mapping).filter_map(offset).last();
    own.or_else(|| tree.parent(mapping).and_then(offset))
        .unwrap_or(0)
}
