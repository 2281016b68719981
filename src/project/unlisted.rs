//! Writes the error about variables that a workload already has, if the Plug lists none: one error
//! for each container, with the list to paste.

use std::collections::BTreeMap;

use super::author::{Author, AuthorEntry};
use super::collision::{CollisionPlace, both_places, with_author};
use super::desired::DesiredCoupling;
use super::entry::Entry;
use super::owner::EntryOwner;
use crate::couple::{DefaultEnv, DefaultVar, DefaultVarEdit};
use crate::diagnostic::{Code, Diagnostic, Help, list};
use crate::limits;

/// A variable of the author's, and the one that a Plug writes.
struct OwnVariable<'a, 'w, 'r> {
    own: &'a AuthorEntry<'r>,
    entry: &'w Entry<'w>,
}

/// The variables of the author's that Plugs write too which list none, by Plug.
#[derive(Default)]
pub(super) struct OwnVariables<'a, 'w, 'r> {
    by_owner: BTreeMap<EntryOwner<'w>, Vec<OwnVariable<'a, 'w, 'r>>>,
}

impl<'a, 'w, 'r> OwnVariables<'a, 'w, 'r> {
    pub(super) fn add(
        &mut self,
        owner: EntryOwner<'w>,
        entry: &'w Entry<'w>,
        own: &'a AuthorEntry<'r>,
    ) {
        let variables = self.by_owner.entry(owner).or_default();
        variables.push(OwnVariable { own, entry });
    }

    /// One error for each Plug.
    pub(super) fn into_errors<'s>(
        self,
        place: &'s CollisionPlace<'_, '_>,
        couplings: &'s [DesiredCoupling<'s>],
        author: &'s Author<'_, '_>,
    ) -> impl Iterator<Item = Diagnostic> + use<'a, 'w, 'r, 's> {
        self.by_owner
            .into_iter()
            .filter_map(move |(owner, variables)| {
                let mut of_owner = couplings.iter().filter(|coupling| coupling.owner == owner);
                let default_env = of_owner.next()?.default_env?;
                let them = match variables.len() {
                    1 => "it",
                    _ => "them",
                };
                Some(error(place, owner, &variables)?.help(whole_env(them, default_env, author)))
            })
    }
}

fn error(
    place: &CollisionPlace<'_, '_>,
    owner: EntryOwner<'_>,
    variables: &[OwnVariable<'_, '_, '_>],
) -> Option<Diagnostic> {
    let (first, others) = variables.split_first()?;
    if others.is_empty() {
        return Some(with_author(place, first.own, owner, first.entry, 1));
    }
    let slot = &place.collection.slot;
    let names = list(
        variables
            .iter()
            .map(|variable| slot.named(&variable.entry.key)),
    );
    let message = format!(
        "{} already has variables {names}, and {owner} writes them too",
        place.called()
    );
    let error =
        Diagnostic::error(Code::EnvCollision, message).with_topic([slot.to_string(), names]);
    let error = both_places(place, first.own, (owner, first.entry), error);
    let others = others.iter().take(limits::LABELS);
    Some(others.fold(error, |error, variable| {
        error.at(place.workload.at(variable.own.node), "this one too")
    }))
}

/// How a Plug, which lists no variables, can replace those that are its author's.
fn whole_env(them: &str, default_env: &DefaultEnv, author: &Author<'_, '_>) -> Help {
    let edit = |variable: &DefaultVar| match author.of_key(&variable.name) {
        Some(_) => DefaultVarEdit::Replace,
        None => DefaultVarEdit::Same,
    };
    Help::from(format!(
        "to let the Plug replace {them}, list what the Plug binds:"
    ))
    .paste(default_env.paste(edit))
    .and(
        "or rename your own; or give the Plug another `spec.name`, which is the prefix of its \
     variables",
    )
}
