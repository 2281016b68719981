//! Plans the parts of a text: the author's text contains each of them exactly once, and none is
//! inside of another.

use std::collections::BTreeMap;

use super::Planner;
use crate::diagnostic::{Diagnostic, Findings};
use crate::edit::{Value, replaced};
use crate::limits;
use crate::project::author::AuthorEntry;
use crate::project::collision::OfOwner;
use crate::project::entry::Entry;
use crate::project::owned_text::Occurrence;
use crate::project::owner::EntryOwner;
use crate::project::planned::{Authorship, EntryPosition, PlannedEntry};
use crate::project::record::FoundText;
use crate::project::{collision, find_mismatch};

/// The parts of a text that are replaced, and what it then is.
pub(super) struct PlannedText<'w> {
    pub(super) new: Vec<PlannedEntry<'w>>,
    pub(super) text: Option<String>,
}

/// A part as its owner asks for it.
type AskedPart<'w> = OfOwner<'w>;

impl<'t> Planner<'_, 't, '_> {
    /// The parts in the order of the text.
    pub(super) fn parts<'w>(
        &self,
        entries: &[AskedPart<'w>],
        diagnostics: &mut Findings,
    ) -> PlannedText<'w> {
        let mut new: Vec<PlannedEntry<'w>> = Vec::with_capacity(entries.len());
        let node = self.collection.node;
        if node.is_some_and(|node| self.owned.edited_texts.contains(&node)) {
            return PlannedText { new, text: None };
        }
        let Some(author) = self.authors_text() else {
            if let Some(&(owner, entry)) = entries.first() {
                let error = find_mismatch::no_text(&self.target(), owner, entry);
                diagnostics.report(self.workload.about(error));
            }
            return PlannedText { new, text: None };
        };
        if author.len() > limits::FIND_BYTES {
            if let Some(&(_, entry)) = entries.first() {
                let error = find_mismatch::too_long(&self.target(), entry);
                diagnostics.report(self.workload.about(error));
            }
            return PlannedText { new, text: None };
        }
        let mut clashes = collision::Clashes::default();
        let mut first_of: BTreeMap<&str, AskedPart<'w>> = BTreeMap::new();
        for &(owner, entry) in entries {
            if let Some(&first) = first_of.get(&*entry.key) {
                clashes.add(first, (owner, entry));
                continue;
            }
            match self.part(owner, entry, author) {
                Ok(position) => {
                    first_of.insert(&entry.key, (owner, entry));
                    new.push(PlannedEntry {
                        owner,
                        entry,
                        shared_with: Vec::new(),
                        position,
                        content: None,
                    });
                }
                Err(error) => {
                    diagnostics.report(self.workload.about(*error));
                }
            }
        }
        let target = self.target();
        let errors = clashes.into_errors(&target, self.couplings);
        diagnostics.extend(errors.map(|error| self.workload.about(error)));
        new.sort_by_key(start);
        for pair in new.windows(2) {
            let [one, other] = pair else { continue };
            if let (Some(first), Some(second)) = (start(one), start(other))
                && second < first + one.entry.key.len()
            {
                let error = find_mismatch::overlap(
                    &self.target(),
                    (one.owner, one.entry),
                    (other.owner, other.entry),
                );
                diagnostics.report(self.workload.about(error));
                return PlannedText { new, text: None };
            }
        }
        let text = Some(whole(author, &new));
        PlannedText { new, text }
    }

    /// The text as its author wrote it, where it is one.
    fn authors_text(&self) -> Option<&str> {
        let node = self.collection.node?;
        if let Some(owned) = self.owned.texts.get(&node) {
            return Some(&owned.original);
        }
        let text = self.workload.tree.str(node)?;
        crate::edit::is_text(self.workload.tree, node, text).then_some(text)
    }

    /// Where a part is in the author's text; or that it was replaced by him.
    fn part(
        &self,
        owner: EntryOwner<'_>,
        entry: &Entry<'_>,
        author: &str,
    ) -> Result<EntryPosition, Box<Diagnostic>> {
        match Occurrence::of(&entry.key, author) {
            Occurrence::Once(start) => return Ok(EntryPosition::Within { start }),
            Occurrence::Several => {
                return Err(Box::new(find_mismatch::repeated(
                    &self.target(),
                    owner,
                    entry,
                )));
            }
            Occurrence::Never => {}
        }
        let is_done = matches!(&entry.content, Value::Text(with) if matches!(Occurrence::of(with, author), Occurrence::Once(_)));
        if !is_done {
            let node = self.collection.node;
            let is_lost = node.is_some_and(|node| self.owned.is_lost(node, &entry.key));
            return Err(Box::new(match is_lost {
                true => find_mismatch::lost(&self.target(), owner, entry),
                false => find_mismatch::absent(&self.target(), owner, entry),
            }));
        }
        match (self.authorship, self.collection.node) {
            (Authorship::Unknown, Some(node)) => {
                let own = AuthorEntry {
                    index: 0,
                    node,
                    original: None,
                };
                Err(Box::new(collision::without_record(
                    &self.target(),
                    &own,
                    owner,
                    entry,
                )))
            }
            (_, _) => Ok(EntryPosition::Kept { index: 0 }),
        }
    }
}

/// Where a part begins; `None`: it is kept.
fn start(planned: &PlannedEntry<'_>) -> Option<usize> {
    match planned.position {
        EntryPosition::Within { start } => Some(start),
        EntryPosition::Before(_)
        | EntryPosition::Last
        | EntryPosition::Replaces { .. }
        | EntryPosition::Kept { .. } => None,
    }
}

fn content<'p>(planned: &'p PlannedEntry<'_>) -> &'p str {
    match planned.content() {
        Value::Text(text) => text,
        _ => "",
    }
}

/// The author's text with all parts replaced.
fn whole(author: &str, planned: &[PlannedEntry<'_>]) -> String {
    let parts: Vec<_> = planned
        .iter()
        .filter_map(|one| {
            let start = start(one)?;
            Some(start..start + one.entry.key.len())
        })
        .collect();
    let replacing = planned.iter().filter(|one| start(one).is_some());
    let texts: Vec<&str> = replacing.map(content).collect();
    replaced(author, &parts, &texts)
}

/// What a record has of each part, in order; `None`: nothing, since it is kept.
pub(super) fn found(planned: &[PlannedEntry<'_>], written: &str) -> Vec<Option<FoundText>> {
    let (mut longer, mut shorter) = (0, 0);
    let mut all = Vec::with_capacity(planned.len());
    for one in planned {
        let with = content(one);
        all.push(start(one).map(|start| {
            let at = start + longer - shorter;
            longer += with.len();
            shorter += one.entry.key.len();
            FoundText {
                at,
                behind: written.len().saturating_sub(at + with.len()),
                with: with.to_owned(),
            }
        }));
    }
    all
}
