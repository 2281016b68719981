//! Defines `render(Input) -> Output`, the pure function that all other code calls or serves: start
//! reading here.

mod absent;
mod adaptable;
mod affixes;
mod authors;
mod bound_by;
mod config_maps;
pub(crate) mod couplings;
mod emit;
mod fields;
mod followed_names;
mod found_lists;
mod hooks;
pub(crate) mod kustomize_hash;
mod lookup;
mod names;
mod only_namespace;
pub(crate) mod own_objects;
mod pods_elsewhere;
mod proposed_mapping;
mod remarks;
mod report;
mod resource_names;
mod resources;
mod select;
mod service_bindings;
mod service_ports;
mod unreadable;
mod unrendered;
pub(crate) mod workload_remedy;
mod workloads;

use std::borrow::Cow;

use crate::api::{AllPlugs, Integrations, Settings};
use crate::couple::{self, PlugsInInput, couple};
use crate::diagnostic::{self, Code, Diagnostic, Findings};
use crate::limits;
use crate::manifest::stream::Stream;
use crate::manifest::{Place, SourceId, Span};
use crate::project::{Sources, WorkloadKinds};
use lookup::Finder;
use names::Names;
use own_objects::OwnObjects;
pub use report::source_texts;
use resources::FoundResource;
pub use unrendered::unrendered;

/// One text that takes part in a run.
#[derive(Clone, Debug)]
pub struct Source {
    /// What the user calls it: a path, or `<stdin>`.
    pub name: String,
    /// Its bytes.
    pub text: String,
    /// What it is read for.
    pub role: Role,
}

/// What a source is read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The manifests that are rendered.
    Stream,
    /// Interfaces, Sockets and what they refer to.
    Catalogue,
}

/// Everything a render depends on.
#[derive(Clone, Debug, Default)]
pub struct Input {
    /// The sources, in order.
    pub sources: Vec<Source>,
    /// The settings.
    pub settings: Settings,
}

/// One source of the stream, rendered.
#[derive(Debug)]
#[non_exhaustive]
pub struct Rendered<'a> {
    /// Which source.
    pub source: SourceId,
    /// Its bytes, in pieces: what is unchanged is a slice of the input.
    pub pieces: Vec<Cow<'a, str>>,
    /// The documents of the input, whole, that come out otherwise than they came in.
    pub changed: Vec<Place>,
}

/// What a render gives: with an error among the diagnostics, nothing is to be emitted.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Output<'a> {
    /// One per source of the stream, in order.
    pub rendered: Vec<Rendered<'a>>,
    /// Sorted.
    pub diagnostics: Vec<Diagnostic>,
}

/// Renders: every Plug of the stream is resolved, checked and baked into its workloads.
///
/// All errors are found before anything is given back; with one among them `rendered` is empty.
pub fn render(input: &Input) -> Output<'_> {
    run(
        input,
        CheckScope::Coupled,
        left_out(input.settings.integrations != Integrations::Keep),
    )
}

/// As [`render`], for a host that writes what is marked `local-config` back to its file (kpt): the
/// sources stay where they are.
pub fn render_in_place(input: &Input) -> Output<'_> {
    run(
        input,
        CheckScope::Coupled,
        left_out(input.settings.integrations == Integrations::Drop),
    )
}

/// As [`render`], and judges Interfaces and Sockets that no Plug asks for: the provider's own
/// check.
pub fn check(input: &Input) -> Output<'_> {
    run(
        input,
        CheckScope::All,
        left_out(input.settings.integrations != Integrations::Keep),
    )
}

/// Whose Interfaces and Sockets are judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CheckScope {
    /// Those that a Plug asks for.
    Coupled,
    /// All of them.
    All,
}

fn left_out(omitted: bool) -> Sources {
    if omitted {
        Sources::Omitted
    } else {
        Sources::Kept
    }
}

/// `sources`: where the Plugs are after this run.
fn run(input: &Input, asked: CheckScope, sources: Sources) -> Output<'_> {
    let mut found = Findings::new();
    let settings = &input.settings;

    let InputStream { stream, resources } = read(input);
    if stream.len() > limits::DOCUMENTS {
        return Output {
            rendered: Vec::new(),
            diagnostics: vec![too_many(&stream)],
        };
    }
    let mut ours = OwnObjects::decode(&stream, settings, &mut found);
    let kinds = WorkloadKinds::read(&stream);
    let names = Names::new(&stream, settings.namespace.as_deref(), &kinds);
    let finder = Finder::new(&names);
    couple::adapt(&mut ours.integrations, &finder, &mut found);
    let mut coupled = couple(&ours.integrations, &finder);
    if asked == CheckScope::All {
        found.extend(couple::check(&ours.integrations, &finder, &coupled));
    }
    let plugs = plugs_in_input(input, &stream);
    couple::judge_plugs(&ours.integrations, &coupled.resolved, plugs, &mut found);
    found.extend(std::mem::take(&mut coupled.diagnostics));
    found.extend(finder.into_diagnostics());

    let touched = workloads::choose(&names, &ours, &mut found);
    let texts = workloads::project(
        &names, &ours, &coupled, touched, settings, sources, &mut found,
    );
    resource_names::judge(&names, &ours, &coupled.couplings, &mut found);
    let run = resources::ResourceRun {
        names: &names,
        ours: &ours,
        couplings: &coupled.couplings,
        settings,
        sources,
    };
    let edits = run.edits(&resources, &mut found);
    found.extend(service_bindings::judge(
        &stream,
        &ours.integrations,
        settings,
    ));
    unreadable::report_opaque(&stream, &ours, &mut found);
    unreadable::report(&stream, &names, &mut ours, &mut found);
    let rendered = emit::emit(&stream, &ours, texts, edits, settings, &mut found);

    if found.iter().any(|each| each.code == Code::NamespaceUnknown)
        && let Some(name) = only_namespace::only_namespace(&stream)
    {
        found.name_namespace(&name);
    }
    if settings.strict {
        found.make_strict();
    }
    let failed = diagnostic::has_errors(&found);
    Output {
        rendered: if failed { Vec::new() } else { rendered },
        diagnostics: not_checked_once(found.conclude(&unreadable::unusable(&stream, &ours))),
    }
}

/// Whether the input has all Plugs of the Sockets of its stream.
fn plugs_in_input(input: &Input, stream: &Stream<'_>) -> PlugsInInput {
    let is_catalogue = |source: &Source| source.role == Role::Catalogue;
    let has_catalogue = input.sources.iter().any(is_catalogue)
        || stream.entries().iter().any(|entry| entry.catalogue);
    match input.settings.plugs {
        AllPlugs::Stream => PlugsInInput::All,
        AllPlugs::Catalogue if has_catalogue => PlugsInInput::All,
        AllPlugs::Catalogue => PlugsInInput::Some,
    }
}

/// Keeps the first of the values that could not be checked, with the number of the others: it is
/// information about the check, and not about each value.
fn not_checked_once(mut all: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let is_one = |diagnostic: &Diagnostic| diagnostic.code == Code::NotChecked;
    let count = all.iter().filter(|one| is_one(one)).count();
    let mut first = true;
    all.retain(|one| !is_one(one) || std::mem::take(&mut first));
    if count > 1
        && let Some(one) = all.iter_mut().find(|one| is_one(one))
    {
        let more = count - 1;
        let values = if more == 1 { "value" } else { "values" };
        one.message += &format!("; and {more} more {values}");
    }
    all
}

/// The documents of an input.
pub(crate) struct InputStream<'a> {
    /// Without the resources that coupler wrote: nobody reads these.
    pub(crate) stream: Stream<'a>,
    /// They, where they are.
    pub(crate) resources: Vec<FoundResource>,
}

pub(crate) fn read(input: &Input) -> InputStream<'_> {
    let mut stream = Stream::default();
    for (id, source) in (0..).zip(&input.sources) {
        stream.add(id, &source.text, source.role == Role::Catalogue);
    }
    let resources = resources::withdraw(&mut stream);
    InputStream { stream, resources }
}

fn too_many(stream: &Stream<'_>) -> Diagnostic {
    let message = format!("there are more than {} documents", limits::DOCUMENTS);
    Diagnostic::error(Code::LimitExceeded, message)
        .at(
            stream.place(limits::DOCUMENTS, Span::default()),
            "the first one beyond the limit",
        )
        .help("render fewer at a time")
}
