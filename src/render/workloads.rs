//! What every touched workload is to look like: those that a Plug names, and those that were coupled before.

use std::collections::{BTreeMap, BTreeSet};

use memchr::memmem::Finder;

use super::names::Names;
use super::ours::Ours;
use super::{lookup, select};
use crate::api::{Orphans, Plug, Settings, Socket};
use crate::couple::{Coupling, Objects, ReferenceKind, Target};
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::stream::{Object, Stream};
use crate::manifest::{NodeId, Place, Span};
use crate::project::{self, Brought, DocumentRef, Wanted, WantedCoupling};

/// The workloads of every touched document, by the document's position in the run, then by node.
pub(super) type Touched<'c> = BTreeMap<usize, BTreeMap<NodeId, Wanted<'c>>>;

/// Chooses the workloads of every Plug, and those that carry the record of an earlier run.
pub(super) fn choose<'c>(
    names: &Names<'_, '_>,
    ours: &'c Ours,
    couplings: &'c [Coupling],
    settings: &Settings,
    omitted: bool,
    out: &mut Vec<Diagnostic>,
) -> Touched<'c> {
    let mut touched = Touched::new();
    let plugs = &ours.integrations.plugs;
    let mut coupling_of = vec![None; plugs.len()];
    for coupling in couplings {
        coupling_of[coupling.plug] = Some(coupling);
    }
    for (plug, coupling) in plugs.iter().zip(coupling_of).filter(|(plug, _)| !plug.suspend) {
        for (object, containers) in containers(names, plug, out) {
            let Some(coupling) = coupling else { continue };
            let socket = &ours.integrations.sockets[coupling.socket];
            let wanted = touched.entry(object.document).or_default().entry(object.node).or_default();
            wanted.node = Some(object.node);
            wanted.couplings.push(want(plug, socket, coupling, containers));
        }
    }
    brought(names, &mut touched);
    recorded(names, ours, settings, &mut touched, out);
    for wanted in touched.values_mut().flat_map(BTreeMap::values_mut) {
        wanted.couplings.sort_by_key(|coupling| coupling.plug);
        wanted.omitted = omitted;
    }
    touched
}

/// The workloads of a Plug, and in each the containers that it chooses.
fn containers(names: &Names<'_, '_>, plug: &Plug, out: &mut Vec<Diagnostic>) -> BTreeMap<Object, Vec<String>> {
    let mut chosen: BTreeMap<Object, Vec<String>> = BTreeMap::new();
    for wanted in &plug.workloads {
        for object in select::workloads(names, plug, wanted, out) {
            let Ok(tree) = names.stream.tree(object.document) else { continue };
            match project::choose(tree, object.node, &wanted.containers) {
                Ok(containers) => {
                    let known = chosen.entry(object).or_default();
                    known.extend(containers.into_iter().filter(|name| !known.contains(name)).collect::<Vec<_>>());
                }
                Err(error) => out.push(error.at(names.place(object), "this workload").at(wanted.at, "named here")),
            }
        }
    }
    chosen
}

fn want<'c>(plug: &'c Plug, socket: &Socket, coupling: &'c Coupling, containers: Vec<String>) -> WantedCoupling<'c> {
    WantedCoupling {
        plug: &plug.meta.name.value,
        socket: named(socket),
        interface: contract(plug, coupling),
        containers,
        env: &coupling.env,
        at: plug.meta.name.at,
    }
}

/// A Socket as a record names it.
pub(super) fn named(socket: &Socket) -> String {
    let name = &socket.name.value;
    socket.meta.namespace.as_ref().map_or_else(|| name.clone(), |namespace| format!("{namespace}/{name}"))
}

/// Interface and version as a record names them.
pub(super) fn contract(plug: &Plug, coupling: &Coupling) -> String {
    format!("{}@{}", plug.interface.value, coupling.version)
}

/// Finds out what the `envFrom` of coupled workloads brings: only key names are looked at.
fn brought(names: &Names<'_, '_>, touched: &mut Touched<'_>) {
    // an object that stands there twice is no concern of ours as long as no Plug refers to it
    let finder = lookup::Finder::new(names);
    for (&document, workloads) in touched {
        let Ok(tree) = names.stream.tree(document) else { continue };
        for (&node, wanted) in workloads {
            let namespace = names.namespace_of(tree, node);
            let known = |(kind, name)| {
                let kind = if kind == ReferenceKind::Secret { "Secret" } else { "ConfigMap" };
                finder.key_names(&Target { api_version: "v1", kind, namespace: namespace.as_deref(), name })
            };
            wanted.brought.extend(project::env_from(tree, node).into_iter().map(|from| {
                Brought {
                    container: from.container.to_owned(),
                    span: tree.span(from.node),
                    names: from
                        .object
                        .and_then(known)
                        .map(|keys| keys.iter().map(|key| format!("{}{key}", from.prefix)).collect()),
                }
            }));
        }
    }
}

/// Adds the workloads that were coupled before, and judges what their absent Plugs mean.
fn recorded(
    names: &Names<'_, '_>,
    ours: &Ours,
    settings: &Settings,
    touched: &mut Touched<'_>,
    out: &mut Vec<Diagnostic>,
) {
    let plugs = &ours.integrations.plugs;
    let present: BTreeSet<_> =
        plugs.iter().map(|plug| (plug.meta.namespace.clone(), project::plug_key(&plug.meta.name.value))).collect();
    let coupled = Finder::new(project::COUPLED);
    let mut asked = (usize::MAX, false); // a `List` of many items is searched once
    for entry in names.stream.entries().iter().filter(|entry| !entry.catalogue) {
        let Object { document, node } = entry.object;
        if asked.0 != document {
            asked = (document, coupled.find(names.stream.document(document).text.as_bytes()).is_some());
        }
        if !asked.1 {
            continue;
        }
        let Ok(tree) = names.stream.tree(document) else { continue };
        let Some(record) = project::record(tree, node) else { continue };
        let wanted = touched.entry(document).or_default().entry(node).or_default();
        wanted.node = Some(node);
        let Ok(record) = record else { continue }; // project says what is wrong with it
        let namespace = names.namespace_of(tree, node);
        let (here, absent): (Vec<_>, Vec<_>) =
            record.plugs.into_keys().partition(|plug| present.contains(&(namespace.clone(), plug.clone())));
        let at = names.place(entry.object);
        let leave = if absent.is_empty() {
            false
        } else if record.omitted {
            let alone = here.is_empty() && wanted.couplings.is_empty();
            let undo = settings.orphans == Orphans::Undo;
            match alone {
                true => out.push(omitted(&absent, at)),
                false if !undo => out.push(torn(&absent, at)),
                false => {}
            }
            alone || !undo
        } else if ours.objects.is_empty() {
            if settings.orphans == Orphans::Refuse {
                out.push(sourceless(&absent, at));
            }
            settings.orphans != Orphans::Undo
        } else {
            false
        };
        if leave {
            touched.entry(document).or_default().remove(&node);
        }
    }
}

fn torn(plugs: &[String], at: Place) -> Diagnostic {
    let message = format!("{} left out when this workload was coupled, and now other Plugs couple it too", were(plugs));
    Diagnostic::error(Code::IntegrationsMissing, message)
        .at(at, "coupled by an earlier run")
        .help("render it once, from its own manifest, together with all its Plugs; or take what they brought out: `--orphans undo`")
}

fn omitted(plugs: &[String], at: Place) -> Diagnostic {
    let message = format!("{} left out of this input on purpose: what it coupled stays as it is", were(plugs));
    Diagnostic::info(Code::SourcesOmitted, message).at(at, "coupled by an earlier run")
}

fn sourceless(plugs: &[String], at: Place) -> Diagnostic {
    let message = "a coupled workload came without any Plug, Socket or Interface";
    Diagnostic::error(Code::IntegrationsMissing, message)
        .at(at, format!("{} there when it was coupled", were(plugs)))
        .help(
            "render it together with its Plug and Socket; or, if they are gone for good, take its coupled variables out with\n\
             `--orphans undo`, or leave it alone with `--orphans keep`",
        )
}

fn were(plugs: &[String]) -> String {
    let names: Vec<_> = plugs.iter().map(|plug| format!("`{plug}`")).collect();
    match &names[..] {
        [only] => format!("Plug {only} was"),
        many => format!("the Plugs {} were", many.join(", ")),
    }
}

/// Projects onto every touched document; the new texts, by the document's position in the run.
pub(super) fn project(
    stream: &Stream<'_>,
    touched: Touched<'_>,
    settings: &Settings,
    out: &mut Vec<Diagnostic>,
) -> BTreeMap<usize, String> {
    let mut texts = BTreeMap::new();
    for (document, workloads) in touched {
        let Ok(tree) = stream.tree(document) else { continue };
        let start = stream.place(document, Span::default());
        let wanted: Vec<_> = workloads.into_values().collect();
        let projected = project::project(DocumentRef { tree, start }, &wanted, settings.discard_edits);
        out.extend(projected.diagnostics);
        texts.extend(projected.text.map(|text| (document, text)));
    }
    texts
}
