//! What the tests of kustomize build: a shop with its Plug, a database with its Socket, and what
//! couples them.

use std::fs;
use std::path::Path;

use crate::cli::Dir;
use crate::host;

/// A workload and its Plug.
pub(crate) const APP: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: express
  labels: {app: express}
spec:
  selector: {matchLabels: {app: express}}
  template:
    metadata: {labels: {app: express}}
    spec:
      containers:
        - {name: express, image: example/express:1}
---
apiVersion: integration.rock8s.com/v1
kind: Plug
metadata: {name: db}
spec:
  interface: {name: postgresql, version: \"1\"}
  workloads: [{name: express}]
  config: {database: shop}
";

/// A Service and its Socket, which refers to the Secret `pg-auth`.
pub(crate) const DATABASE: &str = "\
apiVersion: v1
kind: Service
metadata: {name: pg}
spec:
  selector: {app: pg}
  ports: [{port: 5432}]
---
apiVersion: integration.rock8s.com/v1
kind: Socket
metadata: {name: pg}
spec:
  interface: {name: postgresql, versions: [1.0.0]}
  service: {name: pg}
  config: {database: <% plug.config.database %>}
  configFrom:
    - {secretRef: {name: pg-auth}, keys: {username: username, password: password}}
";

/// The Secret, as kustomize generates it.
pub(crate) const SECRET: &str =
    "secretGenerator: [{name: pg-auth, literals: [username=shop, password=dev]}]\n";

/// The function as a transformer, run as in `how`, with these lines below it.
pub(crate) fn transformer(how: &str, more: &str) -> String {
    format!(
        "apiVersion: integration.rock8s.com/v1\nkind: Coupler\nmetadata:\n  name: render\n  annotations:\n    \
         config.kubernetes.io/function: |\n      {how}\n{more}"
    )
}

/// By the program on the PATH.
pub(crate) const EXEC: &str = "exec: {path: coupler-fn}";

/// A directory with these files, the Component as `names`, and a replacement for docker in `bin`.
pub(crate) fn directory(files: &[(&str, &str)]) -> Dir {
    let names = Path::new(env!("CARGO_MANIFEST_DIR")).join("krm-fn/kustomize");
    let names = ["kustomization.yaml", "names.yaml"].map(|name| {
        (
            format!("names/{name}"),
            fs::read_to_string(names.join(name)).unwrap(),
        )
    });
    let names = names
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()));
    let files: Vec<_> = files
        .iter()
        .copied()
        .chain(names)
        .chain([("bin/docker", host::DOCKER)])
        .collect();
    let dir = Dir::with(&files);
    host::sh(&dir.path(""), "chmod +x bin/docker");
    dir
}

/// The command line that builds a directory with functions allowed, to be followed by its name.
pub(crate) const BUILD: &str =
    "PATH=$PWD/bin:$PATH $KUSTOMIZE build --enable-alpha-plugins --enable-exec";

/// What a line of `sh` prints, when it ends well.
#[track_caller]
pub(crate) fn well(dir: &Dir, line: &str) -> String {
    let said = host::sh(&dir.path(""), line);
    assert_eq!(
        (said.status, said.err.as_str()),
        (Some(0), ""),
        "{line}\n{said:#?}"
    );
    said.out
}
