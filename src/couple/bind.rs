//! Turns values into variables: the names, the order, the parts before the text that uses them.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::bound_key::{KeyMember, bound_key};
use super::evaluate::{Evaluation, NoValue, UseSite};
use super::foreign_template;
use super::kubelet_expansion;
use super::provided::{TemplateNode, read_text, subject, within};
use super::reachable;
use super::requested_var::{RequestedValue, RequestedVar, joined_help, textless};
use super::template::Side;
use super::value::{
    EnvEntry, EnvSource, FieldEntry, FileEntry, FilePath, FileSource, FilesEntry, Part, Reference,
    ReferenceKind, ResolvedValue,
};
use super::value::{length, size};
use super::value_text::text;
use crate::api::env_name;
use crate::api::{EnvBinding, EnvValue, OverwriteRule, Plug, ReferencePresence, Spanned};
use crate::diagnostic::{Code, Diagnostic, Help, Paste, lines};
use crate::limits;
use crate::manifest::Place;

/// The files of the same coupling, if the Plug asks for files.
type BoundFiles<'f> = Result<Option<&'f FilesEntry>, NoValue>;

/// The variables of a coupling, in the order in which they are to be; `files` and `fields`: what
/// it adds to them.
pub(super) fn bind(
    evaluation: &mut Evaluation<'_, '_>,
    plug: &Plug,
    files: BoundFiles<'_>,
    fields: &[FieldEntry],
) -> Result<Vec<EnvEntry>, NoValue> {
    let requested = match &plug.env {
        Some(entries) => listed(evaluation, plug, entries, files)?,
        None => by_default(evaluation, plug)?,
    };
    distinct(evaluation, &requested)?;
    let unexpected = requested.iter().filter_map(expected_of_secret);
    evaluation.report_all(unexpected.collect())?;
    let bytes = requested.iter().map(|requested| match &requested.value {
        RequestedValue::Resolved(ResolvedValue::Literal(json)) => size(json),
        RequestedValue::Resolved(ResolvedValue::Reference(_)) => 0,
        RequestedValue::Resolved(ResolvedValue::Text(parts)) => length(parts),
        RequestedValue::File(file) => file.path.len(),
    });
    if bytes.sum::<usize>() > limits::WORKLOAD_BYTES {
        let message = format!(
            "the Plug binds more than {} KiB",
            limits::WORKLOAD_BYTES >> 10
        );
        return Err(evaluation
            .report(Diagnostic::error(Code::LimitExceeded, message).at(plug.interface.at, "here"))
            .into());
    }
    let mut builder = EnvBuilder::new(plug, &requested);
    for i in 0..requested.len() {
        builder.place(i);
    }
    let EnvBuilder { out, errors, .. } = builder;
    let used = references(&requested, files.ok().flatten(), fields);
    let reached = reachable::check(evaluation, &used);
    evaluation.report_all(errors)?;
    reached.map(|()| out)
}

/// The error of a variable that expects a text where a secret is to be.
fn expected_of_secret(requested: &RequestedVar) -> Option<Diagnostic> {
    let OverwriteRule::Expected(expected) = &requested.overwrite else {
        return None;
    };
    if !is_secret(&requested.value) {
        return None;
    }
    let message = format!(
        "`{}` would be a secret, and the text that it replaces would be kept in the record",
        requested.name
    );
    let error = Diagnostic::error(Code::UnexpectedValue, message)
        .at(expected.at, "a text is expected here")
        .at(requested.at, "a secret is asked for here");
    Some(error.help(lines![
        ("remove `expect`; use `replace: true` if the workload has a reference of its own; a text of its own must be deleted")
    ]))
}

/// The default: one variable for each key that the Interface requires of a Socket, and for each
/// given one that it marks.
fn by_default(
    evaluation: &mut Evaluation<'_, '_>,
    plug: &Plug,
) -> Result<Vec<RequestedVar>, NoValue> {
    let mut requested = Vec::new();
    let side_schema = evaluation.socket.side_schema;
    for key in side_schema.default_keys() {
        let slot = evaluation.socket.find(key);
        let value = match slot {
            Some(slot) => evaluation.value(Side::Socket, slot)?.cloned(),
            None => None,
        };
        match (slot, value) {
            // it may be absent, so it is not given
            (Some(_), Some(value)) if value.is_optional() && !side_schema.is_required(key) => {}
            (Some(slot), Some(value)) => requested.push(RequestedVar {
                name: env_name(plug.prefix(), key),
                value: RequestedValue::Resolved(value),
                overwrite: OverwriteRule::Never,
                at: plug.interface.at,
                key: Some((key.to_owned(), evaluation.socket.slots[slot].at)),
            }),
            _ if side_schema.is_required(key) => return Err(NoValue::Required),
            _ => {}
        }
    }
    Ok(requested)
}

/// What the Plug lists.
fn listed(
    evaluation: &mut Evaluation<'_, '_>,
    plug: &Plug,
    entries: &[EnvBinding],
    files: BoundFiles<'_>,
) -> Result<Vec<RequestedVar>, NoValue> {
    let mut requested = Vec::new();
    let mut failed = None;
    for (position, entry) in entries.iter().enumerate() {
        let member = |name| KeyMember {
            list: "spec.bind.env",
            position,
            name,
        };
        let (value, at, key) = match &entry.value {
            EnvValue::Key(key) => {
                let given = evaluation
                    .socket
                    .find(&key.value)
                    .map(|slot| evaluation.socket.slots[slot].at);
                (
                    bound_key(evaluation, key, member("key")).map(RequestedValue::Resolved),
                    key.at,
                    given.map(|at| (key.value.clone(), at)),
                )
            }
            EnvValue::Template(template) => (
                bound_variable(evaluation, entry, template),
                template.at,
                None,
            ),
            EnvValue::File(key) => (
                bound_file(evaluation, plug, key, member("file"), files),
                key.at,
                None,
            ),
        };
        match value {
            Ok(value) => requested.push(RequestedVar {
                name: entry.name.value.clone(),
                value,
                overwrite: entry.overwrite.clone(),
                at,
                key,
            }),
            Err(why) => failed = Some(why),
        }
    }
    failed.map_or(Ok(requested), Err)
}

/// The text of a variable, in which the kubelet expands `$(NAME)`.
fn bound_variable(
    evaluation: &mut Evaluation<'_, '_>,
    entry: &EnvBinding,
    template: &Spanned<String>,
) -> Result<RequestedValue, NoValue> {
    let name = &entry.name.value;
    if let Some(warning) = foreign_template::warning_in_text(&template.value, name, template.at) {
        evaluation.report(warning);
    }
    let value = bound_text(evaluation, name, &template.value, template.at)?;
    let ResolvedValue::Text(parts) = &value else {
        return Ok(RequestedValue::Resolved(value));
    };
    let is_closed = |part: &Part| match part {
        Part::Author(text) => !kubelet_expansion::scan(text).open,
        Part::Data(_) | Part::Reference(_) => true,
    };
    let before_last = &parts[..parts.len().saturating_sub(1)];
    if !before_last.iter().all(is_closed) {
        let message =
            format!("`{name}` opens `$(` before a value, which would then choose the variable");
        let diagnostic = Diagnostic::error(Code::TemplateFailed, message)
            .at(template.at, "here")
            .help("close it, or write `$$(` for a literal `$(`");
        return Err(evaluation.report(diagnostic).into());
    }
    Ok(RequestedValue::Resolved(value))
}

/// The path of the file that a key is in.
fn bound_file(
    evaluation: &mut Evaluation<'_, '_>,
    plug: &Plug,
    key: &Spanned<String>,
    member: KeyMember,
    files: BoundFiles<'_>,
) -> Result<RequestedValue, NoValue> {
    let Some(binding) = &plug.files else {
        let message = format!(
            "there is no file of `{}`: the Plug binds no files",
            key.value
        );
        let error = Diagnostic::error(Code::KeyNotGiven, message)
            .at(key.at, "asked for here")
            .help(Help::from("bind them too:").paste(Paste::merge(
                subject("Plug", &plug.meta),
                "spec:\n  bind:\n    files: {}".into(),
            )));
        return Err(evaluation.report(error).into());
    };
    let files = files?.ok_or(NoValue::Required)?;
    bound_key(evaluation, key, member)?;
    let is_asked = |file: &&FileEntry| file.key.as_ref() == Some(&key.value);
    if let Some(file) = files.files.iter().find(is_asked) {
        return Ok(RequestedValue::File(FilePath {
            directory: Rc::clone(&files.directory),
            path: file.path.clone(),
        }));
    }
    let message = format!("none of the Plug's files has the key `{}`", key.value);
    let error = Diagnostic::error(Code::KeyNotGiven, message)
        .at(key.at, "asked for here")
        .at(binding.at, "these are the files");
    let error = match &binding.items {
        Some(_) => {
            let path = crate::api::file_name(&key.value);
            let item = lines![("- {{path: {path}, key: {}}}", key.value)];
            let paste = Paste::items(subject("Plug", &plug.meta), "spec.bind.files.items", item);
            error.help(Help::from("add it to `spec.bind.files.items`:").paste(paste))
        }
        None => error.help(
            "it is a text that contains a reference, so it cannot be a file; bind it as a variable",
        ),
    };
    Err(evaluation.report(error).into())
}

/// A template of the Plug's, whose literal text is the workload's author's.
pub(super) fn bound_text(
    evaluation: &mut Evaluation<'_, '_>,
    what: &str,
    source: &str,
    at: Place,
) -> Result<ResolvedValue, NoValue> {
    let site = UseSite {
        what,
        at,
        side: Side::Plug,
        author: true,
    };
    match read_text(source) {
        Ok(TemplateNode::Text(template, source)) => evaluation.template(&template, source, &site),
        Ok(_) => Ok(ResolvedValue::Text(
            [Part::Author(source.to_owned())].into(),
        )),
        Err(error) => {
            let place = within(at, source, &error.span);
            Err(evaluation.report(error.diagnostic(site.what, place)).into())
        }
    }
}

fn distinct(
    evaluation: &mut Evaluation<'_, '_>,
    requested: &[RequestedVar],
) -> Result<(), NoValue> {
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
    evaluation.report_all(errors)
}

/// Puts variables in their order.
struct EnvBuilder<'w> {
    plug: &'w Plug,
    requested: &'w [RequestedVar],
    /// Positions in `requested` by name.
    by_name: BTreeMap<&'w str, usize>,
    placed: Vec<bool>,
    out: Vec<EnvEntry>,
    /// Names of variables in `out` by what they refer to.
    by_object: BTreeMap<Pointer, String>,
    /// The place in the Plug for each helper in `out`, by name.
    helpers: BTreeMap<String, Place>,
    errors: Vec<Diagnostic>,
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
    fn new(plug: &'w Plug, requested: &'w [RequestedVar]) -> Self {
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
            RequestedValue::Resolved(ResolvedValue::Literal(json)) => match text(json) {
                Ok(text) => (
                    EnvSource::Value(kubelet_expansion::finish(
                        &[Part::Data(text.into_owned())],
                        |_| String::new(),
                    )),
                    Vec::new(),
                ),
                Err(why) => {
                    let help = joined_help(self.plug, self.requested, requested);
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
                    env_name(self.plug.prefix(), &reference.supplies),
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
                .at(other, "this has the name")
                .help("rename the variable, or give the Plug another `spec.name`"),
        );
    }
}

/// Whether a key of a Secret is in a value.
fn is_secret(value: &RequestedValue) -> bool {
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

/// The references that a coupling writes, by their addresses.
fn references(
    requested: &[RequestedVar],
    files: Option<&FilesEntry>,
    fields: &[FieldEntry],
) -> BTreeSet<*const Reference> {
    let mut used = BTreeSet::new();
    for requested in requested {
        match &requested.value {
            RequestedValue::Resolved(ResolvedValue::Reference(reference)) => {
                used.insert(Rc::as_ptr(reference));
            }
            RequestedValue::Resolved(ResolvedValue::Text(parts)) => {
                let reference = |part: &Part| match part {
                    Part::Reference(reference) => Some(Rc::as_ptr(reference)),
                    Part::Author(_) | Part::Data(_) => None,
                };
                used.extend(parts.iter().filter_map(reference));
            }
            RequestedValue::Resolved(ResolvedValue::Literal(_)) | RequestedValue::File(_) => {}
        }
    }
    for file in files.iter().flat_map(|files| &files.files) {
        if let FileSource::Reference(reference) = &file.source {
            used.insert(Rc::as_ptr(reference));
        }
    }
    used.extend(
        fields
            .iter()
            .filter_map(FieldEntry::reference)
            .map(Rc::as_ptr),
    );
    used
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
