//! Decodes coupler's own kinds in the input, and ServiceBindings where these are coupled, and keeps
//! where they are.

use std::rc::Rc;

use super::service_bindings;
use crate::api::{self, API_VERSION, Defaults, GROUP, KINDS, ServiceBindings, Settings, suggest};
use crate::couple::CouplingInput;
use crate::diagnostic::{self, Code, Diagnostic, Findings};
use crate::manifest::stream::{Object, Stream, StreamObject};
use crate::manifest::{NodeId, Place, Reading, Span, Tree};

/// What the input holds of ours.
#[derive(Debug, Default)]
pub(crate) struct OwnObjects {
    /// Everything that could be decoded.
    pub(crate) integrations: CouplingInput,
    /// Every object of our group in the stream, decoded or not, and every ServiceBinding that is
    /// coupled.
    pub(crate) objects: Vec<Object>,
    /// Documents of the stream that could not be used, and the kind that they declare.
    pub(crate) lost: Vec<(String, usize)>,
}

impl OwnObjects {
    /// Decodes every object of our group, of stream and catalogue.
    ///
    /// An object of the catalogue with a mistake is left out with a warning: a Plug that needs it
    /// gets the error that it does not exist, and no other fails.
    pub(crate) fn decode(stream: &Stream<'_>, settings: &Settings, out: &mut Findings) -> Self {
        let mut ours = Self::default();
        for entry in KINDS.iter().flat_map(|kind| stream.of_kind(kind)) {
            out.report_all(similar_group(stream, entry));
        }
        for entry in stream
            .entries()
            .iter()
            .filter(|entry| is_ours(&entry.api_version))
        {
            if !entry.catalogue {
                ours.objects.push(entry.object);
            }
            match read(stream, entry, settings, api::decode) {
                (object, mut found) if entry.catalogue && diagnostic::has_errors(&found) => {
                    found.make_lenient();
                    out.extend(found);
                    if let Some(api::OwnObject::Plug(plug)) = object {
                        ours.integrations.catalogue_plugs.push(plug);
                    }
                }
                (object, found) => {
                    out.extend(found);
                    if object.is_none() && !entry.catalogue {
                        ours.lost
                            .push((entry.kind.to_string(), entry.object.document));
                    }
                    let at = stream.place(entry.object.document, Span::default());
                    ours.add(
                        object,
                        at,
                        entry.catalogue || among_items(stream, entry),
                        out,
                    );
                }
            }
        }
        if settings.service_bindings == ServiceBindings::Couple {
            ours.add_service_bindings(stream, settings, out);
        }
        ours
    }

    fn add_service_bindings(
        &mut self,
        stream: &Stream<'_>,
        settings: &Settings,
        out: &mut Findings,
    ) {
        for entry in service_bindings::of_stream(stream) {
            let (binding, found) = read(stream, entry, settings, api::decode_service_binding);
            out.extend(found);
            match binding {
                // it is read for others, as the author marked it
                Some(binding) if binding.meta.catalogue => continue,
                Some(binding) => self.integrations.service_bindings.push(binding),
                None => {
                    let lost = (entry.kind.to_string(), entry.object.document);
                    self.lost.push(lost);
                }
            }
            self.objects.push(entry.object);
        }
    }

    fn add(
        &mut self,
        object: Option<api::OwnObject>,
        at: Place,
        settings: bool,
        out: &mut Findings,
    ) {
        match object {
            Some(api::OwnObject::Interface(interface)) => {
                self.integrations.interfaces.push(interface);
            }
            Some(api::OwnObject::Socket(socket)) => self.integrations.sockets.push(socket),
            Some(api::OwnObject::Adapter(adapter)) => {
                self.integrations.adapters.push(Rc::from(adapter));
            }
            Some(api::OwnObject::Converter(converter)) => {
                self.integrations.converters.push(Rc::from(converter));
            }
            Some(api::OwnObject::Plug(plug)) if !plug.meta.catalogue => {
                self.integrations.plugs.push(plug);
            }
            Some(api::OwnObject::Plug(plug)) => self.integrations.catalogue_plugs.push(plug),
            Some(api::OwnObject::Settings(_)) if !settings => {
                out.report(misplaced(at));
            }
            _ => {}
        }
    }
}

/// How an object of a tree is decoded.
type Decode<T> = fn(&Tree<'_>, NodeId, Place, &Defaults<'_>, &mut Findings) -> Option<T>;

fn read<T>(
    stream: &Stream<'_>,
    entry: &StreamObject<'_>,
    settings: &Settings,
    decode: Decode<T>,
) -> (Option<T>, Findings) {
    let Object { document, node } = entry.object;
    let start = stream.place(document, Span::default());
    let defaults = Defaults {
        namespace: settings.namespace.as_deref(),
        catalogue: entry.catalogue,
    };
    let mut found = Findings::new();
    let object = stream.once(document, |tree| {
        decode(tree, node, start, &defaults, &mut found)
    });
    match object {
        Ok(object) => (object, found),
        Err(error) => {
            let place = stream.place(document, error.span);
            found.report(Diagnostic::unreadable(&error, place));
            (None, found)
        }
    }
}

/// Whether an object is an item of a function's input, where there may be settings of any function
/// of the pipeline.
fn among_items(stream: &Stream<'_>, entry: &StreamObject<'_>) -> bool {
    let kind =
        |tree: &Tree<'_>| tree.read_text(NodeId::ROOT, &["kind"]) == Reading::Value("ResourceList");
    entry.object.node != NodeId::ROOT && stream.tree(entry.object.document).is_ok_and(kind)
}

/// Whether an `apiVersion` is of our group, be it without a version.
pub(crate) fn is_ours(api_version: &str) -> bool {
    group(api_version) == GROUP
}

/// The group of an `apiVersion` that has one; one word alone is no group but a version.
fn group(api_version: &str) -> &str {
    api_version.split('/').next().unwrap_or_default()
}

/// The warning about an object that has the name of a kind of ours, in a group that is nearly ours.
fn similar_group(stream: &Stream<'_>, entry: &StreamObject<'_>) -> Option<Diagnostic> {
    let written = group(&entry.api_version);
    if written == GROUP || suggest(written, [GROUP]).is_none() {
        return None;
    }
    let message = format!(
        "the group `{written}` is not coupler's: this {} is not used",
        entry.kind
    );
    let Object { document, node } = entry.object;
    let version = |tree: &Tree<'_>| {
        let node = tree.read_member(node, "apiVersion").shown().unwrap_or(node);
        tree.span(node)
    };
    let span = stream.once(document, version).unwrap_or_default();
    let warning = Diagnostic::warning(Code::SimilarGroup, message)
        .at_unknown(stream.place(document, span), Some(API_VERSION), "")
        .help("if another project has a kind of this name, ignore the warning");
    Some(warning)
}

fn misplaced(place: Place) -> Diagnostic {
    Diagnostic::error(
        Code::UnsupportedApi,
        "a `Coupler` is among the manifests, where it has no effect",
    )
    .at(place, "settings, not a manifest")
    .help("write it as `coupler.yaml` next to the manifests, or use the flags of the same names")
}
