//! Runs `coupler init`: writes the first Plug of an existing workload.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::Context;
use serde_json::Value;

use super::args::{Color, Format, Init};
use super::dir_handle::{DirHandle, Overwrite};
use super::exit::Exit;
use super::fault::{Error, Errors, TypedContext, cannot, input_error};
use super::files::{self, FileChange, Stamp};
use super::input::{self, Collected, Given, Origin, ReadOptions};
use super::print;
use super::read::{self, Named};
use super::report::{Infos, Reporting};
use crate::api::{self, Defaults, Interface, InterfaceVersion, env_name};
use crate::diagnostic::{Findings, Help};
use crate::manifest::emit::{ascii_json, flow_string};
use crate::manifest::scan::scan;
use crate::manifest::stream::{Object, Stream, StreamObject, metadata};
use crate::manifest::{NodeId, NotReadable, Place, Reading, Tree};
use crate::project::{self, WORKLOAD_KINDS, WorkloadKind};

/// Writes a Plug, to standard output or below what stands in a file.
pub(super) fn init(args: &Init, color: Color) -> Exit {
    let report = Reporting::new(Format::Text, color, Infos::Hidden);
    report.end(run(args, &report).map(|()| Exit::Success))
}

fn run(args: &Init, report: &Reporting) -> Result<(), Errors> {
    let options = ReadOptions {
        command: "init",
        plain: args.plain,
        settings: None,
    };
    let paths = [Named::ByUser(args.path.clone())];
    let Collected {
        sources,
        files,
        warnings,
    } = input::collect(Given::Paths(&paths), &[], options)?;
    report.warnings(&warnings);
    let mut stream = Stream::default();
    for (id, source) in (0..).zip(&sources) {
        stream.add(id, &source.text, false);
    }
    let plug = Draft::new(args, &stream)?;
    let text = plug.text(args);
    if plug.version.is_none() {
        report.warnings(&[unknown(&args.interface, &stream)]);
    }
    let home = files
        .get(stream.document(plug.workload.document).source as usize)
        .and_then(Option::as_ref);
    match (&args.output, home) {
        (Some(path), _) => add(path, &text)?,
        (None, Some(Origin { path, .. })) if args.in_place => add(path, &text)?,
        (None, None) if args.in_place => {
            let error = Error::msg(
                "--in-place cannot be used with standard input: it has no file to go to",
            );
            return Err(error.into());
        }
        (None, _) => return Ok(print::manifests(&[text])?),
    }
    report.done(&format!(
        "for editors, the schema beside it:\n  coupler schema > {}",
        args.schema
    ));
    Ok(())
}

/// Below what is in the file, or into a new one, which is there with all of the text or not at all.
fn add(path: &Path, text: &str) -> Result<(), Errors> {
    let (directory, last) = DirHandle::around(path)?;
    let Some(file) = directory.open(&last)? else {
        return Ok(directory.stage(&last, text)?.commit(Overwrite::New)?);
    };
    let real = fs::canonicalize(path).with_context(|| cannot("write", path))?;
    let stamp = Stamp::of(&file.metadata().with_context(|| cannot("write", path))?);
    let name = path.display().to_string();
    let before = read::read(file, &format!("`{name}`"))?;
    if before.trim_start().starts_with(['{', '[']) {
        let fault = input_error(format!("`{name}` is JSON, which holds one document"));
        return Err(fault
            .help("write the Plug to a file of its own: --output plug.yaml")
            .into());
    }
    if !before.ends_with('\n') && !takes_newline(&before) {
        let fault = input_error(format!(
            "`{name}` ends within a block text: a line more would change it"
        ));
        let help = "end the file with a newline, or write the Plug to a file of its own: --output plug.yaml";
        return Err(fault.help(help).into());
    }
    let end = if before.is_empty() || before.ends_with('\n') {
        ""
    } else {
        "\n"
    };
    let between = if before.trim().is_empty() {
        ""
    } else {
        "---\n"
    };
    let pieces = [before.as_str(), end, between, text].map(Cow::Borrowed);
    files::replace(&[FileChange {
        name: &name,
        path: &real,
        stamp: &stamp,
        pieces: &pieces,
    }])
}

/// Whether the last document says the same with a newline at its end (YAML 1.2 §8.1.1.2: a block
/// text may not).
fn takes_newline(text: &str) -> bool {
    let documents = scan(0, text);
    let Some(last) = documents.last() else {
        return true;
    };
    let more = format!("{}\n", last.text);
    let json = |text| {
        Tree::read(text)
            .ok()
            .and_then(|tree| tree.json(tree.root()?).ok())
    };
    json(last.text) == json(&more)
}

/// What is to be written.
struct Draft {
    workload: Object,
    namespace: Option<String>,
    kind: &'static str,
    workload_name: String,
    /// The labels that choose a workload whose name the cluster makes.
    labels: Option<String>,
    /// The container that gets the variables, and all there are; of a workload with several.
    container: Option<(String, Vec<String>)>,
    version: Option<InterfaceVersion>,
    /// The variables of the workload's own that the Plug's would collide with.
    standing: Vec<String>,
}

impl Draft {
    fn new(args: &Init, stream: &Stream<'_>) -> Result<Self, Error> {
        let (kind, workload, workload_name) = choose(args, stream)?;
        let tree = stream
            .tree(workload.document)
            .map_err(|error| input_error(error.message.clone()))?;
        let namespace = metadata(tree, workload.node, "namespace")
            .known()
            .map_err(|why| not_readable(&why))?
            .map(str::to_owned);
        let name = args.name.as_deref().unwrap_or(&args.interface);
        let taken = stream
            .of_kind("Plug")
            .filter(|entry| entry.api_version == api::API_VERSION)
            .any(|entry| {
                stream.tree(entry.object.document).is_ok_and(|tree| {
                    // an alias in a Plug is refused elsewhere
                    let of = |key| {
                        metadata(tree, entry.object.node, key)
                            .known()
                            .ok()
                            .flatten()
                    };
                    of("name") == Some(name) && of("namespace") == namespace.as_deref()
                })
            });
        if taken {
            let fault = input_error(format!("a Plug `{name}` stands here already"));
            return Err(fault.help("give this one another name: --name NAME"));
        }
        let is_named = matches!(metadata(tree, workload.node, "name"), Reading::Value(_));
        let labels = match project::own_labels(tree, workload.node) {
            _ if is_named => None,
            Some(labels) => Some(labels),
            None => {
                let fault =
                    input_error("the workload has a generated name, and no label to choose it by");
                return Err(fault.help("give it one:\n  metadata:\n    labels: {app: web}"));
            }
        };
        let container = container(args, tree, workload.node, &workload_name)?;
        let version = interface(stream, &args.interface).and_then(latest);
        let own = variables(
            tree,
            workload.node,
            container.as_ref().map(|(name, _)| name.as_str()),
        )
        .map_err(|why| not_readable(&why))?;
        let wanted = version
            .iter()
            .flat_map(required)
            .map(|key| env_name(&args.interface, key));
        let standing = wanted.filter(|name| own.contains(name)).collect();
        Ok(Self {
            workload,
            namespace,
            kind,
            workload_name,
            labels,
            container,
            version,
            standing,
        })
    }

    fn text(&self, args: &Init) -> String {
        let mut out = format!("# yaml-language-server: $schema={}\n", args.schema);
        let one = |text: &str| flow_string(text).into_owned();
        let name = one(args.name.as_deref().unwrap_or(&args.interface));
        let namespace = self
            .namespace
            .as_deref()
            .map(|n| format!(", namespace: {}", one(n)))
            .unwrap_or_default();
        let version = self
            .version
            .as_ref()
            .map(|v| format!(", version: \"{}\"", v.version.value.major))
            .unwrap_or_default();
        let _ = write!(
            out,
            "apiVersion: {}\nkind: Plug\nmetadata: {{name: {name}{namespace}}}\nspec:\n  interface: {{name: {}{version}}}\n",
            api::API_VERSION,
            one(&args.interface)
        );
        if let Some(socket) = &args.socket {
            let socket = match socket.split_once('/') {
                Some((namespace, name)) => {
                    format!("name: {}, namespace: {}", one(name), one(namespace))
                }
                None => format!("name: {}", one(socket)),
            };
            let _ = writeln!(out, "  socket: {{{socket}}}");
        }
        let kind = if self.kind == "Deployment" {
            String::new()
        } else {
            format!("kind: {}, ", self.kind)
        };
        let workload = match &self.labels {
            Some(labels) => format!("{kind}matchLabels: {{{labels}}}"),
            None => format!("{kind}name: {}", one(&self.workload_name)),
        };
        match &self.container {
            None => {
                let _ = writeln!(out, "  workloads: [{{{workload}}}]");
            }
            Some((container, all)) => {
                let all: Vec<_> = all.iter().map(|name| one(name)).collect();
                let _ = writeln!(
                    out,
                    "  workloads:\n    - {{{workload}, containers: [{}]}} # of {}",
                    one(container),
                    all.join(", ")
                );
            }
        }
        let Some(version) = &self.version else {
            return out;
        };
        if let Some(config) = example(version) {
            let _ = writeln!(
                out,
                "  config: {} # the Interface's example: write your own",
                ascii_json(config)
            );
        }
        if !self.standing.is_empty() {
            out.push_str("  bind:\n    env:\n");
            for key in required(version) {
                let name = env_name(&args.interface, key);
                let replace = if self.standing.contains(&name) {
                    ", replace: true"
                } else {
                    ""
                };
                let _ = writeln!(
                    out,
                    "      - {{name: {}, key: {}{replace}}}",
                    one(&name),
                    one(key)
                );
            }
        }
        out
    }
}

/// The one workload, or the one that is asked for.
fn choose(args: &Init, stream: &Stream<'_>) -> Result<(&'static str, Object, String), Error> {
    let (kind, name) = match args
        .workload
        .as_deref()
        .map(|asked| asked.split_once('/').ok_or(asked))
    {
        None => (None, None),
        Some(Ok((kind, name))) => (Some(kind), Some(name)),
        Some(Err(name)) => (None, Some(name)),
    };
    let mut found = Vec::new();
    for known in WORKLOAD_KINDS.iter().map(|known| known.kind) {
        for entry in stream
            .of_kind(known)
            .filter(|entry| WorkloadKind::of(&entry.api_version, known).is_some())
        {
            let Ok(tree) = stream.tree(entry.object.document) else {
                continue;
            };
            let text = |key| {
                metadata(tree, entry.object.node, key)
                    .known()
                    .map_err(|why| not_readable(&why))
            };
            let Some(own) = text("name")?.or(text("generateName")?) else {
                continue;
            };
            found.push((known, entry.object, own.to_owned()));
        }
    }
    let fits = |(known, _, own): &(&'static str, Object, String)| {
        kind.is_none_or(|kind| kind.eq_ignore_ascii_case(known))
            && name.is_none_or(|name| name == own)
    };
    let all: Vec<_> = found
        .iter()
        .map(|(kind, _, name)| format!("  --workload {kind}/{name}"))
        .collect();
    found.retain(fits);
    match found.len() {
        1 => Ok(found.remove(0)),
        _ if all.is_empty() => Err(input_error(format!(
            "no workload in `{}`",
            args.path.display()
        ))),
        0 => Err(input_error("no workload of that name stands here")
            .help(Help::from("one of").and(Help::of_lines(all)))),
        _ => Err(input_error("several workloads stand here")
            .help(Help::from("say which:").and(Help::of_lines(all)))),
    }
}

/// Of several containers one: the one asked for, the one that kubectl takes, the one that is called
/// as the workload, or the first.
fn container(
    args: &Init,
    tree: &Tree<'_>,
    root: NodeId,
    workload: &str,
) -> Result<Option<(String, Vec<String>)>, Error> {
    let mut own: Vec<String> = Vec::new();
    for container in project::containers(tree, root)
        .map_err(|why| not_readable(&why))?
        .into_iter()
        .filter(|each| !each.init)
    {
        own.extend(
            container
                .name
                .known()
                .map_err(|why| not_readable(&why))?
                .map(str::to_owned),
        );
    }
    let preferred = match WorkloadKind::of_object(tree, root) {
        Some(known) => {
            let key = "kubectl.kubernetes.io/default-container";
            let path = [known.mapping.annotations, &[key]].concat();
            tree.read_text(root, &path)
                .known()
                .map_err(|why| not_readable(&why))?
        }
        None => None,
    };
    let called = |wanted: &str| own.iter().find(|name| *name == wanted);
    let chosen = match &args.container {
        Some(asked) if !own.contains(asked) => {
            let fault = input_error(format!("the workload has no container `{asked}`"));
            return Err(fault.help(format!("its containers are {}", own.join(", "))));
        }
        Some(asked) => Some(asked),
        None => preferred
            .and_then(called)
            .or_else(|| called(workload))
            .or(own.first()),
    };
    Ok(chosen
        .filter(|_| own.len() > 1)
        .map(|name| (name.clone(), own.clone())))
}

/// The variables of the container, or of the only one.
fn variables(
    tree: &Tree<'_>,
    root: NodeId,
    container: Option<&str>,
) -> Result<Vec<String>, NotReadable> {
    let mut names = Vec::new();
    for each in project::containers(tree, root)?
        .into_iter()
        .filter(|each| !each.init)
    {
        if container.is_some() && each.known_name() != container {
            continue;
        }
        for entry in tree
            .read_items(each.node, &["env"])
            .known()?
            .unwrap_or_default()
        {
            names.extend(tree.read_text(entry, &["name"]).known()?.map(str::to_owned));
        }
    }
    Ok(names)
}

/// The fault of a workload of which it cannot be read what a Plug has to name.
fn not_readable(why: &NotReadable) -> Error {
    let fault = input_error(format!(
        "the workload cannot be read where `{}` is",
        why.token
    ));
    fault.help("write out what it stands for")
}

/// The Interface of a name: of the input, else built in.
fn interface(stream: &Stream<'_>, name: &str) -> Option<Interface> {
    let decode = |tree: &Tree<'_>, node| match api::decode(
        tree,
        node,
        Place::default(),
        &Defaults::default(),
        &mut Findings::new(),
    ) {
        Some(api::OwnObject::Interface(interface)) => Some(interface),
        _ => None,
    };
    let here = stream
        .of_kind("Interface")
        .filter(|entry| entry.api_version == api::API_VERSION);
    let mut here = here
        .filter_map(|entry| decode(stream.tree(entry.object.document).ok()?, entry.object.node));
    here.find(|interface| interface.name.value == name)
        .or_else(|| {
            let tree = Tree::read(api::library(name)?).ok()?;
            decode(&tree, tree.root()?)
        })
}

/// What to say of a name that no Interface has.
fn unknown(name: &str, stream: &Stream<'_>) -> String {
    let named = |entry: &StreamObject<'_>| {
        let tree = stream.tree(entry.object.document).ok()?;
        tree.read_text(entry.object.node, &["spec", "name"])
            .shown()
            .map(str::to_owned)
    };
    let all: Vec<_> = api::library_names()
        .map(str::to_owned)
        .chain(stream.of_kind("Interface").filter_map(named))
        .collect();
    let near = api::suggest(name, all.iter().map(String::as_str));
    let near = near
        .map(|near| format!("; did you mean `{near}`?"))
        .unwrap_or_default();
    format!("no Interface `{name}` is built in or stands here: its version is not written{near}")
}

/// The highest version that is not deprecated.
fn latest(interface: Interface) -> Option<InterfaceVersion> {
    let key =
        |version: &InterfaceVersion| (version.deprecated.is_none(), version.version.value.clone());
    interface.versions.into_iter().max_by_key(key)
}

/// The keys that a Socket must give: without `bind`, each is a variable.
fn required(version: &InterfaceVersion) -> impl Iterator<Item = &str> {
    version
        .socket
        .value
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}

/// What a Plug hands over in the first sound example, where it must hand over something.
fn example(version: &InterfaceVersion) -> Option<&Value> {
    let must = version
        .plug
        .value
        .get("required")
        .and_then(Value::as_array)
        .is_some_and(|keys| !keys.is_empty());
    let mut sound = version
        .examples
        .iter()
        .filter(|example| example.invalid.is_none());
    sound
        .find_map(|example| example.plug.as_ref())
        .filter(|_| must)
}
