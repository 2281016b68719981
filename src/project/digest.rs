//! What identifies a baked entry: its value, or a reference's form and key, but never the referenced object's name,
//! which kustomize and others rewrite after us.

use sha2::{Digest as _, Sha256};

use super::lens::content;
use crate::couple::{EnvSource, ReferenceKind};
use crate::manifest::scalar::{Scalar, resolve};
use crate::manifest::{Kind, NodeId, Tree};

/// The digest of an entry as it stands in a document, in whatever style; without a value it holds the empty one, which is how
/// the API server stores that.
pub(super) fn of_entry(tree: &Tree<'_>, entry: NodeId) -> String {
    let mut members: Vec<NodeId> = Vec::new();
    for member in content(tree, entry) {
        match tree.kind(member) {
            Kind::Mapping if tree.key(member) == Some("valueFrom") => members.extend(tree.children(member)),
            _ => members.push(member),
        }
    }
    if members.is_empty() {
        return hash("{\"value\":\"\"}", 10);
    }
    let mut text = String::with_capacity(96);
    mapping(tree, members, &mut text, 0);
    hash(&text, 10)
}

/// The digest of an entry that is to be written: the first 10 hexadecimal digits of a SHA-256.
pub fn of_source(source: &EnvSource) -> String {
    let mut text = String::with_capacity(96);
    match source {
        EnvSource::Value(value) => {
            text.push_str("{\"value\":");
            quoted(&mut text, value);
        }
        EnvSource::Reference(reference) => {
            text.push('{');
            quoted(&mut text, form(reference.kind));
            text.push_str(":{\"key\":");
            quoted(&mut text, &reference.key);
            text.push('}');
        }
    }
    text.push('}');
    hash(&text, 10)
}

/// The key of `valueFrom` that a reference is written under.
pub(super) fn form(kind: ReferenceKind) -> &'static str {
    match kind {
        ReferenceKind::Secret => "secretKeyRef",
        ReferenceKind::ConfigMap => "configMapKeyRef",
    }
}

/// The first digits of a text's SHA-256.
pub(super) fn hash(text: &str, digits: usize) -> String {
    let nibbles = Sha256::digest(text.as_bytes()).into_iter().flat_map(|byte| [byte >> 4, byte & 15]);
    nibbles.take(digits).filter_map(|nibble| char::from_digit(nibble.into(), 16)).collect()
}

/// Canonical JSON: keys sorted, no blanks. `depth` 1 is inside a reference, whose `name` is left out.
fn mapping(tree: &Tree<'_>, mut members: Vec<NodeId>, out: &mut String, depth: usize) {
    members.sort_by_key(|&m| tree.key(m));
    out.push('{');
    let mut first = true;
    for member in members {
        let key = tree.key(member).unwrap_or_default();
        if depth == 1 && key == "name" {
            continue;
        }
        if !std::mem::take(&mut first) {
            out.push(',');
        }
        quoted(out, key);
        out.push(':');
        value(tree, member, out, depth + 1);
    }
    out.push('}');
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

fn value(tree: &Tree<'_>, id: NodeId, out: &mut String, depth: usize) {
    let node = tree.node(id);
    match node.kind {
        Kind::Mapping => mapping(tree, tree.children(id).collect(), out, depth),
        Kind::Sequence => {
            out.push('[');
            for (index, item) in tree.children(id).enumerate() {
                if index > 0 {
                    out.push(',');
                }
                value(tree, item, out, depth + 2);
            }
            out.push(']');
        }
        // neither is ever written by us: no digest of ours can fit
        Kind::Alias => out.push_str(tree.slice(node.span)),
        Kind::Scalar => {
            let text = tree.str(id).unwrap_or_default();
            if matches!(resolve(text, node.style), Scalar::Str(_)) {
                quoted(out, text);
            } else {
                out.push_str(text);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::couple::Reference;

    fn entry(text: &str) -> String {
        let tree = Tree::read(text).unwrap();
        of_entry(&tree, tree.root().unwrap())
    }

    #[test]
    fn style_and_the_objects_name_do_not_count() {
        let reference = Reference {
            kind: ReferenceKind::Secret,
            name: "mongo-auth".into(),
            key: "password".into(),
            supplies: "password".into(),
        };
        let ours = of_source(&EnvSource::Reference(Rc::new(reference)));
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
        let all = [
            "name: P\nvalue: 5432\n",
            "name: P\nvalue: '5433'\n",
            "name: P\n",
            "name: P\nvalueFrom: {secretKeyRef: {name: a, key: password, optional: true}}\n",
            "name: P\nvalueFrom: {configMapKeyRef: {name: a, key: password}}\n",
            "name: P\nvalueFrom: {fieldRef: {fieldPath: metadata.name}}\n",
        ]
        .map(entry);
        for (index, one) in all.iter().enumerate() {
            assert!(*one != text && *one != "0b34ea7644" && !all[..index].contains(one), "{index}");
        }
    }
}
