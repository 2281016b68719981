//! Values, key by key on demand, to parts: either side may use the other's keys in any order, and a circle is named.

use std::rc::Rc;

use minijinja::value::Serde;
use serde_json::{Map, Value as Json};

use super::Objects;
use super::computed::{Engine, Failure, Seen, SideView, Touch, View};
use super::index::Version;
use super::keys::{Expr, Node, Sheet, Source, undeclared_help, within};
use super::schema::Face;
use super::template::{Path, Piece, Side, Step, Template};
use super::text::text;
use super::value::{Part, Reference, ReferenceKind, Value};
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
    version: &'s Version<'a>,
    states: [Vec<State>; 2],
    trail: Vec<(Side, usize)>,
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
        let todo = |sheet: Option<&Sheet<'_>>| vec![State::Todo; sheet.map_or(0, |s| s.slots.len())];
        let states = [todo(plug), todo(Some(socket))];
        Self { run, plug, socket, version, states, trail: Vec::new(), origins: Vec::new() }
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
    pub(super) fn key(&mut self, side: Side, key: &str, site: &Site<'_>, at: Place) -> Result<&Value, Stop> {
        let Some(sheet) = self.sheet(side) else { return Err(self.nobodys(side, key, site, at)) };
        let found = sheet.find(key);
        if let Some(i) = found {
            self.ensure(side, i)?;
            // a second borrow of what was found: the first would last through the error below
            if matches!(self.states[side as usize][i], State::Done(_)) {
                let State::Done(value) = &self.states[side as usize][i] else { return Err(Stop) };
                return Ok(value);
            }
        }
        let path = format!("{}.config.{key}", side.word());
        let owner = sheet.owner;
        if owner.meta.broken {
            return Err(Stop);
        }
        let diagnostic = if found.is_some() || sheet.face.keys.contains_key(key) || sheet.face.open {
            let message = format!("`{}` uses `{path}`, and {} does not give it", site.what, owner.words());
            Diagnostic::error(Code::KeyNotGiven, message)
                .at(at, "asked for here")
                .at(owner.meta.at, "does not give it")
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
    fn fail(&mut self, diagnostic: Diagnostic, side: Side) -> Stop {
        let subject = self.sheet(side).unwrap_or(self.socket).owner.subject();
        self.run.out.push(diagnostic.on(subject));
        Stop
    }

    fn ensure(&mut self, side: Side, i: usize) -> Result<(), Stop> {
        match &self.states[side as usize][i] {
            State::Done(_) | State::Absent => return Ok(()),
            State::Failed => return Err(Stop),
            State::Busy => return Err(self.cycle(side, i)),
            State::Todo => {}
        }
        let Some(sheet) = self.sheet(side) else { return Err(Stop) };
        let slot = &sheet.slots[i];
        if self.trail.len() >= limits::EVALUATION_DEPTH {
            let message = format!("templates use each other deeper than {} keys", limits::EVALUATION_DEPTH);
            return Err(self.fail(Diagnostic::error(Code::LimitExceeded, message).at(slot.at, "here"), side));
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
        if failed { Err(Stop) } else { Ok(()) }
    }

    fn cycle(&mut self, side: Side, i: usize) -> Stop {
        let start = self.trail.iter().position(|&step| step == (side, i)).unwrap_or(0);
        let mut ring: Vec<(Side, usize)> = self.trail[start..].to_vec();
        // told from the same key, wherever it was entered
        let first = ring.iter().enumerate().min_by_key(|(_, step)| **step).map_or(0, |(at, _)| at);
        ring.rotate_left(first);
        let slot = |&(side, i): &(Side, usize)| self.sheet(side).map(|sheet| (side, &sheet.slots[i]));
        let slots: Vec<_> = ring.iter().filter_map(slot).collect();
        let mut path: Vec<_> =
            slots.iter().map(|(side, slot)| format!("{}.config.{}", side.word(), slot.key)).collect();
        path.extend(path.first().cloned());
        let mut diagnostic = Diagnostic::error(Code::TemplateCycle, format!("`{}` is a circle", path.join("` -> `")));
        for (i, (_, slot)) in slots.iter().enumerate() {
            diagnostic = diagnostic.at(slot.at, if i == 0 { "asks for the next, and so on" } else { "in the circle" });
        }
        let diagnostic = diagnostic.help("give one of these keys a value that does not use the others");
        self.fail(diagnostic, side)
    }

    fn source(&mut self, side: Side, slot: &'s super::keys::Slot<'a>) -> Result<Value, Stop> {
        match &slot.source {
            Source::Config(expr) => {
                let site = Site { what: slot.key, at: expr.at, side, author: false };
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

    fn expr(&mut self, expr: &Expr<'_>, site: &Site<'_>) -> Result<Value, Stop> {
        let value = match &expr.node {
            Node::Text(template, source) => self.template(template, source, site)?,
            node => Value::Literal(self.json(node, site)?),
        };
        let size = match &value {
            Value::Literal(Json::String(text)) => text.len(),
            Value::Literal(Json::Array(_) | Json::Object(_)) => text_len(&value),
            Value::Literal(_) | Value::Reference(_) => 0,
            Value::Text(parts) => length(parts),
        };
        self.bounded(size, site)?;
        Ok(value)
    }

    fn bounded(&mut self, size: usize, site: &Site<'_>) -> Result<(), Stop> {
        if size <= limits::VALUE_BYTES {
            return Ok(());
        }
        let message = format!("`{}` comes out longer than {} KiB", site.what, limits::VALUE_BYTES >> 10);
        Err(self.fail(Diagnostic::error(Code::LimitExceeded, message).at(site.at, "here"), site.side))
    }

    /// A value in which no reference can stand.
    fn json(&mut self, node: &Node<'_>, site: &Site<'_>) -> Result<Json, Stop> {
        match node {
            Node::Literal(value) => Ok((*value).clone()),
            Node::Plain(text) => Ok(Json::String((*text).to_owned())),
            Node::List(items) => {
                items.iter().map(|item| self.json(item, site)).collect::<Result<_, _>>().map(Json::Array)
            }
            Node::Map(map) => {
                let pairs = map.iter().map(|(key, node)| Ok(((*key).to_owned(), self.json(node, site)?)));
                pairs.collect::<Result<Map<_, _>, _>>().map(Json::Object)
            }
            Node::Text(template, source) => match self.template(template, source, site)? {
                Value::Literal(json) => Ok(json),
                Value::Reference(reference) => Err(self.not_plain(&reference, site)),
                Value::Text(parts) => {
                    let reference = parts.iter().find_map(|part| match part {
                        Part::Reference(reference) => Some(Rc::clone(reference)),
                        Part::Author(_) | Part::Data(_) => None,
                    });
                    Err(reference.map_or(Stop, |reference| self.not_plain(&reference, site)))
                }
            },
        }
    }

    /// The text of a name, in which no reference can stand.
    pub(super) fn plain_text(&mut self, expr: &Expr<'_>, site: &Site<'_>) -> Result<String, Stop> {
        let json = self.json(&expr.node, site)?;
        match text(&json) {
            Ok(text) if !text.is_empty() => Ok(text.into_owned()),
            Ok(_) => {
                let message = format!("the object's name that `{}` comes from is empty", site.what);
                Err(self.fail(Diagnostic::error(Code::TemplateFailed, message).at(site.at, "here"), site.side))
            }
            Err(why) => {
                let message = format!("the object's name that `{}` comes from has no text: {why}", site.what);
                Err(self.fail(Diagnostic::error(Code::ValueHasNoText, message).at(site.at, "here"), site.side))
            }
        }
    }

    fn not_plain(&mut self, reference: &Reference, site: &Site<'_>) -> Stop {
        let (kind, help) = match reference.kind {
            ReferenceKind::Secret => {
                ("Secret", "a Secret's key can be a value of its own or a part of a text, nothing else")
            }
            ReferenceKind::ConfigMap => (
                "ConfigMap",
                "to read the value into the output, take it from the object: `objectRef: {apiVersion: v1, kind: ConfigMap, name: …}` \
                 with `keys: {…: data.KEY}`",
            ),
        };
        let message = format!("`{}` needs plain text, and `{}` is a {kind}'s key", site.what, reference.supplies);
        self.fail(Diagnostic::error(Code::ReferenceInPlainText, message).at(site.at, "used here").help(help), site.side)
    }

    /// The value of a template: of its own type if it is one expression, else a text.
    pub(super) fn template(&mut self, template: &Template, source: &str, site: &Site<'_>) -> Result<Value, Stop> {
        if let [Piece::Path(..) | Piece::Computed(..) | Piece::Whole(_)] = &template.pieces[..] {
            return self.piece(&template.pieces[0], source, site);
        }
        let mut parts = Vec::new();
        let mut url = false;
        for piece in &template.pieces {
            if let Piece::Text(text) = piece {
                url |= text.contains("://");
                push(&mut parts, if site.author { Part::Author(text.clone()) } else { Part::Data(text.clone()) });
                continue;
            }
            match self.piece(piece, source, site)? {
                Value::Literal(json) => match text(&json) {
                    Ok(text) => {
                        url |= text.contains("://");
                        push(&mut parts, Part::Data(text.into_owned()));
                    }
                    Err(why) => return Err(self.no_text(why, site, piece, source)),
                },
                Value::Reference(reference) => {
                    self.warn_in_url(url, std::slice::from_ref(&Part::Reference(Rc::clone(&reference))), site);
                    parts.push(Part::Reference(reference));
                }
                Value::Text(inner) => {
                    self.warn_in_url(url, &inner, site);
                    url |= inner.iter().any(|p| matches!(p, Part::Data(text) if text.contains("://")));
                    inner.iter().for_each(|part| push(&mut parts, part.clone()));
                }
            }
            self.bounded(length(&parts), site)?;
        }
        match &parts[..] {
            [] => Ok(Value::Literal(Json::String(String::new()))),
            [Part::Data(text)] => Ok(Value::Literal(Json::String(text.clone()))),
            _ => Ok(Value::Text(parts.into())),
        }
    }

    fn no_text(&mut self, why: &str, site: &Site<'_>, piece: &Piece, source: &str) -> Stop {
        let place = match piece {
            Piece::Path(_, span) | Piece::Computed(_, span) => within(site.at, source, span),
            Piece::Text(_) | Piece::Whole(_) => site.at,
        };
        let message = format!("an expression of `{}` has no text: {why}", site.what);
        self.fail(Diagnostic::error(Code::ValueHasNoText, message).at(place, "this value"), site.side)
    }

    fn piece(&mut self, piece: &Piece, source: &str, site: &Site<'_>) -> Result<Value, Stop> {
        match piece {
            Piece::Text(text) => Ok(Value::Literal(Json::String(text.clone()))),
            Piece::Path(path, span) => self.path(path, site, within(site.at, source, span)),
            Piece::Computed(expression, span) => {
                self.computed(expression, false, site, within(site.at, source, span)).map(Value::Literal)
            }
            Piece::Whole(text) => self.computed(text, true, site, site.at).map(Value::Literal),
        }
    }

    fn path(&mut self, path: &Path, site: &Site<'_>, at: Place) -> Result<Value, Stop> {
        let literal = |text: &str| Ok(Value::Literal(Json::String(text.to_owned())));
        match path {
            Path::Name(side) => literal(self.sheet(*side).ok_or(Stop)?.owner.name),
            Path::InterfaceName => literal(self.version.name),
            Path::InterfaceVersion => literal(&self.version.number.to_string()),
            Path::Namespace(side) => match &self.sheet(*side).ok_or(Stop)?.owner.meta.namespace {
                Some(namespace) => literal(namespace),
                None => Err(self.unknown_namespace(*side, site, at)),
            },
            Path::Key(side, key, steps) => {
                let value = self.key(*side, key, site, at)?;
                if steps.is_empty() {
                    return Ok(value.clone());
                }
                let Value::Literal(mut json) = value.clone() else {
                    let message = format!("`{}.config.{key}` is the key of an object, and has no parts", side.word());
                    return Err(self.fail(Diagnostic::error(Code::TemplateFailed, message).at(at, "here"), site.side));
                };
                for step in steps {
                    let (inner, name) = match step {
                        Step::Name(name) => (json.get_mut(name).map(Json::take), name.clone()),
                        Step::Index(i) => (json.get_mut(*i).map(Json::take), i.to_string()),
                    };
                    let Some(inner) = inner else {
                        let message = format!("`{}.config.{key}` has no `{name}`", side.word());
                        return Err(
                            self.fail(Diagnostic::error(Code::TemplateFailed, message).at(at, "here"), site.side)
                        );
                    };
                    json = inner;
                }
                Ok(Value::Literal(json))
            }
        }
    }

    fn unknown_namespace(&mut self, side: Side, site: &Site<'_>, at: Place) -> Stop {
        let owner = self.sheet(side).unwrap_or(self.socket).owner;
        let message = format!("`{}` uses the namespace of {}, which is not known", site.what, owner.words());
        let diagnostic = Diagnostic::error(Code::NamespaceUnknown, message)
            .at(at, "used here")
            .at(owner.meta.at, "has no `metadata.namespace`")
            .help(NAMESPACE_HELP);
        self.fail(diagnostic, site.side)
    }

    fn computed(&mut self, source: &str, whole: bool, site: &Site<'_>, at: Place) -> Result<Json, Stop> {
        loop {
            let view = self.view();
            let result =
                if whole { self.run.engine.whole(source, view) } else { self.run.engine.expression(source, view) };
            let failure = match result {
                Ok(json) => return Ok(json),
                Err(Failure::Touched(Touch::Nobody)) => return Err(Stop),
                Err(Failure::Touched(Touch::Ask(side, key))) => {
                    let slot = self.sheet(side).and_then(|sheet| sheet.find(&key)).ok_or(Stop)?;
                    self.ensure(side, slot)?;
                    continue;
                }
                Err(Failure::Touched(Touch::Namespace(side))) => return Err(self.unknown_namespace(side, site, at)),
                Err(failure) => failure,
            };
            let diagnostic = match failure {
                Failure::Touched(Touch::Opaque(side, key)) => {
                    let path = format!("{}.config.{key}", side.word());
                    let message = format!("`{}` computes with `{path}`, whose value only the cluster knows", site.what);
                    let help = if ["urlencode", "b64encode", "quote"].iter().any(|filter| source.contains(filter)) {
                        format!(
                            "the kubelet puts `{path}` into the text and cannot encode it: store the encoded text under a key \
                             of its own, or hand the parts to the application one by one"
                        )
                    } else {
                        format!("put it in an expression of its own, as a plain path: `<% {path} %>`")
                    };
                    Diagnostic::error(Code::ReferenceInPlainText, message).help(help)
                }
                Failure::Wrong(words) => {
                    let message = format!("the template of `{}` cannot be evaluated: {words}", site.what);
                    Diagnostic::error(Code::TemplateFailed, message)
                }
                Failure::Syntax(words) => Diagnostic::error(
                    Code::TemplateSyntax,
                    format!("the template of `{}` cannot be read: {words}", site.what),
                ),
                Failure::Fuel => Diagnostic::error(
                    Code::LimitExceeded,
                    format!("the template of `{}` takes too many steps", site.what),
                ),
                Failure::RunFuel => Diagnostic::error(
                    Code::LimitExceeded,
                    "the computed templates of this run take too many steps together",
                ),
                Failure::Touched(_) => return Err(Stop),
            };
            return Err(self.fail(diagnostic.at(at, "here"), site.side));
        }
    }

    fn view(&self) -> View {
        let side = |side: Side| {
            self.sheet(side).map(|sheet| SideView {
                name: sheet.owner.name.to_owned(),
                namespace: sheet.owner.meta.namespace.clone(),
                keys: sheet
                    .slots
                    .iter()
                    .zip(self.states(side))
                    .filter(|(_, state)| **state != State::Absent)
                    .map(|(slot, state)| {
                        let secret = sheet.face.keys.get(slot.key).is_some_and(|key| key.secret);
                        let seen = match state {
                            State::Done(Value::Literal(json)) if !secret => {
                                Seen::Literal(minijinja::Value::from(Serde(json)))
                            }
                            State::Done(_) => Seen::Opaque,
                            _ => Seen::Unknown,
                        };
                        (slot.key.to_owned(), seen)
                    })
                    .collect(),
            })
        };
        View {
            plug: side(Side::Plug),
            socket: side(Side::Socket),
            interface: (self.version.name.to_owned(), self.version.number.to_string()),
        }
    }

    fn warn_in_url(&mut self, url: bool, parts: &[Part], site: &Site<'_>) {
        if !url {
            return;
        }
        for part in parts {
            let Part::Reference(reference) = part else { continue };
            let origin = self.origins.iter().find(|origin| Rc::ptr_eq(&origin.reference, reference));
            let Some((side, at)) = origin.map(|origin| (origin.side, origin.at)) else { continue };
            let facts = self.sheet(side).and_then(|sheet| sheet.face.keys.get(&reference.supplies));
            if reference.kind != ReferenceKind::Secret || facts.is_some_and(|facts| facts.url_safe) {
                continue;
            }
            let path = format!("{}.config.{}", side.word(), reference.supplies);
            let message = format!(
                "`{}` puts the secret `{path}` into a URL, and the kubelet cannot percent-encode it",
                site.what
            );
            let diagnostic = Diagnostic::warning(Code::SecretInUrl, message)
                .at(site.at, "in this URL")
                .at(at, "given here")
                .help(format!(
                    "if whoever fills the Secret promises that it needs no encoding, say so in the Interface: \
                     `{}: {{type: string, writeOnly: true, format: url-safe}}`",
                    reference.supplies
                ));
            let _ = self.fail(diagnostic, site.side);
        }
    }
}

fn undeclared(path: &str, key: &str, face: &Face<'_>, site: &Site<'_>, at: Place) -> Diagnostic {
    let message = format!("`{}` uses `{path}`, which the Interface does not declare", site.what);
    Diagnostic::error(Code::UndeclaredKey, message).at(at, "no such key").help(undeclared_help(
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

fn length(parts: &[Part]) -> usize {
    parts
        .iter()
        .map(|part| match part {
            Part::Author(text) | Part::Data(text) => text.len(),
            Part::Reference(_) => 0,
        })
        .sum()
}

fn text_len(value: &Value) -> usize {
    match value {
        Value::Literal(json) => json.to_string().len(),
        Value::Reference(_) | Value::Text(_) => 0,
    }
}

/// Adds a part, joined with the one before where both are of one kind.
fn push(parts: &mut Vec<Part>, part: Part) {
    match (parts.last_mut(), part) {
        (_, Part::Author(text) | Part::Data(text)) if text.is_empty() => {}
        (Some(Part::Author(before)), Part::Author(text)) | (Some(Part::Data(before)), Part::Data(text)) => {
            before.push_str(&text);
        }
        (_, part) => parts.push(part),
    }
}
