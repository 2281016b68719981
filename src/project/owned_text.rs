//! Finds the parts of a text that coupler replaced, and what it was before.

use std::ops::Range;

use super::digest;
use super::owner::OwnerKey;
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
    /// The Plug or the Socket that lists it.
    pub(super) owner: &'r OwnerKey,
    /// What was there.
    pub(super) find: &'r str,
    /// What took its place.
    pub(super) found: &'r FoundText,
    /// The digest of the whole text.
    pub(super) digest: &'r str,
}

/// How often a text is in another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Occurrence {
    Never,
    /// Once, and where.
    Once(usize),
    Several,
}

impl Occurrence {
    pub(super) fn of(part: &str, text: &str) -> Self {
        let finder = memchr::memmem::Finder::new(part);
        let Some(first) = finder.find(text.as_bytes()) else {
            return Self::Never;
        };
        // behind an empty text in an empty text there is nothing
        let rest = text.as_bytes().get(first + 1..);
        match rest.and_then(|rest| finder.find(rest)) {
            None => Self::Once(first),
            Some(_) => Self::Several,
        }
    }
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
            false => match Occurrence::of(with, text) {
                Occurrence::Once(start) => Some(start),
                Occurrence::Never | Occurrence::Several => None,
            },
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_in_another_one_never_once_or_several_times() {
        for (part, text, occurrence) in [
            ("b", "abc", Occurrence::Once(1)),
            ("é", "aé", Occurrence::Once(1)),
            ("aa", "aaa", Occurrence::Several),
            ("x", "abc", Occurrence::Never),
            ("x", "", Occurrence::Never),
            ("", "", Occurrence::Once(0)),
            ("", "a", Occurrence::Several),
        ] {
            assert_eq!(
                Occurrence::of(part, text),
                occurrence,
                "{part:?} in {text:?}"
            );
        }
    }
}
