//! Checks Interfaces and Sockets without any Plug, for a provider's own CI.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use super::adapt::{check_adapter, check_converter, take_over};
use super::evaluate::{CouplingRun, Evaluation};
use super::index::{DefinedVersion, Index};
use super::json_schema::{SchemaError, pointer_step};
use super::key_text;
use super::pipeline::secret_makers;
use super::prepared::{kept, library, other_schemas};
use super::provided::{Owner, ProvidedKeys, subject};
use super::resolve::{likely_interface, offers_no_interface};
use super::schema::SideSchema;
use super::template::Side;
use super::validate::{self, Violation};
use super::version_mismatch::undefined_versions;
use super::{CouplingInput, CouplingResult, Objects, resource_rules};
use crate::api::{Example, Interface, Socket};
use crate::diagnostic::{Code, Diagnostic, Findings};

/// Judges every Interface and Socket of the stream; what coupling reported about them is not
/// reported again.
pub fn check(
    integrations: &CouplingInput,
    objects: &dyn Objects,
    coupled: &CouplingResult,
) -> Vec<Diagnostic> {
    let mut out = Findings::new();
    for interface in integrations
        .interfaces
        .iter()
        .filter(|interface| !interface.meta.catalogue)
    {
        check_examples(interface, &mut out);
    }
    for adapter in &integrations.adapters {
        if !adapter.meta.catalogue {
            check_adapter(adapter, &integrations.interfaces, &mut out);
        }
    }
    for converter in &integrations.converters {
        if !converter.meta.catalogue {
            check_converter(converter, &integrations.interfaces, &mut out);
        }
    }
    let sockets = || {
        integrations
            .sockets
            .iter()
            .filter(|socket| !socket.meta.catalogue && !socket.is_adapted())
    };
    let library = library(sockets().map(|socket| socket.interface.value.as_str()));
    let index = Index::new(integrations, &library, &mut Findings::new());
    let mut run = CouplingRun::new(objects, out);
    run.makers = secret_makers(integrations, objects);
    for socket in sockets() {
        judge_socket(&mut run, &index, socket);
    }
    let mut out = run.out;
    let said: BTreeSet<_> = coupled
        .diagnostics
        .iter()
        .map(|known| (known.code, &known.labels))
        .collect();
    out.retain(|diagnostic| !said.contains(&(diagnostic.code, &diagnostic.labels)));
    take_over(out.conclude(&[]), integrations)
}

/// Judges an Interface: its schemas, its defaults, and whether each example has the result that it
/// declares.
pub fn check_examples(interface: &Interface, out: &mut Findings) {
    if interface.meta.broken {
        return;
    }
    new_default_keys(interface, out);
    for written in &interface.versions {
        let version = DefinedVersion::new(interface, written, false);
        let mut usable = true;
        for side in [Side::Plug, Side::Socket] {
            if let Err(problem) = version.side_schema(side).validator(&[]) {
                out.report(version.invalid(side, &problem));
                usable = false;
            }
        }
        if !usable {
            continue;
        }
        version.flaws(out);
        defaults(&version, out);
        for example in &written.examples {
            judge_example(&version, example, out);
        }
    }
}

/// Refuses a key that a version binds by default and the one before, of the same major, did not:
/// every Plug without `bind` would get one more variable.
fn new_default_keys(interface: &Interface, out: &mut Findings) {
    let all = interface.versions.iter();
    let mut versions: Vec<_> = all
        .map(|written| DefinedVersion::new(interface, written, false))
        .collect();
    versions.sort_by_key(|version| version.number);
    for pair in versions.windows(2) {
        let [before, after] = pair else { continue };
        if before.number.major != after.number.major {
            continue;
        }
        let known = before.side_schema(Side::Socket);
        let marked = after.side_schema(Side::Socket).keys.iter();
        for (key, _) in marked.filter(|(key, facts)| facts.by_default && !known.is_by_default(key))
        {
            let message = format!(
                "`{key}` is bound by default, and in version {} it is not: every Plug without \
                 `bind` would get one more variable",
                before.number
            );
            let pointer = format!("/properties{}/x-default", pointer_step(key));
            let error = after.invalid(Side::Socket, &SchemaError { pointer, message });
            out.report(error.help("mark it with `x-default` in the next major version"));
        }
    }
}

fn defaults(version: &DefinedVersion<'_>, out: &mut Findings) {
    for side in [Side::Plug, Side::Socket] {
        let side_schema = version.side_schema(side);
        for (key, facts) in &side_schema.keys {
            let Some(default) = &facts.default else {
                continue;
            };
            let pointer = format!("/properties/{key}/default");
            if facts.secret {
                let message =
                    format!("`{key}` is a secret and has a default, which everybody can read");
                out.report(version.invalid(side, &SchemaError { pointer, message }));
                continue;
            }
            let instance = Json::Object(Map::from_iter([(key.clone(), default.clone())]));
            let violations = validate::judge(side_schema, &instance, &[]).unwrap_or_default();
            if violations
                .iter()
                .any(|violation| violation.key.as_ref() == Some(key))
            {
                let message = format!("the default of `{key}` does not satisfy the schema");
                out.report(version.invalid(side, &SchemaError { pointer, message }));
            }
        }
    }
}

fn judge_example(version: &DefinedVersion<'_>, example: &Example, out: &mut Findings) {
    // a missing key may be reported at the key's own place, or as the place that lacks it
    let mut violations = Vec::new();
    for (side, instance) in [(Side::Plug, &example.plug), (Side::Socket, &example.socket)] {
        let Some(instance) = instance else { continue };
        let side_word = side.word();
        violations.extend(breaks(version.side_schema(side), instance).into_iter().map(
            |violation| {
                let (own, whole) = (pointer(&violation), &violation.instance);
                (
                    format!("/{side_word}{own}"),
                    format!("/{side_word}{whole}"),
                    violation.message,
                )
            },
        ));
    }
    let fail = |message: String| {
        Diagnostic::error(Code::ExampleFailed, message)
            .on(subject("Interface", &version.interface.meta))
    };
    let name = format!("Interface `{}` {}", version.name, version.number);
    match &example.invalid {
        None => out.extend(violations.iter().map(|(at, _, message)| {
            fail(format!(
                "an example of {name} is not valid at `{at}`: {message}"
            ))
            .at(example.at, "this example")
        })),
        Some(wanted)
            if violations
                .iter()
                .any(|(at, whole, _)| [at, whole].contains(&&wanted.value)) => {}
        Some(wanted) => {
            let elsewhere: Vec<_> = violations
                .iter()
                .map(|(at, ..)| format!("`{at}`"))
                .collect();
            let message = match &elsewhere[..] {
                [] => format!(
                    "an example of {name} should fail at `{}`, and is valid",
                    wanted.value
                ),
                some => {
                    format!(
                        "an example of {name} should fail at `{}`, and fails at {}",
                        wanted.value,
                        some.join(", ")
                    )
                }
            };
            out.report(
                fail(message)
                    .at(wanted.at, "declares this")
                    .at(example.at, "this example"),
            );
        }
    }
}

/// Where a violation is, a missing key by its own name.
fn pointer(violation: &Violation) -> String {
    match &violation.missing {
        Some(key) => format!("{}{}", violation.instance, pointer_step(key)),
        None => violation.instance.clone(),
    }
}

/// In what ways a whole instance of literals breaks a side.
fn breaks(side_schema: &SideSchema<'_>, instance: &Json) -> Vec<Violation> {
    let mut instance = instance.clone();
    let mut violations = Vec::new();
    if let Some(map) = instance.as_object_mut() {
        for (key, facts) in &side_schema.keys {
            if let Some(default) = &facts.default {
                map.entry(key.clone()).or_insert_with(|| default.clone());
            }
        }
        key_text::fill(&side_schema.keys, map);
        if !side_schema.open {
            let undeclared: Vec<_> = map
                .keys()
                .filter(|key| !side_schema.keys.contains_key(*key))
                .cloned()
                .collect();
            for key in undeclared {
                map.remove(&key);
                let message = format!("`{key}` is not declared");
                let instance = pointer_step(&key);
                violations.push(Violation {
                    key: Some(key),
                    missing: None,
                    instance,
                    schema: String::new(),
                    message,
                });
            }
        }
    }
    violations.extend(validate::judge(side_schema, &instance, &[]).unwrap_or_default());
    violations
}

/// Judges a Socket alone: everything that does not depend on a Plug.
pub fn check_socket(
    integrations: &CouplingInput,
    objects: &dyn Objects,
    socket: &Socket,
    out: &mut Findings,
) {
    let library = library(std::iter::once(socket.interface.value.as_str()));
    let index = Index::new(integrations, &library, &mut Findings::new());
    let mut run = CouplingRun::new(objects, Findings::new());
    judge_socket(&mut run, &index, socket);
    out.extend(run.out);
}

fn judge_socket<'i>(run: &mut CouplingRun<'i>, index: &'i Index<'i>, socket: &'i Socket) {
    if socket.meta.broken {
        return;
    }
    let name = socket.interface.value.as_str();
    let Some(definition) = index.interfaces.get(name) else {
        let near = (run.near > 0)
            .then(|| likely_interface(name, index))
            .flatten();
        run.near = run.near.saturating_sub(1);
        run.out.report(offers_no_interface(socket, near));
        return;
    };
    if definition.broken {
        return;
    }
    run.out.extend(undefined_versions(socket, definition));
    let kept = kept(index, socket);
    for version in &kept {
        version.flaws(&mut run.out);
        let others = other_schemas(&kept, version);
        let provided = ProvidedKeys::new(
            Owner::socket(socket),
            version.side_schema(Side::Socket),
            &others,
            &mut run.out,
        );
        resource_rules::judge(&provided, &socket.resources, &mut run.out);
        resource_rules::judge_templates(&provided, &socket.resources, &mut run.out);
        let mut evaluation = Evaluation::new(run, None, &provided, version);
        evaluation.evaluate();
        validate::check(&mut evaluation, Side::Socket, version, &others);
    }
}
