//! Finds the objects that Plugs and Sockets write fields of: of their own namespace, by group, kind
//! and name.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::names::{NameQuery, Names};
use super::workload_remedy;
use crate::api::{Binder, FieldBinding, ObjectForm, TooManyLooks, renamed, suggest};
use crate::diagnostic::{Code, Diagnostic, Findings, Help, Paste, lines, list};
use crate::limits;
use crate::manifest::emit;
use crate::manifest::stream::{Object, StreamObject, group};

/// What distinguishes the objects that the fields of a Plug name: group, kind and name.
type FieldObject<'p> = (&'p str, &'p str, &'p str);

/// The objects that the fields of a Plug are written into, each with the positions of its bindings.
///
/// # Errors
/// The run has looked at too many objects.
pub(super) fn objects(
    names: &Names<'_, '_>,
    binder: Binder<'_>,
    out: &mut Findings,
) -> Result<Vec<(Object, Vec<usize>)>, TooManyLooks> {
    let mut by_object: BTreeMap<FieldObject<'_>, Vec<usize>> = BTreeMap::new();
    for (position, binding) in binder.fields.iter().enumerate() {
        let object = &binding.object;
        let named = (
            group(&object.api_version),
            &*object.kind,
            &*object.name.value,
        );
        by_object.entry(named).or_default().push(position);
    }
    let mut found = Vec::with_capacity(by_object.len());
    for positions in by_object.into_values() {
        let binding = &binder.fields[positions[0]];
        found.extend(find(names, binder, binding, out)?.map(|object| (object, positions)));
    }
    Ok(found)
}

fn find(
    names: &Names<'_, '_>,
    binder: Binder<'_>,
    binding: &FieldBinding,
    out: &mut Findings,
) -> Result<Option<Object>, TooManyLooks> {
    let wanted = &binding.object;
    let asked = group(&wanted.api_version);
    let named = NameQuery {
        kind: &wanted.kind,
        namespace: binder.meta.namespace.as_deref(),
        name: &wanted.name.value,
        asked: Some(asked),
    };
    let is_wanted =
        |entry: &StreamObject<'_>| !entry.catalogue && group(&entry.api_version) == asked;
    let namesakes = names.namesakes(named, is_wanted)?;
    let found = names.meant(binder.meta.at, &namesakes)?;
    match found[..] {
        [object] => Ok(Some(object)),
        [first, second, ..] => {
            let message = format!(
                "the {} `{}` that {} names is defined twice in the input",
                wanted.kind,
                wanted.name.value,
                binder.kind.the()
            );
            let error = Diagnostic::error(Code::DuplicateObject, message)
                .at(names.place(second), "again here")
                .at(names.place(first), "first here")
                .at(wanted.at, "named here")
                .help("remove one of them: a cluster can have only one");
            out.report(error.on(binder.subject()));
            Ok(None)
        }
        [] => {
            let kind = names.kind(&wanted.kind);
            let unread = kind.not_readable.iter().take(limits::CANDIDATES);
            let unread: Vec<_> = unread.collect();
            for (object, why) in &unread {
                let what = format!(
                    "whether a {} is the one that a {} names",
                    wanted.kind,
                    binder.kind.word()
                );
                let at = |span| names.stream.place(object.document, span);
                let error = Diagnostic::not_readable(&what, why, at);
                let error = error.at(wanted.at, "asked for here");
                out.report(error.on(binder.subject()));
            }
            if unread.is_empty() {
                out.report(missing(names, binder, binding).on(binder.subject()));
            }
            Ok(None)
        }
    }
}

fn missing(names: &Names<'_, '_>, binder: Binder<'_>, binding: &FieldBinding) -> Diagnostic {
    let wanted = &binding.object;
    let (kind, name) = (&wanted.kind, &wanted.name.value);
    let namespace = binder.meta.namespace.as_deref();
    let place = namespace
        .map(|namespace| format!(" in namespace `{namespace}`"))
        .unwrap_or_default();
    let message = format!("there is no {kind} `{name}`{place}");
    let error = Diagnostic::error(Code::ObjectNotFound, message)
        .at(wanted.name.at, format!("named by {}", binder.called()));
    if names.said_near.replace(names.said_near.get() + 1) >= limits::NEAR_MISSES {
        return error;
    }
    let of_kind = names.kind(kind);
    let mut near = Vec::new();
    for (home, objects) in &of_kind.named {
        let Some(entries) = objects.get(name.as_str()) else {
            continue;
        };
        for entry in entries.iter().filter(|entry| !entry.catalogue) {
            let label = match home.as_deref() == namespace {
                true => format!("this one has the `apiVersion` `{}`", entry.api_version),
                false => format!(
                    "this one is in {}, and a {} can only couple objects of its own namespace",
                    home.as_deref().unwrap_or("an unknown namespace"),
                    binder.kind.word()
                ),
            };
            near.push((entry.object, label));
        }
    }
    near.truncate(limits::CANDIDATES);
    let is_elsewhere = !near.is_empty();
    let error = near.into_iter().fold(error, |error, (object, label)| {
        error.at(names.place(object), label)
    });
    let here = of_kind.named.get(&namespace.map(Cow::Borrowed));
    let here: Vec<&str> = here
        .map(|names| names.keys().map(AsRef::as_ref).collect())
        .unwrap_or_default();
    let now = renamed(name, &binder.meta.name.value, here.iter().copied());
    let help: Help = match suggest(name, here.iter().copied()) {
        _ if is_elsewhere => format!(
            "correct the reference, or move {} to the object",
            binder.kind.the()
        )
        .into(),
        _ if now.is_some() => workload_remedy::names_follow(kind, now.unwrap_or_default()),
        Some(close) => {
            let member = match binding.form {
                ObjectForm::Object => "objectRef",
                ObjectForm::ConfigMap => "configMapRef",
            };
            let lines = lines![("{member}:"), ("  name: {}", emit::flow_string(close))];
            let path = format!("spec.bind.fields[{}]", binding.position);
            let paste = Paste::item(binder.subject(), path, lines);
            Help::from(format!("did you mean `{close}`?")).paste(paste)
        }
        None if here.is_empty() => {
            lines![(
                "no {kind} of this namespace is in the input: render its manifest together with {}",
                binder.kind.the()
            )]
        }
        None => lines![("the {kind}s of this namespace are {}", list(here.iter()))],
    };
    error.help(help)
}
