//! Formats a comparison: lines for a terminal, tables for a pull request, JSON for programs. Names
//! only.

use serde_json::{Value, json};

use crate::compare::{
    Cause, Changed, ChangedEntries, ChangedResource, Comparison, Event, EventKind, How, Party,
    PartyRole, PodEffect,
};
use crate::diagnostic::printable;

/// Where a name is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NameStyle {
    Terminal,
    Markdown,
}

impl NameStyle {
    /// A name of an object, a container, a variable, a key or an Interface.
    fn name(self, name: &str) -> String {
        match self {
            Self::Terminal => printable::line(name),
            // all that GitHub makes live it makes live outside of code only
            Self::Markdown => printable::code(name),
        }
    }
}

/// One line an event, one line a workload.
pub(super) fn text(comparison: &Comparison) -> String {
    let style = NameStyle::Terminal;
    let events = comparison.events.iter().map(|event| {
        let causes = causes(style, event);
        let because = if causes.is_empty() {
            String::new()
        } else {
            format!(": {causes}")
        };
        format!("{:<10} {}{because}\n", what(event.what), who(style, event))
    });
    let workloads = comparison.workloads.iter().map(|workload| {
        let collection =
            |c: &ChangedEntries| format!("{}: {}", style.name(&c.slot.owner()), entries(style, c));
        let collections: Vec<_> = workload.collections.iter().map(collection).collect();
        let plugs = workload.plugs.iter();
        let plugs = plugs.map(|plug| format!("Plug {}", style.name(plug)));
        let sockets = workload.sockets.iter();
        let sockets = sockets.map(|socket| format!("Socket {}", style.name(socket)));
        let bindings = workload.service_bindings.iter();
        let bindings = bindings.map(|one| format!("ServiceBinding {}", style.name(one)));
        let owners: Vec<_> = plugs.chain(sockets).chain(bindings).collect();
        let (collections, owners) = (collections.join("; "), owners.join(", "));
        format!(
            "{:<10} {}: {collections} ({owners})\n",
            effect(workload.effect),
            name(style, workload, &comparison.workloads)
        )
    });
    let resources = comparison.resources.iter().map(|resource| {
        let plug = style.name(&resource.plug);
        let object = resource_name(style, resource);
        format!("{:<10} {object} (Plug {plug})\n", became(resource.how))
    });
    events.chain(workloads).chain(resources).collect()
}

/// What became of a resource.
fn became(how: How) -> &'static str {
    match how {
        How::Added => "created",
        How::Changed => "changed",
        How::Removed => "gone",
    }
}

fn resource_name(style: NameStyle, resource: &ChangedResource) -> String {
    let path = path(resource.namespace.as_deref(), &resource.name);
    format!("{} {}", style.name(&resource.kind), style.name(&path))
}

/// Two tables.
pub(super) fn markdown(comparison: &Comparison) -> String {
    if comparison.is_empty() {
        return "No coupling changes.\n".to_owned();
    }
    let style = NameStyle::Markdown;
    let mut out = String::new();
    if !comparison.events.is_empty() {
        out.push_str("| Event | What | Why |\n|---|---|---|\n");
        for event in &comparison.events {
            out.push_str(&row(&[
                what(event.what),
                &who(style, event),
                &causes(style, event),
            ]));
        }
    }
    if !comparison.workloads.is_empty() {
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str("| Workload | Then | Container | Variables |\n|---|---|---|---|\n");
        for workload in &comparison.workloads {
            for collection in &workload.collections {
                let (workload, effect) = (
                    name(style, workload, &comparison.workloads),
                    effect(workload.effect),
                );
                let container = collection.slot.container();
                let owner = container.map(|name| style.name(name)).unwrap_or_default();
                let cells = [&workload, effect, &owner, &entries(style, collection)];
                out.push_str(&row(&cells));
            }
        }
    }
    if !comparison.resources.is_empty() {
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str("| Resource | Then | Plug |\n|---|---|---|\n");
        for resource in &comparison.resources {
            let object = resource_name(style, resource);
            let cells = [&object, became(resource.how), &style.name(&resource.plug)];
            out.push_str(&row(&cells));
        }
    }
    out
}

fn row(cells: &[&str]) -> String {
    format!("| {} |\n", cells.join(" | "))
}

/// One object a line.
pub(super) fn json(comparison: &Comparison) -> String {
    let party = |party: &Party| json!({"kind": role(party.role), "namespace": party.namespace, "name": party.name});
    let cause = |cause: &Cause| match cause {
        Cause::Object(of, how) => json!({"object": party(of), "how": self::how(*how)}),
        Cause::Part(of, part, how) => {
            json!({"object": party(of), "part": part, "how": self::how(*how)})
        }
        Cause::Version(from, to) => json!({"interface": {"from": from, "to": to}}),
    };
    let event = |event: &Event| {
        let causes: Vec<_> = event.causes.iter().map(cause).collect();
        let mut line =
            json!({"event": what(event.what), "object": party(&event.party), "causes": causes});
        if let Some((socket, interface)) = &event.socket {
            line["socket"] = party(socket);
            line["interface"] = json!(interface);
        }
        line
    };
    let container = |collection: &ChangedEntries| {
        let entries = collection
            .entries
            .iter()
            .map(|(key, how)| (key.clone(), json!(self::how(*how))))
            .collect();
        json!({"name": collection.slot.container(), "variables": Value::Object(entries)})
    };
    let workload = |workload: &Changed| {
        json!({
            "workload": {
                "kind": workload.kind,
                "group": workload.group,
                "namespace": workload.namespace,
                "name": workload.name,
            },
            "effect": effect(workload.effect),
            "containers": workload.collections.iter().map(container).collect::<Vec<_>>(),
            "plugs": workload.plugs,
            "sockets": workload.sockets,
            "serviceBindings": workload.service_bindings,
        })
    };
    let resource = |resource: &ChangedResource| {
        json!({
            "resource": {"kind": resource.kind, "namespace": resource.namespace, "name": resource.name},
            "effect": became(resource.how),
            "plug": resource.plug,
        })
    };
    let lines = comparison
        .events
        .iter()
        .map(event)
        .chain(comparison.workloads.iter().map(workload))
        .chain(comparison.resources.iter().map(resource));
    lines.map(|line| format!("{line}\n")).collect()
}

/// The Plug or Socket; of a coupling both.
fn who(style: NameStyle, event: &Event) -> String {
    let one = party(style, &event.party);
    let Some((socket, interface)) = &event.socket else {
        return one;
    };
    let word = if event.what == EventKind::Decoupled {
        "from"
    } else {
        "to"
    };
    format!(
        "{one} {word} {} ({})",
        party(style, socket),
        style.name(interface)
    )
}

fn causes(style: NameStyle, event: &Event) -> String {
    let cause = |cause: &Cause| match cause {
        Cause::Object(of, How::Added) => format!("the {} is new", role(of.role)),
        Cause::Object(of, _) => format!("the {} is gone", role(of.role)),
        Cause::Part(of, part, how) if of == &event.party && event.socket.is_none() => {
            format!("{} {}", style.name(part), self::how(*how))
        }
        Cause::Part(of, part, how) => format!(
            "{} of {} {}",
            style.name(part),
            party(style, of),
            self::how(*how)
        ),
        Cause::Version(from, to) => format!("{} became {}", style.name(from), style.name(to)),
    };
    event
        .causes
        .iter()
        .map(cause)
        .collect::<Vec<_>>()
        .join(", ")
}

fn party(style: NameStyle, party: &Party) -> String {
    format!(
        "{} {}",
        role(party.role),
        style.name(&path(party.namespace.as_deref(), &party.name))
    )
}

/// `Service shop/web`; with the group, `Service.serving.knative.dev shop/web`, where a kind of another
/// group has the same name.
fn name(style: NameStyle, workload: &Changed, all: &[Changed]) -> String {
    let path = path(workload.namespace.as_deref(), &workload.name);
    let is_namesake =
        |other: &Changed| other.kind == workload.kind && other.group != workload.group;
    let kind = match all.iter().any(is_namesake) && !workload.group.is_empty() {
        true => format!("{}.{}", workload.kind, workload.group),
        false => workload.kind.clone(),
    };
    format!("{} {}", printable::line(&kind), style.name(&path))
}

fn path(namespace: Option<&str>, name: &str) -> String {
    namespace.map_or_else(
        || name.to_owned(),
        |namespace| format!("{namespace}/{name}"),
    )
}

/// `A, B added, C changed`
fn entries(style: NameStyle, collection: &ChangedEntries) -> String {
    if collection.entries.is_empty() {
        return "another order".to_owned();
    }
    let of = |how| {
        let names = collection
            .entries
            .iter()
            .filter(|(_, each)| **each == how)
            .map(|(key, _)| style.name(key));
        let names: Vec<_> = names.collect();
        (!names.is_empty()).then(|| format!("{} {}", names.join(", "), self::how(how)))
    };
    [How::Added, How::Changed, How::Removed]
        .into_iter()
        .filter_map(of)
        .collect::<Vec<_>>()
        .join(", ")
}

fn what(what: EventKind) -> &'static str {
    match what {
        EventKind::Created => "Created",
        EventKind::Updated => "Updated",
        EventKind::Coupled => "Coupled",
        EventKind::Decoupled => "Decoupled",
        EventKind::Deleted => "Deleted",
    }
}

fn role(role: PartyRole) -> &'static str {
    match role {
        PartyRole::Plug => "Plug",
        PartyRole::Socket => "Socket",
    }
}

fn how(how: How) -> &'static str {
    match how {
        How::Added => "added",
        How::Changed => "changed",
        How::Removed => "removed",
    }
}

fn effect(effect: PodEffect) -> &'static str {
    match effect {
        PodEffect::Restarts => "Restarts",
        PodEffect::NewPods => "New pods",
        PodEffect::NextRun => "Next run",
        PodEffect::ByController => "Controller",
        PodEffect::Replace => "Replace",
        PodEffect::Updates => "Updates",
        PodEffect::New => "New",
        PodEffect::Gone => "Gone",
    }
}
