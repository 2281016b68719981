//! Orders the entries of a list, and reports an entry that uses a variable that is not defined
//! before it.

use super::Planner;
use crate::diagnostic::Findings;
use crate::project::author::Author;
use crate::project::collision;
use crate::project::env_order::{self, AuthorText, ByKey, Rank};
use crate::project::planned::{EntryPosition, PlannedEntry};
use crate::project::pod_template::text;

impl<'t, 'r> Planner<'_, 't, 'r> {
    /// Puts the entries of a list in their order, and reports what would use a variable that is not
    /// there before it.
    pub(super) fn ordered<'w>(
        &self,
        mut new: Vec<PlannedEntry<'w>>,
        by_key: &ByKey<'_>,
        author: &Author<'_, 'r>,
        diagnostics: &mut Findings,
    ) -> Vec<PlannedEntry<'w>> {
        let tree = self.workload.tree;
        let texts: Vec<AuthorText<'_>> = author
            .all
            .iter()
            .filter(|own| own.original.is_none())
            .filter_map(|own| {
                Some(AuthorText {
                    index: own.index,
                    text: text(tree, own.node, "value")?,
                })
            })
            .collect();
        let ranks = env_order::ranks(&new, by_key, &texts);
        self.report_order(&new, by_key, &ranks, author, diagnostics);
        for (planned, rank) in new.iter_mut().zip(&ranks) {
            if let (None, Rank::At(position)) = (planned.own(), *rank) {
                // the first of the author's entries that is not before it: one of ours is not there
                // once it is removed
                let before = author
                    .all
                    .get(author.all.partition_point(|own| own.index < position));
                planned.position =
                    before.map_or(EntryPosition::Last, |own| EntryPosition::Before(own.node));
            }
        }
        let mut order: Vec<(Rank, PlannedEntry<'w>)> = ranks.into_iter().zip(new).collect();
        order.sort_by_key(|(rank, _)| *rank);
        order.into_iter().map(|(_, planned)| planned).collect()
    }

    fn report_order(
        &self,
        new: &[PlannedEntry<'_>],
        by_key: &ByKey<'_>,
        ranks: &[Rank],
        author: &Author<'_, 'r>,
        diagnostics: &mut Findings,
    ) {
        for (index, planned) in new
            .iter()
            .enumerate()
            .filter(|(_, planned)| !planned.is_kept())
        {
            let rank = ranks[index];
            for name in &planned.entry.uses {
                let part = by_key.get(name).filter(|&&part| part != index);
                let is_late = part.is_some_and(|&part| match new[part].is_kept() {
                    true => ranks[part] >= rank,
                    false => ranks[part] > rank,
                });
                if is_late {
                    let own = author.of_key(name).map(|(own, _)| own.node);
                    diagnostics.report(self.workload.about(collision::too_late(
                        &self.target(),
                        planned.entry,
                        name,
                        own,
                    )));
                }
            }
            for name in &planned.entry.needs {
                let earlier = by_key.get(name).filter(|&&other| other < index);
                let is_before = author
                    .of_key(name)
                    .is_some_and(|(own, _)| Rank::At(own.index) < rank)
                    || earlier.is_some_and(|&other| ranks[other] <= rank)
                    || self.brought.iter().any(|from| from.defines(name));
                if !is_before {
                    let own = author
                        .of_key(name)
                        .map(|(own, _)| self.workload.at(own.node));
                    let later = own.or(by_key.get(name).map(|&other| new[other].entry.at));
                    diagnostics.report(self.workload.about(collision::unknown(
                        &self.target(),
                        planned.entry,
                        name,
                        later,
                    )));
                }
            }
        }
    }
}
