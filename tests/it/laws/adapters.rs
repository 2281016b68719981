//! The laws where objects of other kinds are Sockets: they change nothing that is coupled to a written
//! one, in whatever order they are, and whatever a Secret has.

use coupler::api::{Integrations, Settings};

use super::mutate::Random;
use super::run::{documents, must, run, same};
use super::stream::Stream;
use super::style::shuffle;

/// Objects of an operator, and of a kind that an Adapter makes Sockets of each Interface of the
/// generated streams.
fn adaptable(namespace: &str) -> String {
    let mut text = String::new();
    for name in ["pg", "db", "thing", "main"] {
        text += &format!(
            "---\napiVersion: postgresql.cnpg.io/v1\nkind: Cluster\nmetadata: {{name: {name}{namespace}}}\nspec: {{instances: 1}}\n\
             ---\napiVersion: example.com/v1\nkind: Gadget\nmetadata: {{name: {name}{namespace}, labels: {{tier: gold}}}}\nspec: {{}}\n"
        );
    }
    text
}

const ADAPTER: &str = "apiVersion: integration.rock8s.com/v1\nkind: Adapter\nmetadata: {name: gadgets}\nspec:\n  \
    object: {group: example.com, kind: Gadget}\n  sockets:\n    \
    - {interface: {name: thing, versions: [1.0.0]}, config: {text: adapted}}\n    \
    - {interface: {name: postgresql, versions: [1.0.0]}, service: {name: adapted, port: 1}}\n";

#[test]
fn what_is_coupled_to_a_written_socket_stays_coupled_to_it() {
    let mut seen = 0;
    for seed in 0..60 {
        let stream = Stream::new(seed);
        let settings = Settings {
            integrations: Integrations::Keep,
            ..stream.settings.clone()
        };
        let text = stream.text();
        let Ok(once) = run(&[&text], &settings) else {
            continue;
        };
        seen += 1;
        let all = ["", ", namespace: shop", ", namespace: team"].map(adaptable);
        let more = ADAPTER.to_owned() + &all.concat();
        match run(&[&text, &more], &settings) {
            Ok(both) => same(&format!("{seed}"), &once[0], &both[0]),
            Err(failure) => panic!("{seed}: {}", failure.face),
        }
    }
    assert!(seen > 30, "{seen} streams were rendered");
}

/// An input in which every Plug couples to an adapted Socket.
const ADAPTED: &str = "apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: {name: pg, namespace: data}
spec: {instances: 1, bootstrap: {initdb: {database: shop, owner: shop}}}
---
apiVersion: integration.rock8s.com/v1
kind: Socket
metadata: {name: pg, namespace: data}
spec:
  from: {group: postgresql.cnpg.io, kind: Cluster, name: pg}
  secretNamespace: Plug
  allow: {namespaces: [shop]}
---
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: {name: own, namespace: shop}
spec: {instances: 1}
---
apiVersion: integration.rock8s.com/v1
kind: Plug
metadata: {name: far, namespace: shop}
spec: {name: far, interface: {name: postgresql}, socket: {name: pg, namespace: data}, workloads: [{name: web}]}
---
apiVersion: integration.rock8s.com/v1
kind: Plug
metadata: {name: near, namespace: shop}
spec: {name: near, interface: {name: postgresql}, workloads: [{name: web}]}
---
apiVersion: integration.rock8s.com/v1
kind: Plug
metadata: {name: replica, namespace: shop}
spec: {name: replica, interface: {name: postgresql}, socket: {name: own-ro}, workloads: [{name: web}]}
---
apiVersion: integration.rock8s.com/v1
kind: Interface
metadata: {name: jdbc, namespace: shop}
spec:
  name: jdbc
  versions:
    - version: 1.0.0
      socket: {required: [url], properties: {url: {type: string}, password: {type: string, writeOnly: true}}}
---
apiVersion: integration.rock8s.com/v1
kind: Adapter
metadata: {name: postgresql-to-jdbc}
spec:
  source: {interface: {name: postgresql, version: '1'}}
  sockets:
    - interface: {name: jdbc, versions: [1.0.0]}
      config:
        url: jdbc:postgresql://<% source.config.host %>/<% source.config.database %>
        password: <% source.config.password %>
---
apiVersion: integration.rock8s.com/v1
kind: Plug
metadata: {name: converted, namespace: shop}
spec:
  name: converted
  interface: {name: jdbc}
  socket: {name: pg, namespace: data}
  workloads: [{name: web}]
  bind: {env: [{name: CONVERTED_URL, key: url}, {name: CONVERTED_PASSWORD, key: password}]}
---
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: pg-app, namespace: shop}
spec: {data: [{secretKey: username}, {secretKey: password}, {secretKey: uri}, {secretKey: ca.crt}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec: {template: {spec: {containers: [{name: web, image: web}]}}}
";

fn settings() -> Settings {
    Settings::default()
}

/// The coupled Deployment of a rendered text.
fn deployment(text: &str) -> String {
    let all = documents(text);
    let found = all
        .into_iter()
        .find(|document| document.contains("kind: Deployment"));
    found.unwrap().trim_start_matches("---").trim().to_owned()
}

#[test]
fn the_order_of_objects_changes_nothing() {
    let once = deployment(&must(ADAPTED, &settings(), "adapted"));
    for variable in [
        "FAR_HOST, value: pg-rw.data.svc",
        "NEAR_HOST, value: own-rw",
        "REPLICA_HOST, value: own-ro",
        "CONVERTED_URL, value: \"jdbc:postgresql://pg-rw.data.svc/shop\"",
        "CONVERTED_PASSWORD, valueFrom: {secretKeyRef: {name: pg-app, key: password}}",
    ] {
        assert!(once.contains(variable), "{variable}\n{once}");
    }
    let mut random = Random::new(7);
    for _ in 0..40 {
        let mut all: Vec<&str> = ADAPTED.split("---\n").collect();
        shuffle(&mut random, &mut all);
        let other = must(&all.join("---\n"), &settings(), "in another order");
        same("in another order", &once, &deployment(&other));
    }
}

#[test]
fn a_second_run_changes_nothing() {
    let settings = Settings {
        integrations: Integrations::Keep,
        ..settings()
    };
    let once = must(ADAPTED, &settings, "adapted");
    same("again", &once, &must(&once, &settings, "again"));
}

#[test]
fn no_secret_is_read() {
    let once = deployment(&must(ADAPTED, &settings(), "adapted"));
    let secret = |name: &str, namespace: &str| {
        format!(
            "---\napiVersion: v1\nkind: Secret\nmetadata: {{name: {name}, namespace: {namespace}}}\n\
             stringData: {{username: POISON, password: POISON, uri: POISON, ca.crt: POISON, spec: POISON}}\n"
        )
    };
    let mut poisoned = ADAPTED.to_owned();
    for namespace in ["data", "shop"] {
        for name in ["pg", "pg-app", "pg-ca", "own", "own-app", "own-ca"] {
            poisoned += &secret(name, namespace);
        }
    }
    let other = deployment(&must(&poisoned, &settings(), "with Secrets"));
    same("with Secrets", &once, &other);
    assert!(!other.contains("POISON"));
}
