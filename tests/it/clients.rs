//! Clients of bindings read the files of a container: what the kubelet would mount is laid out, and
//! spring-cloud-bindings (Java) and kube-service-bindings (Node) find host, port, user and
//! password.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::cli::Dir;
use crate::{kubelet, rig};

/// An Interface, what its Socket has, and what the clients make of it.
struct Service {
    interface: &'static str,
    config: &'static str,
    /// Its keys that are in the Secret, each with the Secret's.
    secrets: &'static str,
    /// What the Plug gives.
    plug: &'static str,
    /// `NAME=VALUE`, some of the properties that Spring Boot has.
    spring: &'static [&'static str],
    /// What a client for Node is given.
    node: Option<Node>,
}

/// A client for Node, and what it needs of its options.
struct Node {
    kind: &'static str,
    client: &'static str,
    /// JSON pointer and value.
    options: &'static [(&'static str, &'static str)],
}

/// A user and a password in a Secret.
const USER: &str = "{username: username, password: password}";

const SERVICES: [Service; 11] = [
    Service {
        interface: "postgresql",
        config: "{host: db, port: 5433, database: shop}",
        secrets: USER,
        plug: "{}",
        spring: &[
            "spring.datasource.url=jdbc:postgresql://db:5433/shop",
            "spring.datasource.username=ann",
            "spring.datasource.password=s3cret",
        ],
        node: Some(Node {
            kind: "POSTGRESQL",
            client: "pg",
            options: &[
                ("/host", "db"),
                ("/port", "5433"),
                ("/database", "shop"),
                ("/user", "ann"),
                ("/password", "s3cret"),
            ],
        }),
    },
    Service {
        interface: "mysql",
        config: "{host: db, port: 3307, database: shop}",
        secrets: USER,
        plug: "{}",
        spring: &[
            "spring.datasource.url=jdbc:mysql://db:3307/shop",
            "spring.datasource.username=ann",
            "spring.datasource.password=s3cret",
        ],
        node: Some(Node {
            kind: "MYSQL",
            client: "mysql2",
            options: &[
                ("/host", "db"),
                ("/port", "3307"),
                ("/database", "shop"),
                ("/user", "ann"),
                ("/password", "s3cret"),
            ],
        }),
    },
    Service {
        interface: "mongodb",
        config: "{host: db, port: 27018, database: shop, authenticationDatabase: admin}",
        secrets: USER,
        plug: "{}",
        spring: &[
            "spring.data.mongodb.host=db",
            "spring.data.mongodb.port=27018",
            "spring.data.mongodb.database=shop",
            "spring.data.mongodb.authentication-database=admin",
            "spring.data.mongodb.username=ann",
            "spring.data.mongodb.password=s3cret",
        ],
        node: Some(Node {
            kind: "MONGODB",
            client: "mongodb",
            options: &[
                ("/url", "mongodb://ann:s3cret@db:27018"),
                ("/connectionOptions/auth/username", "ann"),
                ("/connectionOptions/auth/password", "s3cret"),
            ],
        }),
    },
    Service {
        interface: "redis",
        config: "{host: db, port: 6380, database: 3, scheme: rediss, tls: true, clientName: shop, sentinelMaster: main, sentinelEndpoints: [{host: s-0, port: 26379}, {host: s-1, port: 26379}]}",
        secrets: USER,
        plug: "{}",
        spring: &[
            "spring.data.redis.host=db",
            "spring.data.redis.port=6380",
            "spring.data.redis.password=s3cret",
            "spring.data.redis.database=3",
            "spring.data.redis.ssl=true",
            "spring.data.redis.client-name=shop",
            "spring.data.redis.sentinel.master=main",
            "spring.data.redis.sentinel.nodes=s-0:26379,s-1:26379",
        ],
        node: Some(Node {
            kind: "REDIS",
            client: "ioredis",
            options: &[("/host", "db"), ("/port", "6380"), ("/password", "s3cret")],
        }),
    },
    Service {
        interface: "kafka",
        config: "{endpoints: [{host: db-0, port: 9093}, {host: db-1, port: 9093}], topic: orders, securityProtocol: SASL_SSL, saslMechanism: SCRAM-SHA-512, clientId: shop}",
        secrets: USER,
        plug: "{}",
        spring: &["spring.kafka.bootstrap-servers=db-0:9093,db-1:9093"],
        node: Some(Node {
            kind: "KAFKA",
            client: "node-rdkafka",
            options: &[
                ("/bootstrap.servers", "db-0:9093,db-1:9093"),
                ("/security.protocol", "SASL_SSL"),
                ("/sasl.mechanisms", "SCRAM-SHA-512"),
                ("/sasl.username", "ann"),
                ("/sasl.password", "s3cret"),
                ("/client.id", "shop"),
            ],
        }),
    },
    Service {
        interface: "amqp",
        config: "{host: db, port: 5673, vhost: shop}",
        secrets: USER,
        plug: "{}",
        spring: &[
            "spring.rabbitmq.host=db",
            "spring.rabbitmq.port=5673",
            "spring.rabbitmq.virtual-host=shop",
            "spring.rabbitmq.username=ann",
            "spring.rabbitmq.password=s3cret",
        ],
        // this version of the client knows no type rabbitmq
        node: None,
    },
    Service {
        interface: "cassandra",
        config: "{host: db, port: 9043, keyspace: shop, tls: true, compression: lz4}",
        secrets: USER,
        plug: "{}",
        spring: &[
            "spring.cassandra.contact-points=db:9043",
            "spring.cassandra.keyspace-name=shop",
            "spring.cassandra.username=ann",
            "spring.cassandra.password=s3cret",
            "spring.cassandra.ssl=true",
            "spring.cassandra.compression=lz4",
        ],
        node: None,
    },
    Service {
        interface: "elasticsearch",
        config: "{host: db, port: 9201, scheme: https}",
        secrets: USER,
        plug: "{}",
        spring: &[
            "spring.elasticsearch.uris=https://db:9201",
            "spring.elasticsearch.username=ann",
            "spring.elasticsearch.password=s3cret",
        ],
        node: None,
    },
    Service {
        interface: "ldap",
        config: "{urls: [\"ldaps://db:636\"], baseDn: \"dc=example,dc=com\", bindDn: cn=ann}",
        secrets: "{bindPassword: password}",
        plug: "{}",
        spring: &[
            "spring.ldap.urls=ldaps://db:636",
            "spring.ldap.base=dc=example,dc=com",
            "spring.ldap.username=cn=ann",
            "spring.ldap.password=s3cret",
        ],
        node: None,
    },
    Service {
        interface: "vault",
        config: "{host: db, port: 8201, namespace: team, authenticationMethod: token}",
        secrets: "{token: password}",
        plug: "{}",
        spring: &[
            "spring.cloud.vault.uri=https://db:8201",
            "spring.cloud.vault.namespace=team",
            "spring.cloud.vault.authentication=token",
            "spring.cloud.vault.token=s3cret",
        ],
        node: None,
    },
    Service {
        interface: "oidc",
        config: "{issuerUrl: \"https://id.example.com\", clientId: shop, userNameAttribute: sub}",
        secrets: "{clientSecret: password}",
        plug: "{redirectUri: \"https://shop.example.com/callback\"}",
        spring: &[
            "spring.security.oauth2.client.provider.keycloak.issuer-uri=https://id.example.com",
            "spring.security.oauth2.client.provider.keycloak.user-name-attribute=sub",
            "spring.security.oauth2.client.registration.oidc.client-id=shop",
            "spring.security.oauth2.client.registration.oidc.client-secret=s3cret",
            "spring.security.oauth2.client.registration.oidc.scope=openid",
        ],
        node: None,
    },
];

impl Service {
    /// A workload, its Plug, the Socket, and the Secret.
    fn stream(&self) -> String {
        let Self {
            interface,
            config,
            secrets,
            plug,
            ..
        } = self;
        format!(
            "\
apiVersion: integration.rock8s.com/v1
kind: Plug
metadata: {{name: service, namespace: shop}}
spec:
  interface: {{name: {interface}}}
  workloads: [{{name: web}}]
  config: {plug}
  bind: {{files: {{}}}}
---
apiVersion: integration.rock8s.com/v1
kind: Socket
metadata: {{name: service, namespace: shop}}
spec:
  interface: {{name: {interface}, versions: [1.0.0]}}
  provider: keycloak
  config: {config}
  configFrom: [{{secretRef: {{name: auth}}, keys: {secrets}}}]
---
apiVersion: v1
kind: Secret
metadata: {{name: auth, namespace: shop}}
stringData: {{username: ann, password: s3cret}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web, namespace: shop}}
spec:
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      containers: [{{name: web, image: example/web:1}}]
"
        )
    }

    /// Lays out the files of the container in a directory, which then is what `/bindings` is there.
    fn mount(&self, root: &Path) {
        let dir = Dir::with(&[("all.yaml", &self.stream())]);
        let rendered = dir.run(&["render", "all.yaml"]).status(0);
        let seen = kubelet::files(&kubelet::documents(&rendered.out));
        for (path, content) in &seen["Deployment/web"]["web"] {
            let path = root.join(path.strip_prefix("/bindings/").unwrap());
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
    }
}

/// What a reader of the bindings below `root` prints.
fn read(program: &Path, arguments: &[&str], root: &Path) -> String {
    let mut reader = Command::new(program);
    reader.args(arguments).env("SERVICE_BINDING_ROOT", root);
    let done = reader.output().unwrap();
    assert!(done.status.success(), "{done:?}");
    String::from_utf8(done.stdout).unwrap()
}

#[test]
fn spring_cloud_bindings_finds_what_it_needs() {
    let Some(program) = rig::program("spring-bindings", "2.0.4") else {
        return;
    };
    for service in &SERVICES {
        let root = tempfile::tempdir().unwrap();
        service.mount(root.path());
        let properties = read(&program, &[], root.path());
        for property in service.spring {
            assert!(
                properties.lines().any(|line| line == *property),
                "{}: {property}\n{properties}",
                service.interface
            );
        }
    }
}

#[test]
fn kube_service_bindings_finds_what_it_needs() {
    let Some(program) = rig::program("node-bindings", "2.1.0") else {
        return;
    };
    for service in &SERVICES {
        let Some(node) = &service.node else {
            continue;
        };
        let root = tempfile::tempdir().unwrap();
        service.mount(root.path());
        let options = read(&program, &[node.kind, node.client], root.path());
        let options: Value = serde_json::from_str(&options).unwrap();
        for (pointer, value) in node.options {
            let given = options.pointer(pointer).and_then(Value::as_str);
            let interface = service.interface;
            assert_eq!(given, Some(*value), "{interface}: {pointer} of {options}");
        }
    }
}
