//! Writes `config` and `configFrom` of a Plug or Socket, from the fields of `v1beta1`.

use std::collections::BTreeMap;

use super::go_template::TrimRule;
use super::old_object::{OldEntry, OldParty, OldProperty, OldSide};
use super::old_objects::OldObjects;
use super::report::{MigrationOutcome, MigrationReport};
use super::residual::{Encoding, ObjectSource, Residual};
use super::template_scope::TemplateScope;
use super::template_text::{SecretUse, TargetSyntax, escaped, written};
use super::translate::{TextPart, Untranslatable, translate};
use crate::diagnostic::{lines, list};
use crate::edit::Value;

/// What one side gives.
#[derive(Debug, Default)]
pub(super) struct NewConfig {
    /// `config`
    pub values: Vec<(String, String)>,
    /// Whether that is what was written.
    pub is_as_written: bool,
    /// Secret → our key → its key.
    secrets: BTreeMap<String, BTreeMap<String, String>>,
    /// ConfigMap → its keys.
    config_maps: BTreeMap<String, Vec<String>>,
    /// Object → our key → the path.
    objects: BTreeMap<ObjectSource, String>,
}

impl NewConfig {
    /// Our keys whose values are in Secrets.
    pub(super) fn secret_keys(&self) -> impl Iterator<Item = &str> {
        self.secrets.values().flatten().map(|(key, _)| key.as_str())
    }

    /// Our keys whose values are read out of objects, of any type.
    pub(super) fn object_keys(&self) -> impl Iterator<Item = &str> {
        self.objects.values().map(String::as_str)
    }

    /// `config`
    pub(super) fn config(&self) -> Option<Value<'static>> {
        let members = self.values.iter();
        let members = members.map(|(key, text)| (key.clone().into(), text_value(text)));
        let members: Vec<_> = members.collect();
        (!members.is_empty()).then_some(Value::Map(members))
    }

    /// `configFrom`
    pub(super) fn config_from(&self) -> Option<Value<'static>> {
        let mut items = Vec::new();
        for (name, keys) in &self.secrets {
            let keys = keys.iter().map(|(key, theirs)| (key, theirs.as_str()));
            items.push(from_item("secretRef", vec![("name", name)], keys));
        }
        for (name, keys) in &self.config_maps {
            let keys = keys.iter().map(|key| (key, key.as_str()));
            items.push(from_item("configMapRef", vec![("name", name)], keys));
        }
        for (source, key) in &self.objects {
            items.push(object_item(source, key));
        }
        (!items.is_empty()).then_some(Value::List(items))
    }
}

/// Whether a part is a variable, and not a key.
fn is_variable(part: &TextPart) -> bool {
    matches!(
        part,
        TextPart::Computed(Residual::SecretKey(..) | Residual::ObjectField(_))
    )
}

fn text_value(text: &str) -> Value<'static> {
    Value::Text(text.to_owned().into())
}

fn from_item<'k>(
    form: &'static str,
    object: Vec<(&'static str, &String)>,
    keys: impl IntoIterator<Item = (&'k String, &'k str)>,
) -> Value<'static> {
    let object = object.into_iter();
    let object = object.map(|(field, text)| (field.into(), text_value(text)));
    let keys = keys.into_iter();
    let keys = keys.map(|(key, theirs)| (key.clone().into(), text_value(theirs)));
    Value::Map(vec![
        (form.into(), Value::Map(object.collect())),
        ("keys".into(), Value::Map(keys.collect())),
    ])
}

/// The entry that reads a value out of an object.
fn object_item(source: &ObjectSource, key: &String) -> Value<'static> {
    if let Some(theirs) = source.config_map_key() {
        let object = vec![("name", &source.name)];
        let mut item = from_item("configMapRef", object, [(key, theirs.as_str())]);
        if let Value::Map(members) = &mut item {
            members.insert(1, ("literal".into(), Value::Scalar("true".to_owned())));
        }
        return item;
    }
    let object = vec![
        ("apiVersion", &source.api_version),
        ("kind", &source.kind),
        ("name", &source.name),
    ];
    from_item("objectRef", object, [(key, source.path.as_str())])
}

/// What a side gives, and what became of each key.
pub(super) fn new_config(
    party: &OldParty,
    objects: &OldObjects,
    scope: &TemplateScope<'_>,
    report: &mut MigrationReport,
) -> NewConfig {
    let mut maker = ConfigMaker {
        party,
        objects,
        declared: objects.declared(party, party.side),
        report,
        made: NewConfig {
            is_as_written: true,
            ..NewConfig::default()
        },
    };
    maker.literals();
    maker.templates(scope);
    maker.secret();
    maker.config_map();
    maker.made
}

struct ConfigMaker<'m, 'o> {
    party: &'o OldParty,
    objects: &'o OldObjects,
    declared: Option<&'o [OldProperty]>,
    report: &'m mut MigrationReport,
    made: NewConfig,
}

impl ConfigMaker<'_, '_> {
    fn line(&mut self, outcome: MigrationOutcome, entry: &OldEntry, message: String) {
        let at = entry.key.at;
        self.report.add(outcome, &self.party.subject, at, message);
    }

    fn is_declared(&self, key: &str) -> bool {
        let is_it = |property: &OldProperty| property.key.value == key;
        self.declared
            .is_none_or(|declared| declared.iter().any(is_it))
    }

    /// Reports and refuses a key that the interface does not declare.
    fn drops(&mut self, entry: &OldEntry, field: &str) -> bool {
        let key = &entry.key.value;
        if self.is_declared(key) {
            return false;
        }
        let message = format!(
            "`{field}.{key}` is left out: the interface does not declare it, so the operator \
             drops it too"
        );
        self.line(MigrationOutcome::Changed, entry, message);
        true
    }

    fn literals(&mut self) {
        let party = self.party;
        for entry in &party.config {
            let key = &entry.key.value;
            let mut templates = party.config_template.iter();
            if templates.any(|template| template.key.value == *key) {
                let message =
                    format!("`config.{key}` is left out: `configTemplate.{key}` takes precedence");
                self.line(MigrationOutcome::Changed, entry, message);
                self.made.is_as_written = false;
                continue;
            }
            if self.drops(entry, "config") {
                self.made.is_as_written = false;
                continue;
            }
            if party.side == OldSide::Plug && entry.text.value.is_empty() {
                let message = format!(
                    "`config.{key}` is left out: for the operator, an empty value of a Plug is \
                     not given"
                );
                self.line(MigrationOutcome::Changed, entry, message);
                self.made.is_as_written = false;
                continue;
            }
            if !entry.is_text {
                let message = format!(
                    "`config.{key}` is written as text: the operator's API accepts only text, and \
                     refused this object"
                );
                self.line(MigrationOutcome::Changed, entry, message);
            }
            let text = escaped(&entry.text.value, TargetSyntax::Full);
            self.made.is_as_written &= entry.is_text && text == entry.text.value;
            self.made.values.push((key.clone(), text));
        }
    }

    fn templates(&mut self, scope: &TemplateScope<'_>) {
        let party = self.party;
        for entry in &party.config_template {
            self.made.is_as_written = false;
            if self.drops(entry, "configTemplate") {
                continue;
            }
            let key = entry.key.value.clone();
            let parts = translate(&entry.text.value, TrimRule::WhiteSpace, scope);
            let given = parts.and_then(|parts| self.give(&key, &parts, &entry.text.value));
            match given {
                Ok(()) => {
                    let message = format!("`configTemplate.{key}` is given by the key `{key}`");
                    self.line(MigrationOutcome::CarriedOver, entry, message);
                }
                Err(why) => {
                    let message = format!(
                        "`configTemplate.{key}` is left out: {}: `{}`",
                        why.message, why.action
                    );
                    self.line(MigrationOutcome::NoCounterpart, entry, message);
                    if why.wants_secret {
                        self.report.help(
                            "declare a key for each variable, give it in `configFrom`, and use `<% … %>` of these keys",
                        );
                    }
                }
            }
        }
    }

    /// Gives a key the value of a template.
    fn give(&mut self, key: &str, parts: &[TextPart], source: &str) -> Result<(), Untranslatable> {
        match parts {
            [TextPart::Computed(Residual::SecretKey(source, Encoding::Plain))] => {
                let keys = self.made.secrets.entry(source.name.clone()).or_default();
                keys.insert(key.to_owned(), source.key.clone());
            }
            [TextPart::Computed(Residual::ObjectField(source))] => {
                self.made.objects.insert(source.clone(), key.to_owned());
            }
            parts if parts.iter().any(is_variable) => {
                let action = source.find("{%").map_or(source, |start| &source[start..]);
                let end = action.find("%}").map_or(action.len(), |end| end + 2);
                return Err(Untranslatable {
                    action: action[..end].to_owned(),
                    message: "a variable can be a whole value, and not a part of one".to_owned(),
                    wants_secret: true,
                });
            }
            parts => {
                let text = written(parts, TargetSyntax::Full, SecretUse::Key)?;
                self.made.values.push((key.to_owned(), text));
            }
        }
        Ok(())
    }

    fn secret(&mut self) {
        let Some(secret) = &self.party.config_secret else {
            return;
        };
        let keys = self.objects.keys_from_secret(self.party);
        let outcome = match self.objects.secret_keys(self.party, &secret.value) {
            Some(_) => MigrationOutcome::CarriedOver,
            None => MigrationOutcome::Changed,
        };
        let message = if keys.is_empty() {
            format!("no key of the Secret `{}` is used", secret.value)
        } else {
            format!(
                "the keys {} are references to the Secret `{}`",
                list(keys.iter()),
                secret.value
            )
        };
        self.report
            .add(outcome, &self.party.subject, secret.at, message);
        if outcome == MigrationOutcome::Changed {
            let optional = self.optional_keys(&keys);
            if optional.is_empty() {
                self.report
                    .help("the Secret is not in the input, so the names of its keys are not known");
            } else {
                self.report.help(format!(
                    "the Secret is not in the input: if it has {} too, add them to `keys` in `configFrom`",
                    list(optional.iter())
                ));
            }
        }
        if !keys.is_empty() {
            let of_secret = self.made.secrets.entry(secret.value.clone()).or_default();
            of_secret.extend(keys.into_iter().map(|key| (key.clone(), key)));
        }
    }

    /// The declared keys that nothing gives yet.
    fn optional_keys(&self, given: &[String]) -> Vec<String> {
        let declared = self.declared.unwrap_or_default().iter();
        let names = declared.map(|property| property.key.value.clone());
        names
            .filter(|key| !given.contains(key))
            .filter(|key| self.objects.given(self.party, key).is_none())
            .collect()
    }

    fn config_map(&mut self) {
        let Some(config_map) = &self.party.config_map else {
            return;
        };
        let declared = self.declared.unwrap_or_default().iter();
        let required = declared.filter(|property| property.is_required);
        let keys: Vec<String> = required
            .map(|property| property.key.value.clone())
            .filter(|key| self.objects.given(self.party, key).is_none())
            .collect();
        let name = config_map.value.clone();
        let message = format!(
            "the operator puts all keys of the ConfigMap `{name}` into the config, and other \
             values override them; coupler refers only to keys that are listed"
        );
        let outcome = MigrationOutcome::NoCounterpart;
        self.report
            .add(outcome, &self.party.subject, config_map.at, message);
        self.report.help(lines![
            ("remove the keys of the ConfigMap from `config`, and add to `spec.configFrom`:"),
            ("- configMapRef: {{name: {name}}}"),
            ("  keys: {{KEY: KEY}}")
        ]);
        if !keys.is_empty() {
            self.made.config_maps.insert(name, keys);
        }
    }
}
