//! The faces of a comparison: lines for a terminal, tables for a pull request, JSON for programs. Names only.

use annotate_snippets::normalize_untrusted_str as clean;
use serde_json::{Value, json};

use crate::render::compare::{Cause, Changed, Comparison, Container, Effect, Event, How, Party, Role, What};

/// One line an event, one line a workload.
pub(super) fn text(comparison: &Comparison) -> String {
    let events = comparison.events.iter().map(|event| {
        let causes = causes(event);
        let because = if causes.is_empty() { String::new() } else { format!(": {causes}") };
        format!("{:<10} {}{because}\n", what(event.what), who(event))
    });
    let workloads = comparison.workloads.iter().map(|workload| {
        let containers: Vec<_> =
            workload.containers.iter().map(|c| format!("container {}: {}", c.name, variables(c))).collect();
        let plugs: Vec<_> = workload.plugs.iter().map(|plug| format!("Plug {plug}")).collect();
        let plugs = plugs.join(", ");
        format!("{:<10} {}: {} ({plugs})\n", effect(workload.effect), name(workload), containers.join("; "))
    });
    events.chain(workloads).map(|line| clean(line.trim_end_matches('\n')) + "\n").collect()
}

/// Two tables.
pub(super) fn markdown(comparison: &Comparison) -> String {
    if comparison.is_empty() {
        return "No coupling changes.\n".to_owned();
    }
    let mut out = String::new();
    if !comparison.events.is_empty() {
        out.push_str("| Event | What | Why |\n|---|---|---|\n");
        for event in &comparison.events {
            out.push_str(&row(&[what(event.what), &who(event), &causes(event)]));
        }
    }
    if !comparison.workloads.is_empty() {
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str("| Workload | Then | Container | Variables |\n|---|---|---|---|\n");
        for workload in &comparison.workloads {
            for container in &workload.containers {
                let cells = [&name(workload), effect(workload.effect), &container.name, &variables(container)];
                out.push_str(&row(&cells));
            }
        }
    }
    out
}

/// A row, in which nothing is markup.
fn row(cells: &[&str]) -> String {
    let cell = |text: &&str| {
        let mut out = String::new();
        for c in clean(text).chars() {
            match c {
                '&' => out.push_str("&amp;"),
                '<' => out.push_str("&lt;"),
                '\n' | '\r' => out.push(' '),
                '|' | '\\' | '*' | '_' | '[' | ']' | '!' | '~' | '@' | '#' | '`' => out.extend(['\\', c]),
                _ => out.push(c),
            }
        }
        out
    };
    format!("| {} |\n", cells.iter().map(cell).collect::<Vec<_>>().join(" | "))
}

/// One object a line.
pub(super) fn json(comparison: &Comparison) -> String {
    let party = |party: &Party| json!({"kind": role(party.role), "namespace": party.namespace, "name": party.name});
    let cause = |cause: &Cause| match cause {
        Cause::Object(of, how) => json!({"object": party(of), "how": self::how(*how)}),
        Cause::Part(of, part, how) => json!({"object": party(of), "part": part, "how": self::how(*how)}),
        Cause::Version(from, to) => json!({"interface": {"from": from, "to": to}}),
    };
    let event = |event: &Event| {
        let causes: Vec<_> = event.causes.iter().map(cause).collect();
        let mut line = json!({"event": what(event.what), "object": party(&event.party), "causes": causes});
        if let Some((socket, interface)) = &event.socket {
            line["socket"] = party(socket);
            line["interface"] = json!(interface);
        }
        line
    };
    let container = |container: &Container| {
        let variables = container.variables.iter().map(|(name, how)| (name.clone(), json!(self::how(*how)))).collect();
        json!({"name": container.name, "variables": Value::Object(variables)})
    };
    let workload = |workload: &Changed| {
        json!({
            "workload": {"kind": workload.kind, "namespace": workload.namespace, "name": workload.name},
            "effect": effect(workload.effect),
            "containers": workload.containers.iter().map(container).collect::<Vec<_>>(),
            "plugs": workload.plugs,
        })
    };
    let lines = comparison.events.iter().map(event).chain(comparison.workloads.iter().map(workload));
    lines.map(|line| format!("{line}\n")).collect()
}

/// The Plug or Socket; of a coupling both.
fn who(event: &Event) -> String {
    let one = party(&event.party);
    let Some((socket, interface)) = &event.socket else { return one };
    let word = if event.what == What::Decoupled { "from" } else { "to" };
    format!("{one} {word} {} ({interface})", party(socket))
}

fn causes(event: &Event) -> String {
    let cause = |cause: &Cause| match cause {
        Cause::Object(of, How::Added) => format!("the {} is new", role(of.role)),
        Cause::Object(of, _) => format!("the {} is gone", role(of.role)),
        Cause::Part(of, part, how) if of == &event.party && event.socket.is_none() => {
            format!("{part} {}", self::how(*how))
        }
        Cause::Part(of, part, how) => format!("{part} of {} {}", party(of), self::how(*how)),
        Cause::Version(from, to) => format!("{from} became {to}"),
    };
    event.causes.iter().map(cause).collect::<Vec<_>>().join(", ")
}

fn party(party: &Party) -> String {
    format!("{} {}", role(party.role), path(party.namespace.as_deref(), &party.name))
}

fn name(workload: &Changed) -> String {
    format!("{} {}", workload.kind, path(workload.namespace.as_deref(), &workload.name))
}

fn path(namespace: Option<&str>, name: &str) -> String {
    namespace.map_or_else(|| name.to_owned(), |namespace| format!("{namespace}/{name}"))
}

/// `A, B added, C changed`
fn variables(container: &Container) -> String {
    if container.variables.is_empty() {
        return "another order".to_owned();
    }
    let of = |how| {
        let names = container.variables.iter().filter(|(_, each)| **each == how).map(|(name, _)| name.as_str());
        let names: Vec<_> = names.collect();
        (!names.is_empty()).then(|| format!("{} {}", names.join(", "), self::how(how)))
    };
    [How::Added, How::Changed, How::Removed].into_iter().filter_map(of).collect::<Vec<_>>().join(", ")
}

fn what(what: What) -> &'static str {
    match what {
        What::Created => "Created",
        What::Updated => "Updated",
        What::Coupled => "Coupled",
        What::Decoupled => "Decoupled",
        What::Deleted => "Deleted",
    }
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Plug => "Plug",
        Role::Socket => "Socket",
    }
}

fn how(how: How) -> &'static str {
    match how {
        How::Added => "added",
        How::Changed => "changed",
        How::Removed => "removed",
    }
}

fn effect(effect: Effect) -> &'static str {
    match effect {
        Effect::Restarts => "Restarts",
        Effect::NewPods => "New pods",
        Effect::NextRun => "Next run",
        Effect::Replace => "Replace",
        Effect::New => "New",
        Effect::Gone => "Gone",
    }
}
