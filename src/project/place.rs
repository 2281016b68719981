//! Turns a span of a document into a place of the run.

use crate::manifest::{Place, Span};

/// A span of a document that begins at `start` as a place of the run.
pub(super) fn place(start: Place, span: Span) -> Place {
    let base = start.span.start;
    Place {
        source: start.source,
        span: Span {
            start: base + span.start,
            end: base + span.end,
        },
    }
}
