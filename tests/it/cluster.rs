//! A real API server for the tests: one that all of them share, or one of a test's own that can be
//! killed and started again; found, or skipped aloud.
//!
//! `COUPLER_APISERVER` names the program that `tests/rigs/apiserver.sh` builds, where it is
//! elsewhere. No controllers run: there are no ReplicaSets, no status, and namespaces stay
//! Terminating.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::host::Said;
use crate::rig;

mod crds;
mod golden;
pub(crate) mod install;

/// The verbs by which kubectl changes objects that are there.
const EDITS: [&str; 9] = [
    "annotate", "apply", "delete", "edit", "label", "patch", "replace", "scale", "set",
];

/// Waits until a second begins in which nothing has happened yet.
///
/// The server dates edits and Events by the second: an edit in the second of an earlier one, or of
/// an Event, has the same time as that, and a drift that comes again is the same episode. Each edit
/// by kubectl waits for a second of its own, so that no test depends on how fast a machine is.
pub(crate) fn next_second() {
    let since = std::time::UNIX_EPOCH.elapsed().unwrap();
    let part = std::time::Duration::from_nanos(since.subsec_nanos().into());
    std::thread::sleep(std::time::Duration::from_millis(1010) - part);
}

/// One server, with etcd, of its own directory and address.
pub(crate) struct Cluster {
    program: PathBuf,
    /// Where its objects are, if they must outlive the process; else it clears up after itself.
    dir: Option<tempfile::TempDir>,
    /// Its standard input is a pipe of ours: it ends when we do.
    process: Child,
    kubeconfig: PathBuf,
    kubectl: PathBuf,
}

impl Cluster {
    /// The one that tests share, with our CRDs in it. It ends with this process.
    pub(crate) fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Cluster> = OnceLock::new();
        let (program, kubectl) = programs()?;
        Some(SHARED.get_or_init(|| {
            let cluster = Self::started(program, kubectl, None);
            cluster.apply(&coupler::api::crds());
            cluster
                .kubectl(&["wait", "--for=condition=Established", "crd", "--all"])
                .good();
            cluster
        }))
    }

    /// One of a test's own, with nothing in it.
    pub(crate) fn own() -> Option<Self> {
        let (program, kubectl) = programs()?;
        Some(Self::started(
            program,
            kubectl,
            Some(tempfile::tempdir().unwrap()),
        ))
    }

    fn started(program: PathBuf, kubectl: PathBuf, dir: Option<tempfile::TempDir>) -> Self {
        let (process, kubeconfig) = start(&program, dir.as_ref().map(tempfile::TempDir::path), &[]);
        Self {
            program,
            dir,
            process,
            kubeconfig,
            kubectl,
        }
    }

    /// Ends the server as a crash would: nothing is sent.
    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Starts it again with the same objects, address and tokens; only one of a test's own has kept
    /// them.
    pub(crate) fn start(&mut self) {
        self.start_with(&[]);
    }

    /// The same, with these flags of kube-apiserver.
    fn start_with(&mut self, flags: &[&str]) {
        let dir = self
            .dir
            .as_ref()
            .expect("a server of the test's own")
            .path();
        (self.process, self.kubeconfig) = start(&self.program, Some(dir), flags);
    }

    /// The kubeconfig of an administrator.
    pub(crate) fn kubeconfig(&self) -> &Path {
        &self.kubeconfig
    }

    /// The output of kubectl with these arguments.
    pub(crate) fn kubectl(&self, words: &[&str]) -> Said {
        self.kubectl_with(words, "")
    }

    /// The same, with a text on its standard input.
    pub(crate) fn kubectl_with(&self, words: &[&str], stdin: &str) -> Said {
        if words.iter().any(|word| EDITS.contains(word)) {
            next_second();
        }
        let mut command = Command::new(&self.kubectl);
        // addresses come again: what another server of this one had must not be remembered
        let cache = self.kubeconfig.with_file_name("cache");
        command
            .arg("--kubeconfig")
            .arg(&self.kubeconfig)
            .arg("--cache-dir")
            .arg(cache)
            .args(words);
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut pipe = process.stdin.take().unwrap();
        let done = std::thread::scope(|scope| {
            // who fails early does not read to the end
            scope.spawn(move || drop(pipe.write_all(stdin.as_bytes())));
            process.wait_with_output().unwrap()
        });
        Said {
            status: done.status.code(),
            out: String::from_utf8(done.stdout).unwrap(),
            err: String::from_utf8(done.stderr).unwrap(),
        }
    }

    /// Applies these manifests.
    pub(crate) fn apply(&self, yaml: &str) {
        self.kubectl_with(&["apply", "-f", "-"], yaml).good();
    }

    /// The same, of what other tests may apply at this very moment: the server decides who makes
    /// it, not kubectl.
    pub(crate) fn share(&self, yaml: &str) {
        self.kubectl_with(
            &["apply", "--server-side", "--force-conflicts", "-f", "-"],
            yaml,
        )
        .good();
    }

    /// A new namespace that no other test knows.
    pub(crate) fn namespace(&self) -> String {
        static COUNT: AtomicUsize = AtomicUsize::new(1);
        let name = format!("test-{}", COUNT.fetch_add(1, Ordering::Relaxed));
        self.kubectl(&["create", "namespace", &name]).good();
        name
    }

    /// Makes sure that every namespace which these manifests could be in is there.
    pub(crate) fn has_namespaces_of(&self, manifests: &[(String, String)]) {
        let named = manifests
            .iter()
            .flat_map(|(_, text)| text.split("namespace: ").skip(1));
        let label = |text: &'_ str| {
            text.chars()
                .take_while(|c| c.is_ascii_lowercase() || "-0123456789".contains(*c))
                .collect()
        };
        let names: BTreeSet<String> = named
            .map(label)
            .filter(|name: &String| !name.is_empty())
            .collect();
        let list: String = names
            .iter()
            .map(|name| {
                format!("---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: '{name}'}}\n")
            })
            .collect();
        self.share(&list);
    }

    /// Which of these named manifests the server would refuse to create, and its message. Nothing
    /// is created.
    pub(crate) fn refusals(&self, manifests: &[(String, String)]) -> BTreeMap<String, String> {
        // kubectl names the files of what it complains about only where these are several
        let nothing = ["~1", "~2"].map(|name| {
            (
                name.to_owned(),
                "{apiVersion: nobodys/v1, kind: Nothing}".to_owned(),
            )
        });
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in manifests.iter().chain(&nothing) {
            // without a comment, kubectl takes what begins with a brace for JSON
            std::fs::write(
                dir.path().join(format!("{name}.yaml")),
                format!("# {name}\n{text}"),
            )
            .unwrap();
        }
        let dir = format!("{}/", dir.path().display());
        let said = self.kubectl(&[
            "create",
            "--dry-run=server",
            "--validate=strict",
            "-o",
            "name",
            "-f",
            &dir,
        ]);
        let complaints = said
            .err
            .split(&dir)
            .skip(1)
            .map(|said| said.split_once(".yaml").unwrap());
        let mut refusals: BTreeMap<_, _> = complaints
            .map(|(name, why)| (name.to_owned(), why.to_owned()))
            .collect();
        for (name, _) in nothing {
            assert!(refusals.remove(&name).is_some(), "{said:#?}");
        }
        refusals
    }
}

/// What only the watcher is tried with.
#[cfg(feature = "watch")]
impl Cluster {
    /// Starts a server that was killed so that etcd forgets each version a few seconds after it was
    /// replaced, and that no watch is served from memory: a watch that begins anew from where it
    /// ended finds `410 Gone`.
    pub(crate) fn start_compacting(&mut self) {
        self.start_with(&["--watch-cache=false", "--etcd-compaction-interval=5s"]);
    }

    /// The sum of a metric of the server, over the lines that have all these parts.
    pub(crate) fn metric(&self, name: &str, parts: &[&str]) -> u64 {
        let page = self.kubectl(&["get", "--raw", "/metrics"]).good();
        let is = |line: &&str| {
            line.starts_with(&format!("{name}{{")) && parts.iter().all(|part| line.contains(part))
        };
        let value = |line: &str| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap();
        page.lines().filter(is).map(value).sum()
    }

    /// Stops the server where it is: its connections stay open, and nothing is answered.
    pub(crate) fn freeze(&self) {
        self.signal("STOP");
    }

    /// Lets it go on.
    pub(crate) fn thaw(&self) {
        self.signal("CONT");
    }

    fn signal(&self, signal: &str) {
        let id = self.process.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-s", signal, &id])
                .status()
                .unwrap()
                .success()
        );
    }

    /// Makes a server that was killed sign tokens with a new key: it knows none of those that it
    /// gave out.
    pub(crate) fn forget_signing_key(&self) {
        let dir = self
            .dir
            .as_ref()
            .expect("a server of the test's own")
            .path();
        std::fs::remove_file(dir.join("sa.key")).unwrap();
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The server and kubectl.
fn programs() -> Option<(PathBuf, PathBuf)> {
    let named = std::env::var_os("COUPLER_APISERVER").map(PathBuf::from);
    let server = named.or_else(|| rig::program("apiserver", "1.36.3"))?;
    Some((server, rig::program("kubectl", "1.32")?))
}

/// Starts a server, and gives its kubeconfig once it is ready.
fn start(program: &Path, dir: Option<&Path>, flags: &[&str]) -> (Child, PathBuf) {
    let mut command = Command::new(program);
    if let Some(dir) = dir {
        command.arg("-dir").arg(dir);
    }
    command.arg("--").args(flags);
    let mut process = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(process.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    assert!(line.ends_with('\n'), "the API server fails to start");
    (process, PathBuf::from(line.trim_end()))
}

#[test]
fn a_server_that_was_killed_comes_back_with_its_objects() {
    let Some(mut cluster) = Cluster::own() else {
        return;
    };
    let namespace = cluster.namespace();
    let address = std::fs::read_to_string(cluster.kubeconfig()).unwrap();
    cluster.kill();
    assert_ne!(
        cluster.kubectl(&["get", "namespace", &namespace]).status,
        Some(0)
    );
    cluster.start();
    cluster.kubectl(&["get", "namespace", &namespace]).good();
    assert_eq!(
        std::fs::read_to_string(cluster.kubeconfig()).unwrap(),
        address
    );
}
