//! Tests the check of Interfaces and Sockets without any Plug.

use super::scenarios::{MONGO_SOCKET, MONGODB};
use super::*;
use crate::diagnostic::Diagnostic;

fn checked(stream: &str) -> Vec<Diagnostic> {
    let world = World::new(stream);
    check(&world.integrations, &world, &world.couple())
}

fn messages(stream: &str) -> Vec<String> {
    let line = |d: Diagnostic| format!("{}: {}", d.code.as_str(), d.message);
    checked(stream).into_iter().map(line).collect()
}

#[test]
fn what_is_right_is_silent() {
    assert_eq!(checked(&[MONGODB, MONGO_SOCKET].concat()), []);
}

#[test]
fn every_built_in_interface_keeps_its_own_rules() {
    for name in api::library_names() {
        for interface in prepared::library(std::iter::once(name)) {
            let mut out = crate::diagnostic::Findings::new();
            check_examples(&interface, &mut out);
            assert_eq!(out.into_vec(), [], "{name}");
        }
    }
}

#[test]
fn a_run_reads_the_built_in_interfaces_that_are_asked_for_and_no_other() {
    let names = ["redis", "redis", "none", "kafka"];
    let read = prepared::library(names.into_iter());
    let read: Vec<&str> = read.iter().map(|one| one.name.value.as_str()).collect();
    assert_eq!(read, ["kafka", "redis"]);
}

#[test]
fn examples_do_what_they_say() {
    let valid = MONGODB.replace("invalid: /plug/database", "socket: {}");
    assert_eq!(
        messages(&valid),
        [
            "example-failed: an example of Interface `mongodb` 1.0.0 is not valid at `/plug/database`: \
             `database` does not match \"^[a-z][a-z0-9_-]*$\"",
            "example-failed: an example of Interface `mongodb` 1.0.0 is not valid at `/socket/database`: \
             \"database\" is a required property",
            "example-failed: an example of Interface `mongodb` 1.0.0 is not valid at `/socket/host`: \
             \"host\" is a required property",
            "example-failed: an example of Interface `mongodb` 1.0.0 is not valid at `/socket/password`: \
             \"password\" is a required property",
            "example-failed: an example of Interface `mongodb` 1.0.0 is not valid at `/socket/username`: \
             \"username\" is a required property",
        ]
    );
    let elsewhere = MONGODB.replace("invalid: /plug/database", "invalid: /plug/other");
    assert_eq!(
        messages(&elsewhere),
        [
            "example-failed: an example of Interface `mongodb` 1.0.0 should fail at `/plug/other`, and fails at `/plug/database`"
        ]
    );
    let fine = MONGODB.replace("\"No spaces\"", "fine");
    assert_eq!(
        messages(&fine),
        [
            "example-failed: an example of Interface `mongodb` 1.0.0 should fail at `/plug/database`, and is valid"
        ]
    );
    let undeclared = MONGODB.replace("plug: {database: shop}", "plug: {database: shop, x: 1}");
    assert!(messages(&undeclared)[0].ends_with("is not valid at `/plug/x`: `x` is not declared"));
}

#[test]
fn schemas_and_defaults_are_judged() {
    for (from, to, expected) in [
        (
            "default: 27017",
            "default: many",
            "invalid-schema: the socket schema of Interface `mongodb` 1.0.0 cannot be used: the default of `port` does not satisfy the schema",
        ),
        (
            "uri: {type: string,",
            "uri: {type: string, default: x,",
            "invalid-schema: the socket schema of Interface `mongodb` 1.0.0 cannot be used: `uri` is a secret and has a default, which everybody can read",
        ),
        (
            "uri: {type",
            "HOST: {type: string}\n          uri: {type",
            "key-collision: keys `HOST` and `host` of Interface `mongodb` 1.0.0 would get the same variable",
        ),
    ] {
        assert_eq!(messages(&MONGODB.replace(from, to)), [expected]);
    }
    let broken = messages(&MONGODB.replace("type: integer", "type: intger"));
    assert!(
        broken[0].starts_with("invalid-schema") && broken.len() == 1,
        "{broken:?}"
    );
}

#[test]
fn a_socket_is_judged_as_far_as_it_goes() {
    let all = |from: &str, to: &str| messages(&[MONGODB, &MONGO_SOCKET.replace(from, to)].concat());
    assert_eq!(
        all("plug.config.database %>\n", "plug.config.databse %>\n"),
        [
            "undeclared-key: `database` uses `plug.config.databse`, which the Interface does not declare"
        ]
    );
    assert_eq!(
        all("  service: {name: mongo}\n", ""),
        [
            "socket-config-invalid: Socket `mongo` does not give `host`, which Interface `mongodb` 1.0.0 requires",
        ]
    );
    assert_eq!(
        all("[1.0.0]", "[1.0.0, 2.0.0]"),
        ["version-mismatch: Interface `mongodb` has no version 2.0.0"]
    );
    assert_eq!(
        all("name: mongodb", "name: mongoose"),
        ["interface-not-found: no Interface is called `mongoose`"]
    );
}
