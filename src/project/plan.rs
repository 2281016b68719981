//! Plans the entries of each collection, compared with those of its author: added, written over the
//! author's, kept if the author has the same, or a collision that names both sources.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::author::{Author, AuthorEntry};
use super::collision::{self, CollisionPlace, OfOwner};
use super::desired::{Desired, DesiredCoupling};
use super::entry::{Conflict, Entry};
use super::env_from::{BroughtNames, EnvFromVars};
use super::env_order::{self, ByKey};
use super::owner::{EntryOwner, OwnerKey};
use super::ownership::OwnedEntries;
use super::planned::{Authorship, CollectionPlan, EntryPosition, Plan, PlannedEntry};
use super::record::OwnerRecord;
use super::slot::Slot;
use super::unlisted::OwnVariables;
use super::workload::{Collection, WorkloadNode};
use super::{digest, env_content, field_place};
use crate::diagnostic::{Diagnostic, Findings};
use crate::edit::Value;

mod order;
mod parts;

use parts::PlannedText;

/// Plans an object as its author wrote it: what we own is looked through.
pub(super) fn plan<'w>(
    workload: &WorkloadNode<'_>,
    owned: &OwnedEntries<'_>,
    desired: &'w Desired<'w>,
    authorship: Authorship,
) -> Plan<'w> {
    let mut plan = Plan::default();
    let mut couplings: Vec<&DesiredCoupling<'w>> = desired.couplings.iter().collect();
    couplings.sort_by_key(|coupling| coupling.owner);
    let mut by_collection: BTreeMap<usize, Vec<OfOwner<'w>>> = BTreeMap::new();
    for coupling in couplings {
        let mut absent: Option<&Slot> = None;
        for entry in &coupling.entries {
            match workload.position(&entry.slot) {
                Some(collection) => by_collection
                    .entry(collection)
                    .or_default()
                    .push((coupling.owner, entry)),
                None if absent == Some(&entry.slot) => {}
                None => {
                    absent = Some(&entry.slot);
                    plan.diagnostics
                        .report(workload.about(collision::no_container(
                            workload,
                            &entry.slot,
                            coupling.at,
                        )));
                }
            }
        }
        let owner = plan.record.owners.entry(coupling.owner.key()).or_default();
        owner.socket.clone_from(&coupling.socket);
        owner.interface.clone_from(&coupling.interface);
        owner.catalogue.clone_from(&coupling.catalogue);
    }
    plan.record.sources = desired.sources;
    let mut brought = by_container(&desired.brought);
    for (index, entries) in by_collection {
        let collection = &workload.collections[index];
        let container = collection.slot.container();
        let brought = container
            .and_then(|container| brought.remove(container))
            .unwrap_or_default();
        let planner = Planner {
            workload,
            collection,
            owned,
            authorship,
            brought,
            couplings: &desired.couplings,
        };
        if let Slot::Found(_) = collection.slot {
            let PlannedText { new, text } = planner.parts(&entries, &mut plan.diagnostics);
            let written = text.as_deref().unwrap_or_default();
            planner.list_parts(&new, written, &mut plan.record.owners);
            plan.collections.push(CollectionPlan {
                collection: index,
                new,
                text,
            });
            continue;
        }
        let planned = planner.plan(&entries, &mut plan.diagnostics);
        planner.list(&planned, &mut plan.record.owners);
        plan.collections.push(CollectionPlan {
            collection: index,
            new: planned,
            text: None,
        });
    }
    plan
}

/// What each container's `envFrom` defines, each object under each prefix once.
fn by_container(brought: &[EnvFromVars]) -> BTreeMap<&str, Vec<&EnvFromVars>> {
    let mut by_container: BTreeMap<&str, Vec<&EnvFromVars>> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for from in brought {
        let BroughtNames::Known { prefix, keys } = &from.names else {
            continue;
        };
        if seen.insert((&from.container, prefix, Rc::as_ptr(keys))) {
            by_container.entry(&from.container).or_default().push(from);
        }
    }
    by_container
}

/// What is known while one collection is planned.
struct Planner<'p, 't, 'r> {
    workload: &'p WorkloadNode<'t>,
    collection: &'p Collection<'t>,
    owned: &'p OwnedEntries<'r>,
    authorship: Authorship,
    brought: Vec<&'p EnvFromVars>,
    couplings: &'p [DesiredCoupling<'p>],
}

/// Why an entry has no place.
enum Collision<'a, 'r> {
    /// The author has a variable of this name, and the Plug lists none of its own.
    Unlisted(&'a AuthorEntry<'r>),
    /// Another error.
    Other(Box<Diagnostic>),
}

impl From<Diagnostic> for Collision<'_, '_> {
    fn from(error: Diagnostic) -> Self {
        Self::Other(Box::new(error))
    }
}

impl<'t, 'r> Planner<'_, 't, 'r> {
    /// Where the entries go, for an error.
    fn target(&self) -> CollisionPlace<'_, 't> {
        CollisionPlace {
            workload: self.workload,
            collection: self.collection,
        }
    }

    fn plan<'w>(
        &self,
        entries: &[OfOwner<'w>],
        diagnostics: &mut Findings,
    ) -> Vec<PlannedEntry<'w>> {
        let standing = match &self.collection.entries {
            Ok(standing) => standing,
            Err(why) => {
                let error = self.workload.not_readable(self.collection, why);
                let asked = entries.first().map(|(_, entry)| entry.at);
                diagnostics.report(
                    asked
                        .into_iter()
                        .fold(error, |error, at| error.at(at, "asked for here")),
                );
                return Vec::new();
            }
        };
        if let Some(&(_, first)) = entries.first() {
            let obstacle = field_place::obstacle(self.workload, &self.collection.slot, first.at);
            if let Some(error) = obstacle {
                diagnostics.report(error);
                return Vec::new();
            }
        }
        let author = Author::of(standing, self.owned);
        let mut new: Vec<PlannedEntry<'w>> = Vec::with_capacity(entries.len());
        let mut by_key = ByKey::new();
        let mut clashes = collision::Clashes::default();
        let mut unlisted = OwnVariables::default();
        let is_common = |&&(_, entry): &&OfOwner<'w>| entry.conflict == Conflict::Common;
        let own = entries.iter().filter(|entry| !is_common(entry));
        for &(owner, entry) in own.chain(entries.iter().filter(is_common)) {
            if let Some(&position) = by_key.get(&*entry.key) {
                let other = &mut new[position];
                match shares(other.entry, entry) {
                    Sharing::Listed => other.shared_with.push(owner),
                    Sharing::Served => {}
                    Sharing::No if self.is_of_one_volume([other.owner, owner]) => {}
                    Sharing::No => clashes.add((other.owner, other.entry), (owner, entry)),
                }
                continue;
            }
            if self.is_there(entry, &author) {
                continue;
            }
            match self.position(owner, entry, &author) {
                Ok((position, content)) => {
                    by_key.insert(&entry.key, new.len());
                    new.push(PlannedEntry {
                        owner,
                        entry,
                        shared_with: Vec::new(),
                        position,
                        content,
                    });
                }
                Err(Collision::Other(error)) => {
                    diagnostics.report(self.workload.about(*error));
                }
                Err(Collision::Unlisted(own)) => unlisted.add(owner, entry, own),
            }
        }
        diagnostics.extend(
            unlisted
                .into_errors(&self.target(), self.couplings, &author)
                .map(|error| self.workload.about(error)),
        );
        diagnostics.extend(
            clashes
                .into_errors(&self.target(), self.couplings)
                .map(|error| self.workload.about(error)),
        );
        if self.collection.slot.item_key().is_some() {
            new = env_order::sorted(new, &by_key);
            let by_key = new
                .iter()
                .enumerate()
                .map(|(index, planned)| (&*planned.entry.key, index))
                .collect();
            new = self.ordered(new, &by_key, &author, diagnostics);
        }
        new
    }

    /// Whether two Plugs write one volume: then what else they both write of their files follows
    /// from that.
    fn is_of_one_volume(&self, owners: [EntryOwner<'_>; 2]) -> bool {
        let volumes = |owner: EntryOwner<'_>| {
            let of_owner = self
                .couplings
                .iter()
                .find(|coupling| coupling.owner == owner);
            let entries = of_owner.map_or(&[][..], |coupling| &coupling.entries);
            entries.iter().filter(|entry| entry.slot == Slot::Volumes)
        };
        let is_same = |one: &Entry<'_>| volumes(owners[1]).any(|other| other.key == one.key);
        let is_of_files = matches!(
            self.collection.slot,
            Slot::Mounts(_) | Slot::PodAnnotations | Slot::Annotations
        );
        is_of_files && volumes(owners[0]).any(is_same)
    }

    /// Whether an entry is one of the variables of a Plug that lists none, which it can let replace
    /// the author's if it lists them.
    fn is_unlisted(&self, owner: EntryOwner<'_>, entry: &Entry<'_>) -> bool {
        let mut couplings = self.couplings.iter();
        let of_owner = couplings.find(|coupling| coupling.owner == owner);
        let is_by_default = of_owner.is_some_and(|coupling| coupling.default_env.is_some());
        let is_own = !matches!(entry.conflict, Conflict::Common | Conflict::Share);
        is_by_default && is_own && matches!(self.collection.slot, Slot::Env(_))
    }

    /// Whether the author has an item that is to be appended.
    fn is_there(&self, entry: &Entry<'_>, author: &Author<'_, 'r>) -> bool {
        let own = author
            .of_key(&entry.key)
            .filter(|_| entry.conflict == Conflict::Append);
        own.is_some_and(|(own, _)| {
            self.authorship == Authorship::Known && self.has(own, &entry.content)
        })
    }

    /// Where an entry goes beside the author's own of its key, the first and how many; and what it
    /// holds there.
    fn position<'w, 'a>(
        &self,
        owner: EntryOwner<'_>,
        entry: &Entry<'w>,
        author: &'a Author<'_, 'r>,
    ) -> Result<(EntryPosition, Option<Value<'w>>), Collision<'a, 'r>> {
        let Some((own, times)) = author.of_key(&entry.key) else {
            return match (&entry.slot, entry.expected) {
                (Slot::Items(_), _) => Err(field_place::no_item(self.workload, entry).into()),
                (_, Some(expected)) => {
                    let target = self.target();
                    Err(collision::unexpected(&target, None, owner, entry, expected).into())
                }
                (_, None) => Ok((EntryPosition::Last, None)),
            };
        };
        if times > 1 {
            return Err(collision::with_author(&self.target(), own, owner, entry, times).into());
        }
        let read = self.read(own);
        let content = match (&read, entry.conflict) {
            (Some(original), Conflict::Replace) => {
                env_content::with_option(original, &entry.content)
            }
            _ => None,
        };
        let wanted = content.as_ref().unwrap_or(&entry.content);
        if self.has(own, wanted) {
            return match self.authorship {
                Authorship::Known => Ok((EntryPosition::Kept { index: own.index }, content)),
                Authorship::Unknown => {
                    Err(collision::without_record(&self.target(), own, owner, entry).into())
                }
            };
        }
        if entry.conflict != Conflict::Replace && self.is_unlisted(owner, entry) {
            return Err(Collision::Unlisted(own));
        }
        if entry.conflict != Conflict::Replace {
            return Err(collision::with_author(&self.target(), own, owner, entry, times).into());
        }
        let text = read
            .as_ref()
            .and_then(|read| self.collection.slot.text_of(read));
        if let Some(expected) = entry.expected
            && text.as_deref() != Some(&*expected.value)
        {
            let target = self.target();
            return Err(collision::unexpected(&target, Some(own), owner, entry, expected).into());
        }
        if entry.is_secret && read.as_ref().is_some_and(env_content::is_literal) {
            return Err(collision::plain_secret(&self.target(), own, owner, entry).into());
        }
        Ok((
            EntryPosition::Replaces {
                entry: own.node,
                index: own.index,
            },
            content,
        ))
    }

    /// What the author wrote there, as a value; `None`: it cannot be read.
    fn read(&self, own: &AuthorEntry<'_>) -> Option<serde_json::Value> {
        match own.original {
            Some(original) => Some(original.clone()),
            None => self
                .collection
                .slot
                .content_json(self.workload.tree, own.node)
                .ok(),
        }
    }

    /// Whether the author wrote what is wanted.
    fn has(&self, own: &AuthorEntry<'_>, wanted: &Value<'_>) -> bool {
        match own.original {
            Some(original) => Value::from(original) == *wanted,
            None => self
                .collection
                .slot
                .has(self.workload.tree, own.node, wanted),
        }
    }

    /// Lists a collection's entries as the record has them.
    fn list(&self, planned: &[PlannedEntry<'_>], owners: &mut BTreeMap<OwnerKey, OwnerRecord>) {
        for planned in planned {
            let digest = digest::of_planned(planned.entry, planned.content());
            self.list_one(planned, &digest, owners);
        }
    }

    /// Lists the parts of a text as the record has them: each with the digest of all of it.
    fn list_parts(
        &self,
        planned: &[PlannedEntry<'_>],
        text: &str,
        owners: &mut BTreeMap<OwnerKey, OwnerRecord>,
    ) {
        let digest = digest::of_content(&Value::Text(text.into()));
        for (planned, found) in planned.iter().zip(parts::found(planned, text)) {
            let Some(found) = found else {
                let digest = digest::of_planned(planned.entry, planned.content());
                self.list_one(planned, &digest, owners);
                continue;
            };
            self.list_one(planned, &digest, owners);
            if let Some(owner) = owners.get_mut(&planned.owner.key()) {
                let of_text = owner.found.entry(self.collection.slot.clone()).or_default();
                of_text.insert(planned.entry.key.clone().into_owned(), found);
            }
        }
    }

    fn list_one(
        &self,
        planned: &PlannedEntry<'_>,
        digest: &str,
        owners: &mut BTreeMap<OwnerKey, OwnerRecord>,
    ) {
        for owner in std::iter::once(&planned.owner).chain(&planned.shared_with) {
            let Some(owner) = owners.get_mut(&owner.key()) else {
                continue;
            };
            let states = if planned.is_kept() {
                &mut owner.kept
            } else {
                &mut owner.entries
            };
            let key = planned.entry.key.clone().into_owned();
            match states.get_mut(&self.collection.slot) {
                Some(entries) => {
                    entries.insert(key, digest.to_owned());
                }
                None => {
                    let entries = [(key, digest.to_owned())].into();
                    states.insert(self.collection.slot.clone(), entries);
                }
            }
        }
    }
}

/// Whether one entry is written for two owners.
enum Sharing {
    /// It is a collision.
    No,
    /// One serves the other, too.
    Served,
    /// Both list it.
    Listed,
}

fn shares(one: &Entry<'_>, other: &Entry<'_>) -> Sharing {
    let both = [one.conflict, other.conflict];
    match one.content == other.content {
        true if both == [Conflict::Common; 2] => Sharing::Listed,
        true if both == [Conflict::Append; 2] => Sharing::Served,
        true if both.contains(&Conflict::Share) && one.is_reference() => Sharing::Served,
        _ => Sharing::No,
    }
}
