//! Reads objects of `v1beta1` out of documents.

use super::old_object::{
    OLD_API_VERSION, OldBody, OldDeferred, OldEntry, OldInterface, OldManifest, OldObject,
    OldObjectRef, OldParty, OldProperty, OldResource, OldScalar, OldSide, OldSocketRef, OldStage,
    OldValidation, OldVar,
};
use crate::api::{ManifestMember, ManifestNode, ManifestValue, Spanned};
use crate::diagnostic::Subject;
use crate::manifest::scalar::Scalar;
use crate::manifest::{Kind, NodeId, NotReadable, Place, SourceId, Span, Tree};

/// Why an object cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unread {
    /// Where.
    pub at: Place,
    /// The fact.
    pub message: String,
}

/// A document, and where its objects are.
pub(super) struct OldReader<'t> {
    /// The document.
    pub tree: &'t Tree<'t>,
    /// Its source.
    pub source: SourceId,
    /// Where it begins in the source.
    pub start: u32,
    /// The namespace of objects that name none.
    pub namespace: Option<&'t str>,
}

type Read<T> = Result<T, Unread>;

impl OldReader<'_> {
    /// The object at a node; `None`: its kind is not one of `v1beta1`.
    pub(super) fn object(&self, root: NodeId) -> Read<Option<OldObject>> {
        let kind = self.text_at(root, &["kind"])?.unwrap_or_default();
        let side = match kind.as_str() {
            "Plug" => OldSide::Plug,
            "Socket" => OldSide::Socket,
            "DeferredResource" => return self.deferred(root).map(Some),
            _ => return Ok(None),
        };
        self.party(root, side)
            .map(|party| Some(OldObject::Party(Box::new(party))))
    }

    fn subject(&self, root: NodeId, kind: &str) -> Read<Subject> {
        let namespace = self.text_at(root, &["metadata", "namespace"])?;
        Ok(Subject {
            api_version: OLD_API_VERSION.to_owned(),
            kind: kind.to_owned(),
            namespace: namespace
                .filter(|namespace| !namespace.is_empty())
                .or_else(|| self.namespace.map(str::to_owned)),
            name: self
                .text_at(root, &["metadata", "name"])?
                .unwrap_or_default(),
        })
    }

    fn name_place(&self, root: NodeId) -> Read<Place> {
        let name = self.node_at(root, &["metadata", "name"])?;
        Ok(self.at(name.unwrap_or(root)))
    }

    fn party(&self, root: NodeId, side: OldSide) -> Read<OldParty> {
        let mut party = OldParty {
            subject: self.subject(root, side.kind())?,
            side,
            at: self.name_place(root)?,
            socket: None,
            interface: None,
            config: Vec::new(),
            config_template: Vec::new(),
            config_secret: None,
            config_map: None,
            data: Vec::new(),
            vars: Vec::new(),
            resources: Vec::new(),
            validation: None,
            others: Vec::new(),
        };
        let Some(spec) = self.node_at(root, &["spec"])? else {
            return Ok(party);
        };
        for (key, value) in self.members(spec)? {
            match (key.value.as_str(), side) {
                ("socket", OldSide::Plug) => party.socket = self.socket_ref(value)?,
                ("interface", OldSide::Socket) => party.interface = Some(self.interface(value)?),
                ("validation", OldSide::Socket) => {
                    party.validation = Some(self.validation(value)?);
                }
                ("config", _) => party.config = self.entries(value)?,
                ("configTemplate", _) => party.config_template = self.entries(value)?,
                ("configSecretName", _) => party.config_secret = self.name(value)?,
                ("configConfigMapName", _) => party.config_map = self.name(value)?,
                ("data", _) => party.data = self.entries(value)?,
                ("vars", _) => party.vars = self.list(value, Self::var)?,
                ("resources", _) => party.resources = self.list(value, Self::resource)?,
                _ => party.others.push(key),
            }
        }
        Ok(party)
    }

    fn deferred(&self, root: NodeId) -> Read<OldObject> {
        let subject = self.subject(root, "DeferredResource")?;
        let at = self.name_place(root)?;
        let Some(resource) = self.node_at(root, &["spec", "resource"])? else {
            return Err(self.unread(root, "it has no `spec.resource`"));
        };
        let others = match self.node_at(root, &["spec"])? {
            Some(spec) => self.members(spec)?,
            None => Vec::new(),
        };
        let others = others.into_iter().map(|(key, _)| key);
        Ok(OldObject::Deferred(Box::new(OldDeferred {
            subject,
            at,
            resource: self.manifest(resource)?,
            others: others.filter(|key| key.value != "resource").collect(),
        })))
    }

    fn socket_ref(&self, id: NodeId) -> Read<Option<OldSocketRef>> {
        let Some(name) = self.node_at(id, &["name"])? else {
            return Ok(None);
        };
        let namespace = self.text_at(id, &["namespace"])?;
        Ok(Some(OldSocketRef {
            name: self.spanned(name)?,
            namespace: namespace.filter(|namespace| !namespace.is_empty()),
        }))
    }

    fn interface(&self, id: NodeId) -> Read<OldInterface> {
        let stage = |name| self.node_at(id, &[name]);
        let config = match stage("config")?.filter(|&node| !self.is_null(node)) {
            Some(config) => Some(OldStage {
                plug: self.properties(config, "plug")?,
                socket: self.properties(config, "socket")?,
            }),
            None => None,
        };
        Ok(OldInterface {
            at: self.at(id),
            config,
            result: stage("result")?.map(|result| self.at(result)),
        })
    }

    fn properties(&self, stage: NodeId, side: &str) -> Read<Vec<OldProperty>> {
        let Some(side) = self.node_at(stage, &[side])? else {
            return Ok(Vec::new());
        };
        let mut properties = Vec::new();
        for (key, value) in self.members(side)? {
            let default = self.text_at(value, &["default"])?;
            properties.push(OldProperty {
                key,
                description: self.text_at(value, &["description"])?,
                default: default.filter(|default| !default.is_empty()),
                is_required: self.text_at(value, &["required"])?.as_deref() == Some("true"),
            });
        }
        Ok(properties)
    }

    fn validation(&self, id: NodeId) -> Read<OldValidation> {
        let list = |key: &str| match self.node_at(id, &[key])? {
            Some(list) => self.list(list, Self::spanned).map(Some),
            None => Ok(None),
        };
        Ok(OldValidation {
            at: self.at(id),
            allowed: list("namespaceWhitelist")?,
            refused: list("namespaceBlacklist")?.unwrap_or_default(),
        })
    }

    fn entries(&self, id: NodeId) -> Read<Vec<OldEntry>> {
        let mut entries = Vec::new();
        for (key, value) in self.members(id)? {
            let is_text = matches!(self.tree.resolved(value), Some(Scalar::Str(_)));
            entries.push(OldEntry {
                key,
                text: self.spanned(value)?,
                is_text,
            });
        }
        Ok(entries)
    }

    fn var(&self, id: NodeId) -> Read<OldVar> {
        let text = |path: &[&str]| self.text_at(id, path);
        let name = self.node_at(id, &["name"])?;
        let path = self.node_at(id, &["fieldref", "fieldPath"])?;
        let api_version = text(&["objref", "apiVersion"])?.filter(|version| !version.is_empty());
        let empty = |at| Spanned {
            value: String::new(),
            at,
        };
        Ok(OldVar {
            name: name.map_or(Ok(empty(self.at(id))), |name| self.spanned(name))?,
            object: OldObjectRef {
                api_version: api_version.unwrap_or_else(|| "v1".to_owned()),
                kind: text(&["objref", "kind"])?.unwrap_or_default(),
                name: text(&["objref", "name"])?.filter(|name| !name.is_empty()),
                namespace: text(&["objref", "namespace"])?,
            },
            path: path.map_or(Ok(empty(self.at(id))), |path| self.spanned(path))?,
        })
    }

    fn resource(&self, id: NodeId) -> Read<OldResource> {
        let mut bodies = Vec::new();
        if let Some(body) = self.node_at(id, &["template"])? {
            bodies.push(OldBody::Object(self.manifest(body)?));
        }
        if let Some(list) = self.node_at(id, &["templates"])? {
            bodies.extend(self.list(list, |reader, item| {
                reader.manifest(item).map(OldBody::Object)
            })?);
        }
        if let Some(body) = self.node_at(id, &["stringTemplate"])? {
            bodies.push(OldBody::Text(self.spanned(body)?));
        }
        if let Some(list) = self.node_at(id, &["stringTemplates"])? {
            bodies.extend(self.list(list, |reader, item| reader.spanned(item).map(OldBody::Text))?);
        }
        let when = match self.node_at(id, &["when"])? {
            Some(when) => self.list(when, Self::spanned)?,
            None => Vec::new(),
        };
        let retained = self.node_at(id, &["retainWhenDecoupled"])?;
        let is_true = |node: &NodeId| self.tree.resolved(*node) == Some(Scalar::Bool(true));
        Ok(OldResource {
            at: self.at(id),
            action: self.text_at(id, &["do"])?,
            when: when.into_iter().map(|when| when.value).collect(),
            is_retained: retained.filter(is_true).map(|node| self.at(node)),
            bodies,
        })
    }

    /// A name; `None` where it is empty.
    fn name(&self, id: NodeId) -> Read<Option<Spanned<String>>> {
        let name = self.spanned(id)?;
        Ok(Some(name).filter(|name| !name.value.is_empty()))
    }

    /// A manifest within the object, as it is written.
    pub(super) fn manifest(&self, id: NodeId) -> Read<OldManifest> {
        let node = self.tree.node(id);
        if node.tagged {
            return Err(self.unread(id, "it has a tag, which readers treat in different ways"));
        }
        let value = match node.kind {
            Kind::Mapping => {
                let mut members = Vec::new();
                for (key, value) in self.members(id)? {
                    members.push(ManifestMember {
                        key: key.value,
                        node: self.manifest(value)?,
                    });
                }
                ManifestValue::Map(members)
            }
            Kind::Sequence => {
                let items = self.tree.children(id).map(|item| self.manifest(item));
                ManifestValue::List(items.collect::<Result<_, _>>()?)
            }
            Kind::Scalar | Kind::Alias => ManifestValue::Leaf(self.scalar(id)?),
        };
        Ok(ManifestNode {
            at: self.at(id),
            value,
        })
    }

    fn scalar(&self, id: NodeId) -> Read<OldScalar> {
        let Some(scalar) = self.tree.scalar(id) else {
            return Err(self.alias(id));
        };
        let text = self.tree.str(scalar).unwrap_or_default().to_owned();
        Ok(match self.tree.resolved(scalar) {
            Some(Scalar::Str(_)) => OldScalar::Text(text, self.tree.node(scalar).style),
            Some(Scalar::Null) => OldScalar::Token("null".to_owned()),
            _ => OldScalar::Token(text),
        })
    }

    fn list<T>(&self, id: NodeId, read: impl Fn(&Self, NodeId) -> Read<T>) -> Read<Vec<T>> {
        match self.tree.kind(id) {
            Kind::Sequence => self
                .tree
                .children(id)
                .map(|item| read(self, item))
                .collect(),
            Kind::Scalar if self.is_null(id) => Ok(Vec::new()),
            Kind::Alias => Err(self.alias(id)),
            Kind::Scalar | Kind::Mapping => Err(self.unread(id, "this must be a list")),
        }
    }

    /// The members of a mapping; none of null.
    fn members(&self, id: NodeId) -> Read<Vec<(Spanned<String>, NodeId)>> {
        match self.tree.kind(id) {
            Kind::Mapping => {
                let members = self.tree.read_members(id, &[]).known();
                let members = members.map_err(|why| self.not_readable(&why))?;
                let key = |member: NodeId| Spanned {
                    value: self.tree.key(member).unwrap_or_default().to_owned(),
                    at: self.place(self.tree.node(member).key.unwrap_or_default()),
                };
                let members = members.unwrap_or_default().into_iter();
                Ok(members.map(|member| (key(member), member)).collect())
            }
            Kind::Scalar if self.is_null(id) => Ok(Vec::new()),
            Kind::Alias => Err(self.alias(id)),
            Kind::Scalar | Kind::Sequence => Err(self.unread(id, "this must be a mapping")),
        }
    }

    /// The text of a scalar, whatever its type; of null, none.
    fn spanned(&self, id: NodeId) -> Read<Spanned<String>> {
        let Some(scalar) = self.tree.scalar(id) else {
            return Err(match self.tree.kind(id) {
                Kind::Alias => self.alias(id),
                Kind::Scalar | Kind::Mapping | Kind::Sequence => {
                    self.unread(id, "this must be a text")
                }
            });
        };
        let value = match self.tree.resolved(scalar) {
            Some(Scalar::Null) => String::new(),
            _ => self.tree.str(scalar).unwrap_or_default().to_owned(),
        };
        Ok(Spanned {
            value,
            at: self.at(id),
        })
    }

    fn text_at(&self, id: NodeId, path: &[&str]) -> Read<Option<String>> {
        match self.node_at(id, path)? {
            Some(node) => self.spanned(node).map(|text| Some(text.value)),
            None => Ok(None),
        }
    }

    fn node_at(&self, id: NodeId, path: &[&str]) -> Read<Option<NodeId>> {
        let found = self.tree.read_at(id, path).known();
        found.map_err(|why| self.not_readable(&why))
    }

    fn is_null(&self, id: NodeId) -> bool {
        self.tree.resolved(id) == Some(Scalar::Null)
    }

    fn at(&self, id: NodeId) -> Place {
        self.place(self.tree.span(id))
    }

    fn place(&self, span: Span) -> Place {
        Place {
            source: self.source,
            span: Span {
                start: span.start + self.start,
                end: span.end + self.start,
            },
        }
    }

    fn unread(&self, id: NodeId, message: &str) -> Unread {
        Unread {
            at: self.at(id),
            message: message.to_owned(),
        }
    }

    fn alias(&self, id: NodeId) -> Unread {
        self.unread(id, "it is an alias, and its anchor is in another place")
    }

    fn not_readable(&self, why: &NotReadable) -> Unread {
        Unread {
            at: self.place(why.span),
            message: format!("it cannot be read because of `{}`", why.token),
        }
    }
}
