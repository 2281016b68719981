//! Runs `coupler init`: writes the first Plug of an existing workload, the first Socket of an
//! Interface, or a first Interface.

mod bindings_directory;
mod file;
mod release;
mod workload;

use std::collections::BTreeSet;

use super::args::{Color, Flags, Format, Init};
use super::draft;
use super::draft::plug::{DraftSelector, DraftTarget, DraftWorkload, PlugDraft, default_keys};
use super::draft::socket::SocketDraft;
use super::exit::Exit;
use super::fault::{Error, Errors, TypedContext, input_error};
use super::input::{self, Collected, Given, Origin, ReadOptions};
use super::known_interfaces::KnownInterfaces;
use super::print;
use super::read::Named;
use super::report::{Infos, Reporting};
use super::settings;
use crate::api;
use crate::diagnostic::lines;
use crate::manifest::stream::{Stream, metadata};
use crate::render::{Role, Source};
use release::Release;
use workload::ReadWorkload;

/// Writes a manifest, to standard output or below what is in a file.
pub(super) fn init(args: &Init, color: Color) -> Exit {
    let report = Reporting::new(Format::Text, color, Infos::Hidden);
    report.end(run(args, &report).map(|()| Exit::Success))
}

fn run(args: &Init, report: &Reporting) -> Result<(), Errors> {
    let Collected {
        sources,
        files,
        warnings,
    } = read(args)?;
    report.warnings(&warnings);
    let mut stream = Stream::default();
    for (id, source) in (0..).zip(&sources) {
        stream.add(id, &source.text, source.role == Role::Catalogue);
    }
    let known = KnownInterfaces::new(&stream, &sources);
    let (text, home) = match (&args.path, &args.socket) {
        (Some(_), _) => {
            let (text, object) = match release::chosen(args, &stream)? {
                Some(release) => (
                    release_plug(args, &stream, &known, &release)?,
                    release.object,
                ),
                None => {
                    let workload = ReadWorkload::find(args, &stream)?;
                    let text = plug(args, &stream, &known, &workload, report)?;
                    (text, workload.object)
                }
            };
            let source = stream.document(object.document).source as usize;
            (text, files.get(source).and_then(Option::as_ref))
        }
        (None, Some(name)) => (socket(args, name, &known)?, None),
        (None, None) => (interface(args)?, None),
    };
    let text = format!("# yaml-language-server: $schema={}\n{text}", args.schema);
    let target = match (&args.output, home) {
        (Some(path), _) => path,
        (None, Some(Origin { path, .. })) if args.in_place => path,
        (None, None) if args.in_place => {
            let error = Error::msg(
                "--in-place cannot be used with standard input: there is no file to write to",
            );
            return Err(error.into());
        }
        (None, _) => return Ok(print::manifests(&[text])?),
    };
    file::add(target, &text)?;
    report.done(&format!(
        "to get the schema for editors:\n  coupler schema > {}",
        args.schema
    ));
    Ok(())
}

/// Reads the workload's path, and where else Interfaces are defined.
fn read(args: &Init) -> Result<Collected, Errors> {
    let settings = settings::load(&Flags::default(), args.path.as_deref())
        .map_err(|error| error.consequence("nothing was written"))?;
    let options = ReadOptions {
        command: "init",
        plain: args.plain,
        settings: settings.path.as_deref(),
        mappings: settings.mappings.as_ref(),
    };
    let catalogue: Vec<_> = args.catalog.iter().cloned().map(Named::ByUser).collect();
    match &args.path {
        Some(path) => {
            let paths = [Named::ByUser(path.clone())];
            input::collect(Given::Paths(&paths), &catalogue, options)
        }
        None => {
            let nothing = Source {
                name: String::new(),
                text: String::new(),
                role: Role::Stream,
            };
            input::collect(Given::Printed(nothing), &catalogue, options)
        }
    }
}

/// The Plug of a workload.
fn plug(
    args: &Init,
    stream: &Stream<'_>,
    known: &KnownInterfaces,
    workload: &ReadWorkload,
    report: &Reporting,
) -> Result<String, Error> {
    let name = new_name(args, stream, workload.namespace.as_deref())?;
    let version = known.latest(&args.interface);
    if version.is_none() {
        report.warnings(&[format!(
            "{}: its version is not written",
            known.unknown(&args.interface)
        )]);
    }
    let wanted = version
        .as_ref()
        .map(|version| PlugDraft::variables(&args.interface, version))
        .unwrap_or_default();
    let draft = PlugDraft {
        name,
        namespace: workload.namespace.as_deref(),
        interface: &args.interface,
        version: version.as_ref(),
        socket: args.socket.as_deref(),
        service: args.service.as_deref(),
        target: DraftTarget::Workload(DraftWorkload {
            kind: &workload.kind,
            selector: match &workload.labels {
                Some(labels) => DraftSelector::Labels(labels),
                None => DraftSelector::Name(&workload.name),
            },
            container: workload.container.as_ref(),
        }),
        replaced: wanted
            .into_iter()
            .filter(|name| workload.own.variables.contains(name))
            .collect(),
        files: workload.own.files.as_ref(),
    };
    Ok(draft.text())
}

/// The Plug of a HelmRelease, which writes into its values.
fn release_plug(
    args: &Init,
    stream: &Stream<'_>,
    known: &KnownInterfaces,
    release: &Release,
) -> Result<String, Error> {
    let tree = stream
        .tree(release.object.document)
        .map_err(|error| input_error(error.message.clone()))?;
    let namespace = metadata(tree, release.object.node, "namespace")
        .known()
        .map_err(|why| workload::not_readable(&why))?;
    let name = new_name(args, stream, namespace)?;
    let Some(version) = known.latest(&args.interface) else {
        let fault = input_error(known.unknown(&args.interface));
        return Err(fault.help("read the Interface with --catalog PATH: its keys become fields"));
    };
    let keys = default_keys(&version);
    let draft = PlugDraft {
        name,
        namespace,
        interface: &args.interface,
        version: Some(&version),
        socket: args.socket.as_deref(),
        service: args.service.as_deref(),
        target: DraftTarget::Fields {
            object: release.named(),
            fields: release.fields(stream, tree, &args.interface, &keys),
        },
        replaced: BTreeSet::new(),
        files: None,
    };
    Ok(draft.text())
}

/// The name of the Plug, which no other has.
fn new_name<'a>(
    args: &'a Init,
    stream: &Stream<'_>,
    namespace: Option<&str>,
) -> Result<&'a str, Error> {
    let name = args.name.as_deref().unwrap_or(&args.interface);
    if is_taken(stream, name, namespace) {
        let fault = input_error(format!(
            "there is already a Plug `{name}` in this namespace"
        ));
        return Err(fault.help("give this one another name: --name NAME"));
    }
    Ok(name)
}

/// Whether a Plug of the input has this name.
fn is_taken(stream: &Stream<'_>, name: &str, namespace: Option<&str>) -> bool {
    let mut plugs = stream
        .of_kind("Plug")
        .filter(|entry| entry.api_version == api::API_VERSION);
    plugs.any(|entry| {
        stream.tree(entry.object.document).is_ok_and(|tree| {
            // an alias in a Plug is refused elsewhere
            let of = |key| {
                metadata(tree, entry.object.node, key)
                    .known()
                    .ok()
                    .flatten()
            };
            of("name") == Some(name) && of("namespace") == namespace
        })
    })
}

/// A Socket that offers the Interface.
fn socket(args: &Init, name: &str, known: &KnownInterfaces) -> Result<String, Error> {
    let (namespace, name) = match name.split_once('/') {
        Some((namespace, name)) => (Some(namespace), name),
        None => (None, name),
    };
    if !api::is_object_name(name) {
        let fault = Error::msg(format!("a Socket cannot have the name `{name}`"));
        return Err(fault.help("lower-case letters, digits, `-` and `.`: --socket data/main"));
    }
    let Some(version) = known.latest(&args.interface) else {
        let fault = input_error(known.unknown(&args.interface));
        return Err(fault.help(lines![
            ("read the Interface with --catalog PATH, or write one:"),
            ("  coupler init --interface {}", args.interface)
        ]));
    };
    let draft = SocketDraft {
        name,
        namespace,
        interface: &args.interface,
        version: &version,
    };
    Ok(draft.text())
}

/// An Interface of a name that is not taken.
fn interface(args: &Init) -> Result<String, Error> {
    let name = &args.interface;
    if !api::is_interface_name(name) {
        let fault = Error::msg(format!("an Interface cannot have the name `{name}`"));
        return Err(fault.help(
            "lower-case letters, digits and `-`, a letter first: --interface search-engine",
        ));
    }
    if api::library(name).is_some() {
        return Err(
            input_error(format!("the Interface `{name}` is built in")).help(lines![
                ("to read it:"),
                ("  coupler explain {name}"),
                ("to write a Plug or a Socket of it:"),
                ("  coupler init PATH --interface {name}"),
                ("  coupler init --interface {name} --socket NAME")
            ]),
        );
    }
    Ok(draft::interface::text(name, None))
}
