//! Mounts projected volumes as the kubelet does: which files the processes of a container see.
//!
//! It follows `pkg/volume/projected` and `pkg/volume/util` of Kubernetes: of two sources of one path
//! the later one counts.

use std::collections::BTreeMap;

use serde_yaml::Value;

use super::{Kubelet, list, namespace, pod_spec, string};

/// Path → content, with ` mode 0400` behind it where a file has a mode of its own.
pub(crate) type Files = BTreeMap<String, String>;
/// `Deployment/express` → container → files.
pub(crate) type SeenFiles = BTreeMap<String, BTreeMap<String, Files>>;

/// The files of every container of every workload that has any.
pub(crate) fn files(documents: &[Value]) -> SeenFiles {
    let mut seen = SeenFiles::new();
    for workload in documents {
        let Some(pod) = pod_spec(workload) else {
            continue;
        };
        let kubelet = Kubelet {
            documents,
            namespace: namespace(workload),
        };
        let annotations = annotations(workload);
        let mut volumes: BTreeMap<&str, Files> = BTreeMap::new();
        for volume in list(pod, "volumes") {
            let files = kubelet.projected(volume, annotations);
            let name = string(volume, "name");
            assert!(
                volumes.insert(name, files).is_none(),
                "two volumes are {name}"
            );
        }
        let mut containers = BTreeMap::new();
        for container in ["initContainers", "containers"]
            .iter()
            .flat_map(|key| list(pod, key))
        {
            let mut all = Files::new();
            let mut paths = Vec::new();
            for mount in list(container, "volumeMounts") {
                let path = string(mount, "mountPath").trim_end_matches('/');
                assert!(!paths.contains(&path), "{path} is mounted twice");
                paths.push(path);
                let volume = volumes.get(string(mount, "name"));
                let volume = volume.unwrap_or_else(|| panic!("no volume of {mount:?}"));
                let files = volume.iter();
                all.extend(
                    files.map(|(file, content)| (format!("{path}/{file}"), content.clone())),
                );
            }
            if !all.is_empty() {
                containers.insert(string(container, "name").to_owned(), all);
            }
        }
        if !containers.is_empty() {
            let name = string(&workload["metadata"], "name");
            seen.insert(format!("{}/{name}", string(workload, "kind")), containers);
        }
    }
    seen
}

/// The annotations of a workload's pods.
fn annotations(workload: &Value) -> Option<&Value> {
    let pod = match string(workload, "kind") {
        "Pod" => workload,
        "CronJob" => workload
            .get("spec")?
            .get("jobTemplate")?
            .get("spec")?
            .get("template")?,
        _ => workload.get("spec")?.get("template")?,
    };
    pod.get("metadata")?.get("annotations")
}

impl Kubelet<'_> {
    fn projected(&self, volume: &Value, annotations: Option<&Value>) -> Files {
        let mut files = Files::new();
        let Some(projected) = volume.get("projected") else {
            return files;
        };
        for source in list(projected, "sources") {
            for (kind, key) in [("Secret", "secret"), ("ConfigMap", "configMap")] {
                let Some(source) = source.get(key) else {
                    continue;
                };
                let name = string(source, "name");
                for item in list(source, "items") {
                    let key = string(item, "key");
                    let content = match self.data(kind, name) {
                        None => format!("<{kind} {name}/{key}>"),
                        Some(data) => {
                            let value = data.get(key).cloned();
                            value.unwrap_or_else(|| panic!("no key {key} in {kind} {name}"))
                        }
                    };
                    add(&mut files, item, content);
                }
            }
            let downward = source.get("downwardAPI");
            for item in downward
                .map(|source| list(source, "items"))
                .unwrap_or_default()
            {
                let field = string(&item["fieldRef"], "fieldPath");
                let name = field
                    .strip_prefix("metadata.annotations['")
                    .and_then(|rest| rest.strip_suffix("']"))
                    .unwrap_or_else(|| panic!("{field} is no annotation"));
                // one that is not there is empty
                let content = annotations.map(|all| string(all, name)).unwrap_or_default();
                assert!(
                    annotations.is_some_and(|all| all.get(name).is_some()),
                    "no annotation {name}"
                );
                add(&mut files, item, content.to_owned());
            }
        }
        files
    }
}

fn add(files: &mut Files, item: &Value, content: String) {
    let path = string(item, "path");
    assert!(
        !path.is_empty() && !path.starts_with('/') && !path.split('/').any(|step| step == ".."),
        "the API server refuses {path}"
    );
    let mode = item.get("mode").and_then(Value::as_u64);
    let mode = mode.map_or(String::new(), |mode| format!(" mode {mode:04o}"));
    files.insert(path.to_owned(), content + &mode);
}
