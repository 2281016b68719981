//! Decodes a converter: an Adapter with `source` in place of `object`.

use super::adapter::ENTRIES;
use super::converter::{ConvertedTemplate, Converter, ConverterExample, ConverterSource};
use super::reader::ObjectReader;
use super::rules::{INTERFACE_NAME, SHORT_NAME};
use super::{Meta, Spanned};
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::NodeId;

/// What an entry of `sockets` has only where it is for objects.
const OF_OBJECTS: &str = "a converted Socket has the name, the namespace, `allow` and `secretNamespace` of its source, \
     and all its keys are in `config`; remove it";
/// What `spec` has only where it is for objects.
const SPEC_OF_OBJECTS: &str = "a converter reads its source, and makes no Secret: remove it, or write `object` in place of `source`";

/// The members of `spec` that a converter has.
pub(super) struct ConverterNodes {
    pub(super) spec: NodeId,
    pub(super) description: Option<String>,
    pub(super) source: NodeId,
    pub(super) plug: Option<NodeId>,
    pub(super) sockets: Option<NodeId>,
    pub(super) examples: Option<NodeId>,
    /// Those that it cannot have.
    pub(super) of_objects: [Option<NodeId>; 3],
}

impl ObjectReader<'_> {
    pub(super) fn converter(
        &mut self,
        meta: Option<Meta>,
        nodes: ConverterNodes,
    ) -> Option<Converter> {
        self.refuse_beside(&nodes.of_objects, "source", SPEC_OF_OBJECTS);
        let source = self.converter_source(nodes.source);
        let plug = self.config(nodes.plug);
        let sockets = match nodes.sockets {
            Some(list) => self.each(list, 0, ENTRIES, Self::converted_template),
            None => {
                self.missing(nodes.spec, "sockets");
                Vec::new()
            }
        };
        let interfaces: Vec<_> = sockets.iter().map(|one| one.interface.clone()).collect();
        self.once(&interfaces);
        if let Some(source) = &source {
            self.refuse_same(source, &interfaces);
        }
        let examples = match nodes.examples {
            Some(list) => self.each(list, 0, ENTRIES, Self::converter_example),
            None => Vec::new(),
        };
        Some(Converter {
            meta: meta?,
            description: nodes.description,
            source: source?,
            plug,
            sockets,
            examples,
        })
    }

    /// `{interface: {name: …, version: …}}`
    fn converter_source(&mut self, id: NodeId) -> Option<ConverterSource> {
        let [interface] = self.fields(id, ["interface"])?;
        let Some(interface) = interface else {
            self.missing(id, "interface");
            return None;
        };
        let [name, least] = self.fields(interface, ["name", "version"])?;
        if name.is_none() {
            self.missing(interface, "name");
        }
        let name = name.and_then(|id| self.text(id, &INTERFACE_NAME));
        let version = least.and_then(|id| self.minimum(id));
        Some(ConverterSource {
            name: name?,
            version,
        })
    }

    fn converted_template(&mut self, item: NodeId) -> Option<ConvertedTemplate> {
        let names = [
            "interface",
            "provider",
            "config",
            "name",
            "default",
            "if",
            "each",
            "let",
            "reason",
            "service",
            "configFrom",
            "secretNamespace",
        ];
        let [interface, provider, config, of_objects @ ..] = self.fields(item, names)?;
        let of_objects: [_; 9] = of_objects;
        self.refuse_beside(&of_objects, "source", OF_OBJECTS);
        let (interface, versions) = self.offered_interface(item, interface, &INTERFACE_NAME);
        let provider = provider.and_then(|id| self.text(id, &SHORT_NAME));
        let config = self.config(config);
        Some(ConvertedTemplate {
            interface: interface?,
            versions,
            provider,
            config,
            position: self.position(item),
        })
    }

    /// Refuses to convert an Interface into itself: a Socket of it is never converted.
    fn refuse_same(&mut self, source: &ConverterSource, interfaces: &[Spanned<String>]) {
        let same = |name: &&Spanned<String>| name.value == source.name.value;
        for interface in interfaces.iter().filter(same) {
            let message = format!(
                "a Socket of Interface `{}` is never converted into one of the same Interface",
                interface.value
            );
            let error = Diagnostic::error(Code::InvalidField, message)
                .at(interface.at, "the Interface of the source")
                .at(source.name.at, "the source");
            self.report(error.help(
                "a Socket can satisfy several versions: list each of them in its `interface.versions`",
            ));
        }
    }

    fn converter_example(&mut self, item: NodeId) -> Option<ConverterExample> {
        let nodes = self.example_nodes(item)?;
        let example = self.written_example(&nodes);
        if nodes.source.is_none() {
            self.refuse_beside(
                &[nodes.objects],
                "source",
                "give the `source` that is converted",
            );
        }
        Some(ConverterExample {
            plug: example.plug,
            source: example.source?,
            sockets: example.sockets,
            at: self.at(item),
        })
    }
}
