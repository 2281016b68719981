//! Tests coupling as a user sees it: manifests in, variables or errors out.

mod checking;
mod literals;
mod ports;
mod resolving;
mod scenarios;
mod services;
mod values;

use std::collections::BTreeMap;
use std::fmt::Write;

use super::*;
use crate::api::{self, Defaults, OwnObject};
use crate::diagnostic::{Code, Severity};
use crate::manifest::{Span, Tree};

/// A stream of manifests, and what else is in the input.
#[derive(Default)]
pub(super) struct World {
    pub integrations: CouplingInput,
    text: String,
    secrets: BTreeMap<(&'static str, String), Vec<String>>,
    ports: BTreeMap<String, Ports>,
    objects: BTreeMap<(String, String), serde_json::Value>,
}

impl Objects for World {
    fn read(&self, target: &Target<'_>, path: &str) -> Lookup {
        assert_ne!(target.kind, "Secret");
        let Some(object) = self
            .objects
            .get(&(target.kind.to_owned(), target.name.to_owned()))
        else {
            return Lookup::NoObject;
        };
        match object.pointer(&format!("/{}", path.replace('.', "/"))) {
            Some(value) => Lookup::Value(value.clone(), Place::default()),
            None => Lookup::NoPath(object.as_object().unwrap().keys().cloned().collect()),
        }
    }

    fn key_names(&self, target: &Target<'_>) -> Option<Rc<KeyNames>> {
        let kind = if target.kind == "Secret" {
            "Secret"
        } else {
            "ConfigMap"
        };
        self.secrets
            .get(&(kind, target.name.to_owned()))
            .map(|keys| Rc::new(keys.iter().cloned().collect()))
    }

    fn ports(&self, _: Option<&str>, name: &str) -> PortLookup {
        match self.ports.get(name) {
            Some(ports) => PortLookup::Ports(Rc::new(ports.clone())),
            None => PortLookup::NoService,
        }
    }
}

impl World {
    pub(super) fn new(stream: &str) -> Self {
        let mut world = Self::default();
        world.add(stream, false);
        world
    }

    pub(super) fn catalogue(mut self, stream: &str) -> Self {
        self.add(stream, true);
        self
    }

    pub(super) fn secret(mut self, name: &str, keys: &[&str]) -> Self {
        self.secrets.insert(
            ("Secret", name.to_owned()),
            keys.iter().map(|&key| key.to_owned()).collect(),
        );
        self
    }

    pub(super) fn service(self, name: &str, ports: &[(&str, u16)]) -> Self {
        let ports = ports.iter().map(|&(name, number)| Port {
            name: Some(name.to_owned()),
            app_protocol: None,
            number,
            target: TargetPort::Number(number),
        });
        let ports = Ports {
            reach: Reach::Service,
            ports: ports.collect(),
        };
        self.ports(name, ports)
    }

    pub(super) fn ports(mut self, service: &str, ports: Ports) -> Self {
        self.ports.insert(service.to_owned(), ports);
        self
    }

    pub(super) fn object(mut self, kind: &str, name: &str, value: serde_json::Value) -> Self {
        self.objects
            .insert((kind.to_owned(), name.to_owned()), value);
        self
    }

    fn add(&mut self, stream: &str, catalogue: bool) {
        let mut out = crate::diagnostic::Findings::new();
        for document in stream
            .split("---\n")
            .filter(|document| !document.trim().is_empty())
        {
            let start = self.text.len();
            self.text.push_str(document);
            self.text.push_str("---\n");
            let tree = Tree::read(document).unwrap_or_else(|e| panic!("{e:?}\n{document}"));
            let at = Place {
                source: 0,
                span: Span::new(start, start + document.len()),
            };
            match api::decode(
                &tree,
                tree.root().unwrap(),
                at,
                &Defaults {
                    namespace: None,
                    catalogue,
                },
                &mut out,
            ) {
                Some(OwnObject::Interface(interface)) => {
                    self.integrations.interfaces.push(interface);
                }
                Some(OwnObject::Socket(socket)) => self.integrations.sockets.push(socket),
                Some(OwnObject::Plug(plug)) => self.integrations.plugs.push(plug),
                other => panic!("{other:?} {out:#?}\n{document}"),
            }
        }
        assert_eq!(out.into_vec(), []);
    }

    pub(super) fn couple(&self) -> CouplingResult {
        couple(&self.integrations, self)
    }

    /// The variables, one a line: `plug NAME=value`, `NAME=<secret.key>`, helpers with a `+`.
    pub(super) fn env(&self) -> String {
        let coupled = self.couple();
        let errors: Vec<_> = coupled
            .diagnostics
            .iter()
            .filter(|d| d.severity == Severity::Error)
            .collect();
        assert!(errors.is_empty(), "{}", self.told());
        let mut lines = String::new();
        for coupling in &coupled.couplings {
            for entry in coupling.variables() {
                let mark = if entry.helper { "+" } else { "" };
                let value = match &entry.source {
                    EnvSource::Value(text) => text.clone(),
                    EnvSource::File(file) => file.in_root("/bindings"),
                    EnvSource::Reference(r) => format!("<{}.{}>", r.name, r.key),
                };
                writeln!(lines, "{mark}{}={value}", entry.name).unwrap();
            }
        }
        lines
    }

    /// The whole text of a diagnostic: code, message, labels with what they point at, help.
    pub(super) fn told(&self) -> String {
        let mut told = String::new();
        for d in self.couple().diagnostics {
            writeln!(
                told,
                "{:?} {}: {}",
                d.severity,
                d.code.as_str(),
                d.headline()
            )
            .unwrap();
            for label in &d.labels {
                let text = &self.text[label.place.span.range()];
                writeln!(
                    told,
                    "  at `{}`: {}",
                    text.lines().next().unwrap_or_default(),
                    label.text
                )
                .unwrap();
            }
            if let Some(help) = d.help {
                writeln!(told, "  help: {}", help.replace('\n', "\n  | ")).unwrap();
            }
        }
        told
    }

    /// The codes of all errors.
    pub(super) fn errors(&self) -> Vec<Code> {
        let all = self.couple().diagnostics;
        all.iter()
            .filter(|d| d.severity == Severity::Error)
            .map(|d| d.code)
            .collect()
    }
}

/// One of our kinds, in few characters.
pub(super) fn object(kind: &str, namespace: &str, name: &str, spec: &str) -> String {
    let spec = spec
        .trim()
        .lines()
        .map(|line| format!("  {line}\n"))
        .collect::<String>();
    let namespace = if namespace.is_empty() {
        String::new()
    } else {
        format!(", namespace: {namespace}")
    };
    format!(
        "---\napiVersion: integration.rock8s.com/v1\nkind: {kind}\nmetadata: {{name: {name}{namespace}}}\nspec:\n{spec}"
    )
}
