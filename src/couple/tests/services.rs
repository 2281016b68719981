//! Checks Plugs that name a Service in place of a Socket, and Sockets whose Service depends on the
//! Plug.

use super::values::world;
use super::*;

/// A Plug of an Interface that names a Service.
fn plug(interface: &str, service: &str) -> World {
    let spec = format!(
        "interface: {{name: {interface}}}\nsocket: {{service: {service}}}\nworkloads: [{{name: app}}]\n"
    );
    World::new(&object("Plug", "shop", "p", &spec))
}

fn ports(all: &[(&str, Option<&str>, u16)]) -> Ports {
    let port = |&(name, app_protocol, number): &(&str, Option<&str>, u16)| Port {
        name: Some(name.to_owned()),
        app_protocol: app_protocol.map(str::to_owned),
        number,
        target: TargetPort::Number(number),
    };
    Ports {
        reach: Reach::Service,
        ports: all.iter().map(port).collect(),
    }
}

#[test]
fn a_service_is_a_socket_of_every_interface_whose_keys_it_gives() {
    for interface in ["tcp", "http", "grpc", "memcached"] {
        let prefix = interface.to_uppercase();
        let expected = format!("{prefix}_HOST=cart\n{prefix}_PORT=7070\n");
        let world = plug(interface, "{name: cart, port: 7070}");
        assert_eq!(world.env(), expected, "its number needs no look-up");
        let world = plug(interface, "{name: cart, port: main}").service("cart", &[("main", 7070)]);
        assert_eq!(world.env(), expected);
        let world = plug(interface, "{name: cart}").service("cart", &[("main", 7070)]);
        assert_eq!(world.env(), expected, "its only port");
    }
}

#[test]
fn of_several_ports_the_one_that_is_called_as_the_interface_counts() {
    let grpc =
        |all: &[(&str, Option<&str>, u16)]| plug("grpc", "{name: cart}").ports("cart", ports(all));
    let expected = "GRPC_HOST=cart\nGRPC_PORT=7070\n";
    let by_name = grpc(&[("metrics", None, 9090), ("grpc", None, 7070)]);
    assert_eq!(by_name.env(), expected);
    let by_protocol = grpc(&[("metrics", Some("http"), 9090), ("api", Some("grpc"), 7070)]);
    assert_eq!(by_protocol.env(), expected);
    for several in [
        &[("metrics", None, 9090), ("api", None, 7070)][..],
        &[("grpc", None, 9090), ("api", Some("grpc"), 7070)],
        &[],
    ] {
        assert_eq!(grpc(several).errors(), [Code::AmbiguousPort], "{several:?}");
    }
}

#[test]
fn a_service_that_nobody_knows_needs_a_number() {
    for service in ["{name: cart}", "{name: cart, port: grpc}"] {
        let errors = plug("grpc", service).errors();
        assert_eq!(errors, [Code::ObjectNotFound], "{service}");
    }
}

#[test]
fn the_highest_version_whose_keys_a_service_gives_counts() {
    let interface = "name: x\nversions:\n  \
        - {version: 1.0.0, socket: {required: [host], properties: {host: {}}}}\n  \
        - {version: 1.1.0, socket: {required: [host, port], properties: {host: {}, port: {}}}}\n  \
        - {version: 1.2.0, socket: {required: [host, user], properties: {host: {}, user: {}}}}\n  \
        - {version: 2.0.0, socket: {required: [host, user], properties: {host: {}, user: {}}}}\n";
    let world = |version: &str| {
        let spec = format!(
            "interface: {{name: x{version}}}\nsocket: {{service: {{name: s, port: 1}}}}\nworkloads: [{{name: app}}]\n"
        );
        let interface = object("Interface", "shop", "x", interface);
        World::new(&(interface + &object("Plug", "shop", "p", &spec)))
    };
    let version = |asked: &str| world(asked).couple().couplings[0].version.to_string();
    assert_eq!(version(""), "1.1.0");
    assert_eq!(version(", version: \"1\""), "1.1.0");
    assert_eq!(
        world(", version: \"1.2\"").errors(),
        [Code::SocketConfigInvalid]
    );
    assert_eq!(
        world(", version: \"2\"").errors(),
        [Code::SocketConfigInvalid]
    );
    assert_eq!(world(", version: \"3\"").errors(), [Code::VersionMismatch]);
}

#[test]
fn what_a_service_does_not_give_is_asked_for_at_the_plug() {
    let told = plug("s3", "{name: cart, port: 25}").told();
    let expected = [
        "Service `cart` does not give `bucket`",
        "kind: Socket",
        "socket: {name: cart}",
    ];
    for text in expected {
        assert!(told.contains(text), "{told}");
    }
}

#[test]
fn the_service_of_a_socket_depends_on_the_plug() {
    let keys = "{required: [host], properties: {host: {type: string}}}";
    let named = |name: &str, config: &str| {
        let socket = format!("service: {{name: \"{name}\"}}");
        world("{properties: {db: {}}}", keys, &socket, config)
    };
    let of_plug = named(
        "<% plug.name %>-<% plug.config.db | lower %>",
        "config: {db: Main}",
    );
    assert_eq!(of_plug.env(), "X_HOST=p-main\n");
    let invalid = named("<% plug.config.db %>", "config: {db: Main_1}");
    assert_eq!(invalid.errors(), [Code::InvalidField]);
    let missing = named("<% plug.config.db %>", "");
    assert_eq!(missing.errors(), [Code::KeyNotGiven]);
    let unclosed = named("<% plug.config.db", "");
    assert_eq!(unclosed.errors(), [Code::TemplateSyntax]);
}

#[test]
fn the_port_of_a_service_that_depends_on_the_plug_is_looked_up() {
    let keys = "{required: [host, port], properties: {host: {}, port: {}}}";
    let socket = "service: {name: \"<% plug.name %>-db\", port: web}";
    let world = world("{}", keys, socket, "").service("p-db", &[("web", 8080)]);
    assert_eq!(world.env(), "X_HOST=p-db\nX_PORT=8080\n");
}
