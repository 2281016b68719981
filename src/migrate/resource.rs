//! Translates `resources` of `v1beta1` into those of coupler.

use super::body::{BodyError, TranslatedBody, translated};
use super::body_type::body_type;
use super::interface::label;
use super::old_object::{OldBody, OldManifest, OldParty, OldResource, OldScalar, OldSide};
use super::report::{MigrationOutcome, MigrationReport};
use super::residual::{NO_VALUE, Residual};
use super::template_scope::TemplateScope;
use super::template_text::too_long;
use super::ways_out;
use crate::api::ManifestValue;
use crate::edit::{Member, Value};
use crate::limits;
use crate::manifest::Place;

/// A resource that is made.
#[derive(Debug)]
pub(super) struct MigratedResource {
    /// The entry.
    pub entry: Value<'static>,
    /// Which entry of the old ones it is from.
    pub position: usize,
    /// Comments that were written in the body.
    pub comments: Vec<String>,
}

impl MigratedResource {
    /// Whether its name varies with the Plug's namespace, and not with the Plug.
    pub(super) fn is_of_namespace(&self) -> bool {
        let Value::Map(entry) = &self.entry else {
            return false;
        };
        let manifest = entry.iter().find(|(key, _)| key == "manifest");
        let Some((_, Value::Map(manifest))) = manifest else {
            return false;
        };
        let metadata = manifest.iter().find(|(key, _)| key == "metadata");
        let Some((_, Value::Map(metadata))) = metadata else {
            return false;
        };
        let name = text_of(metadata, "name").unwrap_or_default();
        name.contains("plug.namespace")
            && !name.contains("plug.object")
            && !name.contains(".config.")
    }
}

/// The resources of an object, and what became of each old one.
pub(super) fn new_resources(
    party: &OldParty,
    scope: &TemplateScope<'_>,
    report: &mut MigrationReport,
) -> Vec<MigratedResource> {
    let mut maker = ResourceMaker {
        party,
        scope,
        report,
        made: Vec::new(),
        names: Vec::new(),
    };
    for (position, resource) in party.resources.iter().enumerate() {
        maker.resource(position, resource);
    }
    maker.made
}

struct ResourceMaker<'m, 'o> {
    party: &'o OldParty,
    scope: &'m TemplateScope<'o>,
    report: &'m mut MigrationReport,
    made: Vec<MigratedResource>,
    names: Vec<String>,
}

/// Where a manifest says that it is.
enum OldHome {
    /// In its owner's namespace.
    Owner,
    /// In the Plug's namespace, and its owner is the Socket.
    Plug,
    /// Elsewhere.
    Elsewhere(String),
}

impl ResourceMaker<'_, '_> {
    fn add(&mut self, outcome: MigrationOutcome, at: Place, message: String) {
        self.report.add(outcome, &self.party.subject, at, message);
    }

    fn resource(&mut self, position: usize, resource: &OldResource) {
        let what = format!("`resources[{position}]`");
        let has = |event: &str| resource.when.iter().any(|when| when == event);
        let action = resource.action.as_deref().unwrap_or_default();
        let is_known = matches!(action, "apply" | "recreate" | "delete");
        let events = ["created", "coupled", "updated", "decoupled", "deleted"];
        if !is_known || !events.iter().any(|event| has(event)) {
            let why = if is_known {
                "its `when` names no event"
            } else {
                "its `do` names no action"
            };
            let message = format!("{what} is left out: {why}, so it had no effect");
            return self.add(MigrationOutcome::Changed, resource.at, message);
        }
        let events: Vec<&str> = ["created", "decoupled", "deleted"]
            .into_iter()
            .filter(|event| has(event))
            .collect();
        if !events.is_empty() {
            let message = format!(
                "{what} is left out for the event {}: coupler has no such event",
                events.join(", ")
            );
            self.add(MigrationOutcome::NoCounterpart, resource.at, message);
            self.event_help(&events);
        }
        if !has("coupled") && !has("updated") {
            return;
        }
        if action == "delete" {
            let message = format!("{what} is left out: coupler deletes no object");
            self.add(MigrationOutcome::NoCounterpart, resource.at, message);
            return self
                .report
                .help("remove the object from the manifests: the host deletes it (`prune`)");
        }
        if has("coupled") != has("updated") {
            let message = format!(
                "{what} exists while coupled: in coupler, the first render and later ones are the \
                 same"
            );
            self.add(MigrationOutcome::Changed, resource.at, message);
        }
        let mut is_job = false;
        for body in &resource.bodies {
            is_job |= body_type(body).kind == "Job";
            self.body(position, body);
        }
        if action == "recreate" && is_job {
            let message =
                format!("{what} is applied again if it changes, and is not created anew each time");
            self.add(MigrationOutcome::Changed, resource.at, message);
            self.report.help(
                "a Job cannot be changed: put `<% plug.digest %>` into its name, or give it the annotations \
                 `argocd.argoproj.io/hook: Sync` and `argocd.argoproj.io/hook-delete-policy: BeforeHookCreation`",
            );
        }
        if let Some(at) = resource.is_retained {
            let message = format!("{what} is removed when the coupling ends");
            self.add(MigrationOutcome::Changed, at, message);
            self.report.help(
                "to keep it, give it the annotation `argocd.argoproj.io/sync-options: Prune=false`, or in kpt `cli-utils.sigs.k8s.io/on-remove: keep`",
            );
        }
    }

    fn event_help(&mut self, events: &[&str]) {
        if events.contains(&"created") {
            self.report.help(
                "write an object that exists without a coupling too as a manifest of its own, \
                 next to this one",
            );
        }
        if events.contains(&"decoupled") || events.contains(&"deleted") {
            self.report.help(
                "when the coupling ends, its resources are left out of the output, and the host \
                 deletes them; for other work, use a Job of the host, such as Argo CD's hook \
                 `PostDelete`",
            );
        }
    }

    fn body(&mut self, position: usize, body: &OldBody) {
        let what = format!("`resources[{position}]`");
        let declared = body_type(body);
        if let Some(way) = ways_out::of_type(&declared, body, self.party, self.scope) {
            let message = format!("{what} is left out: {}", way.message);
            self.add(MigrationOutcome::NoCounterpart, body.at(), message);
            return self.report.help(way.help);
        }
        match translated(body, self.scope) {
            Err(BodyError { at, why }) => {
                let action = match why.action.as_str() {
                    "" => String::new(),
                    action => format!(": `{action}`"),
                };
                let message = format!("{what} is left out: {}{action}", why.message);
                self.add(MigrationOutcome::NoCounterpart, at, message);
                if why.wants_secret {
                    self.report.help(ways_out::of_secret_value());
                }
            }
            Ok(bodies) => {
                if breaks_json(body) {
                    let message = format!(
                        "{what} is read value by value: the operator fails here, because quotes \
                         in an action break the JSON of a `template`"
                    );
                    self.add(MigrationOutcome::Changed, body.at(), message);
                }
                if bodies.iter().any(|body| body.is_wrapped) {
                    let message = format!(
                        "{what} exists if its condition is true: the operator fails if a body is \
                         blank"
                    );
                    self.add(MigrationOutcome::Changed, body.at(), message);
                }
                if bodies.is_empty() {
                    let message = format!("{what} is left out: its body is blank");
                    self.add(MigrationOutcome::Changed, body.at(), message);
                }
                for translated in bodies {
                    self.finish(position, body.at(), translated);
                }
            }
        }
    }

    /// Makes an entry of a translated manifest.
    fn finish(&mut self, position: usize, at: Place, body: TranslatedBody) {
        let what = format!("`resources[{position}]`");
        let Value::Map(mut manifest) = body.manifest else {
            let message = format!("{what} is left out: it is not a manifest");
            return self.add(MigrationOutcome::NoCounterpart, at, message);
        };
        let kind = text_of(&manifest, "kind").unwrap_or_default().to_owned();
        let home = match self.take_namespace(&mut manifest) {
            OldHome::Elsewhere(namespace) => {
                let message = format!(
                    "{what} is left out: it is in the namespace `{namespace}`, which the operator refuses too"
                );
                return self.add(MigrationOutcome::NoCounterpart, at, message);
            }
            home => home,
        };
        manifest.retain(|(key, _)| key != "status");
        let condition = match condition(body.conditions) {
            Ok(condition) => condition,
            Err(message) => {
                let message = format!("{what} is left out: {message}");
                return self.add(MigrationOutcome::NoCounterpart, at, message);
            }
        };
        let name = self.name(&kind);
        let mut entry: Vec<Member<'static>> =
            vec![("name".into(), Value::Text(name.clone().into()))];
        if matches!(home, OldHome::Plug) {
            entry.push(("namespace".into(), Value::Text("Plug".into())));
            let message = format!(
                "{what} is in the Plug's namespace: the operator refuses a namespace other than \
                 the Socket's"
            );
            self.add(MigrationOutcome::Changed, at, message);
        }
        if let Some(condition) = condition {
            entry.push(("if".into(), Value::Text(condition.into())));
        }
        entry.push(("manifest".into(), Value::Map(manifest)));
        let message = format!("{what} is the resource `{name}`, which exists while coupled");
        self.add(MigrationOutcome::CarriedOver, at, message);
        if has_no_value(&entry) {
            let message = format!(
                "{what} has the text `{NO_VALUE}`, as the operator prints it: it uses a key that nobody can give"
            );
            self.add(MigrationOutcome::CarriedOver, at, message);
            self.report.help(
                "declare the key in the Interface and give it, or remove it from the resource",
            );
        }
        if body.has_more {
            let message = format!(
                "{what}: only its first YAML document is written, as the operator reads it"
            );
            self.add(MigrationOutcome::Changed, at, message);
        }
        self.made.push(MigratedResource {
            entry: Value::Map(entry),
            position,
            comments: body.comments,
        });
    }

    /// A name that no other resource of the object has.
    fn name(&mut self, kind: &str) -> String {
        let base = label(kind);
        let mut name = base.clone();
        let mut number = 2;
        while self.names.contains(&name) {
            name = format!("{base}-{number}");
            number += 1;
        }
        self.names.push(name.clone());
        name
    }

    /// Takes the namespace out of a manifest: in coupler, the entry has it.
    fn take_namespace(&self, manifest: &mut [Member<'static>]) -> OldHome {
        let found = manifest.iter_mut().find(|(key, _)| key == "metadata");
        let Some((_, Value::Map(metadata))) = found else {
            return OldHome::Owner;
        };
        let namespace = text_of(metadata, "namespace").map(str::to_owned);
        metadata.retain(|(key, _)| key != "namespace");
        let Some(namespace) = namespace else {
            return OldHome::Owner;
        };
        let own = self.party.subject.namespace.as_deref();
        let side = self.party.side;
        if own.is_none_or(|own| own == namespace)
            || namespace == format!("<% {}.namespace %>", side.word())
        {
            return OldHome::Owner;
        }
        if side == OldSide::Socket && namespace == "<% plug.namespace %>" {
            return OldHome::Plug;
        }
        OldHome::Elsewhere(namespace)
    }
}

/// Whether a key of which nobody has a value is printed.
fn has_no_value(entry: &[Member<'static>]) -> bool {
    entry.iter().any(|(_, value)| prints_no_value(value))
}

fn prints_no_value(value: &Value<'static>) -> bool {
    match value {
        Value::Text(text) => {
            // in an expression, it is what is printed where an optional key is not given
            let mut literals = text.split("<% ");
            let first = literals
                .next()
                .is_some_and(|literal| literal.contains(NO_VALUE));
            first
                || literals.any(|piece| {
                    piece
                        .split_once("%>")
                        .is_some_and(|(_, literal)| literal.contains(NO_VALUE))
                })
        }
        Value::Json(_) | Value::Scalar(_) => false,
        Value::Map(members) => has_no_value(members),
        Value::List(items) => items.iter().any(prints_no_value),
    }
}

/// Whether an action of an object has quotes, which end a text of its JSON.
fn breaks_json(body: &OldBody) -> bool {
    match body {
        OldBody::Object(node) => has_quotes(node),
        OldBody::Text(_) => false,
    }
}

fn has_quotes(node: &OldManifest) -> bool {
    match &node.value {
        ManifestValue::Leaf(OldScalar::Text(text, _)) => text.split("{%").skip(1).any(|piece| {
            let action = piece.split_once("%}").map_or(piece, |(action, _)| action);
            action.contains('"') || action.split(' ').any(|word| word == "quote")
        }),
        ManifestValue::Leaf(OldScalar::Token(_)) => false,
        ManifestValue::List(items) => items.iter().any(has_quotes),
        ManifestValue::Map(members) => members.iter().any(|member| has_quotes(&member.node)),
    }
}

/// `if`, where there is a condition.
fn condition(mut conditions: Vec<Residual>) -> Result<Option<String>, String> {
    let condition = match conditions.len() {
        0 => return Ok(None),
        1 => conditions.remove(0),
        _ => Residual::Both(conditions),
    };
    let text = condition.boolean();
    if text.len() > limits::TEMPLATE_BYTES {
        return Err(too_long().message);
    }
    Ok(Some(format!("<% {text} %>")))
}

fn text_of<'m>(members: &'m [Member<'static>], key: &str) -> Option<&'m str> {
    let (_, value) = members.iter().find(|(known, _)| known == key)?;
    match value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}
