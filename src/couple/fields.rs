//! Turns values into fields of other objects: each keeps its type, and of a reference only the
//! names are written.

use std::rc::Rc;

use serde_json::Value as Json;

use super::bound_key::{KeyMember, bound_key};
use super::evaluate::{Evaluation, NoValue, UseSite};
use super::provided::{Expr, read_as};
use super::template::Side;
use super::value::{FieldContent, FieldEntry, Part, Reference, ReferenceKind, ResolvedValue};
use super::value_text::text;
use crate::api::{Binder, FieldBinding, FieldValue, GROUP, ObjectForm, OverwriteRule, Spanned};
use crate::diagnostic::{Code, Diagnostic, Help, Paste, lines};
use crate::manifest::path::{Path, Step};
use crate::manifest::stream::group;
use crate::manifest::{Place, emit};

/// The group and the kind of the mappings that add kinds of workload.
const MAPPING_GROUP: &str = "servicebinding.io";
const MAPPING_KIND: &str = "ClusterWorkloadResourceMapping";
/// The domain of the annotations by which kustomize knows an object while it works on it.
const HOST_MARKS: &str = "internal.config.kubernetes.io";

/// The fields that a Plug or a Socket asks for, as written.
pub(super) fn bind(
    evaluation: &mut Evaluation<'_, '_>,
    binder: Binder<'_>,
) -> Result<Vec<FieldEntry>, NoValue> {
    let mut fields = Vec::with_capacity(binder.fields.len());
    let mut failed: Result<(), NoValue> = Ok(());
    for (position, binding) in binder.fields.iter().enumerate() {
        if let Some(error) = refused(binding, binder) {
            failed = Err(evaluation.report(error).into());
            continue;
        }
        let content = content(evaluation, binding).and_then(|content| {
            let content = as_its_place(evaluation, binding, content)?;
            let wrong = not_an_item(binding, &content).map(|error| evaluation.report(error));
            wrong.map_or(Ok(content), |reported| Err(reported.into()))
        });
        match content {
            Ok(content) => fields.push(FieldEntry {
                binding: position,
                path: binding.path.value.clone(),
                find: binding.find.as_ref().map(|find| find.value.clone()),
                content,
                overwrite: binding.overwrite.clone(),
                at: binding.at,
            }),
            Err(why) => failed = Err(why),
        }
    }
    failed.map(|()| fields)
}

/// The error of a field that is never written, whatever its value.
fn refused(binding: &FieldBinding, binder: Binder<'_>) -> Option<Diagnostic> {
    let object = &binding.object;
    let group = group(&object.api_version);
    let core = |kind: &str| group.is_empty() && object.kind == kind;
    let keys = binding.path.value.iter().map(|step| match step {
        Step::Key(key) => key.as_str(),
        Step::Index(_) | Step::Match { .. } | Step::Append => "",
    });
    let keys: Vec<&str> = keys.collect();
    let (what, at) = match &keys[..] {
        _ if core("Secret") => ("coupler reads and writes no Secret", object.at),
        _ if core("ConfigMap") && binding.form == ObjectForm::Object => {
            return Some(config_map_by_object(binding, binder));
        }
        _ if binding.find.is_some() && binding.path.value.last() == Some(&Step::Append) => {
            ("`find` replaces a part of an existing text", binding.at)
        }
        ["data", key] if binding.form == ObjectForm::ConfigMap && !key.is_empty() => return None,
        ["metadata", ..] if binding.form == ObjectForm::ConfigMap => {
            return of_metadata(binding, &keys).map(|(what, at)| not_written(binding, what, at));
        }
        _ if binding.form == ObjectForm::ConfigMap => (
            "in a ConfigMap, a field is one of the texts in `data`",
            binding.path.at,
        ),
        _ if binding.overwrite != OverwriteRule::Never
            && binding.path.value.last() == Some(&Step::Append) =>
        {
            ("`[+]` adds an item, and replaces none", binding.at)
        }
        _ if group == GROUP => (
            "objects of coupler's own kinds are read, not written",
            object.at,
        ),
        _ if group == MAPPING_GROUP && object.kind == MAPPING_KIND => (
            "it declares where the pods of workloads are defined",
            object.at,
        ),
        ["items", ..] if object.kind.ends_with("List") => (
            "the items of a list are objects of their own",
            binding.path.at,
        ),
        ["apiVersion" | "kind", ..] => (IDENTITY, binding.path.at),
        ["status", ..] => ("the cluster writes the status", binding.path.at),
        _ => of_metadata(binding, &keys)?,
    };
    Some(not_written(binding, what, at))
}

/// A part of what identifies an object.
const IDENTITY: &str = "it identifies the object";

/// Why a field of an object's `metadata` is never written, and where that is asked for.
fn of_metadata(binding: &FieldBinding, keys: &[&str]) -> Option<(&'static str, Place)> {
    let what = match keys {
        ["metadata", "name" | "namespace", ..] => IDENTITY,
        ["metadata"] | ["metadata", "labels" | "annotations"] => "it contains coupler's record",
        ["metadata", "labels" | "annotations", key, below @ ..] => match key.split_once('/') {
            Some((domain, _)) if domain == GROUP || domain.ends_with(&format!(".{GROUP}")) => {
                "it belongs to coupler"
            }
            Some((HOST_MARKS, _)) => "it belongs to kustomize or kpt",
            _ if !below.is_empty() => "a label or an annotation has no fields",
            _ => return None,
        },
        _ => return None,
    };
    Some((what, binding.path.at))
}

/// The error of a ConfigMap that is named by an `objectRef`: kustomize would not follow its name.
fn config_map_by_object(binding: &FieldBinding, binder: Binder<'_>) -> Diagnostic {
    let name = emit::flow_string(&binding.object.name.value);
    let mut error = not_written(
        binding,
        "an `objectRef` cannot be a ConfigMap",
        binding.object.at,
    );
    let place = format!("spec.bind.fields[{}]", binding.position);
    let mut item = field_item(binding, &format!("configMapRef: {{name: {name}}}"));
    item = match &binding.value {
        FieldValue::Key(key) => item.and(format!("  key: {}", emit::flow_string(&key.value))),
        FieldValue::SecretName(key) => {
            item.and(format!("  secretNameOf: {}", emit::flow_string(&key.value)))
        }
        FieldValue::SecretKey(key) => {
            item.and(format!("  secretKeyOf: {}", emit::flow_string(&key.value)))
        }
        FieldValue::Template(value) => {
            item.and(format!("  value: {}", emit::ascii_json(&value.value)))
        }
    };
    error.help = None;
    let help = Help::from("name it as a ConfigMap:");
    error.help(help.paste(Paste::item(binder.subject(), place, item)))
}

/// An entry of `bind.fields` without its value, for lines to paste.
fn field_item(binding: &FieldBinding, object: &str) -> Help {
    let path = Path(&binding.path.value).to_string();
    let item = lines![("- {object}"), ("  path: {}", emit::flow_string(&path))];
    let item = match &binding.find {
        Some(find) => item.and(format!("  find: {}", emit::flow_string(&find.value))),
        None => item,
    };
    match binding.overwrite.member() {
        Some(member) => item.and(format!("  {member}")),
        None => item,
    }
}

/// The error of a field that is never written.
fn not_written(binding: &FieldBinding, what: &str, at: Place) -> Diagnostic {
    let object = &binding.object;
    let path = Path(&binding.path.value);
    let message = format!(
        "the field `{path}` of {} `{}` cannot be written: {what}",
        object.kind, object.name.value
    );
    let error = Diagnostic::error(Code::FieldNotWritable, message).at(at, "asked for here");
    let is_new = binding.path.value.last() == Some(&Step::Append);
    let help = match binding.overwrite {
        OverwriteRule::Always if is_new => "remove `replace: true` from the entry",
        OverwriteRule::Expected(_) if is_new => "remove `expect` from the entry",
        _ => "remove the entry from `bind.fields`",
    };
    error.help(help)
}

/// The value as its place takes it: a part of a text is a text, and so is all that a ConfigMap has.
fn as_its_place(
    evaluation: &mut Evaluation<'_, '_>,
    binding: &FieldBinding,
    content: FieldContent,
) -> Result<FieldContent, NoValue> {
    let FieldContent::Literal(json) = &content else {
        return Ok(content);
    };
    let is_text = binding.find.is_some() || binding.form == ObjectForm::ConfigMap;
    if !is_text {
        return Ok(content);
    }
    let path = Path(&binding.path.value);
    let problem = match text(json) {
        Ok(text) if binding.find.is_some() && text.is_empty() => {
            "`find` cannot be replaced with an empty text".to_owned()
        }
        Ok(text) => return Ok(FieldContent::Literal(Json::String(text.into_owned()))),
        Err(why) => format!("the value cannot be written as text: {why}"),
    };
    let message = format!("`{path}` needs a text: {problem}");
    let error = Diagnostic::error(Code::FieldNotWritable, message).at(binding.at, "asked for here");
    let error = error.help("write the text as a template: `value: …`");
    Err(evaluation.report(error).into())
}

/// The error of an item `[name=x]` that would change than further members.
fn not_an_item(binding: &FieldBinding, content: &FieldContent) -> Option<Diagnostic> {
    let Some(Step::Match { key, value }) = binding.path.value.last() else {
        return None;
    };
    let what = match content {
        FieldContent::Literal(Json::Object(members)) => {
            let own = members.get(key).filter(|own| own.as_str() != Some(value));
            let is_alone = members.keys().all(|name| name == key);
            match own {
                Some(own) => format!("a mapping whose `{key}` is {own}"),
                None if is_alone => "a mapping with no other member".to_owned(),
                None => return None,
            }
        }
        _ => "not a mapping".to_owned(),
    };
    let path = Path(&binding.path.value);
    let message = format!(
        "`{path}` is an item, so its value must have other members than \
     `{key}`, and it is {what}"
    );
    let error = Diagnostic::error(Code::FieldNotWritable, message).at(binding.at, "asked for here");
    Some(error.help(format!(
        "name a field of the item: `path: {path}.…`; or give it further members: `value: {{…: …}}`"
    )))
}

fn content(
    evaluation: &mut Evaluation<'_, '_>,
    binding: &FieldBinding,
) -> Result<FieldContent, NoValue> {
    match &binding.value {
        FieldValue::Key(key) => {
            let value = bound_key(evaluation, key, member_of(binding, "key"))?;
            literal(evaluation, binding, value, key.at)
        }
        FieldValue::Template(value) => template(evaluation, binding, value),
        FieldValue::SecretName(key) => {
            referred(evaluation, binding, key, "secretNameOf").map(FieldContent::ObjectName)
        }
        FieldValue::SecretKey(key) => {
            referred(evaluation, binding, key, "secretKeyOf").map(FieldContent::ObjectKey)
        }
    }
}

fn template(
    evaluation: &mut Evaluation<'_, '_>,
    binding: &FieldBinding,
    value: &Spanned<Json>,
) -> Result<FieldContent, NoValue> {
    let path = Path(&binding.path.value).to_string();
    let node = match read_as(&value.value, evaluation.bind_syntax()) {
        Ok(node) => node,
        Err(error) => {
            let error = error.diagnostic(&path, value.at);
            return Err(evaluation.report(error).into());
        }
    };
    let expr = Expr { at: value.at, node };
    let site = UseSite {
        what: &path,
        at: value.at,
        side: evaluation.binder(),
        author: false,
    };
    let evaluated = evaluation.expr(&expr, &site)?;
    literal(evaluation, binding, evaluated, value.at)
}

/// A value without a reference in it.
fn literal(
    evaluation: &mut Evaluation<'_, '_>,
    binding: &FieldBinding,
    value: ResolvedValue,
    at: Place,
) -> Result<FieldContent, NoValue> {
    let reference = match value {
        ResolvedValue::Literal(json) => return Ok(FieldContent::Literal(json)),
        ResolvedValue::Reference(reference) => reference,
        ResolvedValue::Text(parts) => {
            let found = parts.iter().find_map(|part| match part {
                Part::Reference(reference) => Some(Rc::clone(reference)),
                Part::Author(_) | Part::Data(_) => None,
            });
            match found {
                Some(reference) => reference,
                None => return Ok(FieldContent::Literal(Json::String(joined(&parts)))),
            }
        }
    };
    let error = as_text(evaluation, binding, &reference, at);
    Err(evaluation.report(error).into())
}

fn joined(parts: &[Part]) -> String {
    let text = |part: &Part| match part {
        Part::Author(text) | Part::Data(text) => text.clone(),
        Part::Reference(_) => String::new(),
    };
    parts.iter().map(text).collect()
}

/// The error of a field that would hold the text behind a reference, with the path that it took.
fn as_text(
    evaluation: &Evaluation<'_, '_>,
    binding: &FieldBinding,
    reference: &Rc<Reference>,
    at: Place,
) -> Diagnostic {
    let path = Path(&binding.path.value);
    let Reference {
        kind,
        name,
        key,
        supplies,
        ..
    } = &**reference;
    let kind = kind.object();
    let message = format!(
        "the field `{path}` would contain the text of `{supplies}`, which is the key `{key}` of {kind} `{name}`"
    );
    let error = Diagnostic::error(Code::ReferenceInPlainText, message).at(at, "asked for here");
    let origin = evaluation.origin(reference);
    let error = origin.into_iter().fold(error, |error, origin| {
        error.at(origin.at, format!("`{supplies}` is given here"))
    });
    error.help(match (reference.kind, evaluation.binder()) {
        (ReferenceKind::Secret, Side::Socket | Side::Source) => {
            "coupler never reads a Secret, and a Socket's `bind` writes no names of Secrets into fields".into()
        }
        (ReferenceKind::Secret, Side::Plug) => lines![(
            "coupler never reads a Secret; if the object accepts the name of a Secret and a key in it, bind both, with \
             `secretNameOf: {supplies}` and `secretKeyOf: {supplies}` in place of the value"
        )],
        (ReferenceKind::ConfigMap, _) => evaluation.literal_help(reference),
    })
}

fn member_of(binding: &FieldBinding, name: &'static str) -> KeyMember {
    KeyMember {
        list: "spec.bind.fields",
        position: binding.position,
        name,
    }
}

/// The reference to a Secret's key that a socket key is.
fn referred(
    evaluation: &mut Evaluation<'_, '_>,
    binding: &FieldBinding,
    key: &Spanned<String>,
    field: &'static str,
) -> Result<Rc<Reference>, NoValue> {
    let value = bound_key(evaluation, key, member_of(binding, field))?;
    let found = match &value {
        ResolvedValue::Reference(reference) => Some(Rc::clone(reference)),
        ResolvedValue::Text(parts) => match &parts[..] {
            [Part::Reference(reference)] => Some(Rc::clone(reference)),
            _ => None,
        },
        ResolvedValue::Literal(_) => None,
    };
    let is_secret = |reference: &Rc<Reference>| reference.kind == ReferenceKind::Secret;
    let what = match (&found, &value) {
        (Some(reference), _) if is_secret(reference) => return Ok(Rc::clone(reference)),
        (Some(_), _) => "a key of a ConfigMap",
        (None, ResolvedValue::Literal(_)) => "a plain value",
        (None, _) => "a text that contains a reference",
    };
    let provided = evaluation.socket;
    let given = provided.find(&key.value);
    let message = format!(
        "`{field}` needs a key that comes from a Secret, and `{}` is {what}",
        key.value
    );
    let error = Diagnostic::error(Code::ReferenceWanted, message).at(key.at, "asked for here");
    let error = given.into_iter().fold(error, |error, slot| {
        error.at(provided.slots[slot].at, "given here")
    });
    let error = error.help(value_help(evaluation, binding, &key.value));
    Err(evaluation.report(error).into())
}

/// The lines that bind the value of a key to a field.
fn value_help(evaluation: &Evaluation<'_, '_>, binding: &FieldBinding, key: &str) -> Help {
    let help = Help::from("write the value itself:");
    let Some(plug) = evaluation.plug else {
        return help;
    };
    let object = binding.object_member(&binding.object.name.value);
    let item = field_item(binding, &object).and(format!("  key: {}", emit::flow_string(key)));
    let place = format!("spec.bind.fields[{}]", binding.position);
    help.paste(Paste::item(plug.owner.subject(), place, item))
}
