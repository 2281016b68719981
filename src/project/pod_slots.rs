//! Decides which collections of a workload are in its pod template: a change there replaces pods.

use super::key_path::KeyPath;
use super::slot::Slot;
use super::workload_kind::Mapping;
use crate::manifest::path::Step;

/// Whether a collection is in the pod template of a kind of workload, or holds it.
pub fn is_of_pods(slot: &Slot, mapping: &Mapping) -> bool {
    let path = match slot {
        Slot::Members(path) | Slot::Items(path) | Slot::Appended(path) | Slot::Found(path) => path,
        slot => return slot.is_of_pods(),
    };
    let metadata = mapping.annotations.parent();
    let template = metadata.as_ref().and_then(KeyPath::parent);
    if let Some(template) = template.filter(|template| !template.is_empty()) {
        return meets(path, &template);
    }
    // the object is the pod, or has its parts in several places
    let lists = mapping.containers.iter().flat_map(|one| one.lists.first());
    let mut parts = lists.chain([&mapping.volumes, &mapping.annotations]);
    let spec = KeyPath::Fixed(&["spec"]);
    match mapping.annotations.is(&["metadata", "annotations"]) {
        true => meets(path, &spec),
        false => parts.any(|part| meets(path, part)),
    }
}

/// Whether one of two paths leads into what the other one leads to.
fn meets(path: &[Step], keys: &KeyPath) -> bool {
    let is_same = |(step, key): (&Step, &str)| matches!(step, Step::Key(own) if own == key);
    path.iter().zip(keys.keys()).all(is_same)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::path::parse;
    use crate::project::WorkloadKind;

    #[test]
    fn what_is_beside_the_pod_template_changes_no_pod() {
        let is_of_pods = |api_version, kind, path: &str| {
            let known = WorkloadKind::of(api_version, kind).unwrap();
            is_of_pods(&Slot::Members(parse(path).unwrap()), known.mapping)
        };
        assert!(is_of_pods(
            "apps/v1",
            "Deployment",
            "spec.template.spec.containers[0]"
        ));
        assert!(is_of_pods(
            "apps/v1",
            "Deployment",
            "spec.template.metadata.labels"
        ));
        assert!(!is_of_pods("apps/v1", "Deployment", "spec.strategy"));
        assert!(is_of_pods(
            "batch/v1",
            "CronJob",
            "spec.jobTemplate.spec.template.spec"
        ));
        assert!(!is_of_pods(
            "batch/v1",
            "CronJob",
            "spec.jobTemplate.metadata"
        ));
        assert!(is_of_pods("v1", "Pod", "spec.nodeSelector"));
        let known = WorkloadKind::of("apps/v1", "Deployment").unwrap();
        assert!(is_of_pods("v1", "PodTemplate", "template.spec"));
        assert!(!super::is_of_pods(&Slot::Labels, known.mapping));
        assert!(super::is_of_pods(
            &Slot::Env("web".to_owned()),
            known.mapping
        ));
        // `spec` itself holds the template
        assert!(super::is_of_pods(
            &Slot::Members(parse("spec").unwrap()),
            known.mapping
        ));
    }
}
