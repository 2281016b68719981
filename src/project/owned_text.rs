//! Finds the parts of a text that coupler replaced, and what it was before.

use std::ops::Range;

use super::digest;
use super::record::FoundText;
use super::workload::Collection;
use crate::edit::{is_text, replaced};
use crate::manifest::{NodeId, Tree};

/// A text of which coupler replaced parts.
#[derive(Debug)]
pub(super) struct OwnedText<'r> {
    /// As its author wrote it.
    pub(super) original: String,
    /// The parts that are ours, in order.
    pub(super) parts: Vec<Range<usize>>,
    /// What was in the place of each.
    pub(super) texts: Vec<&'r str>,
}

/// A part of a text as a record has it.
#[derive(Clone, Copy, Debug)]
pub(super) struct RecordedPart<'r> {
    /// The Plug that lists it, by its annotation.
    pub(super) plug: &'r str,
    /// What was there.
    pub(super) find: &'r str,
    /// What took its place.
    pub(super) found: &'r FoundText,
    /// The digest of the whole text.
    pub(super) digest: &'r str,
}

/// A text of a record without what coupler replaced in it: by the offsets, or where somebody edited
/// it, by what is there exactly once.
///
/// # Errors
/// A part that is not there any more.
pub(super) fn find<'r>(
    tree: &Tree<'_>,
    collection: &Collection<'_>,
    node: NodeId,
    recorded: &[RecordedPart<'r>],
) -> Result<OwnedText<'r>, RecordedPart<'r>> {
    let text = tree.str(node).filter(|text| is_text(tree, node, text));
    let text = match (text, recorded.first()) {
        (Some(text), _) => text,
        (None, Some(first)) => return Err(*first),
        (None, None) => "",
    };
    let current = digest::of_entry(tree, &collection.slot, node);
    let mut found = Vec::with_capacity(recorded.len());
    for part in recorded {
        let with = part.found.with.as_str();
        let start = match current == part.digest {
            true => Some(part.found.at),
            false => once(with, text),
        };
        let range = start.and_then(|start| Some(start..start.checked_add(with.len())?));
        let range = range.filter(|range| text.get(range.clone()) == Some(with));
        found.push((range.ok_or(*part)?, *part));
    }
    found.sort_by_key(|(range, _)| range.start);
    let overlap = found
        .windows(2)
        .find(|pair| pair[1].0.start < pair[0].0.end);
    if let Some([_, (_, part)]) = overlap {
        return Err(*part);
    }
    let texts: Vec<&'r str> = found.iter().map(|(_, part)| part.find).collect();
    let parts: Vec<Range<usize>> = found.into_iter().map(|(range, _)| range).collect();
    Ok(OwnedText {
        original: replaced(text, &parts, &texts),
        parts,
        texts,
    })
}

/// Where a text is in another one that has it once.
fn once(part: &str, text: &str) -> Option<usize> {
    let first = text.find(part)?;
    let next = first + part.chars().next().map_or(1, char::len_utf8);
    text[next..].find(part).is_none().then_some(first)
}
