//! Evaluates what refers to other objects: a Service's host, a Secret's or ConfigMap's key.

use std::rc::Rc;

use serde_json::Value as Json;

use super::{CouplingRun, Evaluation, NoValue, ReferenceOrigin, UseSite, namespace_help};
use crate::api::{
    COMPLETE_ANNOTATION, ReferencePresence, SecretNamespace, is_object_name, suggest,
};
use crate::couple::consumer::Consumer;
use crate::couple::host_form::HostForm;
use crate::couple::provided::{KeyReference, Owner, ProvidedKey};
use crate::couple::provided_service::ProvidedService;
use crate::couple::template::Side;
use crate::couple::value::{Reference, ReferenceKind, ResolvedValue};
use crate::couple::{KeyExtent, SimilarName, Target};
use crate::diagnostic::{Code, Diagnostic, Help, Paste, Subject, lines, list};
use crate::manifest::{Place, emit};

/// What to do about a name that kustomize may have changed.
const RENAMED: &str = "kustomize may have renamed it: list the Component `krm-fn/kustomize`, and kustomize renames the reference too";

impl<'a> Evaluation<'_, 'a> {
    /// The Service's name; with its namespace for a Plug of another.
    pub(super) fn host(&mut self, service: &ProvidedService<'a>) -> Result<ResolvedValue, NoValue> {
        let named = self.service(service)?;
        let (written, service) = (&named.name, named.written);
        let socket = self.socket.owner;
        let own = &socket.meta.namespace;
        let target = Target {
            api_version: "v1",
            kind: "Service",
            namespace: own.as_deref(),
            name: written,
        };
        self.similar_name(&target, service.name.at, Side::Socket);
        let name = &self
            .run
            .objects
            .current_name(&target)
            .unwrap_or_else(|| written.clone());
        let host = match self.host_form().host(name, own.as_deref()) {
            Some(host) => host,
            None => {
                let message = format!(
                    "the host of Service `{name}` contains its namespace for a Plug of another one, and the namespace of {} is not known",
                    socket.words()
                );
                let diagnostic = Diagnostic::error(Code::NamespaceUnknown, message)
                    .at(service.name.at, "this Service")
                    .at(socket.meta.name.at, "has no `metadata.namespace`")
                    .help(namespace_help());
                return Err(self.fail(diagnostic, Side::Socket).into());
            }
        };
        Ok(ResolvedValue::Literal(Json::String(host)))
    }

    /// How the host of a Service is written for the Plug.
    pub(super) fn host_form(&self) -> HostForm {
        HostForm {
            own: self.socket.owner.meta.namespace.clone(),
            consumer: self.consumer.namespace().cloned(),
        }
    }

    /// Warns of a name that nothing has, where something has a name that is nearly the same.
    fn similar_name(&mut self, target: &Target<'_>, at: Place, side: Side) {
        // what an operator makes is not in the input
        let is_made = self
            .provided(side)
            .is_some_and(|provided| provided.owner.adapted.is_some());
        if is_made {
            return;
        }
        let Some(similar) = self.run.objects.similar_name(target) else {
            return;
        };
        let (similar, remedy) = match similar {
            SimilarName::Misspelt(similar) => {
                (similar, "if you mean that one, write its name here")
            }
            SimilarName::Renamed(similar) => (similar, RENAMED),
        };
        let (kind, name) = (target.kind, target.name);
        let message = format!("{kind} `{name}` is not in the input, and `{similar}` is");
        let warning = Diagnostic::warning(Code::SimilarName, message)
            .at(at, format!("did you mean `{similar}`?"))
            .help(lines![
                ("{remedy}"),
                ("if `{name}` is created in the cluster, ignore this warning")
            ]);
        self.fail(warning, side);
    }

    /// What to do about an object that is not in the input, where one that may be meant is.
    pub(in crate::couple) fn similar_help(&self, target: &Target<'_>) -> Option<Help> {
        let kind = target.kind;
        Some(match self.run.objects.similar_name(target)? {
            SimilarName::Misspelt(similar) => format!("did you mean {kind} `{similar}`?").into(),
            SimilarName::Renamed(similar) => {
                lines![("{kind} `{similar}` is in the input, and {RENAMED}; or")]
            }
        })
    }

    /// A key of a Secret or ConfigMap as a reference.
    pub(super) fn reference(
        &mut self,
        side: Side,
        slot: &ProvidedKey<'_>,
        written: &KeyReference<'_>,
    ) -> Result<ResolvedValue, NoValue> {
        let KeyReference {
            kind,
            name,
            key,
            presence,
            ..
        } = written;
        let kind = *kind;
        let site = UseSite {
            what: slot.key,
            at: name.at,
            side,
            author: false,
        };
        let name = self.plain_text(name, &site)?;
        if !is_object_name(&name) {
            let kind = kind.object();
            let message =
                format!("the name of the {kind} would be `{name}`, which is not a valid name");
            let help = "a name has at most 253 lower-case letters, digits, `-` and `.`; filters \
             can change other text: `<% plug.config.database | lower | replace('_', '-') %>`";
            let diagnostic = Diagnostic::error(Code::InvalidField, message)
                .at(site.at, "this name")
                .help(help);
            return Err(self.fail(diagnostic, side).into());
        }
        let owner = self.provided(side).ok_or(NoValue::NoPlug)?.owner;
        let consumer = self.consumer.clone();
        let plug = consumer.namespace();
        let home = match owner.secrets {
            SecretNamespace::Socket => Some(&owner.meta.namespace),
            // each Plug has its own
            SecretNamespace::Plug if self.plugs.is_some() => return Err(NoValue::NoPlug),
            SecretNamespace::Plug => plug,
        };
        let reachable = match (home, plug) {
            (Some(home), Some(plug)) if home == plug => Some(true),
            _ if matches!(consumer, Consumer::Unseen(_)) => Some(true),
            (Some(Some(_)), Some(Some(_))) => Some(false),
            (_, None) => Some(true),
            _ => None,
        };
        let home = home.cloned();
        if let Some(home) = &home {
            let target = Target {
                api_version: "v1",
                kind: kind.object(),
                namespace: home.as_deref(),
                name: &name,
            };
            self.similar_name(&target, site.at, side);
            if *presence == ReferencePresence::Required
                && let Some(keys) = self.run.objects.key_names(&target)
                && keys.extent == KeyExtent::All
                && !keys.names.contains(&key.value)
            {
                let message = format!("{} `{name}` has no key `{}`", kind.object(), key.value);
                let names = || keys.names.iter().map(String::as_str);
                let near = self.run.near_name(&key.value, names());
                let position = owner.config_from_position(key.at);
                let help = match (near, position) {
                    (Some(near), Some(position)) => near_key(owner, position, slot.key, near),
                    (Some(near), None) => format!("did you mean `{near}`?").into(),
                    (None, _) if keys.names.is_empty() => "it has no keys".into(),
                    (None, _) => format!("there is {}", list(names())).into(),
                };
                let object = Subject {
                    api_version: target.api_version.to_owned(),
                    kind: target.kind.to_owned(),
                    namespace: target.namespace.map(str::to_owned),
                    name: self
                        .run
                        .objects
                        .current_name(&target)
                        .unwrap_or_else(|| name.clone()),
                };
                let annotation = lines![
                    ("metadata:"),
                    ("  annotations:"),
                    ("    {COMPLETE_ANNOTATION}: \"false\"")
                ];
                let help = help
                    .and(format!(
                        "or, if something adds `{}` in the cluster, declare it on the {}:",
                        key.value,
                        kind.object()
                    ))
                    .paste(Paste::merge(object, annotation));
                let label = match kind {
                    ReferenceKind::Secret => "no such key",
                    ReferenceKind::ConfigMap => {
                        "no such key in its `data`; `binaryData` cannot be used in variables"
                    }
                };
                let diagnostic = Diagnostic::error(Code::SecretKeyNotFound, message)
                    .at(key.at, label)
                    .help(help);
                return Err(self.fail(diagnostic, side).into());
            }
        }
        if let (Some(home), ReferenceKind::Secret) = (&home, kind) {
            let reported = self.judge_made_secret(side, slot, home.as_deref(), &name, key);
            if let Some(reported) = reported {
                return Err(reported.into());
            }
        }
        let supplies = slot.key.to_owned();
        let reference = Rc::new(Reference {
            kind,
            name,
            key: key.value.clone(),
            presence: *presence,
            supplies,
        });
        self.origins.push(ReferenceOrigin {
            reference: Rc::clone(&reference),
            side,
            at: slot.at,
            reachable,
            home,
        });
        Ok(ResolvedValue::Reference(reference))
    }
}

/// The key of the other object that was probably meant, with the lines that name it.
pub(super) fn near_key(owner: Owner<'_>, position: usize, ours: &str, near: &str) -> Help {
    let (ours, theirs) = (emit::flow_string(ours), emit::flow_string(near));
    let lines = lines![("keys:"), ("  {ours}: {theirs}")];
    let path = format!("spec.configFrom[{position}]");
    let paste = Paste::item(owner.subject(), path, lines);
    Help::from(format!("did you mean `{near}`?")).paste(paste)
}

impl CouplingRun<'_> {
    /// The name that was probably meant, or the names that there are. To compare every name for
    /// each of very many mistakes would be the square: later mistakes get the first names alone.
    pub(in crate::couple) fn names_help<'n>(
        &mut self,
        name: &str,
        mut names: impl ExactSizeIterator<Item = &'n str> + Clone,
        none: &str,
    ) -> String {
        if names.len() == 0 {
            return none.to_owned();
        }
        match self.near_name(name, names.clone()) {
            Some(name) => format!("did you mean `{name}`?"),
            None => format!("there is {}", list(names.by_ref())),
        }
    }

    /// The name that was probably meant, as long as there were few mistakes.
    pub(in crate::couple) fn near_name<'n>(
        &mut self,
        name: &str,
        names: impl Iterator<Item = &'n str>,
    ) -> Option<&'n str> {
        if self.near == 0 {
            return None;
        }
        self.near -= 1;
        suggest(name, names)
    }
}
