//! Evaluates values that are read out of objects of the input: a path in an object, a text of a
//! ConfigMap.

use std::rc::Rc;

use serde_json::Value as Json;

use super::source::near_key;
use super::{Evaluation, NoValue, UseSite};
use crate::api::{ObjectForm, Spanned};
use crate::couple::provided::{ObjectValue, Owner, ProvidedKey};
use crate::couple::template::Side;
use crate::couple::value::{Reference, ResolvedValue, size};
use crate::couple::{Lookup, Target};
use crate::diagnostic::{Code, CommonCause, Diagnostic, Help, Reported, Setting, list, words};
use crate::manifest::Place;

impl Evaluation<'_, '_> {
    /// A literal out of an object of the input.
    pub(super) fn object(
        &mut self,
        side: Side,
        slot: &ProvidedKey<'_>,
        value: &ObjectValue<'_>,
    ) -> Result<ResolvedValue, NoValue> {
        let ObjectValue {
            source,
            name,
            named: path,
        } = value;
        let object = &source.object;
        let site = UseSite {
            what: slot.key,
            at: name.at,
            side,
            author: false,
        };
        let name = self.plain_text(name, &site)?;
        let owner = self.provided(side).ok_or(NoValue::NoPlug)?.owner;
        if source.form == ObjectForm::ConfigMap {
            return self.config_map_text(owner, slot, value, &name);
        }
        let namespace = owner.meta.namespace.clone();
        let steps: String = path
            .value
            .chars()
            .filter(|c| !"'\"[]".contains(*c))
            .collect();
        if object.kind == "Secret" {
            return match (steps.as_str(), namespace) {
                ("metadata.name", _) => Ok(ResolvedValue::Literal(Json::String(name))),
                ("metadata.namespace", Some(namespace)) => {
                    Ok(ResolvedValue::Literal(Json::String(namespace)))
                }
                _ => {
                    let key = path
                        .value
                        .rsplit(['.', '['])
                        .next()
                        .unwrap_or_default()
                        .trim_matches(['\'', '"', ']']);
                    let help = format!(
                        "refer to the key instead: `secretRef: {{name: {name}}}` in place of `objectRef`, and `keys: {{{}: {key}}}`",
                        slot.key
                    );
                    Err(self
                        .secret_value(
                            side,
                            path,
                            "an `objectRef` reads values into the output",
                            help,
                        )
                        .into())
                }
            };
        }
        let whole = ["metadata", "metadata.annotations", ""].contains(&steps.as_str());
        if whole || steps.contains("kubectl.kubernetes.io/last-applied-configuration") {
            return Err(self.secret_value(
                side,
                path,
                "kubectl keeps a copy of the whole object in an annotation, values of Secrets included",
                "name the field that you need: `metadata.labels['app']`".to_owned(),
            ).into());
        }
        let namespace = namespace.as_deref();
        let target = Target {
            api_version: &object.api_version,
            kind: &object.kind,
            namespace,
            name: &name,
        };
        let error = match self.run.objects.read(&target, &path.value) {
            Lookup::Value(value, _) => {
                self.bounded(size(&value), &site)?;
                return Ok(ResolvedValue::Literal(value));
            }
            Lookup::NoObject => self.no_object(&target, object.at),
            Lookup::NoPath(mut names) => {
                names.sort_unstable();
                let message = format!("{} `{name}` has nothing at `{}`", object.kind, path.value);
                let last = path.value.rsplit('.').next().unwrap_or_default();
                let help = self.run.names_help(
                    last,
                    names.iter().map(String::as_str),
                    "there is nothing at that level",
                );
                Diagnostic::error(Code::ObjectNotFound, message)
                    .at(path.at, "no such path")
                    .help(help)
            }
            Lookup::NotReadable(error) => error.at(path.at, "looked for here"),
            Lookup::BadPath(why) => bad_path(path, &why),
        };
        Err(self.fail(error, side).into())
    }

    /// A text of a ConfigMap of the input. A key that takes no text gets what the text writes.
    fn config_map_text(
        &mut self,
        owner: Owner<'_>,
        slot: &ProvidedKey<'_>,
        value: &ObjectValue<'_>,
        name: &str,
    ) -> Result<ResolvedValue, NoValue> {
        let ObjectValue { source, named, .. } = value;
        let side = owner.side;
        let target = Target {
            api_version: &source.object.api_version,
            kind: &source.object.kind,
            namespace: owner.meta.namespace.as_deref(),
            name,
        };
        let error = match self.run.objects.read(&target, &source.path(&named.value)) {
            Lookup::Value(Json::String(text), _) => {
                let site = UseSite {
                    what: slot.key,
                    at: named.at,
                    side,
                    author: false,
                };
                self.bounded(text.len(), &site)?;
                let provided = self.provided(side).ok_or(NoValue::NoPlug)?;
                let facts = provided.side_schema.keys.get(slot.key);
                let value = match facts {
                    Some(facts) => facts.written_as(text),
                    None => Json::String(text),
                };
                return Ok(ResolvedValue::Literal(value));
            }
            Lookup::Value(..) => {
                let message = format!("`{}` of ConfigMap `{name}` is not text", named.value);
                Diagnostic::error(Code::ObjectNotFound, message)
                    .at(named.at, "read here")
                    .help("Kubernetes accepts texts only in `data`: write it in quotes")
            }
            Lookup::NoObject => self.no_object(&target, source.object.at),
            Lookup::NoPath(_) => self.no_text_of(owner, slot, named, &target),
            Lookup::NotReadable(error) => error.at(named.at, "looked for here"),
            Lookup::BadPath(why) => bad_path(named, &why),
        };
        Err(self.fail(error, side).into())
    }

    /// The error of a key that a ConfigMap does not have.
    fn no_text_of(
        &mut self,
        owner: Owner<'_>,
        slot: &ProvidedKey<'_>,
        named: &Spanned<String>,
        target: &Target<'_>,
    ) -> Diagnostic {
        let keys = self.run.objects.key_names(target);
        let names = keys.iter().flat_map(|keys| &keys.names);
        let names: Vec<&str> = names.map(String::as_str).collect();
        let near = self.run.near_name(&named.value, names.iter().copied());
        let help = match (near, owner.config_from_position(named.at)) {
            (Some(near), Some(position)) => near_key(owner, position, slot.key, near),
            (Some(near), None) => format!("did you mean `{near}`?").into(),
            (None, _) if names.is_empty() => "it has no keys".into(),
            (None, _) => format!("there is {}", list(names.iter())).into(),
        };
        let message = format!("ConfigMap `{}` has no key `{}`", target.name, named.value);
        Diagnostic::error(Code::ObjectNotFound, message)
            .at(named.at, "no such key in its `data`")
            .help(help)
    }

    /// How the key of a ConfigMap is read while rendering, in place of a reference.
    pub(in crate::couple) fn literal_help(&self, reference: &Rc<Reference>) -> Help {
        let side = self.origin(reference).map(|origin| origin.side);
        let owner = side.and_then(|side| Some(self.provided(side)?.owner));
        let help = owner.and_then(|owner| {
            let entry = owner.config_from_of(&reference.supplies)?;
            Some(entry.literal(owner.subject()))
        });
        help.unwrap_or_default()
    }

    fn no_object(&self, target: &Target<'_>, at: Place) -> Diagnostic {
        let (kind, name) = (target.kind, target.name);
        let place = target.namespace.map_or_else(String::new, |namespace| {
            format!(" in namespace `{namespace}`")
        });
        let message = format!("{kind} `{name}`{place} is not in the input");
        let help = self.similar_help(target).unwrap_or_default();
        Diagnostic::error(Code::ObjectNotFound, message)
            .at(at, "looked for here")
            .because(CommonCause::no_object(kind, name))
            .help(help.and(words![
                "add its manifest to the input or to the catalogue (",
                Setting::Catalogue,
                "), or write the value in `config`"
            ]))
    }

    fn secret_value(
        &mut self,
        side: Side,
        path: &Spanned<String>,
        why: &str,
        help: impl Into<Help>,
    ) -> Reported {
        let message = format!("`{}` would read a Secret's value", path.value);
        let diagnostic = Diagnostic::error(Code::SecretValueRequested, message)
            .at(path.at, why)
            .help(help);
        self.fail(diagnostic, side)
    }
}

fn bad_path(path: &Spanned<String>, why: &str) -> Diagnostic {
    let message = format!("the path `{}` cannot be read: {why}", path.value);
    Diagnostic::error(Code::InvalidField, message)
        .at(path.at, "here")
        .help("a path is written `a.b`, `['a.b/c']`, `[0]`, `[name=x]`")
}
