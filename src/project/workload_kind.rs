//! Defines the kinds of workload in one table: where the parts of each stand, and what an update of
//! one does.

use crate::manifest::stream::{ObjectType, group, type_of};
use crate::manifest::{NodeId, Tree};

/// A kind of workload.
#[derive(Debug, PartialEq, Eq)]
pub struct WorkloadKind {
    /// `apiVersion`, as clusters serve it now; then one for each group that it was in before. All
    /// versions of these groups are read alike.
    pub api_versions: &'static [&'static str],
    /// `kind`
    pub kind: &'static str,
    /// Where its parts stand.
    pub mapping: &'static Mapping,
    /// What an update of its pod template does.
    pub update: Update,
}

/// Where the parts of a workload stand, from its root: the shape of a
/// `ClusterWorkloadResourceMapping`.
///
/// <https://servicebinding.io/spec/core/1.1.0/#workload-resource-mapping>
#[derive(Debug, PartialEq, Eq)]
pub struct Mapping {
    /// The pod template, or the object where it is a pod itself.
    pub pod: KeyPath,
    /// The pods' annotations.
    pub annotations: KeyPath,
    /// The pods' volumes.
    pub volumes: KeyPath,
    /// The lists of containers; they share one space of names.
    pub containers: &'static [ContainerPath],
}

/// A list of containers, and where the parts of each stand in it.
#[derive(Debug, PartialEq, Eq)]
pub struct ContainerPath {
    /// The list, from the workload's root.
    pub list: KeyPath,
    /// The name, from the container.
    pub name: &'static str,
    /// The variables, from the container.
    pub env: &'static str,
    /// The volume mounts, from the container.
    pub mounts: &'static str,
    /// Whether they run before all others.
    pub init: bool,
}

/// Keys of mappings, from the outermost.
pub type KeyPath = &'static [&'static str];

/// What a change of the pod template does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Update {
    /// The controller replaces the pods.
    Rolls,
    /// The controller replaces the pods, unless `spec.updateStrategy.type` is `OnDelete`.
    RollsUnlessOnDelete,
    /// Pods that are made from now on have it.
    NewPods,
    /// The next run has it.
    NextRun,
    /// The cluster refuses it.
    Immutable,
}

/// Every kind that is known.
pub const WORKLOAD_KINDS: [WorkloadKind; 7] = [
    kind(
        &["apps/v1", "extensions/v1beta1"],
        "Deployment",
        &TEMPLATE,
        Update::Rolls,
    ),
    kind(
        &["apps/v1"],
        "StatefulSet",
        &TEMPLATE,
        Update::RollsUnlessOnDelete,
    ),
    kind(
        &["apps/v1", "extensions/v1beta1"],
        "DaemonSet",
        &TEMPLATE,
        Update::RollsUnlessOnDelete,
    ),
    kind(
        &["apps/v1", "extensions/v1beta1"],
        "ReplicaSet",
        &TEMPLATE,
        Update::NewPods,
    ),
    kind(&["batch/v1"], "Job", &TEMPLATE, Update::Immutable),
    kind(&["batch/v1"], "CronJob", &JOB_TEMPLATE, Update::NextRun),
    kind(&["v1"], "Pod", &POD, Update::Immutable),
];

const TEMPLATE: Mapping = Mapping {
    pod: &["spec", "template"],
    annotations: &["spec", "template", "metadata", "annotations"],
    volumes: &["spec", "template", "spec", "volumes"],
    containers: &[
        containers(&["spec", "template", "spec", "containers"], false),
        containers(&["spec", "template", "spec", "initContainers"], true),
    ],
};

const JOB_TEMPLATE: Mapping = Mapping {
    pod: &["spec", "jobTemplate", "spec", "template"],
    annotations: &[
        "spec",
        "jobTemplate",
        "spec",
        "template",
        "metadata",
        "annotations",
    ],
    volumes: &["spec", "jobTemplate", "spec", "template", "spec", "volumes"],
    containers: &[
        containers(
            &[
                "spec",
                "jobTemplate",
                "spec",
                "template",
                "spec",
                "containers",
            ],
            false,
        ),
        containers(
            &[
                "spec",
                "jobTemplate",
                "spec",
                "template",
                "spec",
                "initContainers",
            ],
            true,
        ),
    ],
};

const POD: Mapping = Mapping {
    pod: &[],
    annotations: &["metadata", "annotations"],
    volumes: &["spec", "volumes"],
    containers: &[
        containers(&["spec", "containers"], false),
        containers(&["spec", "initContainers"], true),
    ],
};

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
    }
}

const fn containers(list: KeyPath, init: bool) -> ContainerPath {
    ContainerPath {
        list,
        name: "name",
        env: "env",
        mounts: "volumeMounts",
        init,
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

    /// The kind of the object at `root`.
    pub fn of_object(tree: &Tree<'_>, root: NodeId) -> Option<&'static Self> {
        let ObjectType { api_version, kind } = type_of(tree, root)?;
        Self::of(&api_version, &kind)
    }

    /// Whether there is a kind of this name in any group.
    pub fn is_known(kind: &str) -> bool {
        WORKLOAD_KINDS.iter().any(|known| known.kind == kind)
    }

    /// `apiVersion`, as clusters serve it now.
    pub fn api_version(&self) -> &'static str {
        self.api_versions[0]
    }

    /// All kinds for a message: `Deployment, StatefulSet (apps/v1), Job (batch/v1) and Pod (v1)`.
    pub fn list() -> String {
        let groups: Vec<String> = WORKLOAD_KINDS
            .chunk_by(|one, other| one.api_version() == other.api_version())
            .map(|kinds| {
                let names: Vec<&str> = kinds.iter().map(|known| known.kind).collect();
                format!("{} ({})", names.join(", "), kinds[0].api_version())
            })
            .collect();
        match groups.split_last() {
            Some((last, first)) if !first.is_empty() => format!("{} and {last}", first.join(", ")),
            _ => groups.concat(),
        }
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
        assert_eq!(kind("v1", "Deployment"), None);
        assert_eq!(kind("apps/v1", "Pod"), None);
    }

    #[test]
    fn the_parts_of_a_pod_stand_together() {
        for WorkloadKind { kind, mapping, .. } in &WORKLOAD_KINDS {
            let inside = |path: KeyPath| path.starts_with(mapping.pod);
            assert!(
                inside(mapping.annotations) && inside(mapping.volumes),
                "{kind}"
            );
            assert!(
                mapping
                    .containers
                    .iter()
                    .all(|containers| inside(containers.list)),
                "{kind}"
            );
            let init: Vec<bool> = mapping
                .containers
                .iter()
                .map(|containers| containers.init)
                .collect();
            assert_eq!(init, [false, true], "{kind}");
        }
    }

    #[test]
    fn a_message_lists_them_by_group() {
        let list = "Deployment, StatefulSet, DaemonSet, ReplicaSet (apps/v1), Job, CronJob (batch/v1) and Pod (v1)";
        assert_eq!(WorkloadKind::list(), list);
    }
}
