//! The command line of `coupler migrate`: where manifests and report go.

use std::io::Write;
use std::process::Stdio;

use crate::cli::{Dir, Ran};

const SOCKET: &str = "\
apiVersion: integration.rock8s.com/v1beta1
kind: Socket
metadata: {name: heat, namespace: boiler}
spec:
  interface: {config: {plug: {}, socket: {host: {required: true}}}}
  config: {host: heat.boiler.svc}
";

const PLUG: &str = "\
apiVersion: integration.rock8s.com/v1beta1
kind: Plug
metadata: {name: oven, namespace: bakery}
spec:
  socket: {name: heat, namespace: boiler}
  resources:
    - do: apply
      when: [coupled, updated]
      template: {apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {url: 'http://{% .socketConfig.host %}'}}
";

const OTHER: &str = "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {}\n";

#[test]
fn a_file_is_written_in_place_and_others_are_not_touched() {
    let dir = Dir::with(&[("a/socket.yaml", SOCKET), ("a/other.yaml", OTHER)]);
    let ran = dir.run(&["migrate", "a", "--in-place"]).status(0);
    assert!(
        ran.out.contains("carried over: Socket boiler/heat"),
        "{ran:#?}"
    );
    assert!(ran.err.contains("1 of 2 files written"), "{ran:#?}");
    assert_eq!(dir.read("a/other.yaml"), OTHER);
    let once = dir.read("a/socket.yaml");
    assert!(once.contains("kind: Interface"), "{once}");
    let ran = dir.run(&["migrate", "a", "--in-place"]).status(0);
    assert!(ran.err.contains("0 of 2 files written"), "{ran:#?}");
    assert_eq!(dir.read("a/socket.yaml"), once);
}

#[test]
fn a_directory_has_one_file_for_each_object() {
    let all = [SOCKET, PLUG, OTHER].join("---\n");
    let dir = Dir::with(&[("all.yaml", &all)]);
    dir.run(&["migrate", "all.yaml", "-o", "new"]).status(0);
    let names = [
        "all.yaml",
        "new/interface-boiler-heat.yaml",
        "new/plug-bakery-oven.yaml",
        "new/service-s.yaml",
        "new/socket-boiler-heat.yaml",
    ];
    assert_eq!(dir.names(), names);
    assert_eq!(dir.read("new/service-s.yaml"), OTHER);
    dir.run(&["check", "new"]).status(0);
}

#[test]
fn the_other_side_is_read_from_a_catalogue() {
    let dir = Dir::with(&[("app/plug.yaml", PLUG), ("platform/socket.yaml", SOCKET)]);
    let alone = dir.run(&["migrate", "app"]).status(0);
    assert!(alone.err.contains("is not in the input"), "{alone:#?}");
    let both = dir
        .run(&["migrate", "app", "--catalog", "platform"])
        .status(0);
    assert!(!both.err.contains("is not in the input"), "{both:#?}");
    assert!(!both.out.contains("kind: Socket"), "{both:#?}");
    assert_eq!(alone.out, both.out);
}

#[test]
fn a_report_is_json_or_markdown_when_asked_for() {
    let text = PLUG.replace("kind: ConfigMap", "kind: Secret");
    let dir = Dir::with(&[("plug.yaml", &text)]);
    let ran = dir.run(&["migrate", "plug.yaml", "--report", "json"]);
    assert_eq!(ran.status, Some(1), "{ran:#?}");
    let lines: Vec<serde_json::Value> = ran
        .err
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let left_out: Vec<_> = lines
        .iter()
        .filter(|line| line["outcome"] == "no-counterpart")
        .collect();
    assert_eq!(left_out.len(), 1, "{lines:#?}");
    assert_eq!(
        (&left_out[0]["file"], &left_out[0]["line"]),
        (&"plug.yaml".into(), &9.into())
    );
    assert_eq!(left_out[0]["subject"]["name"], "oven");
    let ran = dir.run(&["migrate", "plug.yaml", "--report", "markdown"]);
    let headings: Vec<_> = ran
        .err
        .lines()
        .filter(|line| line.starts_with("## "))
        .collect();
    assert_eq!(
        headings,
        ["## No counterpart", "## Changed", "## Carried over"]
    );
    assert!(
        ran.err
            .contains("| `plug.yaml:9:17` | `Plug bakery/oven` |"),
        "{}",
        ran.err
    );
}

#[test]
fn standard_input_has_no_file_to_write_to() {
    let dir = Dir::with(&[]);
    let migrate = |arguments: &[&str]| {
        let mut child = dir
            .command(&[&["migrate", "-"][..], arguments].concat())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(PLUG.as_bytes())
            .unwrap();
        let done = child.wait_with_output().unwrap();
        Ran {
            status: done.status.code(),
            out: String::from_utf8(done.stdout).unwrap(),
            err: String::from_utf8(done.stderr).unwrap(),
        }
    };
    migrate(&["--in-place"])
        .status(2)
        .says(&["there is no file to write to"]);
    let ran = migrate(&["-n", "shop"]).status(0);
    assert!(
        ran.err
            .starts_with("<stdin>:3:18: carried over: Plug bakery/oven"),
        "{ran:#?}"
    );
}
