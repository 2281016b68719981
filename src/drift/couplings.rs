//! Compares a workload with the Plugs and Sockets of the cluster: what they would couple now, or
//! why nothing.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::behind::{BoundNow, Differs, differs};
use super::object_key::{GroupKind, ObjectId, ObjectKey};
use super::own::drift;
use super::reasons::{after_render, behind, owner_gone, redirected};
use super::workload::{Coupled, Workload};
use super::{Cluster, Unknown, Verdict};
use crate::api::{API_VERSION, Binder, BinderKind, GROUP, Meta, Settings};
use crate::couple::{
    BinderId, Coupling, CouplingInput, PlugId, PlugRequest, ResolvedPlug, SocketCoupling, SocketId,
    couple, socket_name,
};
use crate::diagnostic::{Diagnostic, Findings, Severity};
use crate::limits::{NEAR_MISSES, RENAMED_PLUGS};
use crate::manifest::stream::Stream;
use crate::project::OwnerKey;
use crate::render::own_objects::OwnObjects;
use cause::LiveIntegration;
use objects::ServicePorts;

mod cause;
mod not_coupled;
mod objects;
mod of_socket;

/// The kind of a Plug.
const PLUG: GroupKind = GroupKind {
    kind: "Plug",
    group: GROUP,
};

/// A Plug or a Socket as a record names it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct RecordedOwner {
    namespace: Box<str>,
    key: OwnerKey,
}

/// Every Plug of a cluster, coupled as a render would couple it.
pub(super) struct Couplings<'c> {
    cluster: &'c Cluster,
    /// By number of a source.
    sources: Vec<LiveIntegration<'c>>,
    /// Interfaces by name, the one that was changed last.
    interfaces: BTreeMap<String, LiveIntegration<'c>>,
    ours: CouplingInput,
    /// Every Plug and Socket.
    owners: BTreeMap<RecordedOwner, BinderId>,
    couplings: BTreeMap<PlugId, Coupling>,
    /// What Sockets write.
    socket_couplings: BTreeMap<SocketId, SocketCoupling>,
    /// The Socket of every Plug that has one.
    resolved: Vec<ResolvedPlug>,
    /// What is wrong with a Plug itself.
    own: BTreeMap<ObjectKey, Vec<Diagnostic>>,
    /// What is wrong with the Socket and the Interface that Plugs ask for.
    shared: RefCell<BTreeMap<PlugRequest, Vec<Diagnostic>>>,
    /// The Plugs that are coupled, by namespace.
    coupled: BTreeMap<String, Vec<PlugId>>,
    /// The Sockets by `namespace/name`.
    sockets: BTreeMap<String, LiveIntegration<'c>>,
    /// By namespace, how much more of it may be compared: what its records make us do must not keep
    /// others waiting.
    allowance: RefCell<BTreeMap<Box<str>, NamespaceAllowance>>,
}

/// What may still be done for one namespace in this judgement.
#[derive(Clone, Copy)]
struct NamespaceAllowance {
    /// Plugs that a record is compared with.
    comparisons: usize,
    /// Plugs that are coupled alone, to learn why they are not coupled.
    causes: usize,
}

impl Default for NamespaceAllowance {
    fn default() -> Self {
        Self {
            comparisons: RENAMED_PLUGS,
            causes: NEAR_MISSES,
        }
    }
}

impl<'c> Couplings<'c> {
    /// Couples them all.
    pub(super) fn new(cluster: &'c Cluster) -> Self {
        let mut stream = Stream::default();
        let mut sources = Vec::new();
        for (id, (key, integration)) in (0..).zip(&cluster.integrations) {
            stream.add(id, &integration.text, false);
            sources.push(LiveIntegration { key, integration });
        }
        let mut ours =
            OwnObjects::decode(&stream, &Settings::default(), &mut Findings::new()).integrations;
        // the objects of other kinds are not watched
        ours.sockets.retain(|socket| socket.from.is_none());
        let mut coupled_all = couple(&ours, &ServicePorts(cluster));
        let couplings: BTreeMap<_, _> = std::mem::take(&mut coupled_all.couplings)
            .into_iter()
            .map(|coupling| (coupling.plug, coupling))
            .collect();
        let mut own: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for diagnostic in std::mem::take(&mut coupled_all.diagnostics)
            .into_iter()
            .filter(|d| d.severity == Severity::Error)
        {
            for subject in diagnostic.of_kind("Plug") {
                let namespace = subject.namespace.as_deref().unwrap_or_default();
                let key = ObjectKey::new(PLUG, namespace, &subject.name);
                let one = diagnostic.alone_of(subject);
                own.entry(key).or_default().push(one);
            }
        }
        let recorded = |binder: Binder<'_>| RecordedOwner {
            namespace: binder.meta.namespace.as_deref().unwrap_or_default().into(),
            key: OwnerKey::of(binder.kind, &binder.meta.name.value),
        };
        let plugs = ours.plugs();
        let plugs = plugs.map(|(id, plug)| (recorded(plug.binder()), BinderId::Plug(id)));
        let all = ours.sockets();
        let all = all.map(|(id, socket)| (recorded(socket.binder()), BinderId::Socket(id)));
        let owners = plugs.chain(all).collect();
        let source = |meta: &Meta| sources.get(meta.at.source as usize).copied();
        let sockets = ours
            .sockets
            .iter()
            .filter_map(|socket| Some((socket_name(socket), source(&socket.meta)?)))
            .collect();
        let mut coupled: BTreeMap<String, Vec<PlugId>> = BTreeMap::new();
        for coupling in couplings.values() {
            let namespace = ours[coupling.plug]
                .meta
                .namespace
                .clone()
                .unwrap_or_default();
            coupled.entry(namespace).or_default().push(coupling.plug);
        }
        let mut interfaces: BTreeMap<String, LiveIntegration<'_>> = BTreeMap::new();
        for interface in &ours.interfaces {
            let Some(source) = source(&interface.meta) else {
                continue;
            };
            let last = interfaces
                .entry(interface.name.value.clone())
                .or_insert(source);
            if source.changed() > last.changed() {
                *last = source;
            }
        }
        let (shared, allowance) = (RefCell::default(), RefCell::default());
        Self {
            cluster,
            sources,
            interfaces,
            ours,
            owners,
            couplings,
            socket_couplings: coupled_all
                .sockets
                .into_iter()
                .map(|coupling| (coupling.socket, coupling))
                .collect(),
            resolved: coupled_all.resolved,
            own,
            shared,
            coupled,
            sockets,
            allowance,
        }
    }

    /// Uses up one of what a namespace may still have done for it; whether there was one.
    fn allows(&self, namespace: &str, of: impl Fn(&mut NamespaceAllowance) -> &mut usize) -> bool {
        let mut all = self.allowance.borrow_mut();
        let left = match all.get_mut(namespace) {
            Some(allowance) => of(allowance),
            None => of(all.entry(namespace.into()).or_default()),
        };
        let allowed = *left > 0;
        *left = left.saturating_sub(1);
        allowed
    }

    fn find(&self, workload: &Workload, coupled: &Coupled) -> Option<BinderId> {
        let recorded = RecordedOwner {
            namespace: workload.id.namespace.clone(),
            key: coupled.owner.clone(),
        };
        self.owners.get(&recorded).copied()
    }

    /// The Plug or the Socket that the record has a coupling of, where it is in the cluster.
    pub(super) fn owner(&self, workload: &Workload, coupled: &Coupled) -> Option<ObjectId> {
        let found = self.find(workload, coupled)?;
        Some(self.object_id(self.ours.binder(found)))
    }

    /// Whether a render puts a variable of a coupling after the one that it uses: a Plug's own
    /// order is kept, whatever it is.
    pub(super) fn keeps_order(
        &self,
        workload: &Workload,
        coupled: &Coupled,
        key: &str,
        used: &str,
    ) -> bool {
        let written = match self.find(workload, coupled) {
            Some(BinderId::Plug(id)) => self.couplings.get(&id).map(|one| &one.written),
            Some(BinderId::Socket(id)) => self.coupling_of(id).map(|one| &one.written),
            Some(BinderId::ServiceBinding(_)) | None => None,
        };
        let Some(written) = written else {
            return false;
        };
        let position = |name: &str| written.variables().position(|entry| entry.name == name);
        match (position(key), position(used)) {
            (None, _) => false,
            (Some(_), None) => true,
            (Some(key), Some(used)) => used < key,
        }
    }

    /// The Plugs and Sockets whose workloads must have a record: the others may be rendered without.
    pub(super) fn expecting(&self) -> impl Iterator<Item = BinderId> {
        let known = self.cluster.knows_integrations();
        let expects = |index: &PlugId| {
            let plug = &self.ours[*index];
            !plug.suspend && (self.couplings.contains_key(index) || !plug.optional)
        };
        let plugs = self.ours.plugs().map(|(id, _)| id).filter(expects);
        let sockets = self.socket_couplings.keys().copied();
        let all = plugs
            .map(BinderId::Plug)
            .chain(sockets.map(BinderId::Socket));
        all.filter(move |_| known)
    }

    /// A Plug or a Socket.
    pub(super) fn binder(&self, id: BinderId) -> Binder<'_> {
        self.ours.binder(id)
    }

    /// The cluster.
    pub(super) fn cluster(&self) -> &'c Cluster {
        self.cluster
    }

    /// The Socket that a Plug is coupled to, or that a Socket is; empty: none.
    pub(super) fn socket(&self, id: BinderId) -> Box<str> {
        let names = match id {
            BinderId::Plug(id) => self.couplings.get(&id).map(|one| &one.names),
            BinderId::Socket(id) => self.coupling_of(id).map(|one| &one.names),
            BinderId::ServiceBinding(_) => None,
        };
        names
            .map(|names| names.socket.as_str().into())
            .unwrap_or_default()
    }

    fn id(&self, index: PlugId) -> ObjectId {
        self.object_id(self.ours[index].binder())
    }

    pub(super) fn object_id(&self, Binder { kind, meta, .. }: Binder<'_>) -> ObjectId {
        ObjectId {
            api_version: API_VERSION,
            kind: kind.word(),
            namespace: meta.namespace.as_deref().unwrap_or_default().into(),
            name: meta.name.value.as_str().into(),
            uid: self
                .source(meta)
                .map(|source| source.integration.uid.clone())
                .unwrap_or_default(),
        }
    }

    /// Whether a coupling is still what Plug and Socket ask for.
    pub(super) fn judge(&self, workload: &Workload, coupled: &Coupled) -> Verdict {
        if !self.cluster.knows_integrations() {
            return Verdict::Unknown(Unknown::NotListed);
        }
        match coupled.owner.kind {
            BinderKind::Plug => {}
            BinderKind::Socket => return self.judge_socket(workload, coupled),
            // none is watched: its entries are compared with the record alone
            BinderKind::ServiceBinding => return Verdict::Unknown(Unknown::NotRead),
        }
        let apart_by = |diagnostic: Diagnostic, detail: String, regarding, cause| {
            let drift = drift(workload, Some(coupled), diagnostic, detail);
            let changed = self.last_change(workload, coupled);
            Verdict::Decoupled(vec![super::Drift {
                regarding,
                cause,
                changed,
                ..drift
            }])
        };
        let apart = |diagnostic: Diagnostic, regarding| {
            // a cause with other content, such as more variables, is another cause
            let detail = diagnostic.message.clone();
            apart_by(diagnostic, detail, regarding, None)
        };
        let Some(BinderId::Plug(index)) = self.find(workload, coupled) else {
            if let Some(renamed) = self.renamed(workload, coupled) {
                let regarding = self.id(renamed);
                let was = coupled.owner.to_string();
                return apart(
                    after_render(workload, &was, &format!("`{}`", regarding.name)),
                    Some(regarding),
                );
            }
            return apart(owner_gone(workload, coupled), None);
        };
        let plug = &self.ours[index];
        let regarding = Some(self.id(index));
        if plug.suspend {
            let why = format!(
                "Plug `{}` is suspended, and the workload still has what was written for it",
                plug.meta.name.value
            );
            let cause = self.cause(workload, coupled, index);
            return apart_by(behind(workload, &cause, &why), why, regarding, Some(cause));
        }
        let Some(coupling) = self.couplings.get(&index) else {
            return match self.why_not(index, coupled) {
                Err(unknown) => Verdict::Unknown(unknown),
                Ok(why) => {
                    let changed = || self.cause(workload, coupled, index);
                    let cause = why.gone.unwrap_or_else(changed);
                    let detail = why.diagnostic.message.clone();
                    apart_by(why.diagnostic, detail, regarding, Some(cause))
                }
            };
        };
        let is_behind = |what: String| {
            let cause = self.cause(workload, coupled, index);
            let diagnostic = behind(workload, &cause, &what);
            apart_by(diagnostic, what, regarding.clone(), Some(cause))
        };
        let bound = BoundNow {
            names: &coupling.names,
            written: &coupling.written,
        };
        match differs(workload, coupled, plug.binder(), &bound) {
            Differs::Nothing => Verdict::Coupled,
            Differs::SocketName(now) if !self.stands(&coupled.socket) => {
                let was = format!("Socket `{}`", coupled.socket);
                apart(after_render(workload, &was, &format!("`{now}`")), regarding)
            }
            Differs::SocketName(now) => is_behind(format!("it would be coupled to Socket `{now}`")),
            Differs::Objects(objects) => {
                match redirected(workload, &objects) {
                    // nothing else was changed later
                    Some(diagnostic) if self.cause(workload, coupled, index).change.is_none() => {
                        apart_by(diagnostic, objects.what, regarding, None)
                    }
                    _ => is_behind(objects.what),
                }
            }
            Differs::Config(what) => is_behind(what),
        }
    }

    fn source(&self, meta: &Meta) -> Option<LiveIntegration<'c>> {
        self.sources.get(meta.at.source as usize).copied()
    }

    /// A Plug under another name that would bake exactly what is there.
    fn renamed(&self, workload: &Workload, coupled: &Coupled) -> Option<PlugId> {
        let namespace = &*workload.id.namespace;
        let candidates = self.coupled.get(namespace)?.iter().copied();
        let mut candidates = candidates
            .take_while(|_| self.allows(namespace, |allowance| &mut allowance.comparisons));
        candidates.find(|&index| {
            let plug = &self.ours[index];
            let key = OwnerKey::plug(&plug.meta.name.value);
            // in the order of their names, as the record has them
            let listed = workload
                .plugs()
                .binary_search_by(|coupled| coupled.owner.cmp(&key))
                .is_ok();
            let same = |coupling: &Coupling| {
                let bound = BoundNow {
                    names: &coupling.names,
                    written: &coupling.written,
                };
                !matches!(
                    differs(workload, coupled, plug.binder(), &bound),
                    Differs::Config(_)
                )
            };
            !listed && self.couplings.get(&index).is_some_and(same)
        })
    }

    /// Whether a Socket, `namespace/name`, is in the cluster.
    fn stands(&self, socket: &str) -> bool {
        self.sockets.contains_key(socket)
    }
}

#[cfg(test)]
mod tests;
