//! Looks places up: what the output formats need of the sources, once for each document.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ops::Range;

use serde::Serialize;

use super::redact::{self, Keys};
use super::source::{LineIndex, Position};
use super::{Diagnostic, Quote, SourceText, origin};
use crate::manifest::{Place, Span};

/// The sources of a run, indexed when a place in them is first looked up.
pub(super) struct Places<'a> {
    sources: &'a [SourceText<'a>],
    indices: BTreeMap<u32, LineIndex<'a>>,
    /// By source and first line.
    documents: BTreeMap<(u32, usize), DocumentLines<'a>>,
    /// What no window may show, by source, in order.
    hidden: BTreeMap<u32, Vec<Span>>,
}

struct DocumentLines<'a> {
    /// `None` where the document may be quoted; else what is shown of it.
    keys: Option<Keys>,
    origin: Option<&'a str>,
}

/// Where a place is.
pub(super) struct Spot<'a> {
    /// The bytes, within the source.
    pub(super) span: Range<usize>,
    /// Its first position.
    pub(super) start: Position,
    /// The lines of the document, from 0.
    pub(super) document: Range<usize>,
    /// Whether the document may be quoted.
    pub(super) quotable: bool,
    /// The key on the line, where the document may not be quoted and it is surely one.
    pub(super) key: Option<&'a str>,
    /// The file that the document names as its source.
    pub(super) origin: Option<&'a str>,
}

/// A place as programs read it; `origin` is the file that Helm, kustomize or kpt name as the
/// document's source.
#[derive(Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct At<'a> {
    pub(super) file: Option<&'a str>,
    pub(super) line: Option<usize>,
    pub(super) column: Option<usize>,
    pub(super) end_line: Option<usize>,
    pub(super) end_column: Option<usize>,
    pub(super) origin: Option<&'a str>,
}

/// Finds the lines of places, for a list that is not one of diagnostics.
pub struct PlaceFinder<'a>(Places<'a>);

/// A place as a person reads it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundPlace<'a> {
    /// What the user calls the source.
    pub file: &'a str,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
}

impl<'a> PlaceFinder<'a> {
    /// Of these sources.
    pub fn new(sources: &'a [SourceText<'a>]) -> Self {
        Self(Places::new(sources))
    }

    /// Where a place is.
    pub fn find(&mut self, place: Place) -> FoundPlace<'a> {
        let at = self.0.at(place);
        FoundPlace {
            file: at.file.unwrap_or_default(),
            line: at.line.unwrap_or_default(),
            column: at.column.unwrap_or_default(),
        }
    }
}

impl<'a> Places<'a> {
    pub(super) fn new(sources: &'a [SourceText<'a>]) -> Self {
        Self {
            sources,
            indices: BTreeMap::new(),
            documents: BTreeMap::new(),
            hidden: BTreeMap::new(),
        }
    }

    /// Lets no window show what one of these diagnostics hides.
    pub(super) fn hide(&mut self, diagnostics: &[Diagnostic]) {
        let labels = diagnostics.iter().flat_map(|diagnostic| &diagnostic.labels);
        for label in labels.filter(|label| label.quote == Quote::Hidden) {
            self.hidden
                .entry(label.place.source)
                .or_default()
                .push(label.place.span);
        }
        for spans in self.hidden.values_mut() {
            spans.sort_unstable();
            spans.dedup();
        }
    }

    /// What is hidden between two offsets of a source, counted from the first of them.
    pub(super) fn hidden(&self, source: u32, range: Range<usize>) -> Vec<Range<usize>> {
        let spans = self.hidden.get(&source).map_or(&[][..], Vec::as_slice);
        let inside =
            |span: &&Span| (span.start as usize) < range.end && range.start < span.end as usize;
        let cut = |span: &Span| {
            let [start, end] =
                [span.start, span.end].map(|at| (at as usize).clamp(range.start, range.end));
            start - range.start..end - range.start
        };
        let before = spans.partition_point(|span| (span.start as usize) < range.end);
        spans[..before].iter().filter(inside).map(cut).collect()
    }

    /// The source and the spot of a place; `None` where no such source is known.
    pub(super) fn find(&mut self, place: Place) -> Option<(&LineIndex<'a>, Spot<'a>)> {
        let id = place.source;
        let index = match self.indices.entry(id) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => entry.insert(LineIndex::new(*self.sources.get(id as usize)?)),
        };
        let span = index.clamp(place.span);
        let start = index.position(span.start);
        let line = start.line - 1;
        let document = index.document(line);
        let DocumentLines { keys, origin } = self
            .documents
            .entry((id, document.start))
            .or_insert_with(|| {
                let quotable = redact::quotable(index, document.clone());
                let keys = (!quotable).then(|| Keys::of(index, document.clone()));
                DocumentLines {
                    keys,
                    origin: origin::of(index, document.clone(), quotable),
                }
            });
        let key = keys.as_ref().and_then(|keys| keys.on(index, line));
        Some((
            index,
            Spot {
                span,
                start,
                document,
                quotable: keys.is_none(),
                key,
                origin: *origin,
            },
        ))
    }

    /// The same as programs read it: nothing where no such source is known.
    pub(super) fn at(&mut self, place: Place) -> At<'a> {
        let Some((index, spot)) = self.find(place) else {
            return At::default();
        };
        let end = index.position(spot.span.end);
        At {
            file: Some(index.name),
            line: Some(spot.start.line),
            column: Some(spot.start.column),
            end_line: Some(end.line),
            end_column: Some(end.column),
            origin: spot.origin,
        }
    }
}
