//! Finds out whether the author's variable exists that a Plug wants to replace.

use std::collections::BTreeSet;

use super::desired::Desired;
use super::entry::Conflict;
use super::env_from::{BroughtNames, EnvFromVars};
use super::ownership::OwnedEntries;
use super::planned::{CollectionPlan, Plan};
use super::slot::Slot;
use super::workload::WorkloadNode;
use crate::api::suggest;
use crate::limits;
use crate::manifest::Place;

/// A variable that is to replace one of the author's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedReplacement {
    /// What in the Plug asks for it.
    pub at: Place,
    /// Its name.
    pub variable: String,
    /// What it replaces.
    pub found: FoundVariable,
}

/// Whether there is a variable to replace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FoundVariable {
    /// There is one, or there may be: not every `envFrom` can be seen.
    Perhaps,
    /// There is none; of the author's others one may have nearly its name.
    Nothing(Option<String>),
}

/// What is asked for in one object.
pub(super) fn asked_replacements(
    workload: &WorkloadNode<'_>,
    owned: &OwnedEntries<'_>,
    plan: &Plan<'_>,
    desired: &Desired<'_>,
) -> Vec<AskedReplacement> {
    let mut asked = Vec::new();
    let mut near = limits::NEAR_MISSES;
    for collection in &plan.collections {
        let Slot::Env(container) = &workload.collections[collection.collection].slot else {
            continue;
        };
        let asked_here = collection.new.iter();
        for planned in asked_here.filter(|new| new.entry.conflict == Conflict::Replace) {
            let variable = &*planned.entry.key;
            let brought = desired.brought.iter();
            let mut brought = brought.filter(|from| from.container == *container);
            let found = if planned.own().is_some() || brought.any(|from| may_have(from, variable)) {
                FoundVariable::Perhaps
            } else if near > 0 {
                near -= 1;
                FoundVariable::Nothing(similar(workload, owned, collection, variable))
            } else {
                FoundVariable::Nothing(None)
            };
            asked.push(AskedReplacement {
                at: planned.entry.at,
                variable: variable.to_owned(),
                found,
            });
        }
    }
    asked
}

/// Whether an `envFrom` may define a variable.
fn may_have(from: &EnvFromVars, variable: &str) -> bool {
    match &from.names {
        BroughtNames::Unseen | BroughtNames::NotReadable(_) => true,
        BroughtNames::Known { .. } => from.defines(variable),
    }
}

/// The author's variable that has nearly this name and that nothing of ours has.
fn similar(
    workload: &WorkloadNode<'_>,
    owned: &OwnedEntries<'_>,
    collection: &CollectionPlan<'_>,
    variable: &str,
) -> Option<String> {
    let ours: BTreeSet<&str> = collection.new.iter().map(|new| &*new.entry.key).collect();
    let standing = workload.collections[collection.collection].entries.iter();
    let authors = standing
        .flatten()
        .filter(|standing| owned.of(standing.node).is_none() && !ours.contains(&*standing.key));
    suggest(variable, authors.map(|standing| &*standing.key)).map(str::to_owned)
}
