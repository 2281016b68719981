//! Values, key by key on demand, to parts: either side may use the other's keys in any order, and a
//! circle is named.

use std::rc::Rc;
use std::sync::Arc;

use serde_json::Value as Json;

use super::Objects;
use super::computed::{Engine, View};
use super::index::Version;
use super::keys::{Sheet, Slot, Source, undeclared_help};
use super::schema::Face;
use super::template::Side;
use super::value::{Reference, Value};
use crate::diagnostic::{Code, Diagnostic};
use crate::limits;
use crate::manifest::Place;

/// What all couplings of a run share.
pub(super) struct Run<'a> {
    /// The rest of the input.
    pub objects: &'a dyn Objects,
    /// For computed expressions.
    pub engine: Engine,
    /// What was found.
    pub out: Vec<Diagnostic>,
    /// How many more mistakes in a name get a *did you mean*.
    pub near: usize,
}

impl<'a> Run<'a> {
    /// A run that has found this so far.
    pub(super) fn new(objects: &'a dyn Objects, out: Vec<Diagnostic>) -> Self {
        Self {
            objects,
            engine: Engine::new(),
            out,
            near: limits::NEAR_MISSES,
        }
    }
}

/// Evaluation ended; why was reported, or follows from what was reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stop;

/// What is known of one key.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum State {
    /// Nobody asked yet.
    Todo,
    /// Being evaluated.
    Busy,
    /// Not given.
    Absent,
    /// Its value.
    Done(Value),
    /// It has no value, and why was said.
    Failed,
}

/// Where a reference comes from.
pub(super) struct Origin {
    /// The reference.
    pub reference: Rc<Reference>,
    /// The side that gives it.
    pub side: Side,
    /// What gives it.
    pub at: Place,
    /// Whether a workload of the Plug's namespace can use it; `None`: it cannot be known.
    pub reachable: Option<bool>,
}

/// One Plug, one Socket, one version: the place where their keys are evaluated.
pub(super) struct Scene<'s, 'a> {
    /// The run.
    pub run: &'s mut Run<'a>,
    /// The Plug's keys; `None`: a Socket is judged alone.
    pub plug: Option<&'s Sheet<'a>>,
    /// The Socket's keys.
    pub socket: &'s Sheet<'a>,
    /// The version that counts.
    pub version: &'s Version<'a>,
    states: [Vec<State>; 2],
    trail: Vec<(Side, usize)>,
    /// What computed expressions are shown; `None`: there was none yet.
    pub view: Option<Arc<View>>,
    /// Every reference that was made.
    pub origins: Vec<Origin>,
}

/// Where a text stands, for messages.
#[derive(Clone, Copy)]
pub(super) struct Site<'t> {
    /// The key or variable that it is for.
    pub what: &'t str,
    /// Where it stands.
    pub at: Place,
    /// Whose text it is.
    pub side: Side,
    /// Whether its literal text belongs to the workload's author.
    pub author: bool,
}

impl<'s, 'a> Scene<'s, 'a> {
    /// A scene in which nothing is known yet.
    pub(super) fn new(
        run: &'s mut Run<'a>,
        plug: Option<&'s Sheet<'a>>,
        socket: &'s Sheet<'a>,
        version: &'s Version<'a>,
    ) -> Self {
        let todo =
            |sheet: Option<&Sheet<'_>>| vec![State::Todo; sheet.map_or(0, |s| s.slots.len())];
        let states = [todo(plug), todo(Some(socket))];
        Self {
            run,
            plug,
            socket,
            version,
            states,
            trail: Vec::new(),
            view: None,
            origins: Vec::new(),
        }
    }

    /// Evaluates every key of both sides.
    pub(super) fn evaluate(&mut self) {
        for side in [Side::Socket, Side::Plug] {
            for i in 0..self.states[side as usize].len() {
                let _ = self.ensure(side, i);
            }
        }
    }

    /// The keys of a side.
    pub(super) fn sheet(&self, side: Side) -> Option<&'s Sheet<'a>> {
        match side {
            Side::Plug => self.plug,
            Side::Socket => Some(self.socket),
        }
    }

    /// What is known of the keys of a side, in order of its slots.
    pub(super) fn states(&self, side: Side) -> &[State] {
        &self.states[side as usize]
    }

    /// The value of a key that must be given.
    pub(super) fn key(
        &mut self,
        side: Side,
        key: &str,
        site: &Site<'_>,
        at: Place,
    ) -> Result<&Value, Stop> {
        let Some(sheet) = self.sheet(side) else {
            return Err(self.nobodys(side, key, site, at));
        };
        let found = sheet.find(key);
        if let Some(i) = found {
            self.ensure(side, i)?;
            // a second borrow of what was found: the first would last through the error below
            if matches!(self.states[side as usize][i], State::Done(_)) {
                let State::Done(value) = &self.states[side as usize][i] else {
                    return Err(Stop);
                };
                return Ok(value);
            }
        }
        let path = format!("{}.config.{key}", side.word());
        let owner = sheet.owner;
        // that a required key is missing is said of the side itself
        if owner.meta.broken || sheet.face.required.iter().any(|required| required == key) {
            return Err(Stop);
        }
        let diagnostic = if found.is_some() || sheet.face.keys.contains_key(key) || sheet.face.open
        {
            let message = format!(
                "`{}` uses `{path}`, and {} does not give it",
                site.what,
                owner.words()
            );
            Diagnostic::error(Code::KeyNotGiven, message)
                .at(at, "asked for here")
                .at(owner.meta.name.at, "does not give it")
                .help(give_help(side, key))
        } else {
            undeclared(&path, key, sheet.face, site, at)
        };
        Err(self.fail(diagnostic, site.side))
    }

    /// A key of a Plug that is not there: of what it would hand over, only the names are known.
    fn nobodys(&mut self, side: Side, key: &str, site: &Site<'_>, at: Place) -> Stop {
        let face = self.version.face(side);
        if face.open || face.refused.is_some() || face.keys.contains_key(key) {
            return Stop;
        }
        let path = format!("{}.config.{key}", side.word());
        self.fail(undeclared(&path, key, face, site, at), site.side)
    }

    /// Reports an error of an owner's.
    pub(super) fn fail(&mut self, diagnostic: Diagnostic, side: Side) -> Stop {
        let subject = self.sheet(side).unwrap_or(self.socket).owner.subject();
        self.run.out.push(diagnostic.on(subject));
        Stop
    }

    /// Sees to it that a key is evaluated.
    pub(super) fn ensure(&mut self, side: Side, i: usize) -> Result<(), Stop> {
        match &self.states[side as usize][i] {
            State::Done(_) | State::Absent => return Ok(()),
            State::Failed => return Err(Stop),
            State::Busy => return Err(self.cycle(side, i)),
            State::Todo => {}
        }
        let Some(sheet) = self.sheet(side) else {
            return Err(Stop);
        };
        let slot = &sheet.slots[i];
        if self.trail.len() >= limits::EVALUATION_DEPTH {
            let message = format!(
                "templates use each other deeper than {} keys",
                limits::EVALUATION_DEPTH
            );
            return Err(self.fail(
                Diagnostic::error(Code::LimitExceeded, message).at(slot.at, "here"),
                side,
            ));
        }
        self.states[side as usize][i] = State::Busy;
        self.trail.push((side, i));
        let result = self.source(side, slot);
        self.trail.pop();
        let state = match result {
            Ok(Value::Literal(Json::Null)) => match slot.default {
                Some(default) => State::Done(Value::Literal(default.clone())),
                None => State::Absent,
            },
            Ok(value) => State::Done(value),
            Err(Stop) => State::Failed,
        };
        let failed = state == State::Failed;
        self.states[side as usize][i] = state;
        self.show(side, i);
        if failed { Err(Stop) } else { Ok(()) }
    }

    fn cycle(&mut self, side: Side, i: usize) -> Stop {
        let start = self
            .trail
            .iter()
            .position(|&step| step == (side, i))
            .unwrap_or(0);
        let mut ring: Vec<(Side, usize)> = self.trail[start..].to_vec();
        // told from the same key, wherever it was entered
        let first = ring
            .iter()
            .enumerate()
            .min_by_key(|(_, step)| **step)
            .map_or(0, |(at, _)| at);
        ring.rotate_left(first);
        let slot =
            |&(side, i): &(Side, usize)| self.sheet(side).map(|sheet| (side, &sheet.slots[i]));
        let slots: Vec<_> = ring.iter().filter_map(slot).collect();
        let mut path: Vec<_> = slots
            .iter()
            .map(|(side, slot)| format!("{}.config.{}", side.word(), slot.key))
            .collect();
        path.extend(path.first().cloned());
        let mut diagnostic = Diagnostic::error(
            Code::TemplateCycle,
            format!("`{}` is a circle", path.join("` -> `")),
        );
        for (i, (_, slot)) in slots.iter().enumerate() {
            diagnostic = diagnostic.at(
                slot.at,
                if i == 0 {
                    "asks for the next, and so on"
                } else {
                    "in the circle"
                },
            );
        }
        let diagnostic =
            diagnostic.help("give one of these keys a value that does not use the others");
        self.fail(diagnostic, side)
    }

    fn source(&mut self, side: Side, slot: &'s Slot<'a>) -> Result<Value, Stop> {
        match &slot.source {
            Source::Config(expr) => {
                let site = Site {
                    what: slot.key,
                    at: expr.at,
                    side,
                    author: false,
                };
                self.expr(expr, &site)
            }
            Source::Reference { kind, name, key } => self.reference(side, slot, *kind, name, key),
            Source::Object { object, name, path } => self.object(side, slot, object, name, path),
            Source::Host(service) => self.host(service),
            Source::Port(service, port) => self.port(service, port),
            Source::Default => Ok(Value::Literal(Json::Null)),
            Source::Broken => Err(Stop),
        }
    }
}

fn undeclared(path: &str, key: &str, face: &Face<'_>, site: &Site<'_>, at: Place) -> Diagnostic {
    let message = format!(
        "`{}` uses `{path}`, which the Interface does not declare",
        site.what
    );
    Diagnostic::error(Code::UndeclaredKey, message)
        .at(at, "no such key")
        .help(undeclared_help(
            key,
            face,
            face.keys.keys().map(String::as_str),
        ))
}

/// What to do about a namespace that is not known.
pub(super) const NAMESPACE_HELP: &str =
    "say where objects without a namespace stand: `-n NAMESPACE`, or write `metadata.namespace`";

/// The lines that would give a key.
pub(super) fn give_help(side: Side, key: &str) -> String {
    match side {
        Side::Plug => format!("give it in the Plug:\n\nspec:\n  config:\n    {key}: …"),
        Side::Socket => format!(
            "give it in the Socket, as a value or out of a Secret:\n\nspec:\n  config:\n    {key}: …\n  configFrom:\n    \
             - {{secretRef: {{name: …}}, keys: {{{key}: …}}}}"
        ),
    }
}
