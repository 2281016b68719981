//! A small kubelet: what the processes of a rendered stream see in their environment.
//!
//! It reads with another YAML reader than the product and follows `makeEnvironmentVariables` of
//! Kubernetes' `pkg/kubelet/kubelet_pods.go` and `Expand` of `third_party/forked/golang/expansion`,
//! variable by variable.

mod volumes;

use std::collections::BTreeMap;

use serde_yaml::Value;

use crate::case;
pub(crate) use volumes::{SeenFiles, faults, files};

/// The variables of one container.
pub(crate) type Env = BTreeMap<String, String>;
/// `Deployment/express` → container → variables.
pub(crate) type Seen = BTreeMap<String, BTreeMap<String, Env>>;

/// Every document of a stream; the items of a `List` each on its own. A chart's template that
/// passed through is left out.
pub(crate) fn documents(text: &str) -> Vec<Value> {
    let mut all = Vec::new();
    for document in case::documents(text)
        .iter()
        .filter(|document| !document.contains("{{"))
    {
        let mut value: Value =
            serde_yaml::from_str(document).unwrap_or_else(|error| panic!("{error}\n{document}"));
        value.apply_merge().expect("a rendered document merges");
        if !value.is_null() {
            objects(value, &mut all);
        }
    }
    all
}

/// The object, or those of a list and of the lists in it.
fn objects(value: Value, all: &mut Vec<Value>) {
    let kind = string(&value, "kind").to_owned();
    let Some(Value::Sequence(items)) = value.get("items").filter(|_| kind.ends_with("List")) else {
        all.push(value);
        return;
    };
    for item in items {
        let mut item = item.clone();
        let is_untyped = item.get("kind").is_none();
        if let (Value::Mapping(members), true, Some(kind)) =
            (&mut item, is_untyped, kind.strip_suffix("List"))
        {
            members.insert("kind".into(), kind.into());
            members.insert("apiVersion".into(), value["apiVersion"].clone());
        }
        objects(item, all);
    }
}

/// What every container of every workload sees.
pub(crate) fn sees(documents: &[Value]) -> Seen {
    let mut seen = Seen::new();
    for workload in documents {
        let Some(pod) = pod_spec(workload) else {
            continue;
        };
        let mut containers = BTreeMap::new();
        for container in ["initContainers", "containers"]
            .iter()
            .flat_map(|key| list(pod, key))
        {
            let env = Kubelet {
                documents,
                namespace: namespace(workload),
            }
            .environment(container);
            containers.insert(name_of(container).to_owned(), env);
        }
        let name = format!(
            "{}/{}",
            string(workload, "kind"),
            string(&workload["metadata"], "name")
        );
        assert!(
            seen.insert(name.clone(), containers).is_none(),
            "two workloads are {name}"
        );
    }
    seen
}

/// The name of a container; Knative's controller gives one to its only container.
fn name_of(container: &Value) -> &str {
    match container.get("name") {
        Some(_) => string(container, "name"),
        None => "user-container",
    }
}

/// Where a workload's pod template has its containers.
fn pod_spec(workload: &Value) -> Option<&Value> {
    if string(workload, "kind") == "PodTemplate" {
        return workload.get("template")?.get("spec");
    }
    let spec = workload.get("spec")?;
    match string(workload, "kind") {
        "Pod" => Some(spec),
        "CronJob" => spec
            .get("jobTemplate")?
            .get("spec")?
            .get("template")?
            .get("spec"),
        // a template without a version, or the Service of the core group: no pods
        _ => spec.get("template")?.get("spec"),
    }
}

struct Kubelet<'a> {
    documents: &'a [Value],
    namespace: &'a str,
}

impl Kubelet<'_> {
    fn environment(&self, container: &Value) -> Env {
        let mut env = Env::new();
        for from in list(container, "envFrom") {
            let prefix = string(from, "prefix");
            for (kind, key) in [("ConfigMap", "configMapRef"), ("Secret", "secretRef")] {
                let Some(reference) = from.get(key) else {
                    continue;
                };
                for (key, value) in self
                    .data(kind, string(reference, "name"))
                    .unwrap_or_default()
                {
                    env.insert(format!("{prefix}{key}"), value);
                }
            }
        }
        let mut names = Vec::new();
        for variable in list(container, "env") {
            let name = string(variable, "name");
            assert!(
                !names.contains(&name),
                "{name} stands twice in {container:?}"
            );
            names.push(name);
            let value = match string(variable, "value") {
                "" => match variable.get("valueFrom") {
                    None => Some(String::new()),
                    Some(from) => self.value_from(from),
                },
                text => Some(expand(text, &env)),
            };
            if let Some(value) = value {
                env.insert(name.to_owned(), value);
            }
        }
        env
    }

    /// A key of a Secret or ConfigMap: its value where the object is in the stream, else
    /// `<Secret name/key>`.
    fn value_from(&self, from: &Value) -> Option<String> {
        for (kind, selector) in [("Secret", "secretKeyRef"), ("ConfigMap", "configMapKeyRef")] {
            let Some(reference) = from.get(selector) else {
                continue;
            };
            let (name, key) = (string(reference, "name"), string(reference, "key"));
            let Some(data) = self.data(kind, name) else {
                return Some(format!("<{kind} {name}/{key}>"));
            };
            let optional = reference.get("optional").and_then(Value::as_bool) == Some(true);
            let value = data.get(key).cloned();
            assert!(
                value.is_some() || optional,
                "CreateContainerConfigError: no key {key} in {kind} {name}"
            );
            return value;
        }
        let field = from
            .get("fieldRef")
            .map_or("resource", |field| string(field, "fieldPath"));
        Some(format!("<{field}>"))
    }

    fn data(&self, kind: &str, name: &str) -> Option<BTreeMap<String, String>> {
        let object = self.documents.iter().find(|d| {
            string(d, "kind") == kind
                && string(&d["metadata"], "name") == name
                && namespace(d) == self.namespace
        })?;
        let mut data = BTreeMap::new();
        for (field, encoded) in [("data", kind == "Secret"), ("stringData", false)] {
            let Some(Value::Mapping(map)) = object.get(field) else {
                continue;
            };
            for (key, value) in map {
                let text = value.as_str().expect("data is text");
                let value = if encoded {
                    base64(text)
                } else {
                    text.to_owned()
                };
                data.insert(key.as_str().unwrap().to_owned(), value);
            }
        }
        Some(data)
    }
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value
        .get(key)
        .and_then(Value::as_sequence)
        .map_or(&[], Vec::as_slice)
}

fn string<'a>(value: &'a Value, key: &str) -> &'a str {
    match value.get(key) {
        None | Some(Value::Null) => "",
        Some(Value::String(text)) => text,
        Some(other) => panic!("{key} must be a string for Kubernetes, and is {other:?}"),
    }
}

fn namespace(object: &Value) -> &str {
    string(&object["metadata"], "namespace")
}

/// Kubernetes' expansion: `$(NAME)` of a known name is replaced, `$$` is `$`, everything else
/// stays.
pub(crate) fn expand(text: &str, env: &Env) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$').filter(|at| at + 1 < rest.len()) {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let close = after.starts_with('(').then(|| after.find(')')).flatten();
        rest = if let Some(escaped) = after.strip_prefix('$') {
            out.push('$');
            escaped
        } else if let Some(close) = close {
            let name = &after[1..close];
            match env.get(name) {
                Some(value) => out.push_str(value),
                None => out.push_str(&format!("$({name})")),
            }
            &after[close + 1..]
        } else {
            out.push('$');
            after
        };
    }
    out + rest
}

fn base64(text: &str) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bits, mut held, mut bytes) = (0_u32, 0, Vec::new());
    for digit in text.bytes().filter(|b| !b"=\n".contains(b)) {
        let value = ALPHABET
            .iter()
            .position(|&b| b == digit)
            .expect("data of a Secret is base64");
        bits = bits << 6 | value as u32;
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn expands_as_kubernetes_does() {
    let env = Env::from([
        ("A".to_owned(), "1".to_owned()),
        ("B".to_owned(), "$(A)".to_owned()),
    ]);
    // the table of third_party/forked/golang/expansion/expand_test.go, in part
    for (text, expected) in [
        ("$(A)", "1"),
        ("___$(A)___", "___1___"),
        ("$$(A)", "$(A)"),
        ("$$$(A)", "$1"),
        ("$$$$(A)", "$$(A)"),
        ("$(B)", "$(A)"),
        ("$(NOPE)", "$(NOPE)"),
        ("$(A", "$(A"),
        ("$A", "$A"),
        ("a$", "a$"),
        ("$$", "$"),
        ("$", "$"),
        ("$()", "$()"),
        ("$(A$(A))", "$(A$(A))"),
        ("é$é$(A)é", "é$é1é"),
    ] {
        assert_eq!(expand(text, &env), expected, "{text}");
    }
}

#[test]
fn sees_what_a_process_sees() {
    let stream = "
apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  containers:
    - name: c
      envFrom: [{configMapRef: {name: m}, prefix: M_}]
      env:
        - {name: LATE, value: $(PW)}
        - {name: PW, valueFrom: {secretKeyRef: {name: s, key: pw}}}
        - {name: URL, value: http://$(PW)@$(M_host)}
        - {name: M_port, value: '2'}
        - {name: IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
        - {name: FAR, valueFrom: {secretKeyRef: {name: far, key: pw}}}
---
apiVersion: v1
kind: List
items:
  - {apiVersion: v1, kind: Secret, metadata: {name: s}, data: {pw: cGEkJHNz}}
  - {apiVersion: v1, kind: ConfigMap, metadata: {name: m}, data: {host: h, port: '1'}}
";
    let seen = &sees(&documents(stream))["Pod/p"]["c"];
    let expected = [
        ("FAR", "<Secret far/pw>"),
        ("IP", "<status.podIP>"),
        ("LATE", "$(PW)"),
        ("M_host", "h"),
        ("M_port", "2"),
        ("PW", "pa$$ss"),
        ("URL", "http://pa$$ss@h"),
    ];
    let seen: Vec<_> = seen.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    assert_eq!(seen, expected);
}
