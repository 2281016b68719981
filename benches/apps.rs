//! The streams that are measured: N apps with two couplings each, alone or among documents that
//! nobody touches.

use std::fmt::Write as _;

use coupler::api::{Integrations, Settings};
use coupler::render::{Input, Role, Source};

/// The Interfaces; each offers a computed `uri` out of two secrets.
const INTERFACES: [&str; 4] = ["cache", "database", "queue", "store"];

/// Which characters the documents hold, and so which parser reads them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Road {
    /// The common subset.
    Fast,
    /// One anchor that nobody uses in every document: the fast parser gives it up.
    Careful,
}

/// What Plugs bind.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bound {
    /// Two variables each, and the parts of one of them.
    Variables,
    /// Two fields of the Deployment each.
    Fields,
    /// The variables; and the first Plug of each app has a resource.
    Resources,
    /// Four files each: two literals, and two keys of a Secret.
    Files,
}

/// A Deployment of 1.9 kB and two Plugs for each app, a Socket for every ten Plugs, four
/// Interfaces.
pub(crate) fn apps(n: usize, road: Road) -> String {
    apps_with(n, road, Bound::Variables)
}

/// The same, with Plugs that bind this.
pub(crate) fn apps_with(n: usize, road: Road, bound: Bound) -> String {
    let mut text = String::with_capacity(n * 3_000);
    for name in INTERFACES {
        interface(&mut text, name);
    }
    for index in 0..n.div_ceil(10) * 2 {
        socket(&mut text, index);
    }
    coupled_apps(&mut text, n, bound);
    match road {
        Road::Fast => text,
        Road::Careful => text.replace("metadata:\n  name: ", "metadata:\n  name: &name "),
    }
}

/// `n` apps among so many other documents: a quarter each of Deployments, Services, ConfigMaps and
/// a kind of somebody else's.
pub(crate) fn among(n: usize, others: usize) -> String {
    let mut text = if n == 0 {
        String::new()
    } else {
        apps(n, Road::Fast)
    };
    text.reserve(others * 2_000);
    for index in 0..others {
        let kind = match index % 4 {
            0 => {
                deployment(&mut text, index, "other");
                continue;
            }
            1 => "v1\nkind: Service",
            2 => "v1\nkind: ConfigMap",
            _ => "example.com/v1\nkind: Widget",
        };
        plain(&mut text, kind, index);
    }
    text
}

/// A stream as a host hands it to a function: a ResourceList, with the settings of the filter that
/// is beside it.
pub(crate) fn list(stream: &str) -> String {
    let mut text = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nfunctionConfig:\n  apiVersion: \
        integration.rock8s.com/v1\n  kind: Coupler\n  metadata:\n    name: bench\n  spec:\n    integrations: drop\nitems:\n"
        .to_owned();
    let mut start = "  ";
    for line in stream.lines() {
        if line == "---" {
            start = "- ";
        } else {
            let _ = writeln!(text, "{start}{line}");
            start = "  ";
        }
    }
    text
}

/// What the Sockets of a stream are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Offered {
    /// Sockets somebody wrote.
    Written,
    /// Objects of an operator's kind, and an Adapter for each of four kinds.
    Adapted,
}

/// N apps with two Plugs each, whose Sockets hold no template: an Adapter makes the same of an
/// object.
pub(crate) fn apps_offered(n: usize, offered: Offered) -> String {
    let mut text = String::with_capacity(n * 3_000);
    for name in INTERFACES {
        interface(&mut text, name);
        if offered == Offered::Adapted {
            adapter(&mut text, name);
        }
    }
    for index in 0..n.div_ceil(10) * 2 {
        match offered {
            Offered::Written => plain_socket(&mut text, index),
            Offered::Adapted => backend(&mut text, index),
        }
    }
    coupled_apps(&mut text, n, Bound::Variables);
    text
}

/// The Deployments, each with its two Plugs.
fn coupled_apps(text: &mut String, n: usize, bound: Bound) {
    for index in 0..n {
        deployment(text, index, "app");
        plug(text, index, 0, bound);
        plug(text, index, 1, bound);
    }
}

/// A Socket without a template.
fn plain_socket(text: &mut String, index: usize) {
    socket_head(text, index);
    let interface = INTERFACES[index % 4];
    let _ = write!(
        text,
        "  config:
    database: app
  configFrom:
    - {{secretRef: {{name: {interface}-{index}-auth}}, keys: {{username: username, password: password, uri: uri}}}}
"
    );
}

/// An object of the operator that offers this.
fn backend(text: &mut String, index: usize) {
    let interface = INTERFACES[index % 4];
    let _ = write!(
        text,
        "---
apiVersion: backends.example.com/v1
kind: {interface}
metadata:
  name: {interface}-{index}
  namespace: shop
spec:
  replicas: 3
  port: {port}
  database: app
",
        port = 5000 + index % 1000
    );
}

fn adapter(text: &mut String, interface: &str) {
    let _ = write!(
        text,
        "---
apiVersion: integration.rock8s.com/v1
kind: Adapter
metadata:
  name: {interface}
spec:
  object: {{group: backends.example.com, kind: {interface}}}
  sockets:
    - interface: {{name: {interface}, versions: [1.0.0]}}
      service:
        name: <% object.metadata.name %>
        port: <% object.spec.port %>
      config:
        database: <% object.spec.database %>
      configFrom:
        - secretRef: {{name: <% object.metadata.name %>-auth}}
          keys: {{username: username, password: password, uri: uri}}
  secrets:
    - name: <% object.metadata.name %>-auth
      keys: [username, password, uri]
"
    );
}

/// N apps with two Plugs each, and for each Socket a registry, into which the Socket writes the
/// databases of all its Plugs.
pub(crate) fn apps_registered(n: usize) -> String {
    let mut text = apps(n, Road::Fast);
    let sockets = n.div_ceil(10) * 2;
    for index in 0..sockets {
        deployment(&mut text, index, "registry");
    }
    let socket = "  service: {name: ";
    let mut out = String::with_capacity(text.len() + sockets * 200);
    for line in text.split_inclusive('\n') {
        if let Some(name) = line.strip_prefix(socket) {
            let index = name
                .split_once(',')
                .and_then(|(name, _)| name.rsplit_once('-'))
                .map_or("", |(_, index)| index);
            let _ = write!(
                out,
                "  workloads:
    - name: registry-{index}
  bind:
    env:
      - {{name: DATABASES, value: \"<% plugs | map(attribute='config.database') | join(',') %>\"}}
"
            );
        }
        out.push_str(line);
    }
    out
}

/// A run over one stream, as `--in-place` does it or as a pipe does.
pub(crate) fn input(text: String, integrations: Integrations) -> Input {
    let sources = vec![Source {
        name: "bench.yaml".to_owned(),
        text,
        role: Role::Stream,
    }];
    Input {
        sources,
        settings: Settings {
            integrations,
            ..Settings::default()
        },
    }
}

fn interface(text: &mut String, name: &str) {
    let _ = write!(
        text,
        "---
apiVersion: integration.rock8s.com/v1
kind: Interface
metadata:
  name: {name}
  namespace: shop
spec:
  name: {name}
  versions:
    - version: 1.0.0
      plug:
        type: object
        properties:
          database: {{type: string, pattern: \"^[a-z][a-z0-9_-]*$\"}}
      socket:
        type: object
        required: [host, port, database, username, password]
        properties:
          host: {{type: string, minLength: 1}}
          port: {{type: integer, minimum: 1, maximum: 65535}}
          database: {{type: string}}
          username: {{type: string, writeOnly: true}}
          password: {{type: string, writeOnly: true}}
          uri: {{type: string, writeOnly: true}}
"
    );
}

/// Two Sockets of different Interfaces serve ten apps; the `database` of every tenth is a computed
/// expression.
fn socket(text: &mut String, index: usize) {
    socket_head(text, index);
    let interface = INTERFACES[index % 4];
    let filter = if index % 10 == 3 { " | lower" } else { "" };
    let _ = write!(
        text,
        "  config:
    database: <% plug.config.database{filter} %>
    uri: {interface}://<% socket.config.username %>:<% socket.config.password %>@<% socket.config.host %>:<% socket.config.port %>/<% socket.config.database %>
  configFrom:
    - {{secretRef: {{name: {interface}-{index}-auth}}, keys: {{username: username, password: password}}, urlSafe: [username, password]}}
"
    );
}

/// A Socket as far as all have it: what it offers, and its Service.
fn socket_head(text: &mut String, index: usize) {
    let interface = INTERFACES[index % 4];
    let _ = write!(
        text,
        "---
apiVersion: integration.rock8s.com/v1
kind: Socket
metadata:
  name: {interface}-{index}
  namespace: shop
spec:
  interface: {{name: {interface}, versions: [1.0.0]}}
  service: {{name: {interface}-{index}, port: {port}}}
",
        port = 5000 + index % 1000
    );
}

/// A Job that exists while a Plug is coupled.
const RESOURCE: &str = "  resources:
    - name: migrate
      manifest:
        apiVersion: batch/v1
        kind: Job
        metadata:
          name: migrate-<% plug.object %>
        spec:
          backoffLimit: 3
          template:
            spec:
              restartPolicy: Never
              containers:
                - name: migrate
                  image: example/migrate:1
                  args: [--database, <% plug.config.database %>]
                  env:
                    - {name: HOST, value: <% socket.config.host %>}
                    - {name: PASSWORD, value: <% socket.config.password %>}
";

/// Eight variables for each app: of each Plug a text, the two parts of it, and a host. Or four
/// fields: of each Plug a host, and the name of a Secret. Or eight files: of each Plug what the
/// variables hold.
fn plug(text: &mut String, app: usize, which: usize, bound: Bound) {
    let socket = app / 10 * 2 + which;
    let interface = INTERFACES[socket % 4];
    let variable = interface.to_uppercase();
    let _ = write!(
        text,
        "---
apiVersion: integration.rock8s.com/v1
kind: Plug
metadata:
  name: app-{app}-{interface}
  namespace: shop
  labels:
    app.kubernetes.io/name: app-{app}
spec:
  interface: {{name: {interface}, version: \"1\"}}
  socket: {{name: {interface}-{socket}}}
  config:
    database: app-{app}
"
    );
    let object = format!("objectRef: {{apiVersion: apps/v1, kind: Deployment, name: app-{app}}}");
    let _ = match bound {
        Bound::Variables | Bound::Resources => write!(
            text,
            "  workloads:
    - name: app-{app}
  bind:
    env:
      - {{name: {variable}_URL, key: uri}}
      - {{name: {variable}_ADDRESS, key: host}}
"
        ),
        Bound::Files => write!(
            text,
            "  workloads:
    - name: app-{app}
  bind:
    files:
      items:
        - {{path: host, key: host}}
        - {{path: port, key: port}}
        - {{path: username, key: username}}
        - {{path: password, key: password}}
"
        ),
        Bound::Fields => write!(
            text,
            "  bind:
    fields:
      - {{{object}, path: spec.settings.{interface}.host, key: host}}
      - {{{object}, path: spec.settings.{interface}.secretName, secretNameOf: password}}
"
        ),
    };
    if bound == Bound::Resources && which == 0 {
        text.push_str(RESOURCE);
    }
}

fn deployment(text: &mut String, index: usize, prefix: &str) {
    let name = format!("{prefix}-{index}");
    let _ = write!(
        text,
        "---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
  namespace: shop
  labels:
    app.kubernetes.io/name: {name}
    app.kubernetes.io/part-of: shop
    app.kubernetes.io/version: \"1.{index}.0\"
  annotations:
    example.com/owner: team-{team}
    example.com/description: serves the pages of the shop and talks to two providers
spec:
  replicas: 3
  revisionHistoryLimit: 4
  selector:
    matchLabels:
      app.kubernetes.io/name: {name}
  strategy:
    type: RollingUpdate
    rollingUpdate: {{maxSurge: 1, maxUnavailable: 0}}
  template:
    metadata:
      labels:
        app.kubernetes.io/name: {name}
        app.kubernetes.io/part-of: shop
    spec:
      serviceAccountName: {name}
      securityContext:
        runAsNonRoot: true
        fsGroup: 2000
      containers:
        - name: web
          image: registry.example.com/shop/{name}:1.{index}.0
          imagePullPolicy: IfNotPresent
          ports:
            - name: http
              containerPort: 8080
          env:
            # what the author wrote
            - name: LOG_LEVEL
              value: info
            - name: POD_IP
              valueFrom:
                fieldRef:
                  fieldPath: status.podIP
            - name: FEATURES
              value: \"search,basket\"
          readinessProbe:
            httpGet:
              path: /healthz
              port: http
            initialDelaySeconds: 5
            periodSeconds: 10
          resources:
            requests:
              cpu: 100m
              memory: 128Mi
            limits:
              memory: 256Mi
          volumeMounts:
            - name: cache
              mountPath: /var/cache/shop
      volumes:
        - name: cache
          emptyDir: {{}}
      terminationGracePeriodSeconds: 30
",
        team = index % 17
    );
}

fn plain(text: &mut String, kind: &str, index: usize) {
    let _ = write!(
        text,
        "---
apiVersion: {kind}
metadata:
  name: plain-{index}
  namespace: shop
  labels:
    app.kubernetes.io/name: plain-{index}
data:
"
    );
    for line in 0..30 {
        let _ = writeln!(
            text,
            "  key-{line}: a value that nobody of ours ever asks for, {line}"
        );
    }
}
