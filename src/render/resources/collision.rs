//! Refuses a second object of one kind, namespace and name: of two resources, or of a resource and
//! the stream.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::{ResourceRun, WantedResource, named_at};
use crate::diagnostic::{Code, Diagnostic, Findings};
use crate::manifest::Place;
use crate::manifest::stream::{Object, StreamObject, group};
use crate::project::LoweredResource;

/// What to do about two resources that are one object.
const DISTINCT: &str = "give each a different name: with `<% plug.namespace %>-<% plug.object %>` \
 the name varies with the Plug";

/// What a cluster tells objects apart by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct ObjectIdentity {
    group: String,
    kind: String,
    namespace: Option<String>,
    name: String,
}

/// Where a resource is named, and the Plug that it exists for.
#[derive(Clone, Copy, Debug)]
struct NamedResource {
    at: Place,
    plug: Place,
}

/// The objects that resources are.
#[derive(Default)]
pub(super) struct ResourceIds {
    places: BTreeMap<ObjectIdentity, NamedResource>,
}

impl ResourceIds {
    /// Adds a wanted resource under its name in its namespace. `false`: another object is there,
    /// which is reported.
    pub(super) fn add(
        &mut self,
        run: &ResourceRun<'_, '_, '_, '_>,
        wanted: &WantedResource<'_>,
        name: &str,
        namespace: Option<&str>,
        out: &mut Findings,
    ) -> bool {
        let lowered = &wanted.lowered;
        let identity = ObjectIdentity {
            group: group(&lowered.api_version).to_owned(),
            kind: lowered.kind.clone(),
            namespace: namespace.map(str::to_owned),
            name: name.to_owned(),
        };
        let at = named_at(wanted);
        let plug = run.ours.integrations[wanted.coupling.plug].meta.name.at;
        let subject = run.subject(wanted.coupling, wanted.resource.owner);
        let called = called(&identity);
        if let Some(&other) = self.places.get(&identity) {
            let message = format!("two resources would be the same {called}");
            let error = Diagnostic::error(Code::ResourceCollision, message)
                .at(at, "this name")
                .at(plug, "for this Plug");
            let error = match other.at == at {
                true => error.at(other.plug, "and for this one"),
                false => error.at(other.at, "and this one"),
            };
            let error = error.help(DISTINCT);
            out.report(error.on(subject));
            return false;
        }
        if let Some(object) = in_stream(run, &identity) {
            let message = format!(
                "resource `{}` would be {called}, which is in the input already",
                wanted.resource.name
            );
            let error = Diagnostic::error(Code::ResourceCollision, message)
                .at(at, "this name")
                .at(run.names.place(object), "already exists")
                .help("give the resource another name, or remove one of the two");
            out.report(error.on(subject));
            return false;
        }
        self.places.insert(identity, NamedResource { at, plug });
        true
    }

    /// The error of a resource that a Plug of the catalogue would have as the same object; `plug`:
    /// where that Plug is.
    pub(super) fn elsewhere(
        &self,
        lowered: &LoweredResource,
        namespace: Option<&str>,
        plug: Place,
    ) -> Option<Diagnostic> {
        let identity = ObjectIdentity {
            group: group(&lowered.api_version).to_owned(),
            kind: lowered.kind.clone(),
            namespace: namespace.map(str::to_owned),
            name: lowered.name.clone(),
        };
        let own = self.places.get(&identity)?;
        let message = format!(
            "a Plug of the catalogue, which another run couples, has the same {}",
            called(&identity)
        );
        let error = Diagnostic::error(Code::ResourceCollision, message)
            .at(own.at, "this name")
            .at(own.plug, "for this Plug")
            .at(plug, "and for this one of the catalogue");
        Some(error.help(DISTINCT))
    }

    /// Reports a resource that is left alone where another one is the same object.
    pub(super) fn report_kept(
        &self,
        run: &ResourceRun<'_, '_, '_, '_>,
        object: Object,
        out: &mut Findings,
    ) {
        let subject = run.object_subject(object);
        let identity = ObjectIdentity {
            group: group(&subject.api_version).to_owned(),
            kind: subject.kind.clone(),
            namespace: subject.namespace.clone(),
            name: subject.name.clone(),
        };
        if let Some(&other) = self.places.get(&identity) {
            let message = format!(
                "a resource would be {}, which an earlier run wrote for another Plug",
                called(&identity)
            );
            let error = Diagnostic::error(Code::ResourceCollision, message)
                .at(other.at, "this name")
                .at(run.names.place(object), "already exists")
                .help("give the resource another name, or remove one of the two");
            out.report(error.on(subject));
        }
    }
}

/// `Job `shop/migrate``, for a message.
fn called(identity: &ObjectIdentity) -> String {
    let ObjectIdentity {
        kind,
        namespace,
        name,
        ..
    } = identity;
    match namespace {
        Some(namespace) => format!("{kind} `{namespace}/{name}`"),
        None => format!("{kind} `{name}`"),
    }
}

/// The object of the stream that is the same.
fn in_stream(run: &ResourceRun<'_, '_, '_, '_>, identity: &ObjectIdentity) -> Option<Object> {
    let kind = run.names.kind(&identity.kind);
    // an object of the cluster is listed in the run's namespace, as any that has none
    let homes = match &identity.namespace {
        Some(namespace) => vec![Some(namespace.as_str())],
        None => vec![None, run.settings.namespace.as_deref()],
    };
    let same = |entry: &&&StreamObject<'_>| {
        !entry.catalogue && group(&entry.api_version) == identity.group
    };
    let here = homes
        .into_iter()
        .filter_map(|home| kind.named.get(&home.map(Cow::Borrowed)));
    let mut entries = here
        .filter_map(|names| names.get(identity.name.as_str()))
        .flatten();
    entries.find(same).map(|entry| entry.object)
}
