//! Interfaces and Sockets judged with no Plug in sight: what a provider's own pipeline asks.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use super::conform::{self, Breach};
use super::evaluate::{Run, Scene};
use super::index::{Index, Version};
use super::keys::{Owner, Sheet, subject};
use super::resolve::{interface_help, likely_interface, undefined_versions};
use super::run::{kept, library};
use super::schema::{Face, Problem};
use super::template::Side;
use super::{Coupled, Integrations, Objects};
use crate::api::{Example, Interface, Socket};
use crate::diagnostic::{self, Code, Diagnostic};

/// Judges every Interface and Socket of the stream; what coupling said of them already is not said
/// again.
pub fn check(
    integrations: &Integrations,
    objects: &dyn Objects,
    coupled: &Coupled,
) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    for interface in integrations
        .interfaces
        .iter()
        .filter(|interface| !interface.meta.catalogue)
    {
        check_examples(interface, &mut out);
    }
    let sockets = || {
        integrations
            .sockets
            .iter()
            .filter(|socket| !socket.meta.catalogue)
    };
    let library = library(sockets().map(|socket| socket.interface.value.as_str()));
    let index = Index::new(integrations, &library, &mut Vec::new());
    let mut run = Run::new(objects, out);
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
    diagnostic::sort(&mut out);
    out
}

/// Judges an Interface: its schemas, its defaults, and whether each example does what it says.
pub fn check_examples(interface: &Interface, out: &mut Vec<Diagnostic>) {
    if interface.meta.broken {
        return;
    }
    for written in &interface.versions {
        let version = Version::new(interface, written, false);
        let mut usable = true;
        for side in [Side::Plug, Side::Socket] {
            if let Err(problem) = version.face(side).validator(&[]) {
                out.push(version.invalid(side, &problem));
                usable = false;
            }
        }
        if !usable {
            continue;
        }
        version.collisions(out);
        defaults(&version, out);
        for example in &written.examples {
            judge_example(&version, example, out);
        }
    }
}

fn defaults(version: &Version<'_>, out: &mut Vec<Diagnostic>) {
    for side in [Side::Plug, Side::Socket] {
        let face = version.face(side);
        for (key, facts) in &face.keys {
            let Some(default) = &facts.default else {
                continue;
            };
            let pointer = format!("/properties/{key}/default");
            if facts.secret {
                let message =
                    format!("`{key}` is a secret and has a default, which everybody can read");
                out.push(version.invalid(side, &Problem { pointer, message }));
                continue;
            }
            let bag = Json::Object(Map::from_iter([(key.clone(), default.clone())]));
            let breaches = conform::judge(face, &bag, &[]).unwrap_or_default();
            if breaches
                .iter()
                .any(|breach| breach.key.as_ref() == Some(key))
            {
                let message = format!("the default of `{key}` is not what the schema wants");
                out.push(version.invalid(side, &Problem { pointer, message }));
            }
        }
    }
}

fn judge_example(version: &Version<'_>, example: &Example, out: &mut Vec<Diagnostic>) {
    // a missing key may be told as the key's own place, or as the place that lacks it
    let mut breaches = Vec::new();
    for (side, bag) in [(Side::Plug, &example.plug), (Side::Socket, &example.socket)] {
        let Some(bag) = bag else { continue };
        let side_word = side.word();
        breaches.extend(breaks(version.face(side), bag).into_iter().map(|breach| {
            let (own, whole) = (pointer(&breach), &breach.instance);
            (
                format!("/{side_word}{own}"),
                format!("/{side_word}{whole}"),
                breach.message,
            )
        }));
    }
    let fail = |message: String| {
        Diagnostic::error(Code::ExampleFailed, message)
            .on(subject("Interface", &version.interface.meta))
    };
    let name = format!("Interface `{}` {}", version.name, version.number);
    match &example.invalid {
        None => out.extend(breaches.iter().map(|(at, _, message)| {
            fail(format!(
                "an example of {name} is not valid at `{at}`: {message}"
            ))
            .at(example.at, "this example")
        })),
        Some(wanted)
            if breaches
                .iter()
                .any(|(at, whole, _)| [at, whole].contains(&&wanted.value)) => {}
        Some(wanted) => {
            let elsewhere: Vec<_> = breaches.iter().map(|(at, ..)| format!("`{at}`")).collect();
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
            out.push(
                fail(message)
                    .at(wanted.at, "says this")
                    .at(example.at, "this example"),
            );
        }
    }
}

/// Where a breach is, a missing key by its own name.
fn pointer(breach: &Breach) -> String {
    match &breach.missing {
        Some(key) => format!(
            "{}/{}",
            breach.instance,
            key.replace('~', "~0").replace('/', "~1")
        ),
        None => breach.instance.clone(),
    }
}

/// In what ways a whole bag of literals breaks a side.
fn breaks(face: &Face<'_>, bag: &Json) -> Vec<Breach> {
    let mut bag = bag.clone();
    let mut breaches = Vec::new();
    if let Some(map) = bag.as_object_mut() {
        for (key, facts) in &face.keys {
            if let Some(default) = &facts.default {
                map.entry(key.clone()).or_insert_with(|| default.clone());
            }
        }
        if !face.open {
            let undeclared: Vec<_> = map
                .keys()
                .filter(|key| !face.keys.contains_key(*key))
                .cloned()
                .collect();
            for key in undeclared {
                map.remove(&key);
                let message = format!("`{key}` is not declared");
                let instance = format!("/{}", key.replace('~', "~0").replace('/', "~1"));
                breaches.push(Breach {
                    key: Some(key),
                    missing: None,
                    instance,
                    schema: String::new(),
                    message,
                });
            }
        }
    }
    breaches.extend(conform::judge(face, &bag, &[]).unwrap_or_default());
    breaches
}

/// Judges a Socket alone: everything that does not depend on a Plug.
pub fn check_socket(
    integrations: &Integrations,
    objects: &dyn Objects,
    socket: &Socket,
    out: &mut Vec<Diagnostic>,
) {
    let library = library(std::iter::once(socket.interface.value.as_str()));
    let index = Index::new(integrations, &library, &mut Vec::new());
    let mut run = Run::new(objects, Vec::new());
    judge_socket(&mut run, &index, socket);
    out.append(&mut run.out);
}

fn judge_socket<'i>(run: &mut Run<'i>, index: &'i Index<'i>, socket: &'i Socket) {
    if socket.meta.broken {
        return;
    }
    let name = socket.interface.value.as_str();
    let Some(contract) = index.contracts.get(name) else {
        let near = (run.near > 0)
            .then(|| likely_interface(name, index))
            .flatten();
        run.near = run.near.saturating_sub(1);
        run.out.push(
            Diagnostic::error(
                Code::InterfaceNotFound,
                format!("no Interface is called `{name}`"),
            )
            .at(socket.interface.at, "offered here")
            .help(interface_help(near))
            .on(subject("Socket", &socket.meta)),
        );
        return;
    };
    if contract.broken {
        return;
    }
    run.out.extend(undefined_versions(socket, contract));
    let kept = kept(index, socket);
    for version in &kept {
        version.collisions(&mut run.out);
        let others: Vec<_> = kept
            .iter()
            .filter(|v| v.number != version.number)
            .map(|v| v.face(Side::Socket))
            .collect();
        let sheet = Sheet::new(
            Owner::socket(socket),
            version.face(Side::Socket),
            &others,
            &mut run.out,
        );
        let mut scene = Scene::new(run, None, &sheet, version);
        scene.evaluate();
        conform::check(&mut scene, Side::Socket, version, &others);
    }
}
