//! Tests that a listing contains what can be read, whatever else has errors.

use super::*;
use crate::api::Settings;
use crate::render::{Role, Source};

const STREAM: &str = "apiVersion: integration.rock8s.com/v1
kind: Plug
metadata: {name: cache, namespace: shop}
spec: {interface: {name: redis}, workloads: [{name: web}]}
---
apiVersion: integration.rock8s.com/v1
kind: Plug
metadata: {name: pg, namespace: shop}
spec: {interface: {name: postgresql}, workloads: [{name: web}]}
---
apiVersion: integration.rock8s.com/v1
kind: Plug
metadata: {name: mail, namespace: shop}
spec: {interface: {name: smtp}, workloads: [{name: web}], optional: true}
---
apiVersion: integration.rock8s.com/v1
kind: Plug
metadata: {name: queue, namespace: shop}
spec: {interface: {name: redis}, workloads: [{name: web}], suspend: true}
---
apiVersion: integration.rock8s.com/v1
kind: Socket
metadata: {name: cache, namespace: shop}
spec:
  interface: {name: redis, versions: [1.0.0]}
  service: {name: cache, port: 6379}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec: {template: {spec: {containers: [{name: web}]}}}
---
apiVersion: integration.rock8s.com/v1
kind: Plug
metadata: [broken
";
const CATALOGUE: &str = "apiVersion: integration.rock8s.com/v1
kind: Socket
metadata: {name: main, namespace: data}
spec:
  interface: {name: postgresql, versions: [1.0.0]}
  service: {name: pg, port: 5432}
  allow: {namespaces: [shop]}
  secretNamespace: Plug
  config: {database: shop, username: shop}
  configFrom: [{secretRef: {name: pg}, keys: {password: password}}]
";

fn input() -> Input {
    let source = |name: &str, text: &str, role| Source {
        name: name.to_owned(),
        text: text.to_owned(),
        role,
    };
    Input {
        sources: vec![
            source("app.yaml", STREAM, Role::Stream),
            source("catalogue.yaml", CATALOGUE, Role::Catalogue),
        ],
        settings: Settings::default(),
    }
}

#[test]
fn a_broken_input_lists_what_can_be_read() {
    let listing = listing(&input());
    let names: Vec<&str> = listing
        .plugs
        .iter()
        .map(|plug| plug.name.name.as_str())
        .collect();
    assert_eq!(names, ["cache", "mail", "pg", "queue"]);
    let [cache, mail, pg, queue] = &listing.plugs[..] else {
        panic!("{listing:#?}")
    };
    assert_eq!(cache.state, PlugState::Coupled);
    assert_eq!(cache.version.as_deref(), Some("1.0.0"));
    assert_eq!(cache.variables, ["REDIS_HOST", "REDIS_PORT"]);
    assert_eq!(cache.workloads, ["Deployment/web"]);
    assert_eq!(mail.state, PlugState::Absent);
    assert_eq!(queue.state, PlugState::Suspended);
    let PlugState::Failed(Some(why)) = &pg.state else {
        panic!("{pg:?}")
    };
    assert_eq!(why.code, Code::SocketNotFound);
    let near = why.near_miss.as_deref().unwrap_or_default();
    assert!(
        near.contains("`main`") && near.contains("must be named"),
        "{near}"
    );
    assert!(crate::diagnostic::has_errors(&listing.diagnostics));
}

#[test]
fn sockets_and_interfaces_are_counted() {
    let listing = listing(&input());
    let sockets: Vec<_> = listing
        .sockets
        .iter()
        .map(|socket| (socket.name.name.as_str(), socket.from, socket.plugs.len()))
        .collect();
    let expected = [
        ("main", ReadFrom::Catalogue, 0),
        ("cache", ReadFrom::Stream, 1),
    ];
    assert_eq!(sockets, expected);
    let interfaces: Vec<_> = listing
        .interfaces
        .iter()
        .map(|one| (one.name.as_str(), one.plugs, one.sockets))
        .collect();
    assert_eq!(
        interfaces,
        [("postgresql", 1, 1), ("redis", 2, 1), ("smtp", 1, 0)]
    );
}
