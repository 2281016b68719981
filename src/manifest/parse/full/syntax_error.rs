//! Writes the parser's error without any byte of the document, which may be a Secret.

use granit_parser::{ErrorKind, ScanError};

use crate::manifest::{Flaw, ReadError, Span};

/// The error that stopped the parser at or after `cursor`.
pub(super) fn of(error: &ScanError, text: &str, cursor: usize) -> ReadError {
    let at = error
        .marker()
        .byte_offset()
        .unwrap_or(cursor)
        .min(text.len());
    if let Some(span) = directive(text, at) {
        return ReadError {
            flaw: Flaw::Directive,
            span,
            message: "a directive after the beginning of a document".to_owned(),
        };
    }
    let end = text[at..].chars().next().map_or(at, |c| at + c.len_utf8());
    if *error.kind() == ErrorKind::BomInsideDocument {
        return ReadError {
            flaw: Flaw::ByteOrderMark,
            span: Span::new(at, end),
            message: "a byte order mark (U+FEFF, an invisible character) inside a document"
                .to_owned(),
        };
    }
    let message = match error.kind() {
        ErrorKind::UnexpectedCharacter { .. } => {
            "a plain value cannot begin with this character".to_owned()
        }
        ErrorKind::MismatchedFlowCollectionEnd { .. } => {
            "a bracket that is closed by one of another kind".to_owned()
        }
        ErrorKind::UnclosedFlowCollection { .. } => "a bracket that is not closed".to_owned(),
        _ => error.info(),
    };
    ReadError {
        flaw: Flaw::Syntax,
        span: Span::new(at, end),
        message,
    }
}

/// The first line, up to the one where the parser failed, that is a directive and not at the
/// document's beginning.
fn directive(text: &str, failed: usize) -> Option<Span> {
    let mut start = 0;
    let mut is_after_content = false;
    for line in text.split_inclusive('\n') {
        if start > failed {
            return None;
        }
        let content = line.trim_end();
        let is_directive = ["%YAML ", "%TAG "]
            .iter()
            .any(|name| content.starts_with(name));
        if is_directive && is_after_content {
            return Some(Span::new(start, start + content.len()));
        }
        is_after_content |= !(content.is_empty() || content.starts_with(['#', '%']));
        start += line.len();
    }
    None
}
