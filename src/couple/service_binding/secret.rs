//! Finds the Secret that a ServiceBinding means: its service, or the one that its service names.

use crate::api::{ServiceBinding, is_object_name};
use crate::couple::{Lookup, Objects, Target};
use crate::diagnostic::{Code, Diagnostic, Help, Paste, lines};

/// Where a provisioned service has the name of its Secret.
const NAME_PATH: &str = "status.binding.name";

/// The name of the Secret, which is in the namespace of the ServiceBinding.
///
/// # Errors
/// It is not known from the input.
pub(super) fn find(
    binding: &ServiceBinding,
    objects: &dyn Objects,
) -> Result<String, Box<Diagnostic>> {
    let service = &binding.service;
    if (service.api_version.as_str(), service.kind.as_str()) == ("v1", "Secret") {
        return Ok(service.name.value.clone());
    }
    let target = Target {
        api_version: &service.api_version,
        kind: &service.kind,
        namespace: binding.meta.namespace.as_deref(),
        name: &service.name.value,
    };
    let called = format!("{} `{}`", service.kind, service.name.value);
    let why = match objects.read(&target, NAME_PATH) {
        Lookup::Value(serde_json::Value::String(name), _) if is_object_name(&name) => {
            return Ok(name);
        }
        Lookup::Value(..) => format!("`{NAME_PATH}` of {called} is not the name of a Secret"),
        Lookup::NoObject => format!("{called} is not in the input"),
        Lookup::NoPath(_) => format!("{called} has no `{NAME_PATH}` in the input"),
        Lookup::BadPath(why) => format!("`{NAME_PATH}` of {called} cannot be read: {why}"),
        Lookup::NotReadable(error) => {
            return Err(Box::new(
                error.at(service.at, "asked for here").on(binding.subject()),
            ));
        }
    };
    Err(Box::new(unknown(binding, &why)))
}

fn unknown(binding: &ServiceBinding, why: &str) -> Diagnostic {
    let name = &binding.meta.name.value;
    let message = format!("the Secret of ServiceBinding `{name}` is not known: {why}");
    let lines = lines![
        ("spec:"),
        ("  service: {{apiVersion: v1, kind: Secret, name: …}}")
    ];
    let help = Help::from("name the Secret itself:");
    Diagnostic::error(Code::BoundSecretUnknown, message)
        .at(binding.service.at, "asked for here")
        .help(help.paste(Paste::replace(binding.subject(), "spec.service", lines)))
        .on(binding.subject())
}
