//! Reads the ports of a Service of the input, and the named ports of the containers of its pods.

use std::collections::{BTreeMap, BTreeSet};

use super::names::Names;
use crate::couple::{Port, Ports, Reach, TargetPort};
use crate::manifest::{NodeId, NotReadable, Reading, Tree};
use crate::project::{self, Mapping};

/// The ports of a Service; the numbers of named target ports are looked up by `number`.
///
/// # Errors
/// What is in the way of reading what decides on a port.
pub(super) fn read(
    tree: &Tree<'_>,
    service: NodeId,
    number: impl Fn(&str) -> Option<u16>,
) -> Result<Ports, NotReadable> {
    let mut ports = Vec::new();
    let items = tree.read_items(service, &["spec", "ports"]).known()?;
    for item in items.unwrap_or_default() {
        ports.extend(port(tree, item)?);
    }
    let reach = match reach(tree, service) {
        Ok(reach) => reach,
        // then it decides nothing
        Err(_) if ports.iter().all(leads_to_itself) => Reach::Unknown,
        Err(why) => return Err(why),
    };
    if reach == Reach::Pods {
        for port in &mut ports {
            if let TargetPort::Named {
                name,
                number: found,
            } = &mut port.target
            {
                *found = number(name);
            }
        }
    }
    Ok(Ports { reach, ports })
}

fn leads_to_itself(port: &Port) -> bool {
    port.target == TargetPort::Number(port.number)
}

fn reach(tree: &Tree<'_>, service: NodeId) -> Result<Reach, NotReadable> {
    let spec = |key| tree.read_text(service, &["spec", key]).known();
    Ok(match (spec("type")?, spec("clusterIP")?) {
        (Some("ExternalName"), _) => Reach::Unknown,
        (_, Some("None")) => Reach::Pods,
        _ => Reach::Service,
    })
}

fn port(tree: &Tree<'_>, item: NodeId) -> Result<Option<Port>, NotReadable> {
    let text = |key| tree.read_text(item, &[key]).known();
    let name = text("name")?.map(str::to_owned);
    let app_protocol = text("appProtocol")?.map(str::to_owned);
    let Some(Ok(number)) = text("port")?.map(str::parse) else {
        return Ok(None);
    };
    let target = match text("targetPort")? {
        None => TargetPort::Number(number),
        Some(target) => match target.parse() {
            Ok(target) => TargetPort::Number(target),
            Err(_) => TargetPort::Named {
                name: target.to_owned(),
                number: None,
            },
        },
    };
    Ok(Some(Port {
        name,
        app_protocol,
        number,
        target,
    }))
}

/// The labels that select the pods of a Service; without any, its pods are defined elsewhere.
pub(super) fn selector(tree: &Tree<'_>, service: NodeId) -> Option<BTreeMap<String, String>> {
    labels(tree, service, &["spec", "selector"])
        .ok()?
        .filter(|labels| !labels.is_empty())
}

/// The ports that containers name, of all workloads of the input.
#[derive(Debug, Default)]
pub(super) struct ContainerPorts {
    /// By namespace and name.
    ports: BTreeMap<(Option<String>, String), Vec<PodPort>>,
    /// Namespaces of workloads whose ports cannot be read; an unknown namespace may be any.
    not_readable: BTreeSet<Option<String>>,
}

/// A port of the pods of one workload.
#[derive(Debug)]
struct PodPort {
    labels: BTreeMap<String, String>,
    number: u16,
}

impl ContainerPorts {
    /// Reads every workload of the input once.
    pub(super) fn read(names: &Names<'_, '_>) -> Self {
        let mut found = Self::default();
        for (entry, known) in names.workload_kinds.workloads(names.stream) {
            names.once(entry.object.document, |tree| {
                let namespace = match names.namespace_of(tree, entry.object.node) {
                    Ok(namespace) => namespace,
                    Err(_) => {
                        found.not_readable.insert(None);
                        return;
                    }
                };
                let ports = names.as_written(tree, entry.object, |written| {
                    pod_ports(written.tree(), written.node, known.mapping)
                });
                found.add(ports, namespace);
            });
        }
        found
    }

    fn add(
        &mut self,
        ports: Result<Vec<(String, PodPort)>, NotReadable>,
        namespace: Option<String>,
    ) {
        match ports {
            Ok(ports) => {
                for (name, port) in ports {
                    self.ports
                        .entry((namespace.clone(), name))
                        .or_default()
                        .push(port);
                }
            }
            Err(_) => {
                self.not_readable.insert(namespace);
            }
        }
    }

    /// The number of a named port of the pods with these labels, where all agree on one.
    pub(super) fn number(
        &self,
        names: &Names<'_, '_>,
        namespace: Option<&str>,
        name: &str,
        selector: &BTreeMap<String, String>,
    ) -> Option<u16> {
        let namespace = namespace.map(str::to_owned);
        if self.not_readable.contains(&None) || self.not_readable.contains(&namespace) {
            return None;
        }
        let ports = self.ports.get(&(namespace, name.to_owned()))?;
        names.room.take(ports.len()).ok()?;
        let is_selected = |port: &&PodPort| {
            selector
                .iter()
                .all(|(key, value)| port.labels.get(key) == Some(value))
        };
        let numbers: BTreeSet<u16> = ports
            .iter()
            .filter(is_selected)
            .map(|port| port.number)
            .collect();
        match numbers.len() {
            1 => numbers.first().copied(),
            _ => None,
        }
    }
}

fn pod_ports(
    tree: &Tree<'_>,
    workload: NodeId,
    mapping: &Mapping,
) -> Result<Vec<(String, PodPort)>, NotReadable> {
    let mut found = Vec::new();
    let mut named = Vec::new();
    for container in project::containers_at(tree, workload, mapping)? {
        let items = tree.read_items(container.node, &["ports"]).known()?;
        for item in items.unwrap_or_default() {
            let text = |key| tree.read_text(item, &[key]).known();
            if let (Some(name), Some(Ok(number))) =
                (text("name")?, text("containerPort")?.map(str::parse))
            {
                named.push((name.to_owned(), number));
            }
        }
    }
    if named.is_empty() {
        return Ok(found);
    }
    let labels = match mapping.annotations.holder(tree, workload).known()? {
        Some(metadata) => labels(tree, metadata, &["labels"])?.unwrap_or_default(),
        None => BTreeMap::new(),
    };
    for (name, number) in named {
        let labels = labels.clone();
        found.push((name, PodPort { labels, number }));
    }
    Ok(found)
}

fn labels(
    tree: &Tree<'_>,
    node: NodeId,
    path: &[&str],
) -> Result<Option<BTreeMap<String, String>>, NotReadable> {
    let Some(members) = tree.read_members(node, path).known()? else {
        return Ok(None);
    };
    let mut labels = BTreeMap::new();
    for member in members {
        match (tree.key(member), tree.read_text(member, &[])) {
            (Some(key), Reading::Value(value)) => {
                labels.insert(key.to_owned(), value.to_owned());
            }
            (_, Reading::NotReadable(why)) => return Err(why),
            (_, Reading::Absent | Reading::Value(_)) => {}
        }
    }
    Ok(Some(labels))
}
