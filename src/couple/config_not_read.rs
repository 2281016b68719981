//! Reports a Plug that only gives its config to a Socket, if the Socket does not read it.

use super::provided::subject;
use crate::api::{Plug, Socket};
use crate::diagnostic::{Code, Diagnostic, Help, Paste, lines};

/// Whether a Plug writes nothing and has no resources: all it does is to hand its config over.
pub(super) fn only_hands_config(plug: &Plug) -> bool {
    plug.workloads.is_empty() && plug.fields.is_empty() && plug.resources.is_empty()
}

/// The information that nobody reads the config of such a Plug; `None`: the Socket may read it.
pub(super) fn judge(plug: &Plug, socket: &Socket) -> Option<Diagnostic> {
    if !only_hands_config(plug) || socket.bind.is_some() || !socket.resources.is_empty() {
        return None;
    }
    let message = format!(
        "Plug `{}` only gives its config to Socket `{}`, which does not read it",
        plug.meta.name.value, socket.name.value
    );
    let lines = lines![("spec:"), ("  workloads: [{{name: …}}]")];
    let help = Help::from("if a workload needs the values of the Socket, name it:")
        .paste(Paste::merge(subject("Plug", &plug.meta), lines))
        .and("a Socket reads the config of its Plugs in `bind` and in `resources`");
    let info = Diagnostic::info(Code::ConfigNotRead, message)
        .at(plug.meta.name.at, "names no workload")
        .at(socket.meta.name.at, "has no `bind`");
    Some(info.help(help).on(subject("Plug", &plug.meta)))
}
