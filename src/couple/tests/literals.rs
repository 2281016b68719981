//! Tests values that are read out of objects of the input.

use serde_json::json;

use super::values::world;
use crate::diagnostic::Code;

#[test]
fn literals_are_read_out_of_objects_and_never_out_of_secrets() {
    let keys = "{required: [port], properties: {port: true}}";
    let from = |kind: &str, path: &str| {
        let spec = format!(
            "configFrom: [{{objectRef: {{apiVersion: v1, kind: {kind}, name: o}}, keys: {{port: {path}}}}}]"
        );
        world("{}", keys, &spec, "").object(
            "Service",
            "o",
            json!({"data": {"port": "80"}, "metadata": {"annotations": {}}}),
        )
    };
    assert_eq!(from("Service", "data.port").env(), "X_PORT=80\n");
    assert_eq!(
        from("Service", "data.prot").errors(),
        [Code::ObjectNotFound]
    );
    assert_eq!(
        from("Ingress", "data.port").errors(),
        [Code::ObjectNotFound]
    );
    assert_eq!(from("Secret", "metadata.name").env(), "X_PORT=o\n");
    for (kind, path) in [
        ("Secret", "data.password"),
        ("Service", "metadata.annotations"),
        ("Service", "metadata"),
    ] {
        assert_eq!(
            from(kind, path).errors(),
            [Code::SecretValueRequested],
            "{kind} {path}"
        );
    }
}

#[test]
fn the_texts_of_a_config_map_have_the_type_of_their_key() {
    let text = |text: &str, key: &str| {
        let keys = format!("{{properties: {{x: {key}}}}}");
        let spec = "configFrom: [{configMapRef: {name: o}, literal: true, keys: {x: value}}]";
        let bind = "bind: {env: [{name: X, key: x}]}";
        world("{}", &keys, spec, bind).object("ConfigMap", "o", json!({"data": {"value": text}}))
    };
    assert_eq!(text("5432", "{type: integer}").env(), "X=5432\n");
    assert_eq!(text("0.50", "{type: number}").env(), "X=0.5\n");
    assert_eq!(text("0.50", "{type: string}").env(), "X=0.50\n");
    assert_eq!(text("0.50", "true").env(), "X=0.50\n");
    assert_eq!(text("true", "{type: boolean}").env(), "X=true\n");
    for (written, key) in [
        ("many", "{type: integer}"),
        ("5.5", "{type: integer}"),
        ("true", "{type: integer}"),
        ("1", "{type: boolean}"),
        ("[1]", "{type: array}"),
    ] {
        assert_eq!(
            text(written, key).errors(),
            [Code::SocketConfigInvalid],
            "{written} {key}"
        );
    }
}
