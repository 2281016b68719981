//! Values into variables: the names, the order, the parts before the text that uses them.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::evaluate::{NAMESPACE_HELP, Scene, Site, State, Stop, give_help};
use super::expand;
use super::express::{length, size};
use super::index::Version;
use super::keys::{Node, read_text, undeclared_help, within};
use super::template::Side;
use super::text::text;
use super::value::{EnvEntry, EnvSource, Part, Reference, ReferenceKind, Value};
use crate::api::env_name;
use crate::api::{EnvBinding, EnvValue, Plug};
use crate::diagnostic::{Code, Diagnostic};
use crate::limits;
use crate::manifest::Place;

/// A variable that the Plug asks for.
struct Asked {
    name: String,
    value: Value,
    replace: bool,
    at: Place,
    /// The socket key that it is, and where that is given.
    key: Option<(String, Place)>,
}

/// The variables of a coupling, in the order in which they are to stand.
pub(super) fn bind(
    scene: &mut Scene<'_, '_>,
    plug: &Plug,
    version: &Version<'_>,
) -> Result<Vec<EnvEntry>, Stop> {
    let asked = match &plug.env {
        Some(entries) => listed(scene, entries)?,
        None => required(scene, plug, version)?,
    };
    distinct(scene, &asked)?;
    let bytes = asked.iter().map(|asked| match &asked.value {
        Value::Literal(json) => size(json),
        Value::Reference(_) => 0,
        Value::Text(parts) => length(parts),
    });
    if bytes.sum::<usize>() > limits::WORKLOAD_BYTES {
        let message = format!(
            "the Plug binds more than {} KiB",
            limits::WORKLOAD_BYTES >> 10
        );
        return Err(refuse(
            scene,
            Diagnostic::error(Code::LimitExceeded, message).at(plug.interface.at, "here"),
        ));
    }
    let mut writer = Writer::new(&plug.name.value, &asked);
    for i in 0..asked.len() {
        writer.place(i);
    }
    let Writer { out, errors, .. } = writer;
    let reached = reachable(scene, &asked);
    if !errors.is_empty() {
        return Err(refuse_all(scene, errors));
    }
    reached.map(|()| out)
}

/// The default: one variable for each key that the Interface requires of a Socket.
fn required(scene: &Scene<'_, '_>, plug: &Plug, version: &Version<'_>) -> Result<Vec<Asked>, Stop> {
    let mut asked = Vec::new();
    for key in &version.face(Side::Socket).required {
        let slot = scene.socket.find(key).ok_or(Stop)?;
        match &scene.states(Side::Socket)[slot] {
            State::Done(value) => asked.push(Asked {
                name: env_name(&plug.name.value, key),
                value: value.clone(),
                replace: false,
                at: plug.interface.at,
                key: Some((key.clone(), scene.socket.slots[slot].at)),
            }),
            // that it is missing, or why it has no value, was said
            _ => return Err(Stop),
        }
    }
    Ok(asked)
}

/// What the Plug lists.
fn listed(scene: &mut Scene<'_, '_>, entries: &[EnvBinding]) -> Result<Vec<Asked>, Stop> {
    let mut asked = Vec::new();
    let mut failed = false;
    for entry in entries {
        let (value, at, key) = match &entry.value {
            EnvValue::Key(key) => {
                let given = scene
                    .socket
                    .find(&key.value)
                    .map(|slot| scene.socket.slots[slot].at);
                (
                    bound_key(scene, &key.value, key.at),
                    key.at,
                    given.map(|at| (key.value.clone(), at)),
                )
            }
            EnvValue::Template(template) => (
                bound_text(scene, entry, &template.value, template.at),
                template.at,
                None,
            ),
        };
        match value {
            Ok(value) => asked.push(Asked {
                name: entry.name.value.clone(),
                value,
                replace: entry.replace,
                at,
                key,
            }),
            Err(Stop) => failed = true,
        }
    }
    if failed { Err(Stop) } else { Ok(asked) }
}

fn bound_key(scene: &mut Scene<'_, '_>, key: &str, at: Place) -> Result<Value, Stop> {
    let sheet = scene.socket;
    if let Some(slot) = sheet.find(key) {
        match &scene.states(Side::Socket)[slot] {
            State::Done(value) => return Ok(value.clone()),
            State::Absent => {}
            State::Failed | State::Todo | State::Busy => return Err(Stop),
        }
    }
    let face = sheet.face;
    let diagnostic = if face.open || face.keys.contains_key(key) {
        // a required key that is missing was reported with the Socket
        if face.required.iter().any(|required| required == key) {
            return Err(Stop);
        }
        Diagnostic::error(
            Code::KeyNotGiven,
            format!("{} does not give `{key}`", sheet.owner.words()),
        )
        .at(at, "asked for here")
        .at(sheet.owner.meta.name.at, "does not give it")
        .help(give_help(Side::Socket, key))
    } else {
        Diagnostic::error(
            Code::UndeclaredKey,
            format!("the Interface declares no socket key `{key}`"),
        )
        .at(at, "no such key")
        .help(undeclared_help(
            key,
            face,
            face.keys.keys().map(String::as_str),
        ))
    };
    Err(refuse(scene, diagnostic))
}

fn bound_text(
    scene: &mut Scene<'_, '_>,
    entry: &EnvBinding,
    source: &str,
    at: Place,
) -> Result<Value, Stop> {
    let site = Site {
        what: &entry.name.value,
        at,
        side: Side::Plug,
        author: true,
    };
    match read_text(source) {
        Ok(Node::Text(template, source)) => {
            let value = scene.template(&template, source, &site)?;
            if let Value::Text(parts) = &value {
                let closed =
                    parts
                        .iter()
                        .take(parts.len().saturating_sub(1))
                        .all(|part| match part {
                            Part::Author(text) => !expand::scan(text).open,
                            Part::Data(_) | Part::Reference(_) => true,
                        });
                if !closed {
                    let message = format!(
                        "`{}` opens `$(` before a value, which would then choose the variable",
                        site.what
                    );
                    let diagnostic = Diagnostic::error(Code::TemplateFailed, message)
                        .at(at, "here")
                        .help("close it, or write `$$(` for a literal `$(`");
                    return Err(refuse(scene, diagnostic));
                }
            }
            Ok(value)
        }
        Ok(_) => Ok(Value::Text([Part::Author(source.to_owned())].into())),
        Err(error) => {
            let message = format!(
                "the template of `{}` cannot be read: {}",
                site.what, error.message
            );
            let place = within(at, source, &error.span);
            Err(refuse(
                scene,
                Diagnostic::error(Code::TemplateSyntax, message).at(place, "here"),
            ))
        }
    }
}

fn distinct(scene: &mut Scene<'_, '_>, asked: &[Asked]) -> Result<(), Stop> {
    let mut order: Vec<&Asked> = asked.iter().collect();
    order.sort_by_key(|a| (&a.name, a.at));
    let errors = order
        .windows(2)
        .filter(|pair| pair[0].name == pair[1].name)
        .map(|pair| {
            Diagnostic::error(
                Code::EnvCollision,
                format!("the Plug binds `{}` twice", pair[1].name),
            )
            .at(pair[1].at, "again here")
            .at(pair[0].at, "first here")
            .help("remove one of the two, or rename it")
        })
        .collect::<Vec<_>>();
    if errors.is_empty() {
        Ok(())
    } else {
        Err(refuse_all(scene, errors))
    }
}

/// Puts variables in their order.
struct Writer<'w> {
    plug: &'w str,
    asked: &'w [Asked],
    /// Positions in `asked` by name.
    by_name: BTreeMap<&'w str, usize>,
    placed: Vec<bool>,
    out: Vec<EnvEntry>,
    /// Names of variables in `out` by what they refer to.
    by_object: BTreeMap<Pointer, String>,
    /// What asked for each helper in `out`, by name.
    helpers: BTreeMap<String, Place>,
    errors: Vec<Diagnostic>,
}

/// What two references have in common that are one.
type Pointer = (ReferenceKind, String, String);

fn pointer(reference: &Reference) -> Pointer {
    (
        reference.kind,
        reference.name.clone(),
        reference.key.clone(),
    )
}

impl<'w> Writer<'w> {
    fn new(plug: &'w str, asked: &'w [Asked]) -> Self {
        Self {
            plug,
            asked,
            by_name: asked
                .iter()
                .enumerate()
                .map(|(i, asked)| (asked.name.as_str(), i))
                .collect(),
            placed: vec![false; asked.len()],
            out: Vec::new(),
            by_object: BTreeMap::new(),
            helpers: BTreeMap::new(),
            errors: Vec::new(),
        }
    }

    fn place(&mut self, i: usize) {
        if std::mem::replace(&mut self.placed[i], true) {
            return;
        }
        let asked = &self.asked[i];
        let (source, uses) = match &asked.value {
            Value::Literal(json) => match text(json) {
                Ok(text) => (
                    EnvSource::Value(expand::finish(&[Part::Data(text.into_owned())], |_| {
                        String::new()
                    })),
                    Vec::new(),
                ),
                Err(why) => {
                    return self.errors.push(textless(asked, why));
                }
            },
            Value::Reference(reference) => (EnvSource::Reference(Rc::clone(reference)), Vec::new()),
            Value::Text(parts) => {
                self.parts(parts, asked.at);
                let name =
                    |reference: &Reference| self.variable(reference).unwrap_or_default().to_owned();
                (EnvSource::Value(expand::finish(parts, name)), uses(parts))
            }
        };
        self.push(EnvEntry {
            name: asked.name.clone(),
            source,
            replace: asked.replace,
            helper: false,
            secret: is_secret(&asked.value),
            uses,
            at: asked.at,
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

    /// Sees to it that every reference of a text stands before it, by name.
    fn parts(&mut self, parts: &[Part], at: Place) {
        let mut missing: Vec<(String, Rc<Reference>)> = Vec::new();
        let mut seen = BTreeSet::new();
        for part in parts {
            let Part::Reference(reference) = part else {
                continue;
            };
            if self.variable(reference).is_none() && seen.insert(pointer(reference)) {
                missing.push((
                    env_name(self.plug, &reference.supplies),
                    Rc::clone(reference),
                ));
            }
        }
        missing.sort();
        for (name, reference) in missing {
            let own = self.by_name.get(name.as_str()).copied();
            match own {
                Some(i) if matches!(&self.asked[i].value, Value::Reference(r) if same(r, &reference)) =>
                {
                    self.place(i);
                }
                Some(i) => self.collide(&name, at, self.asked[i].at),
                None => match self.helpers.get(&name).copied() {
                    Some(first) => self.collide(&name, at, first),
                    None => {
                        self.helpers.insert(name.clone(), at);
                        self.push(EnvEntry {
                            name,
                            secret: reference.kind == ReferenceKind::Secret,
                            source: EnvSource::Reference(reference),
                            replace: false,
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
            format!("`{name}` would carry a part of a text, and stands for something else already");
        self.errors.push(
            Diagnostic::error(Code::EnvCollision, message)
                .at(at, "this text needs it")
                .at(other, "and this has the name")
                .help("rename the variable, or give the Plug another `spec.name`"),
        );
    }
}

/// Whether a key of a Secret is in a value.
fn is_secret(value: &Value) -> bool {
    let is_key = |reference: &Reference| reference.kind == ReferenceKind::Secret;
    match value {
        Value::Literal(_) => false,
        Value::Reference(reference) => is_key(reference),
        Value::Text(parts) => parts
            .iter()
            .any(|part| matches!(part, Part::Reference(reference) if is_key(reference))),
    }
}

/// The error of a value that a variable cannot hold.
fn textless(asked: &Asked, why: &str) -> Diagnostic {
    let error = Diagnostic::error(
        Code::ValueHasNoText,
        format!("`{}` has no text: {why}", asked.name),
    );
    match &asked.key {
        None => error.at(asked.at, "bound here"),
        Some((key, given)) => error.at(*given, "this value").at(asked.at, "bound here").help(format!(
            "give it in another form, or make the text in the Plug:\n\nspec:\n  bind:\n    env:\n      - {{name: {}, value: \"<% \
             socket.config.{key} | join(';') %>\"}}",
            asked.name
        )),
    }
}

fn same(a: &Reference, b: &Reference) -> bool {
    (a.kind, &a.name, &a.key) == (b.kind, &b.name, &b.key)
}

/// The variables that the author's own text uses.
fn uses(parts: &[Part]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut seen = BTreeSet::new();
    for part in parts {
        let Part::Author(text) = part else { continue };
        let new = expand::scan(text)
            .names
            .into_iter()
            .filter(|name| seen.insert(*name));
        names.extend(new.map(str::to_owned));
    }
    names
}

/// A Secret or ConfigMap can be referenced in its own namespace alone.
fn reachable(scene: &mut Scene<'_, '_>, asked: &[Asked]) -> Result<(), Stop> {
    if scene
        .origins
        .iter()
        .all(|origin| origin.reachable == Some(true))
    {
        return Ok(());
    }
    let references = asked.iter().flat_map(|asked| match &asked.value {
        Value::Literal(_) => Vec::new(),
        Value::Reference(reference) => vec![Rc::as_ptr(reference)],
        Value::Text(parts) => {
            let reference = |part: &Part| match part {
                Part::Reference(reference) => Some(Rc::as_ptr(reference)),
                Part::Author(_) | Part::Data(_) => None,
            };
            parts.iter().filter_map(reference).collect()
        }
    });
    let used: BTreeSet<*const Reference> = references.collect();
    let used = |reference: &Rc<Reference>| used.contains(&Rc::as_ptr(reference));
    let mut seen = BTreeSet::new();
    let mut errors = Vec::new();
    for origin in scene
        .origins
        .iter()
        .filter(|origin| used(&origin.reference))
    {
        let kind = origin.reference.kind.object();
        let name = &origin.reference.name;
        let owner = scene
            .sheet(origin.side)
            .map_or(scene.socket.owner, |sheet| sheet.owner);
        let plug = scene
            .plug
            .and_then(|plug| plug.owner.meta.namespace.as_deref());
        match (origin.reachable, &owner.meta.namespace) {
            (Some(false), Some(home)) => {
                let message = format!(
                    "{kind} `{name}` stands in namespace `{home}`, and a workload of `{}` cannot refer to it",
                    plug.unwrap_or_default()
                );
                if !seen.insert(message.clone()) {
                    continue; // several keys of one object
                }
                let literal = if kind == "ConfigMap" {
                    "\n\nor take the value from the object: `objectRef: {apiVersion: v1, kind: ConfigMap, name: …}` with `keys: {…: data.KEY}`"
                } else {
                    ""
                };
                errors.push(
                    Diagnostic::error(Code::ReferenceUnreachable, message)
                        .at(origin.at, "given here")
                        .at(scene.plug.map_or(owner.meta.name.at, |plug| plug.owner.meta.name.at), "needed here")
                        .help(format!(
                            "if it stands under that name in the Plug's namespace too (made there, or replicated), say so in the \
                             Socket:\n\nspec:\n  secretNamespace: Plug{literal}"
                        )),
                );
            }
            (Some(true), _) => {}
            (_, home) => {
                let unknown = if home.is_none() {
                    owner
                } else {
                    scene.plug.map_or(owner, |plug| plug.owner)
                };
                let message = format!(
                    "whether {kind} `{name}` can be referred to depends on the namespace of {}, which is not known",
                    unknown.words()
                );
                errors.push(
                    Diagnostic::error(Code::NamespaceUnknown, message)
                        .at(origin.at, "given here")
                        .at(unknown.meta.name.at, "has no `metadata.namespace`")
                        .help(NAMESPACE_HELP),
                );
            }
        }
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(refuse_all(scene, errors))
    }
}

fn refuse(scene: &mut Scene<'_, '_>, diagnostic: Diagnostic) -> Stop {
    refuse_all(scene, vec![diagnostic])
}

fn refuse_all(scene: &mut Scene<'_, '_>, errors: Vec<Diagnostic>) -> Stop {
    let subject = scene.plug.unwrap_or(scene.socket).owner.subject();
    scene.run.out.extend(
        errors
            .into_iter()
            .map(|diagnostic| diagnostic.on(subject.clone())),
    );
    Stop
}
