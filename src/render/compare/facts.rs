//! One side of a comparison: its Plugs and Sockets as written, and its workloads as they come out.

use std::collections::{BTreeMap, BTreeSet};

use super::fields::{self, Fields};
use super::{Effect, Party, Role};
use crate::api::{EnvBinding, EnvValue, Integrations, env_name};
use crate::diagnostic::{self, Diagnostic};
use crate::manifest::stream::{Object, Stream, metadata};
use crate::manifest::{NodeId, Tree};
use crate::project::{self, PlugRecord, Record};
use crate::render::ours::Ours;
use crate::render::{Input, read, render};

/// Kind, namespace and name.
pub(super) type WorkloadKey = (String, Option<String>, String);

/// What one input comes to.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// Every Plug of the stream, and every Socket.
    pub(super) parties: BTreeMap<Party, Said>,
    /// Plug → Socket and `interface@version`, as the workloads bear it.
    pub(super) couplings: BTreeMap<Party, BTreeSet<(Party, String)>>,
    /// Every workload.
    pub(super) workloads: BTreeMap<WorkloadKey, Workload>,
}

/// A Plug or a Socket.
#[derive(Debug)]
pub(super) struct Said {
    /// Its parts.
    pub(super) fields: Fields,
    /// Whether it only stands in the catalogue.
    pub(super) catalogue: bool,
    /// Of a Plug: how its variables come to be.
    env: Option<(String, Option<Vec<EnvBinding>>)>,
}

impl Said {
    /// Variables of a Plug that hold one socket key and nothing else → the key; `keys` are those that there may be.
    pub(super) fn keys_by_variable<'k>(&'k self, keys: impl Iterator<Item = &'k str>) -> BTreeMap<String, &'k str> {
        let Some((name, env)) = &self.env else { return BTreeMap::new() };
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
                EnvValue::Template(_) => {
                    all.remove(&binding.name.value);
                }
            }
        }
        all
    }
}

/// A workload as it comes out.
#[derive(Debug)]
pub(super) struct Workload {
    /// What a changed pod template does.
    pub(super) effect: Effect,
    /// What each Plug brought, by the name of its annotation.
    pub(super) plugs: BTreeMap<String, Bound>,
}

/// What one Plug brought to one workload.
#[derive(Debug)]
pub(super) struct Bound {
    /// The Plug's name.
    pub(super) plug: String,
    /// Container → its variables, in order, and what they hold.
    env: BTreeMap<String, Vec<(usize, String, String)>>,
}

impl Bound {
    /// Container and variable → content.
    pub(super) fn contents(&self) -> BTreeMap<(&str, &str), &str> {
        let all = self.env.iter().flat_map(|(container, env)| env.iter().map(move |entry| (container, entry)));
        all.map(|(container, (_, name, content))| ((container.as_str(), name.as_str()), content.as_str())).collect()
    }
}

impl Workload {
    /// The coupled variables of every container, in the order in which they stand.
    pub(super) fn containers(&self) -> BTreeMap<&str, Vec<(&str, &str)>> {
        let mut all: BTreeMap<&str, Vec<&(usize, String, String)>> = BTreeMap::new();
        for (container, env) in self.plugs.values().flat_map(|bound| &bound.env) {
            all.entry(container).or_default().extend(env);
        }
        let mut out: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
        for (container, mut env) in all {
            env.sort();
            out.insert(
                container,
                env.into_iter().map(|(_, name, content)| (name.as_str(), content.as_str())).collect(),
            );
        }
        out
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
    let stream = read(&input);
    let ours = Ours::decode(&stream, &input.settings, &mut Vec::new());
    facts.say(&ours);
    let mut rendered = Stream::default();
    for (id, piece) in (0..).zip(output.rendered.iter().flat_map(|source| &source.pieces)) {
        rendered.add(id, piece, false);
    }
    let names = ours.integrations.plugs.iter().map(|plug| {
        let name = &plug.meta.name.value;
        ((plug.meta.namespace.clone(), project::plug_key(name)), name.clone())
    });
    let names: BTreeMap<_, _> = names.collect();
    for kind in project::KINDS {
        for entry in rendered.of_kind(kind) {
            facts.workload(&rendered, entry.object, kind, input.settings.namespace.as_deref(), &names);
        }
    }
    Ok(facts)
}

impl Facts {
    fn say(&mut self, ours: &Ours) {
        for plug in &ours.integrations.plugs {
            let party =
                Party { role: Role::Plug, namespace: plug.meta.namespace.clone(), name: plug.meta.name.value.clone() };
            let env = Some((plug.name.value.clone(), plug.env.clone()));
            self.parties.insert(party, Said { fields: fields::plug(plug), catalogue: false, env });
        }
        // the stream's wins over the catalogue's
        for wanted in [true, false] {
            for socket in ours.integrations.sockets.iter().filter(|socket| socket.meta.catalogue == wanted) {
                let party = Party {
                    role: Role::Socket,
                    namespace: socket.meta.namespace.clone(),
                    name: socket.name.value.clone(),
                };
                let said = Said { fields: fields::socket(socket), catalogue: wanted, env: None };
                self.parties.insert(party, said);
            }
        }
    }

    fn workload(
        &mut self,
        stream: &Stream<'_>,
        object: Object,
        kind: &str,
        namespace: Option<&str>,
        names: &BTreeMap<(Option<String>, String), String>,
    ) {
        let Ok(tree) = stream.tree(object.document) else { return };
        let version = tree.get(object.node, "apiVersion").and_then(|node| tree.str(node)).unwrap_or_default();
        let Some(name) = metadata(tree, object.node, "name") else { return };
        if project::pod_path(version, kind).is_none() {
            return;
        }
        let namespace = metadata(tree, object.node, "namespace").or(namespace).map(str::to_owned);
        let record = project::record(tree, object.node).and_then(Result::ok).unwrap_or_default();
        let mut plugs = BTreeMap::new();
        let containers = Containers::read(tree, object.node, &record);
        for (key, record) in record.plugs {
            let plug = names.get(&(namespace.clone(), key.clone())).unwrap_or(&key).clone();
            let party = Party { role: Role::Plug, namespace: namespace.clone(), name: plug.clone() };
            let coupled = (socket(&record.socket), record.interface.clone());
            self.couplings.entry(party).or_default().insert(coupled);
            plugs.insert(key, Bound { plug, env: containers.baked(tree, &record) });
        }
        let effect = effect(tree, object.node, kind);
        self.workloads.insert((kind.to_owned(), namespace, name.to_owned()), Workload { effect, plugs });
    }
}

/// The Socket that a record names.
fn socket(text: &str) -> Party {
    let (namespace, name) = match text.split_once('/') {
        Some((namespace, name)) => (Some(namespace.to_owned()), name.to_owned()),
        None => (None, text.to_owned()),
    };
    Party { role: Role::Socket, namespace, name }
}

/// Variables of one container by name: the position and the entry of each.
type Variables<'t> = BTreeMap<&'t str, Vec<(usize, NodeId)>>;

/// The variables of each container of a workload with a record.
struct Containers<'t> {
    variables: BTreeMap<&'t str, Variables<'t>>,
}

impl<'t> Containers<'t> {
    fn read(tree: &'t Tree<'_>, root: NodeId, record: &Record) -> Self {
        let mut variables: BTreeMap<&'t str, Variables<'t>> = BTreeMap::new();
        let containers = if record.plugs.is_empty() { Vec::new() } else { project::containers(tree, root) };
        // of several of one name the last counts
        for container in containers {
            let (Some(name), Some(env)) = (container.name, tree.get(container.node, "env")) else { continue };
            let mut by_name = Variables::new();
            for (at, entry) in tree.children(env).enumerate() {
                if let Some(name) = tree.get(entry, "name").and_then(|name| tree.str(name)) {
                    by_name.entry(name).or_default().push((at, entry));
                }
            }
            variables.insert(name, by_name);
        }
        Self { variables }
    }

    /// The variables of a record where they stand, with all that they hold: a reference's object too, whatever renames it.
    fn baked(&self, tree: &Tree<'_>, record: &PlugRecord) -> BTreeMap<String, Vec<(usize, String, String)>> {
        let mut all = BTreeMap::new();
        for (container, listed) in &record.env {
            let Some(by_name) = self.variables.get(container.as_str()) else { continue };
            let mut entries: Vec<(usize, String, String)> = Vec::new();
            for (name, digest) in listed {
                for &(at, entry) in by_name.get(name.as_str()).into_iter().flatten() {
                    let content = tree.json(entry).map_or_else(|_| digest.clone(), |json| json.to_string());
                    entries.push((at, name.clone(), content));
                }
            }
            entries.sort();
            all.insert(container.clone(), entries);
        }
        all
    }
}

fn effect(tree: &Tree<'_>, root: NodeId, kind: &str) -> Effect {
    let strategy = tree.at(root, &["spec", "updateStrategy", "type"]).and_then(|node| tree.str(node));
    match kind {
        "ReplicaSet" => Effect::NewPods,
        "StatefulSet" | "DaemonSet" if strategy == Some("OnDelete") => Effect::NewPods,
        "CronJob" => Effect::NextRun,
        "Job" | "Pod" => Effect::Replace,
        _ => Effect::Restarts,
    }
}
