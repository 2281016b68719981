//! What each side hands over, judged by the Interface: keys, secrets, and JSON Schema over what can
//! be seen.

use jsonschema::error::ValidationErrorKind;
use serde_json::{Map, Value as Json};

use super::evaluate::{Scene, State};
use super::index::Version;
use super::keys::Slot;
use super::schema::Face;
use super::template::Side;
use super::value::{Part, ReferenceKind, Value};
use crate::diagnostic::{Code, Diagnostic};

/// Errors collected of one bag: a schema can multiply them.
const ERRORS: usize = 32;

/// One way in which a bag breaks a schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Breach {
    /// The top-level key; `None`: the bag as a whole.
    pub key: Option<String>,
    /// A required key that is not there.
    pub missing: Option<String>,
    /// Where in the bag, as a JSON pointer.
    pub instance: String,
    /// Where in the schema, as a JSON pointer.
    pub schema: String,
    /// The fact, without any value.
    pub message: String,
}

/// Judges a bag in which the holes stand as `null`.
pub(super) fn judge(
    face: &Face<'_>,
    bag: &Json,
    holes: &[String],
) -> Result<Vec<Breach>, super::schema::Problem> {
    let validator = face.validator(holes)?;
    if validator.is_valid(bag) {
        return Ok(Vec::new());
    }
    let mut breaches = Vec::new();
    for error in validator.iter_errors(bag).take(ERRORS) {
        let instance = error.instance_path().as_str().to_owned();
        let mut steps = instance
            .split('/')
            .skip(1)
            .map(|step| step.replace("~1", "/").replace("~0", "~"));
        let key = steps.next();
        if key.as_ref().is_some_and(|key| holes.contains(key)) {
            continue;
        }
        let missing = match error.kind() {
            ValidationErrorKind::Required { property } if key.is_none() => {
                property.as_str().map(str::to_owned)
            }
            _ => None,
        };
        let name = match &key {
            Some(key) => {
                steps.fold(format!("`{key}"), |path, step| {
                    match step.parse::<usize>() {
                        Ok(index) => format!("{path}[{index}]"),
                        Err(_) => format!("{path}.{step}"),
                    }
                }) + "`"
            }
            None => "what is given".to_owned(),
        };
        let message = error.masked_with(name).to_string();
        breaches.push(Breach {
            key,
            missing,
            instance,
            schema: error.schema_path().as_str().to_owned(),
            message,
        });
    }
    breaches.sort_by(|a, b| (&a.instance, &a.message).cmp(&(&b.instance, &b.message)));
    breaches.dedup_by(|a, b| a.instance == b.instance && a.message == b.message);
    Ok(breaches)
}

/// Judges one side of a scene by one version; `chosen`: the one that the coupling has.
pub(super) fn check(
    scene: &mut Scene<'_, '_>,
    side: Side,
    version: &Version<'_>,
    others: &[&Face<'_>],
) {
    let Some(sheet) = scene.sheet(side) else {
        return;
    };
    let face = version.face(side);
    let mut bag = Map::new();
    let mut holes = Vec::new();
    let mut failed = false;
    for (slot, state) in sheet.slots.iter().zip(scene.states(side)) {
        // each version has its own defaults
        if matches!(slot.source, super::keys::Source::Default) {
            continue;
        }
        // a key that only another version declares is not for this one
        if !face.keys.contains_key(slot.key)
            && others.iter().any(|other| other.keys.contains_key(slot.key))
        {
            continue;
        }
        let value = match state {
            State::Done(Value::Literal(json)) => json.clone(),
            State::Absent => continue,
            State::Done(_) => {
                holes.push(slot.key.to_owned());
                Json::Null
            }
            State::Failed | State::Todo | State::Busy => {
                failed = true;
                holes.push(slot.key.to_owned());
                Json::Null
            }
        };
        bag.insert(slot.key.to_owned(), value);
    }
    for (key, facts) in &face.keys {
        if let Some(default) = &facts.default {
            bag.entry(key.clone()).or_insert_with(|| default.clone());
        }
    }
    secrets(scene, side, version);
    let breaches = match judge(face, &Json::Object(bag), &holes) {
        Ok(breaches) => breaches,
        Err(problem) => return scene.run.out.push(version.invalid(side, &problem)),
    };
    let owner = sheet.owner;
    let code = match side {
        Side::Plug => Code::PlugConfigInvalid,
        Side::Socket => Code::SocketConfigInvalid,
    };
    let contract = format!("Interface `{}` {}", version.name, version.number);
    for breach in breaches {
        let slot = breach
            .key
            .as_deref()
            .and_then(|key| sheet.find(key))
            .map(|i| &sheet.slots[i]);
        if breach.key.is_none() && breach.missing.is_none() && failed {
            continue;
        }
        let (message, help) = match &breach.missing {
            Some(key) => (
                format!(
                    "{} does not give `{key}`, which {contract} requires",
                    owner.words()
                ),
                Some(version.give_help(side, key)),
            ),
            None => (
                format!("{} breaks {contract}: {}", owner.words(), breach.message),
                None,
            ),
        };
        let mut diagnostic = Diagnostic::error(code, message).at(
            slot.map_or(owner.meta.name.at, value_place),
            match (slot, &breach.missing) {
                (Some(_), _) => "this value",
                (None, Some(_)) => "does not give it",
                (None, None) => "what it gives",
            },
        );
        if !version.builtin {
            diagnostic = diagnostic.at(face.place(&breach.schema), "what the Interface demands");
        }
        diagnostic.help = help;
        scene.run.out.push(diagnostic.on(owner.subject()));
    }
}

/// A secret key must hold a Secret's key; a hole must be able to be text.
fn secrets(scene: &mut Scene<'_, '_>, side: Side, version: &Version<'_>) {
    let Some(sheet) = scene.sheet(side) else {
        return;
    };
    let face = version.face(side);
    let mut found = Vec::new();
    for (slot, state) in sheet.slots.iter().zip(scene.states(side)) {
        let (State::Done(value), Some(key)) = (state, face.keys.get(slot.key)) else {
            continue;
        };
        let plain = key.secret && !holds_secret(value);
        let label = |diagnostic: Diagnostic| {
            let at = value_place(slot);
            let diagnostic = if plain {
                diagnostic.at_secret(at, "this value")
            } else {
                diagnostic.at(at, "this value")
            };
            if version.builtin {
                return diagnostic;
            }
            diagnostic.at(
                face.place(&format!("/properties/{}", slot.key)),
                "declared here",
            )
        };
        if plain && !matches!(slot.source, super::keys::Source::Default) {
            let message = format!(
                "`{}` is a secret, and {} gives it as plain text",
                slot.key,
                sheet.owner.words()
            );
            let help = format!(
                "put the value into a Secret and refer to it:\n\nconfigFrom:\n  - {{secretRef: {{name: …}}, keys: {{{}: …}}}}",
                slot.key
            );
            found.push(label(Diagnostic::error(Code::SecretNotReferenced, message)).help(help));
        }
        if matches!(value, Value::Literal(_)) {
            continue;
        }
        if !key.takes_text() {
            let message = format!(
                "`{}` comes out of a Secret or ConfigMap as text, and the Interface wants {}",
                slot.key,
                key.types
                    .iter()
                    .map(|kind| article(kind))
                    .collect::<Vec<_>>()
                    .join(" or ")
            );
            let help =
                "write the value in `config`, or let the Interface take text: `{type: string}`";
            found.push(label(Diagnostic::error(Code::SecretIsText, message)).help(help));
        } else if key.fixed {
            let message = format!(
                "`{}` must be a fixed value, and what {} refers to cannot be seen",
                slot.key,
                sheet.owner.words()
            );
            let code = if side == Side::Plug {
                Code::PlugConfigInvalid
            } else {
                Code::SocketConfigInvalid
            };
            found.push(label(Diagnostic::error(code, message)));
        } else if !key.judged_by.is_empty() {
            let message = format!(
                "only the cluster knows `{}`: its {} could not be checked",
                slot.key,
                list(&key.judged_by)
            );
            found.push(label(Diagnostic::info(Code::NotChecked, message)));
        }
    }
    if found.is_empty() {
        return;
    }
    let subject = sheet.owner.subject();
    scene.run.out.extend(
        found
            .into_iter()
            .map(|diagnostic| diagnostic.on(subject.clone())),
    );
}

/// A type of JSON Schema in words.
fn article(kind: &str) -> String {
    match kind {
        "array" => "a list".to_owned(),
        "object" | "integer" => format!("an {kind}"),
        _ => format!("a {kind}"),
    }
}

fn list(words: &[String]) -> String {
    words
        .iter()
        .map(|word| format!("`{word}`"))
        .collect::<Vec<_>>()
        .join(", ")
}

fn value_place(slot: &Slot<'_>) -> crate::manifest::Place {
    match &slot.source {
        super::keys::Source::Config(expr) => expr.at,
        _ => slot.at,
    }
}

/// Whether a value holds a Secret's key.
pub(super) fn holds_secret(value: &Value) -> bool {
    match value {
        Value::Literal(_) => false,
        Value::Reference(reference) => reference.kind == ReferenceKind::Secret,
        Value::Text(parts) => parts
            .iter()
            .any(|part| matches!(part, Part::Reference(r) if r.kind == ReferenceKind::Secret)),
    }
}
