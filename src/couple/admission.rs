//! Writes the lines with which a Socket allows a Plug of another namespace: all missing ones at
//! once.

use super::provided::subject;
use crate::api::{ConfigSource, SecretNamespace, Socket};
use crate::diagnostic::{Help, Paste, lines};

/// How the owner of a Socket allows Plugs of a namespace.
pub(super) fn allow_help(socket: &Socket, home: &str) -> Help {
    let globs = socket.allow.iter().flatten();
    let mut all: Vec<String> = globs.map(|glob| format!("\"{}\"", glob.value)).collect();
    all.push(format!("\"{home}\""));
    let lines = lines![("spec:"), ("  allow: {{namespaces: [{}]}}", all.join(", "))];
    let help = Help::from("the owner of the Socket can allow it:")
        .paste(Paste::merge(subject("Socket", &socket.meta), lines));
    match &socket.meta.namespace {
        Some(namespace) if refers_to_its_own(socket) => help
            .and(format!(
                "its Secrets and ConfigMaps are in namespace `{namespace}`, and a workload of `{home}` cannot refer to them; if they are in \
                 `{home}` under the same names too (created there, or replicated), write in the Socket:"
            ))
            .paste(secrets_of_plug(socket)),
        _ => help,
    }
}

/// The lines by which the Secrets and ConfigMaps of a Socket are those of the Plug's namespace.
fn secrets_of_plug(socket: &Socket) -> Paste {
    Paste::merge(
        subject("Socket", &socket.meta),
        "spec:\n  secretNamespace: Plug".into(),
    )
}

/// Whether a Socket refers to Secrets or ConfigMaps of its own namespace.
fn refers_to_its_own(socket: &Socket) -> bool {
    let is_reference = |from: &ConfigSource| match from {
        ConfigSource::Secret(_) | ConfigSource::ConfigMap(_) => true,
        ConfigSource::Object(_) => false,
    };
    let mut sources = socket.config_from.iter();
    socket.secret_namespace == SecretNamespace::Socket
        && sources.any(|source| is_reference(&source.from))
}
