//! Evaluates what a converted Socket is made of: the source, an evaluation of its own, in which the
//! Plug is what the converter hands over.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value as Json;

use super::{CouplingRun, Evaluation, KeyState, NoValue, ReferenceOrigin, UseSite};
use crate::couple::consumer::Consumer;
use crate::couple::index::DefinedVersion;
use crate::couple::provided::{Fallback, KeySource, ProvidedKeys};
use crate::couple::template::Side;
use crate::couple::template_engine::TemplateContext;
use crate::couple::value::ResolvedValue;
use crate::diagnostic::{Code, Diagnostic, Reported};

/// What a converted Socket is made of, as far as it is known.
pub(super) enum SourceSide<'s, 'a> {
    /// The Socket is no converted one.
    None,
    /// What its converter hands over is being evaluated.
    Pending(&'s ProvidedKeys<'a>),
    /// It can be evaluated.
    Ready(Box<SourceEvaluation<'s, 'a>>),
}

impl<'s, 'a> SourceSide<'s, 'a> {
    /// The keys of the source.
    pub(super) fn provided(&self) -> Option<&'s ProvidedKeys<'a>> {
        match self {
            Self::None => None,
            Self::Pending(keys) => Some(keys),
            Self::Ready(source) => Some(source.keys.socket),
        }
    }
}

/// The source of a converted Socket, its version, and what the converter hands over.
#[derive(Clone, Copy)]
pub(in crate::couple) struct SourceKeys<'s, 'a> {
    /// What the converter hands over.
    pub(in crate::couple) plug: &'s ProvidedKeys<'a>,
    /// The source.
    pub(in crate::couple) socket: &'s ProvidedKeys<'a>,
    /// The version of the source's Interface that counts.
    pub(in crate::couple) version: &'s DefinedVersion<'a>,
}

/// An evaluation of a source, which is continued when a further key of it is asked for.
pub(super) struct SourceEvaluation<'s, 'a> {
    keys: SourceKeys<'s, 'a>,
    consumer: Consumer,
    states: [Vec<KeyState>; 3],
    view: Option<Arc<TemplateContext>>,
    origins: Vec<ReferenceOrigin>,
    composed: BTreeSet<usize>,
    /// How many of the origins whoever asks knows.
    known_origins: usize,
}

impl<'s, 'a> SourceEvaluation<'s, 'a> {
    /// Continues it.
    fn with<T>(
        &mut self,
        run: &mut CouplingRun<'a>,
        then: impl FnOnce(&mut Evaluation<'_, 'a>) -> T,
    ) -> T {
        let SourceKeys {
            plug,
            socket,
            version,
        } = self.keys;
        let mut inner = Evaluation::new(run, Some(plug), socket, version);
        inner.consumer = self.consumer.clone();
        std::mem::swap(&mut inner.states, &mut self.states);
        std::mem::swap(&mut inner.view, &mut self.view);
        std::mem::swap(&mut inner.origins, &mut self.origins);
        std::mem::swap(&mut inner.composed, &mut self.composed);
        let result = then(&mut inner);
        std::mem::swap(&mut inner.states, &mut self.states);
        std::mem::swap(&mut inner.view, &mut self.view);
        std::mem::swap(&mut inner.origins, &mut self.origins);
        std::mem::swap(&mut inner.composed, &mut self.composed);
        result
    }

    /// The references that were made since somebody asked for the last time.
    fn new_origins(&mut self) -> Vec<ReferenceOrigin> {
        let new = self.origins[self.known_origins..].iter();
        let new = new.map(|origin| ReferenceOrigin {
            side: Side::Source,
            ..origin.clone()
        });
        let new = new.collect();
        self.known_origins = self.origins.len();
        new
    }
}

impl<'s, 'a> Evaluation<'s, 'a> {
    /// Evaluates what the converter of the Socket hands over: from now on its source can be
    /// evaluated.
    pub(in crate::couple) fn convert(&mut self, keys: SourceKeys<'s, 'a>) {
        self.source = SourceSide::Pending(keys.socket);
        self.states[Side::Source as usize] = vec![KeyState::Pending; keys.socket.slots.len()];
        let handed = keys.plug.slots.iter();
        let handed = handed.map(|slot| match &slot.source {
            KeySource::Config(expr) => {
                let what = format!("plug.{}", slot.key);
                let site = UseSite {
                    what: &what,
                    at: expr.at,
                    side: Side::Plug,
                    author: false,
                };
                match self.expr(expr, &site) {
                    Ok(ResolvedValue::Literal(Json::Null)) => default(slot.fallback),
                    Ok(value) => KeyState::Done(value),
                    Err(why) => KeyState::Failed(why),
                }
            }
            KeySource::Reference(_)
            | KeySource::Object(_)
            | KeySource::Host(_)
            | KeySource::Port(..)
            | KeySource::Default
            | KeySource::Composed
            | KeySource::Broken(_) => KeyState::Pending,
        });
        let handed: Vec<KeyState> = handed.collect();
        let socket = vec![KeyState::Pending; keys.socket.slots.len()];
        // a reference of the Plug's that is handed over comes from where it came from
        let origins = self.origins.clone();
        self.source = SourceSide::Ready(Box::new(SourceEvaluation {
            keys,
            consumer: self.consumer.clone(),
            states: [handed, socket, Vec::new()],
            view: None,
            known_origins: origins.len(),
            origins,
            composed: BTreeSet::new(),
        }));
    }

    /// Evaluates something of the source; `None`: the Socket is no converted one.
    pub(in crate::couple) fn with_source<T>(
        &mut self,
        then: impl FnOnce(&mut Evaluation<'_, 'a>) -> T,
    ) -> Option<T> {
        let SourceSide::Ready(source) = &mut self.source else {
            return None;
        };
        let result = source.with(self.run, then);
        let origins = source.new_origins();
        self.origins.extend(origins);
        Some(result)
    }

    /// Sees to it that a key of the source is evaluated.
    pub(super) fn ensure_source(&mut self, i: usize) -> Result<(), NoValue> {
        let found = self.with_source(|inner| {
            let _ = inner.ensure(Side::Socket, i);
            inner.states(Side::Socket)[i].clone()
        });
        let state = match found {
            Some(state) => state,
            None => KeyState::Failed(self.source_in_plug(i).into()),
        };
        let result = match state {
            KeyState::Failed(why) => Err(why),
            _ => Ok(()),
        };
        self.states[Side::Source as usize][i] = state;
        self.show(Side::Source, i);
        result
    }

    /// What is handed over would depend on what comes back.
    fn source_in_plug(&mut self, i: usize) -> Reported {
        let key = self
            .provided(Side::Source)
            .map_or("", |source| source.slots[i].key);
        let owner = self.socket.owner;
        let message = format!(
            "`plug` of {} needs `source.config.{key}`, which the source gives once it has its `plug`",
            owner.words()
        );
        let at = owner.converter.map_or(owner.meta.name.at, |converter| {
            let first = converter.plug.first();
            first.map_or(converter.meta.name.at, |entry| entry.key.at)
        });
        let error = Diagnostic::error(Code::TemplateCycle, message)
            .at(at, "is evaluated first")
            .help("what a converter hands over can be made of the Plug's own values: of `plug.config`, where that uses no key of the Socket");
        self.run.out.report(error.on(owner.subject()))
    }

    /// The version whose Interface a side is of.
    pub(super) fn version_of(&self, side: Side) -> &'s DefinedVersion<'a> {
        match (side, &self.source) {
            (Side::Source, SourceSide::Ready(source)) => source.keys.version,
            _ => self.version,
        }
    }
}

/// The state of a key of the Plug that is not given.
fn default(fallback: Fallback<'_>) -> KeyState {
    match fallback {
        Fallback::Value(default) => KeyState::Done(ResolvedValue::Literal(default.clone())),
        Fallback::Nothing | Fallback::Texts(_) => KeyState::Absent,
    }
}
