//! Makes hostile names, and the manifests that have them.

use crate::driver::POISON;
use crate::mutate::Random;

/// Pieces of names that a program, a path, a terminal, a log or a page could obey.
const PIECES: &[&str] = &[
    "\n",
    "\r\n",
    "\t",
    "\0",
    "\u{1b}[31m",
    "\u{1b}]0;x\u{7}",
    "\u{9b}31m",
    "\u{85}",
    "\u{200e}",
    "\u{202e}",
    "\u{2028}",
    "\u{2029}",
    "\u{feff}",
    "\n::add-mask::x",
    "\n##[command]x",
    "::error::x",
    "--set-file=x=/etc/hostname",
    "-",
    ",",
    "=",
    "..",
    "/",
    "../../outside/secret.yaml",
    "/etc/hostname",
    "$(id)",
    "`id`",
    "'",
    "\"",
    "\\",
    "<script>",
    "]]>",
    "&amp;",
    "|",
    "@team",
    ":tada:",
    "{{ x }}",
    "<% x %>",
    "~",
    "a.b",
    "é",
    "😀",
];

/// A name: one time in three a plain one.
pub(crate) fn name(random: &mut Random) -> String {
    if random.below(3) == 0 {
        return random.pick(&["web", "cache", "shop"]).to_owned();
    }
    if random.below(20) == 0 {
        return "a".repeat(1 << random.below(14));
    }
    let mut name = random.pick(&["", "", "a", "web"]).to_owned();
    for _ in 0..1 + random.below(3) {
        name += random.pick(PIECES);
        name += random.pick(&["", "b"]);
    }
    name
}

/// A name that a file can have.
pub(crate) fn file_name(random: &mut Random) -> String {
    let name = name(random).replace(['/', '\0'], "_");
    let short: String = name.chars().take(40).collect();
    if short.trim_matches('.').is_empty() {
        "a".to_owned()
    } else {
        short
    }
}

/// A Plug, its Socket, its workload and a Secret, of which `<1>` to `<4>` are the names.
const STREAM: &str = "\
apiVersion: integration.rock8s.com/v1
kind: Plug
metadata: {name: <1>, namespace: <4>}
spec:
  interface: {name: redis}
  socket: {name: <2>}
  workloads: [{name: <3>}]
---
apiVersion: integration.rock8s.com/v1
kind: Socket
metadata: {name: <2>, namespace: <4>}
spec:
  interface: {name: redis, versions: [1.0.0]}
  config: {host: <2>, port: 6379}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: <3>
  namespace: <4>
  labels: {app: <3>}
spec:
  template:
    spec:
      containers:
        - name: <3>
          image: example/web:1
          env:
            - {name: OWN, value: <1>}
";
const SECRET: &str =
    "apiVersion: v1\nkind: Secret\nmetadata:\n  name: <2>\nstringData:\n  password: <P>\n";

/// The documents of a stream, the Secret last; no two of them need fit together.
pub(crate) fn documents(random: &mut Random) -> Vec<String> {
    let any = random.below(2) == 0;
    let names = [(); 4].map(|()| {
        if any {
            name(random)
        } else {
            random.pick(&["web", "cache", "shop"]).to_owned()
        }
    });
    let documents = STREAM.split("---\n").chain([SECRET]);
    documents.map(|text| fill(text, &names)).collect()
}

fn fill(text: &str, names: &[String; 4]) -> String {
    let mut text = text.replace("<P>", POISON);
    for (n, name) in names.iter().enumerate() {
        let quoted = serde_json::to_string(name).unwrap();
        text = text.replace(&format!("<{}>", n + 1), &quoted);
    }
    text
}
