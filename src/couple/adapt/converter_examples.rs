//! Runs the examples of a converter: the source must be the Sockets that each declares, for the config
//! of a Plug.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::convert::converted;
use super::example_objects::ExampleObjects;
use super::examples::{OfferedInterfaces, differences, expected_socket, facts, key_facts};
use super::texts::AdapterTexts;
use crate::api::{
    ConvertedTemplate, Converter, ConverterExample, Interface, Meta, Plug, Socket, SocketRef,
};
use crate::couple::evaluate::{CouplingRun, Evaluation, SourceKeys};
use crate::couple::index::DefinedVersion;
use crate::couple::provided::{Owner, ProvidedKeys, subject};
use crate::couple::template::Side;
use crate::couple::validate;
use crate::diagnostic::{Code, Diagnostic, Findings, Severity};

/// Judges whether each example of a converter has the result that it declares; `interfaces`: those
/// of the input.
pub(in crate::couple) fn check_converter(
    converter: &Rc<Converter>,
    interfaces: &[Interface],
    out: &mut Findings,
) {
    if converter.meta.broken {
        return;
    }
    let targets = converter.sockets.iter().map(|entry| &entry.interface);
    let names = targets.chain([&converter.source.name]);
    let names: BTreeSet<String> = names.map(|name| name.value.clone()).collect();
    let known = OfferedInterfaces::new(&names, interfaces);
    for example in &converter.examples {
        let judged = JudgedExample {
            converter,
            example,
            known: &known,
        };
        for fault in judged.faults() {
            let name = &converter.meta.name.value;
            let message = format!("an example of Adapter `{name}` has another result: {fault}");
            let error = Diagnostic::error(Code::ExampleFailed, message);
            let error = error.at(example.at, "this example");
            out.report(error.on(subject("Adapter", &converter.meta)));
        }
    }
}

/// An example of a converter.
struct JudgedExample<'e> {
    converter: &'e Rc<Converter>,
    example: &'e ConverterExample,
    known: &'e OfferedInterfaces,
}

/// What a source is converted into.
struct ConvertedFacts {
    facts: BTreeMap<String, String>,
    /// What was reported.
    found: Vec<Diagnostic>,
}

impl JudgedExample<'_> {
    /// In what ways it has another result than it declares.
    fn faults(&self) -> Vec<String> {
        let mut texts = AdapterTexts::new();
        let objects = ExampleObjects::new(&[], self.example.at);
        let source = match expected_socket(&self.example.source, None, self.example.at, &mut texts)
        {
            Ok(source) => source,
            Err(why) => return vec![why],
        };
        let mut faults = Vec::new();
        let mut left: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
        for template in &self.example.sockets {
            match expected_socket(template, None, self.example.at, &mut texts) {
                Ok(socket) => {
                    let mut facts = facts(&socket, &objects, self.known);
                    facts.insert("name".to_owned(), socket.name.value.clone());
                    left.insert(socket.interface.value.clone(), facts);
                }
                Err(why) => faults.push(why),
            }
        }
        for entry in &self.converter.sockets {
            let target = &entry.interface.value;
            let Some(expected) = left.remove(target) else {
                faults.push(format!("there is a Socket of Interface `{target}` too"));
                continue;
            };
            let made = converted(&source, self.converter, entry);
            match self.convert(&source, &made, entry, &objects) {
                Err(why) => faults.push(why),
                Ok(ConvertedFacts { facts, found }) => {
                    let errors = found
                        .into_iter()
                        .filter(|one| one.severity == Severity::Error);
                    faults.extend(errors.map(|error| error.message));
                    faults.extend(differences(&facts, &comparable(expected)));
                }
            }
        }
        let more = left.into_keys();
        faults.extend(more.map(|name| format!("no Socket offers Interface `{name}`")));
        faults.dedup();
        faults
    }

    /// The highest version of the source that is converted.
    fn source_version(&self, source: &Socket) -> Option<DefinedVersion<'_>> {
        let name = &self.converter.source.name.value;
        let listed = source.versions.iter().map(|version| &version.value);
        let admitted = listed.filter(|number| self.converter.source.admits(number));
        let is_source = source.interface.value == *name;
        let defined = admitted.filter_map(|number| self.known.version(name, number));
        let highest = defined.max_by_key(|version| version.number);
        highest.filter(|_| is_source)
    }

    /// Evaluates what is made of the source for an Interface, for each version of it.
    fn convert(
        &self,
        source: &Socket,
        made: &Socket,
        entry: &ConvertedTemplate,
        objects: &ExampleObjects<'_>,
    ) -> Result<ConvertedFacts, String> {
        let plug = self.plug(source, entry);
        let mut all = ConvertedFacts {
            facts: BTreeMap::new(),
            found: Vec::new(),
        };
        for number in &entry.versions {
            let Some(version) = self.source_version(source) else {
                return Err(format!(
                    "`source` offers Interface `{}`, and none of its versions is known and converted",
                    source.interface.value
                ));
            };
            let version = &version;
            let target = &entry.interface.value;
            let Some(target) = self.known.version(target, &number.value) else {
                return Err(format!(
                    "Interface `{target}` {} is not known",
                    number.value
                ));
            };
            let mut run = CouplingRun::new(objects, Findings::new());
            let out = &mut run.out;
            let schema = version.side_schema(Side::Socket);
            let of_source = ProvidedKeys::new(Owner::socket(source), schema, &[], out);
            let owner = Owner::converted_plug(&plug, self.converter);
            let handed = ProvidedKeys::new(owner, version.side_schema(Side::Plug), &[], out);
            let schema = target.side_schema(Side::Socket);
            let of_made = ProvidedKeys::new(Owner::socket(made), schema, &[], out);
            let schema = target.side_schema(Side::Plug);
            let of_plug = ProvidedKeys::new(Owner::plug(&plug), schema, &[], out);
            let mut evaluation = Evaluation::new(&mut run, Some(&of_plug), &of_made, &target);
            evaluation.convert(SourceKeys {
                plug: &handed,
                socket: &of_source,
                version,
            });
            evaluation.with_source(|inner| {
                inner.evaluate();
                validate::check(inner, Side::Plug, version, &[]);
                validate::check(inner, Side::Socket, version, &[]);
            });
            evaluation.evaluate();
            validate::check(&mut evaluation, Side::Plug, &target, &[]);
            validate::check(&mut evaluation, Side::Socket, &target, &[]);
            all.facts.extend(key_facts(&evaluation));
            all.found.extend(run.out.into_vec());
        }
        let versions = entry.versions.iter();
        let versions: Vec<_> = versions.map(|version| version.value.to_string()).collect();
        let provider = made
            .provider
            .as_ref()
            .map(|provider| provider.value.clone());
        all.facts
            .insert("interface.versions".to_owned(), versions.join(", "));
        all.facts
            .insert("provider".to_owned(), provider.unwrap_or_default());
        all.facts.insert("name".to_owned(), made.name.value.clone());
        Ok(all)
    }

    /// The Plug of the example, which asks for an Interface.
    fn plug(&self, source: &Socket, entry: &ConvertedTemplate) -> Plug {
        Plug {
            meta: Meta {
                at: self.example.at,
                ..source.meta.clone()
            },
            name: None,
            interface: entry.interface.clone(),
            version: None,
            socket: SocketRef::Named {
                name: source.name.clone(),
                namespace: None,
            },
            workloads: Rc::from([]),
            config: self.example.plug.clone(),
            config_from: Vec::new(),
            env: None,
            files: None,
            fields: Vec::new(),
            resources: Vec::new(),
            optional: false,
            suspend: false,
        }
    }
}

/// Without what a converted Socket has of its source.
fn comparable(mut facts: BTreeMap<String, String>) -> BTreeMap<String, String> {
    facts.remove("default");
    facts.remove("secretNamespace");
    facts
}
