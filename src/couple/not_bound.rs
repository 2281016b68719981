//! Reports what a coupling does not bind: a Plug that writes nothing, and secrets that a Socket
//! gives and no binding uses.

use std::collections::BTreeSet;

use super::index::DefinedVersion;
use super::provided::{KeySource, ProvidedKeys, subject};
use super::template::Side;
use super::value::{Reference, ReferenceKind, ResolvedValue};
use super::{Coupling, DefaultEnv, DefaultVar, DefaultVarEdit, evaluate::Evaluation};
use crate::api::{Plug, ReferencePresence};
use crate::diagnostic::{Code, Diagnostic, Help, Paste, list};
use crate::limits;

/// A key that a Socket gives out of a Secret.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct SecretKey<'r> {
    name: &'r str,
    key: &'r str,
}

impl<'r> SecretKey<'r> {
    fn of(reference: &'r Reference) -> Option<Self> {
        (reference.kind == ReferenceKind::Secret).then_some(Self {
            name: &reference.name,
            key: &reference.key,
        })
    }
}

/// The keys of a Socket that are keys of Secrets, each with its reference.
pub(super) struct GivenSecrets(Vec<(String, std::rc::Rc<Reference>)>);

/// Reads what a Socket gives out of Secrets, once everything was evaluated.
pub(super) fn given_secrets(evaluation: &Evaluation<'_, '_>) -> GivenSecrets {
    let slots = evaluation.socket.slots.iter();
    let given = slots.zip(evaluation.states(Side::Socket));
    let secrets = given.filter_map(|(slot, state)| match state.value()? {
        ResolvedValue::Reference(reference)
            if reference.presence == ReferencePresence::Required =>
        {
            SecretKey::of(reference)?;
            Some((slot.key.to_owned(), std::rc::Rc::clone(reference)))
        }
        ResolvedValue::Literal(_) | ResolvedValue::Reference(_) | ResolvedValue::Text(_) => None,
    });
    GivenSecrets(secrets.collect())
}

impl GivenSecrets {
    /// The keys that a coupling writes nowhere; none, where it takes one of the secrets: which ones
    /// an application needs, it alone knows.
    pub(super) fn not_bound(&self, coupling: &Coupling) -> Vec<String> {
        let written = &coupling.written;
        let fields = written.fields.iter().filter_map(|field| field.reference());
        let references = written.references().chain(fields.map(AsRef::as_ref));
        let taken: BTreeSet<_> = references.filter_map(SecretKey::of).collect();
        let is_taken = |reference: &Reference| {
            SecretKey::of(reference).is_some_and(|secret| taken.contains(&secret))
        };
        if self.0.iter().any(|(_, reference)| is_taken(reference)) {
            return Vec::new();
        }
        self.0.iter().map(|(key, _)| key.clone()).collect()
    }
}

/// The information that none of the secrets that a Socket gives is bound.
pub(super) fn secrets_not_bound(
    plug: &Plug,
    socket: &ProvidedKeys<'_>,
    default_env: Option<&DefaultEnv>,
    keys: &[String],
) -> Diagnostic {
    let shown = keys.iter().take(limits::CANDIDATES);
    let message = format!(
        "{} gives {} from a Secret, and Plug `{}` binds none of its secrets",
        socket.owner.words(),
        list(keys.iter()),
        plug.meta.name.value
    );
    let info = Diagnostic::info(Code::SecretNotBound, message)
        .with_topic([socket.owner.words(), list(keys.iter())])
        .at(plug.interface.at, "coupled here")
        .at(socket.owner.meta.name.at, "gives it")
        .on(subject("Plug", &plug.meta));
    match default_env {
        None => {
            let item = |key: &String| DefaultVar::of(plug, key).line(&DefaultVarEdit::Same);
            let items = Help::of_lines(shown.map(|key| format!("- {}", item(key))));
            let paste = Paste::items(subject("Plug", &plug.meta), "spec.bind.env", items);
            info.help(
                Help::from("if the application needs it, add to `spec.bind.env`:").paste(paste),
            )
        }
        Some(default_env) => {
            let bound = default_env.variables.iter().map(|variable| &variable.key);
            let keys = bound.chain(shown);
            let paste = whole_env(plug, keys.map(String::as_str));
            info.help(Help::from("if the application needs it, bind it too:").paste(paste))
        }
    }
}

/// The warning about a Plug that lists nothing to bind, and is coupled by a version that requires
/// nothing.
pub(super) fn nothing_bound(
    plug: &Plug,
    version: &DefinedVersion<'_>,
    socket: &ProvidedKeys<'_>,
) -> Diagnostic {
    let message = format!(
        "Plug `{}` writes nothing: it lists nothing to bind, and Interface `{}` {} requires no key of a Socket",
        plug.meta.name.value, version.name, version.number
    );
    let given = socket.slots.iter();
    let given =
        given.filter(|slot| !matches!(slot.source, KeySource::Broken(_) | KeySource::Composed));
    let keys: Vec<&str> = given
        .map(|slot| slot.key)
        .take(limits::CANDIDATES)
        .collect();
    let help = match &keys[..] {
        [] => Help::default(),
        keys => Help::from("bind the keys that the Socket gives:")
            .paste(whole_env(plug, keys.iter().copied())),
    };
    Diagnostic::warning(Code::NothingBound, message)
        .with_topic([version.name.to_owned(), version.number.to_string()])
        .at(plug.interface.at, "coupled by this Interface")
        .help(help.and("if this is intended, write `bind: {env: []}`"))
        .on(subject("Plug", &plug.meta))
}

/// `bind.env` with these keys.
fn whole_env<'k>(plug: &Plug, keys: impl Iterator<Item = &'k str>) -> Paste {
    DefaultEnv::of_keys(plug, keys).paste(|_| DefaultVarEdit::Same)
}
