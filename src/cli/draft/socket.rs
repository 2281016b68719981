//! Writes a first Socket.

use std::fmt::Write as _;

use serde_json::Value;

use super::sample;
use crate::api::{API_VERSION, InterfaceVersion};
use crate::couple::socket_keys;
use crate::manifest::emit::flow_string;

/// A Socket that offers one version of an Interface.
pub(in crate::cli) struct SocketDraft<'a> {
    pub(in crate::cli) name: &'a str,
    pub(in crate::cli) namespace: Option<&'a str>,
    /// The Interface's own name.
    pub(in crate::cli) interface: &'a str,
    pub(in crate::cli) version: &'a InterfaceVersion,
}

impl SocketDraft<'_> {
    /// The manifest: a Service gives `host` and `port`, a Secret the secrets, and the Interface's
    /// own example the other keys.
    pub(in crate::cli) fn text(&self) -> String {
        let mut out = format!(
            "apiVersion: {API_VERSION}\nkind: Socket\nmetadata: {}\nspec:\n  interface: {{name: {}, versions: [{}]}}\n",
            super::metadata(self.name, self.namespace),
            flow_string(self.interface),
            self.version.version.value
        );
        let mut values = sample::of_socket(self.version);
        if values.get(HOST).is_some_and(Value::is_string) {
            values.remove(HOST);
            let port = values.remove(PORT);
            out.push_str(&self.service(port));
        }
        let mut secret = Vec::new();
        let mut plain = String::new();
        for key in socket_keys(self.version) {
            let Some(value) = values.get(&key.name) else {
                continue;
            };
            if key.secret {
                secret.push(format!("{0}: {0}", flow_string(&key.name)));
            } else if key.default.as_ref() != Some(value) {
                let value = sample::in_config(value);
                let _ = writeln!(plain, "    {}: {value}", flow_string(&key.name));
            }
        }
        if !plain.is_empty() {
            let _ = write!(out, "  config: # examples: write your own\n{plain}");
        }
        if !secret.is_empty() {
            let _ = write!(
                out,
                "  configFrom: # a Secret of this namespace, and its keys\n    - {{secretRef: {{name: {}}}, keys: {{{}}}}}\n",
                flow_string(&format!("{}-auth", self.name)),
                secret.join(", ")
            );
        }
        out
    }

    /// What gives `host` and `port`.
    fn service(&self, port: Option<Value>) -> String {
        let keys = socket_keys(self.version);
        let own = keys.iter().find(|key| key.name == PORT);
        let default = own.and_then(|key| key.default.clone());
        let port = default
            .or(port)
            .map(|port| format!(", port: {port}"))
            .unwrap_or_default();
        format!(
            "  service: {{name: {}{port}}} # the Service that clients connect to\n",
            flow_string(self.name)
        )
    }
}

/// The keys that a Service gives.
const HOST: &str = "host";
const PORT: &str = "port";
