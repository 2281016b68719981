//! Indexes the input: Interfaces merged by name and version, Sockets by namespace and name. The
//! stream takes precedence over the catalogue.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use semver::Version;

use super::json_schema::SchemaError;
use super::keywords::{self, MisspeltKeyword};
use super::provided::{Owner, subject};
use super::schema::SideSchema;
use super::template::Side;
use super::{CouplingInput, NotOffered, SocketId};
use crate::api::env_name;
use crate::api::{
    API_VERSION, AdaptedObject, Converter, Interface, InterfaceVersion, Meta, Socket, SocketOrigin,
};
use crate::diagnostic::{Code, Diagnostic, Findings, Help, Paste, lines};
use crate::manifest::{Place, emit};

/// One version of one Interface, analysed on first use.
pub(super) struct DefinedVersion<'a> {
    /// The Interface's name.
    pub name: &'a str,
    /// The version.
    pub number: &'a Version,
    /// As written.
    pub written: &'a InterfaceVersion,
    /// The object that defines it.
    pub interface: &'a Interface,
    /// Whether it comes from the built-in library: then there is no place to point at.
    pub builtin: bool,
    plug: OnceCell<SideSchema<'a>>,
    socket: OnceCell<SideSchema<'a>>,
}

impl<'a> DefinedVersion<'a> {
    /// One version of an Interface.
    pub(super) fn new(
        interface: &'a Interface,
        written: &'a InterfaceVersion,
        builtin: bool,
    ) -> Self {
        Self {
            name: &interface.name.value,
            number: &written.version.value,
            written,
            interface,
            builtin,
            plug: OnceCell::new(),
            socket: OnceCell::new(),
        }
    }

    /// One side of it.
    pub(super) fn side_schema(&self, side: Side) -> &SideSchema<'a> {
        match side {
            Side::Plug => self
                .plug
                .get_or_init(|| SideSchema::new(&self.written.plug, side)),
            Side::Socket | Side::Source => self
                .socket
                .get_or_init(|| SideSchema::new(&self.written.socket, Side::Socket)),
        }
    }

    /// The error of a schema that cannot be used.
    pub(super) fn invalid(&self, side: Side, problem: &SchemaError) -> Diagnostic {
        let message = format!(
            "the {} schema of Interface `{}` {} cannot be used: {}",
            side.word(),
            self.name,
            self.number,
            problem.message
        );
        let error = Diagnostic::error(Code::InvalidSchema, message)
            .at(self.side_schema(side).place(&problem.pointer), "here")
            .on(subject("Interface", &self.interface.meta));
        if problem.pointer.ends_with("/type") {
            return error.help(
                "a type is `string`, `integer`, `number`, `boolean`, `array`, `object` or `null`",
            );
        }
        error
    }

    /// The lines that would give a key of an object: no value is invented.
    pub(super) fn give_help(&self, side: Side, key: &str, owner: &Owner<'_>) -> Help {
        let secret = self
            .side_schema(side)
            .keys
            .get(key)
            .is_some_and(|key| key.secret);
        let into = owner.subject();
        if let Some(converter) = owner.converter {
            return self.converter_help(side, key, converter);
        }
        match side {
            Side::Socket if owner.origin == SocketOrigin::Service => {
                self.socket_help(key, secret, owner)
            }
            _ if secret => {
                let item = lines![("- {{secretRef: {{name: …}}, keys: {{{key}: …}}}}")];
                Help::from("give it from a Secret; add to `spec.configFrom`:").paste(Paste::items(
                    into,
                    "spec.configFrom",
                    item,
                ))
            }
            Side::Socket | Side::Source if key == "host" => {
                let lines = "spec:\n  service: {name: …}".into();
                Help::from("name the Service, or write the host:").paste(Paste::merge(into, lines))
            }
            Side::Socket | Side::Source if key == "port" => {
                let lines = "spec:\n  service: {name: …, port: …}".into();
                Help::from("name the Service's port:").paste(Paste::merge(into, lines))
            }
            Side::Socket | Side::Source => {
                let value = lines![("spec:"), ("  config:"), ("    {key}: …")];
                let item = lines![("- {{secretRef: {{name: …}}, keys: {{{key}: …}}}}")];
                Help::from("add the line:")
                    .paste(Paste::merge(into.clone(), value))
                    .and("or give it from a Secret; add to `spec.configFrom`:")
                    .paste(Paste::items(into, "spec.configFrom", item))
            }
            Side::Plug => {
                let value = lines![("spec:"), ("  config:"), ("    {key}: …")];
                Help::from("add the line:").paste(Paste::merge(into, value))
            }
        }
    }

    /// The lines by which a converter would give a key.
    fn converter_help(&self, side: Side, key: &str, converter: &Converter) -> Help {
        let into = subject("Adapter", &converter.meta);
        let key = emit::flow_string(key);
        match (side, converter.entry(self.name)) {
            (Side::Socket, Some(entry)) => {
                let path = format!("spec.sockets[{}]", entry.position);
                let lines = lines![("config:"), ("  {key}: <% source.config.… %>")];
                Help::from(format!("add the line to `{path}`:"))
                    .paste(Paste::item(into, path, lines))
            }
            _ => {
                let lines = lines![("spec:"), ("  plug:"), ("    {key}: …")];
                Help::from("add the line:").paste(Paste::merge(into, lines))
            }
        }
    }

    /// The Socket that would give what a Service alone does not.
    fn socket_help(&self, key: &str, secret: bool, owner: &Owner<'_>) -> Help {
        let name = emit::flow_string(owner.name);
        let key = emit::flow_string(key);
        let given = match secret {
            true => format!("  configFrom: [{{secretRef: {{name: …}}, keys: {{{key}: …}}}}]"),
            false => format!("  config: {{{key}: …}}"),
        };
        let namespace = owner.meta.namespace.as_ref();
        let namespace = namespace.map_or_else(String::new, |namespace| {
            format!(", namespace: {}", emit::flow_string(namespace))
        });
        let socket = lines![
            ("apiVersion: {API_VERSION}"),
            ("kind: Socket"),
            ("metadata: {{name: {name}{namespace}}}"),
            ("spec:"),
            (
                "  interface: {{name: {}, versions: [{}]}}",
                self.name,
                self.number
            ),
            ("  service: {{name: {name}}}"),
            ("{given}")
        ];
        let named = lines![("spec:"), ("  socket: {{name: {name}}}")];
        Help::from(
            "a Service gives only `host` and `port`: add a Socket that gives the other \
         keys,",
        )
        .paste(Paste::beside(owner.subject(), socket))
        .and("and name it in the Plug:")
        .paste(Paste::replace(owner.subject(), "spec.socket", named))
    }

    /// What is wrong with it whoever uses it: keys whose variables would have one name, and
    /// misspelt keywords.
    pub(super) fn flaws(&self, out: &mut Findings) {
        self.collisions(out);
        self.misspelt_keywords(out);
    }

    fn misspelt_keywords(&self, out: &mut Findings) {
        for side in [Side::Plug, Side::Socket] {
            let side_schema = self.side_schema(side);
            for MisspeltKeyword {
                pointer,
                written,
                meant,
            } in keywords::misspelt(&side_schema.schema.value)
            {
                let message = format!(
                    "JSON Schema has no keyword `{written}`: in the {} schema of Interface `{}` \
                     {} it has no effect",
                    side.word(),
                    self.name,
                    self.number
                );
                let warning = Diagnostic::warning(Code::MisspeltKeyword, message)
                    .at_unknown(side_schema.place(&pointer), Some(meant), "")
                    .help("a keyword of your own must begin with `x-`")
                    .on(subject("Interface", &self.interface.meta));
                out.report(warning);
            }
        }
    }

    fn collisions(&self, out: &mut Findings) {
        for side in [Side::Plug, Side::Socket] {
            let side_schema = self.side_schema(side);
            let mut names: BTreeMap<String, &str> = BTreeMap::new();
            for key in side_schema.keys.keys() {
                let Some(first) = names.insert(env_name("x", key), key) else {
                    continue;
                };
                let message = format!(
                    "keys `{first}` and `{key}` of Interface `{}` {} would get the same variable",
                    self.name, self.number
                );
                let place = |key: &str| side_schema.place(&format!("/properties/{key}"));
                out.report(
                    Diagnostic::error(Code::KeyCollision, message)
                        .at(place(key), "this key")
                        .at(place(first), "and this one")
                        .help("rename one of them")
                        .on(subject("Interface", &self.interface.meta)),
                );
            }
        }
    }
}

/// One Interface, of whatever objects define its versions.
#[derive(Default)]
pub(super) struct DefinedInterface<'a> {
    /// By version.
    pub versions: BTreeMap<Version, DefinedVersion<'a>>,
    /// Whether one of its objects holds a reported error.
    pub broken: bool,
}

/// Everything that can be looked up.
pub(super) struct Index<'a> {
    /// Interfaces by name.
    pub interfaces: BTreeMap<&'a str, DefinedInterface<'a>>,
    /// Written Sockets by namespace and `spec.name`.
    pub sockets: BTreeMap<(Option<&'a str>, &'a str), SocketId>,
    /// Adapted ones by namespace and name, where no written one has the name: those of the stream
    /// before those of the catalogue.
    pub adapted: BTreeMap<(Option<&'a str>, &'a str), Vec<SocketId>>,
    /// The namespaces and Interfaces of written Sockets: there, no adapted one is found but by
    /// name.
    pub written: BTreeSet<(Option<&'a str>, &'a str)>,
    /// The objects that could be Sockets and are none that a Plug finds, by namespace and
    /// Interface.
    pub not_offered: BTreeMap<(Option<&'a str>, &'a str), Vec<&'a NotOffered>>,
    /// The Sockets that converters make, by what they are made of and what they offer.
    pub converted: BTreeMap<(SocketId, &'a str), Vec<SocketId>>,
}

impl<'a> Index<'a> {
    /// Builds it, and reports what is defined twice.
    pub(super) fn new(
        integrations: &'a CouplingInput,
        library: &'a [Interface],
        out: &mut Findings,
    ) -> Self {
        let mut index = Self {
            interfaces: BTreeMap::new(),
            sockets: BTreeMap::new(),
            adapted: BTreeMap::new(),
            written: BTreeSet::new(),
            not_offered: BTreeMap::new(),
            converted: BTreeMap::new(),
        };
        for (position, one) in integrations.converted.iter().enumerate() {
            let key = (one.source, one.socket.interface.value.as_str());
            let all = index.converted.entry(key).or_default();
            all.push(SocketId::Converted(position));
        }
        // in order of who wins
        for catalogue in [false, true] {
            for interface in in_order(&integrations.interfaces, |i| &i.meta)
                .filter(|i| i.meta.catalogue == catalogue)
            {
                index.define(interface, false, out);
            }
        }
        for interface in library {
            index.define(interface, true, out);
        }
        twice(
            "Plug",
            in_order(&integrations.plugs, |plug| &plug.meta).map(|plug| &plug.meta),
            out,
        );
        for catalogue in [false, true] {
            let sockets = || {
                in_order(&integrations.sockets, |s| &s.meta)
                    .filter(move |s| s.meta.catalogue == catalogue && !s.is_adapted())
            };
            twice("Socket", sockets().map(|socket| &socket.meta), out);
            index.offer(integrations, catalogue, out);
        }
        index.add_adapted(integrations);
        index
    }

    /// Adds what Adapters made: it never changes what is found by what is written.
    fn add_adapted(&mut self, integrations: &'a CouplingInput) {
        for socket in integrations
            .sockets
            .iter()
            .filter(|socket| !socket.is_adapted())
        {
            let namespace = socket.meta.namespace.as_deref();
            self.written.insert((namespace, &socket.interface.value));
        }
        let mut order: Vec<_> = integrations.sockets().collect();
        order.retain(|(_, socket)| socket.is_adapted());
        order.sort_by_key(|(_, socket)| (socket.meta.catalogue, object(socket)));
        for (id, socket) in order {
            let name = (socket.meta.namespace.as_deref(), socket.name.value.as_str());
            if !self.sockets.contains_key(&name) {
                self.adapted.entry(name).or_default().push(id);
            }
        }
        let mut order: Vec<&NotOffered> = integrations.not_offered.iter().collect();
        order.sort_by_key(|one| (one.catalogue, &one.object, &one.reason));
        for one in order {
            let key = (one.object.namespace.as_deref(), one.interface.as_str());
            self.not_offered.entry(key).or_default().push(one);
        }
    }

    fn define(&mut self, interface: &'a Interface, builtin: bool, out: &mut Findings) {
        let definition = self.interfaces.entry(&interface.name.value).or_default();
        definition.broken |= interface.meta.broken;
        for written in &interface.versions {
            let version = DefinedVersion::new(interface, written, builtin);
            match definition.versions.get(version.number) {
                None => {
                    definition.versions.insert(version.number.clone(), version);
                }
                // who wins was there first
                Some(first)
                    if builtin || first.interface.meta.catalogue != interface.meta.catalogue => {}
                Some(first) if same(first.written, written) => {}
                Some(first) => {
                    definition.broken = true;
                    let message = format!(
                        "version {} of Interface `{}` is defined in two ways",
                        version.number, version.name
                    );
                    out.report(
                        Diagnostic::error(Code::InterfaceConflict, message)
                            .at(written.version.at, "defined here")
                            .at(first.written.version.at, "defined differently here")
                            .help("a published version never changes: keep one of the two, or give the other a new version")
                            .on(subject("Interface", &interface.meta)),
                    );
                }
            }
        }
    }

    fn offer(&mut self, integrations: &'a CouplingInput, catalogue: bool, out: &mut Findings) {
        let mut order: Vec<_> = integrations.sockets().collect();
        order.sort_by_key(|(_, socket)| key(&socket.meta));
        for (id, socket) in order {
            if socket.meta.catalogue != catalogue || socket.is_adapted() {
                continue;
            }
            let name = (socket.meta.namespace.as_deref(), socket.name.value.as_str());
            match self.sockets.get(&name).map(|&first| &integrations[first]) {
                None => {
                    self.sockets.insert(name, id);
                }
                Some(first)
                    if first.meta.catalogue != catalogue
                        || first.meta.name.value == socket.meta.name.value => {}
                Some(first) => {
                    out.report(one_name(first, socket));
                }
            }
        }
    }
}

/// The object that an Adapter made a Socket of.
fn object(socket: &Socket) -> Option<&AdaptedObject> {
    socket.adapted.as_ref().map(|adapted| &adapted.object)
}

fn one_name(first: &Socket, second: &Socket) -> Diagnostic {
    let message = format!(
        "two Sockets{} are called `{}`",
        within(&second.meta),
        second.name.value
    );
    Diagnostic::error(Code::DuplicateObject, message)
        .at(second.name.at, "this one")
        .at(first.name.at, "and this one")
        .help("give one of them another `spec.name`")
        .with_topic([])
        .on(subject("Socket", &second.meta))
}

/// ` of namespace `x``, where it is known.
pub(super) fn within(meta: &Meta) -> String {
    meta.namespace
        .as_ref()
        .map_or_else(String::new, |namespace| {
            format!(" of namespace `{namespace}`")
        })
}

fn key(meta: &Meta) -> (Option<&str>, &str, Place) {
    (meta.namespace.as_deref(), &meta.name.value, meta.at)
}

/// Objects by namespace and name: messages must not depend on the order of documents.
fn in_order<T>(objects: &[T], meta: impl Fn(&T) -> &Meta) -> impl Iterator<Item = &T> {
    let mut order: Vec<&T> = objects.iter().collect();
    order.sort_by(|a, b| key(meta(a)).cmp(&key(meta(b))));
    order.into_iter()
}

fn twice<'a>(kind: &str, metas: impl Iterator<Item = &'a Meta>, out: &mut Findings) {
    let mut before: Option<&Meta> = None;
    for meta in metas {
        if let Some(before) = before
            && (&before.namespace, &before.name.value) == (&meta.namespace, &meta.name.value)
        {
            out.report(
                Diagnostic::error(
                    Code::DuplicateObject,
                    format!(
                        "{kind} `{}`{} is defined twice",
                        meta.name.value,
                        within(meta)
                    ),
                )
                .at(meta.name.at, "again here")
                .at(before.name.at, "first here")
                .help("remove one of the two, or rename it")
                .with_topic([])
                .on(subject(kind, meta)),
            );
        }
        before = Some(meta);
    }
}

fn same(a: &InterfaceVersion, b: &InterfaceVersion) -> bool {
    a.plug.value == b.plug.value && a.socket.value == b.socket.value && a.deprecated == b.deprecated
}
