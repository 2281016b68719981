//! The laws over every manifest of `COUPLER_CORPUS`: a Plug is attached to every workload of every
//! file.

use std::collections::{BTreeMap, BTreeSet};

use coupler::api::{GROUP, Integrations, Orphans};
use coupler::manifest::stream::{Stream, StreamObject, group, metadata};
use coupler::project;

use super::kustomize;
use super::run::{documents, run, same, settings};
use super::{check, mutate};

/// Errors that a foreign manifest may have: of those, coupler must report the place, and change
/// nothing.
const REFUSED: &[&str] = &[
    "cannot-edit",
    "container-not-found",
    "duplicate-key",
    "duplicate-object",
    "limit-exceeded",
    "yaml-syntax",
];

const SOCKET: &str = r#"---
apiVersion: integration.rock8s.com/v1
kind: Socket
metadata: {name: pg, namespace: default}
spec:
  interface: {name: postgresql, versions: [1.0.0]}
  service: {name: pg, port: 5432}
  config:
    database: <% plug.config.database %>
    uri: postgresql://<% socket.config.username %>:<% socket.config.password %>@<% socket.config.host %>/<% socket.config.database %>
  configFrom: [{secretRef: {name: <% plug.name %>-auth}, keys: {username: username, password: password}}]
  allow: {namespaces: ["*"]}
  secretNamespace: Plug
"#;

/// What is in `env` beside the default: a text of references, what the author wrote himself, and
/// what was there before.
const BINDINGS: [&str; 3] = [
    "",
    "  bind: {env: [{name: LAW_URL, key: uri}, {name: LAW_DB, key: database}]}\n",
    "  bind: {env: [{name: PATH, key: host, replace: true}, {name: LAW, value: \"$(POD_IP):<% socket.config.uri %>\"}]}\n",
];

/// A Plug for every workload of a text, and one with fields for every other object that may have
/// some; how many.
fn plugs(text: &str) -> (String, usize) {
    let mut stream = Stream::default();
    stream.add(0, text, false);
    let (mut plugs, mut known) = (SOCKET.to_owned(), BTreeSet::new());
    for entry in stream.entries() {
        let is_workload = project::WorkloadKind::of(&entry.api_version, &entry.kind).is_some();
        let group = group(&entry.api_version);
        let core = ["Secret", "ConfigMap"].contains(&&*entry.kind) && group.is_empty();
        if core || group == GROUP || entry.kind == "List" {
            continue;
        }
        let Ok(tree) = stream.tree(entry.object.document) else {
            continue;
        };
        let node = entry.object.node;
        let Ok(Some(name)) = metadata(tree, node, "name").known() else {
            continue;
        };
        let Ok(namespace) = metadata(tree, node, "namespace").known() else {
            continue;
        };
        let namespace = namespace.unwrap_or("default");
        let plain = |text: &str| {
            text.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-.".contains(&b))
        };
        let has_containers = || {
            let containers = project::containers(tree, node, &project::BUILT_IN);
            containers.is_ok_and(|all| !all.is_empty())
        };
        if !plain(name)
            || !plain(namespace)
            || ![&entry.api_version, &entry.kind]
                .into_iter()
                .all(|text| plain(&text.replace('/', "")))
            || (is_workload && !has_containers())
        {
            continue;
        }
        if known.insert((
            entry.kind.to_string(),
            namespace.to_owned(),
            name.to_owned(),
        )) {
            let n = known.len();
            if !is_workload {
                plugs += &fields_plug(n, namespace, name, entry);
                continue;
            }
            plugs += &format!(
                "---\napiVersion: integration.rock8s.com/v1\nkind: Plug\nmetadata: {{name: law-{n}, namespace: \"{namespace}\"}}\n\
                 spec:\n  name: law\n  interface: {{name: postgresql}}\n  socket: {{name: pg, namespace: default}}\n  \
                 workloads: [{{kind: {}, name: \"{name}\", containers: [\"*\"]}}]\n  config: {{database: shop}}\n{}",
                entry.kind,
                BINDINGS[n % BINDINGS.len()]
            );
        }
    }
    (plugs, known.len())
}

/// A Plug that writes fields of one object: text, a number, an item that is made, and the name of a
/// Secret.
fn fields_plug(n: usize, namespace: &str, name: &str, entry: &StreamObject<'_>) -> String {
    let object = format!(
        "objectRef: {{apiVersion: {}, kind: {}, name: \"{name}\"}}",
        entry.api_version, entry.kind
    );
    let all = [
        "path: \"metadata.annotations['law/host']\", key: host",
        "path: metadata.labels.law, value: law",
        "path: law.deep.port, key: port",
        "path: \"law.items[name=x].secret\", secretNameOf: password",
    ];
    let fields: String = all
        .iter()
        .skip(n % all.len())
        .map(|field| format!("    - {{{object}, {field}}}\n"))
        .collect();
    format!(
        "---\napiVersion: integration.rock8s.com/v1\nkind: Plug\nmetadata: {{name: law-{n}, namespace: \"{namespace}\"}}\n\
         spec:\n  name: law\n  interface: {{name: postgresql}}\n  socket: {{name: pg, namespace: default}}\n  \
         config: {{database: shop}}\n  bind:\n    fields:\n{fields}"
    )
}

/// How it went with the workloads of the corpus.
#[derive(Default, Debug)]
struct Tally {
    workloads: usize,
    variables: usize,
    refused: BTreeMap<&'static str, usize>,
}

impl Tally {
    /// A text with a Plug for each workload; where a document of it is refused, each document on
    /// its own.
    fn couple(&mut self, text: &str, judge: &mut dyn FnMut(&str, &str, &str) -> usize) {
        let (plugs, workloads) = plugs(text);
        if workloads == 0 {
            return;
        }
        match run(
            &[text, &plugs],
            &settings(Integrations::Keep, Orphans::Refuse),
        ) {
            Ok(rendered) => {
                self.workloads += workloads;
                self.variables += judge(text, &plugs, &rendered[0]);
            }
            Err(failure) => {
                let code = failure.codes()[0];
                assert!(
                    failure.codes().iter().all(|code| REFUSED.contains(code)),
                    "{}\n{text}",
                    failure.face
                );
                match documents(text)[..] {
                    [_] => *self.refused.entry(code).or_default() += workloads,
                    ref many => many
                        .iter()
                        .for_each(|document| self.couple(document, judge)),
                }
            }
        }
    }

    fn report(&self, what: &str) {
        eprintln!(
            "{what}: {} workloads, {} variables, refused {:?}",
            self.workloads, self.variables, self.refused
        );
        let refused: usize = self.refused.values().sum();
        assert!(
            self.workloads > 10 * refused,
            "too many are refused: {self:?}"
        );
    }
}

fn with_ends(text: &str, windows: bool, last: bool) -> String {
    let unix = text.replace("\r\n", "\n");
    let text = if windows {
        unix.replace('\n', "\r\n")
    } else {
        unix
    };
    let bare = text.trim_end_matches(['\r', '\n']);
    let end = if windows { "\r\n" } else { "\n" };
    if last {
        format!("{bare}{end}")
    } else {
        bare.to_owned()
    }
}

#[test]
fn every_workload_is_coupled_and_decoupled() {
    let corpus = mutate::corpus();
    if corpus.is_empty() {
        return;
    }
    let mut tally = Tally::default();
    for text in &corpus {
        check::read_alike(text);
        tally.couple(text, &mut every_law);
    }
    tally.report("as they are");
}

/// One file: idempotent with its sources kept and dropped, reversible, minimal, sound, read alike.
/// How many variables.
fn every_law(text: &str, plugs: &str, kept: &str) -> usize {
    let (keep, drop) = (
        settings(Integrations::Keep, Orphans::Refuse),
        settings(Integrations::Drop, Orphans::Refuse),
    );
    let again = |texts: &[&str], settings| match run(texts, settings) {
        Ok(texts) => texts.into_iter().next().unwrap(),
        Err(failure) => panic!("{}\n{kept}", failure.face),
    };
    same("kept, rendered again", kept, &again(&[kept, plugs], &keep));
    let dropped = again(&[text, plugs], &drop);
    same(
        "dropped, rendered again",
        &dropped,
        &again(&[&dropped], &drop),
    );
    same(
        "dropped, rendered again with the sources",
        &dropped,
        &again(&[&dropped, plugs], &drop),
    );
    undone(text, plugs, kept);

    check::keeps_documents(text, kept);
    check::keeps_lines(text, kept);
    check::read_alike(kept);
    check::reversible_by_value(text, kept);
    let added = check::env_is_sound(text, kept) + check::fields(kept);
    assert!(added > 0, "nothing is baked into\n{kept}");
    added
}

fn undone(text: &str, _: &str, kept: &str) -> usize {
    let undo = settings(Integrations::Keep, Orphans::Undo);
    match run(&[kept], &undo) {
        Ok(undone) => same("decoupled", text, &undone[0]),
        Err(failure) => panic!("decoupling fails\n{}\n{kept}", failure.face),
    }
    0
}

#[test]
fn line_ends_and_the_end_of_file_stay() {
    let corpus = mutate::corpus();
    if corpus.is_empty() {
        return;
    }
    for (windows, last) in [(false, false), (true, true), (true, false)] {
        let mut tally = Tally::default();
        for text in &corpus {
            tally.couple(&with_ends(text, windows, last), &mut |text, plugs, kept| {
                check::keeps_lines(text, kept);
                assert!(
                    !windows || kept.matches('\n').count() == kept.matches("\r\n").count(),
                    "mixed ends\n{kept}"
                );
                assert_eq!(
                    text.ends_with('\n'),
                    kept.ends_with('\n'),
                    "another end of file\n{kept}"
                );
                undone(text, plugs, kept)
            });
        }
        tally.report(&format!("windows {windows}, newline at the end {last}"));
    }
}

#[test]
fn kustomize_in_between_changes_nothing() {
    let corpus = mutate::corpus();
    if corpus.is_empty() {
        return;
    }
    let (mut tally, mut pairs) = (Tally::default(), Vec::new());
    for text in corpus.iter().flat_map(|text| documents(text)) {
        tally.couple(text, &mut |text, _, kept| {
            pairs.push((text.to_owned(), kept.to_owned()));
            0
        });
    }
    if let Some(done) = kustomize::undone_alike(pairs) {
        eprintln!(
            "kustomize in between: {done} of {} workloads",
            tally.workloads
        );
        assert!(
            done * 10 > tally.workloads * 8,
            "kustomize refuses too many"
        );
    }
}
