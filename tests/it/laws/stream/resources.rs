//! Writes random `resources` of Plugs and Sockets: Jobs with references, and objects of every shape.

use super::{Generator, Resources};
use crate::laws::style::{Y, map, shuffle, text};

/// Whose resources they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// A Plug, and whether it asks for a database.
    Plug { postgresql: bool },
    /// The Socket `pg`.
    Postgresql,
    /// The Socket `thing`.
    Thing,
}

impl Owner {
    /// A key out of a Secret, and one of plain text.
    fn keys(self) -> (&'static str, &'static str) {
        match self {
            Self::Plug { postgresql: true } | Self::Postgresql => ("password", "database"),
            Self::Plug { postgresql: false } | Self::Thing => ("token", "text"),
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Plug { .. } => "own",
            Self::Postgresql => "pg",
            Self::Thing => "thing",
        }
    }
}

impl Generator {
    pub(super) fn add_resources(&mut self, spec: &mut Y, owner: Owner) {
        if self.resources == Resources::None || self.one_in(4) {
            return;
        }
        let mut all = vec![self.job(owner), self.settings(owner), self.other(owner)];
        shuffle(&mut self.random, &mut all);
        all.truncate(1 + self.random.below(3));
        spec.push("resources", Y::List(all));
    }

    fn entry(&mut self, name: &str, owner: Owner, manifest: Y) -> Y {
        let mut entry = map([("name", text(name)), ("manifest", manifest)]);
        let is_of_plug = matches!(owner, Owner::Plug { .. });
        match self.random.below(4) {
            0 => entry.push("if", text("<% plug.name != \'none\' %>")),
            1 if is_of_plug => entry.push("namespace", text("Plug")),
            _ => {}
        }
        entry
    }

    /// A Job that uses a Secret, so that it is in the Plug's namespace, where that is.
    fn job(&mut self, owner: Owner) -> Y {
        let (secret, plain) = owner.keys();
        let variable =
            |name: &str, value: String| map([("name", text(name)), ("value", text(value))]);
        let mut env = vec![
            variable("PLAIN", format!("<% socket.config.{plain} %>")),
            variable("SECRET", format!("<% socket.config.{secret} %>")),
            variable(
                "TEXT",
                format!("$(PLAIN) $$ <% plug.name %>:<% socket.config.{secret} %>"),
            ),
            variable("OWN", "$(PLAIN) {% x %}".to_owned()),
        ];
        env.truncate(1 + self.random.below(4));
        let container = map([
            ("name", text("main")),
            ("image", text("example/job:1")),
            (
                "args",
                Y::List(vec![
                    text("set -e\necho done\n"),
                    text(format!("<% socket.config.{plain} %>")),
                    text("-x"),
                ]),
            ),
            ("env", Y::List(env)),
        ]);
        let pod = map([
            ("restartPolicy", text("Never")),
            ("containers", Y::List(vec![container])),
        ]);
        let spec = map([
            ("backoffLimit", Y::Word("3".into())),
            ("template", map([("spec", pod)])),
        ]);
        let manifest = self.manifest("batch/v1", "Job", owner, spec, "spec");
        let mut entry = map([("name", text("job")), ("manifest", manifest)]);
        entry.push("namespace", text("Plug"));
        entry
    }

    fn settings(&mut self, owner: Owner) -> Y {
        let (_, plain) = owner.keys();
        let data = map([
            ("a.b/c", text(format!("<% socket.config.{plain} %>"))),
            ("lines", text("one\n\n  two <% plug.object %>\n")),
            ("odd", text("on: \'x\' # é😀 <%% {{ y }}")),
        ]);
        let manifest = self.manifest("v1", "ConfigMap", owner, data, "data");
        self.entry("settings", owner, manifest)
    }

    /// An object of a kind that nobody knows.
    fn other(&mut self, owner: Owner) -> Y {
        let (secret, plain) = owner.keys();
        let user = |name: &str| {
            map([
                ("name", text(name)),
                ("of", text("<% plug.object %>")),
                ("roles", Y::List(vec![text("reader"), Y::Map(Vec::new())])),
            ])
        };
        let spec = map([
            (
                "secretRef",
                map([
                    ("name", text(format!("<% socket.refs.{secret}.name %>"))),
                    ("key", text(format!("<% socket.refs.{secret}.key %>"))),
                ]),
            ),
            (
                "typed",
                text(format!("<% [1.5, true, socket.config.{plain}] %>")),
            ),
            ("nothing", Y::Null),
            ("left-out", text("<% none %>")),
            ("empty", Y::List(Vec::new())),
            ("users", Y::List(vec![user("a b"), user("c")])),
        ]);
        let manifest = self.manifest("example.com/v1", "Thing", owner, spec, "spec");
        self.entry("other", owner, manifest)
    }

    fn manifest(&mut self, api_version: &str, kind: &str, owner: Owner, spec: Y, key: &str) -> Y {
        let word = owner.word();
        let mut metadata = map([(
            "name",
            text(format!("{}-{word}-<% plug.object %>", kind.to_lowercase())),
        )]);
        if self.one_in(2) {
            let labels = map([("law", text("<% plug.name %>")), ("n", text("<% 1 + 1 %>"))]);
            metadata.push("labels", labels);
        }
        if self.one_in(3) {
            metadata.push("annotations", map([("a/b", text("two\nlines"))]));
        }
        let mut manifest = map([
            ("apiVersion", text(api_version)),
            ("kind", text(kind)),
            ("metadata", metadata),
        ]);
        manifest.push(key, spec);
        manifest
    }
}
