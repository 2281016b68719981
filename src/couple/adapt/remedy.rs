//! Writes helps for adapted Sockets: nobody can paste lines into a Socket that is not written, so
//! they are a Socket with `from` that replaces it.

use std::collections::BTreeMap;

use crate::api::{API_VERSION, Discovery, Socket};
use crate::couple::CouplingInput;
use crate::couple::provided::subject;
use crate::diagnostic::{Diagnostic, Help, Paste, PasteMode, Subject};
use crate::manifest::emit;
use crate::manifest::stream::group;

/// The same diagnostics, with lines that can be pasted where they are for an adapted Socket.
pub(in crate::couple) fn take_over(
    mut all: Vec<Diagnostic>,
    input: &CouplingInput,
) -> Vec<Diagnostic> {
    let adapted = input.sockets.iter().filter(|socket| socket.is_adapted());
    let adapted: BTreeMap<Subject, &Socket> = adapted
        .map(|socket| (subject("Socket", &socket.meta), socket))
        .collect();
    if adapted.is_empty() {
        return all;
    }
    for diagnostic in &mut all {
        if let Some(help) = diagnostic.help.take() {
            let mut members = Vec::new();
            diagnostic.help = Some(help.with_pastes(|paste| {
                let socket = adapted.get(&paste.into)?;
                // each document is whole: with what an earlier one has
                members.extend(members_of(paste));
                Some(in_place_of(socket, &members))
            }));
        }
    }
    all
}

/// The lines of a paste as members of `spec`.
fn members_of(paste: &Paste) -> Vec<String> {
    match &paste.fits {
        PasteMode::Merge | PasteMode::Replace(_) => {
            let lines = paste.lines.iter();
            lines.filter(|line| *line != "spec:").cloned().collect()
        }
        PasteMode::Items(path) => {
            let list = path.rsplit('.').next().unwrap_or_default();
            let items = paste.lines.iter().map(|line| format!("    {line}"));
            std::iter::once(format!("  {list}:")).chain(items).collect()
        }
        // an item of an Adapter is no line of the user's
        PasteMode::Item(_) | PasteMode::Beside => Vec::new(),
    }
}

/// A Socket with these members that takes the place of an adapted one.
fn in_place_of(socket: &Socket, members: &[String]) -> Help {
    let name = &socket.name.value;
    let called = match &socket.adapted {
        Some(adapted) => format!("{} `{}`", adapted.object.kind, adapted.object.name),
        None => String::new(),
    };
    let words = format!("Socket `{name}` is made of {called}; write a Socket that replaces it:");
    Help::from(words).paste(document(socket, name, members))
}

/// A Socket of another name that takes the place of an adapted one.
pub(in crate::couple) fn taking_over(socket: &Socket, name: &str) -> Paste {
    document(socket, name, &[])
}

fn document(socket: &Socket, name: &str, members: &[String]) -> Paste {
    let Some(adapted) = &socket.adapted else {
        return Paste::beside(
            subject("Socket", &socket.meta),
            Help::of_lines(members.iter().cloned()),
        );
    };
    let text = emit::flow_string;
    let object = &adapted.object;
    let mut origin = format!(
        "  from: {{group: {}, kind: {}, name: {}",
        text(group(&object.api_version)),
        text(&object.kind),
        text(&object.name)
    );
    if adapted.found == Discovery::Named {
        origin.push_str(&format!(", socket: {}", text(&socket.name.value)));
    }
    origin.push('}');
    let namespace = match &object.namespace {
        Some(namespace) => format!(", namespace: {}", text(namespace)),
        None => String::new(),
    };
    let head = [
        format!("apiVersion: {API_VERSION}"),
        "kind: Socket".to_owned(),
        format!("metadata: {{name: {}{namespace}}}", text(name)),
        "spec:".to_owned(),
        origin,
    ];
    let into = Subject {
        api_version: object.api_version.clone(),
        kind: object.kind.clone(),
        namespace: object.namespace.clone(),
        name: object.name.clone(),
    };
    Paste::beside(
        into,
        Help::of_lines(head.into_iter().chain(members.iter().cloned())),
    )
}
