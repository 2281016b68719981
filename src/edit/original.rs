//! Keeps the bytes of a member that is replaced, so that they can be put back in another place or
//! indentation.

use super::lines;
use super::value::{Member, Value, block_member, inline_member, is_json};
use crate::manifest::{NodeId, Style, Tree};

/// A text that is indented irregularly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Irregular;

/// The bytes of a member to be put back by [`Removals::restore`](super::Removals::restore); `None`:
/// it would be written like that by its value alone.
///
/// # Errors
/// Lines that begin before the member, or before what it is within.
pub fn bytes(tree: &Tree<'_>, member: NodeId) -> Result<Option<String>, Irregular> {
    let node = tree.node(member);
    let start = node.key.unwrap_or(node.span).start as usize;
    let bytes = &tree.text()[start..node.span.end as usize];
    let relative = dedented(bytes, &margin(tree, member)).ok_or(Irregular)?;
    let in_block = tree
        .parent(member)
        .is_some_and(|holder| tree.node(holder).style == Style::Block);
    let mut anew = String::new();
    if let (Some(key), Ok(json)) = (tree.key(member), tree.json(member)) {
        let written = (key.into(), Value::from(&json));
        match in_block {
            true => block_member(&written, &mut anew, 0, 0, "\n"),
            false => inline_member(&written, &mut anew, is_json(tree)),
        }
    }
    let is_alike = anew == relative && !relative.contains('\n');
    Ok((!is_alike).then_some(relative))
}

/// What the lines of a member behind its first are relative to: as many spaces as are before it, or
/// where it is within braces or brackets, before the member of a block that these are the value of.
/// What is before a member within braces can change, and that does not.
pub(super) fn margin(tree: &Tree<'_>, member: NodeId) -> String {
    let mut outermost = member;
    while let Some(holder) = tree.parent(outermost)
        && tree.node(holder).style != Style::Block
    {
        outermost = holder;
    }
    let node = tree.node(outermost);
    let start = node.key.unwrap_or(node.span).start;
    " ".repeat(lines::column(tree.text(), start as usize))
}

/// Whether a text is one mapping with this member alone.
pub(super) fn member_is(mapping: &str, (key, value): &Member<'_>) -> bool {
    let Ok(tree) = Tree::read(mapping) else {
        return false;
    };
    let Some(root) = tree.root() else {
        return false;
    };
    let members: Vec<NodeId> = tree.children(root).collect();
    matches!(members[..], [member] if tree.key(member) == Some(key) && value.is(&tree, member))
}

/// The same of a text that must be JSON.
pub(super) fn json_is(mapping: &str, (key, value): &Member<'_>) -> bool {
    let Ok(serde_json::Value::Object(members)) = serde_json::from_str(mapping) else {
        return false;
    };
    members.len() == 1
        && members
            .get(&**key)
            .is_some_and(|json| Value::from(json) == *value)
}

/// Every line but the first moved to the right; empty lines stay empty.
pub(super) fn indented(text: &str, margin: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (index, line) in text.split_inclusive('\n').enumerate() {
        if index > 0 && !line.trim_end_matches(['\r', '\n']).is_empty() {
            out.push_str(margin);
        }
        out.push_str(line);
    }
    out
}

/// The reverse of [`indented`], if there is one.
fn dedented(text: &str, margin: &str) -> Option<String> {
    if !text.contains('\n') {
        return Some(text.to_owned());
    }
    let mut out = String::with_capacity(text.len());
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let empty = line.trim_end_matches(['\r', '\n']).is_empty();
        out.push_str(if index > 0 && !empty {
            line.strip_prefix(margin)?
        } else {
            line
        });
    }
    (indented(&out, margin) == text).then_some(out)
}
