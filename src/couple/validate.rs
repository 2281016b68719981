//! Validates what each side gives against the Interface: keys, secrets, and JSON Schema over the
//! known values.

use jsonschema::error::ValidationErrorKind;
use serde_json::{Map, Value as Json};

use super::evaluate::{Evaluation, KeyState};
use super::index::DefinedVersion;
use super::key_text;
use super::provided::{KeySource, Owner, ProvidedKey};
use super::schema::SideSchema;
use super::template::Side;
use super::url_safe;
use super::value::{Part, ReferenceKind, ResolvedValue};
use crate::diagnostic::{Code, Diagnostic, Help, Paste, lines};
use crate::manifest::Place;

/// Errors collected of one instance: a schema can multiply them.
const ERRORS: usize = 32;

/// One way in which an instance breaks a schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Violation {
    /// The top-level key; `None`: the instance as a whole.
    pub key: Option<String>,
    /// A required key that is not there.
    pub missing: Option<String>,
    /// Where in the instance, as a JSON pointer.
    pub instance: String,
    /// Where in the schema, as a JSON pointer.
    pub schema: String,
    /// The fact, without any value.
    pub message: String,
}

/// Judges an instance in which unknown values are `null`.
pub(super) fn judge(
    side_schema: &SideSchema<'_>,
    instance: &Json,
    unknown: &[String],
) -> Result<Vec<Violation>, super::json_schema::SchemaError> {
    let validator = side_schema.validator(unknown)?;
    if validator.is_valid(instance) {
        return Ok(Vec::new());
    }
    let mut violations = Vec::new();
    for error in validator.iter_errors(instance).take(ERRORS) {
        let instance = error.instance_path().as_str().to_owned();
        let mut steps = instance
            .split('/')
            .skip(1)
            .map(|step| step.replace("~1", "/").replace("~0", "~"));
        let key = steps.next();
        if key.as_ref().is_some_and(|key| unknown.contains(key)) {
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
        violations.push(Violation {
            key,
            missing,
            instance,
            schema: error.schema_path().as_str().to_owned(),
            message,
        });
    }
    violations.sort_by(|a, b| (&a.instance, &a.message).cmp(&(&b.instance, &b.message)));
    violations.dedup_by(|a, b| a.instance == b.instance && a.message == b.message);
    Ok(violations)
}

/// Judges one side of an evaluation by one version; `chosen`: the one that the coupling has.
pub(super) fn check(
    evaluation: &mut Evaluation<'_, '_>,
    side: Side,
    version: &DefinedVersion<'_>,
    others: &[&SideSchema<'_>],
) {
    let Some(provided) = evaluation.provided(side) else {
        return;
    };
    let side_schema = version.side_schema(side);
    let mut instance = Map::new();
    let mut unknown = Vec::new();
    let mut failed = false;
    for (i, (slot, state)) in provided
        .slots
        .iter()
        .zip(evaluation.states(side))
        .enumerate()
    {
        // each version has its own defaults, and its own texts of other keys
        let is_composed = side == Side::Socket && evaluation.is_composed(i);
        if is_composed || matches!(slot.source, KeySource::Default | KeySource::Composed) {
            continue;
        }
        // a key that only another version declares is not for this one
        if !side_schema.keys.contains_key(slot.key)
            && others.iter().any(|other| other.keys.contains_key(slot.key))
        {
            continue;
        }
        let value = match state {
            KeyState::Done(ResolvedValue::Literal(json)) => json.clone(),
            KeyState::Absent => continue,
            // it may be absent in the cluster, so it is not given
            KeyState::Done(value) if value.is_optional() => continue,
            KeyState::Done(_) => {
                unknown.push(slot.key.to_owned());
                Json::Null
            }
            KeyState::Failed(_) | KeyState::Pending | KeyState::InProgress => {
                failed = true;
                unknown.push(slot.key.to_owned());
                Json::Null
            }
        };
        instance.insert(slot.key.to_owned(), value);
    }
    for (key, facts) in &side_schema.keys {
        if let Some(default) = &facts.default {
            instance
                .entry(key.clone())
                .or_insert_with(|| default.clone());
        }
    }
    // what is made of other keys is there; that it conforms is for who wrote the Interface to see
    let made = key_text::made_of(&side_schema.keys, |key| instance.contains_key(key));
    for key in made.into_iter().filter(|key| side_schema.is_required(key)) {
        unknown.push(key.to_owned());
        instance.insert(key.to_owned(), Json::Null);
    }
    unknown.sort_unstable();
    secrets(evaluation, side, version);
    let violations = match judge(side_schema, &Json::Object(instance), &unknown) {
        Ok(violations) => violations,
        Err(problem) => {
            evaluation.run.out.report(version.invalid(side, &problem));
            return;
        }
    };
    let owner = provided.owner;
    let code = match side {
        Side::Plug => Code::PlugConfigInvalid,
        Side::Socket | Side::Source => Code::SocketConfigInvalid,
    };
    let definition = format!("Interface `{}` {}", version.name, version.number);
    for violation in violations {
        let slot = violation
            .key
            .as_deref()
            .and_then(|key| provided.find(key))
            .map(|i| &provided.slots[i]);
        if violation.key.is_none() && violation.missing.is_none() && failed {
            continue;
        }
        let optional = violation.missing.as_deref();
        let optional = optional.and_then(|key| optional_reference(evaluation, side, key));
        let (message, help) = match &violation.missing {
            Some(key) if optional.is_some() => (
                format!(
                    "{} gives `{key}` from an optional object, and {definition} requires it",
                    owner.words()
                ),
                owner
                    .config_from_of(key)
                    .map(|from| from.required(owner.subject())),
            ),
            Some(key) => (
                format!(
                    "{} does not give `{key}`, which {definition} requires",
                    owner.words()
                ),
                Some(version.give_help(side, key, &owner)),
            ),
            None => (
                format!(
                    "{} does not satisfy {definition}: {}",
                    owner.words(),
                    violation.message
                ),
                None,
            ),
        };
        let mut diagnostic = match (slot, optional, &violation.missing) {
            (Some(slot), ..) => {
                Diagnostic::error(code, message).at(value_place(slot), "this value")
            }
            (None, Some(at), _) => Diagnostic::error(code, message).at(at, "may be absent"),
            (None, None, Some(_)) => {
                Diagnostic::error(code, message).at(owner.named_at(), "does not give it")
            }
            (None, None, None) => {
                Diagnostic::error(code, message).at(owner.named_at(), "what it gives")
            }
        };
        if !version.builtin {
            diagnostic = diagnostic.at(
                side_schema.place(&violation.schema),
                "what the Interface requires",
            );
        }
        if let Some(help) = help {
            diagnostic = diagnostic.help(help);
        }
        if let Some(key) = violation.missing {
            diagnostic = diagnostic.because(owner.no_key(key));
        }
        evaluation.run.out.report(diagnostic.on(owner.subject()));
    }
}

/// Where a side gives a key that may be absent in the cluster.
fn optional_reference(evaluation: &Evaluation<'_, '_>, side: Side, key: &str) -> Option<Place> {
    let provided = evaluation.provided(side)?;
    let position = provided.find(key)?;
    let value = evaluation.states(side)[position].value()?;
    value.is_optional().then(|| provided.slots[position].at)
}

/// A secret key must hold a Secret's key; an unknown value must be able to be text.
fn secrets(evaluation: &mut Evaluation<'_, '_>, side: Side, version: &DefinedVersion<'_>) {
    let Some(provided) = evaluation.provided(side) else {
        return;
    };
    let side_schema = version.side_schema(side);
    let mut found = Vec::new();
    for (i, (slot, state)) in provided
        .slots
        .iter()
        .zip(evaluation.states(side))
        .enumerate()
    {
        let (KeyState::Done(value), Some(key)) = (state, side_schema.keys.get(slot.key)) else {
            continue;
        };
        if side == Side::Socket && evaluation.is_composed(i) {
            continue;
        }
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
                side_schema.place(&format!("/properties/{}", slot.key)),
                "declared here",
            )
        };
        if plain && !matches!(slot.source, KeySource::Default) {
            let message = format!(
                "`{}` is a secret, and {} gives it as plain text",
                slot.key,
                provided.owner.words()
            );
            let help = reference_help(&provided.owner, slot.key);
            found.push(label(Diagnostic::error(Code::SecretNotReferenced, message)).help(help));
        }
        if key.url_safe {
            let at = value_place(slot);
            let error = url_safe::judge(evaluation, side, slot.key, value, version, at);
            found.extend(error);
        }
        if matches!(value, ResolvedValue::Literal(_)) {
            continue;
        }
        if !key.takes_text() {
            let message = format!(
                "`{}` comes from a Secret or ConfigMap as text, and the Interface requires {}",
                slot.key,
                key.types
                    .iter()
                    .map(|kind| article(kind))
                    .collect::<Vec<_>>()
                    .join(" or ")
            );
            let help = "write the value in `config`, or change the Interface to accept text: `{type: string}`";
            found.push(label(Diagnostic::error(Code::SecretIsText, message)).help(help));
        } else if key.fixed {
            let message = format!(
                "`{}` must be a fixed value, and coupler cannot read what {} refers to",
                slot.key,
                provided.owner.words()
            );
            let code = if side == Side::Plug {
                Code::PlugConfigInvalid
            } else {
                Code::SocketConfigInvalid
            };
            found.push(label(Diagnostic::error(code, message)));
        } else if !key.judged_by.is_empty() {
            let message = format!(
                "`{}` is known only in the cluster: its {} could not be checked",
                slot.key,
                list(&key.judged_by)
            );
            found.push(label(Diagnostic::info(Code::NotChecked, message)));
        }
    }
    if found.is_empty() {
        return;
    }
    let subject = provided.owner.subject();
    evaluation.run.out.extend(
        found
            .into_iter()
            .map(|diagnostic| diagnostic.on(subject.clone())),
    );
}

/// How an owner refers to a secret in place of a value.
fn reference_help(owner: &Owner<'_>, key: &str) -> Help {
    if owner.converter.is_some() {
        return "a converter gives a secret by the path of one alone, which stays a reference: `<% source.config.KEY %>`".into();
    }
    let item = lines![("- {{secretRef: {{name: …}}, keys: {{{key}: …}}}}")];
    Help::from(format!(
        "put the value into a Secret, remove `{key}` from where it is now, and add to `spec.configFrom`:"
    ))
    .paste(Paste::items(owner.subject(), "spec.configFrom", item))
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

fn value_place(slot: &ProvidedKey<'_>) -> Place {
    match &slot.source {
        KeySource::Config(expr) => expr.at,
        _ => slot.at,
    }
}

/// Whether a value holds a Secret's key.
pub(super) fn holds_secret(value: &ResolvedValue) -> bool {
    match value {
        ResolvedValue::Literal(_) => false,
        ResolvedValue::Reference(reference) => reference.kind == ReferenceKind::Secret,
        ResolvedValue::Text(parts) => parts
            .iter()
            .any(|part| matches!(part, Part::Reference(r) if r.kind == ReferenceKind::Secret)),
    }
}
