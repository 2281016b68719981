//! Evaluates `resources`: each text of a manifest is a template of its own, in which only
//! expressions are syntax.

use std::rc::Rc;

use serde_json::Value as Json;

use super::evaluate::{Evaluation, NoValue, UseSite, namespace_help};
use super::provided::within;
use super::resource::{CoupledResource, HomeNamespace, ResourceLeaf, ResourceOwner};
use super::template::{Piece, ReferencePart, Side, Syntax, TemplatePath, parse_as};
use super::value::{Part, Reference, ResolvedValue, length, size};
use crate::api::{ManifestMember, ManifestNode, ManifestValue, ResourceHome, ResourceTemplate};
use crate::diagnostic::{Code, Diagnostic, Help, Paste, Reported, lines};
use crate::limits;
use crate::manifest::Place;

/// The resources of one side of a coupling, without those whose `if` says no.
pub(super) fn resolve(
    evaluation: &mut Evaluation<'_, '_>,
    side: Side,
    resources: &[ResourceTemplate],
) -> Result<Vec<CoupledResource>, NoValue> {
    let mut resolved = Vec::with_capacity(resources.len());
    let mut failed: Result<(), NoValue> = Ok(());
    for resource in resources {
        let found = ResourceEvaluation::new(evaluation, side, resource)
            .and_then(|mut evaluation| evaluation.resolve());
        match found {
            Ok(found) => resolved.extend(found),
            Err(why) => failed = Err(why),
        }
    }
    failed.map(|()| resolved)
}

/// One resource while it is evaluated.
struct ResourceEvaluation<'e, 's, 'a> {
    evaluation: &'e mut Evaluation<'s, 'a>,
    side: Side,
    resource: &'e ResourceTemplate,
    /// As messages name it.
    what: String,
    home: HomeNamespace,
    /// Bytes that it may still have.
    room: usize,
}

impl<'e, 's, 'a> ResourceEvaluation<'e, 's, 'a> {
    fn new(
        evaluation: &'e mut Evaluation<'s, 'a>,
        side: Side,
        resource: &'e ResourceTemplate,
    ) -> Result<Self, NoValue> {
        let plug = evaluation.plug.ok_or(NoValue::NoPlug)?.owner.meta;
        let socket = evaluation.socket.owner.meta;
        let home = match (resource.home, side) {
            (ResourceHome::Cluster, _) => HomeNamespace::Cluster,
            (ResourceHome::Plug, _) | (ResourceHome::Owner, Side::Plug) => {
                HomeNamespace::OfPlug(plug.namespace.clone())
            }
            (ResourceHome::Socket, _) | (ResourceHome::Owner, Side::Socket | Side::Source) => {
                HomeNamespace::OfSocket(socket.namespace.clone())
            }
        };
        Ok(Self {
            evaluation,
            side,
            resource,
            what: format!("resources[name={}]", resource.name.value),
            home,
            room: limits::RESOURCE_BYTES,
        })
    }

    /// `None`: its `if` says no.
    fn resolve(&mut self) -> Result<Option<CoupledResource>, NoValue> {
        if !self.is_wanted()? {
            return Ok(None);
        }
        let Some(left) = self.evaluation.run.resources.checked_sub(1) else {
            return Err(self.too_many().into());
        };
        self.evaluation.run.resources = left;
        let manifest = self.node(&self.resource.manifest)?;
        let Some(manifest) = manifest else {
            return Ok(None);
        };
        let plug = self.evaluation.plug.ok_or(NoValue::NoPlug)?.owner;
        Ok(Some(CoupledResource {
            owner: match self.side {
                Side::Plug => ResourceOwner::Plug,
                Side::Socket | Side::Source => ResourceOwner::Socket,
            },
            name: self.resource.name.value.clone(),
            home: self.home.clone(),
            manifest,
            prefix: plug.prefix.into(),
            at: self.resource.at,
        }))
    }

    fn is_wanted(&mut self) -> Result<bool, NoValue> {
        let Some(condition) = &self.resource.condition else {
            return Ok(true);
        };
        let found = self.text(&condition.value, condition.at)?;
        let what = match found {
            Some(ResourceLeaf::Evaluated(ResolvedValue::Literal(Json::Bool(wanted)))) => {
                return Ok(wanted);
            }
            Some(ResourceLeaf::Evaluated(ResolvedValue::Literal(json))) => json.to_string(),
            None => "null".to_owned(),
            Some(ResourceLeaf::Written(_)) => "a text".to_owned(),
            Some(_) => "a text, or a value that is known only in the cluster".to_owned(),
        };
        let message = format!(
            "`if` of resource `{}` must be `true` or `false`, and is {what}",
            self.resource.name.value
        );
        let help = "write a comparison, or a key that is a boolean: `<% plug.config.create | default(true) %>`";
        let error = Diagnostic::error(Code::TemplateFailed, message).at(condition.at, "this value");
        Err(self.evaluation.fail(error.help(help), self.side).into())
    }

    /// A value of the manifest; `None`: it is null.
    fn node(
        &mut self,
        node: &ManifestNode<Json>,
    ) -> Result<Option<ManifestNode<ResourceLeaf>>, NoValue> {
        let value = match &node.value {
            ManifestValue::Leaf(json) => match self.leaf(json, node.at)? {
                Some(leaf) => ManifestValue::Leaf(leaf),
                None => return Ok(None),
            },
            ManifestValue::List(items) => {
                let mut resolved = Vec::with_capacity(items.len());
                let mut failed: Result<(), NoValue> = Ok(());
                for item in items {
                    match self.node(item) {
                        Ok(item) => resolved.extend(item),
                        Err(why) => failed = Err(why),
                    }
                }
                failed?;
                ManifestValue::List(resolved)
            }
            ManifestValue::Map(members) => {
                let mut resolved = Vec::with_capacity(members.len());
                let mut failed: Result<(), NoValue> = Ok(());
                for ManifestMember { key, node } in members {
                    self.spend(key.len())?;
                    match self.node(node) {
                        Ok(node) => resolved.extend(node.map(|node| ManifestMember {
                            key: key.clone(),
                            node,
                        })),
                        Err(why) => failed = Err(why),
                    }
                }
                failed?;
                ManifestValue::Map(resolved)
            }
        };
        Ok(Some(ManifestNode { at: node.at, value }))
    }

    fn leaf(&mut self, json: &Json, at: Place) -> Result<Option<ResourceLeaf>, NoValue> {
        let leaf = match json {
            Json::Null => return Ok(None),
            Json::String(text) => self.text(text, at)?,
            other => Some(ResourceLeaf::Written(other.clone())),
        };
        let bytes = match &leaf {
            None => 0,
            Some(ResourceLeaf::Written(json)) => size(json),
            Some(ResourceLeaf::ObjectName(name)) => name.len(),
            Some(ResourceLeaf::Evaluated(value)) => {
                self.check_reach(value, at)?;
                match value {
                    ResolvedValue::Literal(json) => size(json),
                    ResolvedValue::Reference(_) => 8,
                    ResolvedValue::Text(parts) => length(parts),
                }
            }
        };
        self.spend(bytes)?;
        Ok(leaf)
    }

    /// A text that may be a template; `None`: it gives null.
    fn text(&mut self, text: &str, at: Place) -> Result<Option<ResourceLeaf>, NoValue> {
        let what = self.what.clone();
        let template = match parse_as(text, Syntax::Expressions) {
            Ok(Some(template)) => template,
            Ok(None) => return Ok(Some(ResourceLeaf::Written(text.into()))),
            Err(error) => {
                let error = error.diagnostic(&what, within(at, text, &error.span));
                return Err(self.evaluation.fail(error, self.side).into());
            }
        };
        let site = UseSite {
            what: &what,
            at,
            side: self.side,
            author: true,
        };
        let value = self.evaluation.template(&template, text, &site)?;
        let is_name = matches!(
            &template.pieces[..],
            [Piece::Path(
                TemplatePath::Reference(_, _, ReferencePart::Name),
                _
            )]
        );
        Ok(match value {
            ResolvedValue::Literal(Json::Null) => None,
            ResolvedValue::Literal(Json::String(name)) if is_name => {
                Some(ResourceLeaf::ObjectName(name))
            }
            value => Some(ResourceLeaf::Evaluated(value)),
        })
    }

    /// The resources of all Plugs are too many, or too large, together.
    fn too_many(&mut self) -> Reported {
        let message = format!(
            "the resources of this run are more than {}, or larger than {} MiB together",
            limits::RUN_RESOURCES,
            limits::RUN_RESOURCE_BYTES >> 20
        );
        let error = Diagnostic::error(Code::LimitExceeded, message)
            .at(self.resource.at, "the first one beyond the limit")
            .help("render fewer at a time");
        self.evaluation.fail(error, self.side)
    }

    fn spend(&mut self, bytes: usize) -> Result<(), NoValue> {
        let Some(left) = self.evaluation.run.resource_bytes.checked_sub(bytes) else {
            return Err(self.too_many().into());
        };
        self.evaluation.run.resource_bytes = left;
        match self.room.checked_sub(bytes) {
            Some(room) => {
                self.room = room;
                Ok(())
            }
            None => {
                let message = format!(
                    "resource `{}` is larger than {} KiB when its templates are evaluated",
                    self.resource.name.value,
                    limits::RESOURCE_BYTES >> 10
                );
                let error = Diagnostic::error(Code::LimitExceeded, message)
                    .at(self.resource.at, "this resource")
                    .help("a value that is used several times counts each time");
                Err(self.evaluation.fail(error, self.side).into())
            }
        }
    }

    /// Whether the references of a value are to objects of the resource's own namespace.
    fn check_reach(&mut self, value: &ResolvedValue, at: Place) -> Result<(), NoValue> {
        let references: Vec<Rc<Reference>> = match value {
            ResolvedValue::Literal(_) => return Ok(()),
            ResolvedValue::Reference(reference) => vec![Rc::clone(reference)],
            ResolvedValue::Text(parts) => parts
                .iter()
                .filter_map(|part| match part {
                    Part::Reference(reference) => Some(Rc::clone(reference)),
                    Part::Author(_) | Part::Data(_) => None,
                })
                .collect(),
        };
        for reference in references {
            if let Some(error) = self.unreachable(&reference, at) {
                return Err(self.evaluation.fail(error, self.side).into());
            }
        }
        Ok(())
    }

    fn unreachable(&self, reference: &Rc<Reference>, at: Place) -> Option<Diagnostic> {
        let origin = self.evaluation.origin(reference)?;
        let home = origin.home.as_ref()?;
        let (kind, name) = (reference.kind.object(), &reference.name);
        let own = match &self.home {
            HomeNamespace::OfPlug(own) | HomeNamespace::OfSocket(own) if own == home => {
                return None;
            }
            HomeNamespace::OfPlug(own) | HomeNamespace::OfSocket(own) => own.as_deref(),
            HomeNamespace::Cluster => None,
        };
        let is_unknown = home.is_none() || own.is_none() && self.home != HomeNamespace::Cluster;
        let resource = &self.resource.name.value;
        if is_unknown {
            let message = format!(
                "whether resource `{resource}` can refer to {kind} `{name}` depends on a namespace that is not known"
            );
            let error = Diagnostic::error(Code::NamespaceUnknown, message)
                .at(at, "used here")
                .at(origin.at, "given here");
            return Some(error.help(namespace_help()));
        }
        let place = match own {
            Some(own) => format!("in `{own}`"),
            None => "of the cluster".to_owned(),
        };
        let message = format!(
            "{kind} `{name}` is in namespace `{}`, and resource `{resource}` {place} cannot refer to it",
            home.as_deref().unwrap_or_default()
        );
        let socket = self.evaluation.socket.owner;
        let help = match (&self.home, self.side) {
            (HomeNamespace::OfPlug(_), Side::Plug) => Help::from(
                "if it is in the Plug's namespace under that name too (created there, or \
                 replicated), write in the Socket:",
            )
            .paste(Paste::merge(
                socket.subject(),
                "spec:\n  secretNamespace: Plug".into(),
            )),
            _ => Help::from(
                "put the resource into the namespace of that object, with its `namespace`; or \
                 refer to an object in the resource's own namespace",
            ),
        };
        let help = help.and(lines![(
            "if the field needs the name of the object or the key in it: `<% {}.refs.{}.name %>`, \
             `<% {}.refs.{}.key %>`",
            origin.side.word(),
            reference.supplies,
            origin.side.word(),
            reference.supplies
        )]);
        let error = Diagnostic::error(Code::ReferenceUnreachable, message)
            .at(at, "used here")
            .at(origin.at, "given here");
        Some(error.help(help))
    }
}
