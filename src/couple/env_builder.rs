//! Puts variables in order: the parts of a text before the variable that uses them.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::kubelet_expansion;
use super::requested_var::{RequestedValue, RequestedVar, joined_help, textless};
use super::value::{EnvEntry, EnvSource, Part, Reference, ReferenceKind, ResolvedValue};
use super::value_text::text;
use crate::api::{Binder, OverwriteRule, Plug, ReferencePresence, env_name};
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::Place;

/// Puts variables in their order.
pub(super) struct EnvBuilder<'w> {
    binder: Binder<'w>,
    /// `None`: a Socket writes them.
    plug: Option<&'w Plug>,
    requested: &'w [RequestedVar],
    /// Positions in `requested` by name.
    by_name: BTreeMap<&'w str, usize>,
    placed: Vec<bool>,
    pub(super) out: Vec<EnvEntry>,
    /// Names of variables in `out` by what they refer to.
    by_object: BTreeMap<Pointer, String>,
    /// The place in the Plug for each helper in `out`, by name.
    helpers: BTreeMap<String, Place>,
    pub(super) errors: Vec<Diagnostic>,
}

/// What two references have in common that are one.
type Pointer = (ReferenceKind, String, String, ReferencePresence);

fn pointer(reference: &Reference) -> Pointer {
    (
        reference.kind,
        reference.name.clone(),
        reference.key.clone(),
        reference.presence,
    )
}

impl<'w> EnvBuilder<'w> {
    pub(super) fn new(
        binder: Binder<'w>,
        plug: Option<&'w Plug>,
        requested: &'w [RequestedVar],
    ) -> Self {
        Self {
            binder,
            plug,
            requested,
            by_name: requested
                .iter()
                .enumerate()
                .map(|(i, requested)| (requested.name.as_str(), i))
                .collect(),
            placed: vec![false; requested.len()],
            out: Vec::new(),
            by_object: BTreeMap::new(),
            helpers: BTreeMap::new(),
            errors: Vec::new(),
        }
    }

    /// Puts one of them, and what it needs before it.
    pub(super) fn place(&mut self, i: usize) {
        if std::mem::replace(&mut self.placed[i], true) {
            return;
        }
        let requested = &self.requested[i];
        let (source, uses) = match &requested.value {
            RequestedValue::Resolved(ResolvedValue::Literal(json)) => match text(json) {
                Ok(text) => (
                    EnvSource::Value(kubelet_expansion::finish(
                        &[Part::Data(text.into_owned())],
                        |_| String::new(),
                    )),
                    Vec::new(),
                ),
                Err(why) => {
                    let help = match self.plug {
                        Some(plug) => joined_help(plug, self.requested, requested),
                        None => "give the value as text".into(),
                    };
                    return self.errors.push(textless(requested, why, help));
                }
            },
            RequestedValue::File(file) => (EnvSource::File(file.clone()), Vec::new()),
            RequestedValue::Resolved(ResolvedValue::Reference(reference)) => {
                (EnvSource::Reference(Rc::clone(reference)), Vec::new())
            }
            RequestedValue::Resolved(ResolvedValue::Text(parts)) => {
                self.parts(parts, requested.at);
                let name =
                    |reference: &Reference| self.variable(reference).unwrap_or_default().to_owned();
                (
                    EnvSource::Value(kubelet_expansion::finish(parts, name)),
                    uses(parts),
                )
            }
        };
        self.push(EnvEntry {
            name: requested.name.clone(),
            source,
            overwrite: requested.overwrite.clone(),
            helper: false,
            secret: is_secret(&requested.value),
            uses,
            at: requested.at,
        });
    }

    fn push(&mut self, entry: EnvEntry) {
        if let EnvSource::Reference(reference) = &entry.source {
            // the first counts
            self.by_object
                .entry(pointer(reference))
                .or_insert_with(|| entry.name.clone());
        }
        self.out.push(entry);
    }

    /// The variable, standing already, that holds a reference.
    fn variable(&self, reference: &Reference) -> Option<&str> {
        self.by_object.get(&pointer(reference)).map(String::as_str)
    }

    /// Sees to it that every reference of a text is before it, by name.
    fn parts(&mut self, parts: &[Part], at: Place) {
        let mut missing: Vec<(String, Rc<Reference>)> = Vec::new();
        let mut seen = BTreeSet::new();
        for part in parts {
            let Part::Reference(reference) = part else {
                continue;
            };
            if self.variable(reference).is_none() && seen.insert(pointer(reference)) {
                missing.push((
                    env_name(self.binder.prefix, &reference.supplies),
                    Rc::clone(reference),
                ));
            }
        }
        missing.sort();
        for (name, reference) in missing {
            let own = self.by_name.get(name.as_str()).copied();
            match own {
                Some(i) if holds(&self.requested[i].value, &reference) => {
                    self.place(i);
                }
                Some(i) => self.collide(&name, at, self.requested[i].at),
                None => match self.helpers.get(&name).copied() {
                    Some(first) => self.collide(&name, at, first),
                    None => {
                        self.helpers.insert(name.clone(), at);
                        self.push(EnvEntry {
                            name,
                            secret: reference.kind == ReferenceKind::Secret,
                            source: EnvSource::Reference(reference),
                            overwrite: OverwriteRule::Never,
                            helper: true,
                            uses: Vec::new(),
                            at,
                        });
                    }
                },
            }
        }
    }

    fn collide(&mut self, name: &str, at: Place, other: Place) {
        let message =
            format!("`{name}` is needed for a part of a text, and is already another variable");
        self.errors.push(
            Diagnostic::error(Code::EnvCollision, message)
                .at(at, "this text needs it")
                .at(other, "this variable has the name")
                .help(format!(
                    "rename the variable, or give {} another `spec.name`",
                    self.binder.kind.the()
                )),
        );
    }
}

/// Whether a key of a Secret is in a value.
pub(super) fn is_secret(value: &RequestedValue) -> bool {
    let is_key = |reference: &Reference| reference.kind == ReferenceKind::Secret;
    let RequestedValue::Resolved(value) = value else {
        return false;
    };
    match value {
        ResolvedValue::Literal(_) => false,
        ResolvedValue::Reference(reference) => is_key(reference),
        ResolvedValue::Text(parts) => parts
            .iter()
            .any(|part| matches!(part, Part::Reference(reference) if is_key(reference))),
    }
}

/// Whether a value is this reference and nothing else.
fn holds(value: &RequestedValue, reference: &Reference) -> bool {
    match value {
        RequestedValue::Resolved(ResolvedValue::Reference(own)) => {
            pointer(own) == pointer(reference)
        }
        RequestedValue::Resolved(_) | RequestedValue::File(_) => false,
    }
}

/// The variables that the author's own text uses.
fn uses(parts: &[Part]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut seen = BTreeSet::new();
    for part in parts {
        let Part::Author(text) = part else { continue };
        let new = kubelet_expansion::scan(text)
            .names
            .into_iter()
            .filter(|name| seen.insert(*name));
        names.extend(new.map(str::to_owned));
    }
    names
}
