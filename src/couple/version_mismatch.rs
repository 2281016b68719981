//! Makes the errors of versions that do not fit: of a Plug and a Socket, and of a Socket and its
//! Interface.

use super::fit::versions;
use super::index::DefinedInterface;
use super::provided::subject;
use crate::api::{Plug, Socket};
use crate::diagnostic::{Code, CommonCause, Diagnostic, Help, Paste, lines, list_plain};
use crate::manifest::Place;

/// The error of a Socket that satisfies no version that a Plug takes.
pub(super) fn no_version(plug: &Plug, socket: &Socket, at: Place) -> Diagnostic {
    let kept = versions(socket);
    let asked = plug.version.as_ref();
    let least = asked.map_or("", |version| version.value.text.as_str());
    let by = match &socket.converter {
        Some(converter) => format!(" by Adapter `{}`", converter.meta.name.value),
        None => String::new(),
    };
    let message = format!(
        "the Plug asks for version `{least}`, and Socket `{}` satisfies {kept}{by}",
        socket.name.value
    );
    let newest = socket.versions.iter().map(|version| &version.value).max();
    let mut diagnostic = Diagnostic::error(Code::VersionMismatch, message)
        .at(
            asked.map_or(at, |version| version.at),
            "at least this, within one major",
        )
        .because(CommonCause::Object(subject("Socket", &socket.meta)))
        .on(subject("Plug", &plug.meta));
    if let Some(version) = socket.versions.first() {
        diagnostic = diagnostic.at(version.at, "the versions that it satisfies");
    }
    match newest {
        Some(newest) => {
            let lines = lines![
                ("spec:"),
                ("  interface:"),
                ("    version: \"{}\"", newest.major)
            ];
            let to = match socket.converter {
                Some(_) => "Adapter",
                None => "Socket",
            };
            let help = Help::from(format!(
                "add the version that you need to the {to}, or ask for one that it satisfies:"
            ));
            diagnostic.help(help.paste(Paste::merge(subject("Plug", &plug.meta), lines)))
        }
        None => diagnostic,
    }
}

/// The versions that a Socket lists and its Interface does not define.
pub(super) fn undefined_versions(
    socket: &Socket,
    definition: &DefinedInterface<'_>,
) -> Vec<Diagnostic> {
    let undefined = socket
        .versions
        .iter()
        .filter(|version| !definition.versions.contains_key(&version.value));
    undefined
        .map(|version| {
            let message = format!(
                "Interface `{}` has no version {}",
                socket.interface.value, version.value
            );
            let error = Diagnostic::error(Code::VersionMismatch, message)
                .help(format!("it has {}", list_plain(definition.versions.keys())));
            match &socket.converter {
                Some(converter) => error
                    .at(version.at, "listed by this Adapter")
                    .on(subject("Adapter", &converter.meta)),
                None => error
                    .at(version.at, "listed by this Socket")
                    .on(subject("Socket", &socket.meta)),
            }
        })
        .collect()
}
