//! Finds the parts of a text that coupler replaced, and what it was before.

use std::cmp::Ordering;
use std::ops::Range;

use super::digest;
use super::owner::OwnerKey;
use super::record::FoundText;
use super::workload::Collection;
use crate::edit::{Value, is_text, replaced};
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

/// What is left in a text of the parts that a record lists.
#[derive(Debug)]
pub(super) enum TextState<'r> {
    /// Every part.
    Whole(OwnedText<'r>),
    /// One part was edited and nothing else, so it is known where it is.
    OneEdited {
        /// With the edited part.
        text: OwnedText<'r>,
        part: RecordedPart<'r>,
        /// What is there in place of what coupler wrote.
        now: String,
    },
    /// Some parts are not found.
    Edited {
        /// With the parts that are.
        text: Option<OwnedText<'r>>,
        lost: Vec<RecordedPart<'r>>,
    },
}

/// A part, and where it is.
#[derive(Clone)]
struct PlacedPart<'r> {
    range: Range<usize>,
    part: RecordedPart<'r>,
}

/// Finds the parts of a record in a text: by the offsets, or where somebody edited it, by what is
/// there exactly once, or by what is around the one part that was edited.
pub(super) fn find<'r>(
    tree: &Tree<'_>,
    collection: &Collection<'_>,
    node: NodeId,
    recorded: &[RecordedPart<'r>],
) -> TextState<'r> {
    let Some(text) = tree.str(node).filter(|text| is_text(tree, node, text)) else {
        let lost = recorded.to_vec();
        return TextState::Edited { text: None, lost };
    };
    let current = digest::of_entry(tree, &collection.slot, node);
    let (mut found, mut lost) = (Vec::with_capacity(recorded.len()), Vec::new());
    for part in recorded {
        let range = match current == part.digest {
            true => part.place_by_front(),
            false => match Occurrence::of(&part.found.with, text) {
                Occurrence::Once(start) => Some(start..start + part.found.with.len()),
                Occurrence::Never | Occurrence::Several => None,
            },
        };
        match range.filter(|range| part.is_at(text, range)) {
            Some(range) => found.push(PlacedPart { range, part: *part }),
            None => lost.push(*part),
        }
    }
    found.sort_by_key(|placed| placed.range.start);
    let mut end = 0;
    found.retain(|PlacedPart { range, part }| {
        let is_free = range.start >= end;
        match is_free {
            true => end = range.end,
            false => lost.push(*part),
        }
        is_free
    });
    if lost.is_empty() {
        return TextState::Whole(owned(text, found));
    }
    match one_edited(text, recorded) {
        Some(OneEdited { placed, edited }) => TextState::OneEdited {
            part: placed[edited].part,
            now: text[placed[edited].range.clone()].to_owned(),
            text: owned(text, placed),
        },
        None => TextState::Edited {
            text: (!found.is_empty()).then(|| owned(text, found)),
            lost,
        },
    }
}

fn owned<'r>(text: &str, placed: Vec<PlacedPart<'r>>) -> OwnedText<'r> {
    let texts: Vec<&'r str> = placed.iter().map(|placed| placed.part.find).collect();
    let parts: Vec<Range<usize>> = placed.into_iter().map(|placed| placed.range).collect();
    OwnedText {
        original: replaced(text, &parts, &texts),
        parts,
        texts,
    }
}

impl RecordedPart<'_> {
    /// Where it is if the text before it is as it was.
    fn place_by_front(&self) -> Option<Range<usize>> {
        let start = self.found.at;
        Some(start..start.checked_add(self.found.with.len())?)
    }

    /// Where it is if the text behind it is as it was.
    fn place_by_back(&self, text: &str) -> Option<Range<usize>> {
        let end = text.len().checked_sub(self.found.behind)?;
        Some(end.checked_sub(self.found.with.len())?..end)
    }

    fn is_at(&self, text: &str, range: &Range<usize>) -> bool {
        text.get(range.clone()) == Some(&*self.found.with)
    }
}

/// The parts of a text of which one was edited.
struct OneEdited<'r> {
    placed: Vec<PlacedPart<'r>>,
    /// Which one.
    edited: usize,
}

/// Parts of which it is tried whether the one that was edited is among them: all others would have
/// to be in their places.
const TRIED: usize = 4;

/// The parts of a text in which somebody edited one part and nothing else: with what coupler wrote
/// in place of it, the text has the digest that the record has.
fn one_edited<'r>(text: &str, recorded: &[RecordedPart<'r>]) -> Option<OneEdited<'r>> {
    let mut parts = recorded.to_vec();
    parts.sort_by_key(|part| part.found.at);
    let front = |part: &RecordedPart<'r>| {
        part.place_by_front()
            .filter(|range| part.is_at(text, range))
    };
    let back = |part: &RecordedPart<'r>| {
        part.place_by_back(text)
            .filter(|range| part.is_at(text, range))
    };
    // what is before the edited part is where it was, and what is behind it as far from the end
    let first = parts.iter().rposition(|part| back(part).is_none());
    let last = parts.iter().position(|part| front(part).is_none());
    let (first, last) = (first.unwrap_or(0), last.unwrap_or(parts.len() - 1));
    (first..=last).take(TRIED).find_map(|edited| {
        let part = &parts[edited];
        let end = text.len().checked_sub(part.found.behind)?;
        let (before, behind) = (text.get(..part.found.at)?, text.get(end..)?);
        let range = part.found.at..end;
        let written = Value::Text([before, &part.found.with, behind].concat().into());
        if range.start > range.end || digest::of_content(&written) != part.digest {
            return None;
        }
        let place = |(n, part): (usize, &RecordedPart<'r>)| {
            let range = match n.cmp(&edited) {
                Ordering::Less => front(part)?,
                Ordering::Equal => range.clone(),
                Ordering::Greater => back(part)?,
            };
            Some(PlacedPart { range, part: *part })
        };
        let placed = parts
            .iter()
            .enumerate()
            .map(place)
            .collect::<Option<Vec<_>>>()?;
        Some(OneEdited { placed, edited })
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

    /// The parts of `a=X b=Y c=Z`, which were `1`, `2` and `3`, in a text.
    fn edited_in(text: &str) -> Option<(usize, String)> {
        let owner = OwnerKey::plug("db");
        let digest = digest::of_content(&Value::Text("a=X b=Y c=Z".into()));
        let found = |at, with: &str| FoundText {
            at,
            behind: 11 - at - with.len(),
            with: with.to_owned(),
        };
        let found = [found(2, "X"), found(6, "Y"), found(10, "Z")];
        let parts = ["1", "2", "3"].iter().zip(&found);
        let recorded: Vec<RecordedPart<'_>> = parts
            .map(|(find, found)| RecordedPart {
                owner: &owner,
                find,
                found,
                digest: &digest,
            })
            .rev()
            .collect();
        let OneEdited { placed, edited } = one_edited(text, &recorded)?;
        Some((edited, owned(text, placed).original))
    }

    #[test]
    fn one_edited_part_is_found_by_what_is_around_it() {
        for (text, edited) in [
            ("a=other b=Y c=Z", 0),
            ("a= b=Y c=Z", 0),
            ("a=XX b=Y c=Z", 0),
            ("a=X b=YY c=Z", 1),
            ("a=X b=\n c=Z", 1),
            ("a=X b=Y c=", 2),
            ("a=X b=Y c=Z b=Z", 2),
        ] {
            let original = Some((edited, "a=1 b=2 c=3".to_owned()));
            assert_eq!(edited_in(text), original, "{text:?}");
        }
        for text in [
            " and a=X b=Y c=Z",
            "a=other b=other c=Z",
            "A=other b=Y c=Z",
            "b=Y c=Z",
            "",
        ] {
            assert_eq!(edited_in(text), None, "{text:?}");
        }
    }
}
