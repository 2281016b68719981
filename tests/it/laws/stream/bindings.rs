//! Writes random variables and files that a Plug binds.

use super::Generator;
use crate::laws::style::{Y, map, shuffle, text};

impl Generator {
    pub(super) fn bindings(&mut self, n: usize, postgresql: bool, pod_ip: bool) -> Vec<Y> {
        let name = |what: &str| text(format!("LAW{n}_{what}"));
        let key = |what: &str, key: &str| map([("name", name(what)), ("key", text(key))]);
        let value = |what: &str, value: &str| map([("name", name(what)), ("value", text(value))]);
        let mut env = if postgresql {
            let ip = if pod_ip { "$(POD_IP)" } else { "none" };
            vec![
                key("URL", "uri"),
                key("SECRET", "password"),
                key("HOST", "host"),
                value(
                    "TEXT",
                    &format!("http://{ip}:<% socket.config.port %>/<% plug.config.database %>"),
                ),
                value("MIXED", "<% socket.config.uri %>?x=$$(Y)&n=<% plug.name %>"),
            ]
        } else {
            vec![
                key("LIST", "hosts"),
                key("MAP", "settings"),
                key("REF", "level"),
                key("OPTIONAL", "certificate"),
                value("TEXT", "<% socket.config.text %>/<% socket.config.url %>"),
                value(
                    "COMPUTED",
                    "<% socket.config.count + 1 %>-<% plug.name | length %>",
                ),
            ]
        };
        shuffle(&mut self.random, &mut env);
        env.truncate(1 + self.random.below(5));
        if n == 0 && self.one_in(2) {
            let mut replacing = map([
                ("name", text("OLD")),
                ("key", text(if postgresql { "database" } else { "text" })),
            ]);
            replacing.push("replace", Y::Word("true".into()));
            env.push(replacing);
        }
        env
    }

    /// `bind.files`, which always has a Secret's key among its files.
    pub(super) fn files(&mut self, n: usize, postgresql: bool) -> Y {
        let mut files = map([]);
        if self.one_in(3) {
            files.push("mountPath", text(format!("/etc/law{n}/")));
        }
        if self.one_in(3) {
            let (secret, literal) = if postgresql {
                ("password", "database")
            } else {
                ("token", "settings")
            };
            let item = |path: &str, what: &str, value: &str| {
                map([("path", text(path)), (what, text(value))])
            };
            let mut mode = item("tls/key", "key", secret);
            mode.push("mode", text("0400"));
            let mut items = vec![
                mode,
                item("a.json", "key", literal),
                item("b", "value", "<% plug.name %> $(X) is\nsaid"),
            ];
            shuffle(&mut self.random, &mut items);
            files.push("items", Y::List(items));
        }
        files
    }
}
