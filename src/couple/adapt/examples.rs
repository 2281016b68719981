//! Runs the examples of an Adapter: the objects must give the Sockets and the Secrets that each
//! example declares.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::adapters::{AdapterLevel, EffectiveAdapter};
use super::example_objects::ExampleObjects;
use super::instance::{self, Instance};
use super::objects::{AdaptableObjects, KindName};
use super::related::RelatedObjects;
use super::secrets::{MadeSecret, made};
use super::socket::{SocketMaker, SocketObject};
use super::texts::{AdapterTexts, TextScope};
use crate::api::{
    AdaptedObject, Adapter, AdapterExample, Discovery, Interface, Socket, SocketTemplate,
    library_interface,
};
use crate::couple::KeyExtent;
use crate::couple::evaluate::{CouplingRun, Evaluation, KeyState, NoValue};
use crate::couple::index::DefinedVersion;
use crate::couple::provided::{InUrl, KeySource, Owner, ProvidedKey, ProvidedKeys, subject};
use crate::couple::template::Side;
use crate::couple::validate;
use crate::couple::value::{Part, Reference, ResolvedValue};
use crate::diagnostic::{Code, CommonCause, Diagnostic, Findings, Severity};
use crate::manifest::Place;

/// Judges whether each example of an Adapter has the result that it declares; `interfaces`: those
/// of the input.
pub fn check_adapter(adapter: &Rc<Adapter>, interfaces: &[Interface], out: &mut Findings) {
    if adapter.meta.broken {
        return;
    }
    let offered = adapter.sockets.iter();
    let effective = EffectiveAdapter {
        adapter: Rc::clone(adapter),
        level: AdapterLevel::of(&adapter.meta),
        interfaces: offered
            .map(|socket| socket.interface.value.clone())
            .collect(),
    };
    let known = OfferedInterfaces::new(&effective.interfaces, interfaces);
    for example in &adapter.examples {
        for fault in faults(&effective, example, &known) {
            let name = &adapter.meta.name.value;
            let message = format!("an example of Adapter `{name}` has another result: {fault}");
            let error = Diagnostic::error(Code::ExampleFailed, message);
            let error = error.at(example.at, "this example");
            out.report(error.on(subject("Adapter", &adapter.meta)));
        }
    }
}

/// The Interfaces that an Adapter offers, by name.
pub(super) struct OfferedInterfaces {
    by_name: BTreeMap<String, Vec<Interface>>,
}

impl OfferedInterfaces {
    pub(super) fn new(names: &BTreeSet<String>, interfaces: &[Interface]) -> Self {
        let of_name = |name: &String| {
            let written = interfaces.iter().filter(|known| known.name.value == *name);
            let all = written.cloned().chain(library_interface(name));
            (name.clone(), all.collect())
        };
        Self {
            by_name: names.iter().map(of_name).collect(),
        }
    }

    /// A version; what is written counts before what is built in.
    pub(super) fn version(
        &self,
        name: &str,
        number: &semver::Version,
    ) -> Option<DefinedVersion<'_>> {
        let interfaces = self.by_name.get(name)?.iter();
        let mut versions = interfaces.flat_map(|interface| {
            let versions = interface.versions.iter();
            versions.map(move |version| (interface, version))
        });
        let (interface, version) =
            versions.find(|(_, version)| version.version.value == *number)?;
        Some(DefinedVersion::new(interface, version, true))
    }
}

/// In what ways an example has another result than it declares.
fn faults(
    effective: &EffectiveAdapter,
    example: &AdapterExample,
    known: &OfferedInterfaces,
) -> Vec<String> {
    let adapter = &effective.adapter;
    let objects = ExampleObjects::new(&example.objects, example.at);
    let mut texts = AdapterTexts::new();
    let mut related = RelatedObjects::new(&objects);
    let kind = KindName {
        group: &adapter.object.group.value,
        kind: &adapter.object.kind.value,
    };
    let mut sockets = Vec::new();
    let mut secrets = Vec::new();
    let mut reasons = Vec::new();
    let mut faults = Vec::new();
    for namespace in objects.namespaces(kind) {
        for found in &*objects.all(kind, namespace.as_deref()) {
            let Instance {
                sockets: made,
                not_offered,
            } = instance::make(effective, found, &mut texts, &mut related);
            sockets.extend(made);
            reasons.extend(not_offered.into_iter().map(|one| one.reason));
            let made = instance::secrets(effective, found, &mut texts, &mut related, |_| true);
            match made {
                Ok(made) => secrets.extend(made),
                Err(why) => faults.push(why),
            }
        }
    }
    let namespaces = objects.namespaces(kind);
    let home = namespaces.into_iter().next().flatten();
    let mut expected = Vec::new();
    for template in &example.sockets {
        match expected_socket(template, home.clone(), example.at, &mut texts) {
            Ok(socket) => expected.push(socket),
            Err(why) => faults.push(why),
        }
    }
    faults.extend(compare_sockets(
        &sockets, &expected, &objects, known, &reasons,
    ));
    let mut expected = Vec::new();
    for template in &example.secrets {
        match made(template, &TextScope::default(), &mut texts, |_| true) {
            Ok(secrets) => expected.extend(secrets),
            Err(why) => faults.push(why.message),
        }
    }
    faults.extend(compare_secrets(secrets, expected));
    faults
}

/// The Socket that an entry of an example is.
pub(super) fn expected_socket(
    template: &SocketTemplate,
    namespace: Option<String>,
    at: Place,
    texts: &mut AdapterTexts,
) -> Result<Socket, String> {
    let object = SocketObject {
        identity: AdaptedObject {
            api_version: String::new(),
            kind: String::new(),
            namespace,
            name: String::new(),
        },
        labels: BTreeMap::new(),
        catalogue: false,
        at,
        adapter: "",
        level: AdapterLevel::Stream,
    };
    let made = SocketMaker::new(object, &TextScope::default(), texts).make(template);
    made.map_err(|why| format!("`{}`: {}", why.field, why.failure.message))
}

fn compare_sockets(
    made: &[Socket],
    expected: &[Socket],
    objects: &ExampleObjects<'_>,
    known: &OfferedInterfaces,
    reasons: &[String],
) -> Vec<String> {
    let mut faults = Vec::new();
    let key = |socket: &Socket| (socket.name.value.clone(), socket.interface.value.clone());
    let mut left: BTreeMap<_, &Socket> = BTreeMap::new();
    for socket in made {
        if left.insert(key(socket), socket).is_some() {
            faults.push(format!("two Sockets are called `{}`", socket.name.value));
        }
        faults.extend(violations(socket, objects, known));
    }
    for expected in expected {
        let name = &expected.name.value;
        let Some(socket) = left.remove(&key(expected)) else {
            let interface = &expected.interface.value;
            let why = match reasons.first() {
                Some(reason) => format!(": {reason}"),
                None => String::new(),
            };
            faults.push(format!(
                "no Socket `{name}` offers Interface `{interface}`{why}"
            ));
            continue;
        };
        let differences = differences(
            &facts(socket, objects, known),
            &facts(expected, objects, known),
        );
        faults.extend(
            differences
                .into_iter()
                .map(|fact| format!("Socket `{name}`: {fact}")),
        );
    }
    let more = left.into_values();
    faults.extend(more.map(|socket| {
        format!(
            "there is a Socket `{}` too, of Interface `{}`",
            socket.name.value, socket.interface.value
        )
    }));
    faults
}

/// What a Socket is, by what of it.
pub(super) fn facts(
    socket: &Socket,
    objects: &ExampleObjects<'_>,
    known: &OfferedInterfaces,
) -> BTreeMap<String, String> {
    let mut facts = BTreeMap::new();
    let versions: Vec<_> = socket
        .versions
        .iter()
        .map(|version| version.value.to_string())
        .collect();
    facts.insert("interface.versions".to_owned(), versions.join(", "));
    let provider = socket
        .provider
        .as_ref()
        .map(|provider| provider.value.clone());
    facts.insert("provider".to_owned(), provider.unwrap_or_default());
    facts.insert(
        "secretNamespace".to_owned(),
        format!("{:?}", socket.secret_namespace),
    );
    let found = socket.adapted.as_ref().map(|adapted| adapted.found);
    facts.insert(
        "default".to_owned(),
        (found == Some(Discovery::Offered)).to_string(),
    );
    for version in &socket.versions {
        evaluated(socket, &version.value, objects, known, |evaluation| {
            facts.extend(key_facts(evaluation));
        });
    }
    facts
}

/// Evaluates a Socket without a Plug, for one version, and passes it on; what was reported, or
/// `None`: the version is not known.
fn evaluated(
    socket: &Socket,
    number: &semver::Version,
    objects: &ExampleObjects<'_>,
    known: &OfferedInterfaces,
    then: impl FnOnce(&mut Evaluation<'_, '_>),
) -> Option<Vec<Diagnostic>> {
    let version = known.version(&socket.interface.value, number)?;
    let mut run = CouplingRun::new(objects, Findings::new());
    let side = version.side_schema(Side::Socket);
    let provided = ProvidedKeys::new(Owner::socket(socket), side, &[], &mut run.out);
    let mut evaluation = Evaluation::new(&mut run, None, &provided, &version);
    evaluation.evaluate();
    then(&mut evaluation);
    Some(run.out.into_vec())
}

/// The values of the keys that a Socket gives.
pub(super) fn key_facts(evaluation: &Evaluation<'_, '_>) -> BTreeMap<String, String> {
    let slots = evaluation.socket.slots.iter();
    let given = slots.zip(evaluation.states(Side::Socket));
    let facts = given.filter_map(|(slot, state)| {
        let fact = key_fact(evaluation, slot, state)?;
        Some((format!("`{}`", slot.key), fact))
    });
    facts.collect()
}

/// The value of a key that is given.
fn key_fact(
    evaluation: &Evaluation<'_, '_>,
    slot: &ProvidedKey<'_>,
    state: &KeyState,
) -> Option<String> {
    if let KeySource::Default | KeySource::Composed = &slot.source {
        return None;
    }
    let in_url = |found: &Rc<Reference>| match evaluation.promise(found) {
        InUrl::Safe => ", safe in a URL",
        InUrl::Unknown => "",
    };
    let reference = |reference: &Reference| {
        format!(
            "key `{}` of {} `{}`",
            reference.key,
            reference.kind.object(),
            reference.name
        )
    };
    Some(match state {
        KeyState::Absent => return None,
        KeyState::Done(ResolvedValue::Literal(json)) => json.to_string(),
        KeyState::Done(ResolvedValue::Reference(found)) => reference(found) + in_url(found),
        KeyState::Done(ResolvedValue::Text(parts)) => {
            let parts = parts.iter().map(|part| match part {
                Part::Author(text) | Part::Data(text) => text.clone(),
                Part::Reference(found) => format!("<{}>", reference(found)),
            });
            parts.collect()
        }
        KeyState::Failed(NoValue::NoPlug) => "a text that uses the Plug".to_owned(),
        KeyState::Failed(_) | KeyState::Pending | KeyState::InProgress => "no value".to_owned(),
    })
}

/// In what ways a Socket breaks its Interface. That it lacks a key is no fault: whoever takes it
/// over can give it.
fn violations(
    socket: &Socket,
    objects: &ExampleObjects<'_>,
    known: &OfferedInterfaces,
) -> Vec<String> {
    let name = &socket.name.value;
    let mut faults = Vec::new();
    for number in &socket.versions {
        let found = evaluated(socket, &number.value, objects, known, |evaluation| {
            validate::check(evaluation, Side::Socket, evaluation.version, &[]);
        });
        let Some(found) = found else {
            faults.push(format!(
                "Interface `{}` {} is not known",
                socket.interface.value, number.value
            ));
            continue;
        };
        let errors = found.into_iter().filter(|found| {
            let lacks_key = matches!(found.cause.as_deref(), Some(CommonCause::NoKey { .. }));
            found.severity == Severity::Error && !lacks_key
        });
        faults.extend(errors.map(|error| format!("Socket `{name}`: {}", error.message)));
    }
    faults
}

/// What is not the same.
pub(super) fn differences(
    made: &BTreeMap<String, String>,
    expected: &BTreeMap<String, String>,
) -> Vec<String> {
    let names: BTreeSet<&String> = made.keys().chain(expected.keys()).collect();
    let differs = |name: &&String| made.get(*name) != expected.get(*name);
    let of = |facts: &BTreeMap<String, String>, name: &String| match facts.get(name) {
        Some(fact) if fact.is_empty() => "not given".to_owned(),
        Some(fact) => fact.clone(),
        None => "not given".to_owned(),
    };
    let differing = names.into_iter().filter(differs);
    let described = differing.map(|name| {
        format!(
            "{name} is {}, and the example expects {}",
            of(made, name),
            of(expected, name)
        )
    });
    described.collect()
}

fn compare_secrets(made: Vec<MadeSecret>, expected: Vec<MadeSecret>) -> Vec<String> {
    let by_name = |all: Vec<MadeSecret>| {
        let facts = all.into_iter().map(|secret| {
            let names: Vec<_> = secret
                .keys
                .names
                .iter()
                .map(|name| format!("`{name}`"))
                .collect();
            let more = match secret.keys.extent {
                KeyExtent::All => "",
                KeyExtent::Some => " and others",
            };
            (
                format!("Secret `{}`", secret.name),
                format!("{}{more}", names.join(", ")),
            )
        });
        facts.collect::<BTreeMap<_, _>>()
    };
    differences(&by_name(made), &by_name(expected))
}
