//! Finds the Secret that a ServiceBinding means: its service, or the one that its service names.

use crate::api::{ServiceBinding, is_object_name};
use crate::couple::adapt::{ServiceSecret, ServiceSecrets};
use crate::couple::evaluate::CouplingRun;
use crate::couple::{KindName, Lookup, Target};
use crate::diagnostic::{Code, Diagnostic, Help, Paste, lines, list};
use crate::limits;
use crate::manifest::emit;
use crate::manifest::stream::group;

/// Where a provisioned service has the name of its Secret.
const NAME_PATH: &str = "status.binding.name";

/// The name of the Secret, which is in the namespace of the ServiceBinding.
///
/// # Errors
/// It is not known from the input.
pub(super) fn find(
    binding: &ServiceBinding,
    run: &CouplingRun<'_>,
    secrets: Option<&mut ServiceSecrets<'_>>,
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
    let why = match run.objects.read(&target, NAME_PATH) {
        Lookup::Value(serde_json::Value::String(name), _) if is_object_name(&name) => {
            return Ok(name);
        }
        Lookup::Value(..) => format!("`{NAME_PATH}` of {called} is not the name of a Secret"),
        // an Adapter is for every version of a kind
        Lookup::NoObject | Lookup::NoPath(_) => {
            let kind = KindName {
                group: group(&service.api_version),
                kind: &service.kind,
            };
            let makers = run.makers.as_deref();
            let found = secrets.map_or(ServiceSecret::Unknown, |secrets| {
                secrets.find(kind, target.namespace, target.name, makers)
            });
            match found {
                ServiceSecret::Named(name) => return Ok(name),
                ServiceSecret::Several(names) => {
                    let why = format!("{called} has several, {}", list(names.iter()));
                    let names = names.iter().take(limits::CANDIDATES);
                    return Err(Box::new(unknown(binding, &why, names)));
                }
                ServiceSecret::None(why) => format!("{called} gives none: {why}"),
                ServiceSecret::Unknown if is_there(&target, run) => {
                    format!("{called} has no `{NAME_PATH}` in the input, and no Adapter is for it")
                }
                ServiceSecret::Unknown => format!("{called} is not in the input"),
            }
        }
        Lookup::BadPath(why) => format!("`{NAME_PATH}` of {called} cannot be read: {why}"),
        Lookup::NotReadable(error) => {
            return Err(Box::new(
                error.at(service.at, "asked for here").on(binding.subject()),
            ));
        }
    };
    Err(Box::new(unknown(
        binding,
        &why,
        [&"…".to_owned()].into_iter(),
    )))
}

/// Whether an object of the input has these apiVersion, kind and name.
fn is_there(target: &Target<'_>, run: &CouplingRun<'_>) -> bool {
    run.objects.read(target, "metadata.name") != Lookup::NoObject
}

/// The error, and the lines for each Secret that may be meant.
fn unknown<'n>(
    binding: &ServiceBinding,
    why: &str,
    names: impl Iterator<Item = &'n String>,
) -> Diagnostic {
    let name = &binding.meta.name.value;
    let message = format!("the Secret of ServiceBinding `{name}` is not known: {why}");
    let help = names.fold(Help::from("name the Secret itself:"), |help, name| {
        let name = match name.as_str() {
            "…" => "…".into(),
            name => emit::flow_string(name),
        };
        let lines = lines![
            ("spec:"),
            ("  service: {{apiVersion: v1, kind: Secret, name: {name}}}")
        ];
        help.paste(Paste::replace(binding.subject(), "spec.service", lines))
    });
    Diagnostic::error(Code::BoundSecretUnknown, message)
        .at(binding.service.at, "asked for here")
        .help(help)
        .on(binding.subject())
}
