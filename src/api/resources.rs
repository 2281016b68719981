//! Decodes `resources`, which Sockets and Plugs share.

use super::reader::ObjectReader;
use super::rules::{RESOURCE_NAME, TEMPLATE};
use super::{ManifestMember, ManifestNode, ManifestValue, ResourceHome, ResourceTemplate, Spanned};
use crate::manifest::{Kind, NodeId};

/// Resources that one Plug or Socket has at most.
const RESOURCES: usize = 32;

impl ObjectReader<'_> {
    /// Resources as written; `homes`: where they may be.
    pub(super) fn resources(
        &mut self,
        list: Option<NodeId>,
        homes: &[(&str, ResourceHome)],
    ) -> Vec<ResourceTemplate> {
        let Some(list) = list else { return Vec::new() };
        let read = |reader: &mut Self, item| reader.resource(item, homes);
        let resources = self.each(list, 1, RESOURCES, read);
        let names = resources.iter().map(|resource| resource.name.clone());
        let names: Vec<Spanned<String>> = names.collect();
        self.once(&names);
        resources
    }

    fn resource(
        &mut self,
        item: NodeId,
        homes: &[(&str, ResourceHome)],
    ) -> Option<ResourceTemplate> {
        let [name, namespace, condition, manifest] =
            self.fields(item, ["name", "namespace", "if", "manifest"])?;
        for (given, field) in [(name, "name"), (manifest, "manifest")] {
            if given.is_none() {
                self.missing(item, field);
            }
        }
        let name = name.and_then(|id| self.text(id, &RESOURCE_NAME));
        let home = self.choice(namespace, homes);
        let condition = condition.and_then(|id| self.text(id, &TEMPLATE));
        let manifest = manifest.and_then(|id| self.manifest(id));
        Some(ResourceTemplate {
            name: name?,
            home,
            condition,
            manifest: manifest?,
            position: self.position(item),
            at: self.at(item),
        })
    }

    fn manifest(&mut self, id: NodeId) -> Option<ManifestNode<serde_json::Value>> {
        if self.tree.kind(id) != Kind::Mapping {
            self.misshapen(id, "an object: a manifest");
            return None;
        }
        // what is too large, or no JSON, is reported
        self.json(id)?;
        Some(self.manifest_node(id))
    }

    fn manifest_node(&self, id: NodeId) -> ManifestNode<serde_json::Value> {
        let children = || self.tree.children(id);
        let value = match self.tree.kind(id) {
            Kind::Mapping => ManifestValue::Map(
                children()
                    .map(|child| ManifestMember {
                        key: self.key(child).value,
                        node: self.manifest_node(child),
                    })
                    .collect(),
            ),
            Kind::Sequence => {
                ManifestValue::List(children().map(|child| self.manifest_node(child)).collect())
            }
            Kind::Scalar | Kind::Alias => {
                ManifestValue::Leaf(self.tree.json(id).unwrap_or_default())
            }
        };
        ManifestNode {
            at: self.at(id),
            value,
        }
    }
}
