//! Finds what of an object coupler wrote: entries that the record lists, found again by key and
//! digest, and judged three ways (as recorded, as they are now, as they are wanted) where somebody
//! changed them.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use super::desired::DesiredCoupling;
use super::digest;
use super::entry::Entry;
use super::record::{Original, Record, plug_key};
use super::slot::Slot;
use super::workload::{Collection, Workload};
use crate::diagnostic::{Code, Diagnostic, lines};
use crate::edit::Value;
use crate::manifest::{NodeId, Place, Tree};

/// An entry that coupler wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Owned<'r> {
    /// The collection, by position.
    pub(super) collection: usize,
    /// What stood in its place, if it replaced the author's own.
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
    /// Infos, and an error for each entry that is no longer ours to touch.
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// Whether entries that somebody edited are overwritten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edits {
    Refused,
    Discarded,
}

impl<'r> OwnedEntries<'r> {
    /// Finds what the record lists.
    pub(super) fn find(
        workload: &Workload<'_>,
        record: &'r Record,
        desired: &[DesiredCoupling<'_>],
        edits: Edits,
    ) -> Self {
        let mut owned = Self::default();
        let by_plug: BTreeMap<String, Listed<'_>> = desired
            .iter()
            .rev()
            .map(|coupling| (plug_key(coupling.plug), Listed::new(coupling)))
            .collect();
        let locator = Locator::new(workload, record);
        let mut unowned: BTreeMap<usize, Unowned<'_, '_>> = BTreeMap::new();
        for (plug, listed) in &record.plugs {
            for (slot, entries) in &listed.entries {
                let Some(collection) = locator.find(slot, entries) else {
                    continue;
                };
                if let Err(why) = &workload.collections[collection].entries {
                    owned
                        .diagnostics
                        .push(workload.not_readable(&workload.collections[collection], why));
                    continue;
                }
                owned.recorded.entry(collection).or_insert(slot);
                let held = &workload.collections[collection];
                let unowned = unowned
                    .entry(collection)
                    .or_insert_with(|| Unowned::new(workload.tree, held));
                for (key, recorded) in entries {
                    let original = listed.original(slot, key);
                    let current = unowned.take(key, recorded);
                    let search = Search {
                        workload,
                        listed: by_plug.get(plug),
                        collection,
                        key,
                        recorded,
                    };
                    owned.entry(&search, current, original, edits);
                }
            }
        }
        owned
    }

    /// What is known of an entry that coupler wrote.
    pub(super) fn of(&self, entry: NodeId) -> Option<&Owned<'r>> {
        self.entries.get(&entry)
    }

    fn entry(
        &mut self,
        search: &Search<'_, '_, '_>,
        current: Option<Digested>,
        original: Option<&'r Original>,
        edits: Edits,
    ) {
        let Search {
            workload,
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
                .extend(desired.map(|entry| missing(workload, entry)));
            return;
        };
        if current != *recorded {
            let adopted =
                desired.is_some_and(|entry| digest::of_content(&entry.content) == current);
            // what it had replaced could not come back where nothing is any more
            let content = slot.content(workload.tree, node);
            let lost = content.is_empty() && original.is_some_and(|original| !is_empty(original));
            let discarded = edits == Edits::Discarded && !lost;
            if !adopted && !discarded {
                let at = content.first().map_or(node, |&content| content);
                let error = edited(workload, slot, key, workload.at(at));
                let coupling = listed.map(|listed| listed.coupling.at);
                self.diagnostics
                    .push(workload.about(with_desired(error, slot, coupling, desired)));
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
    workload: &'s Workload<'t>,
    listed: Option<&'s Listed<'d>>,
    collection: usize,
    key: &'s str,
    recorded: &'s String,
}

/// A coupling by what is asked of it.
struct Listed<'d> {
    coupling: &'d DesiredCoupling<'d>,
    entries: BTreeMap<(&'d Slot, &'d str), &'d Entry<'d>>,
}

impl<'d> Listed<'d> {
    fn new(coupling: &'d DesiredCoupling<'_>) -> Self {
        let entries = coupling
            .entries
            .iter()
            .rev()
            .map(|entry| ((&entry.slot, entry.key), entry))
            .collect();
        Self { coupling, entries }
    }

    /// The entry that the Plug wants there now.
    fn entry(&self, slot: &Slot, key: &str) -> Option<&'d Entry<'d>> {
        self.entries.get(&(slot, key)).copied()
    }
}

/// The entries of one collection that nothing of a record owns yet.
struct Unowned<'h, 't> {
    tree: &'t Tree<'t>,
    collection: &'h Collection<'t>,
    /// By key, once the record asks for it.
    by_key: BTreeMap<&'h str, OfKey>,
}

/// An entry, and the digest of its content.
struct Digested {
    node: NodeId,
    digest: String,
}

/// The entries of one key that are not taken yet.
enum OfKey {
    /// The usual case.
    One(Option<Digested>),
    Several {
        /// In order.
        all: BTreeMap<NodeId, String>,
        by_digest: BTreeMap<String, BTreeSet<NodeId>>,
    },
}

impl OfKey {
    fn new(mut entries: impl Iterator<Item = Digested>) -> Self {
        let first = entries.next();
        let Some(second) = entries.next() else {
            return Self::One(first);
        };
        let mut all = BTreeMap::new();
        let mut by_digest: BTreeMap<String, BTreeSet<NodeId>> = BTreeMap::new();
        for Digested { node, digest } in first.into_iter().chain([second]).chain(entries) {
            by_digest.entry(digest.clone()).or_default().insert(node);
            all.insert(node, digest);
        }
        Self::Several { all, by_digest }
    }

    /// Takes the first entry of this digest, or else the first.
    fn take(&mut self, recorded: &str) -> Option<Digested> {
        let (all, by_digest) = match self {
            Self::One(entry) => return entry.take(),
            Self::Several { all, by_digest } => (all, by_digest),
        };
        let same = by_digest
            .get(recorded)
            .and_then(|nodes| nodes.first())
            .copied();
        let node = same.or_else(|| all.keys().next().copied())?;
        let digest = all.remove(&node)?;
        if let Some(nodes) = by_digest.get_mut(&digest) {
            nodes.remove(&node);
        }
        Some(Digested { node, digest })
    }
}

impl<'h, 't> Unowned<'h, 't> {
    fn new(tree: &'t Tree<'t>, collection: &'h Collection<'t>) -> Self {
        Self {
            tree,
            collection,
            by_key: BTreeMap::new(),
        }
    }

    /// Takes the first entry of this key and digest, or else the first of the key.
    fn take(&mut self, key: &'h str, recorded: &str) -> Option<Digested> {
        let (tree, collection) = (self.tree, self.collection);
        let of_key = self.by_key.entry(key).or_insert_with(|| {
            OfKey::new(collection.of_key(key).map(|entry| Digested {
                node: entry.node,
                digest: digest::of_entry(tree, &collection.slot, entry.node),
            }))
        });
        of_key.take(recorded)
    }
}

fn is_empty(original: &Original) -> bool {
    original
        .content
        .as_object()
        .is_some_and(serde_json::Map::is_empty)
}

/// Finds the collections that a record names.
pub(super) struct Locator<'w, 't> {
    workload: &'w Workload<'t>,
    record: &'w Record,
    /// Collections that the record does not know: key and digest of an entry → the first position.
    /// Made when first asked for.
    by_entry: OnceCell<BTreeMap<(&'w str, String), usize>>,
}

impl<'w, 't> Locator<'w, 't> {
    /// A locator for the collections of this record.
    pub(super) fn new(workload: &'w Workload<'t>, record: &'w Record) -> Self {
        Self {
            workload,
            record,
            by_entry: OnceCell::new(),
        }
    }

    /// The collection of a record: of that name, or, where there is none, one of a container that
    /// the record does not know and that holds one of the listed entries.
    pub(super) fn find(&self, slot: &Slot, listed: &BTreeMap<String, String>) -> Option<usize> {
        self.workload.position(slot).or_else(|| {
            slot.container()?;
            let by_entry = self.by_entry.get_or_init(|| self.entries());
            listed
                .iter()
                .filter_map(|(key, digest)| by_entry.get(&(key.as_str(), digest.clone())).copied())
                .min()
        })
    }

    fn entries(&self) -> BTreeMap<(&'w str, String), usize> {
        let slots = self
            .record
            .plugs
            .values()
            .flat_map(|plug| plug.entries.keys().chain(plug.kept.keys()));
        let known: BTreeSet<&Slot> = slots.collect();
        let mut entries = BTreeMap::new();
        for (position, collection) in self.workload.collections.iter().enumerate() {
            if collection.slot.container().is_none() || known.contains(&collection.slot) {
                continue;
            }
            for entry in collection.entries.iter().flatten() {
                let digest = digest::of_entry(self.workload.tree, &collection.slot, entry.node);
                entries.entry((entry.key, digest)).or_insert(position);
            }
        }
        entries
    }
}

fn edited(workload: &Workload<'_>, slot: &Slot, key: &str, at: Place) -> Diagnostic {
    let message = format!(
        "{} of {}, which coupler baked, was edited by hand",
        slot.entry(key),
        workload.called()
    );
    Diagnostic::error(Code::BakedEntryEdited, message).at(at, "edited here")
}

/// Shows both: what somebody wrote, and what coupling wants.
fn with_desired(
    error: Diagnostic,
    slot: &Slot,
    coupling: Option<Place>,
    desired: Option<&Entry<'_>>,
) -> Diagnostic {
    let at = desired.map(|entry| entry.at).or(coupling);
    let (error, remedy) = match at {
        Some(at) => {
            let wanted =
                desired.map_or_else(|| "nothing".to_owned(), |entry| in_words(&entry.content));
            (
                error.at(at, format!("{wanted} is wanted here")),
                "put the value into the Plug or the Socket",
            )
        }
        None => (error, "keep the Plug that brought it"),
    };
    error.help(lines![
        ("undo the edit, or {remedy}, or throw the edit away:"),
        ("  coupler render --discard-edits …"),
        (
            "to keep the {} as your own, give it another name",
            slot.noun()
        )
    ])
}

fn in_words(content: &Value<'_>) -> String {
    let member = match content {
        Value::Map(members) => members.first().map(|(_, value)| value),
        other => Some(other),
    };
    match member {
        Some(Value::Text(text)) if text.len() <= 64 => format!("`{}`", text.escape_debug()),
        Some(Value::Map(from)) => match &from[..] {
            [(form, Value::Map(target))] => {
                let text = |wanted: &str| match target.iter().find(|(key, _)| key == wanted) {
                    Some((_, Value::Text(text))) => text.to_string(),
                    _ => String::new(),
                };
                let kind = if form == "secretKeyRef" {
                    "Secret"
                } else {
                    "ConfigMap"
                };
                format!("the key `{}` of {kind} `{}`", text("key"), text("name"))
            }
            _ => "another value".to_owned(),
        },
        _ => "another value".to_owned(),
    }
}

fn missing(workload: &Workload<'_>, entry: &Entry<'_>) -> Diagnostic {
    let message = format!(
        "{}, which coupler baked into {}, was removed; it is added again",
        entry.slot.entry(entry.key),
        workload.called()
    );
    let info = Diagnostic::info(Code::BakedEntryMissing, message).at(entry.at, "asked for here");
    workload.about(
        info.help("to be rid of it, change the Plug: `bind.env` says which variables there are"),
    )
}
