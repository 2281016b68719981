//! Collects one side of a comparison: its Plugs and Sockets as written, and its workloads as
//! rendered.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::fields::{self, Fields};
use super::{Party, PartyRole, PodEffect};
use crate::api::{BinderKind, EnvBinding, EnvValue, Integrations, env_name};
use crate::diagnostic::{self, Diagnostic, Findings};
use crate::manifest::stream::{DocumentSearch, Stream, StreamObject, group, metadata};
use crate::manifest::{NodeId, Place, Tree};
use crate::project::{
    self, DocumentRef, KnownWorkload, OwnerKey, OwnerRecord, Record, ResourceRecord, Slot, Update,
    WorkloadKinds,
};
use crate::render::own_objects::OwnObjects;
use crate::render::{Input, read, render};

/// What tells a workload, or another object, from all others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct WorkloadKey {
    pub(super) kind: String,
    /// The API group; that of the core kinds is empty.
    pub(super) group: String,
    pub(super) namespace: Option<String>,
    pub(super) name: String,
}

/// What one input comes to.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// Every Plug of the stream, and every Socket.
    pub(super) parties: BTreeMap<Party, Said>,
    /// Plug → Socket and `interface@version`, as the workloads have it.
    pub(super) couplings: BTreeMap<Party, BTreeSet<(Party, String)>>,
    /// Every workload, and every other object that is coupled.
    pub(super) workloads: BTreeMap<WorkloadKey, WorkloadFacts>,
    /// Every resource.
    pub(super) resources: BTreeMap<WorkloadKey, ResourceFacts>,
}

/// A resource.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ResourceFacts {
    /// The Plug that it exists for.
    pub(super) plug: String,
    /// All that it is, but for its record.
    content: String,
}

/// A Plug or a Socket.
#[derive(Debug)]
pub(super) struct Said {
    /// Its parts.
    pub(super) fields: Fields,
    /// Whether it is only in the catalogue.
    pub(super) catalogue: bool,
    /// Of a Plug: how its variables come to be.
    env: Option<(String, Option<Vec<EnvBinding>>)>,
}

impl Said {
    /// Variables of a Plug that hold one socket key and nothing else → the key; `keys` are those
    /// that there may be.
    pub(super) fn keys_by_variable<'k>(
        &'k self,
        keys: impl Iterator<Item = &'k str>,
    ) -> BTreeMap<String, &'k str> {
        let Some((name, env)) = &self.env else {
            return BTreeMap::new();
        };
        let mut all = BTreeMap::new();
        for key in keys {
            all.entry(env_name(name, key)).or_insert(key);
        }
        // what the Plug lists wins, and of two entries of one name the first
        for binding in env.iter().flatten().rev() {
            match &binding.value {
                EnvValue::Key(key) => {
                    all.insert(binding.name.value.clone(), key.value.as_str());
                }
                EnvValue::Template(_) | EnvValue::File(_) => {
                    all.remove(&binding.name.value);
                }
            }
        }
        all
    }
}

/// A workload, or another coupled object, as it comes out.
#[derive(Debug)]
pub(super) struct WorkloadFacts {
    /// What a changed pod template does.
    pub(super) effect: PodEffect,
    /// What was written for each Plug and Socket.
    pub(super) owners: BTreeMap<OwnerKey, Bound>,
    /// The collections that are in the pod template, whose change changes pods.
    pub(super) of_pods: BTreeSet<Slot>,
}

/// What was written for one Plug or Socket into one workload.
#[derive(Debug)]
pub(super) struct Bound {
    /// The name of the Plug or the Socket.
    pub(super) owner: String,
    /// Its entries, by collection.
    entries: BTreeMap<Slot, Vec<BakedEntry>>,
}

/// An entry as it comes out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct BakedEntry {
    /// Its position in the collection.
    index: usize,
    key: String,
    content: String,
    /// Whether the author wrote it: then no coupling added or removed it.
    is_kept: bool,
}

impl Bound {
    /// Collection and key → content of all that was written.
    pub(super) fn contents(&self) -> BTreeMap<(&Slot, &str), &str> {
        self.entries_where(|_, _| true)
    }

    fn entries_where(
        &self,
        counts: impl Fn(&Slot, &BakedEntry) -> bool,
    ) -> BTreeMap<(&Slot, &str), &str> {
        let mut all = BTreeMap::new();
        for (slot, entries) in &self.entries {
            for entry in entries.iter().filter(|entry| counts(slot, entry)) {
                all.insert((slot, entry.key.as_str()), entry.content.as_str());
            }
        }
        all
    }

    fn has(&self, slot: &Slot, key: &str) -> bool {
        self.entries
            .get(slot)
            .is_some_and(|entries| entries.iter().any(|entry| entry.key == key))
    }
}

impl WorkloadFacts {
    /// Whether an entry counts beside another state of the same workload: one that was kept and is
    /// not coupled there is what its author wrote in both.
    fn counts(slot: &Slot, entry: &BakedEntry, other: Option<&Self>) -> bool {
        let is_coupled = |other: &Self| {
            other
                .owners
                .values()
                .any(|bound| bound.has(slot, &entry.key))
        };
        !entry.is_kept || other.is_none_or(is_coupled)
    }

    /// The coupled entries of every collection, key and content, in the order in which they are
    /// there, as far as they count beside another state of the workload.
    pub(super) fn collections(&self, other: Option<&Self>) -> BTreeMap<&Slot, Vec<(&str, &str)>> {
        let mut all: BTreeMap<&Slot, Vec<&BakedEntry>> = BTreeMap::new();
        for (slot, entries) in self.owners.values().flat_map(|bound| &bound.entries) {
            let counting: Vec<_> = entries
                .iter()
                .filter(|entry| Self::counts(slot, entry, other))
                .collect();
            if !counting.is_empty() {
                all.entry(slot).or_default().extend(counting);
            }
        }
        let mut out = BTreeMap::new();
        for (slot, mut entries) in all {
            entries.sort();
            let entries = entries
                .into_iter()
                .map(|entry| (entry.key.as_str(), entry.content.as_str()));
            out.insert(slot, entries.collect());
        }
        out
    }

    /// Collection and key → content of what was written for one Plug or Socket, as far as it counts beside
    /// another state of the workload.
    pub(super) fn contents(
        &self,
        owner: &OwnerKey,
        other: Option<&Self>,
    ) -> BTreeMap<(&Slot, &str), &str> {
        let bound = self.owners.get(owner);
        bound
            .map(|bound| bound.entries_where(|slot, entry| Self::counts(slot, entry, other)))
            .unwrap_or_default()
    }
}

/// Renders, and gathers; or what is wrong.
pub(super) fn facts(input: &Input) -> Result<Facts, Vec<Diagnostic>> {
    let mut input = input.clone();
    input.settings.integrations = Integrations::Keep;
    let output = render(&input);
    if diagnostic::has_errors(&output.diagnostics) {
        return Err(output.diagnostics);
    }
    let mut facts = Facts::default();
    let stream = read(&input).stream;
    let ours = OwnObjects::decode(&stream, &input.settings, &mut Findings::new());
    facts.say(&ours);
    let mut rendered = Stream::default();
    for (id, piece) in (0..).zip(output.rendered.iter().flat_map(|source| &source.pieces)) {
        rendered.add(id, piece, false);
    }
    let names = ours.integrations.binders().map(|(_, binder)| {
        let name = &binder.meta.name.value;
        let key = OwnerKey::of(binder.kind, name);
        ((binder.meta.namespace.clone(), key), name.clone())
    });
    let names: BTreeMap<_, _> = names.collect();
    let kinds = WorkloadKinds::read(&stream);
    let mut coupled = DocumentSearch::new(&[project::COUPLED]);
    for entry in rendered.entries() {
        let known = kinds.of(&entry.api_version, &entry.kind);
        if known.is_none() && !coupled.has(&rendered, entry.object.document) {
            continue;
        }
        let Ok(tree) = rendered.tree(entry.object.document) else {
            continue;
        };
        let document = DocumentRef {
            tree,
            start: Place::default(),
            kinds: &kinds,
        };
        let namespace = input.settings.namespace.as_deref();
        if let Some(Ok(record)) = project::resource_record(tree, entry.object.node) {
            facts.resource(tree, entry, namespace, record);
            continue;
        }
        facts.workload(document, entry, known, namespace, &names);
    }
    Ok(facts)
}

impl Facts {
    fn say(&mut self, ours: &OwnObjects) {
        for plug in &ours.integrations.plugs {
            let party = Party {
                role: PartyRole::Plug,
                namespace: plug.meta.namespace.clone(),
                name: plug.meta.name.value.clone(),
            };
            let env = Some((plug.prefix().to_owned(), plug.env.clone()));
            self.parties.insert(
                party,
                Said {
                    fields: fields::plug(plug),
                    catalogue: false,
                    env,
                },
            );
        }
        // the stream's wins over the catalogue's
        for wanted in [true, false] {
            for socket in ours
                .integrations
                .sockets
                .iter()
                .filter(|socket| socket.meta.catalogue == wanted)
            {
                let party = Party {
                    role: PartyRole::Socket,
                    namespace: socket.meta.namespace.clone(),
                    name: socket.name.value.clone(),
                };
                let said = Said {
                    fields: fields::socket(socket),
                    catalogue: wanted,
                    env: None,
                };
                self.parties.insert(party, said);
            }
        }
    }

    fn resource(
        &mut self,
        tree: &Tree<'_>,
        entry: &StreamObject<'_>,
        namespace: Option<&str>,
        record: ResourceRecord,
    ) {
        let text = |key| {
            metadata(tree, entry.object.node, key)
                .known()
                .ok()
                .flatten()
        };
        let mut content = tree.json(entry.object.node).unwrap_or_default();
        if let Some(annotations) = content.pointer_mut("/metadata/annotations")
            && let Some(annotations) = annotations.as_object_mut()
        {
            annotations.remove(project::RESOURCE);
        }
        let name = text("name").unwrap_or_default().to_owned();
        let namespace = text("namespace").or(namespace).map(str::to_owned);
        let (home, plug) = match record.plug.split_once('/') {
            Some((home, plug)) => (Some(home.to_owned()), plug.to_owned()),
            None => (namespace.clone(), record.plug.clone()),
        };
        let party = Party {
            role: PartyRole::Plug,
            namespace: home,
            name: plug,
        };
        let coupled = (socket(&record.socket), record.interface);
        self.couplings.entry(party).or_default().insert(coupled);
        let facts = ResourceFacts {
            plug: record.plug,
            content: content.to_string(),
        };
        let key = WorkloadKey {
            kind: entry.kind.to_string(),
            group: group(&entry.api_version).to_owned(),
            namespace,
            name,
        };
        self.resources.insert(key, facts);
    }

    fn workload(
        &mut self,
        document: DocumentRef<'_>,
        entry: &StreamObject<'_>,
        known: Option<KnownWorkload<'_>>,
        namespace: Option<&str>,
        names: &BTreeMap<(Option<String>, OwnerKey), String>,
    ) {
        let (tree, object) = (document.tree, entry.object);
        // what cannot be read is no fact; a name that the cluster makes is known by its beginning
        let text = |key| metadata(tree, object.node, key).known();
        let (Ok(given), Ok(generated), Ok(own)) =
            (text("name"), text("generateName"), text("namespace"))
        else {
            return;
        };
        let Some(name) = given.or(generated) else {
            return;
        };
        let namespace = own.or(namespace).map(str::to_owned);
        let record = project::record(tree, object.node)
            .and_then(Result::ok)
            .unwrap_or_default();
        let mut owners = BTreeMap::new();
        let standing = Standing::read(document, object.node, &record);
        for (key, record) in record.owners {
            let known = names.get(&(namespace.clone(), key.clone()));
            let owner = known.map_or_else(|| key.name.to_string(), String::clone);
            if key.kind == BinderKind::Plug {
                let party = Party {
                    role: PartyRole::Plug,
                    namespace: namespace.clone(),
                    name: owner.clone(),
                };
                let coupled = (socket(&record.socket), record.interface.clone());
                self.couplings.entry(party).or_default().insert(coupled);
            }
            owners.insert(
                key,
                Bound {
                    owner,
                    entries: standing.baked(tree, &record),
                },
            );
        }
        // of what is no workload, only what is coupled is compared
        if known.is_none() && owners.is_empty() {
            return;
        }
        let effect = known.map_or(PodEffect::Updates, |known| {
            effect(tree, object.node, known.update)
        });
        let slots = owners
            .values()
            .flat_map(|bound: &Bound| bound.entries.keys());
        let of_pods = slots
            .filter(|slot| known.is_some_and(|known| project::is_of_pods(slot, known.mapping)));
        let of_pods = of_pods.cloned().collect();
        let key = WorkloadKey {
            kind: entry.kind.to_string(),
            group: group(&entry.api_version).to_owned(),
            namespace,
            name: name.to_owned(),
        };
        let facts = WorkloadFacts {
            effect,
            owners,
            of_pods,
        };
        self.workloads.insert(key, facts);
    }
}

/// The Socket that a record names.
fn socket(text: &str) -> Party {
    let (namespace, name) = match text.split_once('/') {
        Some((namespace, name)) => (Some(namespace.to_owned()), name.to_owned()),
        None => (None, text.to_owned()),
    };
    Party {
        role: PartyRole::Socket,
        namespace,
        name,
    }
}

/// Entries of one collection by key: the position and the node of each.
type Keyed<'t> = BTreeMap<Cow<'t, str>, Vec<(usize, NodeId)>>;

/// The entries of each collection that a record knows.
struct Standing<'t> {
    entries: BTreeMap<Slot, Keyed<'t>>,
}

impl<'t> Standing<'t> {
    fn read(document: DocumentRef<'t>, root: NodeId, record: &Record) -> Self {
        if record.owners.is_empty() {
            return Self {
                entries: BTreeMap::new(),
            };
        }
        let mut entries: BTreeMap<Slot, Keyed<'t>> = BTreeMap::new();
        // of several collections of one name the last counts
        for project::CollectionEntries { slot, entries: all } in
            project::entries_of(document, root, record)
        {
            let mut by_key = Keyed::new();
            for (index, (key, node)) in all.into_iter().enumerate() {
                by_key.entry(key).or_default().push((index, node));
            }
            entries.insert(slot, by_key);
        }
        Self { entries }
    }

    /// The entries of a record where they are, with all their content: a reference's object too,
    /// whatever renames it.
    fn baked(&self, tree: &Tree<'_>, record: &OwnerRecord) -> BTreeMap<Slot, Vec<BakedEntry>> {
        let mut all: BTreeMap<Slot, Vec<BakedEntry>> = BTreeMap::new();
        let written = record
            .entries
            .iter()
            .map(|(slot, listed)| (slot, listed, false));
        let kept = record
            .kept
            .iter()
            .map(|(slot, listed)| (slot, listed, true));
        for (slot, listed, is_kept) in written.chain(kept) {
            if let Slot::Found(_) = slot {
                let found = record.found.get(slot);
                let entries = all.entry(slot.clone()).or_default();
                entries.extend(listed.iter().map(|(key, digest)| {
                    BakedEntry {
                        index: 0,
                        key: key.clone(),
                        content: found
                            .and_then(|found| found.get(key))
                            .map_or_else(|| digest.clone(), |found| found.with.clone()),
                        is_kept,
                    }
                }));
                continue;
            }
            let Some(by_key) = self.entries.get(slot) else {
                continue;
            };
            let entries = all.entry(slot.clone()).or_default();
            for (key, digest) in listed {
                for &(index, node) in by_key.get(key.as_str()).into_iter().flatten() {
                    let content = tree
                        .json(node)
                        .map_or_else(|_| digest.clone(), |json| json.to_string());
                    entries.push(BakedEntry {
                        index,
                        key: key.clone(),
                        content,
                        is_kept,
                    });
                }
            }
        }
        all
    }
}

fn effect(tree: &Tree<'_>, root: NodeId, update: Update) -> PodEffect {
    let strategy = tree
        .read_text(root, &["spec", "updateStrategy", "type"])
        .shown();
    match update {
        Update::RollsUnlessOnDelete if strategy == Some("OnDelete") => PodEffect::NewPods,
        Update::NewRevision if project::names_its_revision(tree, root) => PodEffect::Replace,
        Update::Rolls | Update::RollsUnlessOnDelete | Update::NewRevision => PodEffect::Restarts,
        Update::NewPods => PodEffect::NewPods,
        Update::NextRun => PodEffect::NextRun,
        Update::ByController => PodEffect::ByController,
        Update::Immutable => PodEffect::Replace,
    }
}
