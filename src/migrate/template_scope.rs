//! Decides what the names in a Go template mean: which keys have a value, and what is known about
//! it.

use std::cell::Cell;
use std::collections::BTreeMap;

use super::old_object::{OldParty, OldSide, OldVar};
use super::old_objects::{GivenBy, OldObjects};
use super::residual::{
    Encoding, ObjectSource, PathPresence, Residual, ResidualPath, SecretOwner, SecretSource,
};
use super::secret_readers::{SecretReader, SecretReaders};
use crate::limits;

/// Where a template is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TemplateStage {
    /// In `configTemplate`.
    Config,
    /// In a body of `resources`.
    Resource,
}

/// What the templates of a whole run share.
#[derive(Debug)]
pub(super) struct MigrationRun {
    /// Bytes that trials may still parse.
    trial_bytes: Cell<usize>,
    /// Who reads which Secret.
    readers: SecretReaders,
}

impl MigrationRun {
    /// A run that begins.
    pub(super) fn new(readers: SecretReaders) -> Self {
        Self {
            trial_bytes: Cell::new(limits::MIGRATED_TRIAL_BYTES),
            readers,
        }
    }
}

/// What the names in the templates of an object mean.
pub(super) struct TemplateScope<'o> {
    /// All objects.
    pub objects: &'o OldObjects,
    /// Whose template it is.
    pub owner: &'o OldParty,
    /// Where it is.
    pub stage: TemplateStage,
    /// What the whole run has.
    run: &'o MigrationRun,
    /// Its variables.
    vars: BTreeMap<&'o str, &'o OldVar>,
}

impl<'o> TemplateScope<'o> {
    /// The scope of the templates of an object.
    pub(super) fn new(
        objects: &'o OldObjects,
        owner: &'o OldParty,
        stage: TemplateStage,
        run: &'o MigrationRun,
    ) -> Self {
        let vars = owner.vars.iter();
        Self {
            objects,
            owner,
            stage,
            run,
            vars: vars.map(|var| (var.name.value.as_str(), var)).collect(),
        }
    }

    /// Takes bytes from what trials of the whole run may parse; `false`: there are not as many.
    pub(super) fn spend(&self, bytes: usize) -> bool {
        let left = self.run.trial_bytes.get().checked_sub(bytes);
        self.run.trial_bytes.set(left.unwrap_or_default());
        left.is_some()
    }

    /// Who reads a Secret of the owner's namespace.
    pub(super) fn secret_readers(&self, name: &str) -> &'o [SecretReader] {
        let namespace = self.owner.subject.namespace.as_deref();
        self.run.readers.find(namespace, name)
    }

    /// What a field means, or why it means nothing to coupler.
    pub(super) fn field(&self, steps: &[String]) -> Result<Residual, String> {
        let steps: Vec<&str> = steps.iter().map(String::as_str).collect();
        let is_config = self.stage == TemplateStage::Config;
        match steps[..] {
            [] => Err("`.` is the object of all values".to_owned()),
            ["plugConfig", key] if !is_config => Ok(self.key(OldSide::Plug, key)),
            ["socketConfig", key] if !is_config => Ok(self.key(OldSide::Socket, key)),
            ["plug", ref rest @ ..] => self.object_field(OldSide::Plug, rest),
            ["socket", ref rest @ ..] => self.object_field(OldSide::Socket, rest),
            ["vars", name] if is_config => self.var(name),
            ["plugData", key] if is_config => self.datum(OldSide::Plug, key),
            ["socketData", key] if is_config => self.datum(OldSide::Socket, key),
            ["plugConfig" | "socketConfig"] if !is_config => {
                Err("in coupler, a template cannot use all keys of a config together".to_owned())
            }
            ["plugResult" | "socketResult" | "resultVars", ..] => {
                Err("a result is known only in the cluster".to_owned())
            }
            _ => Ok(Residual::NoValue),
        }
    }

    fn object_field(&self, side: OldSide, steps: &[&str]) -> Result<Residual, String> {
        let word = side.word();
        match (steps, side) {
            (["metadata", "name"], OldSide::Plug) => Ok(always("plug.object".to_owned())),
            (["metadata", "name"], OldSide::Socket) => Ok(always("socket.name".to_owned())),
            (["metadata", "namespace"], _) => Ok(always(format!("{word}.namespace"))),
            (["spec", "socket", "name"], OldSide::Plug) => Ok(always("socket.name".to_owned())),
            (["spec", "socket", "namespace"], OldSide::Plug) => {
                Ok(always("socket.namespace".to_owned()))
            }
            (["spec", "config", key], _) => self.raw_key(side, key),
            (["kind"], _) => Ok(Residual::Text(side.kind().to_owned())),
            _ => Err(format!(
                "a template of coupler can use the names, the namespace and the config of a {}, \
                 and not its `{}`",
                side.kind(),
                steps.join(".")
            )),
        }
    }

    /// `.plug.spec.config.KEY`: what is written there, whatever the interface declares.
    fn raw_key(&self, side: OldSide, key: &str) -> Result<Residual, String> {
        if side == self.owner.side {
            let entries = self.owner.config.iter();
            let found = entries.into_iter().find(|entry| entry.key.value == key);
            return Ok(found.map_or(Residual::NoValue, |entry| {
                Residual::Text(entry.text.value.clone())
            }));
        }
        if let Some(declared) = self.objects.declared(self.owner, side)
            && !declared.iter().any(|property| property.key.value == key)
        {
            return Err(format!(
                "the interface does not declare `{key}` for a {}, and only declared keys are given",
                side.kind()
            ));
        }
        Ok(self.key(side, key))
    }

    /// The value of a key of `plugConfig` or `socketConfig`.
    fn key(&self, side: OldSide, key: &str) -> Residual {
        let declared = self.objects.declared(self.owner, side);
        let property =
            declared.and_then(|keys| keys.iter().find(|property| property.key.value == key));
        if declared.is_some() && property.is_none() {
            return Residual::NoValue;
        }
        let giver = match (side, self.owner.side) {
            (OldSide::Socket, _) => self.objects.socket(self.owner),
            (OldSide::Plug, OldSide::Plug) => Some(self.owner),
            (OldSide::Plug, OldSide::Socket) => None,
        };
        let mut path = ResidualPath {
            text: key_path(side, key),
            presence: PathPresence::Always,
            secret: None,
            known: None,
        };
        let Some(giver) = giver else {
            let is_unknown = side == OldSide::Socket;
            if is_unknown {
                path.presence = PathPresence::Presumed;
            }
            let has_value =
                property.is_some_and(|property| property.is_required || property.default.is_some());
            if !is_unknown && !has_value {
                path.presence = PathPresence::Maybe;
            }
            if !is_unknown && self.is_secret_of_plugs(key) {
                path.secret = Some(SecretOwner::Other);
            }
            return Residual::Path(path);
        };
        match self.objects.given(giver, key) {
            Some(GivenBy::Config(text)) => path.known = Some(text.to_owned()),
            Some(GivenBy::Template(text)) => {
                if self.is_secret_template(giver, text) {
                    path.secret = Some(self.owner_of(side));
                }
            }
            Some(GivenBy::Secret(_)) => path.secret = Some(self.owner_of(side)),
            None => match property {
                Some(property) if property.default.is_some() => {
                    path.known.clone_from(&property.default);
                }
                Some(property) if property.is_required => {}
                _ => path.presence = PathPresence::Maybe,
            },
        }
        Residual::Path(path)
    }

    fn owner_of(&self, side: OldSide) -> SecretOwner {
        match side == self.owner.side {
            true => SecretOwner::Own,
            false => SecretOwner::Other,
        }
    }

    /// Whether some Plug of the input gives a key from a Secret.
    fn is_secret_of_plugs(&self, key: &str) -> bool {
        let mut plugs = self.objects.plugs(self.owner);
        plugs.any(|plug| matches!(self.objects.given(plug, key), Some(GivenBy::Secret(_))))
    }

    /// Whether a `configTemplate` reads a variable of a Secret.
    fn is_secret_template(&self, giver: &OldParty, text: &str) -> bool {
        let mut vars = giver.vars.iter();
        vars.any(|var| {
            var.object.kind == "Secret" && text.contains(&format!(".vars.{}", var.name.value))
        })
    }

    /// A value of `data`, which is written out.
    fn datum(&self, side: OldSide, key: &str) -> Result<Residual, String> {
        let party = match (side, self.owner.side) {
            (OldSide::Socket, _) => self.objects.socket(self.owner),
            (OldSide::Plug, OldSide::Plug) => Some(self.owner),
            (OldSide::Plug, OldSide::Socket) => None,
        };
        let Some(party) = party else {
            return Err(format!(
                "`data` of the other side cannot be used in coupler: give `{key}` as a key of \
                 `config`"
            ));
        };
        let found = party.data.iter().find(|entry| entry.key.value == key);
        if let Some(entry) = found {
            return Ok(Residual::Text(entry.text.value.clone()));
        }
        let others = party.others.iter();
        match others
            .into_iter()
            .any(|field| field.value.starts_with("data"))
        {
            true => Err("coupler does not read `data` from a Secret or a ConfigMap".to_owned()),
            false => Ok(Residual::NoValue),
        }
    }

    fn var(&self, name: &str) -> Result<Residual, String> {
        let Some(var) = self.vars.get(name) else {
            return Ok(Residual::NoValue);
        };
        let object = &var.object;
        let Some(object_name) = &object.name else {
            return Err(format!(
                "the name of the object of variable `{name}` is a template"
            ));
        };
        let own = self.owner.subject.namespace.as_ref();
        if let (Some(namespace), Some(own)) = (&object.namespace, own)
            && namespace != own
        {
            return Err(format!(
                "variable `{name}` reads an object of namespace `{namespace}`, which the operator refuses too"
            ));
        }
        let Some(steps) = dotted(&var.path.value) else {
            return Err(format!(
                "the path `{}` of variable `{name}` has more than names and dots",
                var.path.value
            ));
        };
        let steps: Vec<&str> = steps.iter().map(String::as_str).collect();
        if object.kind == "Secret" && matches!(object.api_version.as_str(), "v1" | "") {
            return match steps[..] {
                ["data", key] => Ok(Residual::SecretKey(
                    SecretSource {
                        name: object_name.clone(),
                        key: key.to_owned(),
                    },
                    Encoding::Base64,
                )),
                _ => Err(format!(
                    "variable `{name}` reads something other than a key of a Secret"
                )),
            };
        }
        if steps.first() == Some(&"status") {
            return Err(format!(
                "variable `{name}` reads a status, which is known only in the cluster"
            ));
        }
        if object.kind == "ConfigMap" && !matches!(&steps[..], ["data", _]) {
            return Err(format!(
                "variable `{name}` reads of a ConfigMap something that is not one of its texts"
            ));
        }
        Ok(Residual::ObjectField(ObjectSource {
            api_version: object.api_version.clone(),
            kind: object.kind.clone(),
            name: object_name.clone(),
            path: object_path(&steps),
        }))
    }
}

fn always(text: String) -> Residual {
    Residual::Path(ResidualPath {
        text,
        presence: PathPresence::Always,
        secret: None,
        known: None,
    })
}

/// `plug.config.shelf`
fn key_path(side: OldSide, key: &str) -> String {
    format!("{}.config{}", side.word(), step(key))
}

/// A step of a path, as coupler writes it.
fn step(key: &str) -> String {
    let is_simple = key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !key.starts_with(|c: char| c.is_ascii_digit());
    if is_simple {
        format!(".{key}")
    } else {
        format!("['{key}']")
    }
}

/// The path of a field, as coupler writes it.
fn object_path(steps: &[&str]) -> String {
    let path: String = steps
        .iter()
        .map(|name| match name.bytes().all(|b| b.is_ascii_digit()) {
            true => format!("[{name}]"),
            false => step(name),
        })
        .collect();
    path.trim_start_matches('.').to_owned()
}

/// The steps of a path of names, dots and escaped dots.
fn dotted(path: &str) -> Option<Vec<String>> {
    let mut steps = vec![String::new()];
    let mut chars = path.chars();
    while let Some(c) = chars.next() {
        match c {
            '.' => steps.push(String::new()),
            '\\' => steps.last_mut()?.push(chars.next()?),
            '#' | '*' | '?' | '@' | '|' | '[' | '(' | '\'' => return None,
            c => steps.last_mut()?.push(c),
        }
    }
    steps.iter().all(|step| !step.is_empty()).then_some(steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_names_and_dots() {
        let path = |text: &str| {
            let steps = dotted(text)?;
            let steps: Vec<&str> = steps.iter().map(String::as_str).collect();
            Some(object_path(&steps))
        };
        assert_eq!(path("data.a").as_deref(), Some("data.a"));
        assert_eq!(path("data.tls\\.crt").as_deref(), Some("data['tls.crt']"));
        assert_eq!(
            path("spec.ports.0.port").as_deref(),
            Some("spec.ports[0].port")
        );
        for other in ["", "a..b", "a.#.b", "a[0]", "a.#(k==\"v\")", "a|b"] {
            assert_eq!(path(other), None, "{other}");
        }
    }
}
