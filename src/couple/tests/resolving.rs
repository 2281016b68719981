//! Tests which Socket a Plug gets, and the errors if it gets none.

use super::scenarios::{MONGO_PLUG, MONGO_SOCKET, MONGODB};
use super::*;

#[test]
fn a_postgres_socket_in_the_place_of_mongo_fails_and_says_why() {
    let postgres = object(
        "Socket",
        "shop",
        "postgres",
        "interface: {name: postgresql, versions: [1.0.0]}\nconfig: {host: pg}",
    );
    let world = World::new(&[MONGODB, &postgres, MONGO_PLUG].concat());
    assert_eq!(
        world.told(),
        "Error socket-not-found: no Socket in namespace `shop` offers Interface `mongodb`\n  \
         at `mongodb`: asked for here\n  \
         at `postgresql`: `postgres` offers Interface `postgresql`\n  \
         help: closest matches:\n  |   Socket `postgres` offers Interface `postgresql`\n  | \n  \
         | add a Socket that offers `mongodb`, or name one of another namespace or of the catalogue (`--catalog PATH`):\n  | \n  | spec:\n  |   socket: {name: …, namespace: …}\n"
    );
    let named = MONGO_PLUG.replace("  workloads", "  socket: {name: postgres}\n  workloads");
    let world = World::new(&[MONGODB, MONGO_SOCKET, &postgres, &named].concat());
    assert_eq!(
        world.told(),
        "Error interface-mismatch: Socket `postgres` offers Interface `postgresql`, and the Plug asks for `mongodb`\n  \
         at `postgres`: named here\n  \
         at `mongodb`: asks for `mongodb`\n  \
         at `postgresql`: offers `postgresql`\n  \
         help: name one that offers `mongodb`: `mongo`\n"
    );
}

/// A Socket of mongodb.
fn socket(namespace: &str, name: &str, more: &str) -> String {
    let spec = format!(
        "interface: {{name: mongodb, versions: [1.0.0]}}\nservice: {{name: mongo}}\nsecretNamespace: Plug\n\
         config: {{database: x}}\n\
         configFrom: [{{secretRef: {{name: auth}}, keys: {{username: username, password: password}}}}]\n{more}"
    );
    object("Socket", namespace, name, &spec)
}

fn plug(namespace: &str, more: &str) -> String {
    let spec = format!(
        "interface: {{name: mongodb}}\nworkloads: [{{name: app}}]\nconfig: {{database: x}}\n{more}"
    );
    object("Plug", namespace, "db", &spec)
}

fn told(stream: &[&str]) -> String {
    World::new(&stream.concat()).told()
}

#[test]
fn several_that_fit_are_never_picked_from() {
    let stream = [
        MONGODB,
        &socket("shop", "a", ""),
        &socket("shop", "b", ""),
        &plug("shop", ""),
    ];
    assert_eq!(
        told(&stream),
        "Error ambiguous-socket: 2 Sockets offer Interface `mongodb`, and the Plug names none\n  \
         at `mongodb`: which of them?\n  at `a`: this one fits\n  at `b`: this one fits\n  \
         help: name one of them in the Plug:\n  | \n  | spec:\n  |   socket: {name: a}\n  | \n  | spec:\n  |   socket: {name: b}\n"
    );
    let named = plug("shop", "socket: {name: b}");
    assert!(
        !World::new(
            &[
                MONGODB,
                &socket("shop", "a", ""),
                &socket("shop", "b", ""),
                &named
            ]
            .concat()
        )
        .env()
        .is_empty()
    );
}

#[test]
fn labels_choose_among_those_that_fit() {
    let red = socket("shop", "a", "").replace("{name: a,", "{name: a, labels: {tier: red},");
    let wanted = |tier: &str| {
        plug(
            "shop",
            &format!("socket: {{matchLabels: {{tier: {tier}}}}}"),
        )
    };
    let world = World::new(&[MONGODB, &red, &socket("shop", "b", ""), &wanted("red")].concat());
    assert_eq!(world.couple().couplings[0].socket, SocketId::Written(0));
    let stream = [MONGODB, &red, &socket("shop", "b", ""), &wanted("blue")];
    assert_eq!(
        World::new(&stream.concat()).errors(),
        [Code::SocketNotFound]
    );
    assert!(
        told(&stream).contains("Socket `a` has other labels"),
        "{}",
        told(&stream)
    );
}

#[test]
fn a_socket_elsewhere_must_be_named_and_must_allow() {
    let far = socket("data", "mongo", "allow: {namespaces: ['sh*']}");
    let unnamed = told(&[MONGODB, &far, &plug("shop", "")]);
    assert!(
        unnamed.contains("Socket `mongo` is in namespace `data`, so it must be named"),
        "{unnamed}"
    );
    assert!(
        unnamed.contains("  socket: {name: mongo, namespace: data}"),
        "{unnamed}"
    );
    let named = plug("shop", "socket: {name: mongo, namespace: data}");
    assert!(
        World::new(&[MONGODB, &far, &named].concat())
            .env()
            .contains("MONGODB_HOST=mongo.data.svc\n")
    );
    let closed = socket("data", "mongo", "");
    assert_eq!(
        told(&[MONGODB, &closed, &named]),
        "Error namespace-not-allowed: Socket `mongo` does not allow Plugs of namespace `shop`\n  \
         at `mongo`: named here\n  at `mongo`: allows its own namespace only\n  \
         help: the owner of the Socket can allow it:\n  | \n  | spec:\n  |   allow: {namespaces: [\"shop\"]}\n"
    );
    let local = plug("shop", "socket: {name: mongo}");
    assert!(
        told(&[MONGODB, &far, &local]).contains("no Socket is called `mongo` in namespace `shop`")
    );
}

#[test]
fn a_socket_of_the_catalogue_must_be_named_and_the_stream_wins() {
    let far = socket("shop", "mongo", "");
    let world = World::new(&[MONGODB, &plug("shop", "")].concat()).catalogue(&far);
    assert!(
        world
            .told()
            .contains("Socket `mongo` is in the catalogue, so it must be named"),
        "{}",
        world.told()
    );
    let named = plug("shop", "socket: {name: mongo}");
    let world = World::new(&[MONGODB, &named].concat()).catalogue(&far);
    assert_eq!(world.errors(), []);
    let own = socket("shop", "mongo", "").replace("service: {name: mongo}", "service: {name: own}");
    let world = World::new(&[MONGODB, &own, &named].concat()).catalogue(&far);
    assert!(world.env().contains("MONGODB_HOST=own\n"));
}

#[test]
fn a_name_that_is_nearly_right_is_suggested() {
    let all = told(&[
        MONGODB,
        &socket("shop", "mongo", ""),
        &plug("shop", "socket: {name: mnogo}"),
    ]);
    assert!(
        all.contains("no Socket is called `mnogo`") && all.contains("socket: {name: mongo}"),
        "{all}"
    );
    let all = told(&[&plug("shop", "").replace("name: mongodb", "name: mongdb")]);
    assert!(
        all.contains("interface-not-found") && all.contains("did you mean `mongodb`?"),
        "{all}"
    );
}

#[test]
fn versions_must_meet() {
    let two = plug("shop", "").replace("{name: mongodb}", "{name: mongodb, version: '1.2'}");
    assert_eq!(
        told(&[MONGODB, &socket("shop", "mongo", ""), &two]),
        "Error version-mismatch: the Plug asks for version `1.2`, and Socket `mongo` satisfies 1.0.0\n  \
         at `'1.2'`: at least this, within one major\n  at `1.0.0`: the versions that it satisfies\n  \
         help: add the version that you need to the Socket, or ask for one that it satisfies:\n  | \n  | spec:\n  \
         |   interface:\n  |     version: \"1\"\n"
    );
    let unknown = socket("shop", "mongo", "").replace("[1.0.0]", "[1.0.0, 3.0.0]");
    let all = told(&[MONGODB, &unknown, &plug("shop", "")]);
    assert!(
        all.contains("Interface `mongodb` has no version 3.0.0"),
        "{all}"
    );
}

#[test]
fn optional_forgives_absence_and_never_a_misfit() {
    let optional = |more: &str| plug("shop", &format!("optional: true\n{more}"));
    assert_eq!(told(&[MONGODB, &optional("")]), "");
    assert_eq!(told(&[MONGODB, &optional("socket: {name: mongo}")]), "");
    let misfit = optional("").replace("{name: mongodb}", "{name: mongodb, version: '2'}");
    assert_eq!(
        World::new(&[MONGODB, &socket("shop", "m", ""), &misfit].concat()).errors(),
        [Code::VersionMismatch]
    );
    let two = [
        MONGODB,
        &socket("shop", "a", ""),
        &socket("shop", "b", ""),
        &optional(""),
    ]
    .concat();
    assert_eq!(World::new(&two).errors(), [Code::AmbiguousSocket]);
    let suspended = World::new(&[MONGODB, &plug("shop", "suspend: true")].concat());
    assert_eq!(
        (suspended.told(), suspended.couple().couplings.len()),
        (String::new(), 0)
    );
}

#[test]
fn an_unknown_namespace_equals_itself_alone() {
    assert!(
        World::new(&[MONGODB, &socket("", "mongo", ""), &plug("", "")].concat())
            .env()
            .contains("MONGODB_HOST=mongo\n")
    );
    for (offer, request) in [("", "shop"), ("shop", "")] {
        for more in ["", "socket: {name: mongo}"] {
            let all = told(&[MONGODB, &socket(offer, "mongo", ""), &plug(request, more)]);
            assert!(
                all.contains("Error namespace-unknown") && all.contains("-n NAMESPACE"),
                "{all}"
            );
        }
    }
}

#[test]
fn what_stands_there_twice_is_told() {
    let both = [
        MONGODB,
        &socket("shop", "mongo", ""),
        &socket("shop", "mongo", ""),
        &plug("shop", ""),
    ]
    .concat();
    assert_eq!(World::new(&both).errors(), [Code::DuplicateObject]);
    let called = [
        MONGODB,
        &socket("shop", "a", "name: m"),
        &socket("shop", "b", "name: m"),
        &plug("shop", ""),
    ]
    .concat();
    assert_eq!(World::new(&called).errors(), [Code::DuplicateObject]);
    let plugs = [
        MONGODB,
        &socket("shop", "mongo", ""),
        &plug("shop", ""),
        &plug("shop", ""),
    ]
    .concat();
    assert_eq!(World::new(&plugs).errors(), [Code::DuplicateObject]);
}

#[test]
fn one_version_has_one_definition() {
    let other = MONGODB
        .replace("namespace: shop", "namespace: data")
        .replace("default: 27017", "default: 27018");
    let world = World::new(&[MONGODB, &other].concat());
    assert_eq!(world.errors(), [Code::InterfaceConflict]);
    let next = other.replace("version: 1.0.0", "version: 1.1.0");
    let socket = socket("shop", "mongo", "").replace("[1.0.0]", "[1.0.0, 1.1.0]");
    let world = World::new(&[MONGODB, &next, &socket, &plug("shop", "")].concat());
    assert_eq!(world.couple().couplings[0].version, Version::new(1, 1, 0));
    let same = MONGODB.replace("namespace: shop", "namespace: data");
    assert_eq!(World::new(&[MONGODB, &same].concat()).told(), "");
    assert_eq!(World::new(MONGODB).catalogue(&other).told(), "");
}

#[test]
fn the_order_of_documents_changes_nothing() {
    let documents = [
        MONGODB.to_owned(),
        socket("shop", "a", ""),
        socket("shop", "b", ""),
        socket("data", "c", "allow: {namespaces: ['*']}"),
        plug("shop", ""),
        object(
            "Plug",
            "shop",
            "z",
            "interface: {name: mongodb}\nsocket: {name: a}\nworkloads: [{name: app}]\nconfig: {database: x}",
        ),
        object(
            "Plug",
            "x",
            "w",
            "interface: {name: mongodb}\nworkloads: [{name: app}]\nconfig: {database: x}",
        ),
    ];
    let backwards: Vec<_> = documents.iter().rev().cloned().collect();
    let said = |documents: &[String]| {
        let world = World::new(&documents.concat());
        let mut lines: Vec<_> = world.told().lines().map(str::to_owned).collect();
        lines.sort();
        let plugs = |c: &Coupling| {
            (
                world.integrations[c.plug].meta.name.value.clone(),
                c.variables().count(),
            )
        };
        (
            lines,
            world
                .couple()
                .couplings
                .iter()
                .map(plugs)
                .collect::<Vec<_>>(),
        )
    };
    assert_eq!(said(&documents), said(&backwards));
}

#[test]
fn ten_thousand_candidates_are_told_of_by_eight() {
    let mut stream = MONGODB.to_owned();
    for i in 0..300 {
        stream.push_str(&socket("shop", &format!("mongo-{i}"), ""));
    }
    stream.push_str(&plug("shop", "socket: {name: mongo-x}"));
    let all = told(&[&stream]);
    assert!(all.contains("and 292 more"), "{all}");
    let text = told(&[&stream.replace("  socket: {name: mongo-x}\n", "")]);
    assert!(
        text.contains("300 Sockets offer") && text.contains("and 292 more"),
        "{text}"
    );
}
