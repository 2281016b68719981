//! Finds the entries of an object that coupler wrote: those that the record lists, by key and
//! digest. An entry that somebody changed is compared three ways: as recorded, as it is now, as it
//! is wanted.

use std::collections::{BTreeMap, BTreeSet};

use super::desired::DesiredCoupling;
use super::digest;
use super::edited::{self, missing, with_desired};
use super::entry::Entry;
use super::locator::Locator;
use super::lost::Lost;
use super::owned_text::{self, OwnedText, RecordedPart, TextState};
use super::owner::OwnerKey;
use super::record::{Original, Record};
use super::slot::Slot;
use super::unowned::{Digested, Unowned};
use super::workload::WorkloadNode;
use crate::diagnostic::Findings;
use crate::edit::Value;
use crate::manifest::NodeId;

/// An entry that coupler wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Owned<'r> {
    /// The collection, by position.
    pub(super) collection: usize,
    /// What was in its place, if it replaced the author's own.
    pub(super) original: Option<&'r Original>,
}

/// All that coupler wrote into one object.
#[derive(Debug, Default)]
pub(super) struct OwnedEntries<'r> {
    /// The entries.
    pub(super) entries: BTreeMap<NodeId, Owned<'r>>,
    /// Collections of the record that are there, perhaps of a renamed container: position → its
    /// name in the record.
    pub(super) recorded: BTreeMap<usize, &'r Slot>,
    /// The texts with parts that coupler replaced.
    pub(super) texts: BTreeMap<NodeId, OwnedText<'r>>,
    /// Those with parts that somebody edited: it is not known what else they are.
    pub(super) edited_texts: BTreeSet<NodeId>,
    /// The parts of texts that somebody edited, and that are not found.
    lost_parts: BTreeSet<(NodeId, &'r str)>,
    /// Infos, and an error for each entry that is no longer ours to touch.
    pub(super) diagnostics: Findings,
}

/// Whether entries that somebody edited are overwritten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EditPolicy {
    Refused,
    Discarded,
}

impl<'r> OwnedEntries<'r> {
    /// Finds what the record lists.
    pub(super) fn find(
        workload: &WorkloadNode<'_>,
        record: &'r Record,
        desired: &[DesiredCoupling<'_>],
        edits: EditPolicy,
    ) -> Self {
        let mut owned = Self::default();
        let by_owner: BTreeMap<OwnerKey, DesiredIndex<'_>> = desired
            .iter()
            .rev()
            .map(|coupling| (coupling.owner.key(), DesiredIndex::new(coupling)))
            .collect();
        let locator = Locator::new(workload, record);
        let mut unowned: BTreeMap<usize, Unowned<'_, '_>> = BTreeMap::new();
        let mut common: BTreeSet<(usize, &str)> = BTreeSet::new();
        let mut lost = Lost::default();
        let mut texts: BTreeMap<usize, Vec<RecordedPart<'r>>> = BTreeMap::new();
        for (owner, listed) in &record.owners {
            for (slot, entries) in &listed.entries {
                let Some(collection) = locator.find(slot, entries) else {
                    lost.add_all(slot, entries);
                    continue;
                };
                if let Err(why) = &workload.collections[collection].entries {
                    owned
                        .diagnostics
                        .report(workload.not_readable(&workload.collections[collection], why));
                    continue;
                }
                if let Slot::Found(_) = slot {
                    let found = listed.found.get(slot);
                    let of_text = texts.entry(collection).or_default();
                    of_text.extend(entries.iter().filter_map(|(find, digest)| {
                        Some(RecordedPart {
                            owner,
                            find,
                            found: found?.get(find)?,
                            digest,
                        })
                    }));
                    continue;
                }
                owned.recorded.entry(collection).or_insert(slot);
                let held = &workload.collections[collection];
                let unowned = unowned
                    .entry(collection)
                    .or_insert_with(|| Unowned::new(workload.tree, held));
                for (key, recorded) in entries {
                    if held.slot.is_common(key) && !common.insert((collection, key)) {
                        continue;
                    }
                    let original = listed.original(slot, key);
                    let current = unowned.take(key, recorded);
                    let search = Search {
                        workload,
                        owner,
                        listed: by_owner.get(owner),
                        collection,
                        key,
                        recorded,
                    };
                    if current.is_none() {
                        lost.add(slot, key, recorded);
                    }
                    owned.entry(&search, current, original, edits);
                }
            }
        }
        for (collection, parts) in texts {
            let collection = &workload.collections[collection];
            let Some(node) = collection.node else {
                continue;
            };
            let (text, edited) = match owned_text::find(workload.tree, collection, node, &parts) {
                TextState::Whole(text) => (Some(text), None),
                TextState::OneEdited { text, part, now } => {
                    let listed = by_owner.get(part.owner);
                    let wanted =
                        listed.and_then(|listed| listed.entry(&collection.slot, part.find));
                    let is_adopted = wanted.is_some_and(|entry| is_text(&entry.content, &now));
                    let is_left = is_adopted || edits == EditPolicy::Discarded;
                    (Some(text), (!is_left).then_some(part))
                }
                TextState::Edited { text, lost } if edits == EditPolicy::Discarded => {
                    let lost = lost.iter().map(|part| (node, part.find));
                    owned.lost_parts.extend(lost);
                    (text, None)
                }
                TextState::Edited { lost, .. } => (None, lost.first().copied()),
            };
            let Some(RecordedPart { owner, find, .. }) = edited else {
                owned.texts.extend(text.map(|text| (node, text)));
                continue;
            };
            let slot = &collection.slot;
            let error = edited::edited(workload, slot, find, workload.at(node));
            let listed = by_owner.get(owner);
            let coupling = listed.map(|listed| listed.coupling.at);
            let desired = listed.and_then(|listed| listed.entry(slot, find));
            let error = with_desired(error, slot, owner.kind, coupling, desired);
            owned.diagnostics.report(workload.about(error));
            owned.edited_texts.insert(node);
        }
        owned.diagnostics.extend(lost.elsewhere(workload));
        owned
    }

    /// What is known of an entry that coupler wrote.
    pub(super) fn of(&self, entry: NodeId) -> Option<&Owned<'r>> {
        self.entries.get(&entry)
    }

    /// Whether a part of a text that coupler wrote was edited, and is not found.
    pub(super) fn is_lost(&self, text: NodeId, part: &str) -> bool {
        self.lost_parts.contains(&(text, part))
    }

    /// Whether an entry is the author's: one that we do not own, or that took the place of one of
    /// his.
    pub(super) fn is_authors(&self, entry: NodeId) -> bool {
        self.of(entry).is_none_or(|owned| owned.original.is_some())
    }

    fn entry(
        &mut self,
        search: &Search<'_, '_, '_>,
        current: Option<Digested>,
        original: Option<&'r Original>,
        edits: EditPolicy,
    ) {
        let Search {
            workload,
            owner,
            listed,
            collection,
            key,
            recorded,
        } = *search;
        let slot = &workload.collections[collection].slot;
        let desired = listed.and_then(|listed| listed.entry(slot, key));
        let Some(Digested {
            node,
            digest: current,
        }) = current
        else {
            self.diagnostics
                .extend(desired.map(|entry| missing(workload, owner.kind, entry)));
            return;
        };
        if current != *recorded && slot.is_common(key) {
            return; // its author's from now on
        }
        if current != *recorded {
            let adopted =
                desired.is_some_and(|entry| digest::of_planned(entry, &entry.content) == current);
            // what it had replaced could not come back where nothing is any more
            let content = slot.content(workload.tree, node);
            let lost = content.is_empty() && original.is_some_and(|original| !is_empty(original));
            let discarded = edits == EditPolicy::Discarded && !lost;
            if !adopted && !discarded {
                let at = content.first().map_or(node, |&content| content);
                let error = edited::edited(workload, slot, key, workload.at(at));
                let coupling = listed.map(|listed| listed.coupling.at);
                self.diagnostics.report(
                    workload.about(with_desired(error, slot, owner.kind, coupling, desired)),
                );
            }
        }
        // an edited one too: else it would be reported a second time, as a collision
        self.entries.insert(
            node,
            Owned {
                collection,
                original,
            },
        );
    }
}

/// What is looked for.
struct Search<'s, 't, 'd> {
    workload: &'s WorkloadNode<'t>,
    owner: &'s OwnerKey,
    listed: Option<&'s DesiredIndex<'d>>,
    collection: usize,
    key: &'s str,
    recorded: &'s String,
}

/// A coupling, indexed for lookups.
struct DesiredIndex<'d> {
    coupling: &'d DesiredCoupling<'d>,
    entries: BTreeMap<(&'d Slot, &'d str), &'d Entry<'d>>,
}

impl<'d> DesiredIndex<'d> {
    fn new(coupling: &'d DesiredCoupling<'_>) -> Self {
        let entries = coupling
            .entries
            .iter()
            .rev()
            .map(|entry| ((&entry.slot, &*entry.key), entry))
            .collect();
        Self { coupling, entries }
    }

    /// The entry that its owner wants there now.
    fn entry(&self, slot: &Slot, key: &str) -> Option<&'d Entry<'d>> {
        self.entries.get(&(slot, key)).copied()
    }
}

fn is_text(content: &Value<'_>, text: &str) -> bool {
    matches!(content, Value::Text(content) if **content == *text)
}

fn is_empty(original: &Original) -> bool {
    original
        .content
        .as_object()
        .is_some_and(serde_json::Map::is_empty)
}
