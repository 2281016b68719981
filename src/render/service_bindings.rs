//! Finds the ServiceBindings of the input, and reports those that are not coupled, and those that
//! the cluster could bind a second time.

use crate::api::{
    Binder, BinderKind, Integrations, SERVICE_BINDING, SERVICE_BINDING_GROUP,
    SERVICE_BINDING_VERSIONS, ServiceBindings, Settings,
};
use crate::couple::CouplingInput;
use crate::diagnostic::{Code, Diagnostic, Setting, words};
use crate::manifest::Place;
use crate::manifest::Span;
use crate::manifest::stream::{Stream, StreamObject};
use crate::project::ContainerNames;

/// The ServiceBindings of the stream, of the versions that are read.
pub(super) fn of_stream<'s, 'a>(
    stream: &'s Stream<'a>,
) -> impl Iterator<Item = &'s StreamObject<'a>> {
    let is_one = |entry: &&StreamObject<'_>| {
        let version = entry.api_version.split_once('/');
        !entry.catalogue
            && version.is_some_and(|(group, version)| {
                group == SERVICE_BINDING_GROUP && SERVICE_BINDING_VERSIONS.contains(&version)
            })
    };
    stream.of_kind(SERVICE_BINDING).filter(is_one)
}

/// What is to be known of them beside their own mistakes.
pub(super) fn judge(
    stream: &Stream<'_>,
    input: &CouplingInput,
    settings: &Settings,
) -> Option<Diagnostic> {
    match (settings.service_bindings, settings.integrations) {
        (ServiceBindings::Pass, _) => passed(stream),
        (ServiceBindings::Couple, Integrations::Keep) => kept(input),
        (ServiceBindings::Couple, Integrations::Drop | Integrations::LocalConfig) => None,
    }
}

/// The information about those that are passed on, once for all.
fn passed(stream: &Stream<'_>) -> Option<Diagnostic> {
    let mut all = of_stream(stream);
    let first = all.next()?;
    let more = all.count();
    let message = match more {
        0 => "a ServiceBinding is not coupled, and is written as it is".to_owned(),
        more => format!(
            "{} ServiceBindings are not coupled, and are written as they are",
            more + 1
        ),
    };
    let place = stream.place(first.object.document, Span::default());
    let label = match more {
        0 => "this one",
        _ => "the first",
    };
    let help = words![
        "if the Service Binding runtime is in the cluster, ignore this; else couple it here: ",
        Setting::CoupleServiceBindings
    ];
    Some(
        Diagnostic::info(Code::ServiceBindingPassed, message)
            .at(place, label)
            .help(help),
    )
}

/// The warning about those that stay in the output, once for all.
fn kept(input: &CouplingInput) -> Option<Diagnostic> {
    let all = &input.service_bindings;
    let first = all.iter().min_by_key(|binding| binding.meta.at)?;
    let message = match all.len() {
        1 => "a coupled ServiceBinding stays in the output".to_owned(),
        number => format!("{number} coupled ServiceBindings stay in the output"),
    };
    let help = words![
        "leave it out (",
        Setting::IntegrationsDrop,
        "), or mark it as local (",
        Setting::IntegrationsLocal,
        ")"
    ];
    Some(
        Diagnostic::warning(Code::ServiceBindingKept, message)
            .at(
                first.meta.name.at,
                "the Service Binding runtime would bind it a second time",
            )
            .help(help),
    )
}

/// The information that a ServiceBinding names a container that a workload does not have: its
/// specification ignores that.
pub(super) fn unknown_containers(
    binder: Binder<'_>,
    containers: &ContainerNames<'_>,
    workload: impl Fn() -> Place,
) -> Option<Diagnostic> {
    if binder.kind != BinderKind::ServiceBinding {
        return None;
    }
    let wanted = binder.workloads.first()?;
    let (name, near) = containers.unknown(&wanted.containers)?;
    let message = format!(
        "the workload has no container `{}`, which {} names",
        name.value,
        binder.called()
    );
    let info = Diagnostic::info(Code::ContainerNotFound, message)
        .at_unknown(name.at, near, "no such container")
        .at(workload(), "this workload");
    Some(info.on(binder.subject()))
}
