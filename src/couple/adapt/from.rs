//! Completes a Socket that is written with `from`: it is the adapted Socket, with the written
//! fields in place of the adapted ones.

use std::rc::Rc;

use super::adaptation::{Adaptation, HiddenSocket};
use super::objects::KindName;
use crate::api::{ConfigEntry, ConfigFrom, Discovery, SecretNamespace, Service, Socket};
use crate::couple::provided::subject;
use crate::diagnostic::{Code, CommonCause, Diagnostic, Setting, list, words};

/// A written Socket with what its object gives.
pub(super) struct CompletedSocket {
    pub(super) socket: Socket,
    pub(super) hides: HiddenSocket,
}

/// Completes a Socket that has a `from`.
///
/// # Errors
/// It leads to no Socket, or to several.
pub(super) fn complete(
    written: &Socket,
    adaptation: &mut Adaptation<'_>,
) -> Result<CompletedSocket, Box<Diagnostic>> {
    let Some(origin) = &written.from else {
        return Err(Box::new(unresolved(written, "it has no `from`")));
    };
    let kind = KindName {
        group: &origin.group.value,
        kind: &origin.kind.value,
    };
    let called = format!("{} `{}`", kind.kind, origin.name.value);
    if adaptation.adapters.of(kind).is_empty() {
        let why = format!(
            "there is no Adapter for kind {} of group `{}`",
            kind.kind, kind.group
        );
        let help = words![
            "add the Adapter to the input, or read the catalogue that has it: ",
            Setting::Catalogue
        ];
        return Err(Box::new(unresolved(written, &why).help(help)));
    }
    let namespace = written.meta.namespace.as_deref();
    let Some(found) = adaptation
        .objects
        .named(kind, namespace, &origin.name.value)
    else {
        let why = format!("the input has no {called} in the Socket's namespace");
        let help = words![
            "add its manifest to the input or to the catalogue (",
            Setting::Catalogue,
            ")"
        ];
        let cause = CommonCause::no_object(kind.kind, &origin.name.value);
        return Err(Box::new(
            unresolved(written, &why).because(cause).help(help),
        ));
    };
    let all = adaptation.one(kind, &found);
    let wanted = |socket: &&Socket| {
        let interface = &written.interface.value;
        let is_offered = interface.is_empty() || socket.interface.value == *interface;
        is_offered
            && match &origin.socket {
                Some(name) => socket.name.value == name.value,
                None => socket
                    .adapted
                    .as_ref()
                    .is_some_and(|it| it.found == Discovery::Offered),
            }
    };
    let fitting: Vec<&Socket> = all.sockets.iter().filter(wanted).collect();
    let names = || list(all.sockets.iter().map(|socket| &socket.name.value));
    match (&fitting[..], &all.sockets[..]) {
        ([base], _) => Ok(CompletedSocket {
            hides: HiddenSocket::of(found.object, base),
            socket: merged(written, base),
        }),
        ([], []) => {
            let reason = all.not_offered.first().map(|one| one.reason.as_str());
            let reason = reason.unwrap_or("its Adapter does not apply to it");
            Err(Box::new(unresolved(
                written,
                &format!("{called} is not a Socket: {reason}"),
            )))
        }
        ([], _) => {
            let why = format!("{called} does not offer this Socket");
            let help = format!("it offers {}: name one in `from.socket`", names());
            Err(Box::new(unresolved(written, &why).help(help)))
        }
        (several, _) => {
            let why = format!("{called} offers {} Sockets that fit", several.len());
            let help = format!(
                "it offers {}: name one in `from.socket`, or write `interface`",
                names()
            );
            Err(Box::new(unresolved(written, &why).help(help)))
        }
    }
}

fn unresolved(written: &Socket, why: &str) -> Diagnostic {
    let name = &written.name.value;
    let at = written
        .from
        .as_ref()
        .map_or(written.meta.name.at, |origin| origin.at);
    Diagnostic::error(
        Code::AdaptedSocketNotFound,
        format!("no Socket is found for `from` of Socket `{name}`: {why}"),
    )
    .at(at, "names no Socket")
    .on(subject("Socket", &written.meta))
}

/// The adapted Socket, with what is written.
fn merged(written: &Socket, base: &Socket) -> Socket {
    let mut socket = written.clone();
    if written.interface.value.is_empty() {
        socket.interface = base.interface.clone();
        socket.versions.clone_from(&base.versions);
    }
    socket.provider = written.provider.clone().or_else(|| base.provider.clone());
    let is_given = |key: &str| gives(written, key);
    socket.service = match (&written.service, &base.service) {
        (Some(service), _) => Some(Service {
            name: service.name.clone(),
            port: service
                .port
                .clone()
                .or_else(|| base.service.as_ref()?.port.clone()),
        }),
        (None, Some(_)) if is_given("host") => None,
        (None, base) => base.clone(),
    };
    let config = base.config.iter();
    let config = config.filter(|entry: &&ConfigEntry| !is_given(&entry.key.value));
    socket.config.extend(config.cloned());
    socket.config.sort_by(|a, b| a.key.cmp(&b.key));
    for from in &base.config_from {
        let keys = from.keys.iter().filter(|(key, _)| !is_given(&key.value));
        let keys: Vec<_> = keys.cloned().collect();
        if keys.is_empty() {
            continue;
        }
        let kept = |key: &str| keys.iter().any(|(kept, _)| kept.value == key);
        let url_safe = from.url_safe.iter().filter(|key| kept(&key.value));
        socket.config_from.push(ConfigFrom {
            url_safe: url_safe.cloned().collect(),
            keys: keys.clone(),
            ..from.clone()
        });
    }
    if written.secret_namespace == SecretNamespace::Socket {
        socket.secret_namespace = base.secret_namespace;
    }
    socket.adapted.clone_from(&base.adapted);
    if let Some(adapted) = &mut socket.adapted {
        Rc::make_mut(adapted).found = Discovery::Offered;
    }
    socket
}

/// Whether a Socket gives a key itself.
fn gives(socket: &Socket, key: &str) -> bool {
    let in_config = socket.config.iter().any(|entry| entry.key.value == key);
    let mut sources = socket.config_from.iter();
    let in_other = sources.any(|from| from.keys.iter().any(|(own, _)| own.value == key));
    let by_service = match key {
        "host" => socket.service.is_some(),
        "port" => socket
            .service
            .as_ref()
            .is_some_and(|service| service.port.is_some()),
        _ => false,
    };
    in_config || in_other || by_service
}
