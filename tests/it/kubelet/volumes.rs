//! Mounts projected volumes as the kubelet does: which files the processes of a container see.
//!
//! It follows `pkg/volume/projected` and `pkg/volume/util` of Kubernetes: of two sources of one
//! path the later one counts.

use std::collections::BTreeMap;

use serde_yaml::Value;

use super::{Kubelet, list, name_of, namespace, pod_spec, string};

/// Path → content, with ` mode 0400` behind it where a file has a mode of its own.
pub(crate) type Files = BTreeMap<String, String>;
/// `Deployment/express` → container → files.
pub(crate) type SeenFiles = BTreeMap<String, BTreeMap<String, Files>>;

/// What the kubelet would refuse or find empty: `Deployment/express: no volume data`.
pub(crate) type Faults = Vec<String>;

/// The files of every container of every workload that has any; panics where one cannot be mounted.
pub(crate) fn files(documents: &[Value]) -> SeenFiles {
    let mut faults = Faults::new();
    let seen = mount(documents, &mut faults);
    assert!(faults.is_empty(), "{faults:#?}");
    seen
}

/// What cannot be mounted, of every workload.
pub(crate) fn faults(documents: &[Value]) -> Faults {
    let mut faults = Faults::new();
    mount(documents, &mut faults);
    faults
}

fn mount(documents: &[Value], faults: &mut Faults) -> SeenFiles {
    let mut seen = SeenFiles::new();
    for workload in documents {
        let Some(pod) = pod_spec(workload) else {
            continue;
        };
        let kubelet = Kubelet {
            documents,
            namespace: namespace(workload),
        };
        let name = string(&workload["metadata"], "name");
        let name = format!("{}/{name}", string(workload, "kind"));
        let mut found = Faults::new();
        let containers = kubelet.containers(workload, pod, &mut found);
        faults.extend(found.into_iter().map(|fault| format!("{name}: {fault}")));
        if !containers.is_empty() {
            seen.insert(name, containers);
        }
    }
    seen
}

/// The volumes that a StatefulSet makes for each of its pods.
fn claims(workload: &Value) -> impl Iterator<Item = &str> {
    let spec = workload.get("spec");
    let templates = spec.map(|spec| list(spec, "volumeClaimTemplates"));
    let templates = templates.unwrap_or_default().iter();
    templates.map(|template| string(&template["metadata"], "name"))
}

/// The annotations of a workload's pods.
fn annotations(workload: &Value) -> Option<&Value> {
    let pod = match string(workload, "kind") {
        "Pod" => workload,
        "PodTemplate" => workload.get("template")?,
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
    /// Container → its files.
    fn containers(
        &self,
        workload: &Value,
        pod: &Value,
        faults: &mut Faults,
    ) -> BTreeMap<String, Files> {
        let annotations = annotations(workload);
        let mut volumes: BTreeMap<&str, Files> = BTreeMap::new();
        for volume in list(pod, "volumes") {
            let files = self.projected(volume, annotations, faults);
            let name = string(volume, "name");
            if volumes.insert(name, files).is_some() {
                faults.push(format!("two volumes are {name}"));
            }
        }
        // a claim takes the place of a volume of its name
        volumes.extend(claims(workload).map(|claim| (claim, Files::new())));
        let mut containers = BTreeMap::new();
        for container in ["initContainers", "containers"]
            .iter()
            .flat_map(|key| list(pod, key))
        {
            let mut all = Files::new();
            let mut paths = Vec::new();
            for mount in list(container, "volumeMounts") {
                let path = string(mount, "mountPath").trim_end_matches('/');
                if paths.contains(&path) {
                    faults.push(format!("{path} is mounted twice"));
                }
                paths.push(path);
                let volume = string(mount, "name");
                let Some(files) = volumes.get(volume) else {
                    faults.push(format!("no volume {volume}"));
                    continue;
                };
                for (file, content) in files {
                    all.insert(format!("{path}/{file}"), content.clone());
                }
            }
            if !all.is_empty() {
                containers.insert(name_of(container).to_owned(), all);
            }
        }
        containers
    }

    fn projected(&self, volume: &Value, annotations: Option<&Value>, faults: &mut Faults) -> Files {
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
                let optional = source.get("optional").and_then(Value::as_bool);
                let data = self.data(kind, name);
                if source.get("items").is_none() {
                    // a whole object: where it is not there, nobody knows its keys
                    let unseen =
                        || BTreeMap::from([("*".to_owned(), format!("<{kind} {name}/*>"))]);
                    files.extend(data.unwrap_or_else(unseen));
                    continue;
                }
                for item in list(source, "items") {
                    let key = string(item, "key");
                    let content = match &data {
                        None => Some(format!("<{kind} {name}/{key}>")),
                        Some(data) => data.get(key).cloned(),
                    };
                    match content {
                        Some(content) => add(&mut files, item, content, faults),
                        None if optional == Some(true) => {}
                        None => faults.push(format!("no key {key} in {kind} {name}")),
                    }
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
                    .and_then(|rest| rest.strip_suffix("']"));
                // a field of another kind has a value that no manifest holds
                let Some(name) = name else { continue };
                if annotations.is_none_or(|all| all.get(name).is_none()) {
                    faults.push(format!("no annotation {name}"));
                }
                let content = annotations.map(|all| string(all, name));
                add(
                    &mut files,
                    item,
                    content.unwrap_or_default().to_owned(),
                    faults,
                );
            }
        }
        files
    }
}

fn add(files: &mut Files, item: &Value, content: String, faults: &mut Faults) {
    let path = string(item, "path");
    if path.is_empty() || path.starts_with('/') || path.split('/').any(|step| step == "..") {
        faults.push(format!("the API server refuses the path {path}"));
    }
    let mode = item.get("mode").and_then(Value::as_u64);
    let mode = mode.map_or(String::new(), |mode| format!(" mode {mode:04o}"));
    files.insert(path.to_owned(), content + &mode);
}
