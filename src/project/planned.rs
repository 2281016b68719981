//! Defines a plan: entries with their positions, and the record that will list them.

use super::entry::Entry;
use super::owner::EntryOwner;
use super::record::Record;
use crate::diagnostic::Findings;
use crate::edit::Value;
use crate::manifest::NodeId;

/// An entry and where it goes.
#[derive(Debug)]
pub(super) struct PlannedEntry<'w> {
    pub(super) owner: EntryOwner<'w>,
    pub(super) entry: &'w Entry<'w>,
    /// Further owners that write it too, and list it.
    pub(super) shared_with: Vec<EntryOwner<'w>>,
    pub(super) position: EntryPosition,
    /// What it holds where that is not what its Plug wants alone: an optional reference stays one.
    pub(super) content: Option<Value<'w>>,
}

/// Where an entry goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EntryPosition {
    /// Before one of the author's.
    Before(NodeId),
    /// After all of them.
    Last,
    /// In the place of the author's own.
    Replaces { entry: NodeId, index: usize },
    /// In the place of its key, which begins here in the author's text.
    Within { start: usize },
    /// Nowhere: the author's own has its content.
    Kept { index: usize },
}

impl<'w> PlannedEntry<'w> {
    /// The position of the author's own entry that it replaces, or that is kept for it.
    pub(super) fn own(&self) -> Option<usize> {
        match self.position {
            EntryPosition::Replaces { index, .. } | EntryPosition::Kept { index } => Some(index),
            EntryPosition::Before(_) | EntryPosition::Last | EntryPosition::Within { .. } => None,
        }
    }

    /// Whether the author's own entry stays for it.
    pub(super) fn is_kept(&self) -> bool {
        matches!(self.position, EntryPosition::Kept { .. })
    }

    /// Whether it takes the place of the author's own.
    pub(super) fn replaces(&self) -> bool {
        matches!(self.position, EntryPosition::Replaces { .. })
    }

    /// What it holds.
    pub(super) fn content(&self) -> &Value<'w> {
        self.content.as_ref().unwrap_or(&self.entry.content)
    }
}

/// What one collection gets, in order.
#[derive(Debug)]
pub(super) struct CollectionPlan<'w> {
    /// The collection, by position.
    pub(super) collection: usize,
    pub(super) new: Vec<PlannedEntry<'w>>,
    /// Of a text, what it comes to.
    pub(super) text: Option<String>,
}

/// What an object gets.
#[derive(Debug, Default)]
pub(super) struct Plan<'w> {
    pub(super) collections: Vec<CollectionPlan<'w>>,
    /// What the record will list: Plugs, entries, digests.
    pub(super) record: Record,
    pub(super) diagnostics: Findings,
}

/// Whether it is known which entries are the author's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Authorship {
    Known,
    /// The object has the label of a coupled one and no record: what is there may be ours.
    Unknown,
}
