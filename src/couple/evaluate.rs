//! Evaluates values key by key, on demand. Either side may use the other's keys in any order, and a
//! circle is reported.

mod composed;
mod computed;
mod converted;
mod digest;
mod made_secret;
mod object_value;
mod plugs;
mod source;
mod template;

pub(super) use composed::ComposedOf;
pub(super) use converted::SourceKeys;
use converted::SourceSide;

use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

use serde_json::Value as Json;

use super::Objects;
use super::consumer::Consumer;
use super::index::DefinedVersion;
use super::provided::{KeySource, ProvidedKey, ProvidedKeys, undeclared_help};
use super::schema::SideSchema;
use super::secret_makers::SecretMakers;
use super::template::{Side, Syntax};
use super::template_engine::{Engine, TemplateContext};
use super::template_plugs::SocketPlug;
use super::value::{Reference, ResolvedValue};
use crate::diagnostic::{Code, Diagnostic, Findings, Help, Reported, Setting, words};
use crate::limits;
use crate::manifest::Place;

/// What all couplings of a run share.
pub(super) struct CouplingRun<'a> {
    /// The rest of the input.
    pub objects: &'a dyn Objects,
    /// What makes Secrets that are not in the input.
    pub makers: Option<Box<dyn SecretMakers + 'a>>,
    /// For computed expressions.
    pub engine: Engine,
    /// What was found.
    pub out: Findings,
    /// How many more mistakes in a name get a *did you mean*.
    pub near: usize,
    /// How many more resources there may be.
    pub resources: usize,
    /// How many more bytes all of them may have.
    pub resource_bytes: usize,
}

impl<'a> CouplingRun<'a> {
    /// A run that has found this so far.
    pub(super) fn new(objects: &'a dyn Objects, out: Findings) -> Self {
        Self {
            objects,
            makers: None,
            engine: Engine::new(),
            out,
            near: limits::NEAR_MISSES,
            resources: limits::RUN_RESOURCES,
            resource_bytes: limits::RUN_RESOURCE_BYTES,
        }
    }
}

/// Why something has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoValue {
    /// An error was reported.
    Reported(Reported),
    /// It uses a key that its side must give and does not: `validate` reports the key.
    Required,
    /// It uses a side of which not everything could be read, which was reported with the object.
    Unread,
    /// It uses the Plug, and there is none: a Socket is judged alone.
    NoPlug,
}

impl From<Reported> for NoValue {
    fn from(reported: Reported) -> Self {
        Self::Reported(reported)
    }
}

/// What is known of one key.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum KeyState {
    /// Not evaluated yet.
    Pending,
    /// Being evaluated.
    InProgress,
    /// Not given.
    Absent,
    /// Its value.
    Done(ResolvedValue),
    /// It has no value.
    Failed(NoValue),
}

impl KeyState {
    /// Its value, where it has one.
    pub(super) fn value(&self) -> Option<&ResolvedValue> {
        match self {
            Self::Done(value) => Some(value),
            Self::Pending | Self::InProgress | Self::Absent | Self::Failed(_) => None,
        }
    }
}

/// Where a reference comes from.
#[derive(Clone)]
pub(super) struct ReferenceOrigin {
    /// The reference.
    pub reference: Rc<Reference>,
    /// The side that gives it.
    pub side: Side,
    /// What gives it.
    pub at: Place,
    /// Whether a workload of the Plug's namespace can use it; `None`: it cannot be known.
    pub reachable: Option<bool>,
    /// The namespace that its object is in; `None`: nobody uses it.
    pub home: Option<Option<String>>,
}

/// One Plug, one Socket, one version: the place where their keys are evaluated.
pub(super) struct Evaluation<'s, 'a> {
    /// The run.
    pub run: &'s mut CouplingRun<'a>,
    /// The Plug's keys; `None`: a Socket is judged alone.
    pub plug: Option<&'s ProvidedKeys<'a>>,
    /// The Socket's keys.
    pub socket: &'s ProvidedKeys<'a>,
    /// What a converted Socket is made of.
    source: SourceSide<'s, 'a>,
    /// In a Socket's `bind`, all its Plugs.
    pub plugs: Option<Arc<[SocketPlug]>>,
    /// Where the values are used.
    pub consumer: Consumer,
    /// The version that counts.
    pub version: &'s DefinedVersion<'a>,
    states: [Vec<KeyState>; 3],
    stack: Vec<(Side, usize)>,
    /// What computed expressions are shown; `None`: there was none yet.
    pub view: Option<Arc<TemplateContext>>,
    /// Every reference that was made.
    pub origins: Vec<ReferenceOrigin>,
    /// The Socket's keys whose values were made of other keys.
    composed: BTreeSet<usize>,
}

/// Where a text is, for messages.
#[derive(Clone, Copy)]
pub(super) struct UseSite<'t> {
    /// The key or variable that it is for.
    pub what: &'t str,
    /// Where it is.
    pub at: Place,
    /// Whose text it is.
    pub side: Side,
    /// Whether its literal text belongs to the workload's author.
    pub author: bool,
}

impl<'s, 'a> Evaluation<'s, 'a> {
    /// An evaluation in which nothing is known yet.
    pub(super) fn new(
        run: &'s mut CouplingRun<'a>,
        plug: Option<&'s ProvidedKeys<'a>>,
        socket: &'s ProvidedKeys<'a>,
        version: &'s DefinedVersion<'a>,
    ) -> Self {
        let todo = |provided: Option<&ProvidedKeys<'_>>| {
            vec![KeyState::Pending; provided.map_or(0, |s| s.slots.len())]
        };
        let states = [todo(plug), todo(Some(socket)), Vec::new()];
        let home = plug.map(|plug| plug.owner.meta.namespace.clone());
        Self {
            run,
            plug,
            socket,
            source: SourceSide::None,
            plugs: None,
            consumer: home.map_or(Consumer::Nobody, Consumer::In),
            version,
            states,
            stack: Vec::new(),
            view: None,
            origins: Vec::new(),
            composed: BTreeSet::new(),
        }
    }

    /// An evaluation of what a Socket writes once for all these Plugs.
    pub(super) fn of_all(
        run: &'s mut CouplingRun<'a>,
        socket: &'s ProvidedKeys<'a>,
        version: &'s DefinedVersion<'a>,
        plugs: Arc<[SocketPlug]>,
    ) -> Self {
        let home = socket.owner.meta.namespace.clone();
        Self {
            plugs: Some(plugs),
            consumer: Consumer::In(home),
            ..Self::new(run, None, socket, version)
        }
    }

    /// The side whose `bind` is evaluated.
    pub(super) fn binder(&self) -> Side {
        match self.plugs {
            None => Side::Plug,
            Some(_) => Side::Socket,
        }
    }

    /// What is syntax in the texts of that `bind`.
    pub(super) fn bind_syntax(&self) -> Syntax {
        match self.binder() {
            Side::Plug => Syntax::Full,
            Side::Socket | Side::Source => Syntax::SocketBind,
        }
    }

    /// Evaluates every key of one side.
    pub(super) fn evaluate_side(&mut self, side: Side) {
        for i in 0..self.states[side as usize].len() {
            let _ = self.ensure(side, i);
        }
    }

    /// Evaluates every key of both sides, but those that the Interface makes of others and that
    /// nobody has asked for.
    pub(super) fn evaluate(&mut self) {
        for side in [Side::Socket, Side::Plug] {
            for i in 0..self.states[side as usize].len() {
                let Some(provided) = self.provided(side) else {
                    continue;
                };
                let slot = &provided.slots[i];
                let is_made = matches!(slot.source, KeySource::Composed);
                if !is_made || provided.side_schema.is_by_default(slot.key) {
                    let _ = self.ensure(side, i);
                }
            }
        }
    }

    /// The keys of a side.
    pub(super) fn provided(&self, side: Side) -> Option<&'s ProvidedKeys<'a>> {
        match side {
            Side::Plug => self.plug,
            Side::Socket => Some(self.socket),
            Side::Source => self.source.provided(),
        }
    }

    /// What is known of the keys of a side, in order of its slots.
    pub(super) fn states(&self, side: Side) -> &[KeyState] {
        &self.states[side as usize]
    }

    /// Whether a key of the Socket is given, of those that were evaluated.
    pub(super) fn socket_gives(&self, key: &str) -> bool {
        let slot = self.socket.find(key);
        let value = slot.and_then(|slot| self.states(Side::Socket)[slot].value());
        value.is_some_and(|value| !value.is_optional())
    }

    /// The value of a key that must be given.
    pub(super) fn key(
        &mut self,
        side: Side,
        key: &str,
        site: &UseSite<'_>,
        at: Place,
    ) -> Result<&ResolvedValue, NoValue> {
        let Some(provided) = self.provided(side) else {
            return Err(self.key_of_absent_plug(side, key, site, at));
        };
        let found = provided.find(key);
        if let Some(i) = found {
            self.ensure(side, i)?;
            // a second borrow of what was found: the first would last through the error below
            if matches!(self.states[side as usize][i], KeyState::Done(_)) {
                return match &self.states[side as usize][i] {
                    KeyState::Done(value) => Ok(value),
                    _ => Err(NoValue::Required),
                };
            }
        }
        let path = format!("{}.config.{key}", side.word());
        let owner = provided.owner;
        // a missing required key is reported about the side itself
        if owner.meta.broken {
            return Err(NoValue::Unread);
        }
        if provided.side_schema.is_required(key) {
            return Err(NoValue::Required);
        }
        let diagnostic = if found.is_some()
            || provided.side_schema.keys.contains_key(key)
            || provided.side_schema.open
        {
            let message = format!(
                "`{}` uses `{path}`, and {} does not give it",
                site.what,
                owner.words()
            );
            Diagnostic::error(Code::KeyNotGiven, message)
                .at(at, "asked for here")
                .at(owner.named_at(), "does not give it")
                .help(self.version_of(side).give_help(side, key, &owner))
        } else {
            undeclared(&path, key, provided.side_schema, site, at)
        };
        Err(self.fail(diagnostic, site.side).into())
    }

    /// A key of a Plug that is not there: of what it would give, only the names are known.
    fn key_of_absent_plug(
        &mut self,
        side: Side,
        key: &str,
        site: &UseSite<'_>,
        at: Place,
    ) -> NoValue {
        let side_schema = self.version.side_schema(side);
        if side_schema.open || side_schema.refused.is_some() || side_schema.keys.contains_key(key) {
            return NoValue::NoPlug;
        }
        let path = format!("{}.config.{key}", side.word());
        self.fail(undeclared(&path, key, side_schema, site, at), site.side)
            .into()
    }

    /// Reports an error of an owner's.
    pub(super) fn fail(&mut self, diagnostic: Diagnostic, side: Side) -> Reported {
        let subject = self.provided(side).unwrap_or(self.socket).owner.subject();
        self.run.out.report(diagnostic.on(subject))
    }

    /// Reports something about the Plug.
    pub(super) fn report(&mut self, diagnostic: Diagnostic) -> Reported {
        let subject = self.plug.unwrap_or(self.socket).owner.subject();
        self.run.out.report(diagnostic.on(subject))
    }

    /// Reports errors about the Plug, if there are any.
    pub(super) fn report_all(&mut self, errors: Vec<Diagnostic>) -> Result<(), NoValue> {
        let reported = errors.into_iter().map(|error| self.report(error));
        match reported.last() {
            None => Ok(()),
            Some(reported) => Err(reported.into()),
        }
    }

    /// The value of a key once everything was evaluated; `None`: it is not given.
    pub(super) fn value(
        &mut self,
        side: Side,
        i: usize,
    ) -> Result<Option<&ResolvedValue>, NoValue> {
        self.ensure(side, i)?;
        Ok(match &self.states[side as usize][i] {
            KeyState::Done(value) => Some(value),
            _ => None,
        })
    }

    /// Sees to it that a key is evaluated.
    pub(super) fn ensure(&mut self, side: Side, i: usize) -> Result<(), NoValue> {
        match &self.states[side as usize][i] {
            KeyState::Done(_) | KeyState::Absent => return Ok(()),
            KeyState::Failed(why) => return Err(*why),
            KeyState::InProgress => return Err(self.cycle(side, i).into()),
            KeyState::Pending if side == Side::Source => return self.ensure_source(i),
            KeyState::Pending => {}
        }
        let Some(provided) = self.provided(side) else {
            return Err(NoValue::NoPlug);
        };
        let slot = &provided.slots[i];
        if self.stack.len() >= limits::EVALUATION_DEPTH {
            let message = format!(
                "templates refer to each other through more than {} keys",
                limits::EVALUATION_DEPTH
            );
            let error = Diagnostic::error(Code::LimitExceeded, message).at(slot.at, "here");
            return Err(self.fail(error, side).into());
        }
        self.states[side as usize][i] = KeyState::InProgress;
        self.stack.push((side, i));
        let state = match self.source(side, slot) {
            Ok(ResolvedValue::Literal(Json::Null)) => self.fallback(i, slot),
            Ok(value) => KeyState::Done(value),
            Err(why) => KeyState::Failed(why),
        };
        self.stack.pop();
        self.judge_port(side, slot, &state);
        let failed = match state {
            KeyState::Failed(why) => Err(why),
            _ => Ok(()),
        };
        self.states[side as usize][i] = state;
        self.show(side, i);
        failed
    }

    fn cycle(&mut self, side: Side, i: usize) -> Reported {
        let start = self
            .stack
            .iter()
            .position(|&step| step == (side, i))
            .unwrap_or(0);
        let mut ring: Vec<(Side, usize)> = self.stack[start..].to_vec();
        // reported from the same key, wherever it was entered
        let first = ring
            .iter()
            .enumerate()
            .min_by_key(|(_, step)| **step)
            .map_or(0, |(at, _)| at);
        ring.rotate_left(first);
        let slot = |&(side, i): &(Side, usize)| {
            self.provided(side)
                .map(|provided| (side, &provided.slots[i]))
        };
        let slots: Vec<_> = ring.iter().filter_map(slot).collect();
        let mut path: Vec<_> = slots
            .iter()
            .map(|(side, slot)| format!("{}.config.{}", side.word(), slot.key))
            .collect();
        path.extend(path.first().cloned());
        let mut diagnostic = Diagnostic::error(
            Code::TemplateCycle,
            format!(
                "the templates refer to each other in a circle: `{}`",
                path.join("` -> `")
            ),
        );
        for (i, (_, slot)) in slots.iter().enumerate() {
            diagnostic = diagnostic.at(
                slot.at,
                if i == 0 {
                    "refers to the next, and so on"
                } else {
                    "in the circle"
                },
            );
        }
        let diagnostic =
            diagnostic.help("give one of these keys a value that does not use the others");
        self.fail(diagnostic, side)
    }

    fn source(&mut self, side: Side, slot: &'s ProvidedKey<'a>) -> Result<ResolvedValue, NoValue> {
        match &slot.source {
            KeySource::Config(expr) => {
                let site = UseSite {
                    what: slot.key,
                    at: expr.at,
                    side,
                    author: false,
                };
                self.expr(expr, &site)
            }
            KeySource::Reference(reference) => self.reference(side, slot, reference),
            KeySource::Object(value) => self.object(side, slot, value),
            KeySource::Host(service) => self.host(service),
            KeySource::Port(service, port) => self.port(service, *port),
            KeySource::Default | KeySource::Composed => Ok(ResolvedValue::Literal(Json::Null)),
            KeySource::Broken(reported) => Err((*reported).into()),
        }
    }
}

fn undeclared(
    path: &str,
    key: &str,
    side_schema: &SideSchema<'_>,
    site: &UseSite<'_>,
    at: Place,
) -> Diagnostic {
    let message = format!(
        "`{}` uses `{path}`, which the Interface does not declare",
        site.what
    );
    Diagnostic::error(Code::UndeclaredKey, message)
        .at(at, "no such key")
        .help(undeclared_help(
            key,
            side_schema,
            side_schema.keys.keys().map(String::as_str),
        ))
}

/// What to do about a namespace that is not known.
pub(super) fn namespace_help() -> Help {
    words![
        "give the namespace of objects that have none: ",
        Setting::Namespace,
        ", or write `metadata.namespace`"
    ]
}
