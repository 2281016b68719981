//! Compares the resources that couplings want with those that are in the stream: which are new,
//! which are written again, and which are removed.

use std::collections::BTreeMap;

use super::absent::Absent;
use super::names::Names;
use super::own_objects::OwnObjects;
use crate::api::{Meta, Settings};
use crate::couple::{self, CoupledResource, Coupling, HomeNamespace, ResourceOwner};
use crate::diagnostic::{Code, Diagnostic, Findings, Subject};
use crate::edit::Value;
use crate::limits;
use crate::manifest::stream::{DocumentSearch, Object, Stream, group, metadata, type_of};
use crate::manifest::{NodeId, Place, SourceId, Span};
use crate::project::{
    self, Invalid, LoweredResource, OwnerKey, OwnerRecord, RESOURCE, Record, RecordedHome,
    ResourceRecord, Sources, StandingChange, StandingResource,
};

mod collision;
mod elsewhere;

use collision::ResourceIds;

/// A resource that coupler wrote, in the stream.
#[derive(Debug)]
pub(crate) struct FoundResource {
    object: Object,
    record: Result<ResourceRecord, Invalid>,
}

/// What becomes of the resources of one document.
#[derive(Debug, Default)]
pub(super) struct DocumentResources {
    /// Those that go.
    pub(super) gone: Vec<NodeId>,
    /// Whether the owner that one of these followed is gone too.
    pub(super) is_orphaned: bool,
    /// Those that are written again.
    pub(super) changed: Vec<(NodeId, Value<'static>)>,
    /// Those that are new.
    pub(super) new: Vec<NewResource>,
}

/// A resource that is new.
#[derive(Debug)]
pub(super) struct NewResource {
    /// The object that it follows.
    pub(super) owner: NodeId,
    pub(super) value: Value<'static>,
}

/// The same of all documents, by their positions in the run.
pub(super) type ResourceEdits = BTreeMap<usize, DocumentResources>;

/// Takes the resources that coupler wrote out of a run, before anything of it is read; those of the
/// stream are returned.
pub(super) fn withdraw(stream: &mut Stream<'_>) -> Vec<FoundResource> {
    let mut marked = DocumentSearch::new(&[RESOURCE]);
    let mut found = Vec::new();
    let mut gone = std::collections::BTreeSet::new();
    for entry in stream.entries() {
        let document = entry.object.document;
        if !marked.has(stream, document) {
            continue;
        }
        // one that cannot be read is reported as any other document
        let Ok(tree) = stream.tree(document) else {
            continue;
        };
        if let Some(record) = project::resource_record(tree, entry.object.node) {
            gone.insert(entry.object);
            if !entry.catalogue {
                found.push(FoundResource {
                    object: entry.object,
                    record,
                });
            }
        }
    }
    if !gone.is_empty() {
        stream.withdraw(&gone);
    }
    found
}

/// What becomes of a resource that no coupling wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ResourceFate {
    /// It stays as it is.
    Stays,
    /// It goes, and the owner that it followed is there.
    Unwanted,
    /// It goes with the owner that it followed.
    Orphaned,
}

/// What tells the resources of a run apart, whatever they are called.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct ResourceKey {
    plug_namespace: Option<String>,
    plug: String,
    owner: ResourceOwner,
    resource: String,
}

/// A resource that a coupling wants.
struct WantedResource<'c> {
    coupling: &'c Coupling,
    resource: &'c CoupledResource,
    lowered: LoweredResource,
    key: ResourceKey,
    record: ResourceRecord,
}

/// What is known of a run by the time its resources are compared.
pub(super) struct ResourceRun<'o, 'n, 'r, 'a> {
    pub(super) names: &'n Names<'r, 'a>,
    pub(super) ours: &'o OwnObjects,
    pub(super) couplings: &'o [Coupling],
    pub(super) settings: &'o Settings,
    pub(super) sources: Sources,
}

impl<'o> ResourceRun<'o, '_, '_, '_> {
    /// What becomes of every resource.
    pub(super) fn edits(&self, found: &[FoundResource], out: &mut Findings) -> ResourceEdits {
        let mut edits = ResourceEdits::new();
        let wanted = self.wanted(out);
        if wanted.is_empty() && found.is_empty() {
            return edits;
        }
        let mut by_key: BTreeMap<ResourceKey, Vec<usize>> = BTreeMap::new();
        for (position, one) in found.iter().enumerate() {
            if let Some(key) = self.key_of(one) {
                by_key.entry(key).or_default().push(position);
            }
        }
        let mut ids = ResourceIds::default();
        let mut taken = vec![false; found.len()];
        let mut new = Vec::new();
        for one in &wanted {
            let candidates = by_key.get(&one.key).into_iter().flatten();
            let mut candidates = candidates.filter(|&&position| !taken[position]);
            let standing = candidates.find(|&&position| self.is_same(&found[position], one));
            let Some(&position) = standing else {
                let namespace = one.resource.home.namespace();
                if ids.add(self, one, &one.lowered.name, namespace, out) {
                    new.push(one);
                }
                continue;
            };
            taken[position] = true;
            self.change(&found[position], one, &mut ids, &mut edits, out);
        }
        elsewhere::judge(self, &wanted, &ids, out);
        let absent = Absent::new(self.ours, self.names.stream, self.settings);
        for (one, _) in found.iter().zip(taken).filter(|(_, taken)| !taken) {
            let fate = self.fate(one, &absent, out);
            if fate == ResourceFate::Stays {
                if one.record.is_ok() {
                    ids.report_kept(self, one.object, out);
                }
                continue;
            }
            let document = edits.entry(one.object.document).or_default();
            document.gone.push(one.object.node);
            document.is_orphaned |= fate == ResourceFate::Orphaned;
        }
        self.place(&new, &mut edits);
        edits
    }

    /// The resources of every coupling, as objects.
    fn wanted(&self, out: &mut Findings) -> Vec<WantedResource<'o>> {
        let mut wanted = Vec::new();
        for coupling in self.couplings {
            for resource in &coupling.resources {
                let subject = self.subject(coupling, resource.owner);
                match project::lower_resource(resource, self.names.workload_kinds) {
                    Ok(lowered) => {
                        let one = self.wanted_one(coupling, resource, lowered);
                        match too_large(&one) {
                            Some(error) => {
                                out.report(error.on(subject));
                            }
                            None => wanted.push(one),
                        }
                    }
                    Err(errors) => {
                        out.report_all(errors.into_iter().map(|error| error.on(subject.clone())));
                    }
                }
            }
        }
        wanted
    }

    fn wanted_one(
        &self,
        coupling: &'o Coupling,
        resource: &'o CoupledResource,
        lowered: LoweredResource,
    ) -> WantedResource<'o> {
        let plug = &self.ours.integrations[coupling.plug].meta;
        let is_of_plug = match &resource.home {
            HomeNamespace::OfPlug(_) => true,
            HomeNamespace::OfSocket(namespace) => *namespace == plug.namespace,
            HomeNamespace::Cluster => false,
        };
        let name = &plug.name.value;
        let record = ResourceRecord {
            sources: self.sources,
            owner: resource.owner,
            resource: resource.name.clone(),
            home: RecordedHome::from(&resource.home),
            plug: match &plug.namespace {
                Some(namespace) if !is_of_plug => format!("{namespace}/{name}"),
                _ => name.clone(),
            },
            socket: coupling.names.socket.clone(),
            interface: coupling.names.interface.clone(),
            object: lowered.name.clone(),
            leaves: lowered.leaves.clone(),
        };
        let key = ResourceKey {
            plug_namespace: plug.namespace.clone(),
            plug: name.clone(),
            owner: resource.owner,
            resource: resource.name.clone(),
        };
        WantedResource {
            coupling,
            resource,
            lowered,
            key,
            record,
        }
    }

    /// Whose resource it is.
    fn owner(&self, coupling: &Coupling, owner: ResourceOwner) -> &'o Meta {
        match owner {
            ResourceOwner::Plug => &self.ours.integrations[coupling.plug].meta,
            ResourceOwner::Socket => &self.ours.integrations[coupling.socket].meta,
        }
    }

    fn subject(&self, coupling: &Coupling, owner: ResourceOwner) -> Subject {
        couple::subject(owner.kind(), self.owner(coupling, owner))
    }

    /// The namespace of an object, its own or the run's.
    fn namespace(&self, object: Object) -> Option<String> {
        let tree = self.names.tree(object)?;
        self.names.namespace_of(tree, object.node).ok()?
    }

    /// What a record says that a resource is of; `None`: it cannot be used.
    fn key_of(&self, found: &FoundResource) -> Option<ResourceKey> {
        let record = found.record.as_ref().ok()?;
        let (plug_namespace, plug) = match record.plug.split_once('/') {
            Some((namespace, plug)) => (Some(namespace.to_owned()), plug),
            None => (self.namespace(found.object), record.plug.as_str()),
        };
        Some(ResourceKey {
            plug_namespace,
            plug: plug.to_owned(),
            owner: record.owner,
            resource: record.resource.clone(),
        })
    }

    /// Whether a resource of the stream is the object that is wanted, under whatever name a host
    /// gave it.
    fn is_same(&self, found: &FoundResource, wanted: &WantedResource<'_>) -> bool {
        let (Ok(record), Some(tree)) = (&found.record, self.names.tree(found.object)) else {
            return false;
        };
        let Some(known) = type_of(tree, found.object.node) else {
            return false;
        };
        let name = metadata(tree, found.object.node, "name")
            .known()
            .ok()
            .flatten();
        let lowered = &wanted.lowered;
        let is_kind =
            known.kind == lowered.kind && group(&known.api_version) == group(&lowered.api_version);
        let is_name = name == Some(&lowered.name) || record.object == lowered.name;
        is_kind && is_name && record.home == wanted.record.home
    }

    /// Judges a resource of the stream that is wanted.
    fn change(
        &self,
        found: &FoundResource,
        wanted: &WantedResource<'_>,
        ids: &mut ResourceIds,
        edits: &mut ResourceEdits,
        out: &mut Findings,
    ) {
        let Object { document, node } = found.object;
        let (Ok(record), Some(tree)) = (&found.record, self.names.tree(found.object)) else {
            return;
        };
        let standing = StandingResource {
            tree,
            root: node,
            record,
            start: self.names.stream.place(document, Span::default()),
        };
        let name = metadata(tree, node, "name").known().ok().flatten();
        let name = name.unwrap_or(&wanted.lowered.name);
        let namespace = match wanted.resource.home {
            HomeNamespace::Cluster => None,
            HomeNamespace::OfPlug(_) | HomeNamespace::OfSocket(_) => self.namespace(found.object),
        };
        if !ids.add(self, wanted, name, namespace.as_deref(), out) {
            return;
        }
        let subject = self.object_subject(found.object);
        if !self.settings.discard_edits {
            let errors = standing.edits(Some(&wanted.lowered), &subject);
            if !errors.is_empty() {
                let at = wanted.resource.at;
                out.report_all(errors.into_iter().map(|error| error.at(at, "wanted here")));
                return;
            }
        }
        let collisions = standing.collisions(&wanted.lowered, &subject);
        if !collisions.is_empty() {
            let at = wanted.resource.at;
            out.report_all(
                collisions
                    .into_iter()
                    .map(|error| error.at(at, "wanted here")),
            );
            return;
        }
        match standing.change(&wanted.lowered, &wanted.record) {
            StandingChange::Same => {}
            StandingChange::Written(value) => {
                let document = edits.entry(document).or_default();
                document.changed.push((node, value));
            }
        }
    }

    /// What becomes of a resource of the stream that no coupling wants.
    fn fate(&self, found: &FoundResource, absent: &Absent<'_>, out: &mut Findings) -> ResourceFate {
        let Object { document, node } = found.object;
        let subject = self.object_subject(found.object);
        let record = match &found.record {
            Ok(record) => record,
            Err(invalid) => {
                let at = self.names.stream.place(document, invalid.span);
                let error = Diagnostic::error(Code::ProvenanceInvalid, invalid.message.clone())
                    .at(at, "written by coupler, or copied from its output")
                    .help("restore the line as coupler wrote it; or delete the object, and render again");
                out.report(error.on(subject));
                return ResourceFate::Stays;
            }
        };
        let (Some(key), Some(tree)) = (self.key_of(found), self.names.tree(found.object)) else {
            return ResourceFate::Stays;
        };
        let plug = OwnerRecord {
            socket: record.socket.clone(),
            interface: record.interface.clone(),
            ..OwnerRecord::default()
        };
        let of_plug = Record {
            sources: record.sources,
            owners: [(OwnerKey::plug(&key.plug), plug)].into(),
            ..Record::default()
        };
        let at = self.names.place(found.object);
        let reported = out.mark();
        if absent.leave(&of_plug, key.plug_namespace.as_ref(), true, at, out) {
            return ResourceFate::Stays;
        }
        let standing = StandingResource {
            tree,
            root: node,
            record,
            start: self.names.stream.place(document, Span::default()),
        };
        if !self.settings.discard_edits {
            let errors = standing.edits(None, &subject);
            if !errors.is_empty() {
                out.report_all(errors);
                return ResourceFate::Stays;
            }
        }
        let fate = match self.has_owner(record, &key) {
            true => ResourceFate::Unwanted,
            false => ResourceFate::Orphaned,
        };
        if !out.since(reported).is_empty() || !self.has_plug(&key) {
            return fate;
        }
        let message = format!(
            "resource `{}` of {} is no longer needed: {} `{}` is removed",
            record.resource,
            match record.owner {
                ResourceOwner::Plug => format!("Plug `{}`", key.plug),
                ResourceOwner::Socket => {
                    format!("Socket `{}` for Plug `{}`", record.socket, key.plug)
                }
            },
            subject.kind,
            subject.name
        );
        let info = Diagnostic::info(Code::Decoupled, message).at(at, "written by an earlier run");
        out.report(info.on(subject));
        fate
    }

    fn has_plug(&self, key: &ResourceKey) -> bool {
        let mut plugs = self.ours.integrations.plugs().map(|(_, plug)| &plug.meta);
        plugs.any(|plug| plug.namespace == key.plug_namespace && plug.name.value == key.plug)
    }

    /// Whether the stream has the object that a resource followed.
    fn has_owner(&self, record: &ResourceRecord, key: &ResourceKey) -> bool {
        let mut sockets = self.ours.integrations.sockets().map(|(_, socket)| socket);
        let socket = sockets.find(|socket| couple::socket_name(socket) == record.socket);
        match (record.owner, socket) {
            (ResourceOwner::Socket, Some(socket)) if !socket.meta.catalogue => true,
            (ResourceOwner::Socket, None) => false,
            _ => self.has_plug(key),
        }
    }

    fn object_subject(&self, object: Object) -> Subject {
        let tree = self.names.tree(object);
        let known = tree.and_then(|tree| type_of(tree, object.node));
        let (api_version, kind) = match known {
            Some(known) => (known.api_version.into_owned(), known.kind.into_owned()),
            None => Default::default(),
        };
        let name = tree.and_then(|tree| metadata(tree, object.node, "name").known().ok()?);
        Subject {
            api_version,
            kind,
            namespace: self.namespace(object),
            name: name.unwrap_or_default().to_owned(),
        }
    }

    /// Puts each new resource behind its owner: the Plug, where the Socket is of the catalogue.
    fn place(&self, new: &[&WantedResource<'_>], edits: &mut ResourceEdits) {
        if new.is_empty() {
            return;
        }
        let starts = self.ours.objects.iter();
        let starts: BTreeMap<(SourceId, u32), Object> = starts
            .filter_map(|&object| Some((self.names.start(object)?, object)))
            .collect();
        for one in new {
            let owner = self.owner(one.coupling, one.resource.owner);
            let owner = match owner.catalogue {
                true => self.owner(one.coupling, ResourceOwner::Plug),
                false => owner,
            };
            let start = (owner.at.source, owner.at.span.start);
            let Some(&Object { document, node }) = starts.get(&start) else {
                continue;
            };
            let namespace = one.resource.home.namespace();
            let value = one.lowered.object(namespace, &one.record);
            let document = edits.entry(document).or_default();
            document.new.push(NewResource { owner: node, value });
        }
    }
}

fn too_large(wanted: &WantedResource<'_>) -> Option<Diagnostic> {
    let size = wanted.record.write().len();
    (size > limits::RECORD_BYTES).then(|| {
        let message = format!(
            "the record of resource `{}` has {size} bytes; the limit is {}",
            wanted.resource.name,
            limits::RECORD_BYTES
        );
        Diagnostic::error(Code::LimitExceeded, message)
            .at(wanted.resource.at, "this resource")
            .help("its manifest has too many fields: split it into several resources")
    })
}

/// Where a resource is named, for a message about it.
fn named_at(wanted: &WantedResource<'_>) -> Place {
    wanted.lowered.name_at
}
