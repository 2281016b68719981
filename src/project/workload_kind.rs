//! Defines the kinds of workload in one table: the paths of their parts, and the effect of an
//! update.

use std::borrow::Cow;

use super::key_path::KeyPath;
use super::plural::plural;
use crate::diagnostic::list_all;
use crate::manifest::stream::group;
use crate::manifest::{NodeId, NotReadable, Reading, Tree};

/// A kind of workload.
#[derive(Debug, PartialEq, Eq)]
pub struct WorkloadKind {
    /// `apiVersion`, as clusters serve it now; then one for each group that it was in before. All
    /// versions of these groups are read alike.
    pub api_versions: &'static [&'static str],
    /// `kind`
    pub kind: &'static str,
    /// Where its parts are.
    pub mapping: &'static Mapping,
    /// What an update of its pod template does.
    pub update: Update,
    /// When the watcher reads it.
    pub watch: WatchedWhen,
    /// Which names in its pods kustomize knows to be names of Secrets and ConfigMaps.
    pub names: KnownNames,
}

/// Which names of Secrets and ConfigMaps in the pods of a kind kustomize knows by itself, and
/// changes when it renames the object.
///
/// <https://github.com/kubernetes-sigs/kustomize/blob/master/api/internal/konfig/builtinpluginconsts/namereference.go>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KnownNames {
    /// All.
    All,
    /// Those of Secrets in variables of containers.
    SecretsOfVariables,
    /// None.
    None,
}

/// When the watcher reads the workloads of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WatchedWhen {
    /// Always: every cluster serves it.
    Always,
    /// Where it is named: not every cluster serves it, and a right to read it must be given.
    WhenNamed,
    /// Never: no pods run of it.
    Never,
}

/// Where the parts of a workload are, from its root: the shape of a
/// `ClusterWorkloadResourceMapping`.
///
/// <https://servicebinding.io/spec/core/1.1.0/#workload-resource-mapping>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// The pods' annotations.
    pub annotations: KeyPath,
    /// The pods' volumes.
    pub volumes: KeyPath,
    /// Where the containers are; they share one space of names.
    pub containers: Cow<'static, [ContainerPath]>,
    /// The workload whose pods it takes over, where it has no pod template of its own.
    pub workload_ref: Option<KeyPath>,
}

/// Where containers are, and where the parts of each are in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainerPath {
    /// The lists on the way, the first from the workload's root, each other one from an item of the
    /// one before it.
    pub lists: Cow<'static, [KeyPath]>,
    /// The container, from an item of the last list, or from the root where there is none.
    pub inner: KeyPath,
    /// The name, from the container.
    pub name: Option<KeyPath>,
    /// The name of the only container where it has none.
    pub default_name: Option<Cow<'static, str>>,
    /// The variables, from the container.
    pub env: KeyPath,
    /// The volume mounts, from the container.
    pub mounts: KeyPath,
    /// Whether they run before all others.
    pub init: bool,
}

/// What a change of the pod template does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Update {
    /// The controller replaces the pods.
    Rolls,
    /// The controller replaces the pods, unless `spec.updateStrategy.type` is `OnDelete`.
    RollsUnlessOnDelete,
    /// The controller makes a new revision, and refuses where `metadata.name` of the template is
    /// the name of one that there is.
    NewRevision,
    /// Pods that are made from now on have it.
    NewPods,
    /// The next run has it.
    NextRun,
    /// What the controller does is not known.
    ByController,
    /// The cluster refuses it.
    Immutable,
}

/// Every kind that is built in. Kinds of one name are of different groups.
pub const WORKLOAD_KINDS: [WorkloadKind; 15] = [
    watched(
        &["apps/v1", "extensions/v1beta1"],
        "Deployment",
        &TEMPLATE,
        Update::Rolls,
    ),
    watched(
        &["apps/v1"],
        "StatefulSet",
        &TEMPLATE,
        Update::RollsUnlessOnDelete,
    ),
    watched(
        &["apps/v1", "extensions/v1beta1"],
        "DaemonSet",
        &TEMPLATE,
        Update::RollsUnlessOnDelete,
    ),
    watched(
        &["apps/v1", "extensions/v1beta1"],
        "ReplicaSet",
        &TEMPLATE,
        Update::NewPods,
    ),
    watched(&["batch/v1"], "Job", &TEMPLATE, Update::Immutable),
    watched(&["batch/v1"], "CronJob", &JOB_TEMPLATE, Update::NextRun),
    watched(&["v1"], "Pod", &POD, Update::Immutable),
    with_names(
        KnownNames::None,
        &watched(&["v1"], "ReplicationController", &TEMPLATE, Update::NewPods),
    ),
    template_alone(&["v1"], "PodTemplate", &BARE_TEMPLATE, Update::NewPods),
    // https://argo-rollouts.readthedocs.io/en/stable/features/specification/
    with_names(
        KnownNames::None,
        &kind(
            &["argoproj.io/v1alpha1"],
            "Rollout",
            &ROLLOUT,
            Update::Rolls,
        ),
    ),
    // https://knative.dev/docs/serving/reference/serving-api/
    with_names(
        KnownNames::SecretsOfVariables,
        &kind(
            &["serving.knative.dev/v1"],
            "Service",
            &REVISION,
            Update::NewRevision,
        ),
    ),
    with_names(
        KnownNames::None,
        &kind(
            &["apps.openshift.io/v1"],
            "DeploymentConfig",
            &TEMPLATE,
            Update::Rolls,
        ),
    ),
    // https://openkruise.io/docs/user-manuals/cloneset/
    with_names(
        KnownNames::None,
        &kind(
            &["apps.kruise.io/v1alpha1"],
            "CloneSet",
            &TEMPLATE,
            Update::Rolls,
        ),
    ),
    kind(
        &["apps.kruise.io/v1beta1"],
        "StatefulSet",
        &TEMPLATE,
        Update::RollsUnlessOnDelete,
    ),
    kind(
        &["apps.kruise.io/v1alpha1"],
        "DaemonSet",
        &TEMPLATE,
        Update::RollsUnlessOnDelete,
    ),
];

/// A pod template behind these keys.
macro_rules! mapping {
    ($($key:literal),*) => { mapping!([$($key),*], None) };
    ([$($key:literal),*], $workload_ref:expr) => {
        Mapping {
            annotations: KeyPath::Fixed(&[$($key,)* "metadata", "annotations"]),
            volumes: KeyPath::Fixed(&[$($key,)* "spec", "volumes"]),
            containers: Cow::Borrowed(&[
                containers!([$($key,)* "spec", "containers"], None, false),
                containers!([$($key,)* "spec", "initContainers"], None, true),
            ]),
            workload_ref: $workload_ref,
        }
    };
}

/// The containers of a list.
macro_rules! containers {
    ([$($key:literal),*], $default_name:expr, $init:literal) => {
        ContainerPath {
            lists: Cow::Borrowed(&[KeyPath::Fixed(&[$($key),*])]),
            inner: KeyPath::Fixed(&[]),
            name: Some(KeyPath::Fixed(&["name"])),
            default_name: $default_name,
            env: KeyPath::Fixed(&["env"]),
            mounts: KeyPath::Fixed(&["volumeMounts"]),
            init: $init,
        }
    };
}

static TEMPLATE: Mapping = mapping!("spec", "template");
static JOB_TEMPLATE: Mapping = mapping!("spec", "jobTemplate", "spec", "template");
static BARE_TEMPLATE: Mapping = mapping!("template");
static POD: Mapping = mapping!();

/// Argo's Rollout may leave the pods with another workload.
static ROLLOUT: Mapping = mapping!(
    ["spec", "template"],
    Some(KeyPath::Fixed(&["spec", "workloadRef"]))
);

/// A revision of Knative: no init containers, and its only container needs no name.
static REVISION: Mapping = Mapping {
    annotations: KeyPath::Fixed(&["spec", "template", "metadata", "annotations"]),
    volumes: KeyPath::Fixed(&["spec", "template", "spec", "volumes"]),
    containers: Cow::Borrowed(&[containers!(
        ["spec", "template", "spec", "containers"],
        Some(Cow::Borrowed("user-container")),
        false
    )]),
    workload_ref: None,
};

const fn watched(
    api_versions: &'static [&'static str],
    name: &'static str,
    mapping: &'static Mapping,
    update: Update,
) -> WorkloadKind {
    WorkloadKind {
        watch: WatchedWhen::Always,
        ..kind(api_versions, name, mapping, update)
    }
}

const fn with_names(names: KnownNames, known: &WorkloadKind) -> WorkloadKind {
    WorkloadKind { names, ..*known }
}

const fn template_alone(
    api_versions: &'static [&'static str],
    name: &'static str,
    mapping: &'static Mapping,
    update: Update,
) -> WorkloadKind {
    WorkloadKind {
        watch: WatchedWhen::Never,
        ..kind(api_versions, name, mapping, update)
    }
}

const fn kind(
    api_versions: &'static [&'static str],
    kind: &'static str,
    mapping: &'static Mapping,
    update: Update,
) -> WorkloadKind {
    WorkloadKind {
        api_versions,
        kind,
        mapping,
        update,
        watch: WatchedWhen::WhenNamed,
        names: KnownNames::All,
    }
}

impl Default for Mapping {
    /// That of a workload whose pod template is `spec.template`: what the specification takes where
    /// a mapping leaves something out.
    fn default() -> Self {
        TEMPLATE.clone()
    }
}

impl ContainerPath {
    /// The containers of the workload at `root`, as written.
    ///
    /// # Errors
    /// What is in the way of reading which there are.
    pub(super) fn nodes(&self, tree: &Tree<'_>, root: NodeId) -> Result<Vec<NodeId>, NotReadable> {
        let mut nodes = match self.lists.first() {
            Some(first) => first.items(tree, root).known()?.unwrap_or_default(),
            None => vec![root],
        };
        for list in self.lists.iter().skip(1) {
            let mut inner = Vec::new();
            for node in nodes {
                inner.extend(list.items(tree, node).known()?.unwrap_or_default());
            }
            nodes = inner;
        }
        if self.inner.is_empty() {
            return Ok(nodes);
        }
        let mut containers = Vec::new();
        for node in nodes {
            containers.extend(self.inner.find(tree, node).known()?);
        }
        Ok(containers)
    }

    /// Whether what holds the containers is there, or may be.
    pub(super) fn is_held(&self, tree: &Tree<'_>, root: NodeId) -> bool {
        let first = self.lists.first().unwrap_or(&self.inner);
        first.holder(tree, root) != Reading::Absent
    }
}

impl WorkloadKind {
    /// The kind of an `apiVersion` and a `kind`; the version within the group does not count.
    pub fn of(api_version: &str, kind: &str) -> Option<&'static Self> {
        let wanted = group(api_version);
        let is_of = |known: &&Self| {
            let mut groups = known.api_versions.iter().map(|version| group(version));
            known.kind == kind && groups.any(|group| group == wanted)
        };
        WORKLOAD_KINDS.iter().find(is_of)
    }

    /// Whether it is the kind of a `kind` and of an `apiVersion`, where there is one.
    pub fn is_of(&self, api_version: Option<&str>, kind: &str) -> bool {
        match api_version {
            Some(api_version) => Self::of(api_version, kind) == Some(self),
            None => self.kind == kind,
        }
    }

    /// Whether there is a kind of this name in any group.
    pub fn is_known(kind: &str) -> bool {
        WORKLOAD_KINDS.iter().any(|known| known.kind == kind)
    }

    /// Whether a kind of this name, in any group, may take over the pods of another workload.
    pub fn may_take_pods(kind: &str) -> bool {
        let mut of_name = WORKLOAD_KINDS.iter().filter(|known| known.kind == kind);
        of_name.any(|known| known.mapping.workload_ref.is_some())
    }

    /// The name of every kind, once where several groups have it.
    pub fn names() -> impl Iterator<Item = &'static str> {
        let names = WORKLOAD_KINDS.iter().map(|known| known.kind).enumerate();
        names
            .filter(|(n, name)| WORKLOAD_KINDS[..*n].iter().all(|known| known.kind != *name))
            .map(|(_, name)| name)
    }

    /// The kinds that the watcher always reads.
    pub fn watched() -> impl Iterator<Item = &'static Self> {
        Self::of_watch(WatchedWhen::Always)
    }

    /// The kinds that the watcher reads where they are named to it.
    pub fn watched_when_named() -> impl Iterator<Item = &'static Self> {
        Self::of_watch(WatchedWhen::WhenNamed)
    }

    fn of_watch(watch: WatchedWhen) -> impl Iterator<Item = &'static Self> {
        WORKLOAD_KINDS
            .iter()
            .filter(move |known| known.watch == watch)
    }

    /// The resource and its group, as kubectl, RBAC and CRDs have it: `rollouts.argoproj.io`.
    pub fn resource(&self) -> String {
        let plural = plural(self.kind);
        match group(self.api_version()) {
            "" => plural,
            group => format!("{plural}.{group}"),
        }
    }

    /// `apiVersion`, as clusters serve it now.
    pub fn api_version(&self) -> &'static str {
        self.api_versions[0]
    }

    /// All kinds for a message, by group: `Deployment, StatefulSet (apps/v1) and Pod (v1)`.
    pub fn list() -> String {
        let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
        for known in &WORKLOAD_KINDS {
            let version = known.api_version();
            match groups.iter_mut().find(|(group, _)| *group == version) {
                Some((_, names)) => names.push(known.kind),
                None => groups.push((version, vec![known.kind])),
            }
        }
        let groups: Vec<String> = groups
            .iter()
            .map(|(version, names)| format!("{} ({version})", names.join(", ")))
            .collect();
        list_all(&groups)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_version_of_a_group_is_of_the_kind_and_no_other_group_is() {
        let kind = |api_version, kind| WorkloadKind::of(api_version, kind).map(|known| known.kind);
        assert_eq!(kind("apps/v1beta2", "DaemonSet"), Some("DaemonSet"));
        assert_eq!(kind("extensions/v1beta1", "Deployment"), Some("Deployment"));
        assert_eq!(kind("extensions/v1beta1", "StatefulSet"), None);
        assert_eq!(kind("serving.knative.dev/v1", "Deployment"), None);
        assert_eq!(kind("serving.knative.dev/v1", "Service"), Some("Service"));
        assert_eq!(kind("v1", "Service"), None);
        assert_eq!(kind("v1", "Deployment"), None);
        assert_eq!(kind("apps/v1", "Pod"), None);
    }

    #[test]
    fn the_parts_of_a_pod_stand_together() {
        for WorkloadKind { kind, mapping, .. } in &WORKLOAD_KINDS {
            let keys: Vec<&str> = mapping.annotations.keys().collect();
            let Some((["metadata", "annotations"], pod)) =
                keys.split_last_chunk().map(|(pod, last)| (last, pod))
            else {
                panic!("{kind}");
            };
            let inside = |path: &KeyPath| path.keys().take(pod.len()).eq(pod.iter().copied());
            assert!(inside(&mapping.volumes), "{kind}");
            let lists = mapping.containers.iter().flat_map(|path| &*path.lists);
            assert!(lists.clone().all(inside), "{kind}");
            assert_eq!(lists.count(), mapping.containers.len(), "{kind}");
            let init: Vec<bool> = mapping
                .containers
                .iter()
                .map(|containers| containers.init)
                .collect();
            // Knative refuses init containers
            let known: &[bool] = match *kind {
                "Service" => &[false],
                _ => &[false, true],
            };
            assert_eq!(init, known, "{kind}");
        }
    }

    #[test]
    fn a_message_lists_them_by_group() {
        let list = WorkloadKind::list();
        let first = "Deployment, StatefulSet, DaemonSet, ReplicaSet (apps/v1), Job, CronJob (batch/v1), Pod";
        assert!(list.starts_with(first), "{list}");
        let last = "CloneSet, DaemonSet (apps.kruise.io/v1alpha1) and StatefulSet (apps.kruise.io/v1beta1)";
        assert!(list.ends_with(last), "{list}");
    }

    #[test]
    fn a_name_of_several_groups_is_one_name() {
        let names: Vec<&str> = WorkloadKind::names().collect();
        let stateful = names.iter().filter(|name| **name == "StatefulSet");
        assert_eq!(stateful.count(), 1);
        assert_eq!(names.len(), 13);
    }
}
