//! Words the parser's error, without any byte of the document: it may be a Secret.

use granit_parser::{ErrorKind, ScanError};

use crate::manifest::{Flaw, ReadError, Span};

/// The error that stopped the parser at or after `cursor`.
pub(super) fn of(error: &ScanError, text: &str, cursor: usize) -> ReadError {
    let at = error
        .marker()
        .byte_offset()
        .unwrap_or(cursor)
        .min(text.len());
    let end = text[at..].chars().next().map_or(at, |c| at + c.len_utf8());
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
