//! Turns values into files: which files there are, their names, and the content of each.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::bind::bound_text;
use super::bound_key::{KeyMember, bound_key};
use super::evaluate::{ComposedOf, Evaluation, NoValue};
use super::index::DefinedVersion;
use super::provided::{Fallback, KeySource, ProvidedKey};
use super::template::Side;
use super::value::{Directory, FileEntry, FileSource, FilesEntry, Part, ResolvedValue};
use super::value_text::text;
use crate::api::{
    FileItem, FileValue, FilesBinding, Plug, Socket, env_name, file_name, is_file_path,
};
use crate::diagnostic::{Code, Diagnostic, Help, Paste, lines};
use crate::manifest::{Place, emit};

/// The directory of files that a Plug asks for, if it asks for one.
pub(super) fn bind(
    evaluation: &mut Evaluation<'_, '_>,
    plug: &Plug,
    socket: &Socket,
    version: &DefinedVersion<'_>,
) -> Result<Option<FilesEntry>, NoValue> {
    let Some(binding) = &plug.files else {
        return Ok(None);
    };
    let files = match &binding.items {
        Some(items) => listed(evaluation, items)?,
        None => given(evaluation, binding, socket, version)?,
    };
    let directory = match &binding.mount_path {
        Some(path) => Directory::At(trimmed(&path.value).to_owned()),
        None => Directory::BelowRoot(plug.prefix().to_owned()),
    };
    Ok(Some(FilesEntry {
        directory: Rc::new(directory),
        name: plug.prefix().to_owned(),
        secret: None,
        files,
        at: binding.at,
    }))
}

fn trimmed(path: &str) -> &str {
    path.strip_suffix('/').unwrap_or(path)
}

fn name_of_key(evaluation: &Evaluation<'_, '_>, key: &str) -> String {
    let facts = evaluation.socket.side_schema.keys.get(key);
    facts
        .and_then(|facts| facts.entry.clone())
        .unwrap_or_else(|| file_name(key))
}

/// What the Plug lists.
fn listed(
    evaluation: &mut Evaluation<'_, '_>,
    items: &[FileItem],
) -> Result<Vec<FileEntry>, NoValue> {
    let mut files = Vec::with_capacity(items.len());
    let mut failed = None;
    for (position, item) in items.iter().enumerate() {
        let path = &item.path.value;
        let member = KeyMember {
            list: "spec.bind.files.items",
            position,
            name: "key",
        };
        let (value, at) = match &item.value {
            FileValue::Key(key) => (bound_key(evaluation, key, member), key.at),
            FileValue::Template(template) => (
                bound_text(evaluation, path, &template.value, template.at),
                template.at,
            ),
        };
        let source = value.and_then(|value| {
            content(&value).map_err(|why| evaluation.report(unfit(path, &why, at)).into())
        });
        match source {
            Ok(source) => files.push(FileEntry {
                path: path.clone(),
                source,
                mode: item.mode,
                key: match &item.value {
                    FileValue::Key(key) => Some(key.value.clone()),
                    FileValue::Template(_) => None,
                },
            }),
            Err(why) => failed = Some(why),
        }
    }
    let paths = files.iter().zip(items).map(|(file, item)| FilePlace {
        path: &file.path,
        at: item.path.at,
    });
    let nested = nested(paths.collect());
    if let Some(error) = nested {
        return Err(evaluation.report(error).into());
    }
    failed.map_or(Ok(files), Err)
}

/// The default: `type`, `provider`, and each key that the Socket gives, by the file's name.
fn given(
    evaluation: &mut Evaluation<'_, '_>,
    binding: &FilesBinding,
    socket: &Socket,
    version: &DefinedVersion<'_>,
) -> Result<Vec<FileEntry>, NoValue> {
    let mut by_path: BTreeMap<String, (&str, FileSource)> = BTreeMap::new();
    let socket_keys = evaluation.socket;
    for (position, slot) in socket_keys.slots.iter().enumerate() {
        // nobody wrote it: what no file can be is left out of the files without a word
        if let (KeySource::Composed, Fallback::Texts(texts)) = (&slot.source, slot.fallback)
            && evaluation.composed_of(texts)? != ComposedOf::OneValue
        {
            continue;
        }
        let Some(value) = evaluation.value(Side::Socket, position)?.cloned() else {
            continue;
        };
        if value.is_optional() {
            continue;
        }
        let path = name_of_key(evaluation, slot.key);
        if !is_file_path(&path) {
            let message = format!("the key `{}` would be in a file `{path}`", slot.key);
            let declared = format!("/properties/{}/x-entry", slot.key);
            let error = Diagnostic::error(Code::InvalidSchema, message)
                .at(
                    version.side_schema(Side::Socket).place(&declared),
                    "declared here",
                )
                .at(binding.at, "asked for here")
                .help("its `x-entry` in the Interface must be a relative path without `..`");
            return Err(evaluation.report(error).into());
        }
        let source = match content(&value) {
            Ok(source) => source,
            Err(Unfit::Text) => {
                let info = left_out(evaluation, slot, binding.at);
                evaluation.report(info);
                continue;
            }
            Err(why) => return Err(evaluation.report(unfit(&path, &why, slot.at)).into()),
        };
        if let Some((other, _)) = by_path.insert(path.clone(), (slot.key, source)) {
            let message = format!(
                "the keys `{other}` and `{}` are both in the file `{path}`",
                slot.key
            );
            let error = Diagnostic::error(Code::FilesCollision, message)
                .at(binding.at, "asked for here")
                .help(every_file(evaluation, socket, version));
            return Err(evaluation.report(error).into());
        }
    }
    let about = about(socket, version);
    let mut files = Vec::with_capacity(by_path.len() + about.len());
    for (path, text) in about {
        // a key of this name goes first
        if let Some(text) = text.filter(|_| !by_path.contains_key(path)) {
            files.push(FileEntry {
                path: path.to_owned(),
                source: FileSource::Text(text.to_owned()),
                mode: None,
                key: None,
            });
        }
    }
    files.extend(by_path.into_iter().map(|(path, (key, source))| FileEntry {
        path,
        source,
        mode: None,
        key: Some(key.to_owned()),
    }));
    let paths = files.iter().map(|file| FilePlace {
        path: &file.path,
        at: binding.at,
    });
    let nested = nested(paths.collect());
    match nested {
        Some(error) => Err(evaluation.report(error).into()),
        None => Ok(files),
    }
}

/// The lines that list every file, each key in one of its own.
fn every_file(
    evaluation: &mut Evaluation<'_, '_>,
    socket: &Socket,
    version: &DefinedVersion<'_>,
) -> Help {
    let help = Help::from("list the files in the Plug, each key in a file of its own:");
    let Some(plug) = evaluation.plug else {
        return help;
    };
    let mut paths = BTreeSet::new();
    let mut items = Vec::new();
    let socket_keys = evaluation.socket;
    for (position, slot) in socket_keys.slots.iter().enumerate() {
        if matches!(slot.source, KeySource::Composed) {
            continue;
        }
        let Ok(Some(value)) = evaluation.value(Side::Socket, position) else {
            continue;
        };
        if content(value).is_err() {
            continue;
        }
        let names = [name_of_key(evaluation, slot.key), file_name(slot.key)];
        let free = names.into_iter().find(|path| !paths.contains(path));
        let path = free.unwrap_or_else(|| "…".to_owned());
        let key = emit::flow_string(slot.key);
        items.push(format!(
            "        - {{path: {}, key: {key}}}",
            emit::flow_string(&path)
        ));
        paths.insert(path);
    }
    for (path, text) in about(socket, version) {
        if let Some(text) = text.filter(|_| !paths.contains(path)) {
            let text = emit::flow_string(text);
            items.push(format!("        - {{path: {path}, value: {text}}}"));
        }
    }
    let lines = lines![("spec:"), ("  bind:"), ("    files:"), ("      items:")];
    help.paste(Paste::merge(
        plug.owner.subject(),
        lines.and(Help::of_lines(items)),
    ))
}

/// The files that are about the Socket itself, and their texts.
fn about<'a>(
    socket: &'a Socket,
    version: &'a DefinedVersion<'_>,
) -> [(&'static str, Option<&'a str>); 2] {
    let kind = version.side_schema(Side::Socket).binding_type.as_deref();
    let provider = socket.provider.as_ref().map(|text| text.value.as_str());
    [
        ("type", Some(kind.unwrap_or(version.name))),
        ("provider", provider),
    ]
}

/// Why a value cannot be a file.
enum Unfit {
    /// It is a text with a reference in it, and nothing puts the parts together in a file.
    Text,
    /// It has no text.
    NoText(&'static str),
}

fn content(value: &ResolvedValue) -> Result<FileSource, Unfit> {
    match value {
        ResolvedValue::Literal(json) => match text(json) {
            Ok(text) => Ok(FileSource::Text(text.into_owned())),
            Err(why) => Err(Unfit::NoText(why)),
        },
        ResolvedValue::Reference(reference) => Ok(FileSource::Reference(Rc::clone(reference))),
        ResolvedValue::Text(parts) => match &parts[..] {
            [Part::Reference(reference)] => Ok(FileSource::Reference(Rc::clone(reference))),
            parts => {
                let literal = |part: &Part| match part {
                    Part::Author(text) | Part::Data(text) => Some(text.clone()),
                    Part::Reference(_) => None,
                };
                let texts: Option<String> = parts.iter().map(literal).collect();
                texts.map(FileSource::Text).ok_or(Unfit::Text)
            }
        },
    }
}

fn unfit(path: &str, why: &Unfit, at: Place) -> Diagnostic {
    match why {
        Unfit::NoText(why) => Diagnostic::error(
            Code::ValueHasNoText,
            format!(
                "the content of `{path}` cannot be \
             written as text: {why}"
            ),
        )
        .at(at, "asked for here"),
        Unfit::Text => {
            let message = format!(
                "the text of the file `{path}` contains a Secret's or ConfigMap's key, and \
                 nothing can build such a file"
            );
            Diagnostic::error(Code::ReferenceInPlainText, message)
                .at(at, "asked for here")
                .help(
                    "bind each part as a file, and let the application join them; or bind the \
                     text as a variable in `bind.env`; or bind a key of the provider's Secret \
                     that contains the whole text",
                )
        }
    }
}

/// A key that has no file of its own.
fn left_out(evaluation: &Evaluation<'_, '_>, slot: &ProvidedKey<'_>, asked: Place) -> Diagnostic {
    let key = slot.key;
    let owner = evaluation.plug.unwrap_or(evaluation.socket).owner;
    let message =
        format!("`{key}` cannot be a file: its text contains a Secret's or ConfigMap's key");
    Diagnostic::info(Code::ReferenceInPlainText, message)
        .at(slot.at, "given here")
        .at(asked, "it is not one of these files")
        .help(Help::from("bind it as a variable:").paste(Paste::items(
            owner.subject(),
            "spec.bind.env",
            lines![("- {{name: {}, key: {key}}}", env_name(owner.prefix, key))],
        )))
}

/// A path, and what asks for it.
struct FilePlace<'f> {
    path: &'f str,
    at: Place,
}

/// The error of a file that would have to be a directory too.
fn nested(mut files: Vec<FilePlace<'_>>) -> Option<Diagnostic> {
    files.sort_by_key(|file| file.path);
    let is_below = |below: &FilePlace<'_>, above: &FilePlace<'_>| {
        let rest = below.path.strip_prefix(above.path);
        rest.is_some_and(|rest| rest.starts_with('/'))
    };
    for (index, above) in files.iter().enumerate() {
        let after = &files[index + 1..];
        let below = after
            .iter()
            .take_while(|file| file.path.starts_with(above.path))
            .find(|below| is_below(below, above));
        if let Some(below) = below {
            let message = format!(
                "`{}` is a file, and `{}` would be in a directory of that name",
                above.path, below.path
            );
            let error = Diagnostic::error(Code::FilesCollision, message)
                .at(below.at, "this file")
                .at(above.at, "and this one");
            return Some(error.help("give one of them another path"));
        }
    }
    None
}
