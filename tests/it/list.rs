//! `coupler list`: tables of a tree and of a stream, with errors beside them.

use crate::cli::Dir;

const APP: &str = "apiVersion: integration.rock8s.com/v1
kind: Plug
metadata: {name: cache, namespace: shop}
spec: {interface: {name: redis}, workloads: [{name: web}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec: {template: {spec: {containers: [{name: web}]}}}
";
const SOCKET: &str = "apiVersion: integration.rock8s.com/v1
kind: Socket
metadata: {name: cache, namespace: shop}
spec:
  interface: {name: redis, versions: [1.0.0]}
  service: {name: cache, port: 6379}
";
const TABLE: &str = "PLUG         INTERFACE     SOCKET       BOUND         STATUS
shop/cache   redis@1.0.0   shop/cache   2 variables   Coupled

SOCKET       INTERFACE   PLUGS   FROM        STATUS
shop/cache   redis       1       manifests   Ok

INTERFACE   VERSIONS   PLUGS   SOCKETS   FROM
redis       1.0.0      1       1         built in
";

#[test]
fn a_tree_and_a_stream_give_one_table() {
    let dir = Dir::with(&[("app/app.yaml", APP), ("app/socket.yaml", SOCKET)]);
    let ran = dir.run(&["list", "app"]).status(0);
    assert_eq!((ran.out.as_str(), ran.err.as_str()), (TABLE, ""));
    let piped = dir.sh("{ cat app/app.yaml; echo ---; cat app/socket.yaml; } | coupler list -");
    assert_eq!((piped.status, piped.out.as_str()), (Some(0), TABLE));
    assert_eq!(dir.read("app/app.yaml"), APP);
}

#[test]
fn more_columns_and_formats_for_programs() {
    let dir = Dir::with(&[("app.yaml", APP), ("socket.yaml", SOCKET)]);
    let wide = dir.run(&["list", ".", "-o", "wide"]).status(0).out;
    for cell in [
        "Deployment/web",
        "REDIS_HOST,REDIS_PORT",
        "1.0.0      shop/cache",
    ] {
        assert!(wide.contains(cell), "{cell}: {wide}");
    }
    let json = dir.run(&["list", ".", "-o", "json"]).status(0).out;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["plugs"][0]["variables"][1], "REDIS_PORT");
    assert_eq!(json["plugs"][0]["socket"]["namespace"], "shop");
    let yaml = dir.run(&["list", ".", "-o", "yaml"]).status(0).out;
    let tree = coupler::manifest::Tree::read(&yaml).unwrap();
    assert_eq!(tree.json(tree.root().unwrap()).unwrap(), json);
}

#[test]
fn a_socket_that_an_adapter_made_is_listed_with_its_object() {
    let app = APP.replace("redis", "postgresql");
    let cluster = "apiVersion: postgresql.cnpg.io/v1\nkind: Cluster\n\
        metadata: {name: pg, namespace: shop}\nspec: {instances: 1}\n";
    let dir = Dir::with(&[("app.yaml", &app), ("cluster.yaml", cluster)]);
    let table = dir.run(&["list", "."]).status(0).out;
    let line = "shop/pg      postgresql   1       manifests (Cluster/pg)   Ok";
    assert!(table.contains(line), "{table}");
    let json = dir.run(&["list", ".", "-o", "json"]).status(0).out;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let sockets = json["sockets"].as_array().unwrap();
    let pg = sockets.iter().find(|socket| socket["name"] == "pg");
    assert_eq!(pg.unwrap()["adapted"], "Cluster/pg");
}

#[test]
fn secrets_that_nothing_binds_are_listed() {
    let socket = format!(
        "{SOCKET}  configFrom: [{{secretRef: {{name: cache-auth}}, keys: {{sentinelPassword: password}}}}]\n"
    );
    let dir = Dir::with(&[("app.yaml", APP), ("socket.yaml", &socket)]);
    let table = dir.run(&["list", "."]).status(0).out;
    assert!(
        table.contains("2 variables, not sentinelPassword"),
        "{table}"
    );
    let wide = dir.run(&["list", ".", "-o", "wide"]).status(0).out;
    assert!(wide.contains("REDIS_PORT,not sentinelPassword"), "{wide}");
    let json = dir.run(&["list", ".", "-o", "json"]).status(0).out;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["plugs"][0]["secretsNotBound"][0], "sentinelPassword");
    let check = dir.run(&["check", "."]).status(0);
    assert!(
        check.err.contains("info[secret-not-bound]"),
        "{}",
        check.err
    );
}

#[test]
fn a_plug_without_a_socket_says_which_comes_near() {
    let elsewhere = SOCKET.replace("shop", "data");
    let dir = Dir::with(&[("app.yaml", APP), ("catalogue/socket.yaml", &elsewhere)]);
    let ran = dir.run(&["list", "app.yaml", "--catalog", "catalogue"]);
    assert_eq!(ran.status, Some(1));
    let line = ran.out.lines().find(|line| line.starts_with("shop/cache"));
    let line = line.unwrap();
    assert!(line.contains("Error: socket-not-found: `cache` "), "{line}");
    assert!(
        line.ends_with("so it must be named") || line.contains("namespace `data`"),
        "{line}"
    );
    assert!(
        ran.out
            .contains("data/cache   redis       0       catalogue   Ok"),
        "{}",
        ran.out
    );
    assert!(ran.err.contains("error[socket-not-found]"), "{}", ran.err);
}

#[test]
fn a_broken_tree_lists_what_can_be_read() {
    let broken =
        format!("{APP}---\napiVersion: integration.rock8s.com/v1\nkind: Plug\nmetadata: [x\n");
    let dir = Dir::with(&[("app.yaml", &broken), ("socket.yaml", SOCKET)]);
    let ran = dir.run(&["list", "."]);
    assert_eq!((ran.status, ran.out.as_str()), (Some(1), TABLE));
    assert!(ran.err.contains("error[yaml-syntax]"), "{}", ran.err);
    let ran = dir.run(&["list", "gone"]);
    assert_eq!((ran.status, ran.out.as_str()), (Some(2), ""));
}

#[test]
fn no_value_and_no_command_to_a_terminal_is_printed() {
    let app = APP.replace(
        "interface: {name: redis}",
        "interface: {name: \"re\\e[31mdis\"}",
    );
    let secret = "---\napiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: shop}\nstringData: {password: hunter2}\n";
    let dir = Dir::with(&[("app.yaml", &format!("{app}{secret}"))]);
    for format in ["table", "wide", "json", "yaml"] {
        let ran = dir.run(&["list", ".", "-o", format]);
        let printed = format!("{}{}", ran.out, ran.err);
        assert!(
            !printed.contains('\u{1b}') && !printed.contains("hunter2"),
            "{printed}"
        );
    }
}

#[test]
fn nothing_of_ours_is_said_in_a_line() {
    let dir = Dir::with(&[("web.yaml", APP.split("---\n").nth(1).unwrap())]);
    let ran = dir.run(&["list", "."]).status(0);
    assert_eq!(ran.out, "No Plugs, Sockets or Interfaces found.\n");
}

#[test]
fn values_that_could_not_be_checked_change_no_summary() {
    let input = include_str!(
        "../../testdata/render/values-that-could-not-be-checked-are-said-once/input.yaml"
    );
    let dir = Dir::with(&[("app.yaml", input)]);
    let check = dir.run(&["check", "app.yaml"]).status(0);
    assert_eq!(check.err.matches("info[not-checked]").count(), 1);
    assert!(
        check.err.ends_with(": no problems found\n"),
        "{}",
        check.err
    );
}
