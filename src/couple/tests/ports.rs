//! Checks which port a coupling to a Service gives.

use super::values::world;
use super::*;

#[test]
fn ports_are_looked_up_by_name() {
    let keys = "{required: [port], properties: {port: {type: integer}}}";
    let named = || world("{}", keys, "service: {name: svc, port: web}", "");
    assert_eq!(
        named().service("svc", &[("web", 8080)]).env(),
        "X_PORT=8080\n"
    );
    assert_eq!(named().errors(), [Code::ObjectNotFound]);
    let typo = named().service("svc", &[("wbe", 8080)]).told();
    assert!(typo.contains("did you mean `wbe`?"), "{typo}");
}

#[test]
fn a_headless_service_leads_to_its_pods() {
    let keys = "{required: [port], properties: {port: {type: integer}}}";
    let world = |port: &str, reach, target: TargetPort| {
        let ports = Ports {
            reach,
            ports: vec![Port {
                name: Some("web".to_owned()),
                app_protocol: None,
                number: 80,
                target,
            }],
        };
        let socket = format!("service: {{name: svc, port: {port}}}");
        world("{}", keys, &socket, "").ports("svc", ports)
    };
    let named = |number| TargetPort::Named {
        name: "http".to_owned(),
        number,
    };
    for (port, reach, target, baked, codes) in [
        ("80", Reach::Service, TargetPort::Number(8080), 80, vec![]),
        ("web", Reach::Pods, TargetPort::Number(8080), 8080, vec![]),
        ("80", Reach::Pods, TargetPort::Number(8080), 8080, vec![]),
        ("8080", Reach::Pods, TargetPort::Number(8080), 8080, vec![]),
        ("80", Reach::Pods, named(Some(8080)), 8080, vec![]),
        (
            "80",
            Reach::Pods,
            named(None),
            80,
            vec![Code::TargetPortUnknown],
        ),
        (
            "81",
            Reach::Pods,
            TargetPort::Number(8080),
            81,
            vec![Code::PortNotFound],
        ),
        (
            "8080",
            Reach::Service,
            TargetPort::Number(8080),
            8080,
            vec![Code::PortNotFound],
        ),
        ("81", Reach::Unknown, TargetPort::Number(8080), 81, vec![]),
    ] {
        let world = world(port, reach, target);
        assert_eq!(world.env(), format!("X_PORT={baked}\n"), "{port} {reach:?}");
        let found: Vec<Code> = world.couple().diagnostics.iter().map(|d| d.code).collect();
        assert_eq!(found, codes, "{port} {reach:?}");
    }
}
