//! Computes the digest of an entry: of its content, without the names of objects that it refers to,
//! because kustomize and others change these later.

use sha2::{Digest as _, Sha256};

use super::entry::{Entry, RecordedBy};
use super::env_content;
use super::service_binding::DEFAULT_BINDING_ROOT;
use super::slot::Slot;
use crate::couple::{EnvSource, ReferenceKind};
use crate::edit::Value;
use crate::manifest::scalar::Scalar;
use crate::manifest::{Kind, NodeId, Tree};

/// What is recorded of an entry that is the name of an object.
const OBJECT_NAME: &str = "name";
/// Digits of a digest.
const DIGITS: usize = 10;

/// The digest of an entry as it is in a document, in whatever style. A variable without a value
/// holds the empty one, which is how the API server stores that.
pub(super) fn of_entry(tree: &Tree<'_>, slot: &Slot, entry: NodeId) -> String {
    let mut text = String::with_capacity(96);
    let nodes = slot.content(tree, entry);
    match slot.item_key() {
        Some(_) if nodes.is_empty() => text.push_str("{\"value\":\"\"}"),
        Some(_) => members(tree, without_source(tree, &nodes), &mut text, false),
        None => value(tree, entry, &mut text, false),
    }
    hash(&text, DIGITS)
}

/// The digest of an entry that is to be written, with this content.
pub(super) fn of_planned(entry: &Entry<'_>, content: &Value<'_>) -> String {
    match entry.identity {
        RecordedBy::Content => of_content(content),
        RecordedBy::ObjectName => OBJECT_NAME.to_owned(),
    }
}

/// The digest of an entry as a record would have it that has this one: the name of an object is one
/// whatever it is by now.
pub(super) fn as_recorded(
    tree: &Tree<'_>,
    entry: NodeId,
    digest: String,
    recorded: &str,
) -> String {
    let is_name = recorded == OBJECT_NAME
        && matches!(tree.resolved(entry), Some(Scalar::Str(name)) if !name.is_empty());
    if is_name {
        OBJECT_NAME.to_owned()
    } else {
        digest
    }
}

/// Whether a record identifies an entry by the name of an object.
pub(super) fn is_object_name(recorded: &str) -> bool {
    recorded == OBJECT_NAME
}

/// The digest of content that is to be written: the first digits of a SHA-256.
pub(super) fn of_content(content: &Value<'_>) -> String {
    let mut text = String::with_capacity(96);
    match content {
        // as in a document: what is under `valueFrom` counts as if it was there itself
        Value::Map(all) => match &all[..] {
            [(key, from @ Value::Map(_))] if key == "valueFrom" => {
                canonical(from, &mut text, false);
            }
            _ => canonical(content, &mut text, false),
        },
        _ => canonical(content, &mut text, false),
    }
    hash(&text, DIGITS)
}

/// The digests that a variable may be recorded with: where it replaced an optional reference, it is
/// optional too; a file is below the usual root.
pub fn digests(source: &EnvSource) -> Vec<String> {
    let content = env_content::content(source, DEFAULT_BINDING_ROOT);
    std::iter::once(of_content(&content))
        .chain(env_content::optional_form(&content).map(|o| of_content(&o)))
        .collect()
}

/// The first digits of a text's SHA-256.
pub(super) fn hash(text: &str, digits: usize) -> String {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let hash = Sha256::digest(text.as_bytes());
    let mut out = String::with_capacity(digits + 1);
    for byte in &hash[..digits.div_ceil(2)] {
        out.push(HEX[usize::from(byte >> 4)].into());
        out.push(HEX[usize::from(byte & 15)].into());
    }
    out.truncate(digits);
    out
}

/// What is under `valueFrom`, in its place.
fn without_source(tree: &Tree<'_>, nodes: &[NodeId]) -> Vec<NodeId> {
    let mut out = Vec::with_capacity(nodes.len());
    for &node in nodes {
        match tree.kind(node) {
            Kind::Mapping if tree.key(node) == Some("valueFrom") => out.extend(tree.children(node)),
            _ => out.push(node),
        }
    }
    out
}

/// Whether a key holds a reference, whose `name` is left out: one of a variable, or of a volume.
fn is_reference(key: &str) -> bool {
    let of_variable = [ReferenceKind::Secret, ReferenceKind::ConfigMap];
    of_variable.iter().any(|kind| kind.field() == key) || matches!(key, "secret" | "configMap")
}

/// Whether the API server writes a member of its own accord into a projected volume.
///
/// <https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/volume/>
fn is_defaulted(tree: &Tree<'_>, member: NodeId) -> bool {
    let holder = tree.parent(member).and_then(|holder| tree.key(holder));
    let expected = match (tree.key(member), holder) {
        (Some("defaultMode"), Some("projected")) => "420",
        (Some("apiVersion"), Some("fieldRef")) => "v1",
        _ => return false,
    };
    tree.str(member) == Some(expected)
}

/// Canonical JSON: keys sorted, no blanks.
fn members(tree: &Tree<'_>, mut members: Vec<NodeId>, out: &mut String, nameless: bool) {
    members.sort_by_key(|&m| tree.key(m));
    out.push('{');
    let mut first = true;
    for member in members {
        let key = tree.key(member).unwrap_or_default();
        if (nameless && key == "name") || is_defaulted(tree, member) {
            continue;
        }
        if !std::mem::take(&mut first) {
            out.push(',');
        }
        quoted(out, key);
        out.push(':');
        value(tree, member, out, is_reference(key));
    }
    out.push('}');
}

fn value(tree: &Tree<'_>, id: NodeId, out: &mut String, nameless: bool) {
    let node = tree.node(id);
    match node.kind {
        Kind::Mapping => members(tree, tree.children(id).collect(), out, nameless),
        Kind::Sequence => {
            out.push('[');
            for (index, item) in tree.children(id).enumerate() {
                if index > 0 {
                    out.push(',');
                }
                value(tree, item, out, false);
            }
            out.push(']');
        }
        Kind::Alias | Kind::Scalar => match tree.resolved(id) {
            Some(Scalar::Str(text)) => quoted(out, text),
            Some(_) => match tree.scalar(id).map(|scalar| tree.json(scalar)) {
                Some(Ok(json)) => out.push_str(&json.to_string()),
                // a number that JSON has not
                Some(Err(_)) | None => out.push_str(tree.str(id).unwrap_or_default()),
            },
            // of a collection, never written by us: no digest of ours can fit
            None => out.push_str(tree.slice(node.span)),
        },
    }
}

/// The same of content that is to be written.
fn canonical(content: &Value<'_>, out: &mut String, nameless: bool) {
    match content {
        Value::Text(text) => quoted(out, text),
        Value::Json(text) => quoted(out, text),
        Value::Scalar(token) => out.push_str(token),
        Value::List(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                canonical(item, out, false);
            }
            out.push(']');
        }
        Value::Map(members) => {
            let mut members: Vec<_> = members
                .iter()
                .filter(|(key, _)| !(nameless && key == "name"))
                .collect();
            members.sort_by_key(|(key, _)| key);
            out.push('{');
            for (index, (key, value)) in members.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                quoted(out, key);
                out.push(':');
                canonical(value, out, is_reference(key));
            }
            out.push('}');
        }
    }
}

/// A JSON string, nothing escaped that need not be.
fn quoted(out: &mut String, text: &str) {
    if text.bytes().any(|b| b < b' ' || b == b'"' || b == b'\\') {
        out.push_str(&serde_json::Value::from(text).to_string());
    } else {
        out.push('"');
        out.push_str(text);
        out.push('"');
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::api::ReferencePresence;
    use crate::couple::Reference;

    fn entry(text: &str) -> String {
        let tree = Tree::read(text).unwrap();
        of_entry(&tree, &Slot::Env(String::new()), tree.root().unwrap())
    }

    fn of_source(source: &EnvSource) -> String {
        of_content(&env_content::content(source, DEFAULT_BINDING_ROOT))
    }

    fn password() -> EnvSource {
        EnvSource::Reference(Rc::new(Reference {
            kind: ReferenceKind::Secret,
            name: "mongo-auth".into(),
            key: "password".into(),
            presence: ReferencePresence::Required,
            supplies: "password".into(),
        }))
    }

    #[test]
    fn style_and_the_objects_name_do_not_count() {
        let ours = of_source(&password());
        assert_eq!(ours, "0b34ea7644");
        for text in [
            "name: P\nvalueFrom:\n  secretKeyRef:\n    name: a\n    key: password\n",
            "valueFrom: {secretKeyRef: {key: 'password', name: b-5kf2h}}\nname: P\n",
            r#"{"name": "P", "valueFrom": {"secretKeyRef": {"name": "c", "key": "password"}}}"#,
        ] {
            assert_eq!(entry(text), ours, "{text}");
        }
    }

    #[test]
    fn any_other_difference_counts() {
        let text = of_source(&EnvSource::Value("5432".into()));
        assert_eq!(entry("name: P\nvalue: \"5432\"\n"), text);
        let optional =
            "name: P\nvalueFrom: {secretKeyRef: {name: a, key: password, optional: true}}\n";
        let all = [
            "name: P\nvalue: 5432\n",
            "name: P\nvalue: '5433'\n",
            "name: P\n",
            optional,
            "name: P\nvalueFrom: {configMapKeyRef: {name: a, key: password}}\n",
            "name: P\nvalueFrom: {fieldRef: {fieldPath: metadata.name}}\n",
        ]
        .map(entry);
        for (index, one) in all.iter().enumerate() {
            assert!(
                *one != text && *one != "0b34ea7644" && !all[..index].contains(one),
                "{index}"
            );
        }
        assert_eq!(
            digests(&password()),
            ["0b34ea7644".to_owned(), entry(optional)]
        );
    }

    #[test]
    fn a_member_of_a_mapping_is_its_value() {
        let tree = Tree::read("a: 'x'\nb: x\n").unwrap();
        let of = |key| {
            of_entry(
                &tree,
                &Slot::PodAnnotations,
                tree.written_member(tree.root().unwrap(), key).unwrap(),
            )
        };
        assert_eq!(
            (of("a"), of("b")),
            (of_content(&Value::Text("x".into())), of("a"))
        );
    }
}
