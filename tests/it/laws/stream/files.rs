//! Writes random `bind.files`.

use super::Generator;
use crate::laws::style::{Y, map, shuffle, text};

impl Generator {
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
