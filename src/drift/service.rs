//! Reads the ports of a Service of the cluster.

use serde_json::Value;

use crate::couple::{Port, Ports, Reach, TargetPort};

/// The ports of a live Service, by its `spec`.
pub(super) fn live_ports(spec: &Value) -> Ports {
    let reach = match (spec["type"].as_str(), spec["clusterIP"].as_str()) {
        (Some("ExternalName"), _) => Reach::Unknown,
        (_, Some("None")) => Reach::Pods,
        _ => Reach::Service,
    };
    let ports = spec["ports"].as_array().into_iter().flatten();
    Ports {
        reach,
        ports: ports.filter_map(live_port).collect(),
    }
}

fn live_port(port: &Value) -> Option<Port> {
    let number = number(&port["port"])?;
    let target = match &port["targetPort"] {
        Value::String(name) => TargetPort::Named {
            name: name.clone(),
            number: None,
        },
        target => TargetPort::Number(self::number(target).unwrap_or(number)),
    };
    Some(Port {
        name: port["name"].as_str().map(str::to_owned),
        app_protocol: port["appProtocol"].as_str().map(str::to_owned),
        number,
        target,
    })
}

fn number(value: &Value) -> Option<u16> {
    u16::try_from(value.as_u64()?).ok()
}

/// Whether the port that a render bakes depends on whether the Service was in its input.
pub(super) fn depends_on_input(ports: &Ports) -> bool {
    let is_own = |port: &Port| port.target == TargetPort::Number(port.number);
    ports.reach == Reach::Pods && !ports.ports.iter().all(is_own)
}
