//! Gives the objects of an example, as a run gives those of its input.

use std::rc::Rc;

use serde_json::Value as Json;

use super::objects::{AdaptableObjects, FoundObject, KindName, ObjectContent};
use crate::couple::{KeyNames, Lookup, Objects, PortLookup, Target};
use crate::manifest::path::{self, Missed};
use crate::manifest::stream::{Object, group};
use crate::manifest::{NodeId, Place, Tree};

/// The objects of an example.
pub(super) struct ExampleObjects<'e> {
    objects: &'e [Json],
    at: Place,
}

impl<'e> ExampleObjects<'e> {
    /// These, of an example at this place.
    pub(super) fn new(objects: &'e [Json], at: Place) -> Self {
        Self { objects, at }
    }

    fn of_kind(&self, kind: KindName<'_>) -> impl Iterator<Item = FoundObject> {
        let is_of = move |object: &Json| {
            group(text(object, "/apiVersion")) == kind.group && text(object, "/kind") == kind.kind
        };
        let found = self.objects.iter().enumerate();
        found
            .filter(move |(_, object)| is_of(object))
            .map(|(document, object)| {
                let namespace = text(object, "/metadata/namespace");
                FoundObject {
                    object: Object {
                        document,
                        node: NodeId::ROOT,
                    },
                    namespace: (!namespace.is_empty()).then(|| namespace.to_owned()),
                    name: text(object, "/metadata/name").to_owned(),
                    catalogue: false,
                    is_twice: false,
                }
            })
    }
}

fn text<'j>(object: &'j Json, pointer: &str) -> &'j str {
    object
        .pointer(pointer)
        .and_then(Json::as_str)
        .unwrap_or_default()
}

impl AdaptableObjects for ExampleObjects<'_> {
    fn has_kind(&self, kind: KindName<'_>) -> bool {
        self.of_kind(kind).next().is_some()
    }

    fn namespaces(&self, kind: KindName<'_>) -> Vec<Option<String>> {
        let mut all: Vec<_> = self.of_kind(kind).map(|found| found.namespace).collect();
        all.sort();
        all.dedup();
        all
    }

    fn all(&self, kind: KindName<'_>, namespace: Option<&str>) -> Rc<[FoundObject]> {
        let here = |found: &FoundObject| found.namespace.as_deref() == namespace;
        self.of_kind(kind).filter(here).collect()
    }

    fn named(
        &self,
        kind: KindName<'_>,
        namespace: Option<&str>,
        name: &str,
    ) -> Option<FoundObject> {
        let mut all = self.of_kind(kind);
        all.find(|found| found.namespace.as_deref() == namespace && found.name == name)
    }

    fn content(&self, object: Object) -> Result<ObjectContent, String> {
        Ok(ObjectContent {
            value: self.objects[object.document].clone(),
            at: self.at,
        })
    }
}

impl Objects for ExampleObjects<'_> {
    fn read(&self, target: &Target<'_>, path: &str) -> Lookup {
        let kind = KindName {
            group: group(target.api_version),
            kind: target.kind,
        };
        let Some(found) = self.named(kind, target.namespace, target.name) else {
            return Lookup::NoObject;
        };
        let steps = match path::parse(path) {
            Ok(steps) => steps,
            Err(why) => return Lookup::BadPath(why),
        };
        let written = self.objects[found.object.document].to_string();
        let Ok(tree) = Tree::read(&written) else {
            return Lookup::NoObject;
        };
        match path::find(&tree, NodeId::ROOT, &steps) {
            Ok(node) => match tree.json(node) {
                Ok(value) => Lookup::Value(value, self.at),
                Err(_) => Lookup::NoPath(Vec::new()),
            },
            Err(Missed { .. }) => Lookup::NoPath(Vec::new()),
        }
    }

    fn key_names(&self, _: &Target<'_>) -> Option<Rc<KeyNames>> {
        None
    }

    fn ports(&self, _: Option<&str>, _: &str) -> PortLookup {
        PortLookup::NoService
    }
}
