//! Finds what converters make of the Socket that a Plug names, where that offers another Interface.

use super::fit::versions;
use super::index::Index;
use super::provided::subject;
use super::{CouplingInput, SocketId};
use crate::api::{Plug, Socket, Spanned};
use crate::diagnostic::{Code, Diagnostic};
use crate::limits;

/// What converters make of a Socket that a Plug names.
pub(super) enum ConvertedNamed<'i> {
    None,
    One(SocketId),
    Several(Vec<&'i Socket>),
}

/// What converters make of the Socket that a name means, where that offers another Interface.
pub(super) fn find<'i>(
    input: &'i CouplingInput,
    index: &Index<'i>,
    found: SocketId,
    key: (Option<&'i str>, &'i str),
    interface: &str,
) -> ConvertedNamed<'i> {
    if input[found].interface.value == interface {
        return ConvertedNamed::None;
    }
    let adapted = index.adapted.get(&key);
    let adapted = adapted.filter(|all| all.contains(&found));
    let named = adapted.map_or(std::slice::from_ref(&found), Vec::as_slice);
    let made = named.iter().filter_map(|&source| {
        let all = index.converted.get(&(source, interface));
        all.map(Vec::as_slice)
    });
    let made: Vec<SocketId> = made.flatten().copied().collect();
    // what is in the stream counts before the catalogue
    let is_stream = |id: &&SocketId| !input[**id].meta.catalogue;
    let of_stream: Vec<SocketId> = made.iter().filter(is_stream).copied().collect();
    let made = match of_stream.is_empty() {
        true => made,
        false => of_stream,
    };
    match &made[..] {
        [] => ConvertedNamed::None,
        &[one] => ConvertedNamed::One(one),
        several => ConvertedNamed::Several(several.iter().map(|&id| &input[id]).collect()),
    }
}

/// Why a converter does not convert a Socket that offers the Interface of its source.
pub(super) fn other_version(input: &CouplingInput, socket: &Socket, asked: &str) -> Option<String> {
    let mut converters = input.converters.iter();
    let converter = converters.find(|converter| {
        converter.source.name.value == socket.interface.value && converter.entry(asked).is_some()
    })?;
    let least = converter.source.version.as_ref()?;
    Some(format!(
        "Adapter `{}` converts version `{}` of `{}`, and the Socket satisfies {}",
        converter.meta.name.value,
        least.value.text,
        converter.source.name.value,
        versions(socket)
    ))
}

/// The error of a name for which several Sockets, or several converters, could give what a Plug asks
/// for; `None`: that two converters are alike was reported.
pub(super) fn several(
    plug: &Plug,
    name: &Spanned<String>,
    sockets: &[&Socket],
) -> Option<Diagnostic> {
    let converters = sockets.iter().filter_map(|one| one.converter.as_deref());
    let mut majors: Vec<_> = converters
        .clone()
        .map(|converter| (&converter.source.name.value, converter.source.major()))
        .collect();
    majors.sort_unstable();
    let is_reported = majors.windows(2).any(|pair| {
        let [(first, major), (second, other)] = pair else {
            return false;
        };
        first == second && (major == other || major.is_none())
    });
    if is_reported {
        return None;
    }
    let interface = &plug.interface.value;
    let message = format!(
        "Socket `{}` can be converted into one of Interface `{interface}` in {} ways",
        name.value,
        sockets.len()
    );
    let error = Diagnostic::error(Code::AmbiguousSocket, message)
        .at(name.at, "which of them?")
        .on(subject("Plug", &plug.meta));
    let shown = converters.take(limits::CANDIDATES);
    let error = shown.fold(error, |error, converter| {
        let source = &converter.source.name;
        let label = format!("converts one of Interface `{}`", source.value);
        error.at(source.at, label)
    });
    Some(
        error
            .help("name a Socket that offers one of these Interfaces, and one major version of it"),
    )
}
