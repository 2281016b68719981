//! Checks that a stream needs no rendering: an error for each document that rendering would change.

use super::{Input, Output};
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::stream::metadata;
use crate::manifest::{NodeId, Place, Span, Tree};

/// An error for each document of `input` that `output`, its rendering, changes.
pub fn unrendered(input: &Input, output: &Output<'_>) -> Vec<Diagnostic> {
    let changed = output.rendered.iter().flat_map(|source| &source.changed);
    changed
        .map(|&place| {
            error(
                place,
                &input.sources[place.source as usize].text[place.span.range()],
            )
        })
        .collect()
}

fn error(place: Place, text: &str) -> Diagnostic {
    let tree = Tree::read(text).ok();
    let name = tree.as_ref().and_then(|tree| {
        let kind = tree.read_text(NodeId::ROOT, &["kind"]).shown()?;
        let node = tree.read_at(NodeId::ROOT, &["metadata", "name"]).shown()?;
        Some((
            kind,
            metadata(tree, NodeId::ROOT, "name").known().ok()??,
            tree.span(node),
        ))
    });
    let (message, span) = match name {
        Some((kind, name, span)) => (format!("rendering would change {kind} `{name}`"), span),
        None => (
            "rendering would change this document".to_owned(),
            Span::default(),
        ),
    };
    let shift = |offset| place.span.start + offset;
    let span = Span {
        start: shift(span.start),
        end: shift(span.end),
    };
    Diagnostic::error(Code::NotRendered, message)
        .at(Place { span, ..place }, "is not up to date")
        .help("render it and keep the result:\n  coupler render PATH --in-place")
}
