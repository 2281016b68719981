//! Orders variables: new ones go after the author's own, unless one of those uses one of ours as
//! `$(NAME)`; then they go before the first one that does. Parts are always before the text that is
//! made of them.

use std::collections::BTreeMap;

use super::env_content::references;
use super::planned::{EntryPosition, PlannedEntry};

/// A text of the author's, and its position among the variables.
pub(super) struct AuthorText<'t> {
    pub(super) index: usize,
    pub(super) text: &'t str,
}

/// The place of a new variable among those that are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// Before the one at this position, or in its place.
    At(usize),
    /// After all of them.
    Last,
}

/// Positions of new variables by name: each has its own.
pub(super) type ByKey<'p> = BTreeMap<&'p str, usize>;

/// The places before which new variables must be. The author's texts come in their order.
pub(super) fn ranks(
    new: &[PlannedEntry<'_>],
    by_key: &ByKey<'_>,
    texts: &[AuthorText<'_>],
) -> Vec<Rank> {
    let mut ranks: Vec<Rank> = new
        .iter()
        .map(|planned| planned.own().map_or(Rank::Last, Rank::At))
        .collect();
    for AuthorText { index, text } in texts {
        for name in references(text) {
            if let Some(&used) = by_key.get(name) {
                lower(new, &mut ranks, used, Rank::At(*index));
            }
        }
    }
    // parts are before their texts in the list, so one pass from the end carries every rank through
    for index in (0..new.len()).rev() {
        for part in parts(new, by_key, index) {
            let rank = ranks[index];
            lower(new, &mut ranks, part, rank);
        }
    }
    ranks
}

/// A step through variables and those that they use.
enum Visit {
    Begin(usize),
    End(usize),
}

/// The same variables, those that another Plug's text uses before it; else they keep their order.
pub(super) fn sorted<'w>(new: Vec<PlannedEntry<'w>>, by_key: &ByKey<'_>) -> Vec<PlannedEntry<'w>> {
    let mut order = Vec::with_capacity(new.len());
    let mut seen = vec![false; new.len()];
    for first in 0..new.len() {
        let mut open = vec![Visit::Begin(first)];
        while let Some(visit) = open.pop() {
            let index = match visit {
                Visit::End(index) => {
                    order.push(index);
                    continue;
                }
                Visit::Begin(index) if seen[index] => continue,
                Visit::Begin(index) => index,
            };
            seen[index] = true;
            open.push(Visit::End(index));
            let used = parts(&new, by_key, index)
                .filter(|&part| part < index || new[part].owner != new[index].owner);
            let before = open.len();
            open.extend(used.filter(|&part| !seen[part]).map(Visit::Begin));
            open[before..].reverse();
        }
    }
    let mut new: Vec<Option<PlannedEntry<'w>>> = new.into_iter().map(Some).collect();
    order
        .into_iter()
        .filter_map(|index| new[index].take())
        .collect()
}

/// The new variables that one uses.
fn parts<'p>(
    new: &'p [PlannedEntry<'_>],
    by_key: &'p ByKey<'_>,
    index: usize,
) -> impl Iterator<Item = usize> + 'p {
    let used = new[index].entry.uses.iter();
    used.filter_map(|name| by_key.get(name).copied())
        .filter(move |&part| part != index)
}

fn lower(new: &[PlannedEntry<'_>], ranks: &mut [Rank], index: usize, rank: Rank) {
    if !matches!(
        new[index].position,
        EntryPosition::Replaces { .. } | EntryPosition::Kept { .. }
    ) {
        ranks[index] = ranks[index].min(rank);
    }
}
