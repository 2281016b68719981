//! Defines and decodes the `Coupler` object: `coupler.yaml`, or a function's `functionConfig`.

use super::metadata::METADATA;
use super::reader::ObjectReader;
use super::rules::{NAMESPACE, PATH};
use crate::diagnostic::Findings;
use crate::manifest::scalar::Scalar;
use crate::manifest::{NodeId, Place, Tree};

/// Whether our own kinds are kept in the output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Integrations {
    /// Left out.
    #[default]
    Drop,
    /// As they came.
    Keep,
    /// With `config.kubernetes.io/local-config: "true"`.
    LocalConfig,
}

/// What to do with coupled workloads if no Plug, Socket or Interface is in the input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Orphans {
    /// Report an error.
    #[default]
    Refuse,
    /// Decouple them.
    Undo,
    /// They are left alone.
    Keep,
}

/// Where all Plugs are that couple to the Sockets of the stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AllPlugs {
    /// In the stream and the catalogue: without a catalogue, some are not seen.
    #[default]
    Catalogue,
    /// In the stream.
    Stream,
}

/// What becomes of ServiceBindings of the stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ServiceBindings {
    /// They are not read: something in the cluster binds.
    #[default]
    Pass,
    /// They are coupled as Plugs are.
    Couple,
}

/// The `Coupler` object: `coupler.yaml`, a function's `functionConfig`, and the flags.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Where objects without a namespace are.
    pub namespace: Option<String>,
    /// Paths read for Interfaces, Sockets and what they refer to. Only a shell reads them.
    pub catalog: Vec<String>,
    /// Our own kinds in the output.
    pub integrations: Integrations,
    /// Coupled workloads without sources.
    pub orphans: Orphans,
    /// Where all Plugs of a Socket with a `limit` or a `bind` are.
    pub plugs: AllPlugs,
    /// Whether ServiceBindings of the stream are coupled.
    pub service_bindings: ServiceBindings,
    /// Whether hand-made changes of baked entries are thrown away.
    pub discard_edits: bool,
    /// Whether warnings are errors.
    pub strict: bool,
}

/// The words of `integrations`.
pub const INTEGRATIONS: [(&str, Integrations); 3] = [
    ("drop", Integrations::Drop),
    ("keep", Integrations::Keep),
    ("local-config", Integrations::LocalConfig),
];
/// The words of `orphans`.
pub const ORPHANS: [(&str, Orphans); 3] = [
    ("refuse", Orphans::Refuse),
    ("undo", Orphans::Undo),
    ("keep", Orphans::Keep),
];
/// The words of `plugs`.
pub const ALL_PLUGS: [(&str, AllPlugs); 2] = [
    ("catalog", AllPlugs::Catalogue),
    ("stream", AllPlugs::Stream),
];

/// The words of `serviceBindings`.
pub const SERVICE_BINDINGS: [(&str, ServiceBindings); 2] = [
    ("pass", ServiceBindings::Pass),
    ("couple", ServiceBindings::Couple),
];

/// Reads the settings out of the `data` of a ConfigMap, as `kpt fn eval … -- KEY=VALUE` gives them;
/// `at` is where the document's first byte is. `None`: there are mistakes in it.
pub fn decode_data(
    tree: &Tree<'_>,
    root: NodeId,
    at: Place,
    out: &mut Findings,
) -> Option<Settings> {
    let mut reader = ObjectReader::new(tree, root, at);
    let settings = reader.data(reader.member(root, "data"));
    let sound = reader.errors.is_empty();
    out.extend(reader.errors);
    sound.then_some(settings)
}

impl ObjectReader<'_> {
    /// Its metadata means nothing and may be absent; without `spec` all is as by default.
    pub(super) fn settings(&mut self, metadata: Option<NodeId>, spec: Option<NodeId>) -> Settings {
        if let Some(metadata) = metadata {
            self.fields(metadata, METADATA);
        }
        let fields = [
            "namespace",
            "catalog",
            "integrations",
            "orphans",
            "plugs",
            "serviceBindings",
            "discardEdits",
            "strict",
        ];
        let Some(
            [
                namespace,
                catalog,
                integrations,
                orphans,
                plugs,
                service_bindings,
                discard_edits,
                strict,
            ],
        ) = spec.and_then(|spec| self.fields(spec, fields))
        else {
            return Settings::default();
        };
        let catalog = catalog
            .map(|list| self.texts(list, 0, 256, &PATH))
            .unwrap_or_default();
        Settings {
            namespace: namespace
                .and_then(|text| self.text(text, &NAMESPACE))
                .map(|text| text.value),
            catalog: catalog.into_iter().map(|path| path.value).collect(),
            integrations: self.choice(integrations, &INTEGRATIONS),
            orphans: self.choice(orphans, &ORPHANS),
            plugs: self.choice(plugs, &ALL_PLUGS),
            service_bindings: self.choice(service_bindings, &SERVICE_BINDINGS),
            discard_edits: self.boolean(discard_edits),
            strict: self.boolean(strict),
        }
    }

    fn data(&mut self, data: Option<NodeId>) -> Settings {
        let fields = [
            "namespace",
            "integrations",
            "orphans",
            "plugs",
            "serviceBindings",
            "discardEdits",
            "strict",
        ];
        let given = data.filter(|data| self.scalar(*data) != Some(Scalar::Null));
        let Some(
            [
                namespace,
                integrations,
                orphans,
                plugs,
                service_bindings,
                discard_edits,
                strict,
            ],
        ) = given.and_then(|data| self.fields(data, fields))
        else {
            return Settings::default();
        };
        Settings {
            namespace: namespace
                .and_then(|text| self.text(text, &NAMESPACE))
                .map(|text| text.value),
            catalog: Vec::new(),
            integrations: self.choice(integrations, &INTEGRATIONS),
            orphans: self.choice(orphans, &ORPHANS),
            plugs: self.choice(plugs, &ALL_PLUGS),
            service_bindings: self.choice(service_bindings, &SERVICE_BINDINGS),
            discard_edits: self.flag(discard_edits),
            strict: self.flag(strict),
        }
    }

    /// A boolean where only text can be.
    fn flag(&mut self, id: Option<NodeId>) -> bool {
        match id.and_then(|id| self.scalar(id)) {
            Some(Scalar::Str(text @ ("true" | "false"))) => text == "true",
            _ => self.boolean(id),
        }
    }
}
