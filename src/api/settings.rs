//! The decoding of the `Coupler` object: `coupler.yaml`, or a function's `functionConfig`.

use super::decode::METADATA;
use super::reader::Reader;
use super::rules::{NAMESPACE, PATH};
use super::{Integrations, Orphans, Settings};
use crate::manifest::NodeId;

/// The words of `integrations`.
pub const INTEGRATIONS: [(&str, Integrations); 3] =
    [("drop", Integrations::Drop), ("keep", Integrations::Keep), ("local-config", Integrations::LocalConfig)];
/// The words of `orphans`.
pub const ORPHANS: [(&str, Orphans); 3] =
    [("refuse", Orphans::Refuse), ("undo", Orphans::Undo), ("keep", Orphans::Keep)];

impl Reader<'_> {
    /// Its metadata means nothing and may be absent; without `spec` all is as by default.
    pub(super) fn settings(&mut self, metadata: Option<NodeId>, spec: Option<NodeId>) -> Settings {
        if let Some(metadata) = metadata {
            self.fields(metadata, METADATA);
        }
        let fields = ["namespace", "catalog", "integrations", "orphans", "discardEdits", "strict"];
        let Some([namespace, catalog, integrations, orphans, discard_edits, strict]) =
            spec.and_then(|spec| self.fields(spec, fields))
        else {
            return Settings::default();
        };
        let catalog = catalog.map(|list| self.texts(list, 0, 256, &PATH)).unwrap_or_default();
        Settings {
            namespace: namespace.and_then(|text| self.text(text, &NAMESPACE)).map(|text| text.value),
            catalog: catalog.into_iter().map(|path| path.value).collect(),
            integrations: self.choice(integrations, &INTEGRATIONS),
            orphans: self.choice(orphans, &ORPHANS),
            discard_edits: self.boolean(discard_edits),
            strict: self.boolean(strict),
        }
    }
}
