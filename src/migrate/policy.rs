//! Writes the patches of a Kyverno Policy as entries of `bind.fields`, for a message.

mod raw_actions;

use super::body::{TranslatedBody, listed};
use super::old_object::{OldBody, OldManifest, OldScalar, OldSide};
use super::template_scope::TemplateScope;
use crate::api::{ManifestMember, ManifestValue};
use crate::diagnostic::{Help, lines};
use crate::edit::{Member, Value};
use crate::limits;
use crate::manifest::emit;
use raw_actions::manifest_of_text;

/// A field that a Policy edits.
#[derive(Clone, Debug, PartialEq, Eq)]
struct PatchedField {
    /// As coupler writes the path.
    path: String,
    /// The value, as a template.
    value: String,
}

impl PatchedField {
    /// A key in its value that is a Secret's.
    fn secret(&self, scope: &TemplateScope<'_>) -> Option<String> {
        [OldSide::Plug, OldSide::Socket]
            .into_iter()
            .find_map(|side| {
                let beginning = format!("{}.config.", side.word());
                let keys = self.value.split(&beginning).skip(1).map(|rest| {
                    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
                    let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
                    &rest[..end]
                });
                let mut secrets = keys.filter(|key| {
                    let steps = [format!("{}Config", side.word()), (*key).to_owned()];
                    scope
                        .field(&steps)
                        .is_ok_and(|value| value.hidden().is_some())
                });
                secrets.next().map(|key| format!("{beginning}{key}"))
            })
    }
}

/// The entries in place of a Policy.
pub(super) fn fields(body: &OldBody, scope: &TemplateScope<'_>) -> Help {
    let read;
    let policy = match body {
        OldBody::Object(node) => Some(node),
        OldBody::Text(text) => {
            read = manifest_of_text(&text.value, text.at);
            read.as_ref()
        }
    };
    let rules = policy.and_then(|policy| items(policy.at_keys(["spec", "rules"])?));
    let mut help = lines![
        ("write each patched field as an entry of the Plug's `bind.fields`:"),
        ("bind:"),
        ("  fields:")
    ];
    let mut written = 0;
    for rule in rules.unwrap_or_default() {
        let Some(mutate) = rule.member("mutate") else {
            continue;
        };
        let targets = mutate.member("targets").and_then(items).unwrap_or_default();
        let fields = patched_fields(mutate, scope);
        for target in targets {
            if written == limits::REMEDY_NODES {
                break;
            }
            written += 1;
            help = help.and(target_lines(target, fields.as_deref(), scope));
        }
    }
    if written == 0 {
        help = help.and(lines![
            ("    - objectRef: {{apiVersion: VERSION, kind: KIND, name: NAME}}"),
            ("      path: spec.values.host"),
            ("      value: <% socket.config.host %>"),
            ("      replace: true")
        ]);
    }
    help.and("for a field that needs the name of a Secret, write `secretNameOf`")
}

/// The entries for one object.
fn target_lines(
    target: &OldManifest,
    fields: Option<&[PatchedField]>,
    scope: &TemplateScope<'_>,
) -> Help {
    let text = |key: &str| text(target, key).unwrap_or_default();
    let (version, kind, name) = (text("apiVersion"), text("kind"), text("name"));
    if kind == "Secret" {
        return Help::from(format!(
            "    # coupler edits no Secret: change what reads {name} to read the Socket's Secret, \
             or write it with an ExternalSecret"
        ));
    }
    let [version, kind_token, name] =
        [&version, &kind, &name].map(|text| emit::flow_string(text).into_owned());
    let object = match kind.as_str() {
        "ConfigMap" => format!("configMapRef: {{name: {name}}}"),
        _ => format!("objectRef: {{apiVersion: {version}, kind: {kind_token}, name: {name}}}"),
    };
    let Some(fields) = fields.filter(|fields| !fields.is_empty()) else {
        return lines![
            ("    - {object}   # its patches need values of the cluster, or do more than set \
              values"),
            ("      path: PATH"),
            ("      value: VALUE"),
            ("      replace: true")
        ];
    };
    let mut help = Help::default();
    for field in fields {
        let path = emit::flow_string(&field.path);
        if let Some(secret) = field.secret(scope) {
            help = help.and(format!(
                "    # {path} of {kind} {name} would contain the value of {secret}: change what \
                 reads it to read the Secret"
            ));
            continue;
        }
        let value = emit::flow_string(&field.value);
        help = help.and(lines![
            ("    - {object}"),
            ("      path: {path}"),
            ("      value: {value}"),
            ("      replace: true")
        ]);
    }
    help
}

/// The fields of a rule's patches; `None`: they are more than values of fields.
fn patched_fields(mutate: &OldManifest, scope: &TemplateScope<'_>) -> Option<Vec<PatchedField>> {
    if let Some(patches) = text(mutate, "patchesJson6902") {
        let variants = listed(&patches, scope).ok()?;
        return one_of(
            &variants
                .iter()
                .map(variant_fields)
                .collect::<Option<Vec<_>>>()?,
            &variants,
        );
    }
    let merge = mutate.member("patchStrategicMerge")?;
    let mut fields = Vec::new();
    merged_fields(merge, &mut String::new(), scope, &mut fields)?;
    Some(fields)
}

/// The fields of one variant of a list of patches.
fn variant_fields(body: &TranslatedBody) -> Option<Vec<PatchedField>> {
    let Value::List(patches) = &body.manifest else {
        return None;
    };
    patches.iter().map(patched_field).collect()
}

fn patched_field(patch: &Value<'static>) -> Option<PatchedField> {
    let Value::Map(members) = patch else {
        return None;
    };
    let text = |key: &str| {
        let found = members.iter().find(|(known, _)| known == key)?;
        match &found.1 {
            Value::Text(text) => Some(text.clone().into_owned()),
            Value::Scalar(token) => Some(token.clone()),
            _ => None,
        }
    };
    if !matches!(text("op")?.as_str(), "replace" | "add") {
        return None;
    }
    Some(PatchedField {
        path: path_of_pointer(&text("path")?)?,
        value: text("value")?,
    })
}

/// The fields of two variants as one list: what differs is a choice.
fn one_of(variants: &[Vec<PatchedField>], bodies: &[TranslatedBody]) -> Option<Vec<PatchedField>> {
    match (variants, bodies) {
        ([one], _) => Some(one.clone()),
        ([then, otherwise], [body, _]) if then.len() == otherwise.len() => {
            let [condition] = &body.conditions[..] else {
                return None;
            };
            let condition = condition.condition();
            let pairs = then.iter().zip(otherwise);
            let merged = pairs.map(|(then, otherwise)| {
                if then.path != otherwise.path {
                    return None;
                }
                let value = if then.value == otherwise.value {
                    then.value.clone()
                } else {
                    let [then, otherwise] =
                        [&then.value, &otherwise.value].map(|text| expression(text));
                    format!("<% {then} if ({condition}) else {otherwise} %>")
                };
                Some(PatchedField {
                    path: then.path.clone(),
                    value,
                })
            });
            merged.collect()
        }
        _ => None,
    }
}

/// A template as one expression.
fn expression(template: &str) -> String {
    let mut parts = Vec::new();
    let mut rest = template;
    while let Some((literal, after)) = rest.split_once("<% ") {
        let Some((inner, after)) = after.split_once(" %>") else {
            break;
        };
        if !literal.is_empty() {
            parts.push(format!(
                "'{}'",
                literal.replace('\\', "\\\\").replace('\'', "\\'")
            ));
        }
        let is_path = inner
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "._".contains(c));
        parts.push(if is_path {
            inner.to_owned()
        } else {
            format!("({inner})")
        });
        rest = after;
    }
    if !rest.is_empty() {
        parts.push(format!(
            "'{}'",
            rest.replace('\\', "\\\\").replace('\'', "\\'")
        ));
    }
    match parts.len() {
        0 => "''".to_owned(),
        1 => parts.remove(0),
        _ => format!("({})", parts.join(" ~ ")),
    }
}

/// The fields of a merge patch.
fn merged_fields(
    node: &OldManifest,
    path: &mut String,
    scope: &TemplateScope<'_>,
    fields: &mut Vec<PatchedField>,
) -> Option<()> {
    match &node.value {
        ManifestValue::Map(members) => {
            for ManifestMember { key, node } in members {
                let length = path.len();
                path.push_str(&step(key));
                merged_fields(node, path, scope, fields)?;
                path.truncate(length);
            }
            Some(())
        }
        ManifestValue::List(_) => None,
        ManifestValue::Leaf(scalar) => {
            let value = match scalar {
                OldScalar::Token(token) => token.clone(),
                OldScalar::Text(text, _) => {
                    let quoted = format!("value: {}\n", emit::json_string(text));
                    let bodies = listed(&quoted, scope).ok()?;
                    let [body] = &bodies[..] else { return None };
                    let Value::Map(members) = &body.manifest else {
                        return None;
                    };
                    let [(_, Value::Text(text))] = &members[..] as &[Member<'static>] else {
                        return None;
                    };
                    text.clone().into_owned()
                }
            };
            fields.push(PatchedField {
                path: path.trim_start_matches('.').to_owned(),
                value,
            });
            Some(())
        }
    }
}

/// A JSON pointer as a path of coupler.
fn path_of_pointer(pointer: &str) -> Option<String> {
    let steps = pointer.strip_prefix('/')?.split('/');
    let path: String = steps
        .map(|name| match name {
            "-" => "[+]".to_owned(),
            name if !name.is_empty() && name.bytes().all(|b| b.is_ascii_digit()) => {
                format!("[{name}]")
            }
            name => step(&name.replace("~1", "/").replace("~0", "~")),
        })
        .collect();
    Some(path.trim_start_matches('.').to_owned())
}

fn step(key: &str) -> String {
    let is_simple = key
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
    if is_simple {
        format!(".{key}")
    } else {
        format!("['{key}']")
    }
}

fn items(node: &OldManifest) -> Option<&[OldManifest]> {
    match &node.value {
        ManifestValue::List(items) => Some(items),
        ManifestValue::Leaf(_) | ManifestValue::Map(_) => None,
    }
}

fn text(node: &OldManifest, key: &str) -> Option<String> {
    match &node.member(key)?.value {
        ManifestValue::Leaf(OldScalar::Text(text, _) | OldScalar::Token(text)) => {
            Some(text.clone())
        }
        ManifestValue::List(_) | ManifestValue::Map(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_is_a_path() {
        for (pointer, path) in [
            ("/spec/values/host", Some("spec.values.host")),
            ("/data/login.sh", Some("data['login.sh']")),
            ("/spec/list/0/a~1b", Some("spec.list[0]['a/b']")),
            ("/spec/list/-", Some("spec.list[+]")),
            ("spec", None),
        ] {
            assert_eq!(path_of_pointer(pointer).as_deref(), path, "{pointer}");
        }
    }

    #[test]
    fn a_template_is_an_expression() {
        assert_eq!(expression("a"), "'a'");
        assert_eq!(expression("<% socket.config.a %>"), "socket.config.a");
        assert_eq!(
            expression("it's <% a | b %>:<% c %>"),
            "('it\\'s ' ~ (a | b) ~ ':' ~ c)"
        );
    }
}
