//! Finds things by their labels: a query compares only those that have its rarest pair.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::BTreeMap;

use crate::limits;

/// A key and its value.
pub type LabelPair<'l> = (Cow<'l, str>, Cow<'l, str>);

/// Things by each pair of their labels.
#[derive(Debug)]
pub struct LabelIndex<'l, T> {
    all: Vec<T>,
    pairs: BTreeMap<LabelPair<'l>, Vec<T>>,
}

impl<T> Default for LabelIndex<'_, T> {
    fn default() -> Self {
        Self {
            all: Vec::new(),
            pairs: BTreeMap::new(),
        }
    }
}

/// How many things the label selectors of a run may still look at: lists of labels can be made so
/// that every query has to look at half of all things.
#[derive(Debug)]
pub struct LookRoom(Cell<usize>);

impl Default for LookRoom {
    fn default() -> Self {
        Self(Cell::new(limits::LABEL_LOOKS))
    }
}

impl LookRoom {
    /// How many things were looked at so far.
    pub fn used(&self) -> usize {
        limits::LABEL_LOOKS - self.0.get()
    }

    /// Reserves space for this many things, if there is enough.
    ///
    /// # Errors
    /// There is not.
    pub fn take(&self, things: usize) -> Result<(), TooManyLooks> {
        let left = self.0.get().checked_sub(things).ok_or(TooManyLooks)?;
        self.0.set(left);
        Ok(())
    }
}

/// The space of a run is not enough for a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyLooks;

impl<'l, T: Copy + Ord> LabelIndex<'l, T> {
    /// Adds a thing, which must be greater than all that were added before it.
    pub fn push<L: Into<Cow<'l, str>>>(
        &mut self,
        thing: T,
        labels: impl IntoIterator<Item = (L, L)>,
    ) {
        debug_assert!(
            self.all.last().is_none_or(|last| *last < thing),
            "things are added in their order"
        );
        self.all.push(thing);
        for (key, value) in labels {
            let pair = (key.into(), value.into());
            self.pairs.entry(pair).or_default().push(thing);
        }
    }

    /// The things that have all these labels, in order.
    ///
    /// # Errors
    /// The query has to look at more things than there is space for.
    pub fn matching(
        &self,
        wanted: &BTreeMap<String, String>,
        room: &LookRoom,
    ) -> Result<Vec<T>, TooManyLooks> {
        let mut lists: Vec<&[T]> = Vec::new();
        let pairs: &BTreeMap<LabelPair<'_>, Vec<T>> = &self.pairs;
        for (key, value) in wanted {
            let pair = (key.into(), value.into());
            lists.push(pairs.get(&pair).map_or(&[], Vec::as_slice));
        }
        lists.sort_by_key(|list| list.len());
        let (rarest, others) = match &lists[..] {
            [] => (&self.all[..], &[][..]),
            [rarest, others @ ..] => (*rarest, others),
        };
        room.take(rarest.len())?;
        let in_all = |thing: &T| others.iter().all(|list| list.binary_search(thing).is_ok());
        Ok(rarest.iter().copied().filter(in_all).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn all_labels_of_a_query_must_be_there() {
        let mut index = LabelIndex::default();
        index.push(0, [("app", "web"), ("tier", "red")]);
        index.push(1, [("app", "web"), ("tier", "blue")]);
        index.push(2, [("app", "db")]);
        let matching = |pairs: &[(&str, &str)]| {
            index
                .matching(&labels(pairs), &LookRoom::default())
                .unwrap()
        };
        assert_eq!(matching(&[("app", "web")]), [0, 1]);
        assert_eq!(matching(&[("app", "web"), ("tier", "blue")]), [1]);
        assert!(matching(&[("app", "db"), ("tier", "blue")]).is_empty());
        assert!(matching(&[("app", "we")]).is_empty());
        assert_eq!(matching(&[]), [0, 1, 2]);
    }

    #[test]
    fn a_query_looks_at_no_thing_without_its_rarest_pair() {
        let n = 1_000;
        let own: Vec<String> = (0..n).map(|i| i.to_string()).collect();
        let mut index = LabelIndex::default();
        for (i, own) in own.iter().enumerate() {
            index.push(i, [("app", "web"), ("own", own)]);
        }
        let room = LookRoom::default();
        for (i, own) in own.iter().enumerate() {
            assert_eq!(
                index.matching(&labels(&[("app", "web"), ("own", own)]), &room),
                Ok(vec![i])
            );
            assert_eq!(
                index.matching(&labels(&[("app", "none"), ("own", own)]), &room),
                Ok(vec![])
            );
        }
        assert_eq!(room.used(), n);
    }

    #[test]
    fn queries_that_look_at_half_of_all_things_end() {
        let n = 4_000;
        let bits: Vec<String> = (0..16).map(|bit| bit.to_string()).collect();
        let mut index = LabelIndex::default();
        for thing in 0..n {
            index.push(
                thing,
                bits.iter()
                    .enumerate()
                    .filter(|(bit, _)| thing >> bit & 1 == 1)
                    .map(|(_, b)| (b.as_str(), "")),
            );
        }
        let room = LookRoom::default();
        let wanted = labels(&[("0", ""), ("1", "")]);
        let answered = (0..n * 10)
            .take_while(|_| index.matching(&wanted, &room).is_ok())
            .count();
        assert_eq!(answered, limits::LABEL_LOOKS / (n / 2));
        assert!(room.used() <= limits::LABEL_LOOKS);
    }
}
