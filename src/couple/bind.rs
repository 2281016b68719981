//! Values into variables: the names, the order, the parts before the text that uses them.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::evaluate::{Evaluation, KeyState, NAMESPACE_HELP, Reported, UseSite, give_help};
use super::index::DefinedVersion;
use super::kubelet_expansion;
use super::provided::{TemplateNode, read_text, undeclared_help, within};
use super::template::Side;
use super::value::{EnvEntry, EnvSource, Part, Reference, ReferenceKind, ResolvedValue};
use super::value::{length, size};
use super::value_text::text;
use crate::api::env_name;
use crate::api::{EnvBinding, EnvValue, Plug};
use crate::diagnostic::{Code, Diagnostic, Help, lines};
use crate::limits;
use crate::manifest::Place;

/// A variable that the Plug asks for.
struct RequestedVar {
    name: String,
    value: ResolvedValue,
    replace: bool,
    at: Place,
    /// The socket key that it is, and where that is given.
    key: Option<(String, Place)>,
}

/// The variables of a coupling, in the order in which they are to stand.
pub(super) fn bind(
    evaluation: &mut Evaluation<'_, '_>,
    plug: &Plug,
    version: &DefinedVersion<'_>,
) -> Result<Vec<EnvEntry>, Reported> {
    let requested = match &plug.env {
        Some(entries) => listed(evaluation, entries)?,
        None => required(evaluation, plug, version)?,
    };
    distinct(evaluation, &requested)?;
    let bytes = requested.iter().map(|requested| match &requested.value {
        ResolvedValue::Literal(json) => size(json),
        ResolvedValue::Reference(_) => 0,
        ResolvedValue::Text(parts) => length(parts),
    });
    if bytes.sum::<usize>() > limits::WORKLOAD_BYTES {
        let message = format!(
            "the Plug binds more than {} KiB",
            limits::WORKLOAD_BYTES >> 10
        );
        return Err(refuse(
            evaluation,
            Diagnostic::error(Code::LimitExceeded, message).at(plug.interface.at, "here"),
        ));
    }
    let mut builder = EnvBuilder::new(&plug.name.value, &requested);
    for i in 0..requested.len() {
        builder.place(i);
    }
    let EnvBuilder { out, errors, .. } = builder;
    let reached = reachable(evaluation, &requested);
    if !errors.is_empty() {
        return Err(refuse_all(evaluation, errors));
    }
    reached.map(|()| out)
}

/// The default: one variable for each key that the Interface requires of a Socket.
fn required(
    evaluation: &Evaluation<'_, '_>,
    plug: &Plug,
    version: &DefinedVersion<'_>,
) -> Result<Vec<RequestedVar>, Reported> {
    let mut requested = Vec::new();
    for key in &version.side_schema(Side::Socket).required {
        let slot = evaluation.socket.find(key).ok_or(Reported)?;
        match &evaluation.states(Side::Socket)[slot] {
            KeyState::Done(value) => requested.push(RequestedVar {
                name: env_name(&plug.name.value, key),
                value: value.clone(),
                replace: false,
                at: plug.interface.at,
                key: Some((key.clone(), evaluation.socket.slots[slot].at)),
            }),
            // that it is missing, or why it has no value, was said
            _ => return Err(Reported),
        }
    }
    Ok(requested)
}

/// What the Plug lists.
fn listed(
    evaluation: &mut Evaluation<'_, '_>,
    entries: &[EnvBinding],
) -> Result<Vec<RequestedVar>, Reported> {
    let mut requested = Vec::new();
    let mut failed = false;
    for entry in entries {
        let (value, at, key) = match &entry.value {
            EnvValue::Key(key) => {
                let given = evaluation
                    .socket
                    .find(&key.value)
                    .map(|slot| evaluation.socket.slots[slot].at);
                (
                    bound_key(evaluation, &key.value, key.at),
                    key.at,
                    given.map(|at| (key.value.clone(), at)),
                )
            }
            EnvValue::Template(template) => (
                bound_text(evaluation, entry, &template.value, template.at),
                template.at,
                None,
            ),
        };
        match value {
            Ok(value) => requested.push(RequestedVar {
                name: entry.name.value.clone(),
                value,
                replace: entry.replace,
                at,
                key,
            }),
            Err(Reported) => failed = true,
        }
    }
    if failed { Err(Reported) } else { Ok(requested) }
}

fn bound_key(
    evaluation: &mut Evaluation<'_, '_>,
    key: &str,
    at: Place,
) -> Result<ResolvedValue, Reported> {
    let provided = evaluation.socket;
    if let Some(slot) = provided.find(key) {
        match &evaluation.states(Side::Socket)[slot] {
            KeyState::Done(value) => return Ok(value.clone()),
            KeyState::Absent => {}
            KeyState::Failed | KeyState::Pending | KeyState::InProgress => return Err(Reported),
        }
    }
    let side_schema = provided.side_schema;
    let diagnostic = if side_schema.open || side_schema.keys.contains_key(key) {
        // a required key that is missing was reported with the Socket
        if side_schema.required.iter().any(|required| required == key) {
            return Err(Reported);
        }
        Diagnostic::error(
            Code::KeyNotGiven,
            format!("{} does not give `{key}`", provided.owner.words()),
        )
        .at(at, "asked for here")
        .at(provided.owner.meta.name.at, "does not give it")
        .help(give_help(Side::Socket, key))
    } else {
        Diagnostic::error(
            Code::UndeclaredKey,
            format!("the Interface declares no socket key `{key}`"),
        )
        .at(at, "no such key")
        .help(undeclared_help(
            key,
            side_schema,
            side_schema.keys.keys().map(String::as_str),
        ))
    };
    Err(refuse(evaluation, diagnostic))
}

fn bound_text(
    evaluation: &mut Evaluation<'_, '_>,
    entry: &EnvBinding,
    source: &str,
    at: Place,
) -> Result<ResolvedValue, Reported> {
    let site = UseSite {
        what: &entry.name.value,
        at,
        side: Side::Plug,
        author: true,
    };
    match read_text(source) {
        Ok(TemplateNode::Text(template, source)) => {
            let value = evaluation.template(&template, source, &site)?;
            if let ResolvedValue::Text(parts) = &value {
                let closed =
                    parts
                        .iter()
                        .take(parts.len().saturating_sub(1))
                        .all(|part| match part {
                            Part::Author(text) => !kubelet_expansion::scan(text).open,
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
                    return Err(refuse(evaluation, diagnostic));
                }
            }
            Ok(value)
        }
        Ok(_) => Ok(ResolvedValue::Text(
            [Part::Author(source.to_owned())].into(),
        )),
        Err(error) => {
            let message = format!(
                "the template of `{}` cannot be read: {}",
                site.what, error.message
            );
            let place = within(at, source, &error.span);
            Err(refuse(
                evaluation,
                Diagnostic::error(Code::TemplateSyntax, message).at(place, "here"),
            ))
        }
    }
}

fn distinct(
    evaluation: &mut Evaluation<'_, '_>,
    requested: &[RequestedVar],
) -> Result<(), Reported> {
    let mut order: Vec<&RequestedVar> = requested.iter().collect();
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
        Err(refuse_all(evaluation, errors))
    }
}

/// Puts variables in their order.
struct EnvBuilder<'w> {
    plug: &'w str,
    requested: &'w [RequestedVar],
    /// Positions in `requested` by name.
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

impl<'w> EnvBuilder<'w> {
    fn new(plug: &'w str, requested: &'w [RequestedVar]) -> Self {
        Self {
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

    fn place(&mut self, i: usize) {
        if std::mem::replace(&mut self.placed[i], true) {
            return;
        }
        let requested = &self.requested[i];
        let (source, uses) = match &requested.value {
            ResolvedValue::Literal(json) => match text(json) {
                Ok(text) => (
                    EnvSource::Value(kubelet_expansion::finish(
                        &[Part::Data(text.into_owned())],
                        |_| String::new(),
                    )),
                    Vec::new(),
                ),
                Err(why) => {
                    return self.errors.push(textless(requested, why));
                }
            },
            ResolvedValue::Reference(reference) => {
                (EnvSource::Reference(Rc::clone(reference)), Vec::new())
            }
            ResolvedValue::Text(parts) => {
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
            replace: requested.replace,
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
                Some(i) if matches!(&self.requested[i].value, ResolvedValue::Reference(r) if same(r, &reference)) =>
                {
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
fn is_secret(value: &ResolvedValue) -> bool {
    let is_key = |reference: &Reference| reference.kind == ReferenceKind::Secret;
    match value {
        ResolvedValue::Literal(_) => false,
        ResolvedValue::Reference(reference) => is_key(reference),
        ResolvedValue::Text(parts) => parts
            .iter()
            .any(|part| matches!(part, Part::Reference(reference) if is_key(reference))),
    }
}

/// The error of a value that a variable cannot hold.
fn textless(requested: &RequestedVar, why: &str) -> Diagnostic {
    let error = Diagnostic::error(
        Code::ValueHasNoText,
        format!("`{}` has no text: {why}", requested.name),
    );
    match &requested.key {
        None => error.at(requested.at, "bound here"),
        Some((key, given)) => error
            .at(*given, "this value")
            .at(requested.at, "bound here")
            .help(lines![
                ("give it in another form, or make the text in the Plug:"),
                (""),
                ("spec:"),
                ("  bind:"),
                ("    env:"),
                (
                    "      - {{name: {}, value: \"<% socket.config.{key} | join(';') %>\"}}",
                    requested.name
                )
            ]),
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
        let new = kubelet_expansion::scan(text)
            .names
            .into_iter()
            .filter(|name| seen.insert(*name));
        names.extend(new.map(str::to_owned));
    }
    names
}

/// A Secret or ConfigMap can be referenced in its own namespace alone.
fn reachable(
    evaluation: &mut Evaluation<'_, '_>,
    requested: &[RequestedVar],
) -> Result<(), Reported> {
    if evaluation
        .origins
        .iter()
        .all(|origin| origin.reachable == Some(true))
    {
        return Ok(());
    }
    let references = requested
        .iter()
        .flat_map(|requested| match &requested.value {
            ResolvedValue::Literal(_) => Vec::new(),
            ResolvedValue::Reference(reference) => vec![Rc::as_ptr(reference)],
            ResolvedValue::Text(parts) => {
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
    for origin in evaluation
        .origins
        .iter()
        .filter(|origin| used(&origin.reference))
    {
        let kind = origin.reference.kind.object();
        let name = &origin.reference.name;
        let owner = evaluation
            .provided(origin.side)
            .map_or(evaluation.socket.owner, |provided| provided.owner);
        let plug = evaluation
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
                let mut help = Help::from(
                    "if it stands under that name in the Plug's namespace too (made there, or replicated), say so in the \
                     Socket:\n\nspec:\n  secretNamespace: Plug",
                );
                if kind == "ConfigMap" {
                    help = help.and(
                        "\nor take the value from the object: `objectRef: {apiVersion: v1, kind: ConfigMap, name: …}` with \
                         `keys: {…: data.KEY}`",
                    );
                }
                errors.push(
                    Diagnostic::error(Code::ReferenceUnreachable, message)
                        .at(origin.at, "given here")
                        .at(
                            evaluation
                                .plug
                                .map_or(owner.meta.name.at, |plug| plug.owner.meta.name.at),
                            "needed here",
                        )
                        .help(help),
                );
            }
            (Some(true), _) => {}
            (_, home) => {
                let unknown = if home.is_none() {
                    owner
                } else {
                    evaluation.plug.map_or(owner, |plug| plug.owner)
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
        Err(refuse_all(evaluation, errors))
    }
}

fn refuse(evaluation: &mut Evaluation<'_, '_>, diagnostic: Diagnostic) -> Reported {
    refuse_all(evaluation, vec![diagnostic])
}

fn refuse_all(evaluation: &mut Evaluation<'_, '_>, errors: Vec<Diagnostic>) -> Reported {
    let subject = evaluation.plug.unwrap_or(evaluation.socket).owner.subject();
    evaluation.run.out.extend(
        errors
            .into_iter()
            .map(|diagnostic| diagnostic.on(subject.clone())),
    );
    Reported
}
