//! Tests the situations that the API was made for.

use super::*;

pub(super) const MONGODB: &str = r#"---
apiVersion: integration.rock8s.com/v1
kind: Interface
metadata: {name: mongodb, namespace: shop}
spec:
  name: mongodb
  versions:
    - version: 1.0.0
      plug:
        type: object
        required: [database]
        properties: {database: {type: string, pattern: "^[a-z][a-z0-9_-]*$"}}
      socket:
        type: object
        required: [host, port, database, username, password]
        properties:
          host: {type: string}
          port: {type: integer, default: 27017}
          database: {type: string}
          username: {type: string, writeOnly: true}
          password: {type: string, writeOnly: true}
          uri: {type: string, writeOnly: true}
      examples:
        - plug: {database: shop}
          socket: {host: db, port: 27017, database: shop, username: u, password: p}
        - plug: {database: "No spaces"}
          invalid: /plug/database
"#;

pub(super) const MONGO_SOCKET: &str = r"---
apiVersion: integration.rock8s.com/v1
kind: Socket
metadata: {name: mongo, namespace: shop}
spec:
  interface: {name: mongodb, versions: [1.0.0]}
  service: {name: mongo}
  config:
    database: <% plug.config.database %>
    uri: mongodb://<% socket.config.username %>:<% socket.config.password %>@<% socket.config.host %>:<% socket.config.port %>/<% plug.config.database %>?authSource=admin
  configFrom:
    - {secretRef: {name: mongo-auth}, keys: {username: username, password: password}, urlSafe: [username, password]}
";

pub(super) const MONGO_PLUG: &str = r#"---
apiVersion: integration.rock8s.com/v1
kind: Plug
metadata: {name: mongo, namespace: shop}
spec:
  interface: {name: mongodb, version: "1"}
  workloads: [{name: express}]
  config: {database: shop}
  bind:
    env: [{name: MONGO_URL, key: uri}]
"#;

#[test]
fn a_url_made_of_parts() {
    let world = World::new(&[MONGODB, MONGO_SOCKET, MONGO_PLUG].concat())
        .secret("mongo-auth", &["username", "password"]);
    assert_eq!(
        world.env(),
        "+MONGODB_PASSWORD=<mongo-auth.password>\n\
         +MONGODB_USERNAME=<mongo-auth.username>\n\
         MONGO_URL=mongodb://$(MONGODB_USERNAME):$(MONGODB_PASSWORD)@mongo:27017/shop?authSource=admin\n"
    );
    assert_eq!(world.told(), "");
}

const POSTGRES: &str = r#"---
apiVersion: integration.rock8s.com/v1
kind: Socket
metadata: {name: postgres, namespace: data}
spec:
  interface: {name: postgresql, versions: [1.0.0]}
  service: {name: pg-rw}
  secretNamespace: Plug
  config: {database: <% plug.config.database %>}
  configFrom:
    - {secretRef: {name: <% plug.config.database %>-db}, keys: {username: username, password: password}, urlSafe: [username, password]}
  allow: {namespaces: [orders, billing, "team-*"]}
"#;

#[test]
fn a_shared_provider_of_another_namespace() {
    let plug = object(
        "Plug",
        "orders",
        "db",
        "interface: {name: postgresql, version: '1'}\nsocket: {name: postgres, namespace: data}\n\
         workloads: [{name: orders}]\nconfig: {database: orders}",
    );
    assert_eq!(
        World::new(&[POSTGRES, &plug].concat()).env(),
        "POSTGRESQL_DATABASE=orders\n\
         POSTGRESQL_HOST=pg-rw.data.svc\n\
         POSTGRESQL_PASSWORD=<orders-db.password>\n\
         POSTGRESQL_PORT=5432\n\
         POSTGRESQL_USERNAME=<orders-db.username>\n"
    );
}

#[test]
fn a_provider_of_the_catalogue_and_a_text_of_the_author() {
    let plug = object(
        "Plug",
        "team-a",
        "rel-shop-db",
        r#"
name: db
interface: {name: postgresql, version: "1"}
socket: {name: postgres, namespace: data}
workloads: [{name: rel-shop, containers: [shop]}]
config: {database: shop}
bind:
  env:
    - {name: DB_HOST, key: host, replace: true}
    - {name: DATABASE_URL, value: "postgresql://<% socket.config.username %>:<% socket.config.password %>@<% socket.config.host %>/<% socket.config.database %>"}
"#,
    );
    assert_eq!(
        World::new(&plug).catalogue(POSTGRES).env(),
        "DB_HOST=pg-rw.data.svc\n\
         +DB_PASSWORD=<shop-db.password>\n\
         +DB_USERNAME=<shop-db.username>\n\
         DATABASE_URL=postgresql://$(DB_USERNAME):$(DB_PASSWORD)@pg-rw.data.svc/shop\n"
    );
}

#[test]
fn an_interface_moves_from_1_to_2() {
    let stream = r#"
apiVersion: integration.rock8s.com/v1
kind: Interface
metadata: {name: postgresql, namespace: data}
spec:
  name: postgresql
  versions:
    - version: 1.1.0
      deprecated: use 2.0.0
      plug: {type: object, required: [database], properties: {database: {type: string}}}
      socket: {type: object, required: [host, port, database, username, password], properties: {host: {type: string}, port: {type: integer}, database: {type: string}, username: {type: string, writeOnly: true}, password: {type: string, writeOnly: true}}}
    - version: 2.0.0
      plug: {type: object, required: [database], properties: {database: {type: string}}}
      socket: {type: object, required: [endpoints, database, username, password], properties: {endpoints: {type: array, items: {type: object}}, database: {type: string}, username: {type: string, writeOnly: true}, password: {type: string, writeOnly: true}}}
---
apiVersion: integration.rock8s.com/v1
kind: Socket
metadata: {name: postgres, namespace: data}
spec:
  interface: {name: postgresql, versions: [1.1.0, 2.0.0]}
  secretNamespace: Plug
  config: {host: pg-rw.data.svc, port: 5432, endpoints: [{host: pg-rw.data.svc, port: 5432}], database: <% plug.config.database %>}
  configFrom: [{secretRef: {name: <% plug.config.database %>-db}, keys: {username: username, password: password}, urlSafe: [username, password]}]
  allow: {namespaces: [shop]}
"#;
    let plug = |version: &str| {
        let spec = format!(
            "interface: {{name: postgresql, version: '{version}'}}\nsocket: {{name: postgres, namespace: data}}\n\
             workloads: [{{name: shop}}]\nconfig: {{database: shop}}"
        );
        World::new(&[stream, &object("Plug", "shop", "db", &spec)].concat())
    };
    assert_eq!(
        plug("2").env(),
        "POSTGRESQL_DATABASE=shop\n\
         POSTGRESQL_ENDPOINTS=pg-rw.data.svc:5432\n\
         POSTGRESQL_PASSWORD=<shop-db.password>\n\
         POSTGRESQL_USERNAME=<shop-db.username>\n"
    );
    assert_eq!(plug("2").told(), "");
    assert!(plug("1").env().contains("POSTGRESQL_HOST=pg-rw.data.svc\n"));
    assert_eq!(
        plug("1").told(),
        "Warning deprecated-version: Interface `postgresql` 1.1.0 is deprecated: use 2.0.0\n  \
         at `'1'`: coupled by this version\n  at `1.1.0`: deprecated here\n"
    );
}

#[test]
fn a_secret_per_plug_named_by_a_template() {
    let socket = object(
        "Socket",
        "data",
        "mongo",
        r#"
interface: {name: mongodb, versions: [1.0.0]}
service: {name: mongo-svc}
secretNamespace: Plug
config: {database: <% plug.config.database %>}
configFrom:
  - secretRef: {name: mongo-<% plug.config.database %>-<% plug.config.database %>}
    keys: {uri: connectionString.standard, username: username, password: password}
allow: {namespaces: ["*"]}
"#,
    );
    let plug = object(
        "Plug",
        "cart",
        "db",
        "interface: {name: mongodb, version: '1'}\nsocket: {name: mongo, namespace: data}\nworkloads: [{name: cart}]\n\
         config: {database: cart}\nbind: {env: [{name: MONGO_URL, key: uri}]}",
    );
    assert_eq!(
        World::new(&[MONGODB, &socket, &plug].concat()).env(),
        "MONGO_URL=<mongo-cart-cart.connectionString.standard>\n"
    );
}
