//! Turns values into variables: what a Plug or a Socket lists, or what is bound by default.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::bound_key::{KeyMember, bound_key};
use super::env_builder::{EnvBuilder, is_secret};
use super::evaluate::{Evaluation, NoValue, UseSite};
use super::foreign_template;
use super::kubelet_expansion;
use super::provided::{TemplateNode, read_text_as, subject, within};
use super::reachable;
use super::requested_var::{RequestedValue, RequestedVar};
use super::template::Side;
use super::value::{
    EnvEntry, FieldEntry, FileEntry, FilePath, FileSource, FilesEntry, Part, Reference,
    ResolvedValue,
};
use super::value::{length, size};
use crate::api::env_name;
use crate::api::{Binder, EnvBinding, EnvValue, OverwriteRule, Plug, Socket, Spanned};
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
    in_order(
        evaluation,
        plug.binder(),
        Some(plug),
        &requested,
        files,
        fields,
    )
}

/// The variables that a Socket writes, in the order in which they are to be; `fields`: what it
/// writes too.
pub(super) fn bind_socket(
    evaluation: &mut Evaluation<'_, '_>,
    socket: &Socket,
    fields: &[FieldEntry],
) -> Result<Vec<EnvEntry>, NoValue> {
    let mut requested = Vec::new();
    let mut failed = Ok(());
    let entries = socket.bind.iter().flat_map(|bind| &bind.env);
    for entry in entries {
        let EnvValue::Template(template) = &entry.value else {
            continue;
        };
        match bound_variable(evaluation, entry, template) {
            Ok(value) => requested.push(RequestedVar {
                name: entry.name.value.clone(),
                value,
                overwrite: entry.overwrite.clone(),
                at: template.at,
                key: None,
            }),
            Err(why) => failed = Err(why),
        }
    }
    failed?;
    in_order(
        evaluation,
        socket.binder(),
        None,
        &requested,
        Ok(None),
        fields,
    )
}

/// What is asked for, in the order in which it is to be.
fn in_order(
    evaluation: &mut Evaluation<'_, '_>,
    binder: Binder<'_>,
    plug: Option<&Plug>,
    requested: &[RequestedVar],
    files: BoundFiles<'_>,
    fields: &[FieldEntry],
) -> Result<Vec<EnvEntry>, NoValue> {
    distinct(evaluation, binder, requested)?;
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
            "{} binds more than {} KiB",
            binder.kind.the(),
            limits::WORKLOAD_BYTES >> 10
        );
        let error = Diagnostic::error(Code::LimitExceeded, message);
        let error = error.at(binder.meta.name.at, "here");
        return Err(evaluation.report(error).into());
    }
    let mut builder = EnvBuilder::new(binder, plug, requested);
    for i in 0..requested.len() {
        builder.place(i);
    }
    let EnvBuilder { out, errors, .. } = builder;
    let used = references(requested, files.ok().flatten(), fields);
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
        .at(requested.at, "the value is a secret");
    Some(error.help(lines![
        ("remove `expect`; if the workload has a reference in this variable, write `replace: \
          true`; if it has a text, delete the text from the workload")
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
        let message = format!(
            "`{name}` has an open `$(` before a value, which would then choose the \
             variable"
        );
        let diagnostic = Diagnostic::error(Code::TemplateFailed, message)
            .at(template.at, "here")
            .help("close it with `)`, or write `$$(` for a literal `$(`");
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
        let message = format!("`{}` has no file: the Plug binds no files", key.value);
        let error = Diagnostic::error(Code::KeyNotGiven, message)
            .at(key.at, "asked for here")
            .help(Help::from("bind files too:").paste(Paste::merge(
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
    let message = format!("none of the Plug's files contains the key `{}`", key.value);
    let error = Diagnostic::error(Code::KeyNotGiven, message)
        .at(key.at, "asked for here")
        .at(binding.at, "the Plug's files");
    let error = match &binding.items {
        Some(_) => {
            let path = crate::api::file_name(&key.value);
            let item = lines![("- {{path: {path}, key: {}}}", key.value)];
            let paste = Paste::items(subject("Plug", &plug.meta), "spec.bind.files.items", item);
            error.help(Help::from("add it to `spec.bind.files.items`:").paste(paste))
        }
        None => error.help(
            "its value is a text that contains a reference, so it cannot be a file; bind it as a \
             variable",
        ),
    };
    Err(evaluation.report(error).into())
}

/// A template of a `bind`, whose literal text is the workload's author's.
pub(super) fn bound_text(
    evaluation: &mut Evaluation<'_, '_>,
    what: &str,
    source: &str,
    at: Place,
) -> Result<ResolvedValue, NoValue> {
    let site = UseSite {
        what,
        at,
        side: evaluation.binder(),
        author: true,
    };
    match read_text_as(source, evaluation.bind_syntax()) {
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
    binder: Binder<'_>,
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
                format!("{} binds `{}` twice", binder.kind.the(), pair[1].name),
            )
            .at(pair[1].at, "again here")
            .at(pair[0].at, "first here")
            .help("remove one of the two, or rename it")
        })
        .collect::<Vec<_>>();
    evaluation.report_all(errors)
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
