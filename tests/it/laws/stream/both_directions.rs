//! Writes random `bind`s of Sockets, and what they write into.

use super::{Generator, Role};
use crate::laws::style::{Y, map, shuffle, text};

impl Generator {
    /// Lets both Sockets write into a Deployment and a HelmRelease of the provider.
    pub(super) fn write_back(&mut self, found: &mut Vec<(Role, Y)>) {
        let env = map([("name", text("LOG")), ("value", text("info"))]);
        let container = map([
            ("name", text("registry")),
            ("image", text("example/registry:1")),
            ("env", Y::List(vec![env])),
        ]);
        let mut container = container;
        if self.one_in(2) {
            let Y::Map(members) = &mut container else {
                panic!("no map")
            };
            members.pop();
        }
        let labels = || map([("app", text("registry"))]);
        let template = map([
            ("metadata", map([("labels", labels())])),
            ("spec", map([("containers", Y::List(vec![container]))])),
        ]);
        let spec = map([
            ("selector", map([("matchLabels", labels())])),
            ("template", template),
        ]);
        let registry = self.object("apps/v1", "Deployment", "registry", false, Some(spec));
        found.push((Role::Provider, registry));
        let users = Y::List(vec![map([("name", text("app"))])]);
        let values = map([("users", users), ("empty", Y::Map(Vec::new()))]);
        let spec = map([("chart", text("registry")), ("values", values)]);
        let api_version = "helm.toolkit.fluxcd.io/v2";
        let release = self.object(api_version, "HelmRelease", "registry", false, Some(spec));
        found.push((Role::Provider, release));
        let sockets = found
            .iter_mut()
            .filter(|(_, object)| object.is_kind("Socket"));
        for (index, (_, socket)) in sockets.enumerate() {
            let spec = self.write_back_of(index);
            for (key, value) in spec {
                socket.push_to("spec", &key, value);
            }
        }
    }

    /// `workloads` and `bind` of one Socket.
    fn write_back_of(&mut self, index: usize) -> Vec<(String, Y)> {
        let mut texts = vec![
            "<% plugs | map(attribute='name') | join(',') %>",
            "<% plugs | length %>",
            "{% for p in plugs %}<% p.name %>=<% p.config.size | default(p.config.database) %>\n{% endfor %}",
            "<% socket.name %>@<% interface.version %>: $(LOG) <% plugs | map(attribute='name') | list | tojson %>",
        ];
        shuffle(&mut self.random, &mut texts);
        texts.truncate(1 + self.random.below(texts.len()));
        let variables = texts.iter().enumerate().map(|(n, value)| {
            let name = format!("BACK{index}_{n}");
            map([("name", text(name)), ("value", text(*value))])
        });
        let mut env: Vec<Y> = variables.collect();
        if self.one_in(3) {
            let value = text("<% plugs | length %>");
            let mut log = map([("name", text("LOG")), ("value", value)]);
            log.push("replace", Y::Word("true".into()));
            // one Socket alone may replace it
            if index == 0 {
                env.push(log);
            }
        }
        let mut paths = vec![
            (
                format!("spec.values.back{index}"),
                "<% plugs | map(attribute='name') | list %>",
            ),
            (
                format!("spec.values.empty.back{index}"),
                "<% plugs | length %>",
            ),
            (
                format!("spec.values.users[name=app].back{index}"),
                "x<% plugs | length %>",
            ),
        ];
        shuffle(&mut self.random, &mut paths);
        paths.truncate(self.random.below(paths.len() + 1));
        let fields = paths.iter().map(|(path, value)| {
            let object = map([
                ("apiVersion", text("helm.toolkit.fluxcd.io/v2beta2")),
                ("kind", text("HelmRelease")),
                ("name", text("registry")),
            ]);
            map([
                ("objectRef", object),
                ("path", text(path.as_str())),
                ("value", text(*value)),
            ])
        });
        let fields: Vec<Y> = fields.collect();
        let mut bind = map([("env", Y::List(env))]);
        if !fields.is_empty() {
            bind.push("fields", Y::List(fields));
        }
        let workloads = Y::List(vec![map([("name", text("registry"))])]);
        vec![
            ("workloads".to_owned(), workloads),
            ("bind".to_owned(), bind),
        ]
    }
}
