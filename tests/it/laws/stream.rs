//! Random streams that couple: Interfaces, Sockets, Plugs and what they refer to, and workloads of
//! every kind.

mod bindings;
mod both_directions;
mod fields;
mod postgresql;
mod resources;
mod service_bindings;
mod services;
mod workloads;

pub(super) use self::fields::MADE;
pub(super) use self::workloads::MAPPED;

use coupler::api::{AllPlugs, Settings};

use self::fields::FieldTarget;
use self::service_bindings::Requests;
use super::mutate::Random;
use super::style::{Y, map, shuffle, text};

/// What every value of a Secret begins with.
pub(super) const SENTINEL: &str = "S3NT1NEL";
/// The same in base64, as far as it does not depend on what follows.
pub(super) const SENTINEL_64: &str = "UzNOVDFORU";

/// What a document is to a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Plug,
    /// A Socket or an Interface.
    Offer,
    /// What a Socket writes into.
    Provider,
    Workload,
    Secret,
    Other,
    /// A chart's template, which no YAML reader reads.
    Broken,
}

#[derive(Clone, Debug)]
pub(super) struct Document {
    pub(super) role: Role,
    pub(super) object: Y,
    /// How it is written.
    pub(super) seed: u64,
    /// Whether it is in a `List`.
    pub(super) listed: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Stream {
    pub(super) documents: Vec<Document>,
    pub(super) settings: Settings,
    windows: bool,
    last_newline: bool,
    begin: &'static str,
}

impl Stream {
    pub(super) fn new(seed: u64) -> Self {
        Self::of(seed, Resources::None, Directions::One)
    }

    /// The same, and Plugs and Sockets have resources.
    pub(super) fn with_resources(seed: u64) -> Self {
        Self::of(seed, Resources::Some, Directions::One)
    }

    /// The same, and Sockets write what their Plugs hand over.
    pub(super) fn with_both_directions(seed: u64) -> Self {
        let resources = match seed.is_multiple_of(2) {
            true => Resources::Some,
            false => Resources::None,
        };
        Self::of(seed, resources, Directions::Both)
    }

    fn of(seed: u64, resources: Resources, directions: Directions) -> Self {
        Generator {
            random: Random::new(seed),
            namespace: None,
            resources,
            directions,
            requests: Requests::Plugs,
        }
        .stream()
    }

    pub(super) fn text(&self) -> String {
        let mut texts: Vec<String> = self
            .documents
            .iter()
            .filter(|d| !d.listed)
            .map(Document::text)
            .collect();
        let mut list = "apiVersion: v1\nkind: List\nitems:\n".to_owned();
        for document in self.documents.iter().filter(|d| d.listed) {
            list += "- ";
            document
                .object
                .block(&mut Random::new(document.seed), 2, &mut list);
        }
        if list.ends_with('\n') && self.documents.iter().any(|d| d.listed) {
            texts.push(list);
        }
        let mut out = self.begin.to_owned() + &texts.join("---\n");
        if !self.last_newline {
            out.truncate(out.trim_end_matches('\n').len());
        }
        if self.windows {
            out.replace('\n', "\r\n")
        } else {
            out
        }
    }

    /// The same objects, with documents and keys in another order, written in another way.
    pub(super) fn shuffled(&self, seed: u64) -> Self {
        let mut random = Random::new(seed);
        let mut other = self.clone();
        shuffle(&mut random, &mut other.documents);
        for document in &mut other.documents {
            document.seed = random.next();
            document.object = document.object.shuffled(&mut random);
            document.listed = document.listed && random.below(2) == 0;
        }
        other.windows = random.below(4) == 0;
        other
    }

    /// With a newline at its end: what a block scalar that is there holds depends on it.
    pub(super) fn ended(mut self) -> Self {
        self.last_newline = true;
        self
    }

    /// With the documents of some roles alone.
    pub(super) fn only(&self, is_wanted: impl Fn(Role) -> bool) -> Self {
        let mut other = self.clone();
        other.documents.retain(|document| is_wanted(document.role));
        other
    }

    /// Every Plug names its Socket.
    pub(super) fn name_sockets(&mut self) {
        let plugs = self.documents.iter_mut();
        for plug in plugs.filter(|document| document.role == Role::Plug) {
            plug.object.name_socket();
        }
    }

    /// Without the documents of a role.
    pub(super) fn without(&self, role: Role) -> Self {
        let mut other = self.clone();
        other.documents.retain(|document| document.role != role);
        other
    }
}

impl Document {
    fn text(&self) -> String {
        let mut random = Random::new(self.seed);
        if self.role == Role::Broken {
            return "{{- if .Values.on }}\nkind: Ingress\n{{- end }}\n".to_owned();
        }
        if random.below(8) == 0 {
            return self.object.json(&mut random) + "\n";
        }
        let mut out = String::new();
        self.object.block(&mut random, 0, &mut out);
        out
    }
}

struct Generator {
    random: Random,
    /// Where Sockets and most else are; `None`: not given.
    namespace: Option<&'static str>,
    resources: Resources,
    directions: Directions,
    requests: Requests,
}

/// Whether Sockets write what their Plugs hand over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Directions {
    One,
    Both,
}

/// Whether Plugs and Sockets have resources.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Resources {
    None,
    Some,
}

/// A workload as Plugs see it.
struct Workload {
    api_version: String,
    kind: &'static str,
    name: String,
    team: bool,
    own: Vec<String>,
    init: Vec<String>,
    pod_ip: bool,
}

impl Generator {
    fn one_in(&mut self, n: usize) -> bool {
        self.random.below(n) == 0
    }

    fn stream(mut self) -> Stream {
        let shop = self.one_in(3);
        self.namespace = if shop { None } else { Some("shop") };
        let mut settings = Settings {
            namespace: (shop && self.one_in(2)).then(|| "shop".to_owned()),
            plugs: AllPlugs::Stream,
            ..Settings::default()
        };
        let mut found = vec![
            (Role::Offer, self.interface()),
            (Role::Offer, self.postgresql()),
            (Role::Offer, self.thing()),
            (Role::Other, self.postgresql_settings()),
        ];
        let workloads: Vec<_> = (0..1 + self.random.below(4))
            .map(|n| self.workload(n, &mut found))
            .collect();
        let targets = self.field_targets(&workloads, &mut found);
        if workloads.iter().any(|workload| workload.kind == MAPPED) {
            found.push((Role::Other, workloads::mapping()));
        }
        for n in 0..1 + self.random.below(4) {
            let plug = self.plug(n, &workloads, &targets);
            found.push((Role::Plug, plug));
        }
        if self.one_in(3) {
            let plug = self.service_plug(&workloads);
            found.push((Role::Plug, plug));
        }
        self.others(&mut found);
        if self.requests == Requests::WithServiceBindings {
            settings.service_bindings = self.service_bindings(&workloads, &mut found);
        }
        if self.directions == Directions::Both {
            self.write_back(&mut found);
        }
        shuffle(&mut self.random, &mut found);
        let document = |(role, object)| {
            let listed = !matches!(role, Role::Plug | Role::Secret | Role::Broken)
                && self.random.below(6) == 0;
            Document {
                role,
                object,
                seed: self.random.next(),
                listed,
            }
        };
        let documents = found.into_iter().map(document).collect();
        Stream {
            documents,
            settings,
            windows: self.one_in(6),
            last_newline: !self.one_in(4),
            begin: self
                .random
                .pick(&["", "", "---\n", "# head\n", "# head\n---\n", "\n"]),
        }
    }

    fn object(
        &mut self,
        api_version: &str,
        kind: &str,
        name: &str,
        team: bool,
        spec: Option<Y>,
    ) -> Y {
        let mut metadata = map([("name", text(name))]);
        if let Some(namespace) = if team { Some("team") } else { self.namespace } {
            metadata.push("namespace", text(namespace));
        }
        let mut object = map([
            ("apiVersion", text(api_version)),
            ("kind", text(kind)),
            ("metadata", metadata),
        ]);
        if let Some(spec) = spec {
            object.push("spec", spec);
        }
        object
    }

    fn ours(&mut self, kind: &str, name: &str, team: bool, spec: Y) -> Y {
        self.object("integration.rock8s.com/v1", kind, name, team, Some(spec))
    }

    fn interface(&mut self) -> Y {
        let scalar = |name: &str| map([("type", text(name))]);
        let marked =
            |keyword: &str| map([("type", text("string")), (keyword, Y::Word("true".into()))]);
        let socket = || {
            let properties = map([
                ("text", scalar("string")),
                ("count", scalar("integer")),
                ("flag", scalar("boolean")),
                (
                    "hosts",
                    map([("type", text("array")), ("items", scalar("string"))]),
                ),
                ("endpoints", scalar("array")),
                ("settings", scalar("object")),
                ("level", scalar("string")),
                ("token", marked("writeOnly")),
                ("region", marked("x-default")),
                ("certificate", scalar("string")),
                (
                    "label",
                    map([
                        ("type", text("string")),
                        (
                            "x-value",
                            Y::List(vec![
                                text("<% socket.config.region %>/<% socket.config.count %>"),
                                text("<% socket.config.count %>"),
                            ]),
                        ),
                    ]),
                ),
                (
                    "url",
                    map([
                        ("type", text("string")),
                        ("writeOnly", Y::Word("true".into())),
                        (
                            "x-value",
                            Y::List(vec![text(
                                "thing://<% socket.config.token %>@<% socket.config.label %>",
                            )]),
                        ),
                    ]),
                ),
            ]);
            let required = [
                "text",
                "count",
                "flag",
                "hosts",
                "endpoints",
                "settings",
                "level",
                "token",
                "label",
            ];
            let required = required.into_iter().map(text).collect();
            map([
                ("type", text("object")),
                ("required", Y::List(required)),
                ("properties", properties),
            ])
        };
        let plug = map([
            ("type", text("object")),
            ("properties", map([("size", scalar("integer"))])),
        ]);
        let mut versions = Vec::new();
        for version in ["1.0.0", "1.2.0"] {
            versions.push(map([
                ("version", text(version)),
                ("plug", plug.clone()),
                ("socket", socket()),
            ]));
        }
        self.ours(
            "Interface",
            "thing",
            false,
            map([("name", text("thing")), ("versions", Y::List(versions))]),
        )
    }

    fn thing(&mut self) -> Y {
        let endpoint = |n: &str| {
            map([
                ("host", text(format!("h{n}"))),
                ("port", Y::Word(n.to_owned())),
            ])
        };
        let tricky = [
            "plain",
            "on",
            "0777",
            "1e3",
            "a: b # c",
            "it's",
            "$(PATH) $$ $",
            "é😀",
            " x ",
            "two\nlines",
            "~",
            "*a",
            "",
        ];
        let tricky = *self.random.pick(&tricky.each_ref());
        let config = map([
            ("text", text(tricky)),
            ("count", text("<% plug.config.size | default(2) * 2 %>")),
            ("flag", Y::Word("true".into())),
            (
                "hosts",
                Y::List(vec![text("a.example.com"), text("<% plug.name | upper %>")]),
            ),
            ("endpoints", Y::List(vec![endpoint("1"), endpoint("2")])),
            (
                "settings",
                map([
                    ("z", Y::Word("1.5".into())),
                    ("a", Y::List(vec![Y::Null, text("<% plug.name %>")])),
                ]),
            ),
        ]);
        let mut config = config;
        if self.namespace.is_some() {
            config.push("region", text("eu"));
        } else {
            config.push("label", text("given"));
        }
        let from = |kind: &str, name: &str, ours: &str, theirs: &str| {
            map([
                (kind, map([("name", text(name))])),
                ("keys", map([(ours, text(theirs))])),
            ])
        };
        let mut token = from("secretRef", "<% plug.name %>-token", "token", "token");
        if self.namespace.is_some() {
            token.push("urlSafe", Y::List(vec![text("token")]));
        }
        let config_from = Y::List(vec![
            from("configMapRef", "thing-map", "level", "level"),
            self.optional_certificate(),
            token,
        ]);
        let interface = map([
            ("name", text("thing")),
            ("versions", Y::List(vec![text("1.0.0"), text("1.2.0")])),
        ]);
        let mut spec = map([
            ("interface", interface),
            ("config", config),
            ("configFrom", config_from),
        ]);
        self.add_resources(&mut spec, resources::Owner::Thing);
        self.ours("Socket", "thing", false, self_allow(spec))
    }

    fn plug(&mut self, n: usize, workloads: &[Workload], objects: &[FieldTarget]) -> Y {
        let postgresql = self.one_in(2);
        let team = workloads[self.random.below(workloads.len())].team;
        let mut spec = map([("name", text(format!("law{n}")))]);
        let interface = if postgresql { "postgresql" } else { "thing" };
        let mut asked = map([("name", text(interface))]);
        if self.one_in(2) {
            asked.push(
                "version",
                text(*self.random.pick(&[&"1", &"1.0", &"1.0.0"])),
            );
        }
        spec.push("interface", asked);
        if team {
            let name = if postgresql { "pg" } else { "thing" };
            spec.push(
                "socket",
                map([("name", text(name)), ("namespace", text("shop"))]),
            );
        }
        let (mut targets, mut pod_ip) = (Vec::new(), true);
        for workload in workloads.iter().filter(|workload| workload.team == team) {
            if targets.is_empty() || self.one_in(2) {
                targets.push(self.target(workload));
                pod_ip &= workload.pod_ip;
            }
        }
        let only_config = self.directions == Directions::Both && self.one_in(4);
        if !only_config {
            spec.push("workloads", Y::List(targets));
        }
        spec.push(
            "config",
            if postgresql {
                map([("database", text("shop"))])
            } else {
                map([("size", Y::Word("3".into()))])
            },
        );
        if !only_config && self.one_in(2) {
            let mut env = self.bindings(n, postgresql, pod_ip);
            let mut bind = map([]);
            if self.one_in(2) {
                let files = self.files(n, postgresql);
                let key = if postgresql { "password" } else { "token" };
                let path = [("name", text(format!("LAW{n}_FILE"))), ("file", text(key))];
                env.push(map(path));
                bind.push("files", files);
            }
            if self.one_in(2) || matches!(&bind, Y::Map(members) if members.is_empty()) {
                bind.push("env", Y::List(env));
            }
            let fields = self.fields(n, postgresql, &Self::of_team(objects, team));
            if !fields.is_empty() {
                bind.push("fields", Y::List(fields));
            }
            spec.push("bind", bind);
        }
        self.add_resources(&mut spec, resources::Owner::Plug { postgresql });
        if self.one_in(12) {
            spec.push("suspend", Y::Word("true".into()));
        }
        if self.one_in(6) {
            spec.push("optional", Y::Word("true".into()));
        }
        self.ours("Plug", &format!("plug-{n}"), team, spec)
    }

    fn target(&mut self, workload: &Workload) -> Y {
        let mut target = match self.random.below(4) {
            0 => map([("matchLabels", map([("law", text(workload.name.as_str()))]))]),
            1 => {
                let group = text(format!("replace-me-{}", workload.name));
                map([("matchLabels", map([("group", group)]))])
            }
            _ => map([("name", text(workload.name.as_str()))]),
        };
        if workload.kind != "Deployment" || self.one_in(3) {
            target.push("kind", text(workload.kind));
        }
        if workload.own.len() > 1 || self.one_in(2) {
            let mut names: Vec<_> = workload.own.iter().chain(&workload.init).collect();
            names.truncate(1 + self.random.below(names.len()));
            let names = if self.one_in(2) {
                vec![text("*")]
            } else {
                names.into_iter().map(text).collect()
            };
            target.push("containers", Y::List(names));
        }
        target
    }
}

fn self_allow(mut spec: Y) -> Y {
    spec.push(
        "allow",
        map([("namespaces", Y::List(vec![text("shop"), text("te*")]))]),
    );
    spec.push("secretNamespace", text("Plug"));
    spec.push("limit", Y::Word("50".into()));
    spec
}
