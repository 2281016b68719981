//! Defines what an entry of `env` holds beside its name: a value, or a reference; and which
//! variables a value uses.

use crate::api::ReferencePresence;
use crate::couple::{EnvSource, Reference, ReferenceKind};
use crate::edit::{Member, Value};
use crate::manifest::scalar::Scalar;
use crate::manifest::{NodeId, Reading, Tree};

/// What a variable holds, as an entry of `env` has it beside its name, in a container whose
/// bindings are in the directory `root`.
pub(super) fn content<'s>(source: &'s EnvSource, root: &str) -> Value<'s> {
    Value::Map(vec![match source {
        EnvSource::Value(value) => ("value".into(), Value::Text(value.as_str().into())),
        EnvSource::File(file) => ("value".into(), Value::Text(file.in_root(root).into())),
        EnvSource::Reference(reference) => {
            let mut target = vec![
                ("name".into(), Value::Text(reference.name.as_str().into())),
                ("key".into(), Value::Text(reference.key.as_str().into())),
            ];
            target.extend(option(reference));
            (
                "valueFrom".into(),
                Value::Map(vec![(reference.kind.field().into(), Value::Map(target))]),
            )
        }
    }])
}

/// The member by which pods start without what a reference points to.
pub(super) fn option(reference: &Reference) -> Option<Member<'static>> {
    match reference.presence {
        ReferencePresence::Required => None,
        ReferencePresence::Optional => Some(("optional".into(), Value::Scalar("true".to_owned()))),
    }
}

/// The names that the kubelet expands in a text: `$(NAME)`; `$$` is an escape.
///
/// <https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/>
pub fn references(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let after = &rest[rest.find('$')? + 1..];
            match after.as_bytes().first()? {
                b'(' => match after.find(')') {
                    Some(end) => {
                        rest = &after[end + 1..];
                        return Some(&after[1..end]);
                    }
                    None => rest = &after[1..],
                },
                b'$' => rest = &after[1..],
                _ => rest = after,
            }
        }
    })
}

/// Whether an entry whose content is in these nodes holds what is wanted. An absent value is
/// the empty one, and `optional: false` is the same as nothing.
pub(super) fn holds(tree: &Tree<'_>, nodes: &[NodeId], wanted: &[Member<'_>]) -> bool {
    let [(key, value)] = wanted else { return false };
    let &[node] = nodes else {
        return nodes.is_empty() && key == "value" && *value == Value::Text("".into());
    };
    if tree.key(node) != Some(key) {
        return false;
    }
    match &reference(value) {
        Some((form, target)) if tree.children(node).count() == 1 => {
            let Reading::Value(stands) = tree.read_member(node, form) else {
                return false;
            };
            let is_extra =
                |member: &NodeId| tree.key(*member) == Some("optional") && is_false(tree, *member);
            tree.children(stands)
                .filter(|member| !is_extra(member))
                .count()
                == target.len()
                && target.iter().all(|(key, value)| {
                    tree.read_member(stands, key)
                        .shown()
                        .is_some_and(|node| value.is(tree, node))
                })
        }
        _ => value.is(tree, node),
    }
}

/// The form and the target of a reference to a key.
fn reference<'v, 'a>(value: &'v Value<'a>) -> Option<(&'v str, &'v [Member<'a>])> {
    let Value::Map(from) = value else { return None };
    match &from[..] {
        [(form, Value::Map(target))] => Some((form, target)),
        _ => None,
    }
}

fn is_false(tree: &Tree<'_>, node: NodeId) -> bool {
    tree.resolved(node) == Some(Scalar::Bool(false))
}

/// What is wanted with `optional: true`, where the content that it replaces is an optional
/// reference.
pub(super) fn with_option<'a>(
    original: &serde_json::Value,
    wanted: &Value<'a>,
) -> Option<Value<'a>> {
    let forms = [ReferenceKind::Secret, ReferenceKind::ConfigMap].map(ReferenceKind::field);
    let optional = |form: &&str| original["valueFrom"][form]["optional"] == true;
    forms.iter().find(|form| optional(form))?;
    optional_form(wanted)
}

/// The same reference with `optional: true`; `None`: it is no reference, or has it already.
pub(super) fn optional_form<'a>(wanted: &Value<'a>) -> Option<Value<'a>> {
    let Value::Map(members) = wanted else {
        return None;
    };
    let [(key, value)] = &members[..] else {
        return None;
    };
    let (form, target) = reference(value)?;
    if target.iter().any(|(key, _)| key == "optional") {
        return None;
    }
    let optional = ("optional".into(), Value::Scalar("true".to_owned()));
    let target = target.iter().cloned().chain([optional]).collect();
    Some(Value::Map(vec![(
        key.clone(),
        Value::Map(vec![(form.to_owned().into(), Value::Map(target))]),
    )]))
}

/// Whether something is what an entry of `env` holds beside its name.
pub(super) fn is_content(json: &serde_json::Value) -> bool {
    let Some(members) = json.as_object() else {
        return false;
    };
    let is_known = |(key, value): (&String, &serde_json::Value)| match key.as_str() {
        "value" => !value.is_object() && !value.is_array(),
        "valueFrom" => value.is_object() || value.is_null(),
        _ => false,
    };
    members.len() <= 1 && members.iter().all(is_known)
}

/// Whether a content is a text that somebody wrote there, not empty.
pub(super) fn is_literal(content: &serde_json::Value) -> bool {
    match &content["value"] {
        serde_json::Value::Null => false,
        serde_json::Value::String(text) => !text.is_empty(),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_what_the_kubelet_expands() {
        let names = |text| references(text).collect::<Vec<_>>();
        assert_eq!(names("a$(B)c$(D)"), ["B", "D"]);
        assert_eq!(names("$$(B)$$$(C)"), ["C"]);
        assert_eq!(names("$x$(B) $( $("), ["B"]);
        assert_eq!(names("$(A$(B)"), ["A$(B"]);
        assert!(names("$").is_empty() && names("$$").is_empty() && names("").is_empty());
    }

    #[test]
    fn only_a_value_or_a_source_is_content() {
        let is = |json: serde_json::Value| is_content(&json);
        assert!(
            is(serde_json::json!({}))
                && is(serde_json::json!({"value": "x"}))
                && is(serde_json::json!({"value": 1}))
        );
        assert!(is(
            serde_json::json!({"valueFrom": {"fieldRef": {"fieldPath": "x"}}})
        ));
        assert!(!is(serde_json::json!({"image": "x"})) && !is(serde_json::json!({"value": ["x"]})));
        assert!(
            !is(serde_json::json!({"value": "x", "image": "y"})) && !is(serde_json::json!("x"))
        );
    }
}
