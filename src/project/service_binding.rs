//! Defines the names that the Service Binding specification gives, and those that coupler adds.
//!
//! <https://servicebinding.io/spec/core/1.1.0/#application-projection>

use crate::api::BinderKind;
use crate::diagnostic::{Help, Paste, Subject, lines};

/// The variable that names the directory of all bindings of a container.
pub const BINDING_ROOT: &str = "SERVICE_BINDING_ROOT";
/// The default.
pub(super) const DEFAULT_BINDING_ROOT: &str = "/bindings";
/// What the annotations that hold literals have behind the binding's name.
pub(super) const ANNOTATION_SUFFIX: &str = ".binding.integration.rock8s.com/";

/// Whether an annotation of the pods holds a literal of a file.
pub fn is_file_annotation(name: &str) -> bool {
    name.contains(ANNOTATION_SUFFIX)
}

/// The lines that put the files of a Plug or a ServiceBinding into a directory of their own, named
/// after it.
pub(super) fn files_elsewhere(kind: BinderKind, owner: Subject) -> Help {
    if kind == BinderKind::ServiceBinding {
        let lines = lines![("spec:"), ("  name: {}-files", owner.name)];
        let help = Help::from("put the files into another directory:");
        return help.paste(Paste::merge(owner, lines));
    }
    let lines = lines![
        ("spec:"),
        ("  bind:"),
        ("    files:"),
        ("      mountPath: /opt/bindings/{}", owner.name)
    ];
    Help::from("put the files into another directory:").paste(Paste::merge(owner, lines))
}

/// What to do where the `SERVICE_BINDING_ROOT` of a container is another one than is known here.
pub(super) fn with_root_known(kind: BinderKind, owner: Subject) -> Help {
    match kind {
        BinderKind::Plug | BinderKind::Socket => files_elsewhere(kind, owner),
        // the specification has its files there, and nowhere else
        BinderKind::ServiceBinding => lines![
            ("write `{BINDING_ROOT}` of the container as an absolute path, or remove it: then it is `{DEFAULT_BINDING_ROOT}`")
        ],
    }
}
