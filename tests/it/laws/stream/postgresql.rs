//! The Socket of a built-in Interface, and the ConfigMap that it may read its port from.

use super::resources;
use super::{Generator, self_allow};
use crate::laws::style::{Y, map, text};

impl Generator {
    pub(super) fn postgresql(&mut self) -> Y {
        let uri = "postgresql://<% socket.config.username %>:<% socket.config.password %>@<% socket.config.host %>:\
                   <% socket.config.port %>/<% socket.config.database %>";
        let mut config = map([("database", text("<% plug.config.database %>"))]);
        // else the Interface makes it
        if self.namespace.is_some() {
            config.push("uri", text(uri));
        }
        let keys = map([
            ("username", text("username")),
            ("password", text("password")),
        ]);
        let from = map([
            ("secretRef", map([("name", text("pg-auth"))])),
            ("keys", keys),
        ]);
        let name = *self.random.pick(&[&"pg", &"<% plug.name and 'pg' %>"]);
        let mut service = map([("name", text(name))]);
        let mut sources = vec![from];
        match self.random.below(3) {
            0 => service.push("port", text("pg")),
            1 => service.push("port", Y::Word("5432".into())),
            _ => sources.push(map([
                ("configMapRef", map([("name", text("pg-settings"))])),
                ("literal", Y::Word("true".into())),
                ("keys", map([("port", text("pg.port"))])),
            ])),
        }
        let mut spec = map([
            (
                "interface",
                map([
                    ("name", text("postgresql")),
                    ("versions", Y::List(vec![text("1.0.0")])),
                ]),
            ),
            ("service", service),
            ("config", config),
            ("configFrom", Y::List(sources)),
        ]);
        self.add_resources(&mut spec, resources::Owner::Postgresql);
        self.ours("Socket", "pg", false, self_allow(spec))
    }

    /// The ConfigMap that the Socket may read its port from.
    pub(super) fn postgresql_settings(&mut self) -> Y {
        let mut settings = self.object("v1", "ConfigMap", "pg-settings", false, None);
        settings.push("data", map([("pg.port", text("5433"))]));
        settings
    }
}
